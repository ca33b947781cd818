#!/bin/sh
# The main job, on the bundled hives: a .reg patch becomes a container layer, every step shown.
# Installs what is missing from Debian's packages, builds in build-demo/, writes to demo-output/.
set -eu
cd "$(dirname "$0")"
. tests/setup-debian.sh
# shellcheck disable=SC2086
need $build_packages python3
build build-demo

PATH=$PWD/build-demo/hivetool:$PWD/build-demo/layerpack:$PATH
export PATH
unset SOURCE_DATE_EPOCH
hives=fixtures/hives
patches=fixtures/patches
out=demo-output
rm -rf "$out"
mkdir "$out"

# show COMMAND...: prints the command, then runs it.
show()
{
    printf '\n$ %s\n' "$*"
    "$@"
}

# differ COMMAND...: the same for a diff that must find something (exit status 1).
differ()
{
    status=0
    show "$@" || status=$?
    [ "$status" -eq 1 ] || exit "$status"
}

echo '== 1. The patches: the change that the Kubernetes pause image needs'
show cat "$patches/pause.reg" "$patches/diagtrack.reg"

echo
echo '== 2. Apply them to the hives of the base layer; the originals stay as they are'
show hivetool apply -o "$out/SOFTWARE" "$hives/SOFTWARE" "$patches/pause.reg"
show hivetool apply -o "$out/SYSTEM" "$hives/SYSTEM" "$patches/diagtrack.reg"

echo
echo '== 3. Is this all that changed?'
differ hivetool diff "$hives/SOFTWARE" "$out/SOFTWARE"
differ hivetool diff "$hives/SYSTEM" "$out/SYSTEM"
show hivetool verify "$out/SOFTWARE" "$patches/pause.reg"
echo 'every line of the patch holds'

echo
echo '== 4. Pack the change as a layer of differencing hives'
show layerpack create \
    --base SOFTWARE="$hives/SOFTWARE" --changed SOFTWARE="$out/SOFTWARE" \
    --base SYSTEM="$hives/SYSTEM" --changed SYSTEM="$out/SYSTEM" -o "$out/layer.tar"
show layerpack ls --long "$out/layer.tar"
show layerpack verify "$out/layer.tar"

echo
echo '== 5. An independent reader: base and layer merged are the patched hives'
(cd "$out" && tar -xf layer.tar --warning=no-unknown-keyword Hives/Software_Delta Hives/System_Delta)
for name in Software:SOFTWARE System:SYSTEM; do
    show python3 tests/interop/hive.py merge-compare "$hives/${name#*:}" \
        "$out/Hives/${name%:*}_Delta" "$out/${name#*:}"
    echo 'equal in every key, value, class and security descriptor'
done

echo
echo '== 6. The same digest on every run and machine'
show sha256sum "$out/layer.tar"

echo
echo '== 7. From image to image: a synthetic base image, the patches, a finished image'
show python3 tests/interop/make-image.py nanoserver "$out/nanoserver"
show layerpack build --from "oci:$out/nanoserver:ltsc2022" \
    --reg "$patches/pause.reg" "$patches/diagtrack.reg" --to "oci:$out/pause:3.10"
show layerpack explain --layer 2 "oci:$out/pause:3.10"
show layerpack explain --key 'HKLM\SOFTWARE\Microsoft\Ole::EnableDCOM' "oci:$out/pause:3.10"
show layerpack verify "oci:$out/pause:3.10"
