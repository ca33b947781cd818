#!/bin/sh
# Several that write one name in a registry at once: none is lost, and who came in between is told.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program skopeo docker-registry flock "$PYTHON3"

. "$abs_srcdir/tests/interop/registry-lib.sh"
start_registry 'log:
  accesslog:
    disabled: true'
run 0 lp scratch --quiet --to oci:base
name=$at/app:1

# member VERSION COMMAND...: an image of that version joins the index by that command.
member() {
    version=$1
    shift
    "$@" build --quiet --lock-timeout 300 --index --from oci:base --os-version "$version" --to "$name"
}
entries() {
    lp index ls "$name" | sed 's/^[^ ]*  \([^ ]*\).*/\1/' | LC_ALL=C sort
}

jobs=
for n in 1 2 3 4; do
    member "10.0.$n.1" "$abs_builddir/layerpack/layerpack" >"out.$n" 2>"err.$n" &
    jobs="$jobs $!"
done
for job in $jobs; do
    wait "$job" || fail "one of several writers fails: $(cat err.*)"
done
entries >found
says found windows/amd64:10.0.1.1 windows/amd64:10.0.2.1 windows/amd64:10.0.3.1 windows/amd64:10.0.4.1

# with_other WHEN: a skopeo in whose way somebody else, who does not know our lock, writes the same name
# once: before the name is looked at for the last time, or after ours was written.
real=$(command -v skopeo)
mkdir programs
with_other() {
    rm -f came looks
    cat >programs/skopeo <<END
#!/bin/sh
other() {
    [ -e '$tmp/came' ] && return
    : >'$tmp/came'
    '$real' copy -q --preserve-digests --all --dest-tls-verify=false --src-tls-verify=false '$at/other:1' '$name'
}
case \$* in
*inspect*--raw*"$name"*)
    echo >>'$tmp/looks'
    [ '$1' = before ] && [ \$(wc -l <'$tmp/looks') -eq 2 ] && other
    exec '$real' "\$@" ;;
*copy*dir:*"$name"*)
    '$real' "\$@" || exit
    [ '$1' = after ] && other
    exit 0 ;;
esac
exec '$real' "\$@"
END
    chmod +x programs/skopeo
}
aside() {
    PATH="$tmp/programs:$PATH" "$abs_builddir/layerpack/layerpack" "$@"
}
run 0 sk copy -q --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false "$name" "$at/other:1"
run 0 lp build --quiet --index --from oci:base --os-version 10.0.9.1 --to "$at/other:1"
with_other before
run 0 member 10.0.5.1 aside
[ -e came ] || fail "nobody came before"
entries >found
says found windows/amd64:10.0.1.1 windows/amd64:10.0.2.1 windows/amd64:10.0.3.1 windows/amd64:10.0.4.1 \
    windows/amd64:10.0.5.1 windows/amd64:10.0.9.1
with_other after
run 6 member 10.0.6.1 aside
[ -e came ] || fail "nobody came after"
sed 's/sha256:[0-9a-f]*/…/g' err >found
says found "layerpack: $name: somebody else wrote it at the same time: it leads to … now, and … was written; run it again"
run 0 member 10.0.6.1 lp
entries >found
grep -c . found >number
says number 6

# --- what helps on ---

run 1 lp ls "$at/app:ltsc2022"
sed 's/.*; //' err >found
says found 'there is: 1'
run 0 sk copy -q --all --src-tls-verify=false --dest-tls-verify=false "$name" "$at/app:ltsc2022"
run 1 lp ls "$at/app:ltsc2o22"
sed 's/.*; //' err >found
says found 'the nearest of its tags is ltsc2022'
kill_registry
run 5 lp ls "$name"
sed 's/.*; //; s/sha256:[0-9a-f]*/…/' err >found
says found "what it was last is in the cache: $at/app@…"
run 0 lp index ls "$(sed 's/.* //' err)"

# What programs that were killed have left goes with the next one; of those that run nothing does.
cache=$XDG_CACHE_HOME/layerpack
mkdir "$cache/push-left" "$cache/copy-used" "$cache/push-young"
touch -d '2 minutes ago' "$cache/push-left" "$cache/copy-used"
run 5 flock "$cache/copy-used" "$abs_builddir/layerpack/layerpack" build --quiet --from oci:base --author x \
    --to "$name"
ls "$cache" >found
says found blobs copy-used index.json locks oci-layout push-young
