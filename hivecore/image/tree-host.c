#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/file.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/image/windows-name.h"

/* Files of the host, as they go into a tree. */

/* Pending: a folder that is still to be read. */
typedef struct {
    char *host;
    char *path; /* below the folder that is put, "" for that */
} Pending;

/* Putting: one call of hc_tree_put_host(). */
typedef struct {
    HcTree *tree;
    const char *name;
    char *top; /* the folder on the host, without links, for where links lead */
    HcTreeFilter filter;
    void *data;
    GPtrArray *stack; /* of Pending * */
} Putting;

static void
pending_free(gpointer data)
{
    Pending *pending = data;
    g_free(pending->host);
    g_free(pending->path);
    g_free(pending);
}

static void
push(Putting *putting, const char *host, const char *path)
{
    Pending *pending = g_new(Pending, 1);
    *pending = (Pending){g_strdup(host), g_strdup(path)};
    g_ptr_array_add(putting->stack, pending);
}

static HcTreeNode *
put_status(HcTree *tree, const char *name, const char *host, const struct stat *status,
           GError **error)
{
    HcTreeNode *node = hc_tree_place(tree, name, HC_TREE_FILE, host, error);
    if (node == NULL)
        return NULL;
    HcTreeFile *file = hc_tree_file_new(tree, HC_TREE_FILE);
    file->n_bytes = (uint64_t) status->st_size;
    file->place =
        (HcTreePlace){.kind = HC_PLACE_HOST, .u.host = hc_tree_text(tree, host, strlen(host))};
    hc_tree_inherit(tree, file, node->parent);
    hc_tree_set_file(tree, node, file);
    return node;
}

static gboolean
fail_kind(const char *host, const char *what, GError **error)
{
    g_autofree char *shown = g_utf8_make_valid(host, -1);
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: %s cannot be added", shown, what);
}

/* A link of the host becomes one of Windows when it leads to something in the folder that is put,
 * also in what the filter leaves out. */
static gboolean
put_link(Putting *putting, const char *host, const char *name, GError **error)
{
    g_autofree char *target = g_file_read_link(host, NULL);
    char *real = realpath(host, NULL);
    struct stat status;
    const gsize n_top = strlen(putting->top);
    const gboolean is_inside = real != NULL && target != NULL && *target != '/' &&
                               strncmp(real, putting->top, n_top) == 0 &&
                               (real[n_top] == '/' || real[n_top] == '\0') &&
                               stat(real, &status) == 0;
    free(real);
    if (!is_inside)
        return fail_kind(host, "a symbolic link that does not lead to something in the folder",
                         error);
    g_strdelimit(target, "/", '\\');
    return hc_tree_put_link(putting->tree, name, HC_TREE_SYMLINK, target, S_ISDIR(status.st_mode),
                            error) != NULL;
}

/* What is wrong with the last part of @path. */
static const char *
check_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return hc_windows_name_fault(slash != NULL ? slash + 1 : path);
}

static gboolean
put_one(Putting *putting, const char *host, const char *path, const struct stat *status,
        GError **error)
{
    const gboolean is_folder = S_ISDIR(status->st_mode);
    gboolean enter = FALSE;
    g_autofree char *name =
        *path != '\0' ? g_strconcat(putting->name, "/", path, NULL) : g_strdup(putting->name);
    const gboolean is_taken =
        putting->filter == NULL || putting->filter(putting->data, path, is_folder, &enter);
    if (is_folder && (is_taken || enter))
        push(putting, host, path);
    if (!is_taken)
        return TRUE;
    const char *fault = *path != '\0' ? check_name(path) : NULL;
    if (fault != NULL) {
        g_autofree char *shown = g_utf8_make_valid(host, -1);
        return hc_fail(error, HC_ERROR_USAGE, "%s: %s", shown, fault);
    }
    if (S_ISREG(status->st_mode))
        return put_status(putting->tree, name, host, status, error) != NULL;
    if (S_ISLNK(status->st_mode))
        return put_link(putting, host, name, error);
    if (!is_folder)
        return fail_kind(host, "what is neither a file nor a folder", error);
    HcTreeNode *node = hc_tree_make_folder(putting->tree, name, error);
    if (node != NULL)
        node->is_touched = TRUE;
    return node != NULL;
}

static gboolean
put_folder(Putting *putting, const Pending *folder, GError **error)
{
    g_autoptr(GPtrArray) entries = hc_folder_names(folder->host, error);
    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const char *entry = entries->pdata[i];
        g_autofree char *host = g_build_filename(folder->host, entry, NULL);
        g_autofree char *path =
            *folder->path != '\0' ? g_strconcat(folder->path, "/", entry, NULL) : g_strdup(entry);
        struct stat status;
        if (lstat(host, &status) != 0)
            return hc_fail_io(error, host, "cannot read", errno);
        if (!put_one(putting, host, path, &status, error))
            return FALSE;
    }
    return entries != NULL;
}

static gboolean
put_all(Putting *putting, const char *host, const struct stat *status, GError **error)
{
    if (!put_one(putting, host, "", status, error))
        return FALSE;
    while (putting->stack->len > 0) {
        Pending *folder = g_ptr_array_steal_index(putting->stack, putting->stack->len - 1);
        const gboolean is_put = put_folder(putting, folder, error);
        pending_free(folder);
        if (!is_put)
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_tree_put_host(HcTree *tree, const char *name, const char *host, HcTreeFilter filter, void *data,
                 GError **error)
{
    struct stat status;
    if (stat(host, &status) != 0)
        return hc_fail_io(error, host, "cannot read", errno);
    char *top = realpath(host, NULL);
    if (top == NULL)
        return hc_fail_io(error, host, "cannot read", errno);
    g_autoptr(GPtrArray) stack = g_ptr_array_new_with_free_func(pending_free);
    Putting putting = {tree, name, top, filter, data, stack};
    tree->serial = ++tree->n_serials;
    const gboolean is_put = put_all(&putting, host, &status, error);
    tree->serial = 0;
    free(top);
    return is_put;
}
