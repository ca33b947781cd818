# What the tests with other people's tools for images share: source it after lib.sh.
# shellcheck shell=sh

PYTHON3=${PYTHON3:-python3}
here=$abs_srcdir/tests/interop
patches=$abs_srcdir/fixtures/patches
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
# Nothing of the user's settings reaches the tools.
HOME=$tmp
XDG_RUNTIME_DIR=$tmp
unset XDG_CONFIG_HOME DOCKER_CONFIG REGISTRY_AUTH_FILE HTTP_PROXY HTTPS_PROXY http_proxy https_proxy
export HOME XDG_RUNTIME_DIR

# make_image KIND OUT OPTION...: prints the operand.
make_image() {
    "$PYTHON3" -S "$here/make-image.py" "$@"
}

# image COMMAND IMAGE...: the independent reader.
image() {
    "$PYTHON3" -S "$here/image.py" "$@"
}

# sk COMMAND...: skopeo without a policy file, for Windows images on whatever machine.
sk() {
    skopeo --insecure-policy --tmpdir "$tmp" --override-os windows --override-arch amd64 "$@"
}

# sound IMAGE: by the independent reader and by ours.
sound() {
    run 0 image check "$1"
    run 0 lp verify "$1"
}

# hives_of IMAGE FOLDER: the effective hives of an image.
hives_of() {
    mkdir "$2"
    run 0 lp extract --quiet "$1" -o "$2"
}

# same_hives FOLDER FOLDER
same_hives() {
    (cd "$1" && sha256sum -- *) >wanted
    (cd "$2" && sha256sum -- *) >found
    same wanted found
}

# build_pause FROM TO: the pause image on a base.
build_pause() {
    [ -f pause.exe ] || echo 'not a program' >pause.exe
    run 0 lp build --quiet --from "$1" --reg "$patches/pause.reg" --reg "$patches/diagtrack.reg" \
        --add pause.exe=/pause.exe --entrypoint '["/pause.exe"]' --to "$2"
}

# build_images: a base image, the pause image on it, and a HostProcess image, each as an OCI layout,
# an OCI archive and a docker archive. Sets $images, one operand on a line.
build_images() {
    make_image nanoserver base >base-name
    says base-name oci:base:ltsc2022
    images='oci:pause:3.9
oci-archive:pause.tar:3.9
docker-archive:pause-docker.tar:pause:3.9'
    for name in $images; do
        build_pause oci:base:ltsc2022 "$name"
    done
    for name in oci:hello:1 oci-archive:hello.tar:1 docker-archive:hello-docker.tar:hello:1; do
        run 0 lp scratch --quiet --add pause.exe=/hello.exe --entrypoint hello.exe --to "$name"
        images="$images
$name"
    done
}
