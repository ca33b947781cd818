#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

static void
clear_line(void *line)
{
    g_free(((HcTextLine *) line)->text);
}

GArray *
hc_text_lines_new(void)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(HcTextLine));
    g_array_set_clear_func(lines, clear_line);
    return lines;
}

void
hc_text_line(GArray *lines, char sign, GString *text)
{
    const HcTextLine line = {sign, g_string_free(text, FALSE)};
    g_array_append_val(lines, line);
}

static gboolean
is_pair_half(HcName text, uint32_t at)
{
    return at > 0 && at < text.n_units && (hc_name_unit(text, at) & 0xfc00) == 0xdc00 &&
           (hc_name_unit(text, at - 1) & 0xfc00) == 0xd800;
}

HcName
hc_text_part(HcName text, uint32_t from, uint32_t to)
{
    from -= is_pair_half(text, from) ? 1 : 0;
    to -= is_pair_half(text, to) ? 1 : 0;
    return hc_name_part(text, from, MAX(from, to));
}

static guint
columns_of(gunichar c)
{
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

guint
hc_text_columns(const char *text)
{
    guint n_columns = 0;
    for (const char *at = text; *at != '\0'; at += g_utf8_skip[(guchar) *at])
        n_columns += columns_of(g_utf8_get_char(at));
    return n_columns;
}

/* Returns: where @text ends when it has @n_columns and no more */
static const char *
cut_at(const char *text, guint n_columns)
{
    const char *at = text;
    for (guint n = 0; *at != '\0'; at += g_utf8_skip[(guchar) *at]) {
        n += columns_of(g_utf8_get_char(at));
        if (n > n_columns)
            break;
    }
    return at;
}

void
hc_append_cut(GString *out, const char *text, guint n_columns)
{
    /* Bytes are no fewer than columns, and cheaper to count. */
    if (strlen(text) <= n_columns || hc_text_columns(text) <= n_columns) {
        g_string_append(out, text);
        return;
    }
    g_string_append_len(out, text, cut_at(text, n_columns - 1) - text);
    g_string_append(out, "…");
}

void
hc_append_cut_middle(GString *out, const char *text, guint n_columns)
{
    const guint n_all = hc_text_columns(text);
    if (n_all <= n_columns) {
        g_string_append(out, text);
        return;
    }
    const guint n_head = (n_columns - 1) / 2;
    const guint n_tail = n_columns - 1 - n_head;
    const char *tail = cut_at(text, n_all - n_tail);
    g_string_append_len(out, text, cut_at(text, n_head) - text);
    g_string_append(out, "…");
    g_string_append(out, tail);
}
