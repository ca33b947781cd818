#!/bin/sh
# Large .reg files: up to 2 GiB are read, and memory follows what they say, not how much text it is.
. "${abs_srcdir:?}/tests/lib.sh"

needs_program awk iconv
[ -z "$TEST_WRAPPER" ] || skip 'memory is not measured under a wrapper'

v5='Windows Registry Editor Version 5.00'
root='HKEY_LOCAL_MACHINE\SOFTWARE'
TMPDIR=$tmp
export TMPDIR
run 0 ht new -o SOFTWARE

# Memory that is not mapped from a file, in KB; each text below is larger, and a sanitizer's
# shadow would count.
limit=30000
# shellcheck disable=SC3045
(ulimit -d "$limit" && ht info SOFTWARE) >out 2>err || skip 'ulimit -d does not work here'
limited() {
    # shellcheck disable=SC3045
    (ulimit -d "$limit" && ht "$@")
}

# 32 MB of comments and blanks around two statements, in each encoding.
awk -v v5="$v5" -v root="$root" 'BEGIN {
    for (i = 0; i < 2000; i++) line = line "0123456789abcdef"
    printf "%s\n\n[%s\\X]\n\"a\"=\"b\"\n", v5, root
    for (i = 0; i < 500; i++) printf "; %s\n%30000s\n", line, ""
    printf "\"c\"=hex:%20000s00,\\\n", ""
    for (i = 0; i < 100; i++) printf "  ;%s\n", line
    printf "  01\n"
}' >utf-8.reg
sed 's/^; 0/; \xe4/' utf-8.reg >ansi.reg
{ printf '\377\376'; iconv -f UTF-8 -t UTF-16LE utf-8.reg; } >utf-16.reg
for encoding in utf-8 ansi utf-16; do
    [ "$(wc -c <$encoding.reg)" -gt 30000000 ] || fail "$encoding.reg is small"
    run 0 limited apply -o new SOFTWARE $encoding.reg
    run 0 limited verify new $encoding.reg
    run 0 limited lint --disable=ansi-bytes $encoding.reg
    run 0 limited get --raw new X c
    printf '\000\001' >want
    same_bytes want out
    rm new
done
# From a pipe, too.
# shellcheck disable=SC2002
cat utf-16.reg | limited apply -o new SOFTWARE - 2>err
run 0 ht get new X a
says out 'sz "b"'
rm new utf-16.reg ansi.reg
find . -name '.hivetool.*' >left
says left

# fmt and export: what they make is not held, either.
run 0 limited fmt -o formatted.reg utf-8.reg
run 0 ht fmt --check formatted.reg

# A value of 30 MB in one line takes its bytes some times over, not its text.
awk -v v5="$v5" -v root="$root" 'BEGIN {
    printf "%s\n\n[%s\\X]\n\"a\"=hex:", v5, root
    for (i = 0; i < 10000; i++) line = line "0a,"
    for (i = 0; i < 1000; i++) printf "%s", line
    printf "00\n"
}' >line.reg
limit=110000
run 0 limited fmt -o formatted.reg line.reg

# No room for the temporary file: said, and nothing is written.
TMPDIR=$tmp/missing
run 5 ht apply -n SOFTWARE utf-8.reg
says err "hivetool: $tmp/missing: cannot write a temporary file (TMPDIR names another folder): No such file or directory"
TMPDIR=$tmp

# One byte over the limit is refused before it is read; the limit itself is not.
truncate -s 2147483649 over.reg
run 4 ht apply -n SOFTWARE over.reg
says err 'hivetool: over.reg: larger than the limit of 2147483648 bytes'
run 4 ht lint over.reg
printf '{' >big.json
truncate -s 268435457 big.json
run 4 ht apply -n SOFTWARE big.json
says err 'hivetool: big.json: JSON larger than the limit of 268435456 bytes'
