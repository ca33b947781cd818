#!/bin/sh
# Whatever call on a file fails, one at a time: the files are the old or the new ones, whole; nothing
# else is left; the status is 5 with one line, or 0 when the call was of no account. Every fourth
# call; all of them with EXTENDED=1.
. "${abs_srcdir:?}/tests/lib.sh"
needs_program "${PYTHON3:=python3}"
hives=$abs_srcdir/fixtures/hives
step=4
first=1
# Others with sanitizers.
! sanitized || first=3
[ "${EXTENDED-0}" = 0 ] || step=1 first=1

# every COMMAND...: fails call after call, until the command makes no more of them; it runs in a copy of the folder begin.
every() {
    program=$1
    shift
    case $program in
    ht) program=hivetool ;;
    lp) program=layerpack ;;
    esac
    # shellcheck disable=SC2086
    run 0 "$PYTHON3" -S "$abs_srcdir/tests/cli/every-call.py" "$first" "$step" begin \
        $TEST_WRAPPER "$abs_builddir/$program/$program" "$@"
    cat out
}

# renew: the folder begin is empty.
renew() {
    rm -rf begin
    mkdir begin
}

printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\%s\\New]\n' >both.reg SOFTWARE
printf '\n[HKEY_LOCAL_MACHINE\\SYSTEM\\New]\n' >>both.reg
run 0 ht new -o small

renew
cp small begin/SOFTWARE
cp small begin/SYSTEM
every ht apply -q --in-place SOFTWARE=SOFTWARE SYSTEM=SYSTEM "$tmp/both.reg"
every ht apply -q --engine=rebuild --skip-foreign --root='HKLM\SYSTEM' -o new "$hives/SYSTEM" "$tmp/both.reg"

renew
printf 'Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\n"b"="1"\n' >begin/a.reg
every ht fmt -q --in-place a.reg

echo x >f
run 0 lp scratch --to oci:base:1
renew
cp -r base begin/to
every lp build -q --from "oci:$tmp/base:1" --add "$tmp/f=/f" --copy-from "oci:$tmp/base:1=/Windows/System32/config/SAM=/g" --to oci:to:2
every lp build -q --from "oci:$tmp/base:1" --user u --to oci:fresh:1
# What the last moment leaves is taken up.
rm -rf work
cp -r begin work
(cd work && run 5 faulty 'exchange:*:EIO,rename:*/index.json:EIO' lp build --from "oci:$tmp/base:1" --user u --to oci:fresh:1)
[ -e work/fresh/oci-layout ] || fail "the mark was to be there"
run 0 lp build --from "oci:$tmp/base:1" --user u --to oci:work/fresh:1
run 0 lp verify oci:work/fresh:1
every lp extract "oci:$tmp/base:1" -o hives
every lp extract "oci:$tmp/base:1" --file /Windows/System32/config/SAM -o sam
every lp diff -q --files "oci:$tmp/base:1" "oci:$tmp/base:1" -o difference
