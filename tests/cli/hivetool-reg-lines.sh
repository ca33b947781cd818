#!/bin/sh
# Batch files of reg add and reg delete lines as patches of every command, and written by diff.
# Backslashes in quotes are text.
# shellcheck disable=SC1003,SC2016
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'
run 0 ht new -o SOFTWARE

# The same as .reg and as lines, with Windows' line ends.
cat >p.reg <<END
Windows Registry Editor Version 5.00

[$root\\A B]
@="x"
"dword"=dword:00000010
"list"=hex(7):61,00,00,00,62,00,00,00,00,00
"é"="say \\"hi\\" & 100%"

[$root\\Empty]
@=-
END
cat >lines <<'END'
@echo off
rem a & b
:: c
reg add "HKLM\SOFTWARE\A B" /d x /f >nul
REG.exe ADD "HKLM\SOFTWARE\A B" /v dword /t REG_DWORD /d 0x10 /f 2>&1
reg add "HKLM\SOFTWARE\A B" ^
  /v list /t REG_MULTI_SZ /s , /d a,b
reg add "HKLM\SOFTWARE\A B" /v é /d "say \"hi\" & 100%%" /f

reg add HKLM\SOFTWARE\Empty /f & reg delete HKLM\SOFTWARE\Empty /ve /f
END
sed 's/$/\r/' lines >p.cmd
run 0 ht apply -q -o a.hive SOFTWARE p.reg
run 0 ht apply -q -o b.hive SOFTWARE p.cmd
run 0 ht diff a.hive b.hive
run 0 ht diff p.reg p.cmd
run 0 ht verify --root="$root" a.hive p.cmd
run 0 ht apply -q -o c.hive SOFTWARE - <p.cmd
same_bytes b.hive c.hive
{ printf '\377\376'; iconv -f UTF-8 -t UTF-16LE p.cmd; } >wide.bat
run 0 ht diff p.reg wide.bat
{ printf '\357\273\277'; cat p.cmd; } >bom.bat
run 0 ht diff p.reg bom.bat
run 0 ht lint p.cmd
says out

# Code pages: said by chcp, by the option, by nobody.
iconv -f UTF-8 -t CP850 p.cmd >page.cmd
run 3 ht diff p.reg page.cmd
says err "hivetool: page.cmd:8: found bytes that are not UTF-8; cmd reads them in the code page of its console, which --ansi-codepage=N names"
{ printf '\377\376'; iconv -f UTF-8 -t UTF-16LE p.reg; } >wide.reg
run 0 ht diff --ansi-codepage=850 wide.reg page.cmd
{ printf '@chcp 850 >nul\n'; cat page.cmd; } >chcp.cmd
run 0 ht diff p.reg chcp.cmd

# A hive, or keys of it, as lines; what has no form is counted, in a file as in a .reg file.
run 0 ht export --format=reg-add a.hive 'A B'
tr -d '\r' <out >text
cat >wanted <<'END'
@echo off
reg add "HKEY_LOCAL_MACHINE\SOFTWARE\A B" /ve /t REG_SZ /d x /f
END
head -n 2 text >first
same wanted first
cp "$abs_srcdir/fixtures/hives/SYSTEM" .
run 0 ht export -o system.cmd --format=reg-add SYSTEM
says err
run 0 ht new -o empty.hive
run 0 ht apply -q --root='HKLM\SYSTEM' -o again empty.hive system.cmd
run 0 ht diff -q --root='HKLM\SYSTEM' --ignore=security,class SYSTEM again
run 0 ht export --format=pol -o Registry.pol SYSTEM Select Setup
run 0 ht diff SYSTEM Registry.pol
run 0 ht export --root=HKCU --format=reg-add -o odd.cmd "$abs_srcdir/fixtures/hives/odd-names"
says err 'hivetool: 6 things cannot be said in reg add lines, remarks name them; --format=json has everything'

# A key whose only subkey cannot be named is made all the same.
cat >lone.json <<'END'
{"format_version": "1.0", "kind": "delta", "changes": [
 {"op":"create_key","path":["P"],"after":{"class":null,"security":null,"flags":0}},
 {"op":"create_key","path":["P",{"utf16":"00780000"}],"after":{"class":null,"security":null,"flags":0}}]}
END
run 0 ht apply -q -o lone empty.hive lone.json
printf '%s\r\n' '@echo off' 'reg add HKEY_LOCAL_MACHINE\R\P /f' 'reg delete HKEY_LOCAL_MACHINE\R\P /ve /f' \
    'rem not in this file: what is at and below [HKEY_LOCAL_MACHINE\R\P\x\u{0}], it has a NUL character' >wanted
run 0 ht export --root='HKLM\R' --format=reg-add lone
same wanted out
run 1 ht diff --root='HKLM\R' --format=reg-add empty.hive lone
same wanted out
run 0 ht export -q --root='HKLM\R' --format=pol -o lone.pol lone
run 1 ht diff -q --root='HKLM\R' --format=pol -o changed.pol empty.hive lone
same_bytes lone.pol changed.pol
run 0 ht apply -q --root='HKLM\R' -o again empty.hive lone.pol
run 0 ht ls -r again
says out 'P\'

# Into a pipe it is said that .reg text is UTF-16, which grep finds nothing in.
# piped ARGUMENTS...: standard output is a pipe.
piped() {
    ht "$@" 2>err | cat >out
}
wide='hivetool: the text is UTF-16, as regedit writes it; --encoding=utf-8 is for grep and other programs, --encoding=utf-16le for no such line'
piped export SYSTEM Select
says err "$wide"
piped diff --format=reg empty.hive a.hive --root='HKLM\SOFTWARE' --ignore=security
says err "$wide"
for encoding in utf-8 utf-16le; do
    piped export --encoding=$encoding SYSTEM Select
    says err
done
piped export --compat=regedit SYSTEM Select
says err

# Written, and read again.
run 1 ht diff --format=reg-add -o new.cmd SOFTWARE a.hive
says err
sed 's/\r$//' new.cmd >got
cat >expected <<'END'
@echo off
reg add "HKEY_LOCAL_MACHINE\SOFTWARE\A B" /ve /t REG_SZ /d x /f
reg add "HKEY_LOCAL_MACHINE\SOFTWARE\A B" /v dword /t REG_DWORD /d 0x10 /f
reg add "HKEY_LOCAL_MACHINE\SOFTWARE\A B" /v list /t REG_MULTI_SZ /d a\0b /f
chcp 65001 >nul
reg add "HKEY_LOCAL_MACHINE\SOFTWARE\A B" /v é /t REG_SZ /d "say \"hi\" & 100%%" /f
reg add HKEY_LOCAL_MACHINE\SOFTWARE\Empty /f
reg delete HKEY_LOCAL_MACHINE\SOFTWARE\Empty /ve /f
END
same expected got
run 0 ht verify --root="$root" a.hive new.cmd
run 1 ht diff --reverse --format=reg-add SOFTWARE a.hive
printf '%s\r\n' '@echo off' "reg delete \"$root\\A B\" /f" "reg delete $root\\Empty /f" >expected
same expected out
run 0 ht diff --format=reg-add SOFTWARE SOFTWARE
printf '@echo off\r\n' >expected
same expected out

# What lines cannot say is named in its place and counted.
cat >odd.reg <<END
Windows Registry Editor Version 5.00

[$root\\K]
"a%b"=hex(1):61,00
"c"=hex(12):01
"d"="line\\
break"
"e"=hex(7):61,00,00,00,00,00,62,00,00,00,00,00
"f"="fine"
END
sed -i '/^"d"/,/^break/d' odd.reg
run 0 ht apply -q -o odd.hive SOFTWARE odd.reg
run 1 ht diff --format=reg-add SOFTWARE odd.hive
printf '%s\r\n' '@echo off' \
    "rem not in this file: \"a%%b\" of [$root\\K], it has a string that does not end with a NUL" \
    "rem not in this file: \"c\" of [$root\\K], it has a type that reg has no name for" \
    "rem not in this file: \"e\" of [$root\\K], it has an empty string in a list" \
    "reg add $root\\K /v f /t REG_SZ /d fine /f" >expected
same expected out
says err 'hivetool: 3 changes cannot be said in reg add lines, remarks name them; --format=json has everything'
run 4 ht diff --format=reg-add p.reg p.cmd
says err 'hivetool: --format=reg-add: the difference of two changes is no patch; apply or merge each over its base and compare the results'

# What is not there: nothing is made, nothing is asked.
printf '%s\n' 'reg delete HKLM\SOFTWARE\No /v x /f' 'reg delete HKLM\SOFTWARE\No /va /f' \
    'reg delete HKLM\SOFTWARE\No\Sub /f' >gone.cmd
run 0 ht apply --dry-run SOFTWARE gone.cmd
says out 'no difference'
# All values of a key that is there, also of two patches; what is added later stays.
printf '%s\n' 'reg add "HKLM\SOFTWARE\A B" /v before' 'reg delete "HKLM\SOFTWARE\A B" /va /f' \
    'reg add "HKLM\SOFTWARE\A B" /v dword /t REG_DWORD /d 16 /f' >va.cmd
for patches in va.cmd 'va.cmd gone.cmd'; do
    # shellcheck disable=SC2086
    run 0 ht apply --dry-run --root="$root" a.hive $patches
    says out "~ [$root\\A B]" '    - @  sz "x"' '    - "list"  multi_sz "a" "b"' \
        '    - "é"  sz "say \"hi\" & 100%"' '3 values deleted'
done

# Errors: all of them, each with its place; nothing is written.
cat >bad.cmd <<'END'
@echo off
reg add HKLM\SOFTWARE\K /v n /t REG_DWORD /d zzz /f
  copy a b
reg add HKLM\SOFTWARE\K ^
  /v n /x
set X=1
reg add HKLM\SOFTWARE\K /v Path /d "%PATH%" /f
END
cat >errors <<'END'
hivetool: bad.cmd:2:46: found the data 'zzz', expected a number from 0 to 4294967295, or 0x0 to 0xffffffff
    reg add HKLM\SOFTWARE\K /v n /t REG_DWORD /d zzz /f
                                                 ^
hivetool: bad.cmd:3:3: found 'copy', expected 'reg add', 'reg delete', a remark or '@echo off'
      copy a b
      ^
hivetool: bad.cmd:5:8: found '/x', expected /v, /ve, /t, /s, /d, /f, /reg:32 or /reg:64
      /v n /x
           ^
hivetool: bad.cmd:6:1: found 'set', expected 'reg add', 'reg delete', a remark or '@echo off'
    set X=1
    ^
hivetool: bad.cmd:7:37: found the variable %PATH%, which has no value here; --set PATH=VALUE gives it one, and %%PATH%% is the text itself
    reg add HKLM\SOFTWARE\K /v Path /d "%PATH%" /f
                                        ^
hivetool: bad.cmd: 5 errors
END
run 3 ht apply -o none.hive SOFTWARE bad.cmd
same errors err
[ ! -e none.hive ] || fail 'a hive was written'
run 3 ht lint bad.cmd
# Where no hive is near a variable may have any value.
sed -e 's/^hivetool: //' -e '/^bad.cmd:7/,/\^$/d' -e 's/: 5 errors/: 4 errors/' errors >expected
same expected out
run 0 ht apply --compat=regedit --dry-run SOFTWARE bad.cmd
says out 'no difference'
says err 'hivetool: bad.cmd: 5 lines skipped, which are neither reg add nor reg delete or not as reg.exe takes them' \
    'hivetool: SOFTWARE: nothing to do'
run 0 ht apply --compat=regedit --set 'PATH=C:\x' --dry-run SOFTWARE bad.cmd
says out "+ [$root\\K]" '    + "Path"  sz "C:\\x"' '1 key created, 1 value added'
printf 'reg add \\\\SRV\\HKLM\\SOFTWARE\\K /f\n' >remote.cmd
run 4 ht apply --dry-run SOFTWARE remote.cmd

# Hostile: a NUL, a line that never ends, quotes and carets to the end, many errors.
printf 'reg add HKLM\\SOFTWARE\\K /v a\0b\n' >nul.cmd
run 3 ht apply --dry-run SOFTWARE nul.cmd
says err 'hivetool: nul.cmd:1: found a NUL character, expected text'
{ printf 'reg add HKLM\\SOFTWARE\\K /d "'; head -c 1000000 /dev/zero | tr '\0' '"'; } >long.cmd
run 4 ht apply --dry-run SOFTWARE long.cmd
{ printf 'reg add HKLM\\SOFTWARE\\K /d '; head -c 1000000 /dev/zero | tr '\0' '%'; } >percent.cmd
run 4 ht apply --dry-run SOFTWARE percent.cmd
{ printf '@echo off\n'; yes 'reg add ^' | head -n 200000; } >carets.cmd
run 4 ht apply --dry-run SOFTWARE carets.cmd
{ printf '@echo off\n'; yes 'copy a b' | head -n 20000; } >many.cmd
run 3 ht apply --dry-run SOFTWARE many.cmd
tail -n 1 err >got
says got 'hivetool: many.cmd: 20000 errors, the first 100 of them listed'
