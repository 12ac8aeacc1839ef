#!/usr/bin/env python3
"""registry.py ADDRESS USER PASSWORD: a registry with one image, /plugins/header:1, for who knows the password.

The image is a WebAssembly module for proxies (proxy-wasm ABI 0.2.1) that adds the header "x-plugin: here" to responses.
Prints "listening on ADDRESS:PORT", then a line a request: its status and path.
"""

import base64
import hashlib
import http.server
import json
import sys


def number(value):
    """LEB128 of what has no sign."""
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + number(value >> 7)


def constant(value):
    """i32.const, whose number has a sign."""
    text = b""
    while value >= 64:
        text += bytes([value & 127 | 128])
        value >>= 7
    return b"\x41" + text + bytes([value])


def text(value):
    return number(len(value)) + value


def section(identifier, *items):
    content = number(len(items)) + b"".join(items)
    return bytes([identifier]) + number(len(content)) + content


def function_type(parameters, results):
    i32 = b"\x7f"
    return b"\x60" + number(parameters) + i32 * parameters + number(results) + i32 * results


def module(name, value):
    name_at, value_at, buffer_at = 1024, 2048, 4096
    types = [function_type(*counts) for counts in [(2, 0), (2, 1), (3, 1), (5, 1), (0, 0), (1, 1)]]
    # Map 2 is the one of response headers; what the call says is dropped, and 0 lets the response go on.
    adding = b"".join(map(constant, (2, name_at, len(name), value_at, len(value)))) + b"\x10\x00\x1a" + constant(0)
    functions = [  # of what type, called how, and what it does; the imported one is number 0
        (4, b"proxy_abi_version_0_2_1", b""), (5, b"malloc", constant(buffer_at)), (0, b"proxy_on_context_create", b""),
        (1, b"proxy_on_vm_start", constant(1)), (1, b"proxy_on_configure", constant(1)),
        (2, b"proxy_on_response_headers", adding),
    ]
    exports = [text(name) + b"\x00" + number(index + 1) for index, (_, name, _) in enumerate(functions)]
    return b"\x00asm\x01\x00\x00\x00" + b"".join([
        section(1, *types),
        section(2, text(b"env") + text(b"proxy_add_header_map_value") + b"\x00\x03"),
        section(3, *[bytes([kind]) for kind, _, _ in functions]),
        section(5, b"\x00\x01"),
        section(7, *exports, text(b"memory") + b"\x02\x00"),
        section(10, *[text(b"\x00" + body + b"\x0b") for _, _, body in functions]),
        section(11, *[b"\x00" + constant(at) + b"\x0b" + text(said) for at, said in ((name_at, name), (value_at, value))]),
    ])


def described(media_type, content):
    return {"mediaType": media_type, "digest": "sha256:" + hashlib.sha256(content).hexdigest(), "size": len(content)}


plugin, MANIFEST = module(b"x-plugin", b"here"), "application/vnd.oci.image.manifest.v1+json"
layer = described("application/vnd.module.wasm.content.layer.v1+wasm", plugin)
config = described("application/vnd.module.wasm.config.v1+json", b"{}")
manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}).encode()
contents = {
    "/v2/plugins/header/manifests/1": (MANIFEST, manifest),
    "/v2/plugins/header/blobs/" + layer["digest"]: (layer["mediaType"], plugin),
    "/v2/plugins/header/blobs/" + config["digest"]: (config["mediaType"], b"{}"),
}
address, user, password = sys.argv[1:]
expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind, content = contents.get(self.path, ("text/plain", b""))
        status = 200 if content else 404
        if self.headers.get("Authorization") != expected:
            status, kind, content = 401, "text/plain", b""
        print(status, self.path, flush=True)
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="plugins"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer((address, 0), Registry)
print(f"listening on {address}:{server.server_port}", flush=True)
server.serve_forever()
