#!/bin/sh
# What people give for a patch that is none: named for what it is, with what to do.
# Backslashes in quotes are text.
# shellcheck disable=SC1003,SC2016
. "${abs_srcdir:?}/tests/lib.sh"

needs_program iconv
run 0 ht new -o SOFTWARE

# refused FILE MESSAGE: by all that read patches; nothing is written.
refused() {
    for command in 'apply -o new SOFTWARE' 'apply --compat=regedit -o new SOFTWARE' 'verify SOFTWARE'; do
        # shellcheck disable=SC2086
        run 3 ht $command "$1"
        says out
        head -n 1 err >got
        says got "hivetool: $1$2"
    done
    run 3 ht lint "$1"
    head -n 1 out >got
    says got "$1$2"
    run 3 ht fmt "$1"
    [ ! -e new ] || fail 'a hive was written'
}

# bytes FILE FORMAT WHAT
bytes() {
    # shellcheck disable=SC2059
    printf "$2" >"$1"
    refused "$1" ": $3"
}
# Read as a patch elsewhere: hivetool-pol.sh.
printf 'PReg\001\000\000\000' >Registry.pol
run 3 ht lint Registry.pol
says out 'Registry.pol: is a Registry.pol file of group policies, which apply, verify and diff take as a patch; this is for .reg files'
run 3 ht fmt Registry.pol
says err 'hivetool: Registry.pol: is a Registry.pol file of group policies, which apply, verify and diff take as a patch; this is for .reg files'
bytes a.hive 'regf\001\000' "is a registry hive, not a patch; 'hivetool diff --format=reg OLD NEW' makes a patch of two hives"
bytes a.gz '\037\213\010' 'is gzip data, expected a .reg file that is not compressed'
bytes a.xz '\3757zXZ\000' 'is xz data, expected a .reg file that is not compressed'
bytes a.bz2 'BZh91' 'is bzip2 data, expected a .reg file that is not compressed'
bytes a.zst '\050\265\057\375x' 'is zstd data, expected a .reg file that is not compressed'
bytes a.zip 'PK\003\004' 'is a zip archive, expected a .reg file that is not packed'
bytes a.7z '7z\274\257\047\034' 'is a 7z archive, expected a .reg file that is not packed'
bytes a.rar 'Rar!\032' 'is a rar archive, expected a .reg file that is not packed'
bytes a.cab 'MSCF\000' 'is a cabinet, expected a .reg file that is not packed'
bytes a.msi '\320\317\021\340\241\261\032\341' 'is a compound file, as .msi and .doc are, expected a .reg file'
bytes a.db 'SQLite format 3\000' 'is an SQLite database, expected a .reg file'
bytes a.pdf '%%PDF-1.4' 'is a PDF document, expected a .reg file'
bytes a.rtf '{\\rtf1' 'is an RTF document, expected a .reg file; save it as plain text'
bytes a.out '\177ELF' 'is a program, expected a .reg file'
head -c 100 /dev/zero >zeros
{ printf MZ; cat zeros; } >a.exe
refused a.exe ': is a program, expected a .reg file'
tar cf a.tar zeros
refused a.tar ': is a tar archive, expected a .reg file that is not packed'
: >empty
refused empty ": is empty, expected 'Windows Registry Editor Version 5.00' or 'REGEDIT4' in line 1"

# text FILE WHAT LINE...: as UTF-8 with Windows' line ends, and as UTF-16.
text() {
    text_file=$1
    text_what=$2
    shift 2
    printf '%s\r\n' "$@" >"$text_file"
    refused "$text_file" ":1:1: found $text_what"
    { printf '\377\376'; iconv -f UTF-8 -t UTF-16LE "$text_file"; } >wide
    mv wide "$text_file"
    refused "$text_file" ":1:1: found $text_what"
}
text user.reg "a registry file of Wine, expected a .reg file; 'wine regedit /E FILE.reg KEY' writes one" \
    'WINE REGISTRY Version 2' ';; All keys relative to \\User\\S-1-5-21-0-0-0-1000' '' '#arch=win64' '[Console] 1700000000'
text a.ps1 "a PowerShell script, expected a .reg file; 'Set-ItemProperty KEY NAME DATA' is a line [KEY] and below it a line \"NAME\"=\"DATA\"" \
    '$key = "HKLM:\SOFTWARE\X"' 'Set-ItemProperty -Path $key -Name a -Value 1'
text a.inf "a setup file (.inf), expected a .reg file; 'HKLM,KEY,NAME,,DATA' is a line [HKEY_LOCAL_MACHINE\KEY] and below it a line \"NAME\"=\"DATA\"" \
    '[Version]' 'Signature="$Windows NT$"' '[x]' 'HKLM,"Software\X",a,,b'
text a.ini 'an .ini file, expected a .reg file, whose sections are keys of the registry' \
    '; settings' '[section]' 'a=b'
text a.html 'an HTML page, expected a .reg file; perhaps the page that shows the file was saved in its place' \
    '<!DOCTYPE html>' '<html>'
text a.xml 'XML, expected a .reg file' '<?xml version="1.0"?>' '<RegistrySettings>'
text a.txt "the output of 'reg query', expected a .reg file; 'reg export KEY FILE.reg' writes one" \
    'HKEY_LOCAL_MACHINE\SOFTWARE\X' '    a    REG_SZ    b'

# A .reg file without its header, or with another one, is told that.
header="expected the header 'Windows Registry Editor Version 5.00' or 'REGEDIT4' in line 1"
text no.reg "'[HKEY_LOCAL_MACHINE\SOFTWARE\X]', $header" '[HKEY_LOCAL_MACHINE\SOFTWARE\X]' '"a"="b"'
text no.reg "'[PREFIX\X]', $header" '[PREFIX\X]' '"a"="b"'
text no.reg "'Windows Registry Editor', $header" 'Windows Registry Editor' '[HKEY_LOCAL_MACHINE\SOFTWARE\X]'
