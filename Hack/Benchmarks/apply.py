#!/usr/bin/env python3
"""Applying the default profile: `apus install` beside `kubectl apply --server-side` of the same objects.

    Hack/Benchmarks/apply.py [--rounds N] [--apus PATH]

Whole processes against the API server of KUBECONFIG (a test cluster: the objects are created and deleted). The two
take turns, first and second place alternating; both create the same objects in the same empty namespace, then apply
them again, which changes nothing. Prints seconds (median, minimum, maximum) and the ratio of the medians.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

NAMESPACE = "istio-system"
IOP = f"""apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {{name: bench, namespace: {NAMESPACE}}}
spec: {{profile: default}}
"""


def run(*command, check=True, **options):
    return subprocess.run(command, check=check, capture_output=True, text=True, **options)


def timed(*command):
    start = time.monotonic()
    run(*command)
    return time.monotonic() - start


def resource_versions(manifest):
    listed = json.loads(run("kubectl", "get", "-f", manifest, "-o", "json").stdout)
    return {(o["kind"], o["metadata"]["name"]): o["metadata"]["resourceVersion"] for o in listed["items"]}


def clean(manifest):
    run("kubectl", "delete", "--ignore-not-found", "--wait=true", "--timeout=120s", "-f", manifest)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--apus", default=".build/release-static/release/apus")
    options = parser.parse_args()
    if not os.environ.get("KUBECONFIG"):
        sys.exit("KUBECONFIG is not set: start a cluster with Hack/cluster up --apiserver-only --with-controllers")
    minor = json.loads(run("kubectl", "get", "--raw", "/version").stdout)["minor"].rstrip("+")
    with tempfile.TemporaryDirectory() as folder:
        iop, manifest = f"{folder}/iop.yaml", f"{folder}/manifest.yaml"
        with open(iop, "w") as file:
            file.write(IOP)
        rendered = run(options.apus, "manifest", "generate", "-f", iop, "--kubernetes-version", f"1.{minor}").stdout
        # Webhook configurations wait for their server: the install leaves them out, so the peer does too.
        documents = [d for d in rendered.split("---\n") if "WebhookConfiguration" not in d]
        with open(manifest, "w") as file:
            file.write("---\n".join(documents))
        # The namespace stays between rounds: deleting it would take longer than everything else.
        with open(f"{folder}/objects.yaml", "w") as file:
            file.write("---\n".join(d for d in documents if "\nkind: Namespace\n" not in d))
        run("kubectl", "create", "namespace", NAMESPACE, check=False)
        peers = {
            "apus install": (options.apus, "install", "--no-wait", "-f", iop),
            "kubectl apply --server-side": (
                "kubectl", "apply", "--server-side", "--force-conflicts", "--field-manager=istio-operator", "-f",
                manifest),
        }
        times = {name: {"create": [], "no-op": []} for name in peers}
        for number in range(options.rounds):
            order = list(peers) if number % 2 == 0 else list(reversed(peers))
            for name in order:
                clean(f"{folder}/objects.yaml")
                times[name]["create"].append(timed(*peers[name]))
                before = resource_versions(manifest)
                times[name]["no-op"].append(timed(*peers[name]))
                changed = [key for key, version in resource_versions(manifest).items() if before.get(key) != version]
                if changed and name.startswith("apus"):
                    print(f"note: the second apply changed {changed}", file=sys.stderr)
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        clean(f"{folder}/objects.yaml")
        print(f"{len(documents)} objects, {options.rounds} rounds; seconds: median (minimum ... maximum)")
        for phase in ("create", "no-op"):
            medians = {}
            for name in peers:
                values = times[name][phase]
                medians[name] = statistics.median(values)
                print(f"{phase:7} {name:28} {medians[name]:.3f} ({min(values):.3f} ... {max(values):.3f})")
            ours, theirs = (medians[name] for name in peers)
            print(f"{phase:7} ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
