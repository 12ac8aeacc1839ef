#!/usr/bin/env python3
"""load.py ADDRESS:PORT --host NAME [--path /] [--requests N] [--seconds S] [--connections C] [--until FILE]

Sends requests over kept connections from where it is started (a Pod's network namespace), and prints what came of them
as JSON: {"requests": N, "failed": N, "statuses": {"200": N}, "who": {"reviews-v1": N}, "first_failures": [...]}.
A failed request is one without an answer, or with one from 400 on; nothing is sent again. With --seconds it goes on for
that long, whatever --requests says, and with --until, those requests sent, as long as FILE is not there.
"""

import argparse
import collections
import http.client
import json
import os
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("target")
parser.add_argument("--host", required=True)
parser.add_argument("--path", default="/")
parser.add_argument("--requests", type=int, default=100)
parser.add_argument("--seconds", type=float)
parser.add_argument("--until")
parser.add_argument("--connections", type=int, default=4)
parser.add_argument("--rate", type=float, help="requests a second of all connections together")
arguments = parser.parse_args()

lock = threading.Lock()
statuses, who, failures = collections.Counter(), collections.Counter(), []
began = time.monotonic()
sent = 0


def goes_on():
    global sent
    with lock:
        if arguments.until:
            more = sent < arguments.requests or not os.path.exists(arguments.until)
        elif arguments.seconds:
            more = time.monotonic() - began < arguments.seconds
        else:
            more = sent < arguments.requests
        if more:
            sent += 1
        return more


def work():
    address, port = arguments.target.rsplit(":", 1)
    connection = None
    while goes_on():
        at = time.monotonic() - began
        try:
            if connection is None:
                connection = http.client.HTTPConnection(address, int(port), timeout=15)
            connection.request("GET", arguments.path, headers={"Host": arguments.host})
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
            status, said = str(answer.status), body.split(" ", 1)[0].strip()
            failed = answer.status >= 400
            if answer.getheader("connection", "").lower() == "close":
                connection = None
        except OSError as error:
            status, said, failed, body, connection = "none", "", True, repr(error), None
        except http.client.HTTPException as error:
            status, said, failed, body, connection = "none", "", True, repr(error), None
        with lock:
            statuses[status] += 1
            if failed:
                failures.append(f"after {at:.1f} s: {status} {body[:160]}")
            else:
                who[said] += 1
        if arguments.rate:
            time.sleep(arguments.connections / arguments.rate)


threads = [threading.Thread(target=work) for _ in range(arguments.connections)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({
    "requests": sum(statuses.values()),
    "failed": len(failures),
    "seconds": round(time.monotonic() - began, 1),
    "statuses": statuses,
    "who": who,
    "first_failures": failures[:5],
}))
