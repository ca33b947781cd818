#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/**
 * hc_rebuild_apply:
 * Writes @hive under @exact anew, in canonical layout: what the hive holds, and nothing of what was
 * deleted from it. Where bytes go depends on the content alone, so what is rebuilt twice is the
 * same. Version 1.2 becomes 1.3. The base block keeps version, name and time; identifiers of
 * transactions and the like are zero.
 *
 * @exact: (nullable): resolved against @hive; NULL changes nothing
 * @epoch: when set, the time of keys that change (hc_overlay_write())
 *
 * Works on a copy of @hive in memory, which is checked (hc_hive_check()) before and after; the
 * result is proven (hc_proof()), else HC_ERROR_INTERNAL. Other errors are those of
 * hc_overlay_write().
 *
 * Returns: (transfer full): the new hive's bytes, or NULL; @hive is never changed
 */
GBytes *hc_rebuild_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error);

G_END_DECLS
