#!/bin/sh
# hivetool lint: each rule finds what it is for and leaves its near misses alone; places, output
# and statuses.

. "${abs_srcdir:?}/tests/lib.sh"

needs_program iconv awk

v5='Windows Registry Editor Version 5.00'

# finds LINES...: the findings in t.reg, without the excerpts, are exactly these.
finds() {
    run 1 ht lint t.reg
    says err
    excerpt
    says findings "$@"
}

# excerpt: the findings in the file out, without source lines, to the file findings.
excerpt() {
    grep -v '^    ' out >findings
    cat findings >>all
}


# is_clean: nothing is found in t.reg.
is_clean() {
    run 0 ht lint t.reg
    says out
    says err
}

# value LINE...: t.reg with one key in lines 1 and 2, then these lines.
value() {
    printf '%s\n' "$v5" '[HKEY_CURRENT_USER\Software\k]' "$@" >t.reg
}

# keys LINE...: t.reg with these lines from line 2 on.
keys() {
    printf '%s\n' "$v5" "$@" >t.reg
}

# Sizes.
value '"a"=hex(4):01,00'
finds 't.reg:3:5: warning: hex(4): with 2 bytes, where programs read 4 [dword-size]'
value '"a"=hex(5):01,00,00,00,00,00,00,00'
finds 't.reg:3:5: warning: hex(5): with 8 bytes, where programs read 4 [dword-size]'
value '"a"=hex(4):01,00,00,00' '"b"=hex(5):00,00,00,01' '"c"=dword:00000001'
is_clean
value '"a"=hex(b):01,00,00,00'
finds 't.reg:3:5: warning: hex(b): with 4 bytes, where programs read 8 [qword-size]'
value '"a"=hex(b):01,00,00,00,00,00,00,00' '"b"=hex:01'
is_clean

# Strings.
value '"a"=hex(2):41,00,00'
finds 't.reg:3:5: warning: a string of 3 bytes, and each character has two [string-odd]'
value '"a"=hex(7):41'
finds 't.reg:3:5: warning: a string of 1 byte, and each character has two [string-odd]'
value '"a"=hex(2):41,00,00,00' '"b"=hex:41' '"c"=hex(2):'
is_clean
value '"a"=hex(1):41,00'
finds 't.reg:3:5: warning: the string has no NUL at its end [string-unterminated]'
value '"a"=hex(1):41,00,00,00' '"b"=hex(1):' '"c"=hex(1):00,00'
is_clean
value '"a"=hex(1):41,00,00,00,42,00,00,00'
finds 't.reg:3:5: warning: the string goes on after a NUL, where most programs stop reading [embedded-nul]'
value '"a"=hex(1):41,00,00,00,00,00'
is_clean
value '"a"=hex(7):41,00,00,00'
finds 't.reg:3:5: warning: the list of strings ends with one NUL instead of two [multi-unterminated]'
value '"a"=hex(7):41,00'
finds 't.reg:3:5: warning: the list of strings ends with no NUL instead of two [multi-unterminated]'
value '"a"=hex(7):41,00,00,00,00,00' '"b"=hex(7):' '"c"=hex(7):00,00' '"d"=hex(7):00,00,00,00'
is_clean
value '"a"=hex(7):41,00,00,00,00,00,42,00,00,00,00,00'
finds 't.reg:3:5: warning: an empty string in the list, at which most programs stop reading [multi-empty-string]'
value '"PendingFileRenameOperations"=hex(7):41,00,00,00,00,00,42,00,00,00,00,00'
is_clean
value '"a"="%systemroot%\\x"'
finds 't.reg:3:5: warning: %systemroot% in a REG_SZ, which is not expanded; REG_EXPAND_SZ is hex(2): [sz-expand]'
value '"a"="100% ProgramFiles%\\x"' '"b"="%1 %*"' '"c"="%MyVariable%"' '"d"="SystemRoot%"' \
    '"e"=hex(2):25,00,54,00,4d,00,50,00,25,00,00,00'
is_clean
value '"a"="dword:00000001"'
finds 't.reg:3:5: warning: a string that reads like data of another type; that has no quotes [quoted-data]'
value '"a"="hex:01,02"' '"b"="hex(2):41,00"'
finds 't.reg:3:5: warning: a string that reads like data of another type; that has no quotes [quoted-data]' \
    't.reg:4:5: warning: a string that reads like data of another type; that has no quotes [quoted-data]' \
    't.reg: 2 warnings'
value '"a"="dword: a number"' '"b"="hex:"' '"c"="DWORD"'
is_clean
value '"a"="C:\\\\x"'
finds "t.reg:3:5: warning: the string has two backslashes after the drive; '\\\\' is one [doubled-backslash]"
value '"a"="C:\\x"' '"b"="\\\\server\\share"' '"c"="\\??\\C:\\x"' '"d"="http://x"'
is_clean
value '"a"=dword:100'
finds 't.reg:3:11: warning: the number is hexadecimal, 256 in decimal; eight digits say that it is meant [dword-decimal]'
value '"a"=dword:00000100' '"b"=dword:9' '"c"=dword:ff' '"d"=dword:1e'
is_clean

# The same value more than once.
value '"a"=dword:00000001' '"A"=dword:00000001'
finds 't.reg:4:1: warning: says what line 3 says already [duplicate-value]'
value '"a"=dword:00000001' '"a"=-'
finds 't.reg:4:1: warning: line 3 gives this value other data, which is lost: the last line wins [value-overwritten]'
value '"a"="1"' '[HKEY_CURRENT_USER\Software\x]' '"a"="1"' '[HKEY_CURRENT_USER\SOFTWARE\K]' '"a"=hex(1):31,00'
finds 't.reg:7:1: warning: line 3 gives this value other data, which is lost: the last line wins [value-overwritten]' \
    't.reg:7:5: warning: the string has no NUL at its end [string-unterminated]' \
    't.reg: 2 warnings'
value '"a"="1"' '@="1"' '"b"="1"' '[HKEY_CURRENT_USER\Software\l]' '"a"="1"'
is_clean
keys '[HKEY_CURRENT_USER\Software\k\l]' '"a"="1"' '[-HKEY_CURRENT_USER\Software\K]' \
    '[HKEY_CURRENT_USER\Software\k\l]' '"a"="2"'
finds 't.reg:2:1: warning: line 4 deletes this key, so nothing of this section stays [deleted-later]'
keys '[-HKEY_CURRENT_USER\Software\k]' '[HKEY_CURRENT_USER\Software\k]' '"a"="2"' \
    '[-HKEY_CURRENT_USER\Software\k\below]'
is_clean

# Places.
keys '[-HKEY_LOCAL_MACHINE\SOFTWARE]' '[-HKEY_LOCAL_MACHINE\system\controlset002]' \
    '[-HKEY_CURRENT_USER\Software\Microsoft]'
finds 't.reg:2:1: warning: deletes this key with everything below it, which much else needs [broad-delete]' \
    't.reg:3:1: warning: deletes this key with everything below it, which much else needs [broad-delete]' \
    't.reg:3:1: warning: a control set by its number; which one is in use differs from machine to machine, CurrentControlSet is always that one [control-set-number]' \
    't.reg:4:1: warning: deletes this key with everything below it, which much else needs [broad-delete]' \
    't.reg: 4 warnings'
keys '[-HKEY_LOCAL_MACHINE\SOFTWARE\Contoso]' '[-HKEY_CLASSES_ROOT\.txt]' \
    '[-HKEY_CURRENT_USER\Contoso]' '[-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\x]'
is_clean
keys '[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services]' \
    '[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control]'
finds 't.reg:2:1: warning: a control set by its number; which one is in use differs from machine to machine, CurrentControlSet is always that one; 2 times in this file, this is the first [control-set-number]'
keys '[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services]' \
    '[HKEY_LOCAL_MACHINE\SYSTEM\ControlSetX01]'
is_clean
keys '[HKEY_LOCAL_MACHINE\Sofware\x]'
finds "t.reg:2:1: warning: no Windows has a key 'Sofware' there; only a hive loaded under that name could be it [unknown-hive]"
keys '[HKEY_USERS\default\x]'
finds "t.reg:2:1: warning: no Windows has a key 'default' there; only a hive loaded under that name could be it [unknown-hive]"
keys '[HKEY_LOCAL_MACHINE\software\x]' '[HKEY_USERS\.default\x]' '[HKEY_USERS\S-1-5-18\x]' \
    '[HKEY_CURRENT_USER\x]' '[HKEY_LOCAL_MACHINE]' '[HKEY_USERS]'
is_clean
keys '[HKEY_LOCAL_MACHINE]' '"a"="1"'
finds 't.reg:3:1: warning: a value in a root key, which Windows stores nowhere [root-value]'
keys '[HKEY_CURRENT_USER]' '"a"="1"' '[HKEY_LOCAL_MACHINE]' '"a"=-'
is_clean
keys '[HKEY_LOCAL_MACHINE\HARDWARE\x]'
finds 't.reg:2:1: warning: Windows keeps this key in memory only and makes it anew [volatile-key]'
keys '[HKEY_LOCAL_MACHINE\SYSTEM\Hardware]' '[HKEY_CURRENT_USER\Environment]'
is_clean

# Spelling.
keys '[HKLM\SOFTWARE\x]' '[hkcu\x]'
finds "t.reg:2:2: warning: the root's name in short form; regedit writes it in full; 2 times in this file, this is the first [abbreviated-root]"
keys '[hkey_local_machine\SOFTWARE\x]'
is_clean
keys '[HKEY_CURRENT_USER\Software \x]' '[HKEY_CURRENT_USER\Software\x ]' '[HKEY_CURRENT_USER\ x]'
finds "t.reg:2:28: warning: the key's name starts or ends with a blank, which is part of it [key-blank]" \
    "t.reg:3:30: warning: the key's name starts or ends with a blank, which is part of it [key-blank]" \
    "t.reg:4:20: warning: the key's name starts or ends with a blank, which is part of it [key-blank]" \
    't.reg: 3 warnings'
keys '[HKEY_CURRENT_USER\Control Panel\x y] ; z'
is_clean
keys '[HKEY_CURRENT_USER\x] y]'
finds "t.reg:2:21: warning: the key's name goes on behind this ']', up to the last one of the line [key-bracket]"
n256=$(awk 'BEGIN { for (i = 0; i < 256; i++) printf "n" }')
keys "[HKEY_CURRENT_USER\\$n256]"
finds "t.reg:2:1: warning: a key name of 256 characters; Windows' tools make it, its documentation and many programs allow 255 [key-length]"
keys "[HKEY_CURRENT_USER\\${n256#n}]"
is_clean
keys '[HKEY_CURRENT_USER\x[1]\y[z]]'
is_clean
value '" a"="1"' '"a	"="1"'
finds "t.reg:3:1: warning: the value's name starts or ends with a blank, which is part of it [name-blank]" \
    "t.reg:4:1: warning: the value's name starts or ends with a blank, which is part of it [name-blank]" \
    't.reg:4:3: warning: the name has the character U+0009, which nobody sees [invisible-character]' \
    't.reg: 3 warnings'
value '"a b"=" c "'
is_clean
hidden=$(printf '\342\200\213')
nbsp=$(printf '\302\240')
value "\"a${hidden}b\"=\"x$hidden\"" "[HKEY_CURRENT_USER\\a${nbsp}b]"
iconv -t UTF-16 t.reg >t16.reg
run 1 ht lint t16.reg
excerpt
says findings 't16.reg:3:3: warning: the name has the character U+200B, which nobody sees [invisible-character]' \
    't16.reg:4:21: warning: the name has the character U+00A0, which nobody sees [invisible-character]' \
    't16.reg: 2 warnings'

# Header and encoding.
v5="$v5 "
value
finds 't.reg:1:37: warning: blanks around the header, with which Wine does not import the file [header-blank]'
v5='Windows Registry Editor Version 5.00'
value '"a"="grün"' '"b"="blau"' ; value '"a"="grün"' '; rötlich'
finds 't.reg:3:8: warning: characters outside ASCII in UTF-8; UTF-16 is read alike everywhere; 2 times in this file, this is the first [utf8-without-bom]'
iconv -t UTF-16 t.reg >wide && mv wide t.reg
is_clean
printf '\357\273\277%s\n[HKEY_CURRENT_USER\\x]\n' "$v5" >t.reg
finds 't.reg:1:1: warning: UTF-8 with a byte order mark, which not every regedit imports [utf8-bom]'
printf '%s\n[HKEY_CURRENT_USER\\\351]\n' "$v5" >t.reg
finds 't.reg:2:20: warning: characters outside ASCII in an 8-bit file, read in code page 1252 here [ansi-bytes]'
run 1 ht lint --ansi-codepage=1251 t.reg
excerpt
says findings 't.reg:2:20: warning: characters outside ASCII in an 8-bit file, read in code page 1251 here [ansi-bytes]'
for text in 'cafÃ©' 'itâ€™s' 'Ð¿Ñ€' 'x�y' 'Â°C'; do
    value "\"a\"=\"$text\""
    iconv -t UTF-16 t.reg >wide && mv wide t.reg
    run 1 ht lint t.reg
    grep '\[mojibake\]$' out >>all || fail "$text is not found"
    [ "$(grep -c warning out)" -eq 1 ] || fail "$text is found twice"
done
for text in 'café' "l’été»…" 'SÃO' 'Ångström' '“Ã”' 'прп' '日本語' 'naïve – Œuvre'; do
    value "\"a\"=\"$text\""
    iconv -t UTF-16 t.reg >wide && mv wide t.reg
    is_clean
done

keys '; nothing'
finds 't.reg:1:1: warning: the file has neither a key nor a value, so it changes nothing [no-statements]'
keys '[HKEY_CURRENT_USER\x]'
is_clean

# What regedit does not look at is told on request.
value ';!require key HKEY_CURRENT_USER\Software' '"a"="1" ;!why "x"' ';!exact values'
is_clean
run 1 ht lint --regedit t.reg
excerpt
says out 't.reg:3:1: warning: without this directive the changes are made unconditionally [regedit-guard]' \
    '    ;!require key HKEY_CURRENT_USER\Software' '    ^' '    regedit takes it for a comment' \
    't.reg:5:1: warning: without this directive the result is another [regedit-exact]' \
    '    ;!exact values' '    ^' '    regedit takes it for a comment' 't.reg: 2 warnings'
value '"a"="1" ;!why "x"' ';!! require' '; !exact'
run 0 ht lint --regedit t.reg
says out
# As apply reads them: blanks after ';!', behind a key line; a word that only starts like a verb.
printf '%s\n;! map HKLM\\a = HKLM\\b\n[HKLM\\a\\k] ;!\texact values\n;!\tassert "a"="1"\n;!= "a"="1"\n' "$v5" >t.reg
run 1 ht lint --regedit --disable=abbreviated-root,unknown-hive t.reg
excerpt
says findings 't.reg:2:1: warning: without this directive the result is another [regedit-exact]' \
    't.reg:3:12: warning: without this directive the result is another [regedit-exact]' \
    't.reg:4:1: warning: without this directive the changes are made unconditionally [regedit-guard]' \
    't.reg:5:1: warning: without this directive the result is another [regedit-exact]' \
    't.reg: 4 warnings'
value ';!expects "a"="1"'
run 3 ht lint --regedit t.reg
excerpt
lacks findings regedit-
# The class is that of the worst.
class() {
    value "$2"
    run 0 ht lint --format=json t.reg
    grep '"class"' out >got
    says got "      \"class\": \"$1\","
}
class A ';!why "x"'
class B ';! assert "a"=absent'
class C ';! exact values'
class C '[HKEY_CURRENT_USER\Software\k2] ;!exact keys'
class C ';!security O:SYG:SYD:(A;;KR;;;WD)'

# Variables where they stand for themselves; not those that the file does not have.
cat >t.reg <<'END'
Windows Registry Editor Version 5.00
;!var A
;!var B="${A}"
[HKEY_CURRENT_USER\Software\${A}] ;!expect "x"="${B}"
"a"="${A}${NO}$A"
;!= "b"="${A}${B}"
; ${A}
END
run 1 ht lint t.reg
excerpt
says findings "t.reg:3:10: warning: \${A} stands for itself here; it is replaced in ';!=' lines only [variable-outside-template]" \
    "t.reg:4:29: warning: \${A} stands for itself here; it is replaced in ';!=' lines only [variable-outside-template]" \
    "t.reg:4:49: warning: \${B} stands for itself here; it is replaced in ';!=' lines only [variable-outside-template]" \
    "t.reg:5:6: warning: \${A} stands for itself here; it is replaced in ';!=' lines only [variable-outside-template]" \
    't.reg: 4 warnings'
# --set, as apply has it.
value ';!= "a"=dword:${N}'
sed '1a;!var N' t.reg >n.reg
run 0 ht lint n.reg
run 0 ht lint --set=N=1a n.reg
run 2 ht lint --set=N=xyz n.reg
grep -c "n.reg:4:15: found the variable N with the value 'xyz'" out >got
says got 1
run 2 ht lint --set=M=1 n.reg
says err "hivetool: --set M: no patch has a line ';!var M'" "hivetool: see 'hivetool lint --help'"

# One file that cannot be read keeps no other from being looked at.
value '"a"=hex(4):01,00'
run 5 ht lint none.reg t.reg gone.reg
excerpt
says findings 't.reg:3:5: warning: hex(4): with 2 bytes, where programs read 4 [dword-size]'
says err 'hivetool: none.reg: cannot open: No such file or directory' \
    'hivetool: gone.reg: cannot open: No such file or directory'
run 5 ht lint --format=json none.reg t.reg gone.reg t.reg
grep -c '"file": "t.reg"' out >got
says got 2

# A hive, or a place, that the file is for.
keys '[HKEY_LOCAL_MACHINE\SOFTWARE\x]' '[HKEY_LOCAL_MACHINE\SYSTEM\x]' '[HKEY_CLASSES_ROOT\.x]'
run 1 ht lint --root 'HKLM\SOFTWARE' t.reg
excerpt
says findings 't.reg:3:1: warning: this key is in none of the hives that the file is for [foreign-key]'
run 1 ht lint --hive "$abs_srcdir/fixtures/hives/SOFTWARE" t.reg
grep -v '^    ' out >found
same findings found
run 0 ht lint --hive "$abs_srcdir/fixtures/hives/SOFTWARE" --hive "$abs_srcdir/fixtures/hives/SYSTEM" t.reg
says out
run 0 ht lint --root HKLM t.reg
says out
run 0 ht lint --root 'HKLM\SYSTEM' --root 'HKLM\SOFTWARE' t.reg
says out
# Each hive with its --root, in their order, or with its NAME.
cp "$abs_srcdir/fixtures/hives/SOFTWARE" one.hive
cp "$abs_srcdir/fixtures/hives/SYSTEM" two.hive
run 0 ht lint --root 'HKLM\SYSTEM' --hive two.hive --hive one.hive --root 'HKLM\SOFTWARE' t.reg
says out
run 0 ht lint --hive system=two.hive --root 'HKLM\SOFTWARE' --hive one.hive t.reg
says out
run 0 ht lint --hive 'HKLM\SYSTEM=two.hive' --hive SOFTWARE=one.hive t.reg
says out
run 1 ht lint --root 'HKLM\SOFTWARE' --hive two.hive t.reg
same findings found
run 1 ht lint --hive SOFTWARE=two.hive t.reg
keys '[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\x]' '[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\y]'
is_clean
cat >second.reg <<'END'
REGEDIT4
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002]
END
run 0 ht lint --hive "$abs_srcdir/fixtures/hives/SYSTEM" t.reg
says out
run 0 ht lint --hive "$abs_srcdir/fixtures/hives/SYSTEM" second.reg
says out
run 0 ht apply -o SYSTEM.two "$abs_srcdir/fixtures/hives/SYSTEM" second.reg
run 1 ht lint --hive SYSTEM.two t.reg
excerpt
says findings 't.reg:2:1: warning: the hive has 2 control sets, and only the current one gets this; 2 times in this file, this is the first [several-control-sets]'
cp findings known
cp SYSTEM.two other.hive
run 1 ht lint --hive SOFTWARE=one.hive --root 'HKLM\SYSTEM' --hive other.hive t.reg
excerpt
same known findings

# Errors and warnings in one list; the rules look at what can be read.
cat >t.reg <<'END'
Windows Registry Editor Version 5.00

[HKLM\SOFTWARE\x]
"a"=dword:12
"b"=dword:xyz
"c"=hex(4):01
END
run 3 ht lint t.reg
says err
says out "t.reg:3:2: warning: the root's name in short form; regedit writes it in full [abbreviated-root]" \
    '    [HKLM\SOFTWARE\x]' '     ^' "    regedit drops this key and the values after it, as Wine's does" \
    't.reg:4:11: warning: the number is hexadecimal, 18 in decimal; eight digits say that it is meant [dword-decimal]' \
    '    "a"=dword:12' '              ^' \
    "t.reg:5:11: found 'xyz', expected 1 to 8 hex digits after 'dword:'" \
    '    "b"=dword:xyz' '              ^' '    regedit skips this line, silently' \
    't.reg:6:5: warning: hex(4): with 1 byte, where programs read 4 [dword-size]' \
    '    "c"=hex(4):01' '        ^' '    regedit stores it as it is' \
    't.reg: 1 error, 3 warnings'

# JSON, several files, rules left out, standard input.
printf '%s\n[HKEY_CURRENT_USER\\x]\n;!exact tree\n' "$v5" >clean.reg
run 3 ht lint --format=json --disable=abbreviated-root,dword-size t.reg - <clean.reg
cat >expected <<'END'
{
  "format_version": "1.0",
  "tool": "hivetool",
  "kind": "lint",
  "files": [
    {
      "file": "t.reg",
      "class": "A",
      "findings": [
        {"severity": "warning", "rule": "dword-decimal", "line": 4, "column": 11, "message": "the number is hexadecimal, 18 in decimal; eight digits say that it is meant", "regedit": null},
        {"severity": "error", "rule": null, "line": 5, "column": 11, "message": "found 'xyz', expected 1 to 8 hex digits after 'dword:'", "regedit": "skips this line, silently"}
      ],
      "errors": 1,
      "warnings": 1
    },
    {
      "file": "-",
      "class": "C",
      "findings": [],
      "errors": 0,
      "warnings": 0
    }
  ]
}
END
same expected out

# The rules, and the page about them: the same, in the same order.
run 0 ht lint --list-rules
sed 's/ .*//' out >rules
LC_ALL=C sort -c rules || fail 'the rules are not sorted'
# shellcheck disable=SC2016
sed -n 's/^## `\([a-z0-9-]*\)`$/\1/p' "$abs_srcdir/docs/LINT.md" >page
same rules page

# Each has a case above.
sed -n 's/.* \[\([a-z0-9-]*\)\]$/\1/p' all | LC_ALL=C sort -u >tested
same rules tested

# Usage.
see="hivetool: see 'hivetool lint --help'"
run 2 ht lint
says err 'hivetool: FILE is missing' "$see"
run 2 ht lint --list-rules t.reg
says err 'hivetool: --list-rules takes no FILE' "$see"
run 2 ht lint --disable=dword t.reg
says err "hivetool: --disable has 'dword', which is no rule; --list-rules has them all" "$see"
run 2 ht lint --ansi-codepage=12 t.reg
says out
run 2 ht lint --root HKLM --hive a --hive b t.reg
for_each='there is to be one for each, in their order, or none; --hive=NAME=HIVE says it itself'
says err "hivetool: 1 --root for 2 --hive: $for_each" "$see"
run 2 ht lint --root HKLM --root HKCU --hive SYSTEM=a --hive b t.reg
says err "hivetool: 2 --root for 1 --hive: $for_each" "$see"
run 2 ht lint --hive SYSTM=a t.reg
run 5 ht lint missing.reg
says out

# The word that a patch may have before its name.
printf '%s\n' "$v5" '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Plain]' '"a"="b"' >word.reg
run 0 ht lint change:word.reg state:word.reg
says out
