#!/bin/sh
# The binary fixtures are what their source makes, byte for byte: nobody has edited them, and the
# writer of hives is deterministic.
. "${abs_srcdir:?}/tests/lib.sh"

mkfixtures() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/fixtures/mkfixtures" "$@"
}

run 0 mkfixtures made
says out
says err
for folder in hives dirty malformed; do
    run 0 diff -r "made/$folder" "$abs_srcdir/fixtures/$folder"
    says out
done

# Large hives: the same size and seed, the same bytes; tweaked, other ones.
run 0 mkfixtures --big 2000 big 5
run 0 mkfixtures --big 2000 again 5
same_bytes big again
run 0 mkfixtures --big 2000 --tweak tweaked 5
run 1 cmp -s big tweaked

run 2 mkfixtures
says err "mkfixtures: usage: mkfixtures OUTDIR | --big N OUTFILE [SEED]"
