#!/bin/sh
# No command takes more instructions than tests/bench/baseline.tsv says, by more than 5 %. They are counted by
# valgrind's callgrind, on one machine twice the same, with whatever else it does; another compiler or C library makes
# other code, so the counts are compared where both are those of the baseline. UPDATE_BASELINE=1 writes it anew.
. "${abs_srcdir:?}/tests/lib.sh"
[ -z "$TEST_WRAPPER" ] || skip "another tool runs the programs"
command -v valgrind >/dev/null || skip "no valgrind" "no command takes more instructions than before"
! ldd "$abs_builddir/hivetool/hivetool" | grep -q 'lib[au]*san' || skip "built with sanitizers"

# What valgrind shows programs of the processor is the same wherever there is AVX2.
! [ "$(uname -m)" = x86_64 ] || grep -qw avx2 /proc/cpuinfo ||
    skip "no AVX2 here" "no command takes more instructions than before"

baseline=$abs_srcdir/tests/bench/baseline.tsv
compiler=$("${CC_FOR_TESTS:-cc}" --version | head -n 1)
libc=$(getconf GNU_LIBC_VERSION)
here="$(uname -m), $compiler, $libc, ${CFLAGS_FOR_TESTS:-?}"
there=$(sed -n 's/^# //p' "$baseline" | head -n 1)
[ -n "${UPDATE_BASELINE-}" ] || [ "$here" = "$there" ] ||
    skip "built by \"$here\", counted by \"$there\"" "no command takes more instructions than before"

# 20,000 keys, 6 MB
"$abs_builddir/fixtures/mkfixtures" --big 20000 old 1
"$abs_builddir/fixtures/mkfixtures" --big 20000 new 1 --tweak
cat >five.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\bench]
"a"="text"
"b"=dword:00000001
"c"=hex:01,02,03
REG
"$abs_builddir/fixtures/mkfixtures" --big 4000 small 1
ht -q export --root 'HKLM\SOFTWARE' -o small.reg small

# count NAME STATUS ARGUMENTS...: one line of hivetool's count, the processes that it starts among them.
count() {
    name=$1 expected=$2
    shift 2
    status=0
    valgrind --tool=callgrind --trace-children=yes --callgrind-out-file=/dev/null \
        "$abs_builddir/hivetool/hivetool" --threads=1 "$@" >/dev/null 2>log || status=$?
    [ "$status" = "$expected" ] || fail "$name: $status and not $expected: $(cat log)"
    awk -v name="$name" '/Collected :/ { n += $NF } END { printf "%s\t%.0f\n", name, n }' log >>counts
}

count diff 1 diff --format=json old new
count 'diff --quiet' 1 diff --quiet old new
count 'apply --engine=hivex' 0 apply --engine=hivex --root 'HKLM\SOFTWARE' -o applied old five.reg
count 'apply --engine=rebuild' 0 apply --engine=rebuild --root 'HKLM\SOFTWARE' -o rebuilt old five.reg
count rebuild 0 rebuild -o compact old
count export 0 export old
count 'ls -r' 0 ls -r old
count check 0 check old
count digest 0 digest old
count get 1 get old 'no such' key
count 'lint .reg' 0 lint small.reg
count 'apply .reg' 0 apply --dry-run --root 'HKLM\SOFTWARE' old small.reg

if [ -n "${UPDATE_BASELINE-}" ]; then
    { printf '# %s\n' "$here"; cat counts; } >"$baseline"
    exit 0
fi
[ "$(grep -c . counts)" = "$(grep -vc '^#' "$baseline")" ] || fail "other commands than in the baseline"
grep -v '^#' "$baseline" | paste - counts | awk -F '\t' '
    { printf "%-24s %12.0f %12.0f %+6.1f %%\n", $1, $2, $4, ($4 / $2 - 1) * 100 }
    $1 != $3 || $4 > $2 * 1.05 { grown = 1 }
    END { exit grown }' || fail "more instructions than before (UPDATE_BASELINE=1 when that is meant)"
