#pragma once

#include "hivecore/registry/registry.h"

G_BEGIN_DECLS

/** What is known here of states: images, by their prefixes, which tell also what other tools read
 * and we do not; and layers, files or unpacked. */
extern const HcSourceKind hc_image_source;
extern const HcSourceKind hc_layer_source;

G_END_DECLS
