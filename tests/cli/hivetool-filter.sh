#!/bin/sh
# diff of a part: which changes are left, the exit status, and that what is left out is said.
. "${abs_srcdir:?}/tests/lib.sh"

system='HKEY_LOCAL_MACHINE\SYSTEM'
patch() {
    printf 'Windows Registry Editor Version 5.00\n\n'
    cat
}
patch >old.reg <<REG
[$system\\ControlSet001\\Services\\App]
"Start"=dword:00000002
"Name"="old"
@="default"

[$system\\ControlSet001\\Gone]
"a"="1"

[$system\\ControlSet001\\Gone\\Cache]
"b"=dword:00000001

[$system\\ControlSet001\\Enum]
"n"=dword:00000001

[$system\\Select]
"Current"=dword:00000001
REG
patch >new.reg <<REG
[$system\\ControlSet001\\Services\\App]
"Start"=dword:00000004
"Name"="new"
@="other"
"Added"=hex:01

[$system\\ControlSet001\\Enum]
"n"=dword:00000002

[$system\\ControlSet001\\New]
"c"="1"

[$system\\ControlSet001\\New\\Sub]
"d"=dword:00000001

[$system\\Select]
"Current"=dword:00000001
REG
for side in old new; do
    run 0 ht new -o "$side"
    run 0 ht apply -q --root "$system" --in-place "$side" "$side.reg"
done

# left STATUS N NAMES OPTION...: --name-status of the diff with these options is NAMES, lines; N
# changes were filtered of 13.
left() {
    status=$1
    n=$2
    printf '%s' "$3" >wanted
    shift 3
    run "$status" ht diff --root "$system" --format=json "$@" old new
    "${PYTHON3:-python3}" -S -c '
import json, sys
document = json.load(open("out"))
summary = document["summary"]
count = sum(summary["keys"].values()) + sum(summary["values"].values())
wanted = int(sys.argv[1])
assert summary.get("filtered") == wanted, summary
assert count + wanted >= 13, summary
result = "different" if count else "filtered" if wanted else "same"
assert document["result"] == result, document["result"]
for change in document["changes"]:
    print(change["op"], "\\".join(change["path"][1:]), change.get("name", "-"))
' "$n" >found
    same wanted found
    case $n in
    0) says err ;;
    1) says err "hivetool: 1 change filtered" ;;
    *) says err "hivetool: $n changes filtered" ;;
    esac
}

needs_program "${PYTHON3:-python3}"
app='Services\App'
left 1 9 "set_value $app 
set_value $app Added
set_value $app Name
set_value $app Start
" --key 'HKLM\SYSTEM\CurrentControlSet\Services'
left 1 12 "set_value $app Start
" --include '::start'
left 1 12 "set_value $app 
" --include 'App::@'
left 1 11 "set_value Enum n
set_value $app Start
" --include '::Start' --include 'ControlSet???\E*'
left 1 12 "set_value $app Start
" --key "$system\\ControlSet001\\Services" --include '::St?rt'
left 1 8 "set_value Enum n
set_value $app 
set_value $app Added
set_value $app Name
set_value $app Start
" --exclude Gone --exclude '**\New'
left 1 8 "create_key New -
set_value New c
create_key New\\Sub -
set_value New\\Sub d
set_value $app Added
" --kind added
left 0 13 '' --include 'HKLM\SOFTWARE'
left 0 13 '' --exclude 'HKLM'
left 1 12 "set_value $app Added
" --type REG_BINARY
left 1 10 "set_value $app 
set_value $app Added
set_value $app Name
" --key 'CurrentControlSet\Services' --type=sz,binary

# A list of patterns, and that which comes along.
printf '# nothing of the services\n\nServices\r\n  ::n  \n' >patterns
left 1 5 "delete_key Gone -
delete_value Gone a
delete_key Gone\\Cache -
delete_value Gone\\Cache b
create_key New -
set_value New c
create_key New\\Sub -
set_value New\\Sub d
" --exclude-file patterns
left 1 0 "set_value Enum n
delete_key Gone -
delete_value Gone a
delete_key Gone\\Cache -
delete_value Gone\\Cache b
create_key New -
set_value New c
create_key New\\Sub -
set_value New\\Sub d
set_value $app 
set_value $app Added
set_value $app Name
set_value $app Start
" --exclude-file noise
printf 'Services\\\\App\nGone\\\n\\\\\n' >bad
run 2 ht diff --exclude-file bad old new
says err 'hivetool: bad:1: Services\\App: has an empty key name' \
    "hivetool: see 'hivetool diff --help'"
: >nothing
run 1 ht diff --exclude-file nothing old new
printf 'K\000\nL\n' >binary
run 3 ht diff --exclude-file binary old new
says err 'hivetool: binary: a NUL, is this UTF-8 text?'
run 5 ht diff --exclude-file absent old new
says err "hivetool: absent: cannot open: No such file or directory"

# Of a deleted tree a part stays; the patch does just that.
run 1 ht diff -q --root "$system" --exclude Cache old new
grep -A 1 Gone out >found
says found "~ [$system\\ControlSet001\\Gone]" '    - "a"  sz "1"'
run 1 ht diff -q --root "$system" --exclude Cache --format=reg -o part.reg old new
run 0 ht apply -q --root "$system" -o patched old part.reg
run 0 ht get --root "$system" patched 'ControlSet001\Gone\Cache' b
says out "dword 0x00000001 (1)"
run 1 ht diff -q --root "$system" patched new
says out "- [$system\\ControlSet001\\Gone]  (1 subkey, 1 value)" "2 keys deleted, 1 value deleted"

# No difference is said of the whole only.
run 0 ht diff --root "$system" --include Nowhere old new
says out "no other difference; filtered: 13 changes"
says err "hivetool: 13 changes filtered"
run 0 ht diff --root "$system" --include Nowhere old old
says out "no difference"
says err

# What is no filter.
run 2 ht diff --kind=gone old new
says err "hivetool: --kind is 'gone', not added, deleted or changed" "hivetool: see 'hivetool diff --help'"
run 2 ht diff --type=words old new
says err "hivetool: --type is 'words', not a type like sz, expand_sz, binary, dword, multi_sz, qword, or a number" \
    "hivetool: see 'hivetool diff --help'"
run 2 ht diff --include= old new
says err "hivetool: --include '': is empty" "hivetool: see 'hivetool diff --help'"
run 4 ht diff --key A old.reg new.reg
says err "hivetool: old.reg and new.reg: what two changes say is compared as a whole; filters are for differences of hives"
run 2 ht verify --exclude A old old.reg
