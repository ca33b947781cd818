#!/bin/sh
# Every security descriptor of the real hives as SDDL, set again from the text and read back: the same text, and the same
# bytes but for the layout.
. "${abs_srcdir:?}/tests/lib.sh"

needs_shared corpus/hives
python=${PYTHON3:-python3}
needs_program "$python"

mkdir records
find "$shared/corpus/hives" -type f | LC_ALL=C sort >files
n=0
while read -r file; do
    n=$((n + 1))
    # Of what cannot be read at all there are no records.
    ht export -q --ignore-dirty --salvage --root=HKCU --format=ndjson "$file" >"records/$n" 2>err || [ $? -le 4 ] ||
        fail "$file: $(cat err)"
done <files
run 0 "$python" -S "$abs_srcdir/tests/interop/sddl.py" patch records/*
mv out p.reg
run 0 ht new -o none
run 0 ht apply -q -o made --root='HKLM\SOFTWARE' none p.reg
run 0 ht export -q --root='HKLM\SOFTWARE' --format=ndjson made
mv out made.records
run 0 "$python" -S "$abs_srcdir/tests/interop/sddl.py" compare made.records records/*
grep -E '^[1-9][0-9]{3} descriptors, [1-9][0-9]{2,} of them byte for byte$' out >said || fail "$(cat out)"
