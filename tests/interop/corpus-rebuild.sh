#!/bin/sh
# Every sound hive of the corpus, and of the fixtures: rebuilt it is sound, holds the same in
# everything that diff, digest and an independent reader see, times and order of values included,
# and rebuilt again it is the same file. And a change under a key with li lists.
. "${abs_srcdir:?}/tests/lib.sh"
needs_program "${PYTHON3:-python3}"
interop=$abs_srcdir/tests/interop
shared=$abs_srcdir/../shared

# is_hive FILE: whether it is one that can be rebuilt; what cannot must be refused, never written.
is_hive() {
    [ "$(head -c 4 "$1")" = regf ] || return 1
    info_status=0
    ht info "$1" >facts 2>err || info_status=$?
    [ "$info_status" -ne 0 ] || ! grep -q '^dirty *yes' facts || return 1
    [ "$info_status" -ne 0 ] || return 0
    [ "$info_status" -eq 3 ] || [ "$info_status" -eq 4 ] || fail "$1: status $info_status"
    rebuild_status=0
    ht rebuild -o never "$1" >out 2>err || rebuild_status=$?
    [ "$rebuild_status" -eq "$info_status" ] || fail "$1: status $rebuild_status"
    [ ! -e never ] || fail "$1: was rebuilt"
    return 1
}

digest_of() {
    cut -d ' ' -f 1 out
}

check_rebuild() {
    run 0 ht rebuild -o rebuilt "$1"
    run 0 ht info rebuilt
    run 0 ht rebuild -o again rebuilt
    same_bytes rebuilt again
    if grep -q '^kind *ordinary' facts; then
        run 0 ht diff --ignore=none "$1" rebuilt
    fi
    run 0 ht digest --ignore=none "$1"
    digest_of >wanted
    run 0 ht digest --ignore=none rebuilt
    digest_of >found
    same wanted found
    # The independent reader is slow; it looks at all others at the end, in one go.
    [ "$(wc -c <"$1")" -lt 2000000 ] || return 0
    mv rebuilt "rebuilt.$n_rebuilt"
    printf '%s\t%s\t%s\n' "$(cat wanted)" "$1" "rebuilt.$n_rebuilt" >>judged
}

find "$abs_srcdir/fixtures/hives" -type f | sort >hives
[ ! -d "$shared/corpus/hives" ] || find "$shared/corpus/hives" -type f | sort >>hives
n_rebuilt=0
while IFS= read -r hive; do
    if is_hive "$hive"; then
        check_rebuild "$hive"
        n_rebuilt=$((n_rebuilt + 1))
    fi
done <hives
[ "$n_rebuilt" -ge 7 ] || fail "only $n_rebuilt hives were rebuilt"
run 0 "${PYTHON3:-python3}" -S "$interop/rebuilt.py" <judged
says out "$(wc -l <judged) rebuilt hives hold what the hives held"

if [ ! -d "$shared/corpus/hives" ]; then
    unproven "../shared/corpus is not here" "real hives rebuilt"
    exit 0
fi
[ "$n_rebuilt" -ge 45 ] || fail "only $n_rebuilt hives were rebuilt"

# One bit turns a value with data into a tombstone with data: a warning, and no obstacle.
cp "$shared/corpus/hives/scancode/Software_Delta.real-v1.6-differencing" flagged
chmod u+w flagged
printf '\137' | dd of=flagged bs=1 seek=54212 conv=notrunc 2>dd.err
run 0 ht check flagged
grep -o '^warning .*: a tombstone has data or a type' out >line
[ "$(wc -l <line)" -eq 1 ] || fail "the byte is not a value's flags"
run 0 ht rebuild -o rebuilt flagged
run 0 ht check --strict rebuilt
run 0 ht digest --ignore=none flagged
digest_of >wanted
run 0 "${PYTHON3:-python3}" -S "$interop/digest.py" rebuilt none
digest_of >found
same wanted found
run 0 "${PYTHON3:-python3}" -S "$interop/hive.py" dump flagged
sed 's/ 1 tombstone$/ 0 tombstone/' out >wanted
run 0 "${PYTHON3:-python3}" -S "$interop/hive.py" dump rebuilt
same wanted out

# Version 1.3, ri over nine li lists, 5000 subkeys.
many=$shared/corpus/hives/yarp/ManySubkeysHive
cat >p.reg <<'REG'
Windows Registry Editor Version 5.00

[-HKEY_CURRENT_USER\key_with_many_subkeys\2500]

[HKEY_CURRENT_USER\key_with_many_subkeys\2500a]
"v"="x"
REG
cat >changes <<'END'
["delete", "key_with_many_subkeys\\2500"]
["set", "key_with_many_subkeys\\2500a", "v", 1, "78000000"]
END
reason='hivex cannot do this safely: its subkeys are in an li list, which it reads but does not edit'
run 4 ht apply --root HKCU --engine=hivex -o never "$many" p.reg
says err "hivetool: $many: key_with_many_subkeys: $reason"
[ ! -e never ] || fail "a file was written"
run 0 ht apply --root HKCU -v -o patched "$many" p.reg
says err "hivetool: $many: key_with_many_subkeys: $reason" "hivetool: $many: rebuilding the hive" \
    "hivetool: patched: 1 key created, 1 key deleted, 1 value added"
run 0 "${PYTHON3:-python3}" -S "$interop/apply.py" "$many" changes
mv out wanted
run 0 "${PYTHON3:-python3}" -S "$interop/hive.py" dump patched
same wanted out
