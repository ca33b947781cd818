#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/delta/delta.h"
#include "hivecore/regf/check.h"

G_BEGIN_DECLS

/**
 * hc_proof:
 * Whether a hive that was just written is @before under @exact, whoever wrote it: it is opened
 * afresh, is sound (hc_hive_check()), its difference to @before is @exact, and nothing that a delta
 * does not speak of has changed: the order of values, the spelling of names, the last-written
 * times (other than by @epoch), handles, user flags, access bits, layer bits.
 *
 * @kept: (nullable) (transfer full): what the check of @before has found
 * @after: (transfer none): the whole file
 *
 * Returns: FALSE with HC_ERROR_INTERNAL naming what is not as it should be
 */
gboolean hc_proof(const HcHive *before, HcKeptCheck *kept, GBytes *after, const HcDelta *exact,
                  HcEpoch epoch, GError **error);

/**
 * hc_layer_proof:
 * Whether a differencing hive that was just written is sound, and over @base does exactly @exact.
 *
 * @base: (nullable): NULL for a hive that changes nothing
 * @layer: (transfer none): the whole file
 *
 * Returns: FALSE with HC_ERROR_INTERNAL naming what is not as it should be
 */
gboolean hc_layer_proof(const HcHive *base, GBytes *layer, const HcDelta *exact, GError **error);

G_END_DECLS
