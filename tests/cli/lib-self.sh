#!/bin/sh
# shellcheck disable=SC2016
# (the scripts in single quotes are expanded by the shell that runs them)
#
# tests/lib.sh itself: each check of it must be able to fail, and with the right status.
. "${abs_srcdir:?}/tests/lib.sh"

# wants STATUS SCRIPT: a test with this text ends with STATUS.
wants() {
    printf '%s\n' '. "$abs_srcdir/tests/lib.sh"' "$2" >inner.sh
    wants_status=0
    sh inner.sh >inner.out 2>&1 || wants_status=$?
    if [ "$wants_status" -ne "$1" ]; then
        cat inner.out >&2
        fail "status $wants_status instead of $1: $2"
    fi
}

wants 0 'run 0 true'
wants 0 'run 3 sh -c "exit 3"'
wants 1 'run 0 sh -c "exit 3"; exit 0'
wants 1 'run 1 true; exit 0'
# A crash is not the failure that a test waits for.
wants 1 'run 1 sh -c "kill -SEGV \$\$"; exit 0'
wants 0 'run 0 echo text; says out text'
wants 1 'run 0 echo text; says out other; exit 0'
wants 1 'run 0 echo text; says out; exit 0'
wants 1 'run 0 sh -c "echo text >&2"; says err; exit 0'
wants 1 'echo a >a; echo b >b; same a b; exit 0'
wants 1 'echo a >a; echo b >b; same_bytes a b; exit 0'
wants 1 'false; exit 0'
wants 77 'skip "no reason"; exit 0'
wants 77 'needs_program no-such-program-here; exit 0'
wants 77 'needs_shared no-such-folder; exit 0'
wants 0 'needs_program sh'
wants 0 'echo a >a; lacks a b'
wants 1 'echo a >a; lacks a a; exit 0'
wants 1 ': >a; lacks a b; exit 0'
wants 1 'lacks gone b; exit 0'

# What is not proven is one line, by cause; without any nothing is said.
mkdir -p source/t
printf '%s\n' '#!/bin/sh' '# Whole thing: with' '# details.' 'skip' >source/t/whole.sh
mkdir t
printf 'not proven: no corpus\t\n' >t/whole.log
printf 'not proven: no corpus\tsome part\nnot proven: no zstd\tpacked\nPASS\n' >t/part.log
echo PASS >t/good.log
run 0 sh "$abs_srcdir/tests/not-proven.sh" source t/whole.log t/part.log t/good.log
says out 'NOT PROVEN HERE: no corpus: Whole thing (whole), some part (part); no zstd: packed (part)'
run 0 sh "$abs_srcdir/tests/not-proven.sh" source t/good.log
says out

# Calls that fail, and signals at a place that is known.
wants 0 ': >gone; run 5 faulty "open:*/gone:EIO" ht info ./gone
says err "hivetool: ./gone: cannot open: Input/output error"'
wants 0 'run 5 faulty "open:*/other:EIO" ht info ./gone
says err "hivetool: ./gone: cannot open: No such file or directory"'
wants 0 'run 143 faulty "open:*/gone:SIGTERM" ht info ./gone'

# The folder of a test is gone after it, also when nobody may write there.
outer=$tmp
export outer
wants 0 'pwd >"$outer/where"; mkdir locked; touch locked/file; chmod 500 locked'
where=$(cat where)
[ -n "$where" ] || fail "the test did not run"
[ ! -e "$where" ] || fail "$where is still there"
