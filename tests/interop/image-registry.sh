#!/bin/sh
# A registry takes our images from skopeo and gives back the same digests.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program skopeo docker-registry "$PYTHON3"

. "$abs_srcdir/tests/interop/registry-lib.sh"
start_registry 'log:
  accesslog:
    disabled: true'

build_images
n=0
for operand in $images; do
    n=$((n + 1))
    remote=docker://127.0.0.1:$port/test$n:1
    run 0 sk copy -q --dest-tls-verify=false "$operand" "$remote"
    run 0 sk copy -q --src-tls-verify=false "$remote" "oci:back$n:1"
    sound "oci:back$n:1"

    # A docker archive has no manifest and its layers are packed anew: there the diff IDs are what
    # stays.
    image layers "$operand" | cut -d ' ' -f 2 >wanted
    image layers "oci:back$n:1" | cut -d ' ' -f 2 >found
    same wanted found
    case $operand in
    docker-archive:*) ;;
    *)
        image config "$operand" >wanted
        image config "oci:back$n:1" >found
        same wanted found
        image manifest "$operand" >wanted
        image manifest "oci:back$n:1" >found
        same wanted found
        run 0 sk inspect --raw --tls-verify=false "$remote"
        sha256sum <out >wanted
        grep -o 'sha256:[0-9a-f]*' "back$n/index.json" | sed 's/^sha256:\(.*\)/\1  -/' >found
        same wanted found
        ;;
    esac
    hives_of "$operand" "hives$n"
    hives_of "oci:back$n:1" "hives-back$n"
    same_hives "hives$n" "hives-back$n"
done

# The other way: what a registry serves is a base to build on.
run 0 sk copy -q --dest-tls-verify=false oci:base:ltsc2022 "docker://127.0.0.1:$port/base:1"
run 0 sk copy -q --src-tls-verify=false "docker://127.0.0.1:$port/base:1" oci:pulled:ltsc2022
build_pause oci:pulled:ltsc2022 oci:again:3.9
image manifest oci:pause:3.9 >wanted
image manifest oci:again:3.9 >found
same wanted found
