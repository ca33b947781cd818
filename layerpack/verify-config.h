#pragma once

#include "hivecore/base/findings.h"
#include "hivecore/image/image.h"
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

G_END_DECLS
