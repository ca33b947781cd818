#pragma once

#include "hivecore/image/tree.h"

G_BEGIN_DECLS

/* How the files of two trees differ. */

enum {
    HC_TREE_DIFF_KIND = 1 << 0,
    HC_TREE_DIFF_CONTENT = 1 << 1, /* with it, where a link leads */
    HC_TREE_DIFF_ATTRIBUTES = 1 << 2,
    HC_TREE_DIFF_SECURITY = 1 << 3,
};

/** HcTreeChange: one name. */
typedef struct {
    HcTreeNode *old_node; /* (nullable): added */
    HcTreeNode *new_node; /* (nullable): removed */
    guint what;           /* HC_TREE_DIFF bits, of what is in both */
    guint depth; /* below the topmost of what was added or removed; 0: not in another that was */
    guint n_folders; /* of a folder that was added or removed: what is in it, in all depths */
    guint n_files;   /* anything but folders */
} HcTreeChange;

typedef struct {
    GArray *changes;    /* of HcTreeChange, a folder before what is in it, siblings by name */
    guint64 n_times;    /* names that only times differ of */
    guint64 n_spelled;  /* and of names that are spelled otherwise */
    guint64 n_security; /* descriptors that differ and are ignored */
} HcTreeDiff;

/**
 * hc_tree_diff:
 * Compares all names but those of the registry: Hives, the base's hives and their logs. Attributes
 * and descriptors count where both trees say them; hard links as the files that they are. Contents
 * of one size are compared by their SHA-256, unless they are one entry of one layer; each layer is
 * read once more for that.
 *
 * Returns: (transfer full): the difference, or NULL
 */
HcTreeDiff *hc_tree_diff(HcTree *old_tree, HcTree *new_tree, GError **error);
void hc_tree_diff_free(HcTreeDiff *diff);

/** HcTreeChangeKeeps: whether @change stays, in which .what may be changed. */
typedef gboolean (*HcTreeChangeKeeps)(HcTreeChange *change, gpointer data);

/** hc_tree_diff_prune: takes out what @keeps says FALSE of; numbers and depths are of what is left.
 * Returns: how many changes were taken out */
guint64 hc_tree_diff_prune(HcTreeDiff *diff, HcTreeChangeKeeps keeps, gpointer data);

/** hc_tree_diff_ignore_security: descriptors are counted only. */
void hc_tree_diff_ignore_security(HcTreeDiff *diff);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcTreeDiff, hc_tree_diff_free)

G_END_DECLS
