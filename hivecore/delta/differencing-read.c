#include "config.h"

#include "hivecore/delta/differencing.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/delta-private.h"
#include "hivecore/delta/diff.h"
#include "hivecore/regf/types.h"

typedef struct {
    const HcHive *layer;
    HcDelta *patch;
    HcOrigin origin;
    HcWalk walk;
    GByteArray *scratch;
} Reading;

static uint8_t
semantics(const HcKey *key)
{
    return key->layer_bits & HC_LAYER_SEMANTICS;
}

/* Below a replaced key there is nothing that a tombstone could hide. */
static gboolean
read_values(Reading *reading, HcDeltaKey *node, const HcKey *key, gboolean is_tree_replaced,
            GError **error)
{
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        HcBlob data;
        if (!hc_hive_value(reading->layer, key, i, &value, error))
            return FALSE;
        if (hc_delta_find_value(node, value.name) != NULL)
            return hc_fail(error, HC_ERROR_MALFORMED,
                           "%s: value at 0x%x: another value of the key has the same name",
                           hc_hive_file(reading->layer), value.offset + HC_BASE_BLOCK_BYTES);
        if (value.is_tombstone && is_tree_replaced)
            continue;
        HcDeltaValue *change =
            hc_delta_add_value(reading->patch, node, value.name,
                               value.is_tombstone ? HC_VALUE_DELETE : HC_VALUE_SET, TRUE);
        change->origin = reading->origin;
        if (value.is_tombstone)
            continue;
        if (!hc_walk_data(&reading->walk, &value, error) ||
            !hc_hive_value_data(reading->layer, &value, reading->scratch, &data, error))
            return FALSE;
        change->after = (HcDatum){TRUE, value.type, hc_delta_dup_blob(reading->patch, data, FALSE)};
    }
    return TRUE;
}

/* What @node states of a key that is there already, and what that key keeps. */
static void
set_meaning(HcDelta *patch, HcDeltaKey *node, const HcKey *key)
{
    const gboolean inherits_class = (key->layer_bits & HC_LAYER_INHERIT_CLASS) != 0;
    const guint class_bit = inherits_class ? HC_CHANGED_CLASS : 0;
    if (node->op == HC_KEY_REPLACE) {
        node->kept = class_bit;
    } else if (semantics(key) == HC_LAYER_SUPERSEDE_LOCAL) {
        hc_delta_set_patch(patch, node, &(HcPatchKey){.values_are_all = TRUE});
        node->kept = HC_CHANGED_FLAGS | class_bit;
        node->changed = HC_CHANGED_SECURITY | (inherits_class ? 0 : HC_CHANGED_CLASS);
    } else {
        node->kept = HC_CHANGED_SECURITY | HC_CHANGED_FLAGS | class_bit;
        node->changed = inherits_class ? 0 : HC_CHANGED_CLASS;
    }
}

static gboolean read_subkeys(Reading *reading, HcDeltaKey *node, const HcKey *key, uint32_t depth,
                             gboolean is_tree_replaced, GError **error);

/* Fills @node, whose op is set, with what is in and below @key. */
static gboolean
fill_node(Reading *reading, HcDeltaKey *node, const HcKey *key, uint32_t depth,
          gboolean is_tree_replaced, GError **error)
{
    node->origin = reading->origin;
    if (node->op == HC_KEY_DELETE)
        return TRUE;
    return hc_delta_read_meta(reading->patch, reading->layer, key, &node->after, error) &&
           read_values(reading, node, key, is_tree_replaced, error) &&
           read_subkeys(reading, node, key, depth, is_tree_replaced, error);
}

static gboolean
read_key(Reading *reading, HcDeltaKey *parent, const HcKey *key, uint32_t depth,
         gboolean is_tree_replaced, GError **error)
{
    const gboolean is_tombstone = semantics(key) == HC_LAYER_TOMBSTONE;
    const gboolean replaces = semantics(key) == HC_LAYER_SUPERSEDE_TREE;
    if (!hc_walk_enter(&reading->walk, key, depth, error))
        return FALSE;
    if (is_tree_replaced && is_tombstone)
        return TRUE;
    const HcKeyOp op = is_tombstone                    ? HC_KEY_DELETE
                       : replaces && !is_tree_replaced ? HC_KEY_REPLACE
                                                       : HC_KEY_CREATE;
    HcDeltaKey *node = hc_delta_add_child(reading->patch, parent, key->name, op);
    if (!is_tree_replaced && !is_tombstone)
        set_meaning(reading->patch, node, key);
    return fill_node(reading, node, key, depth, is_tree_replaced || replaces, error);
}

/* Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
read_subkeys(Reading *reading, HcDeltaKey *node, const HcKey *key, uint32_t depth,
             gboolean is_tree_replaced, GError **error)
{
    g_auto(HcKeyList) subkeys;
    hc_key_list_init(&subkeys);
    if (!hc_key_list_fill(&subkeys, reading->layer, key, error))
        return FALSE;
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        if (!read_key(reading, node, subkey, depth + 1, is_tree_replaced, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_layer(const HcHive *layer, HcKey *root, GError **error)
{
    if (!hc_hive_info(layer)->is_differencing)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: is an ordinary hive, not a differencing hive", hc_hive_file(layer));
    if (!hc_hive_root(layer, root, error))
        return FALSE;
    if (semantics(root) == HC_LAYER_MERGE)
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s: the root key's layer bits are 0x%02x, which would put away the whole hive "
                   "below it",
                   hc_hive_file(layer), root->layer_bits);
}

/* The root has one fixed descriptor in every layer: it says nothing of the root below. */
static gboolean
read_root(Reading *reading, const HcKey *root, GError **error)
{
    HcDeltaKey *node = hc_delta_root(reading->patch);
    if (!hc_walk_enter(&reading->walk, root, 0, error) ||
        !fill_node(reading, node, root, 0, FALSE, error))
        return FALSE;
    node->changed = node->after.class_name.bytes != NULL ? HC_CHANGED_CLASS : 0;
    return TRUE;
}

/* Goes to the key at @path; *is_tree_replaced: whether a key above it is 0x03. */
static gboolean
find_key(Reading *reading, HcPath path, HcKey *key, HcDeltaKey **parent, gboolean *is_tree_replaced,
         GError **error)
{
    for (gsize i = 0; i < path.n; i++) {
        GError *failure = NULL;
        HcKey found;
        if (i > 0) {
            *is_tree_replaced = *is_tree_replaced || semantics(key) == HC_LAYER_SUPERSEDE_TREE;
            *parent = hc_delta_add_child(reading->patch, *parent, key->name, HC_KEY_KEEP);
        }
        if (!hc_hive_subkey(reading->layer, key, path.names[i], &found, &failure)) {
            if (failure == NULL)
                return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: no such key",
                               hc_hive_file(reading->layer));
            return hc_fail_with(error, failure);
        }
        *key = found;
    }
    return TRUE;
}

/* A key below a replaced one: nothing of what is below it in other layers is left. */
static gboolean
read_replaced(Reading *reading, HcDeltaKey *parent, const HcKey *key, uint32_t depth,
              GError **error)
{
    const HcKeyOp op = semantics(key) == HC_LAYER_TOMBSTONE ? HC_KEY_DELETE : HC_KEY_REPLACE;
    HcDeltaKey *node = hc_delta_add_child(reading->patch, parent, key->name, op);
    return hc_walk_enter(&reading->walk, key, depth, error) &&
           fill_node(reading, node, key, depth, TRUE, error);
}

HcDelta *
hc_differencing_read_key(const HcHive *layer, HcPath path, GError **error)
{
    HcKey key;
    if (!check_layer(layer, &key, error))
        return NULL;
    g_autoptr(HcDelta) patch = hc_delta_new();
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Reading reading = {.layer = layer,
                       .patch = patch,
                       .origin = {hc_delta_add_source(patch, hc_hive_file(layer)), 0},
                       .walk = hc_walk_start(layer),
                       .scratch = scratch};
    HcDeltaKey *parent = hc_delta_root(patch);
    gboolean is_tree_replaced = FALSE;
    if (!find_key(&reading, path, &key, &parent, &is_tree_replaced, error))
        return NULL;
    const gboolean done = path.n == 0 ? read_root(&reading, &key, error)
                          : is_tree_replaced
                              ? read_replaced(&reading, parent, &key, (uint32_t) path.n, error)
                              : read_key(&reading, parent, &key, (uint32_t) path.n, FALSE, error);
    return done ? g_steal_pointer(&patch) : NULL;
}

HcDelta *
hc_differencing_read(const HcHive *layer, GError **error)
{
    return hc_differencing_read_key(layer, (HcPath){NULL, 0}, error);
}

/* Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
count_key(HcWalk *walk, const HcKey *key, uint32_t depth, HcLayerCounts *counts, GError **error)
{
    HcSubkeyIter iter;
    HcKey subkey;
    GError *failure = NULL;
    if (!hc_walk_enter(walk, key, depth, error) ||
        !hc_subkey_iter_init(&iter, walk->hive, key, error))
        return FALSE;
    counts->n[key->layer_bits]++;
    while (hc_subkey_iter_next(&iter, &subkey, &failure)) {
        if (!count_key(walk, &subkey, depth + 1, counts, &failure))
            break;
    }
    if (failure == NULL)
        return TRUE;
    return hc_fail_with(error, failure);
}

gboolean
hc_differencing_count(const HcHive *layer, HcLayerCounts *counts, GError **error)
{
    HcKey root;
    HcWalk walk = hc_walk_start(layer);
    *counts = (HcLayerCounts){{0}};
    return hc_hive_root(layer, &root, error) && count_key(&walk, &root, 0, counts, error);
}

const char *
hc_layer_bits_text(uint8_t layer_bits)
{
    const gboolean inherits_class = (layer_bits & HC_LAYER_INHERIT_CLASS) != 0;
    switch (layer_bits & HC_LAYER_SEMANTICS) {
    case HC_LAYER_TOMBSTONE:
        return "deleted";
    case HC_LAYER_SUPERSEDE_LOCAL:
        return inherits_class ? "replaces the key but not its class and subkeys"
                              : "replaces the key but not its subkeys";
    case HC_LAYER_SUPERSEDE_TREE:
        return inherits_class ? "replaces the whole key, class inherited"
                              : "replaces the whole key";
    default: /* HC_LAYER_MERGE, the only value left */
        return inherits_class ? "merges" : "new";
    }
}
