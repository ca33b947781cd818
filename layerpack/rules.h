#pragma once

#include <glib.h>

#include "hivecore/image/layer-reader.h"
#include "hivecore/image/tar.h"
#include "layerpack/findings.h"
#include "layerpack/layer-tree.h"

G_BEGIN_DECLS

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
