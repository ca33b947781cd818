#!/bin/sh
# Care that build scripts rely on: order of lines through CurrentControlSet, a way back that a
# second run leaves alone, a dry run that means it, modes, unsound inputs, links, regedit's way.
. "${abs_srcdir:?}/tests/lib.sh"
hives=$abs_srcdir/fixtures/hives
patches=$abs_srcdir/fixtures/patches
malformed=$abs_srcdir/fixtures/malformed
cp "$hives/SOFTWARE" "$hives/SYSTEM" .

# patch NAME: standard input as a version 5 patch.
patch() {
    { printf 'Windows Registry Editor Version 5.00\n\n' && cat; } >"$1"
}

# The later line wins, by whichever name it calls the control set, also in two files.
patch order.reg <<'REG'
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\New]
"a"="first"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\New]
"a"="second"
[-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\DiagTrack]
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack]
"Start"=dword:00000004
REG
run 0 ht apply -q -o ordered SYSTEM order.reg
run 0 ht get ordered 'ControlSet001\New' a
says out 'sz "second"'
run 0 ht ls ordered 'CurrentControlSet\Services\DiagTrack'
says out '"Start"  dword 0x00000004 (4)'
patch one.reg <<'REG'
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\New]
"a"="one"
REG
patch two.reg <<'REG'
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\New]
"a"="two"
REG
run 0 ht apply -q --last-wins -o two SYSTEM one.reg two.reg
run 0 ht get two 'ControlSet001\New' a
says out 'sz "two"'
run 6 ht apply -q -o never SYSTEM one.reg two.reg
says err "hivetool: two.reg:4: HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\New: \"a\": contradicts one.reg:4 (--last-wins lets the later patch win)"
patch link.reg <<'REG'
[-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet]
REG
run 4 ht apply -q -o never SYSTEM link.reg
says err 'hivetool: link.reg:3:1: HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet cannot be deleted, it stands for HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001; delete that' \
    '    [-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet]' '    ^'

# The way back of the first run is still there after the second, and leads back.
cp SOFTWARE hive
run 0 ht apply -q --in-place --reverse-out=undo.json hive "$patches/pause.reg"
cp undo.json undo.first
run 0 ht apply --in-place --reverse-out=undo.json hive "$patches/pause.reg"
says err "hivetool: hive: nothing to do" \
    'hivetool: undo.json: not written, there is nothing to undo'
same undo.first undo.json
run 0 ht apply -q -o back hive undo.json
run 0 ht diff SOFTWARE back
# Also of a deleted tree with classes and descriptors of its own.
run 0 ht apply -q -o deleted --reverse-out=undo.json SYSTEM "$patches/diagtrack.reg"
run 0 ht apply -q --root='HKLM\SYSTEM' -o back deleted undo.json
run 0 ht diff SYSTEM back

# A dry run refuses what the real one refuses, and shows what diff shows of the result.
patch predefined.reg <<'REG'
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Perflib\009]
"a"="b"
REG
run 4 ht apply -q --dry-run SOFTWARE predefined.reg
run 4 ht apply -q -o never SOFTWARE predefined.reg
patch replaced.reg <<'REG'
[-HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
"EnableDCOM"="N"
REG
run 0 ht apply -q --dry-run SOFTWARE replaced.reg
grep -v '^[0-9]' out >dry-run
run 0 ht apply -o replaced SOFTWARE replaced.reg
sed 's/^hivetool: replaced: //' err >counts
run 1 ht diff SOFTWARE replaced
grep -v '^[0-9]' out >difference
same difference dry-run
grep '^[0-9]' out | cut -d ';' -f 1 >line
same line counts

# A copy of a secret is as secret.
cp SOFTWARE secret
chmod 600 secret
(umask 022 && ht apply -q -o copy --reverse-out=copy.reg secret "$patches/pause.reg")
stat -c '%a %n' copy copy.reg >modes
says modes '600 copy' '600 copy.reg'
run 2 ht apply -q -o - secret "$patches/pause.reg"
# So is all that is made of one, also where only one of several inputs is secret.
root='HKLM\SOFTWARE'
cp SOFTWARE open
chmod 644 open
umask 022
run 0 ht rebuild -q -o made-1 secret
run 0 ht recover -q -o made-2 secret
run 0 ht export -q --root="$root" -o made-3 secret
run 0 ht delta -q -o made-4 open copy
run 0 ht merge -q -o made-5 open made-4
for format in text json reg; do
    run 1 ht diff -q --format=$format --root="$root" -o made-$format open copy
done
stat -c '%a %n' made-* >modes
says modes '600 made-1' '600 made-2' '600 made-3' '600 made-4' '600 made-5' '600 made-json' \
    '600 made-reg' '600 made-text'
run 0 ht rebuild -q -o made-6 open
stat -c '%a %n' made-6 >modes
says modes '644 made-6'
# What stood there can hide more, and never less.
chmod 640 made-6
run 0 ht rebuild -q -o made-6 open
stat -c '%a %n' made-6 >modes
says modes '640 made-6'
run 0 ht rebuild -q -o made-6 secret
stat -c '%a %n' made-6 >modes
says modes '600 made-6'
run 0 ht rebuild -q -o made-6 open
stat -c '%a %n' made-6 >modes
says modes '600 made-6'

# Patches count as hives do, also on standard input; a pipe has no mode of its own.
cp "$patches/pause.reg" secret.reg
chmod 600 secret.reg
run 0 ht apply -q -o made-a --reverse-out=made-a.json open secret.reg
run 0 ht apply -q -o made-b open - <secret.reg
# shellcheck disable=SC2002
cat secret.reg | run 0 ht apply -q -o made-c open -
run 0 ht fmt -q -o made-d secret.reg
run 0 ht apply -q --in-place open secret.reg
stat -c '%a %n' made-[a-d]* open >modes
says modes '600 made-a' '600 made-a.json' '600 made-b' '644 made-c' '600 made-d' '644 open'
# Of several hives each takes after its own, the way back after all.
cp SYSTEM open-system
run 0 ht apply -q -o SOFTWARE=made-e -o SYSTEM=made-f --reverse-out=made-g.json \
    SOFTWARE=secret SYSTEM=open-system "$patches/diagtrack.reg"
stat -c '%a %n' made-[efg]* >modes
says modes '600 made-e' '644 made-f' '600 made-g.json'
# So do the logs of a dirty hive, and the hives in folders.
cp "$abs_srcdir"/fixtures/dirty/dirty-new* .
chmod 644 dirty-new dirty-new.LOG1
chmod 600 dirty-new.LOG2
run 0 ht recover -q -o made-h dirty-new
run 0 ht rebuild -q -o made-i dirty-new
mkdir -p unpacked/Files/windows/system32/config
cp "$hives/SOFTWARE" unpacked/Files/windows/system32/config/software
run 0 ht rebuild -q -o made-j unpacked//SOFTWARE
chmod 600 unpacked/Files/windows/system32/config/software
run 0 ht rebuild -q -o made-k unpacked//SOFTWARE
stat -c '%a %n' made-[hijk] >modes
says modes '600 made-h' '600 made-i' '644 made-j' '600 made-k'

# A patch at or below a symbolic link says so.
patch below.reg <<'REG'
[HKEY_LOCAL_MACHINE\SOFTWARE\Wow6432Node\Classes\New]
REG
run 0 ht apply --dry-run SOFTWARE below.reg
says err "hivetool: HKEY_LOCAL_MACHINE\\SOFTWARE\\Wow6432Node\\Classes: a symbolic link, which Windows follows; the patch changes the link itself"

# regedit skips what is wrong; strict reading does not.
printf 'REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\New]\nnot a value\n"a"="b"\n' >loose.reg
run 3 ht apply --dry-run SOFTWARE loose.reg
run 0 ht apply --dry-run --compat=regedit SOFTWARE loose.reg
says err "hivetool: loose.reg: 1 line skipped, as regedit does"
says out '+ [HKEY_LOCAL_MACHINE\SOFTWARE\New]' '    + "a"  sz "b"' '1 key created, 1 value added'
run 0 ht apply --dry-run --compat SOFTWARE loose.reg
says err "hivetool: loose.reg: 1 line skipped, as regedit does"
run 2 ht verify --compat=wine SOFTWARE loose.reg

# What Windows would misread is no base for anything, and is no silent "no difference".
for hive in unsorted-list wrong-parent security-references; do
    run 3 ht delta -o never "$malformed/$hive" "$hives/small"
    run 3 ht delta -o never "$hives/small" "$malformed/$hive"
    run 3 ht digest "$malformed/$hive"
    run 3 lp create --base SOFTWARE="$malformed/$hive" --changed SOFTWARE="$hives/small" -o never
    run 0 ht new --kind differencing -o layer
    run 3 ht merge -o never "$malformed/$hive" layer
    run 0 ht diff "$malformed/$hive" "$malformed/$hive"
    [ "$(grep -c '^hivetool: warning: ' err)" -eq 2 ] || fail "diff does not warn of $hive"
done
[ ! -e never ] || fail "a refused command wrote a file"

# A hive given for another one.
run 0 lp create --base SYSTEM="$hives/SOFTWARE" --changed SYSTEM="$hives/SOFTWARE" -o layer.tar
grep '^layerpack: warning' err >warnings
says warnings \
    "layerpack: warning: $hives/SOFTWARE: by its name this is HKEY_LOCAL_MACHINE\\SOFTWARE, not SYSTEM" \
    "layerpack: warning: $hives/SOFTWARE: by its name this is HKEY_LOCAL_MACHINE\\SOFTWARE, not SYSTEM"

# The last unit of a list is dropped as its end only when it is one.
patch lists.reg <<'REG'
[HKEY_LOCAL_MACHINE\SOFTWARE\Lists]
"empty"=hex(7):00,00
"unit"=hex(7):65,00
"open"=hex(7):61,00,00,00,65,00
"good"=hex(7):61,00,00,00,00,00
REG
run 0 ht apply -q -o lists SOFTWARE lists.reg
run 0 ht ls lists Lists
says out '"empty"  multi_sz (empty list)' \
    '"unit"  multi_sz "e" (no final NUL)' \
    '"open"  multi_sz "a" "e" (no final NUL)' \
    '"good"  multi_sz "a"'
