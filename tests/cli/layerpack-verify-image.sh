#!/bin/sh
# layerpack verify and ls on images and folders: what is said of platform, descriptors, config and
# of how layers stand on each other; each finding on an image that has just that fault.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3" gzip

make_layer() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" "$1"
}

make_image() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/image-of-layers.py" "$@"
}

digest_of() {
    echo "sha256:$(sha256sum "$1" | cut -c 1-64)"
}

cp "$hives/empty" hive
run 0 lp create --quiet --base "sam=$hives/empty" --changed "sam=$hives/empty" -o above.tar
tar -xf above.tar Hives 2>tar-notes
mv Hives/Sam_Delta delta
config=Files/Windows/System32/config
base_lines="d Files
d Files/Windows
d Files/Windows/System32
d $config
f $config/DEFAULT @hive
f $config/SAM @hive
f $config/SECURITY @hive
f $config/SOFTWARE @hive
f $config/SYSTEM @hive"
delta_lines='f Hives/DefaultUser_Delta @delta
f Hives/Sam_Delta @delta
f Hives/Security_Delta @delta
f Hives/Software_Delta @delta
f Hives/System_Delta @delta'
printf '%s\n' "$base_lines" 'end 2' | make_layer base.tar
printf '%s\n' 'd Files' 'd Hives' 'f Files/x' 'end 2' | make_layer files.tar
printf '%s\n' 'd Files' 'd Hives' "$delta_lines" 'f Files/x' 'end 2' | make_layer other.tar
one="layer 1  $(digest_of base.tar)  base layer, 9 entries"
two="layer 2  $(digest_of above.tar)  layer above a base, 7 entries"

# finds STATUS LINE...: verify of oci:img gives exactly these lines, but for the digests of manifest
# and config.
finds() {
    wanted=$1
    shift
    run "$wanted" lp verify oci:img
    grep -v -e '^manifest sha256:' -e '^config   sha256:' out >findings
    says findings "$@"
    says err
}

make_image img base.tar above.tar
finds 0 "$one" "$two" 'ok: 2 layers'
run 0 lp verify oci:img:v1
grep -c '^manifest sha256:[0-9a-f]\{64\}$' out >found
grep -c '^config   sha256:[0-9a-f]\{64\}$' out >>found
says found 1 1

# The platform.
make_image img --set os='"linux"' --set architecture='"s390x"' --set os.version='"22.04"' \
    base.tar above.tar
finds 1 \
    'error: the config'\''s os is "linux", not "windows" (containerd platforms/platform_windows_compat.go)' \
    'warning: the config'\''s architecture is "s390x", and Windows runs on amd64 and arm64 (containerd platforms/platform_windows_compat.go)' \
    'error: the config'\''s os.version is "22.04", not four numbers like 10.0.20348.2700 (containerd platforms/platform_windows_compat.go)' \
    "$one" "$two" '3 findings'
make_image img --set os.version=null base.tar above.tar
finds 0 \
    'warning: the config has no os.version: every host takes the image, which is right only for HostProcess containers (containerd platforms/platform_windows_compat.go)' \
    "$one" "$two" 'ok: 2 layers'
make_image img --index os.version='"10.0.17763.1"' base.tar above.tar
finds 1 \
    'error: the index says windows/amd64:10.0.17763.1, the config windows/amd64:10.0.20348.2700 (OCI image-spec image-index.md)' \
    "$one" "$two" '1 finding'
make_image img --index os.version=null base.tar above.tar
finds 0 \
    'warning: the index says windows/amd64, the config windows/amd64:10.0.20348.2700 (OCI image-spec image-index.md)' \
    "$one" "$two" 'ok: 2 layers'
make_image img --index os.version='"10.0.20348.2700"' base.tar above.tar
finds 0 "$one" "$two" 'ok: 2 layers'

# The config.
make_image img --set history='[{"created_by": "x"}, {"created_by": "y", "empty_layer": true}]' \
    base.tar above.tar
finds 0 \
    "warning: the config's history tells of 1 layer, the image has 2 (OCI image-spec config.md)" \
    "$one" "$two" 'ok: 2 layers'
make_image img --set config='{"Env": "PATH=x"}' base.tar above.tar
finds 1 \
    'error: the config: "Env": is not an array of strings (OCI image-spec config.md)' \
    "$one" "$two" '1 finding'

# Descriptors.
make_image img --type 2=text/plain base.tar above.tar
run 4 lp verify oci:img
grep -c "^layerpack: oci:img: manifest sha256:[0-9a-f]*: layer 2: 'text/plain' is not the media type of a layer$" err >found
says found 1
make_image img --type 1=application/vnd.oci.image.layer.nondistributable.v1.tar base.tar above.tar
finds 0 \
    'warning: layer 1: its media type is one of layers that are not distributed: it is pushed and copied by its urls alone (OCI image-spec layer.md)' \
    "$one" "$two" 'ok: 2 layers'
rm "img/blobs/sha256/$(digest_of base.tar | cut -c 8-)"
finds 0 \
    'warning: layer 1: its media type is one of layers that are not distributed: it is pushed and copied by its urls alone (OCI image-spec layer.md)' \
    "warning: layer 1: blob $(digest_of base.tar) is missing; copy the image again, with 'skopeo copy' (OCI image-spec descriptor.md)" \
    "layer 1  $(digest_of base.tar)  not read" "$two" 'ok: 2 layers'
make_image img base.tar above.tar
rm "img/blobs/sha256/$(digest_of base.tar | cut -c 8-)"
finds 1 \
    "error: layer 1: blob $(digest_of base.tar) is missing; copy the image again, with 'skopeo copy' (OCI image-spec descriptor.md)" \
    "layer 1  $(digest_of base.tar)  not read" "$two" '1 finding'

# Blobs that are not what their descriptors say: the others are checked all the same.
make_image img base.tar above.tar
cp files.tar "img/blobs/sha256/$(digest_of above.tar | cut -c 8-)"
finds 1 \
    "error: layer 2: blob $(digest_of above.tar) has $(wc -c <files.tar) bytes, its descriptor says $(wc -c <above.tar) (OCI image-spec descriptor.md)" \
    "$one" "layer 2  $(digest_of above.tar)  not read" '1 finding'
sed 's/Files/Filez/' above.tar >twisted.tar
make_image img above.tar above.tar
cp twisted.tar "img/blobs/sha256/$(digest_of above.tar | cut -c 8-)"
finds 1 'error: layer 1: is not a tar (OCI image-spec descriptor.md)' \
    'warning: layer 2: holds the same as layer 1 (OCI image-spec config.md)' \
    'error: layer 2: is not a tar (OCI image-spec descriptor.md)' \
    "layer 1  $(digest_of above.tar)  not read" "layer 2  $(digest_of above.tar)  not read" \
    '3 findings'
make_image img base.tar above.tar
cp above.tar padded.tar
printf 'x' | dd of=padded.tar bs=1 seek=$(($(wc -c <padded.tar) - 1)) conv=notrunc 2>dd-notes
cp padded.tar "img/blobs/sha256/$(digest_of above.tar | cut -c 8-)"
finds 1 \
    "error: layer 2: byte $(($(wc -c <above.tar) - 1)) of the tar: data after the end of the archive (Go archive/tar)" \
    "error: layer 2: blob $(digest_of above.tar): its content has the digest $(digest_of padded.tar) (OCI image-spec descriptor.md)" \
    "$one" "$two" '2 findings'
make_image img --set rootfs="{\"type\": \"layers\", \"diff_ids\": [\"$(digest_of base.tar)\", \"$(digest_of base.tar)\"]}" \
    base.tar above.tar
finds 1 \
    'warning: layer 2: holds the same as layer 1 (OCI image-spec config.md)' \
    "error: layer 2: has the diff ID $(digest_of above.tar), the config says $(digest_of base.tar) (OCI image-spec descriptor.md)" \
    "$one" "$two" '2 findings'
make_image img --compression gzip base.tar above.tar
for blob in img/blobs/sha256/*; do
    if gzip -t "$blob" 2>gzip-notes; then
        head -c "$(($(wc -c <"$blob") - 3))" "$blob" >"cut"
        head -c 3 /dev/zero >>"cut"
        cp cut "$blob"
    fi
done
run 1 lp verify oci:img
grep -c '^error: layer [12]: .* (OCI image-spec descriptor.md)$' out >found
grep '^layer' out | sed 's/sha256:[0-9a-f]*/DIGEST/' >>found
says found 2 'layer 1  DIGEST  not read' 'layer 2  DIGEST  not read'

# How layers stand on each other.
make_image img above.tar
finds 1 \
    'error: layer 1: Hives: a base layer must not have this folder (hcsshim computestorage)' \
    "error: layer 1: $config/DEFAULT: is missing in this base layer (hcsshim wclayer/converttobaselayer.go)" \
    "error: layer 1: $config/SAM: is missing in this base layer (hcsshim wclayer/converttobaselayer.go)" \
    "error: layer 1: $config/SECURITY: is missing in this base layer (hcsshim wclayer/converttobaselayer.go)" \
    "error: layer 1: $config/SOFTWARE: is missing in this base layer (hcsshim wclayer/converttobaselayer.go)" \
    "error: layer 1: $config/SYSTEM: is missing in this base layer (hcsshim wclayer/converttobaselayer.go)" \
    "layer 1  $(digest_of above.tar)  base layer, 7 entries" '6 findings'
make_image img base.tar base.tar
finds 1 \
    'warning: layer 2: holds the same as layer 1 (OCI image-spec config.md)' \
    'error: layer 2: Hives: the layer has no such folder (hcsshim wclayer/legacy.go, imgutil)' \
    'warning: layer 2: Hives: the layer changes no hive, and no layer that changes one can be put on it where layers are CIM images (hcsshim wclayer/cim)' \
    "warning: layer 2: $config/DEFAULT: Windows ignores whole hives above a base layer (kubernetes#109161)" \
    "warning: layer 2: $config/SAM: Windows ignores whole hives above a base layer (kubernetes#109161)" \
    "warning: layer 2: $config/SECURITY: Windows ignores whole hives above a base layer (kubernetes#109161)" \
    "warning: layer 2: $config/SOFTWARE: Windows ignores whole hives above a base layer (kubernetes#109161)" \
    "warning: layer 2: $config/SYSTEM: Windows ignores whole hives above a base layer (kubernetes#109161)" \
    "$one" "layer 2  $(digest_of base.tar)  layer above a base, 9 entries" '8 findings'
layer_type=application/vnd.oci.image.layer.v1.tar
docker_type=application/vnd.docker.image.rootfs.diff.tar
make_image img --type 1=$layer_type+gzip --type 2=$layer_type+zstd base.tar above.tar
finds 0 \
    'warning: layer 1: its compression is none, its media type says gzip (OCI image-spec layer.md)' \
    'warning: layer 2: its compression is none, its media type says zstd (OCI image-spec layer.md)' \
    "$one" "$two" 'ok: 2 layers'
# Layers by their diff IDs alone: the blobs are not the tars.
compression_of() {
    run "$1" lp verify oci:img
    grep -e compression -e '^ok' -e 'finding' out >findings
    shift
    says findings "$@"
    says err
}
make_image img --compression zstd --type 1=$layer_type+gzip base.tar above.tar
compression_of 0 \
    'warning: layer 1: its compression is zstd, its media type says gzip (OCI image-spec layer.md)' \
    'ok: 2 layers'
make_image img --compression gzip --type 1=$layer_type base.tar above.tar
compression_of 1 \
    'error: layer 1: its compression is gzip, its media type says none, so that it is read as a plain tar (containerd core/diff/stream.go)' \
    '1 finding'
make_image img --compression gzip --family docker --type 1=$docker_type base.tar above.tar
compression_of 0 \
    'warning: layer 1: its compression is gzip, its media type says none (OCI image-spec layer.md)' \
    'ok: 2 layers'
changes_none='Hives: the layer changes no hive, and no layer that changes one can be put on it where layers are CIM images (hcsshim wclayer/cim)'
make_image img base.tar files.tar above.tar other.tar
run 0 lp verify oci:img
sed -n 's/^warning: //p' out >warnings
says warnings "layer 2: $changes_none" \
    'layer 3: Hives/DefaultUser_Delta: layer 2 has no such hive, so that this layer cannot be imported where layers are CIM images (hcsshim wclayer/cim/process.go)' \
    'layer 3: Hives/Sam_Delta: layer 2 has no such hive, so that this layer cannot be imported where layers are CIM images (hcsshim wclayer/cim/process.go)' \
    'layer 3: Hives/Security_Delta: layer 2 has no such hive, so that this layer cannot be imported where layers are CIM images (hcsshim wclayer/cim/process.go)' \
    'layer 3: Hives/Software_Delta: layer 2 has no such hive, so that this layer cannot be imported where layers are CIM images (hcsshim wclayer/cim/process.go)' \
    'layer 3: Hives/System_Delta: layer 2 has no such hive, so that this layer cannot be imported where layers are CIM images (hcsshim wclayer/cim/process.go)'
printf '%s\n' 'd Files' 'd Hives' 'f Hives/Sam_Delta @hive' 'h Hives/System_Delta >Files/x' \
    'f Hives/.wh.Software_Delta' 'end 2' | make_layer bad.tar
make_image img base.tar bad.tar
run 1 lp verify oci:img
sed -n 's/^error: //p' out >errors
says errors \
    'layer 2: Hives/Sam_Delta: is not a differencing hive (version 1.6, flags 2) (docs/FORMATS.md, the hive)' \
    'layer 2: Hives/System_Delta: hard links are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)' \
    'layer 2: Hives/System_Delta: Hives can hold only files (hcsshim wclayer/legacy.go)' \
    'layer 2: Hives/.wh.Software_Delta: whiteouts are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)' \
    'layer 2: Hives/DefaultUser_Delta: is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)' \
    'layer 2: Hives/Security_Delta: is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)' \
    'layer 2: Hives/Software_Delta: is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)'

# Words that cannot be what was meant.
make_image img --set config='{"Entrypoint": ["C:\tools\new.exe", ""], "Cmd": ["", "a\u007fb"]}' \
    base.tar above.tar
run 1 lp verify oci:img
sed -n '/^error: /p;/^warning: /p' out >found
says found \
    "error: word 1 of the config's Entrypoint has a control character: in JSON a backslash is \\\\ (OCI image-spec config.md)" \
    "warning: word 2 of the config's Entrypoint is empty (OCI image-spec config.md)" \
    "warning: word 1 of the config's Cmd is empty (OCI image-spec config.md)" \
    "warning: word 2 of the config's Cmd has a control character: in JSON a backslash is \\\\ (OCI image-spec config.md)"

# Archives.
make_image archive.tar --form oci-archive --compression zstd --family docker base.tar above.tar
run 0 lp verify oci-archive:archive.tar
tail -1 out >last
make_image archive.tar --form docker-archive base.tar above.tar
run 0 lp verify docker-archive:archive.tar:base:v1
tail -1 out >>last
says last 'ok: 2 layers' 'ok: 2 layers'

# JSON.
make_image img --set os='"linux"' base.tar bad.tar
run 1 lp verify --format json oci:img
cp out document
"$PYTHON3" -S - >members <<'END'
import json

document = json.load(open("document", encoding="utf-8"))
print(document["kind"], document["result"], document["manifest"][:7], document["config"][:7])
for layer in document["layers"]:
    print(layer["number"], layer["kind"], layer["digest"] == layer["diff_id"], layer["entries"])
print(document["counts"])
print(document["findings"][0])
print(document["findings"][1])
END
says members 'verification findings sha256: sha256:' '1 base layer True 9' \
    '2 layer above a base True 5' "{'errors': 8, 'warnings': 0, 'not_listed': 0}" \
    "{'severity': 'error', 'layer': None, 'name': None, 'what': 'the config\\'s os is \"linux\", not \"windows\"', 'source': 'containerd platforms/platform_windows_compat.go'}" \
    "{'severity': 'error', 'layer': 2, 'name': 'Hives/Sam_Delta', 'what': 'is not a differencing hive (version 1.6, flags 2)', 'source': 'docs/FORMATS.md, the hive'}"
run 0 lp verify --format json above.tar
cp out document
"$PYTHON3" -S - >members <<'END'
import json

document = json.load(open("document", encoding="utf-8"))
print(document["result"], document["manifest"], document["findings"], document["layers"])
END
says members "ok None [] [{'number': 1, 'kind': 'layer above a base', 'digest': '$(digest_of above.tar)', 'diff_id': '$(digest_of above.tar)', 'entries': 7}]"

# A folder that a layer was unpacked to.
mkdir folder
tar -C folder -xf above.tar 2>tar-notes
run 0 lp verify folder
says out 'kind     layer above a base' 'ok: 7 entries'
mv folder/Hives/Sam_Delta folder/Hives/sam_delta
cp hive folder/Hives/System_Delta
ln -s /etc folder/Files/link
mkfifo folder/Files/fifo
run 1 lp verify folder
says out 'warning: Files/fifo: is neither file, folder nor link: the importer makes an empty file of it (hcsshim ociwclayer/import.go)' \
    'error: Hives/System_Delta: is not a differencing hive (version 1.6, flags 2) (docs/FORMATS.md, the hive)' \
    'error: Hives/sam_delta: must be spelled Hives/Sam_Delta (hcsshim wclayer/legacy.go)' \
    'kind     layer above a base' '3 findings'
mkdir nothing
run 3 lp verify nothing
says err 'layerpack: nothing: has neither Files nor Hives, so it is no unpacked layer'
run 2 lp verify img
says err 'layerpack: img: is an OCI image layout, name it oci:img' \
    "layerpack: see 'layerpack verify --help'"

# ls of an image.
make_image img --set created='"2026-01-02T03:04:05Z"' --set os.features='["win32k"]' \
    --set config='{"Entrypoint": ["/pause.exe", "-v", "a b"], "Cmd": ["x"], "Env": ["A=1", "B=\u001b"], "User": "ContainerUser", "WorkingDir": "C:\\x", "Labels": {"b": "2", "a": "1"}}' \
    base.tar above.tar
run 0 lp ls oci:img
says err
sed '/^manifest  /d;/^config  /d' out >listing
says listing 'name        v1' 'platform    windows/amd64' 'os.version  10.0.20348.2700' \
    'os.feature  win32k' 'created     2026-01-02T03:04:05Z' \
    'entrypoint  /pause.exe -v "a b"' 'cmd         x' 'env         A=1' 'env         B=\u{1b}' \
    'user        ContainerUser' 'workdir     C:\x' 'label       a=1' 'label       b=2' '' \
    "layer 1     $(digest_of base.tar), $(wc -c <base.tar) bytes" \
    '  type      application/vnd.oci.image.layer.v1.tar' "  diff ID   $(digest_of base.tar)" \
    '  made by   layer 1' '  hives     DEFAULT SAM SECURITY SOFTWARE SYSTEM' '' \
    "layer 2     $(digest_of above.tar), $(wc -c <above.tar) bytes" \
    '  type      application/vnd.oci.image.layer.v1.tar' "  diff ID   $(digest_of above.tar)" \
    '  made by   layer 2' '  deltas    DEFAULT SAM SECURITY SOFTWARE SYSTEM'
run 0 lp ls -l oci:img
sed -n '/^  made by   layer 2/,$p' out | sed 1d >entries
run 0 lp ls -l above.tar
same out entries
rm "img/blobs/sha256/$(digest_of base.tar | cut -c 8-)"
run 1 lp ls oci:img
grep '^  [a-z]*ing  *' out >missing
says missing \
    "  missing   oci:img: layer 1: blob $(digest_of base.tar) is missing; copy the image again, with 'skopeo copy'"
