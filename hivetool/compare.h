#pragma once

#include "hivecore/cli/patches.h"
#include "hivecore/delta/diff.h"
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

/* What diff compares: two operands, each a state or a change, place by place. */

/** HtComparison: what is different at one place. */
typedef struct {
    char *place;    /* for the heading: where it is, or what the hive is called */
    HcRoot *root;   /* (nullable): where it hangs */
    char *old_name; /* of the hives or patches */
    char *new_name;
    HcDelta *exact;     /* how what is there changes */
    HcDelta *old_patch; /* instead of it, of two changes: what each says */
    HcDelta *new_patch;
    GBytes *old_text; /* with .with_texts, of two hives: what export writes of them, in UTF-8 */
    GBytes *new_text;
    HcIgnoredCounts ignored;
    uint64_t n_filtered;   /* changes that a filter took out */
    gboolean bytes_differ; /* the hives are not the same files, where exact is empty */
} HtComparison;

typedef struct {
    GPtrArray
        *items; /* of HtComparison *, in the order of the old state, or of that which is one */
    gboolean is_several;    /* of operands that hold more than one hive */
    gboolean is_incomplete; /* something could not be compared or shown, and was told */
} HtComparisons;

typedef struct {
    const char *root; /* (nullable): argument of --root */
    guint ignore;     /* HcIgnore bits */
    gboolean is_salvage;
    gboolean with_texts;
    const HcPatchOptions *patch_options;
} HtCompareOptions;

/**
 * ht_compare:
 * @old_text, @new_text: operands
 *
 * Two states are compared hive by hive: one hive with one, or those at the same places. A state and
 * a change give what the change does to the state, backwards where the change comes first. Two
 * changes are compared by what they say.
 *
 * HC_ERROR_USAGE when a hive has no counterpart that could be meant, or one of several is damaged
 * as hc_cli_open_hive_of() has it.
 */
gboolean ht_compare(HtComparisons *comparisons, HcCliContext *context, const char *old_text,
                    const char *new_text, const HtCompareOptions *options, GError **error);

void ht_comparisons_clear(HtComparisons *comparisons);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtComparisons, ht_comparisons_clear)

G_END_DECLS
