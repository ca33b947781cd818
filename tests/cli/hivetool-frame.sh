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

# Asked for nothing, it tells what there is.
for arguments in '' --quiet; do
    # shellcheck disable=SC2086
    run 0 ht $arguments
    says err
    cp out nothing
    run 0 ht --help
    same nothing out
done
refused "unknown command 'aply', did you mean 'apply'?" aply SOFTWARE p.reg
refused "unknown command 'list', did you mean 'ls'?" list SOFTWARE
refused "unknown command 'dump', did you mean 'export'?" help dump
refused "unknown option --recursiv, did you mean --recursive?" ls --recursiv SOFTWARE
refused "unknown option --out, did you mean --output?" ls --out=x SOFTWARE
refused "unknown option -x" ls -x SOFTWARE
refused "unknown option -5, '--' before it makes it an operand" ls SOFTWARE -5
refused "option --quiet takes no value" ls --quiet=yes SOFTWARE
refused "unknown command 'frobnicate'" frobnicate SOFTWARE
refused "unknown command 'frobnicate'" help frobnicate
refused "unknown command ''" ''
refused "unknown option --frobnicate" --frobnicate ls SOFTWARE
for command in apply delta diff export get info ls new verify; do
    refused "unknown option --frobnicate" "$command" --frobnicate
done
refused "missing argument for --root" ls SOFTWARE --root
refused "--color is 'red', not auto, always or never" ls --color=red SOFTWARE
refused "--color is 'alway', not auto, always or never, did you mean 'always'?" ls --color=alway SOFTWARE
refused "--kind is 'ordinry', not ordinary or differencing, did you mean 'ordinary'?" new -o x --kind=ordinry
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

# A bare --color takes no operand, -o no space; short options stand together.
run 0 ht ls --color SOFTWARE
run 0 ht ls SOFTWARE --color
run 0 ht info SOFTWARE
cp out wanted
run 0 ht info -oinfo.txt SOFTWARE
says out
same wanted info.txt
run 0 ht info -o=info2.txt SOFTWARE
same wanted info2.txt
run 0 ht info -qvoinfo3.txt SOFTWARE
same wanted info3.txt

# Every command that prints writes to a file, which is no input, and appears when all is done.
cp SOFTWARE same
printf 'REGEDIT4\n' >p.reg
while read -r arguments; do
    # shellcheck disable=SC2086
    run 2 ht $arguments
    head -n 1 err >first
    same_bytes same SOFTWARE
    says first 'hivetool: SOFTWARE: is an input, it cannot be the output too'
done <<'END'
ls -o SOFTWARE SOFTWARE
get --raw -o SOFTWARE SOFTWARE x y
find -o SOFTWARE x SOFTWARE
timeline -o SOFTWARE SOFTWARE
timeline -o SOFTWARE --base=SOFTWARE same
deleted -o SOFTWARE SOFTWARE
info -o SOFTWARE SOFTWARE
check -o SOFTWARE SOFTWARE
digest -o SOFTWARE SOFTWARE
export -o SOFTWARE SOFTWARE
export --format=csv -o SOFTWARE SOFTWARE
export --format=reg-add -o SOFTWARE SOFTWARE
textconv -o SOFTWARE SOFTWARE
diff -o SOFTWARE same SOFTWARE
diff --exclude-file=SOFTWARE -o SOFTWARE same same
verify -o SOFTWARE SOFTWARE p.reg
lint -o SOFTWARE SOFTWARE
fmt -o SOFTWARE SOFTWARE
apply -o SOFTWARE SOFTWARE p.reg
apply -o out --reverse-out=SOFTWARE SOFTWARE p.reg
set -o SOFTWARE SOFTWARE K v w
rm -o SOFTWARE SOFTWARE K
mkkey -o SOFTWARE SOFTWARE K
cp -o SOFTWARE SOFTWARE K L
mv -o SOFTWARE SOFTWARE K L
delta -o SOFTWARE SOFTWARE same
merge -o SOFTWARE SOFTWARE same
rebuild -o SOFTWARE SOFTWARE
recover -o SOFTWARE SOFTWARE
END
run 1 ht get -o value.txt SOFTWARE Missing
[ ! -e value.txt ] || fail "a report that failed left a file"
chmod 600 SOFTWARE
run 0 ht info -o secret.txt SOFTWARE
[ "$(stat -c %a secret.txt)" = 600 ] || fail "the report shows others what the hive hides"

for arguments in --version -V 'ls --version' '--version ls'; do
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
