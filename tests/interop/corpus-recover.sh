#!/bin/sh
# Real dirty hives and their logs against what Windows made of them, and against counts that an
# independent reader took: ../shared/corpus/README.md.
. "${abs_srcdir:?}/tests/lib.sh"

needs_shared corpus/hives
needs_program sha256sum
hives=$shared/corpus/hives

# ends_with TEXT: the last line of the file out.
ends_with() {
    tail -n 1 out >found
    says found "$1"
}

# notes NAME...: what recover says, without the folder.
notes() {
    sed "s,$hives/[a-zA-Z0-9/]*/,," err >short
    says short "$@"
}

# New format, both logs: byte for byte what Windows 10 made.
dir=$hives/yarp/NewDirtyHive1
run 0 ht recover -o new "$dir/NewDirtyHive"
notes "hivetool: NewDirtyHive.LOG1: applied entry 2, 1 page" \
    "hivetool: NewDirtyHive.LOG2: applied 3 entries, 3 to 5, 3 pages"
same_bytes "$dir/RecoveredHive_Windows10" new
sha256sum new >sum
says sum "3f726f06d800b416a6c9bc857066e47aadb1c3afd296e872fc1b20ca811dcdcf  new"
run 1 ht diff --ignore=none --ignore-dirty "$dir/NewDirtyHive" new
ends_with "4 keys created, 4 keys deleted, 1 key changed, 1 value added, 2 values deleted"

# Old format. Windows 7 loaded the hive under another name and wrote it again, so that its file
# differs in the base block's numbers (4 to 11), time (12 to 19), name (48 to 83) and checksum (508
# to 511), in the first bin's copy of the time (4116 to 4123), and in one byte at 441800: the
# longest value name of key 4500, which Windows computed anew.
dir=$hives/yarp/OldDirtyHive
run 0 ht recover -o old "$dir/OldDirtyHive"
notes "hivetool: OldDirtyHive.LOG1: applied 64 pages" \
    "hivetool: OldDirtyHive.LOG2: not used: is empty"
cmp -l old "$dir/RecoveredHive_Windows7" >differs || true
awk '{
    at = $1 - 1
    if (!(at >= 4 && at < 20 || at >= 48 && at < 84 || at >= 508 && at < 512 ||
          at >= 4116 && at < 4124 || at == 441800))
        print at
}' differs >elsewhere
says elsewhere
run 0 ht diff --ignore=none old "$dir/RecoveredHive_Windows7"
run 1 ht diff --ignore=none --ignore-dirty "$dir/OldDirtyHive" old
ends_with "1 key created, 1 key deleted, 3 keys changed, 1 value added"

# A log whose base block is damaged.
dir=$hives/yarp/BadLogHive1
run 3 ht recover -o bad "$dir/BadLogHive"
notes "hivetool: BadLogHive: the hive is dirty and no transaction log fits: $dir/BadLogHive.LOG1: the checksum of its base block is wrong; $dir/BadLogHive.LOG2: is empty"
[ ! -e bad ] || fail "a refusal left a file"
run 4 ht ls "$dir/BadLogHive"
says out

# An older log beside the one that fits; the hive grows. And logs that start later than the hive.
run 0 ht recover -o ntuser "$hives/regipy/transactions_NTUSER.DAT"
notes "hivetool: transactions_ntuser.dat.log1: applied 23 entries, 566 to 588, 132 pages" \
    "hivetool: transactions_ntuser.dat.log2: not used: its last entry, 562, is before the hive's number 566"
run 1 ht diff --ignore=none --ignore-dirty "$hives/regipy/transactions_NTUSER.DAT" ntuser
ends_with "521 keys created, 6 keys deleted, 171 keys changed, 595 values added, 128 values changed, 19 values deleted"
run 0 ht recover -o usrclass "$hives/regipy/UsrClass.dat"
notes "hivetool: UsrClass.dat: the logs start at 287, the hive needs 255" \
    "hivetool: UsrClass.dat.LOG1: applied 4 entries, 287 to 290, 53 pages" \
    "hivetool: UsrClass.dat.LOG2: applied 10 entries, 291 to 300, 105 pages"
run 1 ht diff --ignore=none --ignore-dirty "$hives/regipy/UsrClass.dat" usrclass
ends_with "33 keys created, 21 keys changed, 162 values added, 21 values changed"
run 0 ht digest "$hives/regipy/UsrClass.dat"
notes "hivetool: UsrClass.dat: dirty, replayed in memory: 4 log entries (53 pages) from UsrClass.dat.LOG1, 10 log entries (105 pages) from UsrClass.dat.LOG2; the logs start at 287, the hive needs 255"

# The same logs beside another dirty hive.
mkdir other
cp "$hives/regipy/transactions_NTUSER.DAT" other/hive
cp "$hives/regipy/UsrClass.dat.LOG1" other/hive.LOG1
cp "$hives/regipy/UsrClass.dat.LOG2" other/hive.LOG2
run 4 ht ls other/hive
says out
grep -F 'other/hive.LOG1: belongs to another hive: ' err >found

# Dirty, and no logs.
for file in NTUSER_BAGMRU.DAT amcache.hve; do
    run 4 ht ls "$hives/regipy/$file"
    run 0 ht --quiet --ignore-dirty ls "$hives/regipy/$file"
done
