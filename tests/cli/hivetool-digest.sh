#!/bin/sh
# hivetool digest: the same for equal content whatever the layout, another for other content, and
# what docs/FORMATS-digest.md says, computed by another program and for one hive by hand.
. "${abs_srcdir:?}/tests/lib.sh"

needs_program "${PYTHON3:-python3}" sha256sum

digest_of() {
    run 0 ht digest "$@"
    says err
    cut -d ' ' -f 1 out
}

# An empty hive, by hand: preamble; K, no name, layer bits, flags, no class, security left out,
# no values, no subkeys.
run 0 ht new -o SOFTWARE
printf 'registry hive digest 1\nignored: timestamps security order\nkind: ordinary\nK\0\0\0\0\0\0\0\377\377\377\377\0\0\0\0\0\0\0\0' |
    sha256sum | cut -d ' ' -f 1 >by-hand
run 0 ht digest --ignore=security,order,timestamps SOFTWARE
says out "sha256:$(cat by-hand)  SOFTWARE"

# The other program, on what the fixtures have, under several lists.
for hive in SOFTWARE SYSTEM small small-v1.4 old-v1.3 odd-names empty; do
    for list in none timestamps,order none,security,class,flags; do
        run 0 "${PYTHON3:-python3}" -S "$abs_srcdir/tests/interop/digest.py" \
            "$abs_srcdir/fixtures/hives/$hive" "${list#none,}"
        mv out wanted
        run 0 ht digest --ignore=$list "$abs_srcdir/fixtures/hives/$hive"
        same wanted out
    done
done
small=$abs_srcdir/fixtures/hives/small
run 0 ht digest "$small"
mv out wanted
run 0 ht digest --ignore=order,timestamps "$small"
same wanted out

# Two layouts, one content; a difference that is ignored, and not.
root='HKEY_LOCAL_MACHINE\SOFTWARE'
head='Windows Registry Editor Version 5.00'
printf '%s\n\n[%s\\A]\n"x"="1"\n"y"="2"\n' "$head" "$root" >one.reg
printf '%s\n\n[%s\\a]\n"Y"="2"\n"X"="1"\n' "$head" "$root" >two.reg
run 0 ht apply -o one --engine=hivex SOFTWARE one.reg
run 0 ht apply -o two --engine=rebuild SOFTWARE two.reg
run 0 ht diff one two
digest_of one >wanted
digest_of two >found
same wanted found
digest_of --ignore=none,timestamps one >with-order
digest_of --ignore=none,timestamps two >found
if cmp -s with-order found; then
    fail "the order of values did not count"
fi
if cmp -s with-order wanted; then
    fail "the list is not in the digest"
fi
printf '%s\n\n[%s\\A]\n"x"="3"\n' "$head" "$root" >three.reg
run 0 ht apply -o three --root "$root" one three.reg
digest_of three >found
if cmp -s wanted found; then
    fail "a value did not count"
fi
SOURCE_DATE_EPOCH=1000000000 run 0 ht apply -o timed SOFTWARE one.reg
digest_of timed >found
same wanted found
digest_of --ignore=-timestamps timed >found
digest_of --ignore=-timestamps one >wanted
if cmp -s wanted found; then
    fail "times did not count"
fi

# What is no hive, no list.
run 3 ht digest one.reg
says out
run 3 ht digest "$abs_srcdir/fixtures/malformed/duplicate-values"
says out
run 2 ht digest --ignore=weather one
says err "hivetool: --ignore has 'weather', not timestamps, security, class, flags, order or none" \
    "hivetool: see 'hivetool digest --help'"
run 2 ht digest

# How many threads there are changes nothing but the time, whether they can be made or not; nor does where a hive is
# damaged: in a key in the middle, which walk and check both meet.
"$abs_builddir/fixtures/mkfixtures" --big 12000 large 1
run 0 ht digest --threads=1 large
mv out by-one
at=$(grep -abo 'nk ' large | sed -n '6000s/:.*//p')
cp large damaged
printf 'xx' | dd of=damaged bs=1 seek="$at" conv=notrunc 2>/dev/null
run 3 ht digest --threads=1 damaged
says out
mv err damage-by-one
for n in 0 2 3 4; do
    run 0 ht --threads=$n digest large
    same by-one out
    run 3 ht --threads=$n digest damaged
    says out
    same damage-by-one err
done
FAULT_MARK=$PWD/mark
export FAULT_MARK
for n in 1 2; do
    rm -f mark
    run 0 faulty "thread:*:EAGAIN@$n" ht --threads=4 digest large
    same by-one out
    [ -e mark ] || fail "thread $n was not asked for"
    run 3 faulty "thread:*:EAGAIN@$n" ht --threads=4 digest damaged
    same damage-by-one err
done
