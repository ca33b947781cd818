#!/bin/sh
# containerd imports our archives: names, platforms, and every blob by its digest. Unpacking needs
# Windows and is not tried.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program containerd ctr "$PYTHON3"

# A containerd of our own, that knows nothing but images and their content. A socket's path is at
# most 107 bytes.
[ ${#tmp} -le 80 ] || skip "the temporary folder's name is too long for a socket"
cat >config.toml <<END
version = 2
root = "$tmp/root"
state = "$tmp/state"
disabled_plugins = [
  "io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.restart", "io.containerd.internal.v1.tracing",
  "io.containerd.monitor.v1.cgroups", "io.containerd.runtime.v1.linux",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.overlayfs",
  "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "$tmp/sock"
  uid = $(id -u)
  gid = $(id -g)
[ttrpc]
  address = "$tmp/sock.ttrpc"
  uid = $(id -u)
  gid = $(id -g)
END
containerd --config config.toml >containerd.log 2>&1 &
containerd=$!
stop_containerd() {
    kill "$containerd" 2>/dev/null || :
    wait "$containerd" 2>/dev/null || :
    remove_tmp
}
trap stop_containerd EXIT

cr() {
    ctr --address "$tmp/sock" --connect-timeout 5s "$@"
}

tries=0
while ! cr version >version.out 2>&1; do
    tries=$((tries + 1))
    kill -0 "$containerd" 2>/dev/null ||
        skip "containerd does not run here: $(tail -n 1 containerd.log)"
    [ "$tries" -le 100 ] || fail "containerd does not answer: $(cat containerd.log)"
    sleep 0.1
done

# listed: name and platforms of the images there, sorted.
listed() {
    cr images ls >listing
    awk 'NR > 1 { for (i = 2; i <= NF; i++) if ($i ~ /^(windows|linux)\//) print $1, $i }' listing |
        sort
}

# holds IMAGE: every blob of an OCI image is in containerd's store, byte for byte.
holds() {
    image manifest "$1" | sed -n 's/^ .*"digest": "sha256:\([0-9a-f]*\)".*/\1/p' >digests
    [ -s digests ] || fail "$1: no digests"
    while read -r digest; do
        cr content get "sha256:$digest" >blob
        echo "$digest  blob" | sha256sum --check --quiet >&2 || fail "$1: $digest differs"
    done <digests
}

build_images

run 0 cr images import --no-unpack --all-platforms --base-name example.invalid/pause pause.tar
listed >found
says found 'example.invalid/pause:3.9 windows/amd64'
holds oci-archive:pause.tar:3.9

run 0 cr images import --no-unpack --all-platforms --base-name example.invalid/hello hello.tar
listed >found
says found 'example.invalid/hello:1 windows/amd64' 'example.invalid/pause:3.9 windows/amd64'
holds oci-archive:hello.tar:1

# A docker archive brings its own name; containerd makes the manifest.
run 0 cr images import --no-unpack --all-platforms pause-docker.tar
run 0 cr images import --no-unpack --all-platforms hello-docker.tar
listed >found
says found \
    'docker.io/library/hello:1 windows/amd64' \
    'docker.io/library/pause:3.9 windows/amd64' \
    'example.invalid/hello:1 windows/amd64' \
    'example.invalid/pause:3.9 windows/amd64'

# And back: what containerd exports is our image still.
run 0 cr images export --all-platforms exported.tar example.invalid/pause:3.9
image manifest oci-archive:pause.tar:3.9 >wanted
image manifest oci-archive:exported.tar >found
same wanted found
sound oci-archive:exported.tar
hives_of oci:pause:3.9 hives-pause
hives_of oci-archive:exported.tar hives-exported
same_hives hives-pause hives-exported
