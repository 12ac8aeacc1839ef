#!/usr/bin/env python3
"""healthy.py: an application that is asked how it is, in the ways that a kubelet asks.

  8081  HTTP: 200, or 503 when it is ill
  8082  TCP: takes connections; nobody listens when it is ill
  8083  gRPC: grpc.health.v1.Health/Check, SERVING or NOT_SERVING

It is well until SIGUSR1 makes it ill, and SIGUSR2 well again; it says "well" or "ill" when it is. Of HTTP/2 there is what
a single call needs.
"""

import http.server
import signal
import socketserver
import struct
import threading

ill = False
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
END_STREAM, ACK, END_HEADERS = 1, 1, 4


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class HTTP(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if ill else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class TCP(socketserver.BaseRequestHandler):
    def handle(self):
        pass


def field(name, value):
    """A header field as HPACK writes one without tables; a name may be an index of the fixed table, 15 to 142."""
    encoded = bytes([0x0F, name - 15]) if isinstance(name, int) else bytes([0, len(name)]) + name
    return encoded + bytes([len(value)]) + value


STATUS_200, CONTENT_TYPE = b"\x88", 31


def answer():
    yield HEADERS, END_HEADERS, STATUS_200 + field(CONTENT_TYPE, b"application/grpc")
    # A message that is not compressed, two bytes long: field 1 is 1 (serving) or 2.
    yield DATA, 0, b"\x00\x00\x00\x00\x02\x08" + (b"\x02" if ill else b"\x01")
    yield HEADERS, END_HEADERS | END_STREAM, field(b"grpc-status", b"0")


class GRPC(socketserver.StreamRequestHandler):
    def send(self, kind, flags, stream, payload):
        self.wfile.write(struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload)

    def handle(self):
        self.rfile.read(len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        self.send(SETTINGS, 0, 0, b"")
        while len(head := self.rfile.read(9)) == 9:
            kind, flags, stream = struct.unpack("!BBI", head[3:])
            payload = self.rfile.read(int.from_bytes(head[:3], "big"))
            if kind in (SETTINGS, PING) and not flags & ACK:
                self.send(kind, ACK, 0, payload if kind == PING else b"")
            elif kind in (HEADERS, DATA) and flags & END_STREAM:
                for kind, flags, payload in answer():
                    self.send(kind, flags, stream, payload)


def served(port, handler):
    server = Server(("", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


signals = {signal.SIGUSR1, signal.SIGUSR2}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
served(8081, HTTP)
served(8083, GRPC)
listener = served(8082, TCP)
while True:
    print("ill" if ill else "well", flush=True)
    wanted = signal.sigwait(signals) == signal.SIGUSR1
    if wanted and not ill:
        listener.shutdown()
        listener.server_close()
    elif ill and not wanted:
        listener = served(8082, TCP)
    ill = wanted
