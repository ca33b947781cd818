#!/bin/sh
# The configuration that instructions of a Dockerfile make is the one that buildah makes of them, field by field.
# shellcheck disable=SC2016
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
what="buildah's opinion of Dockerfiles"
command -v buildah >/dev/null || skip 'buildah' "$what"
[ "$(id -u)" = 0 ] || skip 'buildah as root' "$what"

# Nothing but the configuration, paths without a drive, no backslashes: it means the same on Linux.
cat >Dockerfile <<'END'
ARG VERSION=1.2
ARG NAME
ARG GIVEN=default
FROM scratch
ARG VERSION
ARG NAME=app
ARG GIVEN
ARG EXTRA=x${VERSION}
MAINTAINER Somebody <some@body>
ENV A=1 B="two words" C='$A' D=q\"q
ENV E old  form $A
ENV A=2 F=$A G=${A:-no} H=${NONE:-yes} I=${B:+set} J=${NONE:+set}
ENV K=${VERSION}-${NAME}-$EXTRA-$GIVEN L=a\ b M= N="x=y" O=${UNSET}.
LABEL a=b "c d"="e f" g.h='i $A' \
      # a comment inside

      version=$VERSION
LABEL one two words
EXPOSE 80 443/tcp 53/udp
EXPOSE $A$A
VOLUME /data /more
VOLUME ["/json data"]
USER user:group
WORKDIR /app
WORKDIR sub
WORKDIR ${NAME}/../x
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m30s --timeout=3s --start-period=10s --retries=4 CMD check $A
ENTRYPOINT ["/bin/app", "-c", "a b"]
CMD ["run this",  "$A", "and \"that\""]
SHELL ["sh", "-x", "-c"]
ONBUILD COPY . /app
END
mkdir ctx
b() {
    buildah --storage-driver vfs --root "$tmp/root" --runroot "$tmp/runroot" "$@" >log 2>&1
}
b bud --isolation chroot --format docker --build-arg GIVEN=given -t theirs -f Dockerfile ctx ||
    skip 'a buildah that builds FROM scratch' "$what"
b push theirs docker-archive:theirs.tar:theirs:1 || fail "$(cat log)"
run 0 lp build -q -f Dockerfile --build-arg GIVEN=given --to docker-archive:ours.tar:ours:1 ctx

cat >compare.py <<'END'
import json, sys, tarfile
def config(file):
    with tarfile.open(file) as tar:
        name = json.load(tar.extractfile("manifest.json"))[0]["Config"]
        return json.load(tar.extractfile(name))
ours, theirs = config("ours.tar"), config("theirs.tar")
print("author", "same" if ours["author"] == theirs["author"] else (ours["author"], theirs["author"]))
ours, theirs = ours["config"], theirs["config"]
# Differences that are known, and meant.
theirs["Env"].remove("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")  # buildah's own, of Linux
del theirs["Labels"]["io.buildah.version"]                  # who built it
theirs["WorkingDir"] = theirs["WorkingDir"].replace("/", "\\")  # the path of Windows, as BuildKit writes it
assert ours.pop("ArgsEscaped") is True                      # BuildKit's, of every CMD
for name in ["Hostname", "Domainname", "Image", "AttachStdin", "AttachStdout", "AttachStderr", "OpenStdin",
             "StdinOnce", "Tty"]:
    theirs.pop(name, None)                                  # of a container, not of an image
for name in sorted(set(ours) | set(theirs)):
    print(name, "same" if ours.get(name) == theirs.get(name) else (ours.get(name), theirs.get(name)))
END
"$PYTHON3" -S compare.py >found
for name in author Cmd Entrypoint Env ExposedPorts Healthcheck Labels OnBuild Shell StopSignal User Volumes WorkingDir; do
    echo "$name same"
done >wanted
same wanted found
