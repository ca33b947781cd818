#include "config.h"

#include "hivecore/base/path.h"
#include "hivecore/report/html-private.h"

/* The top of a report of changes: how many, and where. */

static void
add_counts(HcHtmlCounts *sum, HcHtmlCounts more)
{
    sum->n_added += more.n_added;
    sum->n_removed += more.n_removed;
    sum->n_changed += more.n_changed;
}

HcHtmlCounts
hc_html_count_own(const HcDeltaKey *key, gboolean is_removed)
{
    HcHtmlCounts counts = {0, 0, 0};
    if (is_removed) {
        counts.n_removed = 1 + hc_delta_n_values(key);
        return counts;
    }
    for (guint bits = key->op == HC_KEY_KEEP ? key->changed : 0; bits != 0; bits &= bits - 1)
        counts.n_changed++;
    counts.n_added = hc_delta_is_made(key) ? 1 : 0;
    for (guint i = 0; key->op != HC_KEY_DELETE && i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (!value->after.is_present)
            counts.n_removed++;
        else if (value->before->is_present)
            counts.n_changed++;
        else
            counts.n_added++;
    }
    return counts;
}

HcHtmlCounts
hc_html_count(const HcDeltaKey *key, gboolean is_removed)
{
    HcHtmlCounts counts = hc_html_count_own(key, is_removed);
    if (!is_removed && key->old_tree != NULL)
        add_counts(&counts, hc_html_count(key->old_tree, TRUE));
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        add_counts(&counts, hc_html_count(hc_delta_child(key, i), is_removed));
    return counts;
}

HcHtmlCounts
hc_html_count_part(const HcHtmlPart *part)
{
    const HcHtmlCounts none = {0, 0, 0};
    return part->exact != NULL ? hc_html_count(hc_delta_root(part->exact), FALSE) : none;
}

/* Bars of the chart. */
#define MOST_BARS 12u

typedef struct {
    char *label;
    char *id; /* (nullable) of the key */
    HcHtmlCounts counts;
} Bar;

static void
bar_clear(void *pointer)
{
    Bar *bar = pointer;
    g_free(bar->label);
    g_free(bar->id);
}

/* The largest first, of equal ones in their order. */
static gint
compare_bars(gconstpointer a, gconstpointer b)
{
    const guint64 left = hc_html_total(((const Bar *) a)->counts);
    const guint64 right = hc_html_total(((const Bar *) b)->counts);
    return (left < right) - (left > right);
}

static void
take_bar(GArray *bars, const HcHtmlPart *part, gsize i, const char *path, HcHtmlCounts counts)
{
    GString *id = g_string_new(NULL);
    hc_html_key_id(id, part, i, path);
    Bar bar = {part->tab != NULL ? g_strdup_printf("%s: %s", part->tab, path) : g_strdup(path),
               g_string_free(id, FALSE), counts};
    if (hc_html_total(counts) > 0)
        g_array_append_val(bars, bar);
    else
        bar_clear(&bar);
}

/* To the key that has a line of its own. */
static void
follow(const HcDeltaKey *key, GString *path)
{
    while (hc_html_leads_on(key, FALSE)) {
        key = hc_delta_child(key, 0);
        g_string_append_c(path, '\\');
        hc_name_append_display(path, key->name);
    }
}

/* A bar for each key below that one from which the changes part. */
static void
list_bars(GArray *bars, const HcHtmlPart *part, gsize index)
{
    if (part->exact == NULL)
        return;
    const HcDeltaKey *key = hc_delta_root(part->exact);
    g_autoptr(GString) path = g_string_new(part->root[0] != '\0' ? part->root : part->place);
    while (hc_delta_n_children(key) == 1 && hc_delta_n_values(key) == 0 &&
           hc_delta_child(key, 0)->op == HC_KEY_KEEP &&
           hc_delta_n_children(hc_delta_child(key, 0)) > 0) {
        key = hc_delta_child(key, 0);
        g_string_append(path, path->len > 0 ? "\\" : "");
        hc_name_append_display(path, key->name);
    }
    const gsize n_path = path->len;
    HcHtmlCounts own = hc_html_count(key, FALSE);
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        const HcHtmlCounts counts = hc_html_count(child, FALSE);
        g_string_append(path, path->len > 0 ? "\\" : "");
        hc_name_append_display(path, child->name);
        follow(child, path);
        take_bar(bars, part, index, path->str, counts);
        g_string_truncate(path, n_path);
        own.n_added -= counts.n_added;
        own.n_removed -= counts.n_removed;
        own.n_changed -= counts.n_changed;
    }
    take_bar(bars, part, index, path->str, own);
}

static void
add_rect(GString *out, const char *class_name, guint64 *at, guint64 n, guint64 n_most)
{
    if (n == 0 || n_most == 0)
        return;
    g_string_append_printf(out,
                           "<rect class=\"%s\" x=\"%" G_GUINT64_FORMAT
                           "\" y=\"0\" width=\"%" G_GUINT64_FORMAT "\" height=\"10\"/>",
                           class_name, *at * 1000 / n_most, MAX(n * 1000 / n_most, 2));
    *at += n;
}

static void
write_bar(GString *out, const Bar *bar, guint64 n_most)
{
    guint64 at = 0;
    g_string_append(out, "<tr><th scope=\"row\">");
    if (bar->id != NULL) {
        g_string_append_printf(out, "<a href=\"#%s\"><code>", bar->id);
        hc_html_text(out, bar->label);
        g_string_append(out, "</code></a>");
    } else {
        hc_html_text(out, bar->label);
    }
    g_string_append_printf(out,
                           "</th><td>%" G_GUINT64_FORMAT "</td><td class=\"bar\"><svg "
                           "viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
                           "aria-hidden=\"true\">",
                           hc_html_total(bar->counts));
    add_rect(out, "added", &at, bar->counts.n_added, n_most);
    add_rect(out, "removed", &at, bar->counts.n_removed, n_most);
    add_rect(out, "changed", &at, bar->counts.n_changed, n_most);
    g_string_append(out, "</svg></td></tr>\n");
}

static void
write_chart(GString *out, GArray *bars)
{
    Bar others = {g_strdup("elsewhere"), NULL, {0, 0, 0}};
    const guint64 n_most = hc_html_total(g_array_index(bars, Bar, 0).counts);
    g_string_append(out, "<table class=\"chart\"><caption>Where the changes are</caption>"
                         "<thead><tr><th scope=\"col\">Key</th><th scope=\"col\">Changes</th>"
                         "<th scope=\"col\"><span class=\"sr\">Share</span></th></tr></thead>"
                         "<tbody>\n");
    for (guint i = 0; i < bars->len; i++) {
        const Bar *bar = &g_array_index(bars, Bar, i);
        if (i < MOST_BARS) {
            write_bar(out, bar, n_most);
            continue;
        }
        others.counts.n_added += bar->counts.n_added;
        others.counts.n_removed += bar->counts.n_removed;
        others.counts.n_changed += bar->counts.n_changed;
    }
    if (hc_html_total(others.counts) > 0)
        write_bar(out, &others, MAX(n_most, hc_html_total(others.counts)));
    g_string_append(out, "</tbody></table>\n");
    bar_clear(&others);
}

void
hc_html_summary(HcStream *stream, const HcHtmlPart *parts, gsize n_parts)
{
    GString *out = hc_stream_text(stream);
    g_autoptr(GArray) bars = g_array_new(FALSE, FALSE, sizeof(Bar));
    HcHtmlCounts all = {0, 0, 0};
    g_array_set_clear_func(bars, bar_clear);
    for (gsize i = 0; i < n_parts; i++) {
        const HcHtmlCounts counts = hc_html_count_part(&parts[i]);
        all.n_added += counts.n_added;
        all.n_removed += counts.n_removed;
        all.n_changed += counts.n_changed;
        list_bars(bars, &parts[i], i);
    }
    g_array_sort(bars, compare_bars);
    g_string_append_printf(out,
                           "<section class=\"summary\"><h2>Summary</h2><ul class=\"counts\">"
                           "<li class=\"added\"><b>%" G_GUINT64_FORMAT "</b> added</li>"
                           "<li class=\"removed\"><b>%" G_GUINT64_FORMAT "</b> removed</li>"
                           "<li class=\"changed\"><b>%" G_GUINT64_FORMAT "</b> changed</li></ul>\n",
                           all.n_added, all.n_removed, all.n_changed);
    if (bars->len > 0)
        write_chart(out, bars);
    g_string_append(out, "</section>\n");
}
