#!/bin/sh
# What a terminal gets is UTF-8, and nothing from a hive or its name that it would obey.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "$PYTHON3" ] || skip "python3 is not installed"

# on_terminal COMMAND...: runs it on a pseudo-terminal; what is printed goes to the file seen.
on_terminal() {
    "$PYTHON3" -S -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) != 0)' "$@" \
        </dev/null >raw-seen || fail "$*"
    tr -d '\r' <raw-seen >seen
}

hivetool=${abs_builddir:?}/hivetool/hivetool
software='HKEY_LOCAL_MACHINE\SOFTWARE'
esc=$(printf '\033')
c1=$(printf '\302\233')
tag=$(printf '\363\240\201\201')
bidi=$(printf '\342\200\256')
cat >odd.json <<END
{"format_version":"1.0","tool":"hivetool","kind":"delta","root":"","changes":[
{"op":"create_key","path":["K\u001b[1m"]},
{"op":"set_value","path":["K\u001b[1m"],"name":"a\u009b\u202e\udb40\udc41","after":{"type":1,"hex":"e4001b000000"}}
]}
END
run 0 ht new -o empty
run 0 ht apply -q -o hive empty odd.json

# --- export, diff and fmt: UTF-8 on a terminal, UTF-16 elsewhere ---
printf '%s\n' 'Windows Registry Editor Version 5.00' '' "[$software]" '' \
    "[$software\\K\\u{1b}[1m]" '"a\u{9b}\u{202e}\u{e0041}"="ä\u{1b}"' >shown
on_terminal "$hivetool" export --root "$software" hive
sed '$d' shown >body
grep -v '^$' shown >wanted
grep -v '^$' seen >lines
same wanted lines
on_terminal "$hivetool" export --root "$software" --encoding=utf-8 hive
grep -v '^$' seen >lines
same wanted lines
on_terminal "$hivetool" export --root "$software" --encoding=utf-16le hive
[ "$(head -c 2 raw-seen | od -An -tx1 | tr -d ' ')" = fffe ] || fail "--encoding is not obeyed"

run 0 ht export --root "$software" hive
mv out hive.reg
[ "$(head -c 2 hive.reg | od -An -tx1 | tr -d ' ')" = fffe ] || fail "a file is not UTF-16"
on_terminal "$hivetool" fmt hive.reg
grep -v '^$' seen >lines
same wanted lines

# --- data for programs holds the same, escaped as its format has it ---
run 1 ht diff --format=json empty hive
lacks out "$esc\|$c1\|$tag\|$bidi"
grep -o '"name":"[^"]*"' out | tail -n 1 >name
says name '"name":"a\u009b\u202e\udb40\udc41"'
run 0 ht apply -q -o again empty odd.json
run 0 ht diff hive again

# --- a patch is for patch elsewhere; colour is for text, whatever is asked ---
run 1 ht diff --root "$software" --format=unified empty hive
grep -q "$esc" out || fail "the patch is not what the export holds"
"$PYTHON3" -S -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$hivetool" diff --root "$software" \
    --format=unified empty hive </dev/null | tr -d '\r' >seen
lacks seen "$esc\|$c1\|$tag\|$bidi"
grep '^+.' seen | tail -n 2 >lines
says lines "+[$software\\K\\u{1b}[1m]" '+"a\u{9b}\u{202e}\u{e0041}"="ä\u{1b}"'
for format in junit markdown; do
    run 1 ht --color=always diff --root "$software" --format="$format" empty hive
    lacks out "$esc\|u{1b}\[3[0-9]m"
done

# --- names of files in reports ---
odd=$(printf 'x\nsha256:0\302\233')
cp hive "$odd"
run 0 ht digest "$odd"
sed 's/^sha256:[0-9a-f]*//' out >name
says name '  x\u{a}sha256:0\u{9b}'
printf '%s\n' 'Windows Registry Editor Version 5.00' "[$software\\A]" >"$odd.reg"
run 1 ht verify --root "$software" empty "$odd.reg"
says out "x\\u{a}sha256:0\\u{9b}.reg:2: $software\\A: hive has no such key, patch says it is there"
run 1 ht verify --format=junit --root "$software" empty "$odd.reg"
lacks out "$c1"
grep -o 'testsuite name="[^"]*"' out >name
says name 'testsuite name="x&#10;sha256:0&#155;.reg"'
