#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "hivecore/regf/check.h"
#include "hivecore/regf/security.h"

/*
 * new-keys HIVE...
 *
 * Predicts the descriptor of each key that a differencing hive says is new (layer bits 0x00), from
 * the descriptor of the key above it, with owner and group as found in the key itself, and prints
 * for keys below a key of the base, and for keys below another new key: how many there are, how
 * many are a copy of the descriptor above, how many are as predicted; and those that are not.
 */

typedef struct {
    guint n;
    guint n_copies;
    guint n_predicted;
} Tally;

typedef struct {
    const HcHive *hive;
    HcArena *arena;
    Tally below_base;
    Tally below_new;
    GString *path;
} Walk;

static void
die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(2);
}

static void
judge(Walk *walk, const HcKey *parent, const HcKey *key)
{
    HcBlob above;
    HcBlob own;
    HcSecurity parts;
    const char *fault = NULL;
    if (!hc_hive_security(walk->hive, parent, &above, NULL) ||
        !hc_hive_security(walk->hive, key, &own, NULL) || hc_security_parse(own, &parts) != NULL)
        die("a descriptor cannot be read");
    const HcCreator creator = {parts.owner, parts.group};
    const HcBlob predicted = hc_security_inherit(walk->arena, above, &creator, &fault);
    Tally *tally = parent->layer_bits == 0 ? &walk->below_new : &walk->below_base;
    tally->n++;
    tally->n_copies += hc_blob_equal(above, own) ? 1 : 0;
    if (fault == NULL && hc_blob_equal(predicted, own))
        tally->n_predicted++;
    else
        printf("  not predicted: %s\n", walk->path->str);
}

static void
visit(Walk *walk, const HcKey *key)
{
    HcSubkeyIter iter;
    HcKey subkey;
    if (!hc_subkey_iter_init(&iter, walk->hive, key, NULL))
        die("a subkey list cannot be read");
    while (hc_subkey_iter_next(&iter, &subkey, NULL)) {
        const gsize length = walk->path->len;
        g_string_append_c(walk->path, '\\');
        hc_name_append_utf8(walk->path, subkey.name);
        if (subkey.layer_bits == 0)
            judge(walk, key, &subkey);
        visit(walk, &subkey);
        g_string_truncate(walk->path, length);
    }
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HcHive) hive = hc_hive_open(argv[i], 0, &error);
        HcKey root;
        /* The check bounds the walk: it refuses loops and sharing. */
        if (hive == NULL || !hc_hive_check(hive, NULL, &error) ||
            !hc_hive_root(hive, &root, &error))
            die(error->message);
        g_autoptr(HcArena) arena = hc_arena_new();
        g_autoptr(GString) path = g_string_new(NULL);
        Walk walk = {.hive = hive, .arena = arena, .path = path};
        visit(&walk, &root);
        printf("below a key of the base: %u, copies %u, predicted %u\n", walk.below_base.n,
               walk.below_base.n_copies, walk.below_base.n_predicted);
        printf("below a new key: %u, copies %u, predicted %u\n", walk.below_new.n,
               walk.below_new.n_copies, walk.below_new.n_predicted);
    }
    return 0;
}
