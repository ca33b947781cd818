#!/bin/sh
# What cannot be written to standard output is status 5 and one line, of every command that prints;
# who closed a pipe is told by the status alone.
. "${abs_srcdir:?}/tests/lib.sh"

[ -c /dev/full ] || skip '/dev/full is not here'
hives=$abs_srcdir/fixtures/hives
golden=$abs_srcdir/fixtures/golden
export XDG_CACHE_HOME="$tmp/cache"
printf '%s\n' 'Windows Registry Editor Version 5.00' '[HKEY_LOCAL_MACHINE\SOFTWARE\New]' '"n"=dword:1' >p.reg
printf 'FROM scratch\nRUN reg add HKLM\\SOFTWARE\\K /f\n' >Dockerfile
printf '%s\n' 'REGEDIT4' '[-HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]' >key.reg
run 0 ht apply -q --engine=hivex -o without "$hives/SOFTWARE" key.reg
run 0 lp -q scratch --to=oci:img
cp "$hives/SOFTWARE" "$hives/small" .

# A line for each command: what makes it print. A command that prints nothing has a line too: "none".
cat >hivetool.lines <<END
apply -n SOFTWARE p.reg
browse none
check SOFTWARE
cp -n small Alpha Copy
deleted without
delta none
diff SOFTWARE without
diff --format=json SOFTWARE without
diff --format=html SOFTWARE without
digest SOFTWARE
export SOFTWARE
export --format=json SOFTWARE
find -i o SOFTWARE
find --format=csv -i o SOFTWARE
fmt p.reg
get --format=json SOFTWARE Microsoft
golden check SOFTWARE without
help
info SOFTWARE
info --format=json SOFTWARE without
lint --list-rules
lint --format=json p.reg
ls -r SOFTWARE
merge none
mkkey -n small New
mv -n small Alpha Moved
new none
rebuild --salvage --format=json -o saved SOFTWARE
recover none
rm -rn small Alpha
set -n small Alpha v d
textconv SOFTWARE
timeline SOFTWARE
verify SOFTWARE p.reg
verify --format=junit SOFTWARE p.reg
END
cat >layerpack.lines <<END
build --list-runs -f Dockerfile
cache ls
create none
diff oci:img $golden/layer.tar
explain $golden/layer.tar
explain --format=html oci:img
extract -o extracted oci:img
help
index ls oci:img
ls $golden/layer.tar
ls --format=json oci:img
scratch none
verify oci:img
verify --format=sarif oci:img
END

for program in hivetool layerpack; do
    # No command is forgotten.
    "$abs_builddir/$program/$program" __complete bash "$program " >words || fail "no completion"
    sed -n 's/^=//p' words | LC_ALL=C sort -u >wanted
    sed 's/ .*//' $program.lines | LC_ALL=C sort -u >tried
    same wanted tried
    while read -r command arguments; do
        [ "$arguments" != none ] || continue
        # shellcheck disable=SC2086
        "$abs_builddir/$program/$program" "$command" $arguments >out 2>err || [ $? -eq 1 ] ||
            fail "$program $command $arguments: $(cat err)"
        [ -s out ] || continue
        status=0
        # shellcheck disable=SC2086
        "$abs_builddir/$program/$program" -q "$command" $arguments >/dev/full 2>err || status=$?
        [ "$status" -eq 5 ] || fail "$program $command $arguments: status $status"
        sed 's/ (written before: [^)]*)$//' err >said
        says said "$program: standard output: cannot write: No space left on device"
        rm -rf saved extracted
    done <$program.lines
done
