#!/bin/sh
# shellcheck disable=SC1003 # backslashes at the end of paths
# What layerpack build does with files: removed, copied from images, links, the order of the options;
# nothing leads out of an image, and nothing is lost without a word.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
make_image nanoserver base --links none >name
base=oci:base:ltsc2022
echo x >f
echo y >g
mkdir -p tree/sub
echo a >tree/a
echo b >tree/sub/b

# build TAG OPTION...: of the base image; what the new layer has of files is in found.
build() {
    tag=$1
    shift
    run 0 lp build --quiet --from "$base" "$@" --to "oci:new:$tag"
    run 0 image entries "oci:new:$tag" "${top-1}"
    sed -n -e 's/ fileattr=.*//' -e '/^. \(Files\|UtilityVM\)\//p' out >found
}

# refused STATUS MESSAGE OPTION...: that is the first line, and no image is written.
refused() {
    refused_status=$1
    refused_message=$2
    shift 2
    run "$refused_status" lp build --from "$base" "$@" --to oci:none
    says out
    head -n 1 err >found
    says found "layerpack: $refused_message"
    [ ! -e none ] || fail "something was left behind"
}

# make_layer OUT LINE...: a tar of tests/cli/make-layer.py.
make_layer() {
    layer=$1
    shift
    printf '%s\n' "$@" 'end 2' | "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" "$layer"
}

# image_of OUT LAYER...: an image of these layers.
image_of() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/image-of-layers.py" "$@" >/dev/null
}

# --- removed ---

build removed --remove 'C:\LICENSE.txt' --remove /windows/system32/ntdll.dll --remove 'c:\Users'
says found 'f Files/.wh.License.txt' 'f Files/.wh.Users' 'd Files/Windows' 'd Files/Windows/System32' \
    'f Files/Windows/System32/.wh.ntdll.dll'
sound oci:new:removed
refused 1 "oci:base:ltsc2022: there is no C:\\none" --remove 'C:\none'
refused 1 "oci:base:ltsc2022: there is no C:\\windows\\none\\x" --remove 'C:\windows\none\x'
refused 1 "oci:base:ltsc2022: there is no C:\\License.txt\\x" --remove 'C:\License.txt\x'
refused 1 "oci:base:ltsc2022: there is no C:\\License.txt" --remove 'C:\License.txt' --remove 'C:\License.txt'
refused 2 "Files: this is a root of a layer, which cannot be removed" --remove 'C:\'
refused 2 "Files/Windows: holds registry hives, which cannot be removed" --remove 'C:\windows'
refused 2 "Files/Windows/System32/config: holds registry hives, which cannot be removed" \
    --remove 'C:\Windows\System32\config\'
refused 2 "Files/Windows/System32/config/SAM: is a registry hive, which cannot be removed" \
    --remove 'C:\Windows\System32\config\sam'
refused 2 "C:\\..\\Hives: .. is not possible" --remove 'C:\..\Hives'
refused 2 "Hives\\Sam_Delta: a path begins with C:\\ or a slash" --remove 'Hives\Sam_Delta'
refused 2 "D:\\x: an image has no other drive than C:" --remove 'D:\x'
# A link is removed, not what it leads to; on the way to something it is followed.
build link --remove 'C:\Documents and Settings'
says found 'f Files/.wh.Documents and Settings'
build through --remove 'C:\documents and settings\Default'
says found 'd Files/Users' 'f Files/Users/.wh.Default'
# What an earlier option put there is not there any more, and leaves nothing.
build put --add 'f=C:\a\b\f' --remove 'C:\a\b' --add 'g=C:\c'
says found 'd Files/a' 'f Files/c'
# A folder that comes back: what was in it is removed name by name.
build again --remove 'C:\Users' --add 'f=C:\Users\f'
says found 'd Files/Users' 'f Files/Users/.wh.Default' 'f Files/Users/f'
build deeper --remove 'C:\Users' --add 'f=C:\users\DEFAULT\f'
says found 'd Files/Users' 'd Files/Users/Default' 'f Files/Users/Default/f'
# Not as a file: what Windows would make of that is not known.
refused 6 "Files/Users: is a folder in oci:base:ltsc2022, whose place the file f cannot take" \
    --remove 'C:\Users' --add 'f=C:\users'
refused 6 "Files/License.txt: is a file in oci:base:ltsc2022, and no folder that something can be added to" \
    --remove 'C:\License.txt' --add 'f=C:\License.txt\f'
# A second layer on top: the whiteout has done its work.
base=oci:new:removed
refused 1 "oci:new:removed: there is no C:\\License.txt" --remove 'C:\License.txt'
top=2 build back --add 'f=C:\license.TXT'
says found 'f Files/license.TXT'
sound oci:new:back
base=oci:base:ltsc2022
run 0 lp build --quiet --from "$base" --remove 'C:\License.txt' --add f=/f --add g=/g --to oci:new:history
run 0 image config oci:new:history
grep -c '"created_by": "layerpack build: 2 files added, 1 removed"' out >found
says found 1

# --- the later one wins ---

build later --add 'f=C:\x' --add 'tree=C:\t' --add 'g=C:\X' --add 'f=C:\t\A'
says found 'd Files/t' 'f Files/t/a' 'd Files/t/sub' 'f Files/t/sub/b' 'f Files/x'
run 0 image extract oci:new:later 1 Files/x
says out y
run 0 image extract oci:new:later 1 Files/t/a
says out x
# But of one folder two that Windows would take for one are a mistake.
cp tree/a tree/A
run 2 lp build --from "$base" --add 'tree=C:\t' --to oci:none
head -n 1 err >found
says found "layerpack: Files/t/A: both tree/A and tree/a are to go there"
rm tree/A

# --- said beforehand, in the words of diff ---

printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\X]' '"a"="b"' >p.reg
run 0 lp build --dry-run --from "$base" --reg p.reg --add 'tree=C:\t' --add 'g=C:\license.txt' --remove 'C:\Users'
says out SOFTWARE: '+ [HKEY_LOCAL_MACHINE\SOFTWARE\X]' '    + "a"  sz "b"' '1 key created, 1 value added' '' Files: \
    '~ C:\License.txt' '    content 22 -> 2 bytes' '+ C:\t  folder' '+ C:\t\a  file, 2 bytes' '+ C:\t\sub  folder' \
    '+ C:\t\sub\b  file, 2 bytes' '- C:\Users  folder  (1 folder)' \
    '2 folders added, 2 folders deleted, 2 files added, 1 file changed'
run 0 lp build --dry-run --from "$base" --add f=/a --remove /a
says out Files: 'no difference'

# --- in a layer alone, and in an image from nothing ---

run 0 lp create --quiet --add tree=/t --symlink '/s=t\a' --copy-from "$base=/License.txt=/l/" -o layer.tar
run 0 lp ls layer.tar
sed -n 's/^\(.\) .* \(Files\/.*\)/\1 \2/p' out >found
says found 'd Files/l' '- Files/l/License.txt' 'l Files/s -> t\a' 'd Files/t' '- Files/t/a' 'd Files/t/sub' '- Files/t/sub/b'
run 0 lp verify layer.tar
run 0 lp create --quiet --form=full --changed "SAM=$abs_srcdir/fixtures/hives/small" --add f=/Windows/f -o full.tar
run 0 lp ls full.tar
sed -n 's/^. .* \(Files.*\|Hives\)/\1/p' out | sed 's/ (.*//' >found
says found Files Files/Windows Files/Windows/System32 Files/Windows/System32/config Hives \
    Files/Windows/System32/config/SAM Files/Windows/f
run 2 lp create --add layer.tar=/l -o layer.tar
says err "layerpack: layer.tar: is an input and the output" "layerpack: see 'layerpack create --help'"
run 0 lp scratch --quiet --add tree=/t --grant '/t=Users:modify' --junction '/j=C:\t' --to oci:scratch:1
sound oci:scratch:1

# --- links ---

(cd tree && ln -s sub/b to-b && ln -s sub to-sub && ln -s ../a sub/to-a)
build links --add 'tree=C:\t' --symlink 'C:\s=C:/t/a' --symlink 'C:\t\d=sub' --symlink 'C:\dangling=nowhere' \
    --symlink 'C:\folder=nowhere\' --junction 'C:\j=C:\t\sub'
says found 's Files/dangling > nowhere' 's Files/folder > nowhere\' 's Files/j > C:\t\sub' 's Files/s > C:\t\a' \
    'd Files/t' 'f Files/t/a' 's Files/t/d > sub' 'd Files/t/sub' 'f Files/t/sub/b' 's Files/t/sub/to-a > ..\a' \
    's Files/t/to-b > sub\b' 's Files/t/to-sub > sub'
sed -n 's/^s \([^ ]*\) .*\( fileattr=[0-9]*\)\( mountpoint=1\)* .*/\1\2\3/p' out >found
says found 'Files/dangling fileattr=1024' 'Files/folder fileattr=1040' 'Files/j fileattr=1040 mountpoint=1' \
    'Files/s fileattr=1024' 'Files/t/d fileattr=1040' 'Files/t/sub/to-a fileattr=1024' 'Files/t/to-b fileattr=1024' \
    'Files/t/to-sub fileattr=1040'
sound oci:new:links
# Links are followed where something goes through them.
build followed --junction 'C:\j=C:\Users' --add 'f=C:\j\f' --add 'f=C:\J\Default\g'
says found 'd Files/Users' 'd Files/Users/Default' 'f Files/Users/Default/g' 'f Files/Users/f' 's Files/j > C:\Users'
refused 3 "oci:base:ltsc2022: C:\\b: the link to 'a' is one of a loop of links, or of too many" \
    --symlink 'C:\a=b' --symlink 'C:\b=a' --add 'f=C:\a\f'
refused 1 "oci:base:ltsc2022: C:\\a: the link to 'D:\\x' leads out of the image" \
    --symlink 'C:\a=D:\x' --add 'f=C:\a\f'
refused 1 "oci:base:ltsc2022: C:\\a: the link to '\\\\server\\share' leads out of the image" \
    --symlink 'C:\a=\\server\share' --add 'f=C:\a\f'
refused 1 "oci:base:ltsc2022: C:\\a: the link to 'nowhere' leads to nothing" \
    --symlink 'C:\a=nowhere' --add 'f=C:\a\f'
refused 6 "Files/License.txt: is a file in oci:base:ltsc2022, and no folder that something can be added to" \
    --symlink 'C:\a=..\..\..\License.txt' --add 'f=C:\a\f'
refused 2 "Files/Windows/System32/config/SAM: is a registry hive, which nothing can replace" \
    --junction 'C:\c=C:\Windows\System32\config' --add 'f=C:\c\SAM'
refused 2 "C:\\x: not of the form PATH=TARGET with a PATH like C:\\FOLDER\\LINK" --symlink 'C:\x'
refused 2 "Files: nothing can take the place of the drive" --junction 'C:\=C:\Users'
refused 6 "Files/Users: is a folder in oci:base:ltsc2022, whose place a link cannot take" \
    --symlink 'C:\users=C:\x'

# --- from other images ---

make_image nanoserver other --os-version 10.0.1.2 >name
other=oci:other:ltsc2022
build copied --copy-from "$other=C:\\Windows\\System32\\ntdll.dll=C:\\x\\" \
    --copy-from "$other=/windows/winsxs=/s" --copy-from "$other=C:\\Documents and Settings=C:\\u"
sed 's/\(amd64[^/]\{9\}\)[^/]*none_\([a-z]*\)0*/\1\2/' found >short
says short 'd Files/s' 'd Files/s/amd64_microsofsam' 'f Files/s/amd64_microsofsam/SAM' \
    'd Files/s/amd64_microsofsystem' 'f Files/s/amd64_microsofsystem/SYSTEM' 'd Files/u' 'd Files/u/Default' \
    'd Files/x' 'f Files/x/ntdll.dll' 'f Files/x/ntdll.dll:stream'
for name in ntdll.dll ntdll.dll:stream; do
    image extract "$other" 0 "Files/Windows/System32/$name" >wanted
    image extract oci:new:copied 1 "Files/x/$name" >got
    same_bytes wanted got
done
run 0 image check oci:new:copied
# The same, whatever the other image is stored as; and twice the same.
make_image nanoserver other.tar --form docker-archive --compression none --os-version 10.0.1.2 >name
copies="--copy-from docker-archive:other.tar=C:\\Windows\\System32=C:\\x"
# shellcheck disable=SC2086
build tar $copies
run 0 image layers oci:new:tar
mv out tar.layers
# shellcheck disable=SC2086
build tar2 $copies
run 0 image layers oci:new:tar2
same out tar.layers
grep -c '/config/' found >n || :
says n 5
refused 1 "$other: there is no C:\\none" --copy-from "$other=C:\\none=C:\\x"
refused 2 "$other=C:\\x: not of the form IMAGE=SRC=DST with a SRC and a DST like C:\\FOLDER\\FILE" \
    --copy-from "$other=C:\\x"
refused 5 "oci:missing: cannot open: No such file or directory" --copy-from 'oci:missing=C:\x=C:\x'
refused 2 "Files/Windows/System32/config/DEFAULT: is a registry hive, which nothing can replace" \
    --copy-from "$other=C:\\Windows\\System32\\config=C:\\Windows\\System32\\config"

# An image of another system: case matters there, names may hold what Windows does not take.
echo one >one
echo two >two
make_layer linux1.tar 'd usr' 'd usr/share' 'f usr/share/x @one' 'f usr/share/X @two' 's bin >usr/bin' \
    'd usr/bin' 'f usr/bin/tool @one' 'f usr/bin/gone @one' 'h usr/bin/hard >usr/bin/tool' 'd opt' 'f opt/old @one' \
    'd etc' 's etc/out >../../../../etc/passwd' 's etc/loop >loop'
make_layer linux2.tar 'f usr/bin/.wh.gone' 'f bin/more @two' 'd opt' 'f opt/.wh..wh..opq' 'f opt/new @two' \
    'f usr/share/a:b @one' 'f usr/share/back\\slash @one'
image_of linux linux1.tar linux2.tar --set 'os="linux"'
build linux --copy-from 'oci:linux=/bin=C:\bin' --copy-from 'oci:linux=/opt=C:\opt' \
    --copy-from 'oci:linux=/usr/share/X=C:\share\'
says found 'd Files/bin' 'f Files/bin/hard' 'f Files/bin/more' 'h Files/bin/tool > Files/bin/hard' 'd Files/opt' \
    'f Files/opt/new' 'd Files/share' 'f Files/share/X'
run 0 image extract oci:new:linux 1 Files/share/X
says out two
sound oci:new:linux
refused 2 "/usr/share/back\\slash: Windows takes none of < > : \" / \\ | ? * in names" \
    --copy-from 'oci:linux=/usr/share/back\slash=C:\s\'
refused 1 "oci:linux: there is no /etc/passwd" --copy-from 'oci:linux=/etc/passwd=C:\x'
refused 1 "oci:linux: /etc/out: the link to '../../../../etc/passwd' leads to nothing" \
    --copy-from 'oci:linux=/etc/out=C:\x'
refused 3 "oci:linux: /etc/loop: the link to 'loop' is one of a loop of links, or of too many" \
    --copy-from 'oci:linux=/etc/loop=C:\x'
make_layer case.tar 'd s' 'f s/x @one' 'f s/X @two'
image_of case case.tar --set 'os="linux"'
run 2 lp build --from "$base" --copy-from 'oci:case=/s=C:\s' --to oci:none
grep -q 'two files whose names differ by case only are to go there' err || fail "no word of the two"

# --- a utility VM ---

image extract "$base" 0 Files/Windows/System32/config/SAM >hive
config=Files/Windows/System32/config
make_layer vm.tar 'd Files' 'd Files/Windows' 'd Files/Windows/System32' "d $config" "f $config/DEFAULT @hive" \
    "f $config/SAM @hive" "f $config/SECURITY @hive" "f $config/SOFTWARE @hive" "f $config/SYSTEM @hive" \
    'd UtilityVM' 'd UtilityVM/Files' 'd UtilityVM/Files/EFI' 'd UtilityVM/Files/EFI/Microsoft' \
    'd UtilityVM/Files/EFI/Microsoft/Boot' 'f UtilityVM/Files/EFI/Microsoft/Boot/BCD @hive' \
    'f UtilityVM/Files/old @one' 's UtilityVM/Files/c >C:\\EFI MSWINDOWS.fileattr=1040'
image_of vm vm.tar
base=oci:vm
build vm --remove 'UtilityVM\Files\OLD' --add 'f=utilityvm/files/c/f'
says found 'd UtilityVM/Files' 'f UtilityVM/Files/.wh.old' 'd UtilityVM/Files/EFI' 'f UtilityVM/Files/EFI/f'
run 0 lp verify oci:new:vm
refused 2 "UtilityVM/Files: this is a root of a layer, which cannot be removed" --remove 'UtilityVM\Files\'
refused 1 "oci:vm: there is no UtilityVM\\Files\\none" --remove 'UtilityVM\Files\none'
base=oci:base:ltsc2022
refused 4 "UtilityVM/Files/x: no layer below has a utility VM that something could be added to" \
    --add 'f=UtilityVM\Files\x'

# --- out of images ---

run 0 lp extract oci:new:links --file 'C:\windows\System32\NTDLL.DLL' -o n.dll
says out 'C:\Windows\System32\ntdll.dll       4096 bytes'
image extract "$base" 0 Files/Windows/System32/ntdll.dll >wanted
same_bytes wanted n.dll
# Through links; several into a folder; what a layer above took away is not there.
run 0 lp extract oci:new:links --file 'C:\j\b' --file '/T/d/to-a' -o several
says out 'C:\t\sub\b                  2 bytes' 'C:\t\a                      2 bytes'
(cd several && cat a b) >found
says found a b
run 0 lp extract oci:new:links --file 'C:\t' -o folder/
says out 'C:\t\a                      2 bytes' 'C:\t\sub\b                  2 bytes'
says err "layerpack: C:\\t\\d: is not written: it is a link to 'sub'" \
    "layerpack: C:\\t\\sub\\to-a: is not written: it is a link to '..\\a'" \
    "layerpack: C:\\t\\to-b: is not written: it is a link to 'sub\\b'" \
    "layerpack: C:\\t\\to-sub: is not written: it is a link to 'sub'"
(cd folder && find . | sort) >found
says found . ./a ./sub ./sub/b
run 1 lp extract oci:new:removed --file 'C:\License.txt' -o gone
says err "layerpack: oci:new:removed: there is no C:\\License.txt"
run 1 lp extract oci:base:ltsc2022 --file 'C:\Licence.txt' -o none
says err "layerpack: oci:base:ltsc2022: there is no C:\\Licence.txt, did you mean C:\\License.txt?"
[ ! -e gone ] || fail "a file was made of what is not there"
run 2 lp extract oci:new:links --file 'C:\t\a' --file 'C:\t\a' -o twice
says err "layerpack: --file: C:\\t\\a and C:\\t\\a have one name" "layerpack: see 'layerpack extract --help'"
ln -s /etc several/link
run 0 lp build --quiet --from "$base" --add f=/link --to oci:new:named-link
run 5 lp extract oci:new:named-link --file '/link' -o several
says err "layerpack: several/link: is a symbolic link, and extract does not write through one"
run 2 lp extract oci:new:links --file /f --raw -o x
run 2 lp extract oci:new:links SAM --file /f -o x
run 0 lp extract oci:linux --file /bin/more -o more
says more two
# An unpacked layer, and a layer alone.
mkdir -p unpacked/Files/App
echo z >unpacked/Files/App/z
run 0 lp extract unpacked --file 'C:\app\Z' -o z
says z z
run 0 lp extract vm.tar --file 'C:\Windows\System32\config\sam' -o vm.sam
same_bytes hive vm.sam

# --- records that nobody can read are not handed on ---

make_layer odd.tar 'd Files' 'd Files/z MSWINDOWS.fileattr=99999999999 MSWINDOWS.rawsd=!!!! mtime=-1 LIBARCHIVE.creationtime=x' \
    'f Files/z/a @one MSWINDOWS.fileattr=4294967295' 'h Files/z/nothing >Files/none' 'f Files/gone/.wh. @one' \
    'f Files/z/b:stream @one' 's Files/z/empty >'
image_of odd odd.tar
base=oci:odd
build odd --copy-from 'odd.tar=/z/a=/c' --add 'f=C:\z\f'
sed 's/ 8004 .*//' out | grep Files/ >found
says found 'f Files/c fileattr=39' 'd Files/z fileattr=16' 'f Files/z/f fileattr=32'
run 3 lp extract odd.tar --file /z/nothing -o nothing
says err "layerpack: odd.tar: C:\\z\\nothing: is a hard link to what is not there, and so has no content"
[ ! -e nothing ] || fail "a file was made of nothing"
base=oci:base:ltsc2022

# --- a layer that is not here ---

make_image nanoserver foreign --foreign missing >name
base=$(cat name)
run 0 lp build --from "$base" --add f=/f --to oci:new:foreign
run 1 lp build --from "$base" --remove 'C:\License.txt' --to oci:none
grep -q 'is in no layer that is here' err || fail "nothing is said of the missing layer"
