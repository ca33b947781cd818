#!/bin/sh
# Directives that are conditions (expect, require, assert) or bounds (scope): what the hives hold,
# what the patch makes of them, and where it may write.

. "${abs_srcdir:?}/tests/lib.sh"

cp "$abs_srcdir/fixtures/hives/SOFTWARE" "$abs_srcdir/fixtures/hives/SYSTEM" .
ole='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole'
rpc='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc'

# patch FILE: standard input, with the header before it.
patch() {
    printf 'Windows Registry Editor Version 5.00\r\n\r\n' >"$1"
    sed 's/$/\r/' >>"$1"
}

# --- expect: binding, alternatives, and what the patch asks for itself

patch expect.reg <<END
[$ole]
;!expect "x"
; a comment between
;!expect absent
"EnableDCOM"="N" ;!expect any
"a"=dword:1 ;!expect dword:2 | hex:00
;!expect "EnableDCOM"=hex(1):59,00,00,00
;!expect "a"=absent
;!expect "b"=-
;!expect @="x" | "|" | "\\\\"
;!expect "No"=any
;!expect key present
;!expect key absent

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\None] ;!expect key present
;!expect key absent

[-HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Gone]
;!expect key present
END
run 6 ht apply -o new SOFTWARE expect.reg
says out
says err "hivetool: expect.reg:4: expect: $ole: \"EnableDCOM\": the hive has sz \"Y\", expected sz \"x\"" \
    "hivetool: expect.reg:6: expect: $ole: \"EnableDCOM\": the hive has sz \"Y\", expected absent" \
    "hivetool: expect.reg:8: expect: $ole: \"a\": the hive has no such value, expected dword 0x00000002 (2) or binary 1 byte 00" \
    "hivetool: expect.reg:12: expect: $ole: @: the hive has no such value, expected sz \"x\" or sz \"|\" or sz \"\\\\\"" \
    "hivetool: expect.reg:13: expect: $ole: \"No\": the hive has no such value, expected any data" \
    "hivetool: expect.reg:15: expect: $ole: the hive has the key, expected absent" \
    'hivetool: expect.reg:17: expect: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\None: the hive has no such key, expected present'
[ ! -e new ] || fail "a file was written although an expectation failed"
run 0 ht apply --compat=regedit -o new SOFTWARE expect.reg
says err 'hivetool: expect.reg: 14 directives not looked at, to regedit they are comments' \
    'hivetool: new: 1 key created, 1 value added, 1 value changed'

# What the patch makes is accepted: of values, of keys, of deletions.
patch twice.reg <<END
[$ole]
;!expect "Y"
"EnableDCOM"="N"
;!expect any
"DefaultLaunchPermission"=-

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\None]
;!expect key absent
"x"=dword:1

[-$rpc\NetBios]
;!expect key present

[-$rpc\ClientProtocols]
;!expect "ncacn_np"="rpcrt4.dll"
END
run 0 ht apply -o SOFTWARE.twice SOFTWARE twice.reg
says err 'hivetool: SOFTWARE.twice: 1 key created, 2 keys deleted, 1 value added, 1 value changed, 5 values deleted'
run 0 ht apply --in-place SOFTWARE.twice twice.reg
says err 'hivetool: SOFTWARE.twice: nothing to do'
# Another thing in the key than the patch makes is another thing.
patch more.reg <<'END'
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\None]
"x"=dword:2
END
run 0 ht apply --quiet --in-place SOFTWARE.twice more.reg
run 6 ht apply --in-place SOFTWARE.twice twice.reg
says err 'hivetool: twice.reg:10: expect: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\None: the hive has the key, expected absent'

# --- require and assert: several hives, CurrentControlSet, HKEY_CLASSES_ROOT

patch several.reg <<'END'
;!require key HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\AudioMonitor14
;!require not value HKLM\SYSTEM\CurrentControlSet\Services\AudioMonitor14::Start = dword:4 | dword:5
;!require not value HKLM\SYSTEM\Select::"Current"
;!require not key HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001
;!require value HKLM\SYSTEM\Select::Nothing = absent
;!require value HKLM\SYSTEM\None::@
;!assert value HKEY_CLASSES_ROOT\.txt::@ = "txtfile"
;!assert value HKCR\.txt::PerceivedType = "x"

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\AudioMonitor14]
"Start"=dword:00000003
;!assert after "Start"=dword:4
;!assert dword:3
"New"=dword:00000003
;!assert key absent

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\New]
;!assert key present

[-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\BackupHost111]
;!assert key absent
;!assert "Start"=absent
END
run 6 ht apply --dry-run SYSTEM=SYSTEM SOFTWARE=SOFTWARE several.reg
says out
says err 'hivetool: several.reg:4: require: HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\AudioMonitor14: "Start": the hive has dword 0x00000004 (4), expected anything but dword 0x00000004 (4) or dword 0x00000005 (5)' \
    'hivetool: several.reg:5: require: HKEY_LOCAL_MACHINE\SYSTEM\Select: "Current": the hive has dword 0x00000001 (1), expected absent' \
    'hivetool: several.reg:6: require: HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001: the hive has the key, expected absent' \
    'hivetool: several.reg:8: require: HKEY_LOCAL_MACHINE\SYSTEM\None: @: the hive has no such key, expected any data' \
    'hivetool: several.reg:14: assert: HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\AudioMonitor14: "Start": the result would have dword 0x00000003 (3), expected dword 0x00000004 (4)' \
    'hivetool: several.reg:17: assert: HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\AudioMonitor14: the result would have the key, expected absent' \
    'hivetool: several.reg:10: assert: HKEY_LOCAL_MACHINE\SOFTWARE\Classes\.txt: "PerceivedType": the result would have sz "document", expected sz "x"'
run 1 ht verify --format=json SYSTEM=SYSTEM SOFTWARE=SOFTWARE several.reg
grep -c '"assert"' out >n
says n 6
grep '"line":1[57],' out >got
cat >wanted <<'END'
    {"file":"several.reg","line":15,"hive":"SYSTEM","key":"HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\AudioMonitor14","name":"New","assert":"dword 0x00000003 (3)","actual":null},
    {"file":"several.reg","line":17,"hive":"SYSTEM","key":"HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\AudioMonitor14","assert":"absent","actual":{"key":true}},
END
same wanted got
run 0 ht apply --compat=regedit --quiet --dry-run SYSTEM=SYSTEM SOFTWARE=SOFTWARE several.reg

# A guard on what no hive has is no guard.
patch foreign.reg <<END
;!require key HKEY_LOCAL_MACHINE\SAM\SAM
[$ole]
END
run 6 ht apply --dry-run SOFTWARE foreign.reg
says err 'hivetool: foreign.reg:3: HKEY_LOCAL_MACHINE\SAM\SAM: this condition is on a key that is in none of the hives given (--skip-foreign passes over such conditions)'
run 0 ht apply --skip-foreign --dry-run SOFTWARE foreign.reg
says err 'hivetool: 1 statement outside HKEY_LOCAL_MACHINE\SOFTWARE skipped' \
    'hivetool: SOFTWARE: nothing to do'
run 0 ht apply --compat=regedit --dry-run SOFTWARE foreign.reg

# Conditions alone need to know where the hive hangs, like statements.
patch alone.reg <<END
;!require key $ole
END
cp SOFTWARE other
run 0 ht apply --dry-run --root='HKLM\SOFTWARE' other alone.reg
says err 'hivetool: other: nothing to do'

# --- scope

patch scope.reg <<END
;!scope $rpc\\**
;!scope HKLM\SOFTWARE\*\Ole::Enable????
;!scope HKLM\SOFTWARE\**\deep\x?

[$rpc]
"a"=dword:1

[-$rpc\NetBios]

[$rpc\Extensions] ;!exact values

[$ole]
"ENABLEdcom"="N"

[HKEY_LOCAL_MACHINE\SOFTWARE\a\B\Deep\x1]
"any"=dword:1
END
run 0 ht apply --dry-run --quiet SOFTWARE scope.reg
patch outside.reg <<END
;!scope $rpc\\*
;!scope HKLM\SOFTWARE\*\Ole::Enable????
;!scope HKLM\SOFTWARE\**\deep\x?

[$rpc]

[-$rpc\NetBios]

[$rpc\Extensions] ;!exact values

[$ole]
"EnableDCOM2"="N"
@="N"

[-$ole]

[HKEY_LOCAL_MACHINE\SOFTWARE\a\Deep\x12]

[HKEY_LOCAL_MACHINE\SOFTWARE\a\Deep\x1\x1]
END
run 3 ht apply --dry-run SOFTWARE outside.reg
grep 'outside.reg' err | sed 's/^hivetool: //; s/, expected.*//' >got
cat >wanted <<'END'
outside.reg:7:1: found a key outside every scope of the file
outside.reg:9:1: found a change of all below a key that no scope of the file allows
outside.reg:11:56: found a change of all below a key that no scope of the file allows
outside.reg:14:1: found a value outside every scope of the file
outside.reg:15:1: found a value outside every scope of the file
outside.reg:17:1: found a change of all below a key that no scope of the file allows
outside.reg:19:1: found a key outside every scope of the file
outside.reg:21:1: found a key outside every scope of the file
outside.reg: 8 errors
END
same wanted got
run 0 ht apply --compat=regedit --quiet --dry-run SOFTWARE outside.reg
