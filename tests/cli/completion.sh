#!/bin/sh
# Completion: what is offered at a place of a command line, and that bash, zsh and fish put it there.
. "${abs_srcdir:?}/tests/lib.sh"

mkdir -p here/disk/Windows/System32/config bin
cd here
cp "$abs_srcdir/fixtures/hives/SYSTEM" "$abs_srcdir/fixtures/hives/SOFTWARE" .
cp SYSTEM SOFTWARE disk/Windows/System32/config

# --- what is offered ---

# offers SHELL LINE CANDIDATE...
offers() {
    offers_shell=$1
    offers_line=$2
    shift 2
    run 0 ht __complete "$offers_shell" "$offers_line"
    says err
    says out "$@"
}

offers bash 'hivetool dig' '=digest'
offers fish 'hivetool dig' '=digest	print a SHA-256 of what a hive holds, whatever its layout'
offers bash 'hivetool help chec' '=check'
offers bash 'hivetool diff --form' '+--format='
offers bash 'hivetool export --format=nd' '=ndjson'
offers zsh 'hivetool export --format=nd' '=--format=ndjson'
offers bash 'hivetool check --format jun' '=junit'
offers bash 'hivetool diff --ignore=security,cl' '=security,class'
offers bash 'hivetool --color=al' '=always'
offers bash 'hivetool diff --engine='
offers bash 'hivetool apply --engine=' '=auto' '=hivex' '=rebuild'
offers bash 'hivetool find --in na' '=names'
offers bash 'hivetool find x --type REG' # as they are printed, in small letters
offers bash 'hivetool find x --type dw' '=dword' '=dword_big_endian'
offers bash 'hivetool check ' f
offers bash 'hivetool apply -o ' f
offers bash 'hivetool find '
offers bash 'hivetool new '
offers bash 'hivetool explain'
# Keys, however they are written.
offers bash 'hivetool get SYSTEM sel' '=Select'
offers bash 'hivetool get SYSTEM Contr' '+ControlSet001\\'
offers zsh 'hivetool get SYSTEM Contr' '+ControlSet001\'
offers bash 'hivetool get SYSTEM ControlSet001\Serv' '+ControlSet001\\Services\\'
offers bash 'hivetool get SYSTEM ControlSet001\\Serv' '+ControlSet001\\Services\\'
offers bash 'hivetool ls SYSTEM HKLM\\SYSTEM\\Sel' '=HKLM\\SYSTEM\\Select'
offers bash 'hivetool ls SYSTEM HKLM:\\SYSTEM\\Sel' '=\\SYSTEM\\Select'
offers bash 'hivetool ls disk HKLM\\S' '+HKLM\\SOFTWARE\\' '+HKLM\\SYSTEM\\'
offers zsh 'hivetool ls disk HKEY_LOCAL_MACHINE\SO' '+HKEY_LOCAL_MACHINE\SOFTWARE\'
offers bash 'hivetool find x SYSTEM --key=Sel' '=Select'
# Values, and the hives of a source.
offers bash 'hivetool get SYSTEM Select L' '=LastKnownGood'
offers bash 'hivetool get SYSTEM Select::L' '=LastKnownGood'
offers zsh 'hivetool get SYSTEM Select::L' '=Select::LastKnownGood'
offers zsh 'hivetool rm SYSTEM Select Failed L' '=LastKnownGood'
offers zsh 'hivetool mv SYSTEM Select L' f '=LastKnownGood'
offers zsh 'hivetool mv SYSTEM Select Sel' f '=Select'
offers zsh 'hivetool find -e x ' f
offers zsh 'hivetool find --pattern=x SYSTEM --key=Sel' '=--key=Select'
offers zsh 'hivetool get SYSTEM Select ' '=Current' '=Default' '=Failed' '=LastKnownGood'
# A name with what the shell takes for something else.
printf '%s\n' REGEDIT4 '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Win NT $x'"'"'y]' '"a b"="c"' >p.reg
run 0 ht new -o empty
run 0 ht apply --root='HKLM\SOFTWARE' -o odd empty p.reg
offers bash 'hivetool get odd W' "=Win\\ NT\\ \\\$x\\'y"
offers bash "hivetool get odd 'W" "=Win NT \$x'\\''y"
offers bash 'hivetool get odd "W' "=Win NT \\\$x'y"
# Small and capital letters are the registry's, and no completion is offered for half a character.
printf '%s\r\n' 'Windows Registry Editor Version 5.00' '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Äpfel]' '"Öl"="c"' >q.reg
run 0 ht apply --root='HKLM\SOFTWARE' -o fruit empty q.reg
offers bash 'hivetool get fruit äpf' '=Äpfel'
offers bash 'hivetool get fruit Äpfel ö' '=Öl'
offers bash "hivetool get fruit $(printf '\303')"
# Nothing to offer, and nothing to say.
offers bash 'hivetool get no-such-hive K'
offers bash 'hivetool get SYSTEM NoSuchKey\\'
run 2 ht __complete csh 'hivetool '
says err "hivetool: __complete: expected bash, zsh or fish, and a line" "hivetool: see 'hivetool --help'"

# --- in real shells ---

cat >../bin/hivetool <<'END'
#!/bin/sh
# Completes as the program does, and else says what it was given.
[ "$1" != __complete ] || exec "$abs_builddir/hivetool/hivetool" "$@"
printf 'ARGS '
printf '<%s>' "$@"
echo ' END-OF-ARGS'
END
chmod +x ../bin/hivetool
sed 's/PROGRAM/hivetool/' "$abs_srcdir/completion/hivetool.fish" >../hivetool.fish
PATH=$tmp/bin:$PATH
export PATH

# types SHELL SETUP LINE-AND-RESULT...
types() {
    types_shell=$1
    types_setup=$2
    shift 2
    command -v "$types_shell" >../shell-path || {
        unproven "$types_shell is not installed" "completion in $types_shell"
        return 0
    }
    run 0 "${PYTHON3:-python3}" -S "$abs_srcdir/tests/cli/type-in-shell.py" "$types_shell" "$types_setup" . "$@"
}

tab=$(printf '\t')
set -- "hivetool dig$tab" "hivetool get SYSTEM Sel${tab}Cu$tab" "hivetool get SYSTEM 'ControlSet001\\Serv$tab'" \
    "hivetool export --form${tab}csv" "hivetool export --format=nd$tab" "hivetool info SOFT$tab" "hivetool get odd Wi$tab"
cat >../wanted <<'END'
<digest>
<get><SYSTEM><Select><Current>
<get><SYSTEM><ControlSet001\Services\>
<export><--format=csv>
<export><--format=ndjson>
<info><SOFTWARE>
<get><odd><Win NT $x'y>
END
types bash ". '$abs_srcdir/completion/hivetool.bash'" "$@" "hivetool get SYSTEM ControlSet001\\Serv$tab"
[ ! -s out ] || { { cat ../wanted && echo '<get><SYSTEM><ControlSet001\Services\>'; } >../wanted-here && same ../wanted-here out; }
types zsh "fpath=('$abs_srcdir/completion' \$fpath); autoload -U compinit; compinit -u -D" "$@" "hivetool get SYSTEM ControlSet001\\Serv$tab"
[ ! -s out ] || same ../wanted-here out
types fish "source ../hivetool.fish" "$@"
[ ! -s out ] || same ../wanted out
