#!/bin/sh
# The security descriptors of new keys: computed as Windows computes them, for other creators, or
# copied; stated by a patch. Both engines give the same; hivex's hive shares descriptors it has.
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'
hive=$abs_srcdir/fixtures/hives/SOFTWARE

# security_of HIVE KEY...: as diff tells it against a hive where it is another one.
security_of() {
    ht diff --root "$root" --format=json "$1" "$2" >found.json || :
    sed -n 's/.*"op":"create_key","path":\["Contoso","'"$3"'"\].*"security":{"hex":"\([0-9a-f]*\)".*/\1/p' found.json
}

cat >p.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Agent]
"a"="b"

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Agent\Deep]

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Other]
REG

# Contoso has O:BAG:SYD:PAI(A;CI;KA;;;BA)(A;CI;KA;;;SY)(A;CI;KR;;;BU)(A;CI;KR;;;AC): its children are not
# protected, each entry is marked as inherited, the owner is who makes them. Written by hand.
aces=00121800 aces=${aces}3f000f0001020000000000052000000020020000
aces=${aces}001214003f000f00010100000000000512000000
aces=${aces}001218001900020001020000000000052000000021020000
aces=${aces}001218001900020001020000000000 aces=${aces}0f0200000001000000
system=010100000000000512000000
administrators=01020000000000052000000020020000
inherited=0100048478000000840000000000000014000000020064000400000
inherited=${inherited}0$aces
owned_by_ba=010004847800000088000000000000001400000002006400040000
owned_by_ba=${owned_by_ba}00$aces

for engine in hivex rebuild; do
    run 0 ht apply --engine=$engine -o "$engine" "$hive" p.reg
    run 0 ht check "$engine"
    grep -q '^0 errors, 0 warnings' out || fail "check: $(cat out)"
    for key in Agent Agent\",\"Deep Other; do
        security_of "$hive" "$engine" "$key" >found
        says found "$inherited$system$system"
    done
    run 0 ht apply --engine=$engine -o again "$engine" p.reg
    says err "hivetool: $engine: nothing to do"
    same_bytes "$engine" again
done
run 0 ht diff --ignore=none hivex rebuild

# One new descriptor for three keys takes one bin; a second patch shares it.
run 0 ht apply --engine=hivex --new-keys=copy -o copied "$hive" p.reg
[ $(($(wc -c <hivex) - $(wc -c <copied))) -eq 4096 ] || fail "$(wc -c <hivex) bytes"
printf 'REGEDIT4\n\n[%s\\Contoso\\Third]\n' "$root" >third.reg
run 0 ht apply --engine=hivex -o third hivex third.reg
run 0 ht check third
run 0 ht apply --engine=hivex --new-keys=copy -o third.copied hivex third.reg
[ "$(wc -c <third)" -eq "$(wc -c <third.copied)" ] || fail "$(wc -c <third) bytes"

# Somebody else makes them.
run 0 ht apply --new-keys=inherit:BA:S-1-5-18 -o ba "$hive" p.reg
security_of "$hive" ba Agent >found
says found "$owned_by_ba$administrators$system"
run 0 ht apply --new-keys inherit:SY -o again "$hive" p.reg
same_bytes again hivex

# The key above, byte for byte.
above=$(ht diff --root "$root" --format=json "$hive" copied | sed -n \
    's/.*"path":\["Contoso","Agent"\],"after".*"security":{"hex":"\([0-9a-f]*\)".*/\1/p')
contoso=$("${PYTHON3:-python3}" -S "$abs_srcdir/tests/interop/hive.py" dump "$hive" |
    sed -n '/^\[Contoso\] /{n;s/^  security //p;}')
[ "${above:-none}" = "$contoso" ] || fail "$above is not $contoso"

run 2 ht apply --new-keys=parent -o never "$hive" p.reg
says err "hivetool: --new-keys is 'parent', not inherit, inherit:OWNER[:GROUP] or copy" \
    "hivetool: see 'hivetool apply --help'"
run 2 ht apply --new-keys=inherit:DA -o never "$hive" p.reg
says err "hivetool: --new-keys=inherit:DA: SDDL 'DA': at character 1: this SID depends on a machine or domain, write it as S-1-5-21-…" \
    "hivetool: see 'hivetool apply --help'"
[ ! -e never ] || fail "a file was written"

# Stated by the patch: for a key that is there, for a new one, and for what is made below it.
cat >stated.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso]
;!security O:BAG:SYD:P(A;CI;KA;;;SY)

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Below]

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Own] ;!security O:SYG:SYD:(A;;KR;;;WD)
REG
run 0 ht apply -o stated "$hive" stated.reg
run 1 ht diff --full "$hive" stated
sed -n '/~ security/s/.* -> //p;/+ security/p' out >found
says found 'O:BAG:SYD:P(A;CI;KA;;;SY)' '    + security  O:SYG:SYD:(A;;KR;;;WD)'
security_of "$hive" stated Below >found
says found "010004803000000$(printf %s '03c00000000000000140000000200')1c000100000000021400""3f000f00$system$system$system"
run 0 ht verify stated stated.reg
run 1 ht verify hivex stated.reg
says out "stated.reg:3: $root\\Contoso: security descriptor differs" \
    "stated.reg:6: $root\\Contoso\\Below: hive has no such key, patch says it is there" \
    "stated.reg:8: $root\\Contoso\\Own: hive has no such key, patch says it is there"

# What is wrong with it is told at its place.
printf 'REGEDIT4\n\n[%s\\Contoso]\n;!security O:SYD:\n' "$root" >no-group.reg
run 3 ht apply -n "$hive" no-group.reg
says err "hivetool: no-group.reg:4:12: found it names no group (G:), expected a security descriptor in SDDL, with owner, group and access list" \
    '    ;!security O:SYD:' '               ^' '    regedit takes this for a comment'
printf 'REGEDIT4\n\n[%s\\Contoso]\n;!security O:SYG:SYD:\n;!security O:BAG:SYD:\n' "$root" >two.reg
run 3 ht apply -n "$hive" two.reg
says err "hivetool: two.reg:5:1: found a second descriptor of the key, expected a security descriptor in SDDL, with owner, group and access list" \
    '    ;!security O:BAG:SYD:' '    ^' '    regedit takes this for a comment'
printf 'REGEDIT4\n\n[-%s\\Contoso]\n;!security O:SYG:SYD:\n' "$root" >gone.reg
run 3 ht apply -n "$hive" gone.reg
says err "hivetool: gone.reg:4:1: found 'security' on a key that is deleted, expected it in a section that does not delete its key" \
    '    ;!security O:SYG:SYD:' '    ^' '    regedit takes this for a comment'

# In JSON as SDDL, too; beside hex it has to agree.
security_json() {
    printf '{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\\\SOFTWARE","changes":[\n%s]}\n' \
        '{"op":"set_security","path":["Contoso"],"after":{"security":{'"$1"'}}}' >change.json
}
security_json '"sddl":"O:BAG:SYD:P(A;CI;KA;;;SY)"'
run 0 ht apply -n --full "$hive" change.json
sed -n '/~ security/s/.* -> //p' out >found
says found 'O:BAG:SYD:P(A;CI;KA;;;SY)'
hex=010004903000000040000000000000001400000002001c000100000000021400""3f000f00$system$administrators$system
security_json '"hex":"'"$hex"'","sddl":"O:BAG:SYD:P(A;CI;KA;;;SY)"'
run 0 ht apply -n --full "$hive" change.json
sed -n '/~ security/s/.* -> //p' out >found
says found 'O:BAG:SYD:P(A;CI;KA;;;SY)'
security_json '"hex":"'"$hex"'","sddl":"O:BAG:SYD:P(A;CI;KR;;;SY)"'
run 3 ht apply -n "$hive" change.json
says err 'hivetool: change.json:2: change 0: "sddl" is not what "hex" says'
security_json '"sddl":"O:BAG:SYD:P(A;CI;KQ;;;SY)"'
run 3 ht apply -n "$hive" change.json
says err "hivetool: change.json:2: change 0: SDDL 'O:BAG:SYD:P(A;CI;KQ;;;SY)': at character 18: an unknown right"
security_json '"sddl":null'
run 3 ht apply -n "$hive" change.json
says err 'hivetool: change.json:2: change 0: "sddl" is missing or no string'
