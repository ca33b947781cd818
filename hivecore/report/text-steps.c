#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

/* What became of the elements of a list. */

static HcName
element_text(const HcScriptSide *side, uint32_t i)
{
    const HcBlob element = hc_script_element(side, i);
    return (HcName){element.bytes, element.n_bytes / 2, FALSE};
}

/* `"x"`, in at most @n_columns. Returns: whether that is all of it */
static gboolean
append_element(GString *out, HcName text, guint n_columns)
{
    g_autoptr(GString) quoted = g_string_new("\"");
    hc_text_append_piece(quoted, text, n_columns == G_MAXUINT ? G_MAXUINT32 : 2 * n_columns);
    g_string_append_c(quoted, '"');
    if (n_columns == G_MAXUINT) {
        g_string_append(out, quoted->str);
        return TRUE;
    }
    hc_append_cut_middle(out, quoted->str, n_columns);
    return text.n_units <= 2 * n_columns && hc_text_columns(quoted->str) <= n_columns;
}

static char
sign_of(const HcEdit *edit)
{
    return (char) (edit->op == HC_EDIT_ADD ? '+' : edit->op == HC_EDIT_REMOVE ? '-' : '~');
}

/* What stands at the place of part @i of a step on the other side, where something does. */
static gboolean
find_partner(const HcEditScript *script, guint step, uint32_t i, HcBlob *before, HcBlob *after)
{
    const HcEdit *edit = &g_array_index(script->edits, HcEdit, step);
    const gboolean is_new = edit->op == HC_EDIT_ADD;
    if ((edit->op != HC_EDIT_REMOVE && !is_new) ||
        (is_new ? step == 0 : step + 1 == script->edits->len))
        return FALSE;
    const HcEdit *other = is_new ? edit - 1 : edit + 1;
    if (other->op != (is_new ? HC_EDIT_REMOVE : HC_EDIT_ADD) || i >= other->n)
        return FALSE;
    *before = hc_script_element(&script->old_side, (is_new ? other : edit)->old_at + i);
    *after = hc_script_element(&script->new_side, (is_new ? edit : other)->new_at + i);
    return TRUE;
}

/* An element that has no room, cut so that what differs from @before or @after is seen. */
static void
append_different(GString *out, HcBlob before, HcBlob after, gboolean is_new, guint n_columns)
{
    g_autoptr(HcEditScript) script = hc_edit_script_new_text(before, after);
    g_autoptr(GArray) lines = hc_text_lines_new();
    hc_text_words(lines, script, n_columns);
    g_string_append(out, g_array_index(lines, HcTextLine, is_new ? 1 : 0).text);
}

/* Part @i of a step: `"x" at 3`, `"x" moved from 1 to 3`; places count from 1. */
static void
append_step(GString *out, const HcEditScript *script, guint step, uint32_t i, guint n_columns)
{
    const HcEdit *edit = &g_array_index(script->edits, HcEdit, step);
    const gboolean is_new = edit->op == HC_EDIT_ADD;
    const HcScriptSide *side = is_new ? &script->new_side : &script->old_side;
    const uint32_t at = (is_new ? edit->new_at : edit->old_at) + i;
    g_autofree char *place =
        edit->op == HC_EDIT_MOVE_OUT
            ? g_strdup_printf(" moved from %u to %u", (guint) at + 1, (guint) edit->new_at + 1)
            : g_strdup_printf(" at %u", (guint) at + 1);
    const guint n_place = (guint) strlen(place);
    const guint room =
        n_columns == G_MAXUINT || n_columns <= n_place + 4 ? n_columns : n_columns - n_place;
    HcBlob before;
    HcBlob after;
    const gsize start = out->len;
    if (!append_element(out, element_text(side, at), room) &&
        find_partner(script, step, i, &before, &after)) {
        g_string_truncate(out, start);
        append_different(out, before, after, is_new, room);
    }
    g_string_append(out, place);
}

static gboolean
is_told(const HcEdit *edit)
{
    return edit->op != HC_EDIT_KEEP && edit->op != HC_EDIT_MOVE_IN;
}

gboolean
hc_text_append_steps(GString *out, const HcEditScript *script, gsize n_bytes)
{
    const char *separator = " ";
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        for (uint32_t part = 0; is_told(edit) && part < edit->n; part++) {
            if (out->len > n_bytes)
                return FALSE;
            g_string_append_printf(out, "%s%c ", separator, sign_of(edit));
            append_step(out, script, i, part, G_MAXUINT);
            separator = ", ";
        }
    }
    return *separator == ',';
}

void
hc_text_steps(GArray *lines, const HcEditScript *script, const HcTextLimits *limits)
{
    uint64_t n_left = 0;
    guint n_told = 0;
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        for (uint32_t part = 0; is_told(edit) && part < edit->n; part++) {
            if (n_told >= limits->n_lines && !limits->is_full) {
                n_left++;
                continue;
            }
            GString *text = g_string_new(NULL);
            append_step(text, script, i, part, limits->n_columns);
            hc_text_line(lines, sign_of(edit), text);
            n_told++;
        }
    }
    if (n_left > 0) {
        GString *text = g_string_new(NULL);
        g_string_append_printf(text, "… %" G_GUINT64_FORMAT " more", n_left);
        hc_text_line(lines, ' ', text);
    }
}
