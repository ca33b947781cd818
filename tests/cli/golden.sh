#!/bin/sh
# The main job against golden files, byte for byte: patched hive, differencing hives, layer,
# reports. They were read by a person; fixtures/README.md says what each must hold. To write them
# anew after a change that is meant: make check TESTS=tests/cli/golden.sh WRITE_GOLDEN=1, and read
# the difference.
. "${abs_srcdir:?}/tests/lib.sh"
hives=$abs_srcdir/fixtures/hives
patches=$abs_srcdir/fixtures/patches
golden=$abs_srcdir/fixtures/golden
WRITE_GOLDEN=${WRITE_GOLDEN-}

# matches NAME FILE: FILE is the golden file NAME.
matches() {
    [ -z "$WRITE_GOLDEN" ] || cp "$2" "$golden/$1"
    cmp "$golden/$1" "$2" >&2 || {
        diff -u "$golden/$1" "$2" | head -n 40 >&2 || :
        fail "$2 is not fixtures/golden/$1"
    }
}

# As before there was --new-keys: new keys get the descriptor of the key above.
run 0 ht apply --root 'HKLM\SOFTWARE' --new-keys=copy -o small.copied "$hives/small" \
    "$patches/every-statement.reg"
matches small.copied small.copied

# Every kind of statement on a small hive.
cp "$hives/small" small
run 0 ht apply --root 'HKLM\SOFTWARE' -o small.patched small "$patches/every-statement.reg"
matches small.patched small.patched
run 1 ht diff --root 'HKLM\SOFTWARE' small small.patched
matches small.diff.txt out
run 1 ht diff --root 'HKLM\SOFTWARE' --format json small small.patched
matches small.diff.json out
run 1 ht diff --root 'HKLM\SOFTWARE' --format reg -o small.diff.reg small small.patched
matches small.diff.reg small.diff.reg
run 0 ht delta --file-name Software_Delta -o small.delta small small.patched
matches small.delta small.delta

# The pause image's change, from patch to layer.
run 0 ht apply -o SOFTWARE "$hives/SOFTWARE" "$patches/pause.reg"
run 0 ht apply -o SYSTEM "$hives/SYSTEM" "$patches/diagtrack.reg"
sha256sum SOFTWARE SYSTEM >sums
matches patched.sha256 sums
run 1 ht diff "$hives/SOFTWARE" SOFTWARE
matches pause.diff.txt out
run 1 ht diff "$hives/SYSTEM" SYSTEM
matches diagtrack.diff.txt out
run 0 lp create --base SOFTWARE="$hives/SOFTWARE" --changed SOFTWARE=SOFTWARE \
    --base SYSTEM="$hives/SYSTEM" --changed SYSTEM=SYSTEM -o layer.tar
matches layer.create.txt out
matches layer.tar layer.tar
run 0 lp ls --long layer.tar
matches layer.ls.txt out
run 0 lp verify layer.tar
matches layer.verify.txt out
