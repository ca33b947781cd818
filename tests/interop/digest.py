#!/usr/bin/env python3
"""digest.py FILE [LIST]: the digest of a hive, computed from docs/FORMATS.md ("Digest") alone.

LIST is what is ignored, as with hivetool digest --ignore; "timestamps,order" when not given.
"""

import hashlib
import struct
import sys

import hive

ASPECTS = ("timestamps", "security", "class", "flags", "order")
VOLATILE = 0x01


def u32(number):
    return struct.pack("<I", number)


def units(text):
    """A name as hive.py gives it, one character for each UTF-16 unit."""
    return b"".join(struct.pack("<H", ord(unit)) for unit in text)


def name(text):
    folded = units(hive.fold(text))
    return u32(len(folded)) + folded


def blob(content):
    """What may be absent; hive.py gives nothing for what is not there."""
    return u32(len(content)) + content if content else u32(hive.NIL)


def value_record(value):
    if value.is_tombstone:
        return b"T" + name(value.name) + u32(0) + u32(0)
    return b"V" + name(value.name) + u32(value.type) + u32(len(value.data)) + value.data


def key_record(key, ignored, is_root):
    out = [b"K", name("" if is_root else key.name), bytes([key.bits])]
    if "flags" not in ignored:
        flags = key.stored_flags & (hive.SYMLINK | hive.PREDEFINED | VOLATILE)
        out.append(struct.pack("<H", flags))
    if "timestamps" not in ignored:
        out.append(struct.pack("<Q", key.time))
    if "class" not in ignored:
        out.append(blob(key.class_name))
    if "security" not in ignored:
        out.append(blob(key.security))
    values = list(key.values.values())
    if "order" in ignored:
        values.sort(key=lambda value: list(hive.fold(value.name)))
    out.append(u32(len(values)))
    out.extend(map(value_record, values))
    out.append(u32(len(key.children)))
    out.extend(key_record(key.children[child], ignored, False)
               for child in sorted(key.children, key=list))
    return b"".join(out)


def digest(read, ignored):
    head = "registry hive digest 1\nignored:%s\nkind: %s\n" % (
        "".join(" " + aspect for aspect in ASPECTS if aspect in ignored),
        "differencing" if read.is_layered else "ordinary")
    return hashlib.sha256(head.encode() + key_record(read.root, ignored, True)).hexdigest()


def main(args):
    sys.setrecursionlimit(10000)
    ignored = args[1].split(",") if len(args) == 2 else ["timestamps", "order"]
    if len(args) not in (1, 2) or not set(ignored) <= set(ASPECTS) | {"none"}:
        print(__doc__, file=sys.stderr)
        return 2
    print("sha256:%s  %s" % (digest(hive.Hive(args[0]), ignored), args[0]))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except hive.Damaged as damage:
        print("digest.py: %s" % damage, file=sys.stderr)
        sys.exit(3)
