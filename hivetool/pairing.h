#pragma once

#include "hivetool/common.h"

G_BEGIN_DECLS

/* Which hive of one state is the counterpart of which of another: one hive of one, or those at the
 * same places. */

typedef struct {
    const HcCliContext *context;
    const HcOperand *old_operand;
    const HcOperand *new_operand;
    const char *done; /* what is done to pairs, for messages: "not compared" */
    const char *verb; /* "which hive to compare it with" */
} HtPairing;

/** Returns: whether both are states of several hives. */
gboolean ht_pairing_is_several(const HtPairing *pairing);

/**
 * ht_pair_hives:
 * @pair: for each pair, in the order of the old state, or of that which is one
 * @is_incomplete: (out) (nullable): set where a hive has no counterpart, which is told
 *
 * HC_ERROR_USAGE when one hive has no counterpart that could be meant.
 */
gboolean ht_pair_hives(const HtPairing *pairing,
                       gboolean (*pair)(void *data, guint old_index, guint new_index,
                                        GError **error),
                       void *data, gboolean *is_incomplete, GError **error);

G_END_DECLS
