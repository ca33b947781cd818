#!/bin/sh
# hivetool deleted: what free cells still hold of keys and values, and how it is known where they hung.
. "${abs_srcdir:?}/tests/lib.sh"

# --- deletions that are known: hivex frees cells and leaves what is in them ---

printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Stays]' '"here"="1"' '"there"="2"' '"gone"="secret"' \
    '[HKEY_LOCAL_MACHINE\SOFTWARE\Goes]' '"text"="a text"' '"number"=dword:2a' \
    '[HKEY_LOCAL_MACHINE\SOFTWARE\Goes\Deep]' '"blob"=hex:01,02,03,04,05,06,07,08,09' >make.reg
printf '%s\n' REGEDIT4 '' '[-HKEY_LOCAL_MACHINE\SOFTWARE\Goes]' >key.reg
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Stays]' '"gone"=-' >value.reg
run 0 ht new -o empty
run 0 ht apply --root='HKLM\SOFTWARE' -o SOFTWARE empty make.reg
run 0 ht deleted SOFTWARE
says out
says err 'hivetool: SOFTWARE: no deleted keys or values'
export SOURCE_DATE_EPOCH=1700000000
run 0 ht apply --engine=hivex --root='HKLM\SOFTWARE' -o without-key SOFTWARE key.reg
unset SOURCE_DATE_EPOCH
run 0 ht deleted --root='HKLM\SOFTWARE' without-key
sed 's/  [0-9T:.-]*Z$//' out | LC_ALL=C sort >lines
k='HKEY_LOCAL_MACHINE\SOFTWARE\Goes'
# hivex empties the key's list before it frees the key, so nothing says whose the values were.
says lines "key    $k\\" "key    $k\\Deep\\" 'value  ...\"blob"  binary 9 bytes 010203040506070809' \
    'value  ...\"number"  dword 0x0000002a (42)' 'value  ...\"text"  sz "a text"'
run 0 ht deleted --format=csv --root='HKLM\SOFTWARE' without-key
grep '^key' out | cut -d , -f 1-4 | LC_ALL=C sort >rows
says rows "key,without-key,$k,named" "key,without-key,$k\\Deep,named"
run 0 ht apply --engine=hivex --root='HKLM\SOFTWARE' -o without-value SOFTWARE value.reg
run 0 ht deleted --root='HKLM\SOFTWARE' without-value
grep '"gone"' out >line
grep -q 'sz "secret"' line || fail "the value's data: $(cat line)"

# Nothing is left after rebuild, and nothing is made up where there is nothing.
run 0 ht rebuild -o rebuilt without-key
run 0 ht deleted rebuilt
says out
run 0 ht deleted --format=json rebuilt
says out '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "deleted",' '  "records": []' '}'

# --- damage ---

run 3 ht deleted "$abs_srcdir/fixtures/malformed/subkey-loop"
run 2 ht deleted --format=xml SOFTWARE

# --- real hives; what is in them is in the corpus' README ---

needs_shared corpus
yarp=$shared/corpus/hives/yarp
run 0 ht deleted "$yarp/DeletedDataHive"
says out 'key    456\  2017-03-20T21:15:37.9802944Z' 'value  123\"v2"  sz "456"  (its place is guessed)' \
    'value  456\"v"  sz "123456"'
run 0 ht deleted "$yarp/ReallocValueHive"
says out 'key    2\  2017-09-10T21:47:31.7214140Z' 'value  ...\@  sz "2222"'
run 0 ht deleted "$yarp/DupNameHive"
says out 'key    Новый раздел #1\  2018-07-01T16:42:16.4525137Z' 'key    bbb\  2018-07-01T16:41:50.5810897Z' \
    'key    ccc\  2018-07-01T16:41:55.5778018Z'
for hive in DeletedDataHive ReallocValueHive DupNameHive; do
    run 0 ht rebuild -o rebuilt "$yarp/$hive"
    run 0 ht deleted rebuilt
    says out
done
