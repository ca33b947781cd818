#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/reg/wine.h"
#include "hivecore/regf/writer.h"
#include "hivecore/registry/registry-private.h"

/* The registry of Wine, or an export, as a hive, which is made in memory. */

static HcHive *
open_bytes(const char *file, GBytes *bytes, GError **error)
{
    g_autoptr(HcMap) map = hc_map_from_bytes(file, bytes);
    return hc_hive_open_map(map, 0, error);
}

/* What the text says, of Wine or of regedit. */
static HcDelta *
read_text(const char *file, GBytes *known, GError **error)
{
    gsize n;
    g_autoptr(GBytes) content =
        known != NULL ? g_bytes_ref(known) : hc_read_stream(file, HC_MAX_PATCH_BYTES, error);
    const uint8_t *start = content != NULL ? g_bytes_get_data(content, &n) : NULL;
    if (content == NULL)
        return NULL;
    if (!hc_wine_is(start, n))
        return hc_reg_state_read(file, content, NULL, error);
    g_autoptr(HcDelta) patch = hc_delta_new();
    return hc_wine_read(patch, file, content, error) ? g_steal_pointer(&patch) : NULL;
}

HcHive *
hc_text_open(const char *file, GBytes *content, GError **error)
{
    const HcWriterOptions options = {.minor = 5, .file_name = HC_NAME_EMPTY};
    const HcCreator creator = hc_creator_system();
    const HcEpoch no_epoch = {FALSE, 0};
    g_autoptr(HcDelta) patch = read_text(file, content, error);
    if (patch == NULL)
        return NULL;
    GBytes *nothing = hc_writer_empty_hive(&options, error);
    g_autoptr(HcHive) empty = nothing != NULL ? open_bytes(file, nothing, error) : NULL;
    g_autoptr(HcDelta) exact =
        empty != NULL ? hc_delta_resolve_as(patch, empty, &creator, error) : NULL;
    GBytes *bytes = exact != NULL ? hc_rebuild_apply(empty, exact, no_epoch, error) : NULL;
    return bytes != NULL ? open_bytes(file, bytes, error) : NULL;
}

HcRoot *
hc_wine_root(const uint8_t *bytes, gsize n_bytes)
{
    g_autofree char *place = hc_wine_place(bytes, n_bytes);
    return place != NULL ? hc_root_parse(place, NULL) : NULL;
}

gboolean
hc_wine_find(const char *file, HcRoot **root)
{
    uint8_t start[256];
    *root = NULL;
    const gsize n = hc_read_start(file, start, sizeof(start));
    if (!hc_wine_is(start, n))
        return FALSE;
    *root = hc_wine_root(start, n);
    return TRUE;
}
