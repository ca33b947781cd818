#!/usr/bin/env python3
"""every-call.py FIRST STEP BEGIN COMMAND...: what a command leaves when one of its calls on files fails.

Runs COMMAND in a copy of the folder BEGIN, with the rule any:*:EIO@N of tests/fault.c for N = FIRST, FIRST + STEP and so
on, until the command makes no more calls. Each time: status 0 and the files of a run without faults, or status 5 and one
line, and the files as they were, or the new ones where the line says that they were written. One process, since the
programs that a shell starts for this take longer than the command. Standard library only.
"""

import os
import shutil
import subprocess
import sys

WORK = "work"
PUBLISHED = b"standard output: cannot write: "
WRITTEN = b" (written before: "
MARK_OF_LAYOUT = WORK + "/fresh/oci-layout"


def state():
    """The files in the folder, and what is hidden there; but for the blobs and the mark of a layout, which stay when
    they have their names: no reader takes them for an image, and the next run does."""
    found = {}
    for folder, folders, files in os.walk(WORK):
        for name in folders + files:
            path = os.path.join(folder, name)
            is_kept = "/blobs/" not in path and path != MARK_OF_LAYOUT and not os.path.islink(path)
            if name[0] == "." or name in files and is_kept:
                found[path] = os.path.isfile(path) and open(path, "rb").read()
    return found


def fail(text):
    sys.exit("FAIL: " + text)


def main():
    first, step, begin = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    command = sys.argv[4:]
    mark = os.path.abspath("mark")

    def run(fault):
        shutil.rmtree(WORK, ignore_errors=True)
        shutil.copytree(begin, WORK, symlinks=True)
        if os.path.exists(mark):
            os.unlink(mark)
        return subprocess.run(command, cwd=WORK, env={**os.environ, **fault}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)

    without = run({})
    if without.returncode != 0:
        fail("without faults: %s" % without.stderr.decode())
    after = state()
    shutil.rmtree(WORK)
    shutil.copytree(begin, WORK, symlinks=True)
    before = state()
    n_failed, number = 0, first
    # As faulty() of tests/lib.sh has it, see there.
    fault = {"LD_PRELOAD": "fault.so", "FAULT_MARK": mark,
             "LD_LIBRARY_PATH": ":".join(filter(None, [os.environ["abs_builddir"] + "/tests",
                                                       os.environ.get("LD_LIBRARY_PATH")])),
             "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    while True:
        fault["FAULT"] = "any:*:EIO@%d" % number
        done = run(fault)
        if not os.path.exists(mark):
            break
        now, message = state(), done.stderr
        where = "call %d: status %d" % (number, done.returncode)
        if done.returncode == 0:
            if now != after:
                fail("%s, but: %s: %s" % (where, sorted(now), message.decode()))
        elif done.returncode == 5:
            n_failed += 1
            if message.count(b"\n") != 1 or not message.endswith(b"\n"):
                fail("%s: not one line: %s" % (where, message.decode()))
            published = WRITTEN in message.partition(PUBLISHED)[2] and now == after
            if now != before and not published:
                fail("%s, but: %s: %s" % (where, sorted(now), message.decode()))
        else:
            fail("%s: %s" % (where, message.decode()))
        number += step
    # (so that a library that makes no call fail is noticed)
    if n_failed < 3:
        fail("only %d of %d calls failed: %s" % (n_failed, number, command))
    print("%d of %d calls, in steps of %d: %s" % (n_failed, number, step, " ".join(command[1:])))


main()
