"""Addresses for Services of type LoadBalancer, from a range that is routed to the cluster."""

import ipaddress


def assignments(services, addresses):
    """The status.loadBalancer each Service should have and has not: a list of (namespace, name, value).

    What a Service has, it keeps. It gets the spec.loadBalancerIP it asks for if that is free and in the range, else the
    lowest free address. A Service that is no load balancer any more loses its address.
    """
    network = ipaddress.ip_network(addresses)
    used = {address for service in services if is_wanted(service) for address in current(service)}
    changes = []
    for service in sorted(services, key=lambda s: (s["metadata"].get("creationTimestamp") or "", identity(s))):
        if not is_wanted(service):
            if current(service):
                changes.append((*identity(service), None))
        elif not current(service):
            address = free_address(network, used, service["spec"].get("loadBalancerIP"))
            if address:
                used.add(address)
                changes.append((*identity(service), {"ingress": [{"ip": address}]}))
    return changes


def is_wanted(service):
    return service["spec"].get("type") == "LoadBalancer" and "deletionTimestamp" not in service["metadata"]


def current(service):
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    return [entry["ip"] for entry in ingress if "ip" in entry]


def free_address(network, used, asked):
    try:
        if asked and asked not in used and ipaddress.ip_address(asked) in network:
            return asked
    except ValueError:
        pass  # not an address: the Service gets another
    return next((str(host) for host in network.hosts() if str(host) not in used), None)


def identity(service):
    return service["metadata"]["namespace"], service["metadata"]["name"]
