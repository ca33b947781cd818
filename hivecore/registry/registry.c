#include "config.h"

#include "hivecore/registry/registry.h"

#include <sys/stat.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/registry/registry-private.h"

struct HcRegistry {
    char *name;
    const HcRegistrySource *source; /* NULL: all hives are files */
    void *data;
    GPtrArray *hives; /* of HcRegistryHive * */
    gboolean is_disk;
};

static void
hive_free(void *pointer)
{
    HcRegistryHive *hive = pointer;
    g_free(hive->name);
    g_free(hive->label);
    g_free(hive->user);
    g_free(hive->remark);
    g_clear_pointer(&hive->content, g_bytes_unref);
    hc_root_free(hive->root);
    g_free(hive);
}

HcRegistry *
hc_registry_new(const char *name, const HcRegistrySource *source, void *data)
{
    HcRegistry *registry = g_new0(HcRegistry, 1);
    registry->name = g_strdup(name);
    registry->source = source;
    registry->data = data;
    registry->hives = g_ptr_array_new_with_free_func(hive_free);
    return registry;
}

void
hc_registry_free(HcRegistry *registry)
{
    if (registry == NULL)
        return;
    if (registry->source != NULL)
        registry->source->free(registry->data);
    g_ptr_array_unref(registry->hives);
    g_free(registry->name);
    g_free(registry);
}

void
hc_registry_add(HcRegistry *registry, const char *name, const char *label, HcRoot *root,
                gboolean is_file)
{
    HcRegistryHive *hive = g_new0(HcRegistryHive, 1);
    hive->name = g_strdup(name);
    hive->label = g_strdup(label);
    hive->root = root;
    hive->is_file = is_file;
    g_ptr_array_add(registry->hives, hive);
}

void
hc_registry_add_file(HcRegistry *registry, const char *file)
{
    g_autofree char *label = g_path_get_basename(file);
    struct stat status;
    gboolean is_there;
    HcRoot *root;
    if (hc_wine_find(file, &root)) {
        hc_registry_add_text(registry, file, root);
        return;
    }
    /* What is no hive, or cannot be read, is told by who opens it; a pipe can be read once. */
    g_autoptr(HcHive) hive =
        hc_file_look(file, TRUE, &status, &is_there, NULL) && is_there && S_ISREG(status.st_mode)
            ? hc_hive_open(file, HC_HIVE_LAZY | HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED, NULL)
            : NULL;
    const HcName embedded = hive != NULL ? hc_hive_info(hive)->name : HC_NAME_EMPTY;
    hc_registry_add(registry, file, label, hc_root_guess(file, embedded), TRUE);
}

void
hc_registry_add_text(HcRegistry *registry, const char *file, HcRoot *root)
{
    g_autofree char *label = g_path_get_basename(file);
    hc_registry_add(registry, file, label, root, FALSE);
    HcRegistryHive *hive = g_ptr_array_index(registry->hives, registry->hives->len - 1);
    hive->is_text = TRUE;
}

void
hc_registry_add_content(HcRegistry *registry, GBytes *content, gboolean is_text, HcRoot *root)
{
    hc_registry_add(registry, "-", "-", root, FALSE);
    HcRegistryHive *hive = g_ptr_array_index(registry->hives, registry->hives->len - 1);
    hive->content = g_bytes_ref(content);
    hive->is_text = is_text;
}

void
hc_registry_set_remark(HcRegistry *registry, guint index, const char *remark)
{
    HcRegistryHive *hive = g_ptr_array_index(registry->hives, index);
    g_free(hive->remark);
    hive->remark = g_strdup(remark);
}

void
hc_registry_add_same(HcRegistry *registry, const HcRegistry *other, guint index)
{
    const HcRegistryHive *hive = hc_registry_hive(other, index);
    const guint n = registry->hives->len;
    hc_registry_add(registry, hive->name, hive->label, hc_root_copy(hive->root), hive->is_file);
    HcRegistryHive *same = g_ptr_array_index(registry->hives, n);
    same->is_text = hive->is_text;
    hc_registry_set_user(registry, n, hive->user, hive->is_classes);
    registry->is_disk |= other->is_disk;
}

void
hc_registry_set_user(HcRegistry *registry, guint index, const char *user, gboolean is_classes)
{
    HcRegistryHive *hive = g_ptr_array_index(registry->hives, index);
    g_free(hive->user);
    hive->user = g_strdup(user);
    hive->is_classes = is_classes;
}

void
hc_registry_set_disk(HcRegistry *registry)
{
    registry->is_disk = TRUE;
}

gboolean
hc_registry_is_disk(const HcRegistry *registry)
{
    return registry->is_disk;
}

void
hc_registry_set_root(HcRegistry *registry, guint index, HcRoot *root)
{
    HcRegistryHive *hive = g_ptr_array_index(registry->hives, index);
    hc_root_free(hive->root);
    hive->root = root;
    /* Where it was said to hang it is no user's. */
    g_clear_pointer(&hive->user, g_free);
    hive->is_classes = FALSE;
}

const char *
hc_registry_name(const HcRegistry *registry)
{
    return registry->name;
}

guint
hc_registry_n_hives(const HcRegistry *registry)
{
    return registry->hives->len;
}

const HcRegistryHive *
hc_registry_hive(const HcRegistry *registry, guint index)
{
    return g_ptr_array_index(registry->hives, index);
}

int
hc_registry_find(const HcRegistry *registry, const HcRoot *root, const char *label)
{
    for (guint i = 0; i < registry->hives->len; i++) {
        const HcRegistryHive *hive = hc_registry_hive(registry, i);
        const gboolean is_same = root != NULL || hive->root != NULL
                                     ? hc_root_equal(root, hive->root)
                                     : label != NULL && hc_entry_name_equal(label, hive->label);
        if (is_same)
            return (int) i;
    }
    return -1;
}

int
hc_registry_find_name(const HcRegistry *registry, const char *name)
{
    g_autoptr(HcRoot) root = hc_root_parse_name(name, NULL);
    const int index = root != NULL ? hc_registry_find(registry, root, NULL) : -1;
    if (index >= 0)
        return index;
    for (guint i = 0; i < registry->hives->len; i++) {
        if (hc_entry_name_equal(name, hc_registry_hive(registry, i)->label))
            return (int) i;
    }
    return -1;
}

/* There are no logs beside standard input. */
static HcHive *
open_content(const HcRegistryHive *hive, const HcHiveReading *how, char **note, GError **error)
{
    g_autoptr(HcMap) map = hc_map_from_bytes(hive->name, g_bytes_ref(hive->content));
    g_autoptr(GPtrArray) no_logs = g_ptr_array_new();
    return how->is_as_it_stands ? hc_hive_open_map(map, how->flags, error)
                                : hc_hive_open_recovered_map(map, no_logs, how->dirty_policy,
                                                             how->flags, note, error);
}

static HcHive *
open_hive(HcRegistry *registry, guint index, const HcHiveReading *how, char **note, GError **error)
{
    const HcRegistryHive *hive = hc_registry_hive(registry, index);
    if (hive->is_text)
        return hc_text_open(hive->name, hive->content, error);
    if (hive->content != NULL)
        return open_content(hive, how, note, error);
    if (!hive->is_file)
        return registry->source->open(registry->data, index, how, note, error);
    if (how->is_as_it_stands)
        return hc_hive_open(hive->name, how->flags, error);
    return hc_hive_open_recovered(hive->name, how->dirty_policy, how->flags, note, error);
}

HcHive *
hc_registry_open_hive(HcRegistry *registry, guint index, const HcHiveReading *how, char **note,
                      GError **error)
{
    const char *remark = hc_registry_hive(registry, index)->remark;
    GError *failure = NULL;
    *note = NULL;
    HcHive *hive = open_hive(registry, index, how, note, &failure);
    if (hive != NULL)
        return hive;
    if (remark == NULL || !g_error_matches(failure, HC_ERROR, HC_ERROR_MALFORMED))
        return hc_fail_with_null(error, failure);
    g_autoptr(GError) told = failure;
    return hc_fail_null(error, HC_ERROR_MALFORMED, "%s; %s", told->message, remark);
}
