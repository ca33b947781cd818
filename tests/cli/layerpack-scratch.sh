#!/bin/sh
# layerpack scratch: base images for HostProcess containers, read by tests/interop/image.py.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3" sha256sum
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

# config_is IMAGE: the configuration is the text on standard input, spaces apart.
config_is() {
    run 0 image config "$1"
    "$PYTHON3" -S -c 'import json, sys
print(json.dumps(json.load(open("out"))))' >found
    "$PYTHON3" -S -c 'import json, sys
print(json.dumps(json.load(sys.stdin)))' >wanted
    same wanted found
}

# The smallest: what New-HostProcessBaseImage.ps1 puts into its layer, less the licence.
run 0 lp scratch --to oci:base
says err
cp out printed
run 0 image check oci:base
says out "ok: 1 layer"
run 0 image names oci:base 0
says out Files Files/Windows Files/Windows/System32 Files/Windows/System32/config \
    Files/Windows/System32/config/DEFAULT Files/Windows/System32/config/SAM \
    Files/Windows/System32/config/SECURITY Files/Windows/System32/config/SOFTWARE \
    Files/Windows/System32/config/SYSTEM
for name in DEFAULT SAM SECURITY SOFTWARE SYSTEM; do
    image extract oci:base 0 "Files/Windows/System32/config/$name" >hive
    run 0 ht check hive
    run 0 ht export hive --root "HKLM\\$name"
    "$PYTHON3" -S "$here/hive.py" dump hive >"$name.dump"
    # Version 1.3, as the hives of that script have; the name embedded in it.
    "$PYTHON3" -S -c 'import struct, sys
data = open("hive", "rb").read()
print(len(data), struct.unpack_from("<II", data, 0x14), data[0x30:0x70].decode("utf-16-le").rstrip("\0"))' >found
    says found "8192 (1, 3) $name"
done
same DEFAULT.dump SYSTEM.dump

# No os.version, and no platform in the index (containerd issue 7431).
diff_id=$(sed -n 's/^diff ID  //p' printed)
config_is oci:base <<END
{"architecture": "amd64", "os": "windows", "created": "2023-11-14T22:13:20Z",
 "config": {"Cmd": ["c:\\\\windows\\\\system32\\\\cmd.exe"]},
 "rootfs": {"type": "layers", "diff_ids": ["$diff_id"]},
 "history": [{"created": "2023-11-14T22:13:20Z", "created_by": "layerpack scratch"}]}
END
manifest=$(sed -n 's/^manifest //p' printed)
size=$(wc -c <"base/blobs/sha256/${manifest#sha256:}")
printf '%s' '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",' \
    '"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",' \
    "\"digest\":\"$manifest\",\"size\":$size}]}" >wanted
same_bytes wanted base/index.json
[ "$(du -bs base | cut -f 1)" -lt 20000 ] || fail "it has more than a few KB"
run 0 lp verify oci:base

# Same digests elsewhere, with another umask, locale and time zone.
mkdir elsewhere
(
    umask 077
    cd elsewhere
    LC_ALL=tr_TR.UTF-8 TZ=Asia/Tokyo run 0 lp scratch --to oci:other:tag
)
same printed elsewhere/out
layer=$(sed -n 's/^layer    sha256://p' printed)
same_bytes "base/blobs/sha256/$layer" "elsewhere/other/blobs/sha256/$layer"

# The hello world of that project, in one command, in the three forms; licences too.
echo 'not a program' >hello.exe
echo 'licence text' >License.txt
for to in oci:hello:v1 oci-archive:hello.tar:v1 docker-archive:docker.tar:hello:v1; do
    run 0 lp scratch --to "$to" --add 'hello.exe=C:\hello.exe' --license License.txt \
        --env 'PATH=C:\Windows\system32;C:\Windows;' --entrypoint '["hello.exe"]'
    cp out printed
    run 0 image check "$to"
    says out "ok: 1 layer"
    run 0 image names "$to" 0
    tail -n 2 out >found
    says found Files/License.txt Files/hello.exe
    image extract "$to" 0 Files/hello.exe >found
    same_bytes hello.exe found
    diff_id=$(sed -n 's/^diff ID  //p' printed)
    config_is "$to" <<END
{"architecture": "amd64", "os": "windows", "created": "2023-11-14T22:13:20Z",
 "config": {"Entrypoint": ["hello.exe"], "Env": ["PATH=C:\\\\Windows\\\\system32;C:\\\\Windows;"]},
 "rootfs": {"type": "layers", "diff_ids": ["$diff_id"]},
 "history": [{"created": "2023-11-14T22:13:20Z", "created_by": "layerpack scratch"}]}
END
    run 0 lp verify "$to"
done
# One layer, packed or not.
grep '^config\|^diff' printed >a
run 0 lp scratch --to oci:again --add 'hello.exe=C:\hello.exe' --license License.txt \
    --env 'PATH=C:\Windows\system32;C:\Windows;' --entrypoint hello.exe
grep '^config\|^diff' out >b
same a b

# A docker-archive is two documents and a layer; the name gets a tag, which docker load wants.
run 0 lp scratch --to docker-archive:plain.tar:my/image
layer=$(sed -n 's/^layer    sha256://p' out)
config=$(sed -n 's/^config   sha256://p' out)
tar -tf plain.tar >found
says found "$layer.tar" "$config.json" manifest.json
tar -xOf plain.tar manifest.json >found
printf '%s' "[{\"Config\":\"$config.json\",\"RepoTags\":[\"my/image:latest\"]," \
    "\"Layers\":[\"$layer.tar\"]}]" >wanted
same_bytes wanted found
run 0 lp scratch --to docker-archive:plain.tar
tar -xOf plain.tar manifest.json >found
printf '%s' "[{\"Config\":\"$config.json\",\"Layers\":[\"$layer.tar\"]}]" >wanted
same_bytes wanted found

# Refused: what is no image, no place, no name on Windows.
refused() {
    wanted_status=$1
    shift
    message=$1
    shift
    run "$wanted_status" lp scratch "$@"
    says out
    head -n 1 err >found
    says found "layerpack: $message"
}
refused 2 "scratch: no --to IMAGE is given"
refused 2 "'x.tar' is no image: it does not start with oci:, oci-archive:, docker-archive:, dir: or docker://" \
    --to x.tar
refused 2 "'base:' is no image: it does not start with oci:, oci-archive:, docker-archive:, dir: or docker://" \
    --to base:
refused 2 "docker-archive:x.tar:a b: the name is not of the form NAME[:TAG] as docker takes it, \
like example/pause:3.9 with a NAME in lower case" \
    --to 'docker-archive:x.tar:a b'
refused 2 "Files/Windows/System32/config/sam: is a registry hive, which nothing can replace" \
    --to oci:x --add 'hello.exe=/Windows/system32/Config/sam'
refused 2 "Files/Windows: is to be a file and a folder" --to oci:x --add 'hello.exe=\windows'
refused 2 "hello.exe=hello.exe: not of the form SRC=DST with a DST like C:\\FOLDER\\FILE" \
    --to oci:x --add hello.exe=hello.exe
refused 2 "D:\\hello.exe: an image has no other drive than C:" --to oci:x --add 'hello.exe=D:\hello.exe'
refused 2 "C:hello.exe: a path begins with C:\\ or a slash" --to oci:x --add 'hello.exe=C:hello.exe'
refused 2 "/a/../b: .. is not possible" --to oci:x --add 'hello.exe=/a/../b'
refused 2 "/Com1.txt: Windows takes the name for a device" --to oci:x --add 'hello.exe=/Com1.txt'
refused 2 "/a./b: Windows takes no dot or space at the end of names" \
    --to oci:x --add 'hello.exe=/a./b'
refused 2 "/a*: Windows takes none of < > : \" / \\ | ? * in names" --to oci:x --add 'hello.exe=/a*'
# A later one wins.
run 0 lp scratch --to oci:later --add hello.exe=/A --add License.txt=/a
run 0 lp scratch --to oci:only --add License.txt=/A
run 0 image layers oci:later
mv out later.layers
run 0 image layers oci:only
same out later.layers
refused 5 "none.exe: cannot read: No such file or directory" --to oci:x --add none.exe=/a
refused 2 "hello.exe: is an input and the output" \
    --to docker-archive:hello.exe --add hello.exe=/a
refused 2 "--entrypoint '[1]': an element is no string" --to oci:x --entrypoint '[1]'
# A path written into JSON with single backslashes, and words that are none.
mark='; in JSON a backslash is a mark: write \\ or /'
for option in --entrypoint --cmd; do
    refused 2 "$option '[\"C:\\tools\\new.exe\"]': word 1 holds the control character \\u{9}$mark" \
        --to oci:x "$option" '["C:\tools\new.exe"]'
    refused 2 "$option:1:6: found 'p', expected one of \"\\/bfnrtu$mark" \
        --to oci:x "$option" '["C:\pause.exe"]'
    refused 2 "$option '[\"a\",\"\"]': word 2 is empty" --to oci:x "$option" '["a",""]'
    refused 2 "$option '': is empty" --to oci:x "$option" ''
    refused 2 "$option 'a\\u{85}b': holds the control character \\u{85}" \
        --to oci:x "$option" "$(printf 'a\302\205b')"
done
refused 2 "--user 'a\\u{9}b': holds the control character \\u{9}" --to oci:x --user "$(printf 'a\tb')"
refused 2 "--workdir 'a\\u{1b}b': holds the control character \\u{1b}" --to oci:x --workdir "$(printf 'a\033b')"
# What ls prints can be read back: a word in quotes is a JSON string, any other one stands for itself.
words='["C:\\tools\\new.exe","a b","say \"hi\"","C:\\a b\\","\u200b","--x=ü","\u3000"]'
run 0 lp scratch --to oci:words:1 --entrypoint "$words" --cmd 'C:\new\tools.exe'
run 0 lp ls oci:words:1
grep -e '^entrypoint' -e '^cmd' out >listing
"$PYTHON3" -S - "$words" <<'END' || fail "the words cannot be read back"
import json, re, sys
found = {}
for line in open("listing", encoding="utf-8"):
    name, rest = line.rstrip("\n").split(None, 1)
    parts = re.findall(r'"(?:[^"\\]|\\.)*"|[^ "]+', rest)
    found[name] = [json.loads(part) if part.startswith('"') else part for part in parts]
assert found == {"entrypoint": json.loads(sys.argv[1]), "cmd": ["C:\\new\\tools.exe"]}, found
END
refused 2 "--env 'PATH': not of the form NAME=VALUE" --to oci:x --env PATH
refused 2 "oci:elsewhere: the folder is neither empty nor an OCI layout" --to oci:elsewhere
refused 5 "none/x: cannot make the folder: No such file or directory" --to oci:none/x
[ ! -e x ] || fail "something was left behind"
[ ! -e x.tar ] || fail "something was left behind"
