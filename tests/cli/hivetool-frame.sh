#!/bin/sh
# What every command of hivetool has: options, errors of the command line, standard output.
. "${abs_srcdir:?}/tests/lib.sh"

run 0 ht new --quiet -o SOFTWARE

# The command line is wrong: status 2, one line that says what, one that says where to read on.
# refused LINE ARGUMENT...: nothing on standard output.
refused() {
    line=$1
    shift
    run 2 ht "$@"
    says out
    head -n 1 err >first
    says first "hivetool: $line"
    [ "$(wc -l <err)" -eq 2 ] || fail "not two lines on standard error: $*"
    tail -n 1 err | grep "^hivetool: see 'hivetool .*--help'\$" >hint || fail "no hint: $*"
}

refused "no command given"
refused "no command given" --quiet
refused "unknown command 'frobnicate'" frobnicate SOFTWARE
refused "unknown command 'frobnicate'" help frobnicate
refused "unknown command ''" ''
refused "unknown option --frobnicate" --frobnicate ls SOFTWARE
for command in apply delta diff export get info ls new verify; do
    refused "unknown option --frobnicate" "$command" --frobnicate
done
refused "missing argument for --root" ls SOFTWARE --root
refused "--color is 'red', not auto, always or never" ls --color=red SOFTWARE
refused "ls: too few operands, expected HIVE [KEY]" ls
refused "ls: too many operands, expected HIVE [KEY]" ls SOFTWARE a b
refused "apply: too few operands, expected HIVE PATCH... | NAME=HIVE... PATCH..." apply -o out.hive SOFTWARE
refused "new: too many operands, expected none" new -o a b
refused "diff: too few operands, expected OLD NEW" diff SOFTWARE
says err "hivetool: diff: too few operands, expected OLD NEW" "hivetool: see 'hivetool diff --help'"
refused "unknown command 'frobnicate'" frobnicate
says err "hivetool: unknown command 'frobnicate'" "hivetool: see 'hivetool --help'"

export SOURCE_DATE_EPOCH=yesterday
run 2 ht ls SOFTWARE
says out
unset SOURCE_DATE_EPOCH

# Options of every command stand before and after it; "--" ends them.
run 0 ht --quiet --color=never ls SOFTWARE
run 0 ht ls --quiet --color=never SOFTWARE
run 0 ht ls -- SOFTWARE
cp SOFTWARE ./--quiet
run 0 ht ls -- --quiet

for arguments in --version 'ls --version' '--version ls'; do
    # shellcheck disable=SC2086
    run 0 ht $arguments
    grep '^hivetool [0-9][0-9.]*$' out >version || fail "no version from $arguments"
    same version out
    says err
done

# Neither language nor terminal change the help.
run 0 ht diff --help
cp out help
export LANGUAGE=de LC_ALL=de_DE.UTF-8 COLUMNS=20
run 0 ht diff --help
same help out
unset LANGUAGE COLUMNS
LC_ALL=C.UTF-8

# Standard output that cannot be written.
if [ -c /dev/full ]; then
    status=0
    ht info SOFTWARE >/dev/full 2>err || status=$?
    [ "$status" -eq 5 ] || fail "full disk: status $status"
    says err "hivetool: standard output: cannot write: No space left on device"
    # With nothing to write there is nothing that fails.
    ht ls SOFTWARE >/dev/full 2>err || fail "full disk, no output"
fi
status=0
ht info SOFTWARE >&- 2>err || status=$?
[ "$status" -eq 5 ] || fail "closed output: status $status"
says err "hivetool: standard output: cannot write: Bad file descriptor"

# A file that is written while standard output is closed is not standard output.
run 0 ht new -o expected.hive --name=x
ht new -o closed.hive --name=x <&- >&- 2>&-
same_bytes expected.hive closed.hive

# A reader that went away: status 5 and no word. The FIFO is opened for both ends, so that the
# writing end is there before the reading end goes.
mkfifo pipe
sh -c 'exec 3<>pipe; exec 4>pipe; exec 3<&-; "$@" >&4 2>err4; echo $? >status4' sh \
    "$abs_builddir/hivetool/hivetool" info SOFTWARE
says status4 5
says err4

# File names cannot drive a terminal or break the line.
run 5 ht ls "$(printf 'no\nsuch\033[31mfile')"
says err 'hivetool: no\u{a}such\u{1b}[31mfile: cannot open: No such file or directory'
