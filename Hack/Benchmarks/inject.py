#!/usr/bin/env python3
"""Injection: how many Pods a second `pilot-discovery` gives their sidecars, over TLS as an API server asks.

    Hack/Benchmarks/inject.py [--pilot-discovery PATH] [--apus PATH] [--connections 4] [--seconds 10] [--rounds 3]

Needs the API server of KUBECONFIG (a test cluster: 'Hack/cluster up --apiserver-only'), kubectl and wrk (apt-get install
wrk). The settings are those of the default profile, the Pod has 8 KB of JSON; connections are kept alive. Client and server
share the machine. Prints calls a second, CPU milliseconds of the server for each call (from /proc) and latencies, and
checks that what comes back is a patch with the sidecar in it. Must: 900 calls a second. Reach: 1,500, 1 ms.
"""
import argparse
import base64
import json
import os
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from pilot import PilotDiscovery, cpu_seconds, kubectl, need_kubeconfig, say

NAMESPACE = "bench-inject"
TLS = ssl._create_unverified_context()


def apply_settings(apus):
    operator = {
        "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
        "metadata": {"name": "bench", "namespace": NAMESPACE},
        "spec": {"profile": "default", "values": {"global": {"istioNamespace": NAMESPACE}}},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(operator, file)
        file.flush()
        rendered = subprocess.run(
            [apus, "manifest", "generate", "-f", file.name], text=True, check=True, stdout=subprocess.PIPE).stdout
    maps = [part for part in rendered.split("\n---\n") if re.search(r"^kind: ConfigMap$", part, re.M)]
    kubectl("apply", "-f", "-", input=json.dumps(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}))
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input="\n---\n".join(maps))


def review():
    """A Pod of 8 KB, with what Pods of that size have: variables, probes, volumes."""
    pod = {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "generateName": "shop-5d8f7c9b6-", "namespace": "default",
            "labels": {"app": "shop", "version": "v1", "pod-template-hash": "5d8f7c9b6"},
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop-5d8f7c9b6", "controller": True, "uid": "u"}],
        },
        "spec": {
            "serviceAccountName": "shop",
            "containers": [{
                "name": "shop", "image": "shop:1", "ports": [{"containerPort": 8080, "name": "http"}], "env": [],
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                "livenessProbe": {"tcpSocket": {"port": "http"}},
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            }],
            "volumes": [{"name": "data", "emptyDir": {}}],
        },
    }
    variables = pod["spec"]["containers"][0]["env"]
    while len(json.dumps(pod)) < 8 * 1024:
        variables.append({"name": f"VARIABLE_{len(variables)}", "value": "some value of usual length"})
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "0df28fbd-5f5f-11e8-bc74-36e6bb280816", "operation": "CREATE", "namespace": "default",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"}, "object": pod,
        },
    })


def check(address, body):
    request = urllib.request.Request(
        f"https://{address}/inject", body.encode(), {"Content-Type": "application/json"})
    deadline = time.monotonic() + 20
    while True:
        with urllib.request.urlopen(request, context=TLS) as answer:
            response = json.load(answer)["response"]
        if response.get("patch") and b"istio-proxy" in base64.b64decode(response["patch"]):
            return len(response["patch"])
        if time.monotonic() > deadline:
            sys.exit(f"no sidecar comes back: {json.dumps(response)[:500]}")
        time.sleep(0.2)


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure(address, pid, script, options):
    before = cpu_seconds(pid)
    output = subprocess.run(
        ["wrk", "-t", "1", "-c", str(options.connections), "-d", f"{options.seconds}s", "--latency", "-s", script,
         f"https://{address}/inject"], text=True, check=True, stdout=subprocess.PIPE).stdout
    used = cpu_seconds(pid) - before
    calls = int(re.search(r"(\d+) requests in", output).group(1))
    faults = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", output)
    if faults:
        sys.exit(f"calls failed: {faults.group(0)}")
    latency = {name: milliseconds(re.search(rf"{name}\s+(\S+)", output).group(1)) for name in ("50%", "99%")}
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    return {"rate": rate, "cpu": used / calls * 1000, "p50": latency["50%"], "p99": latency["99%"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pilot-discovery", default=".build/release-static/release/pilot-discovery")
    parser.add_argument("--apus", default=".build/debug/apus")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    need_kubeconfig()
    apply_settings(options.apus)
    with tempfile.TemporaryDirectory() as folder:
        server = PilotDiscovery(options.pilot_discovery, folder, NAMESPACE, {"REVISION": "default"})
        try:
            body = review()
            patch = check(server.hooks, body)
            script = f"{folder}/post.lua"
            with open(script, "w") as file:
                file.write(f"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [==[{body}]==]\n")
            say(f"AdmissionReview of {len(body)} bytes, patch of {patch} (base64), {options.connections} connections")
            rounds = [measure(server.hooks, server.pid, script, options) for _ in range(options.rounds)]
        finally:
            server.end()
    print("| calls/s | CPU ms a call | p50 ms | p99 ms |\n|---|---|---|---|")
    cells = []
    for name in ("rate", "cpu", "p50", "p99"):
        values = [one[name] for one in rounds]
        digits = 0 if name == "rate" else 2
        cells.append(f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}, {max(values):.{digits}f}]")
    print(f"| {' | '.join(cells)} |")
    sys.exit(0 if statistics.median([one["rate"] for one in rounds]) >= 900 else 1)


main()
