#pragma once

#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

typedef struct {
    guint ansi_codepage;     /* of 8-bit files and of version 4 hex strings: 437, 850, 852, 866,
                                874, 932, 936, 949, 950, 1250 to 1258; 0: 1252, and UTF-8 for
                                files that are valid UTF-8 as a whole */
    gboolean compat_regedit; /* do as regedit does: skip bad lines and count them */
} HcRegReadOptions;

/**
 * hc_reg_read:
 * Reads one .reg file into @delta as statements below its root: HKEY_LOCAL_MACHINE, SOFTWARE, ...
 * Root names are made full and upper-case (HKLM becomes HKEY_LOCAL_MACHINE). Dialects: version
 * 5, REGEDIT4; UTF-16LE with BOM, UTF-8 with or without BOM, else the ANSI code page. Source:
 * docs/FORMATS.md, "The .reg language".
 *
 * Strict mode stops at the first malformed line: HC_ERROR_MALFORMED,
 * "file:line:column: what was found, what was expected" (column: 1-based, in characters).
 * It takes hex data as it is written; compat mode ends data of types 1, 2 and 7 with a NUL, as
 * regedit does, and reads 8-bit files in the code page always.
 *
 * @n_skipped: (out) (optional): lines that compat mode skipped
 *
 * Returns: FALSE on error; @delta then holds part of the file and must be thrown away
 */
gboolean hc_reg_read(HcDelta *delta, const char *file, GBytes *content,
                     const HcRegReadOptions *options, uint64_t *n_skipped, GError **error);

G_END_DECLS
