#include "config.h"

#include "hivecore/reg/parse-private.h"

static gboolean
starts_statement(const HcRegLexer *lexer)
{
    HcRegLexer at = *lexer;
    hc_reg_skip_blanks(&at);
    return hc_reg_is(&at, at.pos, '[') || hc_reg_is(&at, at.pos, '@') ||
           hc_reg_is(&at, at.pos, '"');
}

/* Whether the line holds bytes of hex data and nothing else: what a bad line leaves behind. */
static gboolean
is_only_bytes(const HcRegLexer *lexer)
{
    gsize pos = lexer->pos;
    gsize n_digits = 0;
    for (; !hc_reg_is_eol(lexer, pos); pos++) {
        gboolean is_digit = hc_reg_hex_digit(lexer, pos) >= 0;
        if (!is_digit && !hc_reg_is_blank(lexer, pos) && !hc_reg_is(lexer, pos, ',') &&
            !hc_reg_is(lexer, pos, '\\'))
            return FALSE;
        n_digits += is_digit;
    }
    return n_digits > 0;
}

gboolean
hc_reg_recover(HcRegLexer *lexer, const HcRegLexer *at)
{
    HcRegLexer here = *lexer;
    here.pos = here.line_start;
    /* Hex data that went on with a statement: it counts. */
    if (here.line > at->line && starts_statement(&here)) {
        *lexer = here;
        return TRUE;
    }
    while (hc_reg_next_line(lexer)) {
        if (!is_only_bytes(lexer))
            return TRUE;
    }
    return FALSE;
}

gboolean
hc_reg_is_dos_end(const HcRegLexer *lexer)
{
    gsize pos = lexer->pos;
    if (lexer->compat || !hc_reg_is(lexer, pos, 0x1a))
        return FALSE;
    do
        pos++;
    while (pos < lexer->n_units && hc_reg_is_eol(lexer, pos));
    return pos >= lexer->n_units;
}
