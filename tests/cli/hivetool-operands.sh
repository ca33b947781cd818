#!/bin/sh
# Every command takes every operand that makes sense, and says in one line what is wrong with others.
. "${abs_srcdir:?}/tests/lib.sh"

head='Windows Registry Editor Version 5.00'
mkdir a b
for hive in SAM SOFTWARE SYSTEM; do
    run 0 ht new -o "a/$hive"
done
printf '%s\n' "$head" '[HKEY_LOCAL_MACHINE\SOFTWARE\K]' '"n"=dword:1' >x.reg
cp a/* b
run 0 ht apply -q --in-place b x.reg

# --- check, digest, info and deleted take several, under their names ---
run 0 ht check b/SOFTWARE a
says out b/SOFTWARE: '0 errors, 0 warnings, 0 notes; 2 keys, 1 value' '' \
    a/SAM: '0 errors, 0 warnings, 0 notes; 1 key, 0 values' '' \
    a/SOFTWARE: '0 errors, 0 warnings, 0 notes; 1 key, 0 values' '' \
    a/SYSTEM: '0 errors, 0 warnings, 0 notes; 1 key, 0 values'
says err
for file in a/SAM SOFTWARE=b/SOFTWARE; do
    run 0 ht digest "$file"
    cat out
done >wanted
run 0 ht digest a/SAM SOFTWARE=b/SOFTWARE
same wanted out
for file in a/SAM b/SOFTWARE; do
    echo "$file:"
    ht info "$file"
    echo
done | sed '$d' >wanted
run 0 ht info a/SAM b/SOFTWARE
same wanted out
for command in check info; do
    run 0 ht $command --format=json a/SAM b
    grep '"file"' out | tr -d ' ,' >names
    says names '"file":"a/SAM"' '"file":"b/SAM"' '"file":"b/SOFTWARE"' '"file":"b/SYSTEM"'
    run 0 ht $command --format=csv a/SAM b/SAM
    mv out two.csv
    run 0 ht $command --format=csv a/SAM
    head -n 1 out >wanted
    head -n 1 two.csv >first
    same wanted first
    [ "$(grep -c "^$(head -n 1 out)" two.csv)" -eq 1 ] || fail "a head for each operand"
done
printf '%s\n' "$head" '[-HKEY_LOCAL_MACHINE\SOFTWARE\K]' >gone.reg
run 0 ht apply -q --engine=hivex -o without b/SOFTWARE gone.reg
run 0 ht deleted a/SAM without
grep -q '^without: key ' out || fail "deleted does not say of which hive"
run 0 ht deleted a/SAM a/SYSTEM
says out
says err 'hivetool: no deleted keys or values'
run 2 ht deleted --root='HKLM\SAM' a/SAM without
says err 'hivetool: --root is for one hive; NAME=HIVE says it of each' \
    "hivetool: see 'hivetool deleted --help'"

# One that is none hides no other, and the status is its own.
for command in check digest info deleted; do
    run 5 ht $command a/SAM nothing without
    cp out wanted.some
    says err 'hivetool: nothing: cannot open: No such file or directory'
    run 0 ht $command a/SAM without
    same out wanted.some
    run 5 ht $command nothing nowhere
    says out
    says err 'hivetool: nothing: cannot open: No such file or directory' \
        'hivetool: nowhere: cannot open: No such file or directory'
done
# Neither does one of them that is damaged, whose status is 3, or 1 of check.
loop=$abs_srcdir/fixtures/malformed/subkey-loop
run 1 ht check "$loop" a/SAM
grep -q '^a/SAM:' out || fail "a damaged hive hides the next"
for command in digest info deleted; do
    run 3 ht $command "$loop" a/SAM
    [ "$command" = deleted ] || grep -q 'a/SAM' out || fail "$command: a damaged hive hides the next"
done

# --- standard input: a hive or a patch, by what it holds; once ---
for command in check "ls -r" "export --encoding=utf-8" info digest timeline deleted "find K"; do
    # shellcheck disable=SC2086
    run 0 ht $command b/SOFTWARE
    sed 's|b/SOFTWARE|-|' out >wanted
    # shellcheck disable=SC2086
    run 0 ht $command - <b/SOFTWARE
    same wanted out
done
run 0 ht get -p - K n <b/SOFTWARE
says out 1
run 1 ht diff a/SOFTWARE b/SOFTWARE
cp out difference
run 1 ht diff a/SOFTWARE - <b/SOFTWARE
same difference out
run 1 ht diff - b/SOFTWARE <a/SOFTWARE
same difference out
run 1 ht diff a/SOFTWARE - <x.reg
same difference out
# shellcheck disable=SC2094 # diff writes neither
run 0 ht diff b/SOFTWARE SOFTWARE=- <b/SOFTWARE
run 0 ht diff --ignore=+security,+class,+flags b/SOFTWARE state:- <x.reg
run 0 ht apply -q -o patched - x.reg <a/SOFTWARE
run 0 ht diff patched b/SOFTWARE
run 0 ht rebuild -q -o rebuilt - <b/SOFTWARE
run 0 ht diff rebuilt b/SOFTWARE
run 0 ht ls - <"$abs_srcdir/fixtures/hives/small"
run 2 ht apply --in-place - x.reg <a/SOFTWARE
says err 'hivetool: standard input cannot be rewritten with --in-place' \
    "hivetool: see 'hivetool apply --help'"
for command in 'diff - -' 'apply -n - -' 'check a/SAM - -' 'delta -o never - -' 'verify - -'; do
    # shellcheck disable=SC2086
    run 2 ht $command <b/SOFTWARE
    says err 'hivetool: standard input can be only one of the operands' \
        "hivetool: see 'hivetool ${command%% *} --help'"
done
run 4 ht ls -q - <"$abs_srcdir/fixtures/dirty/dirty-old"
run 0 ht ls -q --ignore-dirty - <"$abs_srcdir/fixtures/dirty/dirty-old"
run 3 ht check - </dev/null
says err 'hivetool: -: the file is empty, expected a registry hive'

# --- a change where a state is wanted, and the other way round ---
run 1 ht diff --format=json -o x.json a/SOFTWARE b/SOFTWARE
takes='takes what it says for all that is there'
run 3 ht ls x.reg
says err "hivetool: x.reg: not a registry hive but a .reg patch; state:x.reg $takes"
run 3 ht check change:x.reg
says err "hivetool: x.reg: not a registry hive but a .reg patch; state:x.reg $takes"
run 3 ht ls SOFTWARE=x.reg
says err "hivetool: x.reg: not a registry hive but a .reg patch; state:SOFTWARE=x.reg $takes"
run 0 ht ls state:SOFTWARE=x.reg
run 3 ht ls - <x.reg
says err "hivetool: -: not a registry hive but a .reg patch; state:- $takes"
run 3 ht verify x.json x.reg
says err "hivetool: x.json: not a registry hive: the signature \"regf\" is missing; it is a patch, which 'hivetool apply' applies to a hive"
run 0 ht verify b/SOFTWARE change:x.reg
for state in state:x.reg b b//sam oci:nothing; do
    for command in 'apply -n' verify; do
        # shellcheck disable=SC2086
        run 2 ht $command a/SOFTWARE "$state"
        says err "hivetool: $state: is a state, not a patch; 'hivetool diff --format=reg OLD NEW' makes a patch of two" \
            "hivetool: see 'hivetool ${command%% *} --help'"
    done
done

# --- what makes hives makes all of a state, in a folder, or none ---
mkdir deltas merged rebuilt.all recovered
run 0 ht delta -o deltas a b
says err 'hivetool: Sam_Delta: no difference, the root key alone' \
    'hivetool: Software_Delta: 1 key created, 1 value added' \
    'hivetool: System_Delta: no difference, the root key alone'
ls deltas >names
says names Sam_Delta Software_Delta System_Delta
run 0 ht delta -q -o Software_Delta a/SOFTWARE b/SOFTWARE
same_bytes Software_Delta deltas/Software_Delta
# One of a state of several is found by its place.
run 0 ht delta -q -o one a b/SOFTWARE
run 0 ht delta -q --file-name=one -o two a//software SOFTWARE=b/SOFTWARE
same_bytes one two
run 4 ht delta -o never a Software_Delta
says err 'hivetool: Software_Delta: is a differencing hive, which means something only above its base'
run 0 ht merge -o merged a deltas
says err 'hivetool: merged/SAM: nothing to do, a copy of the base' \
    'hivetool: merged/SOFTWARE: 1 key created, 1 value added' \
    'hivetool: merged/SYSTEM: nothing to do, a copy of the base'
run 0 ht diff merged b
rm merged/* deltas/System_Delta
run 0 ht merge -o merged a deltas deltas
ls merged >names
says names SAM SOFTWARE
grep -v '^hivetool: merged/' err >told
says told 'hivetool: a/SYSTEM: not merged, deltas has no hive HKEY_LOCAL_MACHINE\SYSTEM' \
    'hivetool: a/SYSTEM: not merged, deltas has no hive HKEY_LOCAL_MACHINE\SYSTEM'
run 0 ht merge -q -o one a Software_Delta
run 0 ht diff one b/SOFTWARE
run 5 ht merge -o never a/SOFTWARE nothing
says err 'hivetool: nothing: cannot open: No such file or directory'
run 4 ht merge -o merged a b
run 0 ht rebuild -o rebuilt.all b
sed 's/: .*//' err >names
says names 'hivetool' 'hivetool' 'hivetool'
run 0 ht diff rebuilt.all b
rm rebuilt.all/*
run 2 ht rebuild -o rebuilt.all a/SAM b/SAM
says err 'hivetool: rebuilt.all/SAM: two hives have this name' "hivetool: see 'hivetool rebuild --help'"
# What stands there and is a link leads to an input, or to one file for two hives.
ln -s ../a/SAM rebuilt.all/SYSTEM
cat a/SAM a/SYSTEM a/SOFTWARE >before
run 2 ht rebuild -o rebuilt.all a
says err 'hivetool: rebuilt.all/SYSTEM: is an input, it cannot be the output too' \
    "hivetool: see 'hivetool rebuild --help'"
ln -sf ../linked rebuilt.all/SYSTEM
ln -sf "$PWD/linked" rebuilt.all/SAM
run 2 ht rebuild -o rebuilt.all a
says err 'hivetool: rebuilt.all/SAM and rebuilt.all/SYSTEM are one file, which cannot be both' \
    "hivetool: see 'hivetool rebuild --help'"
[ ! -e linked ] || fail "a file was written for one of two hives"
cat a/SAM a/SYSTEM a/SOFTWARE >after
same_bytes before after
rm rebuilt.all/*
run 2 ht rebuild -o a a b
run 2 ht rebuild -o nowhere b
says err 'hivetool: -o nowhere: is no folder, which several hives need' \
    "hivetool: see 'hivetool rebuild --help'"
run 3 ht rebuild -o rebuilt.all b "$loop"
run 1 ht rebuild -q --salvage --format=json -o rebuilt.all a/SAM "$loop"
cp out salvaged.json
grep -c '"not_listed"' salvaged.json >n
says n 2
rm rebuilt.all/*
ls rebuilt.all >names
says names
mkdir dirty
cp "$abs_srcdir"/fixtures/dirty/dirty-* dirty
run 0 ht recover -o recovered dirty
ls recovered >names
says names dirty-new dirty-old
for hive in dirty-new dirty-old; do
    run 0 ht recover -q -o one "dirty/$hive"
    same_bytes one "recovered/$hive"
done
run 0 ht recover -q -o one dirty//dirty-old
same_bytes one recovered/dirty-old
run 0 ht recover -q -o one - dirty/dirty-old.LOG1 <dirty/dirty-old
same_bytes one recovered/dirty-old
run 2 ht recover -o recovered dirty dirty/dirty-old.LOG1
says err 'hivetool: dirty: is several hives, and LOG is for one' "hivetool: see 'hivetool recover --help'"
run 2 ht recover -o one state:x.reg
says err 'hivetool: x.reg: is a text, which has no transaction logs' "hivetool: see 'hivetool recover --help'"
[ ! -e never ] || fail "a hive is written that was refused"

# --- lint: the hives that a file is for, wherever they are ---
mkdir -p disk/Windows/System32/config unpacked/Files/Windows/System32/config
cp b/* disk/Windows/System32/config
cp b/* unpacked/Files/Windows/System32/config
tar -C unpacked -cf layer.tar Files
printf '%s\n' "$head" '' '[HKEY_LOCAL_MACHINE\SYSTEM\S]' >foreign.reg
for state in a disk unpacked layer.tar 'SOFTWARE=b/SYSTEM' a/SOFTWARE b//SOFTWARE state:x.reg state:SOFTWARE=x.reg; do
    run 0 ht lint --hive="$state" x.reg
    says out
done
for state in a disk unpacked layer.tar; do
    run 0 ht lint --hive="$state" foreign.reg
done
run 1 ht lint --hive=a/SOFTWARE foreign.reg
run 2 ht lint --hive=a --root='HKLM\SOFTWARE' x.reg
says err 'hivetool: --root is for one hive, those of a are at places of their own' \
    "hivetool: see 'hivetool lint --help'"
run 3 ht lint --hive=x.reg x.reg
says err "hivetool: x.reg: not a registry hive but a .reg patch; state:x.reg $takes"
run 0 ht lint --hive=- x.reg <a/SOFTWARE

# --- a differencing hive is a patch: apply does what merge does ---
run 0 ht apply --engine=rebuild -o applied a/SOFTWARE Software_Delta
says err 'hivetool: applied: 1 key created, 1 value added'
run 0 ht merge -q -o one a/SOFTWARE Software_Delta
run 0 ht diff --ignore=none,-timestamps applied one
run 0 ht verify b/SOFTWARE Software_Delta
run 1 ht verify a Software_Delta
says out 'Software_Delta: HKEY_LOCAL_MACHINE\SOFTWARE\K: hive has no such key, patch says it is there' \
    'Software_Delta: HKEY_LOCAL_MACHINE\SOFTWARE\K: "n": hive has nothing, patch says dword 0x00000001 (1)'
run 6 ht apply -n a/SYSTEM Software_Delta
says err 'hivetool: Software_Delta: HKEY_LOCAL_MACHINE\SOFTWARE\K: this key is not in the hive, which is HKEY_LOCAL_MACHINE\SYSTEM (--root names another place, --skip-foreign passes over such keys)'
# Where its name says nothing it is for the one hive.
run 0 ht new -qo unnamed --name=x
run 0 ht delta -q --file-name=x -o layer a/SOFTWARE b/SOFTWARE
run 0 ht apply -n a/SOFTWARE layer
says out '+ [HKEY_LOCAL_MACHINE\SOFTWARE\K]' '    + "n"  dword 0x00000001 (1)' '1 key created, 1 value added'
run 0 ht apply -n unnamed layer
says out '+ [K]' '    + "n"  dword 0x00000001 (1)' '1 key created, 1 value added'
# Of two that contradict each other the later wins where that is said, as for all patches.
printf '%s\n' "$head" '[-HKEY_LOCAL_MACHINE\SOFTWARE\K]' '[HKEY_LOCAL_MACHINE\SOFTWARE\L]' >second.reg
run 0 ht apply -q -o c b/SOFTWARE --root='HKLM\SOFTWARE' second.reg
run 0 ht delta -q -o second b/SOFTWARE c
run 6 ht apply -n a/SOFTWARE Software_Delta second
says err 'hivetool: second: HKEY_LOCAL_MACHINE\SOFTWARE\K: contradicts Software_Delta (--last-wins lets the later patch win)'
run 0 ht apply -q --last-wins -o two a/SOFTWARE Software_Delta second
run 0 ht merge -q -o one a/SOFTWARE Software_Delta second
run 0 ht diff --ignore=none,-timestamps one two
run 3 ht apply -n a/SOFTWARE b/SOFTWARE
