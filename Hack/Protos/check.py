"""Hack/Protos/check.py [--samples FOLDER] DESCRIPTORS: holds the definitions here to the published ones.

DESCRIPTORS is what protoc writes for the definitions here; the published ones are those of the PyPI package xds-protos,
in whose environment this runs (Hack/generate-protos does both). Every message, enum and service here must have the
published names, numbers, types, labels and oneofs. A field of a message here that is published and missing here must
stand in left-out.txt, and nothing else may. A field that only Envoy itself has must stand in ahead.txt.

With --samples, every NAME.bin of the folder is parsed as the published message NAME: nothing in it may be unknown, and it
must equal NAME.json, the same message in proto JSON. Both are written by EnvoyAPITests.
"""

import argparse
import glob
import importlib
import os
import pkgutil
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, unknown_fields

HERE = os.path.dirname(os.path.realpath(__file__))
LEFT_OUT = os.path.join(HERE, "left-out.txt")
AHEAD = os.path.join(HERE, "ahead.txt")
PUBLISHED = ("envoy", "xds", "udpa", "opentelemetry.proto", "google.rpc")
# The package with the descriptors does not have these: Istio publishes the text alone, gRPC another package.
UNPUBLISHED = ("istio.", "grpc.health.")

faults = []
counts = dict.fromkeys(("messages", "fields", "oneofs", "enums", "values", "services", "methods", "unpublished"), 0)


def published():
    """All published descriptors: importing a module registers what it describes."""
    for name in PUBLISHED:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, name + ".", onerror=lambda _: None):
            if module.name.endswith("_pb2"):
                try:
                    importlib.import_module(module.name)
                except ImportError:
                    pass  # needs a package that no message here needs
    return descriptor_pool.Default()


def find(pool, kind, name):
    try:
        return getattr(pool, f"Find{kind}TypeByName" if kind != "Service" else "FindServiceByName")(name)
    except KeyError:
        faults.append(f"{name}: there is no such published {kind.lower()}: mend the name or the package")
        return None


def is_map(message):
    return message.GetOptions().map_entry


def oneof_of(field):
    """The oneof's name; none for the ones that stand for `optional`."""
    oneof = field.containing_oneof
    return None if oneof is None or oneof.name == f"_{field.name}" else oneof.name


def shape(field):
    """All of a field that decides about its bytes and its JSON."""
    inner = field.message_type or field.enum_type
    if field.message_type is not None and is_map(field.message_type):
        pair = field.message_type.fields_by_name
        kind = f"map<{type_of(pair['key'])}, {type_of(pair['value'])}>"
    else:
        kind = type_of(field)
    return {
        "number": field.number,
        "type": kind,
        "repeated": field.is_repeated,
        "optional": field.has_presence and inner is None and oneof_of(field) is None,
        "oneof": oneof_of(field),
        "JSON name": field.json_name,
    }


def type_of(field):
    names = descriptor_pb2.FieldDescriptorProto.Type.Name
    inner = field.message_type or field.enum_type
    return inner.full_name if inner is not None else names(field.type).removeprefix("TYPE_").lower()


def fields_ahead():
    """By name, the number and type of fields that are not published yet."""
    with open(AHEAD, encoding="utf-8") as file:
        lines = [line.split("#")[0].split() for line in file]
    return {line[0]: line[1:] for line in lines if line}


def check_message(ours, theirs, missing, ahead):
    counts["messages"] += 1
    counts["oneofs"] += len({oneof_of(field) for field in ours.fields} - {None})
    for field in ours.fields:
        counts["fields"] += 1
        other = theirs.fields_by_name.get(field.name)
        told = ahead.pop(field.full_name, None)
        if other is None:
            if told != [str(field.number), type_of(field)]:
                faults.append(f"{field.full_name}: is not published, nor in ahead.txt like this: mend it or remove it")
            continue
        if told is not None:
            faults.append(f"{field.full_name}: is published now: remove its line from ahead.txt")
        wanted = shape(other)
        for aspect, value in shape(field).items():
            if value != wanted[aspect]:
                faults.append(f"{field.full_name}: {aspect} is {value} here and {wanted[aspect]} as published")
    missing.update(field.full_name for field in theirs.fields if field.name not in ours.fields_by_name)


def check_enum(ours, theirs):
    counts["enums"] += 1
    mine = {value.name: value.number for value in ours.values}
    wanted = {value.name: value.number for value in theirs.values}
    counts["values"] += len(mine)
    for name in sorted(mine.keys() | wanted.keys()):
        if mine.get(name) != wanted.get(name):
            faults.append(f"{ours.full_name}.{name}: {mine.get(name)} here and {wanted.get(name)} as published")


def check_service(ours, theirs):
    counts["services"] += 1
    for method in ours.methods:
        counts["methods"] += 1
        other = theirs.methods_by_name.get(method.name)
        wanted = None if other is None else signature(other)
        if signature(method) != wanted:
            faults.append(f"{method.full_name}: {signature(method)} here and {wanted} as published")


def signature(method):
    given = ("stream " if method.client_streaming else "") + method.input_type.full_name
    taken = ("stream " if method.server_streaming else "") + method.output_type.full_name
    return f"{given} -> {taken}"


def every_type(message):
    yield message
    for inner in message.nested_types:
        if not is_map(inner):
            yield from every_type(inner)


def check_files(pool, descriptors):
    """The names of fields that are published and not here."""
    missing, ahead = set(), fields_ahead()
    with open(descriptors, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
    mine = descriptor_pool.DescriptorPool()
    for file in files:
        mine.Add(file)
    for file in (mine.FindFileByName(file.name) for file in files):
        if file.package.startswith("google.protobuf"):
            continue
        if file.package.startswith(UNPUBLISHED):
            counts["unpublished"] += 1
            continue
        messages = [inner for top in file.message_types_by_name.values() for inner in every_type(top)]
        enums = list(file.enum_types_by_name.values()) + [it for message in messages for it in message.enum_types]
        for message in messages:
            if theirs := find(pool, "Message", message.full_name):
                check_message(message, theirs, missing, ahead)
        for enum in enums:
            if theirs := find(pool, "Enum", enum.full_name):
                check_enum(enum, theirs)
        for service in file.services_by_name.values():
            if theirs := find(pool, "Service", service.full_name):
                check_service(service, theirs)
    for name in sorted(ahead):
        faults.append(f"{name}: stands in ahead.txt and is not here: remove the line")
    return missing


def check_left_out(missing):
    with open(LEFT_OUT, encoding="utf-8") as file:
        told = {line.split("#")[0].strip() for line in file} - {""}
    for name in sorted(missing - told):
        faults.append(f"{name}: is published: add it to its message, or to left-out.txt with a reason")
    for name in sorted(told - missing):
        faults.append(f"{name}: stands in left-out.txt and is here, or is no longer published: remove the line")


def unknown_in(message, path):
    """Paths of what the published definitions do not know, inside Any too."""
    for field in unknown_fields.UnknownFieldSet(message):
        yield f"{path}: number {field.field_number}"
    if message.DESCRIPTOR.full_name == "google.protobuf.Any":
        name = message.type_url.split("/")[-1]
        inner = message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))()
        inner.ParseFromString(message.value)
        yield from unknown_in(inner, f"{path}[{name}]")
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if not field.is_repeated:
            values = [value]
        elif is_map(field.message_type):
            values = list(value.values()) if field.message_type.fields_by_name["value"].message_type else []
        else:
            values = list(value)
        for inner in values:
            yield from unknown_in(inner, f"{path}.{field.name}")


def check_samples(pool, folder):
    names = sorted(glob.glob(os.path.join(folder, "*.bin")))
    if not names:
        faults.append(f"{folder}: holds no NAME.bin: run EnvoyAPITests with ENVOY_API_SAMPLES={folder} first")
    for name in names:
        kind = find(pool, "Message", os.path.basename(name).removesuffix(".bin"))
        if kind is None:
            continue
        message = message_factory.GetMessageClass(kind)()
        with open(name, "rb") as file:
            message.ParseFromString(file.read())
        faults.extend(f"{name}: {place} is not published" for place in unknown_in(message, kind.name))
        same = message_factory.GetMessageClass(kind)()
        with open(name.removesuffix(".bin") + ".json", encoding="utf-8") as file:
            json_format.Parse(file.read(), same)
        # As JSON: bytes inside an Any may have their map entries in any order.
        if json_format.MessageToDict(message) != json_format.MessageToDict(same):
            faults.append(f"{name}: is not what its JSON says")
    return len(names)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", metavar="FOLDER")
    parser.add_argument("descriptors", metavar="DESCRIPTORS")
    options = parser.parse_args()
    pool = published()
    missing = check_files(pool, options.descriptors)
    check_left_out(missing)
    samples = check_samples(pool, options.samples) if options.samples else 0
    for line in faults:
        print(line)
    told = ", ".join(f"{number} {name}" for name, number in counts.items() if name != "unpublished")
    print(
        f"compared {told}; {len(missing)} published fields left out; "
        f"{counts['unpublished']} files without published descriptors" + (f"; {samples} samples" if samples else ""),
        file=sys.stderr,
    )
    if faults:
        sys.exit(f"{len(faults)} faults")


if __name__ == "__main__":
    main()
