#pragma once

#include "hivecore/delta/delta.h"

/* Shared by the files of HcDelta: delta.c, delta-build.c, delta-change.c, delta-route.c. */

struct HcDelta {
    HcArena *arena;
    HcDeltaKey *root;
    GPtrArray *sources;    /* file names */
    GPtrArray *containers; /* the arrays and tables of the nodes, to be freed */
    GHashTable *interned;  /* GBytes -> HcBlob *, descriptors */
    gboolean last_wins;
    GArray *aliases; /* of HcAlias; NULL: none */
};

/** HcAlias: statements below path are given to its sibling @to. */
typedef struct {
    HcName *path;
    gsize n;
    HcName to;
} HcAlias;

/** hc_delta_copy_key: a deep copy of @source as child of @parent (NULL: free-standing). */
HcDeltaKey *hc_delta_copy_key(HcDelta *delta, HcDeltaKey *parent, const HcDeltaKey *source);

/** hc_delta_copy_value: a deep copy of @source into @key. */
void hc_delta_copy_value(HcDelta *delta, HcDeltaKey *key, const HcDeltaValue *source,
                         gboolean keep_order);

/** hc_delta_copy_sources: @to gets @from's source names and settings; both must be new. */
void hc_delta_copy_sources(HcDelta *to, const HcDelta *from);

/** hc_delta_copy_meta: @source with its bytes copied into @delta. */
HcKeyMeta hc_delta_copy_meta(HcDelta *delta, const HcKeyMeta *source);

/** hc_delta_tree_equal: whether @key's after state, whatever its op, is the CREATE tree @tree. */
gboolean hc_delta_tree_equal(const HcDeltaKey *key, const HcDeltaKey *tree);
