#!/bin/sh
# hivetool apply: where the result goes, what is refused, what is said.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

head='Windows Registry Editor Version 5.00'
root='HKEY_LOCAL_MACHINE\SOFTWARE'

printf '%s\n\n[%s\\Microsoft\\Ole]\n"EnableDCOM"="Y"\n"n"=dword:00000001\n' "$head" "$root" >old.reg
printf '%s\n\n[%s\\Microsoft\\Ole]\n"EnableDCOM"="N"\n"n"=-\n\n[%s\\New]\n@="x"\n' \
    "$head" "$root" "$root" >new.reg

run 0 ht new -o SOFTWARE
says out
says err
cp SOFTWARE fresh
run 0 ht apply --in-place SOFTWARE old.reg
says out
says err "hivetool: SOFTWARE: 2 keys created, 2 values added"
cp SOFTWARE before

# To another file: the input stays, the mode is that of a new file.
run 0 ht apply -o out.hive SOFTWARE new.reg
says out
says err "hivetool: out.hive: 1 key created, 1 value added, 1 value changed, 1 value deleted"
same_bytes before SOFTWARE
run 0 ht get SOFTWARE 'Microsoft\Ole' EnableDCOM
says out 'sz "Y"'
run 0 ht ls -r out.hive
says out 'Microsoft\' 'Microsoft\Ole\' 'Microsoft\Ole\"EnableDCOM"  sz "N"' 'New\' 'New\@  sz "x"'

# The same patch again has nothing to do: a copy of the input; in place not a byte.
run 0 ht apply --root="$root" -o again.hive out.hive new.reg
says out
says err "hivetool: out.hive: nothing to do"
same_bytes out.hive again.hive
cp out.hive in-place.hive
touch -d 2001-01-01 in-place.hive
run 0 ht apply --root="$root" --in-place in-place.hive new.reg
says err "hivetool: in-place.hive: nothing to do"
same_bytes out.hive in-place.hive
[ "$(stat -c %Y in-place.hive)" -eq "$(date -d 2001-01-01 +%s)" ] || fail "written for nothing"

# A dry run prints the change as diff does, and writes nothing.
run 0 ht apply --dry-run SOFTWARE new.reg
says err
cp out dry
run 1 ht diff SOFTWARE out.hive
same dry out
says dry "~ [$root\\Microsoft\\Ole]" '    ~ "EnableDCOM"  sz "Y" -> "N"' \
    '    - "n"  dword 0x00000001 (1)' "+ [$root\\New]" '    + @  sz "x"' \
    '1 key created, 1 value added, 1 value changed, 1 value deleted'
same_bytes before SOFTWARE
run 0 ht apply --dry-run --root="$root" out.hive new.reg
says out "no difference"
says err "hivetool: out.hive: nothing to do"

# The way back, as .reg and as JSON.
for reverse in back.reg back.json; do
    cp before SOFTWARE
    run 0 ht apply --in-place --reverse-out=$reverse SOFTWARE new.reg
    same_bytes out.hive SOFTWARE
    run 0 ht apply -o restored --root="$root" SOFTWARE $reverse
    run 0 ht diff before restored
done
cp before SOFTWARE

# From standard input, once.
run 0 ht apply --dry-run SOFTWARE - <new.reg
same dry out
run 2 ht apply --dry-run SOFTWARE - - <new.reg
says out
says err "hivetool: standard input can be only one of the operands" \
    "hivetool: see 'hivetool apply --help'"

# Several patches in order; a contradiction is refused unless the later is to win.
run 6 ht apply --in-place SOFTWARE old.reg new.reg
says out
same_bytes before SOFTWARE
run 0 ht apply --dry-run --last-wins SOFTWARE old.reg new.reg
same dry out

# Keys outside the root.
printf '%s\n\n[HKEY_CURRENT_USER\\x]\n"a"="b"\n\n[%s\\y]\n' "$head" "$root" >foreign.reg
run 6 ht apply --dry-run SOFTWARE foreign.reg
says out
run 0 ht apply --dry-run --skip-foreign SOFTWARE foreign.reg
says out "+ [$root\\y]" "1 key created"
says err "hivetool: 1 statement outside $root skipped"
run 0 ht apply --dry-run --root='hkcu' SOFTWARE foreign.reg --skip-foreign
says out '+ [HKEY_CURRENT_USER\x]' '    + "a"  sz "b"' '1 key created, 1 value added'

# A hive that does not say where it hangs.
run 0 ht new -o some.hive
run 2 ht apply --dry-run some.hive new.reg
says out
head -n 1 err >first
says first "hivetool: some.hive: neither the file's name nor the hive says where in the registry it hangs, use --root"
run 2 ht apply --dry-run --root='HKEY_NOWHERE\x' some.hive new.reg
says out

# Where the result goes must be said, once.
for where in "" "-o x --in-place" "-o x --in-place -n"; do
    # shellcheck disable=SC2086
    run 2 ht apply $where SOFTWARE new.reg
    says out
    says err "hivetool: apply: exactly one of -o OUT, --in-place and --dry-run is needed" \
        "hivetool: see 'hivetool apply --help'"
    [ ! -e x ] || fail "x was written"
done

# A dry run writes nothing, whatever else is said; with --exit-code it says whether there is something to do.
cp SOFTWARE dry.hive
for where in "" "-o x" "--in-place" "--in-place --reverse-out=never.reg"; do
    # shellcheck disable=SC2086
    run 0 ht apply -n $where --root='HKLM\SOFTWARE' dry.hive new.reg
    # shellcheck disable=SC2086
    run 1 ht apply -n $where --exit-code --root='HKLM\SOFTWARE' dry.hive new.reg
    same_bytes SOFTWARE dry.hive
    [ ! -e x ] || fail "x was written"
    [ ! -e never.reg ] || fail "back.reg was written"
done
run 0 ht apply -qo done.hive SOFTWARE new.reg
run 0 ht apply -n --exit-code --root='HKLM\SOFTWARE' done.hive new.reg
run 2 ht apply --exit-code --in-place dry.hive new.reg
head -n 1 err >first
says first "hivetool: apply: --exit-code is for --dry-run"

# Outputs are not inputs, under any name.
ln SOFTWARE same.hive
ln -s new.reg same.reg
for out in SOFTWARE ./SOFTWARE same.hive new.reg same.reg; do
    run 2 ht apply -o "$out" SOFTWARE new.reg
    says err "hivetool: $out: is an input, it cannot be the output too" \
        "hivetool: see 'hivetool apply --help'"
    run 2 ht apply -o x --reverse-out="$out" SOFTWARE new.reg
    says err "hivetool: $out: is an input, it cannot be the output too" \
        "hivetool: see 'hivetool apply --help'"
done
run 2 ht apply -o x --reverse-out=x SOFTWARE new.reg
same_bytes before SOFTWARE
[ ! -e x ] || fail "x was written"

# When one of two files cannot be made, neither is.
run 5 ht apply -o x --reverse-out=nowhere/back.reg SOFTWARE new.reg
says err "hivetool: nowhere/back.reg: cannot create: No such file or directory"
run 5 ht apply -o nowhere/x --reverse-out=x SOFTWARE new.reg
says err "hivetool: nowhere/x: cannot create: No such file or directory"
[ ! -e x ] || fail "x was written"

# Engines.
run 2 ht apply -o x --engine=steam SOFTWARE new.reg
run 0 ht apply -o by-name.hive --engine=hivex SOFTWARE new.reg
same_bytes out.hive by-name.hive
run 0 ht apply -v -o by-name.hive --engine=auto SOFTWARE new.reg
says err "hivetool: SOFTWARE: editing with hivex" \
    "hivetool: by-name.hive: 1 key created, 1 value added, 1 value changed, 1 value deleted"
run 0 ht apply -q -o by-name.hive SOFTWARE new.reg
says err
run 0 ht apply -v -o rebuilt.hive --engine=rebuild SOFTWARE new.reg
says err "hivetool: SOFTWARE: rebuilding the hive" \
    "hivetool: rebuilt.hive: 1 key created, 1 value added, 1 value changed, 1 value deleted"
run 0 ht diff --ignore=none out.hive rebuilt.hive

# What hivex does not do: refused when it alone is asked, else the hive is rebuilt.
printf '%s\n\n[%s\\\303\211]\n' "$head" "$root" >unsafe.reg
reason="hivetool: SOFTWARE: É: hivex cannot do this safely: a new key name outside ASCII gets a wrong hash and place"
run 4 ht apply -o x --engine=hivex SOFTWARE unsafe.reg
says out
says err "$reason"
[ ! -e x ] || fail "x was written"
for engine in '' --engine=auto; do
    # shellcheck disable=SC2086
    run 0 ht apply -v -o unsafe.hive $engine SOFTWARE unsafe.reg
    says err "$reason" "hivetool: SOFTWARE: rebuilding the hive" \
        "hivetool: unsafe.hive: 1 key created"
done
run 0 ht apply -o unsafe.hive SOFTWARE unsafe.reg
says err "hivetool: unsafe.hive: 1 key created"
run 1 ht diff SOFTWARE unsafe.hive
says out "+ [$root\\É]" "1 key created"

# Eight-bit text in the code page that is named.
printf 'REGEDIT4\n\n[%s\\c]\n"v"="\344"\n' "$root" >ansi.reg
run 0 ht apply --dry-run SOFTWARE ansi.reg
says out "+ [$root\\c]" '    + "v"  sz "ä"' "1 key created, 1 value added"
run 0 ht apply --dry-run --ansi-codepage=1251 SOFTWARE ansi.reg
says out "+ [$root\\c]" '    + "v"  sz "д"' "1 key created, 1 value added"
run 2 ht apply --dry-run --ansi-codepage=-1 SOFTWARE ansi.reg

# CurrentControlSet is the set that Select names.
run 0 ht new -o SYSTEM
system='HKEY_LOCAL_MACHINE\SYSTEM'
printf '%s\n\n[%s\\Select]\n"Current"=dword:00000002\n\n[%s\\ControlSet002]\n' \
    "$head" "$system" "$system" >system.reg
run 0 ht apply --in-place SYSTEM system.reg
printf '%s\n\n[%s\\CurrentControlSet\\Services\\x]\n"Start"=dword:4\n' "$head" "$system" >current.reg
run 0 ht apply --dry-run SYSTEM current.reg
says out "+ [$system\\ControlSet002\\Services]" "+ [$system\\ControlSet002\\Services\\x]" \
    '    + "Start"  dword 0x00000004 (4)  = disabled' "2 keys created, 1 value added"

# json ENGINE STATUS HIVE CHANGE: one change of a JSON delta.
json() {
    printf '{"format_version":"1.0","tool":"hivetool","kind":"delta","root":"%s","changes":[%s]}\n' \
        'HKEY_LOCAL_MACHINE\\SOFTWARE' "$4" >change.json
    rm -f json.hive
    run "$2" ht apply --root="$root" --engine="$1" -o json.hive "$3" change.json
}

# A new key whose name holds NUL, which hivex would cut: the rebuild engine's.
small=$abs_srcdir/fixtures/hives/small
nul='{"op":"create_key","path":["Alpha",{"utf16":"0030003400320000"}]}'
json auto 0 "$small" "$nul"
says err "hivetool: json.hive: 1 key created"
run 0 ht ls json.hive Alpha
grep -qxF '042\u{0}\' out || fail "$(cat out)"
json hivex 4 "$small" "$nul"
says err "hivetool: $small: Alpha\\042\u{0}: hivex cannot do this safely: a new key name holds a NUL \
or an unpaired surrogate"

# The flag of a predefined-handle key goes, and the handle with it, which no delta can say.
predefined=$abs_srcdir/fixtures/hives/SOFTWARE
perflib='"path":["Microsoft","Windows NT","CurrentVersion","Perflib","009"]'
lost='the key stops being a predefined-handle key, and its handle would be lost, which no patch could bring back'
for engine in auto rebuild; do
    json $engine 4 "$predefined" "{\"op\":\"set_flags\",$perflib,\"after\":{\"flags\":0}}"
    says err "hivetool: $predefined: Microsoft\\Windows NT\\CurrentVersion\\Perflib\\009: $lost"
    [ ! -e json.hive ] || fail "there is an output"
done

# A class name of no length is none, in keys that are there, new and made anew.
for engine in auto rebuild; do
    json $engine 0 "$small" '{"op":"set_class","path":["Alpha"],"after":{"class":{"hex":""}}}'
    says err "hivetool: $small: nothing to do"
    json $engine 0 "$small" '{"op":"create_key","path":["New"],"after":{"class":{"hex":""}}}'
    says err "hivetool: json.hive: 1 key created"
    json $engine 0 "$small" '{"op":"set_class","path":["Charlie"],"after":{"class":{"hex":""}}}'
    says err "hivetool: json.hive: 1 key changed"
    cp json.hive no-class.hive
    json $engine 0 "$small" '{"op":"set_class","path":["Charlie"],"after":{"class":null}}'
    same_bytes no-class.hive json.hive
done

# No key is without a security descriptor, the root neither.
for path in '"Alpha"' ''; do
    json auto 4 "$small" "{\"op\":\"set_security\",\"path\":[$path],\"after\":{\"security\":null}}"
    where=${path:-root key}
    says err "hivetool: $small: $(printf '%s' "$where" | tr -d '"'): the patch takes away the key's \
security descriptor, which every key has"
done

# SOURCE_DATE_EPOCH is the time of what changes, and only that makes bytes differ.
run 0 ht apply -o one.hive SOFTWARE new.reg
same_bytes out.hive one.hive
export SOURCE_DATE_EPOCH=1000000000
run 0 ht apply -o timed.hive SOFTWARE new.reg
run 0 ht diff out.hive timed.hive
run 1 ht diff --ignore=none --format=json --root="$root" out.hive timed.hive
grep '"after":{"time":"2001-09-09T01:46:40Z"}' out >time-lines || fail "no time of SOURCE_DATE_EPOCH"
