#include "config.h"

#include "hivecore/image/layer-stack.h"

#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"

/* What stands behind a state that is an image, a layer or an unpacked layer. */
typedef struct {
    HcLayerStack *stack;
    int slots[HC_N_HIVE_SLOTS]; /* of the hives of the state, by their index */
} Source;

static HcHive *
source_open(void *data, guint index, const HcHiveReading *how, char **note, GError **error)
{
    const Source *source = data;
    HcLayerStack *stack = source->stack;
    hc_layer_stack_set_dirty_policy(stack, how->dirty_policy);
    HcHive *hive =
        hc_layer_stack_hive(stack, source->slots[index], hc_layer_stack_n_layers(stack), error);
    *note = g_strdup(hc_layer_stack_note(stack));
    return hive;
}

static void
source_free(void *data)
{
    Source *source = data;
    hc_layer_stack_free(source->stack);
    g_free(source);
}

static const HcRegistrySource source_functions = {source_open, source_free};

static gboolean
has_hive(const HcLayerStack *stack, int slot)
{
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        const HcLayerHives *layer = hc_layer_stack_layer(stack, i);
        if (layer->has_whole[slot] || layer->has_delta[slot])
            return TRUE;
    }
    return FALSE;
}

static gboolean
find_slot(const char *operand, const char *hive, int *slot, GError **error)
{
    *slot = hive != NULL ? hc_hive_slot_find(hive, strlen(hive)) : -1;
    return hive == NULL || *slot >= 0 ||
           hc_fail(error, HC_ERROR_USAGE,
                   "%s//%s: '%s' is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT", operand, hive,
                   hive);
}

static HcRegistry *
open_source(const char *operand, const char *platform, const char *hive, GError **error)
{
    int only;
    if (!find_slot(operand, hive, &only, error))
        return NULL;
    HcLayerStack *stack =
        hc_layer_stack_open(operand, platform, only >= 0 ? 1u << only : HC_ALL_HIVES, error);
    if (stack == NULL)
        return NULL;
    Source *source = g_new0(Source, 1);
    source->stack = stack;
    HcRegistry *registry = hc_registry_new(operand, &source_functions, source);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (only >= 0 ? slot != only : !has_hive(stack, slot))
            continue;
        const char *label = hc_hive_slots[slot].name;
        g_autofree char *name = g_strdup_printf("%s//%s", operand, label);
        source->slots[hc_registry_n_hives(registry)] = slot;
        hc_registry_add(registry, name, label, hc_root_parse_name(label, NULL), FALSE);
    }
    if (hc_registry_n_hives(registry) > 0)
        return registry;
    hc_registry_free(registry);
    return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: there are no hives in it", operand);
}

static gboolean
is_image(const char *source, G_GNUC_UNUSED gboolean is_named)
{
    return hc_image_is_operand(source) || !hc_image_check_source(source, NULL);
}

static HcRegistry *
open_image(const char *operand, const char *platform, const char *hive, GError **error)
{
    return hc_image_check_source(operand, error) ? open_source(operand, platform, hive, error)
                                                 : NULL;
}

static char *
image_file(const char *source)
{
    g_autoptr(HcImageRef) ref = hc_image_ref_parse(source, NULL);
    return ref != NULL ? g_steal_pointer(&ref->path) : g_strdup(source);
}

/* Whether a file starts as an archive does, with or without compression. */
static gboolean
is_archive(const char *file)
{
    uint8_t start[512] = {0};
    const gsize n = hc_read_start(file, start, sizeof(start));
    return n > 0 && (memcmp(start + 257, "ustar", 5) == 0 ||
                     hc_compression_sniff(start, n) != HC_COMPRESSION_NONE);
}

static gboolean
has_folder(const char *folder, const char *name)
{
    g_autofree char *path = hc_folder_find(folder, name, NULL);
    return path != NULL;
}

/* A disk can have a folder Files too. */
static gboolean
is_layer(const char *source, gboolean is_named)
{
    struct stat status;
    if (stat(source, &status) != 0 || !S_ISDIR(status.st_mode))
        return is_named || is_archive(source);
    return (has_folder(source, "Hives") || has_folder(source, "Files")) &&
           !has_folder(source, "Windows");
}

static char *
layer_file(const char *source)
{
    return g_strdup(source);
}

const HcSourceKind hc_image_source = {"an image", TRUE, is_image, open_image, image_file};
const HcSourceKind hc_layer_source = {"a layer", FALSE, is_layer, open_source, layer_file};
