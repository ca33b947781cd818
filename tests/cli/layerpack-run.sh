#!/bin/sh
# layerpack build -f: RUN lines that change only the registry, files and variables of the machine.
# Backslashes in quotes are text.
# shellcheck disable=SC1003,SC2016
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
environment='ControlSet001\Control\Session Manager\Environment'

make_image nanoserver base --links none >name
mkdir ctx ctx/in
echo a >ctx/a.txt
echo b >ctx/in/b.txt
tar -C ctx -cf ctx/t.tar in
"$PYTHON3" -S -c 'import zipfile
with zipfile.ZipFile("ctx/z.zip", "w") as z:
    z.writestr("top/x.txt", "X")'
printf 'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Imported]\r\n"x"="y"\r\n' >ctx/my.reg

cat >Dockerfile <<'END'
# escape=`
FROM oci:base:ltsc2022
COPY . C:\files\
RUN setx /M PATH "%PATH%;C:\tools" && mkdir C:\tools
RUN setx PATH "%PATH%;C:\more" /M & reg add HKLM\SOFTWARE\Contoso /v A /t REG_DWORD /d 1 /f
WORKDIR C:\files
RUN reg import My.REG && copy a.txt b.txt && ren b.txt c.txt && move c.txt C:\tools && echo hello> C:\tools\h.txt
RUN del /q my.reg nope.txt && rd nope || exit 0
RUN tar -xf t.tar -C C:\tools && mklink /d C:\link C:\tools && sc.exe delete diagtrack -f
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV JAVA_HOME=C:\java
RUN setx /M JPATH ('{0}\bin;{1}' -f $env:JAVA_HOME, $env:SystemRoot); `
    Set-ItemProperty HKLM:\SOFTWARE\Contoso A 7; `
    Expand-Archive z.zip -DestinationPath C:\zip; go version
RUN setx /M PATH $($env:PATH + ';C:\last') | Out-Null
RUN [Environment]::SetEnvironmentVariable('DOTNET', $env:JAVA_HOME + ';C:\net', 'Machine')
END
run 0 lp build -f Dockerfile --to oci:img:1 ctx
grep -v 'value\|key' err >got
says got 'layerpack: Dockerfile:12: passed over, it only prints: go version'
mv out first
run 0 lp build -q -f Dockerfile --to oci:again:1 ctx
same first out
run 0 image check oci:img:1
says out 'ok: 2 layers'
run 0 lp verify oci:img:1
run 0 image names oci:img:1 1
grep 'Files/' out >names
says names Files/files Files/files/a.txt Files/files/in Files/files/in/b.txt Files/files/t.tar Files/files/z.zip \
    Files/link Files/tools Files/tools/c.txt Files/tools/h.txt Files/tools/in Files/tools/in/b.txt Files/zip \
    Files/zip/top Files/zip/top/x.txt
value() {
    run 0 ht get -p "oci:img:1//$1" "$2" "$3"
    says out "$4"
}
value SYSTEM "$environment" Path 'C:\Windows\system32;C:\Windows;C:\tools;C:\more;C:\last'
value SYSTEM "$environment" DOTNET 'C:\java;C:\net'
value SYSTEM "$environment" JPATH 'C:\java\bin;C:\Windows'
value SOFTWARE Contoso A 7
value SOFTWARE Imported x y
run 1 ht get oci:img:1//SYSTEM 'ControlSet001\Services\DiagTrack' Start
run 0 lp extract --file 'C:\tools\h.txt' oci:img:1 -o h.txt
printf 'hello\r\n' >expected
same_bytes expected h.txt

# One layer for each, to the same end; a stage from a stage goes on; --reg comes last.
run 0 lp build -q -f Dockerfile --layers=each --to oci:img:each ctx
run 0 lp verify oci:img:each
for tag in 1 each; do
    run 0 lp extract -q "oci:img:$tag" -o "hives.$tag"
done
for hive in SOFTWARE SYSTEM; do
    run 0 ht diff "hives.1/$hive" "hives.each/$hive"
done
printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso]\n"A"=dword:00000009\n' >last.reg
printf '%s\n' 'FROM oci:base:ltsc2022 AS one' 'RUN setx /M ONE 1' 'FROM one' 'RUN setx /M TWO %ONE%2' \
    'RUN reg add HKLM\SOFTWARE\Contoso /v A /d x /f' >Stages
run 0 lp build -q -f Stages --reg last.reg --to oci:img:1 --replace ctx
value SYSTEM "$environment" ONE 1
value SYSTEM "$environment" TWO 12
value SOFTWARE Contoso A 9

# --skip-run, --list-runs.
printf '%s\n' 'FROM oci:base:ltsc2022' 'RUN probe.exe now' 'RUN mkdir C:\a' >Skip
run 4 lp build -q -f Skip --to oci:no:1 ctx
says err "layerpack: Skip:2: RUN: 'probe.exe' needs Windows; --skip-run=PATTERN passes over a line that only prints"
[ ! -e no ] || fail 'something was written'
run 0 lp build -n -f Skip '--skip-run=probe*' ctx
says err 'layerpack: Skip:2: passed over, as --skip-run=probe* says: probe.exe now'
says out 'Skip:2: RUN probe.exe now' '    passed over, as --skip-run=probe* says: probe.exe now' \
    'Skip:3: RUN mkdir C:\a' '    files: folder C:\a'
run 1 lp build -f Skip --list-runs
says out 'Skip:1: FROM oci:base:ltsc2022' 'Skip:2: RUN probe.exe now' \
    "    not done here: 'probe.exe' needs Windows" 'Skip:3: RUN mkdir C:\a' '    files: folder C:\a' \
    'this file: 2 of 3 instructions; the first that needs Windows: line 2'
run 0 lp build -f Skip --list-runs --skip-run='probe*'
tail -n 1 out >got
says got 'this file: 3 of 3 instructions'

# A stage that nobody needs is not looked at; one that has to be executed can be given.
printf '%s\n' 'FROM oci:base:ltsc2022 AS made' 'RUN choco install x' 'FROM oci:base:ltsc2022' \
    'COPY --from=made a.txt .' >Given
run 4 lp build -q -f Given --to oci:no:1 ctx
says err "layerpack: Given:2: RUN: 'choco' needs Windows; --build-context made=DIR gives what the stage makes"
run 0 lp build -q -f Given --build-context made=ctx --to oci:img:given ctx

# Links and whiteouts of the base are seen: what fails on Windows fails here.
printf '%s\n' 'FROM oci:base:ltsc2022' 'RUN mkdir C:\Windows' >Fails
run 6 lp build -q -f Fails --to oci:no:1 ctx
says err 'layerpack: Fails:2: RUN: C:\Windows: is there already, so Windows would fail here'
printf '%s\n' 'FROM oci:base:ltsc2022' 'RUN rd /s /q C:\Windows\System32\config' >Hives
run 4 lp build -q -f Hives --to oci:no:1 ctx

# A stage from a stage goes on with the shell, the variables and the folder of that one, and what a
# build refuses is refused in the list.
printf '%s\n' '# escape=`' 'FROM oci:base:ltsc2022 AS one' 'SHELL ["pwsh", "-Command"]' 'ENV V=v' 'WORKDIR C:\w' \
    'FROM One' 'RUN Set-Content "$env:V.txt" x' 'RUN --mount=type=cache,target=C:\c mkdir y' \
    'COPY --chown=me a.txt C:\' 'ADD git://host/a.git C:\x\' >Goes
run 1 lp build -f Goes --list-runs
sed -n '/^Goes:7/,$p' out >got
says got 'Goes:7: RUN Set-Content "$env:V.txt" x' '    files: write C:\w\v.txt' \
    'Goes:8: RUN --mount=type=cache,target=C:\c mkdir y' "    not done here: '--mount=type=cache,target=C:\\c' needs Windows" \
    'Goes:9: COPY --chown=me a.txt C:\' '    not done here: --chown: files of Windows belong to whom their descriptors say' \
    'Goes:10: ADD git://host/a.git C:\x\' \
    '    not done here: ADD of a URL; curl -LO fetches the file, and ADD takes it from the context' \
    'this file: 6 of 9 instructions; the first that needs Windows: line 8'

# A shell whose switches change what a line means.
printf '%s\n' 'FROM oci:base:ltsc2022' 'SHELL ["cmd", "/V:ON", "/S", "/C"]' 'RUN mkdir a!OS!' >Delayed
run 4 lp build -q -f Delayed --to oci:no:1 ctx
says err "layerpack: Delayed:3: RUN: '/V:ON': of cmd, is not done here"

# What is empty because nobody has set it is said.
printf '%s\n' 'FROM oci:base:ltsc2022' 'ENV PATH="C:/x;${PATH}" B=${NO:-d}' 'COPY a.txt $X/z.txt' 'EXPOSE $P' >Unset
run 0 lp build -n -f Unset ctx
why='is not set here, so it is empty: it is in no ENV or ARG of the stage or its base'
says err "layerpack: Unset:2: \$PATH $why; Windows has it in the registry, RUN setx /M PATH adds to it there" "layerpack: Unset:3: \$X $why" "layerpack: Unset:4: \$P $why"

# Names in archives are UTF-8, whatever the locale is; no other program unpacks.
mkdir tarred
echo n >tarred/é.txt
tar -C tarred -cf ctx/n.tar é.txt
"$PYTHON3" -S -c 'import zipfile
with zipfile.ZipFile("ctx/n.zip", "w") as z:
    z.writestr("top/\u00e9.txt", "X")'
printf '%s\n' 'FROM oci:base:ltsc2022' 'COPY n.tar n.zip C:/' 'RUN tar -xf C:/n.tar -C C:/' \
    'RUN powershell Expand-Archive C:/n.zip C:/q' >Names
LC_ALL=C
export LC_ALL
run 0 lp build -q -f Names --to oci:img:names ctx
run 0 image names oci:img:names 1
grep 'Files/.*txt' out >names.got
says names.got 'Files/q/top/é.txt' 'Files/é.txt'

# Where nothing is looked at, both parts of an if are told.
printf '%s\n' 'FROM x' 'RUN if exist a (mkdir b) else mkdir c' >Either
run 0 lp build -f Either --list-runs
says out 'Either:1: FROM x' 'Either:2: RUN if exist a (mkdir b) else mkdir c' '    one of two, which if chooses:' \
    '    files: folder C:\b' '    files: folder C:\c' 'this file: 2 of 2 instructions'
