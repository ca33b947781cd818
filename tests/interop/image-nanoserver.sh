#!/bin/sh
# A base image in the shape of NanoServer, with 100 MB of files, hard links to hives, long names and
# streams: built upon, verified, read back; its blobs stay as they are and memory does not grow with
# them.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"

# Peak memory in KiB of a command, which must succeed. Sanitizers and valgrind need their own.
cat >peak.py <<'END'
import resource
import subprocess
import sys

status = subprocess.run(sys.argv[1:], check=False).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
END
bounded=yes
[ -z "$TEST_WRAPPER" ] || bounded=
! grep -q fsanitize "$abs_builddir/Makefile" || bounded=
size=100
[ -n "$bounded" ] || size=10

# peak COMMAND...: layerpack, in less than 48 MB where that means something.
peak() {
    if [ -z "$bounded" ]; then
        run 0 lp "$@"
        return
    fi
    run 0 "$PYTHON3" -S peak.py "$abs_builddir/layerpack/layerpack" "$@"
    kib=$(tail -n 1 err)
    [ "$kib" -lt 49152 ] || fail "layerpack $1 took $kib KiB"
}

make_image nanoserver base --size-mb "$size" >name
says name oci:base:ltsc2022
(cd base/blobs/sha256 && sha256sum -- *) >before
printf 'program\n' >pause.exe

peak build --quiet --from oci:base:ltsc2022 --reg "$patches/pause.reg" \
    --reg "$patches/diagtrack.reg" --add pause.exe=/pause.exe --entrypoint '["/pause.exe"]' \
    --to oci:built:1
peak verify oci:built:1
image check oci:built:1 >found
says found 'ok: 2 layers'
(cd base/blobs/sha256 && sha256sum -- *) >after
same before after

# The base's layer is the very blob.
image layers oci:base:ltsc2022 >wanted
image layers oci:built:1 | head -n 1 >found
same wanted found
digest=$(sed 's/^sha256:\([0-9a-f]*\).*/\1/' wanted)
same_bytes "base/blobs/sha256/$digest" "built/blobs/sha256/$digest"

# The hives: the base's own, byte for byte; the image's hold what the patches say, and nothing else.
mkdir base-hives built-hives
peak extract --quiet oci:base:ltsc2022 -o base-hives
peak extract --quiet oci:built:1 -o built-hives
for name in SAM SECURITY SOFTWARE SYSTEM; do
    image extract oci:base:ltsc2022 0 "Files/Windows/System32/config/$name" >hive
    same_bytes hive "base-hives/$name"
done
run 0 ht verify built-hives/SOFTWARE "$patches/pause.reg"
run 0 ht verify built-hives/SYSTEM "$patches/diagtrack.reg"
run 0 ht apply --quiet -o SOFTWARE base-hives/SOFTWARE "$patches/pause.reg"
run 0 ht diff SOFTWARE built-hives/SOFTWARE
run 0 ht apply --quiet -o SYSTEM base-hives/SYSTEM "$patches/diagtrack.reg"
run 0 ht diff SYSTEM built-hives/SYSTEM
for name in DEFAULT SAM SECURITY; do
    run 0 ht diff "base-hives/$name" "built-hives/$name"
done
# By the independent reader of hives: the delta in the layer does it.
for name in SOFTWARE SYSTEM; do
    slot=$(echo "$name" | sed 's/SOFTWARE/Software/; s/SYSTEM/System/')
    image extract oci:built:1 1 "Hives/${slot}_Delta" >one-delta
    "$PYTHON3" -S "$here/hive.py" merge-compare "base-hives/$name" one-delta "$name" >&2 ||
        fail "$name: the delta in the layer is not the change"
done

# hivetool on the image itself, as on the files.
run 1 ht diff oci:base:ltsc2022//SOFTWARE oci:built:1//SOFTWARE
cp out wanted
run 1 ht diff base-hives/SOFTWARE built-hives/SOFTWARE
same wanted out

# Through archives and back.
peak build --quiet --from oci:built:1 --label step=2 --to oci-archive:two.tar:2
peak build --quiet --from oci-archive:two.tar:2 --label step=3 --to docker-archive:three.tar:three:3
peak verify docker-archive:three.tar:three:3
image check docker-archive:three.tar:three:3 >found
says found 'ok: 2 layers'
mkdir three-hives
peak extract --quiet docker-archive:three.tar:three:3 -o three-hives
same_hives built-hives three-hives

# The same inputs give the same image, under another name and umask.
(umask 077 && run 0 lp build --quiet --from oci:base:ltsc2022 --reg "$patches/pause.reg" \
    --reg "$patches/diagtrack.reg" --add pause.exe=/pause.exe --entrypoint '["/pause.exe"]' \
    --to oci:again:1)
image manifest oci:built:1 >wanted
image manifest oci:again:1 >found
same wanted found

# A base whose hives are links, with layers above it, of Docker's media types, packed with zstd.
for options in '--links hives --upper deltas' '--family docker --upper deltas --upper deltas' \
    '--compression zstd --upper deltas' '--compression none'; do
    # shellcheck disable=SC2086
    make_image nanoserver other $options >name
    run 0 lp build --quiet --from oci:other:ltsc2022 --reg "$patches/pause.reg" --to oci:other:new
    image check oci:other:new >found
    image layers oci:other:new | wc -l >count
    says found "ok: $(cat count) layers"
    run 0 ht verify oci:other:new//SOFTWARE "$patches/pause.reg"
    image layers oci:other:ltsc2022 >wanted
    image layers oci:other:new | sed '$d' >found
    same wanted found
done
