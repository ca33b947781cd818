#include "config.h"

#include "tests/unit/random-pair.h"

#include <stdio.h>
#include <stdlib.h>

#include "hivecore/delta/diff.h"
#include "hivecore/delta/rebuild.h"
#include "tests/unit/cu.h"

/* Sanitizers, which take five times as long, see fewer pairs, and others. */
#ifdef __SANITIZE_ADDRESS__
enum {
    FIRST_SEED = 1501,
    DEFAULT_PAIRS = 500,
};
#else
enum {
    FIRST_SEED = 1,
    DEFAULT_PAIRS = 1500,
};
#endif

enum {
    MAX_KEYS = 10
};

static const HcEpoch no_epoch = {FALSE, 0};

guint
pair_n_pairs(void)
{
    const char *wanted = g_getenv("HIVETOOL_PROPERTY_PAIRS");
    return wanted != NULL ? (guint) strtoul(wanted, NULL, 10) : DEFAULT_PAIRS;
}

HcHive *
pair_plain_hive(const RandomTree *tree)
{
    return random_tree_hive(tree, (RandomLayout){.minor = 5});
}

static gboolean
start_pair(Pair *pair, guint seed, GError **error)
{
    *pair = (Pair){.random = random_start(seed)};
    pair->old_tree = random_tree_new(&pair->random, 1 + seed % MAX_KEYS);
    pair->new_tree = random_tree_changed(&pair->random, pair->old_tree);
    pair->old_hive = pair_plain_hive(pair->old_tree);
    pair->new_hive = pair_plain_hive(pair->new_tree);
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

void
pair_for_all(Property holds)
{
    for (guint seed = FIRST_SEED; seed < FIRST_SEED + pair_n_pairs(); seed++) {
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

HcHive *
pair_overlaid(const HcHive *base, const HcDelta *exact, GError **error)
{
    const HcWriterOptions options = hc_overlay_writer_options(base);
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    if (!hc_overlay_write(base, exact, no_epoch, writer, error))
        return NULL;
    GBytes *bytes = hc_writer_finish(writer, error);
    return bytes != NULL ? random_open(bytes, error) : NULL;
}

gboolean
pair_same_effect(const HcDelta *exact, const HcDelta *expected)
{
    g_autoptr(HcDelta) lowered = hc_delta_lower(exact);
    return hc_delta_equal(lowered, expected);
}
