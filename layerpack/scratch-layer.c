#include "config.h"

#include "layerpack/build.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/writer.h"

enum {
    /* The version of the hives in Microsoft's own base image for HostProcess containers. */
    SCRATCH_MINOR = 3,
};

/* What a base layer must have, parents first. */
static const char *const folders[] = {"Files", "Files/Windows", "Files/Windows/System32",
                                      "Files/Windows/System32/config", NULL};

static gboolean
put_hive(const HcCliContext *context, HcLayerOutput *output, int slot, GError **error)
{
    const HcHiveSlot *names = &hc_hive_slots[slot];
    uint64_t time = context->epoch.is_set ? hc_filetime_from_unix(context->epoch.seconds) : 0;
    HcWriterOptions writer_options = {
        .minor = SCRATCH_MINOR,
        .file_name = {(const uint8_t *) names->name, (uint32_t) strlen(names->name), TRUE},
        .mtime_filetime = time};
    g_autoptr(GBytes) bytes = hc_writer_empty_hive(&writer_options, error);
    if (bytes == NULL)
        return FALSE;
    g_autoptr(GError) defect = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(names->name, g_bytes_ref(bytes));
    g_autoptr(HcHive) hive = hc_hive_open_sound(map, 0, NULL, &defect);
    if (hive == NULL)
        return hc_fail(error, HC_ERROR_INTERNAL, "the hive made is not sound: %s", defect->message);
    HcBlob content = {g_bytes_get_data(bytes, NULL), (uint32_t) g_bytes_get_size(bytes)};
    return lp_put_entry(context, output, names->config_entry, FALSE, content, error);
}

gboolean
lp_scratch_put(const HcCliContext *context, HcLayerOutput *output, HcTree *tree, GError **error)
{
    const HcTreeLayer layer = {context->epoch, output};
    for (gsize i = 0; folders[i] != NULL; i++) {
        if (!hc_tree_write_folder(tree, &layer, folders[i], error))
            return FALSE;
    }
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (!put_hive(context, output, i, error))
            return FALSE;
    }
    return hc_tree_write(tree, &layer, error);
}

HcTree *
lp_scratch_tree(GError **error)
{
    g_autoptr(HcTree) tree = hc_tree_new("scratch");
    for (gsize i = 0; folders[i] != NULL; i++) {
        if (hc_tree_make_folder(tree, folders[i], error) == NULL)
            return NULL;
    }
    return g_steal_pointer(&tree);
}
