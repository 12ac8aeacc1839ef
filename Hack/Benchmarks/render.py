#!/usr/bin/env python3
"""Rendering a profile: `apus manifest generate`, beside kubectl reading and writing the very same objects.

    Hack/Benchmarks/render.py [--rounds N] [--profile NAME] [--apus PATH]

Whole processes, their output into a file, no cluster; they take turns, each round another one first. kubectl renders
nothing: it is given the finished objects and writes them again (`kubectl kustomize`), and so is a yardstick of what
the machine can do, not a rival. Prints milliseconds (median, minimum, maximum), the peak of resident memory in MB (the
largest of the rounds; not less than this script's own, which is printed too) and ratios to the yardstick.

Has to be at most 100 ms and 60 MB for the default profile, and is to reach 50 ms and 30 MB: exits 1 past the former.
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

MUST = 100, 60
REACH = 50, 30
RELEASE = ".build/release-static/release/apus"


def measured(command, output):
    """Milliseconds, and the peak of resident memory in MB."""
    with open(output, "wb") as file:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.PIPE)
        words = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {words.decode().strip()}")
    return elapsed * 1000, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--apus", default=RELEASE)
    options = parser.parse_args()
    if not os.access(options.apus, os.X_OK):
        sys.exit(f"no program {options.apus}: build it as releases are, 'Hack/image' or swift_release of Hack/lib.sh")
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/iop.yaml", "w") as file:
            file.write("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n"
                       f"metadata: {{name: bench, namespace: istio-system}}\nspec: {{profile: {options.profile}}}\n")
        ours = "apus manifest generate"
        commands = {ours: [options.apus, "manifest", "generate", "-f", f"{folder}/iop.yaml"]}
        measured(commands[ours], f"{folder}/objects.yaml")
        with open(f"{folder}/objects.yaml") as file:
            text = file.read()
        count = sum(line.startswith("kind: ") for line in text.split("\n"))
        with open(f"{folder}/kustomization.yaml", "w") as file:
            file.write("resources: [objects.yaml]\n")
        if shutil.which("kubectl"):
            commands["kubectl kustomize"] = ["kubectl", "kustomize", folder]
        else:
            print("no kubectl in PATH: nothing to compare with", file=sys.stderr)
        results = {name: [] for name in commands}
        for number in range(options.rounds):
            order = list(commands) if number % 2 == 0 else list(reversed(commands))
            for name in order:
                results[name].append(measured(commands[name], f"{folder}/output.yaml"))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"profile {options.profile}: {count} objects, {len(text.encode()) / 1000:.0f} kB, {options.rounds} rounds; "
          f"this script's own peak {own:.1f} MB")
    medians, peaks = {}, {}
    for name, rounds in results.items():
        times = [elapsed for elapsed, _ in rounds]
        medians[name], peaks[name] = statistics.median(times), max(peak for _, peak in rounds)
        print(f"{name:24} {medians[name]:7.1f} ms ({min(times):.1f} ... {max(times):.1f}) {peaks[name]:7.1f} MB")
    for name in list(commands)[1:]:
        time_ratio, memory_ratio = medians[ours] / medians[name], peaks[ours] / peaks[name]
        print(f"ratio to {name}: {time_ratio:.3f} of its time, {memory_ratio:.3f} of its memory")
    figures = medians[ours], peaks[ours]
    for word, limits in (("must", MUST), ("reach", REACH)):
        met = all(figure <= limit for figure, limit in zip(figures, limits))
        print(f"{word:5} <= {limits[0]} ms and {limits[1]} MB: {'met' if met else 'MISSED'}")
    sys.exit(0 if all(figure <= limit for figure, limit in zip(figures, MUST)) else 1)


if __name__ == "__main__":
    main()
