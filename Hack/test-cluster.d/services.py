#!/usr/bin/env python3
"""services.py NAMESPACE IMAGE: manifests of small HTTP services laid out as in Bookinfo, and of a client.

  client      busybox, sleeps; `kubectl exec` calls from it
  productpage answers /productpage with what reviews:9080 says
  details, ratings, reviews v1, v2, v3 on 9080

Every service is an Envoy that answers by itself (IMAGE holds one), as uid 1000, so that capture treats it as any
application. The body tells who answered and what it saw:

  reviews-v2 path=/x from=10.201.65.7 xfcc=By=...;URI=...

`from` is the address of whoever connected to it: its own proxy, or what that passes on.
"""

import json
import sys

VERSIONS = {"details": ["v1"], "ratings": ["v1"], "reviews": ["v1", "v2", "v3"], "productpage": ["v1"]}
# So that what the kubelet says of a sidecar is not older than a second.
ANNOTATIONS = {"readiness.status.sidecar.istio.io/periodSeconds": "1"}
TYPE = "type.googleapis.com/envoy.extensions."


def routes(service):
    if service != "productpage":
        return [{"match": {"prefix": "/"}, "direct_response": {"status": 200}}]
    return [
        {"match": {"path": "/productpage"}, "route": {"cluster": "reviews", "timeout": "10s", "host_rewrite_literal": "reviews:9080"}},
        {"match": {"prefix": "/"}, "direct_response": {"status": 200}},
    ]


def clusters(service):
    if service != "productpage":
        return []
    address = {"address": {"socket_address": {"address": "reviews", "port_value": 9080}}}
    return [{
        "name": "reviews",
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_ONLY",
        "load_assignment": {
            "cluster_name": "reviews",
            "endpoints": [{"lb_endpoints": [{"endpoint": address}]}],
        },
    }]


def envoy(service, version):
    caller = "from=%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% xfcc=%REQ(X-FORWARDED-CLIENT-CERT)%"
    said = f"{service}-{version} path=%REQ(:PATH)% {caller}\n"
    manager = {
        "@type": TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "application",
        "forward_client_cert_details": "ALWAYS_FORWARD_ONLY",
        "local_reply_config": {"body_format": {"text_format_source": {"inline_string": said}}},
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes(service)}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": TYPE + "filters.http.router.v3.Router"}}],
    }
    listener = {
        "name": "http",
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": 9080}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    return {"static_resources": {"listeners": [listener], "clusters": clusters(service)}}


def container(service, version, image):
    return {
        "name": service,
        "image": image,
        "command": ["/usr/local/bin/envoy"],
        "args": ["--config-yaml", json.dumps(envoy(service, version)), "--concurrency", "1", "-l", "warning"],
        "ports": [{"containerPort": 9080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 9080}, "periodSeconds": 1},
        "securityContext": {"runAsUser": 1000, "runAsGroup": 1000, "runAsNonRoot": True},
    }


def deployment(name, labels, namespace, account, container):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels, "annotations": ANNOTATIONS},
                "spec": {
                    "serviceAccountName": account,
                    "terminationGracePeriodSeconds": 5,
                    "containers": [container],
                },
            },
        },
    }


def account(name, namespace):
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def objects(namespace, image):
    client = {
        "name": "client",
        "image": "docker.io/local/busybox:1",
        "command": ["/bin/sleep", "1000000"],
        "securityContext": {"runAsUser": 1000},
    }
    yield account("client", namespace)
    yield deployment("client", {"app": "client"}, namespace, "client", client)
    for service, versions in VERSIONS.items():
        yield account(f"bookinfo-{service}", namespace)
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": service, "namespace": namespace, "labels": {"app": service}},
            "spec": {"selector": {"app": service}, "ports": [{"name": "http", "port": 9080}]},
        }
        for version in versions:
            labels = {"app": service, "version": version}
            yield deployment(
                f"{service}-{version}", labels, namespace, f"bookinfo-{service}", container(service, version, image))


print(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects(sys.argv[1], sys.argv[2]))}))
