#!/bin/sh
# The options of the configuration, and what verify says of one.
. "${abs_srcdir:?}/tests/lib.sh"
needs_program "${PYTHON3:-python3}"
. "$abs_srcdir/tests/interop/image-lib.sh"
make_image nanoserver base --links none --os-version 10.0.20348.707 >name

# shown PATH: a member of the configuration, as JSON.
shown() {
    image config "$1" | "$PYTHON3" -S -c '
import json, sys
config = json.load(sys.stdin)
run = config["config"]
for name in ("architecture", "os.version", "author"):
    print(name, config.get(name))
for name in ("ExposedPorts", "Volumes", "Shell", "Healthcheck", "StopSignal"):
    print(name, json.dumps(run.get(name)))
print(config["history"][-1].get("comment"))'
}

set -- --os-version 10.0.20348.1 --arch arm64 --author me --comment 'a "remark"' --expose 80 --expose 53/UDP \
    --expose 1000-1010/tcp --volume 'C:\data' --shell '["powershell","-Command"]' --healthcheck 'check.exe -q' \
    --stop-signal SIGTERM --annotation a=b --annotation c=d=e
run 0 lp build --from oci:base:ltsc2022 "$@" --to oci:built:1
run 0 lp scratch "$@" --to oci:made:1
echo 'FROM oci:base:ltsc2022' >Dockerfile
run 0 lp build -q -f Dockerfile "$@" --to oci:file:1
for image in built made file; do
    shown "oci:$image:1" >found
    says found 'architecture arm64' 'os.version 10.0.20348.1' 'author me' \
        'ExposedPorts {"80/tcp": {}, "53/udp": {}, "1000-1010/tcp": {}}' 'Volumes {"C:\\data": {}}' \
        'Shell ["powershell", "-Command"]' 'Healthcheck {"Test": ["CMD-SHELL", "check.exe -q"]}' \
        'StopSignal "SIGTERM"' 'a "remark"'
    image manifest "oci:$image:1" | "$PYTHON3" -S -c '
import json, sys
annotations = json.load(sys.stdin)["annotations"]
print(annotations["a"], annotations["c"])' >found
    says found 'b d=e'
done
run 0 lp build --from oci:built:1 --os-version '' --healthcheck NONE --author '' --to oci:less:1
shown oci:less:1 >found
sed -n '2p;3p;7p' found >some
says some 'os.version None' 'author None' 'Healthcheck {"Test": ["NONE"]}'
for check in '["CMD","x"]' '{"Test":["CMD","x"],"Interval":1}'; do
    run 0 lp build --from oci:base:ltsc2022 --healthcheck "$check" --to oci:check:1
done
for bad in --os-version=10.0 --arch=x86 --expose=x --expose=65536 --expose=90-80 --healthcheck='[1]' --healthcheck='{"Test":1}' --expose=80/sctp --volume= --healthcheck= --healthcheck='[' \
    --annotation==x --shell='[1]'; do
    run 2 lp build --from oci:base:ltsc2022 "$bad" --to oci:bad:1
done
[ ! -e bad ] || fail "something was written"

# verify: what cannot be.
printf 'MZ%58s\100\0\0\0PE\0\0\144\252' '' >arm.exe
printf 'MZ%58s\100\0\0\0PE\0\0\144\206' '' >amd.exe
run 0 lp build --from oci:base:ltsc2022 --add amd.exe='C:\app\tool.exe' --add arm.exe='C:\app\arm.exe' --to oci:apps:1
# findings OPTION...: the ids of what is found in the image with these options.
findings() {
    rm -rf check
    lp build --quiet --from oci:apps:1 "$@" --to oci:check:2 >/dev/null || fail "cannot build with $*"
    lp verify --format=json oci:check:2 >out || :
    lp verify --format=sarif oci:check:2 | grep -o '"ruleId": *"config-[a-z-]*"' | sed 's/.*"config/config/; s/"//' | tr '\n' ' '
    echo
}
{
    findings --entrypoint '["C:\\app\\tool.exe"]'
    findings --entrypoint '["/app/tool"]'
    findings --workdir 'C:\app' --entrypoint '["tool"]'
    findings --env 'Path=C:\app' --entrypoint '["TOOL.EXE"]'
    findings --entrypoint '["C:\\app\\none.exe"]'
    findings --entrypoint '["none"]'
    findings --entrypoint '["C:\\app\\arm.exe"]'
    findings --arch arm64 --entrypoint '["C:\\app\\tool.exe"]'
    findings --env PATH=/usr/bin:/bin
    findings --workdir app
    findings --os-version 10.0.17763.1
    findings --os-version 10.0.20348.9
    findings --os-version '' --entrypoint '["none"]'
} >found
says found '' '' '' '' 'config-entrypoint ' 'config-entrypoint ' 'config-architecture ' 'config-architecture ' \
    'config-path ' 'config-workdir ' 'config-os-version ' 'config-os-version ' ''
# PATH in the registry, where Windows looks when Env has none.
cat >path.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment]
"Path"="%SystemRoot%\\system32;C:\\app"
END
findings --reg path.reg --entrypoint '["tool"]' >found
says found ''
SOURCE_DATE_EPOCH=9000000000 findings --user u >found
says found 'config-created '
run 0 lp verify oci:check:2

# What is no level is told before anything is read.
run 2 lp build --from oci:none --author x --compression=zstd:99 --to oci:c
says err 'layerpack: --compression=zstd:99: the level is from 1 to 19' "layerpack: see 'layerpack build --help'"
# Before anything is read: Docker's archives have no zstd, and an archive is never compressed as a whole.
run 4 lp build --from oci:none --author x --compression=zstd --to docker-archive:c.tar
says err 'layerpack: docker-archive:c.tar: zstd is not for a docker-archive'
for name in oci-archive:c.tar.gz docker-archive:c.tgz oci-archive:c.tar.zst:1; do
    run 2 lp scratch --to "$name"
    says err "layerpack: $name: an archive is written as a plain tar, in which the layers are compressed: give it a name that ends with .tar" \
        "layerpack: see 'layerpack scratch --help'"
done
