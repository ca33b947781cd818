#include "config.h"

#include "hivecore/report/edit-script.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report-private.h"

/* --- parts --- */

HcBlob
hc_script_element(const HcScriptSide *side, uint32_t i)
{
    return g_array_index(side->elements, HcBlob, i);
}

HcName
hc_script_words(const HcScriptSide *side, uint32_t at, uint32_t n)
{
    return hc_name_part(hc_script_text_of(side->content), at, at + n);
}

/* Parts @at up to @at + @n of @side, of TEXT and BYTES. */
static HcBlob
span_of(const HcEditScript *script, const HcScriptSide *side, uint32_t at, uint32_t n)
{
    const uint32_t unit = script->kind == HC_SCRIPT_TEXT ? 2 : 1;
    return (HcBlob){side->content.bytes + (gsize) unit * at, unit * n};
}

static int
compare_parts(gconstpointer a, gconstpointer b, gpointer parts)
{
    const HcBlob *all = parts;
    const HcBlob x = all[*(const uint32_t *) a];
    const HcBlob y = all[*(const uint32_t *) b];
    if (x.n_bytes != y.n_bytes)
        return x.n_bytes < y.n_bytes ? -1 : 1;
    return x.n_bytes == 0 ? 0 : memcmp(x.bytes, y.bytes, x.n_bytes);
}

uint32_t *
hc_script_number_parts(const GArray *old_parts, const GArray *new_parts)
{
    const guint n = old_parts->len + new_parts->len;
    g_autoptr(GArray) all = g_array_sized_new(FALSE, FALSE, sizeof(HcBlob), n);
    if (old_parts->len > 0)
        g_array_append_vals(all, old_parts->data, old_parts->len);
    if (new_parts->len > 0)
        g_array_append_vals(all, new_parts->data, new_parts->len);
    g_autofree uint32_t *order = g_new(uint32_t, n + 1);
    uint32_t *numbers = g_new(uint32_t, n + 1);
    for (guint i = 0; i < n; i++)
        order[i] = i;
    g_qsort_with_data(order, (gint) n, sizeof(*order), compare_parts, all->data);
    uint32_t number = 0;
    for (guint i = 0; i < n; i++) {
        if (i > 0 && compare_parts(&order[i - 1], &order[i], all->data) != 0)
            number++;
        numbers[order[i]] = number;
    }
    return numbers;
}

void
hc_script_add_edit(GArray *edits, HcEditOp op, uint32_t old_at, uint32_t new_at, uint32_t n)
{
    const HcEdit edit = {op, old_at, new_at, n};
    if (n > 0)
        g_array_append_val(edits, edit);
}

/* --- elements, which move --- */

/* For each part that is removed and added elsewhere, the other place; else G_MAXUINT32. */
typedef struct {
    uint32_t *to;   /* by place in the old */
    uint32_t *from; /* by place in the new */
} Moves;

static void
find_moves(Moves *moves, const GArray *edits, const uint32_t *numbers, uint32_t n_old,
           uint32_t n_new)
{
    g_autofree uint32_t *first = g_new(uint32_t, (gsize) n_old + n_new + 1);
    g_autofree uint32_t *next = g_new(uint32_t, (gsize) n_old + 1);
    memset(first, 0xff, ((gsize) n_old + n_new + 1) * sizeof(*first));
    memset(moves->to, 0xff, ((gsize) n_old + 1) * sizeof(*moves->to));
    memset(moves->from, 0xff, ((gsize) n_new + 1) * sizeof(*moves->from));
    for (guint i = edits->len; i-- > 0;) {
        const HcEdit *edit = &g_array_index(edits, HcEdit, i);
        for (uint32_t at = edit->n; edit->op == HC_EDIT_REMOVE && at-- > 0;) {
            next[edit->old_at + at] = first[numbers[edit->old_at + at]];
            first[numbers[edit->old_at + at]] = edit->old_at + at;
        }
    }
    for (guint i = 0; i < edits->len; i++) {
        const HcEdit *edit = &g_array_index(edits, HcEdit, i);
        for (uint32_t at = 0; edit->op == HC_EDIT_ADD && at < edit->n; at++) {
            uint32_t *from = &first[numbers[n_old + edit->new_at + at]];
            if (*from == G_MAXUINT32)
                continue;
            moves->from[edit->new_at + at] = *from;
            moves->to[*from] = edit->new_at + at;
            *from = next[*from];
        }
    }
}

/* One removed or added part after the other, those that move by themselves. */
static void
split_edit(GArray *edits, const HcEdit *edit, const Moves *moves)
{
    const gboolean is_removed = edit->op == HC_EDIT_REMOVE;
    const uint32_t start = is_removed ? edit->old_at : edit->new_at;
    const uint32_t *other = is_removed ? moves->to : moves->from;
    uint32_t done = 0;
    for (uint32_t i = 0; i <= edit->n; i++) {
        const gboolean is_end = i == edit->n;
        if (!is_end && other[start + i] == G_MAXUINT32)
            continue;
        hc_script_add_edit(edits, edit->op, edit->old_at + (is_removed ? done : 0),
                           edit->new_at + (is_removed ? 0 : done), i - done);
        if (!is_end && is_removed)
            hc_script_add_edit(edits, HC_EDIT_MOVE_OUT, start + i, other[start + i], 1);
        else if (!is_end)
            hc_script_add_edit(edits, HC_EDIT_MOVE_IN, other[start + i], start + i, 1);
        done = i + 1;
    }
}

static void
script_elements(HcEditScript *script)
{
    const uint32_t n_old = script->old_side.elements->len;
    const uint32_t n_new = script->new_side.elements->len;
    script->old_side.n = n_old;
    script->new_side.n = n_new;
    g_autofree uint32_t *numbers =
        hc_script_number_parts(script->old_side.elements, script->new_side.elements);
    g_autoptr(GArray) edits = g_array_new(FALSE, FALSE, sizeof(HcEdit));
    hc_sequence_diff(numbers, n_old, numbers + n_old, n_new, edits);
    g_autofree uint32_t *to = g_new(uint32_t, (gsize) n_old + 1);
    g_autofree uint32_t *from = g_new(uint32_t, (gsize) n_new + 1);
    Moves moves = {to, from};
    find_moves(&moves, edits, numbers, n_old, n_new);
    for (guint i = 0; i < edits->len; i++) {
        const HcEdit *edit = &g_array_index(edits, HcEdit, i);
        if (edit->op == HC_EDIT_KEEP)
            g_array_append_val(script->edits, *edit);
        else
            split_edit(script->edits, edit, &moves);
    }
}

/* --- what data is taken apart into --- */

static HcEditScript *
new_script(HcScriptKind kind)
{
    HcEditScript *script = g_new0(HcEditScript, 1);
    script->kind = kind;
    script->edits = g_array_new(FALSE, FALSE, sizeof(HcEdit));
    return script;
}

void
hc_edit_script_free(HcEditScript *script)
{
    if (script == NULL)
        return;
    g_clear_pointer(&script->old_side.elements, g_array_unref);
    g_clear_pointer(&script->new_side.elements, g_array_unref);
    g_array_unref(script->edits);
    g_free(script);
}

/* The units of @data after the first @n_bytes. */
static void
take_tail(HcScriptSide *side, HcBlob data, uint32_t n_bytes)
{
    side->content = (HcBlob){data.bytes, n_bytes};
    side->tail = (HcBlob){data.bytes + n_bytes, data.n_bytes - n_bytes};
}

static gboolean
take_list(HcScriptSide *side, const HcDatum *datum)
{
    HcListOddities oddities;
    g_autoptr(GArray) list = hc_datum_split_list(datum, &oddities);
    if (list == NULL || datum->data.n_bytes > HC_MAX_DIFF_BYTES)
        return FALSE;
    side->elements = g_array_sized_new(FALSE, FALSE, sizeof(HcBlob), list->len);
    uint32_t n_bytes = 0;
    for (guint i = 0; i < list->len; i++) {
        const HcBlob element = hc_script_blob_of(g_array_index(list, HcName, i));
        g_array_append_val(side->elements, element);
        n_bytes += element.n_bytes + (i > 0 ? 2 : 0);
    }
    take_tail(side, datum->data, n_bytes);
    return TRUE;
}

static gboolean
take_text(HcScriptSide *side, const HcDatum *datum)
{
    HcName text;
    gboolean is_terminated;
    if (!hc_datum_text(datum, &text, &is_terminated))
        return FALSE;
    take_tail(side, datum->data, datum->data.n_bytes - (is_terminated ? 2 : 0));
    return TRUE;
}

/* So many bars are no prose. */
#define BARS_LEAST 3u

static gboolean
has_bars(HcName text)
{
    guint n = 0;
    for (uint32_t i = 0; i < text.n_units && n < BARS_LEAST; i++)
        n += hc_name_unit(text, i) == '|' ? 1 : 0;
    return n == BARS_LEAST && text.n_units * 2 <= HC_MAX_DIFF_BYTES;
}

/* Whether ';' in @text is no separator of a list. @has_any: (inout) */
static gboolean
is_no_list(HcName text, gboolean *has_any)
{
    guint n_open = 0;
    for (uint32_t i = 0; i < text.n_units; i++) {
        const uint16_t unit = hc_name_unit(text, i);
        n_open += unit == '(' ? 1 : 0;
        n_open -= unit == ')' && n_open > 0 ? 1 : 0;
        if (unit != ';')
            continue;
        *has_any = TRUE;
        if (n_open > 0 || (i + 1 < text.n_units && hc_script_is_blank(hc_name_unit(text, i + 1))))
            return TRUE;
    }
    return text.n_units * 2 > HC_MAX_DIFF_BYTES;
}

/* Returns: what parts both; 0: nothing does */
static uint8_t
find_separator(HcName before, HcName after)
{
    gboolean has_any = FALSE;
    if (has_bars(before) && has_bars(after))
        return '|';
    return !is_no_list(before, &has_any) && !is_no_list(after, &has_any) && has_any ? ';' : 0;
}

static void
take_pieces(HcScriptSide *side, uint8_t separator)
{
    const HcName text = hc_script_text_of(side->content);
    side->elements = g_array_new(FALSE, FALSE, sizeof(HcBlob));
    uint32_t start = 0;
    for (uint32_t i = 0; i <= text.n_units; i++) {
        if (i < text.n_units && hc_name_unit(text, i) != separator)
            continue;
        const HcBlob piece = hc_script_blob_of(hc_name_part(text, start, i));
        if (text.n_units > 0)
            g_array_append_val(side->elements, piece);
        start = i + 1;
    }
}

static gboolean
is_plain(uint32_t type)
{
    switch (type) {
    case HC_REG_SZ:
    case HC_REG_EXPAND_SZ:
    case HC_REG_LINK:
    case HC_REG_MULTI_SZ:
    case HC_REG_DWORD:
    case HC_REG_DWORD_BE:
    case HC_REG_QWORD:
        return FALSE;
    default:
        return TRUE;
    }
}

/* TRUE when data of @kind is what both are; the sides are taken apart then. */
static gboolean
take_both(HcEditScript *script, const HcDatum *before, const HcDatum *after,
          gboolean (*take)(HcScriptSide *side, const HcDatum *datum))
{
    if (take(&script->old_side, before) && take(&script->new_side, after))
        return TRUE;
    g_clear_pointer(&script->old_side.elements, g_array_unref);
    return FALSE;
}

HcEditScript *
hc_edit_script_new(const HcDatum *before, const HcDatum *after)
{
    HcEditScript *script = new_script(HC_SCRIPT_NONE);
    if (!before->is_present || !after->is_present)
        return script;
    if (take_both(script, before, after, take_list)) {
        script->kind = HC_SCRIPT_LIST;
        script_elements(script);
    } else if (take_both(script, before, after, take_text)) {
        script->separator = find_separator(hc_script_text_of(script->old_side.content),
                                           hc_script_text_of(script->new_side.content));
        const gboolean are_lists = script->separator != 0;
        script->kind = are_lists ? HC_SCRIPT_PIECES : HC_SCRIPT_TEXT;
        if (are_lists) {
            take_pieces(&script->old_side, script->separator);
            take_pieces(&script->new_side, script->separator);
        }
        (are_lists ? script_elements : hc_script_words_edits)(script);
    } else if (hc_datum_number(before, &script->old_number, &script->old_bits) &&
               hc_datum_number(after, &script->new_number, &script->new_bits)) {
        script->kind = HC_SCRIPT_NUMBER;
        script->is_new_big_endian = after->type == HC_REG_DWORD_BE;
    } else if (before->type == after->type || (is_plain(before->type) && is_plain(after->type))) {
        script->kind = HC_SCRIPT_BYTES;
        take_tail(&script->old_side, before->data, before->data.n_bytes);
        take_tail(&script->new_side, after->data, after->data.n_bytes);
        hc_script_bytes_edits(script);
    }
    return script;
}

HcEditScript *
hc_edit_script_new_text(HcBlob before, HcBlob after)
{
    HcEditScript *script = new_script(HC_SCRIPT_TEXT);
    take_tail(&script->old_side, before, before.n_bytes & ~1u);
    take_tail(&script->new_side, after, after.n_bytes & ~1u);
    hc_script_words_edits(script);
    return script;
}

static void
take_aces(HcScriptSide *side, HcBlob acl)
{
    HcAceIter iter = hc_ace_iter_start(acl);
    HcAce ace;
    side->elements = g_array_new(FALSE, FALSE, sizeof(HcBlob));
    while (hc_ace_iter_next(&iter, &ace))
        g_array_append_val(side->elements, ace.whole);
}

HcEditScript *
hc_edit_script_new_aces(HcBlob before, HcBlob after)
{
    HcEditScript *script = new_script(HC_SCRIPT_ACES);
    take_aces(&script->old_side, before);
    take_aces(&script->new_side, after);
    script_elements(script);
    return script;
}

/* --- the proof --- */

static void
put(GByteArray *out, HcBlob blob)
{
    if (blob.n_bytes > 0)
        g_byte_array_append(out, blob.bytes, blob.n_bytes);
}

/* @n elements of @side from @at on, each behind what separates it from the one before. */
static void
put_elements(GByteArray *out, const HcEditScript *script, const HcScriptSide *side, uint32_t at,
             uint32_t n, guint *n_put)
{
    static const uint8_t nul[2] = {0, 0};
    const uint8_t separator[2] = {script->separator, 0};
    for (uint32_t i = 0; i < n; i++) {
        if (*n_put > 0 && script->kind != HC_SCRIPT_ACES)
            put(out, (HcBlob){script->kind == HC_SCRIPT_LIST ? nul : separator, 2});
        put(out, hc_script_element(side, at + i));
        ++*n_put;
    }
}

static void
put_number(GByteArray *out, const HcEditScript *script)
{
    const uint64_t changed = script->old_number ^ script->new_number;
    const uint64_t number = script->old_number ^ changed;
    const guint n_bytes = script->new_bits / 8;
    for (guint i = 0; i < n_bytes; i++) {
        const guint place = script->is_new_big_endian ? n_bytes - 1 - i : i;
        const uint8_t byte = (uint8_t) (number >> 8 * place);
        g_byte_array_append(out, &byte, 1);
    }
}

GByteArray *
hc_edit_script_apply(const HcEditScript *script)
{
    if (script->kind == HC_SCRIPT_NONE)
        return NULL;
    GByteArray *out = g_byte_array_new();
    guint n_put = 0;
    if (script->kind == HC_SCRIPT_NUMBER)
        put_number(out, script);
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        const gboolean is_new = edit->op == HC_EDIT_ADD;
        const HcScriptSide *side = is_new ? &script->new_side : &script->old_side;
        const uint32_t at = is_new ? edit->new_at : edit->old_at;
        if (edit->op == HC_EDIT_REMOVE || edit->op == HC_EDIT_MOVE_OUT)
            continue;
        if (side->elements != NULL)
            put_elements(out, script, side, at, edit->n, &n_put);
        else
            put(out, span_of(script, side, at, edit->n));
    }
    put(out, script->new_side.tail);
    return out;
}
