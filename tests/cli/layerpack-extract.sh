#!/bin/sh
# Images of every form are read alike; layerpack extract gives their hives; hivetool's commands take
# SOURCE//NAME. What is expected are the hives that tests/interop/make-image.py put in.

. "${abs_srcdir:?}/tests/lib.sh"

PYTHON3=${PYTHON3:-python3}
needs_program "$PYTHON3"
hives=$abs_srcdir/fixtures/hives
golden=$abs_srcdir/fixtures/golden

make_image() {
    "$PYTHON3" -S "$abs_srcdir/tests/interop/make-image.py" "$@" >made
}
make_layer() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" "$@"
}

sizes='DEFAULT                 40960 bytes
SAM                      8192 bytes
SECURITY                 8192 bytes
SOFTWARE              1167360 bytes
SYSTEM                 278528 bytes'

# The hives of the base are fixtures, of which one file changes DEFAULT: small into small.patched.
# base_is FOLDER: what the base layer gives.
base_is() {
    same_bytes "$hives/empty" "$1/SAM"
    same_bytes "$hives/empty" "$1/SECURITY"
    same_bytes "$hives/SOFTWARE" "$1/SOFTWARE"
    same_bytes "$hives/SYSTEM" "$1/SYSTEM"
    [ "$(find "$1" -type f | wc -l)" -eq 5 ] || fail "$1 has more or less than five files"
}

# reads SOURCE: its five hives, DEFAULT under the delta.
reads() {
    rm -rf hives-out
    run 0 lp extract "$1" -o hives-out
    says out "$sizes"
    says err
    base_is hives-out
    run 0 ht diff --root 'HKU\.DEFAULT' "$golden/small.patched" hives-out/DEFAULT
}

# --- every form

make_image nanoserver oci --upper deltas
says made oci:oci:ltsc2022
reads oci:oci
reads oci:oci:ltsc2022
reads oci:oci:@0
for compression in none zstd; do
    make_image nanoserver compressed --compression "$compression" --family docker --upper deltas
    reads oci:compressed
done
make_image nanoserver oci.tar --form oci-archive --upper deltas
reads oci-archive:oci.tar:ltsc2022
for style in save skopeo blobs links hardlinks; do
    make_image nanoserver docker.tar --form docker-archive --style "$style" --upper deltas
    for ref in '' :nanoserver:ltsc2022 :docker.io/library/nanoserver:ltsc2022 :@0; do
        reads "docker-archive:docker.tar$ref"
    done
done
# A layer without deltas between changes nothing.
make_image nanoserver between --upper files --upper deltas --upper files
reads oci:between

# --- what is asked for

run 0 lp extract --layer 1 oci:oci -o base
says out "$sizes"
base_is base
same_bytes "$hives/small" base/DEFAULT
run 0 lp extract oci:oci Software -o one
says out 'SOFTWARE              1167360 bytes'
same_bytes "$hives/SOFTWARE" one/SOFTWARE
run 0 lp extract --raw --layer 2 oci:oci default SAM -o raw
says out 'DefaultUser_Delta        8192 bytes' 'Sam_Delta                8192 bytes'
same_bytes "$golden/small.delta" raw/DefaultUser_Delta
run 0 lp extract --raw --layer 1 oci:oci default -o raw
same_bytes "$hives/small" raw/DEFAULT
# Other files of the folder stay, and those of these names are replaced.
echo mine >one/mine
echo old >one/SYSTEM
run 0 lp extract oci:oci SYSTEM -o one
same_bytes "$hives/SYSTEM" one/SYSTEM
same_bytes "$hives/SOFTWARE" one/SOFTWARE
echo mine >wanted
same wanted one/mine

run 2 lp extract --raw oci:oci -o none
says err 'layerpack: oci:oci: has several layers, --raw needs --layer to choose one' \
    "layerpack: see 'layerpack extract --help'"
for layer in 0 -1 3; do
    run 2 lp extract --layer "$layer" oci:oci -o none
    says err "layerpack: --layer=$layer: the layers are 1 to 2" \
        "layerpack: see 'layerpack extract --help'"
    run 2 lp extract --raw --layer "$layer" oci:oci -o none
done
run 2 lp extract oci:oci COMPONENTS -o none
says err 'layerpack: COMPONENTS: is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT' \
    "layerpack: see 'layerpack extract --help'"
run 2 lp extract --file 'C:\x' oci:oci
says err 'layerpack: extract: -o FILE is needed, or -o DIR' "layerpack: see 'layerpack extract --help'"
run 2 lp extract oci:oci
run 5 lp extract oci:oci -o absent/none
says err 'layerpack: absent/none: cannot make the folder: No such file or directory'
[ ! -e none ] || fail 'a folder was left behind'

# All or none: the last of five cannot be written.
mkdir -p blocked/SYSTEM
run 5 lp extract oci:oci -o blocked
[ "$(ls blocked)" = SYSTEM ] || fail 'hives were written before the failure'
# Not through a link, whether there is something behind it or not.
mkdir linked
echo victim >victim
ln -s ../victim linked/SOFTWARE
run 5 lp extract oci:oci -o linked
says err 'layerpack: linked/SOFTWARE: is a symbolic link, and extract does not write through one'
ln -sf ../nobody linked/SOFTWARE
run 5 lp extract oci:oci -o linked
echo victim >wanted
same wanted victim
[ "$(ls -A linked)" = SOFTWARE ] || fail 'hives were written before the failure'
[ ! -e nobody ] || fail 'a file was written through a link'
# The folder is the user's word.
mkdir real
ln -s real link
run 0 lp extract oci:oci SAM -o link
same_bytes "$hives/empty" real/SAM
# Never over the input.
run 2 lp extract oci:oci -o oci
run 2 lp extract oci:oci -o oci/new
says err 'layerpack: oci/new: is where the input is read from' \
    "layerpack: see 'layerpack extract --help'"
[ ! -e oci/new ] || fail 'a folder was made inside the input'

# --- which image

make_image nanoserver index --index --upper deltas
run 2 lp extract oci:index -o none
# As the message says: by number, and by platform.
listed=$(sed -n 's/.*it has \(@[0-9]\) ltsc2022 = .*, \(@[0-9]\) ltsc2022 = .*/\1 \2/p' err)
old=${listed% *}
new=${listed#* }
says err "layerpack: oci:index: which of its images is not clear, name one by platform, --platform or \
IMAGE[PLATFORM]//NAME, or by number, like oci:index:$old; it has \
$old ltsc2022 = windows/amd64:10.0.17763.6414, $new ltsc2022 = windows/amd64:10.0.20348.2700" \
    "layerpack: see 'layerpack extract --help'"
run 0 lp ls --platform windows/amd64:10.0.20348 oci:index
grep '^manifest' out >wanted
run 0 lp ls "oci:index:$new"
grep '^manifest' out >found
same wanted found
run 0 ht digest "oci:index:$new//SAM"
run 2 ht digest oci:index:ltsc2022//SAM
grep -c "like oci:index:$old; it has" err >found
says found 1
make_image nanoserver nested --index --nested --upper deltas
# What an index in the index has is all of one number.
run 2 ht digest oci:nested//SAM
says err "hivetool: oci:nested: which of its images is not clear, name one by platform, --platform or \
IMAGE[PLATFORM]//NAME; it has \
ltsc2022 = windows/amd64:10.0.17763.6414, ltsc2022 = windows/amd64:10.0.20348.2700" \
    "hivetool: see 'hivetool digest --help'"
for index in index nested; do
    rm -rf chosen
    run 0 lp extract --platform windows/amd64:10.0.20348 "oci:$index" -o chosen
    says out "$sizes"
    run 1 lp extract --platform windows/amd64:10.0.203 "oci:$index" -o none
    says err "layerpack: oci:$index: has no image for windows/amd64:10.0.203; it has ltsc2022 = \
linux/amd64, ltsc2022 = windows/amd64:10.0.17763.6414, ltsc2022 = windows/amd64:10.0.20348.2700, \
ltsc2022 = windows/arm64:10.0.20348.2700"
    run 1 lp extract --platform linux/amd64 "oci:$index" -o none
    says err "layerpack: oci:$index: has no hives"
    run 0 ht digest "oci:${index}[windows/amd64:10.0.20348.2700]//SAM"
done
run 2 lp extract --platform windows oci:index -o none
says err "layerpack: the platform is 'windows', not OS/ARCH or OS/ARCH:OS.VERSION, like \
windows/amd64 or windows/amd64:10.0.20348" "layerpack: see 'layerpack extract --help'"
run 1 lp extract --platform linux/amd64 docker-archive:docker.tar -o none
says err 'layerpack: docker-archive:docker.tar: has no image for linux/amd64; it has windows/amd64:10.0.20348.2700'
run 1 lp extract --platform windows/arm64 oci:oci -o none
run 2 lp extract --platform windows/amd64 "$golden/layer.tar" -o none

run 1 lp extract oci:oci:ltsc2019 -o none
says err "layerpack: oci:oci:ltsc2019: there is no 'ltsc2019'; there is: ltsc2022"
run 1 lp extract docker-archive:docker.tar:other -o none
says err "layerpack: docker-archive:docker.tar:other: manifest.json: there is no 'other'; there is: nanoserver:ltsc2022"
run 2 lp extract oci: -o none
says err "layerpack: 'oci:' names no file" "layerpack: see 'layerpack extract --help'"
run 2 lp extract oci:oci: -o none
says err "layerpack: 'oci:oci:' has nothing behind its last colon" \
    "layerpack: see 'layerpack extract --help'"

# named_images NEW TAG...: docker.tar with an image for each TAG.
named_images() {
    "$PYTHON3" -S - docker.tar "$@" <<'EOF'
import io, json, sys, tarfile
with tarfile.open(sys.argv[1]) as old, tarfile.open(sys.argv[2], "w") as new:
    for entry in old:
        content = old.extractfile(entry).read() if entry.isfile() else b""
        if entry.name == "manifest.json":
            one = json.loads(content)[0]
            content = json.dumps([dict(one, RepoTags=[tag]) for tag in sys.argv[3:]]).encode()
            entry.size = len(content)
        new.addfile(entry, io.BytesIO(content))
EOF
}

# Two images in one archive.
named_images two.tar a/b:1 reg:5000/c
run 2 lp extract docker-archive:two.tar -o none
says err 'layerpack: docker-archive:two.tar: manifest.json: which of its images is not clear, name one; there is: a/b:1, reg:5000/c' \
    "layerpack: see 'layerpack extract --help'"
reads docker-archive:two.tar:a/b:1
reads docker-archive:two.tar:reg:5000/c:latest
reads docker-archive:two.tar:@1
# However many there are, the message is one that can be read: the first 20.
# shellcheck disable=SC2046
named_images many.tar $(seq -f 'a:%g' 30)
run 2 lp extract docker-archive:many.tar -o none
says err "layerpack: docker-archive:many.tar: manifest.json: which of its images is not clear, name one; there is: $(seq -f 'a:%g' -s ', ' 20)" \
    "layerpack: see 'layerpack extract --help'"

# One thing taken for another.
run 3 lp extract oci-archive:docker.tar -o none
says err 'layerpack: oci-archive:docker.tar: oci-layout: is missing, but there is a manifest.json: docker-archive: reads it'
run 3 lp extract docker-archive:oci.tar -o none
says err 'layerpack: docker-archive:oci.tar: has no manifest.json, but an index.json: oci-archive: reads it'
run 2 lp extract oci.tar -o none
says err 'layerpack: oci.tar: is an image archive, not a layer: name it oci-archive:oci.tar or docker-archive:oci.tar' \
    "layerpack: see 'layerpack extract --help'"
for command in ls verify explain; do
    run 2 lp $command oci.tar
    says err 'layerpack: oci.tar: is an image archive, not a layer: name it oci-archive:oci.tar or docker-archive:oci.tar' \
        "layerpack: see 'layerpack $command --help'"
done
run 2 lp verify docker.tar
says out
run 2 lp extract oci -o none
says err 'layerpack: oci: is an OCI image layout, name it oci:oci' \
    "layerpack: see 'layerpack extract --help'"
run 2 lp ls oci
says err 'layerpack: oci: is an OCI image layout, name it oci:oci' \
    "layerpack: see 'layerpack ls --help'"
run 5 lp extract oci:oci.tar -o none
run 5 lp extract oci-archive:oci -o none
run 5 lp extract oci:absent -o none
gzip -c oci.tar >oci.tar.gz
run 0 lp verify oci-archive:oci.tar
cp out wanted
run 0 lp verify oci-archive:oci.tar.gz
same wanted out
head -c 5000 oci.tar.gz >cut.tar.gz
run 3 lp verify oci-archive:cut.tar.gz
if command -v xz >/dev/null; then
    xz -c oci.tar >oci.tar.xz
    run 4 lp extract oci-archive:oci.tar.xz -o none
    says err "layerpack: oci-archive:oci.tar.xz: is xz-compressed, and of image archives that are, those with gzip and zstd are read: decompress it first, with 'xz -d'"
fi

# --- layers that are not distributed

make_image nanoserver foreign --foreign missing
blob=$(sed -n 's/.*"digest":"sha256:\([0-9a-f]*\)".*/\1/p' foreign/index.json)
layer=$(sed -n 's/.*layers.invalid\/sha256:\([0-9a-f]*\)".*/\1/p' "foreign/blobs/sha256/$blob")
run 1 lp extract oci:foreign -o none
n_bytes=$(sed 's/.*which has \([0-9]*\) bytes.*/\1/' err)
says err "layerpack: oci:foreign: layer 1: blob sha256:$layer is missing; it is not distributed \
with images: fetch https://layers.invalid/sha256:$layer, which has $n_bytes bytes, to \
foreign/blobs/sha256/$layer"
# As it says; the blob is that of the same image which has it.
make_image nanoserver present --foreign present
cp "present/blobs/sha256/$layer" "foreign/blobs/sha256/$layer"
[ "$(wc -c <"foreign/blobs/sha256/$layer")" -eq "$n_bytes" ] || fail 'another size was said'
run 0 lp extract oci:foreign -o foreign-hives
base_is foreign-hives
rm "foreign/blobs/sha256/$layer"
(cd foreign && tar -cf ../foreign.tar .)
run 1 lp extract oci-archive:foreign.tar -o none
says err "layerpack: oci-archive:foreign.tar: layer 1: blob sha256:$layer is missing; it is not \
distributed with images: 'skopeo copy' the image to an oci: folder, and fetch \
https://layers.invalid/sha256:$layer, which has $n_bytes bytes, to its blobs/sha256/$layer"
[ ! -e none ] || fail 'a folder was left behind'

# --- layers and folders

run 1 lp extract "$golden/layer.tar" -o none
says err "layerpack: $golden/layer.tar: has differencing hives, and no base that they \
change; --raw writes them as they are"
run 0 lp extract --raw "$golden/layer.tar" -o delta-hives
[ "$(find delta-hives -type f | wc -l)" -eq 5 ] || fail 'not five differencing hives'

# Any case, "./", a PAX name, a hard link to a hard link, in a gzip layer.
cp "$hives/small" small
make_layer names.tar <<'EOF'
d ./Files
f Files/first @small
h Files/second >FILES/First
h files/windows/SYSTEM32/Config/Software >./Files/second
f x @small path=./Files/Windows/System32/config/sam
end 2
EOF
gzip -n names.tar
run 0 lp extract names.tar.gz -o names
says out 'SAM                     40960 bytes' 'SOFTWARE                40960 bytes'
same_bytes small names/SOFTWARE
same_bytes small names/SAM

# refused TEXT <LIST: a layer of these entries, and what is said of it.
refused() {
    make_layer bad.tar
    run 3 lp extract bad.tar -o none
    says err "layerpack: bad.tar: $1"
}
refused "byte 0: 'Files/Windows/System32/config/SAM' is a hard link to 'Files/later', which is no file before it" <<'EOF'
h Files/Windows/System32/config/SAM >Files/later
f Files/later @small
end 2
EOF
refused "byte 0: entry 'Files/Windows/System32/config/SAM': is a hard link that leads out of the layer" <<'EOF'
h Files/Windows/System32/config/SAM >../later
end 2
EOF
refused "byte 0: entry 'Files/Windows/System32/config/SAM': has the name of a hive, but is no file" <<'EOF'
s Files/Windows/System32/config/SAM >/etc/passwd
end 2
EOF
refused "byte 512: entry 'files/windows/system32/config/sam': is there twice" <<'EOF'
f Files/Windows/System32/config/SAM
f files/windows/system32/config/sam @small
end 2
EOF
refused "byte 0: entry 'Files/../../x': the name has a '..'" <<'EOF'
f Files/../../x
end 2
EOF
refused "byte 0: entry '/Files/x': the name is absolute" <<'EOF'
f /Files/x
end 2
EOF
refused "byte 0: entry 'Hives\\Sam_Delta': the name has a backslash" <<'EOF'
f Hives\x5cSam_Delta @small
end 2
EOF

mkdir -p unpacked/files/WINDOWS/System32/config
cp "$hives/small" unpacked/files/WINDOWS/System32/config/default
run 0 lp extract unpacked -o from-folder
says out 'DEFAULT                 40960 bytes'
same_bytes small from-folder/DEFAULT
mkdir unpacked/Hives
cp "$golden/small.delta" unpacked/Hives/defaultuser_delta
run 1 lp extract unpacked DEFAULT -o none
says err "layerpack: unpacked//DEFAULT: no such hive: there is no base layer with \
Files/Windows/System32/config/DEFAULT, only changes of it in Hives/DefaultUser_Delta; Windows ignores \
that file in a layer with differencing hives"
run 0 lp extract --raw unpacked -o from-folder
says out "DefaultUser_Delta  $(printf %10s "$(wc -c <"$golden/small.delta")") bytes"
same_bytes "$golden/small.delta" from-folder/DefaultUser_Delta
# What is no hive is not read to its end: not written either, but harmless to the others.
mkdir -p zeros/Files/Windows/System32/config
cp "$hives/small" zeros/Files/Windows/System32/config/SAM
truncate -s 2000M zeros/Files/Windows/System32/config/SOFTWARE
: >zeros/Files/Windows/System32/config/SYSTEM
run 0 lp extract zeros SAM -o from-zeros
same_bytes small from-zeros/SAM
run 3 lp extract zeros SOFTWARE -o none
says err 'layerpack: zeros//SOFTWARE: not a registry hive: the signature "regf" is missing'
run 3 lp extract --raw zeros -o none
says err 'layerpack: zeros: Files/Windows/System32/config/SOFTWARE: not a registry hive: the signature "regf" is missing'
run 0 lp extract --raw zeros SAM SYSTEM -o from-zeros
says out 'SAM                     40960 bytes' 'SYSTEM                      0 bytes'
ln -s /etc/passwd unpacked/files/WINDOWS/System32/config/SAM
run 3 lp extract unpacked -o none
says err 'layerpack: unpacked/files/WINDOWS/System32/config/SAM: is a symbolic link'
rm unpacked/files/WINDOWS/System32/config/SAM
mkdir unpacked/FILES
run 3 lp extract unpacked -o none
says err "layerpack: unpacked: has two of the name 'Files' that differ by case only"
mkdir other
run 3 lp extract other -o none
says err 'layerpack: other: has neither Files nor Hives, so it is no unpacked layer'

# A base hive that was not closed, with its logs beside it: they make it small.
for part in '' .LOG1 .LOG2; do
    cp "$abs_srcdir/fixtures/dirty/dirty-new$part" "dirty$part"
done
make_layer dirty.tar <<'EOF'
f Files/Windows/System32/config/SYSTEM @dirty
f Files/Windows/System32/config/SYSTEM.LOG1 @dirty.LOG1
f Files/Windows/System32/config/SYSTEM.LOG2 @dirty.LOG2
end 2
EOF
run 0 lp extract dirty.tar -o dirty-hives
run 0 ht diff --root HKLM dirty-hives/SYSTEM "$hives/small"
run 0 ht diff --root HKLM dirty.tar//SYSTEM "$hives/small"
run 4 ht --no-logs digest dirty.tar//SYSTEM
run 0 ht --ignore-dirty digest --ignore none dirty.tar//SYSTEM
sed 's/ .*//' out >found
run 0 ht --ignore-dirty digest --ignore none dirty
sed 's/ .*//' out >wanted
same wanted found

# --- hivetool's commands

# as_file COMMAND...: a command on oci:oci//SYSTEM prints what it prints of the file.
as_file() {
    for file in "$hives/SYSTEM" oci:oci//system; do
        run 0 ht "$1" "$file" "$2"
        sed "s,^$file: ,," out >"printed-${file##*/}"
    done
    same printed-SYSTEM printed-system
}
as_file ls Select
as_file get 'Select'
as_file export '--key=ControlSet001\Control'
run 0 ht info oci:oci//SYSTEM
cp out found
run 0 ht info "$hives/SYSTEM"
same out found
run 0 ht check oci:oci//SYSTEM
cp out found
run 0 ht check "$hives/SYSTEM"
same out found
run 0 ht diff oci:oci//SYSTEM docker-archive:docker.tar//SYSTEM
says out 'no difference'
run 1 ht diff oci:oci//DEFAULT "$hives/small"
run 0 ht delta -o same.delta oci:oci//SAM "$hives/empty"
run 0 ht merge -o merged oci:oci//SYSTEM same.delta
same_bytes "$hives/SYSTEM" merged
run 0 ht rebuild -o rebuilt oci:oci//SYSTEM
run 1 ht verify oci:oci//SOFTWARE "$abs_srcdir/fixtures/patches/pause.reg"
run 0 ht apply -o patched oci:oci//SOFTWARE "$abs_srcdir/fixtures/patches/pause.reg"
run 0 ht apply -o wanted "$hives/SOFTWARE" "$abs_srcdir/fixtures/patches/pause.reg"
same_bytes wanted patched
run 2 ht apply --in-place oci:oci//SOFTWARE "$abs_srcdir/fixtures/patches/pause.reg"
says err "hivetool: oci:oci//SOFTWARE: is inside an image or a layer, which --in-place cannot \
change; 'layerpack build' makes a new image" "hivetool: see 'hivetool apply --help'"
run 2 ht export -o oci/index.json oci:oci//SYSTEM
says err 'hivetool: oci/index.json: is an input, it cannot be the output too' \
    "hivetool: see 'hivetool export --help'"
run 2 ht export -o docker.tar docker-archive:docker.tar//SYSTEM
run 2 ht recover -o none oci:oci//SYSTEM
# An image without a hive in it stands for all of its hives, where a command takes several.
mkdir all
run 0 ht rebuild -o all oci:oci
ls all >found
says found DEFAULT SAM SECURITY SOFTWARE SYSTEM
run 0 ht digest oci:oci
cp out wanted
: >single
sed 's,.*//,,' wanted >hive-names
while read -r name; do
    run 0 ht digest "oci:oci//$name"
    cat out >>single
done <hive-names
same wanted single
[ "$(wc -l <single)" -ge 3 ] || fail "not all hives of the image"
run 0 ht ls oci:oci
grep -c '^HKEY_' out >n_places
says n_places "$(wc -l <single)"
run 0 ht diff oci:oci docker-archive:docker.tar
run 2 ht ls docker-archive:docker.tar//NOPE
says err "hivetool: docker-archive:docker.tar//NOPE: 'NOPE' is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT" \
    "hivetool: see 'hivetool ls --help'"
# A file of such a name is a file.
cp "$hives/small" oci:small
run 0 ht digest oci:small
run 1 ht digest "$golden/layer.tar//SAM"
says err "hivetool: $golden/layer.tar//SAM: no such hive: there is no base layer with \
Files/Windows/System32/config/SAM, only changes of it in Hives/Sam_Delta"
# A hive that hides from others what it holds does so when it is written elsewhere.
chmod 600 docker.tar
run 0 ht apply -o secret docker-archive:docker.tar//SOFTWARE "$abs_srcdir/fixtures/patches/pause.reg"
run 0 lp extract docker-archive:docker.tar SAM -o secret-hives
[ "$(stat -c %a secret secret-hives/SAM)" = "600
600" ] || fail 'the archive is secret, what was read from it is not'
# A file of that name is the one that is meant; two slashes in a path are nothing special.
cp "$hives/small" one/SAM
run 0 ht digest one//SAM
sed 's/ .*//' out >found
run 0 ht digest "$hives/small"
sed 's/ .*//' out >wanted
same wanted found
run 1 ht digest one//NTUSER.DAT
says err 'hivetool: one//NTUSER.DAT: no such hive: there is SAM SOFTWARE SYSTEM'
