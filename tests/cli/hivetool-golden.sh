#!/bin/sh
# textconv: a hive as lines, whatever the file is; golden: what was made against what was reviewed. docs/git.md runs
# both in a real repository.
. "${abs_srcdir:?}/tests/lib.sh"
hives=$abs_srcdir/fixtures/hives

# patch FILE LINES...
patch() {
    file=$1
    shift
    printf '%s\n' 'Windows Registry Editor Version 5.00' '' '[HKEY_LOCAL_MACHINE\SOFTWARE\New]' "$@" >"$file"
}

# --- textconv: every kind of line ---
ht -q new -o SOFTWARE
patch kinds.reg '@="default"' '"number"=dword:0000000a' '"path"="C:\\a;C:\\b;"' '"one"="no pieces"' \
    '"list"=hex(7):61,00,00,00,62,00,00,00,00,00' '"odd list"=hex(7):61,00' \
    '"short"=hex:00,01' '"long"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,41,7f' \
    '' '[HKEY_LOCAL_MACHINE\SOFTWARE\New\Below]'
ht -q apply --new-keys=copy -o made SOFTWARE kinds.reg
run 0 ht textconv made
cp out wanted
run 0 ht textconv - <made
same wanted out
run 0 ht textconv --root 'HKLM\SOFTWARE' made
sed 1d out >rest
printf '; %s bytes, sha256:%s\n' "$(wc -c <made)" "$(sha256sum made | cut -d ' ' -f 1)" >wanted
sed -n 1p out >first
same wanted first
says rest '; registry hive, version 1.5, named SOFTWARE' '' '[HKEY_LOCAL_MACHINE\SOFTWARE]' \
    "$(ht ls -l made | sed -n 's/.*New\\  /security /p')" '' '[HKEY_LOCAL_MACHINE\SOFTWARE\New]' '@ sz "default"' \
    '"list" multi_sz' '    "a"' '    "b"' '"long" binary' \
    '    000000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  |................|' \
    '    000010  41 7f                                            |A.|' \
    '"number" dword 0x0000000a (10)' '"odd list" multi_sz "a" (no final NUL)' '"one" sz "no pieces"' \
    '"path" sz' '    "C:\\a;"' '    "C:\\b;"' '"short" binary 2 bytes 0001' '' '[HKEY_LOCAL_MACHINE\SOFTWARE\New\Below]'

# The order of values and times are no content, so the lines are the same.
patch other.reg '"z"="1"' '"a"="2"'
patch order.reg '"a"="2"' '"z"="1"'
SOURCE_DATE_EPOCH=1 ht -q apply -o one SOFTWARE other.reg
SOURCE_DATE_EPOCH=2 ht -q apply -o two SOFTWARE order.reg
ht textconv one | sed 1d >one.txt
ht textconv two | sed 1d >two.txt
same one.txt two.txt

# What is no sound hive.
printf 'version https://git-lfs.github.com/spec/v1\nsize 1\033[2J\n' >pointer
run 0 ht textconv pointer
sed 1d out >rest
says rest '; not a hive' '; version https://git-lfs.github.com/spec/v1' '; size 1\u{1b}[2J'
: >nothing
run 0 ht textconv nothing
says out '; 0 bytes, sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' '; not a hive'
run 0 ht textconv "$abs_srcdir/fixtures/malformed/bad-checksum"
sed -n '2,5p' out >rest
says rest '; damaged at 0x1fc: base block: the checksum is wrong (it is 0x02a7d495, computed 0x02a7d494)' '' '[\]' \
    'security O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)'
printf 'regf' >stub
run 0 ht textconv stub
sed -n '2p' out | cut -d: -f 1 >rest
says rest '; nothing of it can be read'
run 0 ht textconv "$hives/dirty"
sed -n '2,3p' out >rest
says rest '; registry hive, version 1.5, named dirty' '; as it stands: changes are still in its transaction logs'
run 5 ht textconv missing
says err 'hivetool: missing: cannot open: No such file or directory'
# A name that would be another operand elsewhere.
cp made 'a=b'
run 0 ht textconv 'a=b' -o text
sed 1d text >left
ht textconv made | sed 1d >right
same left right

# --- golden: files ---
cp made copy
run 0 ht golden check made copy
says out
says err 'hivetool: 1 file is as golden'
run 1 ht golden check one two
says out 'one: the same content, other bytes: the time of 2 keys, the order of the values of 1 key, 4 used cells'
says err 'hivetool: 1 of 1 file is not as golden'
run 0 ht golden check --content one two
run 1 ht -q golden check SOFTWARE two
sed -n 1,2p out >start
says start 'SOFTWARE: differs' '+ [HKEY_LOCAL_MACHINE\SOFTWARE\New]'
says err
printf '[1,\n2]\n' >a.json
printf '[1,\n3]\n' >b.json
run 1 ht -q golden check a.json b.json
says out 'a.json: differs from byte 4 on, line 2; 7 bytes were 7'
printf 'REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\New]\n"a"="2"\n"z"="1"\n' >same.reg
run 1 ht -q golden check order.reg same.reg
says out 'order.reg: says the same in other words'
run 1 ht -q golden check order.reg kinds.reg
[ "$(sed -n 1p out)" = 'order.reg: differs' ] || fail "$(cat out)"

# --- golden: folders, all or none ---
mkdir golden made.d
cp one golden/changed
cp SOFTWARE golden/same
cp SOFTWARE golden/gone
cp made made.d/changed
cp SOFTWARE made.d/same
cp two made.d/new
before=$(cksum golden/*)
run 1 ht golden check golden made.d
grep -v '^[ +~-]' out | grep -v added >told
says told 'changed: differs' 'gone: was not made, there is only the golden file' 'new: has no golden file'
says err 'hivetool: 3 of 4 files are not as golden'
[ "$(cksum golden/*)" = "$before" ] || fail "check has changed something"
run 1 ht -q golden update --text golden made.d
cmp golden/changed made.d/changed
cmp golden/new made.d/new
cmp golden/gone SOFTWARE
ht textconv made.d/new >text
same golden/new.txt text
[ ! -e golden/gone.txt ] || fail "gone has a text"
rm golden/gone
run 0 ht golden check golden made.d
says err 'hivetool: 3 files are as golden'
echo 'edited by hand' >>golden/new.txt
run 1 ht -q golden check golden made.d
says out 'new: the text beside it, .txt, is of another hive'
run 0 ht -q golden update golden made.d
same golden/new.txt text
run 5 faulty 'rename:*new.txt:EIO' ht -q golden update golden/new one
cmp golden/new made.d/new
same golden/new.txt text
[ -z "$(find golden -name '.*')" ] || fail "left over: $(ls -A golden)"

# The text is that of the golden hive: under its name, and where --content leaves it, of its bytes.
mkdir named
cp "$abs_srcdir/fixtures/hives/SYSTEM" made.bin
run 0 ht -q golden update --text named/SYSTEM made.bin
run 0 ht textconv named/SYSTEM
cp out wanted
same wanted named/SYSTEM.txt
run 0 ht golden check named/SYSTEM made.bin
run 0 ht rebuild -q -o again made.bin
run 0 ht -q golden update --content --text named/SYSTEM again
same_bytes made.bin named/SYSTEM
same wanted named/SYSTEM.txt

# Only a hive has a text beside it; what is in folders is not looked at, which is said.
mkdir -p plain/sub plainer
echo x | tee plain/README >plainer/README
echo 1 >plain/README.txt
echo 2 >plainer/README.txt
run 1 ht golden check plain plainer
says out 'README.txt: differs from byte 0 on, line 1; 2 bytes were 2'
says err 'hivetool: plain/sub: is a folder, what is in it is not compared' 'hivetool: 1 of 2 files are not as golden'
mkdir -p none/sub
run 2 ht -q golden check none none/sub
says err 'hivetool: none and none/sub: there is no file in them' "hivetool: see 'hivetool golden --help'"

# --- usage ---
run 2 ht golden chek golden made.d
says err "hivetool: golden: 'chek', not check or update, did you mean 'check'?" "hivetool: see 'hivetool golden --help'"
run 2 ht golden check --text golden made.d
says err 'hivetool: --text is only for update' "hivetool: see 'hivetool golden --help'"
run 2 ht golden check golden golden
says err 'hivetool: golden and golden are the same' "hivetool: see 'hivetool golden --help'"
run 2 ht golden check golden one
says err 'hivetool: golden and one: one is a folder, the other a file' "hivetool: see 'hivetool golden --help'"
run 5 ht golden check golden missing
says err 'hivetool: missing: there is no such folder'
