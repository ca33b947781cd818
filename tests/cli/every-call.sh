#!/bin/sh
# Whatever call on a file fails, one at a time: the files are the old or the new ones, whole; nothing
# else is left; the status is 5 with one line, or 0 when the call was of no account. Every fourth
# call; all of them with EXTENDED=1.
. "${abs_srcdir:?}/tests/lib.sh"
hives=$abs_srcdir/fixtures/hives
FAULT_MARK=$tmp/mark
export FAULT_MARK
step=4
first=1
# Others with sanitizers.
! sanitized || first=3
[ "${EXTENDED-0}" = 0 ] || step=1 first=1

# state: what is in the folder, but for the blobs and the mark of a layout, which stay when they have
# their names; no reader takes them for an image, and the next run does.
state() {
    find . ! -path './*/blobs/*' ! -path './fresh/oci-layout' -type f -exec cksum {} + | sort
    find . -name '.?*'
}

# is_published: whether the message says that the files were written.
is_published() {
    grep -q 'standard output: cannot write: .* (written before: ' err
}

# every COMMAND...: fails call after call, until the command makes no more of them. The function
# renew makes the folder work/ as it was; what is right is what a run without faults leaves.
every() {
    renew
    (cd work && state) >before
    (cd work && "$@" >../out 2>../err) || fail "without faults: $*: $(cat err)"
    (cd work && state) >after
    n_calls=$((first - step))
    n_failed=0
    while :; do
        n_calls=$((n_calls + step))
        rm -f mark
        renew
        status=0
        (cd work && faulty "any:*:EIO@$n_calls" "$@" >../out 2>../err) || status=$?
        [ -e mark ] || break
        (cd work && state) >now
        case $status in
        0) cmp -s now after || fail "call $n_calls: status 0, but: $(cat now err)" ;;
        5)
            n_failed=$((n_failed + 1))
            [ "$(wc -l <err)" -eq 1 ] || fail "call $n_calls: not one line: $(cat err)"
            if ! cmp -s now before && ! { is_published && cmp -s now after; }; then
                fail "call $n_calls: status 5, but: $(cat now err)"
            fi
            ;;
        *) fail "call $n_calls: status $status: $(cat err)" ;;
        esac
    done
    # (so that a library that makes no call fail is noticed)
    [ "$n_failed" -ge 3 ] || fail "only $n_failed of $n_calls calls failed: $*"
    echo "$n_failed of $n_calls calls, in steps of $step: $*"
}

printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\%s\\New]\n' >both.reg SOFTWARE
printf '\n[HKEY_LOCAL_MACHINE\\SYSTEM\\New]\n' >>both.reg
run 0 ht new -o small

renew() {
    rm -rf work
    mkdir work
    cp small work/SOFTWARE
    cp small work/SYSTEM
}
every ht apply -q --in-place SOFTWARE=SOFTWARE SYSTEM=SYSTEM "$tmp/both.reg"
every ht apply -q --engine=rebuild --skip-foreign --root='HKLM\SYSTEM' -o new "$hives/SYSTEM" "$tmp/both.reg"

renew() {
    rm -rf work
    mkdir work
    printf 'Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\n"b"="1"\n' >work/a.reg
}
every ht fmt -q --in-place a.reg

echo x >f
run 0 lp scratch --to oci:base:1
renew() {
    rm -rf work
    mkdir work
    cp -r base work/to
}
every lp build -q --from "oci:$tmp/base:1" --add "$tmp/f=/f" --copy-from "oci:$tmp/base:1=/Windows/System32/config/SAM=/g" --to oci:to:2
every lp build -q --from "oci:$tmp/base:1" --user u --to oci:fresh:1
# What the last moment leaves is taken up.
renew
(cd work && run 5 faulty 'exchange:*:EIO,rename:*/index.json:EIO' lp build --from "oci:$tmp/base:1" --user u --to oci:fresh:1)
[ -e work/fresh/oci-layout ] || fail "the mark was to be there"
run 0 lp build --from "oci:$tmp/base:1" --user u --to oci:work/fresh:1
run 0 lp verify oci:work/fresh:1
every lp extract "oci:$tmp/base:1" -o hives
every lp extract "oci:$tmp/base:1" --file /Windows/System32/config/SAM -o sam
every lp diff -q --files "oci:$tmp/base:1" "oci:$tmp/base:1" -o difference
