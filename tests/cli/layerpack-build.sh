#!/bin/sh
# layerpack build: images read by tests/interop/image.py, differencing hives by hive.py.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3" sha256sum
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
pause=$patches/pause.reg
diagtrack=$patches/diagtrack.reg

# same_json JSON FILE: a document, member by member in their order.
same_json() {
    "$PYTHON3" -S -c 'import json, sys
for path in sys.argv[1:]:
    text = json.dumps(json.load(open(path)), indent=1)
    open(path + ".lines", "w").write(text + "\n")' "$1" "$2"
    same "$1.lines" "$2.lines"
}

# sum_of FILE
sum_of() {
    sha256sum <"$1" | cut -c 1-64
}

# refused STATUS MESSAGE OPTION...: nothing is printed, the first line of the message is that.
refused() {
    wanted_status=$1
    shift
    message=$1
    shift
    run "$wanted_status" lp build "$@"
    says out
    head -n 1 err >found
    says found "layerpack: $message"
}

make_image nanoserver base --links none >name
make_image nanoserver docker-base --family docker --links none >name
make_image nanoserver base.tar --form docker-archive --links none >name
base_manifest=$("$PYTHON3" -S -c 'import json
print(json.load(open("base/index.json"))["manifests"][0]["digest"])')
for name in SOFTWARE SYSTEM; do
    image extract oci:base 0 "Files/Windows/System32/config/$name" >"$name"
done
run 0 ht apply -o software.new SOFTWARE "$pause"
sed 's/^hivetool: software.new: /layerpack: SOFTWARE: /' err >sentence
run 0 ht apply -o system.new SYSTEM "$diagtrack"
echo 'not a program' >pause.exe

# The Kubernetes pause image, on one layer.
set -- --reg "$pause" --reg "$diagtrack" --add 'pause.exe=C:\pause.exe' --entrypoint '["/pause.exe"]'
run 0 lp build --from oci:base:ltsc2022 "$@" --to oci:img:3.9
says err "layerpack: SOFTWARE: 1 value added, 3 values changed" "layerpack: SYSTEM: 6 keys deleted, 20 values deleted"
# Both programs say the same of one delta.
head -n 1 err >first
same sentence first
cp out printed
# Operands are patches too.
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" "$diagtrack" --add 'pause.exe=C:\pause.exe' \
    --entrypoint '["/pause.exe"]' --to oci:operands:3.9
same printed out
run 0 image check oci:img:3.9
says out "ok: 2 layers"
run 0 lp verify oci:img:3.9
run 0 image names oci:img:3.9 1
says out Files Hives Hives/DefaultUser_Delta Hives/Sam_Delta Hives/Security_Delta \
    Hives/Software_Delta Hives/System_Delta Files/pause.exe
image extract oci:img:3.9 1 Hives/Software_Delta >x.delta
run 0 "$PYTHON3" -S "$here/hive.py" merge-compare SOFTWARE x.delta software.new
image extract oci:img:3.9 1 Hives/System_Delta >x.delta
run 0 "$PYTHON3" -S "$here/hive.py" merge-compare SYSTEM x.delta system.new
# The other three are the empty ones of docs/FORMATS-differencing.md.
for name in DefaultUser Sam Security; do
    image extract oci:img:3.9 1 "Hives/${name}_Delta" >x.delta
    "$PYTHON3" -S "$here/hive.py" list-delta x.delta >found
    [ "$(wc -l <found)" -le 1 ] || fail "${name}_Delta is not empty"
    says found "$(head -n 1 found)"
done

# The base layer is the same file; what was printed is what is there.
layer=$("$PYTHON3" -S "$here/image.py" layers oci:base | cut -d ' ' -f 1)
layer=${layer#sha256:}
[ "$(stat -c %i "base/blobs/sha256/$layer")" = "$(stat -c %i "img/blobs/sha256/$layer")" ] ||
    fail "the base layer was copied"
while read -r what digest; do
    case $what in
    manifest | config | layer)
        echo "${digest#sha256:}" >wanted
        sum_of "img/blobs/sha256/${digest#sha256:}" >found
        same wanted found
        ;;
    esac
done <printed

# Configuration: the base's, and what was asked for.
image config oci:base:ltsc2022 >base-config
image config oci:img:3.9 >new-config
diff_id=$(sed -n 's/^diff ID  //p' printed)
"$PYTHON3" -S - "$diff_id" "$pause" "$diagtrack" <<'END'
import hashlib, json, sys
patches = ", ".join("%s sha256:%s" % (name.rsplit("/", 1)[-1], hashlib.sha256(open(name, "rb").read()).hexdigest())
                    for name in sys.argv[2:])
config = json.load(open("base-config"))
config["created"] = "2023-11-14T22:13:20Z"
config["config"]["Entrypoint"] = ["/pause.exe"]
config["config"].pop("Cmd", None)
config["rootfs"]["diff_ids"].append(sys.argv[1])
config["history"].append({"created": "2023-11-14T22:13:20Z",
                          "created_by": "layerpack build: %s, 1 file added" % patches})
json.dump(config, open("wanted-config", "w"))
END
same_json wanted-config new-config

# Manifest and index.
image manifest oci:img:3.9 >manifest.json
"$PYTHON3" -S -c 'import json
print(json.dumps(json.load(open("manifest.json"))["annotations"]))' >found
cat >wanted <<END
{"hivetool.patch.digest": "sha256:$(sum_of "$pause"),sha256:$(sum_of "$diagtrack")",
 "org.opencontainers.image.base.digest": "$base_manifest"}
END
same_json wanted found
cat >wanted <<END
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
 {"mediaType": "application/vnd.oci.image.manifest.v1+json",
  "digest": "$(sed -n 's/^manifest //p' printed)",
  "size": $(wc -c <"img/blobs/sha256/$(sed -n 's/^manifest sha256://p' printed)"),
  "platform": {"architecture": "amd64", "os": "windows", "os.version": "10.0.20348.2700"},
  "annotations": {"org.opencontainers.image.ref.name": "3.9"}}]}
END
cp img/index.json found
same_json wanted found

# The same digests elsewhere, and in an archive.
mkdir elsewhere
(
    umask 077
    cd elsewhere
    cp ../pause.exe .
    chmod 755 pause.exe
    LC_ALL=tr_TR.UTF-8 TZ=Asia/Tokyo run 0 lp build --from oci:../base:ltsc2022 "$@" --to oci:x:3.9
)
same printed elsewhere/out
run 0 lp build --from oci:base:ltsc2022 "$@" --to oci-archive:out.tar:3.9
same printed out
run 0 image check oci-archive:out.tar:3.9
cp out.tar first.tar
run 0 lp build --from oci:base:ltsc2022 "$@" --to oci-archive:out.tar:3.9
same_bytes first.tar out.tar

# A docker-archive: the same configuration, the new layer plain, the old one as it was.
run 0 lp build --from oci:base:ltsc2022 "$@" --to docker-archive:out-docker.tar:pause:3.9
grep '^config\|^diff' printed >wanted
grep '^config\|^diff' out >found
same wanted found
run 0 image check docker-archive:out-docker.tar
tar -xOf out-docker.tar "$layer.tar" | sha256sum | cut -c 1-64 >found
says found "$layer"

# From a docker-archive, which has no manifest; and from Docker's media types, which stay.
run 0 lp build --from docker-archive:base.tar "$@" --to oci:from-docker:3.9
grep '^config\|^diff\|^layer' out >found
grep '^config\|^diff\|^layer' printed >wanted
same wanted found
run 0 image check oci:from-docker:3.9
run 0 lp build --from oci:docker-base "$@" --to oci:as-docker:3.9 --base-name example/nano:1
run 0 image check oci:as-docker:3.9
image manifest oci:as-docker:3.9 >manifest.json
"$PYTHON3" -S -c 'import json
manifest = json.load(open("manifest.json"))
print(manifest["mediaType"], manifest["config"]["mediaType"])
for layer in manifest["layers"]: print(layer["mediaType"])
print(manifest["annotations"]["org.opencontainers.image.base.name"])' >found
says found "application/vnd.docker.distribution.manifest.v2+json \
application/vnd.docker.container.image.v1+json" \
    application/vnd.docker.image.rootfs.diff.tar.gzip \
    application/vnd.docker.image.rootfs.diff.tar.gzip example/nano:1

# tags DIR: the names in its index.
tags() {
    "$PYTHON3" -S -c 'import json, sys
for entry in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    print(entry.get("annotations", {}).get("org.opencontainers.image.ref.name", "-"), entry["size"])' "$1" |
        cut -d ' ' -f 1
}

# Tags of one layout: ours comes last, takes its own place again, and the others stay. A layer on a
# layer: what the first build did is the base of the second, and only the new values are in it.
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --to oci:base:one
cp base/index.json index-one
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]' '"EnableDCOM"="N"' '"X"="Y"' \
    '' >x.reg
run 0 lp build --from oci:base:one --reg x.reg --to oci:base:two
tags base >found
says found ltsc2022 one two
image extract oci:base:two 2 Hives/Software_Delta >x.delta
"$PYTHON3" -S "$here/hive.py" list-delta x.delta --values >found
lacks found EnableDCOM
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --to oci:base:one
tags base >found
says found ltsc2022 one two
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --to oci:base
tags base >found
says found ltsc2022 one two -
run 0 lp build --from oci:base:ltsc2022 --reg x.reg --to oci:base
tags base >found
says found ltsc2022 one two -
refused 2 "oci:base:ltsc2022: is the base image; the new one needs a TAG of its own" \
    --from oci:base:ltsc2022 --reg "$pause" --to oci:base:ltsc2022
refused 2 "oci:base:one: is the base image; the new one needs a TAG of its own" \
    --from oci:base:@1 --reg "$pause" --to oci:base:one
refused 2 "oci:base:@7: a name that begins with @ would be read as a number" \
    --from oci:base:one --user me --to oci:base:@7
refused 2 "docker-archive:base.tar: is the base image; an archive cannot take its place" \
    --from docker-archive:base.tar --reg "$pause" --to docker-archive:base.tar
refused 2 "pause.exe: is an input and the output" \
    --from oci:base:one --add pause.exe=/a --to oci-archive:pause.exe
cp "$pause" p.reg
refused 2 "p.reg: is an input and the output" \
    --from oci:base:one --reg p.reg --to oci-archive:p.reg

# Nothing to change: no layer, and the configuration of the base.
run 0 lp build --from oci:base:one --reg "$pause" --to oci:nothing
says err "layerpack: oci:base:one: holds already what the patches say"
image config oci:base:one >wanted
image config oci:nothing >found
same wanted found
run 0 image layers oci:base:one
cp out wanted
run 0 image layers oci:nothing
same wanted out
# Only the configuration: no layer either, and a line of history that says so.
run 0 lp build --from oci:base:one --env path=b --env PATH=c --env A=1 --user me --workdir 'C:\w' \
    --label k=v=w --cmd '["a", "b"]' --to oci:nothing
image config oci:base:one >wanted
image config oci:nothing >found
"$PYTHON3" -S - <<'END'
import json
config = json.load(open("wanted"))
run = config["config"]
run["Cmd"] = ["a", "b"]
run["Env"] = run.get("Env", []) + ["PATH=c", "A=1"]
run["User"] = "me"
run["WorkingDir"] = "C:\\w"
run["Labels"] = {"k": "v=w"}
config["created"] = "2023-11-14T22:13:20Z"
config["history"].append({"created": "2023-11-14T22:13:20Z", "created_by": "layerpack build",
                          "empty_layer": True})
found = json.load(open("found"))
assert found == config, (found, config)
END
run 0 image check oci:nothing

# --dry-run: what changes, and no file.
run 0 lp build --from oci:base:ltsc2022 --reg "$diagtrack" --reg x.reg --dry-run
says out "SOFTWARE:" '~ [HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]' \
    '    ~ "EnableDCOM"  sz "Y" -> "N"' '    + "X"  sz "Y"' '1 value added, 1 value changed' '' \
    "SYSTEM:" '- [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack]  (5 subkeys, 20 values)' \
    '6 keys deleted, 20 values deleted'

# Folders: parents first, each once whatever its case, in the order of names.
mkdir -p tree/b/c tree/a.d
echo 1 >tree/b/c/f
echo 2 >tree/b-c
echo 3 >tree/B2
run 0 lp build --from oci:base:ltsc2022 --add tree=/App --add pause.exe=/app/B/ \
    --add 'pause.exe=\windows\x.exe' --to oci:timg
run 0 image check oci:timg
run 0 image names oci:timg 1
says out Files Hives Hives/DefaultUser_Delta Hives/Sam_Delta Hives/Security_Delta \
    Hives/Software_Delta Hives/System_Delta \
    Files/App Files/App/B2 Files/App/a.d Files/App/b Files/App/b/c Files/App/b/c/f \
    Files/App/b/pause.exe Files/App/b-c Files/Windows Files/Windows/x.exe
image extract oci:timg 1 Files/App/b/c/f >found
same_bytes tree/b/c/f found
for target in ../pause.exe /etc/passwd none "$PWD/tree/B2" link; do
    ln -s "$target" tree/link
    refused 4 "tree/link: a symbolic link that does not lead to something in the folder cannot be added" \
        --from oci:base:ltsc2022 --add tree=/App --to oci:x
    rm tree/link
done
mkfifo tree/pipe
refused 4 "tree/pipe: what is neither a file nor a folder cannot be added" \
    --from oci:base:ltsc2022 --add tree=/App --to oci:x
rm tree/pipe
echo 4 >tree/b2
run 2 lp build --from oci:base:ltsc2022 --add tree=/App --to oci:x
head -n 1 err | sed 's/b2/B2/g' >found
says found "layerpack: Files/App/B2: both tree/B2 and tree/B2 are to go there"
rm tree/b2
echo 5 >tree/aux
refused 2 "tree/aux: Windows takes the name for a device" \
    --from oci:base:ltsc2022 --add tree=/App --to oci:x

# A layer without differencing hives below: a warning, or a layer of the same kind.
make_image nanoserver gap --links none --upper files >name
run 0 lp build --from oci:gap --reg "$pause" --to oci:gap:new
says err "layerpack: SOFTWARE: 1 value added, 3 values changed" "layerpack: warning: layer 2 of oci:gap lacks \
differencing hives: where layers are CIM images, Windows cannot import a layer with them on top of it"
run 0 lp build --from oci:gap:ltsc2022 --add pause.exe=/p --to oci:gap:files
says err
run 0 image names oci:gap:files 2
says out Files Hives Files/p
make_image nanoserver deltas --links none --upper deltas >name
run 0 lp build --from oci:deltas --reg "$pause" --to oci:deltas:new
says err "layerpack: SOFTWARE: 1 value added, 3 values changed"

# A foreign layer that is not there: enough for the configuration, not for the registry.
make_image nanoserver foreign --links none --foreign missing >name
run 0 lp build --from oci:foreign --user me --to oci:foreign:new
run 3 image check oci:foreign:new
run 1 lp build --from oci:foreign:ltsc2022 --reg "$pause" --to oci:x
run 1 lp build --from oci:foreign:ltsc2022 --user me --to docker-archive:x

# A base image that is damaged, or for something else, and patches that do not fit: no output.
cp -r base damaged
chmod u+w "damaged/blobs/sha256/$layer"
printf X | dd of="damaged/blobs/sha256/$layer" bs=1 seek=2000 conv=notrunc 2>dd-said
run 3 lp build --from oci:damaged:ltsc2022 --reg "$pause" --to oci:x
run 3 lp build --from oci:damaged:ltsc2022 --user me --to oci:x
run 3 lp build --from oci:damaged:ltsc2022 --user me --to docker-archive:x
printf '%s\n' REGEDIT4 '' '[HKEY_CURRENT_USER\X]' '' >foreign.reg
run 6 lp build --from oci:base:ltsc2022 --reg foreign.reg --to oci:x
run 0 lp build --from oci:base:ltsc2022 --reg foreign.reg --skip-foreign --to oci:y
make_image nanoserver many --links none --index >name
run 0 lp build --from oci:many --platform windows/amd64:10.0.20348 --reg "$pause" --to oci:y:many
run 0 image check oci:y:many
run 4 lp build --from oci:many --platform linux/amd64 --user me --to oci:x
refused 2 "build: no --from IMAGE, and no -f DOCKERFILE, is given" --reg "$pause" --to oci:x
refused 2 "build: exactly one of --to IMAGE and --dry-run is needed" --from oci:base:one --user me
refused 2 "build: nothing to do: none of --reg, --add and the options of the configuration is given" \
    --from oci:base:one --to oci:x
run 2 lp build --from base --reg "$pause" --to oci:x
[ ! -e x ] || fail "something was left behind"

# Plain layers, and packed ones in a docker-archive.
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --compression none --to oci:packing:none
layers=$(sed -n 's/^layer    //p; s/^diff ID  //p' out | sort -u | wc -l)
[ "$layers" -eq 1 ] || fail "a plain layer's digest is its diff ID"
run 0 image check oci:packing:none
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --compression gzip \
    --to docker-archive:packing.tar
run 0 image check docker-archive:packing.tar
run 2 lp build --from oci:base:ltsc2022 --reg "$pause" --compression zip --to oci:x

# Layers that are the same file twice are in an archive once.
run 0 lp build --from oci:base:ltsc2022 --add pause.exe=/a --to oci:packing:a
run 0 lp build --from oci:packing:a --add pause.exe=/a --to oci:packing:b
run 0 lp build --from oci:packing:b --add pause.exe=/a --to docker-archive:twice.tar
tar -tf twice.tar | wc -l >found
# The base layer, the new one packed and plain, configuration, manifest.json.
says found 5
run 0 image check docker-archive:twice.tar
says out "ok: 4 layers"

# Nothing is left of an image that does not fit on the disk.
(
    ulimit -f 100
    run 5 lp build --from oci:base:ltsc2022 --reg "$pause" --to oci-archive:x
    run 5 lp build --from docker-archive:base.tar --reg "$pause" --to oci:x
)
[ ! -e x ] || fail "something was left behind"

# Two runs at once on one layout: both names are there.
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --to oci:both:0
for tag in 1 2 3 4; do
    lp build --quiet --from oci:base:ltsc2022 --user "u$tag" --to "oci:both:$tag" >"said-$tag" &
done
wait
tags both | sort >found
says found 0 1 2 3 4
find both -name '.*' >found
says found

# A blob that is there and damaged is written again; what lies in the place of a folder or a file is
# not followed.
cp -r base mended
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --to oci:mended:new
blob=$(sed -n 's/^layer    sha256://p' out)
echo damage >"mended/blobs/sha256/$blob"
run 0 lp build --from oci:base:ltsc2022 --reg "$pause" --to oci:mended:new
run 0 image check oci:mended:new
mkdir linked outside
echo '{"imageLayoutVersion":"1.0.0"}' >linked/oci-layout
ln -s ../outside linked/blobs
refused 5 "linked/blobs: cannot make the folder: Not a directory" \
    --from oci:base:ltsc2022 --user me --to oci:linked:a
rm linked/blobs
echo '{"manifests":[]}' >outside/index.json
ln -s ../outside/index.json linked/index.json
refused 5 "linked/index.json: is not a regular file" \
    --from oci:base:ltsc2022 --user me --to oci:linked:a
ls -A outside linked >found
says found linked: index.json oci-layout '' outside: index.json
rm linked/index.json
echo '{"manifests":[}' >linked/index.json
run 3 lp build --from oci:base:ltsc2022 --user me --to oci:linked:a
ls -A linked >found
says found index.json oci-layout
