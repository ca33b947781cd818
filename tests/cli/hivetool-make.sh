#!/bin/sh
# hivetool new and delta: hives made from nothing.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'

# new
run 0 ht new -o Some.hive
says out
says err
run 0 ht info Some.hive
says out 'kind              ordinary' 'version           1.5' 'sequence1         1' \
    'sequence2         1' 'dirty             no' 'written           1601-01-01T00:00:00Z' \
    'file_name         Some.hive' 'file_bytes        8192' 'bins_bytes        4096' \
    'root_key          ROOT' 'keys              1' 'values            0' \
    'key_tombstones    0' 'value_tombstones  0' 'big_data_values   0' 'class_names       0' \
    'security_cells    1' 'data_bytes        0' 'depth             0'
run 2 ht new Other.hive
says err 'hivetool: new: the hive to write is said with -o: -o Other.hive' "hivetool: see 'hivetool new --help'"
mkdir folder
run 0 ht new -o folder/Some.hive
same_bytes Some.hive folder/Some.hive
run 0 ht new --name=Some.hive --kind=ordinary -o other
same_bytes Some.hive other
SOURCE_DATE_EPOCH=1000000000
export SOURCE_DATE_EPOCH
run 0 ht new -o timed
run 0 ht info timed
grep '^written ' out >line
says line 'written           2001-09-09T01:46:40Z'
unset SOURCE_DATE_EPOCH
run 0 ht new --kind=differencing --name=Software_Delta -o layer
run 0 ht info layer
head -n 2 out >lines
says lines 'kind              differencing' 'version           1.6'
run 2 ht new
head -n 1 err >first
says first "hivetool: new: -o OUT is needed"
run 2 ht new --kind=strange -o x
run 2 ht new --name="$(printf '\344')" -o x
[ ! -e x ] || fail "x was written"

# delta
printf 'REGEDIT4\n\n[%s\\Keep\\Sub]\n"a"="1"\n"b"="2"\n\n[%s\\Gone\\Sub]\n@="x"\n\n[%s\\Other]\n' \
    "$root" "$root" "$root" >old.reg
printf 'REGEDIT4\n\n[%s\\Keep\\Sub]\n"a"=-\n"b"="3"\n\n[-%s\\Gone]\n\n[%s\\New]\n"n"=dword:1\n' \
    "$root" "$root" "$root" >new.reg
run 0 ht new --name=SOFTWARE -o fresh
run 0 ht apply -q -o old fresh old.reg
run 0 ht apply -q -o new old new.reg
run 0 ht delta -o Software_Delta old new
says out
says err "hivetool: Software_Delta: 1 key created, 2 keys deleted, 1 value added, 1 value changed, 2 values deleted"
run 0 ht info Software_Delta
grep -e ^kind -e ^file_name -e ^keys -e tombstones out >lines
says lines 'kind              differencing' 'file_name         Software_Delta' \
    'keys              5' 'key_tombstones    1' 'value_tombstones  1'
# Nothing but what changed, and the way there.
run 0 ht ls -r Software_Delta
sort out >sorted
says sorted 'Gone\  deleted' 'Keep\' 'Keep\Sub\' 'Keep\Sub\"a"  deleted' 'Keep\Sub\"b"  sz "3"' \
    'New\' 'New\"n"  dword 0x00000001 (1)'
run 1 ht get Software_Delta 'Keep\Sub' a
run 0 ht delta --file-name=Software_Delta -o other old new
same_bytes Software_Delta other
run 0 ht delta -q -o other old new
says err
# No change: the root key alone.
run 0 ht delta -o same_Delta old old
says err "hivetool: same_Delta: no difference, the root key alone"
run 0 ht ls -r same_Delta
says out
run 2 ht delta old new
head -n 1 err >first
says first "hivetool: delta: -o DELTA is needed"
run 2 ht delta -o old old new
run 4 ht delta -o x Software_Delta new
says err "hivetool: Software_Delta: is a differencing hive, which means something only above its base"
[ ! -e x ] || fail "x was written"
# What is done with ordinary hives is refused.
for command in 'apply -n' verify; do
    # shellcheck disable=SC2086
    run 4 ht $command Software_Delta old.reg
    says out
done
