#!/bin/sh
# browse on a terminal of tmux: keys are sent, and whole screens compared.
#
# A backslash ends key names here.
# shellcheck disable=SC1003
. "${abs_srcdir:?}/tests/lib.sh"

# --- where there is no terminal ---
software=$abs_srcdir/fixtures/hives/SOFTWARE
status=0
ht browse "$software" </dev/null >out 2>err || status=$?
grep -q 'was built without ncurses' err && {
    [ "$status" = 4 ] || fail "status $status"
    skip "hivetool was built without ncurses"
}
run 2 ht browse "$software" </dev/null
says err 'hivetool: browse: needs a terminal as standard input and output; ls, get and diff print' \
    "hivetool: see 'hivetool browse --help'"
says out

needs_program tmux infocmp
infocmp screen >terminal 2>&1 || skip "terminfo does not know screen"

# --- tmux ---
# Each on a socket of its own: a server that ends takes its time.
n_servers=0
tm() {
    tmux -S "$tmp/socket$n_servers" -f /dev/null "$@"
}
end_tmux() {
    tm kill-server >quiet 2>&1 || :
    remove_tmp
}
trap end_tmux EXIT

# start COLUMNS ROWS COMMAND...: in a shell that stays, so that what is printed at the end is seen.
start() {
    columns=$1
    rows=$2
    shift 2
    {
        echo "cd '$tmp' && clear"
        # shellcheck disable=SC2086
        printf "'%s' " $TEST_WRAPPER "$abs_builddir/hivetool/hivetool" "$@"
        printf '%s\n' '; echo "over $?"; read -r end'
    } >session
    again "$columns" "$rows"
}

# again COLUMNS ROWS: runs the file session in a new terminal.
again() {
    tm kill-server >quiet 2>&1 || :
    n_servers=$((n_servers + 1))
    tm new-session -d -x "$1" -y "$2" "TERM=screen exec sh '$tmp/session'"
}

keys() {
    tm send-keys "$@"
}

# types TEXT: at a prompt, and Enter.
types() {
    tm send-keys -l "$1"
    tm send-keys Enter
}

# sees PATTERN: waits till a line of the screen matches; the screen is then in the file seen.
sees() {
    tries=0
    until tm capture-pane -p >raw && sed 's/ *$//' raw >seen && grep -q -e "$1" seen; do
        tries=$((tries + 1))
        [ "$tries" -lt 400 ] || {
            cat seen >&2
            fail "'$1' is not on the screen"
        }
        sleep 0.05
    done
}

# shows LINE...: the whole screen.
shows() {
    says seen "$@"
}

bar=$(printf '\342\224\202')
line=$(printf '\342\224\200\342\224\200')
open=$(printf '\342\226\276')
closed=$(printf '\342\226\270')
dots=$(printf '\342\200\246')

# --- a hive: 80 x 24 ---
start 80 24 browse "$software"
sees 'quit$'
sed "1s|: .*/|: |" seen >first
mv first seen
shows ' hivetool browse: SOFTWARE' \
    "  $open HKEY_LOCAL_MACHINE\\SOFTWARE $bar  (no values)" \
    "    $closed Classes                   $bar" \
    "    $closed Contoso                   $bar" \
    "    $closed Microsoft                 $bar" \
    "    $closed Wow6432Node               $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" \
    "$line key, lines 1-7 of 10" \
    'HKEY_LOCAL_MACHINE\SOFTWARE' \
    'holds       4 subkeys, 0 values' \
    'written     2022-05-07T00:00:00Z' \
    'rights      O:BA' '            G:SY' '            D:PAI' '            (A;CI;KA;;;BA)' \
    '? help   / search   g go to   Space mark   y yank   q quit'

# --- arrows, and what leads nowhere ---
keys Down Down Down Right
sees "$open Microsoft"
sees "      $closed Ole "
keys x
sees '^? tells the keys$'
keys g
sees '^go to:'
types 'Microsoft\Olle'
sees 'no such key'
keys g
sees '^go to:'
types 'HKLM:\software\microsoft\ole::EnableDCOM'
sees '^HKEY_LOCAL_MACHINE.SOFTWARE.Microsoft.Ole::EnableDCOM$'
sees '^sz "Y"$'

# --- search, on and round and back ---
keys /
sees '^/$'
types 'combase.DLL'
sees 'Extensions::NdrOleExtDLL$'
keys n
sees 'round the end, from the top$'
keys N
sees 'round the top, from the end$'
keys /
sees '^/$'
types 'no such text'
sees '^not found$'

# --- marks, yank, and what is printed at the end ---
keys Space
sees '^1 marked$'
keys g
sees '^go to:'
types 'Microsoft\Rpc\NetBios'
sees '^HKEY_LOCAL_MACHINE.SOFTWARE.Microsoft.Rpc.NetBios$'
keys Space
sees '^2 marked$'
keys y
sees '^yank as: '
keys p
sees '^2 yanked as path, printed at the end$'
keys q
sees '^over 0$'
sed '/^$/d' seen >lines
says lines 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\Extensions::NdrOleExtDLL' \
    'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Rpc\NetBios' 'over 0'

# --- to a file: JSON that applies; Ctrl-C writes nothing ---
start 80 24 browse -o yanked.json "$software"
sees 'quit$'
keys g
sees '^go to:'
types 'Contoso'
sees '^HKEY_LOCAL_MACHINE.SOFTWARE.Contoso$'
keys y
sees '^yank as: '
keys j
sees '^1 yanked as JSON'
keys q
sees '^over 0$'
run 0 ht new -o empty
run 0 ht apply -q --root 'HKLM\SOFTWARE' -o copy empty yanked.json
run 0 ht export --encoding=utf-8 --root 'HKLM\SOFTWARE' --key Contoso copy
mv out got
run 0 ht export --encoding=utf-8 --key Contoso "$software"
same out got
start 80 24 browse -o none.json "$software"
sees 'quit$'
keys y
sees '^yank as: '
keys j
sees '^1 yanked'
keys C-c
sees '^over 0$'
[ ! -e none.json ] || fail "Ctrl-C wrote something"
sees 'nothing was yanked, none.json is not written'

# --- what changed ---
cat >change.reg <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole]
"EnableDCOM"="N"
"New"=dword:5

[HKEY_LOCAL_MACHINE\SOFTWARE\Neu\Sub]
@="x"

[-HKEY_LOCAL_MACHINE\SOFTWARE\Contoso]
END
cp "$software" SOFTWARE
start 80 24 browse SOFTWARE change.reg
sees 'quit$'
keys ']'
sees '^difference  removed'
keys ']'
sees '^difference  changed'
shows ' hivetool browse, what changed: SOFTWARE -> change.reg' \
    " :$open HKEY_LOCAL_MACHINE\\SOFTWARE $bar ~\"EnableDCOM\"  sz \"Y\" -> sz \"N\"" \
    " -  $closed Contoso                   $bar +\"New\"  dword 0x00000005 (5)" \
    " :  $open Microsoft                 $bar" \
    " ~    $closed Ole                     $bar" \
    " +  $closed Neu                       $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" "                                $bar" \
    "                                $bar" \
    "$line key, lines 1-7 of 12" \
    'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Ole' \
    'difference  changed' \
    'holds       3 subkeys, 3 values' \
    'written     2022-06-04T16:42:08.5368685Z' \
    'rights      O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464' \
    '            G:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464' \
    '            D:PAI' \
    '? help   / search   g go to   Space mark   y yank   q quit'
keys c
sees '^everything$'
sees "Wow6432Node"
keys g
sees '^go to:'
types 'Neu\Sub::@'
sees 'Neu.Sub::$'
keys y
sees '^yank as: '
keys r
sees '^1 yanked as .reg'
keys q
sees '^over 0$'
sed '/^$/d' seen >lines
says lines 'Windows Registry Editor Version 5.00' '[HKEY_LOCAL_MACHINE\SOFTWARE\Neu\Sub]' '@="x"' 'over 0'

# --- a long path: its beginning gives way, what is said of it does not ---
deep=one-folder-of-a-long-name/another-one-below-it/and-the-third
mkdir -p "$deep"
cp "$software" "$deep"
start 80 24 browse "$deep/SOFTWARE"
sees 'quit$'
head -n 1 seen >line
says line " hivetool browse: ${dots}er-of-a-long-name/another-one-below-it/and-the-third/SOFTWARE"
keys g
sees '^go to:'
types 'Microsoft\Olle'
sees 'no such key'
tail -n 1 seen >line
says line "${dots}: Microsoft\\Olle: no such key: 'Olle' is not in 'Microsoft', did you mean 'Ol${dots}"
tm resize-window -x 40 -y 12
sees "^${dots}: Microsoft.Olle: no such key: 'Olle'${dots}\$"
keys q
sees '^over 0$'

# --- several hives: each is opened when somebody goes there ---
mkdir folder
cp "$software" "$abs_srcdir/fixtures/hives/SYSTEM" folder
start 80 24 browse folder
sees 'quit$'
sees "$closed HKEY_LOCAL_MACHINE.SYSTEM .*$bar"
sees 'not opened yet: Right opens it'
keys g
sees '^go to:'
types 'HKLM/SYSTEM/CurrentControlSet/Services/DiagTrack::Start'
sees '^HKEY_LOCAL_MACHINE.SYSTEM.ControlSet001.Services.DiagTrack::Start$'
sees '^means       automatic$'
keys q
sees '^over 0$'

# A hive that the other does not have is not the same.
mkdir one
cp "$software" one
start 70 16 browse folder one
sees '^no difference$'
keys End Right
sees "$open HKEY_LOCAL_MACHINE.SYST"
sees '^difference  not compared$'
keys q
sees '^over 0$'

# --- resized: smaller, too small, larger ---
start 80 24 browse SOFTWARE change.reg
sees 'quit$'
tm resize-window -x 44 -y 12
sees '^. help   / search   g go to   Space mark  *.$'
[ "$(wc -l <seen)" = 12 ] || fail "it is not drawn anew"
tm resize-window -x 20 -y 5
sees '^too small$'
tm resize-window -x 100 -y 30
sees 'quit$'
[ "$(grep -n 'quit$' seen)" = '30:? help   / search   g go to   Space mark   y yank   q quit' ] ||
    fail "it does not fill the terminal"

# --- names and texts that are wide, or that a terminal would obey ---
cat >odd.json <<'END'
{"format_version":"1.0","tool":"hivetool","kind":"delta","root":"","changes":[
{"op":"create_key","path":["a\u001b[31mb\u202e"]},
{"op":"create_key","path":["\u6f22\u5b57"]},
{"op":"set_value","path":["\u6f22\u5b57"],"name":"q\u0301\u0007","after":{"type":1,"hex":"226f575b226f575b226f575b226f575b226f575b226f575b226f575b226f575b226f575b226f575b226f575b226f575b0000"}}
]}
END
run 0 ht apply -q -o odd empty odd.json
start 44 12 browse odd
sees '^. help'
keys Down Down
han=$(printf '\346\274\242\345\255\227')
sees "holds       0 subkeys, 1 value"
head -n 4 seen >top
acute=$(printf 'q\314\201')
says top ' hivetool browse: odd' \
    "  $open odd          $bar  \"$acute\\u{7}\"  sz \"$han$han$dots" \
    "      a\\u{1b}[31$dots$bar" \
    "      $han       $bar"

# --- without colour, and where the locale has no such characters ---
start 80 24 --color=always browse SOFTWARE change.reg
sees 'quit$'
tm capture-pane -p -e >raw
grep -q "$(printf '\033\\[32m')" raw || fail "added keys are not green"
start 80 24 --color=never browse SOFTWARE change.reg
sees 'quit$'
tm capture-pane -p -e >raw
lacks raw "$(printf '\033\\[3[0-7]m')"
sed -i '1s/^/export LC_ALL=C; /' session
again 44 12
sees '^. help'
LC_ALL=C grep -v '^[ -~]*$' seen >&2 && fail "not only ASCII in the C locale"
keys Down Down Down Down
sees '^HKEY_LOCAL_MACHINE.SOFTWARE.Neu$'
keys q
sees '^over 0$'

# --- terminals that cannot show it, operands that it cannot ---
while read -r terminal wanted; do
    start 100 10 browse "$software"
    sed -i "s/^'/TERM=$terminal '/" session
    again 100 10
    sees '^over 2$'
    head -n 1 seen >line
    says line "hivetool: browse: $wanted"
done <<'END'
dumb a terminal like TERM=dumb cannot show it, or is not known here
no-such a terminal like TERM=no-such cannot show it, or is not known here
END
start 100 10 browse change.reg
sees '^over 2$'
head -n 1 seen >line
says line 'hivetool: change.reg: is a patch, browse shows hives'
start 100 10 browse change.reg SOFTWARE
sees '^over 2$'
head -n 1 seen >line
says line 'hivetool: change.reg: is a patch: name the hive first'
start 100 10 browse -o SOFTWARE SOFTWARE
sees '^over 2$'
