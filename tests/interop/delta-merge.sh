#!/bin/sh
# A differencing hive over its base is the patched hive: in every key, value, class name and
# security descriptor, as an independent reader merges them.
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "${PYTHON3-}" ] || skip "no python3"
fixtures=$abs_srcdir/fixtures

hive_py() {
    "$PYTHON3" "$abs_srcdir/tests/interop/hive.py" "$@"
}

# prove NAME PATCH: PATCH on the fixture NAME as a delta, merged again.
prove() {
    run 0 ht apply -o "$1.patched" "$fixtures/hives/$1" "$2"
    run 0 ht delta -o "$1.delta" "$fixtures/hives/$1" "$1.patched"
    run 0 hive_py merge-compare "$fixtures/hives/$1" "$1.delta" "$1.patched"
    says out
}

prove SOFTWARE "$fixtures/patches/pause.reg"
run 0 hive_py list-delta SOFTWARE.delta --values
says out '00 \
80 Microsoft
80 Microsoft\Ole
   "EnableDCOM" 1 4e000000
80 Microsoft\Rpc
   "DCOM Protocols" 7 0000
   "EpMapDisallowedProtocols" 1 6e006300610063006e005f00690070005f007400630070000000
   "UuidSequenceNumber" 4 74f6bc01'

prove SYSTEM "$fixtures/patches/diagtrack.reg"
run 0 hive_py list-delta SYSTEM.delta --values
says out '00 \
80 ControlSet001
80 ControlSet001\Services
01 ControlSet001\Services\DiagTrack'

# All that a delta can say at once: new, deleted and replaced keys, deleted values, new spellings.
cat >mixed.reg <<'EOF'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\contoso\types]
"SZ"="other"
"binary"=-
@=-
"added"=hex:01,02,03

[-HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Deep]

[-HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Names]
[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Names]
"only"="this"

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Names\Below\Further]
@="new"

[HKEY_LOCAL_MACHINE\SOFTWARE\AAA]
@="first of all"

[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\CLSID\Made\Up]
"x"=dword:00000001
EOF
prove SOFTWARE mixed.reg
