#include "config.h"

#include "hivecore/delta/delta-private.h"

/* Values that only earlier sources set contradict the statement, or go. */
static gboolean
drop_values(HcDelta *delta, HcDeltaKey *key, HcOrigin origin, GError **error)
{
    for (guint i = hc_delta_n_values(key); i > 0; i--) {
        HcDeltaValue *value = hc_delta_value(key, i - 1);
        if (value->op != HC_VALUE_SET || value->last_source == origin.source)
            continue;
        if (!hc_delta_may_overrule(delta, origin, value->origin))
            return hc_delta_conflict(delta, key, value, origin, value->origin, error);
        hc_delta_list_remove(&key->values, i - 1);
        if (key->value_index != NULL)
            g_hash_table_remove(key->value_index, &value->name);
    }
    return TRUE;
}

static gboolean
drop_children(HcDelta *delta, HcDeltaKey *key, HcOrigin origin, GError **error)
{
    for (guint i = hc_delta_n_children(key); i > 0; i--) {
        HcDeltaKey *child = hc_delta_child(key, i - 1);
        if (!hc_delta_is_made(child) || child->last_source == origin.source)
            continue;
        const HcOrigin other = hc_delta_first_origin(child);
        if (!hc_delta_may_overrule(delta, origin, other))
            return hc_delta_conflict(delta, child, NULL, origin, other, error);
        hc_delta_remove_child(key, child);
    }
    return TRUE;
}

/* Recursion is as deep as the tree, which statements cap at HC_MAX_KEY_DEPTH. */
gboolean
hc_delta_make_exact(HcDelta *delta, HcDeltaKey *key, guint exact, HcOrigin origin, GError **error)
{
    const gboolean is_where_there = key->op == HC_KEY_KEEP && exact == HC_EXACT_VALUES;
    /* A key that a later line deletes is no more. */
    if (!hc_delta_is_made(key) && !is_where_there)
        return TRUE;
    if ((exact & HC_EXACT_VALUES) != 0 && !drop_values(delta, key, origin, error))
        return FALSE;
    if ((exact & HC_EXACT_KEYS) != 0 && !drop_children(delta, key, origin, error))
        return FALSE;
    /* Of what is made anew nothing else is left in the hive. */
    if (key->op != HC_KEY_REPLACE) {
        HcPatchKey patch = *key->patch;
        patch.values_are_all |= (exact & HC_EXACT_VALUES) != 0;
        patch.children_are_all |= (exact & HC_EXACT_KEYS) != 0;
        if (patch.all_origin.source == 0)
            patch.all_origin = origin;
        hc_delta_set_patch(delta, key, &patch);
    }
    for (guint i = 0; (exact & HC_EXACT_BELOW) != 0 && i < hc_delta_n_children(key); i++) {
        if (!hc_delta_make_exact(delta, hc_delta_child(key, i), exact, origin, error))
            return FALSE;
    }
    return TRUE;
}
