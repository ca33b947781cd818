#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/edit-script.h"

/* Lines around a change, as diff -u has them. */
#define CONTEXT 3u

/* Each line with its line feed. */
static GArray *
split_lines(const uint8_t *at, gsize n_bytes)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(HcBlob));
    const uint8_t *end = at + n_bytes;
    while (at < end) {
        const uint8_t *feed = memchr(at, '\n', (gsize) (end - at));
        const uint8_t *next = feed != NULL ? feed + 1 : end;
        const HcBlob line = {at, (uint32_t) (next - at)};
        g_array_append_val(lines, line);
        at = next;
    }
    return lines;
}

typedef struct {
    HcStream *stream;
    const GArray *old_lines;
    const GArray *new_lines;
    const GArray *edits;
    gboolean is_terminal;
} Unified;

/* A terminal gets nothing that it would obey. */
static void
append_shown(GString *out, HcBlob line)
{
    const char *text = (const char *) line.bytes;
    gsize n_bytes = line.n_bytes;
    n_bytes -= n_bytes > 0 && text[n_bytes - 1] == '\n' ? 1 : 0;
    n_bytes -= n_bytes > 0 && text[n_bytes - 1] == '\r' ? 1 : 0;
    hc_append_display(out, text, n_bytes);
    g_string_append_c(out, '\n');
}

static void
append_line(const Unified *unified, char sign, const GArray *lines, uint32_t i)
{
    const HcBlob line = g_array_index(lines, HcBlob, i);
    GString *out = hc_stream_text(unified->stream);
    g_string_append_c(out, sign);
    if (unified->is_terminal)
        append_shown(out, line);
    else
        g_string_append_len(out, (const char *) line.bytes, line.n_bytes);
    if (!unified->is_terminal && (line.n_bytes == 0 || line.bytes[line.n_bytes - 1] != '\n'))
        g_string_append(out, "\n\\ No newline at end of file\n");
    (void) hc_stream_flow(unified->stream); /* who ends the stream is told */
}

static void
append_range(GString *out, char sign, uint32_t start, uint32_t n)
{
    /* A range of no lines names the line before it. */
    g_string_append_printf(out, " %c%u", sign, (guint) (n > 0 ? start + 1 : start));
    if (n != 1)
        g_string_append_printf(out, ",%u", (guint) n);
}

/* Edits @first up to @last with context around them. */
static void
append_edit(const Unified *unified, const HcEdit *edit)
{
    static const char marks[] = {[HC_EDIT_KEEP] = ' ', [HC_EDIT_REMOVE] = '-', [HC_EDIT_ADD] = '+'};
    const gboolean is_added = edit->op == HC_EDIT_ADD;
    for (uint32_t i = 0; i < edit->n; i++)
        append_line(unified, marks[edit->op], is_added ? unified->new_lines : unified->old_lines,
                    (is_added ? edit->new_at : edit->old_at) + i);
}

static void
append_hunk(const Unified *unified, guint first, guint last)
{
    const HcEdit *edits = (const HcEdit *) (gpointer) unified->edits->data;
    const HcEdit *before = first > 0 ? &edits[first - 1] : NULL;
    const HcEdit *after = last < unified->edits->len ? &edits[last] : NULL;
    const uint32_t n_before = before != NULL ? MIN(before->n, CONTEXT) : 0;
    const uint32_t n_after = after != NULL ? MIN(after->n, CONTEXT) : 0;
    const uint32_t old_start = edits[first].old_at - n_before;
    const uint32_t new_start = edits[first].new_at - n_before;
    uint32_t n_old = n_before + n_after;
    uint32_t n_new = n_old;
    for (guint i = first; i < last; i++) {
        n_old += edits[i].op != HC_EDIT_ADD ? edits[i].n : 0;
        n_new += edits[i].op != HC_EDIT_REMOVE ? edits[i].n : 0;
    }
    GString *out = hc_stream_text(unified->stream);
    g_string_append(out, "@@");
    append_range(out, '-', old_start, n_old);
    append_range(out, '+', new_start, n_new);
    g_string_append(out, " @@\n");
    for (uint32_t i = 0; i < n_before; i++)
        append_line(unified, ' ', unified->old_lines, old_start + i);
    for (guint i = first; i < last; i++)
        append_edit(unified, &edits[i]);
    for (uint32_t i = 0; i < n_after; i++)
        append_line(unified, ' ', unified->old_lines, after->old_at + i);
}

static void
append_hunks(const Unified *unified)
{
    const HcEdit *edits = (const HcEdit *) (gpointer) unified->edits->data;
    const guint n = unified->edits->len;
    for (guint i = 0; i < n; i++) {
        if (edits[i].op == HC_EDIT_KEEP)
            continue;
        guint last = i + 1;
        while (last < n &&
               (edits[last].op != HC_EDIT_KEEP || (last + 1 < n && edits[last].n <= 2 * CONTEXT)))
            last++;
        append_hunk(unified, i, last);
        i = last;
    }
}

void
hc_report_unified(HcStream *stream, const char *old_name, GBytes *old_text, const char *new_name,
                  GBytes *new_text, gboolean is_terminal)
{
    gsize n_old;
    gsize n_new;
    const uint8_t *old_bytes = g_bytes_get_data(old_text, &n_old);
    const uint8_t *new_bytes = g_bytes_get_data(new_text, &n_new);
    if (n_old == n_new && memcmp(old_bytes, new_bytes, n_old) == 0)
        return;
    g_autoptr(GArray) old_lines = split_lines(old_bytes, n_old);
    g_autoptr(GArray) new_lines = split_lines(new_bytes, n_new);
    g_autoptr(GArray) edits = g_array_new(FALSE, FALSE, sizeof(HcEdit));
    g_autofree uint32_t *numbers = hc_script_number_parts(old_lines, new_lines);
    hc_sequence_diff(numbers, old_lines->len, numbers + old_lines->len, new_lines->len, edits);
    g_string_append_printf(hc_stream_text(stream), "--- a/%s\n+++ b/%s\n", old_name, new_name);
    append_hunks(&(Unified){stream, old_lines, new_lines, edits, is_terminal});
}
