#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/image-private.h"

/*
 * docker save's manifest.json: [{"Config": FILE, "RepoTags": [REF...], "Layers": [FILE...],
 * "LayerSources": {DIFF ID: DESCRIPTOR}}]. It has no digests; what the config says of the layers'
 * plain tars is what they are verified by. Source: docs/FORMATS-images.md.
 */

enum {
    HASH_BYTES = 1024 * 1024,
    SHA256_DIGITS = 64,
    MAX_LISTED = 20, /* names in a message */
};

/* A name as docker prints it: without the default registry, and with a tag. */
static char *
familiar_name(const char *text)
{
    static const char *const prefixes[] = {"docker.io/", "index.docker.io/", "library/"};
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(text, prefixes[i]))
            text += strlen(prefixes[i]);
    }
    const char *slash = strrchr(text, '/');
    const char *colon = strchr(slash != NULL ? slash : text, ':');
    return colon != NULL ? g_strdup(text) : g_strconcat(text, ":latest", NULL);
}

static gboolean
has_tag(char *const *tags, const char *ref)
{
    g_autofree char *wanted = familiar_name(ref);
    for (gsize i = 0; tags != NULL && tags[i] != NULL; i++) {
        g_autofree char *tag = familiar_name(tags[i]);
        if (strcmp(tag, wanted) == 0)
            return TRUE;
    }
    return FALSE;
}

/* @n_listed: (inout): names of all images */
static void
append_tags(GString *out, guint *n_listed, char *const *tags)
{
    for (gsize i = 0; tags != NULL && tags[i] != NULL && *n_listed < MAX_LISTED; i++, (*n_listed)++)
        g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", tags[i]);
}

/* The image that @ref means, with its first name in *@ref_name. */
static gboolean
choose_image(const char *where, HcJson images, const char *ref, HcJson *chosen, char **ref_name,
             GError **error)
{
    const guint n = hc_json_length(images);
    *chosen = (HcJson){NULL, 0, 0};
    g_autoptr(GString) names = g_string_new(NULL);
    guint n_listed = 0;
    guint64 number = G_MAXUINT64;
    gboolean by_number = ref != NULL && ref[0] == '@' &&
                         g_ascii_string_to_unsigned(ref + 1, 10, 0, G_MAXUINT, &number, NULL);
    HcJson image;
    HcJsonIter iter = hc_json_iter(images);
    for (guint i = 0; hc_json_next(&iter, NULL, &image); i++) {
        g_autofree char *place = g_strdup_printf("%s: image %u", where, i + 1);
        g_auto(GStrv) tags = NULL;
        if (!hc_json_need_object(place, image, error) ||
            !hc_json_get_strings(place, image, "RepoTags", &tags, error))
            return FALSE;
        append_tags(names, &n_listed, tags);
        if (by_number ? number != i : ref != NULL ? !has_tag(tags, ref) : n > 1)
            continue;
        if (chosen->text != NULL)
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: two images are named '%s'", where, ref);
        *chosen = image;
        *ref_name = tags != NULL ? g_strdup(tags[0]) : NULL;
    }
    const char *listed = names->len > 0 ? names->str : "nothing with a name";
    if (chosen->text != NULL)
        return TRUE;
    g_autofree char *guess = ref != NULL ? hc_word_guess_listed(ref, names->str) : g_strdup("");
    if (ref != NULL || n == 0)
        return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: there is no '%s'; there is: %s%s", where,
                       ref != NULL ? ref : "image", listed, guess);
    return hc_fail(error, HC_ERROR_USAGE,
                   "%s: which of its images is not clear, name one; there is: %s", where, listed);
}

/* The clean form of a name in manifest.json. */
static char *
clean_name(const char *where, const char *name, GError **error)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    if (name[0] != '/' && hc_entry_name_clean(clean, name, strlen(name)) && clean->len > 0)
        return g_string_free(g_steal_pointer(&clean), FALSE);
    return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: '%s' is no name in the archive", where,
                        name);
}

/* The 64 digits that a file is named by; NULL when it is not. */
static char *
hex_of_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash != NULL ? slash + 1 : name;
    gsize n = strspn(base, "0123456789abcdef");
    if (n == SHA256_DIGITS && (base[n] == '\0' || base[n] == '.'))
        return g_strndup(base, n);
    return NULL;
}

static gboolean
read_config(HcImageStore *store, const char *where, const char *name, HcImageInfo *info,
            GError **error)
{
    const char *operand = hc_image_store_name(store);
    g_autofree char *clean = clean_name(where, name, error);
    if (clean == NULL)
        return FALSE;
    g_autoptr(GError) failure = NULL;
    info->config = hc_image_store_read(store, clean, &failure);
    if (info->config == NULL) {
        if (failure != NULL)
            return hc_fail_with(error, g_steal_pointer(&failure));
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: config '%s' is missing", operand, name);
    }
    g_autofree char *hex = hc_sha256_of_bytes(info->config);
    g_autofree char *named = hex_of_name(clean);
    info->config_digest = g_strconcat("sha256:", hex, NULL);
    if (named == NULL || strcmp(named, hex) == 0)
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: %s: its content has the digest sha256:%s",
                   operand, clean, hex);
}

/* What LayerSources says of a layer: the place of one that is not distributed. */
static gboolean
read_source(const char *where, HcJson sources, HcImageLayer *layer, GError **error)
{
    if (sources.text == NULL)
        return TRUE;
    const HcJson said = hc_json_find(sources, layer->diff_id);
    if (said.text == NULL)
        return TRUE;
    g_autofree char *place = g_strdup_printf("%s: LayerSources", where);
    g_autoptr(HcDescriptor) source = hc_descriptor_read(place, said, error);
    if (source == NULL)
        return FALSE;
    layer->urls = g_strdupv(source->urls);
    layer->is_foreign = source->media_type != NULL && strstr(source->media_type, "foreign") != NULL;
    if (layer->is_present)
        return TRUE;
    layer->descriptor = hc_json_compact(said);
    layer->digest = g_strdup(source->digest);
    layer->media_type = g_strdup(source->media_type);
    layer->n_bytes = source->n_bytes;
    return TRUE;
}

/* The digest of a blob that nothing names. */
static gboolean
hash_place(const char *where, const HcBlobPlace *place, char **digest, GError **error)
{
    g_autoptr(HcSha256) checksum = hc_sha256_new();
    for (uint64_t done = 0; done < place->n_bytes;) {
        uint64_t n = MIN(place->n_bytes - done, HASH_BYTES);
        g_autoptr(GBytes) piece = hc_blob_read(where, place->fd, place->offset + done, n, error);
        if (piece == NULL)
            return FALSE;
        hc_sha256_update(checksum, g_bytes_get_data(piece, NULL), n);
        done += n;
    }
    *digest = g_strconcat("sha256:", hc_sha256_hex(checksum), NULL);
    return TRUE;
}

/* What the layer's content says: a plain tar's digest is its diff ID. */
static gboolean
describe_layer(const char *where, const HcBlobPlace *place, HcImageLayer *layer, GError **error)
{
    uint8_t start[HC_SNIFF_BYTES];
    const gssize n = hc_pread(place->fd, start, MIN(place->n_bytes, sizeof(start)), place->offset);
    if (n < 0)
        return hc_fail_io(error, where, "cannot read", errno);
    const HcCompression compression = hc_compression_sniff(start, (gsize) n);
    layer->media_type = g_strdup(hc_media_types[HC_FAMILY_DOCKER].layers[compression]);
    layer->n_bytes = place->n_bytes;
    layer->is_present = TRUE;
    if (compression != HC_COMPRESSION_NONE)
        return hash_place(where, place, &layer->digest, error);
    layer->digest = g_strdup(layer->diff_id);
    return TRUE;
}

static gboolean
read_layer(HcImageStore *store, const char *name, HcJson sources, HcImageLayer *layer,
           GError **error)
{
    HcBlobPlace place;
    g_autoptr(GError) failure = NULL;
    const char *operand = hc_image_store_name(store);
    g_autofree char *where = g_strdup_printf("%s: %s", operand, name);
    gboolean is_there = hc_image_store_find(store, name, &place, &failure);
    if (failure != NULL)
        return hc_fail_with(error, g_steal_pointer(&failure));
    if ((is_there && !describe_layer(where, &place, layer, error)) ||
        !read_source(operand, sources, layer, error))
        return FALSE;
    if (layer->digest != NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: is missing", where);
}

static gboolean
read_layers(HcImageStore *store, const char *where, HcJson image, HcImageInfo *info,
            GPtrArray *names, GError **error)
{
    g_auto(GStrv) layers = NULL;
    HcJson sources;
    if (!hc_json_get_strings(where, image, "Layers", &layers, error) ||
        !hc_json_get_object(where, image, "LayerSources", &sources, error))
        return FALSE;
    if (layers == NULL)
        return hc_json_need(where, "Layers", FALSE, error);
    guint n = g_strv_length(layers);
    if (!hc_image_check_n_layers(where, n, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        char *clean = clean_name(where, layers[i], error);
        if (clean == NULL)
            return FALSE;
        g_ptr_array_add(names, clean);
        (void) hc_image_info_add_layer(info);
    }
    g_autofree char *place =
        g_strdup_printf("%s: config %s", hc_image_store_name(store), info->config_digest);
    if (!hc_image_config_read(place, info, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        if (!read_layer(store, names->pdata[i], sources, info->layers->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
fail_no_manifest(HcImageStore *store, GError **error)
{
    HcBlobPlace place;
    gboolean is_oci = hc_image_store_find(store, "index.json", &place, NULL);
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: has no manifest.json%s",
                   hc_image_store_name(store),
                   is_oci ? ", but an index.json: oci-archive: reads it"
                          : ", which image archives of docker have");
}

gboolean
hc_image_docker_read(HcImageStore *store, const char *ref, HcImageInfo *info, GPtrArray *names,
                     GError **error)
{
    g_autofree char *where = g_strdup_printf("%s: manifest.json", hc_image_store_name(store));
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) text = hc_image_store_read(store, "manifest.json", &failure);
    if (failure != NULL)
        return hc_fail_with(error, g_steal_pointer(&failure));
    if (text == NULL)
        return fail_no_manifest(store, error);
    HcJson images;
    if (!hc_json_parse_bytes(where, text, &images, error))
        return FALSE;
    if (!hc_json_is(images, HC_JSON_ARRAY))
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is not an array", where);
    info->family = HC_FAMILY_DOCKER;
    HcJson image;
    g_autofree char *config = NULL;
    return choose_image(where, images, ref, &image, &info->ref_name, error) &&
           hc_json_get_string(where, image, "Config", &config, error) &&
           hc_json_need(where, "Config", config != NULL, error) &&
           read_config(store, where, config, info, error) &&
           read_layers(store, where, image, info, names, error);
}
