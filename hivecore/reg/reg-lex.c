#include "config.h"

#include "hivecore/reg/reg-lex.h"

#include <string.h>

#include "hivecore/reg/reg-decode.h"

/* Units of the text that a message quotes. */
#define QUOTED_UNITS 32

int
hc_reg_hex_digit(const HcRegLexer *lexer, gsize pos)
{
    if (pos >= lexer->n_units)
        return -1;
    uint16_t unit = lexer->units[pos];
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    if (unit >= 'a' && unit <= 'f')
        return unit - 'a' + 10;
    if (unit >= 'A' && unit <= 'F')
        return unit - 'A' + 10;
    return -1;
}

gsize
hc_reg_eol(const HcRegLexer *lexer, gsize pos)
{
    while (!hc_reg_is_eol(lexer, pos))
        pos++;
    return pos;
}

void
hc_reg_skip_blanks(HcRegLexer *lexer)
{
    while (hc_reg_is_blank(lexer, lexer->pos))
        lexer->pos++;
}

gboolean
hc_reg_next_line(HcRegLexer *lexer)
{
    gsize pos = hc_reg_eol(lexer, lexer->pos);
    if (pos >= lexer->n_units) {
        lexer->pos = pos;
        return FALSE;
    }
    gboolean is_crlf = lexer->units[pos] == '\r' && hc_reg_is(lexer, pos + 1, '\n');
    lexer->pos = pos + (is_crlf ? 2 : 1);
    lexer->line_start = lexer->pos;
    lexer->line++;
    return TRUE;
}

void
hc_reg_advance(HcRegLexer *lexer, gsize pos)
{
    while (hc_reg_eol(lexer, lexer->pos) < pos)
        hc_reg_next_line(lexer);
    lexer->pos = pos;
}

gboolean
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

HcName
hc_reg_span(const HcRegLexer *lexer, gsize from, gsize to)
{
    return (HcName){(const uint8_t *) (lexer->units + from), (uint32_t) (to - from), FALSE};
}

static void
set_failure(const HcRegLexer *lexer, gsize pos, HcErrorCode code, const char *found,
            const char *expected, GError **error)
{
    uint32_t line = lexer->line;
    uint32_t column = 1;
    hc_reg_place(lexer->units, lexer->line_start, pos, &line, &column);
    g_set_error(error, HC_ERROR, code, "%s:%u:%u: found %s, expected %s", lexer->file, line, column,
                found, expected);
}

gboolean
hc_reg_fail(const HcRegLexer *lexer, gsize pos, const char *expected, GError **error)
{
    if (!error)
        return FALSE;
    g_autoptr(GString) found = g_string_new(NULL);
    if (pos >= lexer->n_units) {
        g_string_append(found, "the end of the file");
    } else if (hc_reg_is_eol(lexer, pos)) {
        g_string_append(found, "the end of the line");
    } else {
        gsize eol = hc_reg_eol(lexer, pos);
        gboolean is_cut = eol - pos > QUOTED_UNITS;
        g_string_append_c(found, '\'');
        hc_name_append_display(found, hc_reg_span(lexer, pos, is_cut ? pos + QUOTED_UNITS : eol));
        g_string_append(found, is_cut ? "...'" : "'");
    }
    set_failure(lexer, pos, HC_ERROR_MALFORMED, found->str, expected, error);
    return FALSE;
}

gboolean
hc_reg_fail_found(const HcRegLexer *lexer, gsize pos, HcErrorCode code, const char *expected,
                  GError **error, const char *found, ...)
{
    if (!error)
        return FALSE;
    va_list args;
    va_start(args, found);
    g_autofree char *text = g_strdup_vprintf(found, args);
    va_end(args);
    set_failure(lexer, pos, code, text, expected, error);
    return FALSE;
}

gboolean
hc_reg_expect_tail(HcRegLexer *lexer, const char *after, GError **error)
{
    hc_reg_skip_blanks(lexer);
    if (hc_reg_is(lexer, lexer->pos, ';')) {
        lexer->pos = hc_reg_eol(lexer, lexer->pos);
        return TRUE;
    }
    if (hc_reg_is_eol(lexer, lexer->pos))
        return TRUE;
    g_autofree char *expected =
        error ? g_strdup_printf("the end of the line or a ';' comment after %s", after) : NULL;
    return hc_reg_fail(lexer, lexer->pos, expected, error);
}
