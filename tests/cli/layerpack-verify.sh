#!/bin/sh
# layerpack verify and ls on layers that layerpack would not write: each rule, and every kind of
# file that is no layer.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3" gzip tar

make_layer() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" "$1"
}

lp create --quiet --base "sam=$hives/empty" --changed "sam=$hives/empty" -o good.tar >digests
tar -xf good.tar Hives 2>tar-notes
mv Hives/Sam_Delta delta
mv Hives/Software_Delta software
cp "$hives/empty" hive

# The entries that every layer above a base has.
head_lines='d Files
d Hives'
delta_lines='f Hives/DefaultUser_Delta @delta
f Hives/Sam_Delta @delta
f Hives/Security_Delta @delta
f Hives/Software_Delta @delta
f Hives/System_Delta @delta'

# finds STATUS LAYER LINE...: verify gives exactly these lines; kind and digests are looked at
# elsewhere.
finds() {
    wanted=$1
    layer=$2
    shift 2
    run "$wanted" lp verify "$layer"
    grep -v -e '^digest   sha256:' -e '^diff ID  sha256:' out >findings
    says findings "$@"
    says err
}

above="kind     layer above a base"

# more LINE: a layer above a base with one more entry, before the end.
more() {
    printf '%s\n' "$head_lines" "$delta_lines" "$@" "end 2" | make_layer more.tar
}

more
finds 0 more.tar "$above" "ok: 7 entries"

# Names.
more 'f Files/a' 'f FILES/A'
finds 1 more.tar \
    "error: FILES/A: the path is there already, without regard to case (hcsshim wclayer/legacy.go)" \
    "$above" "1 finding"
more 'd Files/\xc3\xa4' 'f Files/\xc3\x84/x' 'f Files/\xc3\xa4/x'
finds 1 more.tar \
    "error: Files/ä/x: the path is there already, without regard to case (hcsshim wclayer/legacy.go)" \
    "$above" "1 finding"
more 'f Files/a/b'
finds 1 more.tar \
    "error: Files/a/b: comes before the entry of its folder (hcsshim wclayer/legacy.go)" \
    "$above" "1 finding"
more 'f Files/a' 'f Files/a/b'
finds 1 more.tar \
    "error: Files/a/b: is below an entry that is not a folder (hcsshim wclayer/legacy.go)" \
    "$above" "1 finding"
more 'f /Files/a' 'f C:/a' 'f Files/../a' 'f Files/a\x5cb' 'f Files/\xff'
finds 1 more.tar \
    "error: /Files/a: the name is absolute (hcsshim safefile/safeopen.go)" \
    "error: C:/a: the name is absolute (hcsshim safefile/safeopen.go)" \
    'error: Files/../a: the name has a ".." part (hcsshim safefile/safeopen.go)' \
    'error: Files/a\b: the name has a backslash, a separator on Windows (hcsshim ociwclayer/import.go)' \
    'error: Files/\x{ff}: the name is not UTF-8 (Go archive/tar)' \
    "$above" "5 findings"
more 'f Files//a' 'f ./Files/b' 'f other' 'd Files/c/'
finds 0 more.tar \
    "warning: other: stands outside Files, Hives and UtilityVM (hcsshim wclayer/legacy.go)" \
    'warning: Files//a: the name has empty or "." parts, and so has 1 more (hcsshim wclayer/cim)' \
    "$above" "ok: 11 entries"
more 'f Files/\x1b[2J' 'f Files/\x1b[2J'
finds 1 more.tar \
    "error: Files/\\u{1b}[2J: Windows takes no control characters in names (Microsoft, Naming Files, Paths, and Namespaces)" \
    "error: Files/\\u{1b}[2J: Windows takes no control characters in names (Microsoft, Naming Files, Paths, and Namespaces)" \
    'error: Files/\u{1b}[2J: the path is there already, without regard to case (hcsshim wclayer/legacy.go)' \
    "$above" "3 findings"

# Records.
more 'f Files/a MSWINDOWS.fileattr=x' 'f Files/b MSWINDOWS.fileattr=4294967296' \
    'd Files/c MSWINDOWS.fileattr=32' 'f Files/d MSWINDOWS.fileattr=16' \
    'f Files/e MSWINDOWS.fileattr=2080' 's Files/f >x MSWINDOWS.fileattr=1040' \
    'f Files/g MSWINDOWS.rawsd=AQ' 'f Files/h MSWINDOWS.rawsd=AQA=' \
    'f Files/i MSWINDOWS.rawsd=AQAEAAAAAAAAAAAAAAAAAAAAAAA=' \
    'f Files/j MSWINDOWS.rawsd=AQAEgAAAAAAAAAAAAAAAAP8AAAA=' \
    'f Files/k MSWINDOWS.rawsd=AQAAgBQAAAAkAAAAAAAAAAAAAAABAgAAAAAABSAAAAAhAgAAAQIAAAAAAAUgAAAAIQIAAA==' \
    'f Files/l LIBARCHIVE.creationtime=-1.5' 'f Files/m LIBARCHIVE.creationtime=1.2.3' \
    'f Files/n MSWINDOWS.xattr.A=!'
finds 1 more.tar \
    "error: Files/a: MSWINDOWS.fileattr is not a decimal number of 32 bits (go-winio backuptar/tar.go)" \
    "error: Files/b: MSWINDOWS.fileattr is not a decimal number of 32 bits (go-winio backuptar/tar.go)" \
    "error: Files/c: MSWINDOWS.fileattr 32 says file of a folder (hcsshim wclayer/legacy.go:691)" \
    "error: Files/d: MSWINDOWS.fileattr 16 says folder of a file (hcsshim wclayer/legacy.go:691)" \
    "error: Files/g: MSWINDOWS.rawsd is not base64 (go-winio backuptar/tar.go)" \
    "error: Files/h: MSWINDOWS.rawsd: shorter than a security descriptor (MS-DTYP 2.4.6)" \
    "error: Files/i: MSWINDOWS.rawsd: not a self-relative security descriptor (MS-DTYP 2.4.6)" \
    "error: Files/j: MSWINDOWS.rawsd: the descriptor's ACL is damaged (MS-DTYP 2.4.6)" \
    "error: Files/m: LIBARCHIVE.creationtime is not a time in seconds (go-winio backuptar/tar.go)" \
    "error: Files/n: MSWINDOWS.xattr.A is not base64 (go-winio backuptar/tar.go)" \
    "$above" "10 findings"

# Whiteouts, links, other kinds.
more 'f Hives/.wh.Sam_Delta' 'f .wh.x' 'f Files/no/.wh.x' 'f Files/.wh..wh..opq'
finds 1 more.tar \
    "error: Hives/.wh.Sam_Delta: whiteouts are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)" \
    "error: .wh.x: whiteouts are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)" \
    "warning: Files/.wh..wh..opq: opaque whiteouts are not known to the importer (hcsshim ociwclayer/import.go)" \
    "$above" "3 findings"
more 'h Files/a >Files/b' 'h Files/c >Hives/Sam_Delta' 'h Files/d >Files/../x' 'p Files/e' \
    's Files/f >C:/x'
finds 1 more.tar \
    "warning: Files/a: the hard link's target is not before it, so that a layer below must have it (hcsshim wclayer/legacy.go)" \
    "error: Files/c: hard links are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)" \
    "error: Files/d: the hard link's target has a \"..\" part (hcsshim safefile/safeopen.go)" \
    "warning: Files/e: is neither file, folder nor link: the importer makes an empty file of it (hcsshim ociwclayer/import.go)" \
    "$above" "4 findings"
more 'g pax_global_header comment=x' 'f Files/a'
finds 1 more.tar \
    "error: Files/a: a global PAX header stands before it, which the importer takes for a file (Go archive/tar)" \
    "$above" "1 finding"

# Folders at the top.
printf '%s\n' "end 2" | make_layer nothing.tar
finds 1 nothing.tar \
    "error: Files: the layer has no such folder (hcsshim wclayer/legacy.go, imgutil)" \
    "error: Hives: the layer has no such folder (hcsshim wclayer/legacy.go, imgutil)" \
    "warning: Hives: the layer changes no hive, and no layer that changes one can be put on it where layers are CIM images (hcsshim wclayer/cim)" \
    "$above" "3 findings"
run 0 lp ls nothing.tar
says out
printf '%s\n' 'f x' 'end 2' | make_layer no-folders.tar
finds 1 no-folders.tar \
    "warning: x: stands outside Files, Hives and UtilityVM (hcsshim wclayer/legacy.go)" \
    "error: Files: the layer has no such folder (hcsshim wclayer/legacy.go, imgutil)" \
    "error: Hives: the layer has no such folder (hcsshim wclayer/legacy.go, imgutil)" \
    "warning: Hives: the layer changes no hive, and no layer that changes one can be put on it where layers are CIM images (hcsshim wclayer/cim)" \
    "$above" "4 findings"
printf '%s\n' 'd Files/' 'd Hives/' "$delta_lines" 'd UtilityVM/' 'end 2' | make_layer slash.tar
finds 1 slash.tar \
    "warning: Files/: should be spelled Files, without a slash (hcsshim wclayer/cim)" \
    "warning: Hives/: should be spelled Hives, without a slash (hcsshim wclayer/cim)" \
    "error: UtilityVM/: must be spelled UtilityVM, without a slash or a dot (hcsshim wclayer/legacy.go)" \
    "$above" "3 findings"
printf '%s\n' 'd files' 'd HIVES' "$delta_lines" 'end 2' | make_layer case.tar
finds 1 case.tar \
    "error: files: must be spelled Files (hcsshim wclayer/legacy.go)" \
    "error: HIVES: must be spelled Hives (hcsshim wclayer/legacy.go)" \
    "$above" "2 findings"

# Hives.
printf '%s\n' "$head_lines" 'f Hives/Software_Delta @delta' 'end 2' | make_layer one.tar
finds 1 one.tar \
    "error: Hives/DefaultUser_Delta: is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)" \
    "error: Hives/Sam_Delta: is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)" \
    "error: Hives/Security_Delta: is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)" \
    "error: Hives/System_Delta: is missing, so that a later layer that has it cannot be imported (hcsshim wclayer/cim)" \
    "$above" "4 findings"
printf '%s\n' "$head_lines" 'end 2' | make_layer none.tar
finds 0 none.tar \
    "warning: Hives: the layer changes no hive, and no layer that changes one can be put on it where layers are CIM images (hcsshim wclayer/cim)" \
    "$above" "ok: 2 entries"
: >empty
head -c 5000 delta >cut-hive
printf '%s\n' "$head_lines" 'f Hives/defaultuser_delta @delta' 'f Hives/Sam_Delta @hive' \
    'f Hives/Security_Delta @empty' 'f Hives/Software_Delta @cut-hive' 'd Hives/System_Delta' \
    'f Hives/Sam_Delta:x' 'f Hives/Other @delta' 'end 2' | make_layer hives.tar
finds 1 hives.tar \
    "error: Hives/defaultuser_delta: must be spelled Hives/DefaultUser_Delta (hcsshim wclayer/legacy.go)" \
    "error: Hives/Sam_Delta: is not a differencing hive (version 1.6, flags 2) (docs/FORMATS.md, the hive)" \
    "error: Hives/Security_Delta: the file is empty, expected a registry hive (docs/FORMATS.md, the hive)" \
    "error: Hives/Software_Delta: the hive is cut off: its base block promises 4096 bytes of hive bins, the file has 904 (docs/FORMATS.md, the hive)" \
    "error: Hives/System_Delta: Hives can hold only files (hcsshim wclayer/legacy.go)" \
    "error: Hives/Sam_Delta:x: a stream must come right after its file (hcsshim safefile/safeopen.go)" \
    "warning: Hives/Other: is none of the five differencing hives (hcsshim wclayer/cim)" \
    "$above" "7 findings"
run 3 lp ls hives.tar
grep 'not' out >unreadable
says unreadable \
    "- 0000644       8192 - Hives/Sam_Delta (1 key, 0 values, not a differencing hive)" \
    "- 0000644          0 - Hives/Security_Delta (not readable: the file is empty, expected a registry hive)" \
    "- 0000644       5000 - Hives/Software_Delta (not readable: the hive is cut off: its base block promises 4096 bytes of hive bins, the file has 904)"

# A base layer.
config=Files/Windows/System32/config
base_lines="d Files
d Files/Windows
d Files/Windows/System32
d $config
f $config/DEFAULT @hive
f $config/SAM @hive
f $config/SECURITY @hive
f $config/SOFTWARE @hive"
base="kind     base layer"
printf '%s\n' "$base_lines" "f $config/system @hive" 'end 2' | make_layer base.tar
finds 0 base.tar "$base" "ok: 9 entries"
printf '%s\n' "$base_lines" "f $config/SYSTEM @delta" 'f Files/.wh.x' 'f layout' 'd UtilityVM' \
    'd UtilityVM/Files' 'end 2' | make_layer base.tar
finds 1 base.tar \
    "error: $config/SYSTEM: is a differencing hive (docs/FORMATS.md, the hive)" \
    "error: Files/.wh.x: a base layer cannot have whiteouts (hcsshim wclayer/baselayerwriter.go)" \
    "warning: layout: stands outside Files, Hives and UtilityVM (hcsshim wclayer/legacy.go)" \
    "error: layout: a base layer must not have this file (hcsshim computestorage)" \
    "error: UtilityVM/Files/EFI/Microsoft/Boot/BCD: is missing, which a utility VM needs (hcsshim wclayer/converttobaselayer.go)" \
    "$base" "5 findings"
printf '%s\n' "$base_lines" "h $config/SYSTEM >$config/sam" 'end 2' | make_layer base.tar
finds 0 base.tar \
    "warning: $config/SYSTEM: a hive that is a hard link cannot be imported where layers are CIM images (hcsshim wclayer/cim)" \
    "$base" "ok: 9 entries"
printf '%s\n' "$base_lines" "h $config/SYSTEM >$config/SYSTEM" "h Files/a >Files/Windows" \
    'h Files/b >Files/x' 'f Files/x' 'h Files/c >./Files/b' 'end 2' | make_layer base.tar
finds 1 base.tar \
    "error: $config/SYSTEM: the hard link's target is no file before it (hcsshim wclayer/baselayerwriter.go)" \
    "warning: $config/SYSTEM: a hive that is a hard link cannot be imported where layers are CIM images (hcsshim wclayer/cim)" \
    "error: Files/a: the hard link's target is no file before it (hcsshim wclayer/baselayerwriter.go)" \
    "error: Files/b: the hard link's target is no file before it (hcsshim wclayer/baselayerwriter.go)" \
    "$base" "4 findings"
printf '%s\n' "$base_lines" "s $config/SYSTEM >SAM" 'end 2' | make_layer base.tar
finds 1 base.tar \
    "error: $config/SYSTEM: a hive must be a file (hcsshim ociwclayer/import.go)" \
    "$base" "1 finding"
printf '%s\n' "$base_lines" 'end 2' | make_layer base.tar
finds 1 base.tar \
    "error: $config/SYSTEM: is missing in this base layer (hcsshim wclayer/converttobaselayer.go)" \
    "$base" "1 finding"
run 0 lp create --quiet --form=full --changed "sam=$hives/empty" -o full.tar
finds 0 full.tar \
    "warning: Hives: the layer changes no hive, and no layer that changes one can be put on it where layers are CIM images (hcsshim wclayer/cim)" \
    "warning: $config/SAM: Windows ignores whole hives above a base layer (kubernetes#109161)" \
    "$above" "ok: 6 entries"

# The end of the archive.
printf '%s\n' "$head_lines" "$delta_lines" | make_layer no-end.tar
finds 0 no-end.tar "warning: the tar does not end with two zero blocks (POSIX pax)" "$above" \
    "ok: 7 entries"
more 'end 9'
finds 0 more.tar "$above" "ok: 7 entries"
more 'end 2' 'raw x'
finds 1 more.tar "error: byte $((512 * (2 + 5 * 17 + 2))) of the tar: data after the end of the archive (Go archive/tar)" \
    "$above" "1 finding"

# Compression.
more
plain=$(sha256sum more.tar | cut -c 1-64)
gzip -nc more.tar >more.tar.gz
# compressed FILE: verify says the digest of FILE, and the diff ID of the plain tar.
compressed() {
    run 0 lp verify "$1"
    says out "$above" "digest   sha256:$(sha256sum "$1" | cut -c 1-64)" "diff ID  sha256:$plain" \
        "ok: 7 entries"
}
compressed more.tar
compressed more.tar.gz
head -c 9000 more.tar | gzip -nc >members.gz
tail -c +9001 more.tar | gzip -nc >>members.gz
compressed members.gz
if command -v zstd >zstd-path; then
    zstd -qc more.tar >more.tar.zst
    compressed more.tar.zst
else
    unproven "zstd is not installed" "layers that zstd packed"
fi
{
    cat more.tar.gz
    printf 'x'
} >garbage.gz
finds 1 garbage.gz "error: 1 byte after the compressed data (Go compress/gzip)" "$above" "1 finding"

# refused STATUS FILE MESSAGE: verify and ls both say so, in one line. ls has listed the entries
# before the damage.
refused() {
    run "$1" lp ls "$2"
    says err "layerpack: $3"
    run "$1" lp verify "$2"
    says err "layerpack: $3"
    says out
}

size=$(wc -c <more.tar.gz)
head -c "$((size - 3))" more.tar.gz >cut.gz
refused 3 cut.gz "cut.gz: cannot decompress after 0 bytes: the file is cut off"
{
    head -c "$((size - 8))" more.tar.gz
    printf '\1\2\3\4'
    tail -c 4 more.tar.gz
} >crc.gz
refused 3 crc.gz "crc.gz: what was decompressed does not fit the checksum of the gzip file"
# A large layer is hashed by another thread, where there may be one: both say the same.
"$PYTHON3" -S "$abs_srcdir/tests/interop/make-image.py" nanoserver large --size-mb 2 --compression none >/dev/null
large=$(find large/blobs -size +1000k)
gzip -nc "$large" >large.gz
! command -v zstd >/dev/null || zstd -qc "$large" >large.zst
plain=$(sha256sum "$large" | cut -c 1-64)
for file in "$large" large.gz large.zst; do
    for threads in 1 2; do
        [ -e "$file" ] || continue
        run 0 lp --threads=$threads verify "$file"
        grep -v '^warning: .*the stream has no :$DATA' out >shown
        says shown "kind     base layer" "digest   sha256:$(sha256sum "$file" | cut -c 1-64)" \
            "diff ID  sha256:$plain" "ok: 55 entries"
    done
done
{
    head -c -8 large.gz
    printf '\1\2\3\4'
    tail -c 4 large.gz
} >large-crc.gz
head -c -70000 large.gz >large-cut.gz
for threads in 1 2; do
    run 3 lp --threads=$threads verify large-crc.gz
    says err "layerpack: large-crc.gz: what was decompressed does not fit the checksum of the gzip file"
    run 3 lp --threads=$threads verify large-cut.gz
    sed -i 's/after [1-9][0-9]* bytes/after some bytes/' err
    says err "layerpack: large-cut.gz: cannot decompress after some bytes: truncated gzip input"
done
head -c 3000 more.tar >cut.tar
printf 'Windows Registry Editor Version 5.00\r\n' >p.reg
refused 3 p.reg "p.reg: is not a tar: it has 38 bytes, and one header has 512"
refused 3 cut.tar "cut.tar: byte 3000: the tar is cut off inside an entry"
{
    head -c 1024 more.tar
    head -c 512 "$hives/SYSTEM"
} >broken.tar
refused 3 broken.tar "broken.tar: byte 1024: not a tar header: its checksum is wrong"
refused 3 "$hives/SYSTEM" "$hives/SYSTEM: is not a tar"
refused 3 empty "empty: is empty"
refused 5 nowhere "nowhere: cannot open: No such file or directory"
mkdir folder
run 2 lp ls folder
says err "layerpack: folder: is a folder, and ls reads layers that are packed, and images; 'layerpack verify' and 'extract' take an unpacked layer" \
    "layerpack: see 'layerpack ls --help'"
run 3 lp verify folder
says err "layerpack: folder: has neither Files nor Hives, so it is no unpacked layer"
says out
mkfifo fifo
refused 5 fifo "fifo: is not a regular file"
refused 5 /dev/null "/dev/null: is not a regular file"
truncate -s 128M zeros
run 0 lp ls zeros
says out

# A size in a header that nothing stands behind must not be allocated.
printf '%s\n' 'd Hives' 'f Hives/Sam_Delta size=2147483647' | make_layer size.tar
refused 3 size.tar "size.tar: byte 2048: the tar is cut off inside an entry"
