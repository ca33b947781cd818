#pragma once

#include <glib.h>

#include "hivecore/base/findings.h"
#include "hivecore/base/root.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-writer.h"

G_BEGIN_DECLS

typedef struct {
    guint ansi_codepage;    /* as in HcRegReadOptions */
    guint allow;            /* HcRegAllow bits */
    const HcRoot *root;     /* (nullable): its first name is a root of keys, too */
    gboolean sort;          /* sections by path, values by name, comments with them */
    gboolean has_encoding;  /* else the text keeps the encoding that it has */
    HcRegEncoding encoding; /* when has_encoding */
} HcFormatOptions;

/**
 * hc_reg_format:
 * One .reg file in canonical form (docs/FMT.md): the same statements, with the same meaning, in
 * the same order unless options->sort, and every comment. What has that form already comes out as
 * it is. The result was read again and says what @content says.
 *
 * Returns: (transfer full): the new text; or NULL: HC_ERROR_MALFORMED with all that strict mode
 * finds, HC_ERROR_UNSUPPORTED when the text cannot be had in the encoding or sorting would change
 * what it does, HC_ERROR_LIMIT
 */
GBytes *hc_reg_format(const char *file, GBytes *content, const HcFormatOptions *options,
                      GError **error);

/* What the rules find; docs/LINT.md has a paragraph on each. */
typedef enum {
    HC_LINT_ABBREVIATED_ROOT,
    HC_LINT_ANSI_BYTES,
    HC_LINT_BROAD_DELETE,
    HC_LINT_CONTROL_SET_NUMBER,
    HC_LINT_DELETED_LATER,
    HC_LINT_DOUBLED_BACKSLASH,
    HC_LINT_DUPLICATE_VALUE,
    HC_LINT_DWORD_DECIMAL,
    HC_LINT_DWORD_SIZE,
    HC_LINT_EMBEDDED_NUL,
    HC_LINT_FOREIGN_KEY,
    HC_LINT_HEADER_BLANK,
    HC_LINT_INVISIBLE_CHARACTER,
    HC_LINT_KEY_BLANK,
    HC_LINT_KEY_BRACKET,
    HC_LINT_KEY_LENGTH,
    HC_LINT_MOJIBAKE,
    HC_LINT_MULTI_EMPTY_STRING,
    HC_LINT_MULTI_UNTERMINATED,
    HC_LINT_NAME_BLANK,
    HC_LINT_NO_STATEMENTS,
    HC_LINT_QUOTED_DATA,
    HC_LINT_QWORD_SIZE,
    HC_LINT_REGEDIT_EXACT,
    HC_LINT_REGEDIT_GUARD,
    HC_LINT_ROOT_VALUE,
    HC_LINT_SEVERAL_CONTROL_SETS,
    HC_LINT_STRING_ODD,
    HC_LINT_STRING_UNTERMINATED,
    HC_LINT_SZ_EXPAND,
    HC_LINT_UNKNOWN_HIVE,
    HC_LINT_UTF8_BOM,
    HC_LINT_UTF8_WITHOUT_BOM,
    HC_LINT_VALUE_OVERWRITTEN,
    HC_LINT_VARIABLE_OUTSIDE_TEMPLATE,
    HC_LINT_VOLATILE_KEY,
    HC_LINT_N_RULES,
} HcLintRule;

typedef struct {
    const char *id;      /* "dword-size": the name of HC_LINT_DWORD_SIZE */
    const char *summary; /* one line */
} HcLintRuleInfo;

const HcLintRuleInfo *hc_lint_rule_info(HcLintRule rule);

/** HcLintHive: a hive that the patch is for. */
typedef struct {
    const HcRoot *root;
    guint n_control_sets; /* 0: not known, or none */
} HcLintHive;

/** HcLintClass: how much of a file regedit misses when it takes directives for comments. */
typedef enum {
    HC_LINT_CLASS_A, /* nothing */
    HC_LINT_CLASS_B, /* guards: it writes the same, unconditionally */
    HC_LINT_CLASS_C, /* changes: it writes something else */
} HcLintClass;

typedef struct {
    guint ansi_codepage;       /* as in HcRegReadOptions */
    guint allow;               /* the same */
    HcRegVariables *variables; /* (nullable): the same */
    gboolean is_off[HC_LINT_N_RULES];
    const HcLintHive *hives; /* n_hives of them; none: the hives are not known */
    gsize n_hives;
} HcLintOptions;

/**
 * hc_reg_lint:
 * Adds what is wrong with a .reg file, and what is risky in it, to @found, sorted by place. In a
 * file with errors the rules look at the lines that can be read.
 *
 * @class: (out): how much of the file regedit misses
 *
 * Returns: FALSE when that could not be done, as for a code page that is not known
 */
gboolean hc_reg_lint(HcFindings *found, GBytes *content, const HcLintOptions *options,
                     HcLintClass *class, GError **error);

G_END_DECLS
