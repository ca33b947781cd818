#pragma once

#include <glib.h>

#include "hivecore/cli/cli.h"
#include "hivecore/image/image.h"
#include "hivecore/image/layer-reader.h"
#include "hivecore/regf/hive.h"
#include "hivecore/report/records.h"

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

/* What ls lists, as records (docs/FORMATS-images.md, "Records"). */

/** lp_list_records_new: @is_entries: of entries, else of layers. Returns: (transfer full) */
HcRecords *lp_list_records_new(const HcCliContext *context, HcFormat format, gboolean is_entries);

/** lp_entry_records: the entries of a layer that is read to its end.
 * @image: (nullable): what it is a layer of; @layer: its number, 0: none. @status: as
 * lp_layer_list() */
gboolean lp_entry_records(HcRecords *records, HcLayerReader *reader, const char *image, guint layer,
                          HcExit *status, HcLayerSummary *summary, GError **error);

/** lp_image_records: the layers of @image, or all entries of all layers. A layer that is not there
 * or cannot be read is told in its record, or one behind its entries; @status becomes that of the
 * error where it is worse, but where the layer is one that is not distributed. */
void lp_image_records(HcRecords *records, HcImage *image, gboolean is_entries, HcExit *status);

/**
 * lp_image_list:
 * What an image says of itself and of each layer, and which hives a layer has; with LP_LONG all
 * entries of the layers. A layer that is not there, or cannot be read, is told in its place and
 * gives the status of that error; that a layer which is not distributed is not there is no error.
 */
gboolean lp_image_list(GString *out, HcImage *image, LpDetail detail, HcExit *status,
                       GError **error);

/**
 * lp_delta_list_append:
 * Appends the keys of a differencing hive as they stand in it, the root left out, one line
 * each:
 * "~" merges with the key below or supersedes parts of it, "+" is new, "-" is a tombstone; what
 * the layer bits say beyond that stands in parentheses. Values follow their key. Every line
 * begins with four spaces. @is_full: binary data whole.
 *
 * Returns: FALSE with HC_ERROR_MALFORMED; @out then holds what came before
 */
gboolean lp_delta_list_append(GString *out, const HcHive *hive, gboolean is_full, GError **error);

G_END_DECLS
