#!/bin/sh
# The how-to pages: every "sh" block that is not marked norun is run, page by page, in order, in one
# shell; a "text" block after it is its output, whole.
. "${abs_srcdir:?}/tests/lib.sh"

PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3"

# As their users have them: by name.
mkdir programs
for name in hivetool layerpack; do
    printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$TEST_WRAPPER" "$abs_builddir/$name/$name" \
        >"programs/$name"
done
chmod +x programs/*
PATH=$tmp/programs:$PATH

# A script of the page's blocks; each writes to out.N, and what it must write is in text.N.
cat >blocks.py <<'END'
import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    blocks = re.findall(r"^```(.*)\n((?:(?!```).*\n)*)```$", file.read(), re.M)
with open("script", "w", encoding="utf-8") as script:
    script.write("set -eu\n")
    number, pending = 0, False
    for kind, text in blocks + [("end", "")]:
        if pending:
            with open("text.%d" % number, "w", encoding="utf-8") as wanted:
                wanted.write(text if kind == "text" else "")
        elif kind == "text":
            sys.exit("a text block without a block that prints it: " + text)
        pending = kind == "sh"
        if pending:
            number += 1
            script.write("exec >out.%d 2>&1\n%s" % (number, text))
print(number)
END

# What pages with git need of the one who sits there.
HIVES=$abs_srcdir/fixtures/hives
HOME=$tmp
unset MAKEFLAGS MAKELEVEL MFLAGS
GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com
export HIVES HOME GIT_CONFIG_NOSYSTEM GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
GIT_PAGER='cat'
export GIT_PAGER

pages='cookbook pause-image hostprocess-image all-versions dockerfile run image-files reg-lines ci'
if command -v git >/dev/null; then
    pages="$pages git"
else
    unproven "git is not installed" "what docs/git.md shows"
fi
for page in $pages; do
    mkdir "$page"
    cd "$page"
    # What the blocks that cannot be run would have made.
    "$PYTHON3" -S "$abs_srcdir/tests/interop/make-image.py" nanoserver nanoserver >name
    for name in pause hello app; do
        echo 'not a program' >"$name.exe"
    done
    "$PYTHON3" -S ../blocks.py "$abs_srcdir/docs/$page.md" >number
    number=$(cat number)
    [ "$number" -gt 1 ] || fail "$page: $number blocks to run"
    status=0
    sh script || status=$?
    i=0
    while [ "$i" -lt "$number" ]; do
        i=$((i + 1))
        [ -f "out.$i" ] || fail "$page: block $i was not reached, status $status"
        sed 's/sha256:[0-9a-f]\{64\}/sha256:…/g' "out.$i" >found
        diff -u "text.$i" found >&2 || fail "$page: block $i prints something else"
    done
    [ "$status" -eq 0 ] || fail "$page: block $i ends with status $status"
    cd ..
done
