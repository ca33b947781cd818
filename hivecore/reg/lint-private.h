#pragma once

#include "hivecore/base/name.h"
#include "hivecore/base/spool.h"
#include "hivecore/reg/lint.h"
#include "hivecore/reg/parse-private.h"

G_BEGIN_DECLS

/* Canonical text in the making; internal to format*.c. */

/** HcFormatText: UTF-16 units as they are put, later encoded as a file. */
typedef struct {
    HcSpool *spool; /* of units in host order */
    gboolean is_full;
    guint column; /* units in the line so far */
    const char *line_break;
    gboolean is_v4; /* version 4, whose strings in hex data are in the code page */
    HcRegBytes encoding;
    uint16_t *ansi; /* of HC_REG_BYTES_ANSI: for each unit the one or two bytes that mean it */
} HcFormatText;

/** hc_format_text_init: @codepage: of HC_REG_BYTES_ANSI. */
void hc_format_text_init(HcFormatText *text, HcRegBytes encoding, const HcCodepage *codepage,
                         gboolean has_crlf);
void hc_format_text_clear(HcFormatText *text);

/** Returns: how many units there are. */
gsize hc_format_text_units(const HcFormatText *text);

void hc_format_put_ascii(HcFormatText *text, const char *ascii);
void hc_format_put_units(HcFormatText *text, const uint16_t *units, gsize n_units);
void hc_format_end_line(HcFormatText *text);

/** hc_format_put_comment: from @from to @to in one line, blanks at the end left out. */
void hc_format_put_comment(HcFormatText *text, const HcRegLexer *lexer, gsize from, gsize to);

/** hc_format_put_section: the key line that the walker has read. */
void hc_format_put_section(HcFormatText *text, const HcRegWalker *walker, const HcRegLine *line);

/** hc_format_put_value: the value that the walker has read; comments between its lines first. */
void hc_format_put_value(HcFormatText *text, const HcRegWalker *walker, const HcRegLine *line);

/**
 * hc_format_text_encode:
 * Returns: (transfer full): the file; or NULL with HC_ERROR_LIMIT, or HC_ERROR_UNSUPPORTED for a
 * character that the encoding does not have
 */
GBytes *hc_format_text_encode(HcFormatText *text, const char *file, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcFormatText, hc_format_text_clear)

/* Where the pieces of canonical text go; internal to format*.c. */

typedef enum {
    HC_FORMAT_COMMENT, /* a line of its own */
    HC_FORMAT_SECTION,
    HC_FORMAT_VALUE,
} HcFormatKind;

/** HcFormatItem: one piece of canonical text, of whole lines. */
typedef struct {
    HcFormatKind kind;
    gboolean has_blank;    /* an empty line stands before it */
    gboolean is_directive; /* of a comment: starts with ";!" */
    gboolean is_delete;    /* of a section */
    gsize from;            /* units of the text */
    gsize to;
    HcPath names; /* to sort by: a section's path, a value's name */
} HcFormatItem;

/** HcFormatPiece: a piece in its place. */
typedef struct {
    guint item;
    gboolean has_blank;
} HcFormatPiece;

/**
 * hc_format_arrange:
 * @items: (element-type HcFormatItem): in the order of the file
 * @sort: whether sections and values are sorted
 *
 * Returns: (transfer full) (element-type HcFormatPiece): all of them, in the order to write
 */
GArray *hc_format_arrange(const GArray *items, gboolean sort);

/* The rules of hc_reg_lint(), by what they look at; internal to lint*.c. */

/** HcLintFirst: where a rule that is told once for a file was met first. */
typedef struct {
    HcRegLexer at;
    gsize pos;
    const char *regedit;
    char *message;
    guint n;
} HcLintFirst;

/** HcLintStart: the first names of a key, and what the rules want to know of them: lines beside
 * each other mostly have the same. See lint-place.c. */
typedef struct {
    HcName names[3];
    guint n_names;
    guint traits;
} HcLintStart;

/** HcLintHistory: what the file says of each key and value; see lint-history.c. */
typedef struct HcLintHistory HcLintHistory;

typedef struct {
    const HcLintOptions *options;
    HcFindings *found;
    const HcRegWalker *walker;
    HcRegLexer start; /* behind the header */
    guint n_statements;
    HcLintStart key_start; /* of the last key line */
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
