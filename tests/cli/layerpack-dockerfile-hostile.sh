#!/bin/sh
# layerpack build -f of Dockerfiles and contexts that mean harm: an end, one line, nothing written.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3" ln mkfifo

make_image nanoserver base --links none >name
mkdir ctx
echo x >ctx/x
"$PYTHON3" -S - <<'END'
def dockerfile(name, text):
    with open(name, "w") as file:
        file.write("FROM oci:base:ltsc2022\n" + text)
dockerfile("long", "LABEL a=" + "x" * (1 << 20) + "\n")
dockerfile("joined", "LABEL a=" + ("x" * 60000 + "\\\n") * 200 + "\n")
dockerfile("stages", "".join("FROM oci:base:ltsc2022 AS s%d\nCOPY x /x%d\n" % (i, i) for i in range(10000)))
dockerfile("chain", "FROM oci:base:ltsc2022 AS s0\n" + "".join("FROM s%d AS s%d\n" % (i, i + 1) for i in range(9999)))
dockerfile("grow", "ENV A=0123456789\n" + "ENV A=$A$A\n" * 40)
dockerfile("grow-many", "ENV A=" + "x" * 60000 + "\n" + "".join("ENV A%d=$A\n" % i for i in range(5000)))
dockerfile("nest", "ENV A=" + "${a:-" * 5000 + "\n")
dockerfile("pattern", "ARG A=" + "a" * 60000 + "\nLABEL b=${A//*a*a*a*a*b/x}\n")
dockerfile("labels", "".join("LABEL a%d=%d\n" % (i, i) for i in range(20000)))
dockerfile("ports", "EXPOSE 1-65535 1-65535/udp\n")
END
printf 'FROM a\000b\n' >nul

# refused STATUS MESSAGE: of the Dockerfile that MESSAGE begins with.
refused() {
    run "$1" lp build -q -f "${2%%:*}" --to oci:refused:1 ctx
    says err "layerpack: $2"
    says out
    [ ! -e refused ] || fail "something was written"
}
refused 4 'long:2: a line of over 65535 bytes'
refused 4 "joined:2: '$(printf '%080d' 0 | tr 0 x)': becomes longer than 65535 bytes"
refused 4 "grow:15: '\$A\$A': becomes longer than 65535 bytes"
refused 4 'grow-many:1120: variables make over 64 MB of text'
refused 4 "nest:2: '$(i=0; while [ $i -lt 16 ]; do printf '${a:-'; i=$((i + 1)); done)': over 100 \${ in each other"
refused 4 "pattern:3: '\${A//*a*a*a*a*b/x}': a pattern in \${} takes too long"
refused 3 'nul:1: a NUL'
for name in stages chain labels ports; do
    run 0 lp build -q -f "$name" --to "oci:img:$name" ctx
    says err
done

# Texts that are none, and lines of RUN that are deep.
"$PYTHON3" -S - <<'END'
def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
write("utf16", "FROM oci:base:ltsc2022\n".encode("utf-16"))
write("latin1", b"FROM oci:base:ltsc2022\nLABEL a=\xe9\n")
base = b"FROM oci:base:ltsc2022\n"
powershell = base + b'SHELL ["powershell", "-Command"]\nRUN '
write("parentheses", powershell + b"$x = " + b"(" * 5000 + b"1\n")
write("shells", base + b"RUN " + b"cmd /c " * 1000 + b"mkdir C:/\n")
write("ifs", base + b"RUN " + b"if not exist a " * 400 + b"mkdir a\n")
write("fors", base + b"RUN " + b"".join(b"for %%%c in (a b) do " % c for c in b"abcdefghijklmnopqrstuvwxyz") + b"echo x\n")
write("cycle", b"FROM b AS a\nFROM a AS b\n")
END
refused 3 'utf16: is UTF-16; a Dockerfile is UTF-8 (in PowerShell: Set-Content -Encoding utf8)'
refused 3 'latin1:2: bytes that are not UTF-8'
refused 4 "parentheses:3: RUN: '$(printf '%0120d' 0 | tr 0 '(')…': parentheses are too deep"
refused 4 'shells:2: RUN: shells in shells, more than 8 deep'
refused 4 'ifs:2: RUN: shells in shells, more than 8 deep'
refused 4 'fors:2: RUN: shells in shells, more than 8 deep'
# The first is an image of a registry, of which none is asked.
mkdir none
printf '#!/bin/sh\nexit 1\n' >none/skopeo
chmod +x none/skopeo
status=0
(PATH=$tmp/none:$PATH && lp build -q -f cycle --to oci:refused:1 ctx) >out 2>err || status=$?
[ "$status" -ne 0 ] || fail 'a cycle of stages was built'

# Archives that lead elsewhere.
"$PYTHON3" -S - <<'END'
import io, tarfile, zipfile
def tar(name, member, kind=tarfile.REGTYPE, target=""):
    with tarfile.open("ctx/" + name, "w") as file:
        info = tarfile.TarInfo(member)
        info.type, info.linkname = kind, target
        file.addfile(info)
tar("up.tar", "a/../../x")
tar("link.tar", "a", tarfile.SYMTYPE, "C:\\Windows")
tar("hard.tar", "a", tarfile.LNKTYPE, "../../Windows/x")
tar("device.tar", "a", tarfile.CHRTYPE)
tar("stream.tar", "a:b")
for name, member in ("up.zip", "a\\..\\..\\x"), ("drive.zip", "C:\\x"):
    with zipfile.ZipFile("ctx/" + name, "w") as file:
        file.writestr(zipfile.ZipInfo(member), "x")
END
# archive STATUS WHAT LINE: of ADD
archive() {
    printf 'FROM oci:base:ltsc2022\nADD %s /all/\n' "$2" >add
    refused "$1" "add:2: ADD: $3"
}
archive 3 up.tar "ctx/up.tar: 'a/../../x' leads out of the archive"
archive 4 link.tar "ctx/link.tar: 'a' is neither a file nor a folder"
archive 3 hard.tar "ctx/hard.tar: '../../Windows/x' leads out of the archive"
archive 4 device.tar "ctx/device.tar: 'a' is neither a file nor a folder"
archive 3 stream.tar 'Files/all/a:b: Windows takes none of < > : " / \ | ? * in names'
for name in up drive; do
    printf '%s\n' '# escape=`' 'FROM oci:base:ltsc2022' "COPY $name.zip C:\\" \
        "RUN powershell Expand-Archive C:\\$name.zip -DestinationPath C:\\all" >expand-$name
done
refused 3 "expand-up:4: RUN: C:\\up.zip: 'a/../../x' leads out of the archive"
run 4 lp build -q -f expand-drive --to oci:refused:1 ctx
[ ! -e refused ] || fail "something was written"
rm ctx/*.tar ctx/*.zip

# --- contexts ---
# context MESSAGE [DOCKERFILE-LINE]: of COPY of all of it
context() {
    printf 'FROM oci:base:ltsc2022\n%s\n' "${3-COPY . /all/}" >Dockerfile
    run "$1" lp build -q -f Dockerfile --to oci:refused:1 ctx
    says err "layerpack: Dockerfile:2: COPY: $2"
    [ ! -e refused ] || fail "something was written"
}
echo x >'ctx/a:b'
context 3 'ctx/a:b: Windows takes none of < > : " / \ | ? * in names'
rm 'ctx/a:b'
echo x >ctx/nul.txt
context 3 'ctx/nul.txt: Windows takes the name for a device'
rm ctx/nul.txt
echo x >ctx/X
context 3 'Files/all/X: both ctx/X and ctx/x are to go there'
rm ctx/X
ln -s /etc ctx/out
context 4 'ctx/out: a symbolic link that does not lead to something in the folder cannot be added'
context 4 'out: a link leads out of the context ctx; a --build-context can name what it leads to' 'COPY out /all/'
context 4 'out: a link leads out of the context ctx; a --build-context can name what it leads to' 'COPY out/hostname /all/'
rm ctx/out
mkfifo ctx/pipe
context 4 'ctx/pipe: what is neither a file nor a folder cannot be added'
rm ctx/pipe
context 3 '..: leads out of the context' 'COPY .. /all/'
context 3 'a/../../b: leads out of the context' 'COPY a/../../b /all/'
context 3 'C:: a drive without a path; its root is C:\' 'COPY x C:'
context 3 '\\server\x: a path on another machine (UNC) is not possible' 'COPY x \\\\server\\x'
context 6 'Files/License.txt: is a file in oci:base:ltsc2022, and no folder that something can be added to' \
    'COPY x /License.txt/x'

# A .dockerignore of 10,000 patterns, and 200 files.
"$PYTHON3" -S - <<'END'
with open("ctx/.dockerignore", "w") as file:
    for i in range(5000):
        file.write("**/nothing%d*x?y\nd/f%d.tx\n" % (i, i))
END
mkdir ctx/d
i=0
while [ $i -lt 200 ]; do
    i=$((i + 1))
    : >ctx/d/f$i.txt
done
printf 'FROM oci:base:ltsc2022\nCOPY d /all/\n' >Dockerfile
run 0 lp build -q -f Dockerfile --to oci:img:ignored ctx
printf '[x\n' >ctx/.dockerignore
run 3 lp build -q -f Dockerfile --to oci:refused:1 ctx
says err 'layerpack: ctx/.dockerignore:1: [x: a [ that no ] ends, or with nothing in it'

# What is written is not of the context that it lies in.
rm -r ctx/.dockerignore ctx/d
printf 'FROM oci:base:ltsc2022\nCOPY . /all/\n' >Dockerfile
run 0 lp build -f Dockerfile --to oci:ctx/out:1 ctx
cp out before
run 0 lp build -f Dockerfile --to oci:ctx/out:2 ctx
same before out
says err "layerpack: out: is where the image goes, and left out of the context ctx"

# Files of no bytes, which have no memory either.
mkdir nothing
: >nothing/.dockerignore
: >nothing/Dockerfile
run 3 lp build -n -f nothing/Dockerfile nothing
[ "$(wc -l <err)" -eq 1 ] || fail "$(cat err)"
