#!/bin/sh
# Images in a registry, read and written through skopeo, with the cache.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program skopeo docker-registry "$PYTHON3"
. "$abs_srcdir/tests/interop/registry-lib.sh"
start_registry

make_image nanoserver base --links none --os-version 10.0.17763.5122 >name
read -r base <name
make_image nanoserver newer --links none --os-version 10.0.20348.2700 --tag new >name
run 0 sk copy -q --dest-tls-verify=false "$base" "$at/win/base:1809"
run 0 sk copy -q --dest-tls-verify=false oci:newer:new "$at/win/base:ltsc2022"
layer=$(image layers "$base" | sed 's/^sha256:\([0-9a-f]*\) .*/\1/')

# What is read is what was written; only what is read is fetched, and once.
run 0 lp build --from "$at/win/base:1809" --user u --base-name example/base --to oci:user:1
cp out from-registry
run 0 lp build --from "$base" --user u --base-name example/base --to oci:user:2
same out from-registry
rm -r "$XDG_CACHE_HOME"
run 0 lp build --from "$at/win/base:1809" --user u --to "$at/win/user:1"
[ ! -e "$cached/$layer" ] || fail "a layer was fetched that nobody reads"
echo tool >tool.exe
run 0 lp build --from "$at/win/base:1809" --add tool.exe=/tool.exe --to "$at/win/tool:1"
says err "layerpack: $at/win/base:1809: its layers are not fetched, so what files replace in them is not looked at"
[ ! -e "$cached/$layer" ] || fail "a layer was fetched that nobody reads"
run 0 ht get "$at/win/base:1809//SYSTEM" Select Current
says out 'dword 0x00000001 (1)'
[ -e "$cached/$layer" ] || fail "the layer is not in the cache"
: >registry.log
run 0 lp verify "$at/win/base:1809"
run 0 lp explain "$at/win/base:1809"
[ "$(gets blobs)" -eq 0 ] || fail "a blob was fetched again"
run 0 lp verify "$at/win/user:1"
run 0 lp verify "$at/win/tool:1"

# The registry is read too when it is changed: the same digests as from files.
build_pause "$base" oci:pause:1
run 0 lp build --quiet --from "$base" --base-name b --reg "$patches/pause.reg" --to oci:pause:2
cp out from-files
run 0 lp build --quiet --from "$at/win/base:1809" --base-name b --reg "$patches/pause.reg" --to "$at/win/pause:1"
same from-files out
run 0 sk copy -q --src-tls-verify=false "$at/win/pause:1" oci:back:1
sound oci:back:1
image manifest oci:pause:2 >wanted
image manifest oci:back:1 >found
same wanted found

# By digest nobody is asked.
digest=$(sed -n 's/^manifest *//p' from-files)
run 0 lp ls "$at/win/pause@$digest"
cp out wanted
: >registry.log
run 0 env PATH=/nonexistent "$abs_builddir/layerpack/layerpack" ls "$at/win/pause@$digest"
same wanted out

# An index under a name; what has it stays.
for tag in 1809 ltsc2022; do
    run 0 lp build --from "$at/win/base:$tag" --user u --index --to "$at/win/many:1"
done
says err "layerpack: $at/win/many:1: windows/amd64:10.0.20348.2700: is new beside 1 other"
run 0 lp verify "$at/win/many:1"
[ "$(grep -c '^image windows/amd64' out)" -eq 2 ] || fail "not two images"
run 0 sk inspect --raw --tls-verify=false "$at/win/many:1"
cp out many.json
run 6 lp build --from "$at/win/base:ltsc2022" --user u --to "$at/win/user:1"
says err "layerpack: $at/win/user:1: '1' is the name of an image for windows/amd64:10.0.17763.5122; --replace gives it to the new one, for windows/amd64:10.0.20348.2700, or give another TAG"
run 2 lp build --from "$at/win/base:ltsc2022" --user u --to "$at/win/base:ltsc2022"

# From files to a registry that has nothing of it, and from one repository to another.
run 0 lp build --from "$base" --user u --to "$at/other/user:1"
run 0 lp build --from "$at/win/base:ltsc2022" --user u --to "$at/third/user:1"
run 0 lp scratch --to "$at/hpc:1"
run 0 lp verify "$at/third/user:1"

# dir: in both directions.
run 0 sk copy -q --all --src-tls-verify=false "$at/win/many:1" dir:many
run 0 lp verify --quiet dir:many
[ "$(grep -c '^ok: 1 layer$' out)" -eq 2 ] || fail "dir: is not read"
run 0 lp build --from "$base" --user u --to dir:one
run 0 lp verify dir:one
run 0 sk copy -q dir:one oci:one-back:1
sound oci:one-back:1
run 2 lp build --from "$base" --user u --to dir:one
says err 'layerpack: dir:one: the folder is not empty' "layerpack: see 'layerpack build --help'"

# What is not there, and what is not what it should be.
run 1 lp ls "$at/win/none:1"
grep -q '^layerpack: docker://.*/win/none:1: skopeo: .*manifest unknown' err || fail "not told that there is no image"
run 1 lp cache prune docker://example.com/none
says err 'layerpack: docker://example.com/none: is not in the cache'
data=$(find registry -path "*/$layer/data")
cp "$data" layer-data
rm -r "$XDG_CACHE_HOME"
printf x | dd of="$data" bs=1 seek=1000 conv=notrunc 2>/dev/null
run 5 lp verify "$at/win/base:1809"
[ ! -e "$cached/$layer" ] || fail "a wrong blob is in the cache"
# Cut off half-way.
head -c 100000 layer-data >"$data"
run 5 ht get "$at/win/base:1809//SYSTEM" Select Current
[ ! -e "$cached/$layer" ] || fail "half a blob is in the cache"
cp layer-data "$data"
run 0 ht get "$at/win/base:1809//SYSTEM" Select Current

# Two at once on one cache.
rm -r "$XDG_CACHE_HOME"
lp build --from "$at/win/base:1809" --reg "$patches/pause.reg" --to oci:first:1 >one-out 2>one-err &
one=$!
lp build --from "$at/win/base:1809" --reg "$patches/pause.reg" --to oci:second:1 >two-out 2>two-err &
wait "$!" || fail "the second failed: $(cat two-err)"
wait "$one" || fail "the first failed: $(cat one-err)"
same one-out two-out
run 0 lp cache ls
grep -v bytes out >found
says found "$at/win/base:1809"
(cd "$cached" && for blob in *; do echo "$blob  $blob"; done | sha256sum --quiet -c -) || fail "a blob is not whole"
ls -A "$XDG_CACHE_HOME/layerpack" >found
says found blobs index.json oci-layout
run 0 lp cache prune
says out '0 blobs removed, 0 bytes'
run 0 lp cache prune "$at/win/base:1809"
lacks out '^0 blobs'
run 0 lp cache prune --all

kill_registry
run 5 lp ls "$at/win/base:1809"
grep -q 'connection refused' err || fail "not told that the registry is not there"
run 5 lp scratch --to "$at/hpc:2"
ls -A "$XDG_CACHE_HOME/layerpack" >found
says found blobs index.json oci-layout

# With a login.
# The C library of Debian makes bcrypt hashes; perl, which Automake needs, asks it for one.
users=$(perl -e 'print "user:", crypt("secret", q($2y$05$abcdefghijklmnopqrstuu))' 2>/dev/null) || users=
case $users in
user:\$2y\$*) echo "$users" >users ;;
*)
    unproven "no bcrypt in the C library: no login was tried"
    exit 0
    ;;
esac
start_registry "auth:
  htpasswd:
    realm: here
    path: $tmp/users"
run 5 lp ls "$at/win/base:1809"
lacks err secret
REGISTRY_AUTH_FILE=$tmp/auth.json
export REGISTRY_AUTH_FILE
run 0 sh -c "echo secret | skopeo login --tls-verify=false -u user --password-stdin 127.0.0.1:$port"
run 0 lp verify "$at/win/base:1809"
run 0 lp build --from "$at/win/base:1809" --user u --to "$at/win/login:1"
