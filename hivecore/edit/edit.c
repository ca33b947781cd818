#include "config.h"

#include "hivecore/edit/edit.h"

#include <errno.h>
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

/* What hivex made, as memory that can be changed, with zeros at its end. */
typedef struct {
    uint8_t *bytes;
    gsize n_bytes;
    gsize n_mapped;
} Edited;

/* The bytes of @fd, a sealed in-memory file, with @room behind them. */
static gboolean
map_edited(const HcHive *hive, int fd, gsize room, Edited *edited, GError **error)
{
    struct stat status;
    void *bytes = MAP_FAILED;
    if (fstat(fd, &status) == 0) {
        edited->n_bytes = (gsize) status.st_size;
        edited->n_mapped = edited->n_bytes + room;
        bytes = mmap(NULL, edited->n_mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
    }
    if (bytes == MAP_FAILED)
        return hc_fail_io(error, hc_hive_file(hive), "cannot read back the edited hive", errno);
    edited->bytes = bytes;
    if (edited->n_bytes == 0 || mmap(bytes, edited->n_bytes, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_FIXED, fd, 0) != MAP_FAILED)
        return TRUE;
    hc_set_io_error(error, hc_hive_file(hive), "cannot read back the edited hive", errno);
    (void) munmap(edited->bytes, edited->n_mapped);
    return FALSE;
}

/* What hivex makes of a copy of @snapshot; nothing is known of it yet. */
static gboolean
run_hivex(const HcHive *snapshot, const HcDelta *exact, Edited *edited, GError **error)
{
    __attribute__((cleanup(close_fd))) int output_fd =
        memfd_create("edited", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (output_fd < 0)
        return hc_fail_io(error, hc_hive_file(snapshot), "cannot make an in-memory file", errno);
    __attribute__((cleanup(hc_edit_script_clear))) HcEditScript script = {NULL, -1};
    if (!hc_edit_script_make(&script, snapshot, exact, error))
        return FALSE;
    g_autofree char *program = hc_wall_program();
    const HcWallJob job = {program,           script.fd,
                           script.nodes->len, hc_map_fd(hc_hive_map(snapshot)),
                           output_fd,         HC_WALL_TIMEOUT_MS};
    uint32_t n_done;
    if (!hc_wall_run(&job, &n_done, error))
        return failed_at(snapshot, &script, n_done, error);
    return map_edited(snapshot, output_fd, hc_edit_security_room(exact), edited, error);
}

/* A view of what there is of the hive so far. */
static HcHive *
view_edited(const HcHive *snapshot, const Edited *edited, GError **error)
{
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(snapshot),
                                             g_bytes_new_static(edited->bytes, edited->n_bytes));
    return hc_hive_open_map(map, 0, error);
}

/* Mends what hivex made. Nobody else has seen these bytes yet. */
static gboolean
mend(const HcHive *snapshot, Edited *edited, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    gsize n_added = 0;
    if (edited->n_bytes >= HC_BASE_BLOCK_BYTES)
        hc_edit_fixup_checksum(edited->bytes);
    g_autoptr(HcHive) view = view_edited(snapshot, edited, error);
    if (view == NULL || !hc_edit_fixup(edited->bytes, view, exact, epoch, error))
        return FALSE;
    /* The new bin goes where the others end. */
    if (edited->n_bytes != HC_BASE_BLOCK_BYTES + (gsize) hc_hive_info(view)->bins_bytes)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: it left something behind the hive",
                       hc_hive_file(snapshot));
    if (!hc_edit_fixup_security(edited->bytes, view, exact, &n_added, error))
        return FALSE;
    edited->n_bytes += n_added;
    hc_put32(edited->bytes + HC_BASE_CHECKSUM, hc_base_checksum(edited->bytes));
    return TRUE;
}

/* Where hivex did not what it was asked for, that is its fault, and the hive's. */
static gboolean
blame_hivex(const HcHive *hive, GError *failure, GError **error)
{
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_UNSUPPORTED) ||
        g_error_matches(failure, HC_ERROR, HC_ERROR_IO))
        return hc_fail_with(error, failure);
    const char *file = hc_hive_file(hive);
    hc_set_error(error, HC_ERROR_UNSUPPORTED, "%s: hivex cannot do this: %s", file,
                 hc_error_text(failure, file));
    g_error_free(failure);
    return FALSE;
}

/* What hivex made of a copy of @snapshot, mended: in @output, mapped, or, without one, in memory.
 */
static GBytes *
make_edited(const HcHive *snapshot, const HcDelta *exact, HcEpoch epoch, Edited *edited,
            HcOutput *output, GError **error)
{
    const gboolean is_mended = mend(snapshot, edited, exact, epoch, error);
    g_autoptr(GBytes) bytes =
        hc_bytes_from_mapping(edited->bytes, edited->n_mapped, edited->n_bytes);
    if (!is_mended)
        return NULL;
    if (output == NULL)
        return g_steal_pointer(&bytes);
    return hc_output_write(output, edited->bytes, edited->n_bytes, error)
               ? hc_output_map(output, error)
               : NULL;
}

GBytes *
hc_edit_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    return hc_edit_apply_to(hive, exact, epoch, NULL, error);
}

GBytes *
hc_edit_apply_to(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, HcOutput *output,
                 GError **error)
{
    const uint64_t n_bytes = (uint64_t) HC_BASE_BLOCK_BYTES + hc_hive_info(hive)->bins_bytes;
    g_autoptr(HcMap) copy = hc_map_snapshot_sealed(hc_hive_map(hive), n_bytes, error);
    if (copy == NULL)
        return NULL;
    g_autoptr(HcHive) snapshot = hc_hive_open_map(copy, 0, error);
    g_autoptr(HcKeptCheck) kept = snapshot != NULL ? hc_hive_check_keep(snapshot, error) : NULL;
    if (kept == NULL || !hc_edit_is_safe(snapshot, exact, error))
        return NULL;
    Edited edited = {NULL, 0, 0};
    if (!run_hivex(snapshot, exact, &edited, error))
        return NULL;
    GError *failure = NULL;
    g_autoptr(GBytes) bytes = make_edited(snapshot, exact, epoch, &edited, output, &failure);
    if (bytes != NULL && hc_proof(snapshot, g_steal_pointer(&kept), bytes, exact, epoch, &failure))
        return g_steal_pointer(&bytes);
    if (output == NULL || hc_output_clear(output, error))
        blame_hivex(snapshot, failure, error); /* which only says FALSE */
    else
        g_error_free(failure);
    return NULL;
}
