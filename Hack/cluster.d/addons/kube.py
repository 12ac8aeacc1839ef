"""A small client of the Kubernetes API, on the standard library: requests, and lists kept current by a watch."""

import http.client
import json
import ssl
import sys
import threading
import time
import urllib.parse


def log(message):
    print(time.strftime("%H:%M:%S"), message, file=sys.stderr, flush=True)


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]}")
        self.status = status


class Client:
    """Requests to one HTTPS server, with a client certificate, verified by the cluster's authority."""

    def __init__(self, server, ca, cert, key):
        url = urllib.parse.urlsplit(server)
        self.host, self.port = url.hostname, url.port
        self.context = ssl.create_default_context(cafile=ca)
        self.context.load_cert_chain(cert, key)

    def open(self, method, path, body=None, content_type="application/json", timeout=10):
        """The response, still to be read. Whoever reads it closes the connection."""
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.context, timeout=timeout)
        headers = {"Accept": "application/json"}
        if body is not None:
            body = json.dumps(body)
            headers["Content-Type"] = content_type
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        if response.status >= 300:
            text = response.read().decode(errors="replace")
            connection.close()
            raise Refused(response.status, text)
        return connection, response

    def request(self, method, path, body=None, content_type="application/json"):
        connection, response = self.open(method, path, body, content_type)
        try:
            return json.loads(response.read() or b"null")
        finally:
            connection.close()


class Store:
    """The objects of one collection by (namespace, name), kept current by a thread of its own."""

    def __init__(self, client, path, changed):
        self.client, self.path, self.changed = client, path, changed
        self.objects = {}
        self.filled = False
        threading.Thread(target=self._follow, daemon=True).start()

    def values(self):
        return list(self.objects.values())

    def _follow(self):
        while True:
            try:
                version = self._list()
                while version:
                    version = self._watch(version)
            except (OSError, http.client.HTTPException, ValueError, Refused) as error:
                log(f"{self.path}: {error}")
                time.sleep(0.5)

    def _list(self):
        found = self.client.request("GET", self.path)
        self.objects = {key(item): item for item in found["items"]}
        self.filled = True
        self.changed.set()
        return found["metadata"]["resourceVersion"]

    def _watch(self, version):
        """Follows changes from a version on. Gives the version to go on from, or None to list again."""
        query = urllib.parse.urlencode(
            {"watch": "1", "resourceVersion": version, "allowWatchBookmarks": "true", "timeoutSeconds": "300"})
        connection, response = self.client.open("GET", f"{self.path}?{query}", timeout=330)
        try:
            while line := response.readline():
                event = json.loads(line)
                item = event["object"]
                if event["type"] == "ERROR":
                    return None
                version = item["metadata"]["resourceVersion"]
                if event["type"] == "BOOKMARK":
                    continue
                # A new dictionary each time: readers in other threads keep the one they have.
                objects = dict(self.objects)
                if event["type"] == "DELETED":
                    objects.pop(key(item), None)
                else:
                    objects[key(item)] = item
                self.objects = objects
                self.changed.set()
            return version
        finally:
            connection.close()


def key(item):
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]


def add_arguments(parser):
    for name in ("server", "ca", "cert", "key"):
        parser.add_argument(f"--{name}", required=True)


def client(arguments):
    return Client(arguments.server, arguments.ca, arguments.cert, arguments.key)
