#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/registry/registry-private.h"

/* A file in a folder of hives. */
typedef struct {
    char *path;
    char *label;
    HcRoot *root;            /* (nullable) */
    gboolean is_text;        /* of Wine */
    gboolean is_called_that; /* by the name that Windows gives the hive at root */
} Found;

static void
found_free(void *pointer)
{
    Found *found = pointer;
    g_free(found->path);
    g_free(found->label);
    hc_root_free(found->root);
    g_free(found);
}

/* Takes the file at @path (transfer full) if it is a hive. What is called like one of Windows is
 * one, also where it does not look so: that it is damaged is told when it is opened. */
static gboolean
take(GPtrArray *all, char *path, gboolean is_disk, GError **error)
{
    struct stat status;
    gboolean is_there;
    g_autofree char *owned = path;
    g_autofree char *label = g_path_get_basename(path);
    if (!hc_file_look(path, !is_disk, &status, &is_there, error))
        return FALSE;
    g_autoptr(HcRoot) root = hc_root_of_file(label);
    const gboolean is_called_that = root != NULL;
    HcRoot *wine = NULL;
    const gboolean is_text =
        S_ISREG(status.st_mode) && !is_called_that && hc_wine_find(path, &wine);
    if (S_ISLNK(status.st_mode) && is_called_that)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is a symbolic link", path);
    if (!S_ISREG(status.st_mode))
        return TRUE;
    if (is_text) {
        root = wine;
    } else if (root == NULL) {
        g_autoptr(GError) failure = NULL;
        g_autoptr(HcHive) hive = hc_hive_open(
            path, HC_HIVE_LAZY | HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED, &failure);
        if (g_error_matches(failure, HC_ERROR, HC_ERROR_IO))
            return hc_fail_with(error, g_steal_pointer(&failure));
        if (hive == NULL)
            return TRUE;
        /* On a disk what hangs somewhere has the name that Windows gives it: not BCD-Template. */
        root = is_disk ? NULL : hc_root_guess(path, hc_hive_info(hive)->name);
    }
    Found *found = g_new0(Found, 1);
    found->path = g_steal_pointer(&owned);
    found->label = g_steal_pointer(&label);
    found->root = g_steal_pointer(&root);
    found->is_called_that = is_called_that;
    found->is_text = is_text;
    g_ptr_array_add(all, found);
    return TRUE;
}

static gboolean
scan(GPtrArray *all, const char *folder, gboolean is_disk, GError **error)
{
    g_autoptr(GPtrArray) names = hc_folder_names(folder, error);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (!take(all, g_build_filename(folder, name, NULL), is_disk, error))
            return FALSE;
    }
    return names != NULL;
}

/* Copies that --backup and people keep beside a hive of Windows: SOFTWARE.bak, SOFTWARE.old. They
 * are read where they are named themselves; as hives of the disk all would be found twice. */
static void
drop_copies(GPtrArray *all)
{
    for (guint i = all->len; i-- > 0;) {
        const Found *found = g_ptr_array_index(all, i);
        const char *dot = strchr(found->label, '.');
        g_autofree char *name =
            dot != NULL ? g_strndup(found->label, (gsize) (dot - found->label)) : NULL;
        g_autoptr(HcRoot) root = name != NULL ? hc_root_of_file(name) : NULL;
        gboolean is_copy = FALSE;
        for (guint k = 0; root != NULL && k < all->len && !is_copy; k++) {
            const Found *other = g_ptr_array_index(all, k);
            is_copy = k != i && other->is_called_that && hc_root_equal(other->root, root);
        }
        if (is_copy && !found->is_called_that)
            g_ptr_array_remove_index(all, i);
    }
}

/* Leaves each place to one: SOFTWARE.old beside SOFTWARE hangs nowhere. */
static gboolean
settle_places(const GPtrArray *all, const char *folder, GError **error)
{
    g_autofree gboolean *is_outdone = g_new0(gboolean, all->len);
    for (guint i = 0; i < all->len; i++) {
        const Found *found = g_ptr_array_index(all, i);
        for (guint k = 0; k < all->len; k++) {
            const Found *other = g_ptr_array_index(all, k);
            if (k == i || !hc_root_equal(found->root, other->root))
                continue;
            if (found->is_called_that && other->is_called_that)
                return hc_fail(error, HC_ERROR_MALFORMED,
                               "%s: has two of the name '%s' that differ by case only", folder,
                               found->label);
            is_outdone[i] |= !found->is_called_that;
        }
    }
    for (guint i = 0; i < all->len; i++) {
        Found *found = g_ptr_array_index(all, i);
        if (is_outdone[i])
            g_clear_pointer(&found->root, hc_root_free);
    }
    return TRUE;
}

static gboolean
check_folder(const char *folder, GError **error)
{
    struct stat status;
    gboolean is_there;
    g_autofree char *layout = g_build_filename(folder, "oci-layout", NULL);
    if (!hc_file_look(layout, FALSE, &status, &is_there, error))
        return FALSE;
    return !is_there || hc_fail(error, HC_ERROR_USAGE, "%s: is an OCI image layout, name it oci:%s",
                                folder, folder);
}

HcRegistry *
hc_registry_open_folder(const char *folder, GError **error)
{
    static const char *const parts[] = {"Windows", "System32", "config", NULL};
    GError *failure = NULL;
    if (!check_folder(folder, error))
        return NULL;
    g_autofree char *config = hc_disk_find(folder, parts, TRUE, &failure);
    if (failure != NULL)
        return hc_fail_with_null(error, failure);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(found_free);
    const char *place = config != NULL ? config : folder;
    if (!scan(all, place, config != NULL, error) || !settle_places(all, place, error))
        return NULL;
    if (config != NULL)
        drop_copies(all);
    if (all->len == 0)
        return hc_fail_null(error, HC_ERROR_MALFORMED,
                            "%s: holds no registry hives, and is no Windows disk or unpacked layer",
                            folder);
    g_autoptr(HcRegistry) registry = hc_registry_new(folder, NULL, NULL);
    for (guint i = 0; i < all->len; i++) {
        Found *found = g_ptr_array_index(all, i);
        if (found->is_text)
            hc_registry_add_text(registry, found->path, g_steal_pointer(&found->root));
        else
            hc_registry_add(registry, found->path, found->label, g_steal_pointer(&found->root),
                            TRUE);
    }
    if (config != NULL) {
        hc_registry_set_disk(registry);
        if (!hc_disk_add_others(registry, folder, error))
            return NULL;
    }
    return g_steal_pointer(&registry);
}
