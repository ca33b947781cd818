#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "hivecore/delta/diff.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/proof.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/types.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-pair.h"

/* What must hold for every pair of hives, of a delta and of the layer that is made of it. */

/* What the layers of all cases held, printed at the end. */
typedef struct {
    HcLayerCounts keys;
    uint64_t n_layers;
    uint64_t n_value_tombstones;
    uint64_t n_removals;
} Seen;

static Seen seen;

/* Whether nothing but times and the order of values differs. */
static gboolean
same_content(const HcHive *a, const HcHive *b, GError **error)
{
    g_autoptr(HcDelta) delta = hc_diff(a, b, HC_IGNORE_DEFAULT, NULL, error);
    return delta != NULL && hc_delta_is_empty(delta);
}

/* @exact as a differencing hive over @base, sound. */
static HcHive *
layer_of(const HcDelta *exact, const HcHive *base, GError **error)
{
    const HcDifferencingOptions options = {.file_name = HC_NAME_ASCII("Random_Delta")};
    GBytes *bytes = hc_differencing_write(exact, base, &options, error);
    if (bytes != NULL && !hc_layer_proof(base, bytes, exact, error)) {
        g_bytes_unref(bytes);
        return NULL;
    }
    HcHive *layer = bytes != NULL ? random_open(bytes, error) : NULL;
    HcLayerCounts counts;
    HcCheckCounts checked;
    if (layer == NULL || !hc_differencing_count(layer, &counts, error) ||
        !hc_hive_check(layer, &checked, error))
        return layer;
    seen.n_value_tombstones += checked.n_value_tombstones;
    seen.n_layers++;
    for (guint i = 0; i < G_N_ELEMENTS(counts.n); i++)
        seen.keys.n[i] += counts.n[i];
    return layer;
}

/* What @layer does to @base, as an exact delta. */
static HcDelta *
effect_of(const HcHive *layer, const HcHive *base, GError **error)
{
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, error);
    return patch != NULL ? hc_delta_resolve(patch, base, error) : NULL;
}

/* The effective hive under a layer. */
static HcHive *
merged(const HcHive *base, const HcHive *layer, GError **error)
{
    g_autoptr(HcDelta) exact = effect_of(layer, base, error);
    return exact != NULL ? pair_overlaid(base, exact, error) : NULL;
}

static const char *
merge_gives_new(Pair *pair, GError **error)
{
    g_autoptr(HcHive) layer = layer_of(pair->delta, pair->old_hive, error);
    if (layer == NULL)
        return "no layer";
    g_autoptr(HcDelta) exact = effect_of(layer, pair->old_hive, error);
    if (exact == NULL)
        return "the layer cannot be read";
    if (!pair_same_effect(exact, pair->delta))
        return "the layer does something else";
    g_autoptr(HcHive) effective = pair_overlaid(pair->old_hive, exact, error);
    if (effective == NULL)
        return "no effective hive";
    return same_content(effective, pair->new_hive, error) ? NULL : "another effective hive";
}

/* --- nothing in a delta is without effect --- */

typedef struct {
    const Pair *pair;
    const HcDelta *patch;
    const char *trouble;
} Removals;

/* Whether the patch as it is now still does all that it did. */
static void
check_broken(Removals *removals, const char *trouble)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcDelta) exact = hc_delta_resolve(removals->patch, removals->pair->old_hive, &error);
    seen.n_removals++;
    if (exact == NULL || pair_same_effect(exact, removals->pair->delta))
        removals->trouble = trouble;
}

/* Hides item @i behind the end of the list. */
static void
take_out(HcDeltaList *list, guint i)
{
    gpointer item = list->pdata[i];
    list->len--;
    memmove(list->pdata + i, list->pdata + i + 1, (list->len - i) * sizeof(item));
    list->pdata[list->len] = item;
}

static void
put_back(HcDeltaList *list, guint i)
{
    gpointer item = list->pdata[list->len];
    memmove(list->pdata + i + 1, list->pdata + i, (list->len - i) * sizeof(item));
    list->pdata[i] = item;
    list->len++;
}

static void
remove_each(Removals *removals, HcDeltaKey *key)
{
    for (guint i = 0; i < hc_delta_n_values(key) && removals->trouble == NULL; i++) {
        take_out(&key->values, i);
        check_broken(removals, "a value is without effect");
        put_back(&key->values, i);
    }
    for (guint i = 0; i < hc_delta_n_children(key) && removals->trouble == NULL; i++) {
        take_out(&key->children, i);
        check_broken(removals, "a key is without effect");
        put_back(&key->children, i);
        remove_each(removals, hc_delta_child(key, i));
    }
}

static guint
count_nodes(const HcDeltaKey *key)
{
    guint n = 1;
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        n += count_nodes(hc_delta_child(key, i));
    return n;
}

static const char *
delta_is_minimal(Pair *pair, GError **error)
{
    g_autoptr(HcHive) layer = layer_of(pair->delta, pair->old_hive, error);
    g_autoptr(HcDelta) patch = layer != NULL ? hc_differencing_read(layer, error) : NULL;
    HcLayerCounts counts;
    if (patch == NULL || !hc_differencing_count(layer, &counts, error))
        return "no layer";
    uint64_t n_keys = 0;
    for (guint i = 0; i < G_N_ELEMENTS(counts.n); i++)
        n_keys += counts.n[i];
    if (n_keys != count_nodes(hc_delta_root(patch)))
        return "keys of the layer say nothing";
    Removals removals = {pair, patch, NULL};
    remove_each(&removals, hc_delta_root(patch));
    return removals.trouble;
}

/* --- equal content, equal bytes --- */

static gboolean
same_bytes(const HcHive *a, const HcHive *b)
{
    const uint64_t n_bytes = hc_map_size(hc_hive_map(a));
    return n_bytes == hc_map_size(hc_hive_map(b)) &&
           memcmp(hc_map_data(hc_hive_map(a)), hc_map_data(hc_hive_map(b)), (gsize) n_bytes) == 0;
}

static const char *
bytes_follow_content(Pair *pair, GError **error)
{
    const RandomLayout other = {.minor = 3 + random_below(&pair->random, 3), .swap_security = TRUE};
    g_autoptr(HcHive) elsewhere = random_tree_hive(pair->new_tree, other);
    g_autoptr(HcDelta) delta = hc_diff(pair->old_hive, elsewhere, HC_IGNORE_DEFAULT, NULL, error);
    if (delta == NULL)
        return "no delta";
    g_autoptr(HcHive) layer = layer_of(pair->delta, pair->old_hive, error);
    g_autoptr(HcHive) other_layer = layer_of(delta, pair->old_hive, error);
    if (layer == NULL || other_layer == NULL)
        return "no layer";
    return same_bytes(layer, other_layer) ? NULL : "other bytes for the same content";
}

static const char *
invert_gives_old(Pair *pair, GError **error)
{
    g_autoptr(HcDelta) inverse = hc_delta_invert(pair->delta);
    g_autoptr(HcDelta) exact = hc_delta_resolve(inverse, pair->new_hive, error);
    g_autoptr(HcHive) restored = exact != NULL ? pair_overlaid(pair->new_hive, exact, error) : NULL;
    if (restored == NULL)
        return "no hive";
    if (!pair_same_effect(exact, inverse))
        return "the inverse is not exact";
    return same_content(restored, pair->old_hive, error) ? NULL : "another hive";
}

/* --- layers on layers, replaced keys --- */

static const char *
stack_gives_newest(Pair *pair, GError **error)
{
    g_autoptr(RandomTree) newest_tree = random_tree_changed(&pair->random, pair->new_tree);
    g_autoptr(HcHive) newest = pair_plain_hive(newest_tree);
    g_autoptr(HcHive) layer = layer_of(pair->delta, pair->old_hive, error);
    g_autoptr(HcHive) effective = layer != NULL ? merged(pair->old_hive, layer, error) : NULL;
    if (effective == NULL)
        return "no effective hive";
    g_autoptr(HcDelta) delta = hc_diff(effective, newest, HC_IGNORE_DEFAULT, NULL, error);
    g_autoptr(HcHive) second = delta != NULL ? layer_of(delta, effective, error) : NULL;
    g_autoptr(HcHive) result = second != NULL ? merged(effective, second, error) : NULL;
    if (result == NULL)
        return "no hive under two layers";
    return same_content(result, newest, error) ? NULL : "another hive under two layers";
}

/* The keys of @from that are there before and after, some of them as REPLACE of the whole key. */
static gboolean
replace_some(Pair *pair, HcDelta *patch, HcDeltaKey *to, const HcKey *old_key, const HcKey *new_key,
             HcWalk *walk, guint depth, GError **error)
{
    HcSubkeyIter iter;
    HcKey subkey;
    HcKey old_subkey;
    GError *failure = NULL;
    if (!hc_subkey_iter_init(&iter, pair->new_hive, new_key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, &failure)) {
        if (!hc_hive_subkey(pair->old_hive, old_key, subkey.name, &old_subkey, &failure))
            continue;
        if (!random_chance(&pair->random, 40)) {
            HcDeltaKey *child = hc_delta_add_child(patch, to, subkey.name, HC_KEY_KEEP);
            if (!replace_some(pair, patch, child, &old_subkey, &subkey, walk, depth + 1, error))
                return FALSE;
            continue;
        }
        HcDeltaKey *tree = hc_delta_copy_tree(patch, walk, &subkey, depth, error);
        if (tree == NULL)
            return FALSE;
        tree->op = HC_KEY_REPLACE;
        hc_delta_adopt_child(patch, to, tree);
    }
    if (failure != NULL)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static const char *
replaced_keys(Pair *pair, GError **error)
{
    g_autoptr(HcDelta) patch = hc_delta_new();
    HcWalk walk = hc_walk_start(pair->new_hive);
    HcKey old_root;
    HcKey new_root;
    if (!hc_hive_root(pair->old_hive, &old_root, error) ||
        !hc_hive_root(pair->new_hive, &new_root, error) ||
        !replace_some(pair, patch, hc_delta_root(patch), &old_root, &new_root, &walk, 1, error))
        return "no patch";
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, pair->old_hive, error);
    g_autoptr(HcHive) wanted = exact != NULL ? pair_overlaid(pair->old_hive, exact, error) : NULL;
    if (wanted == NULL)
        return "no hive with replaced keys";
    g_autoptr(HcHive) layer = layer_of(exact, pair->old_hive, error);
    g_autoptr(HcDelta) effect = layer != NULL ? effect_of(layer, pair->old_hive, error) : NULL;
    if (effect == NULL)
        return "no layer";
    if (!hc_delta_equal(effect, exact))
        return "replaced keys come back as something else";
    g_autoptr(HcHive) effective = pair_overlaid(pair->old_hive, effect, error);
    if (effective == NULL)
        return "no effective hive";
    return same_content(effective, wanted, error) ? NULL : "another effective hive";
}

static void
test_merge(void)
{
    pair_for_all(merge_gives_new);
}

static void
test_minimal(void)
{
    pair_for_all(delta_is_minimal);
}

static void
test_bytes(void)
{
    pair_for_all(bytes_follow_content);
}

static void
test_invert(void)
{
    pair_for_all(invert_gives_old);
}

static void
test_stack(void)
{
    pair_for_all(stack_gives_newest);
}

static void
test_replaced(void)
{
    pair_for_all(replaced_keys);
}

/* Every kind of key and value must have been met, or the cases above have proven little. */
static void
test_seen(void)
{
    static const uint8_t kinds[] = {HC_LAYER_MERGE, HC_LAYER_TOMBSTONE, HC_LAYER_SUPERSEDE_LOCAL,
                                    HC_LAYER_SUPERSEDE_TREE, HC_LAYER_INHERIT_CLASS};
    printf("\n    %u pairs, %" G_GUINT64_FORMAT " differencing hives;", pair_n_pairs(),
           seen.n_layers);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        printf(" 0x%02x %" G_GUINT64_FORMAT ",", kinds[i], seen.keys.n[kinds[i]]);
        CU_ASSERT_TRUE(seen.keys.n[kinds[i]] > 0);
    }
    printf(" value tombstones %" G_GUINT64_FORMAT ";\n    %" G_GUINT64_FORMAT
           " keys and values removed one at a time\n    ",
           seen.n_value_tombstones, seen.n_removals);
    CU_ASSERT_TRUE(seen.n_value_tombstones > 0);
    CU_ASSERT_TRUE(seen.n_removals > 0);
}

const char cu_suite[] = "property";
const CuCase cu_cases[] = {
    {"a base under its delta is the new hive", test_merge},
    {"nothing in a delta is without effect", test_minimal},
    {"the same content in other places gives the same delta", test_bytes},
    {"the inverse undoes it", test_invert},
    {"a delta on top of a delta", test_stack},
    {"replaced keys", test_replaced},
    {"what was seen", test_seen},
    {NULL, NULL},
};
