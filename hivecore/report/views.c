#include "config.h"

#include <string.h>

#include "hivecore/base/path.h"
#include "hivecore/delta/prune.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/html.h"
#include "hivecore/report/report-private.h"

/* --- names --- */

typedef struct {
    HcStream *stream;
    const char *root;
    gboolean with_status;
} Names;

static void
append_name(const HcChange *change, gpointer data)
{
    static const char letters[] = {
        [HC_CHANGE_ADDED] = 'A', [HC_CHANGE_DELETED] = 'D', [HC_CHANGE_CHANGED] = 'M'};
    const Names *names = data;
    GString *out = hc_stream_text(names->stream);
    if (names->with_status)
        g_string_append_printf(out, "%c\t", letters[change->kind]);
    const gsize start = out->len;
    hc_path_append_display(out, names->root, change->path);
    if (out->len == start)
        g_string_append_c(out, '\\');
    if (change->value != NULL) {
        g_string_append(out, "::");
        if (change->value->n_units == 0)
            g_string_append_c(out, '@');
        hc_name_append_display(out, *change->value);
    }
    g_string_append_c(out, '\n');
    (void) hc_stream_flow(names->stream); /* who ends the stream is told */
}

static void
print_names(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
            gboolean with_status)
{
    Names names = {stream, options->root, with_status};
    hc_delta_each_change(exact, append_name, &names);
}

/* --- a bar for each subtree --- */

/* Rows, and columns of a bar. */
#define STAT_ROWS   24u
#define BAR_COLUMNS 30u

typedef struct {
    const HcDeltaKey *key;
    gboolean is_own; /* only the key and its values */
    HcDeltaCounts counts;
    uint64_t n;
} Row;

static uint64_t
sum(const HcDeltaCounts *counts)
{
    return counts->keys_created + counts->keys_deleted + counts->keys_replaced +
           counts->keys_changed + counts->values_added + counts->values_changed +
           counts->values_deleted;
}

static Row
row_of(const HcDeltaKey *key)
{
    const HcDeltaCounts counts = hc_delta_count_tree(key);
    return (Row){key, FALSE, counts, sum(&counts)};
}

static gboolean
can_split(const Row *row)
{
    return !row->is_own && row->key->op == HC_KEY_KEEP && hc_delta_n_children(row->key) > 0;
}

/* What is in the key of @row itself. */
static Row
own_row(const Row *row)
{
    Row own = {row->key, TRUE, {0}, 0};
    own.counts.keys_changed = row->key->changed != 0;
    for (guint i = 0; i < hc_delta_n_values(row->key); i++) {
        const HcDeltaValue *value = hc_delta_value(row->key, i);
        if (value->op == HC_VALUE_DELETE)
            own.counts.values_deleted++;
        else if (value->before->is_present)
            own.counts.values_changed++;
        else
            own.counts.values_added++;
    }
    own.n = sum(&own.counts);
    return own;
}

/* Subtrees in the order of the tree: the largest is taken apart as long as there are few. */
static GArray *
list_rows(const HcDelta *exact)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));
    const Row all = row_of(hc_delta_root(exact));
    g_array_append_val(rows, all);
    for (;;) {
        guint largest = rows->len;
        for (guint i = 0; i < rows->len; i++) {
            const Row *row = &g_array_index(rows, Row, i);
            const gboolean fits =
                can_split(row) && rows->len + hc_delta_n_children(row->key) <= STAT_ROWS;
            if (fits && (largest == rows->len || row->n > g_array_index(rows, Row, largest).n))
                largest = i;
        }
        if (largest == rows->len)
            return rows;
        const Row row = g_array_index(rows, Row, largest);
        const Row own = own_row(&row);
        guint at = largest;
        g_array_remove_index(rows, at);
        if (own.n > 0)
            g_array_insert_val(rows, at++, own);
        for (guint i = 0; i < hc_delta_n_children(row.key); i++) {
            const Row child = row_of(hc_delta_child(row.key, i));
            g_array_insert_val(rows, at++, child);
        }
    }
}

static void
append_signs(GString *out, char sign, uint64_t n, uint64_t most)
{
    const uint64_t width = most <= BAR_COLUMNS ? n : (n * BAR_COLUMNS + most - 1) / most;
    for (uint64_t i = 0; i < width; i++)
        g_string_append_c(out, sign);
}

static char *
row_name(const Row *row, const HcReportOptions *options)
{
    g_autoptr(GString) path = g_string_new(NULL);
    GString *name = g_string_new(NULL);
    const guint n_columns = options->n_columns == 0 || options->is_full
                                ? G_MAXUINT
                                : MAX(options->n_columns, 60) - BAR_COLUMNS - 13;
    hc_delta_append_path(path, row->key, options->root);
    if (path->len == 0)
        g_string_append_c(path, '\\');
    if (n_columns == G_MAXUINT)
        g_string_append(name, path->str);
    else
        hc_append_cut_middle(name, path->str, n_columns);
    return g_string_free(name, FALSE);
}

static void
append_last_line(GString *out, const HcDelta *exact, const HcReportOptions *options)
{
    if (!hc_report_append_counts(out, exact))
        g_string_append(out, options->n_filtered > 0 ? "no other difference" : "no difference");
    if (options->n_filtered > 0)
        g_string_append_printf(out, "; filtered: %" G_GUINT64_FORMAT " change%s",
                               options->n_filtered, options->n_filtered == 1 ? "" : "s");
    g_string_append_c(out, '\n');
}

/* With the counts in the last line. */
static void
print_stat(HcStream *stream, const HcDelta *exact, const HcReportOptions *options)
{
    GString *out = hc_stream_text(stream);
    g_autoptr(GArray) rows = list_rows(exact);
    uint64_t most = 0;
    guint widest = 0;
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        g_autofree char *name = row_name(row, options);
        most = MAX(most, row->n);
        widest = MAX(widest, hc_text_columns(name));
    }
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        if (row->n == 0)
            continue;
        g_autofree char *name = row_name(row, options);
        g_string_append_printf(out, " %s%*s | %6" G_GUINT64_FORMAT " ", name,
                               (int) (widest - hc_text_columns(name)), "", row->n);
        const HcDeltaCounts *counts = &row->counts;
        append_signs(out, '+', counts->keys_created + counts->values_added, most);
        append_signs(out, '~',
                     counts->keys_changed + counts->keys_replaced + counts->values_changed, most);
        append_signs(out, '-', counts->keys_deleted + counts->values_deleted, most);
        g_string_append_c(out, '\n');
    }
    append_last_line(out, exact, options);
}

void
hc_report_view(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
               HcReportView view)
{
    switch (view) {
    case HC_VIEW_CHANGES:
        hc_report_text(stream, exact, options);
        break;
    case HC_VIEW_STAT:
        print_stat(stream, exact, options);
        break;
    case HC_VIEW_NAME_ONLY:
        print_names(stream, exact, options, FALSE);
        break;
    case HC_VIEW_NAME_STATUS:
        print_names(stream, exact, options, TRUE);
        break;
    case HC_VIEW_SUMMARY:
        append_last_line(hc_stream_text(stream), exact, options);
        break;
    case HC_VIEW_GROUP:
        hc_report_groups(stream, exact, options);
        break;
    }
}

/* --- markdown --- */

/* Lines of text in all: a ticket takes 65,536 characters. */
#define MARKDOWN_LINES 400u

static void
append_row(HcStream *stream, const Row *row, const HcReportOptions *options, guint n_lines,
           HcMoves *moves)
{
    GString *out = hc_stream_text(stream);
    g_autoptr(GString) path = g_string_new(NULL);
    hc_delta_append_path(path, row->key, options->root);
    g_string_append(out, "<details><summary><code>");
    hc_append_xml(out, path->len > 0 ? path->str : "\\");
    g_string_append(out, "</code>: ");
    (void) hc_text_append_counts(out, &row->counts);
    /* No line of a report begins with a backtick, so nothing in it ends the block. */
    g_string_append(out, "</summary>\n\n```diff\n");
    HcText text = {out, stream, options, "", FALSE, moves, 0};
    if (row->is_own)
        hc_text_own(&text, row->key, FALSE, n_lines);
    else if (options->is_full)
        hc_text_tree(&text, row->key, 0);
    else
        hc_text_folded_tree(&text, row->key, n_lines);
    g_string_append(out, "```\n\n</details>\n");
    (void) hc_stream_flow(stream); /* who ends the stream is told */
}

/* Words of Markdown are words between HTML tags, too: *a*, \., `b`, [c](d). What is one character
 * of it is written as its number; a line of names is for reading, also before it is a page. */
static void
append_markdown(GString *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const gboolean is_word = at > text && g_ascii_isalnum(at[-1]) && g_ascii_isalnum(at[1]);
        if (strchr("*`[]~<>&\"$|#", *at) != NULL || (*at == '_' && !is_word) ||
            (*at == '\\' && g_ascii_ispunct(at[1])))
            g_string_append_printf(out, "&#%u;", (guint) (guchar) *at);
        else
            g_string_append_c(out, *at);
    }
}

void
hc_report_markdown(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
                   const char *heading)
{
    GString *out = hc_stream_text(stream);
    g_autoptr(GArray) rows = list_rows(exact);
    g_autoptr(HcMoves) moves = hc_moves_find(exact);
    if (heading != NULL) {
        /* Behind a </details> only an empty line makes it a heading. */
        if (hc_stream_size(stream) > 0 && !g_str_has_suffix(out->str, "\n\n"))
            g_string_append_c(out, '\n');
        g_string_append(out, "### <code>");
        append_markdown(out, heading);
        g_string_append(out, "</code>\n\n");
    }
    append_last_line(out, exact, options);
    g_string_append_c(out, '\n');
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        if (row->n > 0)
            append_row(stream, row, options, MAX(MARKDOWN_LINES / rows->len, 12), moves);
    }
}

/* --- JUnit --- */

typedef struct {
    HcStream *stream;
    const HcReportOptions *options;
    const char *place;
} Junit;

static gboolean
is_case(const HcDeltaKey *key)
{
    return key->op != HC_KEY_KEEP || key->changed != 0 || hc_delta_n_values(key) > 0;
}

static uint64_t
count_cases(const HcDeltaKey *key)
{
    uint64_t n = is_case(key) ? 1 : 0;
    for (guint i = 0; key->op == HC_KEY_KEEP && i < hc_delta_n_children(key); i++)
        n += count_cases(hc_delta_child(key, i));
    return n;
}

static void
append_case(const Junit *junit, const HcDeltaKey *key)
{
    GString *out = hc_stream_text(junit->stream);
    g_autoptr(GString) path = g_string_new(NULL);
    g_autoptr(GString) counts_text = g_string_new(NULL);
    g_autoptr(GString) lines = g_string_new(NULL);
    const Row whole = {.key = key};
    HcDeltaCounts counts = own_row(&whole).counts;
    if (key->op != HC_KEY_KEEP)
        counts = hc_delta_count_tree(key);
    hc_delta_append_path(path, key, junit->options->root);
    (void) hc_text_append_counts(counts_text, &counts);
    HcText text = {lines, NULL, junit->options, "", FALSE, NULL, 0};
    if (key->op == HC_KEY_KEEP)
        hc_text_own(&text, key, FALSE, G_MAXUINT);
    else
        hc_text_tree(&text, key, 0);
    g_string_append(out, "    <testcase");
    hc_append_xml_attribute(out, "classname", junit->place);
    hc_append_xml_attribute(out, "name", path->len > 0 ? path->str : "\\");
    g_string_append(out, ">\n      <failure type=\"difference\"");
    hc_append_xml_attribute(out, "message", counts_text->str);
    g_string_append_c(out, '>');
    hc_append_xml(out, lines->str);
    g_string_append(out, "</failure>\n    </testcase>\n");
    (void) hc_stream_flow(junit->stream); /* who ends the stream is told */
}

static void
append_cases(const Junit *junit, const HcDeltaKey *key)
{
    if (is_case(key))
        append_case(junit, key);
    for (guint i = 0; key->op == HC_KEY_KEEP && i < hc_delta_n_children(key); i++)
        append_cases(junit, hc_delta_child(key, i));
}

void
hc_report_junit_begin(GString *out, const char *program, const char *command)
{
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<testsuites name=\"%s %s\">\n",
                           program, command);
}

void
hc_report_junit_suite(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
                      const char *place)
{
    GString *out = hc_stream_text(stream);
    const uint64_t n = count_cases(hc_delta_root(exact));
    g_string_append(out, "  <testsuite");
    hc_append_xml_attribute(out, "name", place);
    g_string_append_printf(
        out, " tests=\"%" G_GUINT64_FORMAT "\" failures=\"%" G_GUINT64_FORMAT "\" errors=\"0\">\n",
        MAX(n, 1), n);
    if (n == 0) {
        g_string_append(out, "    <testcase");
        hc_append_xml_attribute(out, "classname", place);
        hc_append_xml_attribute(out, "name", "no difference");
        g_string_append(out, "/>\n");
    }
    append_cases(&(Junit){stream, options, place}, hc_delta_root(exact));
    g_string_append(out, "  </testsuite>\n");
}

void
hc_report_junit_end(GString *out)
{
    g_string_append(out, "</testsuites>\n");
}
