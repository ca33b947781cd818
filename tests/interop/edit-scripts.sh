#!/bin/sh
# Of every real hive, value by value, and of every pair of files in a folder of the corpus: what the
# script of a change makes of the old data is the new data.
. "${abs_srcdir:?}/tests/lib.sh"

prove() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/tests/interop/edit-scripts" "$@"
}

run 0 prove "$abs_srcdir/fixtures/hives/SYSTEM"
grep -q '^read, [1-9][0-9]* scripts, 0 wrong$' out || fail "not proven: $(cat out)"

needs_shared corpus
find "$shared/corpus/hives" -type f -size -16M | LC_ALL=C sort >hives
while IFS= read -r old; do
    run 0 prove "$old"
    cat out >>all
    # States of one hive; other pairs have nothing in common that is worth the time.
    for new in "${old%/*}"/*; do
        stem=${new##*/}
        case ${old##*/} in "${stem%%[._]*}"*) ;; *) continue ;; esac
        if [ ! -f "$new" ] || [ "$new" = "$old" ] || [ "$(wc -c <"$new")" -ge 3000000 ]; then continue; fi
        run 0 prove "$old" "$new"
        cat out >>all
    done
done <hives
grep -q '^read, [1-9][0-9]* scripts, 0 wrong$' all || fail "nothing was proven"
lacks all ' [1-9][0-9]* wrong'
