#pragma once

#include "hivecore/delta/delta.h"
#include "tests/unit/random-tree.h"

/*
 * What must hold for every pair of hives, tried on thousands of random ones.
 * HIVETOOL_PROPERTY_PAIRS is how many; a failure names the pair's number, its seed.
 */

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

guint pair_n_pairs(void);

/** pair_for_all: a failed assertion where @holds has something to say. */
void pair_for_all(Property holds);

/** pair_overlaid: @base under @exact, sound. */
HcHive *pair_overlaid(const HcHive *base, const HcDelta *exact, GError **error);

/** pair_same_effect: whether @exact, its replaced keys taken apart, is @expected. */
gboolean pair_same_effect(const HcDelta *exact, const HcDelta *expected);

/** pair_plain_hive: of version 1.5, its descriptors in order. */
HcHive *pair_plain_hive(const RandomTree *tree);
