#!/bin/sh
# The three references from Dockerfiles of their instructions, written anew, from registry to registry:
# the pause image's base, the pause image on it for three versions of Windows, a HostProcess image.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program skopeo docker-registry "$PYTHON3"
. "$abs_srcdir/tests/interop/registry-lib.sh"
start_registry
here_registry=127.0.0.1:$port

files=
while read -r tag version; do
    make_image nanoserver "$tag" --links none --os-version "$version" --tag "$tag" >name
    run 0 sk copy -q --dest-tls-verify=false "oci:$tag:$tag" "$at/nanoserver:$tag"
    files="$files --build-context $here_registry/nanoserver:$tag=oci:$tag:$tag"
done <<'END'
1809 10.0.17763.5122
ltsc2022 10.0.20348.2700
ltsc2025 10.0.26100.1
END

mkdir base pause hello
cp "$patches/pause.reg" base
cat >base/Dockerfile <<END
ARG OSVERSION
FROM $here_registry/nanoserver:\${OSVERSION}
COPY pause.reg C:/pause.reg
RUN reg import C:\\pause.reg && del C:\\pause.reg
END
echo 'not a program' >pause/pause.exe
cat >pause/Dockerfile <<END
ARG BASE
ARG OSVERSION
FROM \${BASE}:\${OSVERSION}
COPY pause.exe /pause.exe
USER ContainerUser
ENTRYPOINT ["/pause.exe"]
END
echo 'not a program' >hello/hello.exe
cat >hello/Dockerfile <<'END'
FROM scratch
COPY hello.exe .
ENTRYPOINT ["hello.exe"]
END

# build NAME OPTION...: the lines with digests.
build() {
    folder=$1
    shift
    run 0 lp build --quiet -f "$folder/Dockerfile" "$@" "$folder"
    grep -E '^(manifest|index)' out
}
versions=1809,ltsc2022,ltsc2025
# shellcheck disable=SC2086
{
    for tag in 1809 ltsc2022 ltsc2025; do
        build base --build-arg "OSVERSION=$tag" $files --to "oci:file-base:$tag"
    done
    build hello --to oci:file-hello:1
} >from-files
for tag in 1809 ltsc2022 ltsc2025; do
    build base --build-arg "OSVERSION=$tag" --to "$at/pause-base:$tag"
done >from-registry
build hello --to "$at/hello:1" >>from-registry
same from-files from-registry

build pause --build-arg "BASE=$here_registry/pause-base" --each "OSVERSION=$versions" --to "$at/pause:1" >first
echo other >pause/pause.exe
build pause --build-arg "BASE=$here_registry/pause-base" --each "OSVERSION=$versions" --to "$at/pause:2" >second
echo 'not a program' >pause/pause.exe
set --
for tag in 1809 ltsc2022 ltsc2025; do
    set -- "$@" --build-context "$here_registry/pause-base:$tag=oci:file-base:$tag"
done
build pause --build-arg "BASE=$here_registry/pause-base" --each "OSVERSION=$versions" "$@" --to oci:file-pause:1 >found
same first found

# Into an empty cache.
rm -r "$XDG_CACHE_HOME"
for name in pause-base:1809 pause:1 pause:2 hello:1; do
    run 0 lp verify --quiet "$at/$name"
    run 0 lp explain --quiet "$at/$name"
done
run 0 lp explain --platform windows/amd64:10.0.20348 "$at/pause:1"
grep -q 'SYSTEM' out || fail "nothing is told of SYSTEM"
run 0 ht get "$at/pause:1[windows/amd64:10.0.17763]//SYSTEM" Select Current
run 1 lp diff --files --platform windows/amd64:10.0.20348 "$at/pause:1" "$at/pause:2"
grep -q 'pause.exe' out || fail "the diff does not name the file that is other"
run 0 lp diff --platform windows/amd64:10.0.20348 "$at/pause:1" "$at/pause:1"
run 0 lp cache ls
(cd "$cached" && for blob in *; do echo "$blob  $blob"; done | sha256sum --quiet -c -) || fail "a blob is not whole"
