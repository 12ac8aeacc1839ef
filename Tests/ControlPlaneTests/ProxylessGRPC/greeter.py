"""greeter.py serve NAME ADDRESS | greeter.py call: a gRPC application that takes part in a mesh without a proxy.

Both ask the control plane that GRPC_XDS_BOOTSTRAP names, and end with their standard input. 'serve' says "serving", then
answers calls of all methods with its name and the caller's identity. 'call' reads questions, each an object of JSON in a
line, and answers each with a line: how often each answer and each status came.
"""

import collections
import json
import sys
from concurrent import futures

import grpc
import grpc.experimental


class AllMethods(grpc.GenericRpcHandler):
    def __init__(self, name):
        self.handler = grpc.unary_unary_rpc_method_handler(
            lambda request, context: f"{name} {caller(context)}".strip().encode()
        )

    def service(self, details):
        return self.handler


def caller(context):
    return b"".join(context.auth_context().get("peer_spiffe_id", [])).decode()


def serve(name, address):
    server = grpc.server(futures.ThreadPoolExecutor(8), handlers=[AllMethods(name)], xds=True)
    server.add_secure_port(address, grpc.xds_server_credentials(grpc.insecure_server_credentials()))
    server.start()
    print("serving", flush=True)
    sys.stdin.read()
    server.stop(0)


def channel(target):
    if not target.startswith("xds:"):
        return grpc.insecure_channel(target)
    fallback = grpc.experimental.insecure_channel_credentials()
    return grpc.secure_channel(target, grpc.xds_channel_credentials(fallback))


def call():
    channels = {}
    for line in sys.stdin:
        question = json.loads(line)
        target = question["target"]
        if target not in channels:
            channels[target] = channel(target)
        ask = channels[target].unary_unary(question.get("method", "/echo.Echo/Say"))
        metadata = list(question.get("metadata", {}).items())
        answers = collections.Counter()
        for _ in range(question["count"]):
            try:
                answers[ask(b"", timeout=20, metadata=metadata).decode()] += 1
            except grpc.RpcError as error:
                answers[error.code().name] += 1
                details = error.details()
                print(f"{target}: {error.code().name}: {details}", file=sys.stderr, flush=True)
        print(json.dumps(answers), flush=True)


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3])
else:
    call()
