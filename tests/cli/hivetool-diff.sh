#!/bin/sh
# hivetool diff and verify: every kind of change, in every form, whole outputs.
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'

run 0 ht new -o SOFTWARE
cat >old.reg <<END
Windows Registry Editor Version 5.00

[$root\\K]
@="old"
"binary"=hex:00,01,02,03
"gone"=dword:0000000a
"kept"="same"
"list"=hex(7):61,00,00,00,62,00,00,00,00,00
"long"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,17,18,19,1a,1b,1c,1d,1e,1f,20
"number"=dword:00000002
"order"=hex(7):61,00,00,00,62,00,00,00,00,00
"odd"=hex(1):61,00,62
"short"=hex(4):01,02
"type"="x"
"unended"=hex(1):61,00
"big"=hex(b):00,00,00,00,00,00,00,80

[$root\\Old\\Sub]
"a"="1"
"b"="2"
END
cat >new.reg <<END
Windows Registry Editor Version 5.00

[$root\\K]
@="quote \\" and \\\\"
"binary"=hex:00,01,ff,03,04
"gone"=-
"list"=hex(7):62,00,00,00,63,00,00,00,00,00
"long"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,17,18,19,1a,1b,1c,1d,1e,1f,21
"number"=dword:00000010
"order"=hex(7):62,00,00,00,61,00,00,00,00,00
"odd"=hex(1):61,00
"short"=dword:00000201
"type"=hex(2):78,00,00,00
"unended"="a"
"big"=hex(b):01,00,00,00,00,00,00,00

[-$root\\Old]

[$root\\New]
"e"=hex(7):00,00
"none"=hex(0):
"weird"=hex(12345):01
END
run 0 ht apply -q -o old.hive SOFTWARE old.reg
run 0 ht apply -q -o new.hive --root="$root" old.hive new.reg

cat >report <<END
~ [$root\\K]
    ~ @  sz "old" -> "quote \\" and \\\\"
    ~ "big"  qword 0x8000000000000000 (9223372036854775808) -> 0x0000000000000001 (1), bits +0 -63
    ~ "binary"  binary 4 bytes 00010203 -> 5 bytes 0001ff0304
    - "gone"  dword 0x0000000a (10)
    ~ "list"  multi_sz - "a" at 1, + "c" at 2
    ~ "long"  binary 33 bytes, 1 differs
        - 0x0020  20                                               | |
        + 0x0020  21                                               |!|
    ~ "number"  dword 0x00000002 (2) -> 0x00000010 (16), bits -1 +4
    ~ "odd"  sz 3 bytes 610062 (odd length) -> "a" (no final NUL)
    ~ "order"  multi_sz ~ "b" moved from 2 to 1
    ~ "short"  dword 2 bytes 0102 (not 4 bytes) -> 0x00000201 (513)
    ~ "type"  sz -> expand_sz, same data "x"
    ~ "unended"  sz "a" (no final NUL) -> "a"
+ [$root\\New]
    + "e"  multi_sz (empty list)
    + "none"  none 0 bytes
    + "weird"  type 0x12345 1 byte 01
- [$root\\Old]  (1 subkey, 2 values)
1 key created, 2 keys deleted, 3 values added, 11 values changed, 3 values deleted
END
run 1 ht diff --root="$root" old.hive new.hive
says err
same report out
run 1 ht diff --root=hklm\\SOFTWARE -o report.txt old.hive new.hive
says out
says err
same report report.txt
run 1 ht diff --root="$root" --reverse new.hive old.hive
same report out

# Colour changes nothing but the colour, and goes to no file.
run 1 ht diff --color=always --root="$root" old.hive new.hive
escape=$(printf '\033')
grep -c "$escape\\[3[123]m" out >n_colored
says n_colored "$(($(wc -l <report) - 1))"
sed "s/$escape\\[[0-9]*m//g" out >plain
same report plain
run 1 ht diff --color=always -o plain --root="$root" old.hive new.hive
same report plain

# Without a place in the registry paths start at the hive's root; .reg needs it.
run 0 ht new -o x
run 0 ht apply -q -o y --root="$root" x old.reg
run 1 ht diff x y
grep '^+ ' out >keys
says keys '+ [K]  (0 subkeys, 13 values)' '+ [Old]' '+ [Old\Sub]'
run 2 ht diff --format=reg x y
says out

# The same content: status 0, whatever the bytes.
run 0 ht diff old.hive old.hive
says out "no difference"
export SOURCE_DATE_EPOCH=1000000000
run 0 ht apply -q -o other.hive --root="$root" new.hive old.reg
unset SOURCE_DATE_EPOCH
run 0 ht apply -q --in-place --root="$root" new.hive old.reg
run 0 ht diff new.hive other.hive
grep "^no difference; not shown: timestamps ([0-9]*); the files' bytes differ\$" out >line ||
    fail "not told that the bytes differ"
run 1 ht diff --ignore=none new.hive other.hive
run 0 ht diff --ignore=timestamps,security,class,flags,order new.hive other.hive

# What cannot be asked for.
run 2 ht diff --format=pdf old.hive new.hive
head -n 1 err >first
says first "hivetool: --format is 'pdf', not text, reg, reg-add, pol, json, ndjson, csv, junit, html, markdown or unified"
run 2 ht diff --encoding=utf-8 old.hive new.hive
run 2 ht diff --format=reg --encoding=latin1 old.hive new.hive
run 2 ht diff --ignore=time old.hive new.hive
run 2 ht diff --ignore= old.hive new.hive
run 2 ht diff -o old.hive old.hive new.hive

# A hive and a differencing hive: what the one does to the other.
run 0 ht new --kind=differencing -o layer
run 0 ht diff layer old.hive
says out 'no difference'
run 0 ht diff old.hive layer
says out 'no difference'

# --- verify ---
run 0 ht apply -q -o new.hive --root="$root" old.hive new.reg
run 0 ht verify --root="$root" new.hive new.reg
says out
says err
cat >drift.reg <<END
Windows Registry Editor Version 5.00

[$root\\K]
"kept"="same"
"number"=dword:00000003
"kind"=-
"gone"=dword:00000001

[$root\\New\\Deeper\\Still]
@="x"

[-$root\\New\\Nothing]
[-$root\\K\\Nothing]
END
run 1 ht verify --root="$root" new.hive drift.reg
says out \
    "drift.reg:5: $root\\K: \"number\": hive has dword 0x00000010 (16), patch says dword 0x00000003 (3)" \
    "drift.reg:7: $root\\K: \"gone\": hive has nothing, patch says dword 0x00000001 (1)" \
    "drift.reg:9: $root\\New\\Deeper\\Still: hive has no such key, patch says it is there" \
    "drift.reg:10: $root\\New\\Deeper\\Still: @: hive has nothing, patch says sz \"x\""
says err "hivetool: new.hive: differs from the patch in 4 places"
printf 'REGEDIT4\n\n[-%s\\New]\n\n[-%s\\K]\n[%s\\K]\n"kept"="same"\n' "$root" "$root" "$root" >gone.reg
run 1 ht verify --root="$root" new.hive gone.reg
says out \
    "gone.reg:3: $root\\New: hive has the key, patch says it is not there" \
    "gone.reg:5: $root\\K: @: hive has sz \"quote \\\" and \\\\\", patch says it is not there" \
    "gone.reg:5: $root\\K: \"big\": hive has qword 0x0000000000000001 (1), patch says it is not there" \
    "gone.reg:5: $root\\K: \"binary\": hive has binary 5 bytes 0001ff0304, patch says it is not there" \
    "gone.reg:5: $root\\K: \"list\": hive has multi_sz \"b\" \"c\", patch says it is not there" \
    "gone.reg:5: $root\\K: \"long\": hive has binary 33 bytes 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f… sha256 1f7c92ee9412, patch says it is not there" \
    "gone.reg:5: $root\\K: \"number\": hive has dword 0x00000010 (16), patch says it is not there" \
    "gone.reg:5: $root\\K: \"odd\": hive has sz \"a\" (no final NUL), patch says it is not there" \
    "gone.reg:5: $root\\K: \"order\": hive has multi_sz \"b\" \"a\", patch says it is not there" \
    "gone.reg:5: $root\\K: \"short\": hive has dword 0x00000201 (513), patch says it is not there" \
    "gone.reg:5: $root\\K: \"type\": hive has expand_sz \"x\", patch says it is not there" \
    "gone.reg:5: $root\\K: \"unended\": hive has sz \"a\", patch says it is not there"
run 1 ht verify --quiet --format=delta --root="$root" new.hive gone.reg
says err
grep '"origin":{"file":"gone.reg","line":3}' out >line || fail "no origin in the JSON form"
run 6 ht verify --root='HKEY_CURRENT_USER' new.hive new.reg
says out
run 0 ht verify --skip-foreign --root='HKEY_CURRENT_USER' new.hive new.reg
