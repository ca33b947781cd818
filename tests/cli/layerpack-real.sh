#!/bin/sh
# Differencing hives that Windows wrote, as layers carry them: listed with every layer bit, and
# nothing to complain of in them.
. "${abs_srcdir:?}/tests/lib.sh"

PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3"
needs_shared corpus/hives
# Under a name without blanks: the list of a layer has them between its words.
ln -s "$shared/corpus/hives" real
real=real

"$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" real.tar <<END
d Files
d Hives
f Hives/Software_Delta @$real/scancode/Software_Delta.real-v1.6-differencing
f Hives/System_Delta @$real/yarp/System_Delta
end 2
END

missing="is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)"
run 1 lp verify real.tar
grep -v -e '^digest   sha256:' -e '^diff ID  sha256:' out >findings
says findings \
    "error: Hives/DefaultUser_Delta: $missing" \
    "error: Hives/Sam_Delta: $missing" \
    "error: Hives/Security_Delta: $missing" \
    "kind     layer above a base" "3 findings"

# Keys by layer bits, as other programs counted them: docs/FORMATS.md, "Differencing hives".
run 0 lp ls --long real.tar
grep '^. 0000644 ' out | sed 's/, [0-9]* values//' >entries
says entries \
    "d 0000644          0 - Files" \
    "d 0000644          0 - Hives" \
    "- 0000644    1011712 - Hives/Software_Delta (2946 keys, 19 tombstones)" \
    "- 0000644     262144 - Hives/System_Delta (586 keys, 5 tombstones)"

# count NUMBER PATTERN, over both hives; their roots are not listed.
count() {
    grep -c -- "$2" out >counted || true
    says counted "$1"
}
count $((2731 - 1 + 8 - 1)) '^    + '
count $((111 + 514 + 74 + 12 + 61 + 1 + 1)) '^    ~ '
count $((74 + 0)) '^    ~ .* (supersedes the key, not its subkeys)$'
count $((12 + 61)) '^    ~ .* (supersedes the key and its subkeys)$'
count $((1 + 1)) '^    ~ .* (supersedes the key and its subkeys, class inherited)$'
count $((17 + 2)) '^    - .* (tombstone)$'
count $((2 + 3)) '^          .* (tombstone)$'
