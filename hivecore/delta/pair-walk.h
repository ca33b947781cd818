#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/regf/check.h"

G_BEGIN_DECLS

/**
 * HcPairWalk: two trees in key order, side by side: hive and hive, hive and delta, delta and delta,
 * or one alone. It owns what every walk needs: the lists of subkeys of the keys on the way, whose
 * memory all keys of a depth share, and the budgets of the hives. Whoever walks recurses:
 *
 *     visit(walk, pair, depth):
 *         hc_pair_walk_enter(walk, pair, depth, error)
 *         … what the pair itself is about …
 *         hc_pair_walk_list(walk, pair, depth, &iter, error)
 *         while (hc_pair_iter_next(&iter, &below))
 *             visit(walk, &below, depth + 1)
 */
typedef struct {
    HcWalk budget[2];       /* .hive NULL: no hive on this side */
    const HcSameKeys *same; /* (nullable): of these two hives */
    GPtrArray *levels;      /* private */
} HcPairWalk;

/** HcPairSide: what one tree has of a name; both NULL: nothing. */
typedef struct {
    const HcKey *key;       /* where the tree is a hive; borrowed from the walk */
    const HcDeltaKey *node; /* where it is a delta */
} HcPairSide;

/** HcPair: one name in both trees: on the left, on the right, or on both. */
typedef struct {
    HcPairSide left;
    HcPairSide right;
} HcPair;

/** HcPairIter: position among the names below a pair. Members are private. */
typedef struct {
    struct {
        const HcHive *hive;
        uint32_t parent; /* its cell in .hive */
        HcKeyList *keys;
        const HcDeltaKey *node;
        guint n;
        guint at;
    } side[2];
} HcPairIter;

/** hc_pair_walk_init: @left, @right: (nullable): the hives; a side without one is a delta's. */
void hc_pair_walk_init(HcPairWalk *walk, const HcHive *left, const HcHive *right);
void hc_pair_walk_clear(HcPairWalk *walk);

/** hc_pair_walk_enter: hc_walk_enter() for the keys of hives in @pair. */
gboolean hc_pair_walk_enter(HcPairWalk *walk, const HcPair *pair, uint32_t depth, GError **error);

/**
 * hc_pair_walk_list:
 * Starts @iter over the names below @pair, in key order; keys that are known to be equal may be
 * left out. What it gives is borrowed from @walk until the next, or until the names below another
 * pair of the same depth are listed.
 *
 * @depth: of @pair, root 0
 *
 * Returns: FALSE with HC_ERROR_MALFORMED (hc_key_list_fill())
 */
gboolean hc_pair_walk_list(HcPairWalk *walk, const HcPair *pair, uint32_t depth, HcPairIter *iter,
                           GError **error);

/** hc_pair_iter_next: Returns: FALSE when all were given, or with @error set (hc_key_list_at()). */
gboolean hc_pair_iter_next(HcPairIter *iter, HcPair *pair, GError **error);

/** Returns: how many names are left on the left side. */
guint hc_pair_iter_n_left(const HcPairIter *iter);

/** hc_pair_is_same: whether two keys of hives, and all below them, are known to be equal. */
static inline gboolean
hc_pair_is_same(const HcPairWalk *walk, const HcPair *pair)
{
    return walk->same != NULL && hc_same_keys_has(walk->same, pair->left.key, pair->right.key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcPairWalk, hc_pair_walk_clear)

G_END_DECLS
