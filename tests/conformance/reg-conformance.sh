#!/bin/sh
# The .reg reader and writer against what Windows is known to do (../shared/conformance), and against
# hives (../shared/corpus). tests/reg-report.sh has the files that people wrote.
. "${abs_srcdir:?}/tests/lib.sh"

needs_shared conformance
reg_conformance() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/tests/conformance/reg-conformance" "$@"
}

run 0 reg_conformance import "$shared/conformance/reg-import.json"
says out "import: 353 of 353 cases pass"
run 0 reg_conformance strict "$shared/conformance/reg-import.json"
says out "strict: 353 of 353 cases pass, 208 of them refused"
# The six values: 1 in regedit.export.07 and reg.export.08 each, 4 in regedit.export.09.
run 0 reg_conformance export "$shared/conformance/reg-export.json"
says out "export: 12 of 12 cases pass, 6 values lose what regedit loses"
echo "353 import cases in compat and in strict mode, 12 export cases"

needs_shared corpus/hives
find "$shared/corpus/hives" -type f -size -1500k -print0 | LC_ALL=C sort -z >hive-list
run 0 xargs -0 -n 1000 "$abs_builddir/tests/conformance/reg-conformance" hives <hive-list
tail -n 1 out
