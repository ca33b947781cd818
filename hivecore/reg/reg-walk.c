#include "config.h"

#include "hivecore/reg/parse-private.h"

#include <string.h>

/* What hc_reg_decode() made of the bytes. */
static HcRegBytes
encoding_of(GBytes *content, gboolean has_codepage)
{
    gsize n_bytes = 0;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    if (n_bytes >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
        return HC_REG_BYTES_UTF16;
    if (n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return HC_REG_BYTES_UTF8_BOM;
    gboolean is_utf8 = g_utf8_validate((const char *) bytes, (gssize) n_bytes, NULL);
    return is_utf8 && !has_codepage ? HC_REG_BYTES_UTF8 : HC_REG_BYTES_ANSI;
}

gboolean
hc_reg_walker_init(HcRegWalker *walker, GBytes *content, guint ansi_codepage)
{
    g_autoptr(HcFindings) untold = hc_findings_new("", HC_MAX_DIAGNOSTICS);
    *walker = (HcRegWalker){.codepage = hc_codepage_new(ansi_codepage, NULL)};
    if (!walker->codepage ||
        !hc_reg_decode(&walker->text, untold, content, walker->codepage, ansi_codepage != 0, FALSE))
        return FALSE;
    walker->encoding = encoding_of(content, ansi_codepage != 0);
    walker->lexer =
        (HcRegLexer){.units = walker->text.units, .n_units = walker->text.n_units, .line = 1};
    HcRegLexer *lexer = &walker->lexer;
    hc_reg_skip_blanks(lexer);
    walker->dialect = (HcRegDialect){.codepage = walker->codepage};
    walker->dialect.is_ansi = hc_reg_take(lexer, HC_REG_HEADER_V4);
    gboolean is_known = walker->dialect.is_ansi || hc_reg_take(lexer, HC_REG_HEADER_V5);
    hc_reg_skip_blanks(lexer);
    walker->section.any_root = TRUE;
    walker->section.path = g_array_new(FALSE, FALSE, sizeof(HcName));
    walker->data.bytes = g_byte_array_new();
    walker->name_scratch = g_byte_array_new();
    return is_known && hc_reg_is_eol(lexer, lexer->pos);
}

/* Where the comment behind the statement starts, which the lexer stands behind. A comment after a
 * "\\" in a line before is not it. */
static gsize
find_comment(const HcRegLexer *lexer, gsize end)
{
    return lexer->comment > 0 && lexer->comment >= lexer->line_start ? lexer->comment : end;
}

/* A value, the lexer at its name. */
static gboolean
read_value(HcRegWalker *walker, HcRegLine *line)
{
    HcRegLexer *lexer = &walker->lexer;
    line->name = HC_NAME_EMPTY;
    if (!hc_reg_take(lexer, "@") && !hc_reg_parse_name(lexer, walker->name_scratch, &line->name))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    if (!hc_reg_take(lexer, "="))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    line->data = lexer->pos;
    if (!hc_reg_parse_data(lexer, &walker->dialect, &walker->data))
        return FALSE;
    line->kind = HC_REG_LINE_VALUE;
    line->end = hc_reg_eol(lexer, lexer->pos);
    line->comment = find_comment(lexer, line->end);
    return TRUE;
}

static gboolean
read_section(HcRegWalker *walker, HcRegLine *line)
{
    HcRegLexer *lexer = &walker->lexer;
    if (!hc_reg_parse_section(lexer, &walker->section))
        return FALSE;
    line->kind = HC_REG_LINE_SECTION;
    line->end = hc_reg_eol(lexer, lexer->pos);
    line->comment = find_comment(lexer, line->end);
    return TRUE;
}

gboolean
hc_reg_walker_next(HcRegWalker *walker, HcRegLine *line)
{
    HcRegLexer *lexer = &walker->lexer;
    if (!hc_reg_next_line(lexer))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    lexer->comment = 0;
    *line = (HcRegLine){.kind = HC_REG_LINE_BAD, .at = *lexer};
    line->end = hc_reg_eol(lexer, lexer->pos);
    line->comment = line->end;
    if (line->end == lexer->pos) {
        line->kind = HC_REG_LINE_BLANK;
    } else if (hc_reg_is(lexer, lexer->pos, ';')) {
        line->kind = HC_REG_LINE_COMMENT;
    } else {
        gboolean is_section = hc_reg_is(lexer, lexer->pos, '[');
        gboolean is_value = hc_reg_is(lexer, lexer->pos, '@') || hc_reg_is(lexer, lexer->pos, '"');
        gboolean ok =
            (is_section && read_section(walker, line)) || (is_value && read_value(walker, line));
        if (!ok)
            *lexer = line->at;
    }
    return TRUE;
}

void
hc_reg_walker_clear(HcRegWalker *walker)
{
    hc_reg_text_clear(&walker->text);
    g_clear_pointer(&walker->codepage, hc_codepage_free);
    g_clear_pointer(&walker->section.path, g_array_unref);
    g_clear_pointer(&walker->data.bytes, g_byte_array_unref);
    g_clear_pointer(&walker->name_scratch, g_byte_array_unref);
}
