#!/bin/sh
# Layers and images are as secret as what they are made from; a standard output that fails does not
# hide that they were written.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
hives=$abs_srcdir/fixtures/hives
umask 022

# modes LINE...: mode and name of each file named in the lines.
modes() {
    for mode; do
        stat -c '%a %n' "${mode#* }"
    done >found
    says found "$@"
}

# --- create: of every hive, base and changed
cp "$hives/SOFTWARE" open
cp open secret
chmod 600 secret
run 0 ht apply -q -o changed open "$patches/pause.reg"
run 0 lp create -q --base SOFTWARE=open --changed SOFTWARE=changed -o open.tar
run 0 lp create -q --base SOFTWARE=secret --changed SOFTWARE=changed -o base.tar
run 0 lp create -q --base SOFTWARE=changed --changed SOFTWARE=secret -o changed.tar
run 0 lp create -q --form=full --changed SOFTWARE=secret -o full.tar.gz
modes '644 open.tar' '600 base.tar' '600 changed.tar' '600 full.tar.gz'
# What stood there can hide more.
chmod 640 open.tar
run 0 lp create -q --base SOFTWARE=open --changed SOFTWARE=changed -o open.tar
modes '640 open.tar'

# --- build: of the patches and of the layers below, in a layout and in archives
make_image nanoserver base --links none >name
make_image nanoserver base.tar --form docker-archive --links none >name
cp "$patches/pause.reg" secret.reg
chmod 600 secret.reg

# new_layer DIR TAG: the name of the topmost layer's blob.
new_layer() {
    "$PYTHON3" -S -c 'import json, sys
def blob(digest):
    return sys.argv[1] + "/blobs/" + digest.replace(":", "/")
for entry in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    if entry["annotations"]["org.opencontainers.image.ref.name"] == sys.argv[2]:
        print(blob(json.load(open(blob(entry["digest"])))["layers"][-1]["digest"]))' "$1" "$2"
}

run 0 lp build -q --from oci:base:ltsc2022 --reg "$patches/pause.reg" --to oci:img:open
run 0 lp build -q --from oci:base:ltsc2022 --reg "$patches/diagtrack.reg" secret.reg --to oci:img:secret
modes "644 $(new_layer img open)" "600 $(new_layer img secret)" '644 img/index.json'
run 0 lp build -q --from oci:base:ltsc2022 --reg secret.reg --to oci-archive:secret-oci.tar
run 0 lp build -q --from oci:base:ltsc2022 --reg "$patches/pause.reg" --to oci-archive:open-oci.tar
run 0 lp build -q --from docker-archive:base.tar --reg secret.reg --to docker-archive:secret-docker.tar
modes '644 open-oci.tar' '600 secret-oci.tar' '600 secret-docker.tar'
# On top of a secret layer, whether anything is added or not; in the same layout others stay open.
run 0 lp build -q --from oci:img:secret --label a=b --to oci-archive:label.tar
run 0 lp build -q --from oci:img:secret --reg "$patches/diagtrack.reg" --label c=d --to oci:img:more
run 0 lp build -q --from oci:img:open --reg "$patches/diagtrack.reg" --to oci:img:fine
modes '600 label.tar' "600 $(new_layer img more)" "644 $(new_layer img fine)"
# A blob that has to be copied.
run 0 faulty 'link:*:EXDEV' lp build -q --from oci:img:secret --label a=b --to oci:copied:1
modes "600 $(new_layer copied 1)"
run 0 faulty 'link:*:EXDEV' lp build -q --from oci:base:ltsc2022 --reg secret.reg --to oci:copied:2
modes "600 $(new_layer copied 2)"

# --- what is read out of them
run 0 lp extract -q oci:img:open SOFTWARE -o extracted-open
run 0 lp extract -q oci:img:secret SOFTWARE -o extracted-secret
run 0 ht export -q -o exported-open oci:img:open//SOFTWARE
run 0 ht export -q -o exported-secret oci:img:secret//SOFTWARE
run 0 ht export -q -o exported-tar oci-archive:secret-oci.tar//SOFTWARE
modes '644 extracted-open/SOFTWARE' '600 extracted-secret/SOFTWARE' '644 exported-open' \
    '600 exported-secret' '600 exported-tar'

# --- a standard output that fails
[ -c /dev/full ] || skip "there is no /dev/full" "a disk that is full"
# lost FILE COMMAND...: written all the same, and told.
lost() {
    lost_file=$1
    shift
    status=0
    "$@" >/dev/full 2>err || status=$?
    [ "$status" -eq 5 ] || fail "status $status: $*"
    says err "layerpack: standard output: cannot write: No space left on device (written before: $lost_file)"
}
lost lost.tar lp create -q --base SOFTWARE=open --changed SOFTWARE=changed -o lost.tar
lost oci:lost:1 lp build -q --from oci:base:ltsc2022 --reg secret.reg --to oci:lost:1
lost oci:lost:2 lp scratch -q --to oci:lost:2
lost lost/SOFTWARE lp extract -q oci:img:open SOFTWARE -o lost
run 0 lp verify -q lost.tar
run 0 lp verify -q oci:lost:1
run 0 ht ls lost/SOFTWARE

# --- build: of images that files are copied from, also by COPY --from and through a stage
mkdir ctx
printf 'FROM oci:base:ltsc2022\nCOPY --from=oci:img:secret Windows/System32/ntdll.dll C:/a.dll\n' >Copied
printf 'FROM oci:img:secret AS files\nFROM oci:base:ltsc2022\nCOPY --from=files Windows/System32/ntdll.dll C:/a.dll\n' >Staged
printf 'FROM oci:base:ltsc2022\nCOPY --from=oci:img:open Windows/System32/ntdll.dll C:/b.dll\n' >Open
run 0 lp build -q -f Copied --to oci:img:copied ctx
run 0 lp build -q -f Staged --to oci:img:staged ctx
run 0 lp build -q -f Open --to oci:img:copied-open ctx
printf 'FROM oci:base:ltsc2022\n' >Extra
run 0 lp build -q -f Extra --copy-from 'oci:img:secret=C:\Windows\System32\ntdll.dll=C:\c.dll' --to oci:extra:1 ctx
run 0 lp scratch -q --copy-from 'oci:img:secret=C:\Windows\System32\ntdll.dll=C:\c.dll' --to oci-archive:scratch.tar
modes '600 scratch.tar' "600 $(new_layer img copied)" "600 $(new_layer img staged)" "644 $(new_layer img copied-open)" \
    "600 $(new_layer extra 1)"
