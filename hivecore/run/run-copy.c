#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/run/run-private.h"

/* copy, move, ren; Copy-Item, Move-Item, Rename-Item. Without HC_RUN_FILES folders are copied, too.
 */

/* Where something called @name comes to with @to: into the folder that is there, else under that
 * name. NULL with @error. */
static char *
find_target(HcRun *run, const char *to, const char *name, gboolean is_several, GError **error)
{
    GError *failure = NULL;
    g_autofree char *entry = hc_run_entry(run, to, error);
    if (entry == NULL)
        return NULL;
    const HcTreeNode *node = hc_run_find(run, to, &failure);
    if (failure != NULL)
        return hc_fail_with_null(error, failure);
    if (node != NULL && hc_tree_node_is_folder_like(node))
        return g_strconcat(entry, "/", name, NULL);
    if (is_several || g_str_has_suffix(to, "\\") || g_str_has_suffix(to, "/"))
        return hc_fail_null(error, HC_ERROR_CONFLICT,
                            "%s: there is no such folder, so Windows would fail here", to);
    g_autofree char *parent = g_path_get_dirname(entry);
    if (hc_tree_follow(run->world->tree, parent, TRUE, NULL) == NULL)
        return hc_fail_null(error, HC_ERROR_CONFLICT,
                            "%s: there is no folder for it, so Windows would fail here", to);
    return g_steal_pointer(&entry);
}

/* Whether something may come to @entry. */
static gboolean
check_free(HcRun *run, const char *entry, guint flags, GError **error)
{
    const HcTreeNode *there = hc_tree_follow(run->world->tree, entry, TRUE, NULL);
    if (there == NULL || hc_tree_node_is_folder_like(there) || (flags & HC_RUN_FORCE) != 0)
        return TRUE;
    g_autofree char *path = hc_tree_node_windows_path(there);
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s: is there already, and cmd asks; /y overwrites it", path);
}

static gboolean
copy_one(HcRun *run, HcTreeNode *node, const char *to, gboolean is_several, guint flags,
         GError **error)
{
    HcTree *tree = run->world->tree;
    g_autofree char *path = hc_tree_node_windows_path(node);
    const gboolean is_folder = hc_tree_node_is_folder_like(node);
    if (is_folder && (flags & HC_RUN_FILES) != 0 && is_several)
        return TRUE;
    if (is_folder && (flags & HC_RUN_FILES) != 0)
        return hc_run_refuse(error, path,
                             "copy of a folder is that of its files; FOLDER\\* says so");
    g_autofree char *entry = find_target(run, to, hc_tree_node_name(node), is_several, error);
    if (entry == NULL || (!is_folder && !check_free(run, entry, flags, error)))
        return FALSE;
    hc_run_tell(run, "files: copy %s to %s", path, to);
    run->has_changed = TRUE;
    if (is_folder && (flags & HC_RUN_RECURSIVE) == 0)
        return hc_tree_make_folder(tree, entry, error) != NULL;
    return hc_tree_put_copy(tree, entry, tree, node, FALSE, error) != NULL;
}

gboolean
hc_run_copy(HcRun *run, const char *from, const char *to, guint flags, GError **error)
{
    if (run->world->tree == NULL) {
        hc_run_tell(run, "files: copy %s to %s", from, to);
        return TRUE;
    }
    g_autoptr(GPtrArray) found = hc_run_match(run, from, flags, error);
    if (found == NULL)
        return FALSE;
    if (found->len == 0)
        return hc_run_fail(run, error, "%s: is not there", from);
    const gboolean is_several = hc_run_has_wildcards(from);
    for (guint i = 0; i < found->len; i++) {
        HcTreeNode *node = (HcTreeNode *) found->pdata[i];
        /* The content is what a link leads to. */
        if (hc_tree_node_kind(node) == HC_TREE_SYMLINK && !is_several)
            node = hc_run_find(run, from, error);
        if (node == NULL || !copy_one(run, node, to, is_several, flags, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
move_one(HcRun *run, HcTreeNode *node, const char *entry, guint flags, GError **error)
{
    HcTree *tree = run->world->tree;
    g_autofree char *path = hc_tree_node_windows_path(node);
    HcTreeNode *there = hc_tree_find(tree, entry);
    if (there != NULL && there != node) {
        if (hc_tree_node_is_folder_like(there) || (flags & HC_RUN_FORCE) == 0 ||
            hc_tree_node_is_folder_like(node))
            return hc_run_fail(run, error, "%s: is there already", entry);
        if (!hc_tree_remove(tree, there, error))
            return FALSE;
    }
    hc_run_tell(run, "files: move %s to %s", path, entry);
    run->has_changed = TRUE;
    return hc_tree_move(tree, node, entry, error) != NULL;
}

gboolean
hc_run_move(HcRun *run, const char *from, const char *to, guint flags, GError **error)
{
    if (run->world->tree == NULL) {
        hc_run_tell(run, "files: move %s to %s", from, to);
        return TRUE;
    }
    g_autoptr(GPtrArray) found = hc_run_match(run, from, flags, error);
    if (found == NULL)
        return FALSE;
    if (found->len == 0)
        return hc_run_fail(run, error, "%s: is not there", from);
    for (guint i = 0; i < found->len; i++) {
        HcTreeNode *node = (HcTreeNode *) found->pdata[i];
        g_autofree char *entry =
            find_target(run, to, hc_tree_node_name(node), hc_run_has_wildcards(from), error);
        if (entry == NULL || !move_one(run, node, entry, flags, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_run_rename(HcRun *run, const char *path, const char *name, guint flags, GError **error)
{
    if (hc_run_has_wildcards(path) || hc_run_has_wildcards(name))
        return hc_run_refuse(error, name, "wildcards in a rename");
    if (strpbrk(name, "\\/:") != NULL)
        return hc_run_refuse(error, name, "a new name is not a path");
    if (run->world->tree == NULL) {
        hc_run_tell(run, "files: rename %s to %s", path, name);
        return TRUE;
    }
    g_autoptr(GPtrArray) found = hc_run_match(run, path, flags | HC_RUN_HIDDEN, error);
    if (found == NULL)
        return FALSE;
    if (found->len == 0)
        return hc_run_fail(run, error, "%s: is not there", path);
    HcTreeNode *node = (HcTreeNode *) found->pdata[0];
    g_autofree char *parent = hc_tree_node_path(hc_tree_parent(node));
    g_autofree char *entry = g_strconcat(parent, "/", name, NULL);
    return move_one(run, node, entry, flags, error);
}
