#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/error.h"
#include "hivecore/base/name.h"

G_BEGIN_DECLS

/** HcRegLexer: a place in the text of a .reg file, and how to read it. */
typedef struct {
    const char *file;
    const uint16_t *units;
    gsize n_units;
    gsize pos;
    gsize line_start; /* of the line that pos stands in */
    uint32_t line;    /* 1-based */
    gboolean compat;
} HcRegLexer;

/** Returns: whether the text ends or a line break stands at @pos. */
static inline gboolean
hc_reg_is_eol(const HcRegLexer *lexer, gsize pos)
{
    return pos >= lexer->n_units || lexer->units[pos] == '\n' || lexer->units[pos] == '\r';
}

/** Returns: whether @unit stands at @pos. */
static inline gboolean
hc_reg_is(const HcRegLexer *lexer, gsize pos, char unit)
{
    return pos < lexer->n_units && lexer->units[pos] == (uint8_t) unit;
}

static inline gboolean
hc_reg_is_blank(const HcRegLexer *lexer, gsize pos)
{
    return hc_reg_is(lexer, pos, ' ') || hc_reg_is(lexer, pos, '\t');
}

/** Returns: the value of the hex digit at @pos, or -1. */
int hc_reg_hex_digit(const HcRegLexer *lexer, gsize pos);

/** Returns: where the line of @pos ends: its line break or the end of the text. */
gsize hc_reg_eol(const HcRegLexer *lexer, gsize pos);

void hc_reg_skip_blanks(HcRegLexer *lexer);

/** hc_reg_next_line: moves behind the line break that ends the line. FALSE: there is none. */
gboolean hc_reg_next_line(HcRegLexer *lexer);

/** hc_reg_advance: moves to @pos, counting the line breaks between. */
void hc_reg_advance(HcRegLexer *lexer, gsize pos);

/** hc_reg_take: moves behind @word when it stands here. */
gboolean hc_reg_take(HcRegLexer *lexer, const char *word);

/** Returns: units @from to @to as a name that borrows from the text. */
HcName hc_reg_span(const HcRegLexer *lexer, gsize from, gsize to);

/**
 * hc_reg_fail:
 * Sets "file:line:column: found WHAT STANDS AT @pos, expected @expected"; nothing when @error
 * is NULL. @pos: in the lexer's line or later.
 *
 * Returns: FALSE
 */
gboolean hc_reg_fail(const HcRegLexer *lexer, gsize pos, const char *expected, GError **error);

/** hc_reg_fail_found: the same with a description of what was found. */
gboolean hc_reg_fail_found(const HcRegLexer *lexer, gsize pos, HcErrorCode code,
                           const char *expected, GError **error, const char *found, ...)
    G_GNUC_PRINTF(6, 7);

/**
 * hc_reg_expect_tail:
 * After a complete statement: blanks and a comment may follow on the line.
 * @after: what the statement ended with, for the message
 */
gboolean hc_reg_expect_tail(HcRegLexer *lexer, const char *after, GError **error);

G_END_DECLS
