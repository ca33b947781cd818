#!/bin/sh
# hivetool fmt: files, options, statuses; what the text becomes is in tests/unit/test-reg-format.c.

. "${abs_srcdir:?}/tests/lib.sh"

cat >untidy.reg <<'END'
REGEDIT4
[HKCU\b]
"v"=dword:A
[HKCU\a]
END
cat >tidy.reg <<'END'
REGEDIT4

[HKEY_CURRENT_USER\b]
"v"=dword:0000000a

[HKEY_CURRENT_USER\a]
END
cat >sorted.reg <<'END'
REGEDIT4

[HKEY_CURRENT_USER\a]

[HKEY_CURRENT_USER\b]
"v"=dword:0000000a
END

# To standard output, to a file; from standard input.
run 0 ht fmt untidy.reg
same tidy.reg out
says err
run 0 ht fmt --sort - <untidy.reg
same sorted.reg out
run 0 ht fmt -o made.reg untidy.reg
says out
says err
same_bytes tidy.reg made.reg
run 0 ht fmt --encoding=utf-16le -o wide.reg tidy.reg
head -c 8 wide.reg >start
printf '\377\376W\000i\000n\000' >expected
same_bytes expected start
run 0 ht fmt --encoding=utf-8 wide.reg
tr -d '\r' <out >narrow
sed '1s/.*/Windows Registry Editor Version 5.00/' tidy.reg >expected
same expected narrow

# Strings in the hex data of version 4 are in a code page, here 1251: \u0424, which 1252 has not.
printf 'REGEDIT4\n\n[HKEY_CURRENT_USER\\k]\n"a"=hex(2):d4,00\n"b"=hex:d4,00\n' >v4.reg
cat >v5.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\k]
"a"=hex(2):24,04,00,00
"b"=hex:d4,00
END
run 0 ht fmt --ansi-codepage=1251 v4.reg
same v4.reg out
run 0 ht fmt --ansi-codepage=1251 --encoding=utf-8 v4.reg
tail -c +4 out >got
same v5.reg got
run 0 ht fmt --ansi-codepage=1251 --encoding=utf-16le -o v5.wide.reg v4.reg
run 0 ht fmt --encoding=utf-8 v5.wide.reg
tr -d '\r' <out >got
same v5.reg got
run 0 ht fmt --encoding=utf-8 v4.reg
same v4.reg out
# Directives stay as they are, so theirs cannot be had in version 5.
printf 'REGEDIT4\n\n[HKEY_CURRENT_USER\\k]\n;!expect hex(2):d4,00\n"b"=hex:d4,00\n' >v4.reg
for encoding in utf-8 utf-16le; do
    run 4 ht fmt --ansi-codepage=1251 --encoding=$encoding v4.reg
    says out
    says err 'hivetool: v4.reg: cannot say the same in that encoding, as version 5 would read strings in hex data of directives'
done

# --check names what would change.
run 0 ht fmt --check tidy.reg sorted.reg
says out
says err
run 1 ht fmt --check tidy.reg untidy.reg sorted.reg
says out untidy.reg
run 1 ht fmt --check --sort tidy.reg untidy.reg sorted.reg
says out tidy.reg untidy.reg
run 1 ht fmt --check - <untidy.reg
says out -

# --in-place rewrites only what changes, and keeps the mode.
cp untidy.reg a.reg
cp tidy.reg b.reg
chmod 640 a.reg
stat -c %i b.reg >before
run 2 ht fmt --in-place a.reg b.reg ./a.reg
says err 'hivetool: ./a.reg: is the same file as a.reg' "hivetool: see 'hivetool fmt --help'"
run 0 ht fmt -i a.reg b.reg
says out
says err 'hivetool: a.reg: rewritten'
same_bytes tidy.reg a.reg
stat -c %i b.reg >after
same before after
stat -c %a a.reg >mode
says mode 640
run 0 ht fmt --in-place a.reg b.reg
says err

# What is malformed is told, of all files, and nothing is written.
printf 'REGEDIT4\n[HKCU\\a]\n"v"=x\n' >bad.reg
printf 'REGEDIT3\n' >worse.reg
cp untidy.reg a.reg
run 3 ht fmt --in-place a.reg bad.reg worse.reg
says out
grep -n 'bad.reg:3:5: found' err >found
grep -n 'worse.reg:1:1: found' err >>found
[ "$(wc -l <found)" -eq 2 ] || fail "not both files are named: $(cat err)"
same_bytes untidy.reg a.reg
run 3 ht fmt --check bad.reg tidy.reg untidy.reg
says out untidy.reg
run 5 ht fmt --check untidy.reg missing.reg tidy.reg gone.reg
says out untidy.reg
says err 'hivetool: missing.reg: cannot open: No such file or directory' \
    'hivetool: gone.reg: cannot open: No such file or directory'

# JSON is no .reg file. A key line without a header is no JSON.
for json in '{"a":1}' '  [{}]' '[ ]'; do
    printf '%s\n' "$json" >delta.json
    run 3 ht fmt delta.json
    grep -c "found JSON, expected a .reg file; apply and verify also take a JSON delta, one object as 'diff --format=json' prints it" err >got
    says got 1
done
printf '[HKEY_CURRENT_USER\\k]\n' >headless.reg
run 3 ht fmt headless.reg
grep -c "found '\[HKEY_CURRENT_USER" err >got
says got 1
run 3 ht fmt -o none.reg bad.reg
[ ! -e none.reg ] || fail "none.reg was written"
run 5 ht fmt missing.reg
says out

# Usage.
run 2 ht fmt tidy.reg sorted.reg
says err 'hivetool: several files need --check or --in-place' \
    "hivetool: see 'hivetool fmt --help'"
run 2 ht fmt --in-place -
says err 'hivetool: standard input cannot be rewritten with --in-place' \
    "hivetool: see 'hivetool fmt --help'"
run 2 ht fmt --check -o x.reg tidy.reg
says err 'hivetool: only one of --check, --in-place and --output can be used' \
    "hivetool: see 'hivetool fmt --help'"
run 2 ht fmt --check - - <tidy.reg
says err 'hivetool: standard input can be only one of the operands' \
    "hivetool: see 'hivetool fmt --help'"
run 2 ht fmt -o tidy.reg tidy.reg
says err 'hivetool: tidy.reg: is an input, it cannot be the output too' \
    "hivetool: see 'hivetool fmt --help'"
run 2 ht fmt --encoding=latin-1 tidy.reg
says err "hivetool: --encoding is 'latin-1', not utf-16le or utf-8" \
    "hivetool: see 'hivetool fmt --help'"
run 2 ht fmt --ansi-codepage=-1 tidy.reg
says err 'hivetool: --ansi-codepage is negative' \
    "hivetool: see 'hivetool fmt --help'"

# What hivetool writes has the form.
for hive in small SOFTWARE SYSTEM; do
    hive=$abs_srcdir/fixtures/hives/$hive
    run 0 ht export --root 'HKLM\X' -o exported.reg "$hive"
    run 0 ht fmt --check exported.reg
    run 0 ht export --root 'HKLM\X' --encoding=utf-8 -o exported.reg "$hive"
    run 0 ht fmt --check exported.reg
done

# Real patches keep it once they have it, in all encodings.
if [ -d "$abs_srcdir/../shared/corpus/reg" ]; then
    find "$abs_srcdir/../shared/corpus/reg" -name '*.reg*' -type f | LC_ALL=C sort >corpus
    mkdir real
    n=0
    while IFS= read -r file; do
        n=$((n + 1))
        ht fmt -o "real/$n.reg" "$file" 2>err || [ $? -le 4 ] || fail "$file: $(cat err)"
    done <corpus
    set -- real/*.reg
    [ $# -gt 280 ] || fail "only $# files of the corpus were formatted"
    for options in --quiet --sort --encoding=utf-8 --encoding=utf-16le; do
        run 0 ht fmt --in-place "$options" "$@"
        run 0 ht fmt --check "$options" "$@"
    done
else
    unproven "../shared/corpus is not here" "fmt of real patches"
fi

# The word that a patch may have before its name.
run 0 ht fmt change:untidy.reg
same tidy.reg out
run 0 ht fmt --check change:tidy.reg
run 5 ht fmt change:nope.reg
says err 'hivetool: nope.reg: cannot open: No such file or directory'
