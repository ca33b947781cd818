#!/bin/sh
# layerpack diff: registry and files of two images, of images of two indexes, and of layers.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
make_image nanoserver base --links none >name
mkdir -p app/sub
echo one >app/a
echo two >app/sub/b
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\X]' '"a"="b"' >p.reg
run 0 lp build --quiet --from oci:base:ltsc2022 --reg p.reg --add app=/app --symlink 'C:\link=C:\app\a' \
    --remove 'C:\License.txt' --remove 'C:\Users' --to oci:new:1
run 0 lp diff --files oci:base:ltsc2022 oci:base:ltsc2022
says out 'no difference in 5 hives' '' 'Files:' 'no difference'
run 1 lp diff oci:base:ltsc2022 oci:new:1
cp out from-layerpack
# The same words as of hivetool diff: hives that are the same are counted.
run 1 ht diff oci:base:ltsc2022 oci:new:1
same from-layerpack out
says out 'HKEY_LOCAL_MACHINE\SOFTWARE:' '+ [HKEY_LOCAL_MACHINE\SOFTWARE\X]' '    + "a"  sz "b"' \
    '1 key created, 1 value added' '' 'no difference in 4 hives'
run 1 lp diff --files oci:base:ltsc2022 oci:new:1
sed -n '/^Files:/,$p' out >found
says found 'Files:' '+ C:\app  folder' '+ C:\app\a  file, 4 bytes' '+ C:\app\sub  folder' '+ C:\app\sub\b  file, 4 bytes' \
    '- C:\License.txt  file, 22 bytes' "+ C:\\link  symbolic link to 'C:\\app\\a'" '- C:\Users  folder  (1 folder)' \
    '2 folders added, 2 folders deleted, 3 files added, 1 file deleted'
run 1 lp diff --files oci:new:1 oci:base:ltsc2022
sed -n '/^Files:/,$p' out >found
says found 'Files:' '- C:\app  folder  (1 folder, 2 files)' '+ C:\License.txt  file, 22 bytes' \
    "- C:\\link  symbolic link to 'C:\\app\\a'" '+ C:\Users  folder' '+ C:\Users\Default  folder' \
    '2 folders added, 2 folders deleted, 1 file added, 3 files deleted'

# Contents are compared, also of one size and wherever they lie; times are only counted.
echo ONE >app/a
echo longer >app/sub/b
run 0 lp build --quiet --from oci:base:ltsc2022 --reg p.reg --add app=/App --junction 'C:\link=C:\App' \
    --remove 'C:\License.txt' --remove 'C:\Users' --grant 'C:\app\sub=Users:full' --compression none --to oci-archive:2.tar
run 1 lp diff --files oci:new:1 oci-archive:2.tar
sed -n -e '/^Files:/,$p' out | sed 's/security .*/security …/' >found
says found 'Files:' '~ C:\App\a' '    content, 4 bytes' '~ C:\App\sub' '    security …' '~ C:\App\sub\b' \
    '    content 4 -> 7 bytes' '    security …' '~ C:\link' '    kind symbolic link -> junction' \
    '1 folder changed, 3 files changed; ignored: 1 name spelled otherwise'
SOURCE_DATE_EPOCH=1700000001 run 0 lp build --quiet --from oci:base:ltsc2022 --add app=/App --to oci:new:3
SOURCE_DATE_EPOCH=1700000002 run 0 lp build --quiet --from oci:base:ltsc2022 --add app=/App --to oci:new:4
run 0 lp diff --files oci:new:3 oci:new:4
sed -n '/^Files:/,$p' out >found
says found 'Files:' 'no difference; ignored: 4 timestamps'

# Of a folder with much in it a number, unless it is asked for.
mkdir many
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do
    : >many/$i
done
run 0 lp build --quiet --from oci:base:ltsc2022 --add many=/many --to oci:new:many
run 1 lp diff --files oci:base:ltsc2022 oci:new:many
sed -n '/^Files:/,$p' out >found
says found 'Files:' '+ C:\many  folder  (21 files)' '(not all is shown: --full shows all, --depth=N opens folders)' \
    '1 folder added, 21 files added'
run 1 lp diff --files --full oci:base:ltsc2022 oci:new:many
grep -c '^+ C:.many.*file, 0 bytes$' out >found
says found 21

# JSON.
run 1 lp diff --files --format=json -o diff.json oci:base:ltsc2022 oci:new:1
says out
"$PYTHON3" -S -c 'import json
said = json.load(open("diff.json"))
print(said["kind"], said["a"], said["b"], said["result"])
for image in said["images"]:
    for hive in image["registry"]:
        print(hive["root"], hive["result"])
    for file in image["files"]:
        print(file["op"], file["path"], (file["after"] or file["before"])["kind"])' >found
says found 'image-diff oci:base:ltsc2022 oci:new:1 different' 'HKEY_USERS\.DEFAULT same' 'HKEY_LOCAL_MACHINE\SAM same' \
    'HKEY_LOCAL_MACHINE\SECURITY same' 'HKEY_LOCAL_MACHINE\SOFTWARE different' 'HKEY_LOCAL_MACHINE\SYSTEM same' \
    'add C:\app folder' 'add C:\app\a file' 'add C:\app\sub folder' 'add C:\app\sub\b file' 'delete C:\License.txt file' \
    'add C:\link symbolic link' 'delete C:\Users folder'

# Indexes: the same platform, or the same release of Windows.
for version in 10.0.17763.1 10.0.20348.1; do
    make_image nanoserver "base-$version" --links none --os-version "$version" >name
    run 0 lp build --quiet --index --from "oci:base-$version:ltsc2022" --add app=/app --to oci:index:1
done
make_image nanoserver base-new --links none --os-version 10.0.20348.2 >name
run 0 lp build --quiet --index --from oci:base-10.0.17763.1:ltsc2022 --add app=/app --to oci:index:2
run 0 lp build --quiet --index --from oci:base-new:ltsc2022 --add app=/app --remove 'C:\License.txt' --to oci:index:2
run 1 lp diff --files oci:index:1 oci:index:2
says out 'windows/amd64:10.0.17763.1:' '' 'no difference in 5 hives' '' 'Files:' 'no difference' '' \
    'windows/amd64:10.0.20348.1 -> windows/amd64:10.0.20348.2:' '' 'no difference in 5 hives' '' 'Files:' \
    '- C:\License.txt  file, 22 bytes' '1 file deleted'
run 0 lp diff --platform windows/amd64:10.0.17763 oci:index:1 oci:index:2
run 0 lp build --quiet --index --from oci:base-10.0.17763.1:ltsc2022 --add app=/app --to oci:index:3
make_image nanoserver other --links none --os-version 10.0.26100.1 >name
run 0 lp build --quiet --index --from oci:other:ltsc2022 --add app=/app --to oci:index:3
run 1 lp diff oci:index:1 oci:index:3
says err "layerpack: oci:index:1: not compared, oci:index:3 has no image for windows/amd64:10.0.20348.1" \
    "layerpack: oci:index:3: not compared, oci:index:1 has no image for windows/amd64:10.0.26100.1"

# An unpacked layer.
mkdir -p left/Files/a right/Files/A left/Hives right/Hives
echo x >left/Files/a/f
echo y >right/Files/A/F
run 1 lp diff --files left right
says out 'Files:' '~ C:\A\F' '    content, 2 bytes' '1 file changed; ignored: 2 names spelled otherwise'
run 5 lp diff oci:none oci:base
run 2 lp diff --format=reg oci:base:ltsc2022 oci:new:1
