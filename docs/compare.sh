#!/bin/sh
# By hand: the numbers of docs/compare.md. compare.sh HIVETOOL, in a folder of its own, with git,
# diffoscope and hivexregedit of Debian.
set -eu
hivetool=$1
system='HKEY_LOCAL_MACHINE\SYSTEM'
environment="$system\\ControlSet001\\Control\\Session Manager\\Environment"
service="$system\\ControlSet001\\Services\\DiagTrack"

# reg NAME: a .reg file of the lines on standard input.
reg() {
    { printf 'Windows Registry Editor Version 5.00\n\n' && cat; } >"$1.reg"
}

# The hive before: a PATH, a service with a descriptor, a blob of 64 bytes, a tree, 5,000 values.
{
    printf '[%s]\n"Path"="C:\\\\Windows\\\\system32;C:\\\\Windows;C:\\\\Windows\\\\System32\\\\Wbem;C:\\\\Program Files\\\\Git\\\\cmd;C:\\\\Program Files\\\\PowerShell\\\\7"\n\n' "$environment"
    printf '[%s]\n;!security O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;BU)\n"Start"=dword:00000002\n"Type"=dword:00000010\n' "$service"
    printf '"Blob"=hex:'
    i=0
    while [ $i -lt 64 ]; do
        [ $i -eq 0 ] || printf ','
        printf '%02x' $((i * 37 % 256))
        i=$((i + 1))
    done
    printf '\n\n[%s\\Setup\\Vendor]\n"Version"="1.2"\n\n[%s\\Setup\\Vendor\\Options]\n"Level"=dword:00000003\n"Name"="main"\n\n' "$system" "$system"
    printf '[%s\\ControlSet001\\Enum\\Many]\n' "$system"
    awk 'BEGIN { for (i = 0; i < 5000; i++) printf "\"Value%04d\"=dword:%08x\n", i, i * 7 }'
} | reg base
reg path <<REG
[$environment]
"Path"="C:\\\\Windows\\\\system32;C:\\\\Windows;C:\\\\Windows\\\\System32\\\\Wbem;C:\\\\Tools;C:\\\\Program Files\\\\Git\\\\cmd;C:\\\\Program Files\\\\PowerShell\\\\7"
REG
reg start <<REG
[$service]
"Start"=dword:00000004
REG
reg ace <<REG
[$service]
;!security O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KA;;;BU)
REG
sed -n '/^\[.*DiagTrack/p;/^"Blob"/s/,b9,/,ff,/p' base.reg | reg blob
reg moved <<REG
[-$system\\Setup\\Vendor]

[$system\\Software\\Vendor]
"Version"="1.2"

[$system\\Software\\Vendor\\Options]
"Level"=dword:00000003
"Name"="main"
REG
{
    printf '[%s\\ControlSet001\\Enum\\Many]\n' "$system"
    awk 'BEGIN { for (i = 0; i < 5000; i++) printf "\"Value%04d\"=dword:%08x\n", i, i * 7 + 1 }'
} | reg many

"$hivetool" new -o empty
"$hivetool" apply -q --root "$system" -o base empty base.reg
"$hivetool" export --root "$system" --encoding=utf-8 -o base.txt base
hivexregedit --unsafe-printable-strings --export --prefix "$system" base '\' >base.hivex

# size FILE: lines, and characters of the widest.
size() {
    LC_ALL=C.UTF-8 awk -v OFS='|' '{ if (length($0) > widest) widest = length($0) } END { print NR, widest + 0 }' "$1"
}

for change in path start ace blob moved many; do
    "$hivetool" apply -q --root "$system" -o "$change" base "$change.reg"
    "$hivetool" export --root "$system" --encoding=utf-8 -o "$change.txt" "$change"
    hivexregedit --unsafe-printable-strings --export --prefix "$system" "$change" '\' >"$change.hivex"
    git diff --no-index --no-color --word-diff base.txt "$change.txt" >"$change.git" || :
    diffoscope --no-progress base "$change" >"$change.diffoscope" 2>/dev/null || :
    diff base.hivex "$change.hivex" >"$change.diff" || :
    "$hivetool" diff --root "$system" base "$change" >"$change.ours" || :
    for tool in git diffoscope diff ours; do
        echo "$change|$tool|$(size "$change.$tool")"
    done
done
