#include "config.h"

#include "hivecore/delta/rebuild.h"

#include "hivecore/delta/overlay.h"
#include "hivecore/delta/proof.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"

GBytes *
hc_rebuild_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    const uint64_t n_bytes = (uint64_t) HC_BASE_BLOCK_BYTES + hc_hive_info(hive)->bins_bytes;
    g_autoptr(HcMap) copy = hc_map_snapshot(hc_hive_map(hive), n_bytes, error);
    if (copy == NULL)
        return NULL;
    /* Whether a dirty hive may be read was decided by who opened @hive. */
    g_autoptr(HcHive) snapshot = hc_hive_open_map(copy, HC_HIVE_ALLOW_DIRTY, error);
    if (snapshot == NULL || !hc_hive_check(snapshot, NULL, error))
        return NULL;

    const HcWriterOptions options = hc_overlay_writer_options(snapshot);
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    g_autoptr(HcDelta) nothing = exact == NULL ? hc_delta_new() : NULL;
    if (exact == NULL)
        exact = nothing;
    if (!hc_overlay_write(snapshot, exact, epoch, writer, error))
        return NULL;
    g_autoptr(GBytes) bytes = hc_writer_finish(writer, error);
    if (bytes == NULL || !hc_proof(snapshot, bytes, exact, epoch, error))
        return NULL;
    return g_steal_pointer(&bytes);
}
