#include "config.h"

#include "hivecore/report/edit-script.h"

#include "hivecore/base/limits.h"

/* What is kept between two changes and is shorter (units, bytes) says nothing. */
#define SHORTEST_KEPT 4u

/* Words that are as long may differ inside, if they have as much in common. */
#define LONG_WORD     32u
#define SHORTEST_SAME 16u

/* --- words --- */

static gboolean
is_word_unit(uint16_t unit)
{
    return unit >= 0x80 || unit == '_' || g_ascii_isalnum((char) unit);
}

/* Words, runs of blanks, and everything else unit by unit. */
static GArray *
split_words(HcName text)
{
    GArray *words = g_array_new(FALSE, FALSE, sizeof(HcBlob));
    for (uint32_t start = 0; start < text.n_units;) {
        uint32_t end = start + 1;
        const uint16_t unit = hc_name_unit(text, start);
        if (is_word_unit(unit))
            while (end < text.n_units && is_word_unit(hc_name_unit(text, end)))
                end++;
        else if (hc_script_is_blank(unit))
            while (end < text.n_units && hc_script_is_blank(hc_name_unit(text, end)))
                end++;
        const HcBlob word = hc_script_blob_of(hc_name_part(text, start, end));
        g_array_append_val(words, word);
        start = end;
    }
    return words;
}

/* The units before each word, and before the end. */
static uint32_t *
word_starts(const GArray *words)
{
    uint32_t *starts = g_new(uint32_t, (gsize) words->len + 1);
    starts[0] = 0;
    for (guint i = 0; i < words->len; i++)
        starts[i + 1] = starts[i] + g_array_index(words, HcBlob, i).n_bytes / 2;
    return starts;
}

static void
diff_words(HcName before, HcName after, GArray *edits)
{
    g_autoptr(GArray) old_words = split_words(before);
    g_autoptr(GArray) new_words = split_words(after);
    g_autofree uint32_t *numbers = hc_script_number_parts(old_words, new_words);
    g_autofree uint32_t *old_starts = word_starts(old_words);
    g_autofree uint32_t *new_starts = word_starts(new_words);
    hc_sequence_diff(numbers, old_words->len, numbers + old_words->len, new_words->len, edits);
    for (guint i = 0; i < edits->len; i++) {
        HcEdit *edit = &g_array_index(edits, HcEdit, i);
        const gboolean is_added = edit->op == HC_EDIT_ADD;
        const uint32_t *starts = is_added ? new_starts : old_starts;
        const uint32_t at = is_added ? edit->new_at : edit->old_at;
        edit->n = starts[at + edit->n] - starts[at];
        edit->old_at = old_starts[edit->old_at];
        edit->new_at = new_starts[edit->new_at];
    }
}

static gboolean
is_pair_half(HcName text, uint32_t at)
{
    return at > 0 && at < text.n_units && (hc_name_unit(text, at) & 0xfc00) == 0xdc00 &&
           (hc_name_unit(text, at - 1) & 0xfc00) == 0xd800;
}

/* How much of two texts is the same at their beginnings, and behind those at their ends; pairs of
 * surrogates stay whole. */
static void
same_ends(HcName a, HcName b, uint32_t *head, uint32_t *tail)
{
    const uint32_t n = MIN(a.n_units, b.n_units);
    *head = 0;
    *tail = 0;
    while (*head < n && hc_name_unit(a, *head) == hc_name_unit(b, *head))
        ++*head;
    while (is_pair_half(a, *head) || is_pair_half(b, *head))
        --*head;
    while (*tail < n - *head &&
           hc_name_unit(a, a.n_units - 1 - *tail) == hc_name_unit(b, b.n_units - 1 - *tail))
        ++*tail;
    while (*tail > 0 && (is_pair_half(a, a.n_units - *tail) || is_pair_half(b, b.n_units - *tail)))
        --*tail;
}

/* One text for another: where both are long and alike, only what differs of them. */
static void
add_replaced(GArray *edits, HcName before, HcName after, const HcEdit *removed, uint32_t n_added)
{
    const uint32_t old_at = removed->old_at;
    const uint32_t new_at = removed->new_at;
    const HcName a = hc_name_part(before, old_at, old_at + removed->n);
    const HcName b = hc_name_part(after, new_at, new_at + n_added);
    uint32_t head = 0;
    uint32_t tail = 0;
    if (MIN(a.n_units, b.n_units) >= LONG_WORD)
        same_ends(a, b, &head, &tail);
    if (head + tail < SHORTEST_SAME)
        head = tail = 0;
    hc_script_add_edit(edits, HC_EDIT_KEEP, old_at, new_at, head);
    hc_script_add_edit(edits, HC_EDIT_REMOVE, old_at + head, new_at + head,
                       a.n_units - head - tail);
    hc_script_add_edit(edits, HC_EDIT_ADD, old_at + a.n_units - tail, new_at + head,
                       b.n_units - head - tail);
    hc_script_add_edit(edits, HC_EDIT_KEEP, old_at + a.n_units - tail, new_at + b.n_units - tail,
                       tail);
}

/* Steps that are being joined. */
typedef struct {
    HcEdit removed;
    uint32_t n_added;
    const HcName *before; /* (nullable): of texts */
    const HcName *after;
    GArray *edits;
} Joining;

static void
flush(Joining *joining)
{
    const HcEdit *removed = &joining->removed;
    if (joining->before != NULL)
        add_replaced(joining->edits, *joining->before, *joining->after, removed, joining->n_added);
    else {
        hc_script_add_edit(joining->edits, HC_EDIT_REMOVE, removed->old_at, removed->new_at,
                           removed->n);
        hc_script_add_edit(joining->edits, HC_EDIT_ADD, removed->old_at + removed->n,
                           removed->new_at, joining->n_added);
    }
    joining->removed.n = joining->n_added = 0;
}

/* Steps of @all joined where nearly nothing is kept between them. */
static void
join_edits(const GArray *all, Joining *joining)
{
    for (guint i = 0; i < all->len; i++) {
        const HcEdit *edit = &g_array_index(all, HcEdit, i);
        const gboolean is_any = joining->removed.n > 0 || joining->n_added > 0;
        if (edit->op == HC_EDIT_KEEP &&
            (!is_any || edit->n >= SHORTEST_KEPT || i + 1 == all->len)) {
            flush(joining);
            g_array_append_val(joining->edits, *edit);
            continue;
        }
        if (!is_any) {
            joining->removed.old_at = edit->old_at;
            joining->removed.new_at = edit->new_at;
        }
        joining->removed.n += edit->op != HC_EDIT_ADD ? edit->n : 0;
        joining->n_added += edit->op != HC_EDIT_REMOVE ? edit->n : 0;
    }
    flush(joining);
}

void
hc_script_words_edits(HcEditScript *script)
{
    const HcName before = hc_script_text_of(script->old_side.content);
    const HcName after = hc_script_text_of(script->new_side.content);
    g_autoptr(GArray) edits = g_array_new(FALSE, FALSE, sizeof(HcEdit));
    script->old_side.n = before.n_units;
    script->new_side.n = after.n_units;
    if (MAX(script->old_side.content.n_bytes, script->new_side.content.n_bytes) <=
        HC_MAX_DIFF_BYTES) {
        diff_words(before, after, edits);
    } else {
        uint32_t head;
        uint32_t tail;
        same_ends(before, after, &head, &tail);
        hc_script_add_edit(edits, HC_EDIT_KEEP, 0, 0, head);
        hc_script_add_edit(edits, HC_EDIT_REMOVE, head, head, before.n_units - head - tail);
        hc_script_add_edit(edits, HC_EDIT_ADD, before.n_units - tail, head,
                           after.n_units - head - tail);
        hc_script_add_edit(edits, HC_EDIT_KEEP, before.n_units - tail, after.n_units - tail, tail);
    }
    Joining joining = {.before = &before, .after = &after, .edits = script->edits};
    join_edits(edits, &joining);
}

/* --- bytes --- */

/* Byte for byte at the same offsets. Returns: how many differ */
static uint32_t
diff_in_place(HcBlob before, HcBlob after, GArray *edits)
{
    uint32_t n_changed = 0;
    for (uint32_t at = 0; at < before.n_bytes;) {
        const gboolean is_same = before.bytes[at] == after.bytes[at];
        uint32_t end = at + 1;
        while (end < before.n_bytes && (before.bytes[end] == after.bytes[end]) == is_same)
            end++;
        if (is_same) {
            hc_script_add_edit(edits, HC_EDIT_KEEP, at, at, end - at);
        } else {
            hc_script_add_edit(edits, HC_EDIT_REMOVE, at, at, end - at);
            hc_script_add_edit(edits, HC_EDIT_ADD, end, at, end - at);
            n_changed += end - at;
        }
        at = end;
    }
    return n_changed;
}

/* With bytes put in and left out. @edits: (element-type HcEdit): the result. Returns: how many were
 * removed or added, whichever is more */
static uint32_t
diff_shifted(HcBlob before, HcBlob after, GArray *edits)
{
    const uint32_t n = MIN(before.n_bytes, after.n_bytes);
    uint32_t head = 0;
    uint32_t tail = 0;
    while (head < n && before.bytes[head] == after.bytes[head])
        head++;
    while (tail < n - head &&
           before.bytes[before.n_bytes - 1 - tail] == after.bytes[after.n_bytes - 1 - tail])
        tail++;
    const uint32_t n_old = before.n_bytes - head - tail;
    const uint32_t n_new = after.n_bytes - head - tail;
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(HcEdit));
    hc_script_add_edit(all, HC_EDIT_KEEP, 0, 0, head);
    const guint first = all->len;
    if (MAX(n_old, n_new) <= HC_MAX_DIFF_BYTES) {
        g_autofree uint32_t *items = g_new(uint32_t, (gsize) n_old + n_new + 1);
        for (uint32_t i = 0; i < n_old; i++)
            items[i] = before.bytes[head + i];
        for (uint32_t i = 0; i < n_new; i++)
            items[n_old + i] = after.bytes[head + i];
        hc_sequence_diff(items, n_old, items + n_old, n_new, all);
    } else {
        hc_script_add_edit(all, HC_EDIT_REMOVE, 0, 0, n_old);
        hc_script_add_edit(all, HC_EDIT_ADD, n_old, 0, n_new);
    }
    uint32_t n_removed = 0;
    uint32_t n_added = 0;
    for (guint i = first; i < all->len; i++) {
        HcEdit *edit = &g_array_index(all, HcEdit, i);
        edit->old_at += head;
        edit->new_at += head;
        n_removed += edit->op == HC_EDIT_REMOVE ? edit->n : 0;
        n_added += edit->op == HC_EDIT_ADD ? edit->n : 0;
    }
    hc_script_add_edit(all, HC_EDIT_KEEP, before.n_bytes - tail, after.n_bytes - tail, tail);
    Joining joining = {.edits = edits};
    join_edits(all, &joining);
    return MAX(n_removed, n_added);
}

void
hc_script_bytes_edits(HcEditScript *script)
{
    const HcBlob before = script->old_side.content;
    const HcBlob after = script->new_side.content;
    script->old_side.n = before.n_bytes;
    script->new_side.n = after.n_bytes;
    if (before.n_bytes != after.n_bytes) {
        diff_shifted(before, after, script->edits);
        return;
    }
    const uint32_t n_changed = diff_in_place(before, after, script->edits);
    if (n_changed <= before.n_bytes / 4)
        return;
    /* So much may be something put in at the front, and cut at the end. */
    g_autoptr(GArray) shifted = g_array_new(FALSE, FALSE, sizeof(HcEdit));
    if (diff_shifted(before, after, shifted) >= n_changed / 2)
        return;
    g_array_unref(script->edits);
    script->edits = g_steal_pointer(&shifted);
}
