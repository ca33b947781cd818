#!/bin/sh
# The layers inside our images, read by GNU tar, bsdtar and Python's tarfile: the same names, and the
# records of Windows.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program tar bsdtar gzip "$PYTHON3"
build_images

cat >records.py <<'END'
import sys
import tarfile

with tarfile.open(sys.argv[1]) as layer:
    for member in layer:
        kind = "16" if member.isdir() else "32"
        records = member.pax_headers
        wanted = ["LIBARCHIVE.creationtime", "MSWINDOWS.fileattr", "MSWINDOWS.rawsd"]
        if sorted(records) != wanted or records["MSWINDOWS.fileattr"] != kind:
            print(member.name, records)
        if (member.mtime, member.uid, member.gid, member.uname + member.gname) != (
                1700000000, 0, 0, ""):
            print(member.name, member.mtime, member.uid, member.gid)
END

# listed IMAGE INDEX NAME...: the layer has exactly these entries, in order, by all three.
listed() {
    operand=$1
    index=$2
    shift 2
    printf '%s\n' "$@" >wanted
    digest=$(image layers "$operand" | sed -n "$((index + 1))s/^sha256:\([0-9a-f]*\).*/\1/p")
    folder=${operand#oci:}
    layer=${folder%%:*}/blobs/sha256/$digest
    gzip -t <"$layer"
    tar -tzf "$layer" 2>tar-notes >found
    same wanted found
    bsdtar -tf "$layer" >found
    same wanted found
    image names "$operand" "$index" >found
    same wanted found
    "$PYTHON3" -S records.py "$layer" >found
    says found
}

listed oci:pause:3.9 1 Files Hives Hives/DefaultUser_Delta Hives/Sam_Delta \
    Hives/Security_Delta Hives/Software_Delta Hives/System_Delta Files/pause.exe
listed oci:hello:1 0 Files Files/Windows Files/Windows/System32 Files/Windows/System32/config \
    Files/Windows/System32/config/DEFAULT Files/Windows/System32/config/SAM \
    Files/Windows/System32/config/SECURITY Files/Windows/System32/config/SOFTWARE \
    Files/Windows/System32/config/SYSTEM Files/hello.exe

# A folder of files: names with every kind of letter, long ones, empty folders.
mkdir -p tree/sub/empty "tree/$(printf '%0120d' 0)"
echo content >"tree/$(printf '%0120d' 0)/ünïcode 中"
echo content >tree/sub/file
: >tree/sub/none
run 0 lp build --quiet --from oci:base:ltsc2022 --add tree='C:\app' --to oci:added:1
sound oci:added:1
digest=$(image layers oci:added:1 | sed -n '2s/^sha256:\([0-9a-f]*\).*/\1/p')
mkdir gnu bsd
tar -xzf "added/blobs/sha256/$digest" -C gnu 2>tar-notes || fail "GNU tar: $(cat tar-notes)"
bsdtar -xf "added/blobs/sha256/$digest" -C bsd
diff -r tree gnu/Files/app >&2 || fail "GNU tar unpacks other files"
diff -r gnu bsd >&2 || fail "bsdtar unpacks other files than GNU tar"

# The archives are plain tars that all three read alike, but for the slash after a folder's name.
for archive in pause.tar pause-docker.tar hello.tar hello-docker.tar; do
    tar -tf "$archive" | sed 's|/$||' >wanted
    bsdtar -tf "$archive" | sed 's|/$||' >found
    same wanted found
    "$PYTHON3" -S -c 'import sys, tarfile
for member in tarfile.open(sys.argv[1], "r:"):
    print(member.name)' "$archive" >found
    same wanted found
done
