#!/bin/sh
# A Windows disk as one thing: where its hives are, what hangs where, whose HKEY_CURRENT_USER is meant, all or none.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

# --- a disk with ten users, in the spelling of an old volume ---
config=disk/WINDOWS/system32/CONFIG
mkdir -p $config disk/Boot disk/Users/Public
for hive in SYSTEM SOFTWARE SAM SECURITY DEFAULT; do
    run 0 ht new -qo $config/$hive
done
run 0 ht new -qo disk/Boot/BCD
cp disk/Boot/BCD $config/BCD-Template
for user in Default u1 u2 u3 u4 u5 u6 u7 u8 u9 u10; do
    windows=disk/Users/$user/AppData/Local/Microsoft/Windows
    mkdir -p $windows
    run 0 ht new -qo disk/Users/$user/ntuser.dat
    [ $user = Default ] || run 0 ht new -qo $windows/UsrClass.dat
done
ln -s u1 'disk/Users/Default User'
sid=S-1-5-21-1-2-3-100
{
    printf 'REGEDIT4\n'
    for n in 1 2 3 4 5 6 7 8 9; do
        printf '\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\%s]\n' $sid$n
        printf '"ProfileImagePath"="C:\\\\Users\\\\U%s"\n' $n
    done
} >profiles.reg
run 0 ht apply -q --in-place disk profiles.reg
run 0 ht ls disk
{
    printf '%s\\\n' 'BCD-Template\  where it hangs is not known' 'HKEY_USERS\.DEFAULT' 'HKEY_LOCAL_MACHINE\SAM' \
        'HKEY_LOCAL_MACHINE\SECURITY' 'HKEY_LOCAL_MACHINE\SOFTWARE' 'HKEY_LOCAL_MACHINE\SYSTEM' \
        'HKEY_USERS\Default'
    for user in ${sid}1 u10 ${sid}2 ${sid}3 ${sid}4 ${sid}5 ${sid}6 ${sid}7 ${sid}8 ${sid}9; do
        printf '%s\\\n' "HKEY_USERS\\$user" "HKEY_USERS\\${user}_Classes"
    done
    printf '%s\\\n' 'HKEY_LOCAL_MACHINE\BCD00000000'
} | sed 's/known\\$/known/' >wanted
same wanted out

cat >p.reg <<END
Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\\Desktop]
"X"="1"

[HKEY_CURRENT_USER\\Software\\Classes\\.foo]
@="foo"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\App]
"Y"=dword:00000001

[HKEY_USERS\\${sid}2\\Own]
"Z"="z"

[HKEY_USERS\\.DEFAULT\\Sys]

[HKEY_CLASSES_ROOT\\.bar]
@="bar"
END

# Nobody says whose HKEY_CURRENT_USER it is.
run 6 ht apply --in-place disk p.reg
head -n 1 err | grep 'HKEY_CURRENT_USER.Desktop: this key is in none of the hives, which are .* and [0-9]* more (--user says which of a disk.s users is meant, ' >said ||
    fail "no hint of --user: $(cat err)"
run 2 ht apply -n --user=u11 disk p.reg
head -n 1 err >first
says first "hivetool: --user=u11: no such user, there is Default, u1, u10, u2, u3, u4, u5, u6, u7, u8, u9, did you mean 'u1'?"
run 0 ht new -qo SOFTWARE
run 2 ht apply -n --user=all SOFTWARE p.reg
head -n 1 err >first
says first 'hivetool: --user=all: there are no users, it is for a Windows disk'

# One user, by the name of the folder in any case.
run 0 ht apply -n --user=U1 disk p.reg
says err
says out "disk/WINDOWS/system32/CONFIG/DEFAULT:" '+ [HKEY_USERS\.DEFAULT\Sys]' '1 key created' '' \
    'disk/WINDOWS/system32/CONFIG/SOFTWARE:' '+ [HKEY_LOCAL_MACHINE\SOFTWARE\App]' \
    '    + "Y"  dword 0x00000001 (1)' '+ [HKEY_LOCAL_MACHINE\SOFTWARE\Classes]' \
    '+ [HKEY_LOCAL_MACHINE\SOFTWARE\Classes\.bar]' '    + @  sz "bar"' '3 keys created, 2 values added' '' \
    'disk/Users/u1/ntuser.dat:' "+ [HKEY_USERS\\${sid}1\\Desktop]" '    + "X"  sz "1"' \
    '1 key created, 1 value added' '' 'disk/Users/u1/AppData/Local/Microsoft/Windows/UsrClass.dat:' \
    "+ [HKEY_USERS\\${sid}1_Classes\\.foo]" '    + @  sz "foo"' '1 key created, 1 value added' '' \
    'disk/Users/u2/ntuser.dat:' "+ [HKEY_USERS\\${sid}2\\Own]" '    + "Z"  sz "z"' \
    '1 key created, 1 value added'

# By SID, and those who come later; a template user has no UsrClass.dat.
run 0 ht apply -q -n --user="${sid}3" --user=default disk p.reg
grep '^disk' out >touched
says touched 'disk/WINDOWS/system32/CONFIG/DEFAULT:' 'disk/WINDOWS/system32/CONFIG/SOFTWARE:' \
    'disk/Users/Default/ntuser.dat:' 'disk/Users/u2/ntuser.dat:' 'disk/Users/u3/ntuser.dat:' \
    'disk/Users/u3/AppData/Local/Microsoft/Windows/UsrClass.dat:'
grep -F '+ [HKEY_USERS\Default\Software\Classes\.foo]' out >said || fail "no classes of new users"

# There may be more hives than files that may be open.
if [ -z "$TEST_WRAPPER" ]; then
    # shellcheck disable=SC3045  # the shells of Debian have it
    (ulimit -n 20 && ht apply -n -q --user=all disk p.reg) >out 2>err || fail "with 20 files: $(cat err)"
fi

# All or none: of a failure that the program sees nothing is left.
cp -R disk before
run 5 faulty 'exchange:*/u5/*UsrClass.dat:EIO' ht apply -q --in-place --user=all disk p.reg
diff -r before disk || fail "a part was written"

# All users, with copies of the old files; then there is nothing to do.
run 1 ht verify -q --user=all disk p.reg
run 0 ht apply -q --in-place --backup --reverse-out=back.json --user=all disk p.reg
run 0 ht verify -q --user=all disk p.reg
for user in u1 u5 u10; do
    same_bytes before/Users/$user/ntuser.dat disk/Users/$user/ntuser.dat.bak
    run 0 ht get -p disk/Users/$user/ntuser.dat Desktop X
    says out 1
    run 0 ht get -p disk/Users/$user/AppData/Local/Microsoft/Windows/UsrClass.dat .foo @
    says out foo
done
same_bytes before/Users/Default/ntuser.dat disk/Users/Default/ntuser.dat
[ ! -e disk/Users/Default/ntuser.dat.bak ] || fail "a copy of what did not change"
run 0 ht apply --in-place --backup --user=all disk p.reg
says err 'hivetool: disk: nothing to do'
# A copy is never overwritten.
run 0 ht set -q --in-place --backup disk 'HKLM\SOFTWARE\App' Y 2
[ -e $config/SOFTWARE.bak.1 ] || fail "no second copy"
run 0 ht set -q --in-place --backup=.orig disk 'HKLM\SOFTWARE\App' Y 1
[ -e $config/SOFTWARE.orig ] || fail "no copy with that suffix"
# The copies are no hives of the disk.
run 0 ht ls disk
grep -F -e .bak -e .orig out && fail "a copy is read as a hive of the disk"
run 0 ht digest disk
grep -F -e .bak -e .orig out && fail "a copy is read as a hive of the disk"
# And the way back.
run 0 ht apply -q --in-place disk back.json
for user in u1 u10; do
    run 0 ht diff before/Users/$user/ntuser.dat disk/Users/$user/ntuser.dat
done

# Two disks are compared hive by hive; what is at HKU.SID is found.
run 0 ht set -q --in-place disk "HKU\\${sid}4\\K" V x
run 1 ht diff -q before disk
grep '^[+~]' out >changed
says changed "+ [HKEY_USERS\\${sid}4\\K]"
run 0 ht get -p disk "HKEY_USERS\\${sid}4\\K" V
says out x

# Hives of users that are named themselves.
run 0 ht new -qo a
run 0 ht new -qo b
printf 'REGEDIT4\n\n[HKEY_CURRENT_USER\\K]\n"v"="w"\n' >user.reg
run 0 ht apply -q --in-place HKCU=a HKCU=b user.reg
for hive in a b; do
    run 0 ht get -p $hive K v
    says out w
done
run 0 ht apply -q -o HKCU=a2 -o HKCU=b2 HKCU=a HKCU=b user.reg
same_bytes a a2
same_bytes b b2

# One hive of the disk, under another name, is no user's any more.
printf 'REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\F\\K]\n' >f.reg
run 0 ht apply -n 'HKLM\F=disk//u1_Classes' f.reg
says out '+ [HKEY_LOCAL_MACHINE\F\K]' '1 key created'

# Windows that sleeps, or was not shut down, is not changed under its feet.
refused() {
    run 4 ht "$@"
    head -n 1 err >first
}
head -c 8192 /dev/zero >disk/hiberfil.sys
run 0 ht set -n disk 'HKLM\SYSTEM\a' b c
printf 'hibr' >disk/HIBERFIL.SYS && rm disk/hiberfil.sys
refused set --in-place disk 'HKLM\SYSTEM\a' b c
says first "hivetool: disk: Windows is hibernated on it (hiberfil.sys): shut it down whole, as 'shutdown /s /t 0' does, or --even-hibernated"
refused apply -n --user=all disk p.reg
run 0 ht set -n --even-hibernated disk 'HKLM\SYSTEM\a' b c
# One hive of the disk is on the disk too, and so is one that something only moves away from.
refused set --in-place disk//SYSTEM a b c
run 0 ht new -qo other
refused mv --in-place disk 'HKLM\SYSTEM\Select' other Select
run 0 ht ls disk 'HKLM\SYSTEM'
rm disk/HIBERFIL.SYS
cp "$abs_srcdir/fixtures/hives/dirty" disk/Users/u7/ntuser.dat
for log in "$abs_srcdir"/fixtures/hives/dirty.LOG*; do
    [ ! -e "$log" ] || cp "$log" "disk/Users/u7/ntuser.dat.${log##*.}"
done
refused apply --in-place --user=all disk p.reg
grep 'disk/Users/u7/ntuser.dat: is dirty, Windows was not shut down on disk: \|ntuser.dat: .*logs\|dirty' first >said ||
    fail "no word of the dirty hive: $(cat err)"

# Whose SID is not known hangs at his name, whatever it starts with. Keys go from hive to hive of one disk.
config=second/Windows/System32/config
mkdir -p $config second/Users/Harry
run 0 ht new -qo second/Users/Harry/NTUSER.DAT
run 0 ht new -qo $config/SOFTWARE
run 0 ht new -qo $config/SYSTEM
run 0 ht ls second
says out 'HKEY_LOCAL_MACHINE\SOFTWARE\' 'HKEY_LOCAL_MACHINE\SYSTEM\' 'HKEY_USERS\Harry\'
run 0 ht set -q --in-place second 'HKLM\SYSTEM\From\Below' v w
run 0 ht cp -q --in-place second 'HKLM\SYSTEM\From' 'HKLM\SOFTWARE\'
run 0 ht mv -q --in-place second 'HKLM\SYSTEM\From' 'HKLM\SOFTWARE\To'
run 0 ht ls $config/SYSTEM
says out
run 0 ht ls -r $config/SOFTWARE
says out 'From\' 'From\Below\' 'From\Below\"v"  sz "w"' 'To\' 'To\Below\' 'To\Below\"v"  sz "w"'

# A folder's name is no command for the terminal.
hostile=second/Users/$(printf 'a\033[31mb')
mkdir "$hostile"
run 0 ht new -qo "$hostile/NTUSER.DAT"
run 0 ht apply -n --user=all second user.reg
lacks out "$(printf '\033')"

# A key of a user's, which may be in the hive of his classes.
run 0 ht set --in-place --user=u1 disk 'HKCU\Own\K' v w
says err 'hivetool: disk/Users/u1/ntuser.dat: 2 keys created, 1 value added'
run 0 ht get -p disk/Users/u1/ntuser.dat 'Own\K' v
says out w
run 0 ht mkkey -n --user="${sid}1" disk 'HKEY_CURRENT_USER\Software\Classes\.mine'
says out '+ [HKEY_CURRENT_USER\Software\Classes\.mine]' '1 key created'
run 0 ht mkkey -q --in-place --user=U1 disk 'HKCU:\Software\Classes\.mine'
run 0 ht ls disk/Users/u1/AppData/Local/Microsoft/Windows/UsrClass.dat .mine
run 0 ht rm -r --in-place --user=u1 --reverse-out=back.reg disk 'HKCU\Own'
says err 'hivetool: disk/Users/u1/ntuser.dat: 2 keys deleted, 1 value deleted'
rm disk/Users/u7/ntuser.dat*
run 0 ht apply -q --in-place --user=u1 disk back.reg
run 0 ht get -p disk/Users/u1/ntuser.dat 'Own\K' v
says out w
refused_user() {
    run 2 ht set -n "$@" v w
    head -n 1 err >first
}
refused_user --user=u1 disk 'HKLM\SYSTEM\K'
says first 'hivetool: --user=u1: HKLM\SYSTEM\K: is not in HKEY_CURRENT_USER'
refused_user --user=all disk 'HKCU\K'
says first "hivetool: --user=all: a key is one user's; 'hivetool apply' changes those of all"
refused_user --user=Hary second 'HKCU\K'
grep "^hivetool: --user=Hary: no such user, there is .*Harry.*did you mean 'Harry'" first >said || fail "$(cat err)"
refused_user --user=u1 disk/Boot/BCD 'HKCU\K'
says first 'hivetool: --user=u1: there are no users, it is for a Windows disk'

# --user in every command that is told a key: HKEY_CURRENT_USER is that user's, Software\\Classes too.
config=third/Windows/System32/config
windows=third/Users/Harry/AppData/Local/Microsoft/Windows
mkdir -p $config $windows
run 0 ht new -qo third/Users/Harry/NTUSER.DAT
run 0 ht new -qo $windows/UsrClass.dat
run 0 ht new -qo $config/SOFTWARE
run 0 ht set -q --in-place third 'HKLM\SOFTWARE\App' Y -t dword 1
run 0 ht set -q --in-place --user=Harry third 'HKCU\Soft\A' v 1
run 0 ht cp -q --in-place --user=Harry third 'HKCU\Soft\A' 'HKCU\Soft\B'
run 0 ht get -p --user=HARRY third 'HKCU\Soft\B' v
says out 1
run 0 ht mv --in-place --user=Harry third 'HKCU\Soft\B::v' 'HKCU\Soft\B::w'
says err 'hivetool: third/Users/Harry/NTUSER.DAT: 1 value added, 1 value deleted'
run 0 ht cp -n --user=Harry third 'HKCU\Soft\B' third 'HKLM\SOFTWARE\B'
head -n 2 out >first
says first '+ [HKEY_LOCAL_MACHINE\SOFTWARE\B]' '    + "w"  sz "1"'
run 0 ht cp -n --user=Harry third 'HKLM\SOFTWARE\App' 'HKCU\Software\Classes\App'
head -n 2 out >first
says first '+ [HKEY_CURRENT_USER\Software\Classes\App]' '    + "Y"  dword 0x00000001 (1)'
run 0 ht ls --user=Harry third 'HKCU\Soft'
says out 'A\' 'B\'
run 0 ht ls --user=Harry third
grep HKEY_CURRENT out >places
says places 'HKEY_CURRENT_USER\' 'HKEY_CURRENT_USER\Software\Classes\'
run 0 ht export --user=Harry --encoding=utf-8 third 'HKCU\Soft\B'
tr -d '\r' <out >text
says text 'Windows Registry Editor Version 5.00' '' '[HKEY_CURRENT_USER\Soft\B]' '"w"="1"' ''
run 0 ht find --user=Harry --key='HKCU\Soft' w third
says out 'HKEY_CURRENT_USER\Soft\B\"w"  sz "1"'
run 0 ht timeline --user=Harry --key='HKCU\Soft' third
cut -c 47- out >keys
says keys 'HKEY_CURRENT_USER\Soft\' 'HKEY_CURRENT_USER\Soft\A\' 'HKEY_CURRENT_USER\Soft\B\'
for command in ls get; do
    run 1 ht $command third 'HKCU\Soft'
    says err 'hivetool: third: HKCU\Soft: is nobody'"'"'s, --user says which of the disk'"'"'s users is meant'
    run 2 ht $command --user=Harry third 'HKLM\SOFTWARE\App'
    head -n 1 err >first
    says first 'hivetool: --user=Harry: HKLM\SOFTWARE\App: is not in HKEY_CURRENT_USER'
done
run 2 ht mv -n --user=Harry third 'HKLM\SOFTWARE\App' 'HKLM\SOFTWARE\App2'
run 2 ht get --user=all third 'HKCU\Soft' x
run 2 ht get --user=x third/Users/Harry/NTUSER.DAT 'HKCU\Soft' x
head -n 1 err >first
says first 'hivetool: --user=x: there are no users, it is for a Windows disk'
run 0 ht rm -q -r --in-place --user=Harry third 'HKCU\Soft'

# Two profiles of one user, a user who is called like a hive of Windows, and a hive that is a link.
mkdir -p 'third/Documents and Settings/Harry' third/Users/BCD third/Boot
run 0 ht new -qo 'third/Documents and Settings/Harry/NTUSER.DAT'
run 0 ht new -qo third/Users/BCD/NTUSER.DAT
run 0 ht new -qo third/Boot/BCD
run 0 ht ls third
says out 'HKEY_LOCAL_MACHINE\SOFTWARE\' 'HKEY_USERS\BCD\' 'HKEY_USERS\Harry\' 'HKEY_USERS\Harry_Classes\' \
    'HKEY_USERS\Harry~4\' 'HKEY_LOCAL_MACHINE\BCD00000000\'
run 0 ht set -q --in-place third 'HKLM\SOFTWARE\App' Z 1
run 0 ht set -q --in-place third 'HKU\Harry~4\K' v w
run 0 ht get -p 'third/Documents and Settings/Harry/NTUSER.DAT' K v
says out w
mkdir third/Users/Sly
ln -s ../Harry/NTUSER.DAT third/Users/Sly/NTUSER.DAT
run 3 ht ls third
says err 'hivetool: third/Users/Sly/NTUSER.DAT: is a symbolic link'
