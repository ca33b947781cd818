#!/bin/sh
# hivetool get --plain and --default; where a hive hangs that is called anything; decimal variables.
. "${abs_srcdir:?}/tests/lib.sh"

cat >patch.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\K]
@="default"
"text"="20348"
"umlaut"="ü€"
"expand"=hex(2):25,00,41,00,25,00,00,00
"number"=dword:00004f7c
"big"=hex(b):ff,ff,ff,ff,ff,ff,ff,ff
"order"=hex(5):00,00,4f,7c
"list"=hex(7):61,00,00,00,62,00,20,00,63,00,00,00,00,00
"none"=hex(7):00,00
"cut"=hex(1):61,00,62,00
"bytes"=hex:00,0a,ff
"short"=hex(4):01,02
"empty"=""
"nothing"=hex:
END
run 0 ht new -qo fresh --name=SOFTWARE
run 0 ht apply -qo SOFTWARE fresh patch.reg

# plain VALUE LINE...: this is what get --plain prints.
plain() {
    value=$1
    shift
    run 0 ht get -p SOFTWARE K "$value"
    says out "$@"
    says err
}
plain @ default
plain text 20348
plain umlaut 'ü€'
plain expand %A%
plain number 20348
plain big 18446744073709551615
plain order 20348
plain list a 'b c'
plain none
plain cut ab
plain empty ''
plain nothing
run 0 ht get --plain SOFTWARE K bytes
printf '\000\012\377' >wanted
same_bytes wanted out
run 0 ht get --plain SOFTWARE K short
printf '\001\002' >wanted
same_bytes wanted out
[ "$(ht get -p SOFTWARE K::number)" = 20348 ] || fail "KEY::VALUE"

# What is absent.
for place in 'K nope' 'Nope nope' 'K::nope'; do
    # shellcheck disable=SC2086
    run 1 ht get -p SOFTWARE $place
    # shellcheck disable=SC2086
    run 0 ht get -p --default=none SOFTWARE $place
    says out none
    says err
done
run 0 ht get --default=0 SOFTWARE K nope
says out 0
run 0 ht get --raw --default=0 SOFTWARE K nope
printf 0 >wanted
same_bytes wanted out
run 5 ht get -p --default=none missing K nope
run 2 ht get -p SOFTWARE K
head -n 1 err >first
says first "hivetool: get: --plain needs a VALUE"
run 2 ht get -p --raw SOFTWARE K text
run 2 ht get -p --format=json SOFTWARE K text

# The name in a hive counts more than that of a copy; that of the file more where it is Windows' own.
cp SOFTWARE system.bak
run 0 ht get -p system.bak 'HKLM\SOFTWARE\K' text
says out 20348
run 0 ht diff system.bak SOFTWARE
says err
run 0 ht new -qo plain --name=x
cp plain SYSTEM.old
run 0 ht ls SYSTEM.old 'HKLM\SYSTEM'
run 0 ht new -qo SYSTEM
run 1 ht diff SYSTEM SOFTWARE
says err "hivetool: SYSTEM and SOFTWARE are hives of two kinds, HKEY_LOCAL_MACHINE\\SYSTEM and HKEY_LOCAL_MACHINE\\SOFTWARE"

# Variables behind dword: are hex, or decimal where that is said.
cat >t.reg <<'END'
Windows Registry Editor Version 5.00

;!var X

[HKEY_LOCAL_MACHINE\SOFTWARE\K]
;!= "hex"=dword:${X}
;!= "dec"=dword:${X:dec}
END
run 0 ht apply -n --set X=100 SOFTWARE t.reg
says out '~ [HKEY_LOCAL_MACHINE\SOFTWARE\K]' '    + "dec"  dword 0x00000064 (100)' \
    '    + "hex"  dword 0x00000100 (256)' '2 values added'
run 1 ht lint --set X=100 t.reg
head -n 1 out >first
# shellcheck disable=SC2016
says first 't.reg:6:17: warning: dword:100 is 256, since ${X} is hex here; ${X:dec} takes decimal numbers [dword-decimal]'
for x in 9 00000100; do
    run 0 ht lint --set X=$x t.reg
done
for x in 4294967296 -1 1a ''; do
    run 2 ht apply -n --set "X=$x" SOFTWARE t.reg
done

# What people type first.
run 0 ht get SOFTWARE 'K\number'
says out 'dword 0x00004f7c (20348)'
run 0 ht get -p SOFTWARE 'HKLM:\SOFTWARE\K\text'
says out 20348
run 0 ht export --key=K SOFTWARE
cp out wanted
run 0 ht export SOFTWARE K
same wanted out
run 0 ht export SOFTWARE 'HKLM\SOFTWARE\K' K
same wanted out
run 2 ht ls --json SOFTWARE
head -n 1 err >first
says first 'hivetool: unknown option --json, did you mean --format=json?'
run 0 ht ls --help
cp out wanted
run 0 ht --help ls
same wanted out
cp SOFTWARE sed.hive
run 0 ht set -qi sed.hive K text new
run 0 ht get -p sed.hive K text
says out new
