#!/bin/sh
# tests/dockerfile: one Dockerfile for each form that public Windows Dockerfiles have, and what
# becomes of it: "built", or "refused" with the status and the line. The list may only grow.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
# The order of the list.
LC_ALL=C
export LC_ALL
fixtures=$abs_srcdir/tests/dockerfile

make_image nanoserver base --links none >name
# What the Dockerfiles copy: the texts that are kept, and what only has the names of programs.
cp -R "$fixtures/context" context
chmod -R u+w context
mkdir context/bin
for name in app.exe bin/tool.exe; do
    echo 'not a program' >"context/$name"
done
echo 'not a library' >context/bin/tool.dll
digest=sha256:0000000000000000000000000000000000000000000000000000000000000000
windows=mcr.microsoft.com/windows
cp "$fixtures"/*.dockerfile .
for file in *.dockerfile; do
    name=${file%.dockerfile}
    status=0
    lp build -q -f "$file" --build-arg BASE=$windows/nanoserver:ltsc2022 \
        --build-context $windows/nanoserver:ltsc2022=oci:base:ltsc2022 \
        --build-context $windows/servercore:ltsc2022=oci:base:ltsc2022 \
        --build-context "$windows/nanoserver@$digest=oci:base:ltsc2022" \
        --build-context "prebuilt=context" --to "oci:img:$name" context \
        >out 2>err || status=$?
    if [ "$status" -eq 0 ]; then
        echo "$name: built"
        # (the same bytes in both builds, and one has them verified)
        sanitized || lp verify "oci:img:$name" >verified 2>&1 || fail "$name: $(cat verified)"
    else
        # One line, which says where, and perhaps one on what to read. By the shell, which need not be started.
        where='' hint='' rest=''
        {
            IFS= read -r where
            IFS= read -r hint || :
            IFS= read -r rest || :
        } <err || fail "$name: $(cat err)"
        case $hint in '' | "layerpack: see '"*) ;; *) fail "$name: $(cat err)" ;; esac
        [ -z "$rest" ] || fail "$name: $(cat err)"
        line=${where#"layerpack: $file:"}
        line=${line%%: *}
        case $line in '' | *[!0-9]*) fail "$name: $(cat err)" ;; esac
        echo "$name: refused at line $line, status $status"
    fi
done >found
same "$fixtures/list" found
[ "$(wc -l <found)" -ge 40 ] || fail "the list has become shorter"
