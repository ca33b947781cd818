#include "config.h"

#include "hivecore/delta/diff.h"

#include "hivecore/base/error.h"

/* Reading keys of a hive into a delta: what diff, resolve and the reports' before data need. */

gboolean
hc_delta_read_meta(HcDelta *delta, const HcHive *hive, const HcKey *key, HcKeyMeta *meta,
                   GError **error)
{
    HcBlob class_name;
    HcBlob security;
    if (!hc_hive_class(hive, key, &class_name, error) ||
        !hc_hive_security(hive, key, &security, error))
        return FALSE;
    meta->class_name = hc_delta_dup_blob(delta, class_name, FALSE);
    meta->security = hc_delta_dup_blob(delta, security, TRUE);
    meta->flags = (uint16_t) (key->flags & HC_KEY_FLAGS_COMPARED);
    meta->mtime_filetime = key->mtime_filetime;
    return TRUE;
}

typedef struct {
    HcDelta *delta;
    HcWalk *walk;
    GByteArray *scratch;
} Copy;

static gboolean
copy_values(Copy *copy, HcDeltaKey *node, const HcKey *key, GError **error)
{
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    if (!hc_value_iter_init(&iter, copy->walk->hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        HcBlob data;
        if (!hc_walk_data(copy->walk, &value, error) ||
            !hc_hive_value_data(copy->walk->hive, &value, copy->scratch, &data, error))
            return FALSE;
        HcDeltaValue *set = hc_delta_add_value(copy->delta, node, value.name, HC_VALUE_SET, TRUE);
        set->after = (HcDatum){TRUE, value.type, hc_delta_dup_blob(copy->delta, data, FALSE)};
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static gboolean copy_subkeys(Copy *copy, HcDeltaKey *node, const HcKey *key, uint32_t depth,
                             GError **error);

/* Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
copy_key(Copy *copy, HcDeltaKey *node, const HcKey *key, uint32_t depth, GError **error)
{
    return hc_walk_enter(copy->walk, key, depth, error) &&
           hc_delta_read_meta(copy->delta, copy->walk->hive, key, &node->after, error) &&
           copy_values(copy, node, key, error) &&
           (key->n_subkeys == 0 || copy_subkeys(copy, node, key, depth, error));
}

static gboolean
copy_subkeys(Copy *copy, HcDeltaKey *node, const HcKey *key, uint32_t depth, GError **error)
{
    g_auto(HcKeyList) subkeys;
    hc_key_list_init(&subkeys);
    if (!hc_key_list_fill(&subkeys, copy->walk->hive, key, error))
        return FALSE;
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        HcDeltaKey *child = hc_delta_add_child(copy->delta, node, subkey->name, HC_KEY_CREATE);
        if (!copy_key(copy, child, subkey, depth + 1, error))
            return FALSE;
    }
    return TRUE;
}

HcDeltaKey *
hc_delta_copy_tree(HcDelta *delta, HcWalk *walk, const HcKey *key, uint32_t depth, GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Copy copy = {delta, walk, scratch};
    HcDeltaKey *tree = hc_delta_new_tree(delta, key->name);
    return copy_key(&copy, tree, key, depth, error) ? tree : NULL;
}
