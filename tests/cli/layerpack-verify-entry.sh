#!/bin/sh
# layerpack verify: what an image starts, in the forms in which it is written: words, lines, shells.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3"

make_image nanoserver base --links none --os-version 10.0.20348.707 >name
printf 'MZ%58s\100\0\0\0PE\0\0\144\206' '' >amd.exe
printf 'MZ%58s\100\0\0\0PE\0\0\304\001' '' >arm32.exe
printf '\177ELF' >elf.exe
echo x >script
run 0 lp build --quiet --from oci:base:ltsc2022 --add amd.exe='C:\app\tool.exe' --add amd.exe='C:\Program Files\My App\tool.exe' \
    --add amd.exe='C:\Windows\System32\cmd.exe' --add elf.exe='C:\app\elf.exe' --add arm32.exe='C:\app\arm32.exe' --add script='C:\app\run.bat' \
    --add script='C:\app\s.ps1' --symlink 'C:\link.exe=C:\app\tool.exe' --symlink 'C:\lost.exe=C:\none.exe' --to oci:apps:1

# finds OPTION... -- LINE...: what is said of the image's configuration, with these options.
finds() {
    options=
    while [ "$1" != -- ]; do
        options="$options '$(printf '%s' "$1" | sed "s/'/'\\\\''/g")'"
        shift
    done
    shift
    rm -rf check
    eval "run 0 lp build --quiet --from oci:apps:1 $options --to oci:check:1"
    lp verify oci:check:1 >out || [ $? -eq 1 ] || fail "verify"
    sed -n "/config's/s/ ([^)]*)\$//p" out >found
    says found "$@"
}
entry() {
    word=$1
    shift
    finds --entrypoint "[$word]" -- "$@"
}
command() {
    words=$1
    shift
    finds --cmd "[$words]" -- "$@"
}
none="which is in no layer"

# There, in all spellings.
for word in '"C:\\app\\tool.exe"' '"c:/APP/tool"' '"\\\\?\\C:\\app\\tool.exe"' '"\"C:\\app\\tool.exe\" --x"' \
    '"C:\\Program Files\\My App\\tool.exe --x y"' '"C:\\Program Files\\My App\\tool.exe","--x"' '"C:\\app\\run.bat"' \
    '"C:\\link.exe"' '"\\app\\tool.exe"' '"app\\tool"' '"cmd"' '"cmd.exe","/c","echo"'; do
    entry "$word"
done
finds --workdir 'C:\app' --entrypoint '["run"]' --
finds --workdir 'C:\app' --entrypoint '[".\\tool.exe"]' --
finds --env 'PATH=C:\windows;C:\app\' --cmd '["tool"]' --

# Not there, or not to be started.
entry '"C:\\app"' "error: the config's entry point \"C:\\app\" is in no layer"
entry '"C:\\lost.exe"' "error: the config's entry point \"C:\\lost.exe\" is in no layer"
entry '"\"C:\\app\\none.exe\" -x"' "error: the config's entry point \"C:\\app\\none.exe\" is in no layer"
command '"C:\\app\\none.exe","x"' "error: the config's command \"C:\\app\\none.exe\" is in no layer"
command '"none"' "warning: the config's command \"none\" is in no layer, in none of the folders that programs are looked for in"
entry '"C:\\app\\elf.exe"' "error: the config's entry point is a program for Linux (ELF)"
entry '"C:\\app\\arm32.exe"' "error: the config's architecture is amd64, the entry point is a program for arm"
entry '"C:\\app\\s.ps1"' \
    "warning: the config's entry point is s.ps1, which Windows does not start by itself: name the program that reads it"
entry '"D:\\x.exe"' "warning: the config's entry point \"D:\\x.exe\" is not on the drive C:, where all is that an image has"
entry '"\\\\srv\\share\\x.exe"' \
    "warning: the config's entry point \"\\\\srv\\share\\x.exe\" is not on the drive C:, where all is that an image has"
entry '"%APP%\\x.exe"' "warning: the config's entry point \"%APP%\\x.exe\" has %APP% in it, which nothing replaces without a shell"

# What a shell runs by its whole path.
command '"cmd","/S","/C","C:\\app\\run.bat"'
command '"cmd","/S","/C","C:\\app\\run"'
command '"cmd","/S","/C","C:\\app\\none.bat & echo"'
command '"cmd","/S","/C","none.bat"'
command '"cmd","/S","/C","%APP%\\none.bat"'
command '"cmd","/S","/C","C:\\app\\none.bat"' "warning: the config's command runs \"C:\\app\\none.bat\", $none"
command '"cmd /S /C C:\\app\\none.bat 1 2"' "warning: the config's command runs \"C:\\app\\none.bat\", $none"
command '"cmd","/c","\"\"C:\\my app\\none\" 1\""' "warning: the config's command runs \"C:\\my app\\none\", $none"
finds --entrypoint '["C:\\Windows\\System32\\cmd.exe"]' --cmd '["/k","C:\\none.cmd"]' -- \
    "warning: the config's entry point runs \"C:\\none.cmd\", $none"

# PATH, and what of it is not what was meant.
finds --env 'Path=C:\app;%PATH%' -- \
    "warning: the config's PATH has %PATH% in it, which nothing replaces: the folders that it stands for are not searched"
finds --env 'PATH=/usr/local/bin:/usr/bin' -- \
    "error: the config's PATH is one of Linux, \"/usr/local/bin:/usr/bin\": nothing of Windows is found by its name"

# What the host runs is not looked for, and what has no version is the host's.
finds --os-version '' --entrypoint '["C:\\app\\none.exe"]' --

# In a configuration that others wrote.
member() {
    "$PYTHON3" -S "$abs_srcdir/tests/cli/image-of-layers.py" img "$@" layer.tar
    lp verify oci:img >out || [ $? -eq 1 ] || fail "verify"
    grep -e WorkingDir -e created out | sed 's/ ([^)]*)$//' >found
}
printf 'd Files\nend 2\n' | "$PYTHON3" -S "$abs_srcdir/tests/cli/make-layer.py" layer.tar
member --set config='{"WorkingDir":"C:\tools"}'
says found "error: the config's WorkingDir has a control character: in JSON a backslash is \\\\"
member --set created='"yesterday"'
says found "warning: the config's created is \"yesterday\", which is no time"
