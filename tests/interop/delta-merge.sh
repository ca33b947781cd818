#!/bin/sh
# A differencing hive over its base is the patched hive: in every key, value, class name and
# security descriptor, as an independent reader merges them.
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "${PYTHON3-}" ] || skip "python3 is not installed"
fixtures=$abs_srcdir/fixtures

hive_py() {
    "$PYTHON3" -S "$abs_srcdir/tests/interop/hive.py" "$@"
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

# Security descriptors and class names, which no .reg file changes: two descriptors of the ring
# and one class name get another byte.
"$PYTHON3" -S - "$fixtures/hives/SOFTWARE" changed <<'EOF'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
def u32(at):
    return struct.unpack_from("<I", data, at)[0]
sk = 4096 + u32(4096 + u32(0x24) + 4 + 0x2C) + 4  # the root's
for _ in range(2):
    sk = 4096 + u32(sk + 4) + 4
    data[sk + 0x14 + u32(sk + 0x10) - 1] ^= 1
at = data.index("GenericClass".encode("utf-16-le"))
data[at] = ord("K")
open(sys.argv[2], "wb").write(data)
EOF
run 0 ht delta -o meta.delta "$fixtures/hives/SOFTWARE" changed
run 0 hive_py merge-compare "$fixtures/hives/SOFTWARE" meta.delta changed
says out
run 0 hive_py list-delta meta.delta
grep -q '^02 ' out || fail "no changed descriptor in the delta"
grep -q '^00 Contoso\\Class$' out || fail "no changed class in the delta"

# On real input.
real=$abs_srcdir/../shared/corpus/hives/regipy
[ -d "$real" ] || skip "../shared/corpus is not here" "merges of real hives"
for pair in NTUSER.DAT.old-29ea3af:NTUSER.DAT NTUSER.DAT:NTUSER_modified.DAT \
    NTUSER_modified.DAT:NTUSER.DAT; do
    run 0 ht delta -o real.delta "$real/${pair%:*}" "$real/${pair#*:}"
    run 0 hive_py merge-compare "$real/${pair%:*}" real.delta "$real/${pair#*:}"
    says out
done
cat >system.reg <<'EOF'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SYSTEM\Select]
"Added"="value"
"default"=dword:00000007
"Failed"=-

[-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa]

[-HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Windows]
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Windows]
"Directory"="replaced"

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Made\Up]
@="new"
EOF
run 0 ht apply -o real.patched "$real/SYSTEM" system.reg
run 0 ht delta -o real.delta "$real/SYSTEM" real.patched
run 0 hive_py merge-compare "$real/SYSTEM" real.delta real.patched
says out
