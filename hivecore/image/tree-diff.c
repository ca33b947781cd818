#include "config.h"

#include "hivecore/image/tree-diff.h"

#include <string.h>

#include "hivecore/image/layer-stack.h"
#include "hivecore/image/tree-private.h"

/* Doubt: two files of one size, whose contents are to be compared. */
typedef struct {
    HcTreeNode *old_node;
    HcTreeNode *new_node;
    guint change; /* index of the change that stands for them until then */
} Doubt;

/* Diffing: one comparison. */
typedef struct {
    HcTree *old_tree;
    HcTree *new_tree;
    HcTreeDiff *diff;
    GArray *doubts;  /* of Doubt */
    guint n_folders; /* that add_tree() has met */
} Diffing;

/* --- what is left out --- */

static gboolean
is_registry(const HcTreeNode *node)
{
    static const char *const suffixes[] = {"", ".LOG", ".LOG1", ".LOG2"};
    if (node->parent->parent == NULL)
        return hc_entry_name_equal(node->name, "Hives");
    if (!hc_entry_name_equal(node->parent->name, "config"))
        return FALSE;
    g_autofree char *path = hc_tree_node_path(node);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
            g_autofree char *name =
                g_strconcat(hc_hive_slots[slot].config_entry, suffixes[i], NULL);
            if (hc_entry_name_equal(path, name))
                return TRUE;
        }
    }
    return FALSE;
}

/* --- one name --- */

static HcTreeChange *
add_change(Diffing *diffing, HcTreeNode *old_node, HcTreeNode *new_node, guint what)
{
    HcTreeChange change = {.old_node = old_node, .new_node = new_node, .what = what};
    g_array_append_val(diffing->diff->changes, change);
    return &g_array_index(diffing->diff->changes, HcTreeChange, diffing->diff->changes->len - 1);
}

/* All of what is in one tree only. Recursion ends at HC_MAX_TREE_DEPTH. */
static void
add_tree(Diffing *diffing, HcTreeNode *node, gboolean is_old, guint depth)
{
    GArray *changes = diffing->diff->changes;
    const guint at = changes->len;
    add_change(diffing, is_old ? node : NULL, is_old ? NULL : node, 0)->depth = depth;
    diffing->n_folders += node->file->kind == HC_TREE_FOLDER ? 1 : 0;
    const guint n_before = diffing->n_folders;
    g_autoptr(GPtrArray) children =
        hc_tree_children(is_old ? diffing->old_tree : diffing->new_tree, node);
    for (guint i = 0; i < children->len; i++)
        add_tree(diffing, children->pdata[i], is_old, depth + 1);
    HcTreeChange *change = &g_array_index(changes, HcTreeChange, at);
    change->n_folders = diffing->n_folders - n_before;
    change->n_files = changes->len - at - 1 - change->n_folders;
}

/* Whether both are one entry of one layer. */
static gboolean
is_one_place(const HcTreePlace *a, const HcTreePlace *b)
{
    if (a->kind != HC_PLACE_LAYER || b->kind != HC_PLACE_LAYER || a->at != b->at)
        return FALSE;
    const HcLayerHives *left = hc_layer_stack_layer(a->u.origin->stack, a->layer);
    const HcLayerHives *right = hc_layer_stack_layer(b->u.origin->stack, b->layer);
    return left->diff_id != NULL && g_strcmp0(left->diff_id, right->diff_id) == 0;
}

static gboolean
differs_in_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) != 0;
}

static guint
compare_files(const HcTreeFile *a, const HcTreeFile *b)
{
    guint what = 0;
    if (a->kind != b->kind)
        return HC_TREE_DIFF_KIND;
    if (a->n_bytes != b->n_bytes || g_strcmp0(a->target, b->target) != 0)
        what |= HC_TREE_DIFF_CONTENT;
    if (a->has_attributes && b->has_attributes && a->attributes != b->attributes)
        what |= HC_TREE_DIFF_ATTRIBUTES;
    if (differs_in_text(a->descriptor, b->descriptor))
        what |= HC_TREE_DIFF_SECURITY;
    return what;
}

static gboolean
differ_in_times(const HcTreeFile *a, const HcTreeFile *b)
{
    return differs_in_text(a->times[HC_TREE_MODIFIED], b->times[HC_TREE_MODIFIED]) ||
           differs_in_text(a->times[HC_TREE_CREATED], b->times[HC_TREE_CREATED]);
}

static void
compare_nodes(Diffing *diffing, HcTreeNode *old_node, HcTreeNode *new_node)
{
    const HcTreeFile *a = old_node->file;
    const HcTreeFile *b = new_node->file;
    const guint what = compare_files(a, b);
    const gboolean is_doubt = a->kind == HC_TREE_FILE && b->kind == HC_TREE_FILE && a != b &&
                              (what & HC_TREE_DIFF_CONTENT) == 0 && a->n_bytes > 0 &&
                              !is_one_place(&a->place, &b->place);
    diffing->diff->n_spelled += strcmp(old_node->name, new_node->name) != 0 ? 1 : 0;
    diffing->diff->n_times += what == 0 && !is_doubt && differ_in_times(a, b) ? 1 : 0;
    if (is_doubt) {
        const Doubt doubt = {old_node, new_node, diffing->diff->changes->len};
        g_array_append_val(diffing->doubts, doubt);
    }
    if (what != 0 || is_doubt)
        add_change(diffing, old_node, new_node, what);
}

/* --- two folders --- */

/* By upper-cased names, as hc_tree_children() sorts where both are of Windows. */
static int
compare_names(const Diffing *diffing, const HcTreeNode *a, const HcTreeNode *b)
{
    if (diffing->old_tree->is_windows && diffing->new_tree->is_windows &&
        hc_entry_name_equal(a->name, b->name))
        return 0;
    return hc_tree_compare_names(a, b);
}

/* Takes from two lists what has the next name; NULL: a list has it not. Returns: whether one has.
 */
static gboolean
take_next(const Diffing *diffing, const GPtrArray *lists[2], guint at[2], HcTreeNode *nodes[2])
{
    for (int side = 0; side < 2; side++)
        nodes[side] = at[side] < lists[side]->len ? lists[side]->pdata[at[side]] : NULL;
    if (nodes[0] != NULL && nodes[1] != NULL) {
        const int order = compare_names(diffing, nodes[0], nodes[1]);
        if (order != 0)
            nodes[order < 0 ? 1 : 0] = NULL;
    }
    for (int side = 0; side < 2; side++)
        at[side] += nodes[side] != NULL ? 1 : 0;
    return nodes[0] != NULL || nodes[1] != NULL;
}

/* Recursion ends at HC_MAX_TREE_DEPTH. */
static void
compare_folders(Diffing *diffing, HcTreeNode *old_folder, HcTreeNode *new_folder)
{
    g_autoptr(GPtrArray) olds = hc_tree_children(diffing->old_tree, old_folder);
    g_autoptr(GPtrArray) news = hc_tree_children(diffing->new_tree, new_folder);
    const GPtrArray *lists[] = {olds, news};
    guint at[] = {0, 0};
    HcTreeNode *nodes[2];
    while (take_next(diffing, lists, at, nodes)) {
        HcTreeNode *one = nodes[0] != NULL ? nodes[0] : nodes[1];
        if (is_registry(one))
            continue;
        if (nodes[0] == NULL || nodes[1] == NULL) {
            add_tree(diffing, one, nodes[1] == NULL, 0);
            continue;
        }
        compare_nodes(diffing, nodes[0], nodes[1]);
        if (nodes[0]->file->kind == HC_TREE_FOLDER && nodes[1]->file->kind == HC_TREE_FOLDER)
            compare_folders(diffing, nodes[0], nodes[1]);
    }
}

/* --- contents --- */

static gboolean
digest_all(HcTree *tree, const GArray *doubts, gboolean is_old, HcTreeDigest *digests,
           GError **error)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    for (guint i = 0; i < doubts->len; i++) {
        const Doubt *doubt = &g_array_index(doubts, Doubt, i);
        g_ptr_array_add(nodes, is_old ? doubt->old_node : doubt->new_node);
    }
    return hc_tree_digest(tree, nodes, digests, error);
}

/* Takes away what is no change after all. */
static void
drop_equal(HcTreeDiff *diff)
{
    guint n = 0;
    for (guint i = 0; i < diff->changes->len; i++) {
        const HcTreeChange change = g_array_index(diff->changes, HcTreeChange, i);
        const gboolean is_equal =
            change.old_node != NULL && change.new_node != NULL && change.what == 0;
        if (is_equal)
            continue;
        g_array_index(diff->changes, HcTreeChange, n++) = change;
    }
    g_array_set_size(diff->changes, n);
}

static gboolean
settle_doubts(Diffing *diffing, GError **error)
{
    const guint n = diffing->doubts->len;
    g_autofree HcTreeDigest *olds = g_new0(HcTreeDigest, n + 1);
    g_autofree HcTreeDigest *news = g_new0(HcTreeDigest, n + 1);
    if (!digest_all(diffing->old_tree, diffing->doubts, TRUE, olds, error) ||
        !digest_all(diffing->new_tree, diffing->doubts, FALSE, news, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        const Doubt *doubt = &g_array_index(diffing->doubts, Doubt, i);
        HcTreeChange *change = &g_array_index(diffing->diff->changes, HcTreeChange, doubt->change);
        if (memcmp(&olds[i], &news[i], sizeof(olds[i])) != 0)
            change->what |= HC_TREE_DIFF_CONTENT;
        else if (change->what == 0 && differ_in_times(doubt->old_node->file, doubt->new_node->file))
            diffing->diff->n_times++;
    }
    drop_equal(diffing->diff);
    return TRUE;
}

HcTreeDiff *
hc_tree_diff(HcTree *old_tree, HcTree *new_tree, GError **error)
{
    g_autoptr(HcTreeDiff) diff = g_new0(HcTreeDiff, 1);
    g_autoptr(GArray) doubts = g_array_new(FALSE, FALSE, sizeof(Doubt));
    diff->changes = g_array_new(FALSE, FALSE, sizeof(HcTreeChange));
    Diffing diffing = {old_tree, new_tree, diff, doubts, 0};
    compare_folders(&diffing, old_tree->root, new_tree->root);
    return settle_doubts(&diffing, error) ? g_steal_pointer(&diff) : NULL;
}

/* One that is kept: where it is now, and how deep it was. */
typedef struct {
    guint at;
    guint depth;
} Kept;

/* The last of @above (of Kept) has nothing more in it: it counts in the one above it. */
static void
close_last(GArray *changes, GArray *above)
{
    const guint last = above->len - 1;
    const HcTreeChange *change =
        &g_array_index(changes, HcTreeChange, g_array_index(above, Kept, last).at);
    const HcTreeNode *node = change->old_node != NULL ? change->old_node : change->new_node;
    g_array_set_size(above, last);
    if (last == 0)
        return;
    HcTreeChange *upper =
        &g_array_index(changes, HcTreeChange, g_array_index(above, Kept, last - 1).at);
    upper->n_folders += change->n_folders + (node->file->kind == HC_TREE_FOLDER ? 1 : 0);
    upper->n_files += change->n_files + (node->file->kind == HC_TREE_FOLDER ? 0 : 1);
}

guint64
hc_tree_diff_prune(HcTreeDiff *diff, HcTreeChangeKeeps keeps, gpointer data)
{
    GArray *changes = diff->changes;
    g_autoptr(GArray) above = g_array_new(FALSE, FALSE, sizeof(Kept));
    guint n = 0;
    for (guint i = 0; i < changes->len; i++) {
        HcTreeChange change = g_array_index(changes, HcTreeChange, i);
        const Kept kept = {n, change.depth};
        while (above->len > 0 && g_array_index(above, Kept, above->len - 1).depth >= kept.depth)
            close_last(changes, above);
        if (!keeps(&change, data))
            continue;
        change.depth = above->len;
        change.n_folders = change.n_files = 0;
        g_array_index(changes, HcTreeChange, n++) = change;
        g_array_append_val(above, kept);
    }
    while (above->len > 0)
        close_last(changes, above);
    const guint n_out = changes->len - n;
    g_array_set_size(changes, n);
    return n_out;
}

static gboolean
keeps_without_security(HcTreeChange *change, gpointer data)
{
    guint64 *n_security = data;
    if ((change->what & HC_TREE_DIFF_SECURITY) == 0)
        return TRUE;
    (*n_security)++;
    change->what &= ~(guint) HC_TREE_DIFF_SECURITY;
    return change->what != 0;
}

void
hc_tree_diff_ignore_security(HcTreeDiff *diff)
{
    (void) hc_tree_diff_prune(diff, keeps_without_security, &diff->n_security);
}

void
hc_tree_diff_free(HcTreeDiff *diff)
{
    if (diff == NULL)
        return;
    g_array_unref(diff->changes);
    g_free(diff);
}
