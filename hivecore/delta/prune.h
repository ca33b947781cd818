#pragma once

#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/** HcChangeKind: what happens to a key or a value. */
typedef enum {
    HC_CHANGE_ADDED,
    HC_CHANGE_DELETED,
    HC_CHANGE_CHANGED,
} HcChangeKind;

/** HcChange: one of the changes that hc_delta_count() counts. */
typedef struct {
    HcChangeKind kind;
    HcPath path;            /* of the key, below the delta's root */
    const HcDeltaKey *node; /* (nullable): of the key; of one in a deleted tree NULL */
    const HcName *value;    /* (nullable): its name; NULL: the key itself */
    const HcDatum *before;  /* (nullable): of values */
    const HcDatum *after;
} HcChange;

typedef void (*HcChangeVisit)(const HcChange *change, gpointer data);

/** hc_delta_each_change: all changes of an exact delta without REPLACE, in the order of the tree, a
 * key before its values; those in deleted trees too. */
void hc_delta_each_change(const HcDelta *exact, HcChangeVisit visit, gpointer data);

/** hc_change_kind_name: "added", "deleted", "changed". */
const char *hc_change_kind_name(HcChangeKind kind);

typedef gboolean (*HcChangeKeeps)(const HcChange *change, gpointer data);

/**
 * hc_delta_prune:
 * Takes out of an exact delta without REPLACE what @keeps says FALSE of. What is left is exact and
 * does no more than what was kept, but that a key stays created where something in it is: of a
 * deleted tree that is not kept whole the kept values and subtrees go, and the key is kept.
 *
 * Returns: how many changes were taken out
 */
uint64_t hc_delta_prune(HcDelta *exact, HcChangeKeeps keeps, gpointer data);

G_END_DECLS
