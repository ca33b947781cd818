#include "config.h"

#include "hivecore/reg/parse-private.h"

gboolean
hc_reg_walker_init(HcRegWalker *walker, const HcRegReadOptions *options, GError **error)
{
    *walker = (HcRegWalker){.codepage = hc_codepage_new(options->ansi_codepage, error)};
    if (walker->codepage == NULL)
        return FALSE;
    walker->has_codepage = options->ansi_codepage != 0;
    walker->lexer.compat = options->compat_regedit;
    walker->dialect = (HcRegDialect){.codepage = walker->codepage, .allow = options->allow};
    walker->section.path = g_array_new(FALSE, FALSE, sizeof(HcName));
    walker->data.bytes = g_byte_array_new();
    walker->name_scratch = g_byte_array_new();
    return TRUE;
}

gboolean
hc_reg_walker_start(HcRegWalker *walker, GBytes *content, HcFindings *diagnostics)
{
    HcRegLexer *lexer = &walker->lexer;
    g_autoptr(HcFindings) untold =
        diagnostics != NULL ? NULL : hc_findings_new("", HC_MAX_DIAGNOSTICS);
    if (!hc_reg_decode(&walker->text, untold != NULL ? untold : diagnostics, content,
                       walker->codepage, walker->has_codepage, lexer->compat))
        return FALSE;
    lexer->units = walker->text.units;
    lexer->n_units = walker->text.n_units;
    lexer->has_halves = walker->text.has_halves;
    lexer->line = 1;
    lexer->diagnostics = diagnostics;
    walker->section.diagnostics = diagnostics;
    if (!hc_reg_read_header(lexer, &walker->header))
        return FALSE;
    walker->dialect.is_ansi = walker->header == HC_REG_HEADER_IS_V4;
    /* Compat mode wants no messages about what it skips. */
    if (lexer->compat)
        lexer->diagnostics = NULL;
    return TRUE;
}

/* Whether nothing but the end-of-file mark of DOS editors, 1a, is left: old files have it. */
static gboolean
is_dos_end(const HcRegLexer *lexer)
{
    gsize pos = lexer->pos;
    if (!hc_reg_is(lexer, pos, 0x1a) || lexer->compat)
        return FALSE;
    do
        pos++;
    while (pos < lexer->n_units && hc_reg_is_eol(lexer, pos));
    return pos >= lexer->n_units;
}

static HcRegLineKind
kind_of(const HcRegLexer *lexer)
{
    if (hc_reg_is_eol(lexer, lexer->pos))
        return HC_REG_LINE_BLANK;
    switch (lexer->units[lexer->pos]) {
    case '[':
        return HC_REG_LINE_SECTION;
    case '@':
    case '"':
        return HC_REG_LINE_VALUE;
    case ';':
        return HC_REG_LINE_COMMENT;
    default:
        return HC_REG_LINE_OTHER;
    }
}

static gboolean
starts_statement(const HcRegLexer *lexer)
{
    HcRegLexer at = *lexer;
    hc_reg_skip_blanks(&at);
    const HcRegLineKind kind = kind_of(&at);
    return kind == HC_REG_LINE_SECTION || kind == HC_REG_LINE_VALUE;
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

/* To the line where strict mode goes on after a bad one that started at @bad_line. FALSE: the file
 * ends. */
static gboolean
recover(HcRegLexer *lexer, uint32_t bad_line)
{
    HcRegLexer here = *lexer;
    here.pos = here.line_start;
    /* Hex data that went on with a statement: it counts. */
    if (here.line > bad_line && starts_statement(&here)) {
        *lexer = here;
        return TRUE;
    }
    while (hc_reg_next_line(lexer)) {
        if (!is_only_bytes(lexer))
            return TRUE;
    }
    return FALSE;
}

static gboolean
parse_value(HcRegWalker *walker, HcRegLine *line)
{
    HcRegLexer *lexer = &walker->lexer;
    gboolean is_default = hc_reg_take(lexer, "@");
    line->name = HC_NAME_EMPTY;
    if (!is_default && !hc_reg_parse_name(lexer, walker->name_scratch, &line->name))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    if (!hc_reg_take(lexer, "="))
        return hc_reg_fail(lexer, lexer->pos,
                           is_default ? "'=' after '@'" : "'=' after the value's name",
                           HC_REGEDIT_SKIPS);
    hc_reg_skip_blanks(lexer);
    line->data = lexer->pos;
    return hc_reg_parse_data(lexer, &walker->dialect, &walker->data);
}

/* What is good ends at the end of a line, where the lexer stands. A comment after a "\" in a line
 * before is not behind it. */
static void
end_line(const HcRegLexer *lexer, HcRegLine *line)
{
    line->end = lexer->pos;
    line->comment =
        lexer->comment > 0 && lexer->comment >= lexer->line_start ? lexer->comment : line->end;
}

void
hc_reg_walker_value(HcRegWalker *walker, HcRegLine *line)
{
    line->kind = HC_REG_LINE_VALUE;
    line->at = walker->lexer;
    line->is_bad = !parse_value(walker, line);
    if (!line->is_bad)
        end_line(&walker->lexer, line);
}

gboolean
hc_reg_walker_next(HcRegWalker *walker, HcRegLine *line)
{
    HcRegLexer *lexer = &walker->lexer;
    if (!(walker->bad_line != 0 ? recover(lexer, walker->bad_line) : hc_reg_next_line(lexer)))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    if (is_dos_end(lexer))
        return FALSE;
    lexer->comment = 0;
    line->kind = kind_of(lexer);
    line->at = *lexer;
    line->is_bad = FALSE;
    switch (line->kind) {
    case HC_REG_LINE_BLANK:
    case HC_REG_LINE_COMMENT:
        lexer->pos = hc_reg_eol(lexer, lexer->pos);
        break;
    case HC_REG_LINE_SECTION:
        line->is_bad = !hc_reg_parse_section(lexer, &walker->section);
        break;
    case HC_REG_LINE_VALUE:
        line->is_bad = !parse_value(walker, line);
        break;
    case HC_REG_LINE_OTHER:
        line->is_bad =
            !hc_reg_fail(lexer, lexer->pos, "'[key]', '[-key]', '\"name\"=', '@=' or a ';' comment",
                         HC_REGEDIT_SKIPS);
        break;
    }
    if (!line->is_bad)
        end_line(lexer, line);
    walker->bad_line = line->is_bad && !lexer->compat ? line->at.line : 0;
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
