#!/bin/sh
# hivetool find: what is found where, and how it is told.
. "${abs_srcdir:?}/tests/lib.sh"

printf '%s\n' 'REGEDIT4' '' '[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Agent]' '"Path"="C:\\Program Files\\Agent\\agent.exe"' \
    '"Port"=dword:000001bb' '"Items"=hex(7):61,67,65,6e,74,00,74,77,6f,00,00' \
    '"Blob"=hex:01,02,61,67,65,6e,74,2e,64,6c,6c,00,ff,41,00,67,00,45,00,6e,00,54,00' '@="x"' \
    '[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Other]' '"agent"="no"' '[HKEY_LOCAL_MACHINE\SOFTWARE\Empty]' >p.reg
run 0 ht new -o empty
run 0 ht apply --root='HKLM\SOFTWARE' -o SOFTWARE empty p.reg
cp "$abs_srcdir/fixtures/hives/SYSTEM" SYSTEM
k='HKEY_LOCAL_MACHINE\SOFTWARE\Contoso'

# --- text ---

run 0 ht find agent SOFTWARE
says out "$k\\Agent\\\"Path\"  sz \"C:\\\\Program Files\\\\Agent\\\\agent.exe\"" \
    "$k\\Agent\\\"Items\"  multi_sz \"agent\" \"two\"" \
    "$k\\Agent\\\"Blob\"  binary 23 bytes 01026167656e742e646c6c00ff4100670045006e005400  holds 'agent.dll'" \
    "$k\\Other\\\"agent\"  sz \"no\""
run 0 ht search -i AGENT --in=keys,names SOFTWARE
says out "$k\\Agent\\" "$k\\Other\\\"agent\"  sz \"no\""
run 0 ht find AgEnT SOFTWARE
says out "$k\\Agent\\\"Blob\"  binary 23 bytes 01026167656e742e646c6c00ff4100670045006e005400  holds 'AgEnT'"
run 0 ht find 443 SOFTWARE
says out "$k\\Agent\\\"Port\"  dword 0x000001bb (443)"
run 0 ht find 0x1BB SOFTWARE
says out "$k\\Agent\\\"Port\"  dword 0x000001bb (443)"
run 1 ht find 44 SOFTWARE
says out
says err
run 0 ht find --glob 'C:\*\agent.exe' SOFTWARE
says out "$k\\Agent\\\"Path\"  sz \"C:\\\\Program Files\\\\Agent\\\\agent.exe\""
run 1 ht find --glob 'agent.exe' SOFTWARE
run 0 ht find --regex '^(two|Em.*)$' SOFTWARE
says out "$k\\Agent\\\"Items\"  multi_sz \"agent\" \"two\"" 'HKEY_LOCAL_MACHINE\SOFTWARE\Empty\'
run 0 ht find -E '(?<=g)en' --type=multi_sz,REG_DWORD SOFTWARE
says out "$k\\Agent\\\"Items\"  multi_sz \"agent\" \"two\""

# --- several hives, and parts of them ---

mkdir -p disk/Windows/System32/config
cp SOFTWARE SYSTEM disk/Windows/System32/config
run 0 ht find -c agent.exe SOFTWARE SYSTEM
says out 'SOFTWARE: 1' 'SYSTEM: 0'
run 0 ht find -c agent.exe SOFTWARE
says out 1
run 0 ht find -l agent.exe disk
says out disk/Windows/System32/config/SOFTWARE
run 0 ht find agent.exe SYSTEM SOFTWARE
says out "SOFTWARE: $k\\Agent\\\"Path\"  sz \"C:\\\\Program Files\\\\Agent\\\\agent.exe\""
run 0 ht find -l --key 'HKLM\SYSTEM\Select' 1 disk
says out disk/Windows/System32/config/SYSTEM
run 1 ht find --key 'Contoso\Other' exe SOFTWARE
run 0 ht find --key 'Contoso\Other' no SOFTWARE SYSTEM
says out "SOFTWARE: $k\\Other\\\"agent\"  sz \"no\""
run 1 ht find --key Contosa no SOFTWARE SYSTEM
says err "hivetool: SOFTWARE: Contosa: no such key: 'Contosa' is not in the root key, did you mean 'Contoso'?"

# --- a part of what is found, as in diff ---

run 0 ht find agent. --exclude '::Blob' SOFTWARE
lacks out Blob
grep -q '"Path"' out || fail "all is excluded"
run 0 ht find -c agent. --include 'Agent::B*' SOFTWARE
says out 1
run 1 ht find agent. --exclude "$k" SOFTWARE
says out
echo '**\Agent' >filter
run 1 ht find agent. --include "$k\Agent" --exclude-file=filter SOFTWARE
run 2 ht find agent. --exclude '' SOFTWARE
says err "hivetool: --exclude '': is empty" "hivetool: see 'hivetool find --help'"

# --- a pattern with a dash ---

run 1 ht find -e -agent SOFTWARE
run 0 ht find --pattern=agent.exe -c SOFTWARE SYSTEM
cp out wanted
run 0 ht find -c agent.exe SOFTWARE SYSTEM
same wanted out
run 2 ht find agent
says err 'hivetool: find: HIVE is missing after the PATTERN' "hivetool: see 'hivetool find --help'"

# --- one that cannot be read hides no other ---

cp "$abs_srcdir/fixtures/malformed/truncated-bins" bad
run 3 ht find -l agent bad SOFTWARE
says out SOFTWARE
run 3 ht find -o found agent bad SOFTWARE
[ ! -e found ] || fail "a file that is not whole"

# --- records ---

run 0 ht find --format=csv 'agent.' SOFTWARE
tr -d '\r' <out >rows
says rows 'record,hive,key,name,type,data,in,held' \
    "value,SOFTWARE,$k\\Agent,Path,REG_SZ,C:\\Program Files\\Agent\\agent.exe,data," \
    "value,SOFTWARE,$k\\Agent,Blob,REG_BINARY,01026167656e742e646c6c00ff4100670045006e005400,data,agent.dll"
run 1 ht find --format=json nothing SOFTWARE
says out '{' '  "format_version": "1.0",' '  "tool": "hivetool",' '  "kind": "find",' '  "records": []' '}'
run 0 ht find --format=ndjson -o found Empty SOFTWARE
says found '{"record":"key","hive":"SOFTWARE","key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\Empty","name":null,"data":null,"in":"key","held":null}'

# --- what is asked for in vain ---

run 2 ht find '' SOFTWARE
says err 'hivetool: PATTERN is empty' "hivetool: see 'hivetool find --help'"
run 2 ht find --regex 'a(b' SOFTWARE
head -n 1 err | cut -d : -f 1-3 >first
says first "hivetool: 'a(b' is no regular expression: character 3"
run 2 ht find --glob '[z-a]' SOFTWARE
head -n 1 err >first
says first "hivetool: '[z-a]' is no pattern for names: look at its [...]"
run 2 ht find --regex --glob a SOFTWARE
says err 'hivetool: find: --regex contradicts --glob' "hivetool: see 'hivetool find --help'"
run 2 ht find --type=dwrd a SOFTWARE
run 2 ht find --in=kes a SOFTWARE
run 2 ht find -c --format=json a SOFTWARE
# An expression that would take for ever is given up, not taken for one that finds nothing.
printf '%s\n' 'REGEDIT4' '' '[HKEY_LOCAL_MACHINE\SOFTWARE]' "\"zz\"=\"$(printf '%.0sa' $(seq 60))b\"" >a.reg
run 0 ht apply --root='HKLM\SOFTWARE' -o SLOW empty a.reg
status=0
ht find --regex '^(a+)+$' SLOW >out 2>err || status=$?
[ "$status" -eq 1 ] || { [ "$status" -eq 4 ] && grep -q 'takes too long' err; } || fail "status $status: $(cat err)"

# --- beside what ls -r prints, over all hives of the fixtures ---

for hive in "$abs_srcdir"/fixtures/hives/S*; do
    for word in e an Service 4 '%SystemRoot%'; do
        ht find --regex --full --root='HKLM\X' --in=keys,names "\\Q$word\\E" "$hive" | wc -l >by-regex || true
        ht find --full --root='HKLM\X' --in=keys,names "$word" "$hive" | wc -l >by-text || true
        same by-regex by-text
    done
done

# --- colours are asked for, or the terminal's ---

esc=$(printf '\033')
run 0 ht find --color=always agent.dll SOFTWARE
sed "s/$esc\[\([0-9;]*\)m/<\1>/g" out >shown
says shown "<1;34>$k\\Agent\\<0><36>\"Blob\"<0>  binary 23 bytes 01026167656e742e646c6c00ff4100670045006e005400  holds '<1;31>agent.dll<0>'"
run 0 ht ls --color=always SYSTEM Select
sed "s/$esc\[\([0-9;]*\)m/<\1>/g" out | head -n 1 >shown
says shown '<36>"Current"<0>  dword 0x00000001 (1)'
run 0 ht find agent.dll SOFTWARE
lacks out "$esc"
