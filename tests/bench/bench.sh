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
# The same changes, made in place: most cells stay where they are.
"$ht" diff --format=reg --root 'HKLM\SOFTWARE' -o changes.reg old new || [ $? -eq 1 ]
"$ht" -q apply --engine=hivex --root 'HKLM\SOFTWARE' -o patched old changes.reg
row 'hivetool diff, the same made in place' "$ht" diff old patched
ratio "$seconds" "$cmp_equal" 'of cmp of equal files'
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

# An image of 100 MB: build and extract beside skopeo, which copies it, and tar, which unpacks one hive.
printf '\n'
lp=$abs_builddir/layerpack/layerpack
python3 "${abs_srcdir:?}/tests/interop/make-image.py" nanoserver base --size-mb 100 >name
layer=$(find base/blobs -size +10M)
printf 'an image of 100 MB, a layer of %s bytes\n' "$(wc -c <"$layer")"
# fresh COMMAND...: without what the run before wrote.
cat >fresh.sh <<'SH'
rm -rf new-image new-hives
exec "$@"
SH
row 'gzip -dc of the layer' gzip -dc "$layer"
row 'sha256sum of the layer' sha256sum "$layer"
row 'tar -xO of a hive' tar -xzOf "$layer" Files/Windows/System32/config/SOFTWARE
tar_hive=$seconds
row 'layerpack build' sh fresh.sh "$lp" build --from oci:base:ltsc2022 \
    --reg "$abs_srcdir/fixtures/patches/pause.reg" --to oci:new-image:1
build=$seconds
row 'layerpack extract' sh fresh.sh "$lp" extract oci:base:ltsc2022 -o new-hives
ratio "$seconds" "$tar_hive" 'of tar -xO of one hive, which verifies nothing'
row 'layerpack verify' "$lp" verify oci:base:ltsc2022
if command -v skopeo >/dev/null; then
    row 'skopeo copy' sh fresh.sh skopeo --insecure-policy --override-os windows copy -q \
        oci:base:ltsc2022 oci:new-image:1
    ratio "$build" "$seconds" 'layerpack build of skopeo copy'
else
    echo 'skopeo is not installed'
fi

# --- .reg files ---

# reg_file FORM: 50 MB of text in UTF-16: many small values, or few large ones.
reg_file()
{
    { printf '\377\376'; awk -v form="$1" -v units=25000000 'BEGIN {
        printf "Windows Registry Editor Version 5.00\r\n"
        for (i = 0; n < units; i++) {
            s = sprintf("\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Area%d\\Key%07d]\r\n", i / 1000, i)
            if (form == "small")
                s = s sprintf("@=\"Thing %d\"\r\n\"Path\"=\"C:\\\\Program Files\\\\Thing%d.dll\"\r\n\"Start\"=dword:%08x\r\n", i, i, i)
            else {
                s = s "\"Data\"=hex:00,"
                for (line = 0; line < 40; line++)
                    s = s "\\\r\n  01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,17,18,19,"
                s = s "00\r\n"
            }
            n += length(s)
            printf "%s", s
        }
    }' | iconv -f UTF-8 -t UTF-16LE; } >"$1.reg"
}
printf '\n'
for form in small large; do
    reg_file "$form"
    row "iconv, 50 MB of $form values" iconv -f UTF-16LE -t UTF-8 "$form.reg"
    iconv=$seconds
    row 'parsing the same' "$abs_builddir/tests/bench/parse-reg" "$form.reg"
    ratio "$seconds" "$iconv" 'of iconv'
    rm "$form.reg"
done

# sections ORDER N: N new keys under one parent.
sections()
{
    printf 'Windows Registry Editor Version 5.00\n'
    case $1 in
    sorted) seq "$2" ;;
    reversed) seq "$2" -1 1 ;;
    shuffled) seq "$2" | awk -v n="$2" '{ print $1 * 7919 % n }' ;;
    esac | awk '{ printf "\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Many\\Key%07d]\n\"v\"=dword:00000001\n", $1 }'
}
printf '\n'
"$ht" new --quiet -o SOFTWARE
for order in sorted reversed shuffled; do
    for n in 50000 100000 200000; do
        sections "$order" "$n" >many.reg
        row "hivetool apply, $n new keys, $order" "$ht" apply -o applied SOFTWARE many.reg
    done
done
