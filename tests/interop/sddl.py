#!/usr/bin/env python3
"""Security descriptors as SDDL and back, bytes compared.

usage: sddl.py patch RECORDS.ndjson... >p.reg    every descriptor that keys have, each for a key of its own
       sddl.py compare MADE.ndjson RECORDS.ndjson...

RECORDS is what export --format=ndjson prints, MADE the same of the hive that p.reg made. What lies between the parts of a
descriptor and in which order they lie is no matter, nor is one flag that SDDL has no word for: that audit entries were
inherited, where there are none.
"""
import json
import struct
import sys

ROOT = "HKEY_LOCAL_MACHINE\\SOFTWARE\\"
SACL_PRESENT, SACL_AUTO_INHERITED = 0x10, 0x800


def keys(name):
    with open(name, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if record["record"] == "key" and record["security"] is not None:
                yield record["key"], record["security"]


def descriptors(names):
    """In the order in which they are met, each once."""
    return list(dict.fromkeys((s["sddl"], s["hex"]) for name in names for _, s in keys(name)))


def sid(data, at):
    return data[at : at + 8 + 4 * data[at + 1]] if at else None


def acl(data, at):
    if not at:
        return None
    _, _, _, n_entries = struct.unpack_from("<BBHH", data, at)
    entries, at = [], at + 8
    for _ in range(n_entries):
        kind, flags, size = struct.unpack_from("<BBH", data, at)
        end = at + size
        # Of the simple ones what lies behind the SID is nothing.
        own = 8 + len(sid(data, at + 8)) if kind in (0, 1, 2, 17) else size
        entries.append((kind, flags, data[at + 4 : at + own]))
        at = end
    return entries


def parts(text):
    data = bytes.fromhex(text)
    _, _, control, owner, group, sacl, dacl = struct.unpack_from("<BBHIIII", data)
    if not control & SACL_PRESENT:
        control &= ~SACL_AUTO_INHERITED
    # No list of audit entries and an empty one are the same "S:", and audit the same.
    return control, sid(data, owner), sid(data, group), acl(data, sacl) or [], acl(data, dacl)


def main():
    what, *names = sys.argv[1:]
    if what == "patch":
        print("Windows Registry Editor Version 5.00")
        for i, (text, _) in enumerate(descriptors(names)):
            print(f"\n[{ROOT}K{i}]\n;!security {text}")
        return
    made = dict(keys(names[0]))
    n = n_same = 0
    for i, (text, data) in enumerate(descriptors(names[1:])):
        found = made[f"{ROOT}K{i}"]
        n += 1
        n_same += found["hex"] == data
        if found["sddl"] != text or parts(found["hex"]) != parts(data):
            sys.exit(f"{text}\nis\n{found['sddl']}\n{data}\nis\n{found['hex']}")
    print(f"{n} descriptors, {n_same} of them byte for byte")


main()
