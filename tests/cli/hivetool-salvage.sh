#!/bin/sh
# Damaged hives: read where they are sound, and with --salvage as far as they can be.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

malformed=$abs_srcdir/fixtures/malformed

# poke FILE OFFSET OCTAL: writes one byte.
poke() {
    printf '%b' "\\0$3" | dd of="$1" bs=1 seek="$(($2))" conv=notrunc status=none
}

# bin_of FILE TEXT: the offset of the hive bin of 4,096 bytes that holds TEXT.
bin_of() {
    bin_at=$(grep -abo "$2" "$1" | head -n 1 | cut -d : -f 1)
    echo $((bin_at / 4096 * 4096))
}

# Three keys with 3,000 bytes of data each, so that their data lies in bins of its own.
{
    printf 'Windows Registry Editor Version 5.00\n'
    for key in First Middle Last; do
        printf '\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\%s]\n"name"="%s"\n"data"=hex:' "$key" "$key"
        awk -v letter="$(printf %.1s $key | od -An -tx1 | tr -d ' ')" \
            'BEGIN { for (i = 1; i < 3000; i++) printf "%s,", letter; print letter }'
    done
} >patch.reg
run 0 ht new -o fresh --name=SOFTWARE
run 0 ht apply -q --engine=rebuild -o SOFTWARE fresh patch.reg

# One wrong letter in the header of one bin: what does not enter it does not mind.
cp SOFTWARE bad-bin
at=$(bin_of bad-bin LLLLLLLL)
poke bad-bin "$at" 110
place=$(printf 0x%x "$at")
fault="hivetool: bad-bin: hive bin at $place: the signature is not \"hbin\""
run 0 ht get --root='HKLM\SOFTWARE' bad-bin First name
says out 'sz "First"'
says err
run 0 ht ls bad-bin First
run 0 ht export --root='HKLM\SOFTWARE' --key=First --encoding=utf-8 bad-bin
says err
grep -q '^"name"="First"' out || fail 'First is not exported'
run 3 ht get --root='HKLM\SOFTWARE' bad-bin Last data
says out
says err "$fault" 'hivetool: --salvage reads what is left'
for command in 'ls -r bad-bin' 'export --root=HKLM\SOFTWARE bad-bin' 'diff bad-bin SOFTWARE'; do
    # shellcheck disable=SC2086
    run 3 ht $command
    says out
    says err "$fault" 'hivetool: --salvage reads what is left'
done
for command in 'digest bad-bin' 'apply -n --root=HKLM\SOFTWARE bad-bin patch.reg'; do
    # shellcheck disable=SC2086
    run 3 ht $command
    says err "$fault" "hivetool: 'hivetool rebuild --salvage' makes a hive of what is left"
done
run 3 ht rebuild -o never bad-bin
says err "$fault" 'hivetool: --salvage reads what is left'
[ ! -e never ] || fail 'written'
# Where it is no damaged hive, nothing is promised.
printf 'Windows Registry' >text
run 3 ht ls text
says err 'hivetool: text: not a registry hive but a .reg patch'

# Nothing is missing for a header: with --salvage all is there, and the status says so.
run 0 ht rebuild --salvage -o whole bad-bin
says err 'hivetool: bad-bin: all of it could be read'
run 0 ht check whole
run 0 ht diff --ignore=none SOFTWARE whole
run 0 ht diff --salvage bad-bin SOFTWARE
run 0 ht ls -r --salvage bad-bin
cp out listed
run 0 ht ls -r SOFTWARE
same out listed

# A damaged value, key, list and descriptor, in one hive made of all of them.
lost() {
    lost_name=$1
    lost_status=$2
    shift 2
    run "$lost_status" ht rebuild --salvage -o "made-$lost_name" "$malformed/$lost_name"
    sed "s|^hivetool: $malformed/||" err >lost
    says lost "$@"
    run 0 ht check "made-$lost_name"
    run 0 ht rebuild -q -o again "made-$lost_name"
    same_bytes again "made-$lost_name"
}
one='1 thing could not be read as it should be'
two='2 things could not be read as they should be'
lost value-bad-signature 1 'value-bad-signature: 0x12f0 [Bravo]: value: the signature is not "vk"' \
    "value-bad-signature: $one"
lost data-past-cell 1 'data-past-cell: 0x12f0 [Bravo]: value "text": its data ends past its cell' \
    "data-past-cell: $one"
lost class-outside 1 \
    'class-outside: 0x1440 [Charlie]: class name: the offset is outside the hive bins (0xfff000)' \
    "class-outside: $one"
lost security-outside 1 \
    'security-outside: 0x1298 [Bravo]: key security: the offset is outside the hive bins (the key gets the one of the key above)' \
    "security-outside: $one"
lost cell-free 1 'cell-free: 0x1298 [\]: key: the cell is free' \
    'cell-free: 0x1360: cells: keys that no subkey list leads to (2 keys)' "cell-free: $two"
lost list-missing 1 \
    'list-missing: 0x1020 [\]: subkey list: the offset is outside the hive bins (0xffffffff)' \
    'list-missing: 0x1020 [\]: key: subkeys that its damaged list did not lead to were found by their parent fields (6)' \
    "list-missing: $two"
lost subkey-loop 1 \
    'subkey-loop: 0x1298 [Bravo\Below\Bravo]: key: its parent field names another key (0x20, not 0x360)' \
    'subkey-loop: 0x1360 [Bravo\Below]: key: subkeys that its damaged list did not lead to were found by their parent fields (1)' \
    "subkey-loop: $two"
lost bad-checksum 1 \
    'bad-checksum: 0x1fc: base block: the checksum is wrong (it is 0x02a7d495, computed 0x02a7d494)' \
    "bad-checksum: $one"
lost root-outside 1 \
    'root-outside: 0x24: root key: the offset is outside the hive bins (0xfff000; the one at 0x20 is taken)' \
    "root-outside: $one"
# What is wrong and loses nothing is put right without a word.
for name in bad-bin-magic bin-size-zero wrong-parent security-references unsorted-list; do
    lost "$name" 0 "$name: all of it could be read"
done
# All other keys and values are there: the fixtures are one hive, broken in one place each.
run 0 ht ls -r "made-unsorted-list"
cp out all
for name in class-outside security-outside list-missing subkey-loop bad-checksum root-outside wrong-parent; do
    run 0 ht ls -r "made-$name"
    same all out
done
run 0 ht ls -r made-value-bad-signature
grep -v '^Bravo\\"text"' all >wanted
same wanted out
run 0 ht ls -r made-cell-free
grep -v '^Bravo\\' all >wanted
same wanted out

# Reading: what is shown, what is told, and only where it matters.
cp "$malformed/value-bad-signature" v
cp "$malformed/cell-free" k
run 0 ht get --salvage v Alpha number
says err
run 0 ht ls --salvage v
says err
run 1 ht ls --salvage v Bravo
says out '"number"  dword 0x00000001 (1)' 'Below\'
says err 'hivetool: v: 0x12f0 [Bravo]: value: the signature is not "vk"' "hivetool: v: $one"
run 1 ht get --salvage v 'bravo::text'
says out
says err 'hivetool: v: 0x12f0 [Bravo]: value: the signature is not "vk"' "hivetool: v: $one" \
    'hivetool: v: bravo: text: no such value'
run 0 ht export --salvage --root=HKLM --key=Alpha v
run 1 ht export --salvage --root=HKLM v
run 0 ht export --salvage --root=HKLM --key=Echo --key=Alpha v
says err
run 1 ht export --salvage --root=HKLM --key=Echo --key='Bravo\Below' --key=Bravo v
says err 'hivetool: v: 0x12f0 [Bravo]: value: the signature is not "vk"' "hivetool: v: $one"
run 1 ht diff --salvage v v
# A change that does nothing to what is left: the status is for what is lost.
printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\Alpha]\n' >nothing.reg
run 1 ht diff --salvage --root=HKLM v nothing.reg
says out 'no difference'
says err 'hivetool: v: 0x12f0 [Bravo]: value: the signature is not "vk"' "hivetool: v: $one"
run 1 ht rebuild -q --salvage --format=json -o json v
says out '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "salvage",' '  "lost": [' \
    '    {"id": "value-signature", "offset": 4848, "key": "Bravo", "text": "value: the signature is not \"vk\""}' \
    '  ],' '  "not_listed": 0' '}'
run 2 ht rebuild --format=json -o json v
run 3 ht rebuild --salvage -o never "$malformed/truncated-base-block"
says err "hivetool: $malformed/truncated-base-block: there is no root key, nothing can be read"
# A dirty hive is not read as it stands only because it may be damaged.
cp "$abs_srcdir/fixtures/hives/dirty" .
run 4 ht ls --salvage dirty
run 0 ht ls --salvage --ignore-dirty dirty

# A tree deeper than 512 levels is kept down to there.
rm -f deep
run 1 ht rebuild --salvage -o deep "$abs_srcdir/fixtures/malformed/deep-tree"
grep -o 'key: deeper.*' err >found
says found 'key: deeper than 512 levels, or a loop in the tree (1 subkey)'
run 0 ht check deep
tail -n 1 out >found
says found '0 errors, 0 warnings, 0 notes; 514 keys, 0 values'
