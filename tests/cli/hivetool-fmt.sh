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
printf '\377\376R\000E\000G\000' >expected
same_bytes expected start
run 0 ht fmt --encoding=utf-8 wide.reg
tr -d '\r' <out >narrow
same tidy.reg narrow

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
run 0 ht fmt --in-place a.reg b.reg a.reg
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
run 3 ht fmt --check bad.reg tidy.reg
says out
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
run 2 ht fmt --check - -
says err 'hivetool: standard input can be only one of the files' \
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
fi
