#!/bin/sh
# skopeo reads our images, and copies them between all forms; what it writes is read by ours.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program skopeo "$PYTHON3"
build_images

cat >inspect.py <<'END'
import json
import sys

seen = json.load(sys.stdin)
print(seen["Os"], seen["Architecture"])
print("\n".join(seen["Layers"]))
END
cat >config.py <<'END'
import json
import sys

print(json.dumps(json.load(sys.stdin), indent=2, ensure_ascii=False))
END

# inspected IMAGE: skopeo sees the layers and the config that the independent reader sees.
inspected() {
    run 0 sk inspect "$1"
    "$PYTHON3" inspect.py <out >found
    echo 'windows amd64' >wanted
    # Of a docker archive skopeo shows the diff IDs, as its manifest would be made of plain layers.
    case $1 in
    docker-archive:*) image layers "$1" | cut -d ' ' -f 2 >>wanted ;;
    *) image layers "$1" | cut -d ' ' -f 1 >>wanted ;;
    esac
    same wanted found
    run 0 sk inspect --config --raw "$1"
    "$PYTHON3" config.py <out >found
    image config "$1" >wanted
    same wanted found
}

# operand TRANSPORT NAME
operand() {
    case $1 in
    docker-archive) echo "docker-archive:$2:copied:1" ;;
    *) echo "$1:$2:1" ;;
    esac
}

n=0
for from in $images; do
    n=$((n + 1))
    inspected "$from"
    sound "$from"
    hives_of "$from" "hives$n"
    image layers "$from" | cut -d ' ' -f 2 >diff-ids
    for transport in oci oci-archive docker-archive; do
        to=$(operand "$transport" "copy$n-$transport")
        run 0 sk copy -q "$from" "$to"
        sound "$to"
        # Packed anew or not, the layers' content is what it was.
        image layers "$to" | cut -d ' ' -f 2 >found
        same diff-ids found
        hives_of "$to" "hives$n-$transport"
        same_hives "hives$n" "hives$n-$transport"
        # Between OCI forms nothing changes at all.
        case $from-$transport in
        oci*-oci*)
            image manifest "$from" >wanted
            image manifest "$to" >found
            same wanted found
            ;;
        esac
    done
done

# The manifest's digest is what we printed.
run 0 lp build --from oci:base:ltsc2022 --reg "$patches/pause.reg" --to oci:told:1
sed -n 's/^manifest *//p' out >wanted
sk inspect --format '{{.Digest}}' oci:told:1 >found
same wanted found

# A base in every form that skopeo writes gives the same registry.
hives_of oci:told:1 hives-told
for transport in oci oci-archive docker-archive; do
    base=$(operand "$transport" "base-$transport")
    run 0 sk copy -q oci:base:ltsc2022 "$base"
    run 0 lp build --quiet --from "$base" --reg "$patches/pause.reg" \
        --to "oci:from-$transport:1"
    sound "oci:from-$transport:1"
    inspected "oci:from-$transport:1"
    hives_of "oci:from-$transport:1" "hives-from-$transport"
    same_hives hives-told "hives-from-$transport"
done

# Docker's media types: skopeo reads them in an OCI layout only by digest, so a registry's form is
# taken for it, a folder.
make_image nanoserver docker.tar --form docker-archive --style skopeo --upper deltas >name
says name docker-archive:docker.tar:nanoserver:ltsc2022
run 0 sk copy -q --format v2s2 docker-archive:docker.tar:nanoserver:ltsc2022 dir:docker-dir
run 0 sk copy -q dir:docker-dir oci:from-dir:1
run 0 lp build --quiet --from docker-archive:docker.tar:nanoserver:ltsc2022 \
    --reg "$patches/pause.reg" --to docker-archive:built.tar:built:1
sound docker-archive:built.tar:built:1
run 0 lp build --quiet --from oci:from-dir:1 --reg "$patches/pause.reg" --to oci:from-dir:2
sound oci:from-dir:2
hives_of docker-archive:built.tar:built:1 hives-docker
hives_of oci:from-dir:2 hives-oci
same_hives hives-docker hives-oci

# An index of several platforms: skopeo and layerpack choose alike.
make_image nanoserver index --index --nested >name
sk inspect --config --raw oci:index:ltsc2022 | "$PYTHON3" config.py >wanted
run 0 lp build --quiet --from oci:index:ltsc2022 --platform windows/amd64:10.0.20348 \
    --label a=b --to oci:chosen:1
sound oci:chosen:1
sk inspect --config --raw oci:chosen:1 >chosen.json
grep -q '"os.version": *"10.0.20348.2700"' chosen.json || fail "another platform was chosen"
