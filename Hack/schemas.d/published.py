"""The schemas of the PyPI package kubernetes-validate, made stricter, each kind's parsed once."""
import copy
import hashlib
import importlib.resources
import json
import re

import jsonschema

FOLDER = importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema"
PROPS = "#/$defs/io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
# The published schemas accept anything at these places of a CustomResourceDefinition. API servers do not.
SCHEMA_HOLES = {
    "JSONSchemaPropsOrArray": {"$ref": PROPS},
    "JSONSchemaPropsOrBool": {"anyOf": [{"$ref": PROPS}, {"type": "boolean"}]},
    "JSONSchemaPropsOrStringArray": {"type": "array", "items": {"type": "string"}},
}


class PublishedSchemas:
    def __init__(self):
        names = (re.fullmatch(r"v1\.(\d+)\.\d+-local-strict", entry.name) for entry in FOLDER.iterdir())
        self.folders = {int(match[1]): FOLDER / match[0] for match in names if match}
        self.minors = sorted(self.folders)
        self.definitions = {}  # minor to definitions
        self.kinds = {}  # (minor, apiVersion, kind) to a self-contained schema's digest, or None
        self.validators = {}  # digest to validator: most kinds are the same in several versions
        self.found = {}  # (digest of an object, digest of a schema) to problems

    def problems(self, name, item, minor):
        """What a version of Kubernetes would refuse in an object. `name` stands for the object."""
        key = minor, item["apiVersion"], item["kind"]
        if key not in self.kinds:
            self.kinds[key] = self.load(*key)
        digest = self.kinds[key]
        if digest is None:
            return [f"Kubernetes 1.{minor} does not serve {item['apiVersion']}"]
        if (name, digest) not in self.found:
            errors = self.validators[digest].iter_errors(item)
            self.found[name, digest] = sorted({told(error) for error in errors})
        return self.found[name, digest]

    def load(self, minor, version, kind):
        # rbac.authorization.k8s.io/v1 is found under rbac-v1.
        short = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", version)
        file = self.folders[minor] / f"{kind.lower()}-{short}.json"
        if not file.is_file():
            return None
        if minor not in self.definitions:
            definitions = self.folders[minor] / "_definitions.json"
            self.definitions[minor] = strict(json.loads(definitions.read_text()))["$defs"]
        schema = strict(json.loads(file.read_text()))
        # Another group's kind may have the short name.
        if schema["properties"]["apiVersion"].get("enum", [version]) != [version]:
            return None
        schema.pop("$id", None)
        schema["$defs"] = self.closure(minor, schema)
        digest = hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).digest()
        if digest not in self.validators:
            self.validators[digest] = jsonschema.Draft202012Validator(schema)
        return digest

    def closure(self, minor, schema):
        """The definitions that a schema needs, directly or not."""
        found, pending = {}, [schema]
        while pending:
            for name in re.findall(r'"#/\$defs/([^"]+)"', json.dumps(pending.pop())):
                if name not in found:
                    found[name] = self.definitions[minor][name]
                    pending.append(found[name])
        return found

    def prove_strictness(self):
        """A check that accepts everything proves nothing: what is wrong on purpose must be found."""
        pod = {"metadata": {}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
                      "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": pod}}
        items = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}
        schema = {"openAPIV3Schema": {"type": "object", "properties": {"b": items}}}
        definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                      "metadata": {"name": "as.example.com"},
                      "spec": {"group": "example.com", "names": {"kind": "A", "plural": "as"}, "scope": "Cluster",
                               "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}]}}
        inner = ["spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "b", "items"]
        container = ["spec", "template", "spec", "containers", 0]
        wrong = [
            (deployment, container + ["imagePullPolcy"], "Always"), (deployment, container + ["image"], 1),
            (deployment, container + ["env"], None), (deployment, ["spec", "selector"], ...),
            (definition, inner + ["typ"], "string"), (definition, inner + ["properties", "a", "nullable"], "yes"),
        ]
        for number, (good, path, value) in enumerate(wrong):
            bad = copy.deepcopy(good)
            *parents, last = path
            place = bad
            for step in parents:
                place = place[step]
            if value is ...:
                del place[last]
            else:
                place[last] = value
            for minor in self.minors:
                assert not self.problems(("good", good["kind"]), good, minor), (good, self.found)
                assert self.problems(("wrong", number), bad, minor), f"1.{minor} accepts {path} = {value}"


def strict(schema):
    """A schema without null as a value of everything, without descriptions, with references within itself."""
    if isinstance(schema, list):
        return [strict(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, value in schema.items():
        if key == "description" and isinstance(value, str):
            continue
        if key == "$ref" and isinstance(value, str):
            value = "#" + value.partition("#")[2]
        elif key == "type" and isinstance(value, list):
            kept = [name for name in value if name != "null"]
            value = kept[0] if len(kept) == 1 else kept
        elif key == "$defs":
            value = {name: SCHEMA_HOLES.get(name.rpartition(".")[2]) or strict(one) for name, one in value.items()}
        else:
            value = strict(value)
        result[key] = value
    return result


def told(error):
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    text = error.message if len(error.message) <= 200 else f"{error.message[:80]} ... {error.message[-110:]}"
    return f"{path.lstrip('.') or 'the object'}: {text}"
