#!/bin/sh
# libarchive and libcrypto are loaded when they are needed: what does without starts without, and where one cannot be
# loaded that is status 5 with one line.
. "${abs_srcdir:?}/tests/lib.sh"
hive=$abs_srcdir/fixtures/hives/SOFTWARE
"$PYTHON3" -S "$abs_srcdir/tests/interop/make-image.py" nanoserver base >/dev/null

# A library whose file is empty is found first, and cannot be loaded.
mkdir empty
for library in libarchive libcrypto; do
    file=$(LC_ALL=C tr -c '[:alnum:].' '\n' <"$abs_builddir/hivetool/hivetool" | grep -m 1 "^$library\\.so")
    : >"empty/$file"
    eval "$library=\$file"
done
LD_LIBRARY_PATH=$tmp/empty
export LD_LIBRARY_PATH

run 0 ht --version
run 0 ht get "$hive" '\'
run 0 ht check "$hive"
# shellcheck disable=SC2154
run 5 ht digest "$hive"
says err "hivetool: cannot load a library: $tmp/empty/$libcrypto: file too short"
rm "empty/$libcrypto"
# shellcheck disable=SC2154
run 5 lp extract oci:base:ltsc2022 -o hives
says err "layerpack: cannot load a library: $tmp/empty/$libarchive: file too short"
[ ! -e hives ] || fail "something was written"
