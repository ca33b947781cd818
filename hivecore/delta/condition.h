#pragma once

#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/* What a patch says that must be so, before or after it is applied. A delta carries the conditions
 * of its patches; hc_delta_route() gives each to the hive that it speaks of.
 */

typedef enum {
    HC_CONDITION_EXPECT,  /* before; what the patch itself asks for is as good */
    HC_CONDITION_REQUIRE, /* before */
    HC_CONDITION_ASSERT,  /* afterwards */
} HcConditionKind;

/** HcCondition: a key, or a value with some data, is there; or is not. */
typedef struct {
    HcConditionKind kind;
    HcOrigin origin;
    HcPath path; /* from the delta's root */
    gboolean is_negated;
    gboolean is_on_value; /* else on the key itself */
    HcName value;
    gboolean accepts_any;    /* of values: any data */
    const HcDatum *accepted; /* of values: one of these; is_present FALSE: that there is none */
    guint n_accepted;
} HcCondition;

/**
 * hc_delta_add_condition:
 * A copy of @condition, its path read as those of statements are. HC_ERROR_LIMIT when it is too
 * long then.
 */
gboolean hc_delta_add_condition(HcDelta *delta, const HcCondition *condition, GError **error);

/** HcForeign: what files say of places that are in no hive; see delta-private.h. */
typedef struct HcForeign HcForeign;

/**
 * hc_delta_route_conditions:
 * What hc_delta_route() does with the conditions of @patch: each goes to the part of the deepest
 * place that it lies below, its path cut. Those that lie below none are counted in *n_skipped and,
 * met by @foreign (nullable).
 */
void hc_delta_route_conditions(const HcDelta *patch, HcDeltaPlace *places, gsize n_places,
                               HcForeign *foreign, uint64_t *n_skipped);

guint hc_delta_n_conditions(const HcDelta *delta);

/** Returns: (transfer none): condition @i, in the order they were added. */
const HcCondition *hc_delta_condition(const HcDelta *delta, guint i);

/** HcConditionState: what was found where a condition looks. */
typedef struct {
    gboolean holds;
    gboolean has_key;
    HcDatum datum; /* of conditions on values; borrowed from the hive, the delta or the scratch */
} HcConditionState;

/**
 * hc_condition_check:
 * @patch: that @condition belongs to, its root the root of @hive
 * @exact: (nullable): what the patch does to @hive; NULL: nothing. ASSERT looks at the hive as it
 *   is after that, the others at it as it is. EXPECT also holds where @patch asks for what is
 *   there: a value, or a key in which @exact changes nothing
 * @scratch: for data that is not in one piece
 *
 * Returns: FALSE with HC_ERROR_MALFORMED of the hive
 */
gboolean hc_condition_check(const HcCondition *condition, const HcDelta *patch, const HcHive *hive,
                            const HcDelta *exact, GByteArray *scratch, HcConditionState *state,
                            GError **error);

G_END_DECLS
