#!/bin/sh
# hivetool check: findings as text and JSON, exit statuses, and an error for every malformed fixture.
#
# A backslash ends key names here.
# shellcheck disable=SC1003,SC2016
. "${abs_srcdir:?}/tests/lib.sh"

fixtures=$abs_srcdir/fixtures

# Sound hives.
run 0 ht check --strict "$fixtures/hives/small"
says out '0 errors, 0 warnings, 0 notes; 17 keys, 11 values'
says err
run 0 ht check "$fixtures/hives/empty"
says out '0 errors, 0 warnings, 0 notes; 1 key, 0 values'
for hive in SOFTWARE SYSTEM small-v1.4 old-v1.3 odd-names; do
    run 0 ht check --strict "$fixtures/hives/$hive"
    says err
    grep -q '^0 errors, 0 warnings, 0 notes; ' out || fail "$hive: $(cat out)"
done

# A dirty hive is read as it stands; that is a warning.
run 0 ht check "$fixtures/hives/dirty"
cp out dirty
says dirty \
    'warning 0x4: base block: the sequence numbers differ: changes are still in the logs (7 and 6)' \
    '0 errors, 1 warning, 0 notes; 17 keys, 11 values'
says err
run 1 ht check --strict "$fixtures/hives/dirty"
same dirty out

# What fixtures/README.md says of them. An error is one line: severity, offset in the file, key.
# check_error FIXTURE LINE: the only error.
check_error() {
    run 1 ht check "$fixtures/malformed/$1"
    says err
    grep '^error ' out >errors || fail "$1: no error"
    says errors "$2"
}
check_error list-bad-hash \
    'error 0x1440 [Charlie]: key: its hash in the subkey list is wrong (it is 0x375d37bd, computed 0x375d37bc)'
check_error duplicate-values \
    'error 0x1340 [Bravo]: value "TEXT": another value of the key has the same name'
check_error wrong-parent 'error 0x1360 [Bravo\Below]: key: its parent field names another key'
check_error duplicate-subkeys 'error 0x1298 [ALPHA]: key: a sibling has the same name'
check_error class-outside \
    'error 0x1440 [Charlie]: class name: the offset is outside the hive bins (0xfff000)'
check_error data-in-free-cell 'error 0x1310 [Bravo]: value "text": value data: the cell is free'
check_error big-data-segment-missing \
    "error 0x1938 [Echo]: value \"big\": big data: too few segments for the value's size"
check_error list-count-differs \
    'error 0x1020 [\]: key: its subkey list holds more subkeys than the key counts (6, 5)'
check_error root-outside 'error 0x24: root key: the offset is outside the hive bins (0xfff000)'
check_error security-references \
    'error 0x1078: key security: its reference count is wrong (it is 3, 14 keys refer to it)'
check_error bad-bin-magic 'error 0x1000: hive bin: the signature is not "hbin"'
check_error truncated-base-block 'error 0x200: base block: the file ends inside it (512 bytes)'

# Every one has an error, the number of them comes last, and what can be reached is counted.
for file in "$fixtures"/malformed/*; do
    name=${file##*/}
    [ "$name" != bad-signature ] || continue
    run 1 ht check "$file"
    says err
    grep -c '^error ' out >n_errors || fail "$name: no error"
    tail -n 1 out | sed 's/ error.*//' >last
    same n_errors last
    run 1 ht check --format json "$file"
    says err
done
run 3 ht check "$fixtures/malformed/bad-signature"
says out
says err "hivetool: $fixtures/malformed/bad-signature: not a registry hive: the signature \"regf\" is missing"

# All of several defects, after each other.
cp "$fixtures/malformed/bad-checksum" twice
printf '\377' | dd of=twice bs=1 seek=4098 conv=notrunc 2>dd.err
run 1 ht check twice
cut -d ' ' -f 1,2,3,4 out >places
says places 'error 0x1fc: base block:' 'error 0x1000: hive bin:' '2 errors, 0 warnings,'

# JSON: the same with an identifier of the kind of finding.
run 1 ht check --format=json "$fixtures/malformed/duplicate-values"
head -n 6 out >first
says first '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "check",' \
    '  "findings": [' \
    '    {"severity": "error", "id": "value-duplicate", "offset": 4928, "key": "Bravo", "text": "value \"TEXT\": another value of the key has the same name"},'
if [ -n "${PYTHON3-}" ]; then
    "$PYTHON3" -S - >parsed <<'END'
import json
d = json.load(open("out"))
print([f["id"] for f in d["findings"]], d["counts"]["errors"], d["counts"]["values"])
END
    says parsed "['value-duplicate', 'key-max-large', 'slack'] 1 10"
else
    unproven "python3 is not installed" "JSON of check as Python reads it"
fi
run 0 ht check --format=json "$fixtures/hives/small"
says out '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "check",' \
    '  "findings": [],' '  "counts": {' '    "errors": 0,' '    "warnings": 0,' \
    '    "notes": 0,' '    "not_listed": 0,' '    "keys": 17,' '    "values": 11,' \
    '    "key_tombstones": 0,' '    "value_tombstones": 0,' '    "big_data_values": 1,' \
    '    "class_names": 1,' '    "security_cells": 2,' '    "data_bytes": 20220,' \
    '    "depth": 3' '  }' '}'

# Every kind of finding is explained.
sed -n 's/.*= {"\([a-z-]*\)", \(NOTE\|WARNING\|ERROR\),.*/\1/p' \
    "$abs_srcdir/hivecore/regf/fault.c" | grep -v '^none$' | sort >kinds
[ "$(wc -l <kinds)" -gt 60 ] || fail "hardly any kinds of findings seen"
sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' "$abs_srcdir/docs/FORMATS-check.md" | sort >explained
same kinds explained

run 2 ht check --format xml "$fixtures/hives/small"
run 2 ht check
run 5 ht check missing

# How many threads there are changes nothing but the time; this hive is large enough for them.
"$abs_builddir/fixtures/mkfixtures" --big 6000 large 1
run 0 ht check --threads=1 large
cp out by-one
for n in 0 2 3 8; do
    run 0 ht --threads=$n check large
    cmp by-one out
done

# A thread that cannot be made is one less.
FAULT_MARK=$PWD/mark
export FAULT_MARK
for n in 1 2 3; do
    rm -f mark
    run 0 faulty "thread:*:EAGAIN@$n" ht --threads=4 check large
    cmp by-one out
    [ -e mark ] || fail "thread $n was not asked for"
done
unset FAULT_MARK

# Where addresses are limited, as many threads as there is room for would leave none to the work.
# shellcheck disable=SC3045  # the shells of Debian have it
if [ -z "$TEST_WRAPPER" ] && ! sanitized && (ulimit -v 50000 && ht check --threads=1 large) >/dev/null 2>err; then
    limit=50000
    while [ $limit -lt 70000 ]; do
        # shellcheck disable=SC3045
        (ulimit -v $limit && ht check --threads=8 large) >out 2>err || fail "ulimit -v $limit: $(cat err)"
        cmp by-one out
        limit=$((limit + 500))
    done
fi

run 2 ht check --threads=9 large
says err "hivetool: --threads is 1 to 8, not 9
hivetool: see 'hivetool check --help'"
run 2 ht check --threads=-1 large
