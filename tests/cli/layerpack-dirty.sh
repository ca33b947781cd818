#!/bin/sh
# Hives with transaction logs beside them as inputs of layerpack create.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
SOURCE_DATE_EPOCH=1651881600
export SOURCE_DATE_EPOCH
dirty=$abs_srcdir/fixtures/dirty
cp "$dirty/dirty-old" "$dirty/dirty-old.LOG1" "$dirty/dirty-new" .

cat >patch.reg <<'EOF'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\New]
"a"="b"
EOF
run 0 ht apply --root='HKLM\SOFTWARE' -o base "$hives/small" patch.reg
run 0 lp create --base SOFTWARE=base --changed SOFTWARE="$hives/small" -o wanted.tar
cp err counts

# Replayed, it is "small".
run 0 lp create --base SOFTWARE=base --changed SOFTWARE=dirty-old -o made.tar
echo "layerpack: dirty-old: dirty, replayed in memory: 72 pages from dirty-old.LOG1" >wanted
cat counts >>wanted
same wanted err
same_bytes wanted.tar made.tar

run 0 lp create --form=full --changed SOFTWARE=dirty-old -o made.tar
says err "layerpack: dirty-old: dirty, replayed in memory: 72 pages from dirty-old.LOG1"
run 0 tar -xf made.tar Files/Windows/System32/config/SOFTWARE
run 0 ht info Files/Windows/System32/config/SOFTWARE
grep -x 'dirty             no' out >found

rm made.tar
run 4 lp create --no-logs --form=full --changed SOFTWARE=dirty-old -o made.tar
says err "layerpack: dirty-old: the hive is dirty (sequence numbers 7 and 6): changes are still in its transaction logs"
run 4 lp create --form=full --changed SOFTWARE=dirty-new -o made.tar
says err "layerpack: dirty-new: the hive is dirty and there is no transaction log (--ignore-dirty reads it as it stands)"
[ ! -e made.tar ] || fail "a refusal left a file"

run 0 lp create --ignore-dirty --form=full --changed SOFTWARE=dirty-new -o made.tar
says err "layerpack: dirty-new: dirty, read as it stands"
same_bytes "$dirty/dirty-new" dirty-new
