#!/bin/sh
# The runner of judges, by the protocol of docs/judges.md: what each kind of judge comes to, that a tree
# which differs is seen, and that a known disagreement is none.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/judges/hives.sh"
python=${PYTHON3:-python3}
needs_program "$python"

# judge NAME: an executable of the lines on standard input.
mkdir mine
judge() {
    { echo '#!/bin/sh' && cat; } >"mine/$1"
    chmod +x "mine/$1"
}

mkdir -p hives/made
cp "$abs_srcdir/fixtures/hives/small" hives/made
echo no-hive >hives/made/README
judge a-accepts <<'END'
echo accepts
END
judge b-keys <<END
echo accepts
"$tree" "\$1" | grep '^key'
END
judge c-same <<END
echo accepts
"$tree" "\$1" | sort -r
END
judge d-less <<END
echo accepts
"$tree" "\$1" | sed '\$d'
END
judge e-refuses <<'END'
echo 'refuses: I do not like it'
END
judge f-cannot <<'END'
echo 'cannot: too new'
END
judge g-status <<'END'
echo accepts
exit 3
END
judge h-silent <<'END'
exit 0
END
judge i-dies <<'END'
kill -9 $$
END
echo 'no judge' >mine/notes.txt

: >known
run 1 "$python" "$judges/run" hives "$tree" results known mine
says err
says out \
    'a-accepts: 1 hives: accepts 1' \
    'b-keys: 1 hives: same keys 1' \
    'c-same: 1 hives: same tree 1' \
    'd-less: 1 hives: new 1' \
    '  made/small: differs: 1 missing, 0 more; it does not have key \%041a%043b%044e%0447' \
    'e-refuses: 1 hives: new 1' \
    '  made/small: refuses: I do not like it' \
    'f-cannot: 1 hives: new 1' \
    '  made/small: cannot: too new' \
    'g-status: 1 hives: new 1' \
    '  made/small: failed: status 3' \
    'h-silent: 1 hives: new 1' \
    '  made/small: failed: no verdict in its first line' \
    'i-dies: 1 hives: new 1' \
    '  made/small: failed: status -9'

# A folder with nothing to judge is a mistake.
mkdir none
run 1 "$python" "$judges/run" none "$tree" results known mine
says err 'run: no hive below none'

# What is known is written with its reason.
printf 'e-refuses\tverdict\tI do not like\tHcHive\tit is a matter of taste\n' >known
rm results
run 0 "$python" "$judges/run" hives "$tree" results known mine/c-same mine/e-refuses
says out 'c-same: 1 hives: same tree 1' 'e-refuses: 1 hives: known 1'
tr '\t' '|' <results >table
says table 'c-same|made|made/small|same tree|-' \
    'e-refuses|made|made/small|refuses: I do not like it|HcHive is right: it is a matter of taste'

# Lines that are known to differ excuse these values, and no others.
judge other-data <<END
echo accepts
"$tree" "\$1" | sed 's/\(\tbig\t3\t\).*/\1ff/'
END
printf 'other-data\tlines\t\\tbig\\t\tHcHive\tit cuts big data\n' >known
run 0 "$python" "$judges/run" hives "$tree" results known mine/other-data
says out 'other-data: 1 hives: known 1'
printf 'other-data\tlines\t\\tsmall\\t\tHcHive\tno\n' >known
run 1 "$python" "$judges/run" hives "$tree" results known mine/other-data

# What the tests keep for make judges: sound hives, once each.
mkdir -p work/below
cp "$abs_srcdir/fixtures/hives/small" work/one
cp "$abs_srcdir/fixtures/hives/small" work/below/two
cp "$abs_srcdir/fixtures/hives/empty" work/below/empty
cp "$abs_srcdir/fixtures/malformed/cell-free" work/damaged
run 0 "$python" "$judges/keep" work kept "$tree"
says out
[ "$(find kept -type f | wc -l)" -eq 2 ] || fail "not two hives: $(ls kept)"
