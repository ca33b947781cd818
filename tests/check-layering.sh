#!/bin/sh
# The law of docs/ARCHITECTURE.md, held: what each folder includes, calls and links; see there.
. "${abs_srcdir:?}/tests/lib.sh"
needs_program nm

# Headers of one .c file from before the rule that a private header belongs to a folder. The list
# may only become shorter.
kept='
hivecore/edit/script.h
'

# hold TREE KEPT [NM]: writes each breach in TREE to the file broken, sorted, and what was looked at,
# in numbers, to the file seen.
hold() {
    hold_nm=${3-}
    (
        cd "$1" || exit 1
        # shellcheck disable=SC2046
        LC_ALL=C awk -v kept="$(echo "$2" | tr '\n' ' ')" -f "$abs_srcdir/tests/layering.awk" \
            "$abs_srcdir/docs/ARCHITECTURE.md" \
            $(find hivecore hivetool layerpack fixtures tests -name '*.[ch]' | LC_ALL=C sort) \
            ${hold_nm:+"$hold_nm"}
    ) >unsorted 2>seen
    LC_ALL=C sort unsorted >broken
}

(
    cd "$abs_builddir" || exit 1
    find hivecore hivetool layerpack -name '*.o' -exec nm -A -P {} +
) >"$tmp/objects.nm"
hold "$abs_srcdir" "$kept" "$tmp/objects.nm"
says broken
# A check that looks at nothing finds nothing.
read -r n_files n_includes n_calls <seen
if [ "$n_files" -lt 400 ] || [ "$n_includes" -lt 2000 ] || [ "$n_calls" -lt 4000 ]; then
    fail "looked at $n_files files, $n_includes includes, $n_calls calls only"
fi

# plant FILE LINE: one line of a source in the tree planted.
plant() {
    mkdir -p "planted/${1%/*}"
    printf '%s\n' "$2" >>"planted/$1"
}

# Each breach stands in a tree of its kind, with what is said of it after the colon.
mkdir -p planted/hivecore planted/hivetool planted/layerpack planted/fixtures planted/tests
while IFS='|' read -r culprit line wanted; do
    plant "$culprit" "$line"
    echo "$culprit: $wanted" >>wanted
done <<'END'
hivecore/base/a.c|#include "hivecore/regf/hive.h"|may not include hivecore/regf/hive.h
hivecore/base/a.h|#include "hivecore/cli/cli.h"|may not include hivecore/cli/cli.h
hivecore/regf/a.c|#include "hivecore/delta/delta.h"|may not include hivecore/delta/delta.h
hivecore/delta/a.c|#include "hivecore/reg/reg-reader.h"|may not include hivecore/reg/reg-reader.h
hivecore/delta/a.c|#include "hivecore/edit/edit.h"|may not include hivecore/edit/edit.h
hivecore/delta/a.c|#include "hivecore/report/report.h"|may not include hivecore/report/report.h
hivecore/delta/a.c|#include "hivecore/image/layer-reader.h"|may not include hivecore/image/layer-reader.h
hivecore/reg/a.c|#include "hivecore/edit/edit.h"|may not include hivecore/edit/edit.h
hivecore/reg/a.c|#include "hivecore/report/report.h"|may not include hivecore/report/report.h
hivecore/edit/a.c|#include "hivecore/reg/reg-writer.h"|may not include hivecore/reg/reg-writer.h
hivecore/edit/a.c|#include "hivecore/report/report.h"|may not include hivecore/report/report.h
hivecore/edit/a.c|#include "hivecore/cli/cli.h"|may not include hivecore/cli/cli.h
hivecore/report/a.c|#include "hivecore/reg/reg-writer.h"|may not include hivecore/reg/reg-writer.h
hivecore/report/a.c|#include "hivecore/cli/cli.h"|may not include hivecore/cli/cli.h
hivecore/report/a.c|#include "hivecore/image/layer-reader.h"|may not include hivecore/image/layer-reader.h
hivecore/report/a.c|#include "hivecore/registry/registry.h"|may not include hivecore/registry/registry.h
hivecore/registry/a.c|#include "hivecore/image/image.h"|may not include hivecore/image/image.h
hivecore/image/a.c|#include "hivecore/cli/cli.h"|may not include hivecore/cli/cli.h
hivecore/cli/a.c|#include "hivetool/common.h"|may not include hivetool/common.h
hivetool/a.c|#include "layerpack/commands.h"|may not include layerpack/commands.h
layerpack/a.c|#include "hivetool/common.h"|may not include hivetool/common.h
hivetool/a.c|#include "tests/unit/cu.h"|may not include tests/unit/cu.h
hivecore/regf/a.c|#include "fixtures/mk-tree.h"|may not include fixtures/mk-tree.h
hivecore/delta/a.c|#include "hivecore/regf/check-private.h"|may not include hivecore/regf/check-private.h
layerpack/a.c|#include "hivecore/image/image-private.h"|may not include hivecore/image/image-private.h
hivecore/delta/a.c|#include "hivecore/regf/layout.h"|may not include hivecore/regf/layout.h
hivecore/image/a.c|#include "hivecore/regf/layout.h"|may not include hivecore/regf/layout.h
layerpack/a.c|#include "hivecore/regf/layout.h"|may not include hivecore/regf/layout.h
hivecore/delta/a.c|#include "delta.h"|"delta.h" is not named from the top
hivecore/delta/a.c| # include "../regf/hive.h"|"../regf/hive.h" is not named from the top
hivecore/regf/a.c|#include <hivex.h>|may not include <hivex.h> (hivex)
hivecore/edit/a.c|#include <hivex.h>|may not include <hivex.h> (hivex)
hivetool/a.c|#include <hivex.h>|may not include <hivex.h> (hivex)
hivetool/a.c|#include <curses.h>|may not include <curses.h> (curses)
hivecore/base/a.c|#include <archive.h>|may not include <archive.h> (libarchive)
hivecore/report/a.c|#include <archive_entry.h>|may not include <archive_entry.h> (libarchive)
layerpack/a.c|#include <archive.h>|may not include <archive.h> (libarchive)
hivecore/image/a.c|#include <openssl/sha.h>|may not include <openssl/sha.h> (libcrypto)
hivecore/delta/a.c|#include <fcntl.h>|may not include <fcntl.h> (POSIX)
hivecore/reg/a.c|#include <sys/mman.h>|may not include <sys/mman.h> (POSIX)
hivecore/regf/a.c|#include <unistd.h>|may not include <unistd.h> (POSIX)
hivecore/regf/a.c|#include <json-glib/json-glib.h>|may not include <json-glib/json-glib.h> (a library that the table does not know)
hivecore/delta/a.c|void hc_cli_main(void);|declares by hand, which is a header's: void hc_cli_main(void);
hivecore/delta/a.c|const char *hc_x(int a,|declares by hand, which is a header's: const char *hc_x(int a,
hivetool/a.c|    extern int hc_n;|declares by hand, which is a header's:     extern int hc_n;
tests/unit/a.c|int hc_y(void);|declares by hand, which is a header's: int hc_y(void);
hivecore/fresh/a.c|int a;|a folder that the tables of ARCHITECTURE.md do not know
tests/fresh/a.c|int a;|a folder that the tables of ARCHITECTURE.md do not know
fixtures/a.c|#include "hivecore/delta/delta.h"|may not include hivecore/delta/delta.h
fixtures/a.c|#include "tests/unit/cu.h"|may not include tests/unit/cu.h
tests/unit/a.c|#include "hivetool/common.h"|may not include hivetool/common.h
tests/unit/a.c|#include <hivex.h>|may not include <hivex.h> (hivex)
tests/fuzz/a.c|#include "hivecore/image/image-private.h"|may not include hivecore/image/image-private.h
tests/interop/a.c|#include "layerpack/rules.h"|may not include layerpack/rules.h
tests/interop/a.c|#include "tests/unit/cu.h"|may not include tests/unit/cu.h
tests/interop/a.c|#include <CUnit/CUnit.h>|may not include <CUnit/CUnit.h> (CUnit)
tests/a.c|#include "hivecore/base/error.h"|may not include hivecore/base/error.h
hivecore/delta/own.h|int hc_own(void);|only hivecore/delta includes it: declare that in a private header of the folder
END
# A header that gained a friend, or went, leaves the list.
echo 'hivecore/regf/gone.h: take it off the list in tests/check-layering.sh' >>wanted
# What is lawful is no finding.
plant hivecore/delta/a.c '#include "hivecore/delta/own.h"'
plant hivecore/edit/edit-hivex.c '#include <hivex.h>'
plant hivecore/image/a.c '#include <archive_entry.h>'
plant hivecore/regf/open.c '#include <unistd.h>'
plant hivecore/regf/a.c '#include "hivecore/regf/layout.h"'
plant hivecore/edit/a.c '#include "hivecore/regf/layout.h"'
plant hivecore/image/layer-reader.c '#include "hivecore/regf/layout.h"'
plant tests/fuzz/a.c '#include "hivecore/regf/layout.h"'
plant hivecore/cli/a.c '#include "hivecore/report/report.h"'
plant hivecore/delta/delta-private.h 'int hc_delta(void);'
plant hivecore/delta/old.h 'int hc_old(void);'
plant tests/unit/a.c '#include "hivecore/image/image-private.h"'
plant tests/interop/compare-hivex.c '#include <hivex.h>'
plant layerpack/own.h 'int lp_own(void);'
plant hivecore/regf/a.c '#include "hivecore/base/a.h"'
hold planted 'hivecore/regf/gone.h hivecore/delta/old.h'
LC_ALL=C sort -u wanted >expected
same expected broken

# And what objects call, whoever declared it.
rm -r planted wanted
mkdir -p planted/fixtures planted/tests
for culprit in hivecore/base/a.c hivecore/regf/a.c hivecore/regf/open.c hivecore/delta/a.c \
    hivecore/reg/a.c hivecore/report/a.c hivecore/image/a.c hivecore/cli/a.c hivetool/a.c \
    layerpack/a.c hivecore/ondemand/a.c hivecore/edit/edit-hivex.c hivecore/edit/a.c layerpack/forgotten.c; do
    plant "$culprit" 'int a;'
done
cat >planted.nm <<'END'
hivecore/base/libhivecore_a-a.o: hc_base T 0 4
hivecore/regf/libhivecore_a-a.o: hc_regf T 0 4
hivecore/delta/libhivecore_a-a.o: hc_delta T 0 4
hivecore/reg/libhivecore_a-a.o: hc_reg_table R 0 4
hivecore/cli/libhivecore_a-a.o: hc_cli T 0 4
hivetool/a.o: main T 0 4
layerpack/a.o: lp_main T 0 4
hivecore/base/libhivecore_a-gone.o: hc_gone T 0 4
hivecore/base/libhivecore_a-a.o: hc_regf U
hivecore/base/libhivecore_a-a.o: EVP_sha256 U
hivecore/base/libhivecore_a-a.o: open64 U
hivecore/regf/libhivecore_a-a.o: hc_base U
hivecore/regf/libhivecore_a-a.o: hc_delta U
hivecore/regf/libhivecore_a-a.o: __read_chk U
hivecore/regf/libhivecore_a-open.o: __read_chk U
hivecore/delta/libhivecore_a-a.o: hc_reg_table U
hivecore/delta/libhivecore_a-a.o: g_file_get_contents U
hivecore/delta/libhivecore_a-a.o: g_hash_table_new U
hivecore/delta/libhivecore_a-a.o: __memcpy_chk U
hivecore/delta/libhivecore_a-a.o: __asan_report_load1 U
hivecore/delta/libhivecore_a-a.o: time U
hivecore/reg/libhivecore_a-a.o: hc_gone U
hivecore/reg/libhivecore_a-a.o: EVP_sha256 U
hivecore/report/libhivecore_a-a.o: hc_reg_table U
hivecore/report/libhivecore_a-a.o: __printf_chk U
hivecore/image/libhivecore_a-a.o: archive_read_new U
hivecore/image/libhivecore_a-a.o: stderr U
hivecore/edit/edit_hivex-edit-hivex.o: hivex_open U
hivecore/edit/libhivecore_a-a.o: hivex_open U
hivecore/edit/libhivecore_a-open.o: hivex_open U
hivecore/cli/libhivecore_a-a.o: hc_delta U
hivecore/cli/libhivecore_a-a.o: fwrite U
hivetool/a.o: lp_main U
hivetool/a.o: json_parser_new U
hivetool/a.o: newterm U
layerpack/a.o: hc_cli U
layerpack/a.o: archive_read_new U
hivecore/ondemand/libondemand_a-a.o: archive_read_new T 0 4
hivecore/ondemand/libondemand_a-a.o: hc_base U
END
hold planted '' "$tmp/planted.nm"
says broken \
    'hivecore/base/a.c: calls hc_regf() of hivecore/regf' \
    'hivecore/delta/a.c: calls g_file_get_contents() (POSIX)' \
    'hivecore/delta/a.c: calls hc_reg_table() of hivecore/reg' \
    'hivecore/delta/a.c: calls time() (POSIX)' \
    'hivecore/edit/a.c: calls hivex_open() (hivex)' \
    'hivecore/image/a.c: calls stderr() (stdio)' \
    'hivecore/reg/a.c: calls EVP_sha256() (libcrypto)' \
    'hivecore/reg/a.c: calls hc_gone() (a library that the table does not know)' \
    'hivecore/regf/a.c: calls __read_chk() (POSIX)' \
    'hivecore/regf/a.c: calls hc_delta() of hivecore/delta' \
    'hivecore/report/a.c: calls __printf_chk() (stdio)' \
    'hivecore/report/a.c: calls hc_reg_table() of hivecore/reg' \
    'hivetool/a.c: calls json_parser_new() (a library that the table does not know)' \
    'hivetool/a.c: calls lp_main() of layerpack' \
    'hivetool/a.c: calls newterm() (curses)' \
    'layerpack/a.c: calls archive_read_new() (libarchive)' \
    'layerpack/forgotten.c: has no object, so nobody knows what it calls'
