#include "config.h"

#include "hivecore/image/layer-stack.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/image/layer-private.h"
#include "hivecore/regf/check.h"

/* What hc_layer_stack_hive() made last of one slot. */
typedef struct {
    HcHive *hive;
    guint n_layers;
} Effective;

struct HcLayerStack {
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
take_log(HcLayerStack *stack, int slot, HcLayerPart *part)
{
    if (stack->logs[slot] == NULL)
        stack->logs[slot] = g_ptr_array_new_with_free_func(unref_map);
    if (part->content != NULL)
        g_ptr_array_add(stack->logs[slot],
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
add_layer(HcLayerStack *stack, HcLayerParts *parts)
{
    HcLayerHives *layer = g_new0(HcLayerHives, 1);
    g_ptr_array_add(stack->layers, layer);
    stack->n_bytes_left = parts->n_bytes_left;
    const gboolean is_above = has_deltas(parts);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        HcLayerPart *whole = &parts->parts[HC_PART_WHOLE][slot];
        HcLayerPart *delta = &parts->parts[HC_PART_DELTA][slot];
        layer->has_delta[slot] = delta->is_found;
        layer->deltas[slot] = g_steal_pointer(&delta->content);
        stack->is_ignored[slot] |= is_above && whole->is_found;
        if (is_above || !whole->is_found)
            continue;
        layer->has_whole[slot] = TRUE;
        layer->whole[slot] = g_steal_pointer(&whole->content);
        stack->base = (int) stack->layers->len - 1;
    }
    for (int slot = 0; stack->base >= 0 && slot < HC_N_HIVE_SLOTS; slot++) {
        for (int kind = HC_PART_LOG1; kind <= HC_PART_LOG; kind++)
            take_log(stack, slot, &parts->parts[kind][slot]);
    }
    return layer;
}

static void
describe_layer(const HcLayerStack *stack, HcLayerHives *layer, guint index)
{
    const HcImageInfo *info = hc_image_info(stack->image);
    const HcImageLayer *described = info->layers->pdata[index];
    layer->name = g_strdup_printf("%s: layer %u", stack->source, index + 1);
    layer->digest = g_strdup(described->digest);
    layer->diff_id = g_strdup(described->diff_id);
    layer->created_by = g_strdup(info->created_by->pdata[index]);
}

static gboolean
is_same(const HcImageLayer *a, const HcImageLayer *b)
{
    return strcmp(a->digest, b->digest) == 0 && strcmp(a->diff_id, b->diff_id) == 0;
}

/* The layer that is the same blob as that at @index, read before; NULL when there is none. */
static const HcLayerHives *
find_same(const HcLayerStack *stack, guint index)
{
    const GPtrArray *layers = hc_image_info(stack->image)->layers;
    for (guint i = 0; i < index; i++) {
        const HcLayerHives *layer = stack->layers->pdata[i];
        if (layer->missing == NULL && is_same(layers->pdata[i], layers->pdata[index]))
            return layer;
    }
    return NULL;
}

/* Whether the same blob lies above @index once more. */
static gboolean
is_repeated(const HcLayerStack *stack, guint index)
{
    const GPtrArray *layers = hc_image_info(stack->image)->layers;
    for (guint i = index + 1; i < layers->len; i++) {
        if (is_same(layers->pdata[i], layers->pdata[index]))
            return TRUE;
    }
    return FALSE;
}

/* What the same blob says a second time: whole hives count in the lowest layer only. */
static HcLayerHives *
repeat_layer(HcLayerStack *stack, const HcLayerHives *same)
{
    HcLayerHives *layer = g_new0(HcLayerHives, 1);
    g_ptr_array_add(stack->layers, layer);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        layer->has_delta[slot] = same->has_delta[slot];
        if (same->deltas[slot] != NULL)
            layer->deltas[slot] = g_bytes_ref(same->deltas[slot]);
    }
    return layer;
}

static gboolean
is_foreign(const HcLayerStack *stack)
{
    const char *os = hc_image_info(stack->image)->os;
    return os != NULL && strcmp(os, "windows") != 0;
}

static HcLayerHives *
read_layer(HcLayerStack *stack, guint index, const HcLayerWatch *watch, GError **error)
{
    g_auto(HcLayerParts) parts;
    HcLayerDigests digests;
    hc_layer_parts_init(&parts, stack->n_bytes_left, stack->hives, stack->base < 0);
    parts.watch = watch;
    parts.is_foreign = is_foreign(stack);
    if (!hc_layer_parts_read(&parts, stack->image, index, NULL, &digests, error))
        return NULL;
    return add_layer(stack, &parts);
}

/* A layer that is not distributed with images, and not here: those above can be read all the same.
 */
static HcLayerHives *
pass_over(HcLayerStack *stack, guint index, GError *failure, GError **error)
{
    const HcImageInfo *info = hc_image_info(stack->image);
    const HcImageLayer *described = info->layers->pdata[index];
    if (described->is_present || (described->urls == NULL && !described->is_foreign) ||
        failure->domain != HC_ERROR || failure->code != HC_ERROR_NOT_FOUND)
        return hc_fail_with_null(error, failure);
    HcLayerHives *layer = g_new0(HcLayerHives, 1);
    layer->missing = g_strdup(failure->message);
    g_ptr_array_add(stack->layers, layer);
    g_error_free(failure);
    return layer;
}

static HcLayerHives *
take_layer(HcLayerStack *stack, guint index, const HcLayerWatch *watch, GError **error)
{
    /* Who watches sees a blob's entries where it lies topmost, since there it says again all that
     * it says below; not where names lead through links, which may have changed meanwhile. */
    const HcLayerWatch *seen = is_foreign(stack) || !is_repeated(stack, index) ? watch : NULL;
    const HcLayerHives *same = seen == NULL ? find_same(stack, index) : NULL;
    if (same != NULL)
        return repeat_layer(stack, same);
    GError *failure = NULL;
    HcLayerHives *layer = read_layer(stack, index, seen, &failure);
    return layer != NULL ? layer : pass_over(stack, index, failure, error);
}

static gboolean
read_image(HcLayerStack *stack, const char *platform, const HcLayerWatch *watch, GError **error)
{
    stack->image = hc_image_open(stack->source, platform, error);
    if (stack->image == NULL ||
        (watch != NULL && watch->image != NULL && !watch->image(watch->data, stack->image, error)))
        return FALSE;
    const HcImageInfo *info = hc_image_info(stack->image);
    for (guint i = 0; i < info->layers->len; i++) {
        HcLayerHives *layer = take_layer(stack, i, watch, error);
        if (layer == NULL)
            return FALSE;
        describe_layer(stack, layer, i);
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
read_layer_file(HcLayerStack *stack, const HcLayerWatch *watch, GError **error)
{
    g_auto(HcLayerParts) parts;
    HcLayerDigests digests;
    hc_layer_parts_init(&parts, stack->n_bytes_left, stack->hives, TRUE);
    parts.watch = watch;
    if (!hc_layer_parts_read(&parts, NULL, 0, stack->source, &digests, error))
        return FALSE;
    HcLayerHives *layer = add_layer(stack, &parts);
    layer->name = g_strdup(stack->source);
    layer->digest = g_strconcat("sha256:", digests.digest, NULL);
    layer->diff_id = g_strconcat("sha256:", digests.diff_id, NULL);
    if (!parts.is_archive || has_hives(layer))
        return TRUE;
    return hc_layer_fail_archive(stack->source, error);
}

static gboolean
read_source(HcLayerStack *stack, const char *platform, const HcLayerWatch *watch, GError **error)
{
    if (hc_image_is_operand(stack->source))
        return read_image(stack, platform, watch, error);
    if (platform != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "%s: --platform is for images, this is none",
                       stack->source);
    struct stat status;
    if (stat(stack->source, &status) != 0) {
        const int saved_errno = errno;
        return hc_image_check_source(stack->source, error) &&
               hc_fail_io(error, stack->source, "cannot open", saved_errno);
    }
    if (!S_ISDIR(status.st_mode))
        return read_layer_file(stack, watch, error);
    g_auto(HcLayerParts) parts;
    hc_layer_parts_init(&parts, stack->n_bytes_left, stack->hives, TRUE);
    if (!hc_layer_parts_read_folder(&parts, stack->source, error))
        return FALSE;
    HcLayerHives *layer = add_layer(stack, &parts);
    layer->name = g_strdup(stack->source);
    return TRUE;
}

HcLayerStack *
hc_layer_stack_open(const char *source, const char *platform, guint hives, GError **error)
{
    return hc_layer_stack_open_watched(source, platform, hives, NULL, error);
}

HcLayerStack *
hc_layer_stack_open_watched(const char *source, const char *platform, guint hives,
                            const HcLayerWatch *watch, GError **error)
{
    g_autoptr(HcLayerStack) stack = g_new0(HcLayerStack, 1);
    stack->source = g_strdup(source);
    stack->layers = g_ptr_array_new_with_free_func(free_layer);
    stack->base = -1;
    stack->hives = hives;
    stack->n_bytes_left = HC_MAX_REGISTRY_BYTES;
    stack->dirty_policy = HC_DIRTY_REPLAY;
    return read_source(stack, platform, watch, error) ? g_steal_pointer(&stack) : NULL;
}

void
hc_layer_stack_free(HcLayerStack *stack)
{
    if (stack == NULL)
        return;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        g_clear_pointer(&stack->effective[slot].hive, hc_hive_unref);
        g_clear_pointer(&stack->logs[slot], g_ptr_array_unref);
    }
    g_clear_pointer(&stack->image, hc_image_free);
    g_ptr_array_unref(stack->layers);
    g_free(stack->note);
    g_free(stack->source);
    g_free(stack);
}

void
hc_layer_stack_set_dirty_policy(HcLayerStack *stack, HcDirtyPolicy policy)
{
    stack->dirty_policy = policy;
}

const char *
hc_layer_stack_note(const HcLayerStack *stack)
{
    return stack->note;
}

HcImage *
hc_layer_stack_image(const HcLayerStack *stack)
{
    return stack->image;
}

guint
hc_layer_stack_n_layers(const HcLayerStack *stack)
{
    return stack->layers->len;
}

const HcLayerHives *
hc_layer_stack_layer(const HcLayerStack *stack, guint index)
{
    return stack->layers->pdata[index];
}

/* --- effective hives --- */

static HcHive *
open_base(HcLayerStack *stack, int slot, GError **error)
{
    const HcLayerHives *layer = stack->layers->pdata[stack->base];
    g_autofree char *name = g_strdup_printf("%s//%s", stack->source, hc_hive_slots[slot].name);
    g_autoptr(HcMap) map = hc_map_from_bytes(name, g_bytes_ref(layer->whole[slot]));
    g_autoptr(HcHive) hive = hc_hive_open_recovered_map(map, stack->logs[slot], stack->dirty_policy,
                                                        0, &stack->note, error);
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
merge_layer(HcLayerStack *stack, HcHive *hive, guint index, int slot, GError **error)
{
    const HcLayerHives *layer = stack->layers->pdata[index];
    if (layer->deltas[slot] == NULL)
        return hc_hive_ref(hive);
    g_autofree char *name = g_strdup_printf("%s: %s", layer->name, hc_hive_slots[slot].delta_entry);
    g_autofree char *note = NULL;
    g_autoptr(GPtrArray) no_logs = g_ptr_array_new();
    g_autoptr(HcMap) map = hc_map_from_bytes(name, g_bytes_ref(layer->deltas[slot]));
    g_autoptr(HcHive) delta =
        hc_hive_open_recovered_map(map, no_logs, stack->dirty_policy, 0, &note, error);
    if (delta == NULL || !hc_hive_check(delta, NULL, error))
        return NULL;
    /* No time of now: the hive is what the layers make it. */
    const HcEpoch no_epoch = {FALSE, 0};
    return hc_merge_layer(hive, delta, no_epoch, NULL, error);
}

static HcHive *
fail_no_base(const HcLayerStack *stack, int slot, GError **error)
{
    const HcHiveSlot *names = &hc_hive_slots[slot];
    gboolean has_delta = FALSE;
    for (guint i = 0; i < stack->layers->len; i++) {
        const HcLayerHives *layer = stack->layers->pdata[i];
        has_delta |= layer->has_delta[slot];
    }
    return hc_fail_null(
        error, HC_ERROR_NOT_FOUND, "%s//%s: no such hive: there is no base layer with %s%s%s%s",
        stack->source, names->name, names->config_entry,
        has_delta ? ", only changes of it in " : "", has_delta ? names->delta_entry : "",
        stack->is_ignored[slot] ? "; Windows ignores that file in a layer with differencing hives"
                                : "");
}

/* Whether all of the lowest @n_layers are here. */
static gboolean
check_missing(const HcLayerStack *stack, guint n_layers, GError **error)
{
    for (guint i = 0; i < n_layers; i++) {
        const HcLayerHives *layer = stack->layers->pdata[i];
        if (layer->missing != NULL)
            return hc_fail(error, HC_ERROR_NOT_FOUND, "%s", layer->missing);
    }
    return TRUE;
}

HcHive *
hc_layer_stack_hive(HcLayerStack *stack, int slot, guint n_layers, GError **error)
{
    if (!check_missing(stack, n_layers, error))
        return NULL;
    const HcLayerHives *base = stack->base >= 0 ? stack->layers->pdata[stack->base] : NULL;
    if (base == NULL || base->whole[slot] == NULL || n_layers <= (guint) stack->base)
        return fail_no_base(stack, slot, error);
    Effective *effective = &stack->effective[slot];
    g_clear_pointer(&stack->note, g_free);
    if (effective->hive != NULL && effective->n_layers > n_layers)
        g_clear_pointer(&effective->hive, hc_hive_unref);
    if (effective->hive == NULL) {
        effective->hive = open_base(stack, slot, error);
        effective->n_layers = (guint) stack->base + 1;
    }
    while (effective->hive != NULL && effective->n_layers < n_layers) {
        HcHive *next = merge_layer(stack, effective->hive, effective->n_layers, slot, error);
        hc_hive_unref(effective->hive);
        effective->hive = next;
        effective->n_layers++;
    }
    return effective->hive != NULL ? hc_hive_ref(effective->hive) : NULL;
}

int
hc_layer_stack_gap(const HcLayerStack *stack, int slot, guint n_layers)
{
    for (int i = (int) n_layers - 1; i > stack->base; i--) {
        const HcLayerHives *layer = stack->layers->pdata[i];
        if (!layer->has_delta[slot])
            return i;
    }
    return -1;
}
