#!/bin/sh
# What skopeo is asked: with a program in its place that notes its arguments and fails.
. "${abs_srcdir:?}/tests/lib.sh"
XDG_CACHE_HOME=$tmp/cache
export XDG_CACHE_HOME

mkdir programs
cat >programs/skopeo <<END
#!/bin/sh
case \$1 in
--version) echo 'skopeo version 1.9.3' ;;
*) echo "\$*" >>'$tmp/asked'; exit 1 ;;
esac
END
chmod +x programs/skopeo

# asked NAME WORDS: what is asked first for docker://NAME.
asked() {
    rm -f asked
    run 5 env PATH="$tmp/programs:$PATH" "$abs_builddir/layerpack/layerpack" index ls "docker://$1"
    head -n 1 asked >found
    says found "$2 docker://$1"
}

# Only this machine is talked to without TLS, and nobody whose name begins as its.
for name in localhost/a:1 localhost:5000/a:1 127.0.0.1/a:1 127.0.0.1:5000/a:1; do
    asked "$name" 'inspect --raw --tls-verify=false'
done
for name in localhost.example.com/a:1 localhost.example.com:5000/a:1 localhosts/a:1 127.example.com/a:1 \
    127.0.0.1.example.com/a:1 example.com/localhost/a:1 a:1; do
    asked "$name" 'inspect --raw'
done

# Of layers of which one cannot be fetched and one is damaged, the good ones are listed, and the status is the
# worst. What a registry that does not answer has is not damaged.
mkdir app
echo one >app/a
run 0 lp scratch --quiet --add app=/one --to oci:img:1
run 0 lp build --quiet --from oci:img:1 --add app=/two --to oci:img:2
run 0 lp build --quiet --from oci:img:2 --add app=/three --to oci:img:3
run 0 lp ls oci:img:3
manifest=$(sed -n 's/^manifest *//p' out)
sed -n 's/^layer [0-9]* *sha256:\([0-9a-f]*\),.*/\1/p' out >layers
rm -rf cache/layerpack
mkdir -p cache
cp -r img cache/layerpack
rm "cache/layerpack/blobs/sha256/$(sed -n 1p layers)"
bad=cache/layerpack/blobs/sha256/$(sed -n 2p layers)
chmod u+w "$bad"
tr '\000-\377' '\001-\377\000' <img/blobs/sha256/"$(sed -n 2p layers)" >"$bad"
# down STATUS OPTION...: ls of it.
down() {
    status=$1
    shift
    run "$status" env PATH="$tmp/programs:$PATH" "$abs_builddir/layerpack/layerpack" ls "$@" \
        "docker://example.com/img@$manifest"
}
down 5
grep -c '^layer ' out >found
grep -o '^  \(not read\|damaged\|missing\)' out >>found
says found 3 '  not read' '  damaged'
down 5 -l
grep 'Files/three/a' out >found
[ -s found ] || fail "the good layer is not listed: $(cat out)"
down 5 --format=csv
tr -d '\r' <out | grep -c ',$' >found
says found 1
down 5 -l --format=csv
grep -c '/three/a,' out >found
says found 1
rm -rf cache/layerpack

# What is copied to is gone when a signal has ended the program.
cat >programs/skopeo <<END
#!/bin/sh
case \$1 in
--version) echo 'skopeo version 1.9.3' ;;
*) kill -TERM "\$PPID" ;;
esac
END
ended=0
PATH="$tmp/programs:$PATH" "$abs_builddir/layerpack/layerpack" ls docker-daemon:a:1 >out 2>err || ended=$?
[ "$ended" -eq 143 ] || fail "it ended with $ended: $(cat err)"
ls cache/layerpack >found
says found blobs oci-layout

# dir: is a folder that is not there, or is empty, with or without a slash; nothing else is left.
run 0 lp scratch --to dir:plain
mkdir there
for folder in slash/ there/ "$tmp/whole//"; do
    run 0 lp scratch --to "dir:$folder"
    ls "$folder" >found
    ls plain >wanted
    same wanted found
done
run 5 lp scratch --to dir:none/at/all
says err 'layerpack: none/at/all: cannot make the folder: No such file or directory'
find . -name '.*.??????' >found
says found
