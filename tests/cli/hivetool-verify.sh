#!/bin/sh
# hivetool verify: every line of every patch that does not hold, as text, JSON and JUnit's XML.
. "${abs_srcdir:?}/tests/lib.sh"

head='Windows Registry Editor Version 5.00'
software='HKEY_LOCAL_MACHINE\SOFTWARE'
system='HKEY_LOCAL_MACHINE\SYSTEM'

run 0 ht new -o SOFTWARE
run 0 ht new -o SYSTEM
cat >base.reg <<END
$head

[$software\\K]
"n"=dword:1
"s"="old"
"extra"=hex:01

[$software\\K\\Listed]
"more"="x"

[$software\\K\\Unlisted\\Deep]

[$system\\Select]
"Current"=dword:1

[$system\\ControlSet001\\Services\\x]
"Start"=dword:2
END
run 0 ht apply -q --in-place SOFTWARE=SOFTWARE SYSTEM=SYSTEM base.reg
run 0 ht verify SOFTWARE=SOFTWARE SYSTEM=SYSTEM base.reg
says out
says err

# --- each line, also those of a key that is not there; net effect within the file ---
cat >lines.reg <<END
$head

[$software\\K]
"n"=dword:2
"s"="old"
"absent"=-
"n"=dword:3
"s"="x"
"s"=hex(2):6f,00,00,00

[$software\\New\\Key]
"a"="1"
@="2"
"b"=-

[-$software\\K\\Unlisted]
[-$software\\Nothing]

[$system\\CurrentControlSet\\Services\\x]
"Start"=dword:4
END
run 1 ht verify SYSTEM=SYSTEM SOFTWARE=SOFTWARE lines.reg
says out \
    "lines.reg:7: $software\\K: \"n\": hive has dword 0x00000001 (1), patch says dword 0x00000003 (3)" \
    "lines.reg:9: $software\\K: \"s\": hive has sz \"old\", patch says expand_sz \"o\"" \
    "lines.reg:11: $software\\New\\Key: hive has no such key, patch says it is there" \
    "lines.reg:12: $software\\New\\Key: \"a\": hive has nothing, patch says sz \"1\"" \
    "lines.reg:13: $software\\New\\Key: @: hive has nothing, patch says sz \"2\"" \
    "lines.reg:16: $software\\K\\Unlisted: hive has the key, patch says it is not there" \
    "lines.reg:20: $system\\ControlSet001\\Services\\x: \"Start\": hive has dword 0x00000002 (2), patch says dword 0x00000004 (4)"
says err 'hivetool: SYSTEM: differs from the patch in 1 place' \
    'hivetool: SOFTWARE: differs from the patch in 6 places'

# --- "this and nothing else": what is not named counts against the line that deletes ---
cat >exact.reg <<END
$head

[-$software\\K]
[$software\\K]
"n"=dword:1
"s"="new"
[$software\\K\\Listed]
"more"="x"
[$software\\K\\Missing]
END
run 1 ht verify --root='HKLM\SOFTWARE' SOFTWARE exact.reg
says out \
    "exact.reg:3: $software\\K: \"extra\": hive has binary 1 byte 01, patch says it is not there" \
    "exact.reg:3: $software\\K\\Unlisted: hive has the key, patch says it is not there" \
    "exact.reg:6: $software\\K: \"s\": hive has sz \"old\", patch says sz \"new\"" \
    "exact.reg:9: $software\\K\\Missing: hive has no such key, patch says it is there"

# --- a line that says what another patch says too has a line of its own ---
cat >same.reg <<END
$head

; three lines further down
[HKLM\\Software\\NEW\\KEY]
"A"="1"
[HKLM\\Software\\K]
"n"=dword:3
[-HKLM\\Software\\K\\Unlisted\\Deep]
END
run 1 ht verify SOFTWARE=SOFTWARE same.reg lines.reg --skip-foreign
says err "hivetool: 1 statement outside $software skipped" \
    'hivetool: SOFTWARE: differs from the patch in 10 places'
says out \
    "same.reg:4: $software\\NEW\\KEY: hive has no such key, patch says it is there" \
    "same.reg:5: $software\\NEW\\KEY: \"A\": hive has nothing, patch says sz \"1\"" \
    "same.reg:7: $software\\K: \"n\": hive has dword 0x00000001 (1), patch says dword 0x00000003 (3)" \
    "same.reg:8: $software\\K\\Unlisted\\Deep: hive has the key, patch says it is not there" \
    "lines.reg:7: $software\\K: \"n\": hive has dword 0x00000001 (1), patch says dword 0x00000003 (3)" \
    "lines.reg:9: $software\\K: \"s\": hive has sz \"old\", patch says expand_sz \"o\"" \
    "lines.reg:11: $software\\NEW\\KEY: hive has no such key, patch says it is there" \
    "lines.reg:12: $software\\NEW\\KEY: \"A\": hive has nothing, patch says sz \"1\"" \
    "lines.reg:13: $software\\NEW\\KEY: @: hive has nothing, patch says sz \"2\"" \
    "lines.reg:16: $software\\K\\Unlisted: hive has the key, patch says it is not there"
# The other way round the same lines, in the other order of files.
sort out >one-way
run 1 ht verify -q SOFTWARE=SOFTWARE lines.reg same.reg --skip-foreign
tr "[:lower:]" "[:upper:]" <out | sort >other-way
tr "[:lower:]" "[:upper:]" <one-way | sort >wanted
same wanted other-way

# "This and nothing else" twice.
sed 's/"new"/"new" ; the same/' exact.reg >exact-too.reg
run 1 ht verify -q --root='HKLM\SOFTWARE' SOFTWARE exact.reg
cp out once
sed 's/^exact\.reg/exact-too.reg/' once | cat once - >wanted
run 1 ht verify -q --root='HKLM\SOFTWARE' SOFTWARE exact.reg exact-too.reg
same wanted out

# A delete of a key whose parent another patch deletes.
printf '%s\n[-%s\\K\\Unlisted\\Deep]\n[-%s\\K\\Unlisted\\Nothing]\n' "$head" "$software" "$software" >deep.reg
printf '%s\n[-%s\\K\\Unlisted]\n' "$head" "$software" >whole.reg
for files in 'deep.reg whole.reg' 'whole.reg deep.reg'; do
    # shellcheck disable=SC2086
    run 1 ht verify -q SOFTWARE=SOFTWARE $files
    sort out >sorted
    says sorted \
        "deep.reg:2: $software\\K\\Unlisted\\Deep: hive has the key, patch says it is not there" \
        "whole.reg:2: $software\\K\\Unlisted: hive has the key, patch says it is not there"
done

# A line that a later line of its file overrules contradicts no other patch, in either order.
printf '%s\n[%s\\K]\n"n"=dword:5\n"n"=dword:1\n"gone"="x"\n"gone"=-\n' "$head" "$software" >twice.reg
printf '%s\n[%s\\K]\n"n"=dword:1\n"gone"=-\n' "$head" "$software" >once.reg
run 0 ht verify SOFTWARE=SOFTWARE twice.reg once.reg
run 0 ht verify SOFTWARE=SOFTWARE once.reg twice.reg
# What one patch deletes and the other deletes and makes again contradicts, in either order.
printf '%s\n[-%s\\K\\Z]\n' "$head" "$software" >delete.reg
printf '%s\n[-%s\\K\\Z]\n[%s\\K\\Z]\n' "$head" "$software" "$software" >again.reg
printf '%s\n[%s\\K]\n"z"=-\n' "$head" "$software" >delete-value.reg
printf '%s\n[%s\\K]\n"z"=-\n"z"="1"\n' "$head" "$software" >again-value.reg
for kind in '' -value; do
    run 6 ht verify SOFTWARE=SOFTWARE delete$kind.reg again$kind.reg
    run 6 ht verify SOFTWARE=SOFTWARE again$kind.reg delete$kind.reg
done
says err "hivetool: delete-value.reg:3: $software\\K: \"z\": contradicts again-value.reg:4 (--last-wins lets the later patch win)"

# --- JSON: an array of all that does not hold ---
run 1 ht verify --format=json SYSTEM=SYSTEM SOFTWARE=SOFTWARE lines.reg exact.reg --last-wins
says err
cp out drift.json
run 1 ht verify --format=json --root='HKLM\SOFTWARE' SOFTWARE exact.reg
says out '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "drift",' '  "drift": [' \
    '    {"file":"exact.reg","line":3,"hive":"SOFTWARE","key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\K","name":"extra","expected":null,"actual":{"type":3,"type_name":"REG_BINARY","hex":"01"}},' \
    '    {"file":"exact.reg","line":3,"hive":"SOFTWARE","key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\K\\Unlisted","expected":{"key":false},"actual":{"key":true}},' \
    '    {"file":"exact.reg","line":6,"hive":"SOFTWARE","key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\K","name":"s","expected":{"type":1,"type_name":"REG_SZ","hex":"6e00650077000000","text":"new"},"actual":{"type":1,"type_name":"REG_SZ","hex":"6f006c0064000000","text":"old"}},' \
    '    {"file":"exact.reg","line":9,"hive":"SOFTWARE","key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\K\\Missing","expected":{"key":true},"actual":{"key":false}}' \
    '  ],' '  "result": "different"' '}'
run 0 ht verify --format=json SOFTWARE=SOFTWARE SYSTEM=SYSTEM base.reg
says out '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "drift",' '  "drift": [],' \
    '  "result": "same"' '}'
# What only a JSON delta can ask for.
cat >meta.json <<'END'
{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\SOFTWARE","changes":[
{"op":"set_class","path":["K"],"after":{"class":{"hex":"4100"}}},
{"op":"set_flags","path":["K"],"after":{"flags":16}}
]}
END
run 1 ht verify -q --format=json SOFTWARE=SOFTWARE meta.json
grep '^    {' out >items
says items \
    '    {"file":"meta.json","line":2,"hive":"SOFTWARE","key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\K","expected":{"class":{"hex":"4100","text":"A"}},"actual":{"class":null}},' \
    '    {"file":"meta.json","line":2,"hive":"SOFTWARE","key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\K","expected":{"flags":16},"actual":{"flags":0}}'
sed 's/4100/4200/' meta.json >other.json
run 6 ht verify SOFTWARE=SOFTWARE meta.json other.json
says err "hivetool: other.json:2: $software\\K: contradicts meta.json:2 (--last-wins lets the later patch win)"

# --- delta: the changes, as a patch ---
run 1 ht verify --format=delta --root='HKLM\SOFTWARE' SOFTWARE exact.reg
says err
cp out needed.json
run 0 ht apply -q -o by-patch --root='HKLM\SOFTWARE' SOFTWARE exact.reg
run 0 ht apply -q -o by-delta --root='HKLM\SOFTWARE' SOFTWARE needed.json
same_bytes by-patch by-delta
run 2 ht verify --format=delta SOFTWARE=SOFTWARE SYSTEM=SYSTEM base.reg
says err 'hivetool: --format=delta is for one hive, there are 2' \
    "hivetool: see 'hivetool verify --help'"
run 2 ht verify --format=xml SOFTWARE=SOFTWARE base.reg
says err "hivetool: --format is 'xml', not text, json, junit, sarif, github, html or delta" \
    "hivetool: see 'hivetool verify --help'"

# --- JUnit ---
run 1 ht verify --format=junit --root='HKLM\SOFTWARE' SOFTWARE exact.reg
says err
says out '<?xml version="1.0" encoding="UTF-8"?>' \
    '<testsuites name="hivetool verify" tests="7" failures="3" errors="0">' \
    '  <testsuite name="exact.reg" tests="7" failures="3" errors="0" skipped="0">' \
    "    <testcase name=\"line 3: $software\\K\" classname=\"exact.reg\">" \
    '      <failure type="drift" message="hive has binary 1 byte 01, patch says it is not there (and 1 more)">'"SOFTWARE: $software\\K: &quot;extra&quot;: hive has binary 1 byte 01, patch says it is not there" \
    "SOFTWARE: $software\\K\\Unlisted: hive has the key, patch says it is not there</failure>" \
    '    </testcase>' \
    "    <testcase name=\"line 4: $software\\K\" classname=\"exact.reg\"/>" \
    "    <testcase name=\"line 5: $software\\K: &quot;n&quot;\" classname=\"exact.reg\"/>" \
    "    <testcase name=\"line 6: $software\\K: &quot;s&quot;\" classname=\"exact.reg\">" \
    '      <failure type="drift" message="hive has sz &quot;old&quot;, patch says sz &quot;new&quot;">'"SOFTWARE: $software\\K: &quot;s&quot;: hive has sz &quot;old&quot;, patch says sz &quot;new&quot;</failure>" \
    '    </testcase>' \
    "    <testcase name=\"line 7: $software\\K\\Listed\" classname=\"exact.reg\"/>" \
    "    <testcase name=\"line 8: $software\\K\\Listed: &quot;more&quot;\" classname=\"exact.reg\"/>" \
    "    <testcase name=\"line 9: $software\\K\\Missing\" classname=\"exact.reg\">" \
    "      <failure type=\"drift\" message=\"hive has no such key, patch says it is there\">SOFTWARE: $software\\K\\Missing: hive has no such key, patch says it is there</failure>" \
    '    </testcase>' '  </testsuite>' '</testsuites>'

# Characters that XML has no form for, or a meaning, in names of files, keys, values and data.
odd=$(printf 'a&b<c>"\1\n.reg')
printf '%s\n\n[%s\\K <&>]\n"q\\"<&>"="]]>"\n"\303\244\357\277\277"=dword:1\n' "$head" "$software" >"$odd"
cat >odd.json <<'END'
{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\SOFTWARE","changes":[
{"op":"set_value","path":["K",{"utf16":"d8000041"}],"name":{"utf16":"00010000ffff000a0009"},
"after":{"type":1,"hex":"0a000d000800000000d80000"}}]}
END
run 1 ht verify --format=junit SOFTWARE=SOFTWARE "$odd" odd.json
says err
cp out odd.xml
run 1 ht verify --format=junit --last-wins SOFTWARE=SOFTWARE SYSTEM=SYSTEM lines.reg exact.reg same.reg
cp out many.xml
run 0 ht verify --format=junit SOFTWARE=SOFTWARE SYSTEM=SYSTEM base.reg
cp out good.xml
printf '%s\n' "$head" >empty.reg
run 0 ht verify --format=junit SOFTWARE=SOFTWARE empty.reg
says out '<?xml version="1.0" encoding="UTF-8"?>' \
    '<testsuites name="hivetool verify" tests="0" failures="0" errors="0">' \
    '  <testsuite name="empty.reg" tests="0" failures="0" errors="0" skipped="0">' \
    '  </testsuite>' '</testsuites>'

[ -n "${PYTHON3-}" ] || skip "python3 is not installed" "reports of verify are XML and JSON"
"$PYTHON3" -S - <<'END' || fail "the XML or JSON is not what it must be"
import json
import re
import xml.etree.ElementTree as tree

# What the schemas of Jenkins and of its xunit plugin allow: elements, their attributes (with ! those
# that must be there) and children.
schema = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp",
                   "hostname", "id", "package"}, {"name", "tests"},
                  {"properties", "testcase", "system-out", "system-err"}),
    "testcase": ({"name", "assertions", "time", "classname", "status"}, {"name", "classname"},
                 {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": ({"type", "message"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
}


def check(element):
    may, must, children = schema[element.tag]
    assert must <= set(element.attrib) <= may, element.attrib
    for child in element:
        assert child.tag in children, child.tag
        check(child)


def read(file):
    root = tree.parse(file).getroot()
    assert root.tag == "testsuites"
    check(root)
    suites = list(root)
    for suite in suites:
        cases = list(suite)
        assert int(suite.get("tests")) == len(cases)
        for what, count in (("failure", "failures"), ("skipped", "skipped")):
            assert int(suite.get(count)) == sum(case.find(what) is not None for case in cases)
        names = [(case.get("classname"), case.get("name")) for case in cases]
        assert len(set(names)) == len(names), "two cases of one name"
    for count in ("tests", "failures"):
        assert int(root.get(count)) == sum(int(suite.get(count)) for suite in suites)
    text = open(file).read()
    assert not re.search("time|stamp|host", text)
    return suites


def lines(suite, what):
    return [int(re.match(r"line (\d+): ", case.get("name")).group(1))
            for case in suite if what is None or case.find(what) is not None]


odd, other = read("odd.xml")
assert odd.get("name") == 'a&b<c>"\\u{1}\n.reg', odd.get("name")
K = "HKEY_LOCAL_MACHINE\\SOFTWARE\\K"
assert [case.get("name") for case in odd] == [
    "line 3: " + K + " <&>", "line 4: " + K + ' <&>: "q\\"<&>"',
    "line 5: " + K + ' <&>: "ä\\u{ffff}"'], [case.get("name") for case in odd]
assert odd[1].find("failure").get("message") == 'hive has nothing, patch says sz "]]>"'
assert len(other) == 1

# With --last-wins each line that a later patch overrules is skipped, all others hold or fail.
first, second, third = read("many.xml")
assert lines(first, None) == [3, 6, 7, 9, 11, 12, 13, 14, 16, 17, 19, 20]
assert lines(first, "failure") == [7, 11, 12, 13, 16, 20]
assert lines(first, "skipped") == [9]
assert lines(second, None) == [3, 4, 5, 6, 7, 8, 9]
assert lines(second, "failure") == [3, 6, 9]
assert lines(second, "skipped") == [5]
assert lines(third, None) == [4, 5, 6, 7, 8]
assert lines(third, "failure") == [4, 5, 7, 8]
assert lines(third, "skipped") == []
good, = read("good.xml")
assert lines(good, None) == [3, 4, 5, 6, 8, 9, 11, 13, 14, 16, 17] and not lines(good, "failure")

# The JSON form of several patches: every member, each with its type.
drift = json.load(open("drift.json"))
assert set(drift) == {"format_version", "tool", "kind", "drift", "result"}
for item in drift["drift"]:
    assert {"file", "line", "hive", "key", "expected", "actual"} <= set(item) <= {
        "file", "line", "hive", "key", "name", "expected", "actual"}
    assert item["expected"] != item["actual"]
assert [(item["file"], item["line"]) for item in drift["drift"]] == [
    ("lines.reg", 11), ("lines.reg", 12), ("lines.reg", 13), ("lines.reg", 16), ("lines.reg", 20),
    ("exact.reg", 3), ("exact.reg", 3), ("exact.reg", 6), ("exact.reg", 9)], drift["drift"]
END

# --- data that has no room in a line: what is different inside the value, as diff has it ---
wide='C:\\Program Files\\One\\bin;C:\\Program Files\\Two\\bin;C:\\Program Files\\Three\\bin'
ascii=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
for side in old new; do
    tools=
    [ "$side" = old ] || tools=';C:\\Tools'
    printf '%s\n' "$head" '' "[$software\\Wide]" "\"long\"=\"$ascii and $side\"" >"wide-$side.reg"
    printf '"path"="%s"\n' "$wide$tools" >>"wide-$side.reg"
done
printf '%s\n' ';!why "as asked" ticket=OPS-7' "\"there\"=\"$ascii$ascii\"" >>wide-new.reg
printf '%s\n' "\"gone\"=\"$ascii$ascii\"" >>wide-old.reg
printf '%s\n' '"gone"=-' >>wide-new.reg
run 0 ht new -o WIDE
run 0 ht apply -q --root "$software" --in-place WIDE wide-old.reg
run 1 ht verify --root "$software" WIDE wide-new.reg
differs='differs, from what the hive has to what the patch says:'
cut='    sz "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef012345678…'
says out "wide-new.reg:4: $software\\Wide: \"long\": $differs" '    sz' \
    '    - "…def0123456789abcdef0123456789abcdef and old"' \
    '    + "…def0123456789abcdef0123456789abcdef and new"' \
    "wide-new.reg:5: $software\\Wide: \"path\": $differs" '    sz + "C:\\Tools" at 4' \
    "wide-new.reg:7: $software\\Wide: \"there\": hive has nothing, patch says:" "$cut" \
    '    why: as asked (ticket OPS-7)' \
    "wide-new.reg:8: $software\\Wide: \"gone\": patch says it is not there, hive has:" "$cut"
run 1 ht verify -q --full --root "$software" WIDE wide-new.reg
says out \
    "wide-new.reg:4: $software\\Wide: \"long\": hive has sz \"$ascii and old\", patch says sz \"$ascii and new\"" \
    "wide-new.reg:5: $software\\Wide: \"path\": hive has sz \"$wide\", patch says sz \"$wide;C:\\\\Tools\"" \
    "wide-new.reg:7: $software\\Wide: \"there\": hive has nothing, patch says sz \"$ascii$ascii\" [why: as asked (ticket OPS-7)]" \
    "wide-new.reg:8: $software\\Wide: \"gone\": hive has sz \"$ascii$ascii\", patch says it is not there"
