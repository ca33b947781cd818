#!/bin/sh
# Small facts of what Windows writes, each beside what we write: the flags of the root, the times of
# tombstones, and what the bytes of hex(2) and hex(7) are in files of either version and encoding.
. "${abs_srcdir:?}/tests/lib.sh"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
needs_program "${PYTHON3:-python3}" iconv

# facts HIVE LINE...: what hive.py sees in it.
facts() {
    facts_of=$1
    shift
    run 0 "${PYTHON3:-python3}" "$abs_srcdir/tests/interop/hive.py" facts "$facts_of"
    says out "$@"
}

# Root flags as in the real differencing hives; tombstones without a time, other keys with one, also where
# no SOURCE_DATE_EPOCH is set, and with it.
run 0 ht new --kind=differencing -o empty.delta
facts empty.delta 'root flags 2c' 'tombstones 0, time 0 0' 'other keys with time 0 0'
hive=$abs_srcdir/fixtures/hives/small
printf 'Windows Registry Editor Version 5.00\n\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Alpha]\n' >delete.reg
run 0 ht apply -q --root 'HKLM\SOFTWARE' -o changed "$hive" delete.reg
run 0 ht delta -o delta "$hive" changed
facts delta 'root flags 2c' 'tombstones 1, time 0 1' 'other keys with time 0 0'
(
    SOURCE_DATE_EPOCH=1700000000
    export SOURCE_DATE_EPOCH
    run 0 ht delta -o dated.delta "$hive" changed
)
facts dated.delta 'root flags 2c' 'tombstones 1, time 0 1' 'other keys with time 0 0'

# The header, not the encoding, says what hex strings are.
strings() {
    printf '%s\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\S]\n"e"=hex(2):%s\n"m"=hex(7):%s\n' "$@"
}
wide_e=25,00,41,00,00,00
wide_m=62,00,00,00,00,00
v5='Windows Registry Editor Version 5.00'
strings "$v5" $wide_e $wide_m >v5.reg
strings REGEDIT4 25,41,00 62,00,00 >v4.reg
for version in v5 v4; do
    { printf '\377\376' && iconv -f UTF-8 -t UTF-16LE $version.reg; } >$version-wide.reg
    for mode in none regedit; do
        for form in $version $version-wide; do
            run 0 ht new -o base
            case $mode in
            none) run 0 ht apply -q --root 'HKLM\SOFTWARE' -o "$form.$mode" base "$form.reg" ;;
            regedit) run 0 ht apply -q --compat=regedit --root 'HKLM\SOFTWARE' -o "$form.$mode" base "$form.reg" ;;
            esac
            rm base
            for name in e m; do
                run 0 ht get --raw "$form.$mode" S $name
                od -An -tx1 out | tr -d ' \n' >data
                case $name in
                e) [ "$(cat data)" = 250041000000 ] || fail "$form.$mode: e is $(cat data)" ;;
                m) [ "$(cat data)" = 620000000000 ] || fail "$form.$mode: m is $(cat data)" ;;
                esac
            done
        done
    done
done

needs_shared corpus/hives
facts "$shared/corpus/hives/scancode/Software_Delta.real-v1.6-differencing" \
    'root flags 2c' 'tombstones 17, time 0 17' 'other keys with time 0 0'
facts "$shared/corpus/hives/yarp/System_Delta" 'root flags 2c' 'tombstones 2, time 0 2' 'other keys with time 0 0'
# The offline library leaves the root without its bit.
needs_shared cases/hives
facts "$shared/cases/hives/offline-library.hive" 'root flags 20' 'tombstones 0, time 0 0' 'other keys with time 0 0'
