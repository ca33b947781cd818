#!/bin/sh
# make bench: times the main operations on generated hives beside other tools on the same files,
# in the same run, and prints ratios. Timing decides nothing: it is for people.
#
#   bench.sh [KEYS]       default 200000
set -eu
: "${abs_builddir:?run it with make bench}"
keys=${1:-200000}
ht=$abs_builddir/hivetool/hivetool
tmp=$(mktemp -d "${TMPDIR:-/tmp}/hivetool-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

# best COMMAND...: seconds and peak memory in MB of the fastest of five runs.
best()
{
    for _ in 1 2 3 4 5; do
        python3 - "$@" <<'PY'
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
seconds = time.perf_counter() - start
print(f"{seconds:.4f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.1f}")
PY
    done | sort -n | head -n 1
}

# row LABEL COMMAND...: prints a row and keeps its seconds in $seconds.
row()
{
    label=$1
    shift
    result=$(best "$@")
    seconds=${result% *}
    printf '%-44s %8.3f s %8.1f MB\n' "$label" "$seconds" "${result#* }"
}

ratio()
{
    awk -v a="$1" -v b="$2" -v what="$3" 'BEGIN { printf "    %s: %.1f\n", what, a / b }'
}

"$abs_builddir/fixtures/mkfixtures" --big "$keys" old 1
"$abs_builddir/fixtures/mkfixtures" --big "$keys" new 1 --tweak
printf '%s keys, %s bytes\n\n' "$keys" "$(wc -c <old)"

row 'cmp -l (every byte)' sh -c 'cmp -l old new | tail -n 1'
cmp_all=$seconds
cp old same
row 'cmp of equal files' cmp old same
cmp_equal=$seconds
row 'hivetool diff, some hundred changes' "$ht" diff old new
ratio "$seconds" "$cmp_equal" 'of cmp of equal files'
ratio "$seconds" "$cmp_all" 'of cmp -l'
row 'hivetool diff of equal files' "$ht" diff old same
ratio "$seconds" "$cmp_equal" 'of cmp of equal files'
row 'hivetool info (a check of the whole hive)' "$ht" info old
row 'hivetool digest' "$ht" digest old
row 'hivetool rebuild' "$ht" rebuild -o rebuilt old
row 'hivetool export' "$ht" export --root 'HKLM\SOFTWARE' -o old.reg old
if command -v hivexml >/dev/null; then
    row 'hivexml' hivexml old
fi

cat >five.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\bench]
"a"="text"
"b"=dword:00000001
"c"=hex:01,02,03

REG
printf '\n'
row 'hivetool apply, five lines' "$ht" apply --root 'HKLM\SOFTWARE' -o applied old five.reg
apply=$seconds
row 'hivetool apply --engine=rebuild, the same' \
    "$ht" apply --engine=rebuild --root 'HKLM\SOFTWARE' -o applied old five.reg
if command -v hivexregedit >/dev/null; then
    cp old merged
    row 'hivexregedit --merge, the same' \
        hivexregedit --merge --prefix 'HKEY_LOCAL_MACHINE\SOFTWARE' merged five.reg
    ratio "$apply" "$seconds" 'of hivexregedit'
else
    echo 'hivexregedit (package libwin-hivex-perl) is not installed'
fi
