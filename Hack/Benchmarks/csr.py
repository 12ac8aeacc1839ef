#!/usr/bin/env python3
"""Signing certificates: `pilot-discovery` beside `openssl speed`, which does nothing but the arithmetic.

    Hack/Benchmarks/csr.py [--rounds 5] [--seconds 10] [--roots ecdsa,rsa] [--pilot-discovery PATH]

Needs the API server of KUBECONFIG (a test cluster: 'Hack/cluster up --apiserver-only'; its Secret
istio-system/istio-ca-secret is replaced). The load client (Hack/Benchmarks/csr) is 64 agents over 8 TLS connections,
all with the token of one ServiceAccount, which is reviewed once; their keys are P-256. The client runs on the same
machine and takes its part of it.

Prints for each kind of root: certificates a second, milliseconds of CPU of the server for each (from /proc), how long
agents wait (p50, p99), and how many signatures a second openssl makes and verifies with one core in the same run.
Medians, with the range in brackets.
"""
import argparse
import base64
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")
NAMESPACE, ACCOUNT = "istio-system", "benchmark"
KEYS = {"ecdsa": "ecdsap256", "rsa": "rsa2048"}


def say(text):
    print(text, file=sys.stderr, flush=True)


def kubectl(*arguments, check=True, **options):
    return subprocess.run(["kubectl", *arguments], check=check, capture_output=True, text=True, **options).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def token():
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
              "spec": {"audiences": ["istio-ca"], "expirationSeconds": 3600}}
    answer = kubectl("create", "--raw", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}/token", "-f", "-",
                     input=json.dumps(review))
    return json.loads(answer)["status"]["token"]


class Server:
    """A pilot-discovery with a root of its own."""

    def __init__(self, program, root, folder):
        kubectl("-n", NAMESPACE, "delete", "secret", "istio-ca-secret", "--ignore-not-found")
        http, monitoring, grpc, secure, hooks = (free_port() for _ in range(5))
        self.address = f"127.0.0.1:{secure}"
        log = f"{folder}/pilot-discovery.log"
        environment = {"POD_NAMESPACE": NAMESPACE, "POD_NAME": "benchmark"}
        if root == "rsa":
            environment["CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE"] = "2048"
        with open(log, "w") as file:
            self.process = subprocess.Popen(
                [program, "discovery", "--kubeconfig", os.environ["KUBECONFIG"], "--httpAddr", f"127.0.0.1:{http}",
                 "--monitoringAddr", f"127.0.0.1:{monitoring}", "--grpcAddr", f"127.0.0.1:{grpc}", "--secureGRPCAddr",
                 self.address, "--httpsAddr", f"127.0.0.1:{hooks}"],
                env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=file)
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{http}/ready").close()
                break
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    sys.exit(f"pilot-discovery did not get ready: {open(log).read()[-2000:]}")
                time.sleep(0.05)
        self.root = f"{folder}/root.pem"
        data = json.loads(kubectl("-n", NAMESPACE, "get", "secret", "istio-ca-secret", "-o", "json"))["data"]
        with open(self.root, "wb") as file:
            file.write(base64.b64decode(data["ca-cert.pem"]))

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def arithmetic(root):
    """Signatures made and verified a second, by one core."""
    made = subprocess.run(["openssl", "speed", "-seconds", "2", KEYS[root]], check=True, capture_output=True, text=True)
    sign, verify = re.findall(r"([\d.]+)\s+([\d.]+)\s*$", made.stdout.strip().splitlines()[-1])[0]
    return {"openssl sign/s": float(sign), "openssl verify/s": float(verify)}


def measure(root, program, load, options, folder):
    result = arithmetic(root)
    server = Server(program, root, folder)
    try:
        before = cpu_seconds(server.process.pid)
        told = json.loads(subprocess.run(
            [load, "-address", server.address, "-root", server.root, "-token", f"{folder}/token", "-seconds",
             str(options.seconds), "-identity", f"spiffe://cluster.local/ns/{NAMESPACE}/sa/{ACCOUNT}"],
            check=True, stdout=subprocess.PIPE, text=True).stdout)
        spent = cpu_seconds(server.process.pid) - before
    finally:
        server.end()
    rate = told["count"] / told["seconds"]
    return {"certificates/s": rate, "CPU ms each": spent * 1000 / told["count"], "p50 ms": told["p50"] * 1000,
            "p99 ms": told["p99"] * 1000, **result, "share of openssl sign": rate / result["openssl sign/s"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--roots", default="ecdsa,rsa")
    parser.add_argument("--pilot-discovery", default=".build/release-static/release/pilot-discovery")
    options = parser.parse_args()
    if not os.environ.get("KUBECONFIG"):
        sys.exit("KUBECONFIG is not set: start a cluster with Hack/cluster up --apiserver-only")
    setup = subprocess.run([f"{HERE}/csr/setup"], check=True, stdout=subprocess.PIPE, text=True)
    load = f"{setup.stdout.strip().splitlines()[-1]}/csr-load"
    kubectl("create", "namespace", NAMESPACE, check=False)
    kubectl("-n", NAMESPACE, "create", "serviceaccount", ACCOUNT, check=False)
    roots = options.roots.split(",")
    results = {root: [] for root in roots}
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/token", "w") as file:
            file.write(token())
        for number in range(options.rounds):
            for root in roots if number % 2 == 0 else reversed(roots):
                results[root].append(measure(root, options.pilot_discovery, load, options, folder))
            say(f"round {number + 1} of {options.rounds}")
    print(f"{options.seconds:g} s each; median [minimum ... maximum]")
    for root, rounds in results.items():
        print(f"{root} root")
        for figure in rounds[0]:
            values = [each[figure] for each in rounds]
            print(f"  {figure:22} {statistics.median(values):10.2f} [{min(values):.2f} ... {max(values):.2f}]")


if __name__ == "__main__":
    main()
