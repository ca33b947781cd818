#!/bin/sh
# Two real differencing hives, decoded and encoded again over a base that holds what they touch:
# the same keys, values, class names, descriptors and layer bits, but for keys that say nothing;
# and what our merge makes of them is what the test's own reader makes of them.
. "${abs_srcdir:?}/tests/lib.sh"

needs_shared corpus

recode() {
    # shellcheck disable=SC2086
    $TEST_WRAPPER "$abs_builddir/tests/interop/layer-recode" "$@"
}

# merges_as_python LAYER: our merge of base and LAYER, and the other reader's.
merges_as_python() {
    run 0 ht merge -q -o effective base "$1"
    says out
    if [ -n "${PYTHON3-}" ]; then
        run 0 "$PYTHON3" -S "$abs_srcdir/tests/interop/hive.py" merge-compare base "$1" effective
        says out
    else
        unproven "python3 is not installed" "merges as the independent reader makes them"
    fi
}

# check LAYER LINE...: what layer-recode prints of it.
check() {
    layer=$1
    shift
    run 0 recode "$layer" base recoded
    says out "$@"
    merges_as_python recoded
    mv effective again
    merges_as_python "$layer"
    run 0 ht diff --ignore=timestamps,order effective again
}

# The counts by layer bits are those measured by other means. What is left out: Windows keeps a
# tombstone below a key that was deleted and made again, where it hides nothing, and keys whose
# change was undone, or only tried.
check "$shared/corpus/hives/scancode/Software_Delta.real-v1.6-differencing" \
    '00 2731' '01 17' '02 74' '03 12' '80 111' '83 1' 'the same 2905' \
    'left out: tombstones below replaced keys 16' 'left out: merging keys that say nothing 25'
check "$shared/corpus/hives/yarp/System_Delta" \
    '00 8' '01 2' '03 61' '80 514' '83 1' 'the same 584' \
    'left out: tombstones below replaced keys 0' 'left out: merging keys that say nothing 2'
