#include "config.h"

#include "hivecore/edit/edit.h"

#include "hivecore/base/error.h"
#include "hivecore/base/map.h"
#include "hivecore/delta/proof.h"
#include "hivecore/edit/edit-private.h"
#include "hivecore/edit/wall.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"

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

/* What hivex makes of a copy of @snapshot goes to @output; nothing is known of it yet. */
static gboolean
run_hivex(const HcHive *snapshot, const HcDelta *exact, HcOutput *output, GError **error)
{
    __attribute__((cleanup(hc_edit_script_clear))) HcEditScript script = {NULL, -1};
    if (!hc_edit_script_make(&script, snapshot, exact, error))
        return FALSE;
    g_autofree char *program = hc_wall_program();
    const HcMap *copy = hc_hive_map(snapshot);
    const HcWallJob job = {
        program,           script.fd, script.nodes->len, hc_map_fd(copy), hc_output_fd(output),
        HC_WALL_TIMEOUT_MS};
    uint32_t n_done;
    if (!hc_wall_run(&job, &n_done, error))
        return failed_at(snapshot, &script, n_done, error);
    return hc_map_is_unchanged(copy) ||
           hc_fail(error, HC_ERROR_IO, "%s: hivex has changed the copy that it was given to read",
                   hc_hive_file(snapshot));
}

/* A view of what there is of the hive so far, that shows what is written to it. Of what is entered
 * only, since it is proven in the end. */
static HcHive *
view_edited(const HcHive *snapshot, HcOutput *output, GError **error)
{
    GBytes *bytes = hc_output_map(output, error);
    if (bytes == NULL)
        return NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(snapshot), bytes);
    return hc_map_size(map) < HC_BASE_BLOCK_BYTES ||
                   hc_edit_fixup_checksum(output, hc_map_data(map), error)
               ? hc_hive_open_map(map, HC_HIVE_LAZY, error)
               : NULL;
}

/* Mends what hivex made. */
static gboolean
mend(const HcHive *snapshot, HcOutput *output, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    g_autoptr(HcHive) view = view_edited(snapshot, output, error);
    if (view == NULL || !hc_edit_fixup(output, view, exact, epoch, error))
        return FALSE;
    /* The new bin goes where the others end. */
    const HcMap *map = hc_hive_map(view);
    if (hc_map_size(map) != HC_BASE_BLOCK_BYTES + (uint64_t) hc_hive_info(view)->bins_bytes)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: it left something behind the hive",
                       hc_hive_file(snapshot));
    if (!hc_edit_fixup_security(output, view, exact, error))
        return FALSE;
    uint8_t sum[4];
    hc_put32(sum, hc_base_checksum(hc_map_data(map)));
    return hc_output_write_at(output, HC_BASE_CHECKSUM, sum, sizeof(sum), error);
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

/* Mends and proves what hivex made. Returns: all that is in @output */
static GBytes *
finish(const HcHive *snapshot, HcKeptCheck *kept, const HcDelta *exact, HcEpoch epoch,
       HcOutput *output, GError **error)
{
    g_autoptr(HcKeptCheck) own = kept;
    g_autoptr(GBytes) bytes = NULL;
    if (mend(snapshot, output, exact, epoch, error))
        bytes = hc_output_map(output, error);
    return bytes != NULL && hc_proof(snapshot, g_steal_pointer(&own), bytes, exact, epoch, error)
               ? g_steal_pointer(&bytes)
               : NULL;
}

/* Edits in @output, whose content is not of account where this fails. */
static GBytes *
edit(const HcHive *snapshot, const HcDelta *exact, HcEpoch epoch, HcOutput *output, GError **error)
{
    g_autoptr(HcKeptCheck) kept = hc_hive_check_keep(snapshot, error);
    if (kept == NULL || !hc_edit_is_safe(snapshot, exact, error) ||
        !run_hivex(snapshot, exact, output, error))
        return NULL;
    GError *failure = NULL;
    GBytes *bytes = finish(snapshot, g_steal_pointer(&kept), exact, epoch, output, &failure);
    if (bytes == NULL)
        blame_hivex(snapshot, failure, error); /* which only says FALSE */
    return bytes;
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
    g_autoptr(HcMap) copy = hc_map_snapshot_to_share(hc_hive_map(hive), n_bytes, error);
    if (copy == NULL)
        return NULL;
    g_autoptr(HcHive) snapshot = hc_hive_open_map(copy, 0, error);
    if (snapshot == NULL)
        return NULL;
    g_autoptr(HcOutput) own =
        output == NULL ? hc_output_open_memory(hc_hive_file(hive), error) : NULL;
    if (output == NULL)
        output = own;
    if (output == NULL)
        return NULL;
    GError *failure = NULL;
    GBytes *bytes = edit(snapshot, exact, epoch, output, &failure);
    if (bytes != NULL)
        return bytes;
    if (hc_output_clear(output, error))
        return hc_fail_with_null(error, failure);
    g_error_free(failure);
    return NULL;
}
