"""metrics.k8s.io/v1beta1 as an aggregated API, from the kubelets' own figures."""

import argparse
import concurrent.futures
import http.client
import http.server
import json
import ssl
import threading
import time
import urllib.parse

import kube
from usage import Usage

GROUP_VERSION = "metrics.k8s.io/v1beta1"
INTERVAL = 5  # seconds between two looks at a kubelet


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    kube.add_arguments(parser)
    for name in ("listen", "serving-cert", "serving-key"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()

    api, usage = kube.client(arguments), Usage()
    threading.Thread(target=collect, args=(api, usage, arguments), daemon=True).start()

    # Only the API server has a reason to come, with its front-proxy certificate; it has authorized the user by then.
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=arguments.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(arguments.serving_cert, arguments.serving_key)
    host, port = arguments.listen.rsplit(":", 1)
    server = Server((host, int(port)), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.api, server.usage = api, usage
    server.serve_forever()


def collect(api, usage, arguments):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        while True:
            try:
                nodes = api.request("GET", "/api/v1/nodes")["items"]
                list(pool.map(lambda node: look_at(node, usage, arguments), nodes))
            except (OSError, http.client.HTTPException, kube.Refused) as error:
                kube.log(f"nodes: {error}")
            time.sleep(INTERVAL if any(key[0] == "node" for key in usage.values) else 1)


def look_at(node, usage, arguments):
    name, status = node["metadata"]["name"], node.get("status", {})
    for address in status.get("addresses") or []:
        if address["type"] == "InternalIP":
            port = status.get("daemonEndpoints", {}).get("kubeletEndpoint", {}).get("Port", 10250)
            server = f"https://{address['address']}:{port}"
            try:
                kubelet = kube.Client(server, arguments.ca, arguments.cert, arguments.key)
                usage.add(name, kubelet.request("GET", "/stats/summary"))
            except (OSError, http.client.HTTPException, kube.Refused, KeyError, ValueError) as error:
                kube.log(f"kubelet of {name}: {error!r}")
            return


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        try:
            status, body = 200, answer(self.server.api, self.server.usage, url.path, urllib.parse.parse_qs(url.query))
        except NotFound as error:
            status, body = 404, failure(404, "NotFound", str(error))
        except kube.Refused as error:
            status, body = error.status, failure(error.status, "InternalError", str(error))
        except (OSError, http.client.HTTPException) as error:
            status, body = 503, failure(503, "ServiceUnavailable", str(error))
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class NotFound(Exception):
    pass


def answer(api, usage, path, query):
    """The body for a path, as the Kubernetes API would have it."""
    selector = {k: query[k][0] for k in ("labelSelector",) if k in query}
    match path.strip("/").split("/"):
        case ["apis"]:
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group()]}
        case ["apis", "metrics.k8s.io"]:
            return group()
        case ["apis", "metrics.k8s.io", "v1beta1"]:
            return resources()
        case ["openapi", "v2"]:
            return {"swagger": "2.0", "info": {"title": "metrics", "version": "v1beta1"}, "paths": {}}
        case ["apis", "metrics.k8s.io", "v1beta1", "nodes"]:
            return metrics_list("NodeMetricsList", map(node_metrics(usage), items(api, "/api/v1/nodes", selector)))
        case ["apis", "metrics.k8s.io", "v1beta1", "nodes", name]:
            return one(node_metrics(usage)(api.request("GET", f"/api/v1/nodes/{name}")), name)
        case ["apis", "metrics.k8s.io", "v1beta1", "pods"]:
            return metrics_list("PodMetricsList", map(pod_metrics(usage), items(api, "/api/v1/pods", selector)))
        case ["apis", "metrics.k8s.io", "v1beta1", "namespaces", namespace, "pods"]:
            pods = items(api, f"/api/v1/namespaces/{namespace}/pods", selector)
            return metrics_list("PodMetricsList", map(pod_metrics(usage), pods))
        case ["apis", "metrics.k8s.io", "v1beta1", "namespaces", namespace, "pods", name]:
            return one(pod_metrics(usage)(api.request("GET", f"/api/v1/namespaces/{namespace}/pods/{name}")), name)
        case _:
            raise NotFound(f"nothing is served at {path}")


def items(api, path, query):
    return api.request("GET", f"{path}?{urllib.parse.urlencode(query)}")["items"]


def node_metrics(usage):
    def metrics(node):
        used = usage.node(node["metadata"]["name"])
        return used and {**header("NodeMetrics", node, used["window"]), "usage": amounts(used)}
    return metrics


def pod_metrics(usage):
    def metrics(pod):
        """None until every container of the Pod has a figure: half of a Pod would mislead an autoscaler."""
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        used = usage.containers(pod["spec"].get("nodeName"), namespace, name)
        wanted = [container["name"] for container in pod["spec"]["containers"]]
        if pod.get("status", {}).get("phase") != "Running" or any(container not in used for container in wanted):
            return None
        containers = [{"name": container, "usage": amounts(used[container])} for container in wanted]
        return {**header("PodMetrics", pod, used[wanted[0]]["window"]), "containers": containers}
    return metrics


def header(kind, item, window):
    kept = ("name", "namespace", "labels", "creationTimestamp")
    return {"kind": kind, "apiVersion": GROUP_VERSION, "window": f"{window:.3f}s",
            "metadata": {k: item["metadata"][k] for k in kept if k in item["metadata"]},
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def amounts(used):
    return {"cpu": used["cpu"], "memory": used["memory"]}


def metrics_list(kind, found):
    return {"kind": kind, "apiVersion": GROUP_VERSION, "metadata": {}, "items": [item for item in found if item]}


def one(found, name):
    if not found:
        raise NotFound(f"no metrics of {name} yet")
    return found


def group():
    version = {"groupVersion": GROUP_VERSION, "version": "v1beta1"}
    return {"kind": "APIGroup", "apiVersion": "v1", "name": "metrics.k8s.io", "versions": [version],
            "preferredVersion": version}


def resources():
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": GROUP_VERSION, "resources": [
        {"name": "nodes", "singularName": "", "namespaced": False, "kind": "NodeMetrics", "verbs": ["get", "list"]},
        {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]}]}


def failure(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
            "message": message}


main()
