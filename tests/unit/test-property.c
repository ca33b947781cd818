#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "hivecore/delta/diff.h"
#include "hivecore/delta/differencing-read.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/proof.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-script.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-tree.h"

/*
 * What must hold for every pair of hives, tried on thousands of random ones.
 * HIVETOOL_PROPERTY_PAIRS is how many; a failure names the pair's number, its seed.
 */

enum {
    DEFAULT_PAIRS = 1500,
    MAX_KEYS = 10,
};

/* Old and new hive, and the delta that turns one into the other. */
typedef struct {
    Random random;
    RandomTree *old_tree;
    RandomTree *new_tree;
    HcHive *old_hive;
    HcHive *new_hive;
    HcDelta *delta;
} Pair;

/* Returns: NULL, or what does not hold. */
typedef const char *(*Property)(Pair *pair, GError **error);

static const HcEpoch no_epoch = {FALSE, 0};

/* What the layers of all cases held, printed at the end. */
typedef struct {
    HcLayerCounts keys;
    uint64_t n_layers;
    uint64_t n_value_tombstones;
    uint64_t n_removals;
    uint64_t n_whole_scripts;
} Seen;

static Seen seen;

static guint
n_pairs(void)
{
    const char *wanted = g_getenv("HIVETOOL_PROPERTY_PAIRS");
    return wanted != NULL ? (guint) strtoul(wanted, NULL, 10) : DEFAULT_PAIRS;
}

static HcHive *
plain_hive(const RandomTree *tree)
{
    return random_tree_hive(tree, (RandomLayout){.minor = 5});
}

static gboolean
start_pair(Pair *pair, guint seed, GError **error)
{
    *pair = (Pair){.random = random_start(seed)};
    pair->old_tree = random_tree_new(&pair->random, 1 + seed % MAX_KEYS);
    pair->new_tree = random_tree_changed(&pair->random, pair->old_tree);
    pair->old_hive = plain_hive(pair->old_tree);
    pair->new_hive = plain_hive(pair->new_tree);
    pair->delta = hc_diff(pair->old_hive, pair->new_hive, HC_IGNORE_DEFAULT, NULL, error);
    return pair->delta != NULL;
}

static void
end_pair(Pair *pair)
{
    hc_delta_free(pair->delta);
    hc_hive_unref(pair->old_hive);
    hc_hive_unref(pair->new_hive);
    random_tree_free(pair->old_tree);
    random_tree_free(pair->new_tree);
}

static void
for_all_pairs(Property holds)
{
    for (guint seed = 1; seed <= n_pairs(); seed++) {
        g_autoptr(GError) error = NULL;
        Pair pair;
        const char *trouble = start_pair(&pair, seed, &error) ? holds(&pair, &error) : "no delta";
        end_pair(&pair);
        if (trouble == NULL && error == NULL) {
            CU_PASS("holds");
            continue;
        }
        fprintf(stderr, "pair %u: %s: %s\n", seed, trouble != NULL ? trouble : "it failed",
                error != NULL ? error->message : "");
        CU_FAIL("a property does not hold");
        return;
    }
}

/* @base under @exact, sound. */
static HcHive *
overlaid(const HcHive *base, const HcDelta *exact, GError **error)
{
    const HcWriterOptions options = hc_overlay_writer_options(base);
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    if (!hc_overlay_write(base, exact, no_epoch, writer, error))
        return NULL;
    GBytes *bytes = hc_writer_finish(writer, error);
    return bytes != NULL ? random_open(bytes, error) : NULL;
}

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
    return exact != NULL ? overlaid(base, exact, error) : NULL;
}

/* Whether @exact, its replaced keys taken apart, is @expected. */
static gboolean
same_effect(const HcDelta *exact, const HcDelta *expected)
{
    g_autoptr(HcDelta) lowered = hc_delta_lower(exact);
    return hc_delta_equal(lowered, expected);
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
    if (!same_effect(exact, pair->delta))
        return "the layer does something else";
    g_autoptr(HcHive) effective = overlaid(pair->old_hive, exact, error);
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
    if (exact == NULL || same_effect(exact, removals->pair->delta))
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

/* --- the other encodings --- */

static const char *
reg_gives_new(Pair *pair, GError **error)
{
    const HcName root[] = {HC_NAME_ASCII("HKEY_LOCAL_MACHINE"), HC_NAME_ASCII("R")};
    const HcRegReadOptions options = {0};
    uint64_t n_inexpressible = 0;
    g_autoptr(GBytes) text = hc_reg_write_delta(
        pair->delta, random_chance(&pair->random, 50) ? HC_REG_UTF16 : HC_REG_UTF8,
        HC_NAME_ASCII("HKEY_LOCAL_MACHINE\\R"), &n_inexpressible, error);
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (text == NULL || !hc_reg_read(patch, "random.reg", text, &options, NULL, error))
        return "not written or read";
    HcDeltaPlace place = {root, 2, NULL};
    (void) hc_delta_route(patch, &place, 1, FALSE, NULL, error); /* no part on error */
    g_autoptr(HcDelta) below = place.part;
    g_autoptr(HcDelta) exact =
        below != NULL ? hc_delta_resolve(below, pair->old_hive, error) : NULL;
    g_autoptr(HcHive) effective = exact != NULL ? overlaid(pair->old_hive, exact, error) : NULL;
    if (effective == NULL)
        return "no effective hive";
    const guint ignore = HC_IGNORE_DEFAULT | HC_IGNORE_SECURITY | HC_IGNORE_CLASS | HC_IGNORE_FLAGS;
    HcIgnoredCounts ignored;
    g_autoptr(HcDelta) left = hc_diff(effective, pair->new_hive, ignore, &ignored, error);
    if (left == NULL || !hc_delta_is_empty(left))
        return "another effective hive";
    if (n_inexpressible == 0 && ignored.class_names + ignored.flags + ignored.security > 0)
        return "something is missing and not counted";
    return NULL;
}

/* How much of a difference is not counted as left out. */
static gboolean
is_left_out(const HcDelta *left, uint64_t n_inexpressible)
{
    const HcDeltaCounts counts = hc_delta_count(left);
    return counts.keys_created + counts.keys_deleted + counts.values_added + counts.values_changed +
               counts.values_deleted <=
           n_inexpressible;
}

/* The delta as lines of reg.exe; what those cannot say is counted, and no more is missing. */
static const char *
lines_give_new(Pair *pair, GError **error)
{
    const HcName root[] = {HC_NAME_ASCII("HKEY_LOCAL_MACHINE"), HC_NAME_ASCII("R")};
    const HcRegReadOptions options = {0};
    uint64_t n_inexpressible = 0;
    g_autoptr(HcStream) out = hc_stream_new_spool();
    g_autoptr(GBytes) text =
        hc_reg_script_write(out, pair->delta, HC_NAME_ASCII("HKLM\\R"), &n_inexpressible, error)
            ? hc_stream_take(out, error)
            : NULL;
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (text == NULL || !hc_reg_script_read(patch, "random.cmd", text, &options, NULL, error))
        return "not written or read";
    if (!hc_reg_script_is(g_bytes_get_data(text, NULL), g_bytes_get_size(text)))
        return "it is not known for what it is";
    HcDeltaPlace place = {root, 2, NULL};
    (void) hc_delta_route(patch, &place, 1, FALSE, NULL, error); /* no part on error */
    g_autoptr(HcDelta) below = place.part;
    g_autoptr(HcDelta) exact =
        below != NULL ? hc_delta_resolve(below, pair->old_hive, error) : NULL;
    g_autoptr(HcHive) effective = exact != NULL ? overlaid(pair->old_hive, exact, error) : NULL;
    if (effective == NULL)
        return "no effective hive";
    const guint ignore = HC_IGNORE_DEFAULT | HC_IGNORE_SECURITY | HC_IGNORE_CLASS | HC_IGNORE_FLAGS;
    HcIgnoredCounts ignored;
    g_autoptr(HcDelta) left = hc_diff(effective, pair->new_hive, ignore, &ignored, error);
    if (left == NULL || !is_left_out(left, n_inexpressible))
        return "something is missing and not counted";
    if (n_inexpressible == 0)
        seen.n_whole_scripts++;
    if (n_inexpressible == 0 && ignored.class_names + ignored.flags + ignored.security > 0)
        return "something is missing and not counted";
    return NULL;
}

static const char *
invert_gives_old(Pair *pair, GError **error)
{
    g_autoptr(HcDelta) inverse = hc_delta_invert(pair->delta);
    g_autoptr(HcDelta) exact = hc_delta_resolve(inverse, pair->new_hive, error);
    g_autoptr(HcHive) restored = exact != NULL ? overlaid(pair->new_hive, exact, error) : NULL;
    if (restored == NULL)
        return "no hive";
    if (!same_effect(exact, inverse))
        return "the inverse is not exact";
    return same_content(restored, pair->old_hive, error) ? NULL : "another hive";
}

static const char *
json_gives_delta(Pair *pair, GError **error)
{
    const HcReportOptions options = {.root = "", .ignore = HC_IGNORE_DEFAULT};
    g_autoptr(HcStream) text = hc_stream_new_spool();
    hc_report_json(text, pair->delta, &options);
    g_autoptr(GBytes) content = hc_stream_take(text, error);
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (!hc_json_read(patch, "random.json", content, NULL, error))
        return "not read";
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, pair->old_hive, error);
    if (exact == NULL)
        return "does not fit";
    return same_effect(exact, pair->delta) ? NULL : "another delta";
}

/* --- layers on layers, replaced keys --- */

static const char *
stack_gives_newest(Pair *pair, GError **error)
{
    g_autoptr(RandomTree) newest_tree = random_tree_changed(&pair->random, pair->new_tree);
    g_autoptr(HcHive) newest = plain_hive(newest_tree);
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
    g_autoptr(HcHive) wanted = exact != NULL ? overlaid(pair->old_hive, exact, error) : NULL;
    if (wanted == NULL)
        return "no hive with replaced keys";
    g_autoptr(HcHive) layer = layer_of(exact, pair->old_hive, error);
    g_autoptr(HcDelta) effect = layer != NULL ? effect_of(layer, pair->old_hive, error) : NULL;
    if (effect == NULL)
        return "no layer";
    if (!hc_delta_equal(effect, exact))
        return "replaced keys come back as something else";
    g_autoptr(HcHive) effective = overlaid(pair->old_hive, effect, error);
    if (effective == NULL)
        return "no effective hive";
    return same_content(effective, wanted, error) ? NULL : "another effective hive";
}

static void
test_merge(void)
{
    for_all_pairs(merge_gives_new);
}

static void
test_minimal(void)
{
    for_all_pairs(delta_is_minimal);
}

static void
test_bytes(void)
{
    for_all_pairs(bytes_follow_content);
}

static void
test_reg(void)
{
    for_all_pairs(reg_gives_new);
}

static void
test_lines(void)
{
    for_all_pairs(lines_give_new);
    CU_ASSERT_TRUE(seen.n_whole_scripts > 0);
}

static void
test_invert(void)
{
    for_all_pairs(invert_gives_old);
}

static void
test_json(void)
{
    for_all_pairs(json_gives_delta);
}

static void
test_stack(void)
{
    for_all_pairs(stack_gives_newest);
}

static void
test_replaced(void)
{
    for_all_pairs(replaced_keys);
}

/* Every kind of key and value must have been met, or the cases above have proven little. */
static void
test_seen(void)
{
    static const uint8_t kinds[] = {HC_LAYER_MERGE, HC_LAYER_TOMBSTONE, HC_LAYER_SUPERSEDE_LOCAL,
                                    HC_LAYER_SUPERSEDE_TREE, HC_LAYER_INHERIT_CLASS};
    printf("\n    %u pairs, %" G_GUINT64_FORMAT " differencing hives;", n_pairs(), seen.n_layers);
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
    {"the delta as .reg", test_reg},
    {"the delta as reg add lines", test_lines},
    {"the inverse undoes it", test_invert},
    {"the delta as JSON", test_json},
    {"a delta on top of a delta", test_stack},
    {"replaced keys", test_replaced},
    {"what was seen", test_seen},
    {NULL, NULL},
};
