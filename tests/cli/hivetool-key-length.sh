#!/bin/sh
# A key name of 256 characters is taken everywhere, one of 257 nowhere.
. "${abs_srcdir:?}/tests/lib.sh"

needs_program awk

v5='Windows Registry Editor Version 5.00'
root='HKEY_LOCAL_MACHINE\SOFTWARE'
run 0 ht new -o SOFTWARE

# name N: a name of N characters.
name() {
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "n" }'
}

# patch FILE N VALUE
patch() {
    printf '%s\n\n[%s\\%s]\n"v"="%s"\n' "$v5" "$root" "$(name "$2")" "$3" >"$1"
}

# In a patch, by both engines, in both modes; read, exported, compared and undone again.
patch 256.reg 256 x
for option in --engine=hivex --engine=rebuild --compat=regedit; do
    rm -f new back undo.reg
    run 0 ht apply "$option" --reverse-out undo.reg -o new SOFTWARE 256.reg
    run 0 ht check new
    run 0 ht get new "$(name 256)" v
    says out 'sz "x"'
    run 0 ht verify new 256.reg
    run 0 ht apply -o back new undo.reg
    run 0 ht diff SOFTWARE back
done
run 0 ht export --encoding=utf-8 -o out.reg new
rm -f again
run 0 ht apply -o again SOFTWARE out.reg
run 0 ht diff new again
run 1 ht diff --format=json SOFTWARE new
cp out change.json
rm -f again
run 0 ht apply -o again SOFTWARE change.json
run 0 ht diff new again
run 0 ht rebuild -o rebuilt new
run 0 ht diff new rebuilt
run 0 ht delta -o SOFTWARE_delta SOFTWARE new
run 0 ht merge -o merged SOFTWARE SOFTWARE_delta
run 0 ht diff new merged

# lint warns: the documentation says 255.
run 1 ht lint 256.reg
grep -v '^    ' out >found
says found "256.reg:3:1: warning: a key name of 256 characters; Windows' tools make it, its documentation and many programs allow 255 [key-length]"
patch 255.reg 255 x
run 0 ht lint 255.reg
run 0 ht fmt --check 256.reg

# One more.
patch 257.reg 257 x
for option in --engine=auto --compat=regedit; do
    run 4 ht apply "$option" -o none SOFTWARE 257.reg
    grep -v '^    ' err >found
    says found 'hivetool: 257.reg:3:30: found a key name of 257 characters, expected at most 256'
    [ ! -e none ] || fail 'a hive was written'
done
run 4 ht lint 257.reg
printf '{"format_version":"1.0","kind":"delta","root":"HKEY_LOCAL_MACHINE\\\\SOFTWARE","changes":[{"op":"create_key","path":["%s"]}]}' \
    "$(name 257)" >257.json
run 4 ht apply -o none SOFTWARE 257.json
says err 'hivetool: 257.json:1: change 0: a key name of 257 UTF-16 units, at most 256 are allowed'
run 2 ht export --root "HKLM\\$(name 257)" new
grep -c 'has a part longer than 256 characters' err >got
says got 1

# Hives that have such keys, made by hand.
cases=$abs_srcdir/../shared/cases/hives
if [ -d "$cases" ]; then
    for hive in k255 k256 k256u; do
        run 0 ht check "$cases/$hive.hive"
        lacks out '^error '
    done
    run 1 ht check "$cases/k257.hive"
    grep -c '^error .*its name is longer than 256 characters (257)$' out >got
    says got 1
else
    unproven "../shared/cases is not here" "hives with keys of 255 to 257 characters"
fi
