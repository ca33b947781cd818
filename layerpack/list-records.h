#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/image/image.h"
#include "hivecore/image/layer-reader.h"
#include "hivecore/report/records.h"

G_BEGIN_DECLS

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

G_END_DECLS
