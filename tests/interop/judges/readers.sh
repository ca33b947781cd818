#!/bin/sh
# The readers of others, on every hive that we write: the same keys, values, types and data.
# Disagreements that are known are in known.tsv, with who is right.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/judges/hives.sh"

set --
for reader in hivex:hivex libregf:pyregf reglookup:pyregfi; do
    if [ -x /usr/bin/python3 ] && /usr/bin/python3 -c "import ${reader#*:}" 2>module-error; then
        set -- "$@" "$judges/${reader%:*}.judge"
    else
        echo "${reader%:*}: ${reader#*:} for /usr/bin/python3 is not installed"
    fi
done
[ $# -gt 0 ] || skip "none of python3-hivex, python3-libregf and python3-pyregfi is installed"

judged_hives
status=0
"${PYTHON3:-python3}" "$judges/run" hives "$tree" results "$judges/known.tsv" "$@" || status=$?
[ -z "${JUDGE_RESULTS-}" ] || cat results >>"$JUDGE_RESULTS"
[ $status -eq 0 ] || fail "a disagreement that is not known"
