"""What the benchmarks of the control plane share: a `pilot-discovery` on free ports, and what a process costs."""
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


def say(text):
    print(text, file=sys.stderr, flush=True)


def kubectl(*arguments, check=True, **options):
    """What kubectl prints."""
    return subprocess.run(["kubectl", *arguments], check=check, capture_output=True, text=True, **options).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid):
    """Resident megabytes, now and at most."""
    with open(f"/proc/{pid}/status") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    return {name: int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}


class Process:
    """A program whose words on stderr are kept."""

    def __init__(self, command, environment=None, log=None, **options):
        self.log = log
        stderr = open(log, "w") if log else subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, env={**os.environ, **(environment or {})}, stderr=stderr, text=True, **options)
        self.pid = self.process.pid

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class PilotDiscovery(Process):
    """A pilot-discovery at the API server of KUBECONFIG, ready. Its addresses: `grpc`, `secure`, `hooks`."""

    def __init__(self, program, folder, namespace="istio-system", environment=None):
        flags = ("--httpAddr", "--monitoringAddr", "--grpcAddr", "--secureGRPCAddr", "--httpsAddr")
        addresses = [f"127.0.0.1:{free_port()}" for _ in flags]
        http, _, self.grpc, self.secure, self.hooks = addresses
        super().__init__(
            [program, "discovery", "--kubeconfig", os.environ["KUBECONFIG"],
             *(word for pair in zip(flags, addresses) for word in pair)],
            {"POD_NAMESPACE": namespace, "POD_NAME": "benchmark", **(environment or {})},
            f"{folder}/pilot-discovery.log", stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://{http}/ready").close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.end()
                    with open(self.log) as file:
                        sys.exit(f"pilot-discovery did not get ready: {file.read()[-2000:]}")
                time.sleep(0.05)


def need_kubeconfig():
    if not os.environ.get("KUBECONFIG"):
        sys.exit("KUBECONFIG is not set: start a cluster with Hack/cluster up --apiserver-only")
