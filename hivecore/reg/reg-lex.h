#pragma once

#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "hivecore/base/error.h"
#include "hivecore/base/name.h"
#include "hivecore/base/findings.h"

G_BEGIN_DECLS

/** HcRegLexer: a place in the text of a .reg file, and how to read it. */
typedef struct HcRegLexer HcRegLexer;

/** HcRegFirsts: what is wrong many times in one file, and told once; see hc_reg_fail_once(). */
typedef struct HcRegFirsts HcRegFirsts;

struct HcRegLexer {
    HcFindings *diagnostics; /* (nullable): what is wrong is told here; NULL: nobody asks */
    HcRegFirsts *firsts;        /* (nullable): NULL: all is told where it is met */
    const uint16_t *units;
    gsize n_units;
    gsize pos;
    gsize line_start; /* of the line that pos stands in */
    uint32_t line;    /* 1-based */
    gsize comment;    /* where the last comment behind a statement starts; 0: there was none */
    gboolean compat;
    gboolean has_halves;   /* HcRegText.has_halves: hc_reg_check_pairs() has something to find */
    gboolean in_directive; /* data is on one line, ends at '|' too, and no comment follows it */

    /* Of text that a template line became: that line, and for each unit the place in its text that
     * the unit is from. Messages are about these. */
    const HcRegLexer *template_line; /* (nullable) */
    const gsize *template_places;    /* n_units of them */
};

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

/** Returns: whether the comment at @pos, a ';', is a directive: ";!", not ";!!". */
static inline gboolean
hc_reg_is_directive(const HcRegLexer *lexer, gsize pos)
{
    return hc_reg_is(lexer, pos, ';') && hc_reg_is(lexer, pos + 1, '!') &&
           !hc_reg_is(lexer, pos + 2, '!');
}

/** hc_reg_hex_values: of the characters from '0' to 'f'; -1: not a hex digit. */
extern const int8_t hc_reg_hex_values['f' - '0' + 1];

/** Returns: the value of the hex digit @unit, or -1. */
static inline int
hc_reg_hex_value(uint16_t unit)
{
    return unit < '0' || unit > 'f' ? -1 : hc_reg_hex_values[unit - '0'];
}

/** Returns: the value of the hex digit at @pos, or -1. */
static inline int
hc_reg_hex_digit(const HcRegLexer *lexer, gsize pos)
{
    return pos < lexer->n_units ? hc_reg_hex_value(lexer->units[pos]) : -1;
}

/** Returns: where the line of @pos ends: its line break or the end of the text. */
gsize hc_reg_eol(const HcRegLexer *lexer, gsize pos);

void hc_reg_skip_blanks(HcRegLexer *lexer);

/** hc_reg_next_line: moves behind the line break that ends the line. FALSE: there is none. */
gboolean hc_reg_next_line(HcRegLexer *lexer);

/** hc_reg_advance: moves to @pos, counting the line breaks between. */
void hc_reg_advance(HcRegLexer *lexer, gsize pos);

/** hc_reg_take: moves behind @word when it stands here. */
static inline gboolean
hc_reg_take(HcRegLexer *lexer, const char *word)
{
    gsize n = strlen(word);
    for (gsize i = 0; i < n; i++) {
        if (!hc_reg_is(lexer, lexer->pos + i, word[i]))
            return FALSE;
    }
    lexer->pos += n;
    return TRUE;
}

/**
 * hc_reg_check_pairs:
 * Whether units @from to @to are whole characters; half of a surrogate pair is an error in strict
 * mode, since nobody writes it on purpose.
 * @expected: what could stand there instead, for the message
 */
gboolean hc_reg_check_pairs(const HcRegLexer *lexer, gsize from, gsize to, const char *expected);

/** Returns: units @from to @to as a name that borrows from the text. */
HcName hc_reg_span(const HcRegLexer *lexer, gsize from, gsize to);

/**
 * What regedit does with a bad line: the end of a sentence that starts with "regedit". Only what is
 * known, docs/FORMATS-reg.md; where only Wine's regedit is, the text says so.
 */
#define HC_REGEDIT_SKIPS   "skips this line, silently"
#define HC_REGEDIT_REFUSES "refuses the file"
#define HC_REGEDIT_MISPLACES                                                                       \
    "skips this line, and Wine's puts the values after it into the key before"
#define HC_REGEDIT_DROPS_KEY   "drops this key and the values after it, silently"
#define HC_REGEDIT_DROPS_VALUE "drops this value, silently"
#define HC_REGEDIT_COMMENT     "takes this for a comment"

/**
 * hc_reg_diagnostic:
 * What is wrong at @pos, which lies in the lexer's line or later, with the source line around it.
 * @message: (transfer full): without the place
 *
 * Returns: (transfer full): an error, HC_ERROR_MALFORMED, without rule and regedit; to be changed
 * as needed and given to hc_findings_add()
 */
HcFinding *hc_reg_diagnostic(const HcRegLexer *lexer, gsize pos, char *message);

/**
 * hc_reg_fail:
 * Adds the error "found WHAT STANDS AT @pos, expected @expected".
 * @regedit: (nullable): static; what regedit does here
 *
 * Returns: FALSE
 */
gboolean hc_reg_fail(const HcRegLexer *lexer, gsize pos, const char *expected, const char *regedit);

/** hc_reg_fail_found: the same with a description of what was found. */
gboolean hc_reg_fail_found(const HcRegLexer *lexer, gsize pos, HcErrorCode code,
                           const char *expected, const char *regedit, const char *found, ...)
    G_GNUC_PRINTF(6, 7);

/**
 * hc_reg_fail_once:
 * The error "found 'WORD' FOUND, expected EXPECTED", which hc_reg_firsts_tell() tells with the
 * number of times that it came with this @expected and @word; at once where the lexer has no
 * firsts.
 * @word: in the text, or without units, and then not told
 * @found: static; likewise @expected and @regedit
 *
 * Returns: FALSE
 */
gboolean hc_reg_fail_once(const HcRegLexer *lexer, gsize pos, HcName word, const char *found,
                          const char *expected, const char *regedit);

HcRegFirsts *hc_reg_firsts_new(void);
void hc_reg_firsts_free(HcRegFirsts *firsts);

/** hc_reg_firsts_tell: at the end of the file, which must still be there. */
void hc_reg_firsts_tell(HcRegFirsts *firsts);

/**
 * hc_reg_expect_tail:
 * After a complete statement: blanks and a comment may follow on the line; in a directive, '|'.
 * @after: what the statement ended with, for the message
 * @regedit: (nullable): what regedit does with anything else
 */
gboolean hc_reg_expect_tail(HcRegLexer *lexer, const char *after, const char *regedit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegFirsts, hc_reg_firsts_free)

G_END_DECLS
