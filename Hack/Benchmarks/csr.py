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
import statistics
import subprocess
import tempfile

from pilot import PilotDiscovery, cpu_seconds, kubectl, need_kubeconfig, say

HERE = os.path.dirname(os.path.abspath(__file__))
NAMESPACE, ACCOUNT = "istio-system", "benchmark"
KEYS = {"ecdsa": "ecdsap256", "rsa": "rsa2048"}


def token():
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
              "spec": {"audiences": ["istio-ca"], "expirationSeconds": 3600}}
    answer = kubectl("create", "--raw", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}/token", "-f", "-",
                     input=json.dumps(review))
    return json.loads(answer)["status"]["token"]


def start(program, root, folder):
    """A pilot-discovery with a root of its own, and where the root's certificate is."""
    kubectl("-n", NAMESPACE, "delete", "secret", "istio-ca-secret", "--ignore-not-found")
    environment = {"CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE": "2048"} if root == "rsa" else {}
    server = PilotDiscovery(program, folder, NAMESPACE, environment)
    data = json.loads(kubectl("-n", NAMESPACE, "get", "secret", "istio-ca-secret", "-o", "json"))["data"]
    with open(f"{folder}/root.pem", "wb") as file:
        file.write(base64.b64decode(data["ca-cert.pem"]))
    return server, f"{folder}/root.pem"


def arithmetic(root):
    """Signatures made and verified a second, by one core."""
    made = subprocess.run(["openssl", "speed", "-seconds", "2", KEYS[root]], check=True, capture_output=True, text=True)
    sign, verify = re.findall(r"([\d.]+)\s+([\d.]+)\s*$", made.stdout.strip().splitlines()[-1])[0]
    return {"openssl sign/s": float(sign), "openssl verify/s": float(verify)}


def measure(root, program, load, options, folder):
    result = arithmetic(root)
    server, certificate = start(program, root, folder)
    try:
        before = cpu_seconds(server.pid)
        told = json.loads(subprocess.run(
            [load, "-address", server.secure, "-root", certificate, "-token", f"{folder}/token", "-seconds",
             str(options.seconds), "-identity", f"spiffe://cluster.local/ns/{NAMESPACE}/sa/{ACCOUNT}"],
            check=True, stdout=subprocess.PIPE, text=True).stdout)
        spent = cpu_seconds(server.pid) - before
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
    need_kubeconfig()
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
