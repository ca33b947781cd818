#!/bin/sh
# What stands in a file or its name cannot look like a line of ours: messages and reports.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

head='Windows Registry Editor Version 5.00'
software='HKEY_LOCAL_MACHINE\SOFTWARE'
run 0 ht new -o empty

# --- several patches whose conditions fail: a line for each, whatever file it is of ---
for file in a b; do
    printf '%s\n' "$head" ";!require key $software\\$file" "[$software\\K]" >"$file.reg"
done
run 6 ht apply -n --root "$software" empty a.reg b.reg
says err "hivetool: a.reg:2: require: $software\\a: the hive has no such key, expected present" \
    "hivetool: b.reg:2: require: $software\\b: the hive has no such key, expected present"

# --- statements of several patches for no hive: the same ---
for file in c d; do
    printf '%s\n' "$head" "[HKEY_LOCAL_MACHINE\\SYSTEM\\$file]" >"$file.reg"
done
run 6 ht apply -n --root "$software" empty c.reg d.reg
outside='this key is not in the hive, which is HKEY_LOCAL_MACHINE\SOFTWARE (--root names another place, --skip-foreign passes over such keys)'
says err "hivetool: c.reg:2: HKEY_LOCAL_MACHINE\\SYSTEM\\c: $outside" \
    "hivetool: d.reg:2: HKEY_LOCAL_MACHINE\\SYSTEM\\d: $outside"

# --- a name with line breaks, commands for a terminal, and what turns text around ---
odd=$(printf 'x\nhivetool: forged\n    \033[1m\302\233\342\200\256\363\240\201\201\377.reg')
shown='x\u{a}hivetool: forged\u{a}    \u{1b}[1m\u{9b}\u{202e}\u{e0041}\x{ff}.reg'
run 5 ht info "$odd"
says err "hivetool: $shown: cannot open: No such file or directory"
# The variable of a script that was empty.
run 5 ht info ''
says err "hivetool: '': cannot open: No such file or directory"
# Of a text without end its start and its end are told.
long=$(head -c 99999 /dev/zero | tr '\0' a)é
run 1 ht get empty "$long"
[ "$(wc -c <err)" -le 2100 ] || fail "a message of $(wc -c <err) bytes"
grep -q '^hivetool: empty: aaaa*…aaaa*é. is not in the root key$' err || fail "$(cut -c 1-200 err)"
run 2 ht "$odd"
says err "hivetool: unknown command '$shown'" "hivetool: see 'hivetool --help'"
printf '%s\n' "$head" "[$software\\K]" '"a"=1' '"b"=2' >"$odd"
bad="expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case"
run 3 ht apply -n --root "$software" empty "$odd"
says err "hivetool: $shown:3:5: found '1', $bad" \
    '    "a"=1' '        ^' '    regedit skips this line, silently' \
    "hivetool: $shown:4:5: found '2', $bad" \
    '    "b"=2' '        ^' '    regedit skips this line, silently' \
    "hivetool: $shown: 2 errors"
sed 's/^hivetool: //' err >as-report
run 3 ht lint "$odd"
same as-report out
