#pragma once

#include <glib.h>

#include "hivecore/cli/cli.h"
#include "hivecore/delta/delta.h"
#include "hivecore/image/layer-output.h"

G_BEGIN_DECLS

/* Entries as Windows' importer reads them: what all commands that write layers share. */

/** lp_put_entry: a folder (@content without bytes) or a file, with attributes, descriptor, time. */
gboolean lp_put_entry(const HcCliContext *context, HcLayerOutput *output, const char *name,
                      gboolean is_folder, HcBlob content, GError **error);

/** lp_put_folders: @names: NULL-terminated, parents before children */
gboolean lp_put_folders(const HcCliContext *context, HcLayerOutput *output,
                        const char *const *names, GError **error);

/**
 * lp_put_delta:
 * The differencing hive of @slot that says @exact over @base, proven.
 *
 * @base, @exact: (nullable): without change, the hive is empty
 */
gboolean lp_put_delta(const HcCliContext *context, HcLayerOutput *output, int slot,
                      const HcHive *base, const HcDelta *exact, GError **error);

G_END_DECLS
