#!/bin/sh
# The registry of Wine, system.reg and user.reg, as a state that is only read.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

cat >system.reg <<'END'
WINE REGISTRY Version 2
;; All keys relative to \\Machine

#arch=win64

[Software\\Classes\\.bat] 1684848484
#time=1d9a0f0c0d0e0f0
@="batfile"

[Software\\Classes\\CLSID\\{0000}] 1684848484
#time=1d9a0f0c0d0e0f0
#class="cl\x263a"
"a\\b\"c"="x\n\x263ay\x00e9"
"dw"=dword:0000000a
"bin"=hex:00,01,\
  02,03
"exp"=str(2):"%SystemRoot%\\system32"
"multi"=str(7):"one\0two\0"
"q"=hex(b):01,00,00,00,00,00,00,00
"none"=hex(0):

[Software\\odd \[name\]] 1684848484

[System\\CurrentControlSet] 1684848484
#link
"SymbolicLinkValue"=hex(6):5c,00,52,00
END
run 0 ht ls -r system.reg
says err
says out 'Software\' 'Software\Classes\' 'Software\Classes\.bat\' 'Software\Classes\.bat\@  sz "batfile"' \
    'Software\Classes\CLSID\' 'Software\Classes\CLSID\{0000}\' \
    'Software\Classes\CLSID\{0000}\"a\\b\"c"  sz "x\u{a}☺yé"' \
    'Software\Classes\CLSID\{0000}\"dw"  dword 0x0000000a (10)' \
    'Software\Classes\CLSID\{0000}\"bin"  binary 4 bytes 00010203' \
    'Software\Classes\CLSID\{0000}\"exp"  expand_sz "%SystemRoot%\\system32"' \
    'Software\Classes\CLSID\{0000}\"multi"  multi_sz "one" "two"' \
    'Software\Classes\CLSID\{0000}\"q"  qword 0x0000000000000001 (1)' \
    'Software\Classes\CLSID\{0000}\"none"  none 0 bytes' 'Software\odd [name]\' 'System\' \
    'System\CurrentControlSet\' 'System\CurrentControlSet\"SymbolicLinkValue"  link "\\R"'
run 0 ht check system.reg
run 0 ht get -p system.reg 'HKLM\Software\Classes\.bat' @
says out batfile

# A prefix is a folder of them; each hangs where it says.
mkdir prefix
cp system.reg prefix
sed 's/Machine/User\\\\S-1-5-21-0-0-0-1000/' system.reg >prefix/user.reg
sed 's/Machine/User\\\\.Default/' system.reg >prefix/userdef.reg
run 0 ht ls prefix
says out 'HKEY_LOCAL_MACHINE\' 'HKEY_CURRENT_USER\' 'HKEY_USERS\.DEFAULT\'
run 0 ht get -p prefix 'HKCU\Software\Classes\.bat' @
says out batfile
run 0 ht diff prefix/user.reg system.reg

# What is compared with it, and what a patch would do; it is not written.
printf 'REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\Software\\Classes\\.bat]\n@="other"\n' >p.reg
run 1 ht diff system.reg p.reg
says out '~ [HKEY_LOCAL_MACHINE\Software\Classes\.bat]' '    ~ @  sz "batfile" -> "other"' '1 value changed'
cp system.reg before
run 2 ht apply --in-place system.reg p.reg
head -n 1 err >first
says first "hivetool: system.reg: is a text, which is only read; -o writes a hive of it, 'wine reg import' changes Wine's"
same_bytes before system.reg
run 0 ht apply -qo made system.reg p.reg
run 0 ht check made
run 0 ht get -p --root=HKLM made 'Software\Classes\.bat' @
says out other

# Bad ones: one line, with the place.
refused() {
    run "$1" ht ls bad.reg
    says out
    says err "hivetool: $2"
}
header='WINE REGISTRY Version 2'
printf 'WINE REGISTRY Version 3\n' >bad.reg
refused 4 "bad.reg: is of a version of Wine's other than 2"
printf '%s\n"x"="y"\n' "$header" >bad.reg
refused 3 'bad.reg:2: a value without a key'
printf '%s\n[a]\n"x"="y\n' "$header" >bad.reg
refused 3 'bad.reg:3: a text that does not end'
printf '%s\n[a\n' "$header" >bad.reg
refused 3 'bad.reg:2: a text that does not end'
printf '%s\n[a\\\\\\\\b]\n' "$header" >bad.reg
refused 3 'bad.reg:2: an empty key name'
printf '%s\n[a]\n"x"=hex:0\n' "$header" >bad.reg
refused 3 'bad.reg:3: no pairs of hex digits'
printf '%s\n[a]\n"x"=hex:00,\\\n' "$header" >bad.reg
refused 3 'bad.reg:3: data that does not end'
printf '%s\n[a]\n"x"=dword:xyz\n' "$header" >bad.reg
refused 3 'bad.reg:3: no dword'
printf '%s\n[a]\nwhat\n' "$header" >bad.reg
refused 3 'bad.reg:3: is no key, value or remark'
printf '%s\n[a]\n"x"=what\n' "$header" >bad.reg
refused 3 'bad.reg:3: data of a kind that is not known'
printf '%s\n' "$header" >bad.reg
run 0 ht ls bad.reg
says out

# By its name in a folder it is the same.
mkdir named
cp before named/system.reg
for name in HKLM System.reg; do
    run 0 ht ls named//$name
    says out 'Software\' 'System\'
    run 2 ht set --in-place named//$name A b c
done
