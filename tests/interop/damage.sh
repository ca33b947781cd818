#!/bin/sh
# Hives cut off and with bytes changed, see damage.c: all fixtures, and the real hives of
# ../shared/corpus where that is there. Sampled, so that it takes less than a minute; with
# DAMAGE=--all every place where a hive can be cut off and 200 changes of each are tried.
. "${abs_srcdir:?}/tests/lib.sh"

[ -z "$TEST_WRAPPER" ] || skip "too slow under valgrind"

damage() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/tests/interop/damage" ${DAMAGE-} "$@"
}

# slow: passes on the lines on slow cases, for people, and takes them out of the output.
slow() {
    grep ': took [0-9]* ms$' out || :
    grep -v ': took [0-9]* ms$' out >lines
    mv lines out
}

run 0 damage "$abs_srcdir"/fixtures/hives/* "$abs_srcdir"/fixtures/malformed/*
says err
slow
[ "$(wc -l <out)" -gt 50 ] || fail "only $(wc -l <out) hives"
# A change is not always seen, but damage that never leads anywhere would test nothing.
awk '{ opened += $4; sound += $6 } END { exit !(opened > 4000 && sound > 100 && sound < opened / 2) }' \
    out || fail "cases: $(tail -n 3 out)"

needs_shared corpus
find "$shared/corpus/hives" -type f | LC_ALL=C sort >hives
# shellcheck disable=SC2046
run 0 damage $(cat hives)
says err
slow
[ "$(wc -l <out)" -eq "$(wc -l <hives)" ] || fail "not all hives were tried"
