#!/usr/bin/env python3
"""A second reader of hives, for tests: written from the format's description, not from our C code.

hive.py dump FILE                         everything a hive holds, sorted, one item per line
hive.py list-delta FILE [--values]        layer bits and path of every key of a differencing hive
hive.py count-delta FILE                  how many keys have which layer bits
hive.py facts FILE                        the root's flags, and how many tombstones and other keys have time 0
hive.py merge-compare BASE DELTA PATCHED  status 1 and the differences when BASE under DELTA is
                                          not PATCHED: keys, values, types, data, class names,
                                          security descriptors, symbolic links, predefined handles

Damage ends it with status 3. Standard library only.
"""

import collections
import functools
import json
import struct
import sys

NIL = 0xFFFFFFFF
BIG = 16344
SYMLINK, LATIN1, PREDEFINED = 0x10, 0x20, 0x40
TOMBSTONE, SUPERSEDE_LOCAL, SUPERSEDE_TREE, INHERIT_CLASS = 1, 2, 3, 0x80

Value = collections.namedtuple("Value", "name type data is_tombstone")


class Damaged(Exception):
    pass


class Key:
    """One key: its own fields, values by folded name, children by folded name."""

    def __init__(self, name):
        self.name = name
        self.class_name = b""
        self.security = b""
        self.flags = 0
        self.stored_flags = 0
        self.handle = 0
        self.bits = 0
        self.user_flags = 0
        self.time = 0
        self.values = {}
        self.children = {}


@functools.lru_cache(None)
def fold(name):
    """Upper case, one UTF-16 unit to one, as the registry compares."""
    out = []
    for unit in name:
        upper = unit.upper()
        out.append(upper if len(upper) == 1 and ord(upper) < 0x10000 else unit)
    return "".join(out)


class Hive:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        base = self.data[:4096]
        if len(base) < 4096 or base[:4] != b"regf":
            raise Damaged("no base block")
        checksum = 0
        for (number,) in struct.iter_unpack("<I", base[:0x1FC]):
            checksum ^= number
        checksum = {0: 1, NIL: NIL - 1}.get(checksum, checksum)
        if checksum != self.u32(base, 0x1FC):
            raise Damaged("wrong checksum")
        self.minor = self.u32(base, 0x18)
        self.bins = self.u32(base, 0x28)
        self.is_layered = self.minor >= 6 and bool(self.u32(base, 0x90) & 2)
        if 4096 + self.bins > len(self.data):
            raise Damaged("cut off")
        self.n_keys = 0
        self.root = self.read_key(self.u32(base, 0x24), None)

    @staticmethod
    def u16(data, at):
        return struct.unpack_from("<H", data, at)[0]

    @staticmethod
    def u32(data, at):
        return struct.unpack_from("<I", data, at)[0]

    def cell(self, offset, least):
        """The content of the allocated cell at an offset, without its size field."""
        if offset % 8 or offset + 8 > self.bins:
            raise Damaged("offset 0x%x" % offset)
        size = -struct.unpack_from("<i", self.data, 4096 + offset)[0]
        if size < 8 or offset + size > self.bins or size - 4 < least:
            raise Damaged("cell 0x%x" % offset)
        return self.data[4096 + offset + 4:4096 + offset + size]

    @staticmethod
    def text(raw, is_latin1):
        """A name as a string of UTF-16 units, so that nothing about it is lost."""
        if is_latin1:
            return raw.decode("latin-1")
        return "".join(map(chr, struct.unpack("<%dH" % (len(raw) // 2), raw)))

    def read_key(self, offset, parent):
        self.n_keys += 1
        if self.n_keys > self.bins // 80:
            raise Damaged("a loop of keys")
        nk = self.cell(offset, 0x4C)
        if nk[:2] != b"nk":
            raise Damaged("no key at 0x%x" % offset)
        if parent is not None and self.u32(nk, 0x10) != parent:
            raise Damaged("parent of the key at 0x%x" % offset)
        flags = self.u16(nk, 2)
        n_name = self.u16(nk, 0x48)
        if 0x4C + n_name > len(nk):
            raise Damaged("name of the key at 0x%x" % offset)
        key = Key(self.text(nk[0x4C:0x4C + n_name], flags & LATIN1))
        key.flags = flags & (SYMLINK | PREDEFINED)
        key.stored_flags = flags
        key.time = struct.unpack_from("<Q", nk, 4)[0]
        key.bits = nk[0x0D] if self.is_layered else 0
        key.user_flags = self.u16(nk, 0x36)
        n_class = self.u16(nk, 0x4A)
        if n_class and self.u32(nk, 0x30) != NIL:
            key.class_name = self.cell(self.u32(nk, 0x30), n_class)[:n_class]
        if self.u32(nk, 0x2C) != NIL:
            key.security = self.read_security(self.u32(nk, 0x2C))
        if flags & PREDEFINED:
            key.handle = self.u32(nk, 0x24)
        else:
            self.read_values(nk, key)
        if self.u32(nk, 0x14):
            self.read_subkeys(nk, offset, key)
        return key

    def read_security(self, offset):
        sk = self.cell(offset, 0x14)
        size = self.u32(sk, 0x10)
        if sk[:2] != b"sk" or 0x14 + size > len(sk):
            raise Damaged("key security at 0x%x" % offset)
        return sk[0x14:0x14 + size]

    def read_subkeys(self, nk, offset, key):
        offsets = self.list_entries(self.u32(nk, 0x1C), True)
        if len(offsets) != self.u32(nk, 0x14):
            raise Damaged("subkey count of the key at 0x%x" % offset)
        for child_offset in offsets:
            child = self.read_key(child_offset, offset)
            if fold(child.name) in key.children:
                raise Damaged("two subkeys of one name at 0x%x" % offset)
            key.children[fold(child.name)] = child

    def list_entries(self, offset, may_be_index):
        cell = self.cell(offset, 4)
        kind, count = cell[:2], self.u16(cell, 2)
        step = {b"lf": 8, b"lh": 8, b"li": 4, b"ri": 4}.get(kind)
        if step is None or 4 + step * count > len(cell) or kind == b"ri" and not may_be_index:
            raise Damaged("subkey list at 0x%x" % offset)
        entries = [self.u32(cell, 4 + step * i) for i in range(count)]
        if kind != b"ri":
            return entries
        return [entry for leaf in entries for entry in self.list_entries(leaf, False)]

    def read_values(self, nk, key):
        count = self.u32(nk, 0x24)
        if not count:
            return
        cell = self.cell(self.u32(nk, 0x28), 4 * count)
        for i in range(count):
            value = self.read_value(self.u32(cell, 4 * i))
            if fold(value.name) in key.values:
                raise Damaged("two values of one name: %r" % value.name)
            key.values[fold(value.name)] = value

    def read_value(self, offset):
        vk = self.cell(offset, 0x14)
        n_name, size, kind, flags = self.u16(vk, 2), self.u32(vk, 4), self.u32(vk, 12), \
            self.u16(vk, 16)
        if vk[:2] != b"vk" or 0x14 + n_name > len(vk):
            raise Damaged("value at 0x%x" % offset)
        name = self.text(vk[0x14:0x14 + n_name], flags & 1)
        if self.is_layered and flags & 2:
            return Value(name, kind, b"", True)
        if size & 0x80000000:
            size &= 0x7FFFFFFF
            if size > 4:
                raise Damaged("inline data at 0x%x" % offset)
            return Value(name, kind, vk[8:8 + size], False)
        return Value(name, kind, self.read_data(self.u32(vk, 8), size), False)

    def read_data(self, offset, size):
        if size == 0:
            return b""
        if self.minor < 4 or size <= BIG:
            return self.cell(offset, size)[:size]
        db = self.cell(offset, 8)
        count = self.u16(db, 2)
        if db[:2] != b"db" or count != (size + BIG - 1) // BIG:
            raise Damaged("big data at 0x%x" % offset)
        segments = self.cell(self.u32(db, 4), 4 * count)
        data = b""
        for i in range(count):
            part = min(BIG, size - len(data))
            data += self.cell(self.u32(segments, 4 * i), part)[:part]
        return data


def only_delta(delta, lower_class):
    """The tree of a delta key that has nothing below it."""
    key = Key(delta.name)
    key.class_name = lower_class if delta.bits & INHERIT_CLASS else delta.class_name
    key.security, key.flags, key.handle = delta.security, delta.flags, delta.handle
    key.values = {n: v for n, v in delta.values.items() if not v.is_tombstone}
    key.children = {n: only_delta(c, b"") for n, c in delta.children.items()
                    if c.bits & 3 != TOMBSTONE}
    return key


def merged(base, delta, is_root=False):
    """The effective key of a base key under a delta key; None when the delta hides it."""
    semantics = delta.bits & 3
    if semantics == TOMBSTONE:
        return None
    if base is None:
        return only_delta(delta, b"")
    if semantics == SUPERSEDE_TREE:
        return only_delta(delta, base.class_name)
    key = Key(base.name)
    key.flags, key.handle = delta.flags, delta.handle
    key.class_name = base.class_name if delta.bits & INHERIT_CLASS else delta.class_name
    # The root of a delta always carries one fixed descriptor; it says nothing about the base's.
    key.security = base.security if is_root else delta.security
    key.values = {} if semantics == SUPERSEDE_LOCAL else dict(base.values)
    for name, value in delta.values.items():
        if value.is_tombstone:
            key.values.pop(name, None)
        else:
            key.values[name] = value
    key.children = dict(base.children)
    for name, child in delta.children.items():
        effective = merged(base.children.get(name), child)
        if effective is None:
            key.children.pop(name, None)
        else:
            key.children[name] = effective
    return key


def shown(name):
    """A name on one line of ASCII."""
    return json.dumps(name)[1:-1].replace("\\\\", "\\")


def compare(a, b, path, out):
    for what in ("class_name", "security", "flags", "handle"):
        if getattr(a, what) != getattr(b, what):
            out.append("%s: %s differs: %r, %r" % (path, what, getattr(a, what),
                                                   getattr(b, what)))
    for name in sorted(a.values.keys() | b.values.keys()):
        left, right = a.values.get(name), b.values.get(name)
        where = "%s: value \"%s\"" % (path, shown((left or right).name))
        if left is None or right is None:
            out.append("%s: only in the %s" % (where, "patched" if left is None else "merged"))
        elif (left.type, left.data) != (right.type, right.data):
            out.append("%s: type or data differs" % where)
    for name in sorted(a.children.keys() | b.children.keys()):
        left, right = a.children.get(name), b.children.get(name)
        where = path + "\\" + shown((left or right).name)
        if left is None or right is None:
            out.append("%s: only in the %s" % (where, "patched" if left is None else "merged"))
        else:
            compare(left, right, where, out)


def walk(key, path=""):
    yield path or "\\", key
    for name in sorted(key.children):
        child = key.children[name]
        yield from walk(child, path + "\\" + shown(child.name) if path else shown(child.name))


def lines(hive):
    """Everything a hive holds, sorted, one item for each line."""
    for path, key in walk(hive.root):
        head = "[%s] bits %02x flags %02x user %02x" % (path, key.bits, key.flags, key.user_flags)
        if key.handle:
            head += " handle %08x" % key.handle
        yield head
        if key.class_name:
            yield "  class %s" % key.class_name.hex()
        yield "  security %s" % key.security.hex()
        for name in sorted(key.values):
            value = key.values[name]
            end = "tombstone" if value.is_tombstone else value.data.hex()
            yield "  \"%s\" %x %s" % (shown(value.name), value.type, end)


def dump(hive):
    for line in lines(hive):
        print(line)


def list_delta(hive, with_values):
    for path, key in walk(hive.root):
        print("%02x %s" % (key.bits, path))
        for name in sorted(key.values) if with_values else ():
            value = key.values[name]
            end = "tombstone" if value.is_tombstone else "%x %s" % (value.type, value.data.hex())
            print("   \"%s\" %s" % (shown(value.name), end))


def count_delta(hive):
    counts = collections.Counter(key.bits for _, key in walk(hive.root))
    for bits in sorted(counts):
        print("%02x %d" % (bits, counts[bits]))
    print("value tombstones %d" % sum(value.is_tombstone for _, key in walk(hive.root)
                                      for value in key.values.values()))


def facts(hive):
    keys = [key for _, key in walk(hive.root)]
    tombstones = [key for key in keys if key.bits & 3 == TOMBSTONE]
    print("root flags %02x" % hive.root.stored_flags)
    print("tombstones %d, time 0 %d" % (len(tombstones), sum(key.time == 0 for key in tombstones)))
    print("other keys with time 0 %d" % sum(key.time == 0 for key in keys if key not in tombstones))


def merge_compare(base, delta, patched):
    if not delta.is_layered:
        raise Damaged("the delta is an ordinary hive")
    out = []
    compare(merged(base.root, delta.root, True), patched.root, "", out)
    for line in out:
        print(line)
    return 1 if out else 0


def main(args):
    sys.setrecursionlimit(10000)
    if len(args) == 2 and args[0] == "dump":
        dump(Hive(args[1]))
    elif len(args) in (2, 3) and args[0] == "list-delta" and args[2:] in ([], ["--values"]):
        list_delta(Hive(args[1]), len(args) == 3)
    elif len(args) == 2 and args[0] == "count-delta":
        count_delta(Hive(args[1]))
    elif len(args) == 2 and args[0] == "facts":
        facts(Hive(args[1]))
    elif len(args) == 4 and args[0] == "merge-compare":
        return merge_compare(*map(Hive, args[1:]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Damaged as damage:
        print("hive.py: %s" % damage, file=sys.stderr)
        sys.exit(3)
