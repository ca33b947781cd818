#pragma once

#include "hivecore/base/findings.h"
#include "hivecore/image/image.h"
#include "hivecore/image/tree.h"
#include "layerpack/config-view.h"

G_BEGIN_DECLS

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
