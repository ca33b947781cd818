#!/bin/sh
# Data is shown as what it is: all of it where it is asked for, lists as their strings.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

software='HKEY_LOCAL_MACHINE\SOFTWARE'

# hex N: N bytes for a .reg file, and as they are shown.
hex() {
    seq 0 $(($1 - 1)) | while read -r i; do printf '%02x' $((i % 256)); done
}
bytes() {
    hex "$1" | sed 's/../&,/g; s/,$//'
}

run 0 ht new -o empty
cat >data.reg <<END
Windows Registry Editor Version 5.00
[$software\\K]
"short"=hex:$(bytes 32)
"long"=hex:$(bytes 100)
"odd"=hex(100):$(bytes 40)
END
run 0 ht apply -q --root "$software" -o hive empty data.reg

# --- get prints it all, ls and diff fold unless they are told not to ---
run 0 ht get hive K long
says out "binary 100 bytes $(hex 100)"
run 0 ht get hive K
says out "\"short\"  binary 32 bytes $(hex 32)" "\"long\"  binary 100 bytes $(hex 100)" \
    "\"odd\"  type 0x100 40 bytes $(hex 40)"
hex 100 | sed 's/../\\x&/g' | xargs -0 printf '%b' >long
long="100 bytes $(hex 32)… sha256 $(sha256sum long | cut -c 1-12)"
hex 40 | sed 's/../\\x&/g' | xargs -0 printf '%b' >odd
odd="40 bytes $(hex 32)… sha256 $(sha256sum odd | cut -c 1-12)"
run 0 ht ls hive K
says out "\"short\"  binary 32 bytes $(hex 32)" "\"long\"  binary $long" "\"odd\"  type 0x100 $odd"
run 0 ht ls --full hive K
says out "\"short\"  binary 32 bytes $(hex 32)" "\"long\"  binary 100 bytes $(hex 100)" \
    "\"odd\"  type 0x100 40 bytes $(hex 40)"
sed 's/^"long"=.*/"long"=hex:ff/' data.reg >less.reg
run 0 ht apply -q --root "$software" -o less hive less.reg
run 1 ht diff --root "$software" hive less
grep -c '^        - 0x00[0-6]0  ' out >rows
says rows 7
grep '^        +' out >found
says found "        + 0x0000  ff                                               |.|"
run 1 ht diff --full --root "$software" hive less
grep '"long"' out >found
says found "    ~ \"long\"  binary 100 -> 1 bytes"
run 1 ht diff --full --root "$software" empty hive
sed 's/  = text .*//' out >found
says found "+ [$software\\K]" "    + \"short\"  binary 32 bytes $(hex 32)" \
    "    + \"long\"  binary 100 bytes $(hex 100)" "    + \"odd\"  type 0x100 40 bytes $(hex 40)" \
    "1 key created, 3 values added"

run 0 ht apply -n --root "$software" empty data.reg
grep '"long"' out >found
says found "    + \"long\"  binary 100 bytes $(hex 16)…"
run 0 ht apply -n --full --root "$software" empty data.reg
sed 's/  = text .*//' out >found
says found "+ [$software\\K]" "    + \"short\"  binary 32 bytes $(hex 32)" \
    "    + \"long\"  binary 100 bytes $(hex 100)" "    + \"odd\"  type 0x100 40 bytes $(hex 40)" \
    "1 key created, 3 values added"
printf ';!assert "long"=hex:%s\n' "$(bytes 33)" >>data.reg
for option in --full --quiet; do
    run 1 ht verify "$option" --root "$software" less data.reg
    wanted="binary 100 bytes $(hex 100)"
    asserted="binary 33 bytes $(hex 33)"
    [ "$option" = --full ] || {
        wanted="binary $long"
        hex 33 | sed 's/../\\x&/g' | xargs -0 printf '%b' >part
        asserted="binary 33 bytes $(hex 32)… sha256 $(sha256sum part | cut -c 1-12)"
    }
    says out "data.reg:4: $software\\K: \"long\": hive has binary 1 byte ff, patch says $wanted" \
        "data.reg:6: $software\\K: \"long\": hive has binary 1 byte ff, patch asserts $asserted"
done
sed -i '$d' data.reg

# layerpack does likewise.
run 0 lp create -q --base software=empty --changed software=hive -o layer.tar
run 0 lp ls --long layer.tar
grep '"long"' out >found
says found "          \"long\" = binary $long"
run 0 lp ls --full layer.tar
grep '"long"' out >found
says found "          \"long\" = binary 100 bytes $(hex 100)"
run 0 lp explain layer.tar
grep '"long"' out >found
says found "          \"long\" = binary $long"
run 0 lp explain --full layer.tar
grep '"long"' out >found
says found "          \"long\" = binary 100 bytes $(hex 100)"
run 0 lp explain --key "$software\\K" layer.tar
grep '"long"' out >found
says found "      + \"long\"  binary 100 bytes $(hex 16)…"
run 0 lp explain --full --key "$software\\K" layer.tar
sed -n '/"long"/s/  = text .*//p' out >found
says found "      + \"long\"  binary 100 bytes $(hex 100)"
run 0 lp scratch -q --to oci:img:1
for option in --full --quiet; do
    run 0 lp build --from oci:img:1 -n "$option" --reg data.reg
    sed -n '/"long"/{s/  = text .*//;p;}' out >found
    wanted="100 bytes $(hex 100)"
    [ "$option" = --full ] || wanted="100 bytes $(hex 16)…"
    says found "    + \"long\"  binary $wanted"
done

# --- lists of every form that Windows writes, no two alike ---
cat >lists.reg <<END
Windows Registry Editor Version 5.00
[$software\\L]
"none"=hex(7):
"empty"=hex(7):00,00
"two NULs"=hex(7):00,00,00,00
"one"=hex(7):61,00,00,00,00,00
"one NUL"=hex(7):61,00,00,00,62,00,00,00
"cut"=hex(7):61,00,00,00,62,00
"pairs"=hex(7):61,00,00,00,00,00,62,00,00,00,00,00,00,00
"more NULs"=hex(7):61,00,00,00,00,00,00,00
"leading"=hex(7):00,00,61,00,00,00
"odd"=hex(7):61,00,00
END
run 0 ht apply -q --root "$software" -o lists empty lists.reg
run 0 ht get lists L
says out '"none"  multi_sz (empty list) (no bytes)' '"empty"  multi_sz (empty list)' \
    '"two NULs"  multi_sz "" (an empty string)' '"one"  multi_sz "a"' \
    '"one NUL"  multi_sz "a" "b" (one NUL at the end)' '"cut"  multi_sz "a" "b" (no final NUL)' \
    '"pairs"  multi_sz "a" "" "b" "" (2 empty strings)' \
    '"more NULs"  multi_sz "a" "" (an empty string)' \
    '"leading"  multi_sz "" "a" (an empty string) (one NUL at the end)' \
    '"odd"  multi_sz 3 bytes 610000 (odd length)'

# --- the change of a list by its strings; of how it ends, whole ---
cat >change.reg <<END
Windows Registry Editor Version 5.00
[$software\\L]
"two NULs"=hex(7):00,00
"one NUL"=hex(7):61,00,00,00,62,00,00,00,00,00
"pairs"=hex(7):61,00,00,00,00,00,62,00,00,00,00,00,63,00,00,00,00,00,00,00
"leading"=hex(7):61,00,00,00,00,00,00,00
END
run 0 ht apply -q --root "$software" -o changed lists change.reg
run 1 ht diff --root "$software" lists changed
says out "~ [$software\\L]" \
    '    ~ "leading"  multi_sz "" "a" (an empty string) (one NUL at the end) -> "a" "" (an empty string)' \
    '    ~ "one NUL"  multi_sz "a" "b" (one NUL at the end) -> "a" "b"' \
    '    ~ "pairs"  multi_sz + "c" at 5, + "" at 6' \
    '    ~ "two NULs"  multi_sz - "" at 1' \
    '4 values changed'
