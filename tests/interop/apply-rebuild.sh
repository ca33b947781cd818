#!/bin/sh
# What hivex cannot do: apply does it by writing the hive anew. Each case is refused under
# --engine=hivex with its reason, and done under --engine=auto; an independent reader finds what
# an independent writer of the same change expects, and everything else as it was.
#
# A backslash ends nothing here.
# shellcheck disable=SC1003,SC1004
. "${abs_srcdir:?}/tests/lib.sh"
needs_program "${PYTHON3:-python3}"
interop=$abs_srcdir/tests/interop
root='HKEY_LOCAL_MACHINE\SOFTWARE'

hive_py() {
    "${PYTHON3:-python3}" -S "$interop/hive.py" "$@"
}

# patch_with LINE...: p.reg, a .reg file of these lines.
patch_with() {
    printf 'Windows Registry Editor Version 5.00\n\n' >p.reg
    printf '%s\n' "$@" >>p.reg
    patch=p.reg
}

# json_with CHANGE...: p.json, a JSON delta of these changes, separated by commas.
json_with() {
    printf '{"format_version":"1.0","tool":"hivetool","kind":"delta","root":"%s","changes":[%s]}\n' \
        'HKEY_LOCAL_MACHINE\\SOFTWARE' "$1" >p.json
    patch=p.json
}

# applies HIVE REASON: $patch on HIVE, whose expected changes are in the file changes.
applies() {
    cp "$1" base
    run 4 ht apply --root "$root" --engine=hivex -o never base $patch
    says out
    says err "hivetool: base: $2"
    [ ! -e never ] || fail "a file was written"
    cmp "$1" base || fail "the input was changed"
    run 0 ht apply --root "$root" -v -o patched base $patch
    sed '$d' err >said
    says said "hivetool: base: $2" "hivetool: base: rebuilding the hive"
    is_right
}

# is_right: patched is base under changes; the second time there is nothing to do.
is_right() {
    run 0 "${PYTHON3:-python3}" -S "$interop/apply.py" base changes
    mv out wanted
    run 0 hive_py dump patched
    same wanted out
    run 0 ht apply --root "$root" -o again patched $patch
    says err "hivetool: patched: nothing to do"
    same_bytes patched again
    run 0 ht info patched
    for engine in auto rebuild; do
        run 0 ht apply --root "$root" --engine=$engine -o again base $patch
        same_bytes patched again
    done
}

software=$abs_srcdir/fixtures/hives/SOFTWARE
small=$abs_srcdir/fixtures/hives/small
unsafe='hivex cannot do this safely'
big_there="$unsafe: a value of the key has big data, which it would write as one invalid cell"
hex_40000=$(head -c 40000 /dev/zero | tr '\0' '\245' | od -An -v -tx1 | tr -d ' \n')
reg_40000=$(echo "$hex_40000" | sed 's/../&,/g; s/,$//')

# Big data: set, changed, deleted; a sibling of it; a key with it.
patch_with "[$root\\Alpha]" "\"large\"=hex:$reg_40000"
echo '["set", "Alpha", "large", 3, "'"$hex_40000"'"]' >changes
applies "$small" "Alpha: $unsafe: a value of over 16,344 bytes needs a big-data record, which it does not write"

patch_with "[$root\\Echo]" "\"big\"=hex:$reg_40000"
echo '["set", "Echo", "big", 3, "'"$hex_40000"'"]' >changes
applies "$small" "Echo: $big_there"

patch_with "[$root\\Echo]" '"big"="small"'
echo '["set", "Echo", "big", 1, "73006d0061006c006c000000"]' >changes
applies "$small" "Echo: $big_there"

patch_with "[$root\\Echo]" '"big"=-'
echo '["unset", "Echo", "big"]' >changes
applies "$small" "Echo: $big_there"

patch_with "[$root\\Echo]" '"number"=dword:ffffffff' '"new"=hex:' '"NEW2"=hex(0):'
cat >changes <<'END'
["set", "Echo", "number", 4, "ffffffff"]
["set", "Echo", "new", 3, ""]
["set", "Echo", "NEW2", 0, ""]
END
applies "$small" "Echo: $big_there"

patch_with "[-$root\\Echo]"
echo '["delete", "Echo"]' >changes
applies "$small" "Echo: $big_there"

# Made anew: nothing of the old key is there.
patch_with "[-$root\\Echo]" "[$root\\Echo]" '"only"=hex(b):01,00,00,00,00,00,00,00'
cat >changes <<'END'
["delete", "Echo"]
["set", "Echo", "only", 11, "0100000000000000"]
END
applies "$small" "Echo: $big_there"

# New keys outside ASCII; their order is that of the registry, which info has checked and the
# last case looks at.
patch_with "[$root\\Яблоко]" '"ё"="Ё"' "[$root\\абв\\Где]" "[$root\\Éclair]" "[$root\\ÿ]" \
    "[$root\\Zebra]"
cat >changes <<'END'
["set", "Яблоко", "ё", 1, "01040000"]
["key", "абв\\Где"]
["key", "Éclair"]
["key", "ÿ"]
["key", "Zebra"]
END
applies "$small" "Éclair: $unsafe: a new key name outside ASCII gets a wrong hash and place"
# By the upper-case letter: É U+00C9, ÿ as U+0178, абв as U+0410, the fixture's Ключ U+041A.
run 0 ht ls patched
grep -v '^[A-E]' out >order
says order 'Zebra\' 'Éclair\' 'ÿ\' 'абв\' 'Ключ\' 'Яблоко\'

# A predefined-handle key: values are not for it; it can go, and its siblings can change.
perflib='Microsoft\Windows NT\CurrentVersion\Perflib'
patch_with "[-$root\\$perflib\\009]" "[$root\\$perflib\\010]" '"a"=dword:1'
cat >changes <<'END'
["delete", "Microsoft\\Windows NT\\CurrentVersion\\Perflib\\009"]
["set", "Microsoft\\Windows NT\\CurrentVersion\\Perflib\\010", "a", 4, "01000000"]
END
applies "$software" "$perflib\\009: $unsafe: a predefined-handle key, whose handle it takes for a value count"
patch_with "[$root\\$perflib\\009]" '"a"=dword:1'
run 4 ht apply --root "$root" -o never "$software" p.reg
says err "hivetool: $software: key $perflib\\009: a key that stands for a predefined handle has no values"
# Siblings of it are safe for hivex; forced, the rebuild keeps the handle.
patch_with "[$root\\$perflib]" '"a"=dword:1' "[$root\\$perflib\\009\\below]"
cat >changes <<'END'
["set", "Microsoft\\Windows NT\\CurrentVersion\\Perflib", "a", 4, "01000000"]
["key", "Microsoft\\Windows NT\\CurrentVersion\\Perflib\\009\\below"]
END
cp "$software" base
run 0 ht apply --root "$root" --engine=rebuild -o patched base p.reg
run 0 "${PYTHON3:-python3}" -S "$interop/apply.py" base changes
mv out wanted
run 0 hive_py dump patched
same wanted out
grep '^\[Microsoft\\Windows NT\\CurrentVersion\\Perflib\\' out | sed 's/.*Perflib//' >handles
says handles '\009] bits 00 flags 40 user 00 handle 80000050' \
    '\009\below] bits 00 flags 00 user 00' \
    '\CurrentLanguage] bits 00 flags 40 user 00 handle 80000060'

# Class, security descriptor, flags: of old keys and of new ones.
sd=$(hive_py dump "$small" | sed -n 's/^  security //p' | head -n 1)
sd_2=01000480140000002400000000000000340000000102000000000005200000002002000001020000000000052000000020020000020008000000000000
json_with '{"op":"set_class","path":["Alpha"],"after":{"class":{"hex":"41004200"}}},
 {"op":"set_class","path":["Charlie"],"after":{"class":null}},
 {"op":"set_security","path":["Bravo"],"after":{"security":{"hex":"'"$sd_2"'"}}},
 {"op":"set_flags","path":["Delta"],"after":{"flags":16}},
 {"op":"create_key","path":["Bravo","N"],"after":{"class":{"hex":"4300"},"security":{"hex":"'"$sd"'"},"flags":16}}'
cat >changes <<END
["class", "Alpha", "41004200"]
["class", "Charlie", ""]
["key", "Bravo\\\\N"]
["class", "Bravo\\\\N", "4300"]
["security", "Bravo\\\\N", "$sd"]
["flags", "Bravo\\\\N", 16]
["security", "Bravo", "$sd_2"]
["flags", "Delta", 16]
END
applies "$small" "Alpha: $unsafe: it has no way to change a class, a security descriptor or flags"

# Names that are no text, among the siblings and new.
json_with '{"op":"create_key","path":[{"utf16":"d8000041"}],"after":{}},
 {"op":"set_value","path":[{"utf16":"d8000041"}],"name":{"utf16":"00410000dfff"},"after":{"type":1,"hex":""}},
 {"op":"set_value","path":[{"utf16":"dc00"}],"name":"plain","after":{"type":4,"hex":"01000000"}}'
cat >changes <<'END'
["set", "\ud800A", "A\u0000\udfff", 1, ""]
["set", "\udc00", "plain", 4, "01000000"]
END
applies "$abs_srcdir/fixtures/hives/odd-names" \
    "root key: $unsafe: the name of a subkey holds a NUL or an unpaired surrogate"

# Five thousand new keys under one, in time that does not grow with their square: hivex needs 6 s.
awk 'BEGIN { for (i = 0; i < 5000; i++) printf "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Many\\k%04d]\n\"v\"=dword:%08x\n", i, i }' >many
patch_with "$(cat many)"
awk 'BEGIN { for (i = 0; i < 5000; i++) { n = sprintf("%08x", i)
    printf "[\"set\", \"Many\\\\k%04d\", \"v\", 4, \"%s%s0000\"]\n", i, substr(n, 7, 2), substr(n, 5, 2) } }' >changes
applies "$small" "Many: $unsafe: so many new subkeys that it would copy lists of subkeys over and over"

# Version 1.3 and its lf lists.
patch_with "[$root\\Новый]" '@="1.3"' "[-$root\\ab]"
cat >changes <<'END'
["set", "Новый", "", 1, "31002e0033000000"]
["delete", "ab"]
END
applies "$abs_srcdir/fixtures/hives/old-v1.3" \
    "Новый: $unsafe: a new key name outside ASCII gets a wrong hash and place"
