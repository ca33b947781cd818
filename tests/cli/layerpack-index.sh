#!/bin/sh
# Indexes: images for several platforms under one name, written, listed, changed.
. "${abs_srcdir:?}/tests/lib.sh"
needs_program "${PYTHON3:-python3}"
. "$abs_srcdir/tests/interop/image-lib.sh"

# bases: synthetic base images of three versions of Windows.
bases='1809 10.0.17763.5122
ltsc2022 10.0.20348.2700
ltsc2025 10.0.26100.1'
echo "$bases" | while read -r tag version; do
    make_image nanoserver "$tag" --links none --os-version "$version" --tag "$tag" >/dev/null
done

# members LAYOUT TAG: the entries of the index that has the tag; nothing when it is an image.
members() {
    "$PYTHON3" -S - "$@" <<'END'
import hashlib, json, sys
layout, tag = sys.argv[1:]
entries = [e for e in json.load(open(layout + "/index.json"))["manifests"]
           if e.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag]
assert len(entries) == 1, entries
entry = entries[0]
data = open(layout + "/blobs/" + entry["digest"].replace(":", "/"), "rb").read()
assert len(data) == entry["size"] and hashlib.sha256(data).hexdigest() == entry["digest"][7:]
index = json.loads(data)
if "manifests" in index:
    assert index["mediaType"] == entry["mediaType"]
    for member in index["manifests"]:
        blob = open(layout + "/blobs/" + member["digest"].replace(":", "/"), "rb").read()
        assert len(blob) == member["size"]
        assert hashlib.sha256(blob).hexdigest() == member["digest"][7:]
        platform = member.get("platform", {})
        print(platform.get("os"), platform.get("architecture"), platform.get("os.version"),
              ",".join(platform.get("os.features", [])) or "-", json.loads(blob)["mediaType"].split(".")[-1])
END
}

# digest LINE: the digest in that line of the file out.
digest() {
    sed -n "s/^$1 *//p" out
}

# One after another; the second for the same takes the place of the first, and all others stay.
for tag in 1809 ltsc2022 ltsc2025; do
    run 0 lp build --from "oci:$tag:$tag" --user x --index --to oci:many:1
done
says err 'layerpack: oci:many:1: windows/amd64:10.0.26100.1: is new beside 2 others'
index=$(digest index)
[ -n "$index" ] || fail "no index is told"
run 0 lp build --from oci:ltsc2022:ltsc2022 --user x --to oci:many:1
says err 'layerpack: oci:many:1: windows/amd64:10.0.20348.2700: is there already'
[ "$(digest index)" = "$index" ] || fail "the same image makes another index"
old=$(digest manifest)
run 0 lp build --from oci:ltsc2022:ltsc2022 --user y --to oci:many:1
says err "layerpack: oci:many:1: windows/amd64:10.0.20348.2700: takes the place of $old"
members many 1 >found
says found 'windows amd64 10.0.17763.5122 - v1+json' 'windows amd64 10.0.20348.2700 - v1+json' \
    'windows amd64 10.0.26100.1 - v1+json'

# The order in which they are built is all that the digest knows of: again, elsewhere.
for tag in 1809 ltsc2022 ltsc2025; do
    run 0 lp build --from "oci:$tag:$tag" --user x --index --to oci:again:1
done
[ "$(digest index)" = "$index" ] || fail "another layout has another index"

# An image that has the tag becomes an entry; without --index it is asked for.
run 0 lp build --from oci:1809:1809 --user x --to oci:one:1
run 6 lp build --from oci:ltsc2022:ltsc2022 --user x --to oci:one:1
run 0 lp build --from oci:ltsc2022:ltsc2022 --user x --index --to oci:one:1
members one 1 >found
says found 'windows amd64 10.0.17763.5122 - v1+json' 'windows amd64 10.0.20348.2700 - v1+json'

# HostProcess images have no os.version; archives have indexes, those of docker have none.
run 0 lp scratch --index --to oci:hpc:1
says err 'layerpack: oci:hpc:1: windows/amd64: is the only one'
members hpc 1 >found
says found 'windows amd64 None - v1+json'
run 0 lp scratch --index --to oci-archive:hpc.tar:1
run 0 lp verify oci-archive:hpc.tar:1
run 2 lp scratch --index --to docker-archive:hpc-docker.tar:a:1
says err 'layerpack: docker-archive:hpc-docker.tar:a:1: a docker-archive has no index; oci: and oci-archive: have' \
    "layerpack: see 'layerpack scratch --help'"

# What is not ours stays: an image for Linux, attestations of both, annotations, os.features; only what
# attests the image that has gone goes.
"$PYTHON3" -S - <<'END'
import hashlib, json
def put(value):
    data = json.dumps(value).encode()
    name = hashlib.sha256(data).hexdigest()
    open("many/blobs/sha256/" + name, "wb").write(data)
    return {"digest": "sha256:" + name, "size": len(data)}
root = json.load(open("many/index.json"))
entry = root["manifests"][0]
index = json.loads(open("many/blobs/" + entry["digest"].replace(":", "/")).read())
first = index["manifests"][0]
first["annotations"] = {"vendor": "us"}
first["platform"]["os.features"] = ["win32k"]
linux = dict(first, platform={"os": "linux", "architecture": "amd64"}, annotations={"x": "1"})
attest = {"mediaType": first["mediaType"], "digest": first["digest"], "size": first["size"],
          "platform": {"os": "unknown", "architecture": "unknown"}}
for about in (first, index["manifests"][1]):
    index["manifests"].append(dict(attest, annotations={
        "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": about["digest"]}))
index["manifests"].insert(1, linux)
index["annotations"] = {"of": "the index"}
new = put(index)
entry.update(new)
entry["annotations"]["note"] = "stays"
json.dump(root, open("many/index.json", "w"))
END
[ "$(members many 1 | wc -l)" -eq 6 ] || fail 'the index is not as it was made'
run 0 lp build --from oci:1809:1809 --user z --to oci:many:1
lacks err 'is new'
grep -q 'takes the place of sha256:[0-9a-f]*, whose attestations go too$' err || fail "nothing is said of attestations"
members many 1 >found
says found 'windows amd64 10.0.17763.5122 win32k v1+json' 'linux amd64 None - v1+json' \
    'windows amd64 10.0.20348.2700 - v1+json' 'windows amd64 10.0.26100.1 - v1+json' \
    'unknown unknown None - v1+json'
"$PYTHON3" -S - >found <<'END'
import json
root = json.load(open("many/index.json"))
entry = root["manifests"][0]
index = json.loads(open("many/blobs/" + entry["digest"].replace(":", "/")).read())
print(entry["annotations"]["note"], index["annotations"]["of"], index["manifests"][0]["annotations"]["vendor"])
END
says found 'stays the index us'

# ls, verify and explain take all images for Windows, and say what they leave out.
run 0 lp verify oci:many:1
says err 'layerpack: oci:many:1: linux/amd64: is not for Windows, and left out'
grep -E '^(image|ok)' out >found
says found 'image windows/amd64:10.0.17763.5122 (1)' 'ok: 1 layer' 'image windows/amd64:10.0.20348.2700 (1)' \
    'ok: 1 layer' 'image windows/amd64:10.0.26100.1 (1)' 'ok: 1 layer'
run 0 lp ls --quiet oci:many:1
grep -E '^(image|os\.version|user)' out >found
says found 'image windows/amd64:10.0.17763.5122 (1)' 'os.version  10.0.17763.5122' 'user        z' \
    'image windows/amd64:10.0.20348.2700 (1)' 'os.version  10.0.20348.2700' 'user        y' \
    'image windows/amd64:10.0.26100.1 (1)' 'os.version  10.0.26100.1' 'user        x'
# Records of all of them are one document.
for format in json ndjson csv; do
    run 0 lp ls --quiet --format=$format oci:many:1
    "$PYTHON3" -S - $format >found <<'END'
import csv, json, sys
text = open("out", newline="").read()
records = {"json": lambda: [one for key, one in json.loads(text).items() if isinstance(one, list)][0],
           "ndjson": lambda: [json.loads(line) for line in text.splitlines()],
           "csv": lambda: list(csv.DictReader(text.splitlines(True)))}[sys.argv[1]]()
for record in records:
    print(record["platform"], record["os_version"])
END
    says found 'windows/amd64 10.0.17763.5122' 'windows/amd64 10.0.20348.2700' 'windows/amd64 10.0.26100.1'
done
run 0 lp ls --platform windows/amd64:10.0.20348 oci:many:1
cp out one
lacks out '^image'
# By the digest of its manifest, too.
run 0 lp ls --platform "$(digest manifest)" oci:many:1
same one out
run 0 lp explain --quiet oci:many:1
[ "$(grep -c '^image windows' out)" -eq 3 ] || fail "not three images are explained"
run 1 lp explain --key 'HKLM\SYSTEM\None' oci:many:1
run 2 lp explain --format=reg oci:many:1
for command in 'verify' 'explain' 'explain --key HKLM\SYSTEM\Select::Current'; do
    # shellcheck disable=SC2086
    run 0 lp $command --format=json oci:many:1
    "$PYTHON3" -S -c '
import json, sys
document = json.load(open("out"))
assert (document["tool"], document["kind"]) == ("layerpack", "images")
for image in document["images"]:
    print(image["platform"], image["name"], image["manifest"][:7], image["document"]["tool"])' >found
    says found 'windows/amd64:10.0.17763.5122 1 sha256: layerpack' 'windows/amd64:10.0.20348.2700 1 sha256: layerpack' \
        'windows/amd64:10.0.26100.1 1 sha256: layerpack'
done
run 0 lp verify --format=sarif oci:many:1
run 0 lp verify --format=junit oci:many:1
[ "$(grep -c '<testsuite name="oci:many:1\[windows/amd64:10' out)" -eq 3 ] || fail "not three suites"

# index: images as they are, byte by byte, put together and taken out.
run 0 lp index create oci:put:1 oci:1809:1809 oci:ltsc2022:ltsc2022
says err 'layerpack: oci:put:1: windows/amd64:10.0.17763.5122: is the only one' \
    'layerpack: oci:put:1: windows/amd64:10.0.20348.2700: is new beside 1 other'
cp out made
run 6 lp index create oci:put:1 oci:ltsc2025:ltsc2025
says err "layerpack: oci:put:1: is there already; 'index add' adds to it"
run 1 lp index add oci:put:2 oci:ltsc2025:ltsc2025
says err "layerpack: oci:put:2: there is no such image; 'index create' makes one"
run 0 lp index add oci:put:1 oci:ltsc2025:ltsc2025 oci:1809:1809
says err 'layerpack: oci:put:1: windows/amd64:10.0.26100.1: is new beside 2 others' \
    'layerpack: oci:put:1: windows/amd64:10.0.17763.5122: is there already'
run 0 lp index ls oci:put:1
cut -d ' ' -f 3 out >found
says found windows/amd64:10.0.17763.5122 windows/amd64:10.0.20348.2700 windows/amd64:10.0.26100.1
image manifest oci:ltsc2022:ltsc2022 | sha256sum | sed 's/ .*//; s/^/sha256:/' >wanted
sed -n 's/^manifest //p' made | sed -n 2p >found
[ -s found ] || fail "no manifest is told"
grep -q "^$(cat found)  windows/amd64:10.0.20348.2700 " out || fail "the index has not the manifest that was told"
run 0 lp index ls --format=json oci:put:1
run 0 lp verify --quiet oci:put:1
run 0 lp index annotate oci:put:1 windows/amd64:10.0.17763 --os-feature win32k --annotation a=b --annotation c=d
says err 'layerpack: oci:put:1: windows/amd64:10.0.17763.5122: is annotated'
members put 1 >found
says found 'windows amd64 10.0.17763.5122 win32k v1+json' 'windows amd64 10.0.20348.2700 - v1+json' \
    'windows amd64 10.0.26100.1 - v1+json'
run 0 lp index annotate oci:put:1 windows/amd64:10.0.17763 --os-version 10.0.17763.9 --os-feature '' --annotation a=
members put 1 >found
says found 'windows amd64 10.0.17763.9 - v1+json' 'windows amd64 10.0.20348.2700 - v1+json' \
    'windows amd64 10.0.26100.1 - v1+json'
run 0 lp index remove oci:put:1 windows/amd64:10.0.17763 windows/amd64:10.0.26100.1
says err 'layerpack: oci:put:1: windows/amd64:10.0.17763.9: is removed' \
    'layerpack: oci:put:1: windows/amd64:10.0.26100.1: is removed'
members put 1 >found
says found 'windows amd64 10.0.20348.2700 - v1+json'
cp put/index.json before
run 1 lp index remove oci:put:1 windows/arm64
says err 'layerpack: oci:put:1: has no entry for windows/arm64'
run 2 lp index remove oci:many:1 windows/amd64
grep -q 'several entries are for it$' err || fail "not told that several fit"
run 2 lp index add oci:put:1
run 2 lp index annotate oci:put:1 windows/amd64
run 2 lp index annotate oci:put:1 windows/amd64 --annotation x
run 2 lp index remove oci:put:1
run 2 lp index other oci:put:1
# Not without an entry; an option of another verb is not ignored.
run 2 lp index remove oci:put:1 "$(lp index ls oci:put:1 | cut -d ' ' -f 1)"
head -n 1 err >found
says found 'layerpack: oci:put:1: nothing would be left in the index, and none reads an empty one'
run 2 lp index add oci:put:1 oci:1809:1809 --os-feature win32k
head -n 1 err >found
says found 'layerpack: --os-feature: is only for annotate'
run 2 lp index ls oci:put:1 --platform windows/amd64
head -n 1 err >found
says found 'layerpack: --platform: is only for create and add'
run 2 lp index ls
run 2 lp index create oci:put oci:1809:1809
run 2 lp index create oci-archive:put.tar:1 oci:1809:1809
same before put/index.json
# An image is no index; it becomes one when another is added.
run 0 lp build --from oci:1809:1809 --user x --to oci:single:1
run 2 lp index remove oci:single:1 windows/amd64
head -n 1 err >found
says found 'layerpack: oci:single:1: is one image, and no index'
run 0 lp index add oci:single:1 oci:ltsc2022:ltsc2022
members single 1 >found
says found 'windows amd64 10.0.17763.5122 - v1+json' 'windows amd64 10.0.20348.2700 - v1+json'

# Several entries of index.json have the name: an index is made of those that stay.
run 0 lp build --from oci:1809:1809 --user x --to oci:flat:1
run 0 lp build --from oci:ltsc2022:ltsc2022 --user x --to oci:flat:2
sed 's/"org.opencontainers.image.ref.name": *"2"/"org.opencontainers.image.ref.name":"1"/' flat/index.json >index.json
cat index.json >flat/index.json
cp -r flat flat2
run 0 lp index remove oci:flat:1 windows/amd64:10.0.17763
says err 'layerpack: oci:flat:1: windows/amd64:10.0.17763.5122: is removed'
members flat 1 >found
says found 'windows amd64 10.0.20348.2700 - v1+json'
run 0 lp index annotate oci:flat2:1 windows/amd64:10.0.17763 --os-feature win32k
members flat2 1 >found
says found 'windows amd64 10.0.17763.5122 win32k v1+json' 'windows amd64 10.0.20348.2700 - v1+json'

# What a layout says of its images cannot move a terminal's cursor.
sed 's/"os.version": *"10.0.20348.2700"/"os.version":"10\\u001b[31m\\n"/' index.json >flat2/index.json
run 0 lp index ls oci:flat2:1
grep -c 'windows/amd64:10\\u{1b}\[31m\\u{a}  1$' out >found
says found 1
run 0 lp ls oci:flat2:1
grep -c '^image windows/amd64:10\\u{1b}\[31m\\u{a} (1)$' out >found
says found 1

# What cannot be read is not absent.
echo broken >flat2/index.json
run 3 lp index add oci:flat2:1 oci:1809:1809
says err "layerpack: oci:flat2:1: index.json:1:1: found 'b', expected a value"

# One run for all: --all-platforms, several --platform; the same images as one by one. Nothing is under
# the name when one of them fails.
run 0 lp index create --quiet oci:bases:1 oci:1809:1809 oci:ltsc2022:ltsc2022 oci:ltsc2025:ltsc2025
echo tool >tool.exe
run 0 lp build --from oci:bases:1 --all-platforms --add tool.exe=/tool.exe --to oci:all:1
says err 'layerpack: oci:all:1: windows/amd64:10.0.17763.5122: is the only one' \
    'layerpack: oci:all:1: windows/amd64:10.0.20348.2700: is new beside 1 other' \
    'layerpack: oci:all:1: windows/amd64:10.0.26100.1: is new beside 2 others'
grep '^index' out >wanted
members all 1 >found
says found 'windows amd64 10.0.17763.5122 - v1+json' 'windows amd64 10.0.20348.2700 - v1+json' \
    'windows amd64 10.0.26100.1 - v1+json'
for tag in 1809 ltsc2022 ltsc2025; do
    run 0 lp build --quiet --from "oci:$tag:$tag" --base-name b --add tool.exe=/tool.exe --index --to oci:each:1
done
run 0 lp build --quiet --from oci:bases:1 --base-name b --platform windows/amd64:10.0.17763 \
    --platform windows/amd64:10.0.20348 --platform windows/amd64:10.0.26100 --add tool.exe=/tool.exe --to oci:several:1
members several 1 >found
says found 'windows amd64 10.0.17763.5122 - v1+json' 'windows amd64 10.0.20348.2700 - v1+json' \
    'windows amd64 10.0.26100.1 - v1+json'
run 0 lp index ls oci:each:1
cp out wanted
run 0 lp index ls oci:several:1
same wanted out
run 0 lp verify --quiet oci:all:1
run 1 lp build --from oci:bases:1 --platform windows/amd64:10.0.17763 --platform windows/amd64:10.0.99999 \
    --user u --to oci:failed:1
[ ! -e failed ] || fail "a part of what was asked for was written"
run 2 lp build --from oci:bases:1 --all-platforms --platform windows/amd64 --user u --to oci:failed:1
run 2 lp build --from oci:bases:1 --all-platforms --user u --to docker-archive:failed.tar:a:1
run 0 lp build --dry-run --from oci:bases:1 --all-platforms --reg "$patches/pause.reg"
grep '^for ' out >found
says found 'for windows/amd64:10.0.17763.5122' 'for windows/amd64:10.0.20348.2700' 'for windows/amd64:10.0.26100.1'

# The same from a Dockerfile.
mkdir ctx
cp tool.exe ctx
printf 'FROM oci:bases:1\nCOPY tool.exe C:/\n' >ctx/Dockerfile
run 0 lp build -f ctx/Dockerfile --all-platforms --to oci:file:1 ctx
members file 1 >found
says found 'windows amd64 10.0.17763.5122 - v1+json' 'windows amd64 10.0.20348.2700 - v1+json' \
    'windows amd64 10.0.26100.1 - v1+json'
run 0 lp build -f ctx/Dockerfile --platform windows/amd64:10.0.17763 --platform windows/amd64:10.0.26100 --to oci:file:2 ctx
members file 2 >found
says found 'windows amd64 10.0.17763.5122 - v1+json' 'windows amd64 10.0.26100.1 - v1+json'
run 2 lp build -f ctx/Dockerfile --all-platforms --platform windows/amd64 --to oci:file:3 ctx
