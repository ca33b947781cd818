#!/usr/bin/python3
"""samba-inherit.py TREE [N]: Samba computes what a new key inherits, beside TREE --parse, for N seeded parents.

Samba has two functions for it: se_create_child_secdesc(), for files, and create_security_descriptor(), for
objects of a directory. Neither is for keys, so each has differences that are known; they are undone, counted,
and the rest must be equal, entry by entry. Status 1 where something is not; 77 where there is no Samba.
"""

import collections
import ctypes
import glob
import random
import subprocess
import sys

from judgelib import Entry, parsed, random_parent

OI, CI, NP, IO, ID = 1, 2, 4, 8, 16
P = ctypes.c_void_p
GENERIC = {0x10000000: "GA", 0x20000000: "GX", 0x40000000: "GW", 0x80000000: "GR"}
OURS = {0xF003F: "GA", 0x20039: "GX", 0x20006: "GW", 0x20019: "GR"}
DIRECTORY = {0xF01FF: "GA", 0x20004: "GX", 0x20028: "GW", 0x20094: "GR"}

# What Samba does otherwise, and who is right.
OBJECTS = ("HcHive is right (real hives): below keys an entry with OBJECT_INHERIT alone is not kept; "
    "Samba keeps it")
GENERIC_RIGHTS = ("HcHive is right (57 entries of real hives have 0x20039 for GX): "
    "Samba maps generic rights as a directory has them, or not at all")
EQUAL = ("HcHive is right (real hives): where inheritance is automatic equal entries are stored once; "
    "Samba for a directory repeats them")
EQUAL_STAY = ("HcHive is right (real hives): equal entries stay where inheritance is not automatic; "
    "Samba for files stores them once")
SAID = ("HcHive is right (real hives): where inheritance is automatic, rights that are there are only handed on; "
    "Samba repeats them")


class Samba:
    def __init__(self):
        found = glob.glob("/usr/lib/*/samba/libsamba-security*.so.0")
        if not found:
            print("skipped: samba-libs is not installed")
            sys.exit(77)
        self.lib = ctypes.CDLL(found[0])
        for name, result, arguments in (
                ("unmarshall_sec_desc", ctypes.c_int, [P, ctypes.c_char_p, ctypes.c_size_t, P]),
                ("marshall_sec_desc", ctypes.c_int, [P, P, P, P]),
                ("dom_sid_parse_talloc", P, [P, ctypes.c_char_p]),
                ("se_create_child_secdesc", ctypes.c_int, [P, P, P, P, P, P, ctypes.c_bool]),
                ("create_security_descriptor", P, [P, P, P, ctypes.c_bool, P, ctypes.c_uint32, P, P, P, P])):
            try:
                function = getattr(self.lib, name)
            except AttributeError:
                print("skipped: this version of Samba has no %s()" % name)
                sys.exit(77)
            function.restype, function.argtypes = result, arguments
        self.system = self.lib.dom_sid_parse_talloc(None, b"S-1-5-18")

    def pulled(self, data):
        out = P()
        if self.lib.unmarshall_sec_desc(None, data, len(data), ctypes.byref(out)):
            sys.exit("samba-inherit.py: Samba does not take %s" % data.hex())
        return out

    def pushed(self, descriptor):
        out, size = P(), ctypes.c_size_t()
        if self.lib.marshall_sec_desc(None, descriptor, ctypes.byref(out), ctypes.byref(size)):
            sys.exit("samba-inherit.py: Samba does not write its descriptor")
        return ctypes.string_at(out.value, size.value)

    def file_child(self, parent):
        out, size = P(), ctypes.c_size_t()
        if self.lib.se_create_child_secdesc(None, ctypes.byref(out), ctypes.byref(size), self.pulled(parent),
                                            self.system, self.system, True):
            sys.exit("samba-inherit.py: se_create_child_secdesc")
        return self.pushed(out)

    def directory_child(self, parent):
        # 1 is the flag for an inherited DACL; the generic rights are those of a directory whatever is given.
        return self.pushed(self.lib.create_security_descriptor(
            None, self.pulled(parent), None, True, None, 1, None, self.system, self.system, None))


def as_keys(entries, is_auto, rights, notes):
    """The entries of a judge, with what is known to differ undone."""
    out = []

    def add(entry):
        if is_auto and entry in out:
            notes[EQUAL] += 1
            return
        out.append(entry)

    for entry in entries:
        flags = entry.flags if is_auto else entry.flags & ~ID
        down = flags & (OI | CI)
        if down == OI:
            notes[OBJECTS] += 1
            continue
        if flags & IO:
            add(entry._replace(flags=flags))
            continue
        name = rights.get(entry.mask) or GENERIC.get(entry.mask)
        if name:
            notes[GENERIC_RIGHTS] += 1
        effective = Entry(entry.type, flags & ID, name, entry.sid) if name else None
        plain = effective or entry._replace(flags=flags)
        if is_auto and effective is None and plain in out:
            notes[EQUAL] += 1
            continue
        said = is_auto and any((o.type, o.mask, o.sid) == (plain.type, plain.mask, plain.sid)
                               for o in out if not o.flags & IO)
        if said:
            notes[SAID] += 1
        else:
            add(plain)
        if down and (said or effective):
            add(Entry(entry.type, flags | IO, entry.mask, entry.sid))
    return out


def our_names(entries):
    return [e._replace(mask=OURS.get(e.mask, e.mask)) if not e.flags & IO else e for e in entries]


def once(entries, notes):
    """Samba's function for files stores equal entries once, also where inheritance is not automatic."""
    out = list(dict.fromkeys(entries))
    if len(out) < len(entries):
        notes[EQUAL_STAY] += 1
    return out


def main(tree, n=400):
    samba, rng = Samba(), random.Random(11)
    parents = [random_parent(rng) for _ in range(int(n))]
    done = subprocess.run([tree, "--parse"], input="\n".join(parents) + "\n", stdout=subprocess.PIPE,
                          text=True, check=True)
    wrong, notes, n_equal, n_default = [], collections.Counter(), collections.Counter(), 0
    for text, line in zip(parents, done.stdout.splitlines()):
        parent, child = map(bytes.fromhex, line.split("\t"))
        ids, is_auto, entries = parsed(child)
        if not any(e.flags & CI for e in parsed(parent)[2]):
            n_default += 1
            continue
        for name, made, rights in (("for files", samba.file_child(parent), {}),
                                   ("for a directory", samba.directory_child(parent), DIRECTORY)):
            their_ids, _, theirs = parsed(made)
            theirs = as_keys(theirs, is_auto, rights, notes)
            ours = our_names(entries)
            if not is_auto and name == "for files":
                ours, theirs = once(ours, notes), once(theirs, notes)
            if their_ids == ids and theirs == ours:
                n_equal[name] += 1
            else:
                wrong.append("%s, %s:\n  Samba %s\n  ours  %s" % (text, name, theirs, ours))
    for name, count in sorted(n_equal.items()):
        print("%s: %d of %d agree" % (name, count, len(parents) - n_default))
    print("%d hand nothing down, which the creator's token decides" % n_default)
    for note in sorted(notes):
        print("known: %s" % note)
    print("".join(line + "\n" for line in wrong[:5]), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
