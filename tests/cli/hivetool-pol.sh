#!/bin/sh
# Registry.pol as a patch, both ways; cases made from [MS-GPREG] 2.2.1.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

needs_program iconv

u16() {
    # shellcheck disable=SC2059
    printf "$1" | iconv -t UTF-16LE
}

# u32 NUMBER: in decimal, below 65536
u32() {
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $(($1 % 256)))\\$(printf %03o $(($1 / 256)))\\000\\000"
}

# entry KEY VALUE TYPE FILE: one entry, its data from FILE.
entry() {
    u16 '['
    u16 "$1"
    printf '\000\000'
    u16 ';'
    u16 "$2"
    printf '\000\000'
    u16 ';'
    u32 "$3"
    u16 ';'
    u32 "$(wc -c <"$4")"
    u16 ';'
    cat "$4"
    u16 ']'
}

header() {
    printf 'PReg\001\000\000\000'
}

# text WORDS: such a file of UTF-16 with a NUL
text() {
    u16 "$1" >data
    printf '\000\000' >>data
    echo data
}

: >nothing
printf '\001\000\000\000' >one
{
    header
    entry 'Software\\Policies\\App' Enabled 4 one
    text 'C:\\App' >/dev/null
    entry 'Software\\Policies\\App' Path 1 data
    text ' ' >/dev/null
    entry 'Software\\Policies\\App' '**del.Old' 1 data
    entry 'Software\\Policies\\List' '**delvals.' 1 data
    text 'x' >/dev/null
    entry 'Software\\Policies\\List' 1 1 data
    text 'A;B' >/dev/null
    entry 'Software\\Policies\\Keys' '**DeleteKeys' 1 data
    entry 'Software\\Policies\\Values' '**DeleteValues' 1 data
    entry 'Software\\Policies\\Made' '' 0 nothing
    entry 'Software\\Policies\\Made' '**SecureKey' 4 one
} >Registry.pol

cat >base.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\App]
"Old"="gone"
"Stays"="here"

[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\List]
"1"="y"
"2"="z"

[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Keys\A\Sub]

[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Keys\C]

[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Values]
"A"=dword:00000001
"B"=dword:00000002
"C"=dword:00000003
END
run 0 ht new -qo fresh --name=SOFTWARE
run 0 ht apply -qo SOFTWARE fresh base.reg
run 0 ht apply -n SOFTWARE Registry.pol
says err "hivetool: Registry.pol: 1 **SecureKey entry passed over, a descriptor is set with ';!security' or 'hivetool set --security'"
cat >wanted <<'END'
~ [HKEY_LOCAL_MACHINE\SOFTWARE\Policies\App]
    + "Enabled"  dword 0x00000001 (1)
    - "Old"  sz "gone"
    + "Path"  sz "C:\\App"
- [HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Keys\A]  (1 subkey, 0 values)
~ [HKEY_LOCAL_MACHINE\SOFTWARE\Policies\List]
    ~ "1"  sz "y" -> "x"
    - "2"  sz "z"
+ [HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Made]
~ [HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Values]
    - "A"  dword 0x00000001 (1)
    - "B"  dword 0x00000002 (2)
END
grep -v '^[0-9]' out >found
same wanted found

# A user's: by its folder, or because there is a user's hive alone.
run 0 ht new -qo NTUSER.DAT
mkdir User Machine
{
    header
    entry 'Software\\Policies\\App' Enabled 4 one
} >User/Registry.pol
cp User/Registry.pol Machine/registry.pol
cp User/Registry.pol any.pol
for file in User/Registry.pol any.pol; do
    run 0 ht apply -n NTUSER.DAT $file
    grep -F 'HKEY_CURRENT_USER\Software\Policies\App]' out >said || fail "$file is not a user's"
done
run 0 ht apply -n SOFTWARE any.pol
run 6 ht apply -n NTUSER.DAT Machine/registry.pol
run 6 ht apply -n SOFTWARE User/Registry.pol
run 1 ht diff SOFTWARE any.pol

# Written, and read again: the same change.
run 0 ht apply -qo new SOFTWARE Registry.pol
run 1 ht diff --format=pol -o made.pol SOFTWARE new
says err
run 0 ht apply -qo again SOFTWARE made.pol
run 0 ht diff new again
# Entry by entry as the description has it.
{
    header
    entry 'SOFTWARE\\Policies\\App' Enabled 4 one
} >by-hand.pol
run 0 ht apply -qo only SOFTWARE by-hand.pol
run 1 ht diff --format=pol -o found.pol SOFTWARE only
same_bytes by-hand.pol found.pol
# What it cannot say is named and counted.
run 0 ht set -qo secure --security='O:BAG:SYD:(A;;KA;;;WD)' SOFTWARE 'Policies\App'
run 1 ht diff --format=pol -o found.pol SOFTWARE secure
says err 'hivetool: not in Registry.pol: the security descriptor of HKEY_LOCAL_MACHINE\SOFTWARE\Policies\App' \
    'hivetool: 1 change cannot be said in Registry.pol; --format=json has everything'
run 0 ht new -qo DEFAULT
run 0 ht set -qo d2 --root='HKU\.DEFAULT' DEFAULT A B c
run 4 ht diff --format=pol DEFAULT d2
says err 'hivetool: --format=pol: a Registry.pol is for HKEY_LOCAL_MACHINE alone, or for HKEY_CURRENT_USER alone'
run 4 ht export --format=pol d2
says err 'hivetool: --format=pol: a Registry.pol is for HKEY_LOCAL_MACHINE alone, or for HKEY_CURRENT_USER alone'
run 4 ht export --format=pol --root='HKU\.DEFAULT' SOFTWARE
run 0 ht export --format=pol --root='HKLM\SOFTWARE' -o found.pol d2
says err

# Bad ones: one line, with the place; nothing is done.
refused() {
    run "$1" ht apply -n SOFTWARE bad.pol
    says out
    says err "hivetool: $2"
}
printf 'PReg\001\000\000' >bad.pol
refused 3 'bad.pol: does not start with PReg and a version'
printf 'PReg\002\000\000\000' >bad.pol
refused 4 'bad.pol: is of version 2, not 1'
header >bad.pol
run 0 ht apply -n SOFTWARE bad.pol
size=$(wc -c <by-hand.pol)
n=9
while [ $n -lt "$size" ]; do
    head -c $n by-hand.pol >bad.pol
    run 3 ht apply -n SOFTWARE bad.pol
    grep '^hivetool: bad.pol: entry 1, at 0x[0-9a-f]*: ' err >said || fail "no place: $(cat err)"
    n=$((n + 7))
done
{
    header
    entry 'Software\\A' '**Soft.X' 4 one
} >bad.pol
refused 4 "bad.pol: entry 1: '**Soft.X' is a statement that a patch cannot say"
{
    header
    entry '' X 4 one
} >bad.pol
refused 3 'bad.pol: entry 1, at 0x8: no key'
