#!/bin/sh
# The kit for a Windows machine, and what reads its answers: with answers as we expect them, and with wrong
# ones. The PowerShell script itself is not run here; what a machine without Windows can hold of it is: that it
# writes nothing but its own keys, that it cleans up, and that it asks for every kind of item in the kit.
#
# A backslash ends nothing here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
. "$abs_srcdir/tests/interop/judges/hives.sh"
here=$tmp
needs_program "$PYTHON3" iconv

# A few hives are enough here.
mkdir -p few/fixture few/delta
cp "$abs_srcdir/fixtures/hives/empty" "$abs_srcdir/fixtures/hives/small" "$abs_srcdir/fixtures/hives/SYSTEM" few/fixture
cp "$abs_srcdir/fixtures/golden/small.delta" few/delta
JUDGE_HIVES=$here/few
export JUDGE_HIVES

run 0 "$PYTHON3" "$abs_srcdir/tests/interop/make-image.py" nanoserver base --tag ltsc
(cd "$abs_builddir" && "$judges/windows-kit" "$here/kit" "oci:$here/base:ltsc") >out 2>err || {
    cat out err >&2
    fail "windows-kit"
}
n_hives=$(grep -c '^hive' kit/items.tsv)
n_reg=$(grep -c '^reg' kit/items.tsv)
run 2 "$judges/windows-kit" kit

# answer STEP ITEM WORD [TEXT]
answer() {
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4-}" >>answers/result.tsv
}
mkdir -p answers/saved
answer fact windows ok 'Windows Test, build 1.2'
cut -f 1,2 kit/items.tsv >items
while read -r kind name; do
    case $kind in
    hive)
        answer load "$name" ok
        answer save "$name" ok
        answer same-bytes "$name" ok
        run 0 ht rebuild -q -o "answers/saved/$name" "kit/hives/$name"
        ;;
    reg)
        for way in reg regedit; do
            answer "import-$way" "$name" ok
            answer "save-$way" "$name" ok
            run 0 ht new -o empty
            run 0 ht apply -q --compat=regedit --root 'HKEY_CURRENT_USER\HivetoolJudge' \
                -o "answers/saved/$name.$way" empty "kit/reg/$name"
            rm empty
        done
        ;;
    esac
done <items
# Windows makes the keys below those with odd descriptors.
{
    printf 'Windows Registry Editor Version 5.00\n\n'
    ht ls kit/hives/inherit-parents.hive '\' | sed -n 's/^\(P[0-9]*\).*/[HKEY_LOCAL_MACHINE\\SOFTWARE\\\1\\child]/p'
} >children.reg
run 0 ht apply -q --root 'HKLM\SOFTWARE' -o answers/saved/inherit-parents.hive kit/hives/inherit-parents.hive \
    children.reg
for step in docker-load docker-run docker-save ctr-import; do
    answer $step layers.tar ok
    answer $step scratch.tar ok
done
# The container saves its key as a hive of its own.
run 0 ht export --encoding utf-8 -o whole.reg --key HivetoolJudge --root 'HKLM\SOFTWARE' kit/expected/layers.tar
run 0 ht new -o empty
sed 's/^\(\[HKEY_LOCAL_MACHINE\\SOFTWARE\)\\HivetoolJudge/\1/' whole.reg >part.reg
cp part.reg plain.reg
printf '\n[%s\\secured]\n;!security %s\n' 'HKEY_LOCAL_MACHINE\SOFTWARE' \
    'O:BAG:SYD:P(A;CI;KA;;;BA)(A;CI;KA;;;SY)(A;CI;KR;;;BU)' >>part.reg
run 0 ht apply -q --root 'HKLM\SOFTWARE' -o answers/saved/layers.tar.container empty part.reg

# told STATUS ANSWERS: what compare prints.
told() {
    (cd "$abs_builddir" && "$PYTHON3" "$judges/compare" "$here/kit" "$here/$2" "$here/lines") >out 2>err || {
        [ $? -eq "$1" ] || fail "$(cat out err)"
    }
    says err
}
told 0 answers
n_layered=$(for hive in kit/hives/*; do ht info "$hive"; done | grep -c differencing || :)
says out 'windows: Windows Test, build 1.2' \
    'Does Windows load what hivetool writes, and find in it what we find?' \
    "    $((n_hives - n_layered - 3)) of $((n_hives - n_layered - 3)) hives: the same keys, values, classes and descriptors; Windows wrote to 0 of the files" \
    'Does it load a differencing hive as if it were an ordinary one? (not known; nothing depends on it)' \
    '    loads' \
    'Does it take a key name of 255 characters?' '    yes' \
    'Does it take a key name of 256 characters?' '    yes' \
    'Which descriptor does a new key get? (FORMATS.md, Descriptors of new keys)' \
    '    200 of 200 as predicted, byte for byte' \
    'What does reg make of .reg files, bad lines among them?' \
    "    $n_reg of $n_reg as hivetool --compat=regedit" \
    'What does regedit make of .reg files, bad lines among them?' \
    "    $n_reg of $n_reg as hivetool --compat=regedit" \
    'Does Windows import a layer with five empty hives (layerpack scratch)?' \
    '    docker-load: yes; ctr-import: yes' \
    'Does it import an image of layerpack build, whose differencing hives have no marks of the offline library, and start it?' \
    '    yes' \
    'Does it merge differencing hives as we do: tombstones (deleted), 0x03 (replaced), 0x02 (secured), value tombstones (values), new keys (added)?' \
    '    yes'

# As Windows PowerShell packs it: UTF-8 with a mark, and backslashes for folders.
"$PYTHON3" - <<'END'
import os
import zipfile

with zipfile.ZipFile("result.zip", "w") as archive:
    for at, _, files in os.walk("answers"):
        for name in files:
            path = os.path.join(at, name)
            with open(path, "rb") as file:
                data = file.read()
            if name == "result.tsv":
                data = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
            archive.writestr(os.path.relpath(path, "answers").replace("/", "\\"), data)
END
mv out wanted
told 0 result.zip
same wanted out

# Wrong answers are seen, each where it belongs.
run 0 ht new -o answers/saved/name-256.hive --name other
cp kit/hives/name-255.hive answers/saved/fixture-empty.hive
run 0 ht apply -q --new-keys=copy --root 'HKLM\SOFTWARE' -o answers/saved/inherit-parents.hive \
    kit/hives/inherit-parents.hive children.reg
cp empty answers/saved/03-types.reg.regedit
sed -i 's/^docker-load\(.scratch.tar\).ok.*/docker-load\1\tfailed\thcsshim says no/' answers/result.tsv
printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\deleted]\n' >back.reg
run 0 ht apply -q --root 'HKLM\SOFTWARE' -o answers/saved/layers.tar.container empty plain.reg back.reg
told 1 answers
grep '^    - ' out | sed 's/: predicted .*/: predicted/;s/n\{9,\}/N/' | grep -v 'P[0-9]*: predicted$\|and [0-9]* more' >details
says details \
    '    - fixture-empty.hive: differs: 0 missing, 1 more: Windows has key \N' \
    '    - name-256.hive: ' \
    '    - 03-types.reg: 8 missing, 0 more: Windows does not have key \hex' \
    '    - scratch.tar: docker-load' \
    '    - deleted: 0 missing, 1 more: Windows has key \deleted' \
    '    - secured: its descriptor is O:SYG:SYD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;WD)(A;CI;KR;;;RC), not O:BAG:SYD:P(A;CI;KA;;;BA)(A;CI;KA;;;SY)(A;CI;KR;;;BU)'

# The script.
script=$judges/windows.ps1
cut -f 1 kit/items.tsv | sort -u >kinds
while read -r kind; do
    grep -q "^ *'$kind' {" "$script" || fail "windows.ps1 does not know $kind"
done <kinds
# Whatever it hands to reg.exe bears its own name.
sed -n 's/.*"\(load\|unload\|save\|export\|import\|delete\|query\) \([^ "]*\).*/\1 \2/p' "$script" | grep -v 'load -i' | LC_ALL=C sort -u >uses
says uses 'delete $RegRoot' 'export $RegRoot' 'export HKLM\$Mount' 'import `' 'load HKLM\$Mount' 'query $RegRoot' \
    'query HKLM\$Mount' 'save $RegRoot' 'save HKLM\$Mount' 'unload HKLM\$Mount'
# Windows PowerShell reads a script without a mark in the machine's code page.
LC_ALL=C run 1 grep -n '[^ -~]' "$script"
