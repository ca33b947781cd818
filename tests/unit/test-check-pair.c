#include "config.h"

#include "hivecore/delta/diff.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/writer.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-tree.h"

/* A check of two hives says of each what hc_hive_check() says, and a diff that is told what is the
 * same is the diff that looks at everything. */

typedef struct {
    guint n_sound; /* pairs of which both are */
    guint n_damaged;
    guint n_same; /* pairs where something is known to be the same */
} Seen;

static HcHive *
open_copy(const uint8_t *bytes, gsize n_bytes)
{
    g_autoptr(HcMap) map = hc_map_from_bytes("right", g_bytes_new(bytes, n_bytes));
    return hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY, NULL);
}

static gboolean
same_message(const GError *a, const GError *b)
{
    return a == NULL || b == NULL ? a == b : g_str_equal(a->message, b->message);
}

static void
compare_diffs(const HcHive *left, const HcHive *right, const HcSameKeys *same)
{
    HcIgnoredCounts counts[2] = {{0}, {0}};
    g_autoptr(HcDelta) whole = hc_diff(left, right, 0, &counts[0], NULL);
    g_autoptr(HcDelta) short_way = hc_diff_known(left, right, same, 0, &counts[1], NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(whole);
    CU_ASSERT_PTR_NOT_NULL_FATAL(short_way);
    CU_ASSERT_TRUE(hc_delta_equal(whole, short_way));
    CU_ASSERT_EQUAL(memcmp(&counts[0], &counts[1], sizeof(counts[0])), 0);
}

/* Some keys, or all, each with those above it: @one_in is how many there are for each that is left
 * out with all below it; 0: none is. */
static void
add_places(const HcHive *hive, const HcKey *key, uint32_t depth, guint one_in, GArray *places)
{
    const HcKeyPlace place = {key->offset, depth};
    HcSubkeyIter iter;
    HcKey subkey;
    g_array_append_val(places, place);
    CU_ASSERT_TRUE_FATAL(hc_subkey_iter_init(&iter, hive, key, NULL));
    while (hc_subkey_iter_next(&iter, &subkey, NULL)) {
        if (one_in == 0 || subkey.offset / 8 % one_in != 0)
            add_places(hive, &subkey, depth + 1, one_in, places);
    }
}

/* Whoever says which keys may differ may be wrong. */
static void
check_kept(const HcHive *left, const HcHive *right, const GError *right_defect)
{
    for (guint one_in = 0; one_in < 4; one_in++) {
        g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(HcKeyPlace));
        g_autoptr(HcKeptCheck) kept = hc_hive_check_keep(left, NULL);
        g_auto(HcPairCheck) both = {NULL, NULL, NULL};
        HcKey root;
        CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
        CU_ASSERT_TRUE_FATAL(hc_hive_root(left, &root, NULL));
        add_places(left, &root, 0, one_in, places);
        if (!hc_hive_check_kept(kept, right, places, &both.same))
            continue;
        CU_ASSERT_PTR_NULL(right_defect);
        compare_diffs(left, right, both.same);
    }
}

static void
check_pair(const HcHive *left, const HcHive *right, Seen *seen)
{
    g_auto(HcPairCheck) both = {NULL, NULL, NULL};
    g_autoptr(GError) left_defect = NULL;
    g_autoptr(GError) right_defect = NULL;
    hc_hive_check(left, NULL, &left_defect);
    hc_hive_check(right, NULL, &right_defect);
    hc_hive_check_pair(left, right, FALSE, &both);
    CU_ASSERT_TRUE(same_message(both.left, left_defect));
    CU_ASSERT_TRUE(same_message(both.right, right_defect));
    seen->n_same += both.same != NULL;
    if (left_defect == NULL)
        check_kept(left, right, right_defect);
    if (left_defect != NULL || right_defect != NULL) {
        seen->n_damaged++;
        return;
    }
    seen->n_sound++;
    compare_diffs(left, right, both.same);
}

/* Where a number stands that may be the offset of a cell. */
static uint32_t
find_offset(Random *random, const uint8_t *bins, uint32_t n_bytes)
{
    uint32_t at = 0;
    for (guint i = 0; i < 100; i++) {
        at = random_below(random, n_bytes / 4) * 4;
        const uint32_t offset = hc_get32(bins + at);
        if (offset >= HC_HBIN_HEADER_BYTES && offset < n_bytes && offset % HC_CELL_ALIGN == 0)
            break;
    }
    return at;
}

/* Changes what an editor, or somebody who wants to be believed, would: a byte, a number that is an
 * offset into another one of the hive, a piece of the hive into another. */
static void
change(Random *random, uint8_t *bins, uint32_t n_bytes)
{
    const uint32_t at = random_below(random, n_bytes / 4) * 4;
    const uint32_t from = random_below(random, n_bytes / 4) * 4;
    const uint32_t n = 8 * random_below(random, 20);
    switch (random_below(random, 8)) {
    case 0:
        bins[at + random_below(random, 4)] ^= (uint8_t) (1u << random_below(random, 8));
        break;
    case 1:
        memmove(bins + at, bins + from, 4);
        break;
    case 2:
        hc_put32(bins + at, hc_get32(bins + at) + 8 - 16 * random_below(random, 2));
        break;
    case 3:
        memmove(bins + at, bins + from, MIN(n_bytes - MAX(at, from), n));
        break;
    default:
        memmove(bins + find_offset(random, bins, n_bytes),
                bins + find_offset(random, bins, n_bytes), 4);
        break;
    }
}

static void
test_changed_bytes(void)
{
    Seen seen = {0};
    for (guint seed = 0; seed < 60; seed++) {
        Random random = random_start(seed);
        RandomTree *tree = random_tree_new(&random, 30);
        g_autoptr(HcHive) left = random_tree_hive(tree, (RandomLayout){.minor = 5});
        const uint8_t *bytes = hc_map_data(hc_hive_map(left));
        const gsize n_bytes = (gsize) hc_map_size(hc_hive_map(left));
        for (guint round = 0; round < 150; round++) {
            g_autofree uint8_t *copy = g_memdup2(bytes, n_bytes);
            const guint n = 1 + random_below(&random, 3);
            for (guint i = 0; i < n; i++)
                change(&random, copy + HC_BASE_BLOCK_BYTES, hc_hive_info(left)->bins_bytes);
            g_autoptr(HcHive) right = open_copy(copy, n_bytes);
            if (right == NULL)
                continue;
            check_pair(left, right, &seen);
            check_pair(right, left, &seen);
        }
        random_tree_free(tree);
    }
    CU_ASSERT_TRUE(seen.n_sound > 500);
    CU_ASSERT_TRUE(seen.n_damaged > 500);
    CU_ASSERT_TRUE(seen.n_same > 1000);
}

/* Another tree in the same layout: cells are in the same places until they are not. */
static void
test_changed_trees(void)
{
    Seen seen = {0};
    for (guint seed = 0; seed < 150; seed++) {
        Random random = random_start(seed);
        RandomTree *tree = random_tree_new(&random, 200);
        RandomTree *changed = random_tree_changed(&random, tree);
        g_autoptr(HcHive) left = random_tree_hive(tree, (RandomLayout){.minor = 5});
        g_autoptr(HcHive) right = random_tree_hive(changed, (RandomLayout){.minor = 5});
        g_autoptr(HcHive) swapped =
            random_tree_hive(tree, (RandomLayout){.minor = 5, .swap_security = TRUE});
        check_pair(left, right, &seen);
        check_pair(left, swapped, &seen);
        check_pair(left, left, &seen);
        random_tree_free(tree);
        random_tree_free(changed);
    }
    CU_ASSERT_EQUAL(seen.n_sound, 450);
}

/* Root key, "a" with a value and a subkey, "b". */
static HcHive *
make_small(void)
{
    static const uint8_t zeros[256];
    const HcWriterOptions options = {.minor = 5};
    const HcKeySpec specs[] = {
        {.name = HC_NAME_ASCII("root"), .security = hc_default_root_security()},
        {.name = HC_NAME_ASCII("a")},
        {.name = HC_NAME_ASCII("below")},
        {.name = HC_NAME_ASCII("b")},
    };
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    CU_ASSERT_TRUE_FATAL(hc_writer_open_key(writer, &specs[0], NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_open_key(writer, &specs[1], NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_value(writer, HC_NAME_ASCII("v"), HC_REG_BINARY,
                                         (HcBlob){zeros, sizeof(zeros)}, NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_open_key(writer, &specs[2], NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_close_key(writer, NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_close_key(writer, NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_open_key(writer, &specs[3], NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_close_key(writer, NULL));
    CU_ASSERT_TRUE_FATAL(hc_writer_close_key(writer, NULL));
    g_autoptr(HcMap) map = hc_map_from_bytes("left", hc_writer_finish(writer, NULL));
    return hc_hive_open_map(map, 0, NULL);
}

/* A key is no longer listed, and its descriptor no longer counts it; but it does count the key
 * below it, which is as it was, and so is the list that leads there. */
static void
test_list_out_of_reach(void)
{
    Seen seen = {0};
    HcKey root;
    HcKey lost;
    g_autoptr(HcHive) left = make_small();
    CU_ASSERT_PTR_NOT_NULL_FATAL(left);
    const gsize n_bytes = (gsize) hc_map_size(hc_hive_map(left));
    g_autofree uint8_t *copy = g_memdup2(hc_map_data(hc_hive_map(left)), n_bytes);
    uint8_t *bins = copy + HC_BASE_BLOCK_BYTES;
    CU_ASSERT_TRUE_FATAL(hc_hive_root(left, &root, NULL));
    CU_ASSERT_TRUE_FATAL(hc_hive_subkey(left, &root, HC_NAME_ASCII("a"), &lost, NULL));
    uint8_t *list = bins + hc_get32(root.nk + HC_NK_SUBKEYS) + 4;
    memmove(list + HC_LIST_ENTRIES, list + HC_LIST_ENTRIES + 8, 8);
    hc_put16(list + HC_LIST_COUNT, 1);
    hc_put32(bins + root.offset + 4 + HC_NK_N_SUBKEYS, 1);
    hc_put64(bins + lost.offset + 4 + HC_NK_MTIME, 1);
    uint8_t *count = bins + root.security + 4 + HC_SK_REFERENCES;
    hc_put32(count, hc_get32(count) - 1);
    g_autoptr(HcHive) right = open_copy(copy, n_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(right);
    check_pair(left, right, &seen);
    CU_ASSERT_EQUAL(seen.n_damaged, 1);
    CU_ASSERT_EQUAL(seen.n_same, 1);
}

const char cu_suite[] = "check-pair";
const CuCase cu_cases[] = {
    {"hives with changed bytes", test_changed_bytes},
    {"hives with changed trees", test_changed_trees},
    {"a list that nothing leads to any more", test_list_out_of_reach},
    {NULL, NULL},
};
