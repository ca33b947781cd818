#include "config.h"

#include "hivecore/image/registry.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/merge.h"
#include "hivecore/image/registry-private.h"
#include "hivecore/regf/check.h"

/* What hc_registry_hive() made last of one slot. */
typedef struct {
    HcHive *hive;
    guint n_layers;
} Effective;

struct HcRegistry {
    char *source;
    HcImage *image;                       /* NULL for a layer or folder */
    GPtrArray *layers;                    /* of HcLayerHives *, lowest first */
    int base;                             /* the lowest layer with whole hives; -1: none */
    GPtrArray *logs[HC_N_HIVE_SLOTS];     /* of HcMap *: of the base's hives */
    gboolean is_ignored[HC_N_HIVE_SLOTS]; /* a layer has the hive whole, and has deltas */
    guint hives;                          /* those asked for */
    uint64_t n_bytes_left;
    HcDirtyPolicy dirty_policy;
    char *note;
    Effective effective[HC_N_HIVE_SLOTS];
};

static void
free_layer(gpointer data)
{
    HcLayerHives *layer = data;
    g_free(layer->name);
    g_free(layer->digest);
    g_free(layer->diff_id);
    g_free(layer->created_by);
    g_free(layer->missing);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        g_clear_pointer(&layer->whole[slot], g_bytes_unref);
        g_clear_pointer(&layer->deltas[slot], g_bytes_unref);
    }
    g_free(layer);
}

static void
unref_map(gpointer data)
{
    hc_map_unref(data);
}

static void
take_log(HcRegistry *registry, int slot, HcLayerPart *part)
{
    if (registry->logs[slot] == NULL)
        registry->logs[slot] = g_ptr_array_new_with_free_func(unref_map);
    if (part->content != NULL)
        g_ptr_array_add(registry->logs[slot],
                        hc_map_from_bytes(part->name, g_steal_pointer(&part->content)));
}

static gboolean
has_deltas(const HcLayerParts *parts)
{
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (parts->parts[HC_PART_DELTA][slot].is_found)
            return TRUE;
    }
    return FALSE;
}

/* Moves what was found into a new layer on top. One with differencing hives is above a base, and
 * Windows ignores its whole ones. */
static HcLayerHives *
add_layer(HcRegistry *registry, HcLayerParts *parts)
{
    HcLayerHives *layer = g_new0(HcLayerHives, 1);
    g_ptr_array_add(registry->layers, layer);
    registry->n_bytes_left = parts->n_bytes_left;
    const gboolean is_above = has_deltas(parts);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        HcLayerPart *whole = &parts->parts[HC_PART_WHOLE][slot];
        HcLayerPart *delta = &parts->parts[HC_PART_DELTA][slot];
        layer->has_delta[slot] = delta->is_found;
        layer->deltas[slot] = g_steal_pointer(&delta->content);
        registry->is_ignored[slot] |= is_above && whole->is_found;
        if (is_above || !whole->is_found)
            continue;
        layer->has_whole[slot] = TRUE;
        layer->whole[slot] = g_steal_pointer(&whole->content);
        registry->base = (int) registry->layers->len - 1;
    }
    for (int slot = 0; registry->base >= 0 && slot < HC_N_HIVE_SLOTS; slot++) {
        for (int kind = HC_PART_LOG1; kind <= HC_PART_LOG; kind++)
            take_log(registry, slot, &parts->parts[kind][slot]);
    }
    return layer;
}

static void
describe_layer(const HcRegistry *registry, HcLayerHives *layer, guint index)
{
    const HcImageInfo *info = hc_image_info(registry->image);
    const HcImageLayer *described = info->layers->pdata[index];
    layer->name = g_strdup_printf("%s: layer %u", registry->source, index + 1);
    layer->digest = g_strdup(described->digest);
    layer->diff_id = g_strdup(described->diff_id);
    layer->created_by = g_strdup(info->created_by->pdata[index]);
}

/* The layer that is the same blob as that at @index, read before; NULL when there is none. */
static const HcLayerHives *
find_same(const HcRegistry *registry, guint index)
{
    const HcImageInfo *info = hc_image_info(registry->image);
    const HcImageLayer *wanted = info->layers->pdata[index];
    for (guint i = 0; i < index; i++) {
        const HcLayerHives *layer = registry->layers->pdata[i];
        if (layer->missing == NULL && strcmp(layer->digest, wanted->digest) == 0 &&
            strcmp(layer->diff_id, wanted->diff_id) == 0)
            return layer;
    }
    return NULL;
}

/* What the same blob says a second time: whole hives count in the lowest layer only. */
static HcLayerHives *
repeat_layer(HcRegistry *registry, const HcLayerHives *same)
{
    HcLayerHives *layer = g_new0(HcLayerHives, 1);
    g_ptr_array_add(registry->layers, layer);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        layer->has_delta[slot] = same->has_delta[slot];
        if (same->deltas[slot] != NULL)
            layer->deltas[slot] = g_bytes_ref(same->deltas[slot]);
    }
    return layer;
}

static HcLayerHives *
read_layer(HcRegistry *registry, guint index, HcEntryWatch watch, void *data, GError **error)
{
    g_auto(HcLayerParts) parts;
    HcLayerDigests digests;
    hc_layer_parts_init(&parts, registry->n_bytes_left, registry->hives, registry->base < 0);
    parts.watch = watch;
    parts.watch_data = data;
    if (!hc_layer_parts_read(&parts, registry->image, index, NULL, &digests, error))
        return NULL;
    return add_layer(registry, &parts);
}

/* A layer that is not distributed with images, and not here: those above can be read all the same.
 */
static HcLayerHives *
pass_over(HcRegistry *registry, guint index, GError *failure, GError **error)
{
    const HcImageInfo *info = hc_image_info(registry->image);
    const HcImageLayer *described = info->layers->pdata[index];
    if (described->is_present || (described->urls == NULL && !described->is_foreign) ||
        !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        return hc_fail_with_null(error, failure);
    HcLayerHives *layer = g_new0(HcLayerHives, 1);
    layer->missing = g_strdup(failure->message);
    g_ptr_array_add(registry->layers, layer);
    g_error_free(failure);
    return layer;
}

static gboolean
read_image(HcRegistry *registry, const char *platform, HcEntryWatch watch, void *data,
           GError **error)
{
    registry->image = hc_image_open(registry->source, platform, error);
    if (registry->image == NULL)
        return FALSE;
    const HcImageInfo *info = hc_image_info(registry->image);
    for (guint i = 0; i < info->layers->len; i++) {
        GError *failure = NULL;
        /* Who watches sees each layer's entries. */
        const HcLayerHives *same = watch == NULL ? find_same(registry, i) : NULL;
        HcLayerHives *layer = same != NULL ? repeat_layer(registry, same)
                                           : read_layer(registry, i, watch, data, &failure);
        if (layer == NULL)
            layer = pass_over(registry, i, failure, error);
        if (layer == NULL)
            return FALSE;
        describe_layer(registry, layer, i);
    }
    return TRUE;
}

static gboolean
has_hives(const HcLayerHives *layer)
{
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (layer->has_whole[slot] || layer->has_delta[slot])
            return TRUE;
    }
    return FALSE;
}

static gboolean
read_layer_file(HcRegistry *registry, GError **error)
{
    g_auto(HcLayerParts) parts;
    HcLayerDigests digests;
    hc_layer_parts_init(&parts, registry->n_bytes_left, registry->hives, TRUE);
    if (!hc_layer_parts_read(&parts, NULL, 0, registry->source, &digests, error))
        return FALSE;
    HcLayerHives *layer = add_layer(registry, &parts);
    layer->name = g_strdup(registry->source);
    layer->digest = g_strconcat("sha256:", digests.digest, NULL);
    layer->diff_id = g_strconcat("sha256:", digests.diff_id, NULL);
    if (!parts.is_archive || has_hives(layer))
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE,
                   "%s: is an image archive, not a layer: name it oci-archive:%s or "
                   "docker-archive:%s",
                   registry->source, registry->source, registry->source);
}

static gboolean
read_source(HcRegistry *registry, const char *platform, HcEntryWatch watch, void *data,
            GError **error)
{
    if (hc_image_is_operand(registry->source))
        return read_image(registry, platform, watch, data, error);
    if (platform != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "%s: --platform is for images, this is none",
                       registry->source);
    struct stat status;
    if (stat(registry->source, &status) != 0)
        return hc_image_check_source(registry->source, error) &&
               hc_fail_io(error, registry->source, "cannot open", errno);
    if (!S_ISDIR(status.st_mode))
        return read_layer_file(registry, error);
    g_auto(HcLayerParts) parts;
    hc_layer_parts_init(&parts, registry->n_bytes_left, registry->hives, TRUE);
    if (!hc_layer_parts_read_folder(&parts, registry->source, error))
        return FALSE;
    HcLayerHives *layer = add_layer(registry, &parts);
    layer->name = g_strdup(registry->source);
    return TRUE;
}

HcRegistry *
hc_registry_open(const char *source, const char *platform, guint hives, GError **error)
{
    return hc_registry_open_watched(source, platform, hives, NULL, NULL, error);
}

HcRegistry *
hc_registry_open_watched(const char *source, const char *platform, guint hives, HcEntryWatch watch,
                         void *data, GError **error)
{
    g_autoptr(HcRegistry) registry = g_new0(HcRegistry, 1);
    registry->source = g_strdup(source);
    registry->layers = g_ptr_array_new_with_free_func(free_layer);
    registry->base = -1;
    registry->hives = hives;
    registry->n_bytes_left = HC_MAX_REGISTRY_BYTES;
    registry->dirty_policy = HC_DIRTY_REPLAY;
    return read_source(registry, platform, watch, data, error) ? g_steal_pointer(&registry) : NULL;
}

void
hc_registry_free(HcRegistry *registry)
{
    if (registry == NULL)
        return;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        g_clear_pointer(&registry->effective[slot].hive, hc_hive_unref);
        g_clear_pointer(&registry->logs[slot], g_ptr_array_unref);
    }
    g_clear_pointer(&registry->image, hc_image_free);
    g_ptr_array_unref(registry->layers);
    g_free(registry->note);
    g_free(registry->source);
    g_free(registry);
}

void
hc_registry_set_dirty_policy(HcRegistry *registry, HcDirtyPolicy policy)
{
    registry->dirty_policy = policy;
}

const char *
hc_registry_note(const HcRegistry *registry)
{
    return registry->note;
}

HcImage *
hc_registry_image(const HcRegistry *registry)
{
    return registry->image;
}

guint
hc_registry_n_layers(const HcRegistry *registry)
{
    return registry->layers->len;
}

const HcLayerHives *
hc_registry_layer(const HcRegistry *registry, guint index)
{
    return registry->layers->pdata[index];
}

/* --- effective hives --- */

static HcHive *
open_base(HcRegistry *registry, int slot, GError **error)
{
    const HcLayerHives *layer = registry->layers->pdata[registry->base];
    g_autofree char *name = g_strdup_printf("%s//%s", registry->source, hc_hive_slots[slot].name);
    g_autoptr(HcMap) map = hc_map_from_bytes(name, g_bytes_ref(layer->whole[slot]));
    g_autoptr(HcHive) hive = hc_hive_open_recovered_map(
        map, registry->logs[slot], registry->dirty_policy, 0, &registry->note, error);
    if (hive == NULL || !hc_hive_check(hive, NULL, error))
        return NULL;
    if (!hc_hive_info(hive)->is_differencing)
        return g_steal_pointer(&hive);
    return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                        "%s: is a differencing hive where the base should have an ordinary one",
                        name);
}

/* @hive under the layer at @index. */
static HcHive *
merge_layer(HcRegistry *registry, HcHive *hive, guint index, int slot, GError **error)
{
    const HcLayerHives *layer = registry->layers->pdata[index];
    if (layer->deltas[slot] == NULL)
        return hc_hive_ref(hive);
    g_autofree char *name = g_strdup_printf("%s: %s", layer->name, hc_hive_slots[slot].delta_entry);
    g_autofree char *note = NULL;
    g_autoptr(GPtrArray) no_logs = g_ptr_array_new();
    g_autoptr(HcMap) map = hc_map_from_bytes(name, g_bytes_ref(layer->deltas[slot]));
    g_autoptr(HcHive) delta =
        hc_hive_open_recovered_map(map, no_logs, registry->dirty_policy, 0, &note, error);
    if (delta == NULL || !hc_hive_check(delta, NULL, error))
        return NULL;
    /* No time of now: the hive is what the layers make it. */
    const HcEpoch no_epoch = {FALSE, 0};
    return hc_merge_layer(hive, delta, no_epoch, NULL, error);
}

static HcHive *
fail_no_base(const HcRegistry *registry, int slot, GError **error)
{
    const HcHiveSlot *names = &hc_hive_slots[slot];
    gboolean has_delta = FALSE;
    for (guint i = 0; i < registry->layers->len; i++) {
        const HcLayerHives *layer = registry->layers->pdata[i];
        has_delta |= layer->has_delta[slot];
    }
    return hc_fail_null(
        error, HC_ERROR_NOT_FOUND, "%s//%s: no such hive: there is no base layer with %s%s%s%s",
        registry->source, names->name, names->config_entry,
        has_delta ? ", only changes of it in " : "", has_delta ? names->delta_entry : "",
        registry->is_ignored[slot]
            ? "; Windows ignores that file in a layer with differencing hives"
            : "");
}

/* Whether all of the lowest @n_layers are here. */
static gboolean
check_missing(const HcRegistry *registry, guint n_layers, GError **error)
{
    for (guint i = 0; i < n_layers; i++) {
        const HcLayerHives *layer = registry->layers->pdata[i];
        if (layer->missing != NULL)
            return hc_fail(error, HC_ERROR_NOT_FOUND, "%s", layer->missing);
    }
    return TRUE;
}

HcHive *
hc_registry_hive(HcRegistry *registry, int slot, guint n_layers, GError **error)
{
    if (!check_missing(registry, n_layers, error))
        return NULL;
    const HcLayerHives *base = registry->base >= 0 ? registry->layers->pdata[registry->base] : NULL;
    if (base == NULL || base->whole[slot] == NULL || n_layers <= (guint) registry->base)
        return fail_no_base(registry, slot, error);
    Effective *effective = &registry->effective[slot];
    g_clear_pointer(&registry->note, g_free);
    if (effective->hive != NULL && effective->n_layers > n_layers)
        g_clear_pointer(&effective->hive, hc_hive_unref);
    if (effective->hive == NULL) {
        effective->hive = open_base(registry, slot, error);
        effective->n_layers = (guint) registry->base + 1;
    }
    while (effective->hive != NULL && effective->n_layers < n_layers) {
        HcHive *next = merge_layer(registry, effective->hive, effective->n_layers, slot, error);
        hc_hive_unref(effective->hive);
        effective->hive = next;
        effective->n_layers++;
    }
    return effective->hive != NULL ? hc_hive_ref(effective->hive) : NULL;
}

int
hc_registry_gap(const HcRegistry *registry, int slot, guint n_layers)
{
    for (int i = (int) n_layers - 1; i > registry->base; i--) {
        const HcLayerHives *layer = registry->layers->pdata[i];
        if (!layer->has_delta[slot])
            return i;
    }
    return -1;
}
