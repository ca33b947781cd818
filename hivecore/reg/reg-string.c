#include "config.h"

#include "hivecore/reg/parse-private.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/types.h"

/* Whether regedit takes the escape, @pos at its backslash. It knows line feed and carriage return,
 * drops the value for \0 and the backslash before anything else; only \\ and \" mean the same
 * everywhere. */
static gboolean
is_escape(const HcRegLexer *lexer, gsize pos)
{
    gboolean is_sure = hc_reg_is(lexer, pos + 1, '\\') || hc_reg_is(lexer, pos + 1, '"');
    return is_sure ||
           (lexer->compat && !hc_reg_is_eol(lexer, pos + 1) && !hc_reg_is(lexer, pos + 1, '0'));
}

/* @has_breaks: the string does not end in its line, which matters more */
static gboolean
fail_escape(const HcRegLexer *lexer, gsize pos, gboolean has_breaks)
{
    const char *expected = "'\\\\' for a backslash or '\\\"' for a quote";
    if (lexer->diagnostics == NULL)
        return FALSE;
    if (hc_reg_is_eol(lexer, pos + 1))
        return hc_reg_fail_found(lexer, pos, HC_ERROR_MALFORMED, expected, HC_REGEDIT_SKIPS,
                                 "a backslash at the end of the line");
    const char *regedit = "drops the backslash, as Wine's does";
    if (has_breaks || hc_reg_is(lexer, pos + 1, '0'))
        regedit = HC_REGEDIT_SKIPS;
    else if (hc_reg_is(lexer, pos + 1, 'n') || hc_reg_is(lexer, pos + 1, 'r'))
        regedit = "reads a line break, as Wine's does";
    g_autoptr(GString) escape = g_string_new(NULL);
    hc_name_append_display(escape, hc_reg_span(lexer, pos, pos + 2));
    return hc_reg_fail_found(lexer, pos, HC_ERROR_MALFORMED, expected, regedit, "the escape '%s'",
                             escape->str);
}

typedef struct {
    gsize start; /* behind the opening quote */
    gsize end;   /* at the closing quote, or where it was missed */
    gsize n_escapes;
    gsize bad_escape; /* the first; 0: none */
    gsize key_line;   /* the first line that looks like a key; 0: none */
    gboolean has_breaks;
} Quoted;

/* Whether "[HK" or "[-HK" stands at the start of the line behind the break at @pos: in a string of
 * several lines the sign of a quote that is missing. */
static gboolean
breaks_before_key(const HcRegLexer *lexer, gsize pos)
{
    HcRegLexer at = *lexer;
    at.pos = pos + 1;
    hc_reg_skip_blanks(&at);
    return hc_reg_take(&at, "[HK") || hc_reg_take(&at, "[-HK");
}

static gboolean
check_quoted(const HcRegLexer *lexer, gboolean may_break, const Quoted *quoted)
{
    gsize end = quoted->end;
    gsize key_line = lexer->compat ? 0 : quoted->key_line;
    if (quoted->bad_escape > 0 && (key_line == 0 || quoted->bad_escape < key_line))
        return fail_escape(lexer, quoted->bad_escape, quoted->has_breaks);
    if (key_line > 0)
        return hc_reg_fail_found(lexer, key_line, HC_ERROR_MALFORMED,
                                 "the '\"' that ends it before this line",
                                 "takes it for text of the string",
                                 "a key line in the string that starts in line %u", lexer->line);
    if (!may_break && hc_reg_is_eol(lexer, end))
        return hc_reg_fail(lexer, end,
                           lexer->in_directive ? "the '\"' that ends the text"
                                               : "the '\"' that ends the name",
                           HC_REGEDIT_SKIPS);
    if (end >= lexer->n_units)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "a '\"' before the end of the file", HC_REGEDIT_SKIPS,
                                 "a string without an end");
    if (!hc_reg_check_pairs(lexer, quoted->start, end,
                            may_break ? "whole characters; hex(1): can hold anything"
                                      : "whole characters in a name"))
        return FALSE;
    gsize n_units = end - quoted->start - quoted->n_escapes;
    if (n_units > HC_MAX_DATA_BYTES / 2 - 1)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 256 MiB of data", NULL,
                                 "a string of %" G_GSIZE_FORMAT " characters", n_units);
    return TRUE;
}

static inline HcRegLanes
quoted_stops(HcRegLanes lanes)
{
    return hc_reg_lanes_equal(lanes, '"') | hc_reg_lanes_equal(lanes, '\\') |
           hc_reg_lanes_equal(lanes, '\n') | hc_reg_lanes_equal(lanes, '\r');
}

/* Returns: the first quote, backslash or line break at or after @pos, or the end of the text. */
static gsize
skip_plain(const HcRegLexer *lexer, gsize pos)
{
    return hc_reg_scan(lexer->units, lexer->n_units, pos, lexer->n_units, quoted_stops);
}

/* Looks for the closing quote without moving the lexer, which stands at the opening one. A bad
 * escape is told, but does not keep it from finding the end. */
static gboolean
scan_quoted(const HcRegLexer *lexer, gboolean may_break, Quoted *quoted)
{
    gsize pos = lexer->pos + 1;
    *quoted = (Quoted){.start = pos};
    while ((pos = skip_plain(lexer, pos)) < lexer->n_units && lexer->units[pos] != '"') {
        gsize at = pos;
        if (lexer->units[pos] == '\\') {
            if (quoted->bad_escape == 0 && !is_escape(lexer, pos))
                quoted->bad_escape = pos;
            quoted->n_escapes++;
            at = ++pos;
        }
        if (hc_reg_is_eol(lexer, at)) {
            quoted->has_breaks = TRUE;
            if (!may_break)
                break;
            if (quoted->key_line == 0 && breaks_before_key(lexer, at))
                quoted->key_line = at + 1;
        }
        pos++;
    }
    quoted->end = MIN(pos, lexer->n_units);
    return check_quoted(lexer, may_break, quoted);
}

/* Makes @out the text between the quotes, escapes resolved, and @n_nuls NUL characters. */
static void
take_quoted(const HcRegLexer *lexer, const Quoted *quoted, guint n_nuls, GByteArray *out)
{
    gsize n_units = quoted->end - quoted->start - quoted->n_escapes + n_nuls;
    g_byte_array_set_size(out, (guint) (2 * n_units));
    uint8_t *to = out->data;
    gsize pos = quoted->start;
    while (pos < quoted->end) {
        gsize run = pos;
        pos = quoted->n_escapes > 0 ? skip_plain(lexer, pos) : quoted->end;
        memcpy(to, lexer->units + run, 2 * (pos - run));
        to += 2 * (pos - run);
        if (pos >= quoted->end)
            break;
        uint16_t unit = lexer->units[pos];
        if (unit == '\\') {
            unit = lexer->units[++pos];
            unit = unit == 'n' ? '\n' : unit == 'r' ? '\r' : unit;
        }
        memcpy(to, &unit, sizeof(unit));
        to += sizeof(unit);
        pos++;
    }
    for (; n_nuls > 0; n_nuls--, to += 2)
        memset(to, 0, 2);
}

gboolean
hc_reg_parse_name(HcRegLexer *lexer, GByteArray *scratch, HcName *name)
{
    Quoted quoted;
    if (!scan_quoted(lexer, FALSE, &quoted))
        return FALSE;
    *name = hc_reg_span(lexer, quoted.start, quoted.end);
    if (quoted.n_escapes > 0) {
        take_quoted(lexer, &quoted, 0, scratch);
        *name = (HcName){scratch->data, scratch->len / 2, FALSE};
    }
    if (name->n_units > HC_MAX_VALUE_NAME_UNITS)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 16383", NULL,
                                 "a value name of %u characters", name->n_units);
    lexer->pos = quoted.end + 1;
    return TRUE;
}

/* Strict mode: moves over lines that were text of a string that went wrong, until one that starts
 * a statement or until @end. */
static void
skip_lost_text(HcRegLexer *lexer, gsize end)
{
    HcRegLexer next = *lexer;
    while (hc_reg_next_line(&next) && next.pos < end) {
        HcRegLexer first = next;
        hc_reg_skip_blanks(&first);
        if (hc_reg_is(&first, first.pos, '[') || hc_reg_is(&first, first.pos, '@') ||
            hc_reg_is(&first, first.pos, '"'))
            return;
        *lexer = next;
    }
}

/* What stands behind the closing quote; @after: the lexer there. */
static gboolean
expect_string_tail(const HcRegLexer *lexer, HcRegLexer *after, gboolean has_breaks)
{
    if (!has_breaks)
        return hc_reg_expect_tail(after, "the string", HC_REGEDIT_SKIPS);
    g_autofree char *closed = g_strdup_printf("the string that starts in line %u", lexer->line);
    return hc_reg_expect_tail(after, closed, "drops the line that the string starts in");
}

/* Strict mode, after a string that went wrong: to its last line when it ends well but for what was
 * told, else over what was its text. */
static void
leave_bad_string(HcRegLexer *lexer, const Quoted *quoted)
{
    HcRegLexer after = *lexer;
    after.diagnostics = NULL;
    hc_reg_advance(&after, MIN(quoted->end + 1, lexer->n_units));
    gboolean ends_well = quoted->key_line == 0 && quoted->end < lexer->n_units &&
                         hc_reg_expect_tail(&after, "", NULL);
    if (!ends_well) {
        skip_lost_text(lexer, quoted->end);
        return;
    }
    lexer->pos = after.pos;
    lexer->line = after.line;
    lexer->line_start = after.line_start;
}

gboolean
hc_reg_parse_string(HcRegLexer *lexer, HcRegData *data)
{
    Quoted quoted;
    gboolean ok = scan_quoted(lexer, !lexer->in_directive, &quoted);
    HcRegLexer after = *lexer;
    if (ok) {
        if (quoted.has_breaks)
            hc_reg_advance(&after, quoted.end);
        after.pos = quoted.end + 1;
        ok = expect_string_tail(lexer, &after, quoted.has_breaks);
    }
    /* In compat mode a string over several lines that does not end cleanly costs its first line
     * only. */
    if (!ok) {
        if (!lexer->compat && quoted.has_breaks)
            leave_bad_string(lexer, &quoted);
        return FALSE;
    }
    data->type = HC_REG_SZ;
    take_quoted(lexer, &quoted, 1, data->bytes);
    *lexer = after;
    return TRUE;
}
