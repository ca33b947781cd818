#!/bin/sh
# The wall between hivetool and hivex: the program that runs hivex may end in any way, and hivetool
# ends with one line and its status. What depends on the input is a refusal, and with --engine=auto
# the rebuild engine's work; what depends on the machine is status 5 with either engine.
. "${abs_srcdir:?}/tests/lib.sh"

needs_program "${PYTHON3:=python3}"
small=$abs_srcdir/fixtures/hives/small
real=$HIVETOOL_EDIT_HIVEX
HIVETOOL_EDIT_HIVEX=$tmp/stand-in
export HIVETOOL_EDIT_HIVEX

cat >change.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Alpha]
"number"=dword:00000009
[HKEY_LOCAL_MACHINE\SOFTWARE\Alpha\New]
END
run 0 ht apply -q --root='HKLM\SOFTWARE' --engine=rebuild -o rebuilt "$small" change.reg
HIVETOOL_EDIT_HIVEX=$real
run 0 ht apply -q --root='HKLM\SOFTWARE' --engine=hivex -o edited "$small" change.reg
HIVETOOL_EDIT_HIVEX=$tmp/stand-in

# stand_in LINE...: a program in place of the one that runs hivex.
stand_in() {
    rm -f stand-in
    printf '%s\n' '#!/bin/sh' "$@" >stand-in
    chmod 755 stand-in
}

# apply ENGINE STATUS: with the stand-in.
apply() {
    rm -f new
    run "$2" ht apply --verbose --root='HKLM\SOFTWARE' --engine="$1" -o new "$small" change.reg
}

# refused REASON: hivex cannot do it for this input.
refused() {
    apply hivex 4
    says err "hivetool: $small: editing with hivex" \
        "hivetool: $small: hivex cannot do this: $1"
    [ ! -e new ] || fail "there is an output"
    apply auto 0
    says err "hivetool: $small: editing with hivex" \
        "hivetool: $small: hivex cannot do this: $1" \
        "hivetool: $small: rebuilding the hive" \
        'hivetool: new: 1 key created, 1 value changed'
    same_bytes rebuilt new
}

# broken REASON: the machine cannot do it now.
broken() {
    for engine in hivex auto; do
        apply $engine 5
        says err "hivetool: $small: editing with hivex" "hivetool: $small: $1"
        [ ! -e new ] || fail "there is an output"
    done
}

# --- it ends by a signal ---

# signal NAME NUMBER TEXT
while read -r name number text; do
    stand_in "kill -$name \$\$"
    refused "it ended its program by signal $number ($text)"
done <<'END'
ABRT 6 Aborted
SEGV 11 Segmentation fault
BUS 7 Bus error
FPE 8 Floating point exception
END
while read -r name number text; do
    stand_in "kill -$name \$\$"
    broken "the program that runs hivex was ended by signal $number ($text)"
done <<'END'
KILL 9 Killed
TERM 15 Terminated
XCPU 24 CPU time limit exceeded
END

# What the C library says is in the message: of many lines one, of a long line its beginning, and
# nothing that a terminal takes for a command.
stand_in 'printf "====\nedit-hivex: \033[31mno\tfree()\nmore\n" >&2; kill -ABRT $$'
refused 'it ended its program by signal 6 (Aborted): edit-hivex: ?[31mno?free()'
stand_in 'head -c 200000 /dev/zero | tr "\0" a >&2; kill -ABRT $$'
apply hivex 4
[ "$(wc -c <err)" -lt 800 ] || fail 'a message without end'

# Whoever started hivetool ignores SIGCHLD: it is still learned how the program ended.
stand_in 'kill -ABRT $$'
run 4 env --ignore-signal=CHLD "$abs_builddir/hivetool/hivetool" apply --root='HKLM\SOFTWARE' \
    --engine=hivex -o new "$small" change.reg
says err "hivetool: $small: hivex cannot do this: it ended its program by signal 6 (Aborted)"

# Which of two calls was the last shows whom it was about.
stand_in 'printf "HXE1\7\0\0\0\1\0\0\0"; kill -SEGV $$'
apply hivex 4
says err "hivetool: $small: editing with hivex" "hivetool: $small: Alpha\\New: hivex cannot do \
this: it ended its program by signal 11 (Segmentation fault)"

# --- it ends without a record, or with half of one ---

early='the program that runs hivex ended too early'
stand_in 'exit 0'
broken "$early"
stand_in 'exit 99'
broken "$early"
stand_in 'echo "cannot open shared object file" >&2; exit 127'
broken "$early: cannot open shared object file"
stand_in 'echo all done, believe me; exit 0'
broken "$early"
stand_in 'printf HXE1'
broken "$early"
# All but its last byte.
stand_in 'printf "HXE1\1\0\0\0\2\0\0\0\0\0\0\0\0\100\0\0\0\0\0" >half; exit 0'
broken "$early"
# A record with more behind it.
stand_in 'printf "HXE1\1\0\0\0\2\0\0\0\0\0\0\0\0\100\0\0\0\0\0\0more"; exit 0'
broken "$early"
# It says that it made fewer calls than it was given, and more.
stand_in 'printf "HXE1\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"; exit 0'
broken "$early"
stand_in 'printf "HXE1\1\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"; exit 0'
broken "$early"
# It says that it wrote, and did not; and that it wrote a hive, which is none.
stand_in 'printf "HXE1\1\0\0\0\2\0\0\0\0\0\0\0\0\100\0\0\0\0\0\0"; exit 0'
broken 'what hivex wrote is not what it says it wrote'
stand_in 'head -c 16384 /dev/zero >&4' \
    'printf "HXE1\1\0\0\0\2\0\0\0\0\0\0\0\0\100\0\0\0\0\0\0"; exit 0'
refused 'not a registry hive: the signature "regf" is missing'
# It hands back a sound hive, as it was or another one that is larger: the proof sees that it is not what was asked for,
# and of what was written already nothing is left when the hive is rebuilt.
{ cat change.reg; printf '"more"="%050000d"\n' 7; } >more.reg
HIVETOOL_EDIT_HIVEX=$real
run 0 ht apply -q --root='HKLM\SOFTWARE' -o larger "$small" more.reg
HIVETOOL_EDIT_HIVEX=$tmp/stand-in
[ "$(wc -c <larger)" -gt "$(wc -c <rebuilt)" ] || fail 'it is not larger'
for hive in "$small" "$tmp/larger"; do
    stand_in "cat '$hive' >&4; size=$(wc -c <"$hive")" \
        'printf "HXE1\1\0\0\0\2\0\0\0\0\0\0\0" ' \
        'printf "\\$(printf %03o $((size & 255)))\\$(printf %03o $((size >> 8 & 255)))"' \
        'printf "\\$(printf %03o $((size >> 16 & 255)))\0\0\0\0\0"'
    apply hivex 4
    grep -q ': hivex cannot do this: ' err || fail "$(cat err)"
    [ ! -e new ] || fail 'there is an output'
    apply auto 0
    same_bytes rebuilt new
done

# --- what it says of itself ---

while read -r state number status text; do
    stand_in "printf 'HXE1\\$state\\0\\0\\0\\1\\0\\0\\0\\$number\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'; exit 1"
    apply hivex "$status"
    says err "hivetool: $small: editing with hivex" "hivetool: $small: $text"
    [ "$status" -eq 4 ] || apply auto 5
    [ "$status" -eq 5 ] || apply auto 0
done <<'END'
2 0 5 the program that runs hivex is of another version
3 30 5 cannot run hivex: no conversion of names (iconv): Too many open files
3 26 5 cannot run hivex: no conversion of names (iconv): the C library does not load it
4 14 5 hivex failed: Cannot allocate memory
4 26 4 hivex cannot do this: it does not open the hive: Invalid argument
5 14 5 Alpha\New: hivex failed: Cannot allocate memory
5 11 5 Alpha\New: hivex failed: Bad file descriptor
5 42 4 Alpha\New: hivex cannot do this: it finds hive or change unfit: Numerical result out of range
5 0 5 Alpha\New: hivex failed: it does not say why
6 33 5 hivex cannot write the edited hive: File too large
END

# --- it cannot be started ---

rm -f stand-in
broken "cannot run hivex: $tmp/stand-in: No such file or directory"
echo '#!/bin/sh' >stand-in
chmod 644 stand-in
if [ "$(id -u)" -ne 0 ]; then
    broken "cannot run hivex: $tmp/stand-in: Permission denied"
fi

# --- what it is given: five descriptors, default signals, no variable ---

stand_in "exec >'$tmp/given'" \
    'tr "\0" "\n" </proc/$$/environ' \
    'grep -E "^Sig(Blk|Ign)" /proc/self/status' \
    'cd /proc/$$/fd; for fd in 0 2 3 4; do test -e $fd && echo $fd; done' \
    '{ echo x >&3; } 2>&- || echo "cannot write to the hive"'
(
    exec 9<change.reg
    run 5 env --ignore-signal=CHLD,INT,PIPE "$abs_builddir/hivetool/hivetool" apply \
        --root='HKLM\SOFTWARE' -o new "$small" change.reg
)
# Signals 32 and 33 are the C library's own.
sed 's/^SigIgn:\(.*\)180000000$/SigIgn:\1000000000/' given >seen
says seen "$(printf 'SigBlk:\t0000000000000000')" "$(printf 'SigIgn:\t0000000000000000')" \
    0 2 3 4 'cannot write to the hive'

# A large hive is given as a file that the program could open again: who writes to it is found out.
"$abs_builddir/fixtures/mkfixtures" --big 20000 big 1
printf '%s\n' 'Windows Registry Editor Version 5.00' '' '[HKEY_LOCAL_MACHINE\SOFTWARE\New]' >new.reg
stand_in "printf hbin | dd of=/proc/self/fd/3 bs=1 seek=4096 conv=notrunc 2>'$tmp/dd.err'" "exec '$real'"
run 5 ht apply -q --root='HKLM\SOFTWARE' --engine=hivex -o changed big new.reg
says err 'hivetool: big: hivex has changed the copy that it was given to read'
find . -name '*changed*' >left
says left
stand_in "exec '$real'"
run 0 ht apply -q --root='HKLM\SOFTWARE' --engine=hivex -o changed big new.reg

# --- the real one by itself: scripts that end early, and by hand ---

stand_in "cat /proc/self/fd/0 >'$tmp/script'"
apply hivex 5
# by_hand SCRIPT: prints the state that its record has afterwards, and the calls made.
by_hand() {
    head -c 24 /dev/zero >record
    : >output
    status=0
    "$real" <"$1" 1<>record 2>by-hand.err 3<"$small" 4<>output || status=$?
    od -An -tu1 -j4 -N1 record | tr -d ' '
    od -An -tu1 -j8 -N1 record | tr -d ' '
    [ "$status" -le 1 ] || fail "status $status: $(cat by-hand.err)"
}
# Its parent is another one than the script says: that one died.
by_hand script >state
says state 0 0
# adopt SCRIPT: makes it one of this shell.
adopt() {
    printf '%08x' $$ | sed 's/\(..\)\(..\)\(..\)\(..\)/\\x\4\\x\3\\x\2\\x\1/' >bytes
    env printf "$(cat bytes)" | dd of="$1" bs=1 seek=4 conv=notrunc 2>dd.err
}
adopt script
by_hand script >state
says state 1 2
[ -s output ] || fail 'it wrote nothing'
# Cut off at each byte: one process starts it each time, as by_hand does.
"$PYTHON3" -S - "$real" "$small" <<'END'
import os, struct, sys

program, hive = sys.argv[1:]
script = bytearray(open("script", "rb").read())
struct.pack_into("<I", script, 4, os.getpid())
flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC
for at in range(len(script)):
    open("early", "wb").write(script[:at])
    open("record", "wb").write(bytes(24))
    error = os.open("by-hand.err", flags)
    files = [os.open("early", os.O_RDONLY), os.open("record", os.O_RDWR), error, os.open(hive, os.O_RDONLY),
             os.open("output", flags)]
    actions = [(os.POSIX_SPAWN_DUP2, fd, fd + 100) for fd in files]
    actions += [(os.POSIX_SPAWN_DUP2, fd + 100, i) for i, fd in enumerate(files)]
    actions += [(os.POSIX_SPAWN_CLOSE, fd + 100) for fd in files]
    child = os.posix_spawn(program, [program], os.environ, file_actions=actions)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for fd in files:
        os.close(fd)
    where = "FAIL: cut off at %d: " % at
    if status not in (0, 1):
        sys.exit(where + "status %d: %s" % (status, open("by-hand.err").read()))
    record = open("record", "rb").read()
    # The state, or how many calls were made, as it was before the first one.
    if 2 not in (record[4], record[8]):
        sys.exit(where + "state %d, %d calls" % (record[4], record[8]))
    if os.path.getsize("output"):
        sys.exit(where + "there is an output")
END
# More calls than there are; a call of no kind; a key that no call made.
cp script more
env printf '\3' | dd of=more bs=1 seek=8 conv=notrunc 2>dd.err
by_hand more >state
says state 2 2
cp script kind
env printf '\11' | dd of=kind bs=1 seek=12 conv=notrunc 2>dd.err
by_hand kind >state
says state 2 0
cp script made
env printf '\0\0\0\0\0\0\0\200' | dd of=made bs=1 seek=16 conv=notrunc 2>dd.err
by_hand made >state
says state 2 0
run 1 "$real"
says out
says err 'edit-hivex: hivetool runs this, it does nothing by hand'

# --- the real one, short of what it needs: done with the same bytes, or status 5 and one line ---

# short OPTION N...: with its limit at each N.
short() {
    option=$1
    shift
    n_done=0
    n_failed=0
    for limit; do
        stand_in "ulimit $option $limit; exec '$real'"
        rm -f new
        status=0
        ht apply -q --root='HKLM\SOFTWARE' -o new "$small" change.reg 2>err || status=$?
        case $status in
        0)
            same_bytes edited new
            n_done=$((n_done + 1))
            ;;
        5)
            [ "$(wc -l <err)" -eq 1 ] || fail "ulimit $option $limit: $(cat err)"
            n_failed=$((n_failed + 1))
            ;;
        *) fail "ulimit $option $limit: status $status: $(cat err)" ;;
        esac
    done
    [ "$n_done" -gt 0 ] || fail "ulimit $option: never done"
    [ "$n_failed" -gt 0 ] || fail "ulimit $option: never failed"
}

if ! grep -q __asan_init "$real"; then
    short -n 5 6 7 8 12 20
    # shellcheck disable=SC2046
    short -v $(seq 2300 100 6000) 100000
fi

# --- where it is looked for ---

# In a tree that was moved, beside the program; unless others than its owner could have put it there.
unset HIVETOOL_EDIT_HIVEX
mkdir -p moved/bin moved/libexec/hivetool
cp "$abs_builddir/hivetool/hivetool" moved/bin
cp "$real" moved/libexec/hivetool/edit-hivex
run 0 moved/bin/hivetool apply -q --root='HKLM\SOFTWARE' --engine=hivex -o new "$small" change.reg
same_bytes edited new
rm moved/libexec/hivetool/edit-hivex
printf '%s\n' '#!/bin/sh' "echo >'$tmp/was-run'" >moved/libexec/hivetool/edit-hivex
chmod 777 moved/libexec/hivetool/edit-hivex
status=0
moved/bin/hivetool apply -q --root='HKLM\SOFTWARE' --engine=hivex -o new "$small" change.reg \
    2>err || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 5 ] || fail "status $status: $(cat err)"
[ ! -e was-run ] || fail 'a program that anybody can change was run'
