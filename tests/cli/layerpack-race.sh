#!/bin/sh
# Several builds into one OCI layout at the same time, new or not, some of which fail or are ended at
# one place or another: an image that was reported done is whole, and nothing but whole images is
# left.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
rounds=100
# Who comes first is the scheduler's; what a sanitizer sees is in each of the eight mixes, with a layout that is there and
# without.
! sanitized || rounds=24
[ -z "$TEST_WRAPPER" ] || rounds=5
echo x >f

# base:1 and base:2, for two versions of Windows, of a few KB.
run 0 lp scratch --to oci:base:1
"$PYTHON3" -S - <<'END'
import hashlib, json

def put(document):
    text = json.dumps(document).encode()
    digest = hashlib.sha256(text).hexdigest()
    open("base/blobs/sha256/" + digest, "wb").write(text)
    return {"digest": "sha256:" + digest, "size": len(text)}

def get(entry):
    return json.load(open("base/blobs/sha256/" + entry["digest"][len("sha256:"):]))

index = json.load(open("base/index.json"))
old = index["manifests"].pop()
for number in "12":
    manifest = get(old)
    config = get(manifest["config"])
    config["os.version"] = "10.0." + number
    manifest["config"].update(put(config))
    index["manifests"].append({**old, **put(manifest), "annotations": {
        "org.opencontainers.image.ref.name": number}})
json.dump(index, open("base/index.json", "w"))
END
run 0 image check oci:base:1

# build NUMBER TAG [RULES]: in the background; its status goes to the file status-NUMBER. All builds
# but those for the other version make the same blobs.
build() {
    (
        build_status=0
        set -- "$1" "$2" "${3-}" "${4-1}"
        faulty "${3:+$3,}fsync:*:SKIP" lp build --from "oci:base:$4" --add f=/f --to "oci:to:$2" \
            >"out-$1" 2>"err-$1" || build_status=$?
        echo "$build_status $2 $4" >"status-$1"
    ) &
}

# The mixes: which builds run beside two good ones.
beside() {
    case $(($1 % 8)) in
    0) build 3 failing 'rename:*/index.json:EIO' ;;
    1) build 3 failing 'fsync:*/blobs/sha256:EIO' ;;
    2) build 3 failing 'link:*/blobs/*:SIGTERM' ;;
    3) build 3 failing 'open:*/.index.json.*:ENOSPC' ;;
    # The one tag is for two versions of Windows, and the first to come has it.
    4) build 3 taken '' 1 && build 4 taken '' 2 ;;
    5) build 3 failing 'mkdir:*/blobs/sha256:EACCES' && build 4 failing 'rename:*/blobs/*:EIO' ;;
    6) build 3 failing 'open:*/.layer.*:EIO' && build 4 failing 'write:*/.layer.*:SIGINT' ;;
    7) build 3 replaced '' && build 4 replaced '' ;;
    esac
}

# check_round ROUND: each build ended as it may; which were reported done goes to the file finished.
check_round() {
    for file in status-*; do
        read -r status tag version <"$file"
        case $status:$tag in
        0:*) echo "$1 $folder $tag $version" >>finished ;;
        5:failing | 143:failing | 130:failing | 6:taken) ;;
        *) fail "round $1: status $status of $tag: $(cat "err-${file#status-}")" ;;
        esac
    done
    read -r status tag version <status-1
    [ "$status" -eq 0 ] || fail "round $1: a good build failed: $(cat err-1)"
    read -r status tag version <status-2
    [ "$status" -eq 0 ] || fail "round $1: a good build failed: $(cat err-2)"
    if [ $(($1 % 8)) -eq 4 ]; then
        cat status-3 status-4 | sort | cut -d ' ' -f 1 >found
        says found 0 6
    fi
    find to -name '.*' >found
    says found
}

# check_images: what was reported done is there, and is whole.
check_images() {
    "$PYTHON3" -S - "$here" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import image

for line in open("finished"):
    number, layout, tag, version = line.split()
    found = image.Image("oci:%s:%s" % (layout, tag), None)
    found.check()
    if found.faults or found.config["os.version"] != "10.0." + version:
        sys.exit("round %s: %s: %s" % (number, tag, found.faults or "is another image"))
END
}

n=0
folder='layout-0'
while [ "$n" -lt "$rounds" ]; do
    # Every third round begins with a layout that is there.
    if [ $((n % 3)) -ne 0 ]; then
        [ ! -e to ] || mv to "$folder"
        folder=layout-$n
    fi
    rm -f status-*
    build 1 "first-$n"
    beside "$n"
    build 2 "second-$n"
    wait
    check_round "$n"
    n=$((n + 1))
done
mv to "$folder"
check_images || fail "an image that was reported done is broken"

# Where all fail, nothing is left of a new layout, or only what another one had still in use.
run 5 faulty 'rename:*/oci-layout:EIO' lp build --from oci:base:1 --add f=/f --to oci:to:1
find to -type f | sed 's,/[0-9a-f]*$,,' | sort -u >found
says found to/blobs/sha256
run 0 lp build --from oci:base:1 --add f=/f --to oci:to:1
run 0 image check oci:to:1
