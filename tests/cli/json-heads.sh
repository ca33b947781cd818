#!/bin/sh
# Every JSON document of both programs starts with format_version, tool and kind, and the reader of
# deltas takes a delta only.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
golden=$abs_srcdir/fixtures/golden
patch=$abs_srcdir/fixtures/patches/pause.reg

# head_is KIND STATUS COMMAND...
head_is() {
    kind=$1
    shift
    tool=hivetool
    [ "$2" != lp ] || tool=layerpack
    run "$@"
    head -n 4 out | sed 's/,$//' >heads
    says heads '{' '  "format_version": "1.0"' "  \"tool\": \"$tool\"" "  \"kind\": \"$kind\""
    # Not from where it may lie: other kinds than a delta are refused as patches.
    cp out document
    [ "$kind" = delta ] || {
        run 3 ht apply -n --root='HKLM\SOFTWARE' "$hives/small" document
        says err 'hivetool: document: "kind" is not "delta"'
    }
}

head_is delta 1 ht diff --format=json "$hives/small" "$golden/small.patched"
head_is delta 1 ht verify --format=delta "$hives/SOFTWARE" "$patch"
head_is drift 1 ht verify --format=json "$hives/SOFTWARE" "$patch"
head_is difference-of-deltas 0 ht diff --format=json "$golden/small.delta" "$golden/small.delta"
head_is check 0 ht check --format=json "$hives/small"
head_is info 0 ht info --format=json "$hives/small"
head_is lint 0 ht lint --format=json "$patch"
head_is verification 0 lp verify --format=json "$golden/layer.tar"
head_is explanation 0 lp explain --format=json "$golden/layer.tar"
head_is history 0 lp explain --format=json --key 'HKLM\SOFTWARE\Microsoft' "$golden/layer.tar"
head_is histories 0 lp explain --format=json --key 'HKLM\SOFTWARE\Microsoft' --key 'HKLM\SOFTWARE\Microsoft\Ole' \
    "$golden/layer.tar"
# Deltas in a document are documents themselves.
run 0 lp explain --format=json "$golden/layer.tar"
grep -o '"tool":.*' out | sort -u >tools
says tools '"tool": "layerpack",'

run 0 ht apply --root='HKLM\SOFTWARE' --reverse-out=undo.json -o patched "$hives/SOFTWARE" "$patch"
head_is delta 0 cat undo.json
