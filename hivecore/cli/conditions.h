#pragma once

#include "hivecore/cli/patches.h"
#include "hivecore/delta/condition.h"

G_BEGIN_DECLS

/* What patches say must be so (docs/directives/): expect, require and assert. */

/** HcFailedCondition: a condition that does not hold. */
typedef struct {
    const HcPatchTarget *target;
    const HcCondition *condition;
    HcConditionState state; /* data owned by target->part */
} HcFailedCondition;

/**
 * hc_conditions_failed:
 * Checks the conditions of all parts: EXPECT and REQUIRE with the hives as they are, ASSERT with
 * what .exact makes of them.
 *
 * @is_verify: only ASSERT, with the hives as they are; no target needs .exact
 *
 * Returns: (transfer full) (element-type HcFailedCondition): those that do not hold, in the order
 * of targets and lines; NULL with HC_ERROR_MALFORMED of a hive
 */
GArray *hc_conditions_failed(const HcPatchTarget *targets, gsize n_targets, gboolean is_verify,
                             GError **error);

/** hc_conditions_append_expected: what the condition wants, "dword 0x00000001 (1) or absent".
 * @is_full: binary data whole */
void hc_conditions_append_expected(GString *out, const HcCondition *condition, gboolean is_full);

/** hc_conditions_check: HC_ERROR_CONFLICT with a finding for each that does not hold for apply. */
gboolean hc_conditions_check(const HcPatchTarget *targets, gsize n_targets, GError **error);

G_END_DECLS
