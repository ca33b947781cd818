#include "config.h"

#include <string.h>

#include "hivecore/run/script-private.h"

static HcPsValue *
new_value(HcPs *ps, HcPsKind kind)
{
    HcPsValue *value = (HcPsValue *) hc_arena_alloc(ps->run->arena, sizeof(*value));
    value->kind = kind;
    return value;
}

HcPsValue *
hc_ps_string(HcPs *ps, const char *text)
{
    HcPsValue *value = new_value(ps, HC_PS_STRING);
    value->text = hc_arena_dup(ps->run->arena, text, strlen(text) + 1);
    return value;
}

HcPsValue *
hc_ps_number(HcPs *ps, int64_t number, gboolean is_long, const char *text)
{
    HcPsValue *value = new_value(ps, HC_PS_NUMBER);
    value->number = number;
    value->is_long = is_long;
    value->text = text != NULL ? hc_arena_dup(ps->run->arena, text, strlen(text) + 1) : NULL;
    return value;
}

/* Of 8 hexadecimal digits the first bit is the sign: 0xffffffff is -1. */
static HcPsValue *
parse_hex(HcPs *ps, const char *text, const char *digits, gboolean is_negative)
{
    guint64 number;
    const gsize n = strlen(digits);
    if (n > 16 || !g_ascii_string_to_unsigned(digits, 16, 0, G_MAXUINT64, &number, NULL))
        return NULL;
    const gboolean is_long = number > G_MAXUINT32;
    const int64_t value = is_long ? (int64_t) number : (int32_t) (uint32_t) number;
    return hc_ps_number(ps, is_negative ? -value : value, is_long, text);
}

HcPsValue *
hc_ps_parse_number(HcPs *ps, const char *text)
{
    const char *digits = text;
    const gboolean is_negative = *digits == '-';
    digits += is_negative || *digits == '+' ? 1 : 0;
    g_autofree char *plain = g_strdup(digits);
    const gsize n = strlen(plain);
    guint64 number;
    const gboolean has_suffix = n > 1 && (plain[n - 1] == 'l' || plain[n - 1] == 'L');
    if (has_suffix)
        plain[n - 1] = '\0';
    if (!g_ascii_isdigit(*plain))
        return NULL;
    if (plain[0] == '0' && (plain[1] == 'x' || plain[1] == 'X'))
        return has_suffix ? NULL : parse_hex(ps, text, plain + 2, is_negative);
    if (!g_ascii_string_to_unsigned(plain, 10, 0, G_MAXINT64, &number, NULL))
        return NULL;
    const int64_t value = is_negative ? -(int64_t) number : (int64_t) number;
    return hc_ps_number(ps, value, has_suffix || value > G_MAXINT32 || value < G_MININT32, text);
}

gboolean
hc_ps_looks_like_number(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+' ? 1 : 0);
    const gboolean has_base = *at == '0' && at[1] != '\0' && strchr("xXbB", at[1]) != NULL;
    gsize n_digits = 0;
    for (at += has_base ? 2 : 0; has_base ? g_ascii_isxdigit(*at) : g_ascii_isdigit(*at); at++)
        n_digits++;
    for (at += *at == '.' && !has_base ? 1 : 0; g_ascii_isdigit(*at); at++)
        n_digits++;
    if (n_digits == 0)
        return FALSE;
    if (!has_base && g_ascii_tolower(*at) == 'e') {
        const char *power = at + 1 + (at[1] == '-' || at[1] == '+' ? 1 : 0);
        const gsize n = strspn(power, "0123456789");
        at = n > 0 ? power + n : at;
    }
    at += strspn(at, "dDlLuUyYsSnN");
    const gboolean has_factor =
        *at != '\0' && strchr("kKmMgGtTpP", *at) != NULL && g_ascii_tolower(at[1]) == 'b';
    return at[has_factor ? 2 : 0] == '\0';
}

gboolean
hc_ps_check_plain(HcPs *ps, const HcPsValue *value)
{
    for (guint i = 0; value->kind == HC_PS_LIST && i < value->n_items; i++) {
        if (!hc_ps_check_plain(ps, value->items[i]))
            return FALSE;
    }
    return !value->is_odd ||
           hc_run_refuse(ps->error, value->text,
                         "a number that is not known here; in quotes it is a text");
}

const char *
hc_ps_text(HcPs *ps, const HcPsValue *value)
{
    g_autoptr(GString) text = g_string_new(NULL);
    switch (value->kind) {
    case HC_PS_NULL:
        return "";
    case HC_PS_STRING:
        return value->text;
    case HC_PS_NUMBER:
        g_string_printf(text, "%" G_GINT64_FORMAT, (gint64) value->number);
        break;
    case HC_PS_BOOL:
        return value->number != 0 ? "True" : "False";
    case HC_PS_LIST:
        for (guint i = 0; i < value->n_items; i++)
            g_string_append_printf(text, "%s%s", i > 0 ? " " : "", hc_ps_text(ps, value->items[i]));
        break;
    }
    return hc_arena_dup(ps->run->arena, text->str, text->len + 1);
}

gboolean
hc_ps_integer(HcPs *ps, const HcPsValue *value, int64_t min, uint64_t max, uint64_t *number)
{
    if (value->kind == HC_PS_STRING) {
        g_autofree char *text = g_strstrip(g_strdup(value->text));
        value = hc_ps_parse_number(ps, text);
    }
    if (value == NULL || (value->kind != HC_PS_NUMBER && value->kind != HC_PS_BOOL) ||
        value->number < min || (value->number >= 0 && (uint64_t) value->number > max))
        return FALSE;
    *number = (uint64_t) value->number;
    return TRUE;
}
