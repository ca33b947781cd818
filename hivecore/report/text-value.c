#include "config.h"

#include <string.h>

#include "hivecore/base/put-text.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report-private.h"

/* A value in the making. */
typedef struct {
    const HcDeltaKey *key;
    const HcDeltaValue *value;
    const HcTextLimits *limits;
    guint first;   /* columns that its first line has less */
    GArray *lines; /* the result */
} Telling;

static guint
room_of(const Telling *telling)
{
    const guint all = telling->limits->n_columns;
    return all == G_MAXUINT || all <= telling->first ? all : all - telling->first;
}

static gboolean
fits(const Telling *telling, const GString *text)
{
    const guint room = room_of(telling);
    return room == G_MAXUINT || hc_text_columns(text->str) <= room;
}

/* --- a datum in one line --- */

/* Data that is much longer than what can be shown is not escaped as a whole. */
static HcDatum
shortened(const HcDatum *datum, guint n_columns)
{
    HcDatum some = *datum;
    const gboolean is_units = datum->type == HC_REG_MULTI_SZ || datum->type == HC_REG_SZ ||
                              datum->type == HC_REG_EXPAND_SZ || datum->type == HC_REG_LINK;
    if (is_units && datum->data.n_bytes % 2 == 0 && datum->data.n_bytes / 8 > n_columns)
        some.data.n_bytes = 4 * n_columns;
    return some;
}

/* Of binary data that has no room with its digest, the first row. */
static void
shorten_bytes(GString *text, const HcDatum *datum, guint n_columns)
{
    if (text->len < 12 ||
        !g_str_has_prefix(text->str + text->len - MIN(text->len, 23), "… sha256 ") ||
        hc_text_columns(text->str) <= n_columns)
        return;
    g_string_truncate(text, 0);
    hc_append_type(text, datum->type);
    g_string_append_printf(text, " %u bytes ", (guint) datum->data.n_bytes);
    hc_text_append_hex(text, datum->data.bytes, MIN(datum->data.n_bytes, HC_TEXT_ROW_BYTES));
    g_string_append(text, "…");
}

static void
append_meaning(GString *out, const Telling *telling, const HcDatum *datum)
{
    g_autoptr(GString) meaning = g_string_new(NULL);
    if (hc_append_meaning(meaning, telling->key, telling->value->name, datum))
        g_string_append_printf(out, "  = %s", meaning->str);
}

/* @datum as one line of @n_columns, what it means behind it where there is room. */
static void
append_one(GString *out, const Telling *telling, const HcDatum *datum, guint n_columns)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) meaning = g_string_new(NULL);
    const HcDatum some = shortened(datum, n_columns);
    hc_append_datum(text, &some, telling->limits->is_full);
    append_meaning(meaning, telling, datum);
    if (n_columns == G_MAXUINT) {
        g_string_append_printf(out, "%s%s", text->str, meaning->str);
        return;
    }
    if (some.data.n_bytes < datum->data.n_bytes) {
        g_autofree char *length = g_strdup_printf(" (%u bytes)", (guint) datum->data.n_bytes);
        const guint n_length = (guint) strlen(length);
        hc_append_cut(out, text->str, n_columns > n_length ? n_columns - n_length : n_columns);
        g_string_append(out, n_columns > n_length ? length : "");
        return;
    }
    shorten_bytes(text, datum, n_columns);
    hc_append_cut(out, text->str, n_columns);
    if (hc_text_columns(text->str) + hc_text_columns(meaning->str) <= n_columns)
        g_string_append(out, meaning->str);
    else if (meaning->len > 0)
        hc_text_line(telling->lines, ' ', g_string_new(meaning->str + strlen("  ")));
}

static void
tell_alone(Telling *telling, const HcDatum *datum)
{
    GString *out = g_string_new(NULL);
    const guint at = telling->lines->len;
    append_one(out, telling, datum, room_of(telling));
    hc_text_line(telling->lines, ' ', out);
    /* What it means was put before it. */
    if (telling->lines->len - at == 2) {
        HcTextLine *lines = &g_array_index(telling->lines, HcTextLine, at);
        const HcTextLine meaning = lines[0];
        lines[0] = lines[1];
        lines[1] = meaning;
    }
}

/* --- both sides, one below the other --- */

static void
start_head(GString *out, const Telling *telling)
{
    hc_append_type(out, telling->value->before->type);
    if (telling->value->before->type != telling->value->after.type) {
        g_string_append(out, " -> ");
        hc_append_type(out, telling->value->after.type);
    }
}

/* " = OLD -> NEW" of what both mean. */
static void
append_meanings(GString *out, const Telling *telling)
{
    g_autoptr(GString) before = g_string_new(NULL);
    g_autoptr(GString) after = g_string_new(NULL);
    const HcDeltaValue *value = telling->value;
    gboolean is_any = hc_append_meaning(before, telling->key, value->name, value->before);
    is_any = hc_append_meaning(after, telling->key, value->name, &value->after) || is_any;
    if (!is_any || g_string_equal(before, after))
        return;
    /* A text that the other side has not got is seen in the bytes. */
    const char *text = before->len == 0 ? after->str : after->len == 0 ? before->str : "";
    if (g_str_has_prefix(text, "text "))
        return;
    g_string_append_printf(out, "  = %s -> %s", before->len > 0 ? before->str : "?",
                           after->len > 0 ? after->str : "?");
}

/* The whole change in one line, where there is room for it. */
static gboolean
tell_in_line(Telling *telling, GString *text)
{
    append_meanings(text, telling);
    const gboolean is_one = telling->limits->is_full || fits(telling, text);
    if (is_one)
        hc_text_line(telling->lines, ' ', text);
    else
        g_string_free(text, TRUE);
    return is_one;
}

static void
tell_both(Telling *telling)
{
    const HcDeltaValue *value = telling->value;
    GString *head = g_string_new(NULL);
    const gboolean is_retyped = value->before->type != value->after.type;
    if (is_retyped && hc_bytes_equal(value->before->data, value->after.data)) {
        start_head(head, telling);
        g_string_append(head, ", same data");
    } else {
        g_string_append(head, is_retyped ? "another type" : "changed");
    }
    hc_text_line(telling->lines, ' ', head);
    const HcDatum *data[] = {value->before, &value->after};
    for (gsize i = 0; i < G_N_ELEMENTS(data); i++) {
        GString *text = g_string_new(NULL);
        append_one(text, telling, data[i], telling->limits->n_columns);
        hc_text_line(telling->lines, i == 0 ? '-' : '+', text);
    }
}

/* Whether both end as such data does, or in the same way. */
static gboolean
has_plain_ends(const HcEditScript *script)
{
    const HcScriptSide *before = &script->old_side;
    const HcScriptSide *after = &script->new_side;
    if (script->kind != HC_SCRIPT_LIST || before->tail.n_bytes == after->tail.n_bytes)
        return before->tail.n_bytes == after->tail.n_bytes;
    return before->tail.n_bytes == (before->n > 0 ? 4u : 2u) &&
           after->tail.n_bytes == (after->n > 0 ? 4u : 2u);
}

/* ", final NULs 1 -> 0": stands in neither side of what has no room in a line. */
static void
append_ends(GString *out, const HcEditScript *script)
{
    if (!has_plain_ends(script))
        g_string_append_printf(out, ", final NULs %u -> %u",
                               (guint) script->old_side.tail.n_bytes / 2,
                               (guint) script->new_side.tail.n_bytes / 2);
}

/* --- words --- */

static void
tell_words(Telling *telling, const HcEditScript *script)
{
    gboolean is_any = FALSE;
    for (guint i = 0; i < script->edits->len; i++)
        is_any |= g_array_index(script->edits, HcEdit, i).op != HC_EDIT_KEEP;
    if (!is_any && has_plain_ends(script)) {
        tell_both(telling);
        return;
    }
    GString *head = g_string_new(NULL);
    start_head(head, telling);
    append_ends(head, script);
    append_meanings(head, telling);
    hc_text_line(telling->lines, ' ', head);
    if (is_any)
        hc_text_words(telling->lines, script, telling->limits->n_columns);
}

/* --- lists --- */

static void
tell_elements(Telling *telling, const HcEditScript *script)
{
    GString *text = g_string_new(NULL);
    start_head(text, telling);
    const gsize n_head = text->len;
    /* How a list ends is no element. */
    const gboolean is_end_told = !has_plain_ends(script);
    const gboolean is_any = hc_text_append_steps(text, script, HC_TEXT_SMALL) || text->len > n_head;
    if (is_end_told || !is_any) {
        GString *pair = g_string_new(NULL);
        hc_append_datum_pair(pair, telling->value->before, &telling->value->after,
                             telling->limits->is_full);
        const gboolean is_told = tell_in_line(telling, pair);
        if (!is_told && !is_any && !is_end_told)
            tell_both(telling);
        if (is_told || !is_end_told) {
            g_string_free(text, TRUE);
            return;
        }
    }
    if (!telling->limits->is_full && !is_end_told && fits(telling, text)) {
        hc_text_line(telling->lines, ' ', text);
        return;
    }
    g_string_truncate(text, telling->limits->is_full ? 0 : n_head);
    if (telling->limits->is_full)
        hc_append_datum_pair(text, telling->value->before, &telling->value->after, TRUE);
    const char *what = script->kind == HC_SCRIPT_LIST ? "string" : "piece";
    g_string_append_printf(text, ", %u -> %u %s%s", (guint) script->old_side.n,
                           (guint) script->new_side.n, what, script->new_side.n == 1 ? "" : "s");
    append_ends(text, script);
    hc_text_line(telling->lines, ' ', text);
    hc_text_steps(telling->lines, script, telling->limits);
}

/* --- numbers --- */

/* ", bits +2 -1": those that are set and cleared; where they are many, how many. */
static void
append_bits(GString *out, const HcEditScript *script, gboolean is_full)
{
    const uint64_t changed = script->old_number ^ script->new_number;
    guint n = 0;
    for (guint bit = 0; bit < 64; bit++)
        n += (changed >> bit & 1) != 0;
    if (n > 6 && !is_full) {
        g_string_append_printf(out, ", %u bits differ", n);
        return;
    }
    g_string_append(out, n == 0 ? "" : n == 1 ? ", bit" : ", bits");
    for (guint bit = 0; bit < 64; bit++) {
        if ((changed >> bit & 1) != 0)
            g_string_append_printf(out, " %c%u", (script->new_number >> bit & 1) != 0 ? '+' : '-',
                                   bit);
    }
}

/* What both mean: behind the first line, which is @text, or below it. */
static void
end_head(Telling *telling, GString *text)
{
    const gsize n_raw = text->len;
    append_meanings(text, telling);
    GString *meaning = NULL;
    if (!telling->limits->is_full && !fits(telling, text)) {
        meaning = g_string_new(NULL);
        hc_append_cut(meaning, text->str + n_raw + 2, telling->limits->n_columns);
        g_string_truncate(text, n_raw);
    }
    hc_text_line(telling->lines, ' ', text);
    if (meaning != NULL)
        hc_text_line(telling->lines, ' ', meaning);
}

/* The numbers, the bits where there is room for them, and what they mean behind or below. */
static void
tell_number(Telling *telling, const HcEditScript *script)
{
    const gboolean is_full = telling->limits->is_full;
    GString *text = g_string_new(NULL);
    hc_append_datum_pair(text, telling->value->before, &telling->value->after, is_full);
    const gsize n_numbers = text->len;
    append_bits(text, script, is_full);
    if (!is_full && !fits(telling, text))
        g_string_truncate(text, n_numbers);
    if (!is_full && !fits(telling, text)) {
        g_string_free(text, TRUE);
        tell_both(telling);
        return;
    }
    end_head(telling, text);
}

/* --- bytes --- */

static void
append_sizes(GString *out, const Telling *telling, const HcEditScript *script)
{
    const uint32_t n_old = telling->value->before->data.n_bytes;
    const uint32_t n_new = telling->value->after.data.n_bytes;
    uint64_t n_changed = 0;
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        n_changed += edit->op == HC_EDIT_REMOVE ? edit->n : 0;
    }
    if (n_old == n_new)
        g_string_append_printf(out, " %u bytes, %" G_GUINT64_FORMAT " differ%s", (guint) n_new,
                               n_changed, n_changed == 1 ? "s" : "");
    else
        g_string_append_printf(out, " %u -> %u bytes", (guint) n_old, (guint) n_new);
}

/* A row or less of each side in one line; else the rows. */
static void
tell_bytes(Telling *telling, const HcEditScript *script)
{
    const HcDeltaValue *value = telling->value;
    GString *text = g_string_new(NULL);
    if (MAX(value->before->data.n_bytes, value->after.data.n_bytes) <= HC_TEXT_ROW_BYTES)
        hc_append_datum_pair(text, value->before, &value->after, TRUE);
    const gboolean is_whole = text->len > 0 && fits(telling, text);
    if (!is_whole) {
        g_string_truncate(text, 0);
        start_head(text, telling);
        append_sizes(text, telling, script);
    }
    end_head(telling, text);
    if (!is_whole)
        hc_text_rows(telling->lines, script, telling->limits);
}

static void
tell_change(Telling *telling)
{
    const HcDeltaValue *value = telling->value;
    g_autoptr(HcEditScript) script = hc_edit_script_new(value->before, &value->after);
    if ((script->kind == HC_SCRIPT_TEXT || script->kind == HC_SCRIPT_NONE) &&
        (telling->limits->is_full ||
         (uint64_t) value->before->data.n_bytes + value->after.data.n_bytes <= HC_TEXT_SMALL)) {
        GString *text = g_string_new(NULL);
        hc_append_datum_pair(text, value->before, &value->after, telling->limits->is_full);
        if (tell_in_line(telling, text))
            return;
    }
    switch (script->kind) {
    case HC_SCRIPT_LIST:
    case HC_SCRIPT_PIECES:
        tell_elements(telling, script);
        break;
    case HC_SCRIPT_TEXT:
        tell_words(telling, script);
        break;
    case HC_SCRIPT_NUMBER:
        tell_number(telling, script);
        break;
    case HC_SCRIPT_BYTES:
        tell_bytes(telling, script);
        break;
    case HC_SCRIPT_NONE:
    case HC_SCRIPT_ACES:
        tell_both(telling);
        break;
    }
}

GArray *
hc_text_value_lines(const HcDeltaKey *key, const HcDeltaValue *value, const HcTextLimits *limits,
                    guint first)
{
    Telling telling = {key, value, limits, first, hc_text_lines_new()};
    if (value->op == HC_VALUE_SET && value->before->is_present)
        tell_change(&telling);
    else if (value->op == HC_VALUE_SET)
        tell_alone(&telling, &value->after);
    else if (value->before->is_present)
        tell_alone(&telling, value->before);
    else
        hc_text_line(telling.lines, ' ', g_string_new("deleted"));
    return telling.lines;
}
