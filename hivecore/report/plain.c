#include "config.h"

#include "hivecore/report/report-private.h"

/* Data as scripts want it. */

static void
append_line(GString *out, HcName text, gboolean is_terminal)
{
    if (is_terminal)
        hc_name_append_display(out, text);
    else
        hc_name_append_utf8(out, text);
    g_string_append_c(out, '\n');
}

void
hc_report_append_plain(GString *out, const HcDatum *datum, gboolean is_terminal)
{
    uint64_t number;
    guint n_bits;
    HcName text;
    gboolean is_terminated;
    HcListOddities oddities;
    g_autoptr(GArray) list =
        datum->type == HC_REG_MULTI_SZ ? hc_datum_split_list(datum, &oddities) : NULL;
    if (hc_datum_number(datum, &number, &n_bits)) {
        g_string_append_printf(out, "%" G_GUINT64_FORMAT "\n", number);
    } else if (hc_datum_text(datum, &text, &is_terminated)) {
        append_line(out, text, is_terminal);
    } else if (list != NULL) {
        for (guint i = 0; i < list->len; i++)
            append_line(out, g_array_index(list, HcName, i), is_terminal);
    } else if (is_terminal) {
        append_line(out, (HcName){datum->data.bytes, datum->data.n_bytes, TRUE}, TRUE);
    } else {
        g_string_append_len(out, (const char *) datum->data.bytes, (gssize) datum->data.n_bytes);
    }
}
