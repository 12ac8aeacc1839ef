"""The DNS names of a cluster, as lines of a hosts file."""

DOMAIN = "svc.cluster.local"


def host_lines(services, endpoints):
    """One line "ADDRESS NAME" for each A record: Services by cluster IP, headless ones by their endpoints.

    An endpoint of a headless Service also has a name of its own: its hostname (StatefulSet Pods have one), or else its
    address with dashes. Services with publishNotReadyAddresses need no care here: the cluster lists all of their
    addresses as ready.
    """
    lines = []
    by_key = {identity(item): item for item in endpoints}
    for service in services:
        namespace, name = identity(service)
        full = f"{name}.{namespace}.{DOMAIN}"
        address = service["spec"].get("clusterIP")
        if address and address != "None":
            lines.append(f"{address} {full}")
        elif address == "None":
            for endpoint in ready_addresses(by_key.get((namespace, name))):
                host = endpoint.get("hostname") or endpoint["ip"].replace(".", "-")
                # Its own name first: that is the one the address resolves back to.
                lines.append(f"{endpoint['ip']} {host}.{full} {full}")
    return sorted(set(lines))


def ready_addresses(endpoints):
    for subset in (endpoints or {}).get("subsets") or []:
        yield from subset.get("addresses") or []


def identity(item):
    return item["metadata"]["namespace"], item["metadata"]["name"]
