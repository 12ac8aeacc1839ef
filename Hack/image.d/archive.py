#!/usr/bin/env python3
"""Hack/image.d/archive.py: packs a folder into an image archive, without a registry or a daemon.

  archive.py --root FOLDER --name docker.io/apus/operator:0.1.0 --user 65532 --entrypoint /usr/local/bin/X --output FILE

The archive is an OCI layout (oci-layout, index.json, blobs) and carries the manifest.json of `docker save` beside it, so
that `ctr images import`, `docker load`, `podman load` and `skopeo copy oci-archive:` or `docker-archive:` all take it.

Equal folders give equal bytes: names are sorted, times are zero, everything belongs to user and group 0, and only the
permission bits of a file are kept.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import platform
import stat
import sys
import tarfile

OCI = "application/vnd.oci.image"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# Of an image, not of a build: Unix time zero.
CREATED = "1970-01-01T00:00:00Z"


def layer_of(root):
    """The folder as an uncompressed tar file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(walk(root)):
            name = os.path.relpath(path, root)
            about = os.lstat(path)
            entry = tarfile.TarInfo(name)
            entry.mode = stat.S_IMODE(about.st_mode)
            if stat.S_ISDIR(about.st_mode):
                entry.type = tarfile.DIRTYPE
                tar.addfile(entry)
            elif stat.S_ISLNK(about.st_mode):
                entry.type = tarfile.SYMTYPE
                entry.linkname = os.readlink(path)
                tar.addfile(entry)
            else:
                entry.size = about.st_size
                with open(path, "rb") as file:
                    tar.addfile(entry, file)
    return out.getvalue()


def walk(root):
    for parent, folders, files in os.walk(root):
        for name in folders + files:
            yield os.path.join(parent, name)


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def descriptor(media_type, data, **more):
    return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}


def blob_path(data):
    return "blobs/sha256/" + hashlib.sha256(data).hexdigest()


def image_files(arguments):
    """Path in the archive -> bytes."""
    layer = layer_of(arguments.root)
    packed = gzip.compress(layer, compresslevel=6, mtime=0)
    repository, _, tag = arguments.name.rpartition(":")
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    config = as_json({
        "created": CREATED,
        "architecture": architecture,
        "os": "linux",
        "config": {
            "User": arguments.user,
            "Env": [
                "PATH=/usr/local/bin:/usr/sbin",
                "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
            ],
            "Entrypoint": [arguments.entrypoint],
            "WorkingDir": "/",
            "Labels": {
                "org.opencontainers.image.title": repository.rpartition("/")[2],
                "org.opencontainers.image.version": tag,
                "org.opencontainers.image.licenses": "Apache-2.0",
            },
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": CREATED, "created_by": "Hack/image"}],
    })
    manifest = as_json({
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": descriptor(f"{OCI}.config.v1+json", config),
        "layers": [descriptor(f"{OCI}.layer.v1.tar+gzip", packed)],
    })
    index = as_json({
        "schemaVersion": 2,
        "mediaType": f"{OCI}.index.v1+json",
        "manifests": [
            descriptor(
                f"{OCI}.manifest.v1+json",
                manifest,
                platform={"architecture": architecture, "os": "linux"},
                annotations={"io.containerd.image.name": arguments.name, "org.opencontainers.image.ref.name": tag},
            )
        ],
    })
    for_docker = as_json([
        {"Config": blob_path(config), "RepoTags": [arguments.name], "Layers": [blob_path(packed)]}
    ])
    return {
        blob_path(config): config,
        blob_path(manifest): manifest,
        blob_path(packed): packed,
        "index.json": index,
        "manifest.json": for_docker,
        "oci-layout": as_json({"imageLayoutVersion": "1.0.0"}),
    }


def write(files, path):
    """A tar file of the given files, put in place whole or not at all."""
    folders = {os.path.dirname(name) for name in files} | {"blobs"}
    with tarfile.open(path + ".part", mode="w", format=tarfile.GNU_FORMAT) as tar:
        for folder in sorted(folders - {""}):
            entry = tarfile.TarInfo(folder)
            entry.type = tarfile.DIRTYPE
            entry.mode = 0o755
            tar.addfile(entry)
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(files[name]))
    os.replace(path + ".part", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", required=True, help="folder that becomes the image's /")
    parser.add_argument("--name", required=True, help="HUB/NAME:TAG")
    parser.add_argument("--user", required=True, help="numeric user, or user:group")
    parser.add_argument("--entrypoint", required=True, help="path of the program in the image")
    parser.add_argument("--output", required=True, help="file to write")
    arguments = parser.parse_args()
    if not os.path.isfile(arguments.root + arguments.entrypoint):
        sys.exit(f"error: there is no {arguments.entrypoint} under {arguments.root}")
    if ":" not in arguments.name:
        sys.exit(f"error: {arguments.name} has no tag: write HUB/NAME:TAG")
    write(image_files(arguments), arguments.output)


if __name__ == "__main__":
    main()
