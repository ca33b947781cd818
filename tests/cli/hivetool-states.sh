#!/bin/sh
# Operands that are states of several hives (folders, Windows disks, images, layers) or changes
# (patches, differencing hives), and what commands make of them.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

head='Windows Registry Editor Version 5.00'
software='HKEY_LOCAL_MACHINE\SOFTWARE'
system='HKEY_LOCAL_MACHINE\SYSTEM'

mkdir a b
for hive in SAM SOFTWARE SYSTEM; do
    run 0 ht new -o "a/$hive"
done
printf '%s\n' "$head" "[$software\\K]" '"n"=dword:1' "[$system\\S]" '"m"=dword:2' >p.reg
printf '%s\n' "$head" "[$software\\K]" '"n"=dword:2' "[$system\\S]" '"m"=dword:2' >other.reg
printf '%s\n' "$head" "[$software\\K]" '"n"=dword:1' >software.reg
cp a/* b
run 0 ht apply -q --in-place SOFTWARE=b/SOFTWARE SYSTEM=b/SYSTEM p.reg
# What lies beside hives and is none, or no hive that Windows has.
cp p.reg b/notes.reg
: >b/SOFTWARE.LOG1
mkdir b/folder

# --- two folders: each hive under its place ---
cat >wanted <<'END'
HKEY_LOCAL_MACHINE\SOFTWARE:
+ [HKEY_LOCAL_MACHINE\SOFTWARE\K]
    + "n"  dword 0x00000001 (1)
1 key created, 1 value added

HKEY_LOCAL_MACHINE\SYSTEM:
+ [HKEY_LOCAL_MACHINE\SYSTEM\S]
    + "m"  dword 0x00000002 (2)
1 key created, 1 value added

no difference in 1 hive
END
run 1 ht diff a b
same wanted out
says err
run 0 ht diff a a
says out 'no difference in 3 hives'
run 1 ht diff --summary a b
says out 'HKEY_LOCAL_MACHINE\SOFTWARE:' '1 key created, 1 value added' '' 'HKEY_LOCAL_MACHINE\SYSTEM:' \
    '1 key created, 1 value added' '' 'no difference in 1 hive'
run 0 ht diff --name-only a a
says out
run 1 ht diff --key='HKLM\SYSTEM' --summary a b
says out 'HKEY_LOCAL_MACHINE\SYSTEM:' '1 key created, 1 value added' '' 'no other difference in 2 hives; filtered: 2 changes'

# As .reg and JSON they are one patch, which makes the one of the other.
run 1 ht diff --format=reg --encoding=utf-8 -o made.reg a b
tr -d '\r' <made.reg >made
says made "$head" '' "[$software\\K]" '"n"=dword:00000001' '' "[$system\\S]" '"m"=dword:00000002' ''
run 1 ht diff --format=json -o made.json a b
for patch in made.reg made.json; do
    cp -r a patched
    run 0 ht apply -q --in-place SOFTWARE=patched/SOFTWARE SYSTEM=patched/SYSTEM "$patch"
    run 0 ht diff patched b
    rm -r patched
done

# --- a state and a change: what it would do, and backwards ---
run 1 ht diff a p.reg
same wanted out
run 0 ht diff b p.reg
run 1 ht diff b/SOFTWARE a/SOFTWARE
cp out backwards
run 1 ht diff software.reg a/SOFTWARE
same backwards out
run 1 ht diff --reverse a/SOFTWARE software.reg
same backwards out
run 6 ht diff a/SOFTWARE p.reg
says out
run 1 ht diff --skip-foreign a/SOFTWARE p.reg
says err "hivetool: 1 statement outside $software skipped"
run 1 ht diff a/SOFTWARE - <software.reg
says out "+ [$software\\K]" '    + "n"  dword 0x00000001 (1)' '1 key created, 1 value added'
run 0 ht delta -q -o Software_Delta a/SOFTWARE b/SOFTWARE
run 1 ht diff a/SOFTWARE Software_Delta
says out "+ [$software\\K]" '    + "n"  dword 0x00000001 (1)' '1 key created, 1 value added'
run 1 ht diff change:Software_Delta a/SOFTWARE
same backwards out

# --- two changes: what each says ---
run 1 ht diff p.reg other.reg
says out "~ [$software\\K]  new" '    ~ "n"  dword 0x00000001 (1) -> dword 0x00000002 (2)' \
    '1 value different'
run 0 ht diff p.reg p.reg
run 1 ht diff software.reg Software_Delta
says out "~ [$software\\K]  new" '    ~ another security descriptor' '1 key different'
run 4 ht diff --format=reg p.reg other.reg
says out
says err "hivetool: --format=reg: the difference of two changes is no patch; apply or merge each over its base and compare the results"

# --- one hive and a state: the hive at its place ---
run 1 ht diff a/SOFTWARE b
says out "+ [$software\\K]" '    + "n"  dword 0x00000001 (1)' '1 key created, 1 value added'
cp a/SOFTWARE x
run 1 ht diff SOFTWARE=x b
says out "+ [$software\\K]" '    + "n"  dword 0x00000001 (1)' '1 key created, 1 value added'
# The hive itself says what it is, or does not.
run 1 ht diff x b
run 0 ht new -qo nameless --name=y
run 2 ht diff nameless b
says err 'hivetool: nameless: which hive of b to compare it with is not known: name it, like b//SOFTWARE' \
    "hivetool: see 'hivetool diff --help'"
# What is not there, or no hive, is told as that.
run 5 ht diff missing b
says err 'hivetool: missing: cannot open: No such file or directory'
run 5 ht merge -o merged b missing
says err 'hivetool: missing: cannot open: No such file or directory'
: >nothing
run 3 ht diff b nothing
says err 'hivetool: nothing: the file is empty, expected a registry hive'
run 1 ht diff x b//software
run 1 ht diff x b//nope
says err 'hivetool: b//nope: no such hive: there is SAM SOFTWARE SYSTEM'
run 2 ht diff --root=HKLM a b
says err 'hivetool: --root is for one hive, those of a are at places of their own' \
    "hivetool: see 'hivetool diff --help'"

# --- what has no counterpart is told; names beside those of Windows ---
cp a/SAM b/SAM.old
cp a/SAM b/odd
run 1 ht diff a b
same wanted out
says err 'hivetool: b/SAM.old: not compared, a has no hive SAM.old' \
    'hivetool: b/odd: not compared, a has no hive odd'
cp a/SAM a/ODD
run 1 ht diff a b
grep -x 'no difference in 2 hives' out >named || fail "a hive without a place is not compared"
says named 'no difference in 2 hives'
# A document of all hives has no name for its change, and does not say that there is none.
mkdir c d
cp a/SAM c/ODD
run 0 ht apply -q --root="$software" -o d/ODD c/ODD software.reg
cp a/SAM c/SAM
cp a/SAM d/SAM
for format in json reg; do
    run 1 ht diff --format=$format c d
    says err 'hivetool: c/ODD: left out, where it hangs in the registry is not known'
done
rm -r a/ODD b/odd b/SAM.old c d

# --- a Windows disk, in any case, through no link ---
mkdir -p disk/windows/SYSTEM32/Config
cp b/SOFTWARE disk/windows/SYSTEM32/Config/software
run 1 ht diff a disk
says out "$software:" "+ [$software\\K]" '    + "n"  dword 0x00000001 (1)' \
    '1 key created, 1 value added'
says err "hivetool: a/SAM: not compared, disk has no hive HKEY_LOCAL_MACHINE\\SAM" \
    "hivetool: a/SYSTEM: not compared, disk has no hive $system"
run 0 ht ls disk//SOFTWARE
says out 'K\'
ln -s "$PWD/a/SYSTEM" disk/windows/SYSTEM32/Config/SYSTEM
run 3 ht diff a disk
says err 'hivetool: disk/windows/SYSTEM32/Config/SYSTEM: is a symbolic link'
rm disk/windows/SYSTEM32/Config/SYSTEM
cp a/SYSTEM disk/windows/SYSTEM32/Config/SOFTWARE
run 3 ht diff a disk
says err "hivetool: disk/windows/SYSTEM32/Config: has two of the name 'SOFTWARE' that differ by case only"
rm disk/windows/SYSTEM32/Config/SOFTWARE
mkdir -p linked
ln -s ../disk/windows linked/Windows
run 3 ht diff a linked
says err 'hivetool: linked: holds no registry hives, and is no Windows disk or unpacked layer'

# --- damage: the hive that Windows would have there is not passed over ---
cp -r a damaged
printf 'no hive' >damaged/SAM
run 3 ht diff a damaged
says out
says err 'hivetool: damaged/SAM: not a registry hive: the signature "regf" is missing'

# --- verify and apply: the hives of a state are named by their places ---
run 1 ht verify a p.reg
says err 'hivetool: a/SOFTWARE: differs from the patch in 2 places' \
    'hivetool: a/SYSTEM: differs from the patch in 2 places'
run 0 ht verify b p.reg
run 0 ht verify disk//software software.reg
run 0 ht apply --dry-run a software.reg
sed -n '/SOFTWARE:$/,$p' out >shown
says shown 'a/SOFTWARE:' "+ [$software\K]" '    + "n"  dword 0x00000001 (1)' \
    '1 key created, 1 value added' '' 'a/SYSTEM:' 'no difference'
cp -r a applied
run 0 ht apply -q --in-place --reverse-out=back.reg applied p.reg
run 0 ht diff applied b
run 0 ht apply -q --in-place applied back.reg
run 0 ht diff a applied
mkdir new
run 0 ht apply -q -o new a p.reg
run 0 ht diff new/SOFTWARE b/SOFTWARE
run 0 ht diff new/SYSTEM b/SYSTEM
cp a/SAM new/SAM
run 0 ht diff new b
run 0 ht apply -q -o software=one -o SYSTEM=two a p.reg
run 0 ht diff one b//SOFTWARE
run 2 ht apply -q -o SOFTWARE=three a p.reg
says err "hivetool: SYSTEM=a/SYSTEM: the patches change this hive too, and no -o SYSTEM=OUT says where it goes" \
    "hivetool: see 'hivetool apply --help'"
[ ! -e three ] || fail "one of two was written"
run 2 ht apply -q --root=HKLM -o new a p.reg
run 6 ht apply -q -o new a other.reg - <<END
$head
[HKEY_USERS\.DEFAULT\X]
END
mkdir unknown
run 0 ht new -o unknown/x
run 2 ht verify unknown p.reg
says err 'hivetool: unknown: of none of its hives is the place in the registry known' \
    "hivetool: see 'hivetool verify --help'"

# --- what shows: all hives, or that which the key is in ---
run 0 ht ls b
says out 'HKEY_LOCAL_MACHINE\SAM\' "$software\\" "$system\\"
run 0 ht ls -r b
says out 'HKEY_LOCAL_MACHINE\SAM\' "$software\\" "$software\\K\\" \
    "$software\\K\\\"n\"  dword 0x00000001 (1)" "$system\\" "$system\\S\\" \
    "$system\\S\\\"m\"  dword 0x00000002 (2)"
for key in 'HKLM\SOFTWARE\K' 'HKLM:/software/k' 'Computer\HKEY_LOCAL_MACHINE\SOFTWARE\K' 'SOFTWARE\K'; do
    run 0 ht ls b "$key"
    says out '"n"  dword 0x00000001 (1)'
    run 0 ht get b "$key" n
    says out 'dword 0x00000001 (1)'
    run 0 ht get b "$key::n"
    says out 'dword 0x00000001 (1)'
done
run 1 ht get b 'HKCU\K' n
says err 'hivetool: b: HKCU\K: is in none of the hives, which are HKEY_LOCAL_MACHINE\SAM, HKEY_LOCAL_MACHINE\SOFTWARE, HKEY_LOCAL_MACHINE\SYSTEM'
run 1 ht ls b 'HKLM\SYSTEM\T'
says err "hivetool: b/SYSTEM: HKLM\\SYSTEM\\T: no such key: 'T' is not in the root key"
run 2 ht ls --root=HKLM b
says err 'hivetool: --root is for one hive, those of b are at places of their own' \
    "hivetool: see 'hivetool ls --help'"
run 0 ht ls SOFTWARE=b/SYSTEM 'HKLM\SOFTWARE\S'
says out '"m"  dword 0x00000002 (2)'
run 0 ht ls unknown
says out 'x\  where it hangs is not known'

run 0 ht digest b
sed 's/.*  //' out >names
says names b/SAM b/SOFTWARE b/SYSTEM
run 0 ht check b
says out 'b/SAM:' '0 errors, 0 warnings, 0 notes; 1 key, 0 values' '' 'b/SOFTWARE:' \
    '0 errors, 0 warnings, 0 notes; 2 keys, 1 value' '' 'b/SYSTEM:' \
    '0 errors, 0 warnings, 0 notes; 2 keys, 1 value'
run 0 ht check --format=json b
grep '"file"' out | tr -d ' ,' >names
says names '"file":"b/SAM"' '"file":"b/SOFTWARE"' '"file":"b/SYSTEM"'
run 0 ht check --format=junit b
grep -c '<testsuite name' out >n
says n 3
run 0 ht info b
grep ':$' out >names
says names b/SAM: b/SOFTWARE: b/SYSTEM:
run 0 ht info --format=json b
grep '"file"' out | tr -d ' ,' >names
says names '"file":"b/SAM"' '"file":"b/SOFTWARE"' '"file":"b/SYSTEM"'
# One that is none does not hide the others.
for command in check digest info; do
    run 3 ht "$command" damaged
    grep -c 'SOFTWARE\|SYSTEM' out >n
    [ "$(cat n)" -ge 2 ] || fail "$command: the sound hives are not told"
    says err 'hivetool: damaged/SAM: not a registry hive: the signature "regf" is missing'
done

run 0 ht export --encoding=utf-8 -o all.reg b
tr -d '\r' <all.reg >made
says made "$head" '' '[HKEY_LOCAL_MACHINE\SAM]' '' "[$software]" '' "[$software\\K]" \
    '"n"=dword:00000001' '' "[$system]" '' "[$system\\S]" '"m"=dword:00000002' ''
run 0 ht diff b all.reg
run 0 ht export --encoding=utf-8 --key='HKLM\SYSTEM\S' -o one.reg b
tr -d '\r' <one.reg >made
says made "$head" '' "[$system\\S]" '"m"=dword:00000002' ''
run 1 ht export --key='HKLM\FOO' -o none.reg b
[ ! -e none.reg ] || fail "a file for a key that is not there"

# --- the order in which an operand is looked at ---
cp a/SOFTWARE 'FOO=x'
run 2 ht ls FOO=y
says err "hivetool: FOO=y: NAME is not SOFTWARE, SYSTEM, SAM, SECURITY, DEFAULT or a place such as HKLM\\FOO (a file of this name is ./FOO=y)" \
    "hivetool: see 'hivetool ls --help'"
run 0 ht ls FOO=x
run 0 ht ls ./FOO=x
run 2 ht ls SOFTWARE=
says err 'hivetool: SOFTWARE=: not of the form NAME=HIVE' "hivetool: see 'hivetool ls --help'"
# An export is a state where that is said; the same file is a change else.
printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\K]\n"a"=dword:10\n"b"="x"\n' >s1.reg
printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\K]\n"a"=dword:11\n' >s2.reg
run 1 ht diff state:s1.reg state:s2.reg
says out '~ [HKEY_LOCAL_MACHINE\SOFTWARE\K]' '    ~ "a"  dword 0x00000010 (16) -> 0x00000011 (17), bit +0' \
    '    - "b"  sz "x"' '1 value changed, 1 value deleted'
run 0 ht get -p state:s1.reg 'HKLM\SOFTWARE\K' b
says out x
run 0 ht export -q -o SOFTWARE.reg a/SOFTWARE
run 0 ht diff --ignore=+security,+class,+flags a/SOFTWARE state:SOFTWARE.reg
run 0 ht apply -q -o s.hive state:s1.reg s2.reg
run 0 ht get -p s.hive K a
says out 17
run 2 ht apply --in-place state:s1.reg s2.reg
printf '"b"=-\n' >>s2.reg
run 3 ht ls state:s2.reg
says err 'hivetool: s2.reg:5: deletes something, so the file is a change, and no state'
printf '[HKEY_CURRENT_USER\\K]\n' >>s1.reg
run 4 ht ls state:s1.reg
says err 'hivetool: s1.reg: is a state of one root, such as HKEY_LOCAL_MACHINE, only'
run 2 ht diff change:a/SAM a/SAM
says err 'hivetool: change:a/SAM: is no patch or differencing hive' \
    "hivetool: see 'hivetool diff --help'"
mkdir layout
echo '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
run 2 ht diff layout a
says err 'hivetool: layout: is an OCI image layout, name it oci:layout' \
    "hivetool: see 'hivetool diff --help'"
mkdir -p unpacked/files/windows/system32/config disk/Files
cp b/SOFTWARE unpacked/files/windows/system32/config/SOFTWARE
run 1 ht diff a unpacked
says out "$software:" "+ [$software\\K]" '    + "n"  dword 0x00000001 (1)' \
    '1 key created, 1 value added'

# --- images and layers ---
run 0 lp create -q -o l.tar --base software=a/SOFTWARE --changed software=b/SOFTWARE
mkdir -p base/Files/Windows/System32/config
cp a/* base/Files/Windows/System32/config
tar -C base -cf base.tar Files
run 0 ht diff a base.tar
run 0 ht diff base base.tar
run 2 ht rebuild -o none base.tar
says err 'hivetool: -o none: is no folder, which several hives need' \
    "hivetool: see 'hivetool rebuild --help'"
run 0 ht ls base.tar
says out 'HKEY_LOCAL_MACHINE\SAM\' "$software\\" "$system\\"
run 1 ht diff base.tar p.reg
same wanted out
run 1 ht verify base.tar p.reg
says err 'hivetool: base.tar//SOFTWARE: differs from the patch in 2 places' \
    'hivetool: base.tar//SYSTEM: differs from the patch in 2 places'
rm new/*
run 0 ht apply -q -o new base.tar p.reg
cp a/SAM new/SAM
run 0 ht diff new b
run 2 ht apply --in-place base.tar p.reg
says err "hivetool: base.tar//SAM: is inside an image or a layer, which --in-place cannot change; 'layerpack build' makes a new image" \
    "hivetool: see 'hivetool apply --help'"
