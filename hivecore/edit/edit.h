#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/base/output.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/**
 * hc_edit_apply:
 * Writes @exact (resolved against @hive) with libhivex into a copy of @hive, held in memory. hivex
 * runs in a program of its own (wall.h), which it may end.
 *
 * Guarded: the hive is checked (hc_hive_check()) and every key that is touched lies outside
 * what hivex is known to do wrong (docs/ARCHITECTURE.md, "hivex"), else HC_ERROR_UNSUPPORTED
 * naming the key and the reason; some cases show only when hivex has failed, or has written what
 * hc_proof() does not accept, and are HC_ERROR_UNSUPPORTED too. HC_ERROR_IO is for what lies in the
 * machine and not in @hive: no memory, no descriptors, no program.
 *
 * @epoch: when set, keys whose values or list of subkeys change get it as their last-written
 * time
 *
 * Returns: (transfer full): the edited hive's bytes, or NULL; @hive is never changed
 */
GBytes *hc_edit_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error);

/**
 * hc_edit_apply_to:
 * The same, written to @output (nullable: to memory), where it is proven, and not committed. When
 * it fails, @output is as empty as it was.
 */
GBytes *hc_edit_apply_to(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, HcOutput *output,
                         GError **error);

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
