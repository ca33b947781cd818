#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/image/windows-name.h"

/* --- files and links --- */

HcTreeNode *
hc_tree_put_bytes(HcTree *tree, const char *name, GBytes *content, GError **error)
{
    HcTreeNode *node = hc_tree_place(tree, name, HC_TREE_FILE, NULL, error);
    if (node == NULL)
        return NULL;
    HcTreeFile *file = hc_tree_file_new(tree, HC_TREE_FILE);
    g_ptr_array_add(tree->pool->held, g_bytes_ref(content));
    file->n_bytes = g_bytes_get_size(content);
    file->place = (HcTreePlace){.kind = HC_PLACE_BYTES, .u.bytes = content};
    hc_tree_inherit(tree, file, node->parent);
    hc_tree_set_file(tree, node, file);
    return node;
}

static gboolean
check_target(const char *name, const char *target, GError **error)
{
    if (*target == '\0' || !g_utf8_validate(target, -1, NULL))
        return hc_tree_fail(name, HC_ERROR_USAGE,
                            "a link leads to text in UTF-8, which is not empty", error);
    for (const char *at = target; *at != '\0'; at++) {
        if ((guchar) *at < 0x20)
            return hc_tree_fail(name, HC_ERROR_USAGE,
                                "Windows takes no control characters in what a link leads to",
                                error);
    }
    /* Of a reparse point, whose data is two paths of 16-bit units, at most 16 KiB. */
    return hc_windows_name_units(target) <= HC_MAX_LINK_UNITS ||
           hc_tree_fail(name, HC_ERROR_LIMIT, "a link leads to a path that is too long", error);
}

HcTreeNode *
hc_tree_put_link(HcTree *tree, const char *name, HcTreeKind kind, const char *target,
                 gboolean is_folder, GError **error)
{
    HcTreeNode *node =
        check_target(name, target, error) ? hc_tree_place(tree, name, kind, NULL, error) : NULL;
    if (node == NULL)
        return NULL;
    HcTreeFile *file = hc_tree_file_new(tree, kind);
    file->target = hc_tree_text(tree, target, strlen(target));
    file->has_attributes = TRUE;
    file->attributes = HC_FILE_ATTRIBUTE_REPARSE_POINT;
    if (is_folder || kind == HC_TREE_JUNCTION)
        file->attributes |= HC_FILE_ATTRIBUTE_DIRECTORY;
    hc_tree_inherit(tree, file, node->parent);
    hc_tree_set_file(tree, node, file);
    return node;
}

HcTreeNode *
hc_tree_put_hard_link(HcTree *tree, const char *name, HcTreeNode *to, GError **error)
{
    if (to->file->kind != HC_TREE_FILE) {
        g_autofree char *path = hc_tree_node_path(to);
        (void) hc_tree_fail(path, HC_ERROR_USAGE, "a hard link can be made to a file only", error);
        return NULL;
    }
    HcTreeNode *node = hc_tree_place(tree, name, HC_TREE_FILE, NULL, error);
    if (node == NULL || node == to)
        return node;
    hc_tree_set_file(tree, node, to->file);
    g_hash_table_insert(tree->keepers, to->file, to);
    return node;
}

/* --- removing --- */

/* Whether @node is a place that must stay, or holds a hive. */
static gboolean
check_removable(const HcTree *tree, const HcTreeNode *node, GError **error)
{
    g_autofree char *path = hc_tree_node_path(node);
    if (node->parent == NULL || node == tree->drive || hc_entry_name_equal(path, "Hives") ||
        hc_entry_name_equal(path, HC_TREE_UTILITY) ||
        hc_entry_name_equal(path, HC_TREE_UTILITY "/" HC_TREE_DRIVE))
        return hc_tree_fail(*path != '\0' ? path : tree->name, HC_ERROR_USAGE,
                            "this is a root of a layer, which cannot be removed", error);
    if (!tree->is_windows)
        return TRUE;
    if (!hc_tree_check_hive(path, NULL))
        return hc_tree_fail(path, HC_ERROR_USAGE, "is a registry hive, which cannot be removed",
                            error);
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const HcTreeNode *hive = hc_tree_find(tree, hc_hive_slots[i].config_entry);
        for (const HcTreeNode *at = hive; at != NULL; at = at->parent) {
            if (at == node)
                return hc_tree_fail(path, HC_ERROR_USAGE,
                                    "holds registry hives, which cannot be removed", error);
        }
    }
    const gboolean is_region = g_ascii_strncasecmp(path, HC_TREE_DRIVE "/", 6) == 0 ||
                               g_ascii_strncasecmp(path, HC_TREE_UTILITY "/Files/", 16) == 0;
    return is_region ||
           hc_tree_fail(path, HC_ERROR_USAGE,
                        "files can be removed only below Files and UtilityVM/Files", error);
}

/* Forgets what of @top no layer below has: of what is in such a folder neither. */
static void
drop_new(HcTree *tree, HcTreeNode *top)
{
    g_autoptr(GPtrArray) fresh = g_ptr_array_new();
    for (HcTreeNode *at = top; at != NULL;) {
        if (!at->is_below)
            g_ptr_array_add(fresh, at);
        at = at->is_below ? hc_tree_next_any(top, at) : hc_tree_skip(top, at);
    }
    for (guint i = 0; i < fresh->len; i++)
        hc_tree_drop(tree, fresh->pdata[i]);
}

gboolean
hc_tree_remove(HcTree *tree, HcTreeNode *node, GError **error)
{
    if (!check_removable(tree, node, error))
        return FALSE;
    for (HcTreeNode *at = node; at != NULL; at = hc_tree_next_any(node, at)) {
        at->is_gone = at->is_below;
        at->is_changed = FALSE;
        at->is_touched = FALSE;
    }
    drop_new(tree, node);
    return TRUE;
}

/* --- copies --- */

/* A copy: where from and to, and which files of it have been made. */
typedef struct {
    HcTree *tree;
    HcTree *from;
    gboolean keep_descriptors;
    GHashTable *made; /* HcTreeFile * of @from -> of the copy */
} Copy;

static HcTreeFile *
copy_file(Copy *copy, HcTreeFile *file, const HcTreeNode *into)
{
    HcTreeFile *made = g_hash_table_lookup(copy->made, file);
    if (made != NULL)
        return made;
    /* Those of other files that were packed, encrypted or kept elsewhere are not a file's own. */
    const uint32_t kept = HC_FILE_ATTRIBUTE_READONLY | HC_FILE_ATTRIBUTE_HIDDEN |
                          HC_FILE_ATTRIBUTE_SYSTEM | HC_FILE_ATTRIBUTE_DIRECTORY |
                          HC_FILE_ATTRIBUTE_ARCHIVE | HC_FILE_ATTRIBUTE_REPARSE_POINT;
    made = hc_tree_file_clone(copy->tree, file);
    made->attributes &= kept;
    if (file->kind == HC_TREE_FILE)
        made->attributes &=
            ~(uint32_t) (HC_FILE_ATTRIBUTE_DIRECTORY | HC_FILE_ATTRIBUTE_REPARSE_POINT);
    if (!copy->keep_descriptors) {
        made->descriptor = NULL;
        made->is_granted = FALSE;
        hc_tree_inherit(copy->tree, made, into);
    }
    g_hash_table_insert(copy->made, file, made);
    return made;
}

/* A folder that is there stays as it is. */
static HcTreeNode *
copy_folder(Copy *copy, const char *name, const HcTreeNode *node, GError **error)
{
    const guint n_before = copy->tree->n_made;
    HcTreeNode *made = hc_tree_make_folder(copy->tree, name, error);
    if (made != NULL && copy->tree->n_made != n_before)
        hc_tree_set_file(copy->tree, made, copy_file(copy, node->file, made->parent));
    return made;
}

static HcTreeNode *
copy_one(Copy *copy, const char *name, const HcTreeNode *node, GError **error)
{
    if (node->file->kind == HC_TREE_OTHER) {
        g_autofree char *path = hc_tree_node_path(node);
        (void) hc_tree_fail(path, HC_ERROR_UNSUPPORTED,
                            "what is neither a file nor a folder cannot be copied", error);
        return NULL;
    }
    if (node->file->kind == HC_TREE_FOLDER)
        return copy_folder(copy, name, node, error);
    HcTreeNode *made = hc_tree_place(copy->tree, name, node->file->kind, NULL, error);
    if (made != NULL)
        hc_tree_set_file(copy->tree, made, copy_file(copy, node->file, made->parent));
    return made;
}

static gboolean
is_below(const HcTreeNode *node, const HcTreeNode *top)
{
    while (node != NULL && node != top)
        node = node->parent;
    return node != NULL;
}

/* The nodes of what is copied, by their names, before anything is made: a copy may go into the same
 * tree. */
static GPtrArray *
list_below(const HcTree *tree, HcTreeNode *top)
{
    GPtrArray *nodes = g_ptr_array_new();
    g_autoptr(GPtrArray) stack = g_ptr_array_new();
    g_ptr_array_add(stack, top);
    while (stack->len > 0) {
        HcTreeNode *node = g_ptr_array_steal_index(stack, stack->len - 1);
        g_autoptr(GPtrArray) children = hc_tree_children(tree, node);
        g_ptr_array_add(nodes, node);
        for (guint i = children->len; i > 0; i--)
            g_ptr_array_add(stack, children->pdata[i - 1]);
    }
    return nodes;
}

HcTreeNode *
hc_tree_put_copy(HcTree *tree, const char *name, HcTree *from, HcTreeNode *node,
                 gboolean keep_descriptors, GError **error)
{
    g_autoptr(GHashTable) made = g_hash_table_new(NULL, NULL);
    Copy copy = {tree, from, keep_descriptors, made};
    g_autofree char *top = hc_tree_node_path(node);
    hc_tree_borrow(tree, from);
    if (node->file->kind != HC_TREE_FOLDER)
        return copy_one(&copy, name, node, error);
    g_autoptr(GPtrArray) nodes = list_below(from, node);
    HcTreeNode *folder = copy_folder(&copy, name, node, error);
    if (folder != NULL && tree == from && is_below(folder, node)) {
        (void) hc_tree_fail(name, HC_ERROR_USAGE, "a folder cannot be copied into itself", error);
        return NULL;
    }
    tree->serial = ++tree->n_serials;
    for (guint i = 1; folder != NULL && i < nodes->len; i++) {
        g_autofree char *path = hc_tree_node_path(nodes->pdata[i]);
        g_autofree char *into = g_strconcat(name, path + strlen(top), NULL);
        if (copy_one(&copy, into, nodes->pdata[i], error) == NULL)
            folder = NULL;
    }
    tree->serial = 0;
    return folder;
}

HcTreeNode *
hc_tree_move(HcTree *tree, HcTreeNode *node, const char *name, GError **error)
{
    HcTreeNode *there = hc_tree_find(tree, name);
    if (there == node) {
        const char *slash = strrchr(name, '/');
        const char *part = slash != NULL ? slash + 1 : name;
        /* Nothing but its case: an entry of the new spelling goes over that of below. */
        node->name = hc_tree_text(tree, part, strlen(part));
        node->is_changed |= node->file->kind != HC_TREE_FOLDER;
        node->is_touched |= node->file->kind == HC_TREE_FOLDER;
        return node;
    }
    if (there != NULL) {
        (void) hc_tree_fail(name, HC_ERROR_CONFLICT, "is there already", error);
        return NULL;
    }
    if (!check_removable(tree, node, error))
        return NULL;
    g_autofree char *path = hc_tree_node_path(node);
    g_autofree char *start = g_strndup(name, strlen(path));
    if (hc_entry_name_equal(start, path) && name[strlen(path)] == '/') {
        (void) hc_tree_fail(name, HC_ERROR_USAGE, "a folder cannot be moved into itself", error);
        return NULL;
    }
    HcTreeNode *made = hc_tree_put_copy(tree, name, tree, node, TRUE, error);
    return made != NULL && hc_tree_remove(tree, node, error) ? made : NULL;
}
