#!/bin/sh
# The text of a difference: what changed inside a value and what that means, trees that moved, what is
# folded, and that it is a page whatever the change.
. "${abs_srcdir:?}/tests/lib.sh"

needs_program "${PYTHON3:-python3}"

system='HKEY_LOCAL_MACHINE\SYSTEM'
hive() {
    { printf 'Windows Registry Editor Version 5.00\n\n' && cat; } >"$1.reg"
    run 0 ht new -o "$1"
    run 0 ht apply -q --root "$system" --in-place "$1" "$1.reg"
}
long='-netsvcs -something that is very'
rest='to make it not fit -and even more to it -end'
hive old <<REG
[$system\\ControlSet001\\Services\\App]
"Blob"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,17,\\
  18,19,1a,1b,1c,1d,1e,1f,20,21,22,23
"Command"="C:\\\\Windows\\\\System32\\\\svchost.exe -k utcsvc -p $long long $rest"
"InstallDate"=dword:5f000000
"LastTime"=hex:00,80,3e,d5,de,b1,9d,01
"Order"=hex(7):61,00,00,00,62,00,00,00,63,00,00,00,00,00
"Path"="C:\\\\Windows;C:\\\\Windows\\\\System32\\\\Wbem"
"Sid"=hex:01,01,00,00,00,00,00,05,12,00,00,00
"Start"=dword:00000002
"Type"=dword:00000010

[$system\\Gone]
"x"="1"

[$system\\Gone\\Sub]
"y"="2"
REG
hive new <<REG
[$system\\ControlSet001\\Services\\App]
"Blob"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,99,15,16,17,\\
  18,19,1a,1b,1c,1d,1e,1f,20,21,22,23
"Command"="C:\\\\Windows\\\\System32\\\\svchost.exe -k utcsvc -p $long short $rest"
"InstallDate"=dword:60000000
"LastTime"=hex:00,00,00,00,00,00,dc,01
"Order"=hex(7):63,00,00,00,78,00,00,00,61,00,00,00,00,00
"Path"="C:\\\\Windows;C:\\\\Tools;C:\\\\Windows\\\\System32\\\\Wbem"
"Sid"=hex:01,01,00,00,00,00,00,05,13,00,00,00
"Start"=dword:00000004
"Type"=dword:00000110

[$system\\Made\\In]
"x"="1"

[$system\\Made\\In\\Sub]
"y"="2"

[$system\\Leaf]
"a"="1"

[$system\\Tree]
"v"="1"

[$system\\Tree\\A]
"v"="1"
REG

# 0x5f000000 and 0x60000000 as date -u -d @… has them; 0x019db1ded53e8000 is the beginning of 1970
# (MS-DTYP), 0x01dc000000000000 by Python: datetime(1601, 1, 1) + timedelta(microseconds=… / 10).
cat >expected <<TEXT
~ [$system\\ControlSet001\\Services\\App]
    ~ "Blob"  binary 36 bytes, 1 differs
        - 0x0010  10 11 12 13 14 15 16 17  18 19 1a 1b 1c 1d 1e 1f |................|
        + 0x0010  10 11 12 13 99 15 16 17  18 19 1a 1b 1c 1d 1e 1f |................|
    ~ "Command"  sz
        - "…svc -p -netsvcs -something that is very long to make it not fit -and even more to it…"
        + "…svc -p -netsvcs -something that is very short to make it not fit -and even more to it…"
    ~ "InstallDate"  dword 0x5f000000 (1593835520) -> 0x60000000 (1610612736)
          = 2020-07-04T04:05:20Z -> 2021-01-14T08:25:36Z
    ~ "LastTime"  binary 8 bytes 00803ed5deb19d01 -> 8 bytes 000000000000dc01
          = 1970-01-01T00:00:00Z -> @LATER
    ~ "Order"  multi_sz + "x" at 2, - "b" at 2, ~ "c" moved from 3 to 1
    ~ "Path"  sz + "C:\\\\Tools" at 2
    ~ "Sid"  binary 12 bytes 010100000000000512000000 -> 12 bytes 010100000000000513000000
          = SID SY (Local System) -> SID LS (Local Service)
    ~ "Start"  dword 0x00000002 (2) -> 0x00000004 (4), bits -1 +2  = automatic -> disabled
    ~ "Type"  dword 0x00000010 (16) -> 0x00000110 (272), bit +8
          = own process -> own process, interactive
- [$system\\Gone]  (1 subkey, 2 values)
    moved to $system\\Made\\In
+ [$system\\Leaf]
    + "a"  sz "1"
+ [$system\\Made]  (2 subkeys, 2 values)
+ [$system\\Tree]  (1 subkey, 2 values)
(not all is shown: --full shows all, --depth=N opens trees, --key=KEY shows a part)
TEXT
later=$("${PYTHON3:-python3}" -S -c '
import datetime
print((datetime.datetime(1601, 1, 1) + datetime.timedelta(microseconds=0x01dc000000000000 // 10)).isoformat())')
run 1 ht diff --root "$system" old new
sed '$d' out | sed "s/-> ${later%.*}[.0-9]*Z\$/-> @LATER/" >found
same expected found
tail -n 1 out >found
says found "6 keys created, 2 keys deleted, 5 values added, 9 values changed, 2 values deleted; moved: 1 tree"

# The way back: what was made of a part of a tree.
run 1 ht diff --root "$system" new old
grep -A 1 '^+ ' out >found
says found "+ [$system\\Gone]  (1 subkey, 2 values)" "    moved from $system\\Made\\In"

# One value more, and it is no move.
{ sed 1,2d old.reg && printf '\n[%s\\Gone\\Sub]\n"z"="3"\n' "$system"; } | hive other
run 1 ht diff --root "$system" other new
lacks out 'moved to'

# Trees open as far as is asked for; 0 folds what is open of itself.
run 1 ht diff --root "$system" --depth=1 --key Tree -q old new
says out "+ [$system\\Tree]" '    + "v"  sz "1"' \
    "+ [$system\\Tree\\A]  (0 subkeys, 1 value)" \
    "(not all is shown: --full shows all, --depth=N opens trees, --key=KEY shows a part)" \
    "2 keys created, 2 values added; filtered: 20 changes"
run 1 ht diff --root "$system" --full --key Gone -q old new
grep -v '^[0-9]' out >found
says found "- [$system\\Gone]  (1 subkey, 2 values)" '    - "x"  sz "1"' "- [$system\\Gone\\Sub]" '    - "y"  sz "2"'
for depth in -1 x 600 ''; do
    run 2 ht diff "--depth=$depth" old new
    says err "hivetool: --depth is '$depth', not 0 to 512" "hivetool: see 'hivetool diff --help'"
done

# A page: 80 lines of 100 columns for 5,000 changes, of many keys, of one key, and of one value.
page() {
    lines=$(wc -l <out)
    columns=$(wc -L <out)
    [ "$lines" -le 80 ] || fail "$lines lines"
    [ "$columns" -le 100 ] || fail "$columns columns"
    grep -q 'not all is shown' out || fail "it does not say that there is more"
}
for side in 0 1; do
    awk -v side=$side -v root="$system" 'BEGIN {
        for (k = 0; k < 250; k++) {
            printf "[%s\\Vendor%d\\Product%d]\n", root, k % 10, k
            for (v = 0; v < 10; v++) printf "\"Value%d\"=dword:%08x\n", v, k * v + side
            print ""
        }
        printf "[%s\\Flat]\n", root
        for (v = 0; v < 2500; v++) printf "\"V%d\"=\"%d\"\n", v, v + side
        print ""
        printf "[%s\\Long]\n\"words\"=\"", root
        for (v = 0; v < 3000; v++) printf "word%d ", v * (1 + side * (v % 7 == 0))
        print "\""
    }' | hive "many$side"
done
run 1 ht diff --root "$system" many0 many1
page
tail -n 1 out >found
says found "5001 values changed"
run 1 ht diff -q --root "$system" --key Flat many0 many1
page
run 1 ht diff -q --root "$system" --key Long many0 many1
columns=$(wc -L <out)
[ "$columns" -le 100 ] || fail "$columns columns"

# What has no room is cut so that the change is seen: in the middle of an element, behind the text.
hex() { printf '%s' "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ \(..\)/\1,00,/g; s/,$//'; }
words='C:\Program Files\One\bin;C:\Program Files\Two\bin;C:\Program Files\Three\bin;D:\tools\bin'
wide=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
hive ends0 <<REG
[$system\\Ends]
"Element"=hex(7):$(hex "$wide$wide-A-$wide$wide"),00,00,00,00
"List"=hex(7):$(hex "$words"),00,00,00,00
"Path"=hex(2):$(hex "$words"),00,00
"Text"=hex(1):$(hex "$wide $wide"),00,00
REG
hive ends1 <<REG
[$system\\Ends]
"Element"=hex(7):$(hex "$wide$wide-B-$wide$wide"),00,00,00,00
"List"=hex(7):$(hex "$words"),00,00
"Path"=hex(2):$(hex "$words")
"Text"=hex(1):$(hex "$wide $wide")
REG
run 1 ht diff -q --root "$system" ends0 ends1
some=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
says out "~ [$system\\Ends]" '    ~ "Element"  multi_sz, 1 -> 1 string' \
    "        - \"…$some-A-$some…\" at 1" "        + \"…$some-B-$some…\" at 1" \
    '    ~ "List"  multi_sz, 1 -> 1 string, final NULs 2 -> 1' \
    '    ~ "Path"  expand_sz, 4 -> 4 pieces, final NULs 1 -> 0' \
    '    ~ "Text"  sz, final NULs 1 -> 0' '4 values changed'

# A tree that was removed, opened: its keys have the room of all others.
run 0 ht new -o none
hive deep <<REG
[$system\\Gone\\$wide\\$wide]
"v"="1"
REG
run 1 ht diff -q --root "$system" --depth=5 deep none
[ "$(wc -L <out)" -le 100 ] || fail "$(wc -L <out) columns"
run 1 ht diff -q --root "$system" --full deep none
grep -qFx -e "- [$system\\Gone\\$wide\\$wide]" out || fail "the path is cut"

# Two names, and two texts, that only their spelling in Unicode tells apart are shown apart.
hive composed <<REG
[$system\\caf$(printf '\303\251')]
"t"="$(printf '\303\251')"
REG
hive decomposed <<REG
[$system\\cafe$(printf '\314\201')]
"t"="$(printf 'e\314\201')"
REG
run 1 ht diff -q --root "$system" composed decomposed
says out "+ [$system\\cafe\\u{301}]" "    + \"t\"  sz \"e\\u{301}\"" \
    "- [$system\\caf$(printf '\303\251')]  (0 subkeys, 1 value)" '1 key created, 1 key deleted, 1 value added, 1 value deleted'

# Bytes that another type reads otherwise are two numbers.
hive number <<REG
[$system\\N]
"n"=dword:00000001
"t"="1"
REG
hive big <<REG
[$system\\N]
"n"=hex(5):01,00,00,00
"t"=hex(2):31,00,00,00
REG
run 1 ht diff -q --root "$system" number big
says out "~ [$system\\N]" '    ~ "n"  dword 0x00000001 (1) -> dword_big_endian 0x01000000 (16777216), same bytes, bits -0 +24' \
    '    ~ "t"  sz -> expand_sz, same data "1"' '2 values changed'

# Rules of the firewall: what stands between bars is told by itself, wherever it stands.
hive rule0 <<REG
[$system\\R]
"r"="v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|App=C:\\\\Program Files\\\\App\\\\a.exe|Name=App|Desc=Lets it in|"
REG
hive rule1 <<REG
[$system\\R]
"r"="v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=3390|App=C:\\\\Program Files\\\\App\\\\a.exe|Name=App|Desc=Lets it in|RA4=10.0.0.1|"
REG
run 1 ht diff -q --root "$system" rule0 rule1
says out "~ [$system\\R]" '    ~ "r"  sz, 10 -> 11 pieces' '        - "Action=Allow" at 2' '        + "Action=Block" at 2' \
    '        - "LPort=3389" at 6' '        + "LPort=3390" at 6' '        + "RA4=10.0.0.1" at 10' '1 value changed'
