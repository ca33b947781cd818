#!/bin/sh
# hivetool export --compat=regedit: what regedit's export loses, and how it is said. Byte for byte
# against Windows: tests/conformance/reg-conformance.sh.
. "${abs_srcdir:?}/tests/lib.sh"

needs_program iconv

run 0 ht new -o SOFTWARE
# whole: in quotes. cut: at the NUL in the middle. open: no NUL at its end. none: no byte. odd: half a
# character too many. Others than REG_SZ are never cut.
cat >values.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\k]
"whole"="a\\b\"c"
"cut"=hex(1):61,00,00,00,62,00,00,00
"open"=hex(1):61,00,62,00
"none"=hex(1):
"odd"=hex(1):61,00,00,00,62
"lines"=hex(1):61,00,0d,00,0a,00,62,00,00,00
"expand"=hex(2):61,00,00,00,62,00,00,00
"number"=dword:0000000a
"short"=hex(4):01,00
"bytes"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,17,\
  18
REG
run 0 ht apply -q --in-place SOFTWARE values.reg

run 0 ht export --compat=regedit --root='HKEY_LOCAL_MACHINE\SOFTWARE' --key=k SOFTWARE
cp out exported
says err 'hivetool: SOFTWARE: 4 strings are not whole in the text, as regedit'"'"'s export has them; without --compat nothing is lost'
{
    printf '\377\376'
    sed 's/$/\r/' <<'REG' | iconv -f UTF-8 -t UTF-16LE
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\k]
"whole"="a\\b\"c"
"cut"="a"
"open"="ab"
"none"=""
"odd"="a"
"lines"="a
b"
"expand"=hex(2):61,00,00,00,62,00,00,00
"number"=dword:0000000a
"short"=hex(4):01,00
"bytes"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,\
  16,17,18

REG
} >wanted
same_bytes wanted exported

# What regedit writes, regedit reads; strict mode reads it, too.
run 0 ht apply -q -o again SOFTWARE exported
run 0 ht export --compat=regedit --root='HKEY_LOCAL_MACHINE\SOFTWARE' --key=k again
same_bytes wanted out
says err

# Alone, with a word of its own, and before an operand.
mv out whole
for word in '--compat' '--compat regedit'; do
    # shellcheck disable=SC2086
    run 0 ht export $word --root='HKEY_LOCAL_MACHINE\SOFTWARE' --key=k again
    same_bytes whole out
done
run 2 ht export --compat=wine SOFTWARE
says err "hivetool: --compat is 'wine', not regedit" "hivetool: see 'hivetool export --help'"
run 2 ht export --compat=regedit --encoding=utf-8 SOFTWARE
says err 'hivetool: --encoding=utf-8 contradicts --compat=regedit, which is utf-16le' \
    "hivetool: see 'hivetool export --help'"
run 0 ht export --compat=regedit --encoding=utf-16le SOFTWARE
run 0 ht new --kind=differencing -o Software_Delta
run 4 ht export --compat=regedit Software_Delta
says err 'hivetool: Software_Delta: is a differencing hive, which regedit has no text for'

# Of several hives each is told what is cut in it.
mkdir both
cp SOFTWARE both/SOFTWARE
run 0 ht new --name=SYSTEM -o both/SYSTEM
run 0 ht export --compat=regedit both
says err 'hivetool: both/SOFTWARE: 4 strings are not whole in the text, as regedit'"'"'s export has them; without --compat nothing is lost'
