#!/bin/sh
# Wine as a judge of descriptors and of .reg files: its check of descriptors takes every one that we write
# or compute, its SDDL and ours are the same language, and what its reg import makes of a file is what we
# make of it, but for what is known. With EXTENDED=1 all of the corpus' .reg files too.
#
# A backslash ends nothing here.
# shellcheck disable=SC1003,SC1004
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/judges/hives.sh"
. "$abs_srcdir/tests/interop/judges/reg-files.sh"

wine=
for candidate in wine64 wine /usr/lib/wine/wine64; do
    [ -n "$wine" ] || wine=$(command -v "$candidate" || :)
done
[ -n "$wine" ] || skip "wine64 is not installed"
needs_program x86_64-w64-mingw32-gcc "${PYTHON3:-python3}"
# A prefix takes 700 MB.
[ "$(df -Pk . | awk 'NR == 2 { print $4 }')" -gt 1500000 ] || skip "there is no room for a prefix of Wine"

# A prefix of its own, nothing of the user's.
WINEPREFIX=$tmp/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d' HOME=$tmp
export WINEPREFIX WINEDEBUG WINEDLLOVERRIDES HOME
unset DISPLAY
wineserver=$(command -v wineserver || echo /usr/lib/wine/wineserver64)
end_wine() {
    "$wineserver" -k >/dev/null 2>&1 || :
    "$wineserver" -w >/dev/null 2>&1 || :
    remove_tmp
}
trap end_wine EXIT
wine_py() {
    "${PYTHON3:-python3}" "$judges/wine.py" "$@"
}

run 0 x86_64-w64-mingw32-gcc -Wall -Wextra -Werror -O1 -o wine.exe "$judges/wine.c" -ladvapi32
"$wine" wine.exe tree Judged >out 2>err || skip "Wine does not start: $(head -n 1 err)"

# 1. Descriptors: of all hives, what new keys below theirs get, and those of seeded parents.
judged_hives
find hives/ -type f >hive-list
xargs "$tree" --security <hive-list >written
"${PYTHON3:-python3}" - "$judges" "$tree" >seeded <<'END'
import random, subprocess, sys
sys.path.insert(0, sys.argv[1])
from judgelib import random_parent
rng = random.Random(11)
texts = "".join(random_parent(rng) + "\n" for _ in range(300))
done = subprocess.run([sys.argv[2], "--parse"], input=texts, stdout=subprocess.PIPE, text=True, check=True)
for text, line in zip(texts.splitlines(), done.stdout.splitlines()):
    print("%s\t%s\n%s\t-" % (line.split("\t")[0], text, line.split("\t")[1]))
END
cut -f 1,2 written seeded >given
"$wine" wine.exe descriptors <given >said
run 0 wine_py descriptors "$tree" said <given
cat out
judged wine 'descriptors, written, inherited and seeded: IsValidSid(), IsValidAcl(), length' \
    "$(sed -n 's/^valid: //p' out) of $(wc -l <given) valid"
judged wine 'the same: SDDL both ways' "$(sed -n "s/^Wine's reading of our SDDL agrees: //p" out) and $(sed -n "s/^our reading .*: //p" out) of $(wc -l <given) agree" \
    "$(grep '^known' out)"

# 2. .reg files. All keys are below HKEY_CURRENT_USER\Judged, whose hive is made anew for each.
root='HKEY_CURRENT_USER\Judged'

# ours FILE TREE: the tree that we make of it, as regedit reads files.
ours() {
    ht apply -q --compat=regedit --root "$root" -o ours.hive empty.hive "$1" 2>ours-said || {
        cat ours-said >&2
        return 1
    }
    "$tree" ours.hive >"$2"
}

# same_tree FILE: Wine's import of it and our own reading are one tree; its export, and ours in that mode
# (both lose what regedit loses), are another.
same_tree() {
    ours "$1" ours.tree || return 1
    "$wine" reg import "$1" >wine-said 2>&1 || echo "  reg import ends with $?"
    "$wine" wine.exe tree Judged >wine.tree
    wine_py compare "$1" ours.tree wine.tree || return 1
    rm -f exported.reg
    if [ -s wine.tree ]; then
        "$wine" reg export "$root" exported.reg /y >wine-said 2>&1
        ours exported.reg wine.tree || return 1
        ht export --compat=regedit --root "$root" -o ours.reg ours.hive || return 1
        ours ours.reg ours.tree || return 1
        wine_py compare "$1" ours.tree wine.tree || return 1
        ! cmp -s ours.reg exported.reg || echo "$1" >>same-bytes
    fi
}

forget() {
    "$wine" reg delete "$root" /f >wine-said 2>&1 || :
}

run 0 ht new --name empty -o empty.hive
mkdir files
: >known-differences
: >same-bytes
reg_files files "$root"
for judged in small SOFTWARE; do
    ht export --root "$root\\$judged" -o "files/12-$judged" "$abs_srcdir/fixtures/hives/$judged" 2>export-said
done
for file in files/*; do
    same_tree "$file" >out 2>err || {
        cat out err >&2
        fail "$file: not the same tree"
    }
    sed "s|^|$file: |" out
    grep '^known' out >>known-differences || :
    forget
done
echo "$(find files -type f | wc -l) .reg files: the same tree from reg import and from ours"
echo "$(wc -l <same-bytes) of their exports are the same bytes"
judged wine '.reg files, by reg import' "$(find files -type f | wc -l) of $(find files -type f | wc -l) the same tree" \
    "$(cat known-differences)"
judged wine 'exports as regedit writes them, by reg export' \
    "$(wc -l <same-bytes) of $(find files -type f | wc -l) the same bytes, the rest the same tree"

[ -n "${EXTENDED-}" ] || exit 0
needs_shared corpus/reg
# The files of Windows 3.1, whose keys have no brackets, cannot be moved.
find "$shared/corpus/reg" -type f -iname '*.reg' -exec grep -aLE '^REGEDIT[[:space:]]*$' {} + | LC_ALL=C sort >list
mkdir moved corpus
wine_py below "$root" list moved
n=0
while read -r file; do
    n=$((n + 1))
    "$wine" reg import "moved/$n" >wine-said 2>&1 </dev/null || echo "reg import ends with $? for $file"
    ht apply -q --compat=regedit --root "$root\\$n" -o corpus.hive empty.hive "moved/$n" 2>ours-said ||
        fail "$file: $(cat ours-said)"
    "$tree" corpus.hive >"corpus/$n"
done <list
"$wine" wine.exe tree Judged >corpus.tree
run 0 wine_py compare-all list corpus corpus.tree
mv out told
sort told | uniq -c | sort -rn
judged wine '.reg files of the corpus, by reg import' "$(tail -n 1 told)" \
    "$(grep '^known' told | sort -u)"
