#include "config.h"

#include "hivecore/edit/edit.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/map.h"
#include "hivecore/delta/proof.h"
#include "hivecore/edit/edit-private.h"
#include "hivecore/edit/wall.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"

static void
close_fd(const int *fd)
{
    if (*fd >= 0)
        (void) close(*fd); /* an in-memory file: nothing can be lost */
}

/* Says which hive it was, and which key where one call of the script was the last. */
static gboolean
failed_at(const HcHive *hive, const HcEditScript *script, uint32_t n_done, GError **error)
{
    g_autoptr(GString) place = g_string_new(hc_hive_file(hive));
    if (n_done < script->nodes->len) {
        const HcDeltaKey *node = (const HcDeltaKey *) script->nodes->pdata[n_done];
        g_string_append(place, ": ");
        if (node->parent == NULL)
            g_string_append(place, "root key");
        hc_delta_append_path(place, node, NULL);
    }
    g_prefix_error(error, "%s: ", place->str);
    return FALSE;
}

/* The bytes of @fd, a sealed in-memory file, as memory that can be changed. */
static GBytes *
map_edited(const HcHive *hive, int fd, GError **error)
{
    struct stat status;
    void *bytes = MAP_FAILED;
    if (fstat(fd, &status) == 0)
        bytes = mmap(NULL, (gsize) status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return hc_fail_io_null(error, hc_hive_file(hive), "cannot read back the edited hive",
                               errno);
    return hc_bytes_from_mapping(bytes, (gsize) status.st_size, (gsize) status.st_size);
}

/* What hivex makes of a copy of @snapshot; nothing is known of it yet. */
static GBytes *
run_hivex(const HcHive *snapshot, const HcDelta *exact, GError **error)
{
    __attribute__((cleanup(close_fd))) int output_fd =
        memfd_create("edited", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (output_fd < 0)
        return hc_fail_io_null(error, hc_hive_file(snapshot), "cannot make an in-memory file",
                               errno);
    __attribute__((cleanup(hc_edit_script_clear))) HcEditScript script = {NULL, -1};
    if (!hc_edit_script_make(&script, snapshot, exact, error))
        return NULL;
    g_autofree char *program = hc_wall_program();
    const HcWallJob job = {program,           script.fd,
                           script.nodes->len, hc_map_fd(hc_hive_map(snapshot)),
                           output_fd,         HC_WALL_TIMEOUT_MS};
    uint32_t n_done;
    if (!hc_wall_run(&job, &n_done, error)) {
        failed_at(snapshot, &script, n_done, error); /* which only says FALSE */
        return NULL;
    }
    return map_edited(snapshot, output_fd, error);
}

/* Mends and proves what hivex made. */
static gboolean
settle(const HcHive *snapshot, GBytes *bytes, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    /* Nobody else has seen these bytes yet: they are ours to change, as map_edited() says. */
    uint8_t *edited = (uint8_t *) (uintptr_t) g_bytes_get_data(bytes, NULL);
    if (g_bytes_get_size(bytes) >= HC_BASE_BLOCK_BYTES)
        hc_edit_fixup_checksum(edited);
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(snapshot), g_bytes_ref(bytes));
    g_autoptr(HcHive) view = hc_hive_open_map(map, 0, error);
    return view != NULL && hc_edit_fixup(edited, view, exact, epoch, error) &&
           hc_proof(snapshot, bytes, exact, epoch, error);
}

/* Where hivex did not what it was asked for, that is its fault, and the hive's. */
static gboolean
blame_hivex(const HcHive *hive, GError *failure, GError **error)
{
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_UNSUPPORTED) ||
        g_error_matches(failure, HC_ERROR, HC_ERROR_IO))
        return hc_fail_with(error, failure);
    const char *message = failure->message;
    g_autofree char *prefix = g_strconcat(hc_hive_file(hive), ": ", NULL);
    if (g_str_has_prefix(message, prefix))
        message += strlen(prefix);
    hc_set_error(error, HC_ERROR_UNSUPPORTED, "%shivex cannot do this: %s", prefix, message);
    g_error_free(failure);
    return FALSE;
}

GBytes *
hc_edit_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    const uint64_t n_bytes = (uint64_t) HC_BASE_BLOCK_BYTES + hc_hive_info(hive)->bins_bytes;
    g_autoptr(HcMap) copy = hc_map_snapshot(hc_hive_map(hive), n_bytes, error);
    if (copy == NULL)
        return NULL;
    g_autoptr(HcHive) snapshot = hc_hive_open_map(copy, 0, error);
    if (snapshot == NULL || !hc_hive_check(snapshot, NULL, error) ||
        !hc_edit_is_safe(snapshot, exact, error))
        return NULL;
    g_autoptr(GBytes) bytes = run_hivex(snapshot, exact, error);
    if (bytes == NULL)
        return NULL;
    GError *failure = NULL;
    if (!settle(snapshot, bytes, exact, epoch, &failure)) {
        blame_hivex(snapshot, failure, error); /* which only says FALSE */
        return NULL;
    }
    return g_steal_pointer(&bytes);
}
