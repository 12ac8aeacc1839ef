#!/usr/bin/env python3
"""election.py NANOSECONDS: the steps of an election, and when they were, after that moment.

Reads lines "MEMBER TIMESTAMP LINE-OF-ITS-LOG" of several members of ZooKeeper. Prints a line a step, in order.
"""

import datetime
import re
import sys

STEP = re.compile(
    r"LOOKING$|New election|LEADING|FOLLOWING|Peer state changed|ELECTION TOOK|connecting to |Exception when|Broken connection|"
    r"Cannot open channel|Interrupted while|Have quorum|Getting a (diff|snapshot)|Shutdown called|shutting down")
began = int(sys.argv[1])
steps = []
for line in sys.stdin:
    member, stamp, text = (line.rstrip("\n").split(" ", 2) + ["", ""])[:3]
    if not STEP.search(text):
        continue
    seconds, _, fraction = stamp.rstrip("Z").partition(".")
    moment = datetime.datetime.fromisoformat(seconds).replace(tzinfo=datetime.timezone.utc)
    after = (int(moment.timestamp()) * 10**9 + int(fraction[:9].ljust(9, "0")) - began) // 10**6
    if after >= -100:
        steps.append((after, member, text.split(" - ", 1)[-1][:110]))
for after, member, text in sorted(steps):
    print(f"{after:6d} ms  {member}  {text}")
