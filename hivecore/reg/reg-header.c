#include "config.h"

#include "hivecore/reg/parse-private.h"

#include <string.h>

static gboolean
header_is(const HcRegLexer *lexer, gsize end, const char *text)
{
    gsize n = strlen(text);
    HcRegLexer at = *lexer;
    return end - lexer->pos == n && hc_reg_take(&at, text);
}

static gsize
skip_space(const HcRegLexer *lexer, gsize pos)
{
    while (pos < lexer->n_units && (hc_reg_is_eol(lexer, pos) || hc_reg_is_blank(lexer, pos)))
        pos++;
    return pos;
}

/* Whether the text is an object, or a list of objects or of nothing, of JSON. A key line without a
 * header above it starts with a bracket, too. */
static gboolean
is_json(const HcRegLexer *lexer)
{
    gsize pos = skip_space(lexer, lexer->pos);
    if (hc_reg_is(lexer, pos, '{'))
        return TRUE;
    if (!hc_reg_is(lexer, pos, '['))
        return FALSE;
    pos = skip_space(lexer, pos + 1);
    return hc_reg_is(lexer, pos, '{') || hc_reg_is(lexer, pos, ']');
}

/* @is_registry: the line starts like a header */
static gboolean
fail_header(const HcRegLexer *lexer, gboolean is_registry)
{
    const HcRegForeign *foreign = is_registry ? NULL : hc_reg_foreign_text(lexer);
    if (is_json(lexer))
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "a .reg file; apply and verify also take a JSON delta, one object "
                                 "as 'diff --format=json' prints it",
                                 HC_REGEDIT_REFUSES, "JSON");
    if (foreign != NULL)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED, foreign->expected,
                                 HC_REGEDIT_REFUSES, "%s", foreign->what);
    return hc_reg_fail(
        lexer, lexer->pos, "the header '" HC_REG_HEADER_V5 "' or '" HC_REG_HEADER_V4 "' in line 1",
        is_registry ? "reads nothing of the file and says that it succeeded" : HC_REGEDIT_REFUSES);
}

gboolean
hc_reg_read_header(HcRegLexer *lexer, HcRegHeader *header)
{
    hc_reg_skip_blanks(lexer);
    gsize end = hc_reg_eol(lexer, lexer->pos);
    while (end > lexer->pos && hc_reg_is_blank(lexer, end - 1))
        end--;
    HcRegLexer at = *lexer;
    gboolean is_registry = hc_reg_take(&at, HC_REG_HEADER_V3);
    if (header_is(lexer, end, HC_REG_HEADER_V5))
        *header = HC_REG_HEADER_IS_V5;
    else if (header_is(lexer, end, HC_REG_HEADER_V4))
        *header = HC_REG_HEADER_IS_V4;
    else if (lexer->compat && header_is(lexer, end, HC_REG_HEADER_V3))
        *header = HC_REG_HEADER_IS_V3;
    else if (lexer->compat && is_registry)
        *header = HC_REG_HEADER_UNKNOWN;
    else if (header_is(lexer, end, HC_REG_HEADER_V3))
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "'" HC_REG_HEADER_V5 "' or '" HC_REG_HEADER_V4 "'",
                                 "reads the lines that start with HKEY_CLASSES_ROOT, no others",
                                 "the header of a Windows 3.1 file, '" HC_REG_HEADER_V3 "'");
    else
        return fail_header(lexer, is_registry);
    lexer->pos = hc_reg_eol(lexer, lexer->pos);
    return TRUE;
}
