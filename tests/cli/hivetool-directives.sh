#!/bin/sh
# Directives in comments of .reg files: statuses, whole outputs, and what regedit makes of each.
# docs/directives has the examples that directive-pages.sh runs; here are the corners, and those of conditions and scopes
# in hivetool-directives-conditions.sh.

. "${abs_srcdir:?}/tests/lib.sh"

cp "$abs_srcdir/fixtures/hives/SOFTWARE" .
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
