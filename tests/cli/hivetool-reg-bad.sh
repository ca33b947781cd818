#!/bin/sh
# Bad .reg files: strict mode refuses each, says where and why, what regedit would do, and leaves
# the hive alone; --compat=regedit does what regedit does.
# Backslashes at the end of quoted text are text.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

needs_program iconv

root='HKEY_LOCAL_MACHINE\SOFTWARE'
v5='Windows Registry Editor Version 5.00'
run 0 ht new -o SOFTWARE
cp SOFTWARE before

# utf16 FILE: standard input, UTF-8, as UTF-16LE with a byte order mark.
utf16() {
    { printf '\377\376'; iconv -f UTF-8 -t UTF-16LE; } >"$1"
}

# strict STATUS FILE LINE...: the refusal, and no hive.
strict() {
    strict_status=$1
    strict_file=$2
    shift 2
    run "$strict_status" ht apply -o new SOFTWARE "$strict_file"
    says out
    says err "$@"
    [ ! -e new ] || fail "$strict_file: a hive was written"
    same_bytes before SOFTWARE
}

# compat FILE N LINE...: N lines are skipped; the hive then holds these lines, behind the header
# and without the line of its root key.
compat() {
    compat_file=$1
    n_skipped=$2
    shift 2
    run 0 ht apply --compat=regedit -o new SOFTWARE "$compat_file"
    grep -v -e '^hivetool: new: ' -e ': nothing to do$' err >skipped || true
    case $n_skipped in
    0) says skipped ;;
    1) says skipped "hivetool: $compat_file: 1 line skipped, as regedit does" ;;
    *) says skipped "hivetool: $compat_file: $n_skipped lines skipped, as regedit does" ;;
    esac
    ht export --encoding=utf-8 --root="$root" new | tr -d '\r' | sed '1,3d;/^$/d' >got
    rm new
    says got "$@"
}

# compat_refuses FILE MESSAGE
compat_refuses() {
    run 3 ht apply --compat=regedit -o new SOFTWARE "$1"
    says out
    says err "hivetool: $1: $2" '    regedit refuses the file'
    [ ! -e new ] || fail "$1: a hive was written"
}

# --- bytes ---

printf '%s\n\n[%s\\k]\n"a"="x\000y"\n"b"="z"\n' "$v5" "$root" >nul.reg
strict 3 nul.reg "hivetool: nul.reg:4:7: found a NUL character, expected text" \
    '    "a"="x\u{0}y"' '          ^' "    regedit stops reading here, silently, as Wine's does"
compat nul.reg 1 "[$root\\k]"

printf '%s\r\r[%s\\k]\r"a"="x"\r"b"=y\r' "$v5" "$root" >cr.reg
strict 3 cr.reg "hivetool: cr.reg:5:5: found 'y', expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case" \
    '    "b"=y' '        ^' '    regedit skips this line, silently'
compat cr.reg 1 "[$root\\k]" '"a"="x"'

printf '\376\377' >be.reg
printf '%s\r\n' "$v5" | iconv -f UTF-8 -t UTF-16BE >>be.reg
what='is UTF-16 big-endian text, expected UTF-16 little-endian, UTF-8 or ANSI'
strict 3 be.reg "hivetool: be.reg: $what" '    regedit refuses the file'
compat_refuses be.reg "$what"

printf '%s\r\n' "$v5" | iconv -f UTF-8 -t UTF-16LE >bare.reg
what='is UTF-16 text without a byte order mark, expected the bytes ff fe first'
strict 3 bare.reg "hivetool: bare.reg: $what" '    regedit refuses the file'
compat_refuses bare.reg "$what"

printf '%s\r\n\r\n[%s\\k]\r\n"a"="' "$v5" "$root" | utf16 half.reg
printf '\000\330"\000\r\000\n\000"\000b\000"\000=\000-\000' >>half.reg
strict 3 half.reg "hivetool: half.reg:4:6: found half of a surrogate pair, d800, expected whole characters; hex(1): can hold anything" \
    '    "a"="\u{d800}"' '         ^'
compat half.reg 0 "[$root\\k]" '"a"=hex(1):00,d8,00,00'

# --- sizes ---

awk 'BEGIN { for (i = 0; i < 70000; i++) printf "n" }' >n70000
ns=$(head -c 38 n70000)
shown=$(head -c 32 n70000)
{ printf '%s\n\n[%s\\' "$v5" "$root"; cat n70000; printf ']\n'; } >key.reg
strict 4 key.reg "hivetool: key.reg:3:30: found a key name of 70000 characters, expected at most 256" \
    "    [$root\\${ns}nnnnn..." '                                 ^'
run 4 ht apply --compat=regedit -o new SOFTWARE key.reg
{ printf '%s\n\n[%s\\k]\n"' "$v5" "$root"; cat n70000; printf '"="x"\n"b"="y"\n'; } >name.reg
strict 4 name.reg "hivetool: name.reg:4:1: found a value name of 70000 characters, expected at most 16383" \
    "    \"${ns}${shown}n..." '    ^'
compat name.reg 1 "[$root\\k]" '"b"="y"'

# 1 MB of hex in one line is no mistake; one bad byte at its end is.
awk 'BEGIN { for (i = 0; i < 349525; i++) printf "ab," }' >hex
{ printf '%s\n\n[%s\\k]\n"a"=hex:' "$v5" "$root"; cat hex; printf 'ab\n'; } >long.reg
run 0 ht apply -o new SOFTWARE long.reg
run 0 ht get --raw new k a
[ "$(wc -c <out)" -eq 349526 ] || fail "$(wc -c <out) bytes"
rm new
{ printf '%s\n\n[%s\\k]\n"a"=hex:' "$v5" "$root"; cat hex; printf 'a!\n"b"="y"\n'; } >long.reg
strict 3 long.reg "hivetool: long.reg:4:1048585: found '!', expected ',' between bytes or the end of the line" \
    '    ...ab,ab,ab,ab,ab,ab,ab,ab,ab,ab,ab,ab,ab,a!' \
    '                                               ^' '    regedit skips this line, silently'
compat long.reg 1 "[$root\\k]" '"b"="y"'

# --- ends ---

printf '%s\n\n[%s\\k]\n"b"="y"\n"a"="x' "$v5" "$root" >open.reg
strict 3 open.reg "hivetool: open.reg:5:5: found a string without an end, expected a '\"' before the end of the file" \
    '    "a"="x' '        ^' '    regedit skips this line, silently'
compat open.reg 1 "[$root\\k]" '"b"="y"'

printf '%s\n\n[%s\\k]\n"a"=hex:01,02,\\' "$v5" "$root" >more.reg
strict 3 more.reg "hivetool: more.reg:4:15: found the end of the file, expected more bytes after the '\\'" \
    '    "a"=hex:01,02,\' '                  ^' '    regedit stores the bytes up to here'
compat more.reg 0 "[$root\\k]" '"a"=hex:01,02'

# A key line inside a string is the sign of a missing quote, even where one comes later.
printf '%s\n\n[%s\\k]\n"a"="x\n[HKLM\\l]\ny"\n"b"="z"\n' "$v5" "$root" >inside.reg
strict 3 inside.reg "hivetool: inside.reg:5:1: found a key line in the string that starts in line 4, expected the '\"' that ends it before this line" \
    '    [HKLM\l]' '    ^' '    regedit takes it for text of the string' \
    "hivetool: inside.reg:6:1: found 'y\"', expected '[key]', '[-key]', '\"name\"=', '@=' or a ';' comment" \
    '    y"' '    ^' '    regedit skips this line, silently' 'hivetool: inside.reg: 2 errors'
compat inside.reg 0 "[$root\\k]" '"a"=hex(1):78,00,0a,00,5b,00,48,00,4b,00,4c,00,4d,00,6c,00,5d,00,0a,00,79,00,\' \
    '  00,00' '"b"="z"'
printf '%s\n\n[%s\\k]\n"a"="x\n[%s\\l]\n"b"="z"\n' "$v5" "$root" "$root" >inside.reg
strict 3 inside.reg "hivetool: inside.reg:5:1: found a key line in the string that starts in line 4, expected the '\"' that ends it before this line" \
    "    [$root\\l]" '    ^' '    regedit takes it for text of the string'
compat inside.reg 1 "[$root\\k]" "[$root\\l]" '"b"="z"'

# --- what is no patch, and no hive ---

printf 'W' >one.reg
what="found 'W', expected the header '$v5' or 'REGEDIT4' in line 1"
strict 3 one.reg "hivetool: one.reg:1:1: $what" '    W' '    ^' '    regedit refuses the file'
run 3 ht apply --compat=regedit -n SOFTWARE one.reg
: >none.reg
what="is empty, expected '$v5' or 'REGEDIT4' in line 1"
strict 3 none.reg "hivetool: none.reg: $what"
run 3 ht apply --compat=regedit -n SOFTWARE none.reg
says err "hivetool: none.reg: $what"
mkdir folder.reg
strict 5 folder.reg 'hivetool: folder.reg: is a directory'
cp SOFTWARE hive.reg
what="is a registry hive, not a patch; 'hivetool diff --format=reg OLD NEW' makes a patch of two hives"
strict 3 hive.reg "hivetool: hive.reg: $what"
run 3 ht apply --compat=regedit -n SOFTWARE hive.reg
says err "hivetool: hive.reg: $what"
run 3 ht apply -n cr.reg cr.reg
says err 'hivetool: cr.reg: not a registry hive but a .reg patch; state:cr.reg takes what it says for all that is there'

# --- all errors of a file, each with its place; a file name cannot look like one of them ---

bad=$(printf 'bad\nhivetool: none.reg')
printf '%s\n\n[ %s\\k]\n"a"="x"\n[%s\\k]\n"a"=x\n' "$v5" "$root" "$root" >"$bad"
run 3 ht apply -o new SOFTWARE "$bad"
says err 'hivetool: bad\u{a}hivetool: none.reg:3:2: found a blank after '"'[', expected the name of a root key directly" \
    "    [ $root\\k]" '     ^' \
    "    regedit skips this line, and Wine's puts the values after it into the key before" \
    'hivetool: bad\u{a}hivetool: none.reg:6:5: found '"'x', expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case" \
    '    "a"=x' '        ^' '    regedit skips this line, silently' \
    'hivetool: bad\u{a}hivetool: none.reg: 2 errors'
