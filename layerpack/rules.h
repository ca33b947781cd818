#pragma once

#include <glib.h>
#include <stdint.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/findings.h"
#include "hivecore/image/layer-reader.h"
#include "hivecore/image/tar.h"

G_BEGIN_DECLS

/* Findings of layers: an error is what Windows refuses, ignores or damages, a warning what depends
 * on the reader. */

/**
 * lp_findings_add:
 * @name: (nullable): entry's name as in the archive; NULL for the layer as a whole
 * @source: what the rule is known from; a string that stays
 */
void lp_findings_add(HcFindings *findings, HcSeverity severity, const GString *name,
                     const char *source, const char *format, ...) G_GNUC_PRINTF(5, 6);

/** lp_findings_add_named: the same for a name in a C string. */
void lp_findings_add_named(HcFindings *findings, HcSeverity severity, const char *name,
                           const char *source, const char *what);

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

/**
 * LpRules: what Windows' importer asks of a layer, checked entry by entry in their order.
 *
 * A layer without Hives that has Files/Windows/System32/config is a base layer. Which it is
 * shows only at the end, so what is wrong is held for either until then. Source of
 * the rules: docs/FORMATS-layers.md; each finding names its own.
 */
typedef struct LpRules LpRules;

/** LpLayerPlace: where a layer is in its image. */
typedef enum {
    LP_PLACE_UNKNOWN, /* a layer alone: what it holds says it */
    LP_PLACE_LOWEST,  /* must be a base layer */
    LP_PLACE_ABOVE,
} LpLayerPlace;

/** LP_HIVE_NAME: of a hive whose entry is told beside what is wrong with it (hc_error_text()). */
#define LP_HIVE_NAME "hive"

/** lp_rules_new: @tree: (nullable): the layers below, to which this one is added; borrowed; NULL
 * for a layer alone */
LpRules *lp_rules_new(LpTree *tree);
void lp_rules_free(LpRules *rules);

/**
 * lp_rules_entry:
 * Checks the next entry's headers.
 *
 * Returns: whether the entry's content is a hive that lp_rules_hive() is to be given
 */
gboolean lp_rules_entry(LpRules *rules, const HcEntry *entry);

/**
 * lp_rules_hive:
 * Checks the hive of the last entry.
 * @content: (nullable): NULL with @defect
 * @defect: (nullable): what is known to be wrong with it, without its name
 */
void lp_rules_hive(LpRules *rules, const HcEntry *entry, GBytes *content, const char *defect);

/**
 * lp_rules_finish:
 * Checks what the layer must have as a whole.
 * @is_base: (out): whether it is a base layer
 *
 * Returns: (transfer none): everything found
 */
const HcFindings *lp_rules_finish(LpRules *rules, LpLayerPlace place, const HcLayerSummary *summary,
                                  gboolean *is_base);

/** Returns: (transfer none): what was found so far, of a layer that does not read to its end. */
const HcFindings *lp_rules_findings(const LpRules *rules, LpLayerPlace place);

/** Returns: whether the layer has the differencing hive of @slot. */
gboolean lp_rules_has_delta(const LpRules *rules, int slot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpRules, lp_rules_free)

G_END_DECLS
