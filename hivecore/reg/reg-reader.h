#pragma once

#include "hivecore/base/findings.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/delta.h"
#include "hivecore/reg/reg-variables.h"

G_BEGIN_DECLS

typedef struct {
    guint ansi_codepage;        /* of 8-bit files and of version 4 hex strings: 437, 850, 852, 866,
                                   874, 932, 936, 949, 950, 1250 to 1258; 0: 1252, and UTF-8 for
                                   files that are valid UTF-8 as a whole */
    gboolean compat_regedit;    /* do as regedit does: skip bad lines and count them */
    HcFindings *diagnostics;    /* (nullable): gets every error of the file, too */
    HcRegVariables *variables;  /* (nullable): what --set says */
    gboolean unset_is_empty;    /* a variable without a value is no error, but empty: for what
                                   only looks at the text */
    guint allow;                /* HcRegAllow bits */
    const HcRoot *const *roots; /* n_roots of them, each nullable: their first names are roots of
                                   keys, too, whatever words they are */
    gsize n_roots;
    guint *guessed_codepage; /* (out) (nullable): the code page that nobody named and on which
                                characters of the file depend; 0: none does */
    uint64_t *n_directives;  /* (out) (nullable): directives that compat mode takes for
                                comments */
} HcRegReadOptions;

/**
 * hc_reg_read:
 * Reads one .reg file into @delta as statements below its root: HKEY_LOCAL_MACHINE, SOFTWARE, ...
 * Root names are made full and upper-case (HKLM becomes HKEY_LOCAL_MACHINE). Dialects: version
 * 5, REGEDIT4; UTF-16LE with BOM, UTF-8 with or without BOM, else the ANSI code page. Source:
 * docs/FORMATS.md, "The .reg language".
 *
 * Strict mode takes nothing of a file with a malformed line, and names all of them: the message is
 * hc_findings_append_text()'s, each error "file:line:column: what was found, what was expected"
 * (column: 1-based, in characters) with the source line and what regedit does there; the code is
 * that of the first. A contradiction to another patch, HC_ERROR_CONFLICT, is told when there is no
 * such error.
 * It takes hex data as it is written, strings only where the bytes can be what the header says;
 * compat mode ends data of types 1, 2 and 7 with a NUL, as regedit does, and reads 8-bit files in
 * the code page always.
 *
 * Directives (docs/directives/) are read, and what is wrong with one is an error like others; in
 * compat mode they are comments.
 *
 * @n_skipped: (out) (optional): lines that compat mode skipped; set on success
 *
 * Returns: FALSE on error; @delta then holds part of the file and must be thrown away
 */
gboolean hc_reg_read(HcDelta *delta, const char *file, GBytes *content,
                     const HcRegReadOptions *options, uint64_t *n_skipped, GError **error);

/**
 * hc_reg_allow_parse:
 * @lists: (nullable): arguments of --allow, NULL-terminated: names of HcRegAllow with commas
 * @allow: (out): the bits
 *
 * Returns: FALSE with HC_ERROR_USAGE
 */
gboolean hc_reg_allow_parse(char *const *lists, guint *allow, GError **error);

G_END_DECLS
