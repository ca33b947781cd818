#include "config.h"

#include "hivecore/edit/edit.h"

#include <errno.h>
#include <hivex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/map.h"
#include "hivecore/delta/proof.h"
#include "hivecore/edit/edit-private.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(hive_h, hivex_close)

typedef struct {
    const HcHive *hive; /* the snapshot: offsets are hivex's handles less the base block */
    hive_h *hivex;
    GByteArray *scratch;
} Edit;

static gboolean
hivex_failed(const Edit *edit, const HcDeltaKey *node, const char *action, GError **error)
{
    const int saved_errno = errno;
    g_autoptr(GString) path = g_string_new(NULL);
    hc_delta_append_path(path, node, NULL);
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: %s: hivex failed to %s: %s",
                   hc_hive_file(edit->hive), path->len > 0 ? path->str : "root key", action,
                   g_strerror(saved_errno));
}

/* hivex's form of a value list; names and data are owned by it. */
static void
append_value(GArray *list, HcName name, uint32_t type, HcBlob data)
{
    GString *key = g_string_new(NULL);
    hc_name_append_utf8(key, name);
    const hive_set_value value = {.key = g_string_free(key, FALSE),
                                  .t = (hive_type) type,
                                  .len = data.n_bytes,
                                  .value = (char *) g_memdup2(data.bytes, data.n_bytes)};
    g_array_append_val(list, value);
}

static void
clear_value(gpointer data)
{
    hive_set_value *value = (hive_set_value *) data;
    g_free(value->key);
    g_free(value->value);
}

static GArray *
new_value_list(void)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(hive_set_value));
    g_array_set_clear_func(list, clear_value);
    return list;
}

static gboolean
set_values(Edit *edit, const HcDeltaKey *node, hive_node_h handle, GArray *list, GError **error)
{
    if (hivex_node_set_values(edit->hivex, handle, list->len,
                              (const hive_set_value *) (const void *) list->data, 0) == -1)
        return hivex_failed(edit, node, "set the values", error);
    return TRUE;
}

/* All values of an existing key as they will be: old ones in their order, then the new ones. */
static gboolean
edit_values(Edit *edit, const HcDeltaKey *node, const HcKey *key, hive_node_h handle,
            GError **error)
{
    g_autoptr(GArray) list = new_value_list();
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        HcBlob data;
        if (!hc_hive_value(edit->hive, key, i, &value, error))
            return FALSE;
        const HcDeltaValue *change = hc_delta_find_value(node, value.name);
        if (change != NULL && change->op == HC_VALUE_DELETE)
            continue;
        if (change != NULL) {
            append_value(list, value.name, change->after.type, change->after.data);
            continue;
        }
        if (!hc_hive_value_data(edit->hive, &value, edit->scratch, &data, error))
            return FALSE;
        append_value(list, value.name, value.type, data);
    }
    for (guint i = 0; i < hc_delta_n_values(node); i++) {
        const HcDeltaValue *change = hc_delta_value(node, i);
        if (change->op == HC_VALUE_SET && !change->before.is_present)
            append_value(list, change->name, change->after.type, change->after.data);
    }
    return set_values(edit, node, handle, list, error);
}

static gboolean
add_key(Edit *edit, const HcDeltaKey *node, hive_node_h parent, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);
    hc_name_append_utf8(name, node->name);
    const hive_node_h handle = hivex_node_add_child(edit->hivex, parent, name->str);
    if (handle == 0)
        return hivex_failed(edit, node, "add the key", error);
    if (hc_delta_n_values(node) > 0) {
        g_autoptr(GArray) list = new_value_list();
        for (guint i = 0; i < hc_delta_n_values(node); i++) {
            const HcDeltaValue *value = hc_delta_value(node, i);
            append_value(list, value->name, value->after.type, value->after.data);
        }
        if (!set_values(edit, node, handle, list, error))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        if (!add_key(edit, hc_delta_child(node, i), handle, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
edit_key(Edit *edit, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    const hive_node_h handle = (hive_node_h) key->offset + HC_BASE_BLOCK_BYTES;
    if (hc_delta_n_values(node) > 0 && !edit_values(edit, node, key, handle, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        HcKey subkey;
        if (child->op == HC_KEY_CREATE) {
            if (!add_key(edit, child, handle, error))
                return FALSE;
            continue;
        }
        /* The guard has found it in this same snapshot. */
        if (!hc_hive_subkey(edit->hive, key, child->name, &subkey, error))
            return FALSE;
        if (child->op == HC_KEY_KEEP) {
            if (!edit_key(edit, child, &subkey, error))
                return FALSE;
            continue;
        }
        if (hivex_node_delete_child(edit->hivex,
                                    (hive_node_h) subkey.offset + HC_BASE_BLOCK_BYTES) == -1)
            return hivex_failed(edit, child, "delete the key", error);
        if (child->op == HC_KEY_REPLACE && !add_key(edit, child, handle, error))
            return FALSE;
    }
    return TRUE;
}

static void
close_fd(const int *fd)
{
    if (*fd >= 0)
        (void) close(*fd); /* an in-memory file: nothing can be lost */
}

/* What hivex committed, as memory that can be changed. */
static GBytes *
commit(const Edit *edit, GError **error)
{
    const char *file = hc_hive_file(edit->hive);
    __attribute__((cleanup(close_fd))) int fd = memfd_create("hivetool", MFD_CLOEXEC);
    if (fd < 0)
        return hc_fail_io_null(error, file, "cannot make an in-memory file", errno);
    char path[sizeof "/proc/self/fd/" + 12];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (hivex_commit(edit->hivex, path, 0) == -1)
        return hc_fail_io_null(error, file, "hivex cannot write the edited hive to memory", errno);
    struct stat status;
    void *bytes = MAP_FAILED;
    /* Its pages are all there, hivex has written them: storing into them needs no more room. */
    if (fstat(fd, &status) == 0)
        bytes = mmap(NULL, (gsize) status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return hc_fail_io_null(error, file, "cannot read back the edited hive", errno);
    return hc_bytes_from_mapping(bytes, (gsize) status.st_size, (gsize) status.st_size);
}

GBytes *
hc_edit_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    const uint64_t n_bytes = (uint64_t) HC_BASE_BLOCK_BYTES + hc_hive_info(hive)->bins_bytes;
    g_autoptr(HcMap) copy = hc_map_snapshot(hc_hive_map(hive), n_bytes, error);
    if (copy == NULL)
        return NULL;
    g_autoptr(HcHive) snapshot = hc_hive_open_map(copy, 0, error);
    HcKey root;
    if (snapshot == NULL || !hc_hive_check(snapshot, NULL, error) ||
        !hc_edit_is_safe(snapshot, exact, error) || !hc_hive_root(snapshot, &root, error))
        return NULL;

    g_unsetenv("HIVEX_DEBUG");
    char path[sizeof "/proc/self/fd/" + 12];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", hc_map_fd(copy));
    g_autoptr(hive_h) hivex = hivex_open(path, HIVEX_OPEN_WRITE);
    if (hivex == NULL)
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED, "%s: hivex does not open the hive: %s",
                            hc_hive_file(hive), g_strerror(errno));
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Edit edit = {snapshot, hivex, scratch};
    if (!edit_key(&edit, hc_delta_root(exact), &root, error))
        return NULL;

    g_autoptr(GBytes) bytes = commit(&edit, error);
    if (bytes == NULL)
        return NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(hive), g_bytes_ref(bytes));
    g_autoptr(HcHive) view = hc_hive_open_map(map, 0, error);
    /* Nobody else has seen these bytes yet: they are ours to change, as commit() says. */
    uint8_t *edited = (uint8_t *) (uintptr_t) g_bytes_get_data(bytes, NULL);
    if (view == NULL || !hc_edit_fixup(edited, view, exact, epoch, error) ||
        !hc_proof(snapshot, bytes, exact, epoch, error))
        return NULL;
    return g_steal_pointer(&bytes);
}
