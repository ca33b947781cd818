#pragma once

#include "hivecore/reg/lint.h"
#include "hivecore/reg/parse-private.h"

G_BEGIN_DECLS

/* The rules of hc_reg_lint(), by what they look at; internal to lint*.c. */

/** HcLintFirst: where a rule that is told once for a file was met first. */
typedef struct {
    HcRegLexer at;
    gsize pos;
    const char *regedit;
    char *message;
    guint n;
} HcLintFirst;

/** HcLintHistory: what the file says of each key and value; see lint-history.c. */
typedef struct HcLintHistory HcLintHistory;

typedef struct {
    const HcLintOptions *options;
    HcFindings *found;
    HcRegWalker walker;
    HcLintFirst first[HC_LINT_N_RULES];
    HcLintHistory *history; /* NULL: no line speaks of another's */
    GHashTable *declared;   /* names of variables, as a set */
    HcLintClass class;
} HcLint;

/**
 * hc_lint_tell:
 * Adds a warning at @pos, which lies in the line of @at or later.
 * @regedit: (nullable): static
 */
void hc_lint_tell(HcLint *lint, HcLintRule rule, const HcRegLexer *at, gsize pos,
                  const char *regedit, const char *format, ...) G_GNUC_PRINTF(6, 7);

/** hc_lint_tell_once: the same at the end, with the number of times it came. */
void hc_lint_tell_once(HcLint *lint, HcLintRule rule, const HcRegLexer *at, gsize pos,
                       const char *regedit, const char *format, ...) G_GNUC_PRINTF(6, 7);

/* The file as a whole: header, encoding, characters. */
void hc_lint_text(HcLint *lint);

/* A comment from @pos to @end: the line itself, or what stands behind a statement; or nothing. */
void hc_lint_comment(HcLint *lint, const HcRegLexer *at, gsize pos, gsize end);

/* Text from @pos to @end, where variables are not replaced. */
void hc_lint_variables(HcLint *lint, const HcRegLexer *at, gsize pos, gsize end);

/* The key line that the walker has read. */
void hc_lint_section(HcLint *lint, const HcRegLine *line);

/* The value that the walker has read: its place and name, and all of it. */
void hc_lint_name(HcLint *lint, const HcRegLine *line);
void hc_lint_value(HcLint *lint, const HcRegLine *line);

HcLintHistory *hc_lint_history_new(void);
void hc_lint_history_free(HcLintHistory *history);
void hc_lint_history_section(HcLint *lint, const HcRegLine *line);
void hc_lint_history_value(HcLint *lint, const HcRegLine *line);

/** hc_lint_history_finish: after the last line. */
void hc_lint_history_finish(HcLint *lint);

G_END_DECLS
