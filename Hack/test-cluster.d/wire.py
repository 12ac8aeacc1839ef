#!/usr/bin/env python3
"""wire.py CAPTURE --ports 2181,2888 [--except ADDRESS]...: whether all that TCP carried on these ports is TLS.

Puts the bytes of each direction of each connection together and walks over the TLS records from the first byte to the
last. Prints how many connections and bytes there were, those that are not TLS, and those of which not every byte was
seen; exit 1 if there are any, or if there is nothing to look at. Connections of the excepted addresses do not count:
callers from outside the mesh. With --partly it is no fault that not every byte was seen.
"""

import argparse
import struct
import sys

SYN = 2
RECORD_TYPES = range(20, 24)
LONGEST = 16384 + 256


def packets(path):
    """(source, source port, destination, destination port, sequence, flags, bytes) of each TCP packet on IPv4."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 24 or data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        sys.exit(f"{path} is no capture file of this machine's byte order")
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        header = (frame[14] & 15) * 4
        total = struct.unpack_from("!H", frame, 16)[0]
        tcp = frame[14 + header:14 + total]
        if len(tcp) < 20:
            continue
        source_port, destination_port, sequence = struct.unpack_from("!HHI", tcp)
        address = [".".join(map(str, frame[start:start + 4])) for start in (26, 30)]
        yield (address[0], source_port, address[1], destination_port, sequence, tcp[13], tcp[(tcp[12] >> 4) * 4:])


def streams(path, ports, excepted):
    """(direction, its bytes in order, whether some are missing)"""
    first, parts, headless = {}, {}, set()
    for source, source_port, destination, destination_port, sequence, flags, payload in packets(path):
        if source_port not in ports and destination_port not in ports or {source, destination} & excepted:
            continue
        # A port may be used again: the sequence number of the beginning tells connections apart.
        key = (source, source_port, destination, destination_port)
        if flags & SYN:
            first[key] = sequence + 1
            parts.setdefault(key + (first[key],), {})
        elif payload and key in first:
            # Sent again with more in it: the longer one counts.
            segments, offset = parts[key + (first[key],)], (sequence - first[key]) & 0xFFFFFFFF
            if offset < 1 << 31 and len(payload) > len(segments.get(offset, b"")):
                segments[offset] = payload
        elif payload:
            headless.add(key)
    for key, segments in parts.items():
        stream, missing = b"", False
        for offset in sorted(segments):
            if offset > len(stream):
                missing = True
                break
            stream += segments[offset][len(stream) - offset:]
        yield key, stream, missing
    for key in headless:
        yield key, b"", True


def is_tls(stream):
    """The records follow each other from the first byte on; the last may be cut off."""
    at = 0
    while at < len(stream):
        head = stream[at:at + 5]
        if head[0] not in RECORD_TYPES or len(head) > 1 and head[1] != 3:
            return False
        if len(head) < 5:
            return True
        length = struct.unpack_from("!H", head, 3)[0]
        if length > LONGEST:
            return False
        at += 5 + length
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("capture")
    parser.add_argument("--ports", required=True)
    parser.add_argument("--except", dest="excepted", action="append", default=[])
    parser.add_argument("--partly", action="store_true")
    arguments = parser.parse_args()
    ports = {int(port) for port in arguments.ports.split(",")}
    count, total, plain, gaps = 0, 0, [], []
    for key, stream, missing in streams(arguments.capture, ports, set(arguments.excepted)):
        if missing and not arguments.partly:
            gaps.append(f"{key[0]}:{key[1]} -> {key[2]}:{key[3]} was not seen from its {len(stream)}th byte on")
        if not stream:
            continue
        count += 1
        total += len(stream)
        if not is_tls(stream):
            plain.append(f"{key[0]}:{key[1]} -> {key[2]}:{key[3]} is not TLS: {stream[:60]!r}")
    print(f"{count} directions with {total} bytes, {len(plain)} not TLS, {len(gaps)} not seen whole")
    print("\n".join(plain[:5] + gaps[:5]))
    sys.exit(1 if plain or gaps or not count else 0)


if __name__ == "__main__":
    main()
