#!/bin/sh
# Files that are replaced by what was made of them, while others do the same: nobody's change is lost.
. "${abs_srcdir:?}/tests/lib.sh"
hives=$abs_srcdir/fixtures/hives

# patch NAME KEY...: a patch that makes these keys.
patch() {
    patch_name=$1
    shift
    printf 'Windows Registry Editor Version 5.00\n' >"$patch_name"
    printf '\n[HKEY_LOCAL_MACHINE\\%s]\n' "$@" >>"$patch_name"
}
patch a.reg 'SOFTWARE\Race\A' 'SYSTEM\Race\A'
patch b.reg 'SOFTWARE\Race\B' 'SYSTEM\Race\B'
patch a-software.reg 'SOFTWARE\Race\A'
patch b-software.reg 'SOFTWARE\Race\B'

# has HIVE KEY: whether the key is there.
has() {
    ht ls "$1" "$2" >has.out 2>&1
}

# Two programs that change one hive at once, fifty times. Who comes first is the scheduler's, so fewer with sanitizers do.
rounds=50
! sanitized || rounds=12
round=0
while [ $round -lt $rounds ]; do
    cp "$hives/SOFTWARE" SOFTWARE
    status=0
    ht apply -q --in-place SOFTWARE a-software.reg 2>err.first &
    ht apply -q --in-place SOFTWARE b-software.reg 2>err.second || status=$?
    first_status=0
    wait $! || first_status=$?
    has SOFTWARE 'Race\A' && found=A || found=
    has SOFTWARE 'Race\B' && found=${found}B
    case "$first_status $status $found" in
    '0 0 AB' | '5 0 B' | '0 5 A') ;;
    *) fail "round $round: statuses $first_status and $status, and the hive has $found" ;;
    esac
    round=$((round + 1))
done
ls -A .SOFTWARE* >left 2>&1 && fail "something is left: $(cat left)"

# Several hives, named in crossing order: nobody waits for the other for ever, and all or none.
round=0
while [ $round -lt $((rounds / 5 + 1)) ]; do
    cp "$hives/SOFTWARE" "$hives/SYSTEM" .
    status=0
    ht apply -q --in-place SOFTWARE=SOFTWARE SYSTEM=SYSTEM a.reg &
    ht apply -q --in-place SYSTEM=SYSTEM SOFTWARE=SOFTWARE b.reg || status=$?
    wait $! || status=$?
    for hive in SOFTWARE SYSTEM; do
        has $hive 'Race\A' || status="$hive lacks A"
        has $hive 'Race\B' || status="$hive lacks B"
    done
    [ "$status" = 0 ] || fail "crossing, round $round: $status"
    round=$((round + 1))
done

# The same file twice.
run 2 ht apply --in-place SOFTWARE=SOFTWARE SYSTEM=./SOFTWARE a.reg
says err 'hivetool: SYSTEM=./SOFTWARE: ./SOFTWARE is given twice' \
    "hivetool: see 'hivetool apply --help'"
run 2 ht apply --lock-timeout=-1 --in-place SOFTWARE a-software.reg
says err 'hivetool: --lock-timeout is negative' "hivetool: see 'hivetool apply --help'"

# A file system without locks is no reason to refuse, and is told to who asks.
cp "$hives/SOFTWARE" SOFTWARE
run 0 faulty 'flock:*:ENOLCK' ht apply -v --in-place SOFTWARE a-software.reg
grep -c '^hivetool: SOFTWARE: not locked: No locks available$' err >count
says count 1
cp "$hives/SOFTWARE" SOFTWARE
run 0 faulty 'flock:*:ENOLCK' ht apply --in-place SOFTWARE a-software.reg
says err 'hivetool: SOFTWARE: 2 keys created'

# Nor is one that shares no pages, as 9p may be.
for engine in hivex rebuild; do
    cp "$hives/SOFTWARE" SOFTWARE
    run 0 ht apply -o expected --engine=$engine SOFTWARE a-software.reg
    run 0 faulty "share:$tmp/*:EINVAL" ht apply --in-place --engine=$engine SOFTWARE a-software.reg
    run 0 ht diff expected SOFTWARE
done

# An old file that cannot be removed is told.
cp "$hives/SOFTWARE" SOFTWARE
run 0 faulty 'unlink:./.SOFTWARE.*:EACCES,unlink:.SOFTWARE.*:EACCES' ht apply --in-place SOFTWARE a-software.reg
sed 's/SOFTWARE\.[A-Za-z0-9]\{6\}/SOFTWARE.XXXXXX/' err >told
says told 'hivetool: warning: SOFTWARE: its old content could not be removed, it is in ./.SOFTWARE.XXXXXX: Permission denied' \
    'hivetool: SOFTWARE: 2 keys created'
same_bytes "$hives/SOFTWARE" .SOFTWARE.??????
rm .SOFTWARE.??????

# Who has the lock is named; who waits long enough gets it.
needs_program flock
cp "$hives/SOFTWARE" SOFTWARE
printf 'REGEDIT4\n[HKLM\\SOFTWARE\\a]\n' >untidy.reg
cp untidy.reg untidy.before
mkfifo ready release
for file in SOFTWARE untidy.reg; do
    # shellcheck disable=SC2016
    flock "$file" sh -c 'echo >ready; read -r _ <release' &
    holder=$!
    read -r _ <ready
    case $file in
    SOFTWARE) set -- ht apply --in-place SOFTWARE a-software.reg ;;
    *) set -- ht fmt --in-place untidy.reg ;;
    esac
    run 5 "$@" --lock-timeout=0
    says err "hivetool: $file: is in use by process $holder (flock), also after 0 seconds (--lock-timeout waits longer)"
    # Where nothing is replaced, no lock is asked for.
    run 0 ht apply -q -o out.hive SOFTWARE a-software.reg
    run 0 ht apply -q --dry-run SOFTWARE a-software.reg
    "$@" --lock-timeout=60 2>err &
    waiting=$!
    echo >release
    wait $holder
    wait $waiting || fail "who waited did not get the lock: $(cat err)"
done
has SOFTWARE 'Race\A' || fail "who waited changed nothing"
changed=0
cmp -s untidy.before untidy.reg || changed=$?
[ "$changed" -eq 1 ] || fail "who waited changed nothing"
