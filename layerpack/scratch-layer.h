#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/image/tree.h"

G_BEGIN_DECLS

/* The layer of a base image for HostProcess containers: the folders and the five empty hives that
 * Windows asks of a base layer. Source: docs/FORMATS-layers.md; New-HostProcessBaseImage.ps1. */

/** lp_scratch_tree: the folders; files may be put beside them. Returns: (transfer full), or NULL */
HcTree *lp_scratch_tree(GError **error);

/** lp_scratch_put: the layer: folders, hives, and what else is in @tree. */
gboolean lp_scratch_put(const HcCliContext *context, HcLayerOutput *output, HcTree *tree,
                        GError **error);

G_END_DECLS
