#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/image/image.h"
#include "layerpack/layer-list.h"

G_BEGIN_DECLS

/**
 * lp_image_list:
 * What an image says of itself and of each layer, and which hives a layer has; with LP_LONG all
 * entries of the layers. A layer that is not there, or cannot be read, is told in its place and
 * gives the status of that error; that a layer which is not distributed is not there is no error.
 */
gboolean lp_image_list(GString *out, HcImage *image, LpDetail detail, HcExit *status,
                       GError **error);

G_END_DECLS
