#include "config.h"

#include "hivecore/image/image.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/image-private.h"

struct HcImage {
    char *operand;
    HcImageRef *ref;
    HcImageStore *store;
    HcImageInfo info;
    GPtrArray *names; /* of char *: of each layer's file in the layout or archive */
};

/* --- layouts --- */

static gboolean
check_layout_version(HcImageStore *store, GError **error)
{
    g_autofree char *where = g_strdup_printf("%s: oci-layout", hc_image_store_name(store));
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) text = hc_image_store_read(store, "oci-layout", &failure);
    if (failure != NULL)
        return hc_fail_with(error, g_steal_pointer(&failure));
    if (text == NULL) {
        HcBlobPlace place;
        gboolean is_docker = hc_image_store_find(store, "manifest.json", &place, NULL);
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is missing%s", where,
                       is_docker ? ", but there is a manifest.json: docker-archive: reads it"
                                 : ", so this is no OCI image layout");
    }
    HcJson object;
    g_autofree char *version = NULL;
    if (!hc_json_parse_bytes(where, text, &object, error) ||
        !hc_json_need_object(where, object, error) ||
        !hc_json_get_string(where, object, "imageLayoutVersion", &version, error) ||
        !hc_json_need(where, "imageLayoutVersion", version != NULL, error))
        return FALSE;
    if (strcmp(version, "1.0.0") == 0)
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: its version is '%s', not 1.0.0", where,
                   version);
}

static gboolean
find_layers(HcImage *image, GError **error)
{
    for (guint i = 0; i < image->info.layers->len; i++) {
        HcImageLayer *layer = image->info.layers->pdata[i];
        HcBlobPlace place;
        GError *failure = NULL;
        char *name = hc_digest_file(layer->digest);
        g_ptr_array_add(image->names, name);
        layer->is_present = hc_image_store_find(image->store, name, &place, &failure) ||
                            (hc_image_store_is_remote(image->store) && !layer->is_foreign);
        if (failure != NULL)
            return hc_fail_with(error, failure);
    }
    return TRUE;
}

static gboolean
open_layout(HcImage *image, const char *platform, GError **error)
{
    HcImageInfo *info = &image->info;
    if (!check_layout_version(image->store, error))
        return FALSE;
    g_autoptr(HcDescriptor) chosen =
        hc_image_index_choose(image->store, image->ref->tag, platform, error);
    g_autoptr(HcDescriptor) config =
        chosen != NULL ? hc_image_manifest_read(image->store, chosen, info, error) : NULL;
    if (config == NULL)
        return FALSE;
    info->ref_name = g_strdup(chosen->ref_name);
    if (chosen->os != NULL && chosen->architecture != NULL)
        info->index_platform =
            g_strconcat(chosen->os, "/", chosen->architecture,
                        chosen->os_version != NULL ? ":" : NULL, chosen->os_version, NULL);
    info->config = hc_image_blob_read(image->store, config, error);
    g_autofree char *where = g_strdup_printf("%s: config %s", image->operand, config->digest);
    return info->config != NULL && hc_image_config_read(where, info, error) &&
           find_layers(image, error);
}

/* --- docker's archives, which hold one platform --- */

static gboolean
open_docker(HcImage *image, const char *platform_text, GError **error)
{
    HcImageInfo *info = &image->info;
    g_autoptr(HcPlatform) platform = hc_platform_parse(platform_text, error);
    if (platform == NULL ||
        !hc_image_docker_read(image->store, image->ref->tag, info, image->names, error))
        return FALSE;
    if (platform_text == NULL ||
        hc_platform_fits(platform, info->os, info->architecture, info->os_version))
        return TRUE;
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: has no image for %s; it has %s/%s%s%s",
                   image->operand, platform_text, info->os, info->architecture,
                   info->os_version != NULL ? ":" : "",
                   info->os_version != NULL ? info->os_version : "");
}

HcImage *
hc_image_open(const char *operand, const char *platform, GError **error)
{
    g_autoptr(HcImage) image = g_new0(HcImage, 1);
    image->operand = g_strdup(operand);
    image->info.operand = image->operand;
    image->names = g_ptr_array_new_with_free_func(g_free);
    image->ref = hc_image_ref_parse(operand, error);
    if (image->ref == NULL)
        return NULL;
    image->store = hc_image_store_open(image->operand, image->ref, error);
    if (image->store == NULL)
        return NULL;
    gboolean is_open = image->ref->transport == HC_IMAGE_DOCKER_ARCHIVE
                           ? open_docker(image, platform, error)
                           : open_layout(image, platform, error);
    return is_open ? g_steal_pointer(&image) : NULL;
}

static void
free_member(gpointer data)
{
    HcImageMember *member = data;
    g_free(member->digest);
    g_free(member->name);
    g_free(member->os);
    g_free(member->words);
    g_free(member);
}

static void
add_member(GPtrArray *members, const char *digest, const char *name, const char *os,
           const char *architecture, const char *os_version)
{
    HcImageMember *member = g_new0(HcImageMember, 1);
    member->digest = g_strdup(digest);
    member->name = g_strdup(name);
    member->os = g_strdup(os);
    member->words = os == NULL ? g_strdup("no platform")
                               : g_strconcat(os, "/", architecture != NULL ? architecture : "?",
                                             os_version != NULL ? ":" : NULL, os_version, NULL);
    g_ptr_array_add(members, member);
}

GPtrArray *
hc_image_members(const char *operand, GError **error)
{
    g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func(free_member);
    g_autoptr(HcImageRef) ref = hc_image_ref_parse(operand, error);
    if (ref == NULL)
        return NULL;
    if (ref->transport == HC_IMAGE_DOCKER_ARCHIVE) {
        g_autoptr(HcImage) image = hc_image_open(operand, NULL, error);
        if (image == NULL)
            return NULL;
        const HcImageInfo *info = &image->info;
        add_member(members, NULL, info->ref_name, info->os, info->architecture, info->os_version);
        return g_steal_pointer(&members);
    }
    g_autoptr(HcImageStore) store = hc_image_store_open(operand, ref, error);
    if (store == NULL || !check_layout_version(store, error))
        return NULL;
    g_autoptr(GPtrArray) leaves = hc_image_index_list(store, ref->tag, error);
    for (guint i = 0; leaves != NULL && i < leaves->len; i++) {
        const HcDescriptor *leaf = leaves->pdata[i];
        add_member(members, leaf->digest, leaf->ref_name, leaf->os, leaf->architecture,
                   leaf->os_version);
    }
    return leaves != NULL ? g_steal_pointer(&members) : NULL;
}

void
hc_image_free(HcImage *image)
{
    if (image == NULL)
        return;
    hc_image_info_clear(&image->info);
    g_ptr_array_unref(image->names);
    g_clear_pointer(&image->store, hc_image_store_free);
    g_clear_pointer(&image->ref, hc_image_ref_free);
    g_free(image->operand);
    g_free(image);
}

const HcImageInfo *
hc_image_info(const HcImage *image)
{
    return &image->info;
}

gboolean
hc_image_is_remote(const HcImage *image)
{
    return hc_image_store_is_remote(image->store);
}

/* --- layers --- */

static void
set_missing_error(const HcImage *image, guint index, GError **error)
{
    const HcImageLayer *layer = image->info.layers->pdata[index];
    const gboolean has_url = layer->urls != NULL && layer->urls[0] != NULL;
    g_autofree char *how = NULL;
    if (!has_url)
        how = g_strdup("copy the image again, with 'skopeo copy'");
    else if (image->ref->transport == HC_IMAGE_OCI)
        how = g_strdup_printf("it is not distributed with images: fetch %s, which has %" PRIu64
                              " bytes, to %s/%s",
                              layer->urls[0], layer->n_bytes, image->ref->path,
                              (const char *) image->names->pdata[index]);
    else
        how = g_strdup_printf("it is not distributed with images: 'skopeo copy' the image to an "
                              "oci: folder, and fetch %s, which has %" PRIu64
                              " bytes, to its blobs/sha256/%s",
                              layer->urls[0], layer->n_bytes, layer->digest + strlen("sha256:"));
    hc_set_error(error, HC_ERROR_NOT_FOUND, "%s: layer %u: blob %s is missing; %s", image->operand,
                 index + 1, layer->digest, how);
}

gboolean
hc_image_layer_place(HcImage *image, guint index, HcBlobPlace *place, GError **error)
{
    const HcImageLayer *layer = image->info.layers->pdata[index];
    g_autoptr(GError) failure = NULL;
    if ((layer->is_present &&
         !hc_image_store_need(image->store, NULL, layer->digest, layer->n_bytes, &failure)) ||
        !hc_image_store_find(image->store, image->names->pdata[index], place, &failure)) {
        if (failure != NULL)
            g_propagate_error(error, g_steal_pointer(&failure));
        else
            set_missing_error(image, index, error);
        return FALSE;
    }
    if (place->n_bytes == layer->n_bytes)
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s: layer %u: blob %s has %" PRIu64 " bytes, its descriptor says %" PRIu64,
                   image->operand, index + 1, layer->digest, place->n_bytes, layer->n_bytes);
}

HcLayerReader *
hc_image_layer_open(HcImage *image, guint index, GError **error)
{
    HcBlobPlace place;
    if (!hc_image_layer_place(image, index, &place, error))
        return NULL;
    g_autofree char *name = g_strdup_printf("%s: layer %u", image->operand, index + 1);
    return hc_layer_reader_open_part(name, place.fd, place.offset, place.n_bytes, error);
}

gboolean
hc_image_layer_check(const HcImage *image, guint index, const HcLayerDigests *digests,
                     GError **error)
{
    const HcImageLayer *layer = image->info.layers->pdata[index];
    const char *digest = layer->digest + strlen("sha256:");
    const char *diff_id = layer->diff_id + strlen("sha256:");
    if (strcmp(digest, digests->digest) != 0)
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: layer %u: blob %s: its content has the digest sha256:%s",
                       image->operand, index + 1, layer->digest, digests->digest);
    if (strcmp(diff_id, digests->diff_id) == 0)
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s: layer %u: has the diff ID sha256:%s, the config says %s", image->operand,
                   index + 1, digests->diff_id, layer->diff_id);
}
