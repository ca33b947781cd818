#!/bin/sh
# Forms and filters of layerpack diff and explain: those of hivetool diff, for files too.
. "${abs_srcdir:?}/tests/lib.sh"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

mkdir -p app/sub old
echo one >app/a
echo two >app/sub/b
echo left >old/gone.txt
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Kept]' '"a"="x"' >base.reg
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Kept]' '"a"="y"' '' '[HKEY_LOCAL_MACHINE\SOFTWARE\New]' '@=dword:1' >p.reg
run 0 lp scratch --quiet --add old=/old --to oci:empty
run 0 lp build --quiet --from oci:empty base.reg --to oci:a
run 0 lp build --quiet --from oci:a p.reg --add app=/app --remove 'C:\old' --to oci:b
software='HKEY_LOCAL_MACHINE\SOFTWARE'
change="
2 folders added, 1 folder deleted, 2 files added, 1 file deleted"
# --- views ---

run 1 lp diff --files --name-status oci:a oci:b
says out "M	$software\\Kept::a" "A	$software\\New" "A	$software\\New::@" 'A	C:\app' 'A	C:\app\a' 'A	C:\app\sub' \
    'A	C:\app\sub\b' 'D	C:\old' 'D	C:\old\gone.txt'
cut -f 2 out >wanted
run 1 lp diff --files --name-only oci:a oci:b
same wanted out
run 1 lp diff --files --summary oci:a oci:b
says out "$software:" '1 key created, 1 value added, 1 value changed' '' 'no difference in 4 hives' '' "Files:$change"
run 1 lp diff --files --group oci:a oci:b
sed -n "/SOFTWARE:/,\$p" out >found
says found "$software:" 'other keys and values: 2 added, 1 changed' '1 key created, 1 value added, 1 value changed' '' \
    'no difference in 4 hives' '' "Files:$change"
run 1 lp diff --files --stat oci:a oci:b
sed -n "/SOFTWARE:/,\$p" out >found
says found "$software:" " $software\\Kept |      1 ~" " $software\\New  |      2 ++" \
    '1 key created, 1 value added, 1 value changed' '' 'no difference in 4 hives' '' 'Files:' \
    ' C:\app          |      1 +' ' C:\app\a        |      1 +' ' C:\app\sub      |      2 ++' \
    ' C:\old          |      1 -' " C:\\old\\gone.txt |      1 -$change"
run 2 lp diff --stat --summary oci:a oci:b
run 2 lp diff --stat --format=json oci:a oci:b
says err 'layerpack: --stat, --name-only, --name-status, --summary and --group are text, not --format=json' \
    "layerpack: see 'layerpack diff --help'"

# --- documents ---

run 1 lp diff --files --format=csv oci:a oci:b
tr -d '\r' <out >found
says found 'of,change,record,key,name,old_type,old,new_type,new,itself' ",changed,value,$software\\Kept,a,REG_SZ,x,REG_SZ,y," \
    ",added,key,$software\\New,,,,,," ",added,value,$software\\New,,,,REG_DWORD,1," ',added,folder,C:\app,,,,,,folder' \
    ',added,file,C:\app\a,,,,,,"file, 4 bytes"' ',added,folder,C:\app\sub,,,,,,folder' \
    ',added,file,C:\app\sub\b,,,,,,"file, 4 bytes"' ',deleted,folder,C:\old,,,,,,folder' \
    ',deleted,file,C:\old\gone.txt,,,,,,"file, 5 bytes"'
run 1 lp diff --files --format=ndjson --include='C:\old' oci:a oci:b
says out '{"of":null,"change":"deleted","record":"folder","key":"C:\\old","name":null,"old":null,"new":null,"itself":"folder"}' \
    '{"of":null,"change":"deleted","record":"file","key":"C:\\old\\gone.txt","name":null,"old":null,"new":null,"itself":"file, 5 bytes"}'
run 1 lp diff --files --format=junit --exclude='C:\app' oci:a oci:b
sed -n '/SYSTEM/,$p' out >found
says found '  <testsuite name="HKEY_LOCAL_MACHINE\SYSTEM" tests="1" failures="0" errors="0">' \
    '    <testcase classname="HKEY_LOCAL_MACHINE\SYSTEM" name="no difference"/>' '  </testsuite>' \
    '  <testsuite name="Files" tests="2" failures="2" errors="0">' '    <testcase classname="Files" name="C:\old">' \
    '      <failure type="difference" message="deleted: folder"/>' '    </testcase>' \
    '    <testcase classname="Files" name="C:\old\gone.txt">' \
    '      <failure type="difference" message="deleted: file, 5 bytes"/>' '    </testcase>' '  </testsuite>' '</testsuites>'
run 1 lp diff --files --format=markdown oci:a oci:b
grep 'no difference' out >found
says found 'no difference in 4 hives'
sed -n '/^### Files/,$p' out >found
says found '### Files' "$change" '' '<details><summary>files</summary>' '' '```diff' '+ C:\app  folder' \
    '+ C:\app\a  file, 4 bytes' '+ C:\app\sub  folder' '+ C:\app\sub\b  file, 4 bytes' '- C:\old  folder  (1 file)' '```' '' \
    '</details>'
run 1 lp diff --format=unified oci:a oci:b
tr -d '\r' <out >found
says found '--- a/SOFTWARE.reg' '+++ b/SOFTWARE.reg' '@@ -3,5 +3,8 @@' ' [HKEY_LOCAL_MACHINE\SOFTWARE]' ' ' \
    ' [HKEY_LOCAL_MACHINE\SOFTWARE\Kept]' '-"a"="x"' '+"a"="y"' ' ' '+[HKEY_LOCAL_MACHINE\SOFTWARE\New]' '+@=dword:00000001' '+'
run 2 lp diff --format=unified --files oci:a oci:b
says err 'layerpack: --format=unified compares exports of the registry as a whole, without --files, --key and the like' \
    "layerpack: see 'layerpack diff --help'"
run 1 lp diff --files --format=html -o page.html oci:a oci:b
sed -n '/class="files"/,/<.pre>/p' page.html >found
says found '<pre class="files" tabindex="0">+ C:\app  folder' '+ C:\app\a  file, 4 bytes' '+ C:\app\sub  folder' \
    '+ C:\app\sub\b  file, 4 bytes' "- C:\\old  folder  (1 file)$change" '</pre>'
grep -q 'id="part-6"' page.html || fail "not each hive and the files have a part"

# --- filters ---

run 1 lp diff --files --key='C:\app\sub' oci:a oci:b
says out 'no other difference in 5 hives; filtered: 3 changes' '' 'Files:' '+ C:\app\sub  folder' '+ C:\app\sub\b  file, 4 bytes' '1 folder added, 1 file added; filtered: 4 changes'
says err 'layerpack: 7 changes filtered'
names() {
    run 1 lp diff --files --name-status "$@" oci:a oci:b
}
names --include='*.txt'
says out 'D	C:\old\gone.txt'
names --include='c:/APP/*'
says out 'A	C:\app\a' 'A	C:\app\sub' 'A	C:\app\sub\b'
names --kind=deleted
says out 'D	C:\old' 'D	C:\old\gone.txt'
names --type=dword
says out "A	$software\\New" "A	$software\\New::@"
names --key='HKLM\SOFTWARE\Kept' --key='C:\old'
says out "M	$software\\Kept::a" 'D	C:\old' 'D	C:\old\gone.txt'
printf '%s\n' '# ours' 'C:\app' 'C:\old' 'SOFTWARE\New' >ours
names --exclude-file=ours
says out "M	$software\\Kept::a"
run 0 lp diff --files --summary --include='C:\none' oci:a oci:b
grep filtered out >found
says found 'no other difference in 5 hives; filtered: 3 changes' 'no other difference; filtered: 6 changes'
# Of a folder that went what is in it is counted anew.
run 1 lp diff --files --exclude='gone.txt' oci:a oci:b
grep 'C:.old' out >found
says found '- C:\old  folder'
run 1 lp diff --files --format=json --kind=deleted -o diff.json oci:a oci:b
run 0 "${PYTHON3:-python3}" -S "$abs_srcdir/tests/cli/json-schema.py" "$abs_srcdir/docs/schema" diff.json
"${PYTHON3:-python3}" -S -c 'import json
said = json.load(open("diff.json"))
image = said["images"][0]
print(said["result"], image["filtered"], [(f["op"], f["path"], f["files"]) for f in image["files"]])' >found
says found "different 7 [('delete', 'C:\\\\old', 1)]"
run 0 lp diff --files --format=json --include='C:\none' -o diff.json oci:a oci:b
tail -n 2 diff.json >found
says found '  "result": "filtered"' '}'

# What is ignored of keys is ignored of files.
run 0 lp build --quiet --from oci:empty --add app=/app --grant 'C:\app=Users:modify' --to oci:open
run 0 lp build --quiet --from oci:empty --add app=/app --to oci:closed
run 1 lp diff --files oci:closed oci:open
run 0 lp diff --files --summary --ignore=security oci:closed oci:open
sed -n '/^Files/,$p' out >found
says found 'Files:' 'no difference; ignored: 4 descriptors'

# --- explain ---

top() {
    run 0 lp explain --layer=3 "$@" oci:b
    sed 1d out >found
}
top --name-only
says found "$software\\Kept::a" "$software\\New" "$software\\New::@" 'no change: DEFAULT, SAM, SECURITY, SYSTEM'
top --stat
says found "SOFTWARE ($software):" " $software\\Kept |      1 ~" " $software\\New  |      2 ++" \
    '1 key created, 1 value added, 1 value changed' 'no change: DEFAULT, SAM, SECURITY, SYSTEM'
top --include='SOFTWARE\Kept'
says found "SOFTWARE ($software):" "~ [$software\\Kept]" '    ~ "a"  sz "x" -> "y"' '1 value changed; filtered: 2 changes' \
    'no change: DEFAULT, SAM, SECURITY, SYSTEM'
top --depth=0
says found "SOFTWARE ($software):" "~ [$software\\Kept]" '    ~ "a"  sz "x" -> "y"' "+ [$software\\New]  (0 subkeys, 1 value)" \
    '(not all is shown: --full shows all, --depth=N opens trees)' '1 key created, 1 value added, 1 value changed' \
    'no change: DEFAULT, SAM, SECURITY, SYSTEM'
run 0 lp explain --format=csv --kind=changed oci:b
tr -d '\r' <out >found
says found 'of,change,record,key,name,old_type,old,new_type,new,itself' "layer 3,changed,value,$software\\Kept,a,REG_SZ,x,REG_SZ,y,"
run 0 lp explain --format=markdown --type=sz oci:b
sed 's/sha256:[0-9a-f]*/…/g' out >found
says found '## layer 2 … (layerpack build: base.reg …)' '' "### <code>$software</code>" '' '1 key created, 1 value added' '' \
    "<details><summary><code>$software\\Kept</code>: 1 key created, 1 value added</summary>" '' '```diff' "+ [$software\\Kept]" \
    '    + "a"  sz "x"' '```' '' '</details>' '' '## layer 3 … (layerpack build: p.reg …, 2 files added, 1 removed)' '' \
    "### <code>$software</code>" '' '1 value changed; filtered: 2 changes' '' \
    "<details><summary><code>$software\\Kept</code>: 1 value changed</summary>" '' '```diff' "~ [$software\\Kept]" \
    '    ~ "a"  sz "x" -> "y"' '```' '' '</details>'
run 2 lp explain --key='HKLM\SOFTWARE\Kept' --stat oci:b
says err 'layerpack: --key=HKLM\SOFTWARE\Kept: is a history; --stat and the like, and filters, are for changes' \
    "layerpack: see 'layerpack explain --help'"
run 2 lp explain --depth=x oci:b
