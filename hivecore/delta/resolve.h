#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/regf/security.h"

G_BEGIN_DECLS

/**
 * hc_delta_resolve:
 * What @patch does to @hive, as an exact delta: what the hive already holds is left out,
 * existing keys get the hive's spelling, every change its before data, new keys their parent's
 * security descriptor and no class, replaced keys their old tree. Patch values of exact form (a
 * JSON delta with class, security or flags) are taken over. Values get the spelling of the hive
 * where they exist.
 *
 * Applying an exact delta is the same call: it is a patch whose before data is not looked at.
 *
 * Returns: (transfer full): the exact delta, or NULL with HC_ERROR_MALFORMED;
 * HC_ERROR_UNSUPPORTED where a key is to lose its security descriptor
 */
HcDelta *hc_delta_resolve(const HcDelta *patch, const HcHive *hive, GError **error);

/**
 * hc_delta_resolve_as:
 * The same, with new keys getting the descriptor that a running Windows would give them.
 *
 * @creator: (nullable): who makes them; NULL: as hc_delta_resolve()
 *
 * Returns: also NULL with HC_ERROR_UNSUPPORTED, where what a new key inherits cannot be stored
 */
HcDelta *hc_delta_resolve_as(const HcDelta *patch, const HcHive *hive, const HcCreator *creator,
                             GError **error);

G_END_DECLS
