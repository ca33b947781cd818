#include "config.h"

#include "hivecore/edit/edit.h"

#include <errno.h>
#include <hivex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/diff.h"
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
    g_set_error(error, HC_ERROR, HC_ERROR_UNSUPPORTED, "%s: %s: hivex failed to %s: %s",
                hc_hive_file(edit->hive), path->len > 0 ? path->str : "root key", action,
                g_strerror(saved_errno));
    return FALSE;
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
close_fd(int *fd)
{
    if (*fd >= 0)
        (void) close(*fd); /* an in-memory file: nothing can be lost */
}

/* What hivex committed, read back into memory that can be changed. */
static uint8_t *
commit(const Edit *edit, gsize *n_bytes, GError **error)
{
    const char *file = hc_hive_file(edit->hive);
    __attribute__((cleanup(close_fd))) int fd = memfd_create("hivetool", MFD_CLOEXEC);
    if (fd < 0) {
        hc_set_io_error(error, file, "cannot make an in-memory file", errno);
        return NULL;
    }
    char path[sizeof "/proc/self/fd/" + 12];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (hivex_commit(edit->hivex, path, 0) == -1) {
        hc_set_io_error(error, file, "hivex cannot write the edited hive to memory", errno);
        return NULL;
    }
    struct stat status;
    if (fstat(fd, &status) != 0) {
        hc_set_io_error(error, file, "cannot read back the edited hive", errno);
        return NULL;
    }
    g_autofree uint8_t *bytes = (uint8_t *) g_try_malloc((gsize) status.st_size);
    gsize done = 0;
    while (bytes != NULL && done < (gsize) status.st_size) {
        const ssize_t n = pread(fd, bytes + done, (gsize) status.st_size - done, (off_t) done);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            break;
        done += n > 0 ? (gsize) n : 0;
    }
    if (bytes == NULL || done < (gsize) status.st_size) {
        hc_set_io_error(error, file, "cannot read back the edited hive",
                        bytes == NULL ? ENOMEM : EIO);
        return NULL;
    }
    *n_bytes = done;
    return g_steal_pointer(&bytes);
}

static gboolean
has_replace(const HcDeltaKey *node)
{
    if (node->op == HC_KEY_REPLACE)
        return TRUE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        if (has_replace(hc_delta_child(node, i)))
            return TRUE;
    }
    return FALSE;
}

static gboolean
not_proven(const HcHive *hive, GError **error, const char *what)
{
    g_set_error(error, HC_ERROR, HC_ERROR_INTERNAL,
                "%s: the edited hive failed its proof: %s; nothing was written", hc_hive_file(hive),
                what);
    return FALSE;
}

/* The result must be sound, and differ from the original by exactly what was asked for. */
static gboolean
prove(const HcHive *before, GBytes *bytes, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(before), g_bytes_ref(bytes));
    g_autoptr(HcHive) after = hc_hive_open_map(map, 0, &failure);
    HcIgnoredCounts ignored;
    if (after == NULL || !hc_hive_check(after, NULL, &failure))
        return not_proven(before, error, failure->message);
    g_autoptr(HcDelta) difference = hc_diff(before, after, HC_IGNORE_DEFAULT, &ignored, &failure);
    if (difference == NULL)
        return not_proven(before, error, failure->message);
    g_autoptr(HcDelta) expected = hc_delta_lower(exact);
    if (!hc_delta_equal(difference, expected))
        return not_proven(before, error, "its difference to the original is not the patch");
    if (ignored.order > 0)
        return not_proven(before, error, "the order of values changed");
    if (ignored.timestamps > 0 && !epoch.is_set && !has_replace(hc_delta_root(exact)))
        return not_proven(before, error, "a last-written time changed");
    return TRUE;
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
        !hc_edit_guard(snapshot, exact, error) || !hc_hive_root(snapshot, &root, error))
        return NULL;

    g_unsetenv("HIVEX_DEBUG");
    char path[sizeof "/proc/self/fd/" + 12];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", hc_map_fd(copy));
    g_autoptr(hive_h) hivex = hivex_open(path, HIVEX_OPEN_WRITE);
    if (hivex == NULL) {
        g_set_error(error, HC_ERROR, HC_ERROR_UNSUPPORTED, "%s: hivex does not open the hive: %s",
                    hc_hive_file(hive), g_strerror(errno));
        return NULL;
    }
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Edit edit = {snapshot, hivex, scratch};
    if (!edit_key(&edit, hc_delta_root(exact), &root, error))
        return NULL;

    gsize n_edited = 0;
    uint8_t *edited = commit(&edit, &n_edited, error);
    if (edited == NULL)
        return NULL;
    g_autoptr(GBytes) bytes = g_bytes_new_take(edited, n_edited);
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(hive), g_bytes_ref(bytes));
    g_autoptr(HcHive) view = hc_hive_open_map(map, 0, error);
    if (view == NULL || !hc_edit_fixup(edited, view, exact, epoch, error) ||
        !prove(snapshot, bytes, exact, epoch, error))
        return NULL;
    return g_steal_pointer(&bytes);
}
