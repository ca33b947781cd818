#!/bin/sh
# Where patches and hives say that keys are: words of other tools as roots, places with two names,
# slashes; and what is said of keys that are elsewhere.
# Backslashes at the end of quoted text are text.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

needs_program awk

hives=$abs_srcdir/fixtures/hives
v5='Windows Registry Editor Version 5.00'
system='HKEY_LOCAL_MACHINE\SYSTEM'

# patch FILE LINE...
patch() {
    patch_file=$1
    shift
    printf '%s\n\n' "$v5" >"$patch_file"
    printf '%s\n' "$@" >>"$patch_file"
}

# --- a word that another tool writes for the hive ---

patch prefix.reg '[PREFIX\ControlSet001\Services\x]' '"Start"=dword:00000000' \
    '[prefix\CurrentControlSet\Services\x]' '"Type"=dword:00000001'
patch plain.reg "[$system\\ControlSet001\\Services\\x]" '"Start"=dword:00000000' '"Type"=dword:00000001'
run 0 ht apply -o want "$hives/SYSTEM" plain.reg
run 0 ht apply --root=PREFIX -o got "$hives/SYSTEM" prefix.reg
run 0 ht diff want got
run 0 ht verify --root=PREFIX got prefix.reg
run 1 ht verify --root=PREFIX "$hives/SYSTEM" prefix.reg
grep -c 'PREFIX\\ControlSet001\\Services\\x' out >count
says count 3
rm got
run 0 ht apply --compat=regedit --root=prefix -o got "$hives/SYSTEM" prefix.reg
run 0 ht diff want got

# Of several parts, and with slashes.
patch machine.reg '[machine\software\Vendor]' '"a"="b"'
run 0 ht apply --root='machine\software' -n "$hives/SOFTWARE" machine.reg
says out '+ [machine\software\Vendor]' '    + "a"  sz "b"' '1 key created, 1 value added'
run 0 ht apply --root=machine/software -n "$hives/SOFTWARE" machine.reg
says out '+ [machine\software\Vendor]' '    + "a"  sz "b"' '1 key created, 1 value added'
patch plain.reg '[HKLM\SOFTWARE\Vendor]'
run 0 ht apply --root=HKLM/SOFTWARE -n "$hives/SYSTEM" plain.reg
says out '+ [HKEY_LOCAL_MACHINE\SOFTWARE\Vendor]' '1 key created'

# What is written so is read so, as .reg and as JSON; elsewhere it lands nowhere.
run 1 ht diff --root=PREFIX --format=reg --encoding=utf-8 "$hives/SYSTEM" want
tr -d '\r' <out | grep '^\[' >lines
says lines '[PREFIX\ControlSet001\Services\x]'
cp out change.reg
run 1 ht diff --root=PREFIX --format=json "$hives/SYSTEM" want
cp out change.json
for change in change.reg change.json; do
    rm -f got
    run 0 ht apply --root=PREFIX -o got "$hives/SYSTEM" $change
    run 0 ht diff want got
done
run 6 ht apply -o none "$hives/SYSTEM" change.json
says err "hivetool: change.json: its \"root\" starts with 'PREFIX', which is no root of the registry (--root says which hive hangs there)"
[ ! -e none ] || fail 'a hive was written'

# Without --root: one message with the number of lines, for each word.
awk 'BEGIN { for (i = 0; i < 50; i++) printf "[PREFIX\\k%d]\n\"a\"=\"b\"\n[hklX\\k]\n", i }' >lines
{ printf '%s\n\n' "$v5"; cat lines; } >many.reg
roots='expected HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, HKEY_CLASSES_ROOT, HKEY_USERS or HKEY_CURRENT_CONFIG'
run 3 ht apply -n "$hives/SYSTEM" many.reg
says err "hivetool: many.reg:3:2: found 'PREFIX' as the root of a key, $roots; --root or ';!map' says what another word stands for; 50 times in this file, this is the first" \
    '    [PREFIX\k0]' '     ^' '    regedit drops this key and the values after it, silently' \
    "hivetool: many.reg:5:2: found 'hklX' as the root of a key, $roots; 50 times in this file, this is the first" \
    '    [hklX\k]' '     ^' '    regedit drops this key and the values after it, silently' \
    'hivetool: many.reg: 2 errors'
run 3 ht lint many.reg
grep -c 'as the root of a key' out >count
says count 2
run 0 ht lint --root=PREFIX prefix.reg
run 0 ht fmt --root=PREFIX prefix.reg
grep -c '^\[prefix\\CurrentControlSet\\Services\\x\]$' out >count
says count 1
run 3 ht fmt prefix.reg

# A misspelled root is none.
run 2 ht apply --root='HKLN\SOFTWARE' -n "$hives/SOFTWARE" plain.reg
says err "hivetool: root 'HKLN\\SOFTWARE': does not start with HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, HKEY_CLASSES_ROOT, HKEY_USERS, HKEY_CURRENT_CONFIG or the abbreviation of one" \
    "hivetool: see 'hivetool apply --help'"

# ";!map" says it in the file; conditions and scopes have the word, too.
patch map.reg ";!map PREFIX = $system" ';!scope PREFIX\ControlSet001\**' \
    ';!require key PREFIX\Select' '' '[PREFIX\ControlSet001\Services\x]' '"Start"=dword:00000000'
run 0 ht apply -n "$hives/SYSTEM" map.reg
says out "+ [$system\\ControlSet001\\Services\\x]" '    + "Start"  dword 0x00000000 (0)  = boot' '1 key created, 1 value added'
run 0 ht fmt map.reg
same map.reg out
run 0 ht lint --disable=control-set-number map.reg
patch other.reg ";!map PREFIX = $system" '[OTHER\x]'
run 3 ht apply -n "$hives/SYSTEM" other.reg
grep -c "other.reg:4:2: found 'OTHER' as the root of a key" err >count
says count 1
patch other.reg ";!map PREFIX = OTHER"
run 3 ht apply -n "$hives/SYSTEM" other.reg
grep -c "other.reg:3:16: found 'OTHER' as the root of a key" err >count
says count 1

# --- HKEY_USERS\S-1-5-18 is HKEY_USERS\.DEFAULT ---

patch user.reg '[HKEY_USERS\S-1-5-18\Console]' '"a"=dword:00000001' '[HKEY_USERS\.DEFAULT\Console]' '"b"=dword:00000002'
run 0 ht new -o DEFAULT
run 0 ht apply -n DEFAULT user.reg
says out '+ [HKEY_USERS\.DEFAULT\Console]' '    + "a"  dword 0x00000001 (1)' '    + "b"  dword 0x00000002 (2)' '1 key created, 2 values added'
for root in 'HKU\S-1-5-18' 'HKEY_USERS\s-1-5-18' 'HKU/.DEFAULT'; do
    run 0 ht apply --root="$root" -n DEFAULT user.reg
    grep -c '^+ \[HKEY_USERS\\.DEFAULT\\Console\]$' out >count
    says count 1
done
run 0 ht apply -n 'HKU\S-1-5-18=DEFAULT' user.reg
run 0 ht lint --root='HKU\S-1-5-18' user.reg
run 0 ht lint user.reg
patch twice.reg '[HKEY_USERS\S-1-5-18\Console]' '"a"="1"' '[HKEY_USERS\.DEFAULT\Console]' '"A"="2"'
run 1 ht lint twice.reg
grep -c 'value-overwritten' out >count
says count 1
patch twice.reg '[HKEY_CLASSES_ROOT\.x]' '"a"="1"' '[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\.x]' '"A"="2"'
run 1 ht lint twice.reg
grep -c 'value-overwritten' out >count
says count 1
# Sorted, what comes later stays later.
patch sort.reg '[HKEY_USERS\S-1-5-18\Console]' '"a"="1"' '' '[HKEY_USERS\.DEFAULT\Console]' '"a"="2"'
run 0 ht fmt --sort sort.reg
same sort.reg out

# Keys on the command line have both names, and views, and the word that --root names.
run 0 ht apply -o DEFAULT.new DEFAULT user.reg
run 0 ht get DEFAULT.new 'HKU\S-1-5-18\Console' a
says out 'dword 0x00000001 (1)'
run 0 ht get --root='HKU\S-1-5-18' DEFAULT.new 'HKEY_USERS\.DEFAULT\Console' b
says out 'dword 0x00000002 (2)'
run 0 ht get --root=PREFIX DEFAULT.new 'PREFIX\Console' a
says out 'dword 0x00000001 (1)'
printf '%s\n\n[HKCR\\.x]\n"a"="b"\n' "$v5" >classes.reg
run 0 ht apply -o SOFTWARE.new "$hives/SOFTWARE" classes.reg
run 0 ht get SOFTWARE.new 'HKEY_CLASSES_ROOT\.x' a
says out 'sz "b"'

# --- keys of another hive ---

awk 'BEGIN { for (i = 0; i < 300; i++) printf "[HKEY_CURRENT_USER\\Software\\k%d]\n\"a\"=\"b\"\n", i }' >lines
{ printf '%s\n\n' "$v5"; cat lines; } >user.reg
patch last.reg '[HKEY_USERS\.DEFAULT\x]' ';!require key HKEY_CURRENT_USER\a' ';!require key HKEY_CURRENT_USER\A'
run 6 ht apply -n "$hives/SOFTWARE" user.reg
says err 'hivetool: user.reg:3: HKEY_CURRENT_USER\Software\k0: this key is not in the hive, which is HKEY_LOCAL_MACHINE\SOFTWARE (--root names another place, --skip-foreign passes over such keys); 300 such keys in HKEY_CURRENT_USER\Software, this is the first'
run 6 ht apply -n "$hives/SOFTWARE" last.reg
says err 'hivetool: last.reg:3: HKEY_USERS\.DEFAULT\x: this key is not in the hive, which is HKEY_LOCAL_MACHINE\SOFTWARE (--root names another place, --skip-foreign passes over such keys)' \
    'hivetool: last.reg:4: HKEY_CURRENT_USER\a: this condition is on a key that is in none of the hives given (--skip-foreign passes over such conditions); 2 such conditions in HKEY_CURRENT_USER\a, this is the first'
