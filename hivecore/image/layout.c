#include "config.h"

#include "hivecore/image/store-private.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/json.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/image/oci-index.h"

#define SHA256 "sha256:"

HcLock *
hc_layout_lock(const HcImageRef *ref, guint seconds, GError **error)
{
    const char *const files[] = {ref->path};
    return hc_lock_take(files, G_N_ELEMENTS(files), seconds, error);
}

GBytes *
hc_layout_read_index(const HcImageRef *ref, GError **error)
{
    struct stat status;
    gboolean is_there;
    g_autofree char *path = g_build_filename(ref->path, "index.json", NULL);
    if (!hc_file_look(path, TRUE, &status, &is_there, error) || !is_there)
        return NULL;
    return hc_read_stream(path, HC_MAX_IMAGE_JSON_BYTES, error);
}

/* A document of the layout by its digest; NULL without @error when it is not there or is none. */
static GBytes *
read_document(HcImageStore *store, const char *digest, HcJson *document, GError **error)
{
    if (digest == NULL || !g_str_has_prefix(digest, SHA256) ||
        strspn(digest + strlen(SHA256), "0123456789abcdef") != 64 ||
        strlen(digest) != strlen(SHA256) + 64)
        return NULL;
    GError *failure = NULL;
    g_autofree char *name = g_strconcat("blobs/sha256/", digest + strlen(SHA256), NULL);
    g_autoptr(GBytes) bytes = hc_image_store_read(store, name, &failure);
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_IO))
        return hc_fail_with_null(error, failure);
    g_clear_error(&failure);
    if (bytes == NULL || !hc_json_parse_bytes(name, bytes, document, NULL) ||
        !hc_json_is(*document, HC_JSON_OBJECT))
        return NULL;
    return g_steal_pointer(&bytes);
}

gboolean
hc_layout_read_member(const HcImageRef *ref, const char *entry, char **text, GError **error)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(entry);
    g_autofree char *type = object != NULL ? hc_json_object_get_string(object, "mediaType") : NULL;
    g_autofree char *digest = object != NULL ? hc_json_object_get_string(object, "digest") : NULL;
    *text = NULL;
    if (type == NULL || !hc_media_type_is_index(type))
        return TRUE;
    GError *failure = NULL;
    HcJson document;
    g_autoptr(HcImageStore) store = hc_image_store_open(ref->path, ref, error);
    if (store == NULL)
        return FALSE;
    g_autoptr(GBytes) bytes = read_document(store, digest, &document, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (bytes != NULL && hc_json_is(hc_json_find(document, "manifests"), HC_JSON_ARRAY))
        *text = g_strndup(document.text, document.n_bytes);
    return TRUE;
}

char *
hc_layout_identity(const void *data, const char *digest, GError **error)
{
    const HcImageRef *ref = data;
    g_autoptr(HcImageStore) store = hc_image_store_open(ref->path, ref, error);
    HcJson manifest;
    HcJson image;
    g_autoptr(GBytes) text = store != NULL ? read_document(store, digest, &manifest, error) : NULL;
    if (text == NULL)
        return NULL;
    HcJson config = hc_json_find(manifest, "config");
    HcJson name = hc_json_is(config, HC_JSON_OBJECT) ? hc_json_find(config, "digest") : config;
    g_autofree char *config_digest =
        hc_json_is(name, HC_JSON_STRING) ? hc_json_string_dup(name) : NULL;
    g_autoptr(GBytes) config_text = read_document(store, config_digest, &image, error);
    g_autofree char *object = config_text != NULL ? g_strndup(image.text, image.n_bytes) : NULL;
    return object != NULL ? hc_image_identity(object) : NULL;
}
