#include "config.h"

#include "hivecore/delta/merge.h"

#include "hivecore/delta/differencing-read.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"

HcHive *
hc_merge_layer(HcHive *hive, const HcHive *layer, HcEpoch epoch, HcDelta **change, GError **error)
{
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, error);
    g_autoptr(HcDelta) exact = patch != NULL ? hc_delta_resolve(patch, hive, error) : NULL;
    if (exact == NULL)
        return NULL;
    g_autoptr(HcHive) merged = NULL;
    if (hc_delta_is_empty(exact)) {
        merged = hc_hive_ref(hive);
    } else {
        GBytes *bytes = hc_rebuild_apply(hive, exact, epoch, error);
        if (bytes == NULL)
            return NULL;
        g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(hive), bytes);
        merged = hc_hive_open_map(map, 0, error);
        if (merged == NULL)
            return NULL;
    }
    if (change != NULL)
        *change = g_steal_pointer(&exact);
    return g_steal_pointer(&merged);
}
