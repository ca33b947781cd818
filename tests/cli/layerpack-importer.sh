#!/bin/sh
# layerpack verify against what Windows' importer returns as an error: a row for each return of an
# error in hcsshim's ociwclayer and wclayer (7c9ff7f), in go-winio's backuptar (ad3df93) and in Go's
# archive/tar, as far as a layer can make it happen; beside them rows for what is taken. Where
# verify is stricter than the importer, the row says why. Then the 80 layers that were given to the
# importer itself, where they are at hand.
. "${abs_srcdir:?}/tests/lib.sh"

PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3" tar

make_layer() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" "$1"
}

cp "$abs_srcdir/fixtures/hives/empty" hive
lp create --quiet --base sam=hive --changed sam=hive -o good.tar >digests
tar -xf good.tar Hives 2>tar-notes
mv Hives/Sam_Delta delta
config=Files/Windows/System32/config
bcd=UtilityVM/Files/EFI/Microsoft/Boot
cat >above <<'END'
d Files
d Hives
f Hives/DefaultUser_Delta @delta
f Hives/Sam_Delta @delta
f Hives/Security_Delta @delta
f Hives/Software_Delta @delta
f Hives/System_Delta @delta
END
cat >base <<END
d Files
d Files/Windows
d Files/Windows/System32
d $config
f $config/DEFAULT @hive
f $config/SAM @hive
f $config/SECURITY @hive
f $config/SOFTWARE @hive
f $config/SYSTEM @hive
END
cat >utility <<END
d UtilityVM
d UtilityVM/Files
d UtilityVM/Files/EFI
d UtilityVM/Files/EFI/Microsoft
d $bcd
f $bcd/BCD @hive
END

# KIND | entries behind those of a good layer, ";" between them | what verify finds, ";;" between.
# N255 and so on are names of so many characters; UVM the entries of a utility VM.
cat >table <<'END'
above | f Files/a |
base | f Files/a |
# --- archive/tar reader.go: mergePAX
above | f Files/a atime=xx | error: Files/a: the PAX record atime is not a time in seconds (Go archive/tar)
above | f Files/a ctime=1.2.3 | error: Files/a: the PAX record ctime is not a time in seconds (Go archive/tar)
above | f Files/a mtime=.5 | error: Files/a: the PAX record mtime is not a time in seconds (Go archive/tar)
above | f Files/a atime=-1.25 ctime=+7 mtime=5. |
above | f Files/a atime= |
above | f Files/a uid=x | error: Files/a: the PAX record uid is not a number (Go archive/tar)
above | f Files/a gid=9223372036854775808 | error: Files/a: the PAX record gid is not a number (Go archive/tar)
above | f Files/a uid=-1 gid=+1 |
above | d Files/d atime=xx | error: Files/d: the PAX record atime is not a time in seconds (Go archive/tar)
above | f Files/.wh.a atime=xx | error: Files/.wh.a: the PAX record atime is not a time in seconds (Go archive/tar)
# --- strconv.go: validPAXRecord
above | f Files/a uname=x\x00y | error: Files/a: the PAX record uname holds NUL (Go archive/tar)
above | f Files/a gname=\x00 | error: Files/a: the PAX record gname holds NUL (Go archive/tar)
# --- reader.go: readHeader; strconv.go: parseNumeric, parseOctal
above | f Files/a !108=00x | error: Files/a: the header's uid is not a number (Go archive/tar)
above | f Files/a !116=1\x202 | error: Files/a: the header's gid is not a number (Go archive/tar)
above | f Files/a !136=8 | error: Files/a: the header's time is not a number (Go archive/tar)
above | f Files/a !136=\x80\xff | error: Files/a: the header's time is not a number (Go archive/tar)
above | f Files/a !136=\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00 |
above | f Files/a !329=z | error: Files/a: the header's major device number is not a number (Go archive/tar)
above | f Files/a !337=z | error: Files/a: the header's minor device number is not a number (Go archive/tar)
above | f Files/a !329=z !257=\x00\x00\x00\x00\x00 |
# --- reader.go: next: a global header is handed out as an entry (stricter: it would be a file)
above | g pax comment=x;f Files/a | error: Files/a: a global PAX header stands before it, which the importer takes for a file (Go archive/tar)
# --- reader.go: next: GNU's long name wins over the record, and its type is that of the name
above | L Files/long;f Files/short path=Files/record |
above | f Files/long;L Files/long;f Files/short path=Files/record | error: Files/long: the path is there already, without regard to case (hcsshim wclayer/legacy.go)
# --- backuptar: FileInfoFromHeader
above | f Files/a MSWINDOWS.fileattr= | error: Files/a: MSWINDOWS.fileattr is not a decimal number of 32 bits (go-winio backuptar/tar.go)
above | f Files/a MSWINDOWS.fileattr=+32 | error: Files/a: MSWINDOWS.fileattr is not a decimal number of 32 bits (go-winio backuptar/tar.go)
above | f Files/a MSWINDOWS.fileattr=0x20 | error: Files/a: MSWINDOWS.fileattr is not a decimal number of 32 bits (go-winio backuptar/tar.go)
above | f Files/a MSWINDOWS.fileattr=4294967295 | error: Files/a: MSWINDOWS.fileattr 4294967295 says folder of a file (hcsshim wclayer/legacy.go:691)
above | f Files/a MSWINDOWS.fileattr=x MSWINDOWS.fileattr=32 |
above | f Files/a LIBARCHIVE.creationtime=abc | error: Files/a: LIBARCHIVE.creationtime is not a time in seconds (go-winio backuptar/tar.go)
above | f Files/a LIBARCHIVE.creationtime= | error: Files/a: LIBARCHIVE.creationtime is not a time in seconds (go-winio backuptar/tar.go)
# --- records of what is not made are not looked at
above | f Files/.wh.a MSWINDOWS.fileattr=x LIBARCHIVE.creationtime=x |
above | f Files/a;h Files/b >Files/a MSWINDOWS.rawsd=! |
# --- backuptar: SecurityDescriptorFromTarHeader
above | f Files/a MSWINDOWS.rawsd=AQAEgBQ | error: Files/a: MSWINDOWS.rawsd is not base64 (go-winio backuptar/tar.go)
above | f Files/a MSWINDOWS.rawsd=_-8= | error: Files/a: MSWINDOWS.rawsd is not base64 (go-winio backuptar/tar.go)
above | f Files/a MSWINDOWS.rawsd= |
above | f Files/a MSWINDOWS.sd=nonsense | error: Files/a: MSWINDOWS.sd is no descriptor in SDDL (go-winio sd.go)
above | f Files/a MSWINDOWS.sd=D:(A;;FA;;;WD | error: Files/a: MSWINDOWS.sd is no descriptor in SDDL (go-winio sd.go)
above | f Files/a MSWINDOWS.sd=O:BAG:SYD:(A;OICI;FA;;;BA)(A;;0x1200a9;;;BU) |
above | f Files/a MSWINDOWS.sd=D:(A;;FA;;;DA) |
above | f Files/a MSWINDOWS.rawsd= MSWINDOWS.sd=nonsense |
# (stricter: the writer hands a damaged one on, and the file has none)
above | f Files/a MSWINDOWS.rawsd=Z2FyYmFnZQ== | error: Files/a: MSWINDOWS.rawsd: shorter than a security descriptor (MS-DTYP 2.4.6)
# --- backuptar: ExtendedAttributesFromTarHeader; ea.go: writeEa
above | f Files/a MSWINDOWS.xattr.X=!! | error: Files/a: MSWINDOWS.xattr.X is not base64 (go-winio backuptar/tar.go)
above | f Files/a MSWINDOWS.xattr.N255=QQ== |
above | f Files/a MSWINDOWS.xattr.N256=QQ== | error: Files/a: the name of an extended attribute has over 255 bytes (go-winio ea.go)
above | f Files/a MSWINDOWS.xattr.X=B65535 |
above | f Files/a MSWINDOWS.xattr.X=B65536 | error: Files/a: MSWINDOWS.xattr.X has over 65,535 bytes (go-winio ea.go)
# --- reparse.go: EncodeReparsePoint, whose 16 bits of length overflow in silence
above | s Files/l >N4088 |
above | s Files/l >N4089 | error: Files/l: the link's target has over 4,088 UTF-16 units, more than a reparse point holds (go-winio reparse.go, MS-FSCC 2.1.2)
above | s Files/l |
# --- backuptar: WriteBackupStreamFromTarFile
above | 7 Files/a @hive | error: Files/a: is of the tar type '7', of which the importer does not read the content (go-winio backuptar/tar.go)
above | f Files/a;f Files/a:s;f Files/a:t | warning: Files/a:s: the stream has no :$DATA, without which it cannot be imported where layers are CIM images, and so has 1 more (hcsshim ociwclayer/cim/import.go)
above | f Files/a;f Files/b;f Files/a:s | error: Files/a:s: a stream must come right after its file (hcsshim safefile/safeopen.go)
base | f Files/q:s | error: Files/q:s: a stream must come right after its file (hcsshim safefile/safeopen.go)
above | f Files/a;f Files/A:s | error: Files/A:s: a stream must come right after its file (hcsshim safefile/safeopen.go)
above | f Files/a;h Files/b >Files/a;f Files/b:s | error: Files/b:s: a stream must come right after its file (hcsshim safefile/safeopen.go)
above | f Files/a;d Files/a:s | error: Files/a:s: a stream must come right after its file (hcsshim safefile/safeopen.go)
above | f Files/a;f Files/a: | error: Files/a:: is no name of a stream: the importer adds :$DATA itself (go-winio backuptar/tar.go)
above | f Files/a;f Files/a:s:$DATA | error: Files/a:s:$DATA: is no name of a stream: the importer adds :$DATA itself (go-winio backuptar/tar.go)
# (stricter: nobody has seen what Windows makes of it)
above | d Files/d;f Files/d:s | error: Files/d:s: a folder cannot have a stream (hcsshim safefile/safeopen.go)
above | d Files/d/;f Files/d:s | error: Files/d:s: a stream must come right after its file (hcsshim safefile/safeopen.go)
# --- safefile: cleanGoStringRelativePath, openRelativeInternal
above | f Files/a<b | error: Files/a<b: Windows takes none of < > : " / \ | ? * in names (Microsoft, Naming Files, Paths, and Namespaces)
above | f Files/a? | error: Files/a?: Windows takes none of < > : " / \ | ? * in names (Microsoft, Naming Files, Paths, and Namespaces)
base | f Files/a* | error: Files/a*: Windows takes none of < > : " / \ | ? * in names (Microsoft, Naming Files, Paths, and Namespaces)
above | f Files/.wh.a* | error: Files/.wh.a*: Windows takes none of < > : " / \ | ? * in names (Microsoft, Naming Files, Paths, and Namespaces)
base | f Files/a\x01b | error: Files/a\u{1}b: Windows takes no control characters in names (Microsoft, Naming Files, Paths, and Namespaces)
above | f Files/N255 |
above | f Files/N256 | error: Files/N256: Windows takes no name of over 255 UTF-16 units (Microsoft, Naming Files, Paths, and Namespaces)
above | f /Files/x | error: /Files/x: the name is absolute (hcsshim safefile/safeopen.go)
above | f Files/../../../x | error: Files/../../../x: the name has a ".." part (hcsshim safefile/safeopen.go)
# (stricter: it is another place than it looks)
above | f Files/../Files/x | error: Files/../Files/x: the name has a ".." part (hcsshim safefile/safeopen.go)
# (stricter: the file gets another name)
base | f Files/\xff | error: Files/\x{ff}: the name is not UTF-8 (Go archive/tar)
# taken, and out of reach of most programs
above | f Files/con | warning: Files/con: Windows takes the name for a device: it is made, and most programs cannot open it (Microsoft, Naming Files, Paths, and Namespaces)
above | f Files/a. | warning: Files/a.: Windows takes no dot or space at the end of names: it is made, and most programs cannot open it (Microsoft, Naming Files, Paths, and Namespaces)
base | f Files/a\x20 | warning: Files/a : Windows takes no dot or space at the end of names: it is made, and most programs cannot open it (Microsoft, Naming Files, Paths, and Namespaces)
above | p Files/p | warning: Files/p: is neither file, folder nor link: the importer makes an empty file of it (hcsshim ociwclayer/import.go)
# --- legacy.go: Add, beside each folder a file of its name and .$wcidirs$
above | d Files/N245 |
above | d Files/N246 | error: Files/N246: a folder's name has over 245 UTF-16 units, and the importer of layers adds 10 (hcsshim wclayer/legacy.go)
base | d Files/N255 |
above | f Files/a.$wcidirs$ | error: Files/a.$wcidirs$: names that end in .$wcidirs$ belong to the importer of layers (hcsshim wclayer/legacy.go)
base | f Files/a.$wcidirs$ |
above | f Files/a;f Files/A | error: Files/A: the path is there already, without regard to case (hcsshim wclayer/legacy.go)
base | f Files/a;f Files/A | error: Files/A: the path is there already, without regard to case (hcsshim wclayer/baselayerwriter.go)
above | f Files/q/x | error: Files/q/x: comes before the entry of its folder (hcsshim wclayer/legacy.go)
base | f Files/q/x | error: Files/q/x: comes before the entry of its folder (hcsshim wclayer/baselayerwriter.go)
above | f Files/a;f Files/a/b | error: Files/a/b: is below an entry that is not a folder (hcsshim wclayer/legacy.go)
# --- legacy.go: Add, the utility VM
above | f UtilityVM/Files/x | error: UtilityVM/Files/x: comes before the entry UtilityVM (hcsshim wclayer/legacy.go)
above | d UtilityVM/ | error: UtilityVM/: must be spelled UtilityVM, without a slash or a dot (hcsshim wclayer/legacy.go)
above | d UtilityVM;d UtilityVM/Other | error: UtilityVM/Other: UtilityVM can hold only Files (hcsshim wclayer/legacy.go)
above | d UtilityVM;d UtilityVM/Files;f UtilityVM/Files/a/b | warning: UtilityVM/Files/a/b: its folder is not in this layer, so that a layer below must have it (hcsshim wclayer/legacy.go)
above | d UtilityVM;d UtilityVM/Files;f UtilityVM/Files/a;f UtilityVM/Files/A | warning: UtilityVM/Files/A: the path is there already, and this one takes its place (hcsshim wclayer/legacy.go)
base | UVM |
base | UVM;f UtilityVM/Files/q/x | error: UtilityVM/Files/q/x: comes before the entry of its folder (hcsshim wclayer/baselayerwriter.go)
base | d UtilityVM;d UtilityVM/Files/ | error: UtilityVM/Files/: must be spelled UtilityVM/Files, or no utility VM is made of it (hcsshim wclayer/baselayerwriter.go);;error: UtilityVM/Files/EFI/Microsoft/Boot/BCD: is missing, which a utility VM needs (hcsshim wclayer/converttobaselayer.go)
# --- legacy.go: AddLink; importlayer.go: Close
above | f Files/a;h Files/b >Files/a;h Files/c >Files/b |
above | h Files/b >Files/nope | warning: Files/b: the hard link's target is not before it, so that a layer below must have it (hcsshim wclayer/legacy.go)
above | f Files/a;h Files/b >Files/A | error: Files/b: the hard link's target is spelled otherwise than the file before it (hcsshim wclayer/legacy.go)
above | d Files/d;h Files/b >Files/d | error: Files/b: the hard link's target is a folder (hcsshim wclayer/importlayer.go)
above | h Files/b >Hives/System_Delta | error: Files/b: hard links are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)
above | f Files/a;h ./Files/b >Files/a | error: ./Files/b: hard links are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go);;warning: ./Files/b: the name has empty or "." parts (hcsshim wclayer/cim)
above | f Files/a;h Files/b >Files/a:s | error: Files/b: the hard link's target is a stream (hcsshim safefile/safeopen.go)
above | h Files/b >../x | error: Files/b: the hard link's target has a ".." part (hcsshim safefile/safeopen.go)
# --- baselayerwriter.go: AddLink: made at once, anywhere, without regard to case
base | f Files/a;h Files/b >Files/A |
base | UVM;h UtilityVM/Files/x >Files/Windows/System32/config/SAM |
base | h Files/l >Files/nope | error: Files/l: the hard link's target is no file before it (hcsshim wclayer/baselayerwriter.go)
base | h Files/l >Files/Windows | error: Files/l: the hard link's target is no file before it (hcsshim wclayer/baselayerwriter.go)
base | h Files/l >../x | error: Files/l: the hard link's target has a ".." part (hcsshim safefile/safeopen.go)
# --- import.go, legacy.go: Remove; baselayerwriter.go: Remove
base | f Files/.wh.x | error: Files/.wh.x: a base layer cannot have whiteouts (hcsshim wclayer/baselayerwriter.go)
above | f Hives/.wh.System_Delta | error: Hives/.wh.System_Delta: whiteouts are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)
above | f .wh.Files | error: .wh.Files: whiteouts are possible only below Files/ and UtilityVM/Files/ (hcsshim wclayer/legacy.go)
above | f Files/zz/.wh.x |
above | d Files/d;f Files/d/.wh. | error: Files/d/.wh.: names nothing in its folder, and deletes the folder (hcsshim ociwclayer/import.go)
above | d Files/d;f Files/d/.wh... | error: Files/d/.wh...: names nothing in its folder, and deletes the folder (hcsshim ociwclayer/import.go)
above | f Files/.wh.a:s | error: Files/.wh.a:s: a stream cannot be deleted by a whiteout (hcsshim safefile/safeopen.go)
# --- importlayer.go: Close: whiteouts are applied last
above | f Files/.wh.a;f Files/A | error: Files/A: the layer has a whiteout for it too, which is applied last (hcsshim wclayer/importlayer.go)
above | f Files/a;f Files/.wh.a | error: Files/.wh.a: the layer has an entry for it too, which is deleted again (hcsshim wclayer/importlayer.go)
above | f UtilityVM/Files/.wh.a;d UtilityVM;d UtilityVM/Files;f UtilityVM/Files/a |
above | d UtilityVM;d UtilityVM/Files;f UtilityVM/Files/a;f UtilityVM/Files/.wh.a | error: UtilityVM/Files/.wh.a: the layer has an entry for it too, which is deleted again (hcsshim wclayer/legacy.go)
# --- cim/common.go: AddLink, AddAlternateStream (stricter: the other writer loses the stream)
above | d UtilityVM;d UtilityVM/Files;f UtilityVM/Files/bcd;d UtilityVM/Files/EFI;d UtilityVM/Files/EFI/Microsoft;d UtilityVM/Files/EFI/Microsoft/Boot;h UtilityVM/Files/EFI/Microsoft/Boot/BCD >UtilityVM/Files/bcd | warning: UtilityVM/Files/EFI/Microsoft/Boot/BCD: this file as a hard link cannot be imported where layers are CIM images (hcsshim wclayer/cim)
END

# N.tar and N.findings for each row, and all numbers with their rows.
"$PYTHON3" -S - "$abs_srcdir/tests/cli/make-layer.py" <<'END' >rows
import base64
import re
import runpy
import sys

write_layer = runpy.run_path(sys.argv[1])["write"]

def fill(text):
    text = re.sub(r"\bN(\d+)", lambda found: "n" * int(found[1]), text)
    return re.sub(r"\bB(\d{5})", lambda found: base64.b64encode(bytes(int(found[1]))).decode(), text)

rows = [line.rstrip("\n") for line in open("table", encoding="utf-8") if not line.startswith("#")]
for number, row in enumerate(rows):
    kind, rest = row.split(" | ", 1)
    entries, findings = rest.split(" |", 1)
    lines = open(kind, encoding="utf-8").read()
    lines += fill(entries).replace(";", "\n") if "MSWINDOWS.sd=" not in entries else fill(entries)
    lines = lines.replace("UVM", open("utility", encoding="utf-8").read()) + "\nend 2\n"
    write_layer(f"{number}.tar", lines.split("\n"))
    with open(f"{number}.findings", "w", encoding="utf-8") as out:
        for finding in filter(None, findings.split(";;")):
            out.write(fill(finding.strip()) + "\n")
    print(number, kind, row)
END

while read -r number kind row; do
    status=0
    lp verify "$number.tar" >out 2>err || status=$?
    says err
    wanted=0
    ! grep -q '^error: ' "$number.findings" || wanted=1
    [ "$status" -eq "$wanted" ] || fail "status $status instead of $wanted: $row"
    grep -e '^error: ' -e '^warning: ' out >found || true
    cmp -s "$number.findings" found || { diff -u "$number.findings" found >&2; fail "$row"; }
    grep -q "^kind     $([ "$kind" = base ] && echo base || echo layer above)" out ||
        fail "is of another kind: $row"
done <rows

# The layers below decide. base.tar is under all; what is between stands before it.
make_image() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/image-of-layers.py" img "$@"
}

layer() {
    file=$1
    kind=$2
    shift 2
    { cat "$kind" && printf '%s\n' "$@" 'end 2'; } | make_layer "$file"
}

# decided STATUS FINDING...: of the topmost layer.
decided() {
    wanted=$1
    shift
    run "$wanted" lp verify oci:img
    [ -s out ] || fail "verify says nothing"
    grep -e '^error: ' -e '^warning: ' out >found || true
    says found "$@"
}

layer base.tar base 'f Files/a' 'd Files/d' 'f Files/d/x' "$(cat utility)"
layer link.tar above 'h Files/b >Files/A' 'h Files/c >Files/d/x'
make_image base.tar link.tar
decided 0
layer link.tar above 'h Files/b >Files/nope' 'h Files/c >Files/d'
make_image base.tar link.tar
decided 1 \
    "error: layer 2: Files/b: the hard link's target is neither before it nor in a layer below (hcsshim wclayer/legacy.go)" \
    "error: layer 2: Files/c: the hard link's target is a folder (hcsshim wclayer/importlayer.go)"
# A link is looked for in each layer's own files: what a layer between deletes is still found.
layer between.tar above 'f Files/.wh.a' 'f Files/.wh.d' 'f Files/e'
layer link.tar above 'h Files/b >Files/a' 'f Files/.wh.a' 'f Files/.wh.d' 'f Files/.wh.e'
make_image base.tar between.tar link.tar
decided 0 \
    "warning: layer 3: Files/.wh.a: deletes what no layer below has (hcsshim wclayer/importlayer.go)" \
    "warning: layer 3: Files/.wh.d: deletes what no layer below has (hcsshim wclayer/importlayer.go)"
# Below the utility VM, it is what the layers below make together.
layer utility.tar above 'd UtilityVM' 'd UtilityVM/Files' "f $bcd/new" 'f UtilityVM/Files/.wh.no' \
    'f UtilityVM/Files/no/x' "f $bcd"
make_image base.tar utility.tar
decided 1 \
    "error: layer 2: UtilityVM/Files/.wh.no: deletes what no layer below has (hcsshim wclayer/legacy.go)" \
    "error: layer 2: UtilityVM/Files/no/x: comes before the entry of its folder, which no layer below has (hcsshim wclayer/legacy.go)" \
    "error: layer 2: $bcd: is a file, and a folder in layer 1, which is not removed for it unless it is empty (hcsshim wclayer/legacy.go)"
layer plain.tar above 'f Files/p'
layer utility.tar above 'd UtilityVM' 'd UtilityVM/Files'
make_image base.tar plain.tar utility.tar
decided 1 \
    "error: layer 3: UtilityVM: the layer right below has no utility VM, which would be copied first (hcsshim wclayer/legacy.go)"
# A file for a folder, and the reverse.
layer kinds.tar above 'd Files/a' 'f Files/d'
make_image base.tar kinds.tar
decided 0 \
    "warning: layer 2: Files/a: is a folder here and none in layer 1: what becomes of that is not known (hcsshim wclayer/importlayer.go)" \
    "warning: layer 2: Files/d: is a file here and a folder in layer 1: what becomes of that is not known (hcsshim wclayer/importlayer.go)"

# The importer's own verdicts. It rejects what verify finds an error in; where it does not, verify is
# stricter: another place or name than it looks (c.dotdot, x.badutf8), lost (c.ads-hive,
# c.rawsd-garbage), or refused later by the service whose source is closed (all others).
if [ ! -d "$abs_srcdir/../shared/cases/layers" ]; then
    unproven "../shared/cases is not here" "verdicts of the importer itself"
    exit 0
fi
cases=$abs_srcdir/../shared/cases/layers
mkdir layers
"$PYTHON3" -S "$cases/make.py" "$cases/importer.json" delta hive layers
"$PYTHON3" -S - "$cases/importer.json" <<'END' >verdicts
import json
import sys

for case in json.load(open(sys.argv[1], encoding="utf-8"))["cases"]:
    print(case["name"], case["importer"])
END
while read -r name verdict; do
    status=0
    lp verify "layers/$name.tar" >out 2>err || status=$?
    case $verdict-$status in
    accept-0 | reject-1) ;;
    *) echo "$name $verdict $status" ;;
    esac
done <verdicts >others
[ "$(wc -l <verdicts)" -eq 80 ] || fail "there are no 80 verdicts"
says others 'b.with-layout accept 1' 'c.ads-hive accept 1' 'c.dotdot accept 1' \
    'c.empty accept 1' 'c.hl-missing reject 0' 'c.lower-delta accept 1' \
    'c.lower-hives-dir accept 1' 'c.no-Files accept 1' 'c.no-Hives-dir accept 1' \
    'c.rawsd-garbage accept 1' 'x.badutf8 accept 1'
make_image base.tar layers/c.hl-missing.tar
run 1 lp verify oci:img
grep '^error: ' out >found
says found \
    "error: layer 2: Files/b: the hard link's target is neither before it nor in a layer below (hcsshim wclayer/legacy.go)"

# --- reader.go: mergePAX: a size that is no number, where both readers of a tar must agree
{
    cat above
    printf '%s\n' 'f Files/a size=0\x00x'
} >list
make_layer bad.tar <list
run 3 lp verify bad.tar
grep -c 'PAX' err >found
says found 1
