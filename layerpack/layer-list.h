#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/image/layer-reader.h"

G_BEGIN_DECLS

/**
 * lp_layer_list:
 * Reads a layer to its end and lists its entries: type, mode, size, Windows' file attributes and
 * name, and what its differencing hives hold.
 *
 * @is_long: list their keys too
 * @status: (inout): set when a hive cannot be read, which ends its listing and not that of the
 *   layer
 *
 * Errors as of hc_layer_reader_next(); @out then holds what came before.
 */
gboolean lp_layer_list(GString *out, HcLayerReader *reader, gboolean is_long, HcExit *status,
                       HcLayerSummary *summary, GError **error);

G_END_DECLS
