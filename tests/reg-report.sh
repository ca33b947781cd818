#!/bin/sh
# Every .reg file of ../shared/corpus/reg: all of them read as regedit reads them; strict mode
# refuses those in the list below, each for a reason that a person agrees with, and what it takes
# is the same after writing and reading it again.
. "${abs_srcdir:?}/tests/lib.sh"

needs_shared corpus/reg
find "$shared/corpus/reg" -type f -iname '*.reg' -print0 | LC_ALL=C sort -z >list

# One run, so that there is one count.
run 0 xargs -0 -n 1000 "$abs_builddir/tests/conformance/reg-conformance" files <list

# 1. and 3. A path that somebody forgot to double the backslashes of: what is stored is
#    %windir%system32shell32.dll, an icon that is never found.
# 2. Windows 3.1 format, of which only lines with HKEY_CLASSES_ROOT count; --compat=regedit reads it.
says out \
    "refused: 054c2996~Samples__Win7Samples__winui__shell__appplatform__knownfolders__kfdef.reg:29:17: found the escape '\\s', expected '\\\\' for a backslash or '\\\"' for a quote" \
    "refused: Samples__Win7Samples__com__fundamentals__dcom__simple__sserver__sserver.reg:1:1: found the header of a Windows 3.1 file, 'REGEDIT', expected 'Windows Registry Editor Version 5.00' or 'REGEDIT4'" \
    "refused: Samples__Win7Samples__winui__shell__appplatform__knownfolders__kfdef.reg:29:17: found the escape '\\s', expected '\\\\' for a backslash or '\\\"' for a quote" \
    "files: 305 of 305 read in compat mode, strict mode refuses 3"
cat out
