#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/image/windows-name.h"

/* An entry name as people write it. */
static char *
show(const HcTree *tree, const char *name)
{
    g_autofree char *path =
        tree->is_windows ? hc_windows_path_text(name) : g_strconcat("/", name, NULL);
    GString *shown = g_string_new(NULL);
    hc_append_display(shown, path, strlen(path));
    return g_string_free(shown, FALSE);
}

static HcTreeNode *
fail_link(const HcTree *tree, const HcTreeNode *link, HcErrorCode code, const char *what,
          GError **error)
{
    g_autofree char *path = hc_tree_node_path(link);
    g_autofree char *shown = show(tree, path);
    g_autoptr(GString) target = g_string_new(NULL);
    const char *text = link->file->target != NULL ? link->file->target : "";
    hc_append_display(target, text, strlen(text));
    return hc_fail_null(error, code, "%s: %s: the link to '%s' %s", tree->name, shown, target->str,
                        what);
}

/* What C: is for @node: in a utility VM its own files. */
static HcTreeNode *
drive_of(const HcTree *tree, const HcTreeNode *node)
{
    HcTreeNode *utility = hc_tree_find(tree, HC_TREE_UTILITY "/" HC_TREE_DRIVE);
    for (const HcTreeNode *at = node; at != NULL && utility != NULL; at = at->parent) {
        if (at == utility)
            return utility;
    }
    return tree->drive;
}

/* Where the walk along a link's target begins. @rest: (out): what is to be walked. Returns: NULL
 * when the target is none in this tree. */
static HcTreeNode *
begin(const HcTree *tree, const HcTreeNode *link, const char **rest)
{
    const char *target = link->file->target != NULL ? link->file->target : "";
    *rest = target;
    if (!tree->is_windows)
        return *target == '/' ? tree->root : link->parent;
    /* "\??\C:\x", "\\?\C:\x": how the kernel and programs write what is not to be looked at. */
    const gboolean is_raw = strlen(target) >= 4 && strchr("\\/", target[0]) != NULL &&
                            strchr("\\/?", target[1]) != NULL && target[2] == '?' &&
                            strchr("\\/", target[3]) != NULL;
    if (is_raw)
        target += 4;
    if (g_ascii_isalpha(target[0]) && target[1] == ':') {
        *rest = target + 2;
        return g_ascii_toupper(target[0]) == 'C' ? drive_of(tree, link) : NULL;
    }
    if (is_raw || (strchr("\\/", target[0]) != NULL && *target != '\0' &&
                   strchr("\\/", target[1]) != NULL && target[1] != '\0'))
        return NULL; /* a volume, or another machine */
    if (*target == '\\' || *target == '/')
        return drive_of(tree, link);
    return link->parent;
}

/* One step of the way: @name in @node. */
static HcTreeNode *
step(const HcTree *tree, HcTreeNode *node, const char *name, gsize n, guint *n_left, GError **error)
{
    if (n == 0 || (n == 1 && *name == '.'))
        return node;
    if (n == 2 && memcmp(name, "..", 2) == 0)
        return node == drive_of(tree, node) || node->parent == NULL ? node : node->parent;
    HcTreeNode *child = hc_tree_child(tree, node, name, n);
    if (child == NULL || child->is_gone)
        return NULL;
    if (child->file->kind != HC_TREE_SYMLINK && child->file->kind != HC_TREE_JUNCTION)
        return child;
    return hc_tree_follow_link(tree, child, n_left, error);
}

/* Recursion ends at HC_MAX_TREE_LINKS. */
HcTreeNode *
hc_tree_follow_link(const HcTree *tree, const HcTreeNode *link, guint *n_left, GError **error)
{
    if (*n_left == 0)
        return fail_link(tree, link, HC_ERROR_MALFORMED,
                         "is one of a loop of links, or of too many", error);
    (*n_left)--;
    const char *rest;
    HcTreeNode *node = begin(tree, link, &rest);
    if (node == NULL)
        return fail_link(tree, link, HC_ERROR_NOT_FOUND, "leads out of the image", error);
    while (*rest != '\0') {
        const gsize n = strcspn(rest, tree->is_windows ? "/\\" : "/");
        GError *failure = NULL;
        node = step(tree, node, rest, n, n_left, &failure);
        if (failure != NULL) {
            g_propagate_error(error, failure);
            return NULL;
        }
        if (node == NULL)
            return fail_link(tree, link, HC_ERROR_NOT_FOUND, "leads to nothing", error);
        rest += n + (rest[n] != '\0' ? 1 : 0);
    }
    return node;
}

/* @at: the part of @name that @folder has not. With the nearest that it has. */
static HcTreeNode *
fail_absent(const HcTree *tree, const HcTreeNode *folder, const char *name, const char *at,
            GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GPtrArray) children = hc_tree_children(tree, folder);
    HcNearest nearest = hc_nearest_start(hc_name_from_utf8(arena, at, strcspn(at, "/")));
    for (guint i = 0; i < children->len; i++) {
        const char *child = hc_tree_node_name(children->pdata[i]);
        hc_nearest_offer(&nearest, hc_name_from_utf8(arena, child, strlen(child)));
    }
    g_autofree char *shown = show(tree, name);
    g_autoptr(GString) near = g_string_new_len(name, at - name);
    hc_name_append_utf8(near, nearest.best);
    g_autofree char *near_shown = nearest.best.n_units > 0 ? show(tree, near->str) : NULL;
    g_autofree char *guess = hc_word_guess("", near_shown, "");
    return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: there is no %s%s", tree->name, shown,
                        guess);
}

HcTreeNode *
hc_tree_follow(const HcTree *tree, const char *name, gboolean is_last, GError **error)
{
    HcTreeNode *node = tree->root;
    guint n_left = HC_MAX_TREE_LINKS;
    for (const char *at = name; *at != '\0';) {
        const gsize n = strcspn(at, "/");
        HcTreeNode *child = hc_tree_child(tree, node, at, n);
        if (child == NULL || child->is_gone)
            return fail_absent(tree, node, name, at, error);
        const gboolean is_link =
            child->file->kind == HC_TREE_SYMLINK || child->file->kind == HC_TREE_JUNCTION;
        if (is_link && (is_last || at[n] == '/'))
            child = hc_tree_follow_link(tree, child, &n_left, error);
        if (child == NULL)
            return NULL;
        node = child;
        at += n + (at[n] == '/' ? 1 : 0);
    }
    return node;
}

HcTreeNode *
hc_tree_look_up(const HcTree *tree, const char *path, GError **error)
{
    if (tree->is_windows) {
        g_autofree char *name = hc_windows_path_parse(path, error);
        return name != NULL ? hc_tree_follow(tree, name, TRUE, error) : NULL;
    }
    g_autoptr(GString) clean = g_string_new(NULL);
    if (*path != '/' || !hc_entry_name_clean(clean, path, strlen(path))) {
        g_autoptr(GString) shown = g_string_new(NULL);
        hc_append_display(shown, path, strlen(path));
        return hc_fail_null(error, HC_ERROR_USAGE, "%s: '%s' is no path of its own: /FOLDER/FILE",
                            tree->name, shown->str);
    }
    return hc_tree_follow(tree, clean->str, TRUE, error);
}
