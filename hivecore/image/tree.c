#include "config.h"

#include "hivecore/image/tree.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/regf/open.h"

/* --- what a tree lives in --- */

HcTreeOrigin *
hc_tree_origin_new(HcLayerStack *stack, const char *source)
{
    HcTreeOrigin *origin = g_new0(HcTreeOrigin, 1);
    origin->n_refs = 1;
    origin->stack = stack;
    origin->source = g_strdup(source);
    origin->held = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);
    return origin;
}

void
hc_tree_origin_unref(gpointer data)
{
    HcTreeOrigin *origin = data;
    if (origin == NULL || --origin->n_refs > 0)
        return;
    g_ptr_array_unref(origin->held);
    hc_layer_stack_free(origin->stack);
    g_free(origin->source);
    g_free(origin);
}

static HcTreePool *
pool_new(void)
{
    HcTreePool *pool = g_new0(HcTreePool, 1);
    pool->n_refs = 1;
    pool->arena = hc_arena_new();
    pool->texts = g_hash_table_new(g_str_hash, g_str_equal);
    pool->held = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);
    return pool;
}

void
hc_tree_pool_unref(gpointer data)
{
    HcTreePool *pool = data;
    if (--pool->n_refs > 0)
        return;
    g_hash_table_unref(pool->texts);
    g_ptr_array_unref(pool->held);
    hc_arena_free(pool->arena);
    hc_tree_origin_unref(pool->origin);
    g_free(pool);
}

static void
borrow_pool(HcTree *tree, HcTreePool *pool)
{
    if (pool == tree->pool || g_hash_table_contains(tree->borrowed, pool))
        return;
    pool->n_refs++;
    (void) g_hash_table_add(tree->borrowed, pool); /* it is new */
}

void
hc_tree_borrow(HcTree *tree, const HcTree *from)
{
    GHashTableIter iter;
    gpointer pool;
    borrow_pool(tree, from->pool);
    g_hash_table_iter_init(&iter, from->borrowed);
    while (g_hash_table_iter_next(&iter, &pool, NULL))
        borrow_pool(tree, pool);
}

void *
hc_tree_alloc(HcTree *tree, gsize n_bytes)
{
    tree->pool->n_bytes += n_bytes;
    return hc_arena_alloc(tree->pool->arena, n_bytes);
}

const char *
hc_tree_text(HcTree *tree, const char *text, gsize n_bytes)
{
    char *copy = hc_tree_alloc(tree, n_bytes + 1);
    memcpy(copy, text, n_bytes);
    return copy;
}

const char *
hc_tree_intern(HcTree *tree, const char *text)
{
    const char *known = g_hash_table_lookup(tree->pool->texts, text);
    if (known != NULL)
        return known;
    char *copy = hc_tree_alloc(tree, strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    g_hash_table_add(tree->pool->texts, copy);
    return copy;
}

gboolean
hc_tree_check_room(const HcTree *tree, GError **error)
{
    if (tree->n_nodes >= HC_MAX_TREE_NODES)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: over %u files and folders in all layers",
                       tree->name, HC_MAX_TREE_NODES);
    return tree->pool->n_bytes <= HC_MAX_TREE_BYTES ||
           hc_fail(error, HC_ERROR_LIMIT,
                   "%s: names and records of all layers take more than %llu bytes", tree->name,
                   HC_MAX_TREE_BYTES);
}

HcTreeFile *
hc_tree_file_new(HcTree *tree, HcTreeKind kind)
{
    HcTreeFile *file = hc_tree_alloc(tree, sizeof(*file));
    file->kind = kind;
    return file;
}

HcTreeFile *
hc_tree_file_clone(HcTree *tree, const HcTreeFile *file)
{
    HcTreeFile *clone = hc_tree_alloc(tree, sizeof(*clone));
    *clone = *file;
    return clone;
}

/* --- nodes --- */

/* Parents are told apart by their address, which does not show outside: nothing is sorted by it. */
static guint
node_hash(gconstpointer data)
{
    const HcTreeNode *node = data;
    return (guint) node->hash ^ g_direct_hash(node->parent);
}

static gboolean
node_equal(gconstpointer a, gconstpointer b)
{
    const HcTreeNode *left = a;
    const HcTreeNode *right = b;
    return left->parent == right->parent && left->hash == right->hash &&
           hc_entry_name_equal(left->name, right->name);
}

/* Where case matters, names that differ in it differ in their hashes. */
static uint64_t
hash_of(const HcTree *tree, const char *name, gsize n_bytes)
{
    if (!tree->is_windows)
        return hc_marvin32(tree->seed, (const uint8_t *) name, n_bytes);
    hc_entry_name_fold(tree->folded, name, n_bytes);
    return hc_marvin32(tree->seed, (const uint8_t *) tree->folded->str, tree->folded->len);
}

HcTreeNode *
hc_tree_child(const HcTree *tree, HcTreeNode *parent, const char *name, gsize n_bytes)
{
    g_string_truncate(tree->wanted, 0);
    g_string_append_len(tree->wanted, name, (gssize) n_bytes);
    const HcTreeNode wanted = {
        .hash = hash_of(tree, name, n_bytes), .parent = parent, .name = tree->wanted->str};
    return g_hash_table_lookup(tree->nodes, &wanted);
}

HcTreeNode *
hc_tree_add_node(HcTree *tree, HcTreeNode *parent, const char *name, gsize n_bytes)
{
    HcTreeNode *node = hc_tree_alloc(tree, sizeof(*node));
    node->hash = hash_of(tree, name, n_bytes);
    node->name = hc_tree_text(tree, name, n_bytes);
    node->parent = parent;
    node->next = parent->first;
    if (parent->first != NULL)
        parent->first->previous = node;
    parent->first = node;
    g_hash_table_add(tree->nodes, node);
    tree->n_nodes++;
    return node;
}

HcTreeNode *
hc_tree_next_any(const HcTreeNode *top, const HcTreeNode *node)
{
    if (node->first != NULL)
        return node->first;
    return hc_tree_skip(top, node);
}

HcTreeNode *
hc_tree_skip(const HcTreeNode *top, const HcTreeNode *node)
{
    while (node != top && node->next == NULL)
        node = node->parent;
    return node != top ? node->next : NULL;
}

HcTreeNode *
hc_tree_next(const HcTreeNode *top, const HcTreeNode *node)
{
    HcTreeNode *next = hc_tree_next_any(top, node);
    /* All that is in what is gone is gone. */
    while (next != NULL && next->is_gone)
        next = hc_tree_skip(top, next);
    return next;
}

static void
unlink_node(HcTreeNode *node)
{
    if (node->previous != NULL)
        node->previous->next = node->next;
    else
        node->parent->first = node->next;
    if (node->next != NULL)
        node->next->previous = node->previous;
}

void
hc_tree_drop_children(HcTree *tree, HcTreeNode *node)
{
    for (HcTreeNode *at = hc_tree_next_any(node, node); at != NULL;
         at = hc_tree_next_any(node, at)) {
        g_hash_table_remove(tree->nodes, at);
        tree->n_nodes--;
    }
    node->first = NULL;
    tree->last_folder = NULL;
}

void
hc_tree_drop(HcTree *tree, HcTreeNode *node)
{
    hc_tree_drop_children(tree, node);
    g_hash_table_remove(tree->nodes, node);
    tree->n_nodes--;
    unlink_node(node);
}

/* --- trees --- */

static HcTree *
tree_new(const char *name, HcTreePool *pool)
{
    HcTree *tree = g_new0(HcTree, 1);
    tree->name = g_strdup(name);
    tree->pool = pool;
    tree->borrowed = g_hash_table_new_full(NULL, NULL, hc_tree_pool_unref, NULL);
    tree->nodes = g_hash_table_new(node_hash, node_equal);
    tree->keepers = g_hash_table_new(NULL, NULL);
    tree->last_name = g_string_new(NULL);
    tree->wanted = g_string_new(NULL);
    tree->folded = g_string_new(NULL);
    tree->seed = (uint64_t) g_random_int() << 32 | g_random_int();
    tree->is_windows = TRUE;
    tree->root = hc_tree_alloc(tree, sizeof(*tree->root));
    tree->root->name = "";
    tree->root->file = hc_tree_file_new(tree, HC_TREE_FOLDER);
    tree->drive = tree->root;
    return tree;
}

HcTree *
hc_tree_new_empty(const char *name)
{
    return tree_new(name, pool_new());
}

HcTree *
hc_tree_new(const char *name)
{
    HcTree *tree = hc_tree_new_empty(name);
    tree->drive = hc_tree_add_node(tree, tree->root, HC_TREE_DRIVE, strlen(HC_TREE_DRIVE));
    tree->drive->file = hc_tree_file_new(tree, HC_TREE_FOLDER);
    return tree;
}

/* Gives @copy the children of @node, one level at a time. */
static void
copy_children(HcTree *copy, const HcTree *tree, const HcTreeNode *node, HcTreeNode *into)
{
    const HcTreeNode *from = node;
    for (;;) {
        const HcTreeNode *next = from->first;
        while (next == NULL && from != node) {
            next = from->next;
            from = from->parent;
            into = into->parent;
        }
        if (next == NULL)
            return;
        HcTreeNode *made = hc_tree_add_node(copy, into, next->name, strlen(next->name));
        HcTreeNode *links[] = {made->parent, made->next};
        *made = *next;
        made->parent = links[0];
        made->next = links[1];
        made->first = made->previous = NULL;
        if (next == tree->drive)
            copy->drive = made;
        from = next;
        into = made;
    }
}

HcTree *
hc_tree_copy(HcTree *tree, const char *name)
{
    HcTree *copy = tree_new(name, pool_new());
    hc_tree_borrow(copy, tree);
    copy->is_windows = tree->is_windows;
    copy->seed = tree->seed;
    copy->n_layers = tree->n_layers;
    copy->missing = g_strdup(tree->missing);
    copy->root->file = tree->root->file;
    copy->drive = copy->root;
    copy_children(copy, tree, tree->root, copy->root);
    return copy;
}

void
hc_tree_free(HcTree *tree)
{
    if (tree == NULL)
        return;
    g_hash_table_unref(tree->nodes);
    g_hash_table_unref(tree->keepers);
    g_hash_table_unref(tree->borrowed);
    hc_tree_pool_unref(tree->pool);
    g_string_free(tree->last_name, TRUE);
    g_string_free(tree->wanted, TRUE);
    g_string_free(tree->folded, TRUE);
    g_free(tree->missing);
    g_free(tree->name);
    g_free(tree);
}

HcLayerStack *
hc_tree_stack(const HcTree *tree)
{
    return tree->pool->origin != NULL ? tree->pool->origin->stack : NULL;
}

const char *
hc_tree_name(const HcTree *tree)
{
    return tree->name;
}

const char *
hc_tree_missing(const HcTree *tree)
{
    return tree->missing;
}

gboolean
hc_tree_is_windows(const HcTree *tree)
{
    return tree->is_windows;
}
