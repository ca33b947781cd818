#!/bin/sh
# The Dockerfiles of windows-pause-image-base, of Kubernetes' pause image and of the hello-world for
# HostProcess containers: the same instructions in other words, for four versions of Windows, the
# second image on the first; twice to the same digests, elsewhere, with another umask and time zone.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

versions=1809,1903,ltsc2022,ltsc2025
set --
while read -r tag version; do
    make_image nanoserver "$tag" --links none --os-version "$version" --tag "$tag" >name
    set -- "$@" --build-context "mcr.microsoft.com/windows/nanoserver:$tag-amd64=oci:../$tag:$tag"
done <<'END'
1809 10.0.17763.5122
1903 10.0.18362.1256
ltsc2022 10.0.20348.2700
ltsc2025 10.0.26100.1
END

mkdir -p one/base/binaries one/pause/bin one/pause/windows one/hello
cat >one/base/binaries/light.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc]
"EpMapDisallowedProtocols"="ncacn_ip_tcp"
"UuidSequenceNumber"=dword:01bcf674

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
"EnableDCOM"="N"
END
cat >one/base/Dockerfile <<'END'
ARG OSVERSION
FROM mcr.microsoft.com/windows/nanoserver:${OSVERSION}-amd64
COPY binaries /tools
USER ContainerAdministrator
RUN reg import tools\light.reg
# It takes processor time and nobody needs it.
RUN sc.exe delete diagtrack -f
USER ContainerUser
END
cat >one/pause/Dockerfile <<'END'
ARG BASE
FROM ${BASE}
ARG ARCH
ADD bin/pause-windows-${ARCH}.exe /pause.exe
ADD bin/wincat-windows-amd64 /Windows/System32/wincat.exe
ADD windows/note.txt /Windows/System32/diagtrack.dll
ENV PATH="C:\\Windows\\system32;C:\\Windows;"
ENTRYPOINT ["/pause.exe"]
END
for name in bin/pause-windows-amd64.exe bin/wincat-windows-amd64 windows/note.txt; do
    echo "not $name" >"one/pause/$name"
done
cat >one/hello/Dockerfile <<'END'
FROM example.com/host-process-base:v1
ADD hello.ps1 .
ENV PATH="C:\\Windows\\system32;C:\\Windows;C:\\WINDOWS\\System32\\WindowsPowerShell\\v1.0\\;"
ENTRYPOINT ["powershell.exe", "./hello.ps1"]
END
echo 'Write-Output Hello' >one/hello/hello.ps1

# build_all FOLDER: in FOLDER; what is printed and said.
build_all() (
    cd "$1"
    shift
    lp build -f base/Dockerfile --each OSVERSION=$versions "$@" --to oci:images:base base
    for tag in $(echo $versions | tr , ' '); do
        version=$(sed -n "s/^$tag //p" ../versions)
        lp build -f pause/Dockerfile --platform "windows/amd64:$version" --build-arg BASE=oci:images:base \
            --build-arg ARCH=amd64 --index --to oci:images:pause pause
    done
    lp scratch --to oci:images:scratch
    lp build -f hello/Dockerfile --build-context example.com/host-process-base:v1=oci:images:scratch \
        --to oci:images:hello hello
)
cat >versions <<'END'
1809 10.0.17763.5122
1903 10.0.18362.1256
ltsc2022 10.0.20348.2700
ltsc2025 10.0.26100.1
END

build_all one "$@" >first 2>said || fail "$(cat said)"
[ "$(grep -c '^for ' first)" -eq 4 ] || fail "not four versions: $(cat first said)"
cp -R one two
rm -r two/images
find two -exec touch -t 200102030405 {} +
(umask 077 && TZ=Pacific/Auckland LC_ALL=C && export TZ LC_ALL && build_all two "$@") >second 2>said
same first second

# Another user, whose files were made in another order, of another mode, in another place and language.
mkdir three
(cd one && find base pause hello -type f | LC_ALL=C sort -r) | while read -r file; do
    mkdir -p "three/$(dirname "$file")"
    cat "one/$file" >"three/$file"
    chmod 600 "three/$file"
done
other() {
    setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent TMPDIR="$tmp/three" "$@"
}
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && chmod 755 "$tmp" && chown -R 65534:65534 three &&
    other test -x "$abs_builddir/layerpack/layerpack" && other test -r "$tmp/ltsc2022/index.json"; then
    lp() {
        # shellcheck disable=SC2086
        other $TEST_WRAPPER "$abs_builddir/layerpack/layerpack" "$@"
    }
    (umask 027 && LC_ALL=C.UTF-8 && export LC_ALL && build_all three "$@") >third 2>said || fail "$(cat said)"
    same first third
    [ "$(stat -c %u three/images/index.json)" = 65534 ] || fail 'the other user built nothing'
    lp() {
        # shellcheck disable=SC2086
        $TEST_WRAPPER "$abs_builddir/layerpack/layerpack" "$@"
    }
else
    unproven 'root, who becomes another user' 'that a Dockerfile gives another user the same digests'
fi

cd one
for tag in base pause hello; do
    run 0 lp verify "oci:images:$tag"
done
run 0 lp ls oci:images:pause
[ "$(grep -c '^image ' out)" -eq 4 ] || fail "the index of pause has other than 4 images"
while read -r tag version; do
    for image in base pause; do
        lp extract --platform "windows/amd64:$version" -o "hives-$image-$tag" "oci:images:$image" SOFTWARE SYSTEM >out
        run 0 ht verify "SOFTWARE=hives-$image-$tag/SOFTWARE" base/binaries/light.reg
        run 1 ht get "hives-$image-$tag/SYSTEM" 'ControlSet001\Services\DiagTrack'
    done
done <../versions
