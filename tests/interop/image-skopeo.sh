#!/bin/sh
# skopeo reads our images, and copies them between all forms; what it writes is read by ours.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program skopeo "$PYTHON3"
build_images

# What skopeo says of an image, in the form of the independent reader.
seen='{{.Os}} {{.Architecture}}{{range .Layers}}{{println}}{{.}}{{end}}'

# judge: what the independent reader says of images, each command's output in a file of its
# name, in one process: a line of judge's input is FILE COMMAND IMAGE.
judge() {
    run 0 image many
}

# inspected IMAGE: skopeo sees the layers and the config that the independent reader sees.
inspected() {
    judge <<END
layers layers $1
config config-bytes $1
END
    run 0 sk inspect --format "$seen" "$1"
    echo 'windows amd64' >wanted
    # Of a docker archive skopeo shows the diff IDs, as its manifest would be made of plain layers.
    case $1 in
    docker-archive:*) cut -d ' ' -f 2 layers >>wanted ;;
    *) cut -d ' ' -f 1 layers >>wanted ;;
    esac
    same wanted out
    run 0 sk inspect --config --raw "$1"
    same_bytes config out
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
    run 0 lp verify "$from"
    hives_of "$from" "hives$n"
    printf '%s\n' "checked check $from" "layers layers $from" "manifest manifest $from" >asked
    for transport in oci oci-archive docker-archive; do
        to=$(operand "$transport" "copy$n-$transport")
        run 0 sk copy -q "$from" "$to"
        run 0 lp verify "$to"
        hives_of "$to" "hives$n-$transport"
        same_hives "hives$n" "hives$n-$transport"
        printf '%s\n' "$transport.checked check $to" "$transport.layers layers $to" \
            "$transport.manifest manifest $to" >>asked
    done
    judge <asked
    cut -d ' ' -f 2 layers >diff-ids
    for transport in oci oci-archive docker-archive; do
        same checked "$transport.checked"
        # Packed anew or not, the layers' content is what it was.
        cut -d ' ' -f 2 "$transport.layers" >found
        same diff-ids found
        # Between OCI forms nothing changes at all.
        case $from-$transport in
        oci*-oci*) same manifest "$transport.manifest" ;;
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
run 0 sk inspect --config --raw oci:index:ltsc2022
run 0 lp build --quiet --from oci:index:ltsc2022 --platform windows/amd64:10.0.20348 \
    --label a=b --to oci:chosen:1
sound oci:chosen:1
run 0 sk inspect --config --raw oci:chosen:1
grep -o '"os.version": *"[^"]*"' out | tr -d ' ' >version
says version '"os.version":"10.0.20348.2700"'
