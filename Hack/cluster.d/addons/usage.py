"""CPU and memory in use, from what kubelets report: two reports of a counter make a rate."""

import datetime


class Usage:
    """The last known use of each node, and of each container by (namespace, Pod, container)."""

    def __init__(self):
        self.samples = {}   # key -> (seconds, nanoseconds of CPU)
        self.values = {}    # key -> {"cpu": "12n", "memory": "34Ki", "window": seconds}

    def add(self, node, summary):
        """Takes in a kubelet's /stats/summary, and forgets what it no longer lists."""
        seen = {("node", node)}
        self._add(("node", node), summary["node"])
        for pod in summary.get("pods") or []:
            namespace, name = pod["podRef"]["namespace"], pod["podRef"]["name"]
            for container in pod.get("containers") or []:
                key = ("container", node, namespace, name, container["name"])
                seen.add(key)
                self._add(key, container)
        for table in (self.samples, self.values):
            for key in [k for k in list(table) if k[1] == node and k not in seen]:
                table.pop(key, None)

    def _add(self, key, report):
        cpu, memory = report.get("cpu", {}), report.get("memory", {})
        if "usageCoreNanoSeconds" not in cpu or "workingSetBytes" not in memory:
            return
        now, used = seconds(cpu["time"]), cpu["usageCoreNanoSeconds"]
        before = self.samples.get(key)
        if before and now <= before[0]:
            return
        self.samples[key] = (now, used)
        if before and used >= before[1]:
            window = now - before[0]
            rate = int((used - before[1]) / window)
            memory_used = f"{memory['workingSetBytes'] // 1024}Ki"
            self.values[key] = {"cpu": f"{rate}n", "memory": memory_used, "window": window}

    def node(self, name):
        return self.values.get(("node", name))

    def containers(self, node, namespace, pod):
        """Container name to its use, of those that have one."""
        prefix = ("container", node, namespace, pod)
        return {k[4]: v for k, v in list(self.values.items()) if k[:4] == prefix}


def seconds(time):
    """RFC 3339 with up to nine digits of a second, as seconds since 1970."""
    whole, _, rest = time.rstrip("Z").partition(".")
    moment = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() + (float(f"0.{rest}") if rest else 0)
