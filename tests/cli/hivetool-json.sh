#!/bin/sh
# The JSON delta: what it looks like, that it carries everything, and that a bad one is refused.
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'

# unhex: bytes of the hex digits on standard input.
unhex() {
    sed 's/../\\x&/g' | xargs -0 env printf
}

run 0 ht new -o SOFTWARE
printf 'REGEDIT4\n\n[%s\\K]\n"a"="1"\n"b"=dword:2\n\n[%s\\Old\\Sub]\n@="x"\n' "$root" "$root" >old.reg
printf 'REGEDIT4\n\n[%s\\K]\n"a"="tab\t"\n"b"=-\n"l"=hex(7):61,00,00\n\n[-%s\\Old]\n' \
    "$root" "$root" >new.reg
run 0 ht apply -q -o old SOFTWARE old.reg
run 0 ht apply -q --root="$root" -o new old new.reg

# What SYSTEM's new keys get below a root with the descriptor that Windows' offline library gives: the
# same list, O:SYG:SY.
sd=01000480700000007c000000000000001400000002005c0004000000000214003f000f00010100000000000512000000
sd=${sd}000218003f000f000102000000000005200000002002000000021400190002000101000000000001000000000002
sd=${sd}14001900020001010000000000050c000000010100000000000512000000010100000000000512000000
cat >delta.json <<END
{
  "format_version": "1.0",
  "tool": "hivetool",
  "kind": "delta",
  "a": {"name":"old"},
  "b": {"name":"new"},
  "root": "HKEY_LOCAL_MACHINE\\\\SOFTWARE",
  "options": {"ignore":["timestamps","order"]},
  "changes": [
    {"op":"set_value","path":["K"],"name":"a","before":{"type":1,"type_name":"REG_SZ","hex":"31000000","text":"1"},"after":{"type":1,"type_name":"REG_SZ","hex":"74006100620009000000","text":"tab\\u0009"}},
    {"op":"delete_value","path":["K"],"name":"b","before":{"type":4,"type_name":"REG_DWORD","hex":"02000000","dword":2}},
    {"op":"set_value","path":["K"],"name":"l","after":{"type":7,"type_name":"REG_MULTI_SZ","hex":"610000000000","list":["a"]}},
    {"op":"delete_key","path":["Old"],"before":{"class":null,"security":{"hex":"$sd"},"flags":0}},
    {"op":"delete_key","path":["Old","Sub"],"before":{"class":null,"security":{"hex":"$sd"},"flags":0}},
    {"op":"delete_value","path":["Old","Sub"],"name":"","before":{"type":1,"type_name":"REG_SZ","hex":"78000000","text":"x"}}
  ],
  "summary": {"keys":{"created":0,"deleted":2,"replaced":0,"changed":0},"values":{"added":1,"changed":1,"deleted":2},"ignored":{"timestamps":0,"security":0,"class":0,"flags":0,"order":0,"spelling":0}},
  "result": "different"
}
END
run 1 ht diff --format=json --root="$root" old new
says err
same delta.json out
run 1 ht diff --format=json --root="$root" -o file.json old new
says out
same delta.json file.json

# Applied it gives the same hive, from any place; twice is once.
run 0 ht apply -q --root="$root" -o made old delta.json
same_bytes new made
run 0 ht verify --root="$root" new delta.json
run 0 ht apply --root="$root" --in-place made - <delta.json
says err "hivetool: made: nothing to do"
run 1 ht verify --root="$root" old delta.json
says out \
    "delta.json:10: $root\\K: \"a\": hive has sz \"1\", patch says sz \"tab\\u{9}\"" \
    "delta.json:11: $root\\K: \"b\": hive has dword 0x00000002 (2), patch says it is not there" \
    "delta.json:12: $root\\K: \"l\": hive has nothing, patch says multi_sz \"a\"" \
    "delta.json:13: $root\\Old: hive has the key, patch says it is not there"

# Without "root" the paths are below whatever hive is given.
sed 's/"root": .*/"root": "",/' delta.json >bare.json
run 0 ht apply -q -o made old bare.json
same_bytes new made
run 4 ht apply --dry-run old bare.json new.reg
says err "hivetool: a JSON delta without \"root\" cannot be mixed with patches that name HKEY_ keys"

# Two empty hives: an empty delta, which can be applied.
run 0 ht diff --format=json old old
cp out empty.json
run 0 ht apply --root="$root" --dry-run old - <empty.json
says out "no difference"

# Names that are no text. \ud800 alone and a NUL cannot stand in a JSON string.
change() {
    printf '{"format_version":"1.0","kind":"delta","root":"","changes":[\n%s\n]}\n' "$1" >change.json
}
change '{"op":"set_value","path":["\u00e4",{"utf16":"d8000041"}],"name":{"utf16":"00610000"},
"after":{"type":3,"hex":"FF00"}}'
run 0 ht apply -n SOFTWARE change.json
says out "+ [$root\\ä]" "+ [$root\\ä\\\\u{d800}A]" '    + "a\u{0}"  binary 2 bytes ff00' \
    "2 keys created, 1 value added"
run 1 ht verify --quiet --format=delta SOFTWARE change.json
grep '"op":"set_value"' out >line
says line '    {"op":"set_value","path":["ä",{"utf16":"d8000041"}],"origin":{"file":"change.json","line":2},"name":{"utf16":"00610000"},"after":{"type":3,"type_name":"REG_BINARY","hex":"ff00"}}'

# Class, descriptor and flags come through, at the root key too.
change '{"op":"set_class","path":[],"after":{"class":{"hex":"4100"}}},
{"op":"set_security","path":["K"],"after":{"security":{"hex":"0100048000000000000000000000000000000000"}}},
{"op":"set_flags","path":["K"],"after":{"flags":16}}'
run 1 ht verify old change.json
says out \
    "change.json:2: $root: class name differs" \
    "change.json:3: $root\\K: security descriptor differs" \
    "change.json:3: $root\\K: flags differ"
run 0 ht apply -n old change.json
default='O:SYG:SYD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;WD)(A;CI;KR;;;RC)'
says out "~ [$root]" '    ~ class  none -> "A"' "~ [$root\\K]" \
    '    ~ security  owner, group, DACL, entries' \
    '        ~ owner SY (Local System) -> none' '        ~ group SY (Local System) -> none' \
    '        + NO_ACCESS_CONTROL  allow Everyone: everything, there is no list' \
    '        - (A;CI;KA;;;SY) at 1  allow Local System: full control, also subkeys' \
    '        - (A;CI;KA;;;BA) at 2  allow Administrators: full control, also subkeys' \
    '        - (A;CI;KR;;;WD) at 3  allow Everyone: read, also subkeys' \
    '        - (A;CI;KR;;;RC) at 4  allow Restricted: read, also subkeys' \
    '    ~ flags  none -> symlink' \
    "2 keys changed"

# security HEX TEXT: a descriptor as it is shown.
security() {
    change "{\"op\":\"set_security\",\"path\":[\"K\"],\"after\":{\"security\":{\"hex\":\"$1\"}}}"
    run 0 ht apply -n --full old change.json
    grep -v '^        [-+~ ] ' out >found || :
    says found "~ [$root\\K]" "    ~ security  $2" "1 key changed"
}
# digest_of HEX: its length and the start of its SHA-256, which sha256sum says.
digest_of() {
    printf '%s' "$1" | unhex >bytes
    echo "$(wc -c <bytes) bytes sha256 $(sha256sum bytes | cut -c1-12)"
}
# Owner and group of a domain, flags of both lists; an entry past its list; rights without a name.
security 01001494140000003000000000000000000000000105000000000005150000000100000002000000ffffffff00020000010500000000000515000000010000000200000003000000010200000000000000000000 \
    "$default -> O:S-1-5-21-1-2-4294967295-512G:S-1-5-21-1-2-3-513D:PAINO_ACCESS_CONTROLS:NO_ACCESS_CONTROL"
security 010004800000000000000000000000001400000002002c0002000000011a1400010000000101000000000005070000000000100000000080000000000000000000000000 \
    "$default -> $(digest_of 010004800000000000000000000000001400000002002c0002000000011a1400010000000101000000000005070000000000100000000080000000000000000000000000)"
security 010004800000000000000000000000001400000002001c0001000000011a140001000000010100000000000507000000 \
    "$default -> D:(D;CIIOID;0x1;;;AN)"
# The same words, other bytes.
other=0101${sd#0100}
security "$other" "$default $(digest_of "$sd") -> $default $(digest_of "$other")"
# An entry of a kind that has no short form here.
security 010004800000000000000000000000001400000002001c00010000000900140001000000010100000000000507000000 \
    "$default -> $(digest_of 010004800000000000000000000000001400000002001c00010000000900140001000000010100000000000507000000)"

# A member that is not known says nothing; one that is known must be right.
change '{"op":"create_key","path":["K2"],"note":"because","after":{"flags":0}}'
run 0 ht apply -n old change.json
says out "+ [$root\\K2]" "1 key created"

# A reason may be a text alone.
change '{"op":"create_key","path":["K2"],"why":"because","after":{"flags":0}}'
run 0 ht apply -n old change.json
says out "+ [$root\\K2]" "    why: because" "1 key created"

# refused STATUS MESSAGE: change.json is refused with exactly this.
refused() {
    run "$1" ht apply -n --root="$root" old change.json
    says out
    says err "hivetool: $2"
}

# wrong MESSAGE CHANGE
wrong() {
    change "$2"
    refused 3 "change.json:2: change 0: $1"
}
wrong 'is no object' '17'
wrong '"op" is missing or no string' '{"path":["K"]}'
wrong '"op" is none that is known' '{"op":"frob","path":["K"]}'
wrong '"path" is missing or no array' '{"op":"create_key","path":"K"}'
wrong 'a name is missing or neither a string nor {"utf16":"…"}' '{"op":"create_key","path":[1]}'
wrong 'a key name is empty' '{"op":"create_key","path":[""]}'
wrong 'a name in "path" holds a backslash, which parts names; {"utf16":"…"} if that is meant' '{"op":"create_key","path":["a\\b"]}'
wrong '"utf16" is not four hex digits for each unit' '{"op":"create_key","path":[{"utf16":"00"}]}'
wrong 'hex data has an odd length, another character or is too long' \
    '{"op":"set_value","path":["K"],"name":"n","after":{"type":3,"hex":"0"}}'
wrong 'hex data has an odd length, another character or is too long' \
    '{"op":"set_value","path":["K"],"name":"n","after":{"type":3,"hex":"0g"}}'
wrong '"hex" is missing or no string' \
    '{"op":"set_value","path":["K"],"name":"n","after":{"type":3,"dword":1}}'
wrong '"after" is missing or no object' '{"op":"set_value","path":["K"],"name":"n"}'
wrong 'a name is missing or neither a string nor {"utf16":"…"}' \
    '{"op":"set_value","path":["K"],"after":{"type":3,"hex":""}}'
for type in -1 4294967296 1.5 '"4"' null 99999999999999999999; do
    wrong '"type" is missing or no number from 0 to 4294967295' \
        "{\"op\":\"set_value\",\"path\":[\"K\"],\"name\":\"n\",\"after\":{\"type\":$type,\"hex\":\"\"}}"
done
# What is beside the hex must say the same.
disagrees() {
    wrong "\"$1\" does not say what \"type\" and \"hex\" say" \
        "{\"op\":\"set_value\",\"path\":[\"K\"],\"name\":\"n\",\"after\":{$2}}"
}
disagrees dword '"type":4,"hex":"01000000","dword":2'
disagrees dword '"type":3,"hex":"01000000","dword":1'
disagrees qword '"type":11,"hex":"0100000000000000","qword":1'
disagrees text '"type":1,"hex":"41000000","text":"B"'
disagrees text '"type":3,"hex":"41000000","text":"A"'
disagrees list '"type":7,"hex":"410000000000","list":["A","B"]'
disagrees list '"type":7,"hex":"410000000000","list":"A"'
disagrees type_name '"type":1,"hex":"","type_name":"REG_BINARY"'
wrong '"security" is no self-relative security descriptor' \
    '{"op":"set_security","path":["K"],"after":{"security":{"hex":"0100"}}}'
wrong '"flags" has bits that no delta can set' '{"op":"set_flags","path":["K"],"after":{"flags":4}}'
wrong '"class" is missing' '{"op":"set_class","path":["K"],"after":{}}'
change '{"op":"delete_key","path":[]}'
refused 4 'change.json:2: change 0: the root key cannot be deleted'
change '{"op":"reorder_values","path":["K"]}'
refused 4 'change.json:2: change 0: times and the order of values cannot be applied; make the delta with --ignore=timestamps,order'

# document MESSAGE TEXT: the document itself is wrong.
document() {
    printf '%b' "$2" >change.json
    refused 3 "change.json$1"
}
document ': "format_version" is missing or no string' '{"changes":[]}'
document ': "kind" is missing or no string' '{"format_version":"1.0","changes":[]}'
document ': "kind" is not "delta"' '{"format_version":"1.0","kind":"x","changes":[]}'
document ': "changes" is missing or no array' '{"format_version":"1.7","kind":"delta"}'
document ': "root" is missing or no string' '{"format_version":"1.0","kind":"delta","root":1}'
printf '{"format_version":"2.0","kind":"delta","changes":[]}' >change.json
refused 4 'change.json: "format_version" is not 1.x, which this program knows'

# What RFC 8259 does not allow, with its place.
document ":1:2: found the end, expected a member's name" '{'
document ":1:8: found '}', expected a comma or ']'" '{"a":[1}'
document ":1:8: found '}', expected a member's name" '{"a":1,}'
document ":1:2: found 'a', expected a member's name" '{a:1}'
document ":1:5: found '1', expected a colon" '{"a"1}'
document ":2:1: found '\"', expected a comma or '}'" '{"a":1\n"b":2}'
document ":1:6: found the end, expected a value" '{"a":'
document ":1:6: found '/', expected a value" '{"a":/**/1}'
document ":1:6: found 'N', expected a value" '{"a":NaN}'
document ":1:6: found '+', expected a value" '{"a":+1}'
document ":1:7: found '1', expected a comma or '}'" '{"a":01}'
document ":1:7: found 'x', expected a comma or '}'" '{"a":0x1}'
document ":1:8: found '}', expected a digit" '{"a":1.}'
document ":1:8: found '}', expected a digit" '{"a":1e}'
document ":1:9: found '{', expected the end" '{"a":1} {'
document ":1:7: found U+000A, expected the end of the string" '{"a":"\n"}'
document ":1:8: found 'x', expected one of \"\\/bfnrtu" '{"a":"\\x"}'
document ":1:10: found 'g', expected four hex digits" '{"a":"\\u0g00"}'
document ":1:13: found '\"', expected the second half of a surrogate pair" '{"a":"\\ud800"}'
document ':1:13: found '"'\"'"', expected no lone surrogate or NUL before this; {"utf16":"…"} has a place for it' \
    '{"a":"\\u0000"}'
document ':2:2: found '"'\"'"', expected no second member of this name' '{"a":1,\n "\\u0061":2}'
document ":1:4: found byte 0xff, expected UTF-8" '{"\0303\0244\0377":1}'
document ":1:3: found byte 0x00, expected UTF-8" '{"\0000":1}'

# Depth: 64 levels are read, 65 are not; what is deeper does not matter.
deep() {
    {
        printf '{"format_version":"1.0","kind":"delta","changes":[],"x":'
        head -c "$1" /dev/zero | tr '\0' '['
        head -c "$1" /dev/zero | tr '\0' ']'
        printf '}'
    } >change.json
}
deep 63
run 0 ht apply -n --root="$root" old change.json
deep 64
refused 4 'change.json:1:120: too deep'
deep 1000000
refused 4 'change.json:1:120: too deep'

# Very many members in one object.
{
    printf '{'
    i=0
    while [ $i -lt 300 ]; do
        printf '"%d":0,\n' $i
        i=$((i + 1))
    done
    printf '"x":0}'
} >change.json
refused 4 'change.json:257:1: an object of too many members'

# Very many values: what is not looked at takes no memory but its text.
{
    printf '{"format_version":"1.0","kind":"delta","changes":[],"x":['
    head -c 20000000 /dev/zero | tr '\0' '0' | sed 's/00/0,/g'
    printf '0]}'
} >change.json
# shellcheck disable=SC3045
if (ulimit -v 150000 && ht --version) >out 2>err; then
    (
        # shellcheck disable=SC3045
        ulimit -v 150000
        run 0 ht apply -n --root="$root" old change.json
    )
fi

# What we print, we take: a key whose name holds a backslash, a descriptor that is none, an empty class
# name, the volatile flag. Made by a document as we print it, then gone and made again.
cat >odd.json <<'END'
{"format_version":"1.0","kind":"delta","changes":[
{"op":"create_key","path":[{"utf16":"0041005c0042"}],"after":{"class":{"hex":""},"security":{"hex":"0102","self_relative":false},"flags":1}},
{"op":"set_value","path":[{"utf16":"0041005c0042"}],"name":"","after":{"type":1,"hex":""}}]}
END
run 0 ht apply -o odd old odd.json
for engine in auto rebuild; do
    run 1 ht diff --format=json old odd
    cp out there.json
    grep -c '"path":\[{"utf16":"0041005c0042"}\],.*"self_relative":false' there.json >n
    says n 1
    run 0 ht apply --engine=$engine -o made old there.json
    run 0 ht diff odd made
    run 1 ht diff --format=json odd old
    cp out back.json
    run 0 ht apply --engine=$engine -o gone odd back.json
    run 0 ht diff old gone
done
wrong '"security" is no self-relative security descriptor' \
    '{"op":"set_security","path":["K"],"after":{"security":{"hex":"0102","self_relative":true}}}'
