#!/bin/sh
# umoci lists and describes our OCI layouts, and adds our layers to them.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program umoci "$PYTHON3"
build_images

run 0 umoci ls --layout pause
says out 3.9
run 0 umoci ls --layout hello
says out 1

# umoci's digests, sizes and history are those of the independent reader.
cat >stat.py <<'END'
import json
import sys

for item in json.load(sys.stdin)["history"]:
    if not item.get("empty_layer"):
        layer = item["layer"]
        print(layer["digest"], item["diff_id"], layer["size"], layer["mediaType"])
END
for name in pause:3.9 hello:1; do
    umoci stat --image "$name" --json >stat.json
    "$PYTHON3" -S stat.py <stat.json >found
    image layers "oci:$name" >wanted
    same wanted found
done

# A second tag in the same layout; the first stays as it is.
image manifest oci:pause:3.9 >wanted
run 0 lp build --quiet --from oci:pause:3.9 --label test=1 --to oci:pause:labelled
run 0 umoci ls --layout pause
sort out >found
says found 3.9 labelled
image manifest oci:pause:3.9 >found
same wanted found

# A layer of layerpack create, added by umoci: the image that results is sound.
run 0 umoci tag --image base:ltsc2022 added
hives_of oci:base:ltsc2022 plain
run 0 ht apply --quiet -o patched --root 'HKLM\SOFTWARE' plain/SOFTWARE "$patches/pause.reg"
run 0 lp create --quiet --base SOFTWARE=plain/SOFTWARE --changed SOFTWARE=patched -o layer.tar
run 0 umoci raw add-layer --image base:added --history.created 2023-11-14T22:13:20Z layer.tar
sound oci:base:added
run 0 ht verify oci:base:added//SOFTWARE "$patches/pause.reg"

# Garbage collection takes nothing that we need.
run 0 umoci gc --layout pause
sound oci:pause:3.9
sound oci:pause:labelled
