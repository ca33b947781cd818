#!/bin/sh
# Findings for CI systems: JUnit and SARIF of check, lint and layerpack verify.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "$PYTHON3" ] || skip "python3 is not installed"
hives=$abs_srcdir/fixtures/hives

# sarif FILE: each result in one line, as an independent reader sees it.
sarif() {
    "$PYTHON3" -S - "$1" <<'END'
import json, sys
with open(sys.argv[1], encoding="ascii") as file:
    log = json.load(file)
run, = log["runs"]
driver = run["tool"]["driver"]
print(log["version"], driver["name"], run["columnKind"], [r["id"] for r in driver["rules"]])
for result in run["results"]:
    location, = result["locations"]
    physical = location["physicalLocation"]
    names = [n["fullyQualifiedName"] for n in location.get("logicalLocations", [])]
    print(result["level"], result["ruleId"], physical["artifactLocation"]["uri"],
          physical.get("region"), names, result["message"]["text"])
END
}

# junit FILE: the same of suites and cases; the counts must be those of the cases.
junit() {
    "$PYTHON3" -S - "$1" <<'END'
import sys
import xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
def check(node):
    failures = len(list(node.iter("failure")))
    cases = len(list(node.iter("testcase")))
    if (node.get("tests"), node.get("failures")) != (str(cases), str(failures)):
        sys.exit("the counts of %s are wrong" % node.get("name"))
check(root)
print(root.tag, root.get("name"))
for suite in root:
    check(suite)
    print(suite.tag, suite.get("name"))
    for case in suite:
        print(" ", case.get("name"), [(c.tag, c.get("type"), c.get("message") or c.text) for c in case])
END
}

# --- lint ---
printf '%s\n' 'Windows Registry Editor Version 5.00' '' '[HKEY_LOCAL_MACHINE\SOFTWARE\A]' '"a"=1' \
    '"n"=hex(4):01,00' >'my patch.reg'
printf '%s\n' 'Windows Registry Editor Version 5.00' '[HKEY_LOCAL_MACHINE\SOFTWARE\A]' >good.reg
bad="found '1', expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case"
bad="$bad; regedit skips this line, silently"
size='hex(4): with 2 bytes, where programs read 4; regedit stores it as it is'
run 3 ht lint --format=sarif 'my patch.reg' good.reg
sarif out >seen
says seen "2.1.0 hivetool lint unicodeCodePoints ['malformed', 'dword-size']" \
    "error malformed my%20patch.reg {'startLine': 4, 'startColumn': 5} [] $bad" \
    "warning dword-size my%20patch.reg {'startLine': 5, 'startColumn': 5} [] $size"
run 3 ht lint --format=junit 'my patch.reg' good.reg
junit out >seen
says seen 'testsuites hivetool lint' 'testsuite my patch.reg' \
    "  malformed line 4:5 [('failure', 'error', \"$bad\")]" \
    "  dword-size line 5:5 [('failure', 'warning', '$size')]" \
    'testsuite good.reg' '  nothing found []'
run 5 ht lint --format=sarif missing.reg
sarif out >seen
says seen '2.1.0 hivetool lint unicodeCodePoints []'

# --- check: a warning fails with --strict only ---
cp "$hives/dirty" dirty
text='base block: the sequence numbers differ: changes are still in the logs (7 and 6)'
run 0 ht check --format=sarif dirty
sarif out >seen
says seen "2.1.0 hivetool check unicodeCodePoints ['base-dirty']" \
    "warning base-dirty dirty {'byteOffset': 4} [] $text"
run 0 ht check --format=junit dirty
junit out >seen
says seen 'testsuites hivetool check' 'testsuite dirty' \
    "  base-dirty 0x4 [('system-out', None, 'warning: $text')]"
run 1 ht check --strict --format=junit dirty
junit out >seen
says seen 'testsuites hivetool check' 'testsuite dirty' \
    "  base-dirty 0x4 [('failure', 'warning', '$text')]"
run 2 ht check --format=xml dirty
says err "hivetool: --format is 'xml', not text, json, ndjson, csv, junit, sarif, github or html" \
    "hivetool: see 'hivetool check --help'"

# --- verify: the entry and what the rule is known from ---
mkdir -p layer/Files layer/Hives/Folder
touch layer/Hives/Other
run 1 lp verify --format=sarif layer
sarif out >seen
sed -n 1p seen >first
says first "2.1.0 layerpack verify unicodeCodePoints ['windows-import']"
lp verify layer >text || :
sed -n 's/^\(error\|warning\): \([^:]*\): \(.*\)$/\1 windows-import layer None ['"'\\2'"'] \3/p' text >expected-rest
sed 1d seen >rest
same expected-rest rest
run 1 lp verify --format=junit layer
junit out >seen
grep -c "'failure', 'error'" seen >n
grep -c '^error' text >wanted-n
same wanted-n n

# --- github: workflow commands. Source of the escapes: actions/toolkit, docs/commands.md ---
mkdir github
cd github
cat >'a,b.reg' <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\100%, really: yes]
"a"="50%"
REG
cp 'a,b.reg' bad.reg
echo 'oops' >>bad.reg
run 3 ht lint --format=github bad.reg
says out "::error file=bad.reg,line=5,col=1,title=malformed::found 'oops', expected '[key]', '[-key]', '\"name\"=', '@=' or a ';' comment; regedit skips this line, silently"
run 1 ht verify --format=github --root 'HKLM\SOFTWARE' "$hives/small" 'a,b.reg'
says out '::error file=a%2Cb.reg,line=3,title=drift::HKEY_LOCAL_MACHINE\SOFTWARE\100%25, really: yes: hive has no such key, patch says it is there' \
    '::error file=a%2Cb.reg,line=4,title=drift::HKEY_LOCAL_MACHINE\SOFTWARE\100%25, really: yes: "a": hive has nothing, patch says sz "50%25"'
run 1 ht verify --format=sarif --root 'HKLM\SOFTWARE' "$hives/small" 'a,b.reg'
sarif out >seen
says seen "2.1.0 hivetool verify unicodeCodePoints ['drift']" \
    "error drift a%2Cb.reg {'startLine': 3} [] HKEY_LOCAL_MACHINE\\SOFTWARE\\100%, really: yes: hive has no such key, patch says it is there" \
    "error drift a%2Cb.reg {'startLine': 4} [] HKEY_LOCAL_MACHINE\\SOFTWARE\\100%, really: yes: \"a\": hive has nothing, patch says sz \"50%\""
run 1 ht check --format=github "$abs_srcdir/fixtures/malformed/bad-checksum"
sed "s,file=[^,]*/,file=," out >seen
says seen '::error file=bad-checksum,title=base-checksum::0x1fc: base block: the checksum is wrong (it is 0x02a7d495, computed 0x02a7d494)'
run 0 ht check --format=github "$hives/small"
says out
