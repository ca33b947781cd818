#include "config.h"

#include "layerpack/build.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/proof.h"
#include "hivecore/image/descriptor.h"
#include "hivecore/image/layer-stack.h"

/* Windows file attributes. Source: docs/FORMATS.md, "Layers". */
#define ATTRIBUTES_FOLDER "16"
#define ATTRIBUTES_FILE   "32"

enum {
    N_RECORDS = 3,
};

/* Fills in an entry and the records that Windows' importer reads. Whole seconds: "sec" is a valid
 * creationtime without a fraction. @time: (out): what a record points to */
static void
fill_entry(const HcCliContext *context, HcTarEntry *entry, HcPaxRecord records[N_RECORDS],
           char **time)
{
    *time = g_strdup_printf("%" PRId64, context->epoch.seconds);
    records[0] = (HcPaxRecord){"LIBARCHIVE.creationtime", *time};
    records[1] =
        (HcPaxRecord){"MSWINDOWS.fileattr", entry->is_folder ? ATTRIBUTES_FOLDER : ATTRIBUTES_FILE};
    records[2] = (HcPaxRecord){"MSWINDOWS.rawsd",
                               entry->is_folder ? HC_DESCRIPTOR_FOLDER : HC_DESCRIPTOR_FILE};
    entry->mtime_seconds = context->epoch.seconds;
    entry->records = records;
    entry->n_records = N_RECORDS;
}

gboolean
lp_put_entry(const HcCliContext *context, HcLayerOutput *output, const char *name,
             gboolean is_folder, HcBlob content, GError **error)
{
    HcPaxRecord records[N_RECORDS];
    g_autofree char *time = NULL;
    HcTarEntry entry = {.name = name, .is_folder = is_folder, .n_bytes = content.n_bytes};
    fill_entry(context, &entry, records, &time);
    return hc_layer_output_add(output, &entry, content.bytes, error);
}

gboolean
lp_put_folders(const HcCliContext *context, HcLayerOutput *output, const char *const *names,
               GError **error)
{
    for (gsize i = 0; names[i] != NULL; i++) {
        if (!lp_put_entry(context, output, names[i], TRUE, (HcBlob){NULL, 0}, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
lp_put_delta(const HcCliContext *context, HcLayerOutput *output, int slot, const HcHive *base,
             const HcDelta *exact, GError **error)
{
    const HcHiveSlot *names = &hc_hive_slots[slot];
    HcDifferencingOptions options = {
        .file_name = {(const uint8_t *) names->delta_name, (uint32_t) strlen(names->delta_name),
                      TRUE},
        .epoch = context->epoch,
    };
    g_autoptr(GBytes) bytes = hc_differencing_write(exact, base, &options, error);
    if (bytes == NULL) {
        g_prefix_error(error, "%s: ", names->name);
        return FALSE;
    }
    g_autoptr(HcDelta) nothing = hc_delta_new();
    if (!hc_layer_proof(base, bytes, exact != NULL ? exact : nothing, error))
        return FALSE;
    HcBlob content = {g_bytes_get_data(bytes, NULL), (uint32_t) g_bytes_get_size(bytes)};
    return lp_put_entry(context, output, names->delta_entry, FALSE, content, error);
}
