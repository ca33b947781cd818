#pragma once

#include "hivecore/image/image.h"
#include "hivecore/image/layer-stack.h"
#include "layerpack/findings.h"
#include "layerpack/rules.h"

G_BEGIN_DECLS

/** LpCheckedLayer: what the check of one layer has seen beside findings. */
typedef struct {
    gboolean is_read; /* to its end; else nothing below is known */
    gboolean is_base;
    HcLayerSummary summary; /* of a folder: the number of entries alone */
    gboolean has_delta[HC_N_HIVE_SLOTS];
    HcFindings *findings; /* (nullable): of its entries */
    GError *fault; /* (nullable): of the machine, not of the layer: it could not be looked at */
} LpCheckedLayer;

/** lp_check_platform: HC_ERROR_USAGE when @platform (nullable) is given for @source, no image. */
gboolean lp_check_platform(const char *source, const char *platform, GError **error);

/**
 * lp_verify_layer:
 * Checks the entries of one layer by LpRules.
 * @tree: (nullable): the layers below, as of lp_rules_new()
 * @number: for the findings; 0 for a layer alone
 *
 * Returns: FALSE when the layer cannot be read to its end; @findings then has what was found
 * before
 */
gboolean lp_verify_layer(HcLayerReader *reader, LpTree *tree, LpLayerPlace place, guint number,
                         HcFindings *findings, LpCheckedLayer *checked, GError **error);

/** lp_checked_layer_clear: a GDestroyNotify for arrays of them. */
void lp_checked_layer_clear(gpointer data);

/**
 * lp_verify_folder:
 * The same for what a layer was unpacked to: a folder with Files and Hives. What only a tar has
 * (records, hard links, whiteouts that were carried out) is not seen.
 *
 * HC_ERROR_MALFORMED: it has neither. HC_ERROR_USAGE: it is an OCI layout. HC_ERROR_IO, and
 * HC_ERROR_LIMIT over HC_MAX_LAYER_ENTRIES or HC_MAX_FOLDER_DEPTH.
 */
gboolean lp_verify_folder(const char *folder, HcFindings *findings, LpCheckedLayer *checked,
                          GError **error);

/**
 * lp_verify_image:
 * Checks config, descriptors and each layer. A layer that cannot be read, or is not what its
 * descriptor and the config say, is a finding, and the others are checked all the same.
 *
 * Returns: (transfer full) (element-type LpCheckedLayer): the layers, lowest first
 */
GArray *lp_verify_image(HcImage *image, HcFindings *findings);

G_END_DECLS
