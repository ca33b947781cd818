#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/reg/directive-private.h"
#include "hivecore/regf/types.h"

/* Strings in hex data whose bytes are the other version's: garbage when they are taken as the
 * header says. */

static const HcChoice allowed[] = {
    {"ansi-strings", HC_REG_ALLOW_ANSI_STRINGS},
    {"wide-strings", HC_REG_ALLOW_WIDE_STRINGS},
};

gboolean
hc_reg_allow_parse(char *const *lists, guint *allow, GError **error)
{
    *allow = 0;
    for (gsize i = 0; lists != NULL && lists[i] != NULL; i++) {
        g_auto(GStrv) names = g_strsplit(lists[i], ",", -1);
        if (names[0] == NULL)
            return hc_fail(error, HC_ERROR_USAGE, "--allow is empty");
        for (gsize k = 0; names[k] != NULL; k++) {
            const int choice = HC_CHOICE_PARSE("--allow has", names[k], allowed, error);
            if (choice < 0)
                return FALSE;
            *allow |= (guint) choice;
        }
    }
    return TRUE;
}

/* UTF-16 of nothing but Latin-1 characters, with its NUL. Strings of a code page have no NUL after
 * each character. */
static gboolean
is_wide_text(const uint8_t *bytes, guint n_bytes)
{
    gboolean has_text = FALSE;
    if (n_bytes < 4 || n_bytes % 2 != 0 || hc_get16(bytes + n_bytes - 2) != 0)
        return FALSE;
    for (guint i = 0; i < n_bytes; i += 2) {
        if (bytes[i + 1] != 0)
            return FALSE;
        has_text |= bytes[i] != 0;
    }
    return has_text;
}

static gboolean
is_printable(uint8_t byte, gboolean has_high)
{
    return (byte >= 0x20 && byte < 0x7f) || byte == '\t' || byte == '\n' || byte == '\r' ||
           (has_high && byte >= 0x80);
}

gboolean
hc_reg_is_narrow_text(uint32_t type, const uint8_t *bytes, gsize n_bytes)
{
    const gboolean is_odd = n_bytes % 2 != 0;
    gboolean has_pair = FALSE;
    gsize n_text = n_bytes;
    while (n_text > 0 && bytes[n_text - 1] == 0)
        n_text--;
    /* An even number of bytes can be UTF-16 of other scripts: only what has one NUL is none. */
    if (n_bytes < 3 || (!is_odd && n_text + 1 != n_bytes))
        return FALSE;
    for (gsize i = 0; i < n_text; i++) {
        const gboolean is_text = is_printable(bytes[i], is_odd);
        if (!is_text && (bytes[i] != 0 || type != HC_REG_MULTI_SZ))
            return FALSE;
        has_pair |= i % 2 != 0 && is_text && bytes[i - 1] != 0;
    }
    return has_pair;
}

/* hc_reg_check_misread() looks for it; here it is only read. */
void
hc_reg_read_as_is(HcRegDirective *directive)
{
    (void) hc_reg_expect_end(&directive->lexer, "the end of the line after 'as-is'");
}

gboolean
hc_reg_check_misread(const HcRegLexer *lexer, const HcRegDialect *dialect, gsize pos,
                     const HcRegData *data)
{
    const HcRegVerb *verb =
        lexer->comment > 0 ? hc_reg_directive_verb(lexer, lexer->comment) : NULL;
    if (lexer->compat || lexer->in_directive || (verb != NULL && verb->read == hc_reg_read_as_is))
        return TRUE;
    if (dialect->is_ansi && (dialect->allow & HC_REG_ALLOW_WIDE_STRINGS) == 0 &&
        is_wide_text(data->bytes->data, data->bytes->len))
        return hc_reg_fail_once(
            lexer, pos, HC_NAME_EMPTY, "UTF-16 in a string under REGEDIT4",
            "bytes of the code page (wrong header? UTF-16 belongs under 'Windows Registry Editor "
            "Version 5.00'; --allow=wide-strings takes the bytes as they are)",
            "stores a character for each byte");
    if (!dialect->is_ansi && (dialect->allow & HC_REG_ALLOW_ANSI_STRINGS) == 0 &&
        hc_reg_is_narrow_text(data->type, data->bytes->data, data->bytes->len))
        return hc_reg_fail_once(
            lexer, pos, HC_NAME_EMPTY, "ANSI text in a string under version 5",
            "UTF-16, two bytes for each character (wrong header? bytes of a code page belong under "
            "'REGEDIT4'; --allow=ansi-strings takes the bytes as they are)",
            NULL);
    return TRUE;
}
