"""Watches Services and Endpoints: writes their names for dnsmasq, and gives load balancers addresses."""

import argparse
import http.client
import os
import threading

import kube
import load_balancers
import names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    kube.add_arguments(parser)
    parser.add_argument("--hosts", required=True, help="the hosts file to keep")
    parser.add_argument("--addresses", required=True, help="the range of load balancers' addresses")
    arguments = parser.parse_args()

    api = kube.client(arguments)
    changed = threading.Event()
    services = kube.Store(api, "/api/v1/services", changed)
    endpoints = kube.Store(api, "/api/v1/endpoints", changed)
    written = None
    retry = None
    while True:
        changed.wait(retry)
        changed.clear()
        if not (services.filled and endpoints.filled):
            continue
        lines = names.host_lines(services.values(), endpoints.values())
        if lines != written:
            write(arguments.hosts, lines)
            written = lines
        retry = None if assign(api, services.values(), arguments.addresses) else 1


def write(path, lines):
    """Replaces the file at once. dnsmasq does not look at files whose name starts with a dot."""
    folder, name = os.path.split(path)
    new = os.path.join(folder, f".{name}")
    with open(new, "w") as file:
        file.writelines(f"{line}\n" for line in lines)
    os.rename(new, path)


def assign(api, services, addresses):
    """Whether all went well. What did not is tried again."""
    good = True
    for namespace, name, value in load_balancers.assignments(services, addresses):
        try:
            path = f"/api/v1/namespaces/{namespace}/services/{name}/status"
            api.request("PATCH", path, {"status": {"loadBalancer": value}}, "application/merge-patch+json")
            kube.log(f"load balancer {namespace}/{name}: {value}")
        except (OSError, http.client.HTTPException, kube.Refused) as error:
            kube.log(f"load balancer {namespace}/{name}: {error}")
            good = isinstance(error, kube.Refused) and error.status == 404
    return good


main()
