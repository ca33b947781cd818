#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/image/layer-reader.h"

G_BEGIN_DECLS

/** LpDetail: how much of a layer is listed. */
typedef enum {
    LP_SHORT,
    LP_LONG, /* the keys of differencing hives too, and all entries of an image's layers */
    LP_FULL, /* and binary data whole */
} LpDetail;

/**
 * lp_layer_list:
 * Reads a layer to its end and lists its entries: type, mode, size, Windows' file attributes and
 * name, and what its differencing hives hold.
 *
 * @status: (inout): set when a hive cannot be read, which ends its listing and not that of the
 *   layer
 *
 * Errors as of hc_layer_reader_next(); @out then holds what came before.
 */
gboolean lp_layer_list(GString *out, HcLayerReader *reader, LpDetail detail, HcExit *status,
                       HcLayerSummary *summary, GError **error);

G_END_DECLS
