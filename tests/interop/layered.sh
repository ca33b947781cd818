#!/bin/sh
# Two real differencing hives, read by the test's own reader: it must see in them what was
# measured (the counts by layer bits are those of docs/FORMATS.md), or it could prove nothing
# about ours.
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "${PYTHON3-}" ] || skip "python3 is not installed"
corpus=$abs_srcdir/../shared/corpus/hives
[ -d "$corpus" ] || skip "../shared/corpus is not here"

hive_py() {
    "$PYTHON3" -S "$abs_srcdir/tests/interop/hive.py" "$@"
}

run 0 hive_py count-delta "$corpus/scancode/Software_Delta.real-v1.6-differencing"
says out "00 2731
01 17
02 74
03 12
80 111
83 1
value tombstones 2"

run 0 hive_py count-delta "$corpus/yarp/System_Delta"
says out "00 8
01 2
03 61
80 514
83 1
value tombstones 3"
