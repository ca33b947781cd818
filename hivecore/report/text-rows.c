#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

/* As hexdump -C has them: offset, bytes, and their characters where there is room. */
#define ROW_BYTES    HC_TEXT_ROW_BYTES
#define OFFSET_WIDTH 8u
#define HEX_WIDTH    (OFFSET_WIDTH + ROW_BYTES * 3 + 1)
#define TEXT_WIDTH   (ROW_BYTES + 3)

static void
append_row(GString *out, HcBlob data, uint32_t row, guint n_columns)
{
    const uint32_t start = row * ROW_BYTES;
    const uint32_t end = MIN(data.n_bytes, start + ROW_BYTES);
    g_string_append_printf(out, "0x%04x  ", (guint) start);
    for (uint32_t i = start; i < start + ROW_BYTES; i++) {
        g_string_append(out, i == start + ROW_BYTES / 2 ? " " : "");
        if (i < end)
            g_string_append_printf(out, "%02x ", data.bytes[i]);
        else
            g_string_append(out, "   ");
    }
    if (n_columns < HEX_WIDTH + TEXT_WIDTH + OFFSET_WIDTH / 2) {
        g_string_truncate(out, out->len - 1);
        return;
    }
    g_string_append_c(out, '|');
    for (uint32_t i = start; i < end; i++)
        g_string_append_c(out, data.bytes[i] >= 0x20 && data.bytes[i] < 0x7f ? (char) data.bytes[i]
                                                                             : '.');
    g_string_append_c(out, '|');
}

/* Rows that are told together: first and last of each side, none where last is below first. */
typedef struct {
    int64_t old_first, old_last;
    int64_t new_first, new_last;
} Rows;

typedef struct {
    GArray *lines;
    const HcEditScript *script;
    const HcTextLimits *limits;
    guint n_told;
    uint64_t n_left;
} Telling;

static void
tell_rows(Telling *telling, const HcScriptSide *side, char sign, int64_t first, int64_t last)
{
    for (int64_t row = first; row <= last; row++) {
        if (telling->n_told >= telling->limits->n_lines && !telling->limits->is_full) {
            telling->n_left += (uint64_t) (last - row) + 1;
            return;
        }
        GString *text = g_string_new(NULL);
        append_row(text, side->content, (uint32_t) row, telling->limits->n_columns);
        hc_text_line(telling->lines, sign, text);
        telling->n_told++;
    }
}

static void
tell(Telling *telling, const Rows *rows)
{
    tell_rows(telling, &telling->script->old_side, '-', rows->old_first, rows->old_last);
    tell_rows(telling, &telling->script->new_side, '+', rows->new_first, rows->new_last);
}

/* The rows that a step is in. */
static Rows
rows_of(const HcEdit *edit)
{
    const gboolean is_added = edit->op == HC_EDIT_ADD;
    const int64_t old_at = edit->old_at;
    const int64_t new_at = edit->new_at;
    return (Rows){
        is_added ? 0 : old_at / ROW_BYTES, is_added ? -1 : (old_at + edit->n - 1) / ROW_BYTES,
        is_added ? new_at / ROW_BYTES : 0, is_added ? (new_at + edit->n - 1) / ROW_BYTES : -1};
}

static gboolean
join(Rows *rows, const Rows *more)
{
    const gboolean has_old = rows->old_first <= rows->old_last;
    const gboolean has_new = rows->new_first <= rows->new_last;
    const gboolean is_old_apart =
        has_old && more->old_first <= more->old_last && more->old_first > rows->old_last;
    const gboolean is_new_apart =
        has_new && more->new_first <= more->new_last && more->new_first > rows->new_last;
    if (is_old_apart || is_new_apart)
        return FALSE;
    if (more->old_first <= more->old_last) {
        rows->old_first = has_old ? rows->old_first : more->old_first;
        rows->old_last = MAX(rows->old_last, more->old_last);
    }
    if (more->new_first <= more->new_last) {
        rows->new_first = has_new ? rows->new_first : more->new_first;
        rows->new_last = MAX(rows->new_last, more->new_last);
    }
    return TRUE;
}

/* Row by row where both have the same offsets. */
static void
tell_in_place(Telling *telling)
{
    const HcBlob before = telling->script->old_side.content;
    const HcBlob after = telling->script->new_side.content;
    for (uint32_t start = 0; start < before.n_bytes; start += ROW_BYTES) {
        const uint32_t n = MIN(ROW_BYTES, before.n_bytes - start);
        const int64_t row = start / ROW_BYTES;
        if (memcmp(before.bytes + start, after.bytes + start, n) != 0)
            tell(telling, &(Rows){row, row, row, row});
    }
}

static void
tell_shifted(Telling *telling)
{
    Rows rows = {0, -1, 0, -1};
    for (guint i = 0; i < telling->script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(telling->script->edits, HcEdit, i);
        if (edit->op == HC_EDIT_KEEP)
            continue;
        const Rows more = rows_of(edit);
        if (join(&rows, &more))
            continue;
        tell(telling, &rows);
        rows = more;
    }
    tell(telling, &rows);
}

/* Whether no byte has another offset than before. */
static gboolean
is_in_place(const HcEditScript *script)
{
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        if (edit->op == HC_EDIT_KEEP && edit->old_at != edit->new_at)
            return FALSE;
    }
    return script->old_side.n == script->new_side.n;
}

void
hc_text_rows(GArray *lines, const HcEditScript *script, const HcTextLimits *limits)
{
    Telling telling = {lines, script, limits, 0, 0};
    if (is_in_place(script))
        tell_in_place(&telling);
    else
        tell_shifted(&telling);
    if (telling.n_left == 0)
        return;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "… %" G_GUINT64_FORMAT " more rows", telling.n_left);
    hc_text_line(lines, ' ', text);
}
