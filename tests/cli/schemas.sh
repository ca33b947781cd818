#!/bin/sh
# Every JSON document of both programs is as docs/schema/KIND.json says, member by member.
. "${abs_srcdir:?}/tests/lib.sh"

python=${PYTHON3:-python3}
hives=$abs_srcdir/fixtures/hives
golden=$abs_srcdir/fixtures/golden
patches=$abs_srcdir/fixtures/patches
schemas=$abs_srcdir/docs/schema
mkdir docs

# keep COMMAND...: its document, whatever its status.
n=0
keep() {
    n=$((n + 1))
    "$@" >"docs/$n.json" 2>err || [ $? -le 6 ] || fail "$*"
    [ -s "docs/$n.json" ] || fail "no document: $*: $(cat err)"
}

for hive in "$hives/small" "$hives/odd-names" "$golden/small.delta" "$abs_srcdir/fixtures/dirty/dirty-old"; do
    keep ht info --format=json "$hive"
    keep ht check --format=json "$hive"
    keep ht ls -r --format=json "$hive"
    keep ht export --format=json "$hive"
    keep ht find --format=json --regex . "$hive"
    keep ht timeline --format=json "$hive"
done
keep ht get --format=json "$hives/SYSTEM" Select
keep ht ls --format=json "$hives"
keep ht info --format=json "$hives"
keep ht check --format=json "$hives"
keep ht digest --format=json "$hives"
for hive in bad-checksum truncated-bins subkey-loop value-list-outside; do
    keep ht check --format=json "$abs_srcdir/fixtures/malformed/$hive"
done
keep ht info --format=json "$abs_srcdir/fixtures/malformed/subkey-loop"
keep ht rebuild --salvage --format=json -o saved "$abs_srcdir/fixtures/malformed/value-list-outside"
mkdir several
keep ht rebuild --salvage --format=json -o several "$abs_srcdir/fixtures/malformed/value-list-outside" "$hives/small"
keep ht check --format=json "$abs_srcdir/fixtures/malformed/value-list-outside" "$hives/small"
keep ht diff --format=json --ignore=none "$hives/small" "$golden/small.patched"
keep ht diff --format=json --ignore=none "$hives/SOFTWARE" "$hives/small"
keep ht diff --format=json --kind=added --exclude Alpha "$hives/small" "$golden/small.patched"
keep ht diff --format=json "$golden/small.delta" "$golden/small.delta"
for patch in "$patches"/*.reg; do
    keep ht lint --format=json "$patch"
    keep ht verify --skip-foreign --format=json "$hives/SOFTWARE" "$patch"
    keep ht verify --skip-foreign --format=delta "$hives/SOFTWARE" "$patch"
done
printf 'REGEDIT4\n\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Ole]\n' >key.reg
run 0 ht apply --engine=hivex -o without "$hives/SOFTWARE" key.reg
keep ht deleted --format=json without
keep lp ls --format=json "$golden/layer.tar"
keep lp verify --format=json "$golden/layer.tar"
keep lp explain --format=json "$golden/layer.tar"
printf 'REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\App]\n"Name"="x"\n' >p.reg
run 0 lp --quiet scratch --to=oci:a
run 0 lp --quiet build --from=oci:a --to=oci:b p.reg
keep lp ls --format=json oci:b
keep lp ls -l --format=json oci:b
keep lp verify --format=json oci:b
keep lp explain --format=json oci:b
keep lp explain --format=json --key 'HKLM\SOFTWARE\App' oci:b
keep lp explain --format=json --key 'HKLM\SOFTWARE\App' --key 'HKLM\SAM' oci:b
keep lp diff --format=json oci:a oci:b
keep lp diff --format=json --kind=changed --files oci:a oci:b
keep lp explain --format=json --kind=changed oci:b
keep lp index --format=json ls oci:b

run 0 "$python" -S "$abs_srcdir/tests/cli/json-schema.py" "$schemas" docs/*.json
says out

# Each kind is one of the documents, and has its row in FORMATS.md.
"$python" -S -c 'import json, sys
print("\n".join(sorted({json.load(open(f, encoding="utf-8"))["kind"] for f in sys.argv[1:]})))' docs/*.json >kinds
for schema in "$schemas"/*.json; do
    basename "$schema" .json
done | grep -v '^images$' | LC_ALL=C sort >wanted
same wanted kinds
while read -r kind; do
    grep -q "^| .kind. .*\`$kind\`" "$abs_srcdir/docs/FORMATS.md" || fail "FORMATS.md does not tell of $kind"
done <kinds

# A document that is not so is told, and so is a member that no schema has.
sed 's/"record":"key"/"record":"kee"/; s/"subkeys"/"supkeys"/' docs/3.json >bad.json
run 1 "$python" -S "$abs_srcdir/tests/cli/json-schema.py" "$schemas" bad.json
grep -q "'kee' is not one of" out || fail "a wrong word is not told"
grep -q 'has no subkeys' out || fail "a missing member is not told"
grep -q 'does not know supkeys' out || fail "an unknown member is not told"

# The schemas themselves, where there is somebody who knows.
"$python" -c 'import jsonschema' 2>err || skip 'python3-jsonschema is not installed' 'that the schemas are such'
run 0 "$python" -c 'import json, sys, jsonschema
for schema in sys.argv[1:]:
    getattr(jsonschema, "Draft202012Validator", jsonschema.Draft7Validator).check_schema(
        json.load(open(schema, encoding="utf-8")))' "$schemas"/*.json
