#pragma once

#include "hivecore/base/findings.h"
#include "hivecore/image/image.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/image/tree.h"
#include "layerpack/config-edit.h"
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

/**
 * lp_verify_config:
 * What an image's configuration says, and what of it cannot be: a PATH of Linux, a working folder
 * that is no absolute path, a time that is yet to come, an entry point that is in no layer or is
 * for another machine, an os.version that the registry does not say. Layers are read once more for
 * the last three, but not of images for HostProcess containers, which run the host's programs.
 */
void lp_verify_config(const HcImageInfo *info, const LpConfigView *view, HcFindings *findings);

/** lp_verify_entry: what the image starts: whether it is in a layer, and a program for its machine.
 * @tree: all its layers, with the hive SYSTEM */
void lp_verify_entry(const HcImageInfo *info, const LpConfigView *view, HcTree *tree,
                     HcFindings *findings);

/** lp_config_finding: @text: (transfer full) */
void lp_config_finding(HcFindings *findings, HcSeverity severity, const char *id,
                       const char *source, char *text);

/** lp_config_variable: Returns: (nullable): the value of the variable @name, in any case */
const char *lp_config_variable(char *const *env, const char *name);

/** lp_text_variable: Returns: (transfer full) (nullable): the first %NAME% in @text, to be shown */
char *lp_text_variable(const char *text);

gboolean lp_path_is_absolute(const char *path);

/** lp_registry_path: Returns: (transfer full) (nullable): the machine's Path of the registry */
char *lp_registry_path(const HcTree *tree);

G_END_DECLS
