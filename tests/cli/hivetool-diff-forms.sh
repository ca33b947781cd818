#!/bin/sh
# The forms of a difference beside text, .reg and JSON: names, bars, groups, records, JUnit, markdown,
# and a unified diff that patch applies.
. "${abs_srcdir:?}/tests/lib.sh"

system='HKEY_LOCAL_MACHINE\SYSTEM'
patch_of() {
    printf 'Windows Registry Editor Version 5.00\n\n'
    cat
}
patch_of >old.reg <<REG
[$system\\ControlSet001\\Services\\App]
"Start"=dword:00000002
"DisplayName"="The App"

[$system\\ControlSet001\\Gone\\Below]
"a"="1"
REG
patch_of >new.reg <<REG
[$system\\ControlSet001\\Services\\App]
"Start"=dword:00000004
"DisplayName"="The App 2"
@="</script>, \`\`\`"

[$system\\ControlSet001\\New]
"c"="=1+1"
REG
for side in old new; do
    run 0 ht new -o "$side"
    run 0 ht apply -q --root "$system" --in-place "$side" "$side.reg"
done
set_root() {
    ht diff --root "$system" "$@"
}

run 1 set_root --name-status old new
tab=$(printf '\t')
cat >expected <<TEXT
D$tab$system\\ControlSet001\\Gone
D$tab$system\\ControlSet001\\Gone\\Below
D$tab$system\\ControlSet001\\Gone\\Below::a
A$tab$system\\ControlSet001\\New
A$tab$system\\ControlSet001\\New::c
A$tab$system\\ControlSet001\\Services\\App::@
M$tab$system\\ControlSet001\\Services\\App::DisplayName
M$tab$system\\ControlSet001\\Services\\App::Start
TEXT
same expected out
run 1 set_root --name-only old new
cut -f 2 expected >names
same names out
run 1 set_root --summary old new
says out "1 key created, 2 keys deleted, 2 values added, 2 values changed, 1 value deleted"
run 0 set_root --summary old old
says out "no difference"
run 1 set_root --stat old new
says out " $system\\ControlSet001\\Gone         |      3 ---" \
    " $system\\ControlSet001\\New          |      2 ++" \
    " $system\\ControlSet001\\Services\\App |      3 +~~" \
    "1 key created, 2 keys deleted, 2 values added, 2 values changed, 1 value deleted"
run 1 set_root --group old new
says out "services and drivers: 1" '    ~ App  "The App 2"  (1 added, 2 changed)' \
    "other keys and values: 2 added, 3 deleted" \
    "1 key created, 2 keys deleted, 2 values added, 2 values changed, 1 value deleted"

# Every group of the table in FORMATS.md, and no other, is in the source.
sed -n '/^## Groups of changes/,/^## JSON delta/s/^| \([^|]*\) | `\([^`]*\)` |.*/\1 = \2/p' \
    "$abs_srcdir/docs/FORMATS.md" >documented
sed -n 's/^    {"\([^"]*\)", "\([^"]*\)", ITEM_.*/\1 = \2/p' "$abs_srcdir/hivecore/report/groups.c" |
    sed 's/\\\\/\\/g' >compiled
same documented compiled

# CSV: a line for each change.
run 1 set_root --format=csv old new
tr -d '\r' <out >csv
head -n 1 csv >found
says found "change,record,key,name,old_type,old,new_type,new,itself"
[ "$(wc -l <csv)" -eq 9 ] || fail "not 8 records"
grep -F "Services\\App,Start," csv | cut -d , -f 1,2,5- >found
says found "changed,value,REG_DWORD,2,REG_DWORD,4,"
run 1 set_root --format=ndjson old new
[ "$(grep -c '^{"change":' out)" -eq 8 ] || fail "not 8 records"

# JUnit and markdown: what is in names and data stays there.
run 1 set_root --format=junit old new
grep -c '<failure type="difference"' out >found
says found 3
lacks out '</script>'
grep -c 'tests="3" failures="3" errors="0"' out >found
says found 1
run 0 set_root --format=junit old old
grep -c 'name="no difference"' out >found
says found 1
run 1 set_root --format=markdown old new
head -n 1 out >found
says found "1 key created, 2 keys deleted, 2 values added, 2 values changed, 1 value deleted"
grep -c '^```' out >found
says found 6
grep -c '^</details>$' out >found
says found 3

# A heading is a name, whatever Markdown has for its characters, and stands behind an empty line.
mkdir one two
for side in one two; do
    run 0 ht new -o "$side/DEFAULT"
    run 0 ht new -o "$side/*a* [b](c) _d_"
done
run 0 ht set -q -i --root=HKCU two/DEFAULT K v w
run 0 ht set -q -i --root=HKCU 'two/*a* [b](c) _d_' K v w
run 1 ht diff --format=markdown one two
grep '^#' out >headings
says headings '### <code>&#42;a&#42; &#91;b&#93;(c) &#95;d&#95;</code>' '### <code>HKEY_USERS&#92;.DEFAULT</code>'
[ "$(grep -B1 '^#' out | grep -c '^$')" -eq 1 ] || fail "a heading behind a line of HTML"

# Unified: patch makes of the old export the new one.
needs_program patch
for side in old new; do
    run 0 ht export --root "$system" --encoding=utf-8 -o "$side.txt" "$side"
done
run 1 set_root --format=unified -o change.diff old new
head -n 2 change.diff >found
says found "--- a/old.reg" "+++ b/new.reg"
cp old.txt patched.txt
run 0 patch --binary patched.txt change.diff
same_bytes new.txt patched.txt
cp new.txt patched.txt
run 0 patch --binary -R patched.txt change.diff
same_bytes old.txt patched.txt
run 0 set_root --format=unified old old
says out

# What does not go together.
run 2 set_root --stat --group old new
says err "hivetool: only one of --stat, --name-only, --name-status, --summary and --group" \
    "hivetool: see 'hivetool diff --help'"
run 2 set_root --stat --format=json old new
says err "hivetool: --stat, --name-only, --name-status, --summary and --group are text, not --format=json" \
    "hivetool: see 'hivetool diff --help'"
run 2 set_root --format=unified --key=A old new
says err "hivetool: --format=unified compares exports as a whole, without --key and the like" \
    "hivetool: see 'hivetool diff --help'"
run 4 ht diff --format=csv old.reg new.reg
says err "hivetool: old.reg and new.reg: what two changes say is told as text or JSON only"
run 4 set_root --format=unified old new.reg
