#!/bin/sh
# Hostile images in every command that reads images: the exact status, one line that names the
# place, nothing written beside what was asked for, in bounded memory. The images are made by
# tests/interop/hostile.py, each good but for one fault.
. "${abs_srcdir:?}/tests/lib.sh"

PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3" timeout

# name, status of ls, of verify, of what reads the registry, and what that says behind the operand;
# DIGEST stands for any digest. Statuses: 1 findings or not there, 3 malformed, 4 over a limit or not
# supported.
cat >table <<'END'
good                   0 0 0
name-dotdot            0 1 3 : layer 1: byte 54784: entry 'Files/../../../../evil-dotdot': the name has a '..'
name-dotdot-hive       0 1 3 : layer 1: byte 45056: entry 'Files/../Files/Windows/System32/config/SOFTWARE': the name has a '..'
name-absolute          0 1 3 : layer 1: byte 54784: entry '/evil-absolute': the name is absolute
name-backslash         0 1 3 : layer 1: byte 54784: entry 'Files\..\..\evil-backslash': the name has a backslash
link-out               0 1 3 : layer 1: byte 45056: entry 'Files/Windows/System32/config/SOFTWARE': is a hard link that leads out of the layer
link-absolute          0 1 3 : layer 1: byte 45056: 'Files/Windows/System32/config/SOFTWARE' is a hard link to 'etc/passwd', which is no file before it
link-self              0 1 3 : layer 1: byte 45056: 'Files/Windows/System32/config/SOFTWARE' is a hard link to 'Files/Windows/System32/config/SOFTWARE', which is no file before it
link-missing           0 1 3 : layer 1: byte 45056: 'Files/Windows/System32/config/SOFTWARE' is a hard link to 'Files/nothing', which is no file before it
link-loop              0 1 3 : layer 1: byte 35328: 'Files/Windows/System32/config/*' is a hard link to 'Files/Windows/System32/config/SOFTWARE', which is no file before it
symlink-out            0 1 3 : layer 1: byte 45056: entry 'Files/Windows/System32/config/SOFTWARE': has the name of a hive, but is no file
device                 0 1 3 : layer 1: byte 45056: entry 'Files/Windows/System32/config/SOFTWARE': has the name of a hive, but is no file
fifo                   0 1 3 : layer 1: byte 45056: entry 'Files/Windows/System32/config/SOFTWARE': has the name of a hive, but is no file
folder-hive            0 1 3 : layer 1: byte 45056: entry 'Files/Windows/System32/config/SOFTWARE': has the name of a hive, but is no file
duplicate              0 1 3 : layer 1: byte 54784: entry 'Files/Windows/System32/config/SOFTWARE': is there twice
duplicate-case         0 1 3 : layer 1: byte 54784: entry 'Files/Windows/System32/config/software': is there twice
duplicate-delta        0 1 3 : layer 2: byte 12800: entry 'Hives/SOFTWARE_DELTA': is there twice
not-a-hive             0 1 3 //SOFTWARE: not a registry hive: the signature "regf" is missing
empty-hive             0 1 3 //SOFTWARE: the file is empty, expected a registry hive
whole-delta            0 1 4 : layer 2: Hives/Software_Delta: is an ordinary hive, not a differencing hive
sparse                 0 1 4 : layer 1: decompresses to more than 2000 times its size
hive-too-large         3 1 4 : layer 1: byte 45056: entry 'Files/Windows/System32/config/SOFTWARE': larger than a hive can be
bomb-zstd              4 1 4 : layer 1: decompresses to more than 2000 times its size
truncated-gzip         3 1 3 : layer 1: cannot decompress after 0 bytes: *
truncated-zstd         3 1 3 : layer 1: cannot decompress after 0 bytes: *
truncated-tar          3 1 3 : layer 1: byte 50808: the tar is cut off inside an entry
media-type-lies        0 0 0
media-type-unknown     4 4 4 : manifest DIGEST: layer 1: 'application/x-unknown' is not the media type of a layer
wrong-layer-digest     3 1 3 : layer 1: blob DIGEST: its content has the digest DIGEST
wrong-layer-size       3 1 3 : layer 1: blob DIGEST has * bytes, its descriptor says *
wrong-diff-id          3 1 3 : layer 1: has the diff ID DIGEST, the config says DIGEST
wrong-manifest-digest  3 3 3 : blob DIGEST: has 403 bytes, its descriptor says 401
wrong-config-digest    3 3 3 : blob DIGEST: its content has the digest DIGEST
missing-blob           1 1 1 : layer 1: blob DIGEST is missing; copy the image again, with 'skopeo copy'
blob-symlink           3 3 3 : blobs/sha256/*: is a symbolic link, or below one or a file
blob-fifo              3 3 3 : blobs/sha256/*: is not a regular file
digest-traversal       3 3 3 : manifest DIGEST: layer 1: 'sha256:../../../../../../../etc/passwd' is not sha256: and 64 lower-case hexadecimal digits
digest-sha512          4 4 4 : manifest DIGEST: layer 1: only SHA-256 digests are supported, not 'sha512:*'
json-deep-config       4 4 4 : config DIGEST:1:87: too deep
json-deep-manifest     4 4 4 : manifest DIGEST:1:87: too deep
json-deep-index        4 4 4 : index.json:1:87: too deep
json-huge-index        4 4 4 : index.json: larger than the limit of 8388608 bytes
json-text              3 3 3 : manifest DIGEST:1:1: found 'n', expected a value
json-duplicate         3 3 3 : manifest DIGEST:1:*: found '"', expected no second member of this name
json-wrong-types       3 3 3 : manifest DIGEST: "layers": is not an array
size-negative          3 3 3 : manifest DIGEST: layer 1: "size": is not a whole number from 0 to 9223372036854775807
size-huge              3 3 3 : manifest DIGEST: layer 1: "size": is not a whole number from 0 to 9223372036854775807
index-self             3 3 3 : blob DIGEST: its content has the digest DIGEST
index-deep             3 3 3 : index DIGEST: more than 4 indexes in each other
layers-missing-diff-id 3 3 3 : config DIGEST: has 1 diff IDs, the manifest has 2 layers
layers-too-many        4 4 4 : manifest DIGEST: more than 127 layers
nul-in-text            3 3 3 : config DIGEST:1:77: found '"', expected no lone surrogate or NUL before this
not-windows            0 1 0
layout-version         4 4 4 : oci-layout: its version is '2.0.0', not 1.0.0
layout-missing         3 3 3 : oci-layout: is missing, so this is no OCI image layout
archive-same-name      3 3 3 : byte 56320: entry 'layer.tar': is there twice
archive-dotdot         3 3 3 : byte 0: entry '../../evil-archive': the name has a '..'
archive-link-out       3 3 3 : byte 0: entry 'layer.tar': is a link that leads out of the archive
archive-link-loop      3 3 3 : one: is a link to a link, and so on
archive-device         3 3 3 : byte 0: entry 'layer.tar': is neither a file nor a folder nor a link
archive-missing        3 3 3 : layer.tar: is missing
archive-truncated      3 3 3 : byte 30000: the tar is cut off inside an entry
archive-sparse         3 3 3 : byte 0: entry 'layer.tar': is a sparse file
END

# Two of the images come at the end: 400 MB of zeros in gzip take a while to be read and are not
# forbidden. All others are in the table.
mkdir -p work/images
cd work/images
"$PYTHON3" -S - "$abs_srcdir/tests/interop" <<'END' >../../operands
import sys

sys.path.insert(0, sys.argv[1])
import hostile
from hostilebase import IMAGES

for name in IMAGES:
    print(name, IMAGES[name](name))
END
cd ../..
cut -d ' ' -f 1 operands | grep -v -x -e bomb-gzip -e bomb-filler | sort >made
cut -d ' ' -f 1 table | sort >listed
same listed made
# In the order of the table.
awk 'NR == FNR { operand[$1] = $2; next } { print $1, operand[$1] }' operands table >ordered
cp "$abs_srcdir/fixtures/hives/empty" work/EMPTY

# A gigabyte of address space, where the program can live with that: sanitizers cannot.
limit=unlimited
# shellcheck disable=SC3045
if (ulimit -v 1000000 && lp --version) >out 2>err; then
    limit=1000000
fi

# read_image PROGRAM ARGUMENT...: in the folder of the images, where everything that must not be
# written would be.
read_image() {
    (
        cd work/images
        # shellcheck disable=SC3045
        ulimit -v "$limit"
        program=$abs_builddir/$1/$1
        shift
        # shellcheck disable=SC2086
        timeout 300 $TEST_WRAPPER "$program" "$@"
    )
}

(cd work && find . | sort) >before
[ ! -e /evil-absolute ] || fail "/evil-absolute is there already"

# told PROGRAM OPERAND TEXT: standard error is one line with the place; TEXT is a pattern.
told() {
    line='' rest=''
    { IFS= read -r line && ! IFS= read -r rest && [ -z "$rest" ]; } <err ||
        fail "more than one line for $2: $(cat err)"
    pattern=$3
    # Programs are started only for what the shell cannot do, since that is most of the time here.
    case $line in *sha256:*) line=$(sed 's/sha256:[0-9a-f]\{64\}/DIGEST/g' err) ;; esac
    # The backslashes of names are no part of the pattern.
    case $pattern in *[\\[]*) pattern=$(printf '%s' "$3" | sed 's/\\/\\\\/g;s/\[/\\[/g') ;; esac
    # shellcheck disable=SC2254
    case $line in
    "$1: $2"$pattern) ;;
    *) fail "instead of '$1: $2$3': $line" ;;
    esac
}

while read -r name ls_status verify_status status text; do
    read -r made operand <&3
    [ "$made" = "$name" ] || fail "$made is not $name"
    run "$ls_status" read_image layerpack ls "$operand"
    [ ! -s err ] || told layerpack "$operand" "$text"
    [ "$ls_status" -ne 0 ] || [ ! -s err ] || fail "ls $name has something to say"
    run "$verify_status" read_image layerpack verify "$operand"
    if [ "$verify_status" -eq 1 ]; then
        says err
        grep '^error: ' out >errors || fail "verify $name finds no error"
    elif [ "$verify_status" -ne 0 ]; then
        told layerpack "$operand" "$text"
    fi
    run "$status" read_image layerpack explain "$operand"
    [ "$status" -eq 0 ] || told layerpack "$operand" "$text"
    run "$status" read_image layerpack extract "$operand" SOFTWARE -o ../extracted
    [ "$status" -eq 0 ] || told layerpack "$operand" "$text"
    run "$status" read_image hivetool diff ../EMPTY "$operand//SOFTWARE"
    [ "$status" -eq 0 ] || told hivetool "$operand" "$text"
    if [ "$status" -eq 0 ]; then
        same_bytes work/EMPTY work/extracted/SOFTWARE
        rm -r work/extracted
    fi
    (cd work && find . | sort) >after
    same before after
done <table 3<ordered
[ ! -e /evil-absolute ] || fail "/evil-absolute was written"

# 400 MB that are no hive take no memory.
limit=$([ "$limit" = unlimited ] || echo 300000)
limit=${limit:-unlimited}
run 3 read_image layerpack extract oci:bomb-gzip SOFTWARE -o ../extracted
told layerpack oci:bomb-gzip '//SOFTWARE: not a registry hive: the signature "regf" is missing'
run 0 read_image layerpack extract oci:bomb-filler SOFTWARE -o ../extracted
same_bytes work/EMPTY work/extracted/SOFTWARE

# An archive that is no regular file, and what is named as another kind of image.
mkfifo work/images/fifo.tar
run 5 read_image layerpack ls oci-archive:fifo.tar
run 5 read_image layerpack explain docker-archive:fifo.tar
run 3 read_image layerpack ls oci-archive:archive-missing
run 2 read_image layerpack ls oci:
run 5 read_image layerpack verify oci:nowhere
