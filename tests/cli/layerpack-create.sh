#!/bin/sh
# layerpack create: the main job, the forms, the refusals.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
patches=$abs_srcdir/fixtures/patches
SOURCE_DATE_EPOCH=0
export SOURCE_DATE_EPOCH

lines() {
    printf '%s\n' "$@"
}

# digests LAYER: what create must print, by sha256sum and gzip.
digests() {
    plain=$1
    case $1 in *gz)
        gzip -dc "$1" >plain
        plain=plain
        ;;
    esac
    lines "digest   sha256:$(sha256sum "$1" | cut -c 1-64)" \
        "diff ID  sha256:$(sha256sum "$plain" | cut -c 1-64)"
}

run 0 ht apply -o software "$hives/SOFTWARE" "$patches/pause.reg"
run 0 ht apply -o system "$hives/SYSTEM" "$patches/diagtrack.reg"

# The main job. Keys and layer bits: what the two patches say, docs/FORMATS.md "Differencing hives".
set -- --base "software=$hives/SOFTWARE" --changed SOFTWARE=software \
    --base "System=$hives/SYSTEM" --changed System=system
run 0 lp create "$@" -o layer.tar
digests layer.tar >expected
same expected out
head -n 1 err >first
says first "layerpack: SOFTWARE: 1 value added, 3 values changed"

run 0 lp ls layer.tar
sed 's/ (.*//' out >names
says names "d 0040755          0 16 Files" \
    "d 0040755          0 16 Hives" \
    "- 0100644       8192 32 Hives/DefaultUser_Delta" \
    "- 0100644       8192 32 Hives/Sam_Delta" \
    "- 0100644       8192 32 Hives/Security_Delta" \
    "- 0100644       8192 32 Hives/Software_Delta" \
    "- 0100644       8192 32 Hives/System_Delta"
says err

run 0 lp ls --long layer.tar
grep '^    ' out >keys
says keys '    ~ Microsoft' \
    '    ~ Microsoft\Ole' \
    '          "EnableDCOM" = sz "N"' \
    '    ~ Microsoft\Rpc' \
    '          "DCOM Protocols" = multi_sz (empty list)' \
    '          "EpMapDisallowedProtocols" = sz "ncacn_ip_tcp"' \
    '          "UuidSequenceNumber" = dword 0x01bcf674 (29161076)' \
    '    ~ ControlSet001' \
    '    ~ ControlSet001\Services' \
    '    - ControlSet001\Services\DiagTrack (tombstone)'

run 0 lp verify layer.tar
{
    echo "kind     layer above a base"
    digests layer.tar
    echo "ok: 7 entries"
} >expected
same expected out

# The same bytes again, elsewhere, in another locale and time zone.
mkdir other
run 0 env LC_ALL=C TZ=Asia/Tokyo "$abs_builddir/layerpack/layerpack" create "$@" -o other/layer.tar
same_bytes layer.tar other/layer.tar

# gzip: by name or by option, without time and name in its header.
run 0 lp create "$@" -o layer.tar.gz
digests layer.tar.gz >expected
same expected out
same_bytes layer.tar plain
run 0 lp create "$@" --compression=gzip -o zipped
same_bytes layer.tar.gz zipped
run 0 lp create "$@" --compression=none -o plain.tgz
same_bytes layer.tar plain.tgz
od -A n -t x1 -N 8 layer.tar.gz >header
says header " 1f 8b 08 00 00 00 00 00"

# Nothing differs: a layer of five empty hives. Their digests: docs/FORMATS.md, "An empty
# differencing hive, byte by byte".
run 0 lp create --base "sam=$hives/empty" --changed "SAM=$hives/empty" -o none.tar
cp err note
says note "layerpack: SAM: no change" "layerpack: no registry change: all five hives are empty"
run 0 lp create --quiet --base "sam=$hives/empty" --changed "SAM=$hives/empty" -o quiet.tar
says err
same_bytes none.tar quiet.tar
tar -xf none.tar Hives 2>tar-notes
(cd Hives && sha256sum -- *) >sums
says sums \
    "9630258648f6b141a772daa3a5c9c71ad97d7d5ebc179e2a5b20f9bc8195be5f  DefaultUser_Delta" \
    "7c719c5bf0216a0043f000025574b0e46da964c363e65a35d9ddb6de836d13e1  Sam_Delta" \
    "859ece703d433bc0b12175218ff2aef5383de7cd4e6c99e4e12762f248482ccf  Security_Delta" \
    "58185000df2c248d65ab32d81828ac2e391fa9d102d2123f0ec67c35db425abb  Software_Delta" \
    "14a7dab1304176125cc8a10c1ca314a5a02eb5530fcee234d261fb5a4b9fb2af  System_Delta"

# The whole hive, as it is.
run 0 lp create --form=full --changed software=software -o full.tar
says err
run 0 lp ls full.tar
says out "d 0040755          0 16 Files" \
    "d 0040755          0 16 Files/Windows" \
    "d 0040755          0 16 Files/Windows/System32" \
    "d 0040755          0 16 Files/Windows/System32/config" \
    "d 0040755          0 16 Hives" \
    "- 0100644 $(printf %10d "$(wc -c <software)") 32 Files/Windows/System32/config/SOFTWARE"
rm -rf Files
tar -xf full.tar Files/Windows/System32/config/SOFTWARE 2>tar-notes
same_bytes software Files/Windows/System32/config/SOFTWARE

# The times of entries: SOURCE_DATE_EPOCH, 0 without it.
SOURCE_DATE_EPOCH=1700000000 TZ=UTC run 0 lp create --base "sam=$hives/empty" \
    --changed "SAM=$hives/empty" -o dated.tar
tar --full-time -tvf dated.tar 2>tar-notes | sed 's/.*\(20..-.*\)/\1/' | sort -u | cut -c 1-19 |
    sort -u >dates
says dates "2023-11-14 22:13:20"
unset SOURCE_DATE_EPOCH
run 0 lp create --base "sam=$hives/empty" --changed "SAM=$hives/empty" -o undated.tar
tar --full-time -tvf undated.tar 2>tar-notes | sed 's/.*\(19..-.*\)/\1/' | cut -c 1-19 |
    sort -u >dates
says dates "1970-01-01 00:00:00"

# Refusals: the status, one line, and no file.
# refused STATUS MESSAGE ARGUMENT...
refused() {
    wanted=$1
    message=$2
    shift 2
    run "$wanted" lp create --quiet -o refused.tar "$@"
    says out
    head -n 1 err >first
    says first "layerpack: $message"
    [ ! -e refused.tar ] || fail "refused.tar was written"
}

sam="sam=$hives/empty"
refused 2 "create: no --changed NAME=HIVE is given"
refused 2 "create: no --changed NAME=HIVE is given" --base "$sam"
refused 2 "--changed SAM: the --base of that name is missing" --changed "$sam"
refused 2 "--changed: NAME is given twice" --changed "$sam" --changed "$sam"
refused 2 "--base: NAME is given twice" --base "$sam" --base "SAM=x" --changed "$sam"
refused 2 "--base NTUSER=x: NAME is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT" --base NTUSER=x
refused 2 "--base =x: NAME is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT" --base =x
refused 2 "--changed sam: not of the form NAME=HIVE" --changed sam
refused 2 "--changed sam=: not of the form NAME=HIVE" --changed sam=
refused 2 "--form is 'both', not delta or full" --form=both --changed "$sam"
refused 2 "--compression is 'xz', not auto, none, gzip or zstd" --compression=xz --base "$sam" \
    --changed "$sam"
refused 2 "--compression=none:3: only gzip and zstd have a level" --compression=none:3 --base "$sam" \
    --changed "$sam"
refused 2 "--compression=gzip:10: the level is from 1 to 9" --compression=gzip:10 --base "$sam" --changed "$sam"
run 2 lp cache lss
says err "layerpack: cache: 'lss', not ls or prune, did you mean 'ls'?" "layerpack: see 'layerpack cache --help'"
refused 5 "nowhere: cannot open: No such file or directory" --base sam=nowhere --changed "$sam"
mkdir -p none
run 2 lp create --quiet -o refused.tar --base sam=none --changed "$sam"
says err "layerpack: none: is a folder: name a hive in it, like none//SOFTWARE" \
    "layerpack: see 'layerpack create --help'"
refused 3 "$hives/../malformed/bad-checksum: base block: the checksum is wrong" --base "$sam" \
    --changed "sam=$hives/../malformed/bad-checksum"
refused 4 'SAM: key \: a differencing hive cannot change the root'"'"'s class, security descriptor or flags' \
    --base "$sam" --changed "sam=$hives/small"

run 2 lp create --base "$sam" --changed "$sam"
for how in zstd:0 zstd:20 gzip:10 gzip:x zstd:; do
    run 2 lp create --compression="$how" --base "$sam" --changed "$sam" -o bad.tar
done
run 0 lp create --base "$sam" --changed "$sam" -o plain-again.tar
sed -n 's/^diff ID *//p' out >wanted
for how in zstd zstd:19 gzip:1; do
    run 0 lp create --compression="$how" --base "$sam" --changed "$sam" -o "packed-$how.tar"
    sed -n 's/^diff ID *//p' out >found
    same wanted found
    run 0 lp verify "packed-$how.tar"
done
run 0 lp create --base "$sam" --changed "$sam" -o layer.tar.zst
[ "$(od -An -tx1 -N4 layer.tar.zst)" = ' 28 b5 2f fd' ] || fail "layer.tar.zst is not zstd"

tar -xOf layer.tar Hives/Sam_Delta >sam-delta 2>tar-notes
refused 4 "sam-delta: is a differencing hive; a layer is made from whole hives" --base "$sam" \
    --changed sam=sam-delta
refused 4 "sam-delta: is a differencing hive; a layer is made from whole hives" --form=full \
    --changed sam=sam-delta

# The layer must not take the place of a hive that it is made from.
cp software copy
run 2 lp create --form=full --changed software=copy -o copy
says err "layerpack: copy: is an input and the output" "layerpack: see 'layerpack create --help'"
# The archive that a hive is in is an input, too.
run 0 lp scratch --to oci-archive:image.tar
sha256sum image.tar >digests
run 2 lp create --base SOFTWARE=oci-archive:image.tar//SOFTWARE --changed SOFTWARE=software -o image.tar
says err "layerpack: image.tar: is an input and the output" "layerpack: see 'layerpack create --help'"
run 0 sha256sum -c --quiet digests
same_bytes software copy

# Targets that no file can be made at.
mkfifo fifo
run 5 lp create --base "$sam" --changed "$sam" -o fifo
run 5 lp create --base "$sam" --changed "$sam" -o .
run 5 lp create --base "$sam" --changed "$sam" -o nowhere/layer.tar
run 5 lp create --base "$sam" --changed "$sam" -o /dev/null
mkdir only
(
    cd only || exit
    # The limit is 2 blocks of 512 bytes: the layer does not fit, as on a full disk.
    ulimit -f 2
    trap '' XFSZ
    run 5 lp create --base "$sam" --changed "$sam" -o full-disk.tar
    run 5 lp create --base "$sam" --changed "$sam" -o full-disk.tar.gz.tar
)
rm -f only/out only/err
[ -z "$(ls only)" ] || fail "something is left after a write that failed"
