#!/bin/sh
# layerpack explain: what each layer of an image changed, in three formats, and the history of one
# key or value.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
patches=$abs_srcdir/fixtures/patches
PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3"

make_layer() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" "$1"
}

make_image() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/image-of-layers.py" "$@"
}

digest_of() {
    echo "sha256:$(sha256sum "$1" | cut -c 1-64)"
}

# Three layers: a base, the two patches of a sandbox image, and a third that changes things back.
for name in SOFTWARE SYSTEM empty small; do
    cp "$hives/$name" .
done
config=Files/Windows/System32/config
printf '%s\n' 'd Files' 'd Files/Windows' 'd Files/Windows/System32' "d $config" \
    "f $config/DEFAULT @small" "f $config/SAM @empty" "f $config/SECURITY @empty" \
    "f $config/SOFTWARE @SOFTWARE" "f $config/SYSTEM @SYSTEM" 'end 2' | make_layer base.tar
run 0 ht apply --quiet -o software.2 SOFTWARE "$patches/pause.reg"
run 0 ht apply --quiet -o system.2 SYSTEM "$patches/diagtrack.reg"
run 0 lp create --quiet --base software=SOFTWARE --changed software=software.2 \
    --base system=SYSTEM --changed system=system.2 -o two.tar
cat >three.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
"EnableDCOM"="Y"
"New"=dword:00000007

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Added\Sub]
@="x"
END
run 0 ht apply --quiet -o software.3 software.2 three.reg
run 0 lp create --quiet --base software=software.2 --changed software=software.3 -o three.tar
make_image img --created-by 'RUN \u001b[2J' base.tar two.tar three.tar
base="layer 1 $(digest_of base.tar) (RUN \\u001b[2J)"
two="layer 2 $(digest_of two.tar) (RUN \\u001b[2J)"
three="layer 3 $(digest_of three.tar) (RUN \\u001b[2J)"

# Text. What is in the base is counted by another command.
count() {
    ht check "$1" | sed 's/.*; //;s/ \(key\|value\)s$/ \1s/'
}
cat >whole <<END
$base
DEFAULT (HKEY_USERS\\.DEFAULT): the base, $(count small)
SAM (HKEY_LOCAL_MACHINE\\SAM): the base, $(count empty)
SECURITY (HKEY_LOCAL_MACHINE\\SECURITY): the base, $(count empty)
SOFTWARE (HKEY_LOCAL_MACHINE\\SOFTWARE): the base, $(count SOFTWARE)
SYSTEM (HKEY_LOCAL_MACHINE\\SYSTEM): the base, $(count SYSTEM)

$two
SOFTWARE (HKEY_LOCAL_MACHINE\\SOFTWARE):
~ [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Ole]
    ~ "EnableDCOM"  sz "Y" -> "N"
~ [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Rpc]
    ~ "DCOM Protocols"  multi_sz - "ncacn_ip_tcp" at 1
    + "EpMapDisallowedProtocols"  sz "ncacn_ip_tcp"
    ~ "UuidSequenceNumber"  dword 0x0066b3e1 (6730721) -> 0x01bcf674 (29161076), 13 bits differ
1 value added, 3 values changed
SYSTEM (HKEY_LOCAL_MACHINE\\SYSTEM):
- [HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\DiagTrack]  (5 subkeys, 20 values)
6 keys deleted, 20 values deleted
no change: DEFAULT, SAM, SECURITY

$three
SOFTWARE (HKEY_LOCAL_MACHINE\\SOFTWARE):
+ [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Added]
+ [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Added\\Sub]
    + @  sz "x"
~ [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Ole]
    ~ "EnableDCOM"  sz "N" -> "Y"
    + "New"  dword 0x00000007 (7)
2 keys created, 2 values added, 1 value changed
no change: DEFAULT, SAM, SECURITY, SYSTEM
END
run 0 lp explain oci:img
same whole out

# A page: a tab for each layer, and at each value who wrote it, and who before.
if [ -n "$PYTHON3" ]; then
    run 0 lp explain --format=html -o explain.html oci:img
    says out
    "$PYTHON3" -S "$abs_srcdir/tests/cli/html-page.py" explain.html >out
    says out '13 keys, 27 changes, 6 rows, 0 as data'
    grep -o '<section [^>]*>' explain.html | grep -o 'data-tab="[^"]*"' | uniq -c | tr -s ' ' >out
    says out ' 5 data-tab="layer 1"' ' 2 data-tab="layer 2"' ' 1 data-tab="layer 3"'
    grep -o '>written by layer 3[^<]*<' explain.html | LC_ALL=C sort | uniq -c | tr -s ' ' >out
    says out ' 1 >written by layer 3; before that written by layer 2<' ' 2 >written by layer 3<'
    grep -c 'written by layer 2; before that it was as in the base' explain.html >out
    says out 3
    grep -c 'deleted with its key by layer 2' explain.html >out
    says out 20
fi
says err
run 0 lp explain --layer 2 --hive sam --hive System oci:img
says out "$two" 'SYSTEM (HKEY_LOCAL_MACHINE\SYSTEM):' \
    '- [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack]  (5 subkeys, 20 values)' \
    '6 keys deleted, 20 values deleted' 'no change: SAM'

# The other two kinds of image say the same: the layers are the same plain tars.
make_image archive.tar --form oci-archive --created-by 'RUN \u001b[2J' base.tar two.tar three.tar
run 0 lp explain oci-archive:archive.tar
same whole out
make_image docker.tar --form docker-archive --created-by 'RUN \u001b[2J' base.tar two.tar three.tar
run 0 lp explain docker-archive:docker.tar:base:v1
same whole out

# JSON: its parts are deltas that hivetool applies.
run 0 lp explain --format json oci:img
cp out document
"$PYTHON3" -S - >members <<'END'
import json

document = json.load(open("document", encoding="utf-8"))
print(document["kind"], [layer["number"] for layer in document["layers"]])
for layer in document["layers"]:
    print(layer["digest"] == layer["diff_id"], layer["created_by"] == "RUN \\u001b[2J")
    for hive in layer["hives"]:
        print(hive["name"], hive["root"], hive["role"], hive.get("keys"),
              hive.get("without_effect"), "delta" in hive)
        if "delta" in hive:
            with open("%s.%d.json" % (hive["name"], layer["number"]), "w") as out:
                json.dump(hive["delta"], out)
END
says members 'explanation [1, 2, 3]' 'True True' \
    'DEFAULT HKEY_USERS\.DEFAULT base 17 None False' \
    'SAM HKEY_LOCAL_MACHINE\SAM base 1 None False' \
    'SECURITY HKEY_LOCAL_MACHINE\SECURITY base 1 None False' \
    'SOFTWARE HKEY_LOCAL_MACHINE\SOFTWARE base 5228 None False' \
    'SYSTEM HKEY_LOCAL_MACHINE\SYSTEM base 796 None False' \
    'True True' \
    'DEFAULT HKEY_USERS\.DEFAULT change None 0 True' \
    'SAM HKEY_LOCAL_MACHINE\SAM change None 0 True' \
    'SECURITY HKEY_LOCAL_MACHINE\SECURITY change None 0 True' \
    'SOFTWARE HKEY_LOCAL_MACHINE\SOFTWARE change None 0 True' \
    'SYSTEM HKEY_LOCAL_MACHINE\SYSTEM change None 0 True' \
    'True True' \
    'DEFAULT HKEY_USERS\.DEFAULT change None 0 True' \
    'SAM HKEY_LOCAL_MACHINE\SAM change None 0 True' \
    'SECURITY HKEY_LOCAL_MACHINE\SECURITY change None 0 True' \
    'SOFTWARE HKEY_LOCAL_MACHINE\SOFTWARE change None 0 True' \
    'SYSTEM HKEY_LOCAL_MACHINE\SYSTEM change None 0 True'
run 0 ht apply --quiet -o software.json SOFTWARE SOFTWARE.2.json
run 0 ht apply --quiet --in-place software.json SOFTWARE.3.json
run 0 ht diff software.3 software.json
run 0 ht apply --quiet -o system.json SYSTEM SYSTEM.2.json
run 0 ht diff system.2 system.json

# .reg: one file that makes all changes in their order.
run 0 lp explain --format reg --encoding utf-8 oci:img
tr -d '\r' <out >text
cat >wanted <<END
Windows Registry Editor Version 5.00

; $base: the base, which is not in this file

; $two
[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Ole]
"EnableDCOM"="N"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Rpc]
"DCOM Protocols"=hex(7):00,00
"EpMapDisallowedProtocols"="ncacn_ip_tcp"
"UuidSequenceNumber"=dword:01bcf674

[-HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\DiagTrack]

; $three
[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Added]

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Added\\Sub]
@="x"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Ole]
"EnableDCOM"="Y"
"New"=dword:00000007

END
same wanted text
run 0 lp explain --format reg oci:img
cp out all.reg
run 0 ht apply --quiet --skip-foreign -o software.reg SOFTWARE all.reg
run 0 ht diff software.3 software.reg
run 0 ht apply --quiet --skip-foreign -o system.reg SYSTEM all.reg
run 0 ht diff system.2 system.reg

# The history of a value.
run 0 lp explain --key 'HKLM\Software\microsoft\OLE::enabledcom' oci:img
says out 'HKEY_LOCAL_MACHINE\SOFTWARE\microsoft\OLE::enabledcom' \
    'now              sz "Y"' 'before           sz "N"' "last written by  $three" '' \
    "$base: the base" '  + "EnableDCOM"  sz "Y"' '' \
    "$two" '  ~ "EnableDCOM"  sz "Y" -> "N"' '' \
    "$three" '  ~ "EnableDCOM"  sz "N" -> "Y"'
mv out whole
run 0 lp explain --key 'Software\microsoft\OLE::enabledcom' oci:img
same_bytes whole out
run 0 lp explain --key 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Added\Sub::' oci:img
says out 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Added\Sub::@' \
    'now              sz "x"' 'before           not there' "last written by  $three" '' \
    "$three" '  + @  sz "x"'
run 0 lp explain --key 'HKLM\SYSTEM\CurrentControlSet\Services\DiagTrack::Start' oci:img
says out 'HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack::Start' \
    'now              not there' 'before           dword 0x00000002 (2)' "last written by  $two" '' \
    "$base: the base" '  + "Start"  dword 0x00000002 (2)  = automatic' '' \
    "$two" '  - "Start"  dword 0x00000002 (2)  = automatic'

# held HIVE KEY: how many values and subkeys another command lists.
held() {
    ht ls "$1" "$2" >listed
    echo "$(grep -c -v '\\$' listed) values, $(grep -c '\\$' listed) subkeys"
}

# Of a key: each value with the layer that it is from.
run 0 lp explain --key 'HKLM\SOFTWARE\Microsoft\Rpc' oci:img
sed -n '/^now/,/^last/p' out | grep -v 'layer 1' >now
says now "$(grep '^now' out)" \
    '  layer 2  "DCOM Protocols"  multi_sz (empty list)' \
    '  layer 2  "UuidSequenceNumber"  dword 0x01bcf674 (29161076)' \
    '  layer 2  "EpMapDisallowedProtocols"  sz "ncacn_ip_tcp"' \
    "before           $(held SOFTWARE 'Microsoft\Rpc')" "last written by  $two"
run 0 lp explain --key 'HKLM\SYSTEM\CurrentControlSet\Services\DiagTrack' oci:img
grep -v '^      + ' out >short
says short 'HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack' \
    'now              not there' \
    "before           $(held SYSTEM 'ControlSet001\Services\DiagTrack')" "last written by  $two" '' \
    "$base: the base" '  + [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack]' '' \
    "$two" \
    '  - [HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack]  (5 subkeys, 20 values)'
# What changes below a key is no change of the key.
run 0 lp explain --key 'HKLM\SOFTWARE\Microsoft' oci:img
grep -e '^last' -e '^layer' -e '^  below' out >below
says below "last written by  $base" "$base: the base" "$two" '  below it: 4 changes' \
    "$three" '  below it: 5 changes'
run 0 lp explain --format json --key 'HKLM\SOFTWARE\Microsoft\Ole::New' oci:img
cp out document
"$PYTHON3" -S - >members <<'END'
import json

document = json.load(open("document", encoding="utf-8"))
print(document["kind"], document["root"], document["path"], document["value"],
      document["last_written"])
for event in document["history"]:
    print(event["number"], event["role"], event["without_effect"], event["changes_below"])
    print(event["delta"]["changes"])
END
says members "history HKEY_LOCAL_MACHINE\\SOFTWARE ['Microsoft', 'Ole'] New 3" \
    '3 change False 0' \
    "[{'op': 'set_value', 'path': ['Microsoft', 'Ole'], 'name': 'New', 'after': {'type': 4, 'type_name': 'REG_DWORD', 'hex': '07000000', 'dword': 7}}]"

# Nobody has it.
run 1 lp explain --key 'HKLM\SOFTWARE\Microsoft\Nothing' oci:img
says err "layerpack: HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Nothing: not found in any layer: 'Nothing' is not in 'Microsoft'"
says out
run 1 lp explain --key 'HKLM\SOFTWARE\Microsoft\Ole::Nothing' oci:img
says err 'layerpack: HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole::Nothing: not found in any layer'
# Nor what is below a key that a layer deletes, and was not there.
run 1 lp explain --key 'HKLM\SYSTEM\ControlSet001\Services\DiagTrack\Nothing' oci:img
says err 'layerpack: HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack\Nothing: not found in any layer: '"'DiagTrack' is not in 'ControlSet001\Services'"
run 1 lp explain --key 'HKLM\SYSTEM\ControlSet001\Services\DiagTrack::Nothing' oci:img

# What there is instead.
absent() {
    run 1 lp explain --key "$1" oci:img
    says out
    says err "layerpack: $2"
}
ole='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole'
absent 'HKLM\SOFTWARE\Microsoft\Olee' "${ole}e: not found in any layer: 'Olee' is not in 'Microsoft', did you mean 'Ole'?"
absent 'HKLM\SOFTWARE\Microsoft\Ole\New' "$ole\\New: not found in any layer: 'New' is a value of 'Microsoft\\Ole'"
absent 'HKLM\SOFTWARE\Microsoft\Ole::EnabledDCOM' "$ole::EnabledDCOM: not found in any layer, did you mean 'EnableDCOM'?"
absent 'HKLM\SOFTWARE\Microsoft::Ole' "${ole%?Ole}::Ole: not found in any layer, it is a subkey"
# One key, however it is spelled: in one run, as each value is told once.
run 0 lp explain --key 'HKLM\SOFTWARE\Microsoft\Ole::EnableDCOM' oci:img
cp out one
set --
for key in HKLM/SOFTWARE/Microsoft/Ole 'HKLM:\SOFTWARE\Microsoft/Ole' "Computer\\$ole" "Registry::$ole" \
    "[$ole]" 'HKLM\SOFTWARE\Micros\u{6f}ft\Ole'; do
    for value in EnableDCOM '"EnableDCOM"' 'Enable\u{44}COM'; do
        set -- "$@" --key "$key::$value"
    done
done
run 0 lp explain "$@" oci:img
same one out
# Several: those that are there, each once; binary data whole on request.
run 0 lp explain --key 'HKLM\SOFTWARE\Microsoft\Rpc' oci:img
cp out two
run 1 lp explain --key 'HKLM\SOFTWARE\Microsoft\Ole::EnableDCOM' --key 'HKLM\SOFTWARE\Microsoft\Olee' \
    --key 'HKLM/SOFTWARE/Microsoft/Rpc' --key "$ole::EnableDCOM" --key 'HKLM\SYSTEM\Nothing' oci:img
{
    cat one
    printf '\n\n'
    cat two
} >wanted
same wanted out
says err "layerpack: ${ole}e: not found in any layer: 'Olee' is not in 'Microsoft', did you mean 'Ole'?" \
    "layerpack: HKEY_LOCAL_MACHINE\\SYSTEM\\Nothing: not found in any layer: 'Nothing' is not in the root key"
run 1 lp explain --format=json --key "$ole::EnableDCOM" --key "${ole}e" --key "$ole" oci:img
cp out several
run 0 lp explain --format=json --key "$ole" oci:img
cp out document
"$PYTHON3" - >members <<'END'
import json

several = json.load(open("several", encoding="utf-8"))
document = json.load(open("document", encoding="utf-8"))
print(several["tool"], several["kind"], [entry["value"] for entry in several["histories"]])
head = {name: document.pop(name) for name in ("format_version", "tool", "kind")}
print(head["tool"], several["histories"][1] == document)
END
says members "layerpack histories ['EnableDCOM', None]" 'layerpack True'
run 2 lp explain --key "$ole" --key nowhere oci:img
says out

# A key that is deleted and made again: its value is of the layer that did so, also when it is equal.
cat >again.reg <<'END'
Windows Registry Editor Version 5.00

[-HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
"EnableDCOM"="Y"
END
run 0 lp build --quiet --from oci:img --reg again.reg --to oci:anew
run 0 lp explain --key 'HKLM\SOFTWARE\Microsoft\Ole::EnableDCOM' oci:anew
sed 's/\(layer 4\) .*/\1/;/^layer [123]/,/^$/d' out >short
says short 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole::EnableDCOM' \
    'now              sz "Y"' 'before           sz "Y"' 'last written by  layer 4' '' \
    'layer 4' '  ~ "EnableDCOM"  sz "Y" -> "Y"'
run 0 lp explain --format json --key 'HKLM\SOFTWARE\Microsoft\Ole::EnableDCOM' oci:anew
grep '"last_written"' out >found
says found '  "last_written": 4,'

# The command line.
for layer in 0 -1 4; do
    run 2 lp explain --layer "$layer" oci:img
    says err "layerpack: --layer=$layer: the layers are 1 to 3" \
        "layerpack: see 'layerpack explain --help'"
done
run 2 lp explain --layer 0 --key 'HKLM\SAM\x' oci:img
run 2 lp explain --key 'HKCU\Software\x' oci:img
says err 'layerpack: --key=HKCU\Software\x: is in none of HKLM\SOFTWARE, HKLM\SYSTEM, HKLM\SAM, HKLM\SECURITY and HKU\.DEFAULT' \
    "layerpack: see 'layerpack explain --help'"
run 2 lp explain --key 'Softwares\x' oci:img
says err 'layerpack: --key=Softwares\x: is no path of a key, like HKLM\SOFTWARE\Microsoft' \
    "layerpack: see 'layerpack explain --help'"
run 2 lp explain --key 'HKLM\SAM\x' --hive SAM oci:img
says err 'layerpack: --key=HKLM\SAM\x: is a history, text or JSON, and cannot be with --hive or --layer' \
    "layerpack: see 'layerpack explain --help'"
run 2 lp explain --hive NTUSER oci:img
says err 'layerpack: --hive=NTUSER: not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT' \
    "layerpack: see 'layerpack explain --help'"
run 2 lp explain --format pdf oci:img
says err "layerpack: --format is 'pdf', not text, reg, json, ndjson, csv, html or markdown" \
    "layerpack: see 'layerpack explain --help'"
run 2 lp explain --encoding utf-8 oci:img
says err 'layerpack: --encoding is only for --format=reg' \
    "layerpack: see 'layerpack explain --help'"
run 2 lp explain --platform windows/amd64 two.tar
says err 'layerpack: two.tar: --platform is for images, this is none' \
    "layerpack: see 'layerpack explain --help'"

# A layer that says what is so already.
make_image again base.tar two.tar two.tar
run 0 lp explain --layer 3 oci:again
says out "layer 3 $(digest_of two.tar) (layer 3)" 'SOFTWARE (HKEY_LOCAL_MACHINE\SOFTWARE):' \
    'no difference; without effect: 4 statements' 'SYSTEM (HKEY_LOCAL_MACHINE\SYSTEM):' \
    'no difference; without effect: 1 statement' 'no change: DEFAULT, SAM, SECURITY'
run 0 lp explain --key 'HKLM\SOFTWARE\Microsoft\Ole::EnableDCOM' oci:again
sed -n '/^last/p;/^layer 3/,$p' out >end
says end "last written by  layer 2 $(digest_of two.tar) (layer 2)" \
    "layer 3 $(digest_of two.tar) (layer 3)" '  stated again, without effect'

# A layer that changes a descriptor, a class name, and replaces a key.
cat >meta.json <<'END'
{"format_version": "1.0", "kind": "delta", "root": "HKEY_LOCAL_MACHINE\\SOFTWARE", "changes": [
 {"op": "set_security", "path": ["Microsoft", "Ole"],
  "after": {"security": {"hex": "010004803000000040000000000000001400000002001c000100000000021400190002000101000000000001000000000102000000000005200000002002000001020000000000052000000020020000"}}},
 {"op": "replace_key", "path": ["Microsoft", "Rpc"]},
 {"op": "set_value", "path": ["Microsoft", "Rpc"], "name": "a", "after": {"type": 4, "hex": "01000000"}}
]}
END
run 0 ht apply --quiet --engine rebuild -o software.meta SOFTWARE meta.json
run 0 lp create --quiet --base software=SOFTWARE --changed software=software.meta -o meta.tar
make_image meta base.tar meta.tar
run 0 lp explain --layer 2 --hive SOFTWARE oci:meta
grep -c '^        + (A;CI;KR;;;WD) at 1  allow Everyone: read, also subkeys$' out >found
says found 1
run 1 ht diff SOFTWARE software.meta
sed '/;/s/; not shown.*//' out >difference
run 0 lp explain --layer 2 --hive SOFTWARE oci:meta
sed 1,2d out >explained
same difference explained
run 0 lp explain --format reg --encoding utf-8 oci:meta
# The key made anew has SYSTEM's descriptor.
says err 'layerpack: 2 changes cannot be said in a .reg file, --format=json has everything'

# A layer alone, and a folder that one was unpacked to.
run 0 lp explain two.tar
says out "layer 1 $(digest_of two.tar)" \
    'SOFTWARE (HKEY_LOCAL_MACHINE\SOFTWARE): what the layer states, its base is not here' \
    '    ~ Microsoft' '    ~ Microsoft\Ole' '          "EnableDCOM" = sz "N"' \
    '    ~ Microsoft\Rpc' '          "DCOM Protocols" = multi_sz (empty list)' \
    '          "EpMapDisallowedProtocols" = sz "ncacn_ip_tcp"' \
    '          "UuidSequenceNumber" = dword 0x01bcf674 (29161076)' \
    'SYSTEM (HKEY_LOCAL_MACHINE\SYSTEM): what the layer states, its base is not here' \
    '    ~ ControlSet001' '    ~ ControlSet001\Services' \
    '    - ControlSet001\Services\DiagTrack (tombstone)' 'no change: DEFAULT, SAM, SECURITY'
sed 1d out >lines
mkdir unpacked
tar -C unpacked -xf two.tar 2>tar-notes
run 0 lp explain unpacked
sed 1d out >folder-lines
same lines folder-lines
run 0 lp explain --key 'HKLM\SYSTEM\ControlSet001\Services\DiagTrack::Start' two.tar
says out 'HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack::Start' \
    "last written by  layer 1 $(digest_of two.tar)" '' \
    "layer 1 $(digest_of two.tar): what it states, its base is not here" '  - "Start"  deleted'

# A damaged hive in a layer, and an ordinary one in place of a differencing one.
head -c 5000 unpacked/Hives/Software_Delta >"cut"
upper() {
    printf '%s\n' 'd Files' 'd Hives' "f Hives/Software_Delta @$1" 'end 2' | make_layer "$1.tar"
    make_image "$1.img" base.tar "$1.tar"
}
upper cut
run 3 lp explain oci:cut.img
says err 'layerpack: oci:cut.img: layer 2: Hives/Software_Delta: the hive is cut off: its base block promises 4096 bytes of hive bins, the file has 904'
upper empty
run 4 lp explain oci:empty.img
grep -c '^layerpack: oci:empty.img: layer 2: Hives/Software_Delta: ' err >found
says found 1
