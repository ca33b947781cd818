#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/report/html.h"
#include "layerpack/image-diff.h"

/* How files differ, in the forms that changes of the registry have (report/views.c). */

/* Rows and columns of --stat, and lines of text in a ticket. */
#define STAT_ROWS      24u
#define BAR_COLUMNS    30u
#define MARKDOWN_LINES 400u

#define N_KINDS 3

static const HcTreeChange *
change_at(const LpFiles *files, guint i)
{
    return &g_array_index(files->diff->changes, HcTreeChange, i);
}

static void
append_names(HcStream *stream, const LpFiles *files, gboolean with_status)
{
    static const char letters[N_KINDS] = {
        [HC_CHANGE_ADDED] = 'A', [HC_CHANGE_DELETED] = 'D', [HC_CHANGE_CHANGED] = 'M'};
    for (guint i = 0; i < files->diff->changes->len; i++) {
        GString *out = hc_stream_text(stream);
        const HcTreeChange *change = change_at(files, i);
        g_autofree char *path = lp_file_change_path(files, change);
        if (with_status)
            g_string_append_printf(out, "%c\t", letters[lp_file_change_kind(change)]);
        hc_append_display(out, path, strlen(path));
        g_string_append_c(out, '\n');
        (void) hc_stream_flow(stream); /* who ends the stream is told */
    }
}

/* --- a bar for each folder --- */

typedef struct {
    char *name;
    guint n[N_KINDS];
} Row;

static void
row_clear(gpointer data)
{
    g_free(((Row *) data)->name);
}

/* The first @n_parts names of @path, "C:\Windows\System32" of three. */
static char *
folder_of(const char *path, guint n_parts)
{
    const char *at = path;
    for (guint i = 0; i < n_parts; i++) {
        const char *next = strpbrk(i > 0 || at[0] == '/' ? at + 1 : at, "\\/");
        if (next == NULL)
            return g_strdup(path);
        at = next;
    }
    return g_strndup(path, (gsize) (at - path));
}

/* The changes are in the order of the tree, so what is in one folder stands together. */
static GArray *
list_rows(const LpFiles *files, guint n_parts)
{
    GArray *rows = g_array_new(FALSE, TRUE, sizeof(Row));
    g_array_set_clear_func(rows, row_clear);
    for (guint i = 0; i < files->diff->changes->len; i++) {
        const HcTreeChange *change = change_at(files, i);
        g_autofree char *path = lp_file_change_path(files, change);
        g_autofree char *folder = folder_of(path, n_parts);
        Row *last = rows->len > 0 ? &g_array_index(rows, Row, rows->len - 1) : NULL;
        if (last == NULL || strcmp(last->name, folder) != 0) {
            g_array_set_size(rows, rows->len + 1);
            last = &g_array_index(rows, Row, rows->len - 1);
            last->name = g_steal_pointer(&folder);
        }
        last->n[lp_file_change_kind(change)]++;
    }
    return rows;
}

static guint
row_sum(const Row *row)
{
    return row->n[HC_CHANGE_ADDED] + row->n[HC_CHANGE_DELETED] + row->n[HC_CHANGE_CHANGED];
}

static void
append_bar(GString *out, const Row *row, guint most)
{
    static const char signs[N_KINDS] = {
        [HC_CHANGE_ADDED] = '+', [HC_CHANGE_DELETED] = '-', [HC_CHANGE_CHANGED] = '~'};
    static const HcChangeKind order[] = {HC_CHANGE_ADDED, HC_CHANGE_CHANGED, HC_CHANGE_DELETED};
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
        const guint64 n = row->n[order[i]];
        const guint64 width = most <= BAR_COLUMNS ? n : (n * BAR_COLUMNS + most - 1) / most;
        for (guint64 k = 0; k < width; k++)
            g_string_append_c(out, signs[order[i]]);
    }
}

static void
append_stat(HcStream *stream, const LpFiles *files)
{
    GString *out = hc_stream_text(stream);
    g_autoptr(GArray) rows = list_rows(files, 3);
    for (guint n_parts = 2; rows->len > STAT_ROWS && n_parts > 0; n_parts--) {
        g_array_unref(rows);
        rows = list_rows(files, n_parts);
    }
    guint most = 0;
    glong widest = 0;
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        g_autofree char *name = hc_display(row->name);
        most = MAX(most, row_sum(row));
        widest = MAX(widest, g_utf8_strlen(name, -1));
    }
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        g_autofree char *name = hc_display(row->name);
        g_string_append_printf(out, " %s%*s | %6u ", name, (int) (widest - g_utf8_strlen(name, -1)),
                               "", row_sum(row));
        append_bar(out, row, most);
        g_string_append_c(out, '\n');
    }
    lp_files_append_summary(out, files);
}

void
lp_files_view(HcStream *stream, const LpFiles *files, const LpDiffShowing *showing,
              HcReportView view)
{
    switch (view) {
    case HC_VIEW_CHANGES:
        lp_files_text(stream, files, showing);
        return;
    case HC_VIEW_NAME_ONLY:
    case HC_VIEW_NAME_STATUS:
        append_names(stream, files, view == HC_VIEW_NAME_STATUS);
        return;
    case HC_VIEW_STAT:
        g_string_append(hc_stream_text(stream), "Files:\n");
        append_stat(stream, files);
        return;
    case HC_VIEW_SUMMARY:
    case HC_VIEW_GROUP:
        g_string_append(hc_stream_text(stream), "Files:\n");
        lp_files_append_summary(hc_stream_text(stream), files);
        return;
    }
}

/* --- documents --- */

/* Of the text, without its heading and its last line, as many lines as a ticket has room for. */
static void
append_lines(GString *out, const char *text)
{
    guint n = 0;
    const char *at = strchr(text, '\n') + 1;
    for (const char *next; (next = strchr(at, '\n')) != NULL && next[1] != '\0'; at = next + 1) {
        if (++n <= MARKDOWN_LINES)
            g_string_append_len(out, at, next + 1 - at);
    }
    if (n > MARKDOWN_LINES)
        g_string_append_printf(out, "(%u more lines)\n", n - MARKDOWN_LINES);
}

void
lp_files_markdown(HcStream *stream, const LpFiles *files, const LpDiffShowing *showing,
                  const char *place)
{
    GString *out = hc_stream_text(stream);
    g_string_append(out, hc_stream_size(stream) > 0 ? "\n### " : "### ");
    hc_append_xml(out, place);
    g_string_append(out, "\n\n");
    lp_files_append_summary(out, files);
    g_string_append_c(out, '\n');
    if (files->diff->changes->len == 0)
        return;
    HcStream *memory = hc_stream_new_memory();
    lp_files_text(memory, files, showing);
    /* No line of it begins with a backtick, so nothing in it ends the block. */
    g_string_append(out, "<details><summary>files</summary>\n\n```diff\n");
    append_lines(out, hc_stream_text(memory)->str);
    g_string_append(out, "```\n\n</details>\n");
    hc_stream_unref(memory);
    (void) hc_stream_flow(stream); /* who ends the stream is told */
}

static void
append_case(GString *out, const LpFiles *files, const HcTreeChange *change, const char *place)
{
    g_autofree char *path = lp_file_change_path(files, change);
    g_autoptr(GString) what = g_string_new(hc_change_kind_name(lp_file_change_kind(change)));
    g_string_append(what, ": ");
    lp_file_change_append(what, change);
    g_string_append(out, "    <testcase");
    hc_append_xml_attribute(out, "classname", place);
    hc_append_xml_attribute(out, "name", path);
    g_string_append(out, ">\n      <failure type=\"difference\"");
    hc_append_xml_attribute(out, "message", what->str);
    g_string_append(out, "/>\n    </testcase>\n");
}

void
lp_files_junit_suite(HcStream *stream, const LpFiles *files, const char *place)
{
    GString *out = hc_stream_text(stream);
    const guint n = files->diff->changes->len;
    g_string_append(out, "  <testsuite");
    hc_append_xml_attribute(out, "name", place);
    g_string_append_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"0\">\n", MAX(n, 1), n);
    if (n == 0) {
        g_string_append(out, "    <testcase");
        hc_append_xml_attribute(out, "classname", place);
        hc_append_xml_attribute(out, "name", "no difference");
        g_string_append(out, "/>\n");
    }
    for (guint i = 0; i < n; i++) {
        append_case(out, files, change_at(files, i), place);
        (void) hc_stream_flow(stream); /* who ends the stream is told */
    }
    g_string_append(out, "  </testsuite>\n");
}

void
lp_files_records(HcRecords *records, const char *of, const LpFiles *files)
{
    for (guint i = 0; i < files->diff->changes->len; i++) {
        const HcTreeChange *change = change_at(files, i);
        const HcChangeKind kind = lp_file_change_kind(change);
        g_autofree char *path = lp_file_change_path(files, change);
        g_autoptr(GString) what = g_string_new(NULL);
        lp_file_change_append(what, change);
        hc_change_records_put_other(
            records, of, kind,
            lp_file_kind_word(change->new_node != NULL ? change->new_node : change->old_node), path,
            what->str);
    }
}
