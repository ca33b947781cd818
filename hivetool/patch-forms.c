#include "config.h"

#include "hivetool/key-records.h"

#include "hivecore/reg/pol.h"
#include "hivecore/reg/reg-script.h"

/* What a Registry.pol has no form for is named so many times. */
#define MAX_TOLD_LEFT_OUT 20u

gboolean
ht_emit_reg_add(const HtPatchForm *form, const HcDelta *delta, const HcRoot *root, GError **error)
{
    HcCliContext *context = form->context;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(HcStream) out = hc_cli_open_stream(context, form->output, form->inputs, error);
    uint64_t n_inexpressible = 0;
    if (out == NULL ||
        !hc_reg_script_write(out, delta, ht_root_name(arena, root), &n_inexpressible, error) ||
        !hc_cli_publish(context, out, error))
        return FALSE;
    if (n_inexpressible > 0)
        hc_cli_note(context,
                    "%" G_GUINT64_FORMAT " %s%s cannot be said in reg add lines, remarks name "
                    "%s; --format=json has everything",
                    n_inexpressible, form->noun, n_inexpressible == 1 ? "" : "s",
                    n_inexpressible == 1 ? "it" : "them");
    return TRUE;
}

gboolean
ht_emit_pol(const HtPatchForm *form, const HcDelta *delta, const HcRoot *root, GError **error)
{
    HcCliContext *context = form->context;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(HcDelta) lowered = hc_delta_lower(delta);
    g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(HcStream) out = hc_cli_open_stream(context, form->output, form->inputs, error);
    if (out == NULL || !hc_pol_write(out, lowered, ht_root_name(arena, root), left_out, error) ||
        !hc_cli_publish(context, out, error))
        return FALSE;
    for (guint i = 0; i < MIN(left_out->len, MAX_TOLD_LEFT_OUT); i++)
        hc_cli_note(context, "not in Registry.pol: %s", (const char *) left_out->pdata[i]);
    if (left_out->len > 0)
        hc_cli_note(context, "%u %s%s cannot be said in Registry.pol; --format=json has everything",
                    left_out->len, form->noun, left_out->len == 1 ? "" : "s");
    return TRUE;
}
