"""Judges rebuilt hives, in one process for all of them, with the reader of hive.py.

    rebuilt.py <LIST

A line of the list is a digest, a hive and the rebuilt hive, with tabs between. The digest must be what
digest.py computes of the hive with nothing ignored, and both hives must hold the same in everything
that hive.py can show. Prints what is not so, and how many were judged.
"""

import sys

import digest
import hive


def judge(wanted, before, after):
    old, new = hive.Hive(before), hive.Hive(after)
    if "sha256:" + digest.digest(old, ["none"]) != wanted:
        yield "%s: its digest is not %s" % (before, wanted)
    if list(hive.lines(old)) != list(hive.lines(new)):
        yield "%s: its rebuilt hive holds something else" % before


def main():
    sys.setrecursionlimit(10000)
    rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
    faults = [fault for row in rows for fault in judge(*row)]
    for fault in faults:
        print(fault)
    print("%d rebuilt hives hold what the hives held" % (len(rows) - len(faults)))
    return 1 if faults else 0


sys.exit(main())
