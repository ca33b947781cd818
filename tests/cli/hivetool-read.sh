#!/bin/sh
# hivetool ls, get, export and info.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
root='HKEY_LOCAL_MACHINE\SOFTWARE'

cat >patch.reg <<END
Windows Registry Editor Version 5.00

[$root\\K]
@="default"
"Zebra"=dword:00000004
"apple"=hex:00,ff
"quote \\" \\\\"=hex(7):61,00,00,00,00,00
"empty"=""

[$root\\K\\sub/slash]

[$root\\K\\Alpha\\Below]
"deep"=hex(2):25,00,41,00,25,00,00,00

[$root\\b]
END
run 0 ht new -o fresh --name=SOFTWARE
run 0 ht apply -q -o SOFTWARE fresh patch.reg

# ls: values as they are stored, then subkeys by name.
run 0 ht ls SOFTWARE
says out 'b\' 'K\'
says err
for key in K k 'K\' '\K' "$root\\K" 'hklm\software\k' 'HKLM\SOFTWARE\K\'; do
    run 0 ht ls SOFTWARE "$key"
    says out '@  sz "default"' '"Zebra"  dword 0x00000004 (4)' '"apple"  binary 2 bytes 00ff' \
        '"quote \" \\"  multi_sz "a"' '"empty"  sz ""' 'Alpha\' 'sub/slash\'
done
for key in '' '\' "$root" 'HKLM\SOFTWARE\'; do
    run 0 ht ls SOFTWARE "$key"
    says out 'b\' 'K\'
done
run 0 ht ls -r SOFTWARE 'K\Alpha'
says out 'Below\' 'Below\"deep"  expand_sz "%A%"'
run 0 ht ls SOFTWARE 'K\sub/slash'
says out
run 1 ht ls SOFTWARE 'K\Nothing'
says out
says err "hivetool: SOFTWARE: K\\Nothing: no such key: 'Nothing' is not in 'K'"
run 2 ht ls SOFTWARE 'K\\Alpha'
head -n 1 err >first
says first 'hivetool: K\\Alpha: has an empty key name'
run 2 ht ls SOFTWARE 'HKCU\K'
head -n 1 err >first
says first "hivetool: HKCU\\K: is not in this hive, which hangs at $root"
run 0 ht ls --root=HKCU SOFTWARE 'HKCU\b'
run 2 ht ls SOFTWARE "$(printf 'K\344')"
run 0 ht new -o nameless
run 2 ht ls nameless 'HKLM\SOFTWARE'
head -n 1 err >first
says first 'hivetool: HKLM\SOFTWARE: where the hive hangs in the registry is not known, use --root'

# Names that are no text are shown so that they can be told apart.
run 0 ht ls "$hives/odd-names"
says out '\u{7}\u{1b}[2J\u{7f}\u{9b}\' 'a\u{202e}b\u{200b}\' 'end\u{0}\' 'h\u{d800}x\' \
    'two\u{a}lines\' 'zero\u{0}key\' '🪟\' '\u{dc00}\' '\u{dc00}\u{d800}\' \
    "$(printf '\356\200\200')\\"

# get
run 0 ht get SOFTWARE K zebra
says out 'dword 0x00000004 (4)'
for value in @ ''; do
    run 0 ht get SOFTWARE K "$value"
    says out 'sz "default"'
done
run 0 ht get SOFTWARE K 'quote " \'
says out 'multi_sz "a"'
run 0 ht get SOFTWARE K
says out '@  sz "default"' '"Zebra"  dword 0x00000004 (4)' '"apple"  binary 2 bytes 00ff' \
    '"quote \" \\"  multi_sz "a"' '"empty"  sz ""'
run 0 ht get --raw SOFTWARE K apple
printf '\000\377' >bytes
same_bytes bytes out
run 0 ht get --raw SOFTWARE K @
printf 'd\0e\0f\0a\0u\0l\0t\0\0\0' >bytes
same_bytes bytes out
run 1 ht get SOFTWARE K nothing
says out
says err 'hivetool: SOFTWARE: K: nothing: no such value'
run 1 ht get SOFTWARE b @
says err 'hivetool: SOFTWARE: b: @: no such value'
run 1 ht get SOFTWARE nothing
says err "hivetool: SOFTWARE: nothing: no such key: 'nothing' is not in the root key"
run 2 ht get --raw SOFTWARE K
head -n 1 err >first
says first 'hivetool: get: --raw needs a VALUE'
# A big-data record comes out whole: the fixture's is 20,000 bytes.
run 0 ht get --raw "$hives/small" Echo big
[ "$(wc -c <out)" -eq 20000 ] || fail "big data has another length"

# export, and its way back
run 0 ht export --encoding=utf-8 SOFTWARE
says err
tr -d '\r' <out >text
cat >wanted <<END
Windows Registry Editor Version 5.00

[$root]

[$root\\b]

[$root\\K]
@="default"
"Zebra"=dword:00000004
"apple"=hex:00,ff
"quote \\" \\\\"=hex(7):61,00,00,00,00,00
"empty"=""

[$root\\K\\Alpha]

[$root\\K\\Alpha\\Below]
"deep"=hex(2):25,00,41,00,25,00,00,00

[$root\\K\\sub/slash]

END
same wanted text
run 0 ht export SOFTWARE
cp out export.reg
run 0 ht export -o file.reg SOFTWARE
says out
same_bytes export.reg file.reg
printf '\377\376W\0' >bom
head -c 4 export.reg >start
same_bytes bom start
run 0 ht verify SOFTWARE export.reg
run 0 ht apply -q -o again fresh export.reg
run 0 ht diff SOFTWARE again
run 0 ht export --key='K\Alpha' --encoding=utf-8 SOFTWARE
grep '^\[' out | tr -d '\r' >keys
says keys "[$root\\K\\Alpha]" "[$root\\K\\Alpha\\Below]"
run 1 ht export --key=Nothing SOFTWARE
says out
# Several keys: in the hive's order, each once, all or none.
run 0 ht export --key='K\sub/slash' --key='K\Alpha\Below' --key='HKLM\SOFTWARE\k\ALPHA' \
    --key='K\sub/slash' --encoding=utf-8 SOFTWARE
grep '^\[' out | tr -d '\r' >keys
says keys "[$root\K\Alpha]" "[$root\K\Alpha\Below]" "[$root\K\sub/slash]"
cp out several
run 0 ht export --key='K\Alpha' --key='K\sub/slash' --encoding=utf-8 SOFTWARE
same several out
run 0 ht export --key='K\Alpha' --key= --encoding=utf-8 SOFTWARE
cp out several
run 0 ht export --encoding=utf-8 SOFTWARE
same several out
run 1 ht export --key='K\Alpha' --key=Nothing SOFTWARE
says out
says err "hivetool: SOFTWARE: Nothing: no such key: 'Nothing' is not in the root key"
run 2 ht export nameless
run 2 ht export --encoding=ascii SOFTWARE
run 2 ht export -o SOFTWARE SOFTWARE

# info
run 0 ht info "$hives/small"
says err
says out 'kind              ordinary' 'version           1.5' 'sequence1         1' \
    'sequence2         1' 'dirty             no' 'written           2022-05-07T00:00:00Z' \
    'file_name         small' 'file_bytes        40960' 'bins_bytes        36864' \
    'root_key          ROOT' 'keys              17' 'values            11' \
    'key_tombstones    0' 'value_tombstones  0' 'big_data_values   1' 'class_names       1' \
    'security_cells    2' 'data_bytes        20220' 'depth             3'
cp out text
# A dirty hive is read as it stands here; hivetool-recover.sh has the other commands.
cp "$hives/dirty" .
run 0 ht info --format=json dirty
cat >wanted <<'END'
{
  "format_version": "1.0",
  "tool": "hivetool",
  "kind": "info",
  "hive_kind": "ordinary",
  "version": "1.5",
  "sequence1": 7,
  "sequence2": 6,
  "dirty": true,
  "written": "2022-05-07T00:00:00Z",
  "file_name": "dirty",
  "file_bytes": 40960,
  "bins_bytes": 36864,
  "recovery": "none: dirty: the hive is dirty and there is no transaction log",
  "root_key": "ROOT",
  "keys": 17,
  "values": 11,
  "key_tombstones": 0,
  "value_tombstones": 0,
  "big_data_values": 1,
  "class_names": 1,
  "security_cells": 2,
  "data_bytes": 20220,
  "depth": 3
}
END
same wanted out
cp "$hives/dirty" .
for command in 'ls dirty' 'get dirty K' 'export dirty' 'diff dirty dirty'; do
    # shellcheck disable=SC2086
    run 4 ht $command
    says out
    grep -c '^hivetool: dirty: ' err >n_lines || fail "no message on $command"
    says n_lines 1
done
# What can be said of a hive with a defect, then the defect.
cp "$abs_srcdir/fixtures/malformed/wrong-parent" .
run 3 ht info wrong-parent
says out 'kind              ordinary' 'version           1.5' 'sequence1         1' \
    'sequence2         1' 'dirty             no' 'written           2022-05-07T00:00:00Z' \
    'file_name         malformed' 'file_bytes        8192' 'bins_bytes        4096' \
    'root_key          ROOT'
grep -c '^hivetool: wrong-parent: key at 0x[0-9a-f]*: ' err >n_lines
says n_lines 1
run 2 ht info --format=reg "$hives/small"
