#!/bin/sh
# Keys and values as people have them at hand, and what is said of those that are not there.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

root='HKEY_LOCAL_MACHINE\SOFTWARE'
odd=$abs_srcdir/fixtures/hives/odd-names

cat >patch.reg <<END
Windows Registry Editor Version 5.00

[$root\\Contoso\\Agent]
@="default"
"Version"="1.2"

[$root\\Contoso\\a/b]
"slash"=dword:00000001

[$root\\Contoso\\a\\b]
"backslash"=dword:00000002

[$root\\Computer\\HKEY_USERS]
"mine"=dword:00000003

[$root\\SOFTWARE\\Twice]
"inner"=dword:00000004

[$root\\Odd::Key]
"x::y"=dword:00000005
END
run 0 ht new -o fresh --name=SOFTWARE
run 0 ht apply -q -o SOFTWARE fresh patch.reg

# One key, however it is spelled.
for key in 'Contoso\Agent' 'HKLM:\SOFTWARE\Contoso\Agent' 'HKEY_LOCAL_MACHINE:\SOFTWARE\Contoso\Agent' \
    "Computer\\$root\\Contoso\\Agent" "computer\\$root\\contoso\\agent\\" "[$root\\Contoso\\Agent]" \
    "Registry::$root\\Contoso\\Agent" "Microsoft.PowerShell.Core\\Registry::$root\\Contoso\\Agent" \
    'SOFTWARE\Contoso\Agent' 'Contoso/Agent' 'HKLM/SOFTWARE/Contoso/Agent' 'HKLM:/SOFTWARE/Contoso/Agent/' \
    'hklm:\software/Contoso\Agent'; do
    run 0 ht ls SOFTWARE "$key"
    says out '@  sz "default"' '"Version"  sz "1.2"'
    says err
    run 0 ht get SOFTWARE "$key" Version
    says out 'sz "1.2"'
    run 0 ht export --key="$key" --encoding=utf-8 SOFTWARE
    grep -q '^"Version"="1.2"' out || fail "$key is not exported"
done

# A key of that very name comes first.
run 0 ht ls SOFTWARE 'Contoso\a/b'
says out '"slash"  dword 0x00000001 (1)'
run 0 ht ls SOFTWARE 'Contoso/a/b'
says out '"backslash"  dword 0x00000002 (2)'
run 0 ht ls SOFTWARE 'Computer\HKEY_USERS'
says out '"mine"  dword 0x00000003 (3)'
run 0 ht ls SOFTWARE 'SOFTWARE\Twice'
says out '"inner"  dword 0x00000004 (4)'
run 2 ht ls SOFTWARE 'HKCU:\Contoso'
head -n 1 err >first
says first "hivetool: HKCU:\\Contoso: is not in this hive, which hangs at $root"
run 2 ht ls SOFTWARE 'Contoso\\Agent/x'
head -n 1 err >first
says first 'hivetool: Contoso\\Agent/x: has an empty key name'

# KEY::VALUE, (Default).
for key in 'HKLM:\SOFTWARE\Contoso\Agent' "Registry::$root\\Contoso\\Agent"; do
    run 0 ht get SOFTWARE "$key::Version"
    says out 'sz "1.2"'
done
# The colons of Registry:: part nothing, those of a key of that name do.
run 1 ht get SOFTWARE "Registry::$root\\Nope"
says err "hivetool: SOFTWARE: Registry::$root\\Nope: no such key: 'Nope' is not in the root key"
run 1 ht get SOFTWARE 'Registry::Version'
says err "hivetool: SOFTWARE: Registry: no such key: 'Registry' is not in the root key"
for value in '@' '' '(Default)' '(default)'; do
    run 0 ht get SOFTWARE "Contoso\\Agent::$value"
    says out 'sz "default"'
    run 0 ht get SOFTWARE 'Contoso\Agent' "$value"
    says out 'sz "default"'
done
run 0 ht get --raw SOFTWARE 'Contoso/a\b::backslash'
printf '\002\0\0\0' >bytes
same_bytes bytes out
run 0 ht get SOFTWARE 'Odd::Key'
says out '"x::y"  dword 0x00000005 (5)'
run 0 ht get SOFTWARE 'Odd::Key' 'x::y'
says out 'dword 0x00000005 (5)'
run 2 ht get --raw SOFTWARE 'Contoso\Agent'

# What is there and what is not.
absent() {
    absent_text=$1
    shift
    run 1 ht "$@"
    says out
    says err "hivetool: SOFTWARE: $absent_text"
}
absent "Contoso\\Agnet\\Deep: no such key: 'Agnet' is not in 'Contoso', did you mean 'Agent'?" \
    ls SOFTWARE 'Contoso\Agnet\Deep'
absent "HKLM\\SOFTWARE\\Cotnoso: no such key: 'Cotnoso' is not in the root key, did you mean 'Contoso'?" \
    get SOFTWARE 'HKLM\SOFTWARE\Cotnoso'
absent "Contosos/Agent: no such key: 'Contosos' is not in the root key, did you mean 'Contoso'?" \
    export --key=Contosos/Agent SOFTWARE
absent "Contoso\\Nothing: no such key: 'Nothing' is not in 'Contoso'" ls SOFTWARE 'Contoso\Nothing'
absent "Contoso\\Agent\\version: no such key: 'version' is a value of 'Contoso\\Agent'" \
    ls SOFTWARE 'Contoso\Agent\version'
absent "Contoso\\Agent: Verison: no such value, did you mean 'Version'?" \
    get SOFTWARE 'Contoso\Agent' Verison
absent "Contoso\\Agent: Verison: no such value, did you mean 'Version'?" \
    get SOFTWARE 'Contoso\Agent::Verison'
absent 'Contoso\Agent: zzz: no such value' get SOFTWARE 'Contoso\Agent' zzz

absent "Contoso: agent: no such value, it is a subkey" get SOFTWARE Contoso agent
# A root with slashes is one, also where nobody knows where the hive hangs.
run 0 ht new -o unnamed
run 0 ht apply -q --root="$root" -o nameless unnamed patch.reg
for key in 'HKLM\SOFTWARE\Contoso' HKLM/SOFTWARE/Contoso 'hklm:/SOFTWARE\Contoso'; do
    run 2 ht ls nameless "$key"
    head -n 1 err >first
    says first "hivetool: $key: where the hive hangs in the registry is not known, use --root"
done
for root_option in 'HKLM:\SOFTWARE' hklm:/software HKEY_LOCAL_MACHINE:/SOFTWARE/; do
    run 0 ht ls --root="$root_option" nameless HKLM/SOFTWARE/Contoso
    says out 'a\' 'a/b\' 'Agent\'
done
run 2 ht ls --root='HK:\SOFTWARE' nameless

# A value's name as reports have it, between quotes and with them.
cat >quoted.reg <<END
Windows Registry Editor Version 5.00

[$root\\Quoted]
"say \\"hi\\""="1"
"C:\\\\dir\\\\"="2"
"\\\\u{0}"="3"
"a\\"b"="4"
"a\\\\\\"b"="5"
END
run 0 ht apply -q -o quoted --root="$root" SOFTWARE quoted.reg
for shown in 'say \"hi\"' 'C:\\dir\\' '\\u{0}' 'a\\\"b'; do
    run 0 ht get --root="$root" quoted Quoted "$shown"
    cp out one
    run 0 ht get --root="$root" quoted Quoted "\"$shown\""
    same one out
    run 0 ht get --root="$root" quoted "Quoted::$shown"
    same one out
    run 0 ht get --root="$root" quoted Quoted
    grep -F "\"$shown\"  $(cat one)" out >found || fail "$shown is another value"
done
run 0 ht get --root="$root" quoted Quoted 'a\"b'
says out 'sz "5"'

# Every name that is printed is taken: NUL, halves of surrogate pairs, controls, directions.
run 0 ht ls "$odd"
cp out listed
n_names=0
while IFS= read -r key; do
    run 0 ht ls "$odd" "$key"
    [ "$(wc -l <out)" -eq 1 ] || fail "$key has not one value"
    value=$(sed 's/^"\(.*\)"  .*/\1/' out)
    run 0 ht get "$odd" "$key" "$value"
    run 0 ht get "$odd" "$key::$value"
    n_names=$((n_names + 1))
done <listed
[ "$n_names" -eq 10 ] || fail "$n_names names"

# export: what cannot stand in the text is a comment, all else is there.
run 0 ht export --root=HKLM --encoding=utf-8 "$odd"
says err "hivetool: $odd: 6 things cannot be said in a .reg file, comments in it name them"
grep '^;' out | tr -d '\r' >comments
left='and what is below it, its name has'
say_left() {
    printf '; not in this file: [HKEY_LOCAL_MACHINE\\%s] %s %s\n' "$1" "$left" "$2"
}
{
    say_left 'end\u{0}' 'a NUL character'
    say_left 'h\u{d800}x' 'half of a surrogate pair'
    say_left 'two\u{a}lines' 'a line break'
    say_left 'zero\u{0}key' 'a NUL character'
    say_left '\u{dc00}' 'half of a surrogate pair'
    say_left '\u{dc00}\u{d800}' 'half of a surrogate pair'
} >wanted
same wanted comments
[ "$(grep -c '^\[' out)" -eq 5 ] || fail 'not all other keys are exported'
run 0 ht export --root=HKLM --compat=regedit "$odd"
says err "hivetool: $odd: 2 things cannot be said in a .reg file; without --compat comments name them"
# The very key that is asked for is refused.
run 4 ht export --root=HKLM --key='end\u{0}' "$odd"
says out
says err 'hivetool: [HKEY_LOCAL_MACHINE\end\u{0}]: cannot be written as .reg: its name has a NUL character'

# diff and reverse patches: such keys do not matter where the change does not touch them.
cat >away.reg <<END
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\New]
"x"=dword:00000001
END
run 0 ht apply -q --root=HKLM --reverse-out=undo.reg -o changed "$odd" away.reg
says err
run 1 ht diff --root=HKLM --format=reg --encoding=utf-8 "$odd" changed
grep '^\[' out | tr -d '\r' >keys
says keys '[HKEY_LOCAL_MACHINE\New]'
run 0 ht apply -q --root=HKLM -o again changed undo.reg
run 0 ht diff "$odd" again
# Where it does, the text form is refused and JSON named.
run 1 ht diff --root=HKLM --format=json "$odd" "$abs_srcdir/fixtures/hives/empty"
cp out gone.json
run 4 ht diff --root=HKLM --format=reg "$odd" "$abs_srcdir/fixtures/hives/empty"
says out
says err 'hivetool: [HKEY_LOCAL_MACHINE\end\u{0}]: cannot be written as .reg: its name has a NUL character; use --format=json'
run 4 ht apply -q --root=HKLM --reverse-out=undo2.reg -o emptied "$odd" gone.json
says err 'hivetool: [HKEY_LOCAL_MACHINE\end\u{0}]: cannot be written as .reg: its name has a NUL character; use a name that ends in .json'
[ ! -e emptied ] || fail 'written although its reverse cannot be'
run 0 ht apply -q --root=HKLM --reverse-out=undo2.json -o emptied "$odd" gone.json
run 0 ht apply -q --root=HKLM -o back emptied undo2.json
run 0 ht diff --ignore=timestamps,order "$odd" back
