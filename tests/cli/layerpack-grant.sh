#!/bin/sh
# layerpack build --grant and --acl: who may do what with files, and what those in a folder inherit.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
make_image nanoserver base --links none >name
echo x >f
mkdir -p app/sub
echo a >app/sub/a

# built TAG OPTION...: entries below Files, as type, name and access.
built() {
    tag=$1
    shift
    run 0 lp build --quiet --from oci:base:ltsc2022 "$@" --to "oci:new:$tag"
    run 0 image entries "oci:new:$tag" 1
    sed -n 's,^\(. Files/[^ ]*\) .*fileattr=[0-9]* ,\1 ,p' out >found
}
refused() {
    refused_message=$1
    shift
    run 2 lp build --from oci:base:ltsc2022 --add app=/app "$@" --to oci:none
    head -n 1 err >found
    says found "layerpack: $refused_message"
}

owner='S-1-5-32-544 S-1-5-18'
new_folder='(0 03 1f01ff S-1-5-32-544) (0 03 1f01ff S-1-5-18) (0 00 1f01ff S-1-5-32-544) (0 0b 10000000 S-1-3-0) (0 03 1200a9 S-1-5-32-545) (0 02 4 S-1-5-32-545) (0 02 2 S-1-5-32-545)'
# Of what a folder hands down: MS-DTYP 2.5.3.4.3; the entry of CREATOR OWNER is the owner's here, and equal to another.
in_file='(0 10 1f01ff S-1-5-32-544) (0 10 1f01ff S-1-5-18) (0 10 1200a9 S-1-5-32-545)'
in_folder='(0 13 1f01ff S-1-5-32-544) (0 13 1f01ff S-1-5-18) (0 10 1f01ff S-1-5-32-544) (0 1b 10000000 S-1-3-0) (0 13 1200a9 S-1-5-32-545) (0 12 4 S-1-5-32-545) (0 12 2 S-1-5-32-545)'
user=S-1-5-93-2-2

# What is there, and what comes later, inherits.
built modify --add app=/app --grant 'C:\APP=ContainerUser:modify' --add 'f=C:\app\later'
says found "d Files/app 8004 $owner (0 03 1301bf $user) $new_folder" \
    "f Files/app/later 8404 $owner (0 10 1301bf $user) $in_file" \
    "d Files/app/sub 8404 $owner (0 13 1301bf $user) $in_folder" \
    "f Files/app/sub/a 8404 $owner (0 10 1301bf $user) $in_file"
sound oci:new:modify
# The same by its SID and as icacls has it; by the full name of an account.
cp found wanted
built sid --add app=/app --grant 'C:\app=*S-1-5-93-2-2:(OI)(CI)M' --add 'f=C:\app\later'
same found wanted
built name --add app=/app --grant 'C:\app=User Manager\containeruser:MODIFY' --add 'f=C:\app\later'
same found wanted
# Rights add up in one entry; without inheritance it is the folder alone; a file has none.
built sum --add app=/app --grant 'C:\app=Everyone:(RX)' --grant 'C:\app=everyone:(W)'
head -n 1 found >first
says first "d Files/app 8004 $owner (0 00 1201bf S-1-1-0) $new_folder"
built file --add f=/f --grant '/f=Users:write' --grant '/f=Users:read'
says found "f Files/f 8004 $owner (0 00 1201bf S-1-5-32-545) (0 00 1f01ff S-1-5-32-544) (0 00 1f01ff S-1-5-18)"
# A folder of the base image that has no list, as all there, gets that of new ones; what is in it keeps its own.
built base --grant 'C:\Users=ContainerUser:full'
says found "d Files/Users 8004 S-1-5-18 S-1-5-18 (0 03 1f01ff $user) $new_folder"
# What layers below have in a folder comes with its content; entries of its own go before what it inherits.
run 0 lp build --quiet --from oci:base:ltsc2022 --add app=/app --to oci:new:plain
run 0 lp build --quiet --from oci:new:plain --grant 'C:\app=ContainerUser:modify' --to oci:new:above
run 0 image entries oci:new:above 2
grep '^f Files/app/' out | sed 's/fileattr=32 //' >found
says found "f Files/app/sub/a 8404 $owner (0 00 1f01ff S-1-5-32-544) (0 00 1f01ff S-1-5-18) \
(0 00 1200a9 S-1-5-32-545) (0 10 1301bf $user)"
run 0 image extract oci:new:above 2 Files/app/sub/a
says out a

# A descriptor as a whole; what it does not have stays.
built acl --add app=/app --acl 'C:\app=D:P(A;OICI;FA;;;SY)(A;OICI;FR;;;BU)'
says found "d Files/app 9004 $owner (0 03 1f01ff S-1-5-18) (0 03 120089 S-1-5-32-545)" \
    "d Files/app/sub 8404 $owner (0 13 1f01ff S-1-5-18) (0 13 120089 S-1-5-32-545)" \
    "f Files/app/sub/a 8404 $owner (0 10 1f01ff S-1-5-18) (0 10 120089 S-1-5-32-545)"
built owner --add f=/f --acl '/f=O:SYG:BA'
says found "f Files/f 8004 S-1-5-18 S-1-5-32-544 (0 00 1f01ff S-1-5-32-544) (0 00 1f01ff S-1-5-18) (0 00 1200a9 S-1-5-32-545)"
sound oci:new:acl

refused "'ContainerUser': not of the form NAME:RIGHTS, like ContainerUser:modify" --grant 'C:\app=ContainerUser'
refused "'nobody': an account that is not known without Windows; its SID, *S-1-…, is" --grant 'C:\app=nobody:read'
refused "'everything': no rights: read, execute, write, modify, full, or those of icacls, like (OI)(CI)M" \
    --grant 'C:\app=Users:everything'
refused "C:\\app: not of the form PATH=NAME:RIGHTS like C:\\app=ContainerUser:modify" --grant 'C:\app'
refused "app: a path begins with C:\\ or a slash" --grant 'app=Users:read'
run 1 lp build --from oci:base:ltsc2022 --grant 'C:\none=Users:read' --to oci:none
says err "layerpack: oci:base:ltsc2022: there is no C:\\none"
run 3 lp build --from oci:base:ltsc2022 --add app=/app --acl 'C:\app=D:(A;;XX;;;SY)' --to oci:none
head -n 1 err
[ ! -e none ] || fail "something was left behind"

# No list lets everybody do everything, an empty one nobody; a folder without one hands nothing down.
built none --add app=/app --acl 'C:\app=D:NO_ACCESS_CONTROL' --add 'f=C:\app\later' --acl 'C:\app\sub=D:'
run 1 lp diff --files --format=json oci:base:ltsc2022 oci:new:none
"$PYTHON3" -S - >found <<'END'
import json
for change in json.load(open("out"))["images"][0]["files"]:
    print(change["path"], change["after"]["security"].split("D:")[1][:17])
END
says found 'C:\app NO_ACCESS_CONTROL' 'C:\app\later (A;;0x1f01ff;;;BA' 'C:\app\sub ' \
    'C:\app\sub\a AI'
