#!/bin/sh
# What `hivetool check` passes without an error is patched or refused with status 4, by each engine:
# small changes of small hives with one damaged field, see engines.c, and of every hive of
# ../shared/corpus as it is. 5,000 of the first kind, with sanitizers 1,500 others, since each starts the program of
# hivex; with EXTENDED=1 100,000, and 20 for each hive.
. "${abs_srcdir:?}/tests/lib.sh"

[ -z "$TEST_WRAPPER" ] || skip "too slow under valgrind"

engines() {
    "$abs_builddir/tests/interop/engines" "$@"
}

if [ -n "${EXTENDED-}" ]; then
    many=100000
    each=20
else
    many=5000
    ! sanitized || many=1500
    each=1
fi
hives=$abs_srcdir/fixtures/hives
run 0 engines "$many" "$hives/small" "$hives/small-v1.4" "$hives/old-v1.3" "$hives/odd-names"
says err
# hivex was never the one to find out: the guard knows all that happens here.
[ "$(wc -l <out)" -eq 1 ] || fail "the guard did not know: $(head -n 5 out)"
tr -d ',:;' <out | awk '{ exit !($3 > $1 / 2 && $8 > $1 / 3 && $10 > 0 && $13 == 0 && $16 > $1 / 2) }' ||
    fail "$(cat out)"

needs_shared corpus
find "$shared/corpus/hives" -type f | LC_ALL=C sort >corpus
# shellcheck disable=SC2046
run 0 engines $((each * $(wc -l <corpus))) $(cat corpus)
says err
