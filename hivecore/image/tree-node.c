#include "config.h"

#include <string.h>

#include "hivecore/base/name.h"
#include "hivecore/image/descriptor.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/image/windows-name.h"

/* What is there, asked of a tree and its nodes. */

HcTreeNode *
hc_tree_drive(const HcTree *tree)
{
    return tree->drive;
}

HcTreeNode *
hc_tree_find(const HcTree *tree, const char *name)
{
    HcTreeNode *node = tree->root;
    while (node != NULL && *name != '\0') {
        const gsize n = strcspn(name, "/");
        node = hc_tree_child(tree, node, name, n);
        name += n + (name[n] == '/' ? 1 : 0);
    }
    return node != NULL && !node->is_gone ? node : NULL;
}

HcTreeNode *
hc_tree_parent(const HcTreeNode *node)
{
    return node->parent;
}

static gunichar
upper(const char *at)
{
    const gunichar c = g_utf8_get_char_validated(at, -1);
    if (c == (gunichar) -1 || c == (gunichar) -2)
        return 0x110000u + (guchar) *at;
    return c < 0x10000 ? hc_upcase((uint16_t) c) : c;
}

static const char *
after(const char *at)
{
    return at + (upper(at) < 0x110000u ? g_utf8_skip[(guchar) *at] : 1);
}

int
hc_tree_compare_names(const HcTreeNode *a, const HcTreeNode *b)
{
    const char *left = a->name;
    const char *right = b->name;
    for (const char *x = left, *y = right;; x = after(x), y = after(y)) {
        const gunichar u = *x != '\0' ? upper(x) : 0;
        const gunichar v = *y != '\0' ? upper(y) : 0;
        if (u != v)
            return u < v ? -1 : 1;
        if (u == 0)
            return strcmp(left, right);
    }
}

static int
compare_children(gconstpointer a, gconstpointer b)
{
    return hc_tree_compare_names(*(const HcTreeNode *const *) a, *(const HcTreeNode *const *) b);
}

GPtrArray *
hc_tree_children(G_GNUC_UNUSED const HcTree *tree, const HcTreeNode *node)
{
    GPtrArray *children = g_ptr_array_new();
    for (HcTreeNode *at = node->first; at != NULL; at = at->next) {
        if (!at->is_gone)
            g_ptr_array_add(children, at);
    }
    g_ptr_array_sort(children, compare_children);
    return children;
}

const char *
hc_tree_node_name(const HcTreeNode *node)
{
    return node->name;
}

HcTreeKind
hc_tree_node_kind(const HcTreeNode *node)
{
    return node->file->kind;
}

uint64_t
hc_tree_node_size(const HcTreeNode *node)
{
    return node->file->n_bytes;
}

uint32_t
hc_tree_node_attributes(const HcTreeNode *node)
{
    const HcTreeFile *file = node->file;
    if (file->has_attributes)
        return file->attributes;
    return file->kind == HC_TREE_FOLDER ? HC_FILE_ATTRIBUTE_DIRECTORY : 0;
}

const char *
hc_tree_node_target(const HcTreeNode *node)
{
    return node->file->target;
}

const char *
hc_tree_node_descriptor(const HcTreeNode *node)
{
    return node->file->descriptor;
}

gboolean
hc_tree_is_folder_like(const HcTreeFile *file)
{
    return file->kind == HC_TREE_FOLDER || file->kind == HC_TREE_JUNCTION ||
           (file->has_attributes && (file->attributes & HC_FILE_ATTRIBUTE_DIRECTORY) != 0);
}

const char *
hc_tree_new_descriptor(const HcTreeFile *file)
{
    return hc_tree_is_folder_like(file) ? HC_DESCRIPTOR_FOLDER : HC_DESCRIPTOR_FILE;
}

gboolean
hc_tree_node_is_folder_like(const HcTreeNode *node)
{
    return hc_tree_is_folder_like(node->file);
}

char *
hc_tree_node_path(const HcTreeNode *node)
{
    g_autoptr(GString) path = g_string_new(NULL);
    for (const HcTreeNode *at = node; at->parent != NULL; at = at->parent) {
        if (path->len > 0)
            g_string_prepend_c(path, '/');
        g_string_prepend(path, at->name);
    }
    return g_string_free(g_steal_pointer(&path), FALSE);
}

char *
hc_tree_node_windows_path(const HcTreeNode *node)
{
    g_autofree char *path = hc_tree_node_path(node);
    return hc_windows_path_text(path);
}
