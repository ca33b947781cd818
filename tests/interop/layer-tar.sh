#!/bin/sh
# Layers read by other people's tools: GNU tar, bsdtar and Python's tarfile list them alike, and
# tarfile sees the PAX records that libarchive and GNU tar leave out.
. "${abs_srcdir:?}/tests/lib.sh"

PYTHON3=${PYTHON3:-python3}
needs_program tar bsdtar gzip "$PYTHON3"
hives=$abs_srcdir/fixtures/hives
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

cat >list.py <<'END'
import datetime
import sys
import tarfile

# r: no transparent choice; a tar that is plain is read as such.
with tarfile.open(sys.argv[2]) as layer:
    for member in layer:
        if sys.argv[1] == "names":
            print(member.name)
        elif sys.argv[1] == "sizes":
            print(member.name, member.size, member.mtime)
        else:
            print(member.name, member.type.decode(), "%07o" % member.mode, member.uid, member.gid,
                  "'%s' '%s'" % (member.uname, member.gname))
            for key, value in member.pax_headers.items():
                print("   ", key, value)
END

run 0 lp create --quiet --base "sam=$hives/empty" --changed "sam=$hives/empty" -o layer.tar
run 0 lp create --quiet --base "sam=$hives/empty" --changed "sam=$hives/empty" -o layer.tar.gz
run 0 lp create --quiet --form=full --changed "system=$hives/SYSTEM" -o full.tar

gzip -t layer.tar.gz
gzip -dc layer.tar.gz >plain.tar
same_bytes layer.tar plain.tar

# names LAYER NAME...
names() {
    layer=$1
    shift
    printf '%s\n' "$@" >wanted
    "$PYTHON3" -S list.py names "$layer" >found
    same wanted found
    # Folders get a slash from GNU tar only where the archive has one; it complains of the records.
    tar -tf "$layer" 2>tar-notes >found
    same wanted found
    bsdtar -tf "$layer" >found
    same wanted found
}

names layer.tar Files Hives Hives/DefaultUser_Delta Hives/Sam_Delta Hives/Security_Delta \
    Hives/Software_Delta Hives/System_Delta
names layer.tar.gz Files Hives Hives/DefaultUser_Delta Hives/Sam_Delta Hives/Security_Delta \
    Hives/Software_Delta Hives/System_Delta
names full.tar Files Files/Windows Files/Windows/System32 Files/Windows/System32/config Hives \
    Files/Windows/System32/config/SYSTEM

# Owners, modes and records. The descriptors are those that BuildKit writes on Linux:
# docs/FORMATS.md, "Layers".
folder='AQAEgBQAAAAkAAAAAAAAADAAAAABAgAAAAAABSAAAAAgAgAAAQEAAAAAAAUSAAAAAgCoAAcAAAAAAxgA/wEfAAECAAAAAAAFIAAAACACAAAAAxQA/wEfAAEBAAAAAAAFEgAAAAAAGAD/AR8AAQIAAAAAAAUgAAAAIAIAAAALFAAAAAAQAQEAAAAAAAMAAAAAAAMYAKkAEgABAgAAAAAABSAAAAAhAgAAAAIYAAQAAAABAgAAAAAABSAAAAAhAgAAAAIYAAIAAAABAgAAAAAABSAAAAAhAgAA'
file='AQAEgBQAAAAkAAAAAAAAADAAAAABAgAAAAAABSAAAAAgAgAAAQEAAAAAAAUSAAAAAgBMAAMAAAAAABgA/wEfAAECAAAAAAAFIAAAACACAAAAABQA/wEfAAEBAAAAAAAFEgAAAAAAGACpABIAAQIAAAAAAAUgAAAAIQIAAA=='
for name in Files Hives; do
    echo "$name 5 0040755 0 0 '' ''"
    echo "    LIBARCHIVE.creationtime 1700000000"
    echo "    MSWINDOWS.fileattr 16"
    echo "    MSWINDOWS.rawsd $folder"
done >wanted
for name in DefaultUser Sam Security Software System; do
    echo "Hives/${name}_Delta 0 0100644 0 0 '' ''"
    echo "    LIBARCHIVE.creationtime 1700000000"
    echo "    MSWINDOWS.fileattr 32"
    echo "    MSWINDOWS.rawsd $file"
done >>wanted
"$PYTHON3" -S list.py all layer.tar >found
same wanted found

# Sizes and times, as GNU tar and tarfile see them.
"$PYTHON3" -S list.py sizes full.tar >wanted
tar --full-time -tvf full.tar 2>tar-notes | sed 's/  */ /g' | while read -r _ _ size day time name; do
    echo "$name $size $(date -u -d "$day $time" +%s)"
done >sizes
same wanted sizes

# Content.
tar -xOf full.tar Files/Windows/System32/config/SYSTEM 2>tar-notes >content
same_bytes "$hives/SYSTEM" content
bsdtar -xOf full.tar Files/Windows/System32/config/SYSTEM >content
same_bytes "$hives/SYSTEM" content

# Nothing but two zero blocks after the last entry.
tail -c 1024 layer.tar | tr -d '\0' >end
says end
"$PYTHON3" -S -c 'import sys, tarfile
with tarfile.open(sys.argv[1]) as layer:
    last = layer.getmembers()[-1]
print(last.offset_data + (last.size + 511) // 512 * 512 + 1024)' layer.tar >size
wc -c <layer.tar >wanted
same wanted size

# And the other way: what other tools write is read. bsdtar gives folders a slash.
mkdir -p Files Hives
for name in DefaultUser Sam Security Software System; do
    tar -xf layer.tar "Hives/${name}_Delta" 2>tar-notes
done
for format in gnu ustar pax; do
    tar --format="$format" -cf other.tar Files Hives
    run 0 lp verify other.tar
    tail -n 1 out >last
    says last "ok: 7 entries"
    bsdtar --format="${format}tar" -cf other.tar Files Hives 2>bsdtar-notes ||
        bsdtar --format="$format" -cf other.tar Files Hives
    run 0 lp verify other.tar
    tail -n 1 out >last
    says last "ok: 7 entries"
done
# Long names, sparse files and links in every form.
long=Files/$(printf '%0120d' 0)
mkdir "$long"
truncate -s 1M "$long/sparse"
echo x | dd of="$long/sparse" bs=1 seek=700000 conv=notrunc 2>dd-notes
echo content >"$long/ü"
ln "$long/ü" "$long/hard"
ln -s "../$(printf '%0120d' 1)" "$long/symbolic"
for options in --format=gnu --format=pax "--format=gnu -S" "--format=pax -S" \
    "--format=pax -S --sparse-version=0.0" "--format=pax -S --sparse-version=0.1"; do
    # shellcheck disable=SC2086
    tar $options -cf other.tar Files Hives
    if [ "$options" = "--format=gnu -S" ]; then
        # The importer reads the content of files of type 0 only.
        run 1 lp verify other.tar
        grep '^error: ' out >found
        says found "error: $long/sparse: is of the tar type 'S', of which the importer does not read the content (go-winio backuptar/tar.go)"
    else
        run 0 lp verify other.tar
        tail -n 1 out >last
        says last "ok: 12 entries"
    fi
    run 0 lp ls other.tar
    tar -tf other.tar | sed 's|/$||' | sort >wanted
    sed 's/ (.*//; s/ -> .*//; s/^. [0-9]* *[0-9]* - //; s|/$||' out | sort >found
    # GNU tar writes what is not ASCII in octal.
    sed -i 's/\\303\\274/ü/' wanted
    same wanted found
done

# A hive stored as a sparse file is read as what it stands for.
truncate -s 1M Hives/Sam_Delta
tar --format=pax -S -cf other.tar Files Hives
run 0 lp verify other.tar
run 0 lp ls other.tar
grep 'Hives/Sam_Delta' out | sed 's/.* - //' >found
says found 'Hives/Sam_Delta (1 key, 0 values)'
