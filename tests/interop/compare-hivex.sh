#!/bin/sh
# HcHive and hivex agree on every key and value of every hive that hivex can walk: the fixtures,
# and the real hives of ../shared/corpus where that is there. What hivex cannot walk, HcHive
# either reads or refuses, without a crash.
. "${abs_srcdir:?}/tests/lib.sh"

compare() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/tests/interop/compare-hivex" "$@"
}

run 0 compare "$abs_srcdir"/fixtures/hives/* "$abs_srcdir"/fixtures/malformed/*
says err
grep -q '^SOFTWARE: \(.* keys, .* values agree\|hivex stops at a predefined-handle key; HcHive: sound\)$' out ||
    fail "SOFTWARE was not compared: $(grep ^SOFTWARE out)"
grep -q '^SYSTEM: .* keys, .* values agree$' out || fail "SYSTEM was not compared"

needs_shared corpus
find "$shared/corpus/hives" -type f | grep -viE '\.log[12]?$' | LC_ALL=C sort >hives
# shellcheck disable=SC2046
run 0 compare $(cat hives)
says err
grep ' agree$' out | sort >agree
# Counts of keys and values as the corpus' README gives them, from other readers.
for line in 'SYSTEM: 30756 keys, 73456 values agree' \
    'SYSTEM.old-e18f3d4: 10269 keys, 27556 values agree' \
    'NTUSER.DAT: 1812 keys, 4094 values agree' \
    'NTUSER.DAT.old-29ea3af: 1807 keys, 4088 values agree' \
    'Software_Delta.fake-v1.3-head: 12 keys, 12 values agree' \
    'Software_Delta.fake-v1.3-old: 6 keys, 6 values agree' \
    'BCD: 132 keys, 103 values agree'; do
    grep -qx "$line" agree || fail "missing: $line"
done
[ "$(wc -l <agree)" -eq 53 ] || fail "$(wc -l <agree) hives agree instead of 53"
