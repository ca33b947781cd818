#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/delta/delta.h"
#include "hivecore/regf/writer.h"

G_BEGIN_DECLS

/**
 * hc_overlay_writer_options:
 * What a writer needs to make a hive like @base: its version (1.2 becomes 1.3, which HcWriter
 * starts with), kind, embedded file name (borrowed) and time.
 */
HcWriterOptions hc_overlay_writer_options(const HcHive *base);

/**
 * hc_overlay_write:
 * The hive that @base is under @exact, as a stream of keys to @writer: every key and value that
 * the delta does not speak of with all it carries (descriptor, class, flags, user flags, access
 * bits, time, handle of a predefined-handle key, layer bits, value tombstones, order of values).
 *
 * Changed values stay in their place; new ones come after the old, in the order of the delta.
 * New keys have the descriptor that the delta gives them, else that of the key above, whose user
 * flags they take too. Keys whose values, class, descriptor, flags or list of subkeys change, and
 * new ones, get the time of @epoch; when it is not set changed keys keep theirs and new ones take
 * that of the key above.
 *
 * @exact: (nullable): resolved against @base; NULL changes nothing
 * @writer: new, with hc_overlay_writer_options(); the caller finishes it
 *
 * Only the lists of the subkeys on the way to the open key, and one big value, are held in memory.
 *
 * HC_ERROR_CONFLICT: @exact is not for this hive. HC_ERROR_UNSUPPORTED: a change of a
 * differencing hive; a key that becomes a predefined-handle key, whose handle nothing says,
 * or stops being one; values in such a key. HC_ERROR_MALFORMED, HC_ERROR_LIMIT: from @base and
 * @writer.
 */
gboolean hc_overlay_write(const HcHive *base, const HcDelta *exact, HcEpoch epoch, HcWriter *writer,
                          GError **error);

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
 * Works on a copy of @hive (hc_map_snapshot()), which is checked (hc_hive_check()) before and
 * after; the result is proven (hc_proof()), else HC_ERROR_INTERNAL. Other errors are those of
 * hc_overlay_write().
 *
 * Returns: (transfer full): the new hive's bytes, or NULL; @hive is never changed
 */
GBytes *hc_rebuild_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error);

/** hc_rebuild_apply_to: the same into @output, (nullable), new, which stays to be committed; what
 * is proven is what was written there. */
GBytes *hc_rebuild_apply_to(const HcHive *hive, const HcDelta *exact, HcEpoch epoch,
                            HcOutput *output, GError **error);

/**
 * hc_merge_layer:
 * The hive that @hive is under the differencing hive @layer: written anew and proven
 * (hc_rebuild_apply()).
 *
 * @hive: checked when the layer does something to it, else not
 * @layer: sound (hc_hive_check())
 * @change: (out) (optional) (transfer full): what the layer does to the hive
 *
 * HC_ERROR_UNSUPPORTED when @layer is no differencing hive; other errors are those of
 * hc_differencing_read(), hc_delta_resolve() and hc_rebuild_apply().
 *
 * Returns: (transfer full): the hive, named as @hive; @hive itself when the layer does nothing
 */
HcHive *hc_merge_layer(HcHive *hive, const HcHive *layer, HcEpoch epoch, HcDelta **change,
                       GError **error);

/** hc_merge_layer_to: the same into @output, (nullable), new, where nothing is written when the
 * layer does nothing. */
HcHive *hc_merge_layer_to(HcHive *hive, const HcHive *layer, HcEpoch epoch, HcOutput *output,
                          HcDelta **change, GError **error);

G_END_DECLS
