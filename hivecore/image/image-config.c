#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/image-private.h"

/* Of what made a layer: instructions beyond it are counted. */
#define HC_MAX_HISTORY_SHOWN 400u

static void
free_layer(gpointer data)
{
    HcImageLayer *layer = data;
    g_free(layer->media_type);
    g_free(layer->digest);
    g_free(layer->diff_id);
    g_strfreev(layer->urls);
    g_free(layer->descriptor);
    g_free(layer);
}

HcImageLayer *
hc_image_info_add_layer(HcImageInfo *info)
{
    if (info->layers == NULL)
        info->layers = g_ptr_array_new_with_free_func(free_layer);
    HcImageLayer *layer = g_new0(HcImageLayer, 1);
    g_ptr_array_add(info->layers, layer);
    return layer;
}

void
hc_image_info_clear(HcImageInfo *info)
{
    g_free(info->ref_name);
    g_free(info->manifest_digest);
    g_clear_pointer(&info->manifest, g_bytes_unref);
    g_free(info->config_digest);
    g_clear_pointer(&info->config, g_bytes_unref);
    g_free(info->architecture);
    g_free(info->os);
    g_free(info->os_version);
    g_free(info->index_platform);
    g_clear_pointer(&info->layers, g_ptr_array_unref);
    g_clear_pointer(&info->created_by, g_ptr_array_unref);
}

/* --- manifest --- */

static gboolean
set_layer_type(const char *where, const HcDescriptor *descriptor, HcImageLayer *layer,
               GError **error)
{
    if (!hc_json_need(where, "mediaType", descriptor->media_type != NULL, error))
        return FALSE;
    if (hc_media_type_is_layer(descriptor->media_type, &layer->is_foreign))
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: '%s' is not the media type of a layer", where,
                   descriptor->media_type);
}

static gboolean
read_layers(const char *where, HcJson layers, HcImageInfo *info, GError **error)
{
    if (!hc_image_check_n_layers(where, hc_json_length(layers), error))
        return FALSE;
    HcJson item;
    HcJsonIter iter = hc_json_iter(layers);
    for (guint number = 1; hc_json_next(&iter, NULL, &item); number++) {
        g_autofree char *place = g_strdup_printf("%s: layer %u", where, number);
        g_autoptr(HcDescriptor) descriptor = hc_descriptor_read(place, item, error);
        if (descriptor == NULL)
            return FALSE;
        HcImageLayer *layer = hc_image_info_add_layer(info);
        layer->media_type = g_strdup(descriptor->media_type);
        layer->digest = g_strdup(descriptor->digest);
        layer->n_bytes = descriptor->n_bytes;
        layer->urls = g_strdupv(descriptor->urls);
        layer->descriptor = hc_json_compact(item);
        if (!set_layer_type(place, descriptor, layer, error))
            return FALSE;
    }
    return TRUE;
}

/* An artifact has the form of an image, but another kind of config. */
static gboolean
check_config_type(const char *where, const HcDescriptor *config, GError **error)
{
    if (config->media_type != NULL && hc_media_type_is_config(config->media_type))
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s: is no image: its config has the media type '%s'", where,
                   config->media_type != NULL ? config->media_type : "");
}

static HcDescriptor *
parse_manifest(const char *where, const HcDescriptor *descriptor, HcImageInfo *info, GError **error)
{
    HcJson object;
    g_autofree char *media_type = NULL;
    uint64_t version;
    HcJson layers;
    if (!hc_json_parse_bytes(where, info->manifest, &object, error) ||
        !hc_json_need_object(where, object, error) ||
        !hc_json_get_string(where, object, "mediaType", &media_type, error) ||
        !hc_json_get_size(where, object, "schemaVersion", &version, error) ||
        !hc_json_get_array(where, object, "layers", &layers, error))
        return NULL;
    if (version != 2)
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED, "%s: its schemaVersion is not 2", where);
    /* What is one thing to one reader and another to the next. */
    if (media_type != NULL && strcmp(media_type, descriptor->media_type) != 0)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: is '%s', the index calls it '%s'",
                            where, media_type, descriptor->media_type);
    g_autofree char *place = g_strdup_printf("%s: config", where);
    const HcJson said = hc_json_find(object, "config");
    if (!hc_json_need(where, "layers", layers.text != NULL, error) ||
        !hc_json_need(where, "config", said.text != NULL, error))
        return NULL;
    g_autoptr(HcDescriptor) config = hc_descriptor_read(place, said, error);
    if (config == NULL || !check_config_type(where, config, error) ||
        !read_layers(where, layers, info, error))
        return NULL;
    info->config_digest = g_strdup(config->digest);
    return g_steal_pointer(&config);
}

HcDescriptor *
hc_image_manifest_read(HcImageStore *store, const HcDescriptor *descriptor, HcImageInfo *info,
                       GError **error)
{
    g_autofree char *where =
        g_strdup_printf("%s: manifest %s", hc_image_store_name(store), descriptor->digest);
    info->manifest = hc_image_blob_read(store, descriptor, error);
    if (info->manifest == NULL)
        return NULL;
    info->manifest_digest = g_strdup(descriptor->digest);
    info->family =
        hc_media_type_is_docker(descriptor->media_type) ? HC_FAMILY_DOCKER : HC_FAMILY_OCI;
    return parse_manifest(where, descriptor, info, error);
}

/* --- config --- */

static gboolean
read_diff_ids(const char *where, HcJson config, HcImageInfo *info, GError **error)
{
    HcJson rootfs;
    g_auto(GStrv) diff_ids = NULL;
    if (!hc_json_get_object(where, config, "rootfs", &rootfs, error) ||
        !hc_json_need(where, "rootfs", rootfs.text != NULL, error) ||
        !hc_json_get_strings(where, rootfs, "diff_ids", &diff_ids, error) ||
        !hc_json_need(where, "diff_ids", diff_ids != NULL, error))
        return FALSE;
    guint n = g_strv_length(diff_ids);
    if (n != info->layers->len)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: has %u diff IDs, the manifest has %u layers",
                       where, n, info->layers->len);
    for (guint i = 0; i < n; i++) {
        g_autofree char *place = g_strdup_printf("%s: diff ID %u", where, i + 1);
        if (!hc_digest_check(place, diff_ids[i], error))
            return FALSE;
        HcImageLayer *layer = info->layers->pdata[i];
        layer->diff_id = g_strdup(diff_ids[i]);
    }
    return TRUE;
}

/* Whether it is an instruction of a Dockerfile that makes files or changes them. Where it has no
 * layer of its own, what it made is in the next one. */
static gboolean
makes_files(const char *created_by)
{
    static const char *const words[] = {"ADD", "COPY", "RUN", "WORKDIR"};
    for (gsize i = 0; created_by != NULL && i < G_N_ELEMENTS(words); i++) {
        const gsize n = strlen(words[i]);
        if (g_ascii_strncasecmp(created_by, words[i], n) == 0 && created_by[n] == ' ')
            return TRUE;
    }
    return FALSE;
}

/* What made a layer: the instructions before its own, too; of many the first and the last. */
static char *
join_history(GPtrArray *before, const char *created_by)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < before->len && text->len < HC_MAX_HISTORY_SHOWN; i++)
        g_string_append_printf(text, "%s; ", (const char *) before->pdata[i]);
    if (text->len >= HC_MAX_HISTORY_SHOWN && before->len > 1)
        g_string_printf(text, "%s; … %u more …; ", (const char *) before->pdata[0],
                        before->len - 1);
    g_ptr_array_set_size(before, 0);
    return created_by != NULL ? g_strconcat(text->str, created_by, NULL) : NULL;
}

/* The history says more or less than there are layers in many images; what there is counts from the
 * lowest. */
static gboolean
read_history(const char *where, HcJson config, HcImageInfo *info, GError **error)
{
    HcJson history;
    HcJson item;
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func(g_free);
    info->created_by = g_ptr_array_new_with_free_func(g_free);
    if (!hc_json_get_array(where, config, "history", &history, error))
        return FALSE;
    HcJsonIter iter = history.text != NULL ? hc_json_iter(history) : (HcJsonIter){0};
    for (guint number = 1;
         info->created_by->len < info->layers->len && hc_json_next(&iter, NULL, &item); number++) {
        g_autofree char *place = g_strdup_printf("%s: history %u", where, number);
        g_autofree char *created_by = NULL;
        gboolean is_empty;
        if (!hc_json_need_object(place, item, error) ||
            !hc_json_get_string(place, item, "created_by", &created_by, error) ||
            !hc_json_get_boolean(place, item, "empty_layer", &is_empty, error))
            return FALSE;
        if (!is_empty)
            g_ptr_array_add(info->created_by, join_history(before, created_by));
        else if (makes_files(created_by))
            g_ptr_array_add(before, g_steal_pointer(&created_by));
    }
    while (info->created_by->len < info->layers->len)
        g_ptr_array_add(info->created_by, NULL);
    return TRUE;
}

gboolean
hc_image_config_read(const char *where, HcImageInfo *info, GError **error)
{
    HcJson config;
    if (!hc_json_parse_bytes(where, info->config, &config, error) ||
        !hc_json_need_object(where, config, error) ||
        !hc_json_get_string(where, config, "os", &info->os, error) ||
        !hc_json_need(where, "os", info->os != NULL, error) ||
        !hc_json_get_string(where, config, "architecture", &info->architecture, error) ||
        !hc_json_need(where, "architecture", info->architecture != NULL, error) ||
        !hc_json_get_string(where, config, "os.version", &info->os_version, error))
        return FALSE;
    return read_diff_ids(where, config, info, error) && read_history(where, config, info, error);
}
