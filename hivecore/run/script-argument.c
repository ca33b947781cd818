#include "config.h"

#include <string.h>

#include "hivecore/run/script-private.h"

/* --- words behind a command --- */

static gboolean
ends_word(char byte)
{
    return byte == '\0' || strchr(" \t\r\n;|&(){},", byte) != NULL;
}

/* A word without quotes around it; variables in it are replaced. */
static HcPsValue *
bare_word(HcPs *ps)
{
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean is_plain = TRUE;
    while (!ends_word(hc_ps_peek(ps, 0))) {
        const char byte = hc_ps_peek(ps, 0);
        HcPsValue *part = byte == '\''  ? hc_ps_single_quoted(ps)
                          : byte == '"' ? hc_ps_double_quoted(ps)
                                        : NULL;
        if (byte == '\'' || byte == '"') {
            if (part == NULL)
                return NULL;
            g_string_append(out, part->text);
        } else if (byte == '`' ? !hc_ps_append_escape(ps, out)
                               : byte == '$' && !hc_ps_append_variable(ps, out)) {
            return NULL;
        } else if (byte != '`' && byte != '$') {
            g_string_append_c(out, byte);
            ps->pos++;
        }
        is_plain &= byte != '\'' && byte != '"' && byte != '`' && byte != '$';
    }
    HcPsValue *number = is_plain ? hc_ps_parse_number(ps, out->str) : NULL;
    HcPsValue *value = number != NULL ? number : hc_ps_string(ps, out->str);
    value->is_odd = number == NULL && is_plain && hc_ps_looks_like_number(out->str);
    return value;
}

static HcPsValue *
one_argument(HcPs *ps)
{
    const char byte = hc_ps_peek(ps, 0);
    const gsize start = ps->pos;
    HcPsValue *value = NULL;
    if (byte == '{' || (byte == '@' && hc_ps_peek(ps, 1) != '('))
        return hc_ps_refuse(ps, hc_ps_word_here(ps), "code, which needs PowerShell");
    if (byte == '(' || byte == '@')
        return hc_ps_unary(ps);
    if (byte == '\'')
        value = hc_ps_single_quoted(ps);
    else if (byte == '"')
        value = hc_ps_double_quoted(ps);
    else if (byte == '$' && hc_ps_peek(ps, 1) == '(')
        value = hc_ps_unary(ps);
    else if (byte == '$') {
        const char *name = hc_ps_variable_name(ps);
        if (name != NULL && ends_word(hc_ps_peek(ps, 0)))
            return hc_ps_variable(ps, name);
        ps->pos = start;
        return hc_ps_peek(ps, 0) == '$' ? bare_word(ps) : NULL;
    } else {
        return bare_word(ps);
    }
    if (value == NULL || ends_word(hc_ps_peek(ps, 0)))
        return value;
    if (byte == '$') {
        ps->pos = start;
        return bare_word(ps);
    }
    return hc_ps_refuse(ps, hc_ps_word_here(ps), "right behind a quote is another word or none");
}

/* What stands behind a comma. */
static HcPsValue *
next_argument(HcPs *ps)
{
    if (ends_word(hc_ps_peek(ps, 0)) && hc_ps_peek(ps, 0) != '(')
        return hc_ps_refuse(ps, ",", "and no value behind it");
    return one_argument(ps);
}

HcPsValue *
hc_ps_argument(HcPs *ps)
{
    return hc_ps_listed(ps, one_argument(ps), next_argument);
}
