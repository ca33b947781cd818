#include "config.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/base/put-text.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/edit-script.h"
#include "hivecore/report/html-private.h"
#include "hivecore/report/report-private.h"

/* One change: both sides as text, with what is different inside them marked. */

/* What is the same on both sides and longer is cut in its middle. */
#define KEPT_UNITS    160u
#define KEPT_SHOWN    60u
#define KEPT_ELEMENTS 8u
#define ROW_BYTES     16u

static const char left_out[] = "\xe2\x80\xa6";

static void
side_init(HcHtmlSide *side)
{
    side->text = g_string_new(NULL);
    side->segments = g_array_new(FALSE, FALSE, sizeof(HcHtmlSegment));
}

static void
side_clear(HcHtmlSide *side)
{
    g_string_free(side->text, TRUE);
    g_array_unref(side->segments);
}

void
hc_html_change_init(HcHtmlChange *change)
{
    *change = (HcHtmlChange){.what = g_string_new(NULL),
                             .type = g_string_new(NULL),
                             .note = g_string_new(NULL),
                             .why = g_string_new(NULL),
                             .origin = g_string_new(NULL)};
    side_init(&change->sides[0]);
    side_init(&change->sides[1]);
}

void
hc_html_change_clear(HcHtmlChange *change)
{
    side_clear(&change->sides[0]);
    side_clear(&change->sides[1]);
    g_string_free(change->what, TRUE);
    g_string_free(change->type, TRUE);
    g_string_free(change->note, TRUE);
    g_string_free(change->why, TRUE);
    g_string_free(change->origin, TRUE);
}

/* The text since @start is a segment; joined with the one before, where that has the same mark. */
static void
end_segment(HcHtmlSide *side, gsize start, HcHtmlMark mark)
{
    const HcHtmlSegment segment = {mark, start, side->text->len - start};
    if (segment.n_bytes == 0)
        return;
    HcHtmlSegment *last = side->segments->len > 0 ? &g_array_index(side->segments, HcHtmlSegment,
                                                                   side->segments->len - 1)
                                                  : NULL;
    if (last != NULL && last->mark == mark)
        last->n_bytes += segment.n_bytes;
    else
        g_array_append_val(side->segments, segment);
}

static void
add(HcHtmlSide *side, const char *text, HcHtmlMark mark)
{
    const gsize start = side->text->len;
    g_string_append(side->text, text);
    end_segment(side, start, mark);
}

/* A name; of a long one the start and the end, with a remark on the rest. */
static void
add_words(HcHtmlSide *side, HcName words, HcHtmlMark mark)
{
    const gboolean is_cut =
        mark == HC_HTML_SAME ? words.n_units > KEPT_UNITS : words.n_units > HC_MAX_HTML_UNITS;
    const uint32_t n_shown = mark == HC_HTML_SAME ? KEPT_SHOWN : HC_MAX_HTML_UNITS / 2;
    const gsize start = side->text->len;
    if (!is_cut) {
        hc_name_append_display(side->text, words);
        end_segment(side, start, mark);
        return;
    }
    hc_name_append_display(side->text, hc_name_part(words, 0, n_shown));
    end_segment(side, start, mark);
    const gsize middle = side->text->len;
    g_string_append_printf(side->text, " %s %u characters %s ", left_out,
                           (guint) (words.n_units - 2 * n_shown), left_out);
    end_segment(side, middle, HC_HTML_LEFT_OUT);
    const gsize end = side->text->len;
    hc_name_append_display(side->text, hc_name_part(words, words.n_units - n_shown, words.n_units));
    end_segment(side, end, mark);
}

static void
add_texts(HcHtmlChange *change, const HcEditScript *script)
{
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        if (edit->op != HC_EDIT_ADD)
            add_words(&change->sides[0], hc_script_words(&script->old_side, edit->old_at, edit->n),
                      edit->op == HC_EDIT_KEEP ? HC_HTML_SAME : HC_HTML_REMOVED);
        if (edit->op != HC_EDIT_REMOVE)
            add_words(&change->sides[1], hc_script_words(&script->new_side, edit->new_at, edit->n),
                      edit->op == HC_EDIT_KEEP ? HC_HTML_SAME : HC_HTML_ADDED);
    }
}

/* --- lists --- */

static void
add_element(HcHtmlSide *side, const HcScriptSide *elements, uint32_t i, HcHtmlMark mark)
{
    const HcBlob blob = hc_script_element(elements, i);
    char number[24];
    (void) g_snprintf(number, sizeof(number), "%u  ", (guint) i + 1);
    add(side, number, HC_HTML_SAME);
    add_words(side, (HcName){blob.bytes, blob.n_bytes / 2, FALSE}, mark);
    add(side, "\n", HC_HTML_SAME);
}

/* What is kept; of many the first and the last, which stand beside what changed. */
static void
add_kept(HcHtmlSide *side, const HcScriptSide *elements, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (n > KEPT_ELEMENTS && i == 2) {
            g_autofree char *remark =
                g_strdup_printf("%s %u the same %s\n", left_out, (guint) n - 4, left_out);
            add(side, remark, HC_HTML_LEFT_OUT);
            i = n - 2;
        }
        add_element(side, elements, at + i, HC_HTML_SAME);
    }
}

static void
add_lists(HcHtmlChange *change, const HcEditScript *script)
{
    HcHtmlSide *sides = change->sides;
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        const gboolean is_old = edit->op == HC_EDIT_REMOVE || edit->op == HC_EDIT_MOVE_OUT;
        if (edit->op == HC_EDIT_KEEP) {
            add_kept(&sides[0], &script->old_side, edit->old_at, edit->n);
            add_kept(&sides[1], &script->new_side, edit->new_at, edit->n);
            continue;
        }
        for (uint32_t k = 0; k < edit->n; k++) {
            if (is_old)
                add_element(&sides[0], &script->old_side, edit->old_at + k,
                            edit->op == HC_EDIT_REMOVE ? HC_HTML_REMOVED : HC_HTML_MOVED);
            else
                add_element(&sides[1], &script->new_side, edit->new_at + k,
                            edit->op == HC_EDIT_ADD ? HC_HTML_ADDED : HC_HTML_MOVED);
        }
    }
}

/* --- bytes --- */

/* Which bytes of a side are not kept. */
static GByteArray *
changed_bytes(const HcEditScript *script, gboolean is_old)
{
    const HcScriptSide *side = is_old ? &script->old_side : &script->new_side;
    GByteArray *changed = g_byte_array_new();
    g_byte_array_set_size(changed, side->n);
    if (side->n > 0)
        memset(changed->data, 1, side->n);
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        if (edit->op == HC_EDIT_KEEP)
            memset(changed->data + (is_old ? edit->old_at : edit->new_at), 0, edit->n);
    }
    return changed;
}

/* Rows of 16 bytes: those that hold a byte of @changed (nullable: all). */
static void
add_rows(HcHtmlSide *side, HcBlob data, const GByteArray *changed, HcHtmlMark mark)
{
    guint n_rows = 0;
    gboolean is_skipping = FALSE;
    for (uint32_t at = 0; at < data.n_bytes; at += ROW_BYTES) {
        const uint32_t n = MIN(ROW_BYTES, data.n_bytes - at);
        const gboolean is_same = changed != NULL && memchr(changed->data + at, 1, n) == NULL;
        if (is_same || n_rows >= HC_MAX_HTML_ROWS) {
            if (!is_skipping)
                add(side, "\xe2\x80\xa6\n", HC_HTML_LEFT_OUT);
            is_skipping = TRUE;
            continue;
        }
        char hex[16];
        (void) g_snprintf(hex, sizeof(hex), "%08x ", (guint) at);
        add(side, hex, HC_HTML_SAME);
        for (uint32_t i = 0; i < n; i++) {
            (void) g_snprintf(hex, sizeof(hex), "%02x", (guint) data.bytes[at + i]);
            add(side, " ", HC_HTML_SAME);
            add(side, hex, changed != NULL && changed->data[at + i] == 0 ? HC_HTML_SAME : mark);
        }
        add(side, "\n", HC_HTML_SAME);
        is_skipping = FALSE;
        n_rows++;
    }
}

static void
add_bytes(HcHtmlChange *change, const HcEditScript *script, const HcDatum *before,
          const HcDatum *after)
{
    g_autoptr(GByteArray) old_changed = changed_bytes(script, TRUE);
    g_autoptr(GByteArray) new_changed = changed_bytes(script, FALSE);
    add_rows(&change->sides[0], before->data, old_changed, HC_HTML_REMOVED);
    add_rows(&change->sides[1], after->data, new_changed, HC_HTML_ADDED);
    g_string_append_printf(change->note, "%u bytes before, %u after", (guint) before->data.n_bytes,
                           (guint) after->data.n_bytes);
}

/* --- numbers --- */

static void
append_bits(GString *out, const char *label, guint64 bits)
{
    gboolean is_first = TRUE;
    for (guint i = 0; i < 64; i++) {
        if ((bits >> i & 1) == 0)
            continue;
        if (is_first)
            g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", label);
        g_string_append_printf(out, " %u", i);
        is_first = FALSE;
    }
}

/* --- one side alone, or both whole --- */

/* The data on lines of its own: strings of a list, rows of bytes. */
static void
add_datum(HcHtmlSide *side, const HcDatum *datum, HcHtmlMark mark)
{
    HcName text;
    gboolean is_terminated;
    g_autoptr(GArray) list = hc_datum_list(datum);
    if (hc_datum_text(datum, &text, &is_terminated)) {
        add_words(side, text, mark);
        if (is_terminated == (datum->type == HC_REG_LINK))
            add(side, is_terminated ? " (with a final NUL)" : " (no final NUL)", HC_HTML_LEFT_OUT);
        return;
    }
    if (list != NULL && list->len > 0) {
        for (guint i = 0; i < list->len; i++) {
            char number[24];
            (void) g_snprintf(number, sizeof(number), "%u  ", i + 1);
            add(side, number, HC_HTML_SAME);
            add_words(side, g_array_index(list, HcName, i), mark);
            add(side, "\n", HC_HTML_SAME);
        }
        return;
    }
    if (datum->type == HC_REG_BINARY && datum->data.n_bytes > ROW_BYTES) {
        add_rows(side, datum->data, NULL, mark);
        return;
    }
    g_autoptr(GString) line = g_string_new(NULL);
    hc_report_append_datum(line, datum);
    add(side, line->str, mark);
}

static void
append_type(GString *out, uint32_t type)
{
    const char *name = hc_report_type_name(type);
    if (name != NULL)
        g_string_append(out, name);
    else
        g_string_append_printf(out, "type 0x%x", (guint) type);
}

static void
add_both(HcHtmlChange *change, const HcDatum *before, const HcDatum *after)
{
    g_autoptr(HcEditScript) script = hc_edit_script_new(before, after);
    switch (script->kind) {
    case HC_SCRIPT_TEXT:
        add_texts(change, script);
        break;
    case HC_SCRIPT_LIST:
    case HC_SCRIPT_PIECES:
        add_lists(change, script);
        break;
    case HC_SCRIPT_BYTES:
        add_bytes(change, script, before, after);
        break;
    case HC_SCRIPT_NUMBER:
        append_bits(change->note, "set: bit", script->new_number & ~script->old_number);
        append_bits(change->note, "cleared: bit", script->old_number & ~script->new_number);
        add_datum(&change->sides[0], before, HC_HTML_REMOVED);
        add_datum(&change->sides[1], after, HC_HTML_ADDED);
        break;
    case HC_SCRIPT_NONE:
    case HC_SCRIPT_ACES:
        add_datum(&change->sides[0], before, HC_HTML_REMOVED);
        add_datum(&change->sides[1], after, HC_HTML_ADDED);
        break;
    }
    /* Data that differs only in how it ends, or in its type. */
    const gboolean is_plain = change->sides[0].text->len == change->sides[1].text->len &&
                              memcmp(change->sides[0].text->str, change->sides[1].text->str,
                                     change->sides[0].text->len) == 0;
    if (is_plain && before->type == after->type)
        g_string_append_printf(change->note, "%sthe ends differ: %u bytes before, %u after",
                               change->note->len > 0 ? "; " : "", (guint) before->data.n_bytes,
                               (guint) after->data.n_bytes);
}

static void
fill_source(HcHtmlChange *change, const HcDelta *delta, HcOrigin origin, const HcReason *reason)
{
    hc_delta_append_origin(change->origin, delta, origin);
    if (reason != NULL)
        hc_report_append_reason(change->why, reason);
}

/* What the data means, before and after. */
static void
add_meaning(HcHtmlChange *change, const HcDeltaKey *key, HcName name, const HcDatum *before,
            const HcDatum *after)
{
    g_autoptr(GString) old_text = g_string_new(NULL);
    g_autoptr(GString) new_text = g_string_new(NULL);
    const gboolean is_known = before->is_present && hc_append_meaning(old_text, key, name, before);
    if (!(after->is_present && hc_append_meaning(new_text, key, name, after)) && !is_known)
        return;
    g_string_append(change->note, change->note->len > 0 ? "; means " : "means ");
    if (before->is_present)
        g_string_append(change->note, old_text->len > 0 ? old_text->str : "?");
    g_string_append(change->note, before->is_present && after->is_present ? " \xe2\x86\x92 " : "");
    if (after->is_present)
        g_string_append(change->note, new_text->len > 0 ? new_text->str : "?");
}

void
hc_html_change_value(HcHtmlChange *change, const HcDelta *delta, const HcDeltaKey *key,
                     const HcDeltaValue *value, gboolean is_removed)
{
    const HcDatum *before = is_removed ? &value->after : value->before;
    const HcDatum *after = is_removed ? &hc_datum_absent : &value->after;
    if (value->name.n_units == 0)
        g_string_append(change->what, "(Default)");
    else
        hc_name_append_display(change->what, value->name);
    change->has_side[0] = before->is_present;
    change->has_side[1] = after->is_present;
    change->sign = (char) (!before->is_present ? '+' : !after->is_present ? '-' : '~');
    if (before->is_present)
        append_type(change->type, before->type);
    if (after->is_present && (!before->is_present || before->type != after->type)) {
        g_string_append(change->type, before->is_present ? " \xe2\x86\x92 " : "");
        append_type(change->type, after->type);
    }
    if (before->is_present && after->is_present)
        add_both(change, before, after);
    else if (before->is_present)
        add_datum(&change->sides[0], before, HC_HTML_SAME);
    else if (after->is_present)
        add_datum(&change->sides[1], after, HC_HTML_SAME);
    add_meaning(change, key, value->name, before, after);
    for (guint i = 0; i < G_N_ELEMENTS(change->sides); i++)
        if (change->has_side[i] && change->sides[i].text->len == 0)
            add(&change->sides[i], "(empty)", HC_HTML_LEFT_OUT);
    fill_source(change, delta, value->origin, value->reason);
}

/* --- what keys carry --- */

/* SDDL, an entry on each line. */
static char **
sddl_lines(HcBlob descriptor)
{
    g_autoptr(GString) sddl = g_string_new(NULL);
    g_autoptr(GString) lines = g_string_new(NULL);
    if (descriptor.bytes == NULL)
        return g_new0(char *, 1);
    if (!hc_append_sddl(sddl, descriptor))
        hc_text_append_hex(sddl, descriptor.bytes, descriptor.n_bytes);
    guint depth = 0;
    for (gsize i = 0; i < sddl->len; i++) {
        const char *at = sddl->str + i;
        const gboolean is_part = at[0] == '(' || (at[1] == ':' && strchr("GDS", at[0]) != NULL);
        if (i > 0 && depth == 0 && is_part)
            g_string_append_c(lines, '\n');
        depth += at[0] == '(' ? 1 : 0;
        depth -= at[0] == ')' && depth > 0 ? 1 : 0;
        g_string_append_c(lines, at[0]);
    }
    return g_strsplit(lines->str, "\n", -1);
}

static void
add_lines(HcHtmlSide *side, char **lines, char **others, HcHtmlMark mark)
{
    for (gsize i = 0; lines[i] != NULL; i++) {
        add(side, lines[i],
            g_strv_contains((const char *const *) others, lines[i]) ? HC_HTML_SAME : mark);
        add(side, "\n", HC_HTML_SAME);
    }
}

static void
add_class(HcHtmlSide *side, HcBlob class_name, HcHtmlMark mark)
{
    if (class_name.bytes != NULL)
        add_words(side, (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE}, mark);
    else
        add(side, "none", HC_HTML_LEFT_OUT);
}

static void
add_flags(HcHtmlSide *side, uint16_t flags, HcHtmlMark mark)
{
    g_autofree char *text = g_strdup_printf("0x%02x", (guint) (flags & HC_KEY_FLAGS_COMPARED));
    add(side, text, mark);
}

void
hc_html_change_meta(HcHtmlChange *change, const HcDeltaKey *key, HcKeyChange which)
{
    change->sign = '~';
    change->has_side[0] = change->has_side[1] = TRUE;
    switch (which) {
    case HC_CHANGED_SECURITY: {
        g_auto(GStrv) before = sddl_lines(key->before->security);
        g_auto(GStrv) after = sddl_lines(key->after.security);
        g_string_append(change->what, "security descriptor");
        add_lines(&change->sides[0], before, after, HC_HTML_REMOVED);
        add_lines(&change->sides[1], after, before, HC_HTML_ADDED);
        break;
    }
    case HC_CHANGED_CLASS:
        g_string_append(change->what, "class");
        add_class(&change->sides[0], key->before->class_name, HC_HTML_REMOVED);
        add_class(&change->sides[1], key->after.class_name, HC_HTML_ADDED);
        break;
    case HC_CHANGED_FLAGS:
        g_string_append(change->what, "flags");
        add_flags(&change->sides[0], key->before->flags, HC_HTML_REMOVED);
        add_flags(&change->sides[1], key->after.flags, HC_HTML_ADDED);
        break;
    case HC_CHANGED_TIME:
    case HC_CHANGED_ORDER:
        g_string_append(change->what,
                        which == HC_CHANGED_TIME ? "time of last write" : "order of the values");
        change->has_side[0] = change->has_side[1] = FALSE;
        break;
    }
}
