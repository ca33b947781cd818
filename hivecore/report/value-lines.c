#include "config.h"

#include "hivecore/report/report-private.h"

/* One value alone, for those who show it themselves. */

/* Lines of one value; those who want more see all of its data. */
#define MOST_LINES 40u

gboolean
hc_report_append_meaning(GString *out, const HcDeltaKey *key, HcName name, const HcDatum *datum)
{
    return datum->is_present && hc_append_meaning(out, key, name, datum);
}

char **
hc_report_value_lines(const HcDeltaKey *key, const HcDeltaValue *value, guint n_columns)
{
    const HcTextLimits limits = {MAX(n_columns, 20), MOST_LINES, FALSE};
    g_autoptr(GArray) lines = hc_text_value_lines(key, value, &limits, 0);
    GPtrArray *texts = g_ptr_array_new();
    for (guint i = 0; i < lines->len; i++) {
        const HcTextLine *line = &g_array_index(lines, HcTextLine, i);
        g_ptr_array_add(texts, i == 0 ? g_strdup(line->text)
                                      : g_strdup_printf("%c %s", line->sign, line->text));
    }
    g_ptr_array_add(texts, NULL);
    return (char **) g_ptr_array_free(texts, FALSE);
}
