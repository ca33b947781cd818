#pragma once

#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

typedef struct {
    guint ansi_codepage;     /* for 8-bit files that are not UTF-8: 1252 (default when 0), or 437,
                                850, 852, 866, 874, 932, 936, 949, 950, 1250 to 1258 */
    gboolean compat_regedit; /* do as regedit does: skip bad lines and count them */
} HcRegReadOptions;

/**
 * hc_reg_read:
 * Reads one .reg file into @delta as statements below its root: HKEY_LOCAL_MACHINE, SOFTWARE, …
 * Root names are made full and upper-case (HKLM becomes HKEY_LOCAL_MACHINE). Dialects: version
 * 5, REGEDIT4; UTF-16LE with BOM, UTF-8 with or without BOM, else the ANSI code page. Source:
 * docs/FORMATS.md, "The .reg language".
 *
 * Strict mode stops at the first malformed line: HC_ERROR_MALFORMED,
 * "file:line:column: what was found, what was expected" (column: 1-based, in characters).
 *
 * @n_skipped: (out) (optional): lines that compat mode skipped
 *
 * Returns: FALSE on error; @delta then holds part of the file and must be thrown away
 */
gboolean hc_reg_read(HcDelta *delta, const char *file, GBytes *content,
                     const HcRegReadOptions *options, uint64_t *n_skipped, GError **error);

G_END_DECLS
