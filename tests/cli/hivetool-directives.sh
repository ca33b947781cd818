#!/bin/sh
# Directives in comments of .reg files: statuses, whole outputs, and what regedit makes of each.
# docs/directives has the examples that directive-pages.sh runs; here are the corners.

. "${abs_srcdir:?}/tests/lib.sh"

cp "$abs_srcdir/fixtures/hives/SOFTWARE" "$abs_srcdir/fixtures/hives/SYSTEM" .
ole='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole'
rpc='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc'

# patch FILE: standard input, with the header before it.
patch() {
    printf 'Windows Registry Editor Version 5.00\r\n\r\n' >"$1"
    sed 's/$/\r/' >>"$1"
}

# --- what is wrong with a directive is told at its place, all of it at once

patch bad.reg <<'END'
;!
;!expect "a"="b"
;!why no
;!why "x" tickets=1
;!why "x" ticket=1 ticket=2
;!patch version=1
;!scope SOFTWARE\x
;!var 9
;!var A = b
;!map HKLM\A
;!map HKLM\A = HKLM\B
;!map hklm\a = HKLM\C
;!require "a"="b"
;!require value HKLM\SOFTWARE\a
;!require value HKLM\SOFTWARE\a::
;!require key HKLM\SOFTWARE\\a
;!WHY "x"

[HKEY_LOCAL_MACHINE\SOFTWARE\a]
;!var Y
;!expect key gone
;!expect "a"=dword:1 ; b
;!expect "a"=hex:01,\
;!expect "a"="b
;!expect "a"=
;!expect @ dword:1
;!assert not "a"=dword:1
;!exact
;!exact values keys

"q"=hex:01,\
;!why "x"
  02
;!expect dword:1

"z"="b" ;!wy "x"
"y"="b" ;!exact values
;!= "r"="${NOPE}"
;!= "r"="$x"
;!= "r"="\${NOPE}"
;!= "r"=hex:${NOPE}
;!= "r"="x
;!= r
;!why "a"
;!why "b"
"d"="e" ;!why "c"

[-HKEY_LOCAL_MACHINE\SOFTWARE\b] ;!exact tree
END
run 3 ht apply --dry-run SOFTWARE bad.reg
says out
grep '^hivetool: bad.reg\|^bad.reg' err | sed 's/^hivetool: //; s/, expected.*//' >got
cat >wanted <<'END'
bad.reg:3:3: found the end of the line
bad.reg:4:1: found the directive 'expect' here
bad.reg:5:7: found 'no'
bad.reg:6:11: found 'tickets=1'
bad.reg:7:20: found 'ticket=2'
bad.reg:8:1: found no id=
bad.reg:9:9: found 'SOFTWARE' as the root of a key
bad.reg:10:7: found '9'
bad.reg:11:11: found 'b'
bad.reg:12:13: found the end of the line
bad.reg:14:1: found a second 'map' of this path
bad.reg:15:11: found '"a"="b"'
bad.reg:16:32: found the end of the line
bad.reg:17:34: found the end of the line
bad.reg:18:29: found nothing between two backslashes
bad.reg:19:3: found 'WHY "x"'
bad.reg:22:1: found the directive 'var' here
bad.reg:23:14: found 'gone'
bad.reg:24:22: found '; b'
bad.reg:25:21: found '\'
bad.reg:26:16: found the end of the line
bad.reg:27:14: found the end of the line
bad.reg:28:12: found 'dword:1'
bad.reg:29:14: found '"a"=dword:1'
bad.reg:30:8: found the end of the line
bad.reg:31:16: found 'keys'
bad.reg:34:1: found a directive between the bytes of a value
bad.reg:36:1: found a condition without a value
bad.reg:38:11: found 'wy "x"'
bad.reg:39:9: found the directive 'exact' here
bad.reg:40:10: found the variable NOPE, which is not declared
bad.reg:41:10: found '$x"'
bad.reg:42:11: found '${NOPE}"'
bad.reg:43:13: found the variable NOPE, which is not declared
bad.reg:44:11: found the end of the line
bad.reg:45:5: found 'r'
bad.reg:47:1: found a second reason
bad.reg:48:9: found a second reason
bad.reg:50:34: found 'exact' on a key that is deleted
bad.reg: 39 errors
END
same wanted got
# To regedit all these lines are comments; the values that it reads are those without them.
run 0 ht apply --compat=regedit --dry-run SOFTWARE bad.reg
says out '+ [HKEY_LOCAL_MACHINE\SOFTWARE\a]' '    + "q"  binary 2 bytes 0102' \
    '    + "z"  sz "b"' '    + "y"  sz "b"' '    + "d"  sz "e"' \
    '1 key created, 4 values added'
says err 'hivetool: bad.reg: 40 directives not looked at, to regedit they are comments'

# One error has its line, a caret, and what regedit does.
patch one.reg <<END
[$ole]
;!expect dwrd:1
"a"=dword:1
END
run 3 ht apply --dry-run SOFTWARE one.reg
says out
says err "hivetool: one.reg:4:10: found 'dwrd:1', expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case" \
    '    ;!expect dwrd:1' '             ^' '    regedit takes this for a comment'

# Plain comments: ";!!", and no ";!" at the start.
patch plain.reg <<END
;!! why
; !why
[$ole] ;!!exact
"a"=dword:1 ; ;!why
END
run 0 ht apply --quiet --dry-run SOFTWARE plain.reg
says out "~ [$ole]" '    + "a"  dword 0x00000001 (1)' '1 value added'
says err
run 0 ht apply --compat=regedit --dry-run SOFTWARE plain.reg
says err

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

# --- exact: two patches, net effect, several lines

patch exact.reg <<END
[$rpc]
;!exact tree

[$rpc\Extensions]
"NdrOleExtDLL"="combase.dll"

[$rpc\New\Sub]

[-$rpc\SecurityService\x]
END
patch agrees.reg <<END
[$rpc\Extensions]
"NdrOleExtDLL"="combase.dll"
"RemoteRpcDll"=-

[-$rpc\NetBios]
END
run 0 ht apply -o exact.1 SOFTWARE exact.reg
says err 'hivetool: exact.1: 2 keys created, 3 keys deleted, 15 values deleted'
run 0 ht apply --quiet -o exact.2 SOFTWARE exact.reg agrees.reg
run 0 ht apply --quiet -o exact.3 SOFTWARE agrees.reg exact.reg
same_bytes exact.1 exact.2
same_bytes exact.1 exact.3
run 0 ht apply --root='HKLM\SOFTWARE' --in-place exact.1 exact.reg
says err 'hivetool: exact.1: nothing to do'
run 0 ht ls -r exact.1 'Microsoft\Rpc'
says out 'Extensions\' 'Extensions\"NdrOleExtDLL"  sz "combase.dll"' 'New\' 'New\Sub\'
patch value.reg <<END
[$rpc\Extensions]
"Other"="x"
END
patch key.reg <<END
[$rpc\New\Sub\Deep]
END
patch delete.reg <<END
[-$rpc\Extensions]
END
for other in value key delete; do
    run 6 ht apply --dry-run SOFTWARE exact.reg $other.reg
    cp err $other.1
    run 6 ht apply --dry-run SOFTWARE $other.reg exact.reg
    cat $other.1 err
done >got
cat >wanted <<'END'
hivetool: value.reg:4: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\Extensions: "Other": contradicts exact.reg:4 (--last-wins lets the later patch win)
hivetool: exact.reg:4: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\Extensions: "Other": contradicts value.reg:4 (--last-wins lets the later patch win)
hivetool: key.reg:3: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\New\Sub\Deep: contradicts exact.reg:4 (--last-wins lets the later patch win)
hivetool: exact.reg:4: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\New\Sub\Deep: contradicts key.reg:3 (--last-wins lets the later patch win)
hivetool: delete.reg:3: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\Extensions: contradicts exact.reg:6 (--last-wins lets the later patch win)
hivetool: exact.reg:6: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\Extensions: contradicts delete.reg:3 (--last-wins lets the later patch win)
END
same wanted got
run 0 ht apply --last-wins --quiet -o exact.4 SOFTWARE exact.reg value.reg key.reg
run 0 ht ls -r exact.4 'Microsoft\Rpc'
says out 'Extensions\' 'Extensions\"NdrOleExtDLL"  sz "combase.dll"' 'Extensions\"Other"  sz "x"' \
    'New\' 'New\Sub\' 'New\Sub\Deep\'
run 0 ht apply --last-wins --quiet -o exact.5 SOFTWARE value.reg key.reg exact.reg
run 0 ht diff exact.1 exact.5
# A key that the file deletes after all is not exact but gone; [-K] then [K] is exact anyway.
patch gone.reg <<END
[$rpc]
;!exact tree

[-$rpc]
END
run 0 ht apply --dry-run SOFTWARE gone.reg
says out "- [$rpc]  (4 subkeys, 16 values)" '5 keys deleted, 16 values deleted'
run 0 ht apply --compat=regedit --dry-run SOFTWARE exact.reg
says out "+ [$rpc\\New]" "+ [$rpc\\New\\Sub]" '2 keys created'

# --- why, patch: values, sections, file; JSON and back

patch why.reg <<END
;!patch id="dcom off" version=3
;!why "all" owner="the platform team"

[$ole] ;!why "section"
;!why "value"
; and a comment
"EnableDCOM"="N"
"b"=dword:1 ;!why "b's" ticket=T-1
"c"=dword:1

[$rpc]
"c"=dword:1
;!why "late"

[$rpc\New]

[-$rpc\NetBios]
;!why "no \\\\ \"NetBIOS\""
END
run 0 ht apply --dry-run SOFTWARE why.reg
cat >wanted <<'END'
~ [HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
    why: section
    + "b"  dword 0x00000001 (1)
        why: b's (ticket T-1)
    + "c"  dword 0x00000001 (1)
    ~ "EnableDCOM"  sz "Y" -> "N"
        why: value
~ [HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc]
    why: late
    + "c"  dword 0x00000001 (1)
- [HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\NetBios]  (0 subkeys, 0 values)
    why: no \ "NetBIOS"
+ [HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\New]
    why: all (owner the platform team)
1 key created, 1 key deleted, 3 values added, 1 value changed
END
same wanted out
run 1 ht verify --format=delta SOFTWARE why.reg
cp out why.json
sed -n 's/.*"op":"\([a-z_]*\)".*"origin":\({[^}]*}\),"why":\({[^}]*}\).*/\1 \2 \3/p' out >got
cat >wanted <<'END'
set_value {"file":"why.reg","line":10,"patch":"dcom off","version":"3"} {"text":"b's","ticket":"T-1"}
set_value {"file":"why.reg","line":11,"patch":"dcom off","version":"3"} {"text":"section"}
set_value {"file":"why.reg","line":9,"patch":"dcom off","version":"3"} {"text":"value"}
set_value {"file":"why.reg","line":14,"patch":"dcom off","version":"3"} {"text":"late"}
delete_key {"file":"why.reg","line":19,"patch":"dcom off","version":"3"} {"text":"no \\ \"NetBIOS\""}
create_key {"file":"why.reg","line":17,"patch":"dcom off","version":"3"} {"text":"all","owner":"the platform team"}
END
same wanted got
run 1 ht verify --format=delta SOFTWARE why.json
sed 's/"origin":{[^}]*},//' why.json >wanted
sed 's/"origin":{[^}]*},//' out >got
same wanted got
sed 's/"why":{"text":"late"}/"why":{"text":1}/' why.json >bad.json
run 3 ht apply --dry-run SOFTWARE bad.json
run 0 ht apply --compat=regedit --dry-run SOFTWARE why.reg
lacks out why
# The way back has no reasons: nobody gave one.
run 0 ht apply --quiet --reverse-out=back.json -o why.new SOFTWARE why.reg
lacks back.json '"why"'

# --- map

patch map.reg <<'END'
;!map HKEY_LOCAL_MACHINE\OFFLINE = HKEY_LOCAL_MACHINE\SOFTWARE
;!map HKLM\offline\Classes = HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole
;!map HKEY_LOCAL_MACHINE\SOFTWARE = HKEY_LOCAL_MACHINE\NOWHERE
;!scope HKEY_LOCAL_MACHINE\OFFLINE\**
;!require key HKEY_LOCAL_MACHINE\OFFLINE\Microsoft\Rpc

[HKEY_LOCAL_MACHINE\OFFLINE\Microsoft\Rpc]
"a"=dword:1

[HKEY_LOCAL_MACHINE\OFFLINE\Classes]
"a"=dword:1
END
run 0 ht apply --dry-run SOFTWARE map.reg
says out "~ [$ole]" '    + "a"  dword 0x00000001 (1)' "~ [$rpc]" '    + "a"  dword 0x00000001 (1)' \
    '2 values added'
run 6 ht apply --compat=regedit --dry-run SOFTWARE map.reg

# --- var

patch var.reg <<END
;!var TEXT
;!var Hex_1="f"
;!var EMPTY = ""

[$ole]
;!= @="a\${TEXT}b\$\${TEXT}\\\\\${EMPTY}" ;!why "\${TEXT}"
;!expect absent
;!= "n\${TEXT}"=dword:\${Hex_1}
;!= "old"=-
;!= "bin"=hex:01,02 ; \$\${TEXT}
END
run 0 ht apply --dry-run --set='TEXT=q"\u00fc\' SOFTWARE var.reg
cat >wanted <<'END'
~ [HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
    + @  sz "aq\"\\u00fc\\b${TEXT}\\"
        why: q"\u00fc\
    + "bin"  binary 2 bytes 0102
    + "nq\"\\u00fc\\"  dword 0x0000000f (15)
3 values added
END
same wanted out
run 0 ht apply --dry-run --set=TEXT='=ü' --set Hex_1=DEADbeef SOFTWARE var.reg
grep '"n\|@' out >got
says got '    + @  sz "a=üb${TEXT}\\"' '    + "n=ü"  dword 0xdeadbeef (3735928559)'
run 2 ht apply --dry-run SOFTWARE var.reg
run 2 ht apply --dry-run --set=TEXT=x --set=Hex_1= SOFTWARE var.reg
run 2 ht apply --dry-run --set=TEXT=x --set=Hex_1=123456789 SOFTWARE var.reg
run 2 ht apply --dry-run --set=TEXT=x --set=TEXT=y SOFTWARE var.reg
says err 'hivetool: --set TEXT: is given twice' "hivetool: see 'hivetool apply --help'"
run 2 ht apply --dry-run --set=TEXT=x --set=text=y SOFTWARE var.reg
says err "hivetool: --set text: no patch has a line ';!var text'" \
    "hivetool: see 'hivetool apply --help'"
run 2 ht apply --dry-run --set==x SOFTWARE var.reg
says err "hivetool: --set is '=x', not NAME=VALUE" "hivetool: see 'hivetool apply --help'"
# Each file declares what it uses; verify takes them for all files together.
run 0 ht apply --quiet --set=TEXT=x -o SOFTWARE.var SOFTWARE var.reg value.reg
run 0 ht verify --set=TEXT=x SOFTWARE.var value.reg var.reg
says out
run 1 ht verify --set=TEXT=y SOFTWARE.var value.reg var.reg
run 0 ht apply --compat=regedit --dry-run SOFTWARE var.reg
says err 'hivetool: var.reg: 8 directives not looked at, to regedit they are comments' \
    'hivetool: SOFTWARE: nothing to do'

# A value of several lines is none: the lines of a message are those of the file.
patch lines.reg <<END
;!var A
[$ole]
;!= "a"="\${A}"
  ;!=   "long\${A}"="x" y
;!= "x"="\${A}" ;!expect "x" y
"b"=x
END
run 2 ht apply --dry-run --set="A=1
2" SOFTWARE lines.reg
says out
grep ':[0-9]*:[0-9]*:' err >got
says got "hivetool: lines.reg:5:10: found the variable A with a line break in its value, expected a value of one line" \
    "hivetool: lines.reg:6:14: found the variable A with a line break in its value, expected a value of one line" \
    "hivetool: lines.reg:7:10: found the variable A with a line break in its value, expected a value of one line" \
    "hivetool: lines.reg:8:5: found 'x', expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case"
# Places are those of the template as it is written, and to regedit it is a comment.
run 3 ht apply --dry-run --set=A=a-long-value SOFTWARE lines.reg
says err "hivetool: lines.reg:6:24: found 'y', expected the end of the line or a ';' comment after the string" \
    '      ;!=   "long${A}"="x" y' '                           ^' \
    '    regedit takes this for a comment' \
    "hivetool: lines.reg:7:29: found 'y', expected the end of the line or '|' after the string" \
    '    ;!= "x"="${A}" ;!expect "x" y' '                                ^' \
    '    regedit takes this for a comment' \
    "hivetool: lines.reg:8:5: found 'x', expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case" \
    '    "b"=x' '        ^' '    regedit skips this line, silently' 'hivetool: lines.reg: 3 errors'

# Two reasons for one section, wherever they stand; one that a bad line had is not a second.
patch reasons.reg <<END
[$ole]
;!why "one"
;!why "two"

"a"="b"

[$rpc] ;!why "three"
;!why "its value's"
"a"="b"
;!why "of a bad line"
;!expect "x"
"c"=x
;!why "four"
END
run 3 ht apply --dry-run SOFTWARE reasons.reg
grep ':[0-9]*:[0-9]*:' err | sed 's/, expected.*//' >got
says got 'hivetool: reasons.reg:5:1: found a second reason' "hivetool: reasons.reg:14:5: found 'x'" \
    'hivetool: reasons.reg:15:1: found a second reason'

# Conditions that bind to nothing are told in the order of lines, with what comes after them.
patch order.reg <<END
[$ole]
;!expect "x"
;!expec

"a"=x
END
run 3 ht apply --dry-run SOFTWARE order.reg
grep ':[0-9]*:[0-9]*:' err | sed 's/, expected.*//' >got
says got 'hivetool: order.reg:4:1: found a condition without a value' \
    "hivetool: order.reg:5:3: found 'expec'" "hivetool: order.reg:7:5: found 'x'"

# Errors of all patches are told.
run 3 ht apply --dry-run SOFTWARE order.reg value.reg reasons.reg
grep -c '^hivetool: order.reg:[0-9]*:' err >got
grep -c '^hivetool: reasons.reg:[0-9]*:' err >>got
says got 3 3

# As many maps and scopes as there can be, and one more.
i=0
while [ $i -lt 500 ]; do
    i=$((i + 1))
    printf ';!map HKLM\\FROM%d = HKLM\\TO%d\n;!scope HKLM\\TO%d\\**\n' $i $i $i
done >places
printf '\n[HKLM\\FROM500\\x]\n' | cat places - | patch places.reg
run 0 ht apply --quiet --dry-run --root='HKLM\TO500' SOFTWARE places.reg
printf ';!scope HKLM\\x\n;!scope HKLM\\x\n\n[HKLM\\FROM500\\x]\n' | cat places - | patch places.reg
run 4 ht apply --quiet --dry-run --root='HKLM\TO500' SOFTWARE places.reg
says err "hivetool: places.reg:1003:1: found more than 1000 'map' and 'scope' lines, expected at most that many" \
    '    ;!scope HKLM\x' '    ^' '    regedit takes this for a comment'

# REGEDIT4 files have directives, too; their string data is in the code page there as well.
printf 'REGEDIT4\n\n[%s]\n;!expect "EnableDCOM"=hex(1):59,00\n"a"=dword:1\n' "$ole" >four.reg
run 0 ht apply --quiet --dry-run SOFTWARE four.reg

# A file without sections, one line without an end.
printf 'Windows Registry Editor Version 5.00\n;!require key %s' "$ole" >short.reg
run 0 ht apply --dry-run SOFTWARE short.reg
printf 'Windows Registry Editor Version 5.00\n;!' >short.reg
run 3 ht apply --dry-run SOFTWARE short.reg
printf 'Windows Registry Editor Version 5.00\n;!=' >short.reg
run 3 ht apply --dry-run SOFTWARE short.reg
