#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/run/run-private.h"

/* tar -xf and Expand-Archive of a file of the tree. */

static gboolean
unpack(HcRun *run, const HcTreeArchive *what, GError **error)
{
    GError *failure = NULL;
    gboolean is_archive;
    const gboolean is_done = hc_tree_unpack(run->world->tree, what, &is_archive, &failure);
    if (is_done && !is_archive)
        return hc_run_fail(run, error, "%s: is no archive that is known here", what->name);
    if (is_done || !g_error_matches(failure, HC_ERROR, HC_ERROR_CONFLICT))
        return is_done || hc_fail_with(error, failure);
    g_autofree char *message = g_strdup(failure->message);
    g_error_free(failure);
    /* Windows goes on with the next file. */
    if (run->may_fail)
        return hc_run_refuse(error, what->name, "unpacks over what is there, where that may fail");
    return hc_run_fail(run, error, "%s", message);
}

gboolean
hc_run_extract(HcRun *run, const char *archive_path, const char *to, guint n_strip, guint flags,
               GError **error)
{
    g_autofree char *entry = hc_run_entry(run, to, error);
    if (entry == NULL)
        return FALSE;
    hc_run_tell(run, "files: unpack %s into %s", archive_path, to);
    if (run->world->tree == NULL)
        return TRUE;
    GError *failure = NULL;
    HcTreeNode *node = hc_run_find(run, archive_path, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node == NULL || hc_tree_node_kind(node) != HC_TREE_FILE)
        return hc_run_fail(run, error, "%s: there is no such file", archive_path);
    const HcTreeNode *folder = hc_run_find(run, to, NULL);
    if (folder == NULL && (flags & HC_RUN_FOLDERS) == 0)
        return hc_run_fail(run, error, "%s: there is no such folder", to);
    g_autoptr(GBytes) content = hc_tree_read(run->world->tree, node, HC_MAX_RUN_FILE_BYTES, error);
    if (content == NULL || hc_tree_make_folder(run->world->tree, entry, error) == NULL)
        return FALSE;
    run->has_changed = TRUE;
    const HcTreeArchive what = {.bytes = content,
                                .name = archive_path,
                                .to = entry,
                                .formats = (flags & HC_RUN_ZIP) != 0 ? HC_TREE_ZIP
                                                                     : HC_TREE_ZIP | HC_TREE_TAR,
                                .n_strip = n_strip,
                                .has_backslashes = TRUE,
                                .keeps = (flags & HC_RUN_FORCE) == 0};
    return unpack(run, &what, error);
}
