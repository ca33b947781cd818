#include "config.h"

#include "layerpack/image-writer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/sha256.h"
#include "layerpack/blob-store.h"
#include "layerpack/config-edit.h"
#include "layerpack/json-text.h"
#include "layerpack/layout.h"
#include "layerpack/oci-index.h"

#define SHA256      "sha256:"
#define BLOBS       "blobs/sha256/"
#define OCI_LAYOUT  "oci-layout"
#define LAYOUT_MARK "{\"imageLayoutVersion\":\"1.0.0\"}"

/* Media types. Source: OCI image-spec 1.1, media-types.md; Docker image manifest V2 schema 2. */
typedef struct {
    const char *manifest;
    const char *config;
    const char *layer;
    const char *layer_gzip;
    const char *layer_zstd; /* (nullable): Docker has none */
} MediaTypes;

static const MediaTypes media_types[] = {
    [HC_FAMILY_OCI] = {"application/vnd.oci.image.manifest.v1+json",
                       "application/vnd.oci.image.config.v1+json",
                       "application/vnd.oci.image.layer.v1.tar",
                       "application/vnd.oci.image.layer.v1.tar+gzip",
                       "application/vnd.oci.image.layer.v1.tar+zstd"},
    [HC_FAMILY_DOCKER] = {"application/vnd.docker.distribution.manifest.v2+json",
                          "application/vnd.docker.container.image.v1+json",
                          "application/vnd.docker.image.rootfs.diff.tar",
                          "application/vnd.docker.image.rootfs.diff.tar.gzip", NULL},
};

struct LpImageWriter {
    const HcCliContext *context;
    char *operand;
    HcImageRef *ref;
    char *identity; /* what the image is for, as of lp_config_identity() */
    gboolean replace;
    int lock_timeout_seconds;
    const MediaTypes *types;
    LpBlobStore *store;
    HcCompression compression;
    GPtrArray *layers; /* of char *: descriptors as JSON; in docker-archive names as JSON strings */
};

static gboolean
is_docker_archive(const LpImageWriter *writer)
{
    return writer->ref->transport == HC_IMAGE_DOCKER_ARCHIVE;
}

static gboolean
is_layout(const LpImageWriter *writer)
{
    return writer->ref->transport == HC_IMAGE_OCI;
}

static LpIndexPlace
index_place(const LpImageWriter *writer)
{
    return (LpIndexPlace){.identity = writer->identity,
                          .replace = writer->replace,
                          .lookup = is_layout(writer) ? lp_layout_identity : NULL,
                          .data = writer->ref};
}

/* Before the first byte is written; when the index is, it is asked for again. */
static gboolean
check_tag(const LpImageWriter *writer, GError **error)
{
    if (!is_layout(writer))
        return TRUE;
    GError *failure = NULL;
    g_autofree char *name = g_build_filename(writer->ref->path, "index.json", NULL);
    g_autoptr(GBytes) index = lp_layout_read_index(writer->ref, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    const LpIndexPlace place = index_place(writer);
    return lp_index_check(index, name, writer->ref->tag, &place, error);
}

static gboolean
open_store(LpImageWriter *writer, GError **error)
{
    writer->store = is_layout(writer)
                        ? lp_blob_store_open_layout(writer->ref->path, error)
                        : lp_blob_store_open_tar(writer->ref->path, writer->context->epoch, error);
    if (writer->store == NULL)
        return FALSE;
    return is_docker_archive(writer) ||
           (lp_blob_store_folder(writer->store, "blobs", error) &&
            lp_blob_store_folder(writer->store, "blobs/sha256", error));
}

static gboolean
choose_compression(LpImageWriter *writer, const char *word, GError **error)
{
    if (word == NULL || g_str_equal(word, "auto")) {
        writer->compression = is_docker_archive(writer) ? HC_COMPRESSION_NONE : HC_COMPRESSION_GZIP;
        return TRUE;
    }
    return hc_compression_parse(word, "", &writer->compression, error);
}

LpImageWriter *
lp_image_writer_open(const HcCliContext *context, const LpImageTarget *target, GError **error)
{
    g_autoptr(LpImageWriter) writer = g_new0(LpImageWriter, 1);
    writer->context = context;
    writer->operand = g_strdup(target->operand);
    writer->types = &media_types[target->family];
    writer->identity = lp_config_identity(target->config);
    writer->replace = target->options->replace;
    writer->lock_timeout_seconds = target->options->lock_timeout_seconds;
    writer->layers = g_ptr_array_new_with_free_func(g_free);
    writer->ref = hc_image_ref_parse(target->operand, error);
    if (writer->ref == NULL || !choose_compression(writer, target->options->compression, error) ||
        !check_tag(writer, error))
        return NULL;
    /* A folder that is half made is none that a user could make use of. */
    hc_interrupt_defer();
    return open_store(writer, error) ? g_steal_pointer(&writer) : NULL;
}

void
lp_image_writer_free(LpImageWriter *writer)
{
    if (writer == NULL)
        return;
    lp_blob_store_free(writer->store);
    hc_image_ref_free(writer->ref);
    g_ptr_array_unref(writer->layers);
    g_free(writer->identity);
    g_free(writer->operand);
    g_free(writer);
}

HcLayerOutput *
lp_image_writer_open_layer(const LpImageWriter *writer, GError **error)
{
    const char *path = writer->ref->path;
    g_autofree char *file =
        is_layout(writer) ? g_build_filename(path, BLOBS "layer", NULL) : g_strdup(path);
    HcLayerOutput *layer = hc_layer_output_open(file, writer->compression, error);
    /* It never gets the name it is opened with. */
    g_autofree char *name = g_strdup_printf("%s: the new layer", writer->operand);
    if (layer != NULL)
        hc_layer_output_set_name(layer, name);
    return layer;
}

/* @descriptor: (nullable) (transfer full): of OCI, and of a layer whose blob is there */
static gboolean
add_blob(LpImageWriter *writer, const LpBlob *blob, char *descriptor, GError **error)
{
    g_autofree char *own = descriptor;
    g_autofree char *name = is_docker_archive(writer) ? g_strconcat(blob->digest, ".tar", NULL)
                                                      : g_strconcat(BLOBS, blob->digest, NULL);
    if (writer->layers->len >= HC_MAX_IMAGE_LAYERS)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: over %u layers", writer->operand,
                       HC_MAX_IMAGE_LAYERS);
    if (!lp_blob_store_blob(writer->store, name, blob, error)) {
        g_prefix_error(error, "%s: ", writer->operand);
        return FALSE;
    }
    g_ptr_array_add(writer->layers,
                    is_docker_archive(writer) ? lp_json_string_text(name) : g_steal_pointer(&own));
    return TRUE;
}

static char *
descriptor_text(const char *media_type, const char *digest, uint64_t n_bytes)
{
    g_autoptr(LpJsonObject) object = lp_json_object_new(NULL);
    g_autofree char *full = g_strconcat(SHA256, digest, NULL);
    lp_json_object_set_string(object, "mediaType", media_type);
    lp_json_object_set_string(object, "digest", full);
    lp_json_object_set(object, "size", g_strdup_printf("%" PRIu64, n_bytes));
    return lp_json_object_text(object);
}

gboolean
lp_image_writer_add_new(LpImageWriter *writer, const HcLayerFile *file, GError **error)
{
    LpBlob blob = {.digest = file->digests.digest,
                   .place = {.fd = file->fd, .n_bytes = file->n_bytes, .path = file->path},
                   .is_verified = TRUE};
    const char *media_type = writer->compression == HC_COMPRESSION_GZIP ? writer->types->layer_gzip
                                                                        : writer->types->layer;
    return add_blob(writer, &blob, descriptor_text(media_type, blob.digest, blob.place.n_bytes),
                    error);
}

/* The media type of a layer that has none, by how its blob begins. */
static const char *
sniff_layer(const LpImageWriter *writer, const HcBlobPlace *place, const char *operand,
            GError **error)
{
    static const guint8 gzip[] = {0x1f, 0x8b};
    static const guint8 zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    guint8 start[4] = {0};
    ssize_t n;
    do
        n = pread(place->fd, start, sizeof(start), (off_t) place->offset);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return hc_fail_io_null(error, operand, "cannot read", errno);
    if (memcmp(start, gzip, sizeof(gzip)) == 0)
        return writer->types->layer_gzip;
    if (memcmp(start, zstd, sizeof(zstd)) != 0)
        return writer->types->layer;
    if (writer->types->layer_zstd == NULL)
        hc_set_error(error, HC_ERROR_UNSUPPORTED,
                     "%s: a layer is compressed with zstd, for which Docker has no media type",
                     operand);
    return writer->types->layer_zstd;
}

/* A layer of a docker-archive: nothing says the digest and type of what is stored. */
static gboolean
add_undescribed(LpImageWriter *writer, const HcBlobPlace *place, const char *operand,
                GError **error)
{
    g_autofree char *digest = lp_place_digest(place, operand, error);
    const char *media_type = digest ? sniff_layer(writer, place, operand, error) : NULL;
    if (media_type == NULL)
        return FALSE;
    LpBlob blob = {.digest = digest, .place = *place, .is_verified = TRUE};
    return add_blob(writer, &blob, descriptor_text(media_type, digest, place->n_bytes), error);
}

gboolean
lp_image_writer_add_base(LpImageWriter *writer, HcImage *base, guint index, gboolean is_verified,
                         GError **error)
{
    const HcImageInfo *info = hc_image_info(base);
    const HcImageLayer *layer = info->layers->pdata[index];
    if (!layer->is_present && layer->urls != NULL && layer->descriptor != NULL &&
        !is_docker_archive(writer)) {
        g_ptr_array_add(writer->layers, g_strdup(layer->descriptor));
        return TRUE;
    }
    HcBlobPlace place;
    if (!hc_image_layer_place(base, index, &place, error))
        return FALSE;
    if (layer->descriptor == NULL)
        return add_undescribed(writer, &place, info->operand, error);
    LpBlob blob = {
        .digest = layer->digest + strlen(SHA256), .place = place, .is_verified = is_verified};
    return add_blob(writer, &blob, g_strdup(layer->descriptor), error);
}

static char *
text_digest(const char *text)
{
    return hc_sha256_of(text, strlen(text));
}

static gboolean
put_blob_text(LpImageWriter *writer, const char *text, char **digest, GError **error)
{
    g_autofree char *hex = text_digest(text);
    g_autofree char *name = g_strconcat(BLOBS, hex, NULL);
    *digest = g_strconcat(SHA256, hex, NULL);
    return lp_blob_store_bytes(writer->store, name, hex, text, error);
}

static gboolean
put_docker_documents(LpImageWriter *writer, const LpImageText *text, LpImageDigests *digests,
                     GError **error)
{
    g_autofree char *hex = text_digest(text->config);
    g_autofree char *config_name = g_strconcat(hex, ".json", NULL);
    digests->config = g_strconcat(SHA256, hex, NULL);

    g_autoptr(LpJsonObject) image = lp_json_object_new(NULL);
    lp_json_object_set_string(image, "Config", config_name);
    const char *tag = writer->ref->tag;
    if (tag != NULL) {
        /* docker load wants a tag; a colon before a slash belongs to a port. */
        const char *slash = strrchr(tag, '/');
        gboolean has_tag = strchr(slash != NULL ? slash : tag, ':') != NULL;
        g_autofree char *name = g_strconcat(tag, has_tag ? "" : ":latest", NULL);
        g_autofree char *quoted = lp_json_string_text(name);
        lp_json_object_set(image, "RepoTags", g_strdup_printf("[%s]", quoted));
    }
    lp_json_object_set(image, "Layers", lp_json_array_text(writer->layers));
    g_autofree char *image_text = lp_json_object_text(image);
    g_autofree char *manifest = g_strdup_printf("[%s]", image_text);
    return lp_blob_store_bytes(writer->store, config_name, hex, text->config, error) &&
           lp_blob_store_bytes(writer->store, "manifest.json", NULL, manifest, error);
}

static char *
manifest_text(const LpImageWriter *writer, const LpImageText *text, const char *config_digest)
{
    g_autoptr(LpJsonObject) manifest = lp_json_object_new(NULL);
    lp_json_object_set(manifest, "schemaVersion", g_strdup("2"));
    lp_json_object_set_string(manifest, "mediaType", writer->types->manifest);
    lp_json_object_set(manifest, "config",
                       descriptor_text(writer->types->config, config_digest + strlen(SHA256),
                                       strlen(text->config)));
    lp_json_object_set(manifest, "layers", lp_json_array_text(writer->layers));
    if (text->annotations != NULL)
        lp_json_object_set(manifest, "annotations", g_strdup(text->annotations));
    return lp_json_object_text(manifest);
}

/* The mark of a layout that has none yet, or of an archive. */
static gboolean
put_mark(LpImageWriter *writer, GError **error)
{
    struct stat status;
    gboolean is_there = FALSE;
    g_autofree char *path = g_build_filename(writer->ref->path, OCI_LAYOUT, NULL);
    if (is_layout(writer) && !hc_file_look(path, TRUE, &status, &is_there, error))
        return FALSE;
    return is_there || lp_blob_store_bytes(writer->store, OCI_LAYOUT, NULL, LAYOUT_MARK, error);
}

static gboolean
put_index(LpImageWriter *writer, const LpIndexEntry *entry, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GBytes) old = is_layout(writer) ? lp_layout_read_index(writer->ref, &failure) : NULL;
    if (failure != NULL)
        return hc_fail_with(error, failure);
    g_autofree char *name = g_build_filename(writer->ref->path, "index.json", NULL);
    const LpIndexPlace place = index_place(writer);
    g_autofree char *index = lp_index_update(old, name, entry, &place, error);
    return index != NULL && put_mark(writer, error) &&
           lp_blob_store_bytes(writer->store, "index.json", NULL, index, error) &&
           lp_blob_store_commit(writer->store, error);
}

static gboolean
put_oci_documents(LpImageWriter *writer, const LpImageText *text, LpImageDigests *digests,
                  GError **error)
{
    if (!put_blob_text(writer, text->config, &digests->config, error))
        return FALSE;
    g_autofree char *manifest = manifest_text(writer, text, digests->config);
    if (!put_blob_text(writer, manifest, &digests->manifest, error))
        return FALSE;
    LpIndexEntry entry = {.media_type = writer->types->manifest,
                          .digest = digests->manifest,
                          .n_bytes = strlen(manifest),
                          .tag = writer->ref->tag,
                          .platform = text->platform};
    if (!is_layout(writer))
        return put_index(writer, &entry, error);
    /* From the look at the index until the new one has its name nobody else writes it. */
    g_autoptr(HcLock) lock =
        lp_layout_lock(writer->context, writer->ref, writer->lock_timeout_seconds, error);
    return lock != NULL && put_index(writer, &entry, error);
}

gboolean
lp_image_writer_commit(LpImageWriter *writer, const LpImageText *text, LpImageDigests *digests,
                       GError **error)
{
    if (is_docker_archive(writer))
        return put_docker_documents(writer, text, digests, error) &&
               lp_blob_store_commit(writer->store, error);
    return put_oci_documents(writer, text, digests, error);
}

void
lp_image_digests_clear(LpImageDigests *digests)
{
    g_clear_pointer(&digests->manifest, g_free);
    g_clear_pointer(&digests->config, g_free);
}
