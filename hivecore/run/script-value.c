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
