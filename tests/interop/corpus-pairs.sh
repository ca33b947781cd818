#!/bin/sh
# For every clean pair of real hives: the .reg difference of A and B applied to A gives B in all
# that .reg can carry (not descriptors, not times), and the way back gives A.
. "${abs_srcdir:?}/tests/lib.sh"
needs_shared corpus
hives=$shared/corpus/hives

# there FOLDER A B SUMMARY: SUMMARY is the last line of diff, from the corpus' README.
there() {
    a=$hives/$1/$2
    b=$hives/$1/$3
    # By an ordinary user a file that may only be read is not copied over.
    cp -f "$a" a.before
    status=1
    case $4 in "no difference"*) status=0 ;; esac
    run "$status" ht diff --root HKCU --ignore timestamps,order,security "$a" "$b"
    tail -n 1 out | cut -d ';' -f 1 >summary
    says summary "$4"
    run "$status" ht diff --root HKCU --format reg -o patch.reg "$a" "$b"
    run 0 ht apply --root HKCU -o patched "$a" patch.reg
    run 0 ht diff --root HKCU --ignore timestamps,order,security patched "$b"
    run 0 ht verify --root HKCU patched patch.reg
    # A second time there is nothing to do, and not a byte changes.
    run 0 ht apply --root HKCU -o again patched patch.reg
    says err "hivetool: patched: nothing to do"
    same_bytes patched again
    same_bytes a.before "$a"
}

there regipy NTUSER.DAT.old-29ea3af NTUSER.DAT '5 keys created, 6 values added'
there regipy NTUSER.DAT NTUSER.DAT.old-29ea3af '5 keys deleted, 6 values deleted'
there regipy NTUSER.DAT NTUSER_modified.DAT \
    '1 key created, 5 keys deleted, 2 values added, 6 values deleted'
there regipy NTUSER_modified.DAT NTUSER.DAT \
    '5 keys created, 1 key deleted, 6 values added, 2 values deleted'
there python-registry REORGANIZED_VALUES_TESTS UNICODE_TESTS "no difference"
there python-registry UNICODE_TESTS REORGANIZED_VALUES_TESTS "no difference"
there scancode Software_Delta.fake-v1.3-old Software_Delta.fake-v1.3-head \
    '6 keys created, 6 values added'
there scancode Software_Delta.fake-v1.3-head Software_Delta.fake-v1.3-old \
    '6 keys deleted, 6 values deleted'
