#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

/* Deleted trees of one digest that are compared with a created one, which only a hostile hive has
 * many of. */
#define MAX_COMPARED 16u

struct HcMoves {
    GHashTable *others; /* Place * by HcDeltaKey *, both ways */
    guint n;
};

/* A key, or one in the tree that it had. */
typedef struct {
    HcDeltaKey *key;
    HcDeltaKey *below; /* (nullable) */
} Place;

static uint64_t
mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * 0x9e3779b97f4a7c15u;
    return a ^ a >> 29;
}

static uint64_t
digest_bytes(HcBlob blob)
{
    uint64_t digest = blob.n_bytes;
    uint32_t i = 0;
    for (; i + 8 <= blob.n_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, blob.bytes + i, 8);
        digest = mix(digest, word);
    }
    for (; i < blob.n_bytes; i++)
        digest = mix(digest, blob.bytes[i]);
    return digest;
}

typedef struct {
    uint64_t digest;
    HcDeltaKey *key;  /* that is created or deleted */
    HcDeltaKey *tree; /* what it holds, in CREATE nodes; below @key where that is deleted */
    gboolean is_taken;
} Tree;

/* Trees with values, those below before those above. @wanted: sorted by digest: no
 * others are listed. */
typedef struct {
    GArray *trees; /* (element-type Tree) */
    const GArray *wanted;
    HcDeltaKey *deleted; /* (nullable): the key that had these */
} Listing;

/* Returns: the first of @trees with @digest or more */
static guint
first_of(const GArray *trees, uint64_t digest)
{
    guint low = 0;
    guint high = trees->len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (g_array_index(trees, Tree, middle).digest < digest)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static gboolean
is_wanted(const Listing *listing, uint64_t digest)
{
    const guint i = first_of(listing->wanted, digest);
    return i < listing->wanted->len && g_array_index(listing->wanted, Tree, i).digest == digest;
}

/* Of a created tree, whatever the order of its values. @n_values: (inout): counted */
static uint64_t
digest_tree(HcDeltaKey *tree, const Listing *listing, uint64_t *n_values)
{
    uint64_t digest = digest_bytes(tree->after.class_name);
    uint64_t n_own = hc_delta_n_values(tree);
    for (guint i = 0; i < hc_delta_n_values(tree); i++) {
        const HcDeltaValue *value = hc_delta_value(tree, i);
        digest +=
            mix(mix(hc_name_hash(value->name), value->after.type), digest_bytes(value->after.data));
    }
    for (guint i = 0; i < hc_delta_n_children(tree); i++) {
        HcDeltaKey *child = hc_delta_child(tree, i);
        digest += mix(hc_name_hash(child->name) + 1, digest_tree(child, listing, &n_own));
    }
    *n_values += n_own;
    if (listing != NULL && n_own > 0 && is_wanted(listing, digest)) {
        const Tree one = {digest, listing->deleted != NULL ? listing->deleted : tree, tree, FALSE};
        g_array_append_val(listing->trees, one);
    }
    return digest;
}

/* Two created trees, but for their own names. */
static gboolean
is_same_tree(const HcDeltaKey *a, const HcDeltaKey *b)
{
    if (hc_delta_n_values(a) != hc_delta_n_values(b) ||
        hc_delta_n_children(a) != hc_delta_n_children(b) ||
        !hc_bytes_equal(a->after.class_name, b->after.class_name) ||
        ((a->after.flags ^ b->after.flags) & HC_KEY_FLAGS_COMPARED) != 0)
        return FALSE;
    for (guint i = 0; i < hc_delta_n_values(a); i++) {
        const HcDeltaValue *value = hc_delta_value(a, i);
        const HcDeltaValue *other = hc_delta_find_value(b, value->name);
        if (other == NULL || !hc_datum_equal(&value->after, &other->after))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(a); i++) {
        const HcDeltaKey *child = hc_delta_child(a, i);
        const HcDeltaKey *other = hc_delta_child(b, i);
        if (!hc_name_equal(child->name, other->name) || !is_same_tree(child, other))
            return FALSE;
    }
    return TRUE;
}

/* The topmost trees that are deleted (created). */
static void
list_tops(HcDeltaKey *key, HcKeyOp op, GArray *tops)
{
    HcDeltaKey *tree = op == HC_KEY_DELETE ? key->old_tree : key;
    if (key->op == op && tree != NULL) {
        uint64_t n_values = 0;
        const Tree one = {digest_tree(tree, NULL, &n_values), key, tree, FALSE};
        if (n_values > 0)
            g_array_append_val(tops, one);
        return;
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        list_tops(hc_delta_child(key, i), op, tops);
}

/* All trees that are created (deleted) and have a digest that is wanted. */
static void
list_all(HcDeltaKey *key, HcKeyOp op, Listing *listing)
{
    uint64_t n_values = 0;
    HcDeltaKey *tree = op == HC_KEY_DELETE ? key->old_tree : key;
    if (key->op == op && tree != NULL) {
        listing->deleted = op == HC_KEY_DELETE ? key : NULL;
        (void) digest_tree(tree, listing, &n_values);
        return;
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        list_all(hc_delta_child(key, i), op, listing);
}

static int
compare_trees(gconstpointer a, gconstpointer b)
{
    const uint64_t x = ((const Tree *) a)->digest;
    const uint64_t y = ((const Tree *) b)->digest;
    return x < y ? -1 : x > y ? 1 : 0;
}

static void
note(HcMoves *moves, const Tree *tree, const Tree *other)
{
    Place *place = g_new(Place, 1);
    *place = (Place){other->key, other->tree != other->key ? other->tree : NULL};
    g_hash_table_insert(moves->others, tree->tree, place);
    /* Of a deleted key it is the key that is looked up. */
    if (tree->key->op == HC_KEY_DELETE && tree->key->old_tree == tree->tree) {
        Place *copy = g_new(Place, 1);
        *copy = *place;
        g_hash_table_insert(moves->others, tree->key, copy);
    }
}

/* The first of @tops that are left, in the order of the tree: sorting keeps it. */
static void
match(HcMoves *moves, GArray *tops, const Tree *tree)
{
    guint n_compared = 0;
    for (guint i = first_of(tops, tree->digest); i < tops->len && n_compared < MAX_COMPARED; i++) {
        Tree *one = &g_array_index(tops, Tree, i);
        if (one->digest != tree->digest)
            return;
        if (one->is_taken || g_hash_table_contains(moves->others, one->tree))
            continue;
        n_compared++;
        if (!is_same_tree(one->tree, tree->tree))
            continue;
        one->is_taken = TRUE;
        note(moves, one, tree);
        note(moves, tree, one);
        moves->n++;
        return;
    }
}

/* What lies in a tree that has moved has moved with it. */
static gboolean
has_moved(const HcMoves *moves, const HcDeltaKey *tree)
{
    for (const HcDeltaKey *at = tree; at != NULL; at = at->parent) {
        if (g_hash_table_contains(moves->others, at))
            return TRUE;
    }
    return FALSE;
}

/* Topmost trees with @op, found in what happened the other way round. */
static void
find(HcMoves *moves, HcDeltaKey *root, HcKeyOp op)
{
    g_autoptr(GArray) tops = g_array_new(FALSE, FALSE, sizeof(Tree));
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Tree));
    list_tops(root, op, tops);
    if (tops->len == 0)
        return;
    g_array_sort(tops, compare_trees);
    list_all(root, op == HC_KEY_DELETE ? HC_KEY_CREATE : HC_KEY_DELETE,
             &(Listing){all, tops, NULL});
    /* Those above come last, and go first. */
    for (guint i = all->len; i-- > 0;) {
        const Tree *one = &g_array_index(all, Tree, i);
        if (!has_moved(moves, one->tree))
            match(moves, tops, one);
    }
}

HcMoves *
hc_moves_find(const HcDelta *exact)
{
    HcMoves *moves = g_new0(HcMoves, 1);
    moves->others = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    find(moves, hc_delta_root(exact), HC_KEY_DELETE);
    find(moves, hc_delta_root(exact), HC_KEY_CREATE);
    return moves;
}

void
hc_moves_free(HcMoves *moves)
{
    if (moves == NULL)
        return;
    g_hash_table_unref(moves->others);
    g_free(moves);
}

guint
hc_moves_count(const HcMoves *moves)
{
    return moves->n;
}

gboolean
hc_moves_has(const HcMoves *moves, const HcDeltaKey *key)
{
    return moves != NULL && g_hash_table_contains(moves->others, key);
}

void
hc_moves_append_other(GString *out, const HcMoves *moves, const HcDeltaKey *key, const char *root)
{
    const Place *place = g_hash_table_lookup(moves->others, key);
    const gsize start = out->len;
    hc_delta_append_path(out, place->key, root);
    if (place->below == NULL || place->below->parent == NULL)
        return;
    g_string_append(out, out->len > start ? "\\" : "");
    hc_delta_append_path(out, place->below, NULL);
}
