#!/bin/sh
# One patch, several hives: where each line goes, all hives or none, and contradictions.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

needs_program iconv

head='Windows Registry Editor Version 5.00'
software='HKEY_LOCAL_MACHINE\SOFTWARE'
system='HKEY_LOCAL_MACHINE\SYSTEM'

# patch FILE LINE...: a .reg file with the header and these lines.
patch() {
    patch_file=$1
    shift
    printf '%s\n' "$head" "$@" >"$patch_file"
}

# no_leftovers: no temporary file is in this folder or in hives/.
no_leftovers() {
    find . -name '.*.*' >leftovers
    says leftovers
}

mkdir hives
for hive in SOFTWARE SYSTEM SAM SECURITY DEFAULT user; do
    run 0 ht new -o "hives/$hive"
done
patch base.reg "[$software\\K]" '"n"=dword:1' "[$system\\Select]" '"Current"=dword:2' \
    "[$system\\ControlSet001\\Services\\x]" "[$system\\ControlSet002\\Services\\x]" '"Start"=dword:2'
run 0 ht apply -q --in-place SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM base.reg
cp -r hives before

# --- every root of the five hives, and places, in any case; and names that stand for others ---
patch all.reg '[HKLM\SOFTWARE\A]' '"a"="software"' '[HKEY_CLASSES_ROOT\.x]' '@="classes"' \
    '[hkey_local_machine\system\currentcontrolset\Services\x]' '"Start"=dword:4' \
    '[HKEY_LOCAL_MACHINE\SAM\A]' '[HKEY_LOCAL_MACHINE\SECURITY\A]' \
    '[HKEY_USERS\.Default\A]' '"a"="default"' '[HKEY_CURRENT_USER\A]' '"a"="user"'
set -- SOFTWARE=hives/SOFTWARE system=hives/SYSTEM Sam=hives/SAM SECURITY=hives/SECURITY \
    default=hives/DEFAULT HKCU=hives/user
run 0 ht apply --dry-run all.reg "$@"
says err
says out 'hives/SOFTWARE:' \
    "+ [$software\\A]" '    + "a"  sz "software"' \
    "+ [$software\\Classes]" "+ [$software\\Classes\\.x]" '    + @  sz "classes"' \
    '3 keys created, 2 values added' '' 'hives/SYSTEM:' \
    "~ [$system\\ControlSet002\\Services\\x]" \
    '    ~ "Start"  dword 0x00000002 (2) -> 0x00000004 (4), bits -1 +2  = automatic -> disabled' '1 value changed' '' \
    'hives/SAM:' '+ [HKEY_LOCAL_MACHINE\SAM\A]' '1 key created' '' \
    'hives/SECURITY:' '+ [HKEY_LOCAL_MACHINE\SECURITY\A]' '1 key created' '' \
    'hives/DEFAULT:' '+ [HKEY_USERS\.DEFAULT\A]' '    + "a"  sz "default"' \
    '1 key created, 1 value added' '' \
    'hives/user:' '+ [HKEY_CURRENT_USER\A]' '    + "a"  sz "user"' '1 key created, 1 value added'
diff -r before hives || fail "a dry run wrote"

# --- in place: all, once; the second time not a byte ---
run 0 ht apply --in-place --reverse-out=back.reg "$@" all.reg
says out
says err 'hivetool: hives/SOFTWARE: 3 keys created, 2 values added' \
    'hivetool: hives/SYSTEM: 1 value changed' 'hivetool: hives/SAM: 1 key created' \
    'hivetool: hives/SECURITY: 1 key created' \
    'hivetool: hives/DEFAULT: 1 key created, 1 value added' \
    'hivetool: hives/user: 1 key created, 1 value added'
no_leftovers
run 0 ht verify "$@" all.reg
says out
says err
cp -r hives after
touch -d 2001-01-01 hives/*
run 0 ht apply --in-place --reverse-out=back.reg "$@" all.reg
says out
says err 'hivetool: hives/SOFTWARE: nothing to do' 'hivetool: hives/SYSTEM: nothing to do' \
    'hivetool: hives/SAM: nothing to do' 'hivetool: hives/SECURITY: nothing to do' \
    'hivetool: hives/DEFAULT: nothing to do' 'hivetool: hives/user: nothing to do' \
    'hivetool: back.reg: not written, there is nothing to undo'
diff -r after hives || fail "the second time changes something"
for hive in hives/*; do
    [ "$(stat -c %Y "$hive")" -eq "$(date -d 2001-01-01 +%s)" ] || fail "$hive: written for nothing"
done

# The same result as hive by hive.
run 0 ht apply -q -o alone --skip-foreign --root='HKLM\SYSTEM' before/SYSTEM all.reg
same_bytes alone hives/SYSTEM
run 0 ht apply -q -o alone --skip-foreign --root='HKLM\SOFTWARE' before/SOFTWARE all.reg
same_bytes alone hives/SOFTWARE

# --- one file undoes all ---
iconv -f UTF-16 -t UTF-8 back.reg | tr -d '\r' >back.txt
says back.txt "$head" '' '[-HKEY_CURRENT_USER\A]' '' \
    '[-HKEY_LOCAL_MACHINE\SAM\A]' '' '[-HKEY_LOCAL_MACHINE\SECURITY\A]' '' \
    "[-$software\\A]" '' "[-$software\\Classes]" '' \
    "[$system\\ControlSet002\\Services\\x]" '"Start"=dword:00000002' '' '[-HKEY_USERS\.DEFAULT\A]' ''
for back in back.reg back.json; do
    rm -rf hives
    cp -r before hives
    run 0 ht apply -q --in-place --reverse-out=$back "$@" all.reg
    run 0 ht apply -q --in-place "$@" $back
    for hive in SOFTWARE SYSTEM SAM SECURITY DEFAULT user; do
        run 0 ht diff before/$hive hives/$hive
    done
done
# Class and descriptor, which a .reg file cannot say, of several hives at once.
for hive in SOFTWARE SYSTEM; do
    printf '{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\\\%s","changes":[\n' $hive
    printf '{"op":"set_class","path":["K"],"after":{"class":{"hex":"4100"}}},\n'
    printf '{"op":"create_key","path":["K","L"],"after":{"class":{"hex":"4200"},"flags":0}}]}\n'
done >class.txt
sed -n 1,3p class.txt >class-software.json
sed -n 4,6p class.txt >class-system.json
cp -r before classes
run 0 ht apply -q -o classes SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM class-software.json \
    class-system.json
patch gone.reg "[-$software\\K]" "[-$system\\K]"
run 0 ht apply -q -o gone-SYSTEM --root='HKLM\SYSTEM' --skip-foreign classes/SYSTEM gone.reg
run 1 ht diff classes/SYSTEM gone-SYSTEM
cp -r classes gone
run 0 ht apply -q --in-place --reverse-out=again.json SOFTWARE=gone/SOFTWARE SYSTEM=gone/SYSTEM gone.reg
same_bytes gone-SYSTEM gone/SYSTEM
run 0 ht apply -q --in-place SOFTWARE=gone/SOFTWARE SYSTEM=gone/SYSTEM again.json
for hive in SOFTWARE SYSTEM; do
    run 0 ht diff classes/$hive gone/$hive
done

# --- outputs: NAME=OUT, or a folder ---
set -- SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM
patch two.reg "[$software\\New]" "[$system\\New]"
run 0 ht apply -o SOFTWARE=s.out -o hklm\\system=y.out "$@" two.reg
says err 'hivetool: s.out: 1 key created' 'hivetool: y.out: 1 key created'
mkdir folder
run 0 ht apply -q -o folder "$@" two.reg
same_bytes s.out folder/SOFTWARE
same_bytes y.out folder/SYSTEM
patch one.reg "[$system\\New]"
run 0 ht apply -o SYSTEM=one.out "$@" one.reg
says err 'hivetool: hives/SOFTWARE: nothing to do' 'hivetool: one.out: 1 key created'
same_bytes y.out one.out
run 0 ht apply -o SOFTWARE=copy -o SYSTEM=one.out "$@" one.reg
same_bytes hives/SOFTWARE copy
run 0 ht apply -q -o plain.out SYSTEM=hives/SYSTEM one.reg
same_bytes y.out plain.out
rm -f copy one.out plain.out

# usage MESSAGE ARGUMENT...: apply must end with 2 and this message, and write nothing.
usage() {
    usage_message=$1
    shift
    run 2 ht apply "$@"
    says out
    says err "hivetool: $usage_message" "hivetool: see 'hivetool apply --help'"
    [ ! -e x ] || fail "x was written"
    no_leftovers
}
usage "SYSTEM=hives/SYSTEM: the patches change this hive too, and no -o SYSTEM=OUT says where it goes" \
    -o SOFTWARE=x "$@" two.reg
usage "-o x: is not NAME=OUT, and no folder" -o x "$@" two.reg
usage "-o folder: a folder is for all hives, without another -o" -o folder -o SYSTEM=x "$@" two.reg
usage "-o SAM=x: SAM: no hive of this name is given" -o SAM=x "$@" two.reg
usage "-o SYSTEM=x: NAME is given twice" -o SYSTEM=y -o SYSTEM=x "$@" two.reg
usage "-o SYSTEM=: not of the form NAME=OUT" -o SYSTEM= "$@" two.reg
usage "x: cannot be both outputs" -o SYSTEM=x -o SOFTWARE=./x "$@" two.reg
usage "x: cannot be both outputs" -o SYSTEM=x -o SOFTWARE=z --reverse-out=x "$@" two.reg
usage "hives/SOFTWARE: is an input, it cannot be the output too" -o SYSTEM=hives/SOFTWARE "$@" two.reg
usage "two.reg: is an input, it cannot be the output too" -o folder --reverse-out=two.reg "$@" two.reg
usage "FOO=hives/SAM: NAME is not SOFTWARE, SYSTEM, SAM, SECURITY, DEFAULT or a place such as HKLM\\FOO (a file of this name is ./FOO=hives/SAM)" \
    -n FOO=hives/SAM two.reg
usage "SAM=: not of the form NAME=HIVE" -n SAM= two.reg
usage "no PATCH is given" -n "$@"
usage "HKLM\\software=hives/SAM: HKEY_LOCAL_MACHINE\\software is given twice" \
    -n SOFTWARE=hives/SOFTWARE 'HKLM\software=hives/SAM' two.reg
usage "SAM=./hives/SOFTWARE: ./hives/SOFTWARE is given twice" -n SOFTWARE=hives/SOFTWARE \
    SAM=./hives/SOFTWARE two.reg
usage "--root is for one HIVE, NAME=HIVE says where a hive hangs itself" -n --root=HKLM "$@" two.reg
usage "-o y: -o is given more than once, and there is one HIVE" -o y -o x hives/SYSTEM one.reg
# A file with an equals sign in its name.
cp hives/SYSTEM SYSTEM=x
run 0 ht apply -n --root='HKLM\SYSTEM' ./SYSTEM=x one.reg
says out "+ [$system\\New]" '1 key created'

# --- a line that no hive takes ---
run 6 ht apply -n SAM=hives/SAM SYSTEM=hives/SYSTEM two.reg
says out
says err "hivetool: two.reg:2: $software\\New: this key is in none of the hives, which are HKEY_LOCAL_MACHINE\\SAM, $system (--skip-foreign passes over such keys)"
run 0 ht apply -n --skip-foreign SAM=hives/SAM SYSTEM=hives/SYSTEM two.reg
says err 'hivetool: 1 statement outside all hives skipped' 'hivetool: hives/SAM: nothing to do'
# All of them, and conditions too, in the order of the lines.
patch foreign.reg '[HKEY_USERS\x]' '"a"="b"' '[HKEY_LOCAL_MACHINE\FOO]' '[HKEY_CURRENT_USER\FOO]' \
    ';!require key HKEY_LOCAL_MACHINE\BAR\x'
run 6 ht apply -n SAM=hives/SAM foreign.reg
not_here='this key is not in the hive, which is HKEY_LOCAL_MACHINE\SAM (--root names another place, --skip-foreign passes over such keys)'
says err "hivetool: foreign.reg:2: HKEY_USERS\\x: $not_here" \
    "hivetool: foreign.reg:4: HKEY_LOCAL_MACHINE\\FOO: $not_here" \
    "hivetool: foreign.reg:5: HKEY_CURRENT_USER\\FOO: $not_here" \
    'hivetool: foreign.reg:6: HKEY_LOCAL_MACHINE\BAR\x: this condition is on a key that is in none of the hives given (--skip-foreign passes over such conditions)'
for line in "[-$software]" "[-HKLM\\System]"; do
    patch root.reg "$line"
    run 4 ht apply -n "$@" root.reg
    says out
done
says err "hivetool: root.reg:2: HKEY_LOCAL_MACHINE\\System: the root key of the hive cannot be deleted"
# A JSON delta without a root could be for any of them.
printf '{"format_version":"1.0","kind":"delta","root":"","changes":[{"op":"create_key","path":["K"]}]}' >bare.json
run 4 ht apply -n "$@" bare.json
says err 'hivetool: a JSON delta without "root" does not say which of the hives it is for'

# --- places that lie in each other: the deepest takes the line ---
set -- SOFTWARE=hives/SOFTWARE 'HKLM\SOFTWARE\Vendor\App=hives/user'
patch nested.reg "[$software\\Vendor\\App\\K]" '"v"="deep"' "[$software\\Vendor\\Other]"
run 0 ht apply -n "$@" nested.reg
says out 'hives/SOFTWARE:' "+ [$software\\Vendor]" "+ [$software\\Vendor\\Other]" '2 keys created' '' \
    'hives/user:' "+ [$software\\Vendor\\App\\K]" '    + "v"  sz "deep"' '1 key created, 1 value added'
# What is below the inner place alone makes no key on the way to it.
patch nested.reg "[$software\\Vendor\\App\\K]" "[-$software\\Vendor\\Other]"
run 0 ht apply -n "$@" nested.reg
says out 'hives/SOFTWARE:' 'no difference' '' 'hives/user:' "+ [$software\\Vendor\\App\\K]" '1 key created'
run 4 ht apply -o folder --reverse-out=x "$@" nested.reg
says err "hivetool: x: --reverse-out cannot undo $software and $software\\Vendor\\App together, one hangs in the other"
patch nested.reg "[-$software\\Vendor]"
run 4 ht apply -n "$@" nested.reg
says err "hivetool: nested.reg:2: $software\\Vendor: the root key of the hive cannot be deleted"

# --- all or none: a hive that cannot be replaced, or patched, keeps the others as they are ---
set -- SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM
cp -r hives kept
patch odd.reg "[$software\\New]" "[$system\\É]"
run 4 ht apply --in-place --engine=hivex "$@" odd.reg
diff -r kept hives || fail "a refused change wrote"
run 5 ht apply -o SOFTWARE=x -o SYSTEM=nowhere/x "$@" two.reg
says err 'hivetool: nowhere/x: cannot create: No such file or directory'
[ ! -e x ] || fail "x was written"
head -c 4095 hives/SYSTEM >hives/short
run 3 ht apply --in-place SOFTWARE=hives/SOFTWARE SYSTEM=hives/short two.reg
same_bytes kept/SOFTWARE hives/SOFTWARE
no_leftovers

# A new file hides what any of the hives hides.
chmod 600 hives/SYSTEM
run 0 ht apply -q -o folder --reverse-out=secret.reg "$@" two.reg
[ "$(stat -c %a secret.reg)" = 600 ] || fail "secret.reg is readable"
chmod 644 hives/SYSTEM

# --- contradictions between patches, under every name of a key, with both places ---
# check_conflict LINES LINES WHERE: patches with these lines (for printf's %b) contradict each other.
check_conflict() {
    conflict_where=$3
    printf '%s\n%b\n' "$head" "$1" >a.reg
    printf '%s\n%b\n' "$head" "$2" >b.reg
    run 6 ht apply -n SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM a.reg b.reg
    says out
    says err "hivetool: $conflict_where (--last-wins lets the later patch win)"
    run 0 ht apply -n --last-wins SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM a.reg b.reg
    run 6 ht verify SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM a.reg b.reg
}
k='[HKLM\\SOFTWARE\\K]'
check_conflict "$k\n\"v\"=\"1\"" "$k\n\"V\"=\"2\"" "b.reg:3: $software\\K: \"v\": contradicts a.reg:3"
check_conflict "$k\n\"v\"=\"1\"" "$k\n\"v\"=hex(2):31,00,00,00" \
    "b.reg:3: $software\\K: \"v\": contradicts a.reg:3"
check_conflict "$k\n\"v\"=\"1\"" "$k\n\"v\"=-" "b.reg:3: $software\\K: \"v\": contradicts a.reg:3"
check_conflict "$k\n\"v\"=-" "$k\n\"v\"=\"1\"" "b.reg:3: $software\\K: \"v\": contradicts a.reg:3"
check_conflict "$k\n\"v\"=\"1\"" '[-HKLM\\SOFTWARE\\K]' "b.reg:2: $software\\K: contradicts a.reg:2"
check_conflict '[-HKLM\\SOFTWARE\\K]' "$k" "b.reg:2: $software\\K: contradicts a.reg:2"
check_conflict '[HKLM\\SOFTWARE\\K\\a\\b]\n@="1"' '[-HKLM\\SOFTWARE\\K]' \
    "b.reg:2: $software\\K\\a\\b: contradicts a.reg:2"
check_conflict '[-HKLM\\SOFTWARE\\K]' '[HKLM\\SOFTWARE\\K\\a\\b]' \
    "b.reg:2: $software\\K\\a\\b: contradicts a.reg:2"
check_conflict "[-HKLM\\\\SOFTWARE\\\\K]\n$k\n\"a\"=\"1\"" "$k\n\"b\"=\"2\"" \
    "b.reg:2: $software\\K: contradicts a.reg:2"
check_conflict "$k\n\"b\"=\"2\"" "[-HKLM\\\\SOFTWARE\\\\K]\n$k\n\"a\"=\"1\"" \
    "b.reg:2: $software\\K: contradicts a.reg:2"
check_conflict '[HKCR\\.y]\n@="1"' '[HKLM\\software\\classes\\.Y]\n@="2"' \
    "b.reg:3: $software\\Classes\\.y: @: contradicts a.reg:3"
check_conflict '[HKLM\\SYSTEM\\ControlSet002\\Services\\x]\n"Start"=dword:3' \
    '[HKLM\\SYSTEM\\CurrentControlSet\\Services\\x]\n"Start"=dword:4' \
    "b.reg:3: $system\\ControlSet002\\Services\\x: \"Start\": contradicts a.reg:3"
check_conflict '[HKLM\\SYSTEM\\CurrentControlSet\\Services\\x]' '[-HKLM\\SYSTEM\\ControlSet002\\Services]' \
    "b.reg:2: $system\\ControlSet002\\Services\\x: contradicts a.reg:2"

# What does not contradict gives the same hives in any order.
patch p1.reg "[$software\\O\\a]" '"x"="1"' "[$system\\CurrentControlSet\\Services\\x]" '"Start"=dword:4'
patch p2.reg "[$system\\ControlSet002\\Services\\x]" '"Start"=dword:4' '"Type"=dword:1' \
    "[$software\\O\\b]" "[-$software\\K\\no]"
patch p3.reg '[HKCR\.z]' '@="z"' "[$software\\O\\a]" '"x"="1"' "[-$software\\K\\no\\deeper]"
mkdir order
for files in 'p1.reg p2.reg p3.reg' 'p3.reg p2.reg p1.reg' 'p2.reg p3.reg p1.reg' \
    'p1.reg p3.reg p2.reg' 'p2.reg p1.reg p3.reg' 'p3.reg p1.reg p2.reg'; do
    for engine in hivex rebuild; do
        # shellcheck disable=SC2086
        run 0 ht apply -q --engine=$engine -o order SOFTWARE=hives/SOFTWARE SYSTEM=hives/SYSTEM $files
        for hive in SOFTWARE SYSTEM; do
            [ -e "first.$engine.$hive" ] || cp order/$hive "first.$engine.$hive"
            same_bytes "first.$engine.$hive" order/$hive
        done
    done
done
