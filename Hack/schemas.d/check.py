"""Renders the cases of a file for every known Kubernetes version and checks each object: see Hack/schemas."""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import yaml

from published import PublishedSchemas

OLDEST = 25
# Kinds of others that Kubernetes does not know: no published schema tells what they may hold.
UNKNOWN_TO_KUBERNETES = {("k8s.cni.cncf.io", "NetworkAttachmentDefinition")}
# What Kubernetes 1.20 serves of the kinds whose version depends on the cluster.
VERSIONS_OF_1_20 = {
    ("autoscaling", "HorizontalPodAutoscaler"): "autoscaling/v2beta2",
    ("policy", "PodDisruptionBudget"): "policy/v1beta1",
    ("discovery.k8s.io", "EndpointSlice"): "discovery.k8s.io/v1beta1",
}
# Further ways to give a case.
PIPED, SPLIT = "standard input, maps in another order", "two files"
# Kinds that came after Kubernetes 1.20.
UNKNOWN_TO_1_20 = {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}


class Faults:
    """What is wrong, once for each object and place, with the cases and versions in which it was seen."""

    def __init__(self):
        self.seen = collections.OrderedDict()

    def add(self, case, minor, text):
        cases, minors = self.seen.setdefault(text, (set(), set()))
        cases.add(case)
        minors.add(minor)

    def __len__(self):
        return len(self.seen)

    def lines(self):
        for text, (cases, minors) in self.seen.items():
            first, *others = sorted(cases)
            more = f" and {len(others)} more cases" if others else ""
            yield f"{text}\n    in {first}{more}, Kubernetes {ranges(minors)}"


def ranges(minors):
    """1.25-1.27, 1.30"""
    groups = []
    for minor in sorted(minors):
        if groups and groups[-1][1] == minor - 1:
            groups[-1][1] = minor
        else:
            groups.append([minor, minor])
    return ", ".join(f"1.{a}" if a == b else f"1.{a}-1.{b}" for a, b in groups)


def shuffled(value, order):
    """The same value, its maps written in another order."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(element, order) for element in value] if isinstance(value, list) else value


def is_profile(spec):
    return not set(spec) - {"profile"}


def is_due(number, spec, minor, minors):
    """A profile is rendered for every version, other cases for the first, the last and, by turns, a third of them."""
    return is_profile(spec) or minor in (20, minors[0], minors[-1]) or (minor + number) % 3 == 0


def halves(value, order):
    """Two values that give this one when the second is laid over the first."""
    if not isinstance(value, dict):
        return (value, None) if order.random() < 0.5 else (None, value)
    parts = {key: halves(one, order) for key, one in value.items()}
    return tuple({key: part[half] for key, part in parts.items() if part[half] is not None} for half in (0, 1))


class Renderer:
    """Runs `apus manifest generate`; keeps every document once, however often it is rendered."""

    def __init__(self, apus, folder):
        self.apus, self.folder = apus, folder
        self.texts = {}  # digest of a document to its text

    def render(self, specs, minor, is_piped):
        """The digests of the documents that specs give, each laid over those before it, or what was said instead."""
        folder = tempfile.mkdtemp(dir=self.folder)
        files = [f"{folder}/{number}.yaml" for number, _ in enumerate(specs, 1)]
        for path, spec in zip(files, specs):
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
                           "metadata": {"name": "installed", "namespace": "istio-system"}, "spec": spec}, file)
        with open(files[0] if is_piped else os.devnull, "rb") as file:
            text = file.read()
        command = [self.apus, "manifest", "generate", "--kubernetes-version", f"1.{minor}"]
        for path in files:
            command += ["-f", "-" if is_piped else path]
        done = subprocess.run(command, input=text, capture_output=True)
        output, words = done.stdout.decode(), done.stderr.decode().replace(folder + "/", "")
        if done.returncode != 0:
            return None, " ".join(words.split()) or f"exit {done.returncode}"
        documents = []
        for text in output.split("\n---\n") if output else []:
            digest = hashlib.sha256(text.rstrip("\n").encode()).digest()
            self.texts.setdefault(digest, text)
            documents.append(digest)
        return documents, None


def yaml_files(folder):
    found = (os.path.join(path, name) for path, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.endswith(".yaml"))


def read(path):
    """The Kubernetes objects of a file."""
    with open(path, encoding="utf-8") as file:
        documents = list(yaml.load_all(file, yaml.CSafeLoader))
    return [item for item in documents if item and item["kind"] != "Kustomization"]


def group_of(item):
    version = item["apiVersion"]
    return version.rpartition("/")[0]


def reference(item):
    metadata = item["metadata"]
    return " ".join((item["kind"], "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))))


def check_repeats(case, minor, items, faults):
    """No object may come twice: the second would overwrite the first."""
    for (group, name), count in collections.Counter((group_of(i), reference(i)) for i in items).items():
        if count > 1:
            faults.add(case, minor, f"{name} ({group or 'core'}): rendered {count} times")


def check_1_20(case, items, faults):
    """Returns the kinds that were seen, of those whose version depends on the cluster."""
    seen = set()
    for item in items:
        kind = group_of(item), item["kind"]
        want = VERSIONS_OF_1_20.get(kind)
        if want:
            seen.add(kind)
        if want and item["apiVersion"] != want:
            faults.add(case, 20, f"{reference(item)}: apiVersion {item['apiVersion']}, Kubernetes 1.20 serves {want}")
        if item["kind"] in UNKNOWN_TO_1_20:
            faults.add(case, 20, f"{reference(item)}: Kubernetes 1.20 does not know this kind")
    return seen


def cases_of(path, names):
    with open(path, encoding="utf-8") as file:
        cases = yaml.load(file, yaml.CSafeLoader)
    unknown = set(names or []) - set(cases)
    if unknown:
        sys.exit(f"there is no case {', '.join(sorted(unknown))}: choose from {', '.join(cases)}")
    for spec in cases.values():
        if not is_profile(spec):
            base = spec.setdefault("values", {}).setdefault("base", {})
            base.setdefault("enableIstioConfigCRDs", False)
    return {name: spec for name, spec in cases.items() if not names or name in names}


def render_all(renderer, cases, minors, faults):
    """(case, version, way) to digests; the way is empty but for PIPED and SPLIT."""
    order = random.Random(7)
    jobs = [(name, minor, "", [spec]) for number, (name, spec) in enumerate(cases.items())
            for minor in [20] + minors if is_due(number, spec, minor, minors)]
    jobs += [(name, minors[-1], PIPED, [shuffled(spec, order)]) for name, spec in cases.items()]
    jobs += [(name, minors[-1], SPLIT, halves(shuffled(spec, order), order)) for name, spec in cases.items()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: renderer.render(job[3], job[1], is_piped=job[2] == PIPED), jobs)
    rendered = {}
    for (name, minor, way, _), (documents, problem) in zip(jobs, results):
        if documents is None:
            faults.add(name, minor, f"apus manifest generate failed{way and f' ({way})'}: {problem}")
        else:
            rendered[name, minor, way] = documents
    return rendered


def check_sameness(case, minor, rendered, items, faults):
    """Whatever the way, and whatever the process's hash seed: the bytes must be the same."""
    first = rendered.get((case, minor, ""))
    for way in (PIPED, SPLIT):
        other = rendered.get((case, minor, way))
        if first is not None and other is not None and first != other:
            changed = sorted({reference(items[d]) for d in set(first) ^ set(other)}) or ["the order of the objects"]
            faults.add(case, minor, f"not the same bytes ({way}): {', '.join(changed)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--apus", required=True)
    parser.add_argument("--case", action="append", help="only these")
    parser.add_argument("--folder", action="append", default=[], help="objects in files, checked too")
    parser.add_argument("cases")
    options = parser.parse_args()
    cases = cases_of(options.cases, options.case)
    written = {} if options.case else {path: read(path) for folder in options.folder for path in yaml_files(folder)}

    began = time.monotonic()
    schemas = PublishedSchemas()
    schemas.prove_strictness()
    minors = [minor for minor in schemas.minors if minor >= OLDEST]
    faults = Faults()
    with tempfile.TemporaryDirectory() as folder:
        renderer = Renderer(options.apus, folder)
        rendered = render_all(renderer, cases, minors, faults)
    items = {digest: yaml.load(text, yaml.CSafeLoader) for digest, text in renderer.texts.items()}
    print(f"{len(cases)} cases, {len(rendered)} renderings, {len(items)} distinct objects, {len(written)} files: "
          f"{time.monotonic() - began:.1f} s", flush=True)

    seen = set()
    for name in cases:
        check_sameness(name, minors[-1], rendered, items, faults)
        seen |= check_1_20(name, [items[d] for d in rendered.get((name, 20, ""), [])], faults)
    if not options.case:
        for _, kind in sorted(set(VERSIONS_OF_1_20) - seen):
            faults.add("no case", 20, f"{kind}: rendered by no case, so that its version is not checked")

    skipped, objects = collections.Counter(), 0
    for minor in minors:
        count, before = 0, len(faults)
        for name in cases:
            documents = rendered.get((name, minor, ""), [])
            check_repeats(name, minor, [items[d] for d in documents], faults)
            for digest in documents:
                item = items[digest]
                if (group_of(item), item["kind"]) in UNKNOWN_TO_KUBERNETES:
                    skipped[item["kind"]] += 1
                    continue
                count += 1
                for problem in schemas.problems(digest, item, minor):
                    faults.add(name, minor, f"{reference(item)}: {problem}")
        for path, found in written.items():
            check_repeats(path, minor, found, faults)
            for number, item in enumerate(found):
                count += 1
                for problem in schemas.problems((path, number), item, minor):
                    faults.add(path, minor, f"{reference(item)}: {problem}")
        objects += count
        print(f"Kubernetes 1.{minor}: {count} objects, {len(faults) - before} new faults", flush=True)
    for kind, count in skipped.items():
        print(f"skipped, no schema is published: {count} times {kind}")
    for line in faults.lines():
        print(f"fault: {line}")
    print(f"{objects} objects, {len(minors)} versions: {len(faults)} faults ({time.monotonic() - began:.0f} s)")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
