#!/bin/sh
# hivetool rebuild: compact, the same content, and nothing of what was deleted.
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'
head='Windows Registry Editor Version 5.00'

printf '%s\n\n[%s\\Keep]\n"a"="kept"\n\n[%s\\Gone]\n"Password"="Hunter2isSecret"\n' \
    "$head" "$root" "$root" >make.reg
printf '%s\n\n[-%s\\Gone]\n' "$head" "$root" >delete.reg
run 0 ht new -o SOFTWARE
run 0 ht apply --in-place --engine=hivex SOFTWARE make.reg
run 0 ht apply -o patched --root "$root" --engine=hivex SOFTWARE delete.reg

# secrets FILE: how often the deleted value's data and name are in it.
secrets() {
    LC_ALL=C grep -a -o -F "$(printf 'Password')" "$1" | wc -l
    LC_ALL=C tr -d '\0' <"$1" | LC_ALL=C grep -a -o -F Hunter2isSecret | wc -l
}

# The patched file, written in place by hivex, still holds the secret; the rebuilt one does not.
secrets patched >found
says found 1 1
run 0 ht rebuild -o rebuilt patched
says out
says err "hivetool: patched: $(wc -c <patched) bytes -> rebuilt: $(wc -c <rebuilt) bytes"
secrets rebuilt >found
says found 0 0
[ "$(wc -c <rebuilt)" -lt "$(wc -c <patched)" ] || fail "not smaller"

# Nothing else has changed, and again it is the same file.
run 0 ht diff --ignore=none patched rebuilt
says out "no difference; the files' bytes differ"
run 0 ht rebuild -q -o again rebuilt
says err
same_bytes rebuilt again
run 0 ht apply -o direct --root "$root" --engine=rebuild SOFTWARE delete.reg
run 0 ht diff --ignore=none rebuilt direct

# What is large is copied to the folder for temporary files, and to memory where that cannot be.
"$abs_builddir/fixtures/mkfixtures" --big 20000 big 1
run 0 ht rebuild -q -o big.rebuilt big
mkdir place
(TMPDIR=$tmp/place FAULT_MARK=$tmp/mark && export TMPDIR FAULT_MARK &&
    run 0 faulty 'write:*/place/*:ENOSPC@1' ht rebuild -q -o big.again big) || exit 1
[ -e mark ] || fail "no copy went to the folder for temporary files"
same_bytes big.rebuilt big.again
rmdir place

# One that is not sound is told as by its check, also where it is written meanwhile.
cp big big.bad
printf 'ABCD' | dd of=big.bad bs=1 seek="$((1000 * 4096 + 32))" conv=notrunc 2>/dev/null
bad='big.bad: cell at 0x3e8020: its size is not a multiple of 8 that fits its hive bin'
for threads in 1 2; do
    run 3 ht --threads=$threads rebuild -o bad.rebuilt big.bad
    says err "hivetool: $bad" "hivetool: --salvage reads what is left"
    run 3 ht --threads=$threads apply -o bad.rebuilt --root "$root" --engine=rebuild big.bad make.reg
    says err "hivetool: $bad" "hivetool: 'hivetool rebuild --salvage' makes a hive of what is left"
    find . -name '*bad.rebuilt*' >left
    says left
done

# Nor is more of it written than the check takes to say no: here each key has a descriptor of its own, of
# megabytes, since all of them lie on each other in one bin.
if [ -n "${PYTHON3-}" ]; then
    "$PYTHON3" -S - big heaped <<'EOF'
import struct, sys
hive = bytearray(open(sys.argv[1], "rb").read())
BASE, BIN, STEP = 4096, 4 << 20, 64
n_bins, = struct.unpack_from("<I", hive, 40)
hive = hive[:BASE + n_bins]
keys, at = [], BASE
while at < len(hive):
    end, cell = at + struct.unpack_from("<I", hive, at + 8)[0], at + 32
    while cell < end:
        size, = struct.unpack_from("<i", hive, cell)
        if size < 0 and hive[cell + 4:cell + 6] == b"nk":
            keys.append(cell + 4)
        cell += abs(size)
    at = end
heap = bytearray(BIN)
struct.pack_into("<4sII", heap, 0, b"hbin", n_bins, BIN)
for i, key in enumerate(keys):
    at = 32 + i * STEP
    struct.pack_into("<i2sHIIII", heap, at, at - BIN, b"sk", 0, n_bins + at, n_bins + at, 1, BIN - at - 24)
    struct.pack_into("<I", hive, key + 44, n_bins + at)
hive += heap
struct.pack_into("<I", hive, 40, n_bins + BIN)
total = 0
for word in struct.unpack_from("<127I", hive, 0):
    total ^= word
struct.pack_into("<I", hive, 508, total)
open(sys.argv[2], "wb").write(hive)
EOF
    run 3 ht --threads=1 rebuild -o heap.rebuilt heaped
    cp err wanted
    if [ -z "$TEST_WRAPPER" ] && ! sanitized; then
        status=0
        # shellcheck disable=SC3045  # the shells of Debian have it
        (ulimit -v 300000 && ht --threads=2 rebuild -o heap.rebuilt heaped) >out 2>err || status=$?
        [ "$status" = 3 ] || fail "ended with $status"
    else
        run 3 ht --threads=2 rebuild -o heap.rebuilt heaped
    fi
    same wanted err
    [ ! -e heap.rebuilt ] || fail "heap.rebuilt was written"
else
    unproven "python3 is not installed" "that no more of a hostile hive is written than its check takes"
fi

# No clock, and no time of SOURCE_DATE_EPOCH, as nothing changes.
export SOURCE_DATE_EPOCH=1000000000
run 0 ht rebuild -o timed patched
same_bytes rebuilt timed
unset SOURCE_DATE_EPOCH

# A differencing hive stays what it is.
run 0 ht delta -o delta --file-name X_Delta SOFTWARE patched
run 0 ht rebuild -o delta.rebuilt delta
same_bytes delta delta.rebuilt

# The output is said, and is not the input.
cp patched before
run 2 ht rebuild patched
says err "hivetool: rebuild: -o OUT is needed" "hivetool: see 'hivetool rebuild --help'"
run 2 ht rebuild -o patched patched
says err "hivetool: patched: is an input, it cannot be the output too" \
    "hivetool: see 'hivetool rebuild --help'"
same_bytes before patched
run 3 ht rebuild -o x make.reg
says err "hivetool: make.reg: not a registry hive but a .reg patch; state:make.reg takes what it says for all that is there"
run 3 ht rebuild -o x "$abs_srcdir/fixtures/malformed/duplicate-subkeys"
run 5 ht rebuild -o nowhere/x patched
says err "hivetool: nowhere/x: cannot create: No such file or directory"
[ ! -e x ] || fail "x was written"
