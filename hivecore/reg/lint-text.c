#include "config.h"

#include "hivecore/reg/directive-private.h"
#include "hivecore/reg/lint-private.h"

/* Windows-1252 from 0x80 to 0x9f; 0: not defined. */
static const uint16_t high_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/* Returns: the byte that is @unit in Windows-1252 or Latin-1, or 0. */
static uint8_t
byte_of(uint16_t unit)
{
    if (unit < 0x100)
        return (uint8_t) unit;
    for (guint i = 0; i < G_N_ELEMENTS(high_1252); i++) {
        if (high_1252[i] == unit)
            return (uint8_t) (0x80 + i);
    }
    return 0;
}

/* How many units from @pos on are the bytes of one UTF-8 character, read one by one; 0: none. */
static guint
misread_units(const HcRegLexer *lexer, gsize pos)
{
    uint8_t lead = byte_of(lexer->units[pos]);
    guint n = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    for (guint i = 1; i < n; i++) {
        uint8_t next = pos + i < lexer->n_units ? byte_of(lexer->units[pos + i]) : 0;
        if (next < 0x80 || next > 0xbf)
            return 0;
    }
    return n;
}

/* Letters and punctuation can follow a letter in real text; the other characters of these bytes
 * hardly do. */
static gboolean
can_follow_letter(uint16_t unit)
{
    static const uint16_t can[] = {0xa0,   0xaa,   0xba,   0xbb,   0x0152, 0x0153,
                                   0x0160, 0x0161, 0x0178, 0x017d, 0x017e, 0x0192,
                                   0x2013, 0x2014, 0x2019, 0x201d, 0x2026, 0x203a};
    for (guint i = 0; i < G_N_ELEMENTS(can); i++) {
        if (can[i] == unit)
            return TRUE;
    }
    return FALSE;
}

/* Returns: whether a misread character stands at @pos: one that is no text otherwise, or two in a
 * row. */
static gboolean
is_mojibake(const HcRegLexer *lexer, gsize pos)
{
    guint n = misread_units(lexer, pos);
    for (guint i = 1; i < n; i++) {
        if (!can_follow_letter(lexer->units[pos + i]))
            return TRUE;
    }
    return n > 0 && pos + n < lexer->n_units && misread_units(lexer, pos + n) > 0;
}

static inline HcRegLanes
wide(HcRegLanes lanes)
{
    return ~hc_reg_lanes_equal(lanes & 0xff80, 0);
}

/* Moves to the next unit outside ASCII. FALSE: there is none. */
static gboolean
to_wide(HcRegLexer *at)
{
    hc_reg_advance(at, hc_reg_scan(at->units, at->n_units, at->pos, at->n_units, wide));
    return at->pos < at->n_units;
}

static void
lint_mojibake(HcLint *lint)
{
    HcRegLexer at = lint->walker->lexer;
    while (to_wide(&at)) {
        gboolean is_lost = at.units[at.pos] == 0xfffd;
        if (!is_lost && !is_mojibake(&at, at.pos)) {
            at.pos++;
            continue;
        }
        if (is_lost)
            hc_lint_tell_once(lint, HC_LINT_MOJIBAKE, &at, at.pos, NULL,
                              "the replacement character U+FFFD: a conversion has lost text");
        else
            hc_lint_tell_once(lint, HC_LINT_MOJIBAKE, &at, at.pos, NULL,
                              "looks like UTF-8 that was read as Windows-1252");
        hc_reg_next_line(&at);
    }
}

/* Lines with characters outside ASCII, which an 8-bit file has no sure meaning for. */
static void
lint_encoding(HcLint *lint)
{
    const char *ansi = "reads them in the code page of the machine it runs on";
    HcRegLexer at = lint->walker->lexer;
    while (to_wide(&at)) {
        if (lint->walker->text.encoding == HC_REG_BYTES_UTF8)
            hc_lint_tell_once(lint, HC_LINT_UTF8_WITHOUT_BOM, &at, at.pos, ansi,
                              "characters outside ASCII in UTF-8; UTF-16 is read alike everywhere");
        else
            hc_lint_tell_once(
                lint, HC_LINT_ANSI_BYTES, &at, at.pos, ansi,
                "characters outside ASCII in an 8-bit file, read in code page %u here",
                hc_codepage_number(lint->walker->codepage));
        hc_reg_next_line(&at);
    }
}

void
hc_lint_text(HcLint *lint)
{
    const HcRegLexer start = {
        .units = lint->walker->text.units, .n_units = lint->walker->text.n_units, .line = 1};
    gsize eol = hc_reg_eol(&start, 0);
    if (hc_reg_is_blank(&start, 0) || hc_reg_is_blank(&start, eol - 1))
        hc_lint_tell(lint, HC_LINT_HEADER_BLANK, &start, hc_reg_is_blank(&start, 0) ? 0 : eol - 1,
                     NULL, "blanks around the header, with which Wine does not import the file");
    if (lint->walker->text.encoding == HC_REG_BYTES_UTF8_BOM)
        hc_lint_tell(lint, HC_LINT_UTF8_BOM, &start, 0, NULL,
                     "UTF-8 with a byte order mark, which not every regedit imports");
    if (lint->walker->text.is_ascii)
        return;
    switch (lint->walker->text.encoding) {
    case HC_REG_BYTES_UTF16:
    case HC_REG_BYTES_UTF8_BOM:
        break;
    case HC_REG_BYTES_UTF8:
    case HC_REG_BYTES_ANSI:
        lint_encoding(lint);
        break;
    }
    lint_mojibake(lint);
}

void
hc_lint_variables(HcLint *lint, const HcRegLexer *at, gsize pos, gsize end)
{
    if (g_hash_table_size(lint->declared) == 0)
        return;
    for (; pos < end; pos++) {
        g_autofree char *name = hc_reg_is(at, pos, '$') ? hc_reg_variable_at(at, pos) : NULL;
        if (name != NULL && g_hash_table_contains(lint->declared, name))
            hc_lint_tell(lint, HC_LINT_VARIABLE_OUTSIDE_TEMPLATE, at, pos, NULL,
                         "${%s} stands for itself here; it is replaced in ';!=' lines only", name);
    }
}

/* Directives are comments to regedit; those that only check the file itself are no loss. */
void
hc_lint_comment(HcLint *lint, const HcRegLexer *at, gsize pos, gsize end)
{
    const HcRegVerb *verb = hc_reg_directive_verb(at, pos);
    if (verb == NULL)
        return;
    char *declared = hc_reg_directive_declares(at, pos);
    if (declared != NULL)
        g_hash_table_add(lint->declared, declared);
    if (verb->read != NULL)
        hc_lint_variables(lint, at, pos, end);
    lint->class = MAX(lint->class, verb->class);
    switch (verb->class) {
    case HC_LINT_CLASS_A:
        break;
    case HC_LINT_CLASS_B:
        hc_lint_tell(lint, HC_LINT_REGEDIT_GUARD, at, pos, "takes it for a comment",
                     "without this directive the changes are made unconditionally");
        break;
    case HC_LINT_CLASS_C:
        hc_lint_tell(lint, HC_LINT_REGEDIT_EXACT, at, pos, "takes it for a comment",
                     "without this directive the result is another");
        break;
    }
}
