#pragma once

#include "hivecore/base/findings.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/** HcRegVariables: what --set gave the variables of .reg files. */
typedef struct HcRegVariables HcRegVariables;

/**
 * hc_reg_variables_new:
 * @set: (nullable): NULL-terminated, NAME=VALUE each, UTF-8; NAME of ASCII letters, digits and '_',
 *   not a digit first
 *
 * Returns: (transfer full): NULL with HC_ERROR_USAGE
 */
HcRegVariables *hc_reg_variables_new(char *const *set, GError **error);
void hc_reg_variables_free(HcRegVariables *variables);

/** hc_reg_variables_declare: a file has a variable @name. Returns: (nullable): its value. */
const char *hc_reg_variables_declare(HcRegVariables *variables, const char *name);

/** hc_reg_variables_check: FALSE with HC_ERROR_USAGE when no file has declared one that is set. */
gboolean hc_reg_variables_check(const HcRegVariables *variables, GError **error);

/** HcRegAllow: what strict mode refuses unless it is told not to; bits. */
typedef enum {
    HC_REG_ALLOW_ANSI_STRINGS = 1 << 0, /* hex strings of version 5 that are ANSI text */
    HC_REG_ALLOW_WIDE_STRINGS = 1 << 1, /* hex strings of version 4 that are UTF-16 */
    HC_REG_ALLOW_ALL = HC_REG_ALLOW_ANSI_STRINGS | HC_REG_ALLOW_WIDE_STRINGS,
} HcRegAllow;

/** HcRegSaid: how often a file says what other lines of it may have said something of. */
typedef struct {
    uint64_t n_repeats;   /* values set or deleted that were named before */
    uint64_t n_deletions; /* of keys */
} HcRegSaid;

/** HcRegWatch: sees the lines as they are read; private to reg. */
typedef struct HcRegWatch HcRegWatch;

typedef struct {
    guint ansi_codepage;        /* of 8-bit files and of version 4 hex strings: 437, 850, 852, 866,
                                   874, 932, 936, 949, 950, 1250 to 1258; 0: 1252, and UTF-8 for
                                   files that are valid UTF-8 as a whole */
    gboolean compat_regedit;    /* do as regedit does: skip bad lines and count them */
    HcFindings *diagnostics;    /* (nullable): gets every error of the file, too */
    HcRegVariables *variables;  /* (nullable): what --set says */
    gboolean unset_is_empty;    /* a variable without a value is no error, but empty: for what
                                   only looks at the text */
    gboolean tells_decimal;     /* diagnostics gets a warning of variables that are hex and look
                                   decimal */
    guint allow;                /* HcRegAllow bits */
    const HcRoot *const *roots; /* n_roots of them, each nullable: their first names are roots of
                                   keys, too, whatever words they are */
    gsize n_roots;
    guint *guessed_codepage; /* (out) (nullable): the code page that nobody named and on which
                                characters of the file depend; 0: none does */
    HcRegSaid *said;         /* (out) (nullable) */
    const HcRegWatch *watch; /* (nullable) */
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

/** Returns: (nullable): static; what the first bytes say that the file is, where that is no text,
 * and what to do. */
const char *hc_reg_foreign_bytes(const uint8_t *bytes, gsize n_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegVariables, hc_reg_variables_free)

G_END_DECLS
