#!/usr/bin/env python3
"""Serving xDS: `pilot-discovery` beside go-control-plane, which only pushes what it was given.

    Hack/Benchmarks/xds.py [--streams 1,200,1000,2000] [--modes delta,sotw] [--rounds 5] [--pilot-discovery PATH]

Needs the API server of KUBECONFIG (a test cluster without controllers: 'Hack/cluster up --apiserver-only'). In it are
made, once, 1,000 services of 10 endpoints each in 50 namespaces. The load client (Hack/Benchmarks/xds) is that many
proxies over connections of their own, spread over the namespaces, and acknowledges everything. go-control-plane serves
the very same resources, as they were dumped from pilot-discovery. Peers take turns, in alternating order.

Prints, for each peer: CPU milliseconds of the server for each proxy (from /proc), cold (the first proxies since it
started) and warm (the second time), wall seconds, what a proxy got (bytes, resources, messages), resident memory at rest
and after, and the time from an edit until proxies have it (p50 and p99 over all proxies and edits). Medians, with the
range in brackets.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from pilot import PilotDiscovery, Process, cpu_seconds, free_port, memory, need_kubeconfig, say

HERE = os.path.dirname(os.path.abspath(__file__))


class Cluster:
    """The objects that are served, behind `kubectl proxy`."""

    def __init__(self, services, endpoints, namespaces):
        self.services, self.endpoints, self.namespaces = services, endpoints, namespaces
        self.port = free_port()
        self.proxy = Process(["kubectl", "proxy", f"--port={self.port}"], stdout=subprocess.DEVNULL)
        self.wait()
        groups = {v["groupVersion"] for g in self.get("/apis")["groups"] if g["name"] == "discovery.k8s.io"
                  for v in g["versions"]}
        self.slices = "v1" if "discovery.k8s.io/v1" in groups else "v1beta1"

    def wait(self):
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.get("/version")
            except OSError:
                if time.monotonic() > deadline:
                    sys.exit("the API server of KUBECONFIG does not answer")
                time.sleep(0.1)

    def request(self, method, path, body=None, kind="application/json"):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=data, method=method, headers={"Content-Type": kind})
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def get(self, path):
        return self.request("GET", path)

    def create(self, path, body):
        try:
            self.request("POST", path, body)
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise SystemExit(f"POST {path}: {error.code} {error.read().decode()}")

    def namespace(self, number):
        return f"ns-{number % self.namespaces}"

    def fill(self):
        # Old servers know fewer fields of definitions: those they pass over.
        subprocess.run(
            ["kubectl", "create", "--validate=false", "-f", f"{HERE}/../../CRDs"], capture_output=True, check=False)
        for number in range(self.namespaces):
            self.create("/api/v1/namespaces", {"metadata": {"name": f"ns-{number}"}})
        self.create("/api/v1/namespaces", {"metadata": {"name": "istio-system"}})
        listed = self.get("/api/v1/services?limit=1")
        known = len(listed["items"]) + listed["metadata"].get("remainingItemCount", 0)
        if known > self.services:
            return self.read_moves()
        for number in range(self.services):
            namespace, name = self.namespace(number), f"svc-{number}"
            is_http = number % 10 != 9
            port = {"name": "http" if is_http else "tcp", "port": 80 if is_http else 9000, "targetPort": 8080}
            self.create(f"/api/v1/namespaces/{namespace}/services", {
                "metadata": {"name": name, "labels": {"app": name}},
                "spec": {"selector": {"app": name}, "ports": [port]}})
            self.create(f"/apis/discovery.k8s.io/{self.slices}/namespaces/{namespace}/endpointslices", {
                "metadata": {"name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}},
                "addressType": "IPv4", "ports": [{"name": port["name"], "port": 8080, "protocol": "TCP"}],
                "endpoints": [self.endpoint(number, index) for index in range(self.endpoints)]})
            if number % 200 == 199:
                say(f"  {number + 1} services")
        self.read_moves()

    def read_moves(self):
        """What earlier runs left: an edit has to be one, and an address that stays wakes nobody."""
        slices = self.get(f"/apis/discovery.k8s.io/{self.slices}/endpointslices")["items"]
        self.moves = {slice["metadata"]["name"]: int(slice["endpoints"][0]["addresses"][0].split(".")[1]) - 10
                      for slice in slices if slice["metadata"]["name"].startswith("svc-")}

    @staticmethod
    def endpoint(number, index, moved=0):
        host = number * 10 + index
        return {"addresses": [f"10.{10 + host // 65536 + moved}.{host // 256 % 256}.{host % 256}"],
                "conditions": {"ready": True}}

    def edit_endpoint(self, number):
        namespace, name = self.namespace(number), f"svc-{number}"
        moved = self.moves[f"{name}-1"] = self.moves[f"{name}-1"] % 199 + 1
        endpoints = [self.endpoint(number, index, moved if index == 0 else 0) for index in range(self.endpoints)]
        self.request(
            "PATCH", f"/apis/discovery.k8s.io/{self.slices}/namespaces/{namespace}/endpointslices/{name}-1",
            {"endpoints": endpoints}, "application/merge-patch+json")

    def edit_destination_rule(self, number, connections):
        namespace, name = self.namespace(number), f"svc-{number}"
        rule = {"apiVersion": "networking.istio.io/v1beta1", "kind": "DestinationRule",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {"host": f"{name}.{namespace}.svc.cluster.local",
                         "trafficPolicy": {"connectionPool": {"tcp": {"maxConnections": connections}}}}}
        self.request(
            "PATCH", f"/apis/networking.istio.io/v1beta1/namespaces/{namespace}/destinationrules/{name}"
            "?fieldManager=benchmark&force=true", rule, "application/apply-patch+yaml")

    def cluster_name(self, number):
        port = 80 if number % 10 != 9 else 9000
        return f"outbound|{port}||svc-{number}.{self.namespace(number)}.svc.cluster.local"


class Ours:
    name = "pilot-discovery"

    def __init__(self, program, cluster, folder):
        self.program, self.cluster, self.folder = program, cluster, folder

    def start(self):
        self.server = PilotDiscovery(self.program, self.folder)
        self.address = self.server.grpc

    def edit_endpoint(self, number, count):
        self.cluster.edit_endpoint(number)

    def edit_cluster(self, number, count):
        self.cluster.edit_destination_rule(number, 100 + count)


class Peer:
    name = "go-control-plane"

    def __init__(self, program, resources, cluster, folder):
        self.program, self.resources, self.cluster, self.folder = program, resources, cluster, folder

    def start(self):
        self.address, self.admin = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self.server = Process(
            [self.program, "-listen", self.address, "-admin", self.admin, self.resources], None,
            f"{self.folder}/peer.log", stdout=subprocess.PIPE)
        if self.server.process.stdout.readline() != "ready\n":
            sys.exit(f"go-control-plane did not start: see {self.folder}/peer.log")

    def touch(self, kind, number):
        name = urllib.parse.quote(self.cluster.cluster_name(number))
        request = urllib.request.Request(f"http://{self.admin}/touch?type={kind}&name={name}", method="POST")
        urllib.request.urlopen(request).close()

    def edit_endpoint(self, number, count):
        self.touch("EDS", number)

    def edit_cluster(self, number, count):
        self.touch("CDS", number)


class Load:
    def __init__(self, program, address, streams, mode, options, folder):
        self.process = Process(
            [program, "-address", address, "-streams", str(streams), "-mode", mode, "-namespaces",
             str(options.namespaces), "-services", str(options.services)], None, f"{folder}/load.log",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.folder = folder

    def read(self):
        line = self.process.process.stdout.readline()
        if not line:
            with open(f"{self.folder}/load.log") as file:
                sys.exit(f"the load client gave up: {file.read().strip()}")
        return json.loads(line)

    def tell(self, text):
        self.process.process.stdin.write(text + "\n")
        self.process.process.stdin.flush()
        return self.read()

    def end(self):
        self.process.end()


def measure(peer, streams, mode, options, load, folder):
    peer.start()
    pid = peer.server.pid
    result = {"idle MB": memory(pid)["VmRSS"]}
    try:
        for phase in ("cold", "warm"):
            before = cpu_seconds(pid)
            client = Load(load, peer.address, streams, mode, options, folder)
            synced = client.read()
            result[f"{phase} CPU ms"] = (cpu_seconds(pid) - before) * 1000 / streams
            result[f"{phase} wall s"] = synced["seconds"]
            if phase == "cold":
                client.end()
        result.update({"KB": synced["bytesPerStream"] / 1000, "resources": synced["resourcesPerStream"],
                       "messages": synced["messagesPerStream"]})
        held = memory(pid)
        result["MB"], result["peak MB"] = held["VmRSS"], held["VmHWM"]
        for kind, edit, edits in (("EDS", peer.edit_endpoint, options.edits), ("CDS", peer.edit_cluster, options.edits)):
            times = []
            for count in range(edits):
                number = (count * 37 + 1) % options.services
                # The clock of the client starts before the edit is sent.
                client.tell(f"await {kind} {peer.cluster.cluster_name(number)}")
                # Never what an earlier run left there.
                edit(number, int(time.time() * 10) % 1_000_000)
                times += client.read()["all"]
            times.sort()
            result[f"{kind} p50 ms"] = times[len(times) // 2] * 1000
            result[f"{kind} p99 ms"] = times[int(len(times) * 0.99)] * 1000
        client.end()
    finally:
        peer.server.end()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", default="1,200,1000,2000")
    parser.add_argument("--modes", default="delta,sotw")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--edits", type=int, default=10)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--endpoints", type=int, default=10)
    parser.add_argument("--namespaces", type=int, default=50)
    parser.add_argument("--peers", default="pilot-discovery,go-control-plane")
    parser.add_argument("--pilot-discovery", default=".build/release-static/release/pilot-discovery")
    options = parser.parse_args()
    need_kubeconfig()
    programs = subprocess.run(
        [f"{HERE}/xds/setup"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip().splitlines()[-1]
    load = f"{programs}/load"
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(options.services, options.endpoints, options.namespaces)
        try:
            say("objects")
            cluster.fill()
            ours = Ours(options.pilot_discovery, cluster, folder)
            resources = f"{folder}/resources"
            os.mkdir(resources)
            ours.start()
            client = Load(load, ours.address, options.namespaces, "delta", options, folder)
            client.read()
            client.tell(f"dump {resources}")
            client.end()
            ours.server.end()
            peers = [p for p in (ours, Peer(f"{programs}/peer", resources, cluster, folder))
                     if p.name in options.peers.split(",")]
            for mode in options.modes.split(","):
                for streams in map(int, options.streams.split(",")):
                    results = {peer.name: [] for peer in peers}
                    for number in range(options.rounds):
                        for peer in peers if number % 2 == 0 else reversed(peers):
                            results[peer.name].append(measure(peer, streams, mode, options, load, folder))
                        say(f"{mode}, {streams} proxies: round {number + 1} of {options.rounds}")
                    report(mode, streams, results)
        finally:
            cluster.proxy.end()


def report(mode, streams, results):
    print(f"{mode}, {streams} proxies; median [minimum ... maximum]")
    names = list(results)
    for figure in results[names[0]][0]:
        columns, medians = [], []
        for name in names:
            values = [result[figure] for result in results[name]]
            medians.append(statistics.median(values))
            columns.append(f"{name} {medians[-1]:9.2f} [{min(values):.2f} ... {max(values):.2f}]")
        ratio = f"  ratio {medians[0] / medians[1]:.2f}" if len(medians) == 2 and medians[1] else ""
        print(f"  {figure:13} " + "   ".join(columns) + ratio, flush=True)


if __name__ == "__main__":
    main()
