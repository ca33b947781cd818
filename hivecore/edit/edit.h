#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/**
 * hc_edit_apply:
 * Writes @exact (resolved against @hive) with libhivex into a copy of @hive, held in memory.
 *
 * Guarded: the hive is checked (hc_hive_check()) and every key that is touched lies outside
 * what hivex is known to do wrong (docs/ARCHITECTURE.md, "hivex"), else HC_ERROR_UNSUPPORTED
 * naming the key and the reason; some cases show only afterwards. Proven: hc_proof(), else
 * HC_ERROR_INTERNAL.
 *
 * @epoch: when set, keys whose values or list of subkeys change get it as their last-written
 * time
 *
 * Returns: (transfer full): the edited hive's bytes, or NULL; @hive is never changed
 */
GBytes *hc_edit_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error);

/**
 * hc_edit_is_safe:
 * Whether hc_edit_apply() would accept @exact for @hive, as far as can be told before hivex runs;
 * @hive need not have been checked.
 *
 * Returns: FALSE with HC_ERROR_UNSUPPORTED, "file: key: hivex cannot do this safely: reason", or
 * with HC_ERROR_MALFORMED
 */
gboolean hc_edit_is_safe(const HcHive *hive, const HcDelta *exact, GError **error);

G_END_DECLS
