#!/usr/bin/env python3
"""apply.py BASE CHANGES: what BASE holds after CHANGES, as hive.py dump prints it.

A second opinion on apply: CHANGES are JSON arrays, one on each line, that are carried out on the
tree that hive.py reads. Paths and names are strings of UTF-16 units, data is hexadecimal:

["set", PATH, NAME, TYPE, DATA]  ["unset", PATH, NAME]  ["key", PATH]  ["delete", PATH]
["class", PATH, DATA]  ["security", PATH, DATA]  ["flags", PATH, NUMBER]

New keys get the descriptor that SYSTEM's get on Windows, and the user flags of the key above.
"""

import json
import sys

import hive
import inherit


def find(key, path):
    for part in filter(None, path.split("\\")):
        key = key.children[hive.fold(part)]
    return key


def make(key, path):
    for part in filter(None, path.split("\\")):
        if hive.fold(part) not in key.children:
            child = hive.Key(part)
            child.security, child.user_flags = inherit.inherit(key.security), key.user_flags
            key.children[hive.fold(part)] = child
        key = key.children[hive.fold(part)]
    return key


def change(root, what, path, *args):
    if what == "set":
        key, name = make(root, path), args[0]
        old = key.values.get(hive.fold(name))
        key.values[hive.fold(name)] = hive.Value(old.name if old else name, args[1],
                                                 bytes.fromhex(args[2]), False)
    elif what == "unset":
        del find(root, path).values[hive.fold(args[0])]
    elif what == "key":
        make(root, path)
    elif what == "delete":
        above, _, name = path.rpartition("\\")
        del find(root, above).children[hive.fold(name)]
    elif what == "class":
        find(root, path).class_name = bytes.fromhex(args[0])
    elif what == "security":
        find(root, path).security = bytes.fromhex(args[0])
    elif what == "flags":
        find(root, path).flags = args[0]
    else:
        raise ValueError(what)


def main(args):
    sys.setrecursionlimit(10000)
    base = hive.Hive(args[0])
    with open(args[1], encoding="utf-8") as lines:
        for line in lines:
            change(base.root, *json.loads(line))
    hive.dump(base)


main(sys.argv[1:])
