#!/usr/bin/env python3
"""matrix.py ADDRESS:PORT FOLDER: who is let in by the proxy of a Pod, as it is configured now.

FOLDER holds certificates made by matrix-certificates.sh. Prints a line a caller: NAME served|refused. Callers: plaintext,
no-certificate, foreign-domain, wrong-name, expired, foreign-root, right.
"""

import socket
import ssl
import sys

address, port = sys.argv[1].rsplit(":", 1)
folder = sys.argv[2]
REQUEST = b"GET / HTTP/1.1\r\nHost: reviews:9080\r\nConnection: close\r\n\r\n"


def asked(certificate):
    connection = socket.create_connection((address, int(port)), timeout=10)
    if certificate != "plaintext":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(f"{folder}/root.pem")
        context.set_alpn_protocols(["istio-http/1.1", "istio", "http/1.1"])
        if certificate != "no-certificate":
            context.load_cert_chain(f"{folder}/{certificate}.pem", f"{folder}/{certificate}.key")
        connection = context.wrap_socket(connection)
    connection.sendall(REQUEST)
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer.startswith(b"HTTP/1.1 200")


for name in ("plaintext", "no-certificate", "foreign-domain", "wrong-name", "expired", "foreign-root", "right"):
    try:
        print(name, "served" if asked(name) else "refused")
    except OSError as error:
        print(name, "refused", f"({error})", file=sys.stderr)
        print(name, "refused")
