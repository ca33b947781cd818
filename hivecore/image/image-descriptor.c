#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/image-private.h"

#define SHA256 "sha256:"

enum {
    SHA256_DIGITS = 64,
};

gboolean
hc_digest_check(const char *where, const char *digest, GError **error)
{
    const gsize n_prefix = strlen(SHA256);
    if (strncmp(digest, SHA256, n_prefix) == 0 && strlen(digest) == n_prefix + SHA256_DIGITS &&
        strspn(digest + n_prefix, "0123456789abcdef") == SHA256_DIGITS)
        return TRUE;
    if (g_str_has_prefix(digest, "sha512:") || g_str_has_prefix(digest, "sha384:"))
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: only SHA-256 digests are supported, not '%s'", where, digest);
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s: '%s' is not sha256: and 64 lower-case hexadecimal digits", where, digest);
}

char *
hc_digest_file(const char *digest)
{
    return g_strconcat("blobs/sha256/", digest + strlen(SHA256), NULL);
}

static gboolean
read_platform(const char *where, HcJson object, HcDescriptor *descriptor, GError **error)
{
    return hc_json_get_string(where, object, "os", &descriptor->os, error) &&
           hc_json_get_string(where, object, "architecture", &descriptor->architecture, error) &&
           hc_json_get_string(where, object, "os.version", &descriptor->os_version, error);
}

static gboolean
read_annotations(const char *where, HcJson object, HcDescriptor *descriptor, GError **error)
{
    g_autofree char *reference_type = NULL;
    if (!hc_json_get_string(where, object, "org.opencontainers.image.ref.name",
                            &descriptor->ref_name, error) ||
        !hc_json_get_string(where, object, "io.containerd.image.name", &descriptor->full_name,
                            error) ||
        !hc_json_get_string(where, object, "vnd.docker.reference.type", &reference_type, error))
        return FALSE;
    /* BuildKit's attestations stand in the index beside the images that they are about. */
    descriptor->is_no_image = reference_type != NULL;
    return TRUE;
}

HcDescriptor *
hc_descriptor_read(const char *where, HcJson value, GError **error)
{
    g_autoptr(HcDescriptor) descriptor = g_new0(HcDescriptor, 1);
    HcJson platform;
    HcJson annotations;
    if (!hc_json_need_object(where, value, error) ||
        !hc_json_get_string(where, value, "mediaType", &descriptor->media_type, error) ||
        !hc_json_get_string(where, value, "digest", &descriptor->digest, error) ||
        !hc_json_need(where, "digest", descriptor->digest != NULL, error) ||
        !hc_digest_check(where, descriptor->digest, error) ||
        !hc_json_need(where, "size", hc_json_find(value, "size").text != NULL, error) ||
        !hc_json_get_size(where, value, "size", &descriptor->n_bytes, error) ||
        !hc_json_get_strings(where, value, "urls", &descriptor->urls, error) ||
        !hc_json_get_object(where, value, "platform", &platform, error) ||
        !hc_json_get_object(where, value, "annotations", &annotations, error))
        return NULL;
    if ((platform.text != NULL && !read_platform(where, platform, descriptor, error)) ||
        (annotations.text != NULL && !read_annotations(where, annotations, descriptor, error)))
        return NULL;
    return g_steal_pointer(&descriptor);
}

void
hc_descriptor_free(HcDescriptor *descriptor)
{
    if (descriptor == NULL)
        return;
    g_free(descriptor->media_type);
    g_free(descriptor->digest);
    g_strfreev(descriptor->urls);
    g_free(descriptor->ref_name);
    g_free(descriptor->full_name);
    g_free(descriptor->architecture);
    g_free(descriptor->os);
    g_free(descriptor->os_version);
    g_free(descriptor);
}

GBytes *
hc_image_blob_read(HcImageStore *store, const HcDescriptor *descriptor, GError **error)
{
    const char *operand = hc_image_store_name(store);
    g_autofree char *name = hc_digest_file(descriptor->digest);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) content =
        hc_image_store_need(store, descriptor->media_type, descriptor->digest, descriptor->n_bytes,
                            &failure)
            ? hc_image_store_read(store, name, &failure)
            : NULL;
    if (content == NULL) {
        if (failure != NULL)
            return hc_fail_with_null(error, g_steal_pointer(&failure));
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: blob %s: is missing", operand,
                            descriptor->digest);
    }
    if (g_bytes_get_size(content) != descriptor->n_bytes)
        return hc_fail_null(
            error, HC_ERROR_MALFORMED,
            "%s: blob %s: has %" G_GSIZE_FORMAT " bytes, its descriptor says %" PRIu64, operand,
            descriptor->digest, g_bytes_get_size(content), descriptor->n_bytes);
    g_autofree char *hex = hc_sha256_of_bytes(content);
    if (strcmp(hex, descriptor->digest + strlen(SHA256)) != 0)
        return hc_fail_null(error, HC_ERROR_MALFORMED,
                            "%s: blob %s: its content has the digest sha256:%s", operand,
                            descriptor->digest, hex);
    return g_steal_pointer(&content);
}

gboolean
hc_image_check_n_layers(const char *where, guint n, GError **error)
{
    if (n == 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: has no layers", where);
    if (n > HC_MAX_IMAGE_LAYERS)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: more than %u layers", where,
                       HC_MAX_IMAGE_LAYERS);
    return TRUE;
}
