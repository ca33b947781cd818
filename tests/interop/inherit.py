"""inherit.py: the security descriptor of a new key, from that of the key above.

Written from docs/FORMATS.md, "Descriptors of new keys", for keys that SYSTEM makes; the program's own
code was not looked at. Descriptors are bytes; an entry is (type, flags, mask, sid) with its SID.
"""

import struct

SYSTEM = bytes.fromhex("010100000000000512000000")
ADMINISTRATORS = bytes.fromhex("01020000000000052000000020020000")
CREATORS = [bytes.fromhex("0101000000000003%02x000000" % n) for n in range(4)]
OI, CI, NP, IO, ID = 1, 2, 4, 8, 16
GENERIC = [(0x80000000, 0x20019), (0x40000000, 0x20006), (0x20000000, 0x20039), (0x10000000, 0xF003F)]


def entries(descriptor):
    control, _, _, _, at = struct.unpack_from("<HIIII", descriptor, 2)
    if not control & 4 or at == 0:
        return
    _, _, _, count, _ = struct.unpack_from("<BBHHH", descriptor, at)
    at += 8
    for _ in range(count):
        kind, flags, size, mask = struct.unpack_from("<BBHI", descriptor, at)
        assert kind in (0, 1), "only allowing and denying entries"
        yield kind, flags, mask, descriptor[at + 8 : at + size]
        at += size


def mapped(mask):
    for generic, rights in GENERIC:
        if mask & generic:
            mask = mask & ~generic | rights
    return mask


def inherited(parent):
    control = struct.unpack_from("<H", parent, 2)[0]
    automatic = bool(control & 0x400)
    out = []

    def add(*entry):
        if not (automatic and entry in out):
            out.append(entry)

    for kind, flags, mask, sid in entries(parent):
        if not flags & CI:
            continue
        down = 0 if flags & NP else flags & (OI | CI)
        mark = ID if automatic else 0
        own = (kind, mapped(mask), SYSTEM if sid in CREATORS else sid)
        if automatic and own == (kind, mask, sid) and (kind, down | mark, mask, sid) in out:
            continue
        said = automatic and any((k, m, s) == own for k, f, m, s in out if not f & IO)
        if own == (kind, mask, sid) and not said:
            add(kind, down | mark, mask, sid)
            continue
        if not said:
            add(kind, mark, own[1], own[2])
        if down:
            add(kind, down | IO | mark, mask, sid)
    if not out:
        out = [(0, 0, 0xF003F, SYSTEM), (0, 0, 0x20039, ADMINISTRATORS)]
    return control, out


def inherit(parent):
    control, out = inherited(parent)
    revision = 2
    aces = b"".join(struct.pack("<BBHI", k, f, 8 + len(s), m) + s for k, f, m, s in out)
    acl = struct.pack("<BBHHH", revision, 0, 8 + len(aces), len(out), 0) + aces
    owner = 20 + len(acl)
    head = struct.pack("<BBHIIII", 1, 0, 0x8004 | control & 0xC00, owner, owner + len(SYSTEM), 0, 20)
    return head + acl + SYSTEM + SYSTEM
