#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

/* What of kept text is shown beside a change, and of one changed piece, from the most to the least
 * that is tried (units). */
static const uint32_t kept_shown[] = {40, 24, 12, 6, 3};
static const uint32_t changed_shown[] = {G_MAXUINT32, 48, 24, 12};

void
hc_text_append_piece(GString *out, HcName text, uint32_t most)
{
    if (text.n_units <= most) {
        hc_name_append_escaped(out, text);
        return;
    }
    hc_name_append_escaped(out, hc_text_part(text, 0, most / 2));
    g_string_append(out, "…");
    hc_name_append_escaped(out, hc_text_part(text, text.n_units - most / 2, text.n_units));
}

/* What is kept between two changes, or before the first and behind the last. */
static void
append_kept(GString *out, HcName text, uint32_t most, gboolean is_first, gboolean is_last)
{
    const uint32_t n = text.n_units;
    if (is_first && n > most + 1) {
        g_string_append(out, "…");
        hc_name_append_escaped(out, hc_text_part(text, n - most, n));
    } else if (is_last && n > most + 1) {
        hc_name_append_escaped(out, hc_text_part(text, 0, most));
        g_string_append(out, "…");
    } else {
        hc_text_append_piece(out, text, 2 * most + 1);
    }
}

/* One side of a TEXT. Returns: FALSE when it is wider than @n_columns */
static gboolean
append_words(GString *out, const HcEditScript *script, gboolean is_new, uint32_t kept,
             uint32_t changed, guint n_columns)
{
    const HcScriptSide *side = is_new ? &script->new_side : &script->old_side;
    const HcEditOp own = is_new ? HC_EDIT_ADD : HC_EDIT_REMOVE;
    g_string_append_c(out, '"');
    for (guint i = 0; i < script->edits->len && out->len <= 8 * (gsize) n_columns; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        if (edit->op != HC_EDIT_KEEP && edit->op != own)
            continue;
        const HcName text = hc_script_words(side, is_new ? edit->new_at : edit->old_at, edit->n);
        if (edit->op == HC_EDIT_KEEP)
            append_kept(out, text, kept, i == 0, i + 1 == script->edits->len);
        else
            hc_text_append_piece(out, text, MIN(changed, 2 * n_columns));
    }
    g_string_append_c(out, '"');
    return hc_text_columns(out->str) <= n_columns;
}

void
hc_text_words(GArray *lines, const HcEditScript *script, guint n_columns)
{
    g_autoptr(GString) before = g_string_new(NULL);
    g_autoptr(GString) after = g_string_new(NULL);
    GString *sides[2] = {before, after};
    gboolean is_fit = FALSE;
    for (gsize i = 0; !is_fit && i < G_N_ELEMENTS(changed_shown); i++) {
        for (gsize j = 0; !is_fit && j < G_N_ELEMENTS(kept_shown); j++) {
            is_fit = TRUE;
            for (gsize side = 0; side < 2; side++) {
                g_string_truncate(sides[side], 0);
                is_fit = append_words(sides[side], script, side == 1, kept_shown[j],
                                      changed_shown[i], n_columns) &&
                         is_fit;
            }
        }
    }
    for (gsize side = 0; side < 2; side++) {
        GString *text = g_string_new(NULL);
        hc_append_cut(text, sides[side]->str, n_columns);
        hc_text_line(lines, side == 0 ? '-' : '+', text);
    }
}
