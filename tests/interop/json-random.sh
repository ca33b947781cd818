#!/bin/sh
# The JSON reader against Python's: random documents, of which every value's line and text is known,
# and damaged ones, of which Python says what is a document and what is in it.
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "${PYTHON3-}" ] || skip "python3 is not installed"

# agree MODE SEED N
agree() {
    "$PYTHON3" -S "$abs_srcdir/tests/interop/json-random.py" "$1" "$2" "$3" documents wanted
    # shellcheck disable=SC2086
    run 0 $TEST_WRAPPER "$abs_builddir/tests/interop/json-dump" "$1" documents
    says err
    same wanted out
}

agree spans 1 3000
agree values 2 12000
# Damage is not always seen, but must be often enough.
[ "$(grep -c '^no$' wanted)" -gt 4000 ] || fail "hardly any damaged document"
[ "$(grep -c '^yes$' wanted)" -gt 1000 ] || fail "hardly any sound document"
