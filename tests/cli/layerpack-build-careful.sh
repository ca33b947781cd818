#!/bin/sh
# layerpack build and scratch destroy nothing: neither the base image nor other images of a layout,
# nor what the base image has in the place of a new file.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3" sha256sum
make_image nanoserver base --links none >name
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\X]' '"a"="b"' '' >p.reg
echo x >f
mkdir tree
echo y >tree/a

# refused STATUS MESSAGE COMMAND...: that is the first line, and nothing is printed.
refused() {
    refused_status=$1
    refused_message=$2
    shift 2
    run "$refused_status" lp "$@"
    says out
    head -n 1 err >found
    says found "layerpack: $refused_message"
}

# sums FOLDER: of every file, and the names of folders.
sums() {
    (cd "$1" && find . -type d | sort && find . -type f -exec sha256sum {} + | sort)
}

# entries DIR: what its index says.
entries() {
    "$PYTHON3" -S -c 'import json, sys
for entry in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    names = entry.get("annotations", {})
    platform = entry.get("platform", {})
    print(names.get("org.opencontainers.image.ref.name", "-"),
          names.get("io.containerd.image.name", "-"),
          platform.get("os", "-"), platform.get("os.version", "-"))' "$1"
}

# An archive inside a layout, by its name or through a link.
sums base >before
layer=$(image layers oci:base | sed 's/^sha256:\([0-9a-f]*\) .*/\1/')
ln -s base/index.json link
ln -s base/blobs linked
for place in base/index.json base/oci-layout "base/blobs/sha256/$layer" base/blobs/sha256/new base/new \
    link linked/new; do
    for target in "oci-archive:$place" "docker-archive:$place:x/y:1"; do
        refused 2 "$target: lies in an OCI layout, whose files no archive can take the place of" \
            build --from oci:base:ltsc2022 --reg p.reg --to "$target"
        refused 2 "$target: lies in an OCI layout, whose files no archive can take the place of" \
            scratch --to "$target"
    done
done
sums base >after
same before after
# The other way round: the base is an archive in the folder of the new layout.
mkdir beside
run 0 lp build --from oci:base:ltsc2022 --user u --to oci-archive:base.tar
run 0 lp build --from oci-archive:base.tar --reg p.reg --to oci:beside:1
run 0 image check oci:beside:1

# A file never takes the place of a folder or link of the base image, nor a folder that of a file.
refused 6 "Files/Windows/System32: is a folder in oci:base:ltsc2022, whose place the file f cannot take" \
    build --from oci:base:ltsc2022 --add 'f=C:\windows\SYSTEM32' --to oci:x
refused 6 "Files/License.txt: is a file in oci:base:ltsc2022, and no folder that something can be added to" \
    build --from oci:base:ltsc2022 --add 'f=C:\License.txt\x' --to oci:x
refused 6 "Files/License.txt: is a file in oci:base:ltsc2022, and no folder that something can be added to" \
    build --from oci:base:ltsc2022 --reg p.reg --add 'tree=C:\License.txt' --to oci:x
run 0 lp build --from oci:base:ltsc2022 --add 'f=C:\Documents and Settings\x' --to oci:junction:1
run 0 image names oci:junction:1 1
grep '^Files/' out >found
says found Files/Users Files/Users/x
refused 6 "Files/Documents and Settings: is a link in oci:base:ltsc2022, whose place the file f cannot \
take" build --from oci:base:ltsc2022 --add 'f=C:\Documents and Settings' --to oci:x
refused 2 "C:\\f.\$wcidirs\$: names that end in .\$wcidirs\$ belong to the importer of layers" \
    build --from oci:base:ltsc2022 --add 'f=C:\f.$wcidirs$' --to oci:x
for slot in SOFTWARE System sam; do
    place="Files/Windows/System32/config/$slot"
    for source in f tree; do
        refused 2 "$place: is a registry hive, which nothing can replace" \
            build --from oci:base:ltsc2022 --add "$source=/Windows/System32/config/$slot" --to oci:x
        run 2 lp scratch --add "$source=/Windows/System32/config/$slot" --to oci:x
    done
done
refused 2 "Files/Windows/System32/config/SAM: is a registry hive, which nothing can replace" \
    scratch --add f=/Windows/System32/config/SAM/f --to oci:x
[ ! -e x ] || fail "something was left behind"
# A file in the place of a file; and of a folder that a layer above took away.
run 0 lp build --from oci:base:ltsc2022 --add 'f=C:\LICENSE.TXT' --to oci:file:1
run 0 image names oci:file:1 1
grep '^Files/' out >found
says found Files/License.txt
make_image nanoserver two --links none --upper files >name
run 0 image names oci:two 1
grep -q '^Files/.wh.License.txt$' out || fail "the image has no whiteout"
run 0 lp build --from oci:two --add 'f=C:\License.txt\x' --to oci:gone:1
run 0 image names oci:gone:1 2
grep '^Files/' out >found
says found Files/License.txt Files/License.txt/x

# Folders of the base image keep its spelling and what it says of them; new ones get BuildKit's.
run 0 lp build --from oci:base:ltsc2022 --add 'f=C:\windows\SYSTEM32\new\f' --to oci:kept:1
run 0 image names oci:kept:1 1
grep '^Files/' out >found
says found Files/Windows Files/Windows/System32 Files/Windows/System32/new \
    Files/Windows/System32/new/f
"$PYTHON3" -S - <<'END'
import json, tarfile

def records(layout, index):
    def blob(digest):
        return layout + "/blobs/sha256/" + digest[len("sha256:"):]
    entry = json.load(open(layout + "/index.json"))["manifests"][0]
    layer = json.load(open(blob(entry["digest"])))["layers"][index]
    tar = tarfile.open(blob(layer["digest"]))
    keys = ("MSWINDOWS.rawsd", "MSWINDOWS.fileattr", "LIBARCHIVE.creationtime")
    return {member.name: [member.pax_headers.get(key) for key in keys] for member in tar}

base, new = records("base", 0), records("kept", 1)
for name in ("Files/Windows", "Files/Windows/System32"):
    for wanted, found in zip(base[name], new[name]):
        assert found is not None and found == (wanted or found), (name, wanted, found)
assert base["Files/Windows"][0] is not None
assert new["Files/Windows"][0] != new["Files/Windows/System32/new"][0]
END

# The root folder, too, is as the base image has it: descriptor, attributes and all its times, also where
# nothing changes but the registry. Folders on the way to an added file have their times from there.
"$PYTHON3" -S - "$here" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import imagewriter

layer = imagewriter.Layer("root.tar")
times = {"mtime": "1600000000.5", "atime": "1600000001", "ctime": "1600000002.25"}
layer.entry("Files", "folder", extra={**times, "MSWINDOWS.fileattr": "8208"})
layer.entry("Files/dir", "folder", extra={"mtime": "not a time"})
layer.close()
END
run 0 "$PYTHON3" -S "$abs_srcdir/tests/cli/image-of-layers.py" root root.tar
run 0 lp build --from oci:root --add f=/dir/f --to oci:kept:2
run 0 lp build --from oci:base:ltsc2022 --reg p.reg --to oci:kept:3
"$PYTHON3" -S - <<'END'
import json, tarfile

def members(layout, tag, index):
    def blob(digest):
        return layout + "/blobs/sha256/" + digest[len("sha256:"):]
    entries = json.load(open(layout + "/index.json"))["manifests"]
    entry = [e for e in entries if tag in (
        None, e.get("annotations", {}).get("org.opencontainers.image.ref.name"))][0]
    layer = json.load(open(blob(entry["digest"])))["layers"][index]
    return {member.name: member for member in tarfile.open(blob(layer["digest"]))}

root = members("root", None, 0)["Files"].pax_headers
new = members("kept", "2", 1)
assert new["Files"].pax_headers == root, (new["Files"].pax_headers, root)
assert "mtime" not in new["Files/dir"].pax_headers and new["Files/dir"].mtime == 1700000000
assert new["Files/dir/f"].pax_headers["LIBARCHIVE.creationtime"] == "1700000000"
old, new = members("base", None, 0)["Files"], members("kept", "3", 1)["Files"]
assert old.pax_headers["MSWINDOWS.rawsd"] and new.pax_headers == old.pax_headers
assert new.mtime == old.mtime
END
rm -rf root root.tar

# A base image whose five hives are empty files, as the first release of the HostProcess base image: no
# differencing hives on top of it, on which Windows would fail.
: >nothing
make_image nanoserver hollow --links none --hive SAM=nothing --hive SECURITY=nothing --hive SOFTWARE=nothing \
    --hive SYSTEM=nothing --hive DEFAULT=nothing >name
config=Files/Windows/System32/config
five="$config/DEFAULT, $config/SAM, $config/SECURITY, $config/SOFTWARE, $config/SYSTEM are no registry hives"
run 0 lp build --from oci:hollow --add f=/f --to oci:on-hollow:1
says err "layerpack: oci:hollow: $five: the new layer has no differencing hives, on top of which Windows \
would not import it"
run 0 image names oci:on-hollow:1 1
says out Files Hives Files/f
for how in '--to oci:on-hollow:2' --dry-run; do
    # shellcheck disable=SC2086
    refused 6 "oci:hollow: $five: Windows would import no layer with registry changes on top of it; \
'layerpack scratch' makes a base image that has hives" build --from oci:hollow --reg p.reg $how
done
head -c 9000 /dev/zero >zeros
make_image nanoserver one-hollow --links none --hive SAM=zeros >name
refused 6 "oci:one-hollow: $config/SAM is no registry hive: Windows would import no layer with registry \
changes on top of it; 'layerpack scratch' makes a base image that has hives" \
    build --from oci:one-hollow --reg p.reg --to oci:on-hollow:2
run 0 lp build --from oci:one-hollow --user u --to oci:on-hollow:2
says err

# Run again after a run that was ended, at whatever moment.
mkdir -p ended/blobs/sha256
echo half >ended/blobs/sha256/.layer.abcdef
run 0 lp build --from oci:base:ltsc2022 --reg p.reg --to oci:ended:1
rm ended/blobs/sha256/.layer.abcdef
run 0 image check oci:ended:1
mkdir -p marked/blobs
: >marked/.oci-layout.abcdef
run 0 lp scratch --to oci:marked:1
run 0 image check oci:marked:1
mkdir other
: >other/f
refused 2 "oci:other:1: the folder is neither empty nor an OCI layout" \
    build --from oci:base:ltsc2022 --reg p.reg --to oci:other:1
# Layouts of another version, or whose mark is none.
mkdir later broken
echo '{"imageLayoutVersion": "2.0"}' >later/oci-layout
echo '{"x": 1}' >broken/oci-layout
refused 4 "oci:later:1: oci-layout: its version is '2.0', not 1.0.0" \
    build --from oci:base:ltsc2022 --reg p.reg --to oci:later:1
refused 3 "oci:broken:1: oci-layout: says no version" scratch --to oci:broken:1
ls later broken >found
says found broken: oci-layout '' later: oci-layout

# A tag is not taken from images for other platforms, nor from an index; from one for another version of
# Windows only with --replace. That is found out before anything is written, also where the entry of
# the index does not say what the image is for, as those that skopeo writes.
make_image nanoserver newer --links none --os-version 10.0.26100.1 --tag new >name
run 0 lp build --from oci:base:ltsc2022 --user u --to oci:tags:a
sums tags >before
taken="tags/index.json: 'a' is the name of an image for windows/amd64:10.0.20348.2700; --replace gives it \
to the new one, for windows/amd64:10.0.26100.1, or give another TAG"
refused 6 "$taken" build --from oci:newer:new --user u --to oci:tags:a
# Not one file of the layout is opened for writing.
run 6 faulty 'open:tags/*/.*:EROFS' lp build --from oci:newer:new --add f=/f --to oci:tags:a
sums tags >after
same before after
"$PYTHON3" -S - <<'END'
import json
index = json.load(open("tags/index.json"))
del index["manifests"][0]["platform"]
json.dump(index, open("tags/index.json", "w"))
END
cp tags/index.json index-before
refused 6 "$taken" build --from oci:newer:new --user u --to oci:tags:a
refused 6 "tags/index.json: 'a' is the name of an image for windows/amd64:10.0.20348.2700; --replace gives it \
to the new one, for windows/amd64 without os.version, or give another TAG" scratch --to oci:tags:a
same_bytes index-before tags/index.json
run 0 lp build --from oci:base:ltsc2022 --user v --to oci:tags:a
run 0 lp build --from oci:newer:new --user u --replace --to oci:tags:a
run 0 lp scratch --to oci:tags:s
run 6 lp build --from oci:newer:new --user u --to oci:tags:s
run 0 lp scratch --to oci:tags:s
run 0 lp build --from oci:newer:new --user u --replace --to oci:tags:s
run 0 lp scratch --replace --to oci:tags:s
entries tags >found
says found "a - windows 10.0.26100.1" "s - - -"
rm -r tags
run 0 lp build --from oci:newer:new --user u --to oci:tags:a
entries tags >found
says found "a - windows 10.0.26100.1"
"$PYTHON3" -S - <<'END'
import json
index = json.load(open("tags/index.json"))
new = index["manifests"][0]
for tag, platform in (("b", {"os": "linux", "architecture": "amd64"}), ("two", new["platform"]),
                      ("two", {"os": "linux", "architecture": "amd64"})):
    index["manifests"].append({**new, "platform": platform,
                               "annotations": {"org.opencontainers.image.ref.name": tag}})
index["manifests"].append({**new, "annotations": {"io.containerd.image.name": "example/a:1"}})
index["manifests"].append({"mediaType": "application/vnd.oci.image.index.v1+json",
                           "digest": new["digest"], "size": new["size"],
                           "annotations": {"org.opencontainers.image.ref.name": "index"}})
json.dump(index, open("tags/index.json", "w"))
END
cp tags/index.json index-before
for tag in b index; do
    refused 2 "tags/index.json: '$tag' is the name of images for other platforms, which would lose \
it; give another TAG" build --from oci:newer:new --user v --replace --to "oci:tags:$tag"
    same_bytes index-before tags/index.json
done
refused 2 "tags/index.json: 'two' is the name of images for other platforms, which would lose it; give \
another TAG" build --from oci:base:ltsc2022 --user v --to oci:tags:two
run 0 lp build --from oci:newer:new --user v --to oci:tags:two
run 0 lp build --from oci:newer:new --user v --to oci:tags:example/a:1
entries tags >found
says found "a - windows 10.0.26100.1" "b - linux -" "two - windows 10.0.26100.1" "two - linux -" \
    "example/a:1 - windows 10.0.26100.1" "index - - -"
run 0 image check oci:tags:example/a:1

# Names that docker load and skopeo refuse.
for name in UP a:b:c a//b -a x: :y a___b a/ /a 'a b' a/UP a:-x; do
    refused 2 "docker-archive:d.tar:$name: the name is not of the form NAME[:TAG] as docker takes it, \
like example/pause:3.9 with a NAME in lower case" \
        build --from oci:base:ltsc2022 --user u --to "docker-archive:d.tar:$name"
done
for name in 'a b' ../x -x x- a___b a//b; do
    refused 2 "oci:d:$name: the name is none for an OCI layout: letters and digits with one of \
- . _ : @ + / between them" build --from oci:base:ltsc2022 --user u --to "oci:d:$name"
done
if [ -e d.tar ] || [ -e d ]; then fail "something was left behind"; fi
for name in a__b a.b/c--d:T-1 HOST:5000/a/b:_x localhost/a; do
    run 0 lp build --from oci:base:ltsc2022 --user u --to "docker-archive:d.tar:$name"
done
for name in a--b A.b_c/d@e mcr.example:5000/x/y:z; do
    run 0 lp build --from oci:base:ltsc2022 --user u --to "oci:d:$name"
done

# The annotation of the base image's name: a bare tag would be read as a repository.
for name in ltsc2022 example/nano:1; do
    run 0 lp build --from oci:base:ltsc2022 --user u --to "oci:named:$name"
    run 0 lp build --from "oci:named:$name" --user v --to oci:named:new
    run 0 image manifest oci:named:new
    sed -n 's/.*\(base.name": .*\)/\1/p' out >"found-$(echo "$name" | tr / -)"
done
says found-ltsc2022
says found-example-nano:1 'base.name": "example/nano:1"'

# On an image for all hosts, the index names no platform either (containerd issue 7431).
run 0 lp scratch --to oci:hosts:1
run 0 lp build --from oci:hosts:1 --add f=/f --to oci:hosts:2
entries hosts >found
says found "1 - - -" "2 - - -"

# A layer that is not what its diff ID says, also where only the configuration changes.
make_image nanoserver wrong --links none >name
"$PYTHON3" -S - <<'END'
import hashlib, json, os

def put(document):
    text = json.dumps(document).encode()
    digest = hashlib.sha256(text).hexdigest()
    open("wrong/blobs/sha256/" + digest, "wb").write(text)
    return {"digest": "sha256:" + digest, "size": len(text)}

def get(entry):
    return json.load(open("wrong/blobs/sha256/" + entry["digest"][len("sha256:"):]))

index = json.load(open("wrong/index.json"))
manifest = get(index["manifests"][0])
config = get(manifest["config"])
config["rootfs"]["diff_ids"][0] = "sha256:" + "0" * 64
manifest["config"].update(put(config))
index["manifests"][0].update(put(manifest))
json.dump(index, open("wrong/index.json", "w"))
END
run 3 lp build --from oci:wrong --user u --to oci:x
grep -q 'diff ID' err || fail "the message does not name the diff ID"
[ ! -e x ] || fail "something was left behind"

# What cannot be written is named so that it can be found.
head -c 400000 /dev/urandom >large
(
    ulimit -f 300
    run 5 lp build --from oci:base:ltsc2022 --add large=/large --to oci:full:1
)
says err "layerpack: oci:full:1: the new layer: cannot write: File too large"
[ ! -e full ] || fail "something was left behind"

# Docker's media types in a layout.
make_image nanoserver docker-base --family docker --links none >name
run 0 lp build --from oci:docker-base --user u --to oci:docker-new:1
says err "layerpack: oci:docker-new:1: has Docker's media types, as the base image; skopeo finds such \
an image only when the layout has no other, and without a TAG"
run 0 lp build --from oci:docker-base --user u --to docker-archive:docker-new.tar
says err
