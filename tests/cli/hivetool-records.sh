#!/bin/sh
# Keys and values as records: ls, get, export and digest in JSON, NDJSON and CSV, and ls --long.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
cp "$hives/small" small
cp "$hives/SYSTEM" SYSTEM

# --- ls ---

# CSV ends its lines as RFC 4180 has it.
run 0 ht ls --format=csv small Alpha
says out "$(printf 'record,hive,key,name,type,data,time,subkeys,values,layer\r')" \
    "$(printf 'value,small,Alpha,text,REG_SZ,a few words of text,,,,\r')" \
    "$(printf 'value,small,Alpha,number,REG_DWORD,0,,,,\r')" \
    "$(printf 'key,small,Alpha\\Below,,,,2022-05-09T21:41:17.2706262Z,1,0,\r')"
run 0 ht ls --format=ndjson small Alpha
says out \
    '{"record":"value","hive":"small","key":"Alpha","name":"text","data":{"type":1,"type_name":"REG_SZ","hex":"61002000660065007700200077006f0072006400730020006f006600200074006500780074000000","text":"a few words of text"},"time":null,"subkeys":null,"values":null,"layer":null}' \
    '{"record":"value","hive":"small","key":"Alpha","name":"number","data":{"type":4,"type_name":"REG_DWORD","hex":"00000000","dword":0},"time":null,"subkeys":null,"values":null,"layer":null}' \
    '{"record":"key","hive":"small","key":"Alpha\\Below","name":null,"data":null,"time":"2022-05-09T21:41:17.2706262Z","subkeys":1,"values":0,"layer":null}'
# A place is told from its HKEY_ name on where it is known.
run 0 ht ls --format=csv SYSTEM Select
tail -n +2 out | cut -d , -f 1-6 >rows
says rows 'value,SYSTEM,HKEY_LOCAL_MACHINE\SYSTEM\Select,Current,REG_DWORD,1' \
    'value,SYSTEM,HKEY_LOCAL_MACHINE\SYSTEM\Select,Default,REG_DWORD,1' \
    'value,SYSTEM,HKEY_LOCAL_MACHINE\SYSTEM\Select,Failed,REG_DWORD,0' \
    'value,SYSTEM,HKEY_LOCAL_MACHINE\SYSTEM\Select,LastKnownGood,REG_DWORD,1'
# Of several hives, the hives.
run 0 ht ls --format=csv "$hives"
grep '^hive,' out | cut -d , -f 1,3 | head -n 3 >rows
says rows 'hive,HKEY_LOCAL_MACHINE\SOFTWARE' 'hive,HKEY_LOCAL_MACHINE\SYSTEM' 'hive,'
# With --long there are class and descriptor.
run 0 ht ls --long --format=csv small
grep ',Charlie,' out | cut -d , -f 10- >row
says row "$(printf ',GenericClass,O:SYG:SYD:AI(A;CI;KA;;;LS)(A;CI;KA;;;NS)(A;CIID;KA;;;SY)(A;CIID;KA;;;BA)\r')"
run 0 ht ls -l small Alpha
says out '                                              "text"  sz "a few words of text"' \
    '                                              "number"  dword 0x00000000 (0)' \
    '2022-05-09T21:41:17.2706262Z       1       0  Below\  O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)'
run 2 ht ls --format=xml small
says err "hivetool: --format is 'xml', not text, json, ndjson or csv" "hivetool: see 'hivetool ls --help'"
# A key that is not there is no document.
run 1 ht ls --format=json small Nowhere
says out

# --- get ---

run 0 ht get --format=csv small Alpha number
tail -n 1 out | tr -d '\r' >row
says row 'value,small,Alpha,number,REG_DWORD,0,,,,'
run 0 ht get --format=ndjson small 'Alpha::text'
grep -c '"name":"text"' out >n
says n 1
run 2 ht get --raw --format=json small Alpha number
says err 'hivetool: get: --raw contradicts --format' "hivetool: see 'hivetool get --help'"

# --- export ---

# All keys and values that ls -r has, and the root key.
run 0 ht export --format=csv small
cut -d , -f 1-6 out | cut -c 1-60 >exported
run 0 ht ls -r --format=csv small
cut -d , -f 1-6 out | cut -c 1-60 >listed
sed 2d exported >below
same listed below
sed -n 2p exported >row
says row 'key,small,,,,'
run 0 ht export --format=ndjson --key='Alpha\Below' -o keys.ndjson small
says out
grep -o '"key":"[^"]*"' keys.ndjson >rows
says rows '"key":"Alpha\\Below"' '"key":"Alpha\\Below\\Bottom"'
run 2 ht export --format=csv --encoding=utf-8 small
says err 'hivetool: --encoding is only for --format=reg' "hivetool: see 'hivetool export --help'"
run 2 ht export --format=text small
says err "hivetool: --format is 'text', not reg, reg-add, pol, json, ndjson or csv" "hivetool: see 'hivetool export --help'"
# Names that are no text are exact in JSON and escaped in CSV.
run 0 ht export --format=ndjson "$hives/odd-names"
grep -c '"path":' out >n
[ "$(cat n)" -gt 0 ] || fail "no odd name has its units"
run 0 ht export --format=csv "$hives/odd-names"
tr -d '\n\r' <out >one-line
! grep -q '[[:cntrl:]]' one-line || fail "control characters in CSV"

# --- digest ---

run 0 ht digest --format=ndjson small
says out '{"digest":"sha256:3b08733a80b1a69f0e0dae77f9a75d7a183610aeee6d6551a07c7dec5b276665","hive":"small"}'
