#!/bin/sh
# hivetool set, rm, mkkey, mv, cp: one change, said on the command line, as a patch like any other.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'
run 0 ht new -qo SOFTWARE
run 0 ht new -qo SYSTEM

# value TYPED WANTED...: what set makes of words: --raw hex of the data.
sets() {
    wanted=$1
    shift
    run 0 ht set -q --in-place SOFTWARE 'K' V "$@"
    says out
    run 0 ht get SOFTWARE K V
    says out "$wanted"
    run 0 ht rm -q --in-place SOFTWARE K::V
}
sets 'sz "20348"' 20348
sets 'sz ""' ''
sets 'sz "-5"' -- -5
sets 'sz "@%SystemRoot%\\x,-1"' '@%SystemRoot%\x,-1'
sets 'expand_sz "%A%"' --type=expand_sz %A%
sets 'multi_sz "a" "b c"' a 'b c'
sets 'multi_sz "a"' -t multi_sz a
sets 'multi_sz (empty list)' -t multi_sz
sets 'dword 0x00000010 (16)' -t dword 0x10
sets 'dword 0x00000010 (16)' -t REG_DWORD 16
sets 'dword 0xffffffff (4294967295)' -t DWORD -- -1
sets 'qword 0x8000000000000000 (9223372036854775808)' -t qword 9223372036854775808
sets 'binary 3 bytes 00ffa0' -t binary 00ffA0
sets 'binary 3 bytes 00ffa0' -tbinary '00 ff,a0'
sets 'binary 3 bytes 00ffa0' -t hex 00 ff a0
sets 'binary 0 bytes' -t binary ''
sets 'type 0x20 2 bytes 0102' -t 0x20 0102
printf 'a\000b' >data
sets 'binary 3 bytes 610062' -t binary @data

# Without --type the value keeps its type.
run 0 ht set -q --in-place -t dword SOFTWARE K N 1
run 0 ht set -q --in-place SOFTWARE K N 0x20
run 0 ht get -p SOFTWARE K N
says out 32
run 0 ht set -q --in-place SOFTWARE K @ x
run 0 ht get -p SOFTWARE K '(Default)'
says out x
run 0 ht set -q --in-place SOFTWARE K '(Default)' y
run 0 ht get -p SOFTWARE K @
says out y

# refused STATUS LINE ARGUMENT...: nothing changes.
refused() {
    wanted=$1 line=$2
    shift 2
    cp SOFTWARE before
    run "$wanted" ht "$@"
    head -n 1 err >first
    says first "hivetool: $line"
    same_bytes before SOFTWARE
}
refused 2 "set: exactly one of -o OUT, --in-place and --dry-run is needed" set SOFTWARE K N 1
refused 2 "DATA is 'x', not a number of 32 bits, like 16 or 0x10" set -n SOFTWARE K N x
refused 2 "DATA is '4294967296', not a number of 32 bits, like 16 or 0x10" set -n SOFTWARE K N 4294967296
refused 2 "several DATA for one number; --type=multi_sz makes a list of them" set -n SOFTWARE K N 1 2
refused 2 "no DATA is given, '' is the empty text" set -n SOFTWARE K New
refused 2 "set: no NAME is given, '@' is the default value" set -n SOFTWARE K
refused 2 "DATA is 'abc', not pairs of hex digits, or @FILE" set -n -t binary SOFTWARE K B abc
refused 2 "an empty DATA would end the list" set -n SOFTWARE K L a ''
refused 5 "nope: cannot open: No such file or directory" set -n -t binary SOFTWARE K B @nope
run 2 ht set -n -t dwrd SOFTWARE K N 1
grep "^hivetool: --type is 'dwrd', .* or link, did you mean 'dword'?\$" err >said || fail "--type=dwrd"

# What is written as in a .reg file is a number there, and a text here: neither unasked.
refused 2 "DATA is 'dword:10': as in a .reg file it is --type=dword 0x10, and --type=sz for this text" set -n SOFTWARE K New dword:10
refused 2 "DATA is 'hex:00,fF': as in a .reg file it is --type=binary 00,fF, and --type=sz for this text" set -n SOFTWARE K @ hex:00,fF
refused 2 "DATA is 'hex(7):00,00': 'hivetool apply' takes what is so written in a .reg file, --type=sz this text" set -n SOFTWARE K New 'hex(7):00,00'
sets 'sz "dword:10"' -t sz dword:10
sets 'sz "hex: in words"' 'hex: in words'
sets 'sz "dword:"' dword:
sets 'sz "dword:1,0"' dword:1,0
# Switches of reg.exe, where they would be a key, a name or a list.
switches() {
    refused 2 "$1: '$2' is a switch of reg.exe, here it is $3; 'hivetool apply' takes lines of reg.exe" "$1" -n SOFTWARE "$4" "$5" "$6" "$7" "$8" "$9"
}
form='HIVE KEY NAME DATA... with --type=TYPE'
switches set /v "$form" /v N /t REG_DWORD /d 1
switches set /V "$form" K /V N /t REG_DWORD 1
switches set /t "$form" K N /t REG_DWORD /d 1
switches rm /v 'HIVE KEY NAME...' K /v N /f x y
sets 'sz "/t"' /t
sets 'multi_sz "/t" "x"' -t multi_sz /t x
run 0 ht set -n SOFTWARE K::/v x
says out "~ [$root\\K]" '    + "/v"  sz "x"' '1 value added'

# Keys as they are at hand; slashes part names only where that says nothing else.
run 0 ht mkkey -q --in-place SOFTWARE 'a/b'
run 0 ht mkkey -q --in-place SOFTWARE 'Computer\HKEY_LOCAL_MACHINE\SOFTWARE\a\c'
run 0 ht mkkey -q --in-place SOFTWARE 'HKLM:\SOFTWARE\a\text/html'
run 0 ht ls SOFTWARE a
says out 'b\' 'c\' 'text/html\'
run 0 ht mkkey --in-place SOFTWARE 'A\B'
says err 'hivetool: SOFTWARE: nothing to do'
refused 2 'HKLM\SYSTEM\x: is not in this hive, which hangs at '"$root" mkkey -n SOFTWARE 'HKLM\SYSTEM\x'

# rm.
refused 1 "SOFTWARE: Kk: no such key: 'Kk' is not in the root key" rm -n SOFTWARE Kk
refused 1 "SOFTWARE: K: NN: no such value" rm -n SOFTWARE K NN
refused 2 "SOFTWARE: a: has 3 subkeys and 0 values, -r removes it with them" rm -n SOFTWARE a
refused 2 "SOFTWARE: K: has 0 subkeys and 2 values, -r removes it with them" rm -n SOFTWARE K
refused 2 'SOFTWARE: \: the root key of a hive stays' rm -nr SOFTWARE '\'
run 0 ht rm -f --in-place SOFTWARE Kk
says err 'hivetool: SOFTWARE: nothing to do'
run 0 ht rm -f --in-place SOFTWARE K NN
says err 'hivetool: SOFTWARE: nothing to do'
run 0 ht rm -n SOFTWARE K N
says out "~ [$root\\K]" '    - "N"  dword 0x00000020 (32)' '1 value deleted'
# Several values: all, or none; with -f those that are there.
refused 1 "SOFTWARE: K: NN: no such value" rm -n SOFTWARE K N NN
run 0 ht rm -n SOFTWARE K N @ n
says out "~ [$root\\K]" '    - @  sz "y"' '    - "N"  dword 0x00000020 (32)' '2 values deleted'
run 0 ht rm -nf SOFTWARE K NN N
says out "~ [$root\\K]" '    - "N"  dword 0x00000020 (32)' '1 value deleted'
run 1 ht rm -n --exit-code -r SOFTWARE a
run 0 ht rm -q --in-place SOFTWARE 'a\b'
run 0 ht rm -qr --in-place --reverse-out=undo.json SOFTWARE a
run 0 ht ls SOFTWARE
says out 'K\'
run 0 ht apply -q --in-place SOFTWARE undo.json
run 0 ht ls SOFTWARE a
says out 'c\' 'text/html\'

# mv and cp in one hive.
run 0 ht set -q --in-place --security='O:BAG:SYD:(A;;KA;;;WD)' SOFTWARE K
run 0 ht cp -q --in-place SOFTWARE K Copy
run 0 ht ls SOFTWARE Copy
says out '"N"  dword 0x00000020 (32)' '@  sz "y"'
run 0 ht mv -q --in-place SOFTWARE K Moved
run 0 ht cp -q --in-place SOFTWARE Moved 'a\'
run 0 ht mv -q --in-place SOFTWARE Copy::N Copy::M
run 0 ht cp -q --in-place SOFTWARE Copy::M a
# A value by KEY and NAME.
run 0 ht mv -n SOFTWARE Copy M N
says out "~ [$root\\Copy]" '    - "M"  dword 0x00000020 (32)' '    + "N"  dword 0x00000020 (32)' '1 value added, 1 value deleted'
run 0 ht cp -n SOFTWARE Copy @ N
says out "~ [$root\\Copy]" '    + "N"  sz "y"' '1 value added'
refused 1 "Mm: no such file, so a NAME in KEY: SOFTWARE: Copy: Mm: no such value" mv -n SOFTWARE Copy Mm N
refused 6 "M: no such file, so a NAME in KEY: SOFTWARE: Copy: is there already, -f replaces the value" mv -n SOFTWARE Copy M @
run 0 ht ls -r SOFTWARE
says out 'a\' 'a\"M"  dword 0x00000020 (32)' 'a\c\' 'a\Moved\' 'a\Moved\"N"  dword 0x00000020 (32)' \
    'a\Moved\@  sz "y"' 'a\text/html\' 'Copy\' 'Copy\@  sz "y"' \
    'Copy\"M"  dword 0x00000020 (32)' 'Moved\' 'Moved\"N"  dword 0x00000020 (32)' 'Moved\@  sz "y"'
# What moves keeps its descriptor, a copy is a new key.
run 0 ht rm -q -r -o without SOFTWARE Moved
run 1 ht diff without SOFTWARE
grep 'security  O:BAG:SYD:(A;;KA;;;WD)' out >said || fail "mv lost the descriptor"
refused 6 "SOFTWARE: Copy: is there already, a backslash at its end means into it, -f replaces it" cp -n SOFTWARE Moved Copy
refused 6 "SOFTWARE: Copy: is there already, -f replaces the value" cp -n SOFTWARE Moved::@ Copy
refused 2 'Moved\x: is Moved, or below it' mv -n SOFTWARE Moved 'Moved\x'
refused 1 "SOFTWARE: Nope: no such key: 'Nope' is not in the root key" cp -n SOFTWARE Nope x
run 0 ht cp -q -f --in-place SOFTWARE 'a\c' Copy
run 0 ht ls SOFTWARE Copy
says out

# Between hives: cp reads the first, mv changes both, or none.
cp SOFTWARE before
run 0 ht cp -q --in-place SOFTWARE Moved SYSTEM Here
same_bytes before SOFTWARE
run 0 ht get -p SYSTEM Here N
says out 32
refused 2 "SOFTWARE: is an input, it cannot be the output too" cp -o SOFTWARE SOFTWARE Moved SYSTEM There
mkdir folder
run 0 ht mv -q -o folder SOFTWARE Moved SYSTEM There
same_bytes before SOFTWARE
run 1 ht ls folder/SOFTWARE Moved
run 0 ht ls folder/SYSTEM There
run 0 ht mv -q --in-place --reverse-out=back.json SOFTWARE Moved SYSTEM There
run 1 ht ls SOFTWARE Moved
run 0 ht ls SYSTEM There
run 0 ht apply -q --in-place SOFTWARE=SOFTWARE SYSTEM=SYSTEM back.json
run 0 ht diff before SOFTWARE
chmod 600 SOFTWARE
run 0 ht cp -qo secret SOFTWARE Moved SYSTEM There
[ "$(stat -c %a secret)" = 600 ] || fail "a copy shows others what the hive hides"
chmod 644 SOFTWARE

# Several hives: the key says which; and one without a place.
mkdir hives
cp SOFTWARE SYSTEM hives
run 0 ht set -q --in-place hives 'HKLM\SYSTEM\Here' N 7
run 0 ht get -p hives/SYSTEM Here N
says out 7
same_bytes SOFTWARE hives/SOFTWARE
run 0 ht new -qo bare --name=x
run 0 ht set -q --in-place bare 'A\B' N x
run 0 ht get -p bare 'A\B' N
says out x

# What is inside of an image is not changed in place.
run 0 lp -q scratch --to=oci:img
refused 2 "oci:img//SOFTWARE: is inside an image or a layer, which --in-place cannot change; 'layerpack build' makes a new image" \
    set --in-place oci:img//SOFTWARE A N x
run 0 ht set -qo made oci:img//SOFTWARE A N x
run 0 ht get -p made A N
says out x

# Descriptors, both ways.
sddl='O:BAG:SYD:PAI(A;CI;KR;;;BU)(A;CI;KA;;;SY)'
run 0 ht set -qo sd --security="$sddl" SOFTWARE Moved
run 0 ht get --security sd Moved
says out "$sddl"
run 2 ht get --security sd Moved N
hex=$(ht get --security --raw sd Moved | od -An -v -tx1 | tr -d ' \n')
for text in "$sddl" "$hex"; do
    printf '{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\\\SOFTWARE","changes":[{"op":"set_security","path":["Moved"],"after":{"security":"%s"}}]}' \
        "$text" >sd.json
    run 0 ht apply -qo sd2 SOFTWARE sd.json
    run 0 ht diff --ignore=none,timestamps sd sd2
done
for text in '' 00 D:bad; do
    printf '{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\\\SOFTWARE","changes":[{"op":"set_security","path":["Moved"],"after":{"security":"%s"}}]}' \
        "$text" >sd.json
    [ -z "$text" ] || run 3 ht apply -qo sd2 SOFTWARE sd.json
done
run 3 ht set -n --security=D:bad SOFTWARE Moved
grep '^hivetool: --security: ' err >said || fail "no word of --security"
run 3 ht set -n --security SOFTWARE Moved 'D:(A;;KA;;;WD)'
grep "^hivetool: --security: SDDL 'SOFTWARE'" err >said || fail "the hive that was read as SDDL is not told"

# Tags that are nearly right.
run 0 lp -q scratch --to=oci:tags:latest
run 0 lp -q scratch --to=oci:tags:v1
run 1 ht ls oci:tags:latst//SOFTWARE
says err "hivetool: oci:tags:latst: there is no 'latst'; there is: latest, v1, did you mean 'latest'?"
