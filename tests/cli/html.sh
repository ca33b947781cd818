#!/bin/sh
# --format=html: pages that hold everything, say nothing to a browser but what is in them, and can be used.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

[ -n "$PYTHON3" ] || skip "python3 is not installed"

look() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/html-page.py" "$@"
}

cp "$abs_srcdir/fixtures/hives/SOFTWARE" SOFTWARE
cat >hostile.reg <<'END'
Windows Registry Editor Version 5.00

;!why "</p><script>alert(4)</script>"
[HKEY_LOCAL_MACHINE\SOFTWARE\</script><img src=x onerror=alert(1)>\Sub]
@="</script><script>alert(2)</script>"
"onclick=\"alert(3)\" 'x"="<b>&amp;<!--"
"]]></style>"=hex(7):3c,00,62,00,3e,00,00,00,2e,20,00,00,00,00

[-HKEY_LOCAL_MACHINE\SOFTWARE\Contoso]
END
cp SOFTWARE '<img src=x>'
run 1 ht diff --format=html -o hostile.html '<img src=x>' hostile.reg
says out
run 1 ht diff --format=json '<img src=x>' hostile.reg
mv out hostile.json
run 0 look hostile.html hostile.json
# One key is only above the others.
says out '92 keys, 96 changes, 3 rows, 0 as data' 'JSON has 91 keys, 96 values'
run 1 ht diff --format=html '<img src=x>' hostile.reg
same_bytes hostile.html out

cat >before.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\T]
"List"=hex(7):61,00,00,00,62,00,00,00,63,00,00,00,00,00
"Path"="C:\\Windows;C:\\Old;D:\\Tools"
"Start"=dword:2
"Text"="The quick brown fox jumps over the lazy dog"
END
cat >after.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\T]
"List"=hex(7):63,00,00,00,78,00,00,00,61,00,00,00,00,00
"Path"="D:\\Tools;C:\\Windows;C:\\New"
"Start"=dword:4
"Text"="The quick red fox jumps over the lazy dog"
END
run 0 ht apply -q -o S1 SOFTWARE before.reg
run 0 ht apply -q -o S2 S1 after.reg
run 1 ht diff --format=html -o sides.html S1 S2
run 0 look sides.html
says out '1 keys, 4 changes, 2 rows, 0 as data'

# --- what values mean, and what moved ---
cp "$abs_srcdir/fixtures/hives/SYSTEM" SYSTEM
{
    printf '%s\n' 'Windows Registry Editor Version 5.00' '' '[HKEY_LOCAL_MACHINE\SYSTEM\New\Place]' '"a"="one"' \
        '"b"="two"' '' '[HKEY_LOCAL_MACHINE\SYSTEM\New\Place\Sub]' '"c"="three"' ''
    printf '%s\n' '[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\DiagTrack]' '"Start"=dword:4'
} >old.reg
{
    sed 's/New.Place/Other\\Spot/; s/dword:4/dword:2/' old.reg
    printf '\n%s\n' '[-HKEY_LOCAL_MACHINE\SYSTEM\New\Place]'
} >new.reg
run 0 ht apply -q -o Y1 SYSTEM old.reg
run 0 ht apply -q -o Y2 Y1 new.reg
run 1 ht diff --format=html -o moved.html Y1 Y2
run 0 look moved.html
grep -o '<p class="note">[^<]*' moved.html | sed 's/.*>//' >out
says out 'set: bit 1, cleared: bit 2; means disabled → automatic' \
    'moved, is now HKEY_LOCAL_MACHINE\SYSTEM\Other\Spot' \
    'moved, was HKEY_LOCAL_MACHINE\SYSTEM\New\Place'

# --- 50,000 changes: the first 2,000 stand in the page, all are in it as data ---
awk 'BEGIN {
    print "Windows Registry Editor Version 5.00\n"
    for (k = 0; k < 4995; k++) {
        printf "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Big\\Part%02d\\Key%04d]\n", k % 45, k + 5
        for (v = 0; v < 9; v++)
            printf "\"Value%d\"=\"number %d of key %d </script>\"\n", v, v, k + 5
    }
    print "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Big\\More]"
    for (v = 0; v < 3; v++)
        printf "\"More%d\"=dword:%d\n", v, v
}' >large.reg
run 1 ht diff --format=html -o large.html SOFTWARE large.reg
run 0 look large.html
says out '204 keys, 1796 changes, 2 rows, 44958 as data'

# --- what has no page, and no difference ---
run 0 ht diff --format=html S1 S1
mv out none.html
grep -q '<p>No difference.</p>' none.html || fail "it is not said"
run 0 look none.html
says out '0 keys, 0 changes, 0 rows, 0 as data'
run 4 ht diff --format=html before.reg after.reg
says err 'hivetool: --format=html: the difference of two changes has no page, text and JSON only'

# --- what is left out is said ---
run 0 ht diff --format=html --kind=added S1 S2
mv out none.html
grep -o '<p[^>]*>[^<]*' none.html >out
grep -c 'No difference' out >quiet && fail "a filter is no proof"
grep '4 changes filtered' out >quiet || fail "the filtered changes are not told"

# --- findings and records are tables; a text that is looked for is text ---
run 0 ht find --format=html -o find.html o SOFTWARE
run 0 ht find --format=json o SOFTWARE
n_found=$(grep -c '"key"' out)
run 0 look find.html
says out "0 keys, 0 changes, 2001 rows, $((n_found - 2000)) as data"
run 1 ht find --format=html '<script>alert(5)</script>' SOFTWARE
mv out none.html
run 0 look none.html
says out '0 keys, 0 changes, 1 rows, 0 as data'
run 1 ht check --format=html "$abs_srcdir/fixtures/malformed/cell-unaligned"
mv out check.html
run 1 ht check --format=csv "$abs_srcdir/fixtures/malformed/cell-unaligned"
n_found=$(($(wc -l <out) - 1))
run 0 look check.html
says out "0 keys, 0 changes, $((n_found + 1)) rows, 0 as data"
run 1 ht verify --format=html SOFTWARE hostile.reg
mv out verify.html
run 1 ht verify --format=sarif SOFTWARE hostile.reg
n_found=$(grep -o '"ruleId"' out | wc -l)
run 0 look verify.html
says out "0 keys, 0 changes, $((n_found + 1)) rows, 0 as data"
run 0 ht lint --format=html hostile.reg
mv out lint.html
run 0 look lint.html

# --- in a browser ---
if sanitized; then
    : # The pages are the same ones, and the browser is not ours.
elif command -v chromium >browser-path && command -v chromedriver >>browser-path; then
    "$PYTHON3" -S "$abs_srcdir/tests/cli/html-browser.py" "$tmp" >out 2>err || {
        cat out err >&2
        fail "in Chromium"
    }
else
    unproven 'chromium and chromedriver are not installed' 'HTML reports in a browser'
fi
