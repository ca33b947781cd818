#!/bin/sh
# A pager as git has it: on a terminal, of HIVETOOL_PAGER or PAGER, less where the screen is too small; none elsewhere.
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "$PYTHON3" ] || skip 'python3 is not installed'
cp "$abs_srcdir/fixtures/hives/SYSTEM" .
hivetool=${abs_builddir:?}/hivetool/hivetool
TERM=xterm
NO_COLOR=1
export TERM NO_COLOR

# on_terminal COMMAND...: what is printed goes to the file seen, the status is the command's.
on_terminal() {
    "$PYTHON3" -S -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$@" \
        </dev/null >raw-seen || return $?
    tr -d '\r' <raw-seen >seen
}

run 0 env HIVETOOL_PAGER='sed s/^/P:/' "$hivetool" ls SYSTEM Select
lacks out '^P:'
sed 's/^/P:/' out >wanted
on_terminal env HIVETOOL_PAGER='sed s/^/P:/' PAGER=false "$hivetool" ls SYSTEM Select
same wanted seen
on_terminal env PAGER='sed s/^/P:/' "$hivetool" ls SYSTEM Select
same wanted seen
on_terminal env HIVETOOL_PAGER= PAGER='sed s/^/P:/' "$hivetool" ls SYSTEM Select
same out seen
on_terminal env HIVETOOL_PAGER=cat "$hivetool" ls SYSTEM Select
same out seen
on_terminal env TERM=dumb PAGER='sed s/^/P:/' "$hivetool" ls SYSTEM Select
same out seen
# What fits the screen stays there; less is not even asked. What does not is less's.
mkdir bin
printf '#!/bin/sh\necho "LESS=$LESS"\nwc -l | tr -d " "\n' >bin/less
chmod +x bin/less
on_terminal env -u PAGER -u HIVETOOL_PAGER -u LESS PATH="$tmp/bin:$PATH" "$hivetool" ls SYSTEM Select
same out seen
run 0 ht ls -r SYSTEM
on_terminal env -u PAGER -u HIVETOOL_PAGER -u LESS PATH="$tmp/bin:$PATH" "$hivetool" ls -r SYSTEM
says seen LESS=FRX "$(wc -l <out | tr -d ' ')"
# The exit status is the command's, also where the pager is left early, and its error comes behind.
status=0
on_terminal env HIVETOOL_PAGER='sed s/^/P:/' "$hivetool" ls SYSTEM Nowhere || status=$?
[ "$status" -eq 1 ] || fail "status $status"
on_terminal env HIVETOOL_PAGER=: "$hivetool" ls SYSTEM Select || fail "a pager that reads nothing: status $?"
on_terminal env HIVETOOL_PAGER='head -n 1' "$hivetool" export SYSTEM || fail "a pager that reads a line: status $?"
says seen 'Windows Registry Editor Version 5.00'
# One that is not there shows nothing, which is an error; nothing is said of pipes.
status=0
on_terminal env HIVETOOL_PAGER=./no-such-pager "$hivetool" ls -r SYSTEM || status=$?
[ "$status" -eq 5 ] || fail "a pager that is not there: status $status"
tr -d '\r' <raw-seen >seen
[ "$(wc -l <seen)" -eq 1 ] || fail "not one line: $(cat seen)"
# Raw bytes are escaped on a terminal.
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\K]' '"v"=hex:41,1b,5b,31,6d,00,ff' >p.reg
run 0 ht new -o empty
run 0 ht apply --root='HKLM\SOFTWARE' -o hive empty p.reg
on_terminal env HIVETOOL_PAGER=cat "$hivetool" get --raw hive K v
says seen 'A\u{1b}[1m\x{00}\x{ff}'
