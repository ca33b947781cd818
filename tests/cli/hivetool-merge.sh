#!/bin/sh
# hivetool merge, and what info, ls, get, export and diff say of differencing hives.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'

# reg FILE: the version 5 file of the lines on standard input; R is the root.
reg() {
    {
        printf 'Windows Registry Editor Version 5.00\n'
        sed "s/R\\\\/HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\/"
    } >"$1"
}

reg base.reg <<'EOR'

[R\Keep\Sub]
"a"="1"
"b"="2"

[R\Gone\Sub]
@="x"

[R\Whole\Old]
"o"="old"

[R\Other]
EOR
reg first.reg <<'EOR'

[R\Keep\Sub]
"a"=-
"b"="3"

[-R\Gone]

[R\New]
"n"=dword:1
EOR
reg second.reg <<'EOR'

[R\Keep\Sub]
"a"="again"

[R\Gone]
"back"="y"

[-R\New]
EOR
run 0 ht new --name=SOFTWARE -o fresh
run 0 ht apply -q -o SOFTWARE fresh base.reg
run 0 ht apply -q -o one SOFTWARE first.reg
run 0 ht apply -q -o two one second.reg
run 0 ht delta -q -o First_Delta --file-name=Software_Delta SOFTWARE one
run 0 ht delta -q -o Second_Delta --file-name=Software_Delta one two

# merge: one delta, then a stack of them.
run 0 ht merge -o merged SOFTWARE First_Delta
says out
says err 'hivetool: merged: 1 key created, 2 keys deleted, 1 value added, 1 value changed, 2 values deleted'
run 0 ht diff --ignore=timestamps merged one
run 0 ht info merged
grep -e ^kind -e ^version -e ^file_name out >lines
says lines 'kind              ordinary' 'version           1.5' 'file_name         SOFTWARE'
run 0 ht merge -v -o stacked SOFTWARE First_Delta Second_Delta
says err \
    'hivetool: First_Delta: 1 key created, 2 keys deleted, 1 value added, 1 value changed, 2 values deleted' \
    'hivetool: Second_Delta: 1 key created, 1 key deleted, 2 values added, 1 value deleted' \
    'hivetool: stacked: 1 key deleted, 1 value added, 2 values changed, 1 value deleted'
run 0 ht diff --ignore=timestamps stacked two
run 0 ht merge -q -o again merged Second_Delta
says err
same_bytes stacked again
# A delta twice is the delta once; one that changes nothing leaves the bytes as they are.
run 0 ht merge -q -o twice SOFTWARE First_Delta First_Delta
same_bytes merged twice
run 0 ht new --kind=differencing --name=Software_Delta -o Empty_Delta
run 0 ht merge -v -o copy SOFTWARE Empty_Delta
says err 'hivetool: Empty_Delta: nothing to do' 'hivetool: copy: nothing to do, a copy of the base'
same_bytes SOFTWARE copy
# A base that is not sound is told, whether a layer changes it or not, and whatever else fails.
for at in 4096 4128; do
    cp SOFTWARE bad
    printf 'ABCDEFGH' | dd of=bad bs=1 seek="$((at + 4096))" conv=notrunc 2>/dev/null
    ht rebuild -o bad.merged bad 2>err && fail "rebuild took it"
    head -n 1 err >defect
    for layer in First_Delta Empty_Delta SOFTWARE; do
        run 3 ht merge -o bad.merged bad $layer
        head -n 1 err >told
        same_bytes defect told
        [ ! -e bad.merged ] || fail "something was written"
    done
done
# The order matters: the second undoes what the first says of "a".
run 0 ht merge -q -o wrong SOFTWARE Second_Delta First_Delta
run 1 ht diff wrong two
SOURCE_DATE_EPOCH=1000000000
export SOURCE_DATE_EPOCH
run 0 ht merge -q -o timed SOFTWARE First_Delta
unset SOURCE_DATE_EPOCH
run 0 ht diff timed merged
run 1 ht diff --ignore=-timestamps timed merged

# What cannot be merged.
run 4 ht merge -o x First_Delta Second_Delta
says err 'hivetool: First_Delta: is a differencing hive, which means something only above its base'
run 4 ht merge -o x SOFTWARE one
says err 'hivetool: one: is an ordinary hive, not a differencing hive'
run 4 ht merge -o x SOFTWARE First_Delta one
run 2 ht merge SOFTWARE First_Delta
head -n 1 err >first
says first 'hivetool: merge: -o OUT is needed'
run 2 ht merge -o x SOFTWARE
run 2 ht merge -o First_Delta SOFTWARE First_Delta
run 5 ht merge -o x SOFTWARE nowhere
[ ! -e x ] || fail "x was written"

# info
run 0 ht info First_Delta
grep ^layer_ out >lines
says lines 'layer_00          2  new' 'layer_01          1  deleted' 'layer_80          2  merges'
run 0 ht info --format=json First_Delta
grep '"layer_bits"' out >lines
says lines '  "layer_bits": {"00": 2, "01": 1, "80": 2}'

# ls and get
run 0 ht ls First_Delta
says out 'Gone\  deleted' 'Keep\' 'New\'
run 0 ht ls First_Delta 'Keep\Sub'
sort out >sorted
says sorted '"a"  deleted' '"b"  sz "3"'
run 1 ht ls First_Delta Gone
says err 'hivetool: First_Delta: Gone: this layer deletes the key'
run 1 ht get First_Delta Gone
says err 'hivetool: First_Delta: Gone: this layer deletes the key'
run 0 ht get First_Delta 'Keep\Sub'
sort out >sorted
says sorted '"a"  deleted' '"b"  sz "3"'
run 1 ht get First_Delta 'Keep\Sub' A
says out
says err 'hivetool: First_Delta: Keep\Sub: A: this layer deletes the value'
run 1 ht get First_Delta 'Keep\Sub' c
says err 'hivetool: First_Delta: Keep\Sub: c: no such value'

# export: a patch that does to the base what the delta does.
run 0 ht export --root="$root" --encoding=utf-8 First_Delta
says err
tr -d '\r' <out >text
printf '%s\n' 'Windows Registry Editor Version 5.00' '' "[-$root\\Gone]" '' "[$root\\Keep]" '' \
    "[$root\\Keep\\Sub]" '"a"=-' '"b"="3"' '' "[$root\\New]" '"n"=dword:00000001' '' >wanted
same wanted text
run 0 ht export --root="$root" -o exported.reg First_Delta
run 0 ht apply -q -o patched SOFTWARE exported.reg
run 0 ht diff patched one
run 0 ht export --root="$root" --encoding=utf-8 --key='keep\sub' First_Delta
tr -d '\r' <out | sed '1,2d' >text
says text "[$root\\Keep\\Sub]" '"a"=-' '"b"="3"' ''
run 0 ht export --root="$root" --encoding=utf-8 --key=Gone First_Delta
tr -d '\r' <out | sed '1,2d' >text
says text "[-$root\\Gone]" ''
run 0 ht export --root="$root" --encoding=utf-8 --key=New --key=Gone --key='keep\sub' --key=Keep First_Delta
tr -d '\r' <out | sed '1,2d' >text
says text "[-$root\\Gone]" '' "[$root\\Keep]" '' "[$root\\Keep\\Sub]" '"a"=-' '"b"="3"' '' \
    "[$root\\New]" '"n"=dword:00000001' ''
# [-K] and [K] of a patch come back as [-K] and [K]: 0x03, which 'delta' of two hives never needs
# but layers are full of. A layer made by hand, with a 0x02 key: what .reg cannot say is named.
if [ -n "${PYTHON3-}" ]; then
    "$PYTHON3" -S - First_Delta bits <<'EOF'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
def bits(name, value):
    at = data.index(name) - 0x4C
    assert data[at:at + 2] == b"nk"
    data[at + 13] = value
bits(b"New", 3)
bits(b"Sub", 2)
open(sys.argv[2], "wb").write(data)
EOF
    run 0 ht ls -r bits
    grep '\\  ' out >lines
    says lines 'Gone\  deleted' 'Keep\Sub\  replaces the key but not its subkeys' \
        'New\  replaces the whole key'
    run 0 ht export --root="$root" --encoding=utf-8 bits
    says err 'hivetool: bits: 2 things cannot be said in a .reg file, comments in it name them'
    tr -d '\r' <out | sed '1,6d' >text
    says text "[$root\\Keep\\Sub]" \
        "; not in this file: the security descriptor of [$root\\Keep\\Sub]" \
        "; not in this file: all other values of [$root\\Keep\\Sub] are deleted" \
        '"a"=-' '"b"="3"' '' "[-$root\\New]" '' "[$root\\New]" '"n"=dword:00000001' ''
    # 0x02: of the values only those of the layer are left; 0x03 above no key is a new key.
    run 0 ht merge -q -o bits.merged SOFTWARE bits
    run 0 ht ls bits.merged 'Keep\Sub'
    says out '"b"  sz "3"'
    run 0 ht ls bits.merged New
    says out '"n"  dword 0x00000001 (1)'
    run 1 ht diff First_Delta bits
    says out "~ [$root\\Keep\\Sub]  merges -> replaces the key but not its subkeys" \
        "~ [$root\\New]  new -> replaces the whole key" '2 keys different'
else
    unproven "python3 is not installed" "keys that supersede, in the words of .reg"
fi

# diff of two deltas: how what they say differs.
run 0 ht diff First_Delta First_Delta
says out 'no difference'
run 1 ht diff First_Delta Second_Delta
says out "~ [$root\\Gone]  deleted -> new" '    + "back"  sz "y"' "~ [$root\\Keep\\Sub]  merges" \
    '    ~ "a"  deleted -> sz "again"' '    - "b"  sz "3"' "~ [$root\\New]  new -> deleted" \
    '    - "n"  dword 0x00000001 (1)' \
    '2 keys different, 1 value only in the new delta, 2 values only in the old delta, 1 value different'
cp out forward
run 1 ht diff --reverse Second_Delta First_Delta
same forward out
run 1 ht diff Empty_Delta Second_Delta
says out "+ [$root\\Gone]  new" '    + "back"  sz "y"' "+ [$root\\Keep]  merges" "+ [$root\\Keep\\Sub]  merges" \
    '    + "a"  sz "again"' "+ [$root\\New]  deleted" \
    '4 keys only in the new delta, 2 values only in the new delta'
run 1 ht diff --format=json First_Delta Second_Delta
cp out report
if [ -n "${PYTHON3-}" ]; then
    "$PYTHON3" -S - report >lines <<'EOF'
import json, sys
report = json.load(open(sys.argv[1]))
print(report["kind"], report["a"]["name"], report["b"]["name"], report["root"], report["result"])
for change in report["changes"]:
    sides = [change.get(side, {}) for side in ("before", "after")]
    print(change["op"], "\\".join(change["path"]), change.get("name", "-"),
          *[side.get("layer_bits", side.get("hex", side.get("deleted", "-"))) for side in sides])
print(*[n for what in ("keys", "values") for n in report["summary"][what].values()])
EOF
    says lines 'difference-of-deltas First_Delta Second_Delta HKEY_LOCAL_MACHINE\SOFTWARE different' \
        'change_key Gone - 1 0' 'add_value Gone back - 79000000' \
        'change_value Keep\Sub a True 61006700610069006e000000' \
        'remove_value Keep\Sub b 33000000 -' 'change_key New - 0 1' \
        'remove_value New n 01000000 -' '0 0 2 1 2 1'
else
    unproven "python3 is not installed" "differences of deltas in JSON"
fi
run 4 ht diff --format=reg --root=HKLM First_Delta Second_Delta
says out
# What a layer does to its base is what merging it there changes.
run 0 ht merge -q -o over SOFTWARE First_Delta
run 1 ht diff --root=HKLM SOFTWARE over
cp out wanted
run 1 ht diff --root=HKLM SOFTWARE First_Delta
same wanted out
run 1 ht diff --root=HKLM --reverse SOFTWARE over
cp out wanted
run 1 ht diff --root=HKLM First_Delta SOFTWARE
same wanted out
