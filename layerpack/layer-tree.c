#include "config.h"

#include "layerpack/rules.h"

#include <string.h>

#include "hivecore/base/arena.h"

enum {
    MAX_KEPT = 1000000, /* names of the layers below; real images have some 200,000 */
};

typedef struct {
    GHashTable *nodes;   /* of LpNode */
    GHashTable *deleted; /* of HcNameKey */
    gboolean is_known;
} Layer;

struct LpTree {
    HcArena *arena;
    GPtrArray *layers; /* of Layer *, lowest first */
    guint n_kept;      /* nodes and whiteouts */
};

static void
layer_free(gpointer data)
{
    Layer *layer = data;
    g_hash_table_unref(layer->nodes);
    g_hash_table_unref(layer->deleted);
    g_free(layer);
}

LpTree *
lp_tree_new(void)
{
    LpTree *tree = g_new0(LpTree, 1);
    tree->arena = hc_arena_new();
    tree->layers = g_ptr_array_new_with_free_func(layer_free);
    return tree;
}

void
lp_tree_free(LpTree *tree)
{
    if (tree == NULL)
        return;
    g_ptr_array_unref(tree->layers);
    hc_arena_free(tree->arena);
    g_free(tree);
}

static Layer *
top_of(const LpTree *tree)
{
    return tree->layers->pdata[tree->layers->len - 1];
}

static void
empty(Layer *layer)
{
    g_hash_table_remove_all(layer->nodes);
    g_hash_table_remove_all(layer->deleted);
    layer->is_known = FALSE;
}

/* So that memory is bounded: the layers below are then as good as not there. */
static void
make_room(LpTree *tree)
{
    if (tree->n_kept < MAX_KEPT)
        return;
    for (guint i = 0; i < tree->layers->len; i++)
        empty(tree->layers->pdata[i]);
    hc_arena_free(tree->arena);
    tree->arena = hc_arena_new();
    tree->n_kept = 0;
}

void
lp_tree_begin_layer(LpTree *tree)
{
    make_room(tree);
    Layer *layer = g_new0(Layer, 1);
    layer->nodes = g_hash_table_new(hc_entry_name_key_hash, hc_entry_name_key_equal);
    layer->deleted = g_hash_table_new(hc_entry_name_key_hash, hc_entry_name_key_equal);
    layer->is_known = TRUE;
    g_ptr_array_add(tree->layers, layer);
}

void
lp_tree_repeat(LpTree *tree, guint number)
{
    const Layer *same = tree->layers->pdata[number - 1];
    Layer *layer = g_new0(Layer, 1);
    layer->nodes = g_hash_table_ref(same->nodes);
    layer->deleted = g_hash_table_ref(same->deleted);
    layer->is_known = same->is_known;
    g_ptr_array_add(tree->layers, layer);
}

void
lp_tree_forget(LpTree *tree)
{
    for (guint i = 0; i < tree->layers->len; i++)
        ((Layer *) tree->layers->pdata[i])->is_known = FALSE;
}

gboolean
lp_tree_is_whole(const LpTree *tree)
{
    for (guint i = 0; i + 1 < tree->layers->len; i++) {
        if (!((const Layer *) tree->layers->pdata[i])->is_known)
            return FALSE;
    }
    /* Of a layer alone nobody knows what is below. */
    return tree->layers->len > 1;
}

void
lp_tree_add(LpTree *tree, const GString *clean, LpNodeKind kind)
{
    Layer *top = top_of(tree);
    LpNode *node = hc_arena_alloc(tree->arena, sizeof(*node));
    *node = (LpNode){hc_entry_name_key(clean->str, clean->len), g_str_hash(clean->str), kind};
    if (g_hash_table_contains(top->nodes, &node->key))
        return;
    g_hash_table_add(top->nodes, node);
    tree->n_kept++;
}

void
lp_tree_add_whiteout(LpTree *tree, const GString *clean)
{
    HcNameKey *key = hc_arena_alloc(tree->arena, sizeof(*key));
    *key = hc_entry_name_key(clean->str, clean->len);
    g_hash_table_add(top_of(tree)->deleted, key);
    tree->n_kept++;
}

const LpNode *
lp_tree_own(const LpTree *tree, const char *clean, gsize n_bytes)
{
    const HcNameKey key = hc_entry_name_key(clean, n_bytes);
    return g_hash_table_lookup(top_of(tree)->nodes, &key);
}

gboolean
lp_tree_is_deleted(const LpTree *tree, const GString *clean)
{
    const Layer *top = top_of(tree);
    if (g_hash_table_size(top->deleted) == 0)
        return FALSE;
    const HcNameKey key = hc_entry_name_key(clean->str, clean->len);
    return g_hash_table_contains(top->deleted, &key);
}

gboolean
lp_tree_is_spelled(const LpNode *node, const GString *clean)
{
    return node->spelling == g_str_hash(clean->str);
}

const LpNode *
lp_tree_any_below(const LpTree *tree, const char *clean, gsize n_bytes)
{
    const HcNameKey key = hc_entry_name_key(clean, n_bytes);
    for (guint i = tree->layers->len - 1; i > 0; i--) {
        const Layer *layer = tree->layers->pdata[i - 1];
        const LpNode *node = g_hash_table_lookup(layer->nodes, &key);
        if (node != NULL)
            return node;
    }
    return NULL;
}

/* The keys of @clean and of the folders that it is in, from the outermost. */
static GArray *
keys_of(const char *clean, gsize n_bytes)
{
    GArray *keys = g_array_new(FALSE, FALSE, sizeof(HcNameKey));
    for (gsize i = 1; i <= n_bytes; i++) {
        if (i < n_bytes && clean[i] != '/')
            continue;
        const HcNameKey key = hc_entry_name_key(clean, i);
        g_array_append_val(keys, key);
    }
    return keys;
}

/* Whether @layer takes what the last of @keys is away from the layers below it. */
static gboolean
hides(const Layer *layer, const GArray *keys)
{
    for (guint i = 0; i < keys->len; i++) {
        const HcNameKey *key = &g_array_index(keys, HcNameKey, i);
        const LpNode *node = g_hash_table_lookup(layer->nodes, key);
        if (g_hash_table_contains(layer->deleted, key) ||
            (node != NULL && i + 1 < keys->len && node->kind != LP_NODE_FOLDER))
            return TRUE;
    }
    return FALSE;
}

const LpNode *
lp_tree_below(const LpTree *tree, const char *clean, gsize n_bytes, guint *layer)
{
    /* Most names are not there below, which costs one digest. */
    if (lp_tree_any_below(tree, clean, n_bytes) == NULL)
        return NULL;
    g_autoptr(GArray) keys = keys_of(clean, n_bytes);
    const HcNameKey *key = &g_array_index(keys, HcNameKey, keys->len - 1);
    for (guint i = tree->layers->len - 1; i > 0; i--) {
        const Layer *below = tree->layers->pdata[i - 1];
        const LpNode *node = g_hash_table_lookup(below->nodes, key);
        if (hides(below, keys))
            return NULL;
        *layer = i;
        if (node != NULL)
            return node;
    }
    return NULL;
}

gboolean
lp_tree_right_below_has(const LpTree *tree, const char *clean)
{
    if (tree->layers->len < 2)
        return TRUE;
    const Layer *below = tree->layers->pdata[tree->layers->len - 2];
    const HcNameKey key = hc_entry_name_key(clean, strlen(clean));
    return !below->is_known || g_hash_table_contains(below->nodes, &key);
}
