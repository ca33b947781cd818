#!/bin/sh
# layerpack build -f --each: one image for each value, in one index, all or none.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

set --
while read -r tag version; do
    make_image nanoserver "$tag" --links none --os-version "$version" --tag "$tag" >name
    set -- "$@" --build-context "mcr.microsoft.com/windows/nanoserver:$tag=oci:$tag:$tag"
done <<'END'
1809 10.0.17763.5122
ltsc2022 10.0.20348.2700
ltsc2025 10.0.26100.1
END
mkdir ctx
echo 'not a program' >ctx/pause.exe
cat >Dockerfile <<'END'
ARG OSVERSION
FROM mcr.microsoft.com/windows/nanoserver:${OSVERSION}
COPY pause.exe /
ENTRYPOINT ["/pause.exe"]
END

# index LAYOUT TAG: os.version of each entry of the index.
cat >index.py <<'END'
import json, sys
folder, tag = sys.argv[1:]
entry = [m for m in json.load(open(folder + "/index.json"))["manifests"]
         if m["annotations"]["org.opencontainers.image.ref.name"] == tag][0]
for member in json.load(open("%s/blobs/sha256/%s" % (folder, entry["digest"][7:])))["manifests"]:
    print(member["platform"]["os"], member["platform"]["architecture"], member["platform"]["os.version"])
END

run 0 lp build -f Dockerfile --each OSVERSION=1809,ltsc2022,ltsc2025 "$@" --to oci:img:1 ctx
says err 'layerpack: oci:img:1: windows/amd64:10.0.17763.5122: is the only one' \
    'layerpack: oci:img:1: windows/amd64:10.0.20348.2700: is new beside 1 other' \
    'layerpack: oci:img:1: windows/amd64:10.0.26100.1: is new beside 2 others'
grep '^for' out >found
says found 'for      OSVERSION=1809' 'for      OSVERSION=ltsc2022' 'for      OSVERSION=ltsc2025'
grep '^manifest' out >wanted
"$PYTHON3" -S index.py img 1 >found
says found 'windows amd64 10.0.17763.5122' 'windows amd64 10.0.20348.2700' 'windows amd64 10.0.26100.1'
run 0 lp verify oci:img:1
# What was built one by one is what is built at once.
for tag in 1809 ltsc2022 ltsc2025; do
    run 0 lp build -q -f Dockerfile --build-arg "OSVERSION=$tag" "$@" --to "oci:img:$tag" ctx
    head -n 1 out
done >single
same wanted single

# The layer is the same in all of them, and compressed once: a second one is not even begun.
run 0 faulty 'open:*/.layer.*:EIO@2' lp build -q -f Dockerfile --each OSVERSION=1809,ltsc2022,ltsc2025 "$@" \
    --to oci:once:1 ctx
grep '^manifest' out >found
same wanted found
run 5 faulty 'open:*/.layer.*:EIO@1' lp build -q -f Dockerfile --each OSVERSION=1809,ltsc2022 "$@" --to oci:no:1 ctx

# A second build takes the places of its own versions.
echo other >ctx/pause.exe
run 0 lp build -f Dockerfile --each OSVERSION=ltsc2022 "$@" --to oci:img:1 ctx
sed 's/sha256:[0-9a-f]*/sha256:…/' err >found
says found 'layerpack: oci:img:1: windows/amd64:10.0.20348.2700: takes the place of sha256:…'
"$PYTHON3" -S index.py img 1 >found
says found 'windows amd64 10.0.17763.5122' 'windows amd64 10.0.20348.2700' 'windows amd64 10.0.26100.1'

# All or none.
printf 'ARG OSVERSION\nFROM oci:${OSVERSION}:${OSVERSION}\nCOPY pause.exe /\n' >Local
run 5 lp build -f Local --each OSVERSION=1809,ltsc2027 --to oci:none:1 ctx
says out
says err 'layerpack: OSVERSION=ltsc2027: Local:2: oci:ltsc2027:ltsc2027: cannot open: No such file or directory'
[ ! -e none ] || fail "something was written"
run 6 lp build -f Dockerfile --each OSVERSION=1809,1809 "$@" --to oci:none:1 ctx
says err 'layerpack: OSVERSION=1809: gives an image for the same version of Windows as OSVERSION=1809'
[ ! -e none ] || fail "something was written"
run 2 lp build -f Dockerfile --each OSVERSION "$@" --to oci:none:1 ctx
head -n 1 err >found
says found "layerpack: --each 'OSVERSION': not of the form NAME=VALUE,VALUE"
run 2 lp build -f Dockerfile --each OSVERSION=1809, "$@" --to oci:none:1 ctx
head -n 1 err >found
says found "layerpack: --each 'OSVERSION=1809,': a value is empty"
run 2 lp build -f Dockerfile --each OSVERSION=1809 "$@" --to docker-archive:x.tar ctx
head -n 1 err >found
says found "layerpack: OSVERSION=1809: Dockerfile:2: docker-archive:x.tar: a docker-archive has no index; oci: and oci-archive: have"
