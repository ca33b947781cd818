#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/entry-name.h"

G_BEGIN_DECLS

/**
 * LpTree: the paths of the layers of an image, the lowest first: what rules about more than one
 * entry or layer look at. Names are told apart without regard to case, and only their digests are
 * kept. Of layers below with more than a million names nothing is known.
 */
typedef struct LpTree LpTree;

typedef enum {
    LP_NODE_FILE, /* or a hard link to one */
    LP_NODE_FOLDER,
    LP_NODE_OTHER, /* symbolic link, device */
} LpNodeKind;

/** LpNode: a path that a layer has. */
typedef struct {
    HcNameKey key;
    guint32 spelling; /* hash of the name with case: equal names have equal ones */
    LpNodeKind kind;
} LpNode;

LpTree *lp_tree_new(void);
void lp_tree_free(LpTree *tree);

/** lp_tree_begin_layer: what is added from now on is of a new layer on top. */
void lp_tree_begin_layer(LpTree *tree);

/** lp_tree_repeat: a new layer on top that is the one of number @layer again. */
void lp_tree_repeat(LpTree *tree, guint layer);

/** lp_tree_forget: what the layers up to here hold is not known, or not all of it. */
void lp_tree_forget(LpTree *tree);

/** Returns: whether all that the layers below the top hold is known. */
gboolean lp_tree_is_whole(const LpTree *tree);

/** lp_tree_add: @clean: a clean name. One that the top layer has already is left as it is. */
void lp_tree_add(LpTree *tree, const GString *clean, LpNodeKind kind);

/** lp_tree_add_whiteout: the top layer deletes @clean. */
void lp_tree_add_whiteout(LpTree *tree, const GString *clean);

/** Returns: (transfer none) (nullable): @n_bytes of @clean in the top layer. */
const LpNode *lp_tree_own(const LpTree *tree, const char *clean, gsize n_bytes);

/** Returns: whether the top layer deletes @clean. */
gboolean lp_tree_is_deleted(const LpTree *tree, const GString *clean);

/** Returns: whether @node is spelled like @clean. */
gboolean lp_tree_is_spelled(const LpNode *node, const GString *clean);

/** lp_tree_any_below: @clean in the highest layer below the top that has it, whatever layers
 * between delete. Returns: (transfer none) (nullable) */
const LpNode *lp_tree_any_below(const LpTree *tree, const char *clean, gsize n_bytes);

/** lp_tree_below: @clean as the layers below the top leave it. @layer: (out): the number of the one
 * that has it. Returns: (transfer none) (nullable) */
const LpNode *lp_tree_below(const LpTree *tree, const char *clean, gsize n_bytes, guint *layer);

/** Returns: whether the layer right below the top has @clean itself; TRUE when that is not known.
 */
gboolean lp_tree_right_below_has(const LpTree *tree, const char *clean);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpTree, lp_tree_free)

G_END_DECLS
