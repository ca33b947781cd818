#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/**
 * hc_merge_layer:
 * The hive that @hive is under the differencing hive @layer: written anew and proven
 * (hc_rebuild_apply()).
 *
 * @hive, @layer: sound (hc_hive_check())
 * @change: (out) (optional) (transfer full): what the layer does to the hive
 *
 * HC_ERROR_UNSUPPORTED when @layer is no differencing hive; other errors are those of
 * hc_differencing_read(), hc_delta_resolve() and hc_rebuild_apply().
 *
 * Returns: (transfer full): the hive, named as @hive; @hive itself when the layer does nothing
 */
HcHive *hc_merge_layer(HcHive *hive, const HcHive *layer, HcEpoch epoch, HcDelta **change,
                       GError **error);

G_END_DECLS
