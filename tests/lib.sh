# What the shell tests share: source it first. POSIX sh.
#
#   . "${abs_srcdir:?}/tests/lib.sh"
#   run 3 ht info "$bad_hive"
#   says out
#   says err "hivetool: bad.hive: ..."
#
# The test runs in a folder of its own, which is removed at its end.

set -eu

: "${abs_srcdir:?run the tests with make check}"
: "${abs_builddir:?run the tests with make check}"
TEST_WRAPPER=${TEST_WRAPPER-}
# Modes are told by tests, and the user's umask may be another.
umask 022
# Nothing that Python compiles comes beside the source.
export PYTHONDONTWRITEBYTECODE=1

tmp=$(mktemp -d "${TMPDIR:-/tmp}/hivetool-test.XXXXXX")

remove_tmp() {
    cd /
    # For make judges.
    [ -z "${JUDGE_KEEP-}" ] ||
        "${PYTHON3:-python3}" "$abs_srcdir/tests/interop/judges/keep" "$tmp" \
            "$JUDGE_KEEP/$(basename "$0" .sh)" "$abs_builddir/tests/interop/judges/tree"
    rm -rf "$tmp" 2>/dev/null && return
    chmod -R u+rwx "$tmp"
    rm -rf "$tmp"
}
trap remove_tmp EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

# The programs as built, under valgrind when make check-valgrind runs. The wrapper is a command
# with arguments, so it has to be split.
ht() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/hivetool/hivetool" "$@"
}

lp() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/layerpack/layerpack" "$@"
}

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# unproven CAUSE [WHAT]: a part of the test, or all of it, that does not run here, and for want of what;
# make check says so at its end. Without WHAT that is the first sentence of the test.
unproven() {
    printf 'not proven: %s\t%s\n' "$1" "${2-}"
}

# skip CAUSE [WHAT]: ends the test as skipped.
skip() {
    unproven "$@"
    exit 77
}

# lacks FILE PATTERN: FILE says something, and no line of it matches.
lacks() {
    [ -s "$1" ] || fail "$1 is empty"
    ! grep -e "$2" "$1" >&2 || fail "$1 holds '$2'"
}

# run STATUS COMMAND...: the command must end with exactly STATUS. Its standard output goes to the
# file out, standard error to the file err.
run() {
    run_wanted=$1
    shift
    run_status=0
    "$@" >out 2>err || run_status=$?
    if [ "$run_status" -ne "$run_wanted" ]; then
        echo "--- standard output" >&2
        head -c 4000 out >&2
        echo "--- standard error" >&2
        head -c 4000 err >&2
        fail "status $run_status instead of $run_wanted: $*"
    fi
}

# same EXPECTED ACTUAL: two text files are equal.
same() {
    diff -u "$1" "$2" >&2 || fail "$2 differs from $1"
}

# same_bytes EXPECTED ACTUAL: two binary files are equal.
same_bytes() {
    cmp "$1" "$2" >&2 || fail "$2 differs from $1"
}

# says FILE LINE...: FILE holds exactly these lines; without LINE, nothing.
says() {
    says_file=$1
    shift
    if [ $# -eq 0 ]; then
        # (no program is started to compare nothing)
        [ ! -f "$says_file" ] || [ -s "$says_file" ] || return 0
        : >expected
    else
        printf '%s\n' "$@" >expected
    fi
    same expected "$says_file"
}

# faulty RULES COMMAND...: with calls on files that fail, or raise a signal; RULES as of tests/fault.c.
faulty() {
    faulty_rules=$1
    shift
    (
        # By its name alone, as a blank in its path would be taken for the end of it.
        export FAULT="$faulty_rules" LD_PRELOAD=fault.so
        export LD_LIBRARY_PATH="$abs_builddir/tests${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
        # That library comes before the sanitizer's own.
        export ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0"
        "$@"
    )
}

# sanitized: whether the programs are built with sanitizers, five times slower. test.sh runs every test in both builds, so
# what is many cases of one kind need not be the same ones, or as many, in the second.
sanitized() {
    [ "${SANITIZERS:-no}" != no ]
}

# needs_program NAME...: skips the test where one is not installed.
needs_program() {
    for needed; do
        command -v "$needed" >needed-path || skip "$needed is not installed"
    done
}

# needs_shared FOLDER: sets $shared to ../shared of the source tree; skips where FOLDER is not there.
needs_shared() {
    shared=$abs_srcdir/../shared
    [ -d "$shared/$1" ] || skip "../shared/$1 is not here"
}

# needs_user: skips the test for root, to whom permissions do not apply.
needs_user() {
    [ "$(id -u)" -ne 0 ] || skip "permissions do not apply to root"
}
