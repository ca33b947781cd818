#!/bin/sh
# The descriptors of new keys, predicted from the key above, against those that Windows wrote: all
# keys with layer bits 0x00 of the two real differencing hives. The one that is not predicted lies
# directly below ROOT, whose descriptor in a differencing hive says nothing of the base's.
. "${abs_srcdir:?}/tests/lib.sh"
needs_shared corpus
hives=$shared/corpus/hives

run 0 "$abs_builddir/tests/interop/new-keys" "$hives/scancode/Software_Delta.real-v1.6-differencing" \
    "$hives/yarp/System_Delta"
says out '  not predicted: \Python
below a key of the base: 35, copies 0, predicted 35
below a new key: 2695, copies 2694, predicted 2694
below a key of the base: 7, copies 0, predicted 7
below a new key: 0, copies 0, predicted 0'
