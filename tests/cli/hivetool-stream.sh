#!/bin/sh
# What grows with the hive is never whole in memory, and a report that fails half-way does not look
# whole.
. "${abs_srcdir:?}/tests/lib.sh"

n_keys=60000
# (whose memory is not measured)
! sanitized || n_keys=20000
"$abs_builddir/fixtures/mkfixtures" --big $n_keys SOFTWARE 1
run 0 ht new -o empty

# The hive of 60,000 keys is 17 MB; its text is 39 MB, or 22.
export_it() { ht export --root 'HKLM\SOFTWARE' "$@"; }
export_it SOFTWARE >text
[ "$(wc -c <text)" -gt $((500 * n_keys)) ] || fail 'the text is small'
export_it -o file SOFTWARE
same_bytes text file

# Memory that is not mapped from a file: 16 MB and 1/32 of the hive. A sanitizer's shadow would
# count.
limit=16900
# shellcheck disable=SC3045
if [ -z "$TEST_WRAPPER" ] && (ulimit -d "$limit" && ht info empty) >out 2>err; then
    limited() {
        # shellcheck disable=SC3045
        (ulimit -d "$limit" && ht "$@")
    }
    limited export --root 'HKLM\SOFTWARE' SOFTWARE | cmp - text || fail 'export'
    run 0 limited export --root 'HKLM\SOFTWARE' --encoding=utf-8 -o out.reg SOFTWARE
    limited ls -r SOFTWARE >list
    [ "$(wc -c <list)" -gt 16900000 ] || fail 'the list is small'
    limited timeline SOFTWARE >list
    [ "$(wc -l <list)" -gt $n_keys ] || fail 'the timeline is short'
    for format in json reg-add pol; do
        run 0 limited export --root 'HKLM\SOFTWARE' --format=$format -o list SOFTWARE
        [ "$(wc -c <list)" -gt 16900000 ] || fail "export --format=$format is small"
    done
    rm out.reg list
fi

# damage FILE: the values of the last key, down the last subkey of each key, cannot be read.
damage() {
    "$PYTHON3" - "$1" <<'PY'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
def cell(offset):
    return 0x1000 + offset + 4
at = cell(struct.unpack_from("<I", data, 0x24)[0])
while struct.unpack_from("<I", data, at + 20)[0] > 0:
    leaf = cell(struct.unpack_from("<I", data, at + 28)[0])
    while data[leaf:leaf + 2] == b"ri":
        n = struct.unpack_from("<H", data, leaf + 2)[0]
        leaf = cell(struct.unpack_from("<I", data, leaf + 4 * n)[0])
    n = struct.unpack_from("<H", data, leaf + 2)[0]
    at = cell(struct.unpack_from("<I", data, leaf + 4 + 8 * (n - 1))[0])
if struct.unpack_from("<I", data, at + 36)[0] == 0:
    struct.pack_into("<I", data, at + 36, 1)
struct.pack_into("<I", data, at + 40, 1)
open(sys.argv[1], "wb").write(data)
PY
}

# What is short is not there at all.
cat >small.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\a]
"a"="text"

[HKEY_LOCAL_MACHINE\SOFTWARE\z]
"z"="text"
REG
run 0 ht apply --quiet --root 'HKLM\SOFTWARE' -o small empty small.reg
damage small
run 3 export_it small
says out
grep 'standard output' err >torn || :
says torn
run 3 ht ls -r small
says out
run 3 export_it -o small.out small
[ ! -e small.out ] || fail 'a file of half a hive'

# What is long has gone out by then, and is called what it is.
cp SOFTWARE broken
damage broken
run 3 export_it broken
[ "$(wc -c <out)" -gt 1000000 ] || fail 'nothing went out'
[ "$(wc -c <out)" -lt "$(wc -c <text)" ] || fail 'all went out'
grep 'standard output' err >torn || :
says torn 'hivetool: standard output: ends where that happened, it is not whole'
run 3 ht ls -r broken
grep 'standard output' err >torn || :
says torn 'hivetool: standard output: ends where that happened, it is not whole'
run 3 export_it -o broken.out broken
[ ! -e broken.out ] || fail 'a file of half a hive'
find . -name '.broken*' >left
says left

# Standard output that cannot be written: status 5 and one line, though the text is long.
if [ -c /dev/full ]; then
    for command in 'export --root=HKLM\SOFTWARE' 'ls -r'; do
        status=0
        # shellcheck disable=SC2086
        ht $command SOFTWARE >/dev/full 2>err || status=$?
        [ "$status" -eq 5 ] || fail "$command, full disk: status $status"
        says err 'hivetool: standard output: cannot write: No space left on device'
    done
    status=0
    ht diff --format=json empty SOFTWARE >/dev/full 2>err || status=$?
    [ "$status" -eq 5 ] || fail "diff, full disk: status $status"
    says err 'hivetool: standard output: cannot write: No space left on device'
fi

# Who does not read to the end is told nothing.
status=0
{ export_it --encoding=utf-16le SOFTWARE 2>err || echo $? >status; } | head -c 10 >start
says status 5
says err

# All formats of a diff, to a file and to standard output.
for format in 'text --full' json reg; do
    # shellcheck disable=SC2086
    run 1 ht diff --root 'HKLM\SOFTWARE' --format=$format empty SOFTWARE
    [ "$(wc -c <out)" -gt $((80 * n_keys)) ] || fail "$format: small"
    cp out wanted
    # shellcheck disable=SC2086
    run 1 ht diff --root 'HKLM\SOFTWARE' --format=$format -o diff.out empty SOFTWARE
    same_bytes wanted diff.out
done
