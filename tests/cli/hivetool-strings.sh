#!/bin/sh
# Hex data of strings in the bytes of the other version, and code pages that are guessed.
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'
v5='Windows Registry Editor Version 5.00'
run 0 ht new -o SOFTWARE

# file HEADER LINE...: t.reg with these lines in one key, the first in line 4.
file() {
    printf '%s\n\n[%s\\X]\n' "$1" "$root" >t.reg
    shift
    printf '%s\n' "$@" >>t.reg
}

# refused LINE: the one error, by every command, and nothing written; it is let pass when allowed.
refused() {
    name=$1
    shift
    run 3 ht apply -o none SOFTWARE t.reg
    grep '^hivetool: t.reg:' err | sed 's/^hivetool: //' >found
    says found "$@"
    [ ! -e none ] || fail 'a hive was written'
    run 3 ht lint t.reg
    grep '^t.reg:' out | grep -v ': warning: \|^t.reg: ' >found
    says found "$@"
    run 3 ht verify SOFTWARE t.reg
    run 3 ht fmt t.reg
    run 0 ht apply --allow="$name" -n SOFTWARE t.reg
    run 1 ht verify --allow="$name" SOFTWARE t.reg
    run 0 ht fmt --allow="$name" t.reg
    run 0 ht apply --compat=regedit -n SOFTWARE t.reg
}

# taken LINE...
taken() {
    file "$@"
    run 0 ht apply -n SOFTWARE t.reg
}

wide="expected bytes of the code page (wrong header? UTF-16 belongs under '$v5'; --allow=wide-strings takes the bytes as they are)"
ansi="expected UTF-16, two bytes for each character (wrong header? bytes of a code page belong under 'REGEDIT4'; --allow=ansi-strings takes the bytes as they are)"

file REGEDIT4 '"p"=hex(2):25,00,53,00,79,00,73,00,25,00,00,00' \
    '"q"=hex(7):61,00,62,00,00,00,63,00,00,00,00,00' '"r"=hex(1):c4,00,00,00'
refused wide-strings "t.reg:4:5: found UTF-16 in a string under REGEDIT4, $wide; 3 times in this file, this is the first"
file "$v5" '"p"=hex(2):25,53,79,73,74,65,6d,52,6f,6f,74,25,5c,78,2e,65,78,65,00' \
    '"q"=hex(7):61,62,00,63,64,00,00' '"r"=hex(1):61,62,63,00' '"s"=hex(2):c4,d6,dc'
refused ansi-strings "t.reg:4:5: found ANSI text in a string under version 5, $ansi; 4 times in this file, this is the first"
run 0 ht apply --allow=wide-strings,ansi-strings -o allowed SOFTWARE t.reg
run 0 ht get --raw allowed X r
printf 'abc\000' >want
same_bytes want out

# What only looks a little like it.
taken REGEDIT4 '"a"=hex(7):00,00' '"b"=hex(2):25,53,79,00' '"c"=hex(7):61,00,62,00,00' '"d"=hex(2):61,00' \
    '"e"=hex:61,00,62,00,00,00' '"f"=hex(2):' '"g"=hex(7):61,62,00,00' '"h"=hex(2):00,00,00,00'
taken "$v5" '"a"=hex(2):41,00,00' '"b"=hex(7):41' '"c"=hex(2):41,00,42,00,00' '"d"=hex(2):2d,4e,87,65,00,00' \
    '"f"=hex:61,62,63' '"g"=hex(2):25,00' '"h"=hex(7):61,62,00,63,64,65,00,00' \
    '"i"=hex(2):01,02,03'

# ";!as-is" says that it is meant, for one value; fmt keeps it, regedit takes it for a comment.
file "$v5" '"p"=hex(2):61,62,63,00 ;!as-is' '"q"=hex(2):61,62,63,\' '  64,65,66,00,00 ;!as-is'
run 0 ht apply -o new SOFTWARE t.reg
run 0 ht lint --format=json --disable=string-unterminated,string-odd t.reg
grep -c '"class": "A"' out >got
says got 1
run 0 ht fmt t.reg
grep -c ';!as-is$' out >got
says got 2
run 0 ht apply --compat=regedit -n SOFTWARE t.reg
file "$v5" ';!as-is' '"p"=hex(2):61,62,63,00'
run 3 ht apply -n SOFTWARE t.reg
grep -c "t.reg:4:1: found the directive 'as-is' here, expected it behind a value" err >got
says got 1

# So what a hive holds can be written and read again: exports, differences and ways back.
run 0 ht export --encoding=utf-8 -o out.reg new
run 0 ht apply -o again SOFTWARE out.reg
run 0 ht diff new again
run 1 ht diff --format=reg SOFTWARE new
cp out change.reg
rm again
run 0 ht apply -o again SOFTWARE change.reg
run 0 ht diff new again
printf '%s\n\n[-%s\\X]\n' "$v5" "$root" >gone.reg
run 0 ht apply --reverse-out back.reg -o gone new gone.reg
rm again
run 0 ht apply -o again gone back.reg
run 0 ht diff new again

run 2 ht apply --allow=strings -n SOFTWARE t.reg
says err "hivetool: --allow has 'strings', not ansi-strings or wide-strings" "hivetool: see 'hivetool apply --help'"
run 2 ht lint --allow=strings t.reg
run 2 ht fmt --allow= t.reg

# --- a code page that nobody named ---

guess() {
    run 0 ht apply "$@" -n SOFTWARE t.reg
    grep -v '^hivetool: SOFTWARE' err >got || :
    says got 'hivetool: t.reg: characters outside ASCII are read in code page 1252, which is a guess (--ansi-codepage names another)'
}
silent() {
    run 0 ht apply "$@" -n SOFTWARE t.reg
    says err
}
file "$v5" "$(printf '"\326\320"="\326\320"')" "$(printf '"\326\320b"="\326\320"')"
guess
guess --compat=regedit
silent --ansi-codepage=936
silent --ansi-codepage=1252
run 1 ht verify SOFTWARE t.reg
grep -c 'which is a guess' err >got
says got 1
file "$v5" '"ä"="ö"'
silent
guess --compat=regedit
file REGEDIT4 '"a"=hex(2):c4,00'
guess
silent --ansi-codepage=1252
file REGEDIT4 '"a"=hex(2):41,00' '"b"=hex:c4,00'
silent
