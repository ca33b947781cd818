# Sourced by what asks others about .reg files: small ones of each kind of line. POSIX sh.
#
# A backslash ends nothing here.
# shellcheck shell=sh disable=SC1003,SC1004

# wide LINE...: a file of version 5 in UTF-16.
wide() {
    { printf '\357\273\277Windows Registry Editor Version 5.00\r\n\r\n' && printf '%s\r\n' "$@"; } |
        iconv -f UTF-8 -t UTF-16LE
}

# reg_files FOLDER ROOT: writes them to FOLDER; all their keys are below ROOT.
reg_files() {
    wide "[$2]" '@="default"' '"text"="a \"quoted\" \\ text"' '"none"=""' >"$1/01-strings.reg"
    wide "[$2\\numbers]" '"zero"=dword:00000000' '"short"=dword:1f' '"max"=dword:ffffffff' >"$1/02-dwords.reg"
    wide "[$2\\hex]" '"binary"=hex:00,01,ff' '"expand"=hex(2):25,00,41,00,25,00,00,00' \
        '"multi"=hex(7):61,00,00,00,62,00,00,00,00,00' '"qword"=hex(b):01,02,03,04,05,06,07,08' \
        '"none"=hex(0):' '"resource"=hex(a):01' '"odd"=hex(7fffffff):aa,bb' >"$1/03-types.reg"
    wide "[$2\\long]" '"lines"=hex:00,01,02,\' '  03,04,05,\' '  06,07' '; a comment' '"next"="x"' \
        >"$1/04-continued.reg"
    wide "[$2\\gone\\below]" '"x"="1"' "[-$2\\gone]" "[$2\\stays]" '"x"="1"' '"y"="2"' '"x"=-' \
        >"$1/05-deleted.reg"
    wide "[$2\\again]" '"old"="1"' "[-$2\\again]" "[$2\\again]" '"new"="1"' >"$1/06-made-again.reg"
    wide "[$2\\Ключ\\キー]" '"Имя"="значение"' '"é"="ü"' '"𝄞"="surrogates"' >"$1/07-unicode.reg"
    printf 'REGEDIT4\r\n\r\n[%s\\narrow]\r\n"text"="caf\351"\r\n"expand"=hex(2):25,41,25,00\r\n"multi"=hex(7):61,00,62,00,00\r\n' \
        "$2" >"$1/08-version-4.reg"
    wide "[$2\\case]" '"Name"="1"' '"NAME"="2"' "[$2\\CASE\\Below]" "[$2\\case\\BELOW]" '@=dword:1' \
        >"$1/09-case.reg"
    wide "[$2\\bad]" '"good"="1"' '"unclosed="1"' '"number"=dword:xyz' '"word"=nonsense' '"late"="2"' >"$1/10-bad.reg"
    printf 'Windows Registry Editor Version 5.00\r\n\r\n[%s\\eight]\r\n"by-header"=hex(2):25,00,41,00,00,00\r\n' \
        "$2" >"$1/11-eight-bit.reg"
}
