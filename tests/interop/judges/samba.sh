#!/bin/sh
# Samba computes what a new key inherits from seeded parents, and agrees with us entry by entry, but for
# what is known: its functions are for files and for objects of a directory (samba-inherit.py has the list).
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/judges/hives.sh"

[ -x /usr/bin/python3 ] || skip "/usr/bin/python3 is not there"
status=0
/usr/bin/python3 "$judges/samba-inherit.py" "$tree" $((400 * (${EXTENDED:-0} * 19 + 1))) >out 2>err || status=$?
[ $status -ne 77 ] || skip "$(sed 's/^skipped: //' out)"
cat out
[ $status -eq 0 ] || fail "status $status: $(cat err)"
grep -v '^known: ' out >counts
[ -n "${EXTENDED-}" ] || says counts \
    'for a directory: 372 of 372 agree' \
    'for files: 372 of 372 agree' \
    "28 hand nothing down, which the creator's token decides"
judged samba 'what new keys inherit, seeded' "$(head -n 1 counts)" "$(grep '^known' out)"
judged samba 'what new keys inherit, seeded' "$(sed -n 2p counts)" "$(grep '^known' out)"
