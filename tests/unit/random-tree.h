#pragma once

#include "hivecore/base/arena.h"
#include "hivecore/regf/hive.h"

/*
 * Small random trees of keys and values, and hives of them, for tests of properties. Everything
 * follows from the seed: the generator is our own, so it is the same everywhere.
 */

typedef struct {
    uint64_t state;
} Random;

Random random_start(uint64_t seed);

/** random_below: Returns: a number below @n, @n > 0. */
uint32_t random_below(Random *random, uint32_t n);

/** random_chance: TRUE in @percent of 100 calls. */
gboolean random_chance(Random *random, uint32_t percent);

typedef struct {
    HcName name;
    uint32_t type;
    HcBlob data;
} RandomValue;

typedef struct {
    HcName name;      /* empty at the root */
    guint class_name; /* 0: none */
    guint security;   /* 0: the parent's, at the root the default one */
    uint16_t flags;
    GArray *values;      /* of RandomValue */
    GPtrArray *children; /* of RandomKey * */
} RandomKey;

/** RandomTree: a tree and all that it points to. */
typedef struct {
    HcArena *arena;
    GPtrArray *containers;
    RandomKey *root;
} RandomTree;

/** random_tree_new: at most @n_keys keys below the root. */
RandomTree *random_tree_new(Random *random, guint n_keys);

/**
 * random_tree_changed:
 * A copy of @tree with some keys deleted, made anew under their name or renamed, added, and some
 * values, classes, descriptors, symlink flags and spellings changed. Nothing of the root but its
 * values and subkeys.
 */
RandomTree *random_tree_changed(Random *random, const RandomTree *tree);

void random_tree_free(RandomTree *tree);

/** RandomLayout: where in the file the same content lies. */
typedef struct {
    guint minor;
    gboolean swap_security; /* exchange the places of two descriptors, where two are as long */
} RandomLayout;

/** random_tree_hive: Returns: (transfer full): the hive, found sound. Ends the test if it is not.
 */
HcHive *random_tree_hive(const RandomTree *tree, RandomLayout layout);

/** random_open: opens and checks @bytes (taken). Returns: (transfer full): the hive, or NULL. */
HcHive *random_open(GBytes *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RandomTree, random_tree_free)
