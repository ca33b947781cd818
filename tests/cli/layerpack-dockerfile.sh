#!/bin/sh
# layerpack build -f: what instructions make of the files and the configuration, and what is refused.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3" tar gzip ln
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

make_image nanoserver base --links none >name

# config FILTER IMAGE: a member of the configuration, by an independent reader.
cat >config.py <<'END'
import json, sys
folder, tag = sys.argv[1][4:].rsplit(":", 1)
blob = lambda digest: json.load(open("%s/blobs/sha256/%s" % (folder, digest[7:])))
index = json.load(open(folder + "/index.json"))
entry = [m for m in index["manifests"]
         if m.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag][0]
config = blob(blob(entry["digest"])["config"]["digest"])
if sys.argv[2] == "history":
    for step in config["history"]:
        print("-" if step.get("empty_layer") else "+", step["created_by"])
else:
    print(json.dumps(config[sys.argv[2]], sort_keys=True))
END
config() {
    "$PYTHON3" -S config.py "$1" "$2"
}

# refused STATUS MESSAGE TEXT [OPTION...]: of a Dockerfile with that text; nothing is written.
refused() {
    wanted_status=$1
    wanted=$2
    printf '%s\n' "$3" >Refused
    shift 3
    run "$wanted_status" lp build -q -f Refused --to oci:refused:1 "$@" ctx
    says out
    head -n 1 err >found
    says found "layerpack: $wanted"
    [ ! -e refused ] || fail "something was written"
}

mkdir -p ctx/dir/sub ctx/bin
echo pause >ctx/pause.exe
echo a >ctx/dir/a.txt
echo b >ctx/dir/sub/b.txt
echo tool >ctx/bin/Tool.exe
echo secret >ctx/secret.key
printf '*.key\ndir/sub\n!dir/sub/b.txt\n' >ctx/.dockerignore

# --- stages, files, configuration ---
cat >Dockerfile <<'END'
# escape=`
ARG BASE
FROM ${BASE} AS files
WORKDIR C:\app
COPY dir\ C:\data\
COPY ["bin/tool.exe", "."]
FROM files
ARG NAME=pause
COPY ${NAME}.exe /
COPY --from=files C:\data\sub\*.txt deep\
ENV A=1 PATH="C:\app;%PATH%"
ENV A 2  and more
EXPOSE 80 7000-7001/udp
VOLUME C:\data
LABEL a.b="c d"
USER ContainerUser
HEALTHCHECK --interval=30s --retries=3 CMD probe
ENTRYPOINT ["/pause.exe"]
CMD echo hi
END
run 0 lp build -f Dockerfile --build-arg BASE=oci:base:ltsc2022 --to oci:img:1 ctx
says err
run 0 image check oci:img:1
says out "ok: 3 layers"
run 0 lp verify oci:img:1
run 0 image names oci:img:1 1
says out Files Hives Hives/DefaultUser_Delta Hives/Sam_Delta Hives/Security_Delta \
    Hives/Software_Delta Hives/System_Delta Files/app Files/app/Tool.exe Files/data \
    Files/data/a.txt Files/data/sub Files/data/sub/b.txt
run 0 image names oci:img:1 2
says out Files Hives Hives/DefaultUser_Delta Hives/Sam_Delta Hives/Security_Delta \
    Hives/Software_Delta Hives/System_Delta Files/app Files/app/deep Files/app/deep/b.txt \
    Files/pause.exe
config oci:img:1 history | sed 1d >found
says found '- WORKDIR C:\app' '- COPY dir\ C:\data\' '+ COPY ["bin/tool.exe", "."]' \
    '- ARG NAME=pause' '- COPY ${NAME}.exe /' '+ COPY --from=files C:\data\sub\*.txt deep\' \
    '- ENV A=1 PATH="C:\app;%PATH%"' '- ENV A 2  and more' '- EXPOSE 80 7000-7001/udp' \
    '- VOLUME C:\data' '- LABEL a.b="c d"' '- USER ContainerUser' \
    '- HEALTHCHECK --interval=30s --retries=3 CMD probe' '- ENTRYPOINT ["/pause.exe"]' '- CMD echo hi'
config oci:img:1 config >found
says found '{"ArgsEscaped": true, "Cmd": ["cmd", "/S", "/C", "echo hi"], "Entrypoint": ["/pause.exe"], "Env": ["A=2  and more", "PATH=C:\\app;%PATH%"], "ExposedPorts": {"7000/udp": {}, "7001/udp": {}, "80/tcp": {}}, "Healthcheck": {"Interval": 30000000000, "Retries": 3, "Test": ["CMD-SHELL", "probe"]}, "Labels": {"a.b": "c d"}, "User": "ContainerUser", "Volumes": {"C:\\data": {}}, "WorkingDir": "\\app"}'

# The same bytes from another folder, with another umask, time zone and time of the files.
cp out before
mkdir elsewhere
cp -R ctx elsewhere/other
touch -t 200001010000 elsewhere/other/pause.exe
(
    umask 077
    cd elsewhere
    TZ=Asia/Tokyo LC_ALL=C lp build -f ../Dockerfile --build-arg BASE=oci:../base:ltsc2022 --to oci:img:1 other
) >found
run 0 lp build -f Dockerfile --build-arg BASE=oci:base:ltsc2022 --to oci:again:1 ctx
same out found

# --- a layer for each instruction; a target; the rest of the command line comes last ---
run 0 lp build -q -f Dockerfile --build-arg BASE=oci:base:ltsc2022 --target files --layers=each \
    --add 'ctx/pause.exe=C:\last.exe' --user other --to oci:img:each ctx
run 0 image check oci:img:each
says out "ok: 5 layers"
config oci:img:each history | sed 1d >found
says found '+ WORKDIR C:\app' '+ COPY dir\ C:\data\' '+ COPY ["bin/tool.exe", "."]' \
    '+ layerpack build: 1 file added'

# --- names of images and stages that the command line gives ---
printf 'FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY --from=golang:1.22 /bin/Tool.exe C:/\n' >Named
run 0 lp build -q -f Named --build-context mcr.microsoft.com/windows/nanoserver:ltsc2022=oci-layout://base:ltsc2022 \
    --build-context golang:1.22=ctx --to oci:img:named
run 0 image names oci:img:named 1
tail -n 1 out >found
says found Files/Tool.exe
# A stage in whose place a folder stands is not looked at.
printf 'FROM golang:1.22 AS build\nRUN go build\nFROM oci:base:ltsc2022\nCOPY --from=build bin/ C:/bin/\n' >Replaced
run 0 lp build -q -f Replaced --build-context build=ctx --to oci:img:replaced
run 0 image names oci:img:replaced 1
tail -n 1 out >found
says found Files/bin/Tool.exe

# What is nothing else is in a registry.
echo 'FROM golang:1.22' >Registry
mkdir -p no-programs
run 5 env PATH="$PWD/no-programs" XDG_CACHE_HOME="$PWD/cache" "$abs_builddir/layerpack/layerpack" build -f Registry --to oci:img:none
grep -q '^layerpack: Registry:1: docker://golang:1.22: is reached through skopeo, which is not here' err ||
    fail "not told what is missing: $(cat err)"
rm -r cache no-programs

# --- ADD unpacks a tar, and no zip ---
mkdir -p packed/sub
echo one >packed/one
ln packed/one packed/two
echo three >packed/sub/three
tar -czf ctx/packed.tar.gz -C packed .
printf 'PK\003\004' >ctx/packed.zip
printf 'FROM oci:base:ltsc2022\nADD packed.tar.gz C:/all\nADD packed.zip C:/zip/\nADD --unpack=false packed.tar.gz C:/raw/\n' >Packed
run 0 lp build -q -f Packed --to oci:img:packed ctx
run 0 image names oci:img:packed 1
sed 1,7d out >found
says found Files/all Files/all/one Files/all/sub Files/all/sub/three Files/all/two \
    Files/raw Files/raw/packed.tar.gz Files/zip Files/zip/packed.zip
# Names in UTF-8, whatever the locale is; nothing but zeros, and text of uuencode, are files.
green=$(printf 'gr\303\274n')
echo green >"packed/$green"
tar --format=gnu -cf ctx/gnu.tar -C packed "./$green"
tar --format=posix -cf ctx/pax.tar -C packed "./$green"
rm "packed/$green"
head -c 2048 /dev/zero >ctx/zeros.bin
{
    printf 'begin-base64 644 pax.tar\n'
    base64 ctx/pax.tar
    printf '====\n'
} >ctx/encoded.txt
printf 'FROM oci:base:ltsc2022\nADD gnu.tar C:/gnu/\nADD pax.tar C:/pax/\nADD zeros.bin encoded.txt C:/\n' >Packed
for locale in C C.UTF-8; do
    run 0 env LC_ALL=$locale "$abs_builddir/layerpack/layerpack" build -q -f Packed --to "oci:img:$locale" ctx
    run 0 image names "oci:img:$locale" 1
    sed 1,7d out >found
    says found Files/encoded.txt Files/gnu "Files/gnu/$green" Files/pax "Files/pax/$green" Files/zeros.bin
done
ln -s one packed/link
tar -cf ctx/links.tar -C packed .

# --- refused, with the line ---
refused 4 "Refused:2: ADD: ctx/links.tar: './link' is neither a file nor a folder" 'FROM oci:base:ltsc2022
ADD links.tar C:/'
refused 4 "Refused:2: RUN: 'go' needs to be executed; --build-context build=DIR gives what the stage makes" \
    'FROM localhost:1/golang:1.22 AS build
RUN CGO_ENABLED=0 go build .
FROM oci:base:ltsc2022
COPY --from=build /x.exe /'
refused 2 "--build-context 'a=nothing': nothing is neither a folder nor an image like oci:DIR:TAG" \
    'FROM oci:base:ltsc2022' --build-context a=nothing
refused 2 'Refused:2: FROM ${BASE}: needs --build-arg BASE=…' 'ARG BASE
FROM ${BASE}'
refused 2 'Refused:2: FROM nanoserver:${V}: needs --build-arg V=…' 'ARG V
FROM nanoserver:${V}'
refused 4 "Refused:2: RUN: 'msiexec' needs Windows; --skip-run=PATTERN passes over a line that only prints" 'FROM oci:base:ltsc2022
RUN msiexec /i x.msi'
refused 4 "Refused:2: ADD: nothing is fetched here: curl -fLo x.zip 'https://example.com/x.zip?y', and COPY x.zip" \
    'FROM oci:base:ltsc2022
ADD https://example.com/x.zip?y C:/'
refused 4 "Refused:2: COPY: --chown is not done here: files of Windows belong to whom their descriptors say" \
    'FROM oci:base:ltsc2022
COPY --chown=me pause.exe C:/'
refused 3 'Refused:2: COPY: secret.key: is left out of the context by ctx/.dockerignore' 'FROM oci:base:ltsc2022
COPY secret.key C:/'
refused 3 'Refused:2: COPY: nothing.exe: is not in the context ctx' 'FROM oci:base:ltsc2022
COPY nothing.exe C:/'
refused 3 'Refused:2: COPY: ../pause.exe: leads out of the context' 'FROM oci:base:ltsc2022
COPY ../pause.exe C:/'
refused 3 'Refused:2: COPY: several sources, and the destination C:/x does not end in a slash' 'FROM oci:base:ltsc2022
COPY pause.exe dir C:/x'
ln -s /etc ctx/out
refused 4 'Refused:2: COPY: out: a link leads out of the context ctx; a --build-context can name what it leads to' \
    'FROM oci:base:ltsc2022
COPY out/passwd C:/'
rm ctx/out
refused 2 "Refused: has no stage 'b'; there are a" 'FROM oci:base:ltsc2022 AS a' --target b
refused 2 "--build-arg 'X': not of the form NAME=VALUE; the environment is not asked" 'FROM oci:base:ltsc2022' \
    --build-arg X
run 2 lp build -f Dockerfile --to oci:x:1 ctx more
head -n 1 err >found
says found "layerpack: more: with -f there is one operand, the context; patches are given by --reg"

# --- a dry run says what was done and writes nothing ---
run 0 lp build -n -f Named --build-context mcr.microsoft.com/windows/nanoserver:ltsc2022=oci:base:ltsc2022 \
    --build-context golang:1.22=ctx
says out 'Named:2: COPY --from=golang:1.22 /bin/Tool.exe C:/'

# Beside --to, too.
run 0 lp build -n -f Named --build-context mcr.microsoft.com/windows/nanoserver:ltsc2022=oci:base:ltsc2022 \
    --build-context golang:1.22=ctx --to oci:dry:1
says out 'Named:2: COPY --from=golang:1.22 /bin/Tool.exe C:/'
[ ! -e dry ] || fail 'a dry run has written'

# --- the PATH of Windows is in no ENV ---
printf '%s\n' '# escape=`' 'FROM oci:base:ltsc2022' 'ENV PATH="C:\x;${PATH}"' >Path
run 0 lp build -f Path --to oci:path:1 ctx
says err 'layerpack: Path:3: $PATH is not set here, so it is empty: it is in no ENV or ARG of the stage or its base; Windows has it in the registry, RUN setx /M PATH adds to it there'

# --- a name that no stage has ---
printf '%s\n' 'FROM oci:base:ltsc2022 AS builder' 'FROM oci:base:ltsc2022 AS other' 'COPY --from=buidler /a /b' >Slip
run 0 lp build -n -f Slip --build-context buidler=ctx --target builder
says err
# No registry is asked.
mkdir none
printf '#!/bin/sh\nexit 1\n' >none/skopeo
chmod +x none/skopeo
PATH=$tmp/none:$PATH
status=0
lp build -n -f Slip >out 2>err || status=$?
[ "$status" -ne 0 ] || fail 'a stage that is not there was taken'
head -n 1 err >found
says found 'layerpack: Slip:3: no stage before is called buidler; is builder meant? It is taken for an image of a registry'
sed -i 's/buidler/tools/' Slip
lp build -n -f Slip >out 2>err || true
head -n 1 err >found
says found 'layerpack: Slip:3: no stage before is called tools, there are builder; it is taken for an image of a registry'
printf '%s\n' 'FROM oci:base:ltsc2022 AS a' 'FROM oci:base:ltsc2022' 'ARG X=a' 'COPY --from=$X /a /b' >Slip
run 3 lp build -n -f Slip
says err 'layerpack: Slip:4: --from=$X: takes no variable; FROM $X AS NAME, with ARG before the first FROM, and --from=NAME'

# --- a stage from a stage begins with its ENV over its ARGs; the layer is named by all that made it ---
printf '%s\n' 'FROM oci:base:ltsc2022 AS a' 'ENV X=env' 'ARG X=arg Y=arg' 'FROM a' 'WORKDIR C:/w' 'LABEL v=$X$Y' \
    'COPY pause.exe C:/' 'RUN setx /M A b' 'CMD x' >Chain
run 0 lp build -q -f Chain --to oci:chain:1 ctx
run 0 lp explain oci:chain:1
grep -o '(WORKDIR.*)' out >found
says found '(WORKDIR C:/w; COPY pause.exe C:/; RUN setx /M A b)'
run 0 lp explain --format=json oci:chain:1
grep -o '"created_by": *"WORKDIR[^"]*"' out >found
says found '"created_by": "WORKDIR C:/w; COPY pause.exe C:/; RUN setx /M A b"'
lp ls oci:chain:1 >out
"$PYTHON3" -S - <<'END'
import json
def blob(digest):
    return json.load(open("chain/blobs/sha256/" + digest[7:]))
manifest = blob(json.load(open("chain/index.json"))["manifests"][0]["digest"])
labels = blob(manifest["config"]["digest"])["config"]["Labels"]
assert labels == {"v": "envarg"}, labels
END
