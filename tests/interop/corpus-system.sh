#!/bin/sh
# A real SYSTEM hive of 30,756 keys: a patch that adds, changes and deletes values and keys and
# replaces a key. hivexml, hivexsh and reglookup read the result, and the difference of the two
# files is the patch's effect. A patch that touches a key with big data is refused.
. "${abs_srcdir:?}/tests/lib.sh"
needs_shared corpus
hive=$shared/corpus/hives/regipy/SYSTEM
cp "$hive" before

cat >patch.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\hivetool test]
"added"="text"
"number"=dword:0000002a

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\hivetool test\below]
@=hex(7):61,00,00,00,00,00

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Windows]
"ErrorMode"=dword:00000002
"ComponentizedBuild"=-

[-HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\Beep]

[-HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\Null]
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\Null]
"Start"=dword:00000004
REG

cat >effect <<'TEXT'
+ [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\hivetool test]  (1 subkey, 3 values)
~ [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Windows]
    - "ComponentizedBuild"  dword 0x00000001 (1)
    ~ "ErrorMode"  dword 0x00000000 (0) -> 0x00000002 (2), bit +1
- [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\services\Beep]  (0 subkeys, 6 values)
~ [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\services\Null]
    ~ security  owner, group
        ~ owner BA (Administrators) -> SY (Local System)
        ~ group BA (Administrators) -> SY (Local System)
    - "ErrorControl"  dword 0x00000001 (1)  = normal
    - "Group"  sz "Base"
    ~ "Start"  dword 0x00000001 (1) -> 0x00000004 (4), bits -0 +2  = system -> disabled
    - "Tag"  dword 0x00000001 (1)
    - "Type"  dword 0x00000001 (1)  = kernel driver
(not all is shown: --full shows all, --depth=N opens trees, --key=KEY shows a part)
2 keys created, 1 key deleted, 1 key changed, 3 values added, 2 values changed, 11 values deleted; not shown: timestamps (1)
TEXT
run 0 ht apply -o patched "$hive" patch.reg
run 1 ht diff "$hive" patched --root 'HKLM\SYSTEM'
same effect out
run 0 ht verify --root 'HKLM\SYSTEM' patched patch.reg
run 0 "${PYTHON3:-python3}" -S "$abs_srcdir/tests/interop/hive.py" dump patched
grep -q '^\[ControlSet001\\Control\\hivetool test\\below\]' out || fail "hive.py does not see the new key"

# A key with big data, and a key above one: hivex is refused with the reason, and nothing written;
# without --engine the hive is written anew, and only the patch is the difference.
refused() {
    printf 'Windows Registry Editor Version 5.00\n\n%s\n' "$1" >big.reg
    reason="hivetool: $hive: $2: hivex cannot do this safely: a value of the key has big data, which it would write as one invalid cell"
    run 4 ht apply --engine=hivex -o never "$hive" big.reg
    says out
    says err "$reason"
    [ ! -e never ] || fail "a file was written"
    same_bytes before "$hive"
    run 0 ht apply -v -o rebuilt "$hive" big.reg
    sed '$d' err >said
    says said "$reason" "hivetool: $hive: rebuilding the hive"
    run 0 ht info rebuilt
    run 1 ht diff --root 'HKLM\SYSTEM' --ignore=none "$hive" rebuilt
    sed 's/; not shown.*//' out >effect
}
refused '[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\ProductOptions]
"new"="value"' 'ControlSet001\Control\ProductOptions'
says effect '~ [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\ProductOptions]' \
    '    + "new"  sz "value"' '1 value added'
refused '[-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\services\rdyboost]' \
    'ControlSet001\services\rdyboost'
grep -c '^[-+~]' effect >n_blocks
says n_blocks 1

needs_program hivexml hivexsh reglookup
run 0 hivexml patched
grep -o '<node name="hivetool test">.*' out | sed 's/<byte_runs>.*//; s/<mtime>.*//' >node
says node '<node name="hivetool test">'
printf 'cd \\ControlSet001\\Control\\hivetool test\nlsval\ncd below\nlsval\n' >commands
run 0 hivexsh -f commands patched
says out '"added"="text"' '"number"=dword:0000002a' '"@"=hex(7):61,00,00,00,00,00'
run 0 reglookup -p '/ControlSet001/Control/hivetool test' patched
cut -d , -f 1-3 out >paths
says paths 'PATH,TYPE,VALUE' \
    '/ControlSet001/Control/hivetool test,KEY,' \
    '/ControlSet001/Control/hivetool test/added,SZ,text' \
    '/ControlSet001/Control/hivetool test/number,DWORD,0x0000002A' \
    '/ControlSet001/Control/hivetool test/below,KEY,' \
    '/ControlSet001/Control/hivetool test/below/,MULTI_SZ,a'
