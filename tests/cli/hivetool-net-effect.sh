#!/bin/sh
# What patches say together where keys are deleted and made again, or are to hold nothing else;
# what contradicts, and what is in no hive: every line of it is told.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

needs_program iconv

head='Windows Registry Editor Version 5.00'
software='HKEY_LOCAL_MACHINE\SOFTWARE'
system='HKEY_LOCAL_MACHINE\SYSTEM'

# patch FILE LINE...: a .reg file with the header and these lines, the first of which is line 2.
patch() {
    patch_file=$1
    shift
    printf '%s\n' "$head" "$@" >"$patch_file"
}

# holds HIVE LINE...: what export prints of the hive but its header, empty lines and its root.
holds() {
    holds_hive=$1
    shift
    run 0 ht export --encoding=utf-8 --root "$software" "$holds_hive"
    tr -d '\r' <out | sed "1,/^\[HKEY_LOCAL_MACHINE.SOFTWARE\]\$/d; /^\$/d" >held
    says held "$@"
}

run 0 ht new -o empty

# --- a key that is made anew has its values in the order of the patch ---
patch base.reg "[$software\\K]" '"a"="1"' '"b"="2"' '"c"="3"' "[$software\\K\\S]" '"a"=""' '"b"=""' \
    "[$software\\L]" '"a"="1"' '"b"="2"'
run 0 ht apply -q --root "$software" -o hive empty base.reg
patch anew.reg "[-$software\\K]" "[$software\\K]" '"c"="3"' '"a"="1"' \
    "[$software\\K\\S]" '"b"=""' '"a"=""' "[$software\\L]" '"c"="3"'
for engine in auto rebuild; do
    run 0 ht apply -q --root "$software" --engine=$engine -o patched hive anew.reg
    holds patched "[$software\\K]" '"c"="3"' '"a"="1"' "[$software\\K\\S]" '"b"=""' '"a"=""' \
        "[$software\\L]" '"a"="1"' '"b"="2"' '"c"="3"'
    run 0 ht apply --dry-run --root "$software" --engine=$engine hive anew.reg
done

# --- --last-wins: a later ";!exact" in a key that an earlier patch makes anew ---
patch base.reg "[$software\\E]" '"z"="0"' "[$software\\E\\S1]" "[$software\\E\\S2]" '"s"="0"' \
    "[$software\\E\\S2\\T]"
run 0 ht apply -q --root "$software" -o hive empty base.reg

# one_after_another FIRST SECOND: --last-wins gives what FIRST and then SECOND alone give.
one_after_another() {
    run 0 ht apply -q --root "$software" -o first hive "$1"
    run 0 ht apply -q --root "$software" -o second first "$2"
    run 0 ht apply -q --root "$software" --last-wins -o both hive "$1" "$2"
    run 0 ht diff second both
    run 0 ht verify --root "$software" --last-wins both "$1" "$2"
    says out
}
patch r1.reg "[-$software\\E]" "[$software\\E]" '"x"="1"' "[$software\\E\\Old]" '"o"="1"'
patch r2.reg "[$software\\E]" ';!exact tree' '"y"="2"'
one_after_another r1.reg r2.reg
holds both "[$software\\E]" '"y"="2"'
patch r2.reg "[$software\\E]" ';!exact values' '"y"="2"'
one_after_another r1.reg r2.reg
holds both "[$software\\E]" '"y"="2"' "[$software\\E\\Old]" '"o"="1"'
run 6 ht apply --root "$software" -o never hive r1.reg r2.reg

# --- --last-wins: an earlier ";!exact" and a subkey that a later patch opens ---
patch new.reg "[$software\\E\\S2]" '"new"="1"'
for exact in 'exact tree' 'exact keys'; do
    patch exact.reg "[$software\\E]" ";!$exact" '"a"="1"'
    one_after_another exact.reg new.reg
    run 0 ht get both 'E\S2'
done
patch exact.reg "[$software\\E]" ';!exact tree' '"a"="1"'
one_after_another exact.reg new.reg
holds both "[$software\\E]" '"a"="1"' "[$software\\E\\S2]" '"new"="1"'
patch deep.reg "[$software\\E\\S2\\T\\U]" '"new"="1"'
one_after_another exact.reg deep.reg
holds both "[$software\\E]" '"a"="1"' "[$software\\E\\S2]" "[$software\\E\\S2\\T]" \
    "[$software\\E\\S2\\T\\U]" '"new"="1"'
patch gone.reg "[-$software\\E]" "[$software\\E]" '"a"="1"'
one_after_another gone.reg new.reg
holds both "[$software\\E]" '"a"="1"' "[$software\\E\\S2]" '"new"="1"'
patch gone.reg "[-$software\\E]"
one_after_another gone.reg new.reg
holds both "[$software\\E]" "[$software\\E\\S2]" '"new"="1"'

# --- verify: the line that deletes holds where there is no such key ---
patch dk.reg '' "[-$software\\D]" "[$software\\D\\E]" '"x"="1"'
run 1 ht verify --root "$software" empty dk.reg
says out "dk.reg:4: $software\\D\\E: hive has no such key, patch says it is there" \
    "dk.reg:5: $software\\D\\E: \"x\": hive has nothing, patch says sz \"1\""
run 1 ht verify --format=junit --root "$software" empty dk.reg
grep -F "line 3: $software\\D\" classname=\"dk.reg\"/>" out >found || fail "line 3 does not hold"
patch dk.reg '' "[-$software\\D]" "[$software\\D]"
run 1 ht verify --root "$software" empty dk.reg
says out "dk.reg:4: $software\\D: hive has no such key, patch says it is there"
patch one.reg "[-$software\\D]"
patch two.reg "[$software\\D\\E]"
run 1 ht verify --last-wins --root "$software" empty one.reg two.reg
says out "two.reg:2: $software\\D\\E: hive has no such key, patch says it is there"
patch two.reg "[$software\\D]"
run 1 ht verify --last-wins --root "$software" empty one.reg two.reg
says out "two.reg:2: $software\\D: hive has no such key, patch says it is there"

# --- CurrentControlSet, and a patch that changes what it stands for ---
patch base.reg "[$system\\Select]" '"Current"=dword:1' "[$system\\ControlSet001\\C]" \
    "[$system\\ControlSet002\\C]"
run 0 ht apply -q --root "$system" -o sys empty base.reg
hint='(name the ControlSet00N there, or apply two patches, one after the other)'
patch use.reg "[$system\\CurrentControlSet\\C]" '"v"="1"'
patch current.reg "[$system\\Select]" '"Current"=dword:2'
patch deleted.reg "[-$system\\Select]"
patch require.reg ";!require key $system\\CurrentControlSet\\C" "[$system\\ControlSet001\\C]"
patch both.reg "[$system\\CurrentControlSet\\C]" "[$system\\Select]" '"Current"=dword:2'
for command in 'apply -o never' 'apply --dry-run' 'verify'; do
    # shellcheck disable=SC2086
    run 6 ht $command --root "$system" sys both.reg
    says out
    says err "hivetool: both.reg:4: $system\\Select: \"Current\": this changes which key CurrentControlSet at both.reg:2 stands for $hint"
done
run 6 ht apply -o never --root "$system" sys use.reg current.reg
says err "hivetool: current.reg:3: $system\\Select: \"Current\": this changes which key CurrentControlSet at use.reg:2 stands for $hint"
run 6 ht apply -o never --root "$system" sys use.reg deleted.reg
says err "hivetool: deleted.reg:2: $system\\Select: \"Current\": this changes which key CurrentControlSet at use.reg:2 stands for $hint"
run 6 ht apply --dry-run --root "$system" sys require.reg current.reg
says err "hivetool: current.reg:3: $system\\Select: \"Current\": this changes which key CurrentControlSet at require.reg:2 stands for $hint"
run 6 ht apply --dry-run "SYSTEM=sys" "HKLM\\X=empty" current.reg use.reg
says err "hivetool: current.reg:3: $system\\Select: \"Current\": this changes which key CurrentControlSet at use.reg:2 stands for $hint"
[ ! -e never ] || fail "a refused patch wrote"
patch same.reg "[$system\\CurrentControlSet\\C]" '"v"="1"' "[-$system\\Select]" "[$system\\Select]" \
    '"Current"=dword:1'
run 0 ht apply -q -o patched --root "$system" sys same.reg
run 0 ht verify --root "$system" patched same.reg

# --- all that contradicts is told, in the order of the lines, by its own name ---
patch a.reg "[$software\\B]" '@="1"' '"v"="1"' '"same"="1"' "[-$software\\A]" "[$software\\X]" \
    ';!exact keys' "[$software\\X\\In]"
patch b.reg "[$software\\X\\Y\\Z]" "[$software\\B]" '"v"="2"' '"same"="1"' '@="2"' "[$software\\A\\Sub]"
patch c.reg "[-$software\\B]" "[$software\\C]"
wins='(--last-wins lets the later patch win)'
run 6 ht apply -o never --root "$software" empty a.reg b.reg c.reg
says out
says err "hivetool: b.reg:2: $software\\X\\Y\\Z: contradicts a.reg:8 $wins" \
    "hivetool: b.reg:4: $software\\B: \"v\": contradicts a.reg:4 $wins" \
    "hivetool: b.reg:6: $software\\B: @: contradicts a.reg:3 $wins" \
    "hivetool: b.reg:7: $software\\A\\Sub: contradicts a.reg:6 $wins" \
    "hivetool: c.reg:2: $software\\B: contradicts a.reg:2 $wins"
{
    printf '%s\n[%s\\K]\n' "$head" "$software"
    seq 1 103 | sed 's/.*/"&"="1"/'
} >many.reg
sed 's/="1"/="2"/' many.reg >others.reg
run 6 ht apply -o never --root "$software" empty many.reg others.reg
[ "$(wc -l <err)" -eq 101 ] || fail "not 100 contradictions are told"
tail -n 1 err >last
says last 'hivetool: others.reg: 3 more are not shown'

# --- verify writes names of files as error messages do ---
odd=$(printf 'a\033[1mb\nc.reg')
cp dk.reg "$odd"
run 1 ht verify --root "$software" empty "$odd"
says out "a\\u{1b}[1mb\\u{a}c.reg:4: $software\\D: hive has no such key, patch says it is there"

# --- the way back of several hives names the key whose class it cannot undo ---
patch base.reg "[$software\\K]"
run 0 ht apply -q --root "$software" -o soft empty base.reg
cat >meta.json <<'END'
{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\SOFTWARE","changes":[
{"op":"set_class","path":["K"],"after":{"class":{"hex":"4100"}}}]}
END
mkdir new
run 0 ht apply -q -o new --reverse-out=back.reg SOFTWARE=soft SYSTEM=sys meta.json
iconv -f UTF-16 -t UTF-8 back.reg | tr -d '\r' | grep '^;' >out || fail "no comment"
says out "; not in this file: the class name of [$software\\K]"
