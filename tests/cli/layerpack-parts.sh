#!/bin/sh
# One bad part of an image does not hide the others: empty layers, hives that are none, sparse hives,
# layers that are not distributed, blobs that are there again and again; and what is not asked for is
# not held.
. "${abs_srcdir:?}/tests/lib.sh"

PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3" gzip tar

make_layer() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" "$1"
}

make_image() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/image-of-layers.py" "$@"
}

config=Files/Windows/System32/config
cp "$abs_srcdir/fixtures/hives/empty" hive
cat >p.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\K]
"v"="x"
END
run 0 ht apply --quiet hive -o changed --root 'HKLM\SOFTWARE' p.reg
run 0 lp create --quiet --base software=hive --changed software=changed -o above.tar
base_lines="d Files
d Files/Windows
d Files/Windows/System32
d $config
f $config/DEFAULT @hive
f $config/SAM @hive
f $config/SECURITY @hive
f $config/SOFTWARE @hive"
printf '%s\n' "$base_lines" "f $config/SYSTEM @hive" 'end 2' | make_layer base.tar

# What other tools read is told with what helps, by every command.
for source in ostree:app sif:app; do
    for command in ls verify explain 'extract -o extracted'; do
        # shellcheck disable=SC2086
        run 2 lp $command "$source"
        head -n 1 err >first
        says first "layerpack: $source: is not read from there; 'skopeo copy' goes between it and oci:DIR:TAG"
    done
    run 2 lp scratch --to "$source"
    head -n 1 err >first
    says first "layerpack: $source: is not written there; 'skopeo copy' goes between it and oci:DIR:TAG"
done

for source in https://example.com/app:1 example.com/team/app:1 example.com:5000/app@sha256:00; do
    for command in ls 'build --to oci:new:1 --env a=b --from' 'scratch --to'; do
        # shellcheck disable=SC2086
        run 2 lp $command "$source"
        head -n 1 err >first
        says first "layerpack: $source: is no image, unless it is named docker://${source#https://}"
    done
    run 2 ht ls "$source//SOFTWARE"
    head -n 1 err >first
    says first "hivetool: $source: is no image, unless it is named docker://${source#https://}"
done
mkdir -p example.com/team
cp above.tar example.com/team/app:1
run 0 lp ls example.com/team/app:1
rm -r example.com

# Without skopeo, one line; nothing is written.
mkdir no-programs
for command in ls verify explain 'scratch --to' 'build --to oci:new:1 --env a=b --from'; do
    # shellcheck disable=SC2086
    run 5 env PATH="$PWD/no-programs" XDG_CACHE_HOME="$PWD/cache" "$abs_builddir/layerpack/layerpack" $command docker://example.com/app:1
    says err 'layerpack: docker://example.com/app:1: is reached through skopeo, which is not here: install skopeo, 1.5 or later (Debian: apt install skopeo)'
    [ ! -e new ] || fail "a layout was made"
done
for source in docker:// docker://a/UP docker://a:b:c docker://a@sha256:12; do
    run 2 lp ls "$source"
    head -n 1 err >first
    says first "layerpack: $source: not of the form docker://[HOST[:PORT]/]NAME[:TAG|@DIGEST], like docker://mcr.microsoft.com/windows/nanoserver:ltsc2022"
done
run 2 lp ls docker-daemon:
head -n 1 err >first
says first "layerpack: 'docker-daemon:' names no image"
for source in oci:none oci:none:1 docker://example.com/app:1; do
    run 2 lp ls "$source//SOFTWARE"
    head -n 1 err >first
    says first "layerpack: $source//SOFTWARE: one hive of an image is named so for hivetool; layerpack takes the image, $source"
done
run 2 lp ls docker:app:1
says err 'layerpack: docker:app:1: is no image, unless it is named docker://app:1' "layerpack: see 'layerpack ls --help'"
run 2 lp ls 'docker://[::1]:5055/a:1'
says err 'layerpack: docker://[::1]:5055/a:1: an address of IPv6 is none that skopeo takes: give the HOST a name' \
    "layerpack: see 'layerpack ls --help'"
run 2 lp ls docker://UPPER/case:1
says err 'layerpack: docker://UPPER/case:1: a NAME is in lower case, and what stands first is no HOST without a dot or a port' \
    "layerpack: see 'layerpack ls --help'"
run 2 lp scratch --to docker://example.com/app@sha256:0000000000000000000000000000000000000000000000000000000000000000
head -n 1 err >first
says first "layerpack: docker://example.com/app@sha256:0000000000000000000000000000000000000000000000000000000000000000: a digest is what comes out; give a TAG"

# An empty layer says nothing: two blocks of zeros, no bytes at all, and the same in gzip.
printf 'end 2\n' | make_layer zeros.tar
: >nothing.tar
for empty in zeros.tar nothing.tar 'nothing.tar --compression gzip'; do
    # shellcheck disable=SC2086
    make_image img base.tar $empty above.tar
    run 0 lp explain --hive SOFTWARE oci:img
    grep -v '^layer ' out >found
    says found 'SOFTWARE (HKEY_LOCAL_MACHINE\SOFTWARE): the base, 1 key, 0 values' '' 'no hives' '' \
        'SOFTWARE (HKEY_LOCAL_MACHINE\SOFTWARE):' '+ [HKEY_LOCAL_MACHINE\SOFTWARE\K]' \
        '    + "v"  sz "x"' '1 key created, 1 value added'
    run 0 lp ls oci:img
    run 0 ht get oci:img//SOFTWARE K v
    says out 'sz "x"'
    run 0 lp extract oci:img -o extracted
    rm -r extracted
    run 1 lp verify oci:img
    grep '^error: ' out >found
    says found \
        'error: layer 2: Files: the layer has no such folder (hcsshim wclayer/legacy.go, imgutil)' \
        'error: layer 2: Hives: the layer has no such folder (hcsshim wclayer/legacy.go, imgutil)'
done
run 0 lp explain zeros.tar
run 1 lp extract zeros.tar -o extracted
says err 'layerpack: zeros.tar: has no hives'

# Hives that are none: the others are read, and one that was asked for is refused.
: >empty
printf 'no hive at all\n' >text
printf '%s\n' "$base_lines" "f $config/SYSTEM @empty" 'end 2' | make_layer odd.tar
sed 's/x/y/' p.reg >q.reg
make_image img odd.tar above.tar
run 3 lp explain oci:img
says err 'layerpack: oci:img//SYSTEM: the file is empty, expected a registry hive'
grep -e 'SYSTEM' -e '"v"' out >found
says found 'SYSTEM (HKEY_LOCAL_MACHINE\SYSTEM): not readable' '    + "v"  sz "x"' \
    'SYSTEM (HKEY_LOCAL_MACHINE\SYSTEM): not readable'
run 3 lp explain --format json oci:img
"$PYTHON3" -S -c 'import json, sys
for layer in json.load(sys.stdin)["layers"]:
    print(*(hive["role"] for hive in layer["hives"]))' <out >found
says found 'base base base base unreadable' 'change change change change unreadable'
run 0 lp explain --hive SOFTWARE oci:img
run 0 ht get oci:img//SOFTWARE K v
run 3 ht get oci:img//SYSTEM K v
run 3 lp extract oci:img -o extracted
says err 'layerpack: oci:img//SYSTEM: the file is empty, expected a registry hive'
says out 'DEFAULT                  8192 bytes' 'SAM                      8192 bytes' \
    'SECURITY                 8192 bytes' 'SOFTWARE                 8192 bytes'
rm -r extracted
run 3 lp extract oci:img SYSTEM SOFTWARE -o extracted
[ ! -e extracted ] || fail 'something was written'
run 0 lp ls oci:img
grep -e '^  hives' -e '^  no ' out >found
says found '  hives     DEFAULT SAM SECURITY SOFTWARE' '  no hive   SYSTEM: the file is empty'
head -c 4099 hive >short
printf '%s\n' "$base_lines" "f $config/SYSTEM @text" 'end 2' | make_layer odd.tar
tar -xf above.tar Hives/Software_Delta 2>tar-notes
printf '%s\n' 'd Files' 'd Hives' 'f Hives/Sam_Delta @hive' 'f Hives/System_Delta @short' \
    'f Hives/Software_Delta @Hives/Software_Delta' 'end 2' | make_layer oddly.tar
make_image img odd.tar oddly.tar
run 0 lp ls oci:img
grep -e '^  hives' -e '^  deltas' -e '^  no ' out >found
says found '  hives     DEFAULT SAM SECURITY SOFTWARE' '  no hive   SYSTEM: does not begin like a hive' \
    '  deltas    SOFTWARE' '  no delta  SAM: is an ordinary hive; SYSTEM: does not begin like a hive'

# A sparse hive is read as what it stands for.
mkdir -p unpacked/$config
for name in DEFAULT SAM SECURITY SYSTEM; do
    cp hive unpacked/$config/$name
done
dd if=/dev/zero of=zeros bs=4096 count=16 2>dd-notes
cat hive zeros >filled
cp --sparse=always filled unpacked/$config/SOFTWARE
for options in "--format=gnu" "--format=pax" "--format=pax --sparse-version=0.0"; do
    # shellcheck disable=SC2086
    tar $options -C unpacked -S --hole-detection=raw -cf sparse.tar Files
    make_image img sparse.tar above.tar
    run 0 ht get oci:img//SOFTWARE K v
    says out 'sz "x"'
    run 0 lp extract --raw --layer 1 oci:img SOFTWARE -o extracted
    same_bytes filled extracted/SOFTWARE
    rm -r extracted
done

# A base that is not distributed and not here: the layers above it are explained as they stand.
make_image img --type 1=application/vnd.oci.image.layer.nondistributable.v1.tar base.tar above.tar
rm "img/blobs/sha256/$(sha256sum base.tar | cut -c 1-64)"
missing="oci:img: layer 1: blob sha256:$(sha256sum base.tar | cut -c 1-64) is missing; copy the image again, with 'skopeo copy'"
run 0 lp explain --hive SOFTWARE oci:img
says err
grep -v '^layer ' out >found
says found "not here: $missing" '' \
    'SOFTWARE (HKEY_LOCAL_MACHINE\SOFTWARE): what the layer states, its base is not here' \
    '    + K' '          "v" = sz "x"'
run 0 lp explain --format json oci:img
"$PYTHON3" -S -c 'import json, sys
for layer in json.load(sys.stdin)["layers"]:
    print(layer.get("missing", "here"), *(hive["role"] for hive in layer["hives"]))' <out >found
says found "$missing" 'here statement statement statement statement statement'
run 0 lp explain --key 'HKLM\SOFTWARE\K' oci:img
run 0 lp explain --format reg --encoding utf-8 oci:img
grep -e 'not here' out >found
[ "$(wc -l <found)" -ge 1 ] || fail 'the missing layer is not told'
run 0 lp extract --raw --layer 2 oci:img SOFTWARE -o extracted
rm -r extracted
run 1 ht get oci:img//SOFTWARE K v
says err "hivetool: $missing"
run 1 lp extract oci:img -o extracted
says err "layerpack: $missing"

# One blob under 120 names: read once (and once as the lowest by verify), so that it takes no longer
# than a few.
head -c 20000000 /dev/zero >big
printf '%s\n' 'd Files' 'd Hives' 'f Files/big @big' 'end 2' | make_layer big.tar
set -- base.tar
while [ $# -lt 121 ]; do
    set -- "$@" big.tar
done
make_image img --compression gzip "$@"
rm big big.tar
for command in ls verify explain; do
    # shellcheck disable=SC3045
    (ulimit -t 1 && lp "$command" oci:img) >out 2>err || fail "$command takes its time: $(cat err)"
done
run 0 lp ls oci:img
[ "$(grep -c '^layer ' out)" -eq 121 ] || fail 'ls lists other layers'
run 0 lp verify oci:img
[ "$(grep -c 'layer above a base, 3 entries' out)" -eq 120 ] || fail 'verify counts other layers'

# The files of a blob that lies there twice are those of the upper one.
printf '%s\n' first >first
printf '%s\n' second >second
printf '%s\n' 'd Files' 'd Hives' 'f Files/a @first' 'f Files/.wh.b' 'end 2' | make_layer twice.tar
printf '%s\n' 'd Files' 'd Hives' 'f Files/a @second' 'f Files/b @second' 'end 2' | make_layer between.tar
make_image twice --compression gzip base.tar twice.tar between.tar twice.tar
run 0 lp extract --file 'C:\a' -o a oci:twice
same a first
run 1 lp extract --file 'C:\b' -o b oci:twice

# What begins like a hive and goes on as zeros is not held: 150 MB each in a few hundred KB.
"$PYTHON3" -S - "$config" <<'END'
import gzip
import sys

sys.path.insert(0, ".")
config = sys.argv[1]

def header(name, kind, size):
    block = bytearray(512)
    block[:len(name)] = name.encode()
    block[100:108] = b"0000644\0"
    block[108:124] = b"0000000\0" * 2
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"%011o\0" % 0
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\00000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)

start = bytearray(open("hive", "rb").read())
start[40:44] = (150 << 20).to_bytes(4, "little")
checksum = 0
for i in range(0, 508, 4):
    checksum ^= int.from_bytes(start[i:i + 4], "little")
start[508:512] = checksum.to_bytes(4, "little")
with gzip.GzipFile("bomb.tar.gz", "wb", 1, mtime=0) as out:
    path = ""
    for part in config.split("/"):
        path += part
        out.write(header(path, b"5", 0))
        path += "/"
    out.write(header("Hives", b"5", 0))
    for name in (config + "/SOFTWARE", "Hives/Sam_Delta"):
        out.write(header(name, b"0", len(start) + (150 << 20)))
        out.write(start)
        for _ in range(150):
            out.write(bytes(1 << 20))
    out.write(bytes(1024))
END
limit=unlimited
# shellcheck disable=SC3045
if (ulimit -v 200000 && lp --version) >out 2>err; then
    limit=200000
fi
# limited COMMAND...: where sanitizers do not need all addresses.
limited() {
    # shellcheck disable=SC3045
    (ulimit -v "$limit" && lp "$@")
}
run 1 limited verify bomb.tar.gz
grep 'hive bin' out >found
says found \
    'error: Hives/Sam_Delta: hive bin at 0x2000: the signature is not "hbin" (docs/FORMATS.md, the hive)'
run 3 limited ls bomb.tar.gz
run 1 limited extract bomb.tar.gz DEFAULT -o extracted
says err 'layerpack: bomb.tar.gz//DEFAULT: no such hive: there is no base layer with Files/Windows/System32/config/DEFAULT'
