"""judgelib.py: what the judges in Python share. A judge reads the hive with one library and calls
report(read), where read(path) yields ("key", path) and ("value", path, name, type, data); names are
strings, paths tuples of them. docs/judges.md has the protocol."""

import collections
import struct
import sys

DACL_AUTO_INHERITED = 0x400

Entry = collections.namedtuple("Entry", "type flags mask sid")


class Cannot(Exception):
    """The library has no way to say what is there."""


def escaped(name):
    units = name.encode("utf-16-le", "surrogatepass")
    out = ""
    for at in range(0, len(units), 2):
        unit = units[at] | units[at + 1] << 8
        out += chr(unit) if 0x20 < unit < 0x7F and unit not in b"%\\" else "%%%04x" % unit
    return out


def lines_of(items):
    for item in items:
        path = "".join("\\" + escaped(name) for name in item[1]) or "\\"
        if item[0] == "key":
            yield "key\t" + path
        else:
            yield "value\t%s\t%s\t%d\t%s" % (path, escaped(item[2]), item[3], item[4].hex())


def report(read):
    sys.setrecursionlimit(10000)
    try:
        lines = list(lines_of(read(sys.argv[1])))
    except Cannot as problem:
        print("cannot: %s" % problem)
    except Exception as problem:  # whatever the library raises is its verdict
        print("refuses: %s" % " ".join(str(problem).split()))
    else:
        print("accepts")
        print("\n".join(lines))


def parsed(data):
    """Owner, group, whether inheritance is automatic, and the entries of the DACL of a descriptor. Only
    kinds of entries that are a mask and a SID have these right; the SID is all that follows the mask."""
    control, owner, group, _, at = struct.unpack_from("<HIIII", data, 2)
    sid = [data[o:o + 8 + 4 * data[o + 1]] if o else b"" for o in (owner, group)]
    entries = []
    if control & 4 and at:
        count = struct.unpack_from("<H", data, at + 4)[0]
        at += 8
        for _ in range(count):
            kind, flags, size, mask = struct.unpack_from("<BBHI", data, at)
            entries.append(Entry(kind, flags, mask, data[at + 8:at + size]))
            at += size
    return sid, bool(control & DACL_AUTO_INHERITED), entries


def random_parent(rng):
    """A descriptor as SDDL, of kinds of entries that everybody knows."""
    masks = ["GA", "GR", "GW", "GX", "0x1", "0x2", "0x9", "0x20000", "0xf0000", "0x10"]
    sids = ["CO", "CG", "SY", "BA", "BU", "WD", "AC", "PU"]
    text = "O:BAG:SYD:" + rng.choice(["", "AI", "P", "PAI"])
    for _ in range(rng.randrange(1, 7)):
        flags = "".join(f for f in ("OI", "CI", "NP", "IO", "ID") if rng.randrange(100) < (
            75 if f == "CI" else 20 if f in ("NP", "IO") else 40))
        text += "(%s;%s;%s;;;%s)" % (rng.choice("AAAD"), flags, rng.choice(masks), rng.choice(sids))
    return text
