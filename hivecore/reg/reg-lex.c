#include "config.h"

#include "hivecore/reg/parse-private.h"

#include <string.h>

/* Units of the text that a message quotes. */
#define QUOTED_UNITS 32

/* Units of the source line that a diagnostic shows, and how many of them before its column. */
#define EXCERPT_UNITS        72
#define EXCERPT_UNITS_BEFORE 40

/* clang-format off */
#define NONE_8  -1, -1, -1, -1, -1, -1, -1, -1
#define NONE_16 NONE_8, NONE_8
#define A_TO_F  -1, 10, 11, 12, 13, 14, 15, -1, NONE_8
const int8_t hc_reg_hex_values[0x80] = {
    NONE_16, NONE_16, NONE_16,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
    A_TO_F, NONE_16,
    A_TO_F, NONE_16,
};
/* clang-format on */

static inline HcRegLanes
breaks(HcRegLanes lanes)
{
    return hc_reg_lanes_equal(lanes, '\n') | hc_reg_lanes_equal(lanes, '\r');
}

gsize
hc_reg_eol(const HcRegLexer *lexer, gsize pos)
{
    return pos < lexer->n_units
               ? hc_reg_scan(lexer->units, lexer->n_units, pos, lexer->n_units, breaks)
               : pos;
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
    /* Nearly always the lexer stands there. */
    const gsize pos = hc_reg_is_eol(lexer, lexer->pos) ? lexer->pos : hc_reg_eol(lexer, lexer->pos);
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

HcName
hc_reg_span(const HcRegLexer *lexer, gsize from, gsize to)
{
    return (HcName){(const uint8_t *) (lexer->units + from), (uint32_t) (to - from), FALSE};
}

static gboolean
splits_pair(const HcRegLexer *lexer, gsize pos)
{
    return pos > 0 && pos < lexer->n_units && (lexer->units[pos] & 0xfc00) == 0xdc00 &&
           (lexer->units[pos - 1] & 0xfc00) == 0xd800;
}

/* Units for a person; a tab is one space, so that what stands below it stays below it. */
static void
append_printable(GString *out, const HcRegLexer *lexer, gsize from, gsize to)
{
    for (gsize run = from; from <= to; from++) {
        gboolean is_tab = from < to && lexer->units[from] == '\t';
        if (from < to && !is_tab)
            continue;
        hc_name_append_display(out, hc_reg_span(lexer, run, from));
        if (is_tab)
            g_string_append_c(out, ' ');
        run = from + 1;
    }
}

/* The line of @pos, or what surrounds @pos where the line is long. */
static void
set_excerpt(HcFinding *item, const HcRegLexer *lexer, gsize pos)
{
    gsize from = pos;
    while (from > 0 && !hc_reg_is_eol(lexer, from - 1) && pos - from <= EXCERPT_UNITS)
        from--;
    gboolean is_cut = pos - from > EXCERPT_UNITS - 8;
    if (is_cut)
        from = pos - EXCERPT_UNITS_BEFORE;
    if (splits_pair(lexer, from))
        from++;
    gsize to = pos;
    while (!hc_reg_is_eol(lexer, to) && to - from < EXCERPT_UNITS)
        to++;
    if (splits_pair(lexer, to))
        to--;
    GString *text = g_string_new(is_cut ? "..." : NULL);
    append_printable(text, lexer, from, pos);
    item->caret = (guint) g_utf8_strlen(text->str, (gssize) text->len);
    append_printable(text, lexer, pos, to);
    if (!hc_reg_is_eol(lexer, to))
        g_string_append(text, "...");
    item->excerpt = g_string_free(text, FALSE);
}

HcFinding *
hc_reg_diagnostic(const HcRegLexer *lexer, gsize pos, char *message)
{
    if (lexer->template_line != NULL) {
        /* The text ends with a line feed, which comes from where the line ends. */
        pos = lexer->template_places[MIN(pos, lexer->n_units - 1)];
        lexer = lexer->template_line;
    }
    HcFinding *item = hc_finding_new(HC_SEVERITY_ERROR, message);
    item->line = lexer->line;
    pos = MIN(pos, lexer->n_units);
    hc_reg_place(lexer->units, lexer->line_start, pos, &item->line, &item->column);
    set_excerpt(item, lexer, pos);
    return item;
}

static void
add_failure(const HcRegLexer *lexer, gsize pos, HcErrorCode code, char *message,
            const char *regedit)
{
    HcFinding *item = hc_reg_diagnostic(lexer, pos, message);
    item->code = code;
    item->regedit =
        lexer->in_directive || lexer->template_line != NULL ? HC_REGEDIT_COMMENT : regedit;
    hc_findings_add(lexer->diagnostics, item);
}

gboolean
hc_reg_fail(const HcRegLexer *lexer, gsize pos, const char *expected, const char *regedit)
{
    if (lexer->diagnostics == NULL)
        return FALSE;
    GString *message = g_string_new("found ");
    if (pos >= lexer->n_units) {
        g_string_append(message, "the end of the file");
    } else if (hc_reg_is_eol(lexer, pos)) {
        g_string_append(message, "the end of the line");
    } else {
        gsize to = pos;
        while (!hc_reg_is_eol(lexer, to) && to - pos < QUOTED_UNITS)
            to++;
        if (splits_pair(lexer, to))
            to--;
        g_string_append_c(message, '\'');
        hc_name_append_display(message, hc_reg_span(lexer, pos, to));
        g_string_append(message, hc_reg_is_eol(lexer, to) ? "'" : "...'");
    }
    g_string_append_printf(message, ", expected %s", expected);
    add_failure(lexer, pos, HC_ERROR_MALFORMED, g_string_free(message, FALSE), regedit);
    return FALSE;
}

gboolean
hc_reg_fail_found(const HcRegLexer *lexer, gsize pos, HcErrorCode code, const char *expected,
                  const char *regedit, const char *found, ...)
{
    if (lexer->diagnostics == NULL)
        return FALSE;
    GString *message = g_string_new("found ");
    va_list args;
    va_start(args, found);
    g_string_append_vprintf(message, found, args);
    va_end(args);
    g_string_append_printf(message, ", expected %s", expected);
    add_failure(lexer, pos, code, g_string_free(message, FALSE), regedit);
    return FALSE;
}

gboolean
hc_reg_check_pairs(const HcRegLexer *lexer, gsize from, gsize to, const char *expected)
{
    if (lexer->compat || !lexer->has_halves)
        return TRUE;
    for (gsize pos = from; pos < to; pos++) {
        uint16_t unit = lexer->units[pos];
        if ((unit & 0xf800) != 0xd800)
            continue;
        if (unit < 0xdc00 && pos + 1 < to && splits_pair(lexer, pos + 1))
            pos++;
        else
            return hc_reg_fail_found(lexer, pos, HC_ERROR_MALFORMED, expected, NULL,
                                     "half of a surrogate pair, %04x", unit);
    }
    return TRUE;
}

gboolean
hc_reg_expect_tail(HcRegLexer *lexer, const char *after, const char *regedit)
{
    hc_reg_skip_blanks(lexer);
    if (lexer->in_directive && hc_reg_is(lexer, lexer->pos, '|'))
        return TRUE;
    if (hc_reg_is(lexer, lexer->pos, ';') && !lexer->in_directive) {
        lexer->comment = lexer->pos;
        lexer->pos = hc_reg_eol(lexer, lexer->pos);
        return TRUE;
    }
    if (hc_reg_is_eol(lexer, lexer->pos))
        return TRUE;
    g_autofree char *expected = g_strdup_printf(
        "the end of the line or %s after %s", lexer->in_directive ? "'|'" : "a ';' comment", after);
    return hc_reg_fail(lexer, lexer->pos, expected, regedit);
}
