#!/bin/sh
# hivetool timeline: keys in the order of their times, and those alone that were written since.
. "${abs_srcdir:?}/tests/lib.sh"

cp "$abs_srcdir/fixtures/hives/small" "$abs_srcdir/fixtures/hives/SYSTEM" .

run 0 ht timeline --since=2022-06-01 small
says out '2022-06-04T16:42:08.5368685Z       1       2  Charlie\' \
    '2022-06-05T03:48:06.1185754Z       1       0  Echo\Below\'
run 0 ht timeline --since='2022-06-04 16:42' --until=2022-06-04T16:42:08 --format=csv small
tr -d '\r' <out >rows
says rows time,hive,key,subkeys,values '2022-06-04T16:42:08.5368685Z,small,Charlie,1,2'
run 0 ht timeline --until=2022-05-07 small
says out '2022-05-07T00:00:00Z               6       0  \'
# A year and a month are all of it; a zone, seconds since 1970.
run 0 ht timeline --until=2021 small
says out
run 0 ht timeline --since=2022-06 small
cp out june
run 0 ht timeline --since=2022-06-01 --until=2022 small
same june out
run 0 ht timeline --since='2022-06-04 18:42 +0200' --until=@1654360928 small
says out '2022-06-04T16:42:08.5368685Z       1       2  Charlie\'
# The seconds are those of date(1); the number is the place of the key's cell in the file.
run 0 ht timeline --format=bodyfile --key=Select SYSTEM
cut -d '|' -f 1,2,4-11 out >line
says line '0|HKEY_LOCAL_MACHINE\SYSTEM\Select|0|0|0|0|0|1653592409|0|0'
run 0 ht timeline --format=json --since=2030-01-01 small
says out '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "timeline",' '  "records": []' '}'

# All keys once, sorted, as ls -r has them.
run 0 ht ls -r --format=ndjson SYSTEM
grep -o '"record":"key".*' out | grep -o '"key":"[^"]*"' | sort >wanted
run 0 ht timeline --format=ndjson SYSTEM
grep -o '"time":"[^"]*"' out >moments
sort -c moments
grep -o '"key":"[^"]*"' out | grep -v '"HKEY_LOCAL_MACHINE\\\\SYSTEM"' | sort >found
same wanted found

# Several hives in one order, and a disk.
mkdir -p disk/Windows/System32/config
cp SYSTEM disk/Windows/System32/config
cp "$abs_srcdir/fixtures/hives/SOFTWARE" disk/Windows/System32/config
run 0 ht timeline disk
cut -c 1-28 out | sort -c
grep -c 'HKEY_LOCAL_MACHINE\\S' out >n
[ "$(cat n)" -eq "$(wc -l <out)" ] || fail "keys without their place"
run 0 ht timeline small small
[ "$(grep -c '  small: ' out)" -eq "$(wc -l <out)" ] || fail "keys without their hive"

# What changed: with --base exactly the keys that diff --ignore=none names.
# changed A B
changed() {
    status=0
    ht diff --root=HKCU --ignore=none --format=json "$1" "$2" >diff.json || status=$?
    [ "$status" -le 1 ] || fail "diff ends with $status"
    "${PYTHON3:-python3}" -S - diff.json >wanted <<'END'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    changes = json.load(file)["changes"]
gone = {tuple(c["path"]) for c in changes if c["op"] == "delete_key"}
keys = {tuple(c["path"]) for c in changes if c["op"] in ("create_key", "replace_key", "set_time")}
for path in sorted("\\".join(path) for path in keys - gone):
    print(path)
END
    run 0 ht timeline --root=HKCU --format=ndjson --base="$1" "$2"
    "${PYTHON3:-python3}" -S - out >found <<'END'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    keys = [json.loads(line)["key"] for line in file]
for key in sorted(key[len("HKEY_CURRENT_USER\\"):] for key in keys):
    print(key)
END
    same wanted found
}

printf '%s\n' REGEDIT4 '' '[HKEY_CURRENT_USER\Alpha\New\Deep]' '"a"="b"' '[-HKEY_CURRENT_USER\Bravo]' \
    '[HKEY_CURRENT_USER\Delta]' '"number"=dword:7' >p.reg
SOURCE_DATE_EPOCH=1700000000 run 0 ht apply --root=HKCU -o changed small p.reg
changed small changed
[ -s wanted ] || fail "nothing changed"
corpus=$abs_srcdir/../shared/corpus/hives
if [ -d "$corpus" ]; then
    changed "$corpus/regipy/NTUSER.DAT.old-29ea3af" "$corpus/regipy/NTUSER.DAT"
    changed "$corpus/regipy/NTUSER.DAT" "$corpus/regipy/NTUSER_modified.DAT"
    [ -s wanted ] || fail "nothing changed in the corpus"
else
    unproven '../shared/corpus is not here' 'timeline and diff on pairs of real hives'
fi

# --- what is asked for in vain ---

run 2 ht timeline --since=yesterday small
says err "hivetool: --since is 'yesterday', which tomorrow is another time: say which, like 2022-05-07 or \$(date -d '-7 days' +%F)" \
    "hivetool: see 'hivetool timeline --help'"
for relative in '-7 days' now '2 weeks ago' last.month; do
    run 2 ht timeline --until="$relative" small
    head -n 1 err | grep -q "which tomorrow is another time" || fail "$relative: $(cat err)"
done
run 2 ht timeline --until=05/07/2022 small
says err "hivetool: --until is '05/07/2022', not a time like 2022, 2022-05, 2022-05-07, 2022-05-07T05:24:01Z or @1651901041" \
    "hivetool: see 'hivetool timeline --help'"
run 2 ht timeline --base=small small SYSTEM
says err 'hivetool: --base is for one hive' "hivetool: see 'hivetool timeline --help'"
run 1 ht timeline --key=Nowhere small
run 2 ht timeline --since=2023 --until=2022 small
says err 'hivetool: --since 2023 is later than --until 2022' "hivetool: see 'hivetool timeline --help'"
run 2 ht timeline --format=xml small
says err "hivetool: --format is 'xml', not text, json, ndjson, csv or bodyfile" "hivetool: see 'hivetool timeline --help'"
