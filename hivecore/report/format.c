#include "config.h"

#include "hivecore/report/format.h"

#include "hivecore/base/error.h"

static const char *const names[HC_N_FORMATS] = {
    [HC_FORMAT_TEXT] = "text",   [HC_FORMAT_JSON] = "json",   [HC_FORMAT_NDJSON] = "ndjson",
    [HC_FORMAT_CSV] = "csv",     [HC_FORMAT_REG] = "reg",     [HC_FORMAT_JUNIT] = "junit",
    [HC_FORMAT_SARIF] = "sarif", [HC_FORMAT_DELTA] = "delta", [HC_FORMAT_BODYFILE] = "bodyfile",
};

const char *
hc_format_name(HcFormat format)
{
    return names[format];
}

/* "text, json or csv". */
static char *
list_choices(guint choices)
{
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < HC_N_FORMATS; i++) {
        if ((choices & HC_FORMAT_BIT(i)) == 0)
            continue;
        const gboolean is_last = (choices >> i) == 1;
        g_string_append_printf(list, "%s%s",
                               list->len == 0 ? ""
                               : is_last      ? " or "
                                              : ", ",
                               names[i]);
    }
    return g_string_free(list, FALSE);
}

gboolean
hc_format_parse(const char *text, guint choices, HcFormat *format, GError **error)
{
    *format = HC_FORMAT_TEXT;
    if (text == NULL)
        return TRUE;
    for (guint i = 0; i < HC_N_FORMATS; i++) {
        if ((choices & HC_FORMAT_BIT(i)) == 0 || !g_str_equal(names[i], text))
            continue;
        *format = (HcFormat) i;
        return TRUE;
    }
    g_autofree char *list = list_choices(choices);
    return hc_fail(error, HC_ERROR_USAGE, "--format is '%s', not %s", text, list);
}
