#include "config.h"

#include "layerpack/explain.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/resolve.h"

#define MACHINE "HKEY_LOCAL_MACHINE\\"

const char *
lp_slot_root(int slot)
{
    /* In the order of hc_hive_slots. */
    static const char *const roots[HC_N_HIVE_SLOTS] = {
        "HKEY_USERS\\.DEFAULT", MACHINE "SAM",    MACHINE "SECURITY",
        MACHINE "SOFTWARE",     MACHINE "SYSTEM",
    };
    return roots[slot];
}

/* --- statements without effect --- */

/* Whether all that is said of a key is that it is there. */
static gboolean
is_bare(const HcDeltaKey *stated)
{
    return hc_delta_n_values(stated) == 0 && hc_delta_n_children(stated) == 0 &&
           !stated->patch->values_are_all;
}

/* Statements of @stated and below that @exact, NULL where nothing of a key is left, does not have.
 * Deltas are never deeper than HC_MAX_KEY_DEPTH. */
static uint64_t
count_void(const HcDeltaKey *stated, const HcDeltaKey *exact)
{
    if (stated->op == HC_KEY_DELETE)
        return exact == NULL;
    /* What is below a replaced key is all new, and a key that states all values repeats some. */
    if (stated->op == HC_KEY_REPLACE)
        return 0;
    uint64_t n_void = stated->parent != NULL && exact == NULL && is_bare(stated);
    for (guint i = 0; !stated->patch->values_are_all && i < hc_delta_n_values(stated); i++) {
        HcName name = hc_delta_value(stated, i)->name;
        n_void += exact == NULL || hc_delta_find_value(exact, name) == NULL;
    }
    for (guint i = 0; i < hc_delta_n_children(stated); i++) {
        const HcDeltaKey *child = hc_delta_child(stated, i);
        n_void += count_void(child, exact != NULL ? hc_delta_find_child(exact, child->name) : NULL);
    }
    return n_void;
}

/* --- reading --- */

static gboolean
open_delta(const HcCliContext *context, const HcLayerHives *layer, int slot, LpSays *says,
           GError **error)
{
    g_autofree char *name = g_strdup_printf("%s: %s", layer->name, hc_hive_slots[slot].delta_entry);
    g_autofree char *note = NULL;
    g_autoptr(GPtrArray) no_logs = g_ptr_array_new();
    g_autoptr(HcMap) map = hc_map_from_bytes(name, g_bytes_ref(layer->deltas[slot]));
    says->hive = hc_hive_open_recovered_map(map, no_logs, context->dirty_policy, 0, &note, error);
    if (says->hive == NULL || !hc_hive_check(says->hive, &says->counts, error))
        return FALSE;
    if (note != NULL)
        hc_cli_note(context, "%s", note);
    says->patch = hc_differencing_read(says->hive, error);
    return says->patch != NULL;
}

/* The base, under nothing. */
static gboolean
read_base(const HcCliContext *context, HcLayerStack *stack, guint layer, int slot, LpSays *says,
          GError **error)
{
    says->kind = LP_SAYS_BASE;
    says->hive = hc_layer_stack_hive(stack, slot, layer + 1, error);
    if (says->hive == NULL || !hc_hive_check(says->hive, &says->counts, error))
        return FALSE;
    if (hc_layer_stack_note(stack) != NULL)
        hc_cli_note(context, "%s", hc_layer_stack_note(stack));
    return TRUE;
}

/* The lowest layer that has the hive whole; the number of layers when none has. */
static guint
find_base(const HcLayerStack *stack, int slot)
{
    guint i = 0;
    while (i < hc_layer_stack_n_layers(stack) && !hc_layer_stack_layer(stack, i)->has_whole[slot])
        i++;
    return i;
}

static gboolean
read_change(HcLayerStack *stack, guint layer, int slot, LpSays *says, GError **error)
{
    says->kind = LP_SAYS_CHANGE;
    says->below = hc_layer_stack_hive(stack, slot, layer, error);
    if (says->below == NULL)
        return FALSE;
    says->exact = hc_delta_resolve(says->patch, says->below, error);
    if (says->exact == NULL)
        return FALSE;
    says->n_void = count_void(hc_delta_root(says->patch), hc_delta_root(says->exact));
    return TRUE;
}

gboolean
lp_says_read(const HcCliContext *context, HcLayerStack *stack, guint layer, int slot, LpSays *says,
             GError **error)
{
    memset(says, 0, sizeof(*says));
    const HcLayerHives *hives = hc_layer_stack_layer(stack, layer);
    const guint base = find_base(stack, slot);
    if (hives->deltas[slot] == NULL) {
        says->kind = LP_SAYS_NOTHING;
        return layer != base || read_base(context, stack, layer, slot, says, error);
    }
    if (!open_delta(context, hives, slot, says, error))
        return FALSE;
    /* Of a layer that has both, Windows takes what the differencing hive says. */
    says->kind = LP_SAYS_ALONE;
    return layer <= base || read_change(stack, layer, slot, says, error);
}

void
lp_says_clear(LpSays *says)
{
    /* Deltas borrow nothing from hives. */
    g_clear_pointer(&says->exact, hc_delta_free);
    g_clear_pointer(&says->patch, hc_delta_free);
    g_clear_pointer(&says->below, hc_hive_unref);
    g_clear_pointer(&says->hive, hc_hive_unref);
}

/* --- layers --- */

void
lp_layer_append_heading(GString *out, const HcLayerStack *stack, guint layer)
{
    const HcLayerHives *hives = hc_layer_stack_layer(stack, layer);
    g_string_append_printf(out, "layer %u", layer + 1);
    if (hives->digest != NULL)
        g_string_append_printf(out, " %s", hives->digest);
    if (hives->created_by != NULL && hives->created_by[0] != '\0') {
        g_string_append(out, " (");
        hc_append_display(out, hives->created_by, strlen(hives->created_by));
        g_string_append_c(out, ')');
    }
}

void
lp_layer_json(HcJsonWriter *json, const HcLayerStack *stack, guint layer)
{
    const HcLayerHives *hives = hc_layer_stack_layer(stack, layer);
    hc_json_member_number(json, "number", layer + 1);
    hc_json_member_string(json, "digest", hives->digest);
    hc_json_member_string(json, "diff_id", hives->diff_id);
    hc_json_member_string(json, "created_by", hives->created_by);
    if (hives->missing != NULL)
        hc_json_member_string(json, "missing", hives->missing);
}
