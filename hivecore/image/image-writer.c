#include "config.h"

#include "hivecore/image/image-writer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/image/store-private.h"

#define SHA256      "sha256:"
#define BLOBS       "blobs/sha256/"
#define OCI_LAYOUT  "oci-layout"
#define LAYOUT_MARK "{\"imageLayoutVersion\":\"1.0.0\"}"

struct HcImageWriter {
    char *operand;
    HcImageRef *ref;
    char *identity; /* what the image is for, as of hc_image_identity() */
    gboolean replace;
    guint lock_timeout_seconds;
    HcEpoch epoch;
    char *note; /* (nullable): what could not be locked */
    const HcMediaTypes *types;
    HcBlobStore *store;
    HcCompression compression;
    GPtrArray *layers; /* of char *: descriptors as JSON; in docker-archive names as JSON strings */
    GPtrArray *images; /* of Finished *: they wait for the index */
    gboolean in_index;
    char *index_digest; /* (nullable): of the index that was written for the tag */
    GPtrArray *said;    /* of char * */
};

/* An image whose documents are written. */
typedef struct {
    HcIndexEntry entry; /* its .digest and .platform are those here */
    char *digest;
    char *platform; /* (nullable) */
    char *identity;
} Finished;

static void
free_finished(gpointer data)
{
    Finished *image = data;
    g_free(image->digest);
    g_free(image->platform);
    g_free(image->identity);
    g_free(image);
}

static gboolean
is_docker_archive(const HcImageWriter *writer)
{
    return writer->ref->transport == HC_IMAGE_DOCKER_ARCHIVE;
}

static gboolean
is_layout(const HcImageWriter *writer)
{
    return writer->ref->transport == HC_IMAGE_OCI;
}

static HcIndexPlace
index_place(const HcImageWriter *writer)
{
    return (HcIndexPlace){.identity = writer->identity,
                          .replace = writer->replace,
                          .lookup = is_layout(writer) ? hc_layout_identity : NULL,
                          .data = writer->ref};
}

/* The index that has the tag already, or is to have it in the place of images that have it. @text:
 * (out): NULL when there is none, and none is wanted */
static gboolean
find_index(const HcImageWriter *writer, GBytes *index_json, char **text, GError **error)
{
    *text = NULL;
    if (index_json == NULL)
        return TRUE;
    g_autofree char *name = g_build_filename(writer->ref->path, "index.json", NULL);
    const HcIndexPlace place = index_place(writer);
    g_autoptr(GPtrArray) tagged =
        hc_index_tagged(index_json, name, writer->ref->tag, &place, error);
    if (tagged == NULL)
        return FALSE;
    if (tagged->len == 1 && !hc_layout_read_member(writer->ref, tagged->pdata[0], text, error))
        return FALSE;
    if (*text == NULL && tagged->len > 0 && writer->in_index)
        *text = hc_index_of(tagged);
    return TRUE;
}

/* Before the first byte is written; when the index is, it is asked for again. */
static gboolean
check_tag(const HcImageWriter *writer, GError **error)
{
    if (!is_layout(writer))
        return TRUE;
    GError *failure = NULL;
    g_autofree char *name = g_build_filename(writer->ref->path, "index.json", NULL);
    g_autoptr(GBytes) index = hc_layout_read_index(writer->ref, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    const HcIndexPlace place = index_place(writer);
    g_autofree char *joined = NULL;
    return find_index(writer, index, &joined, error) &&
           (writer->in_index || joined != NULL ||
            hc_index_check(index, name, writer->ref->tag, &place, error));
}

static gboolean
open_store(HcImageWriter *writer, GError **error)
{
    writer->store = is_layout(writer)
                        ? hc_blob_store_open_layout(writer->ref->path, error)
                        : hc_blob_store_open_tar(writer->ref->path, writer->epoch, error);
    if (writer->store == NULL)
        return FALSE;
    return is_docker_archive(writer) ||
           (hc_blob_store_folder(writer->store, "blobs", error) &&
            hc_blob_store_folder(writer->store, "blobs/sha256", error));
}

static gboolean
choose_compression(HcImageWriter *writer, const char *word, GError **error)
{
    if (word == NULL || g_str_equal(word, "auto")) {
        writer->compression = is_docker_archive(writer) ? HC_COMPRESSION_NONE : HC_COMPRESSION_GZIP;
        return TRUE;
    }
    return hc_compression_parse(word, "", &writer->compression, error);
}

HcImageWriter *
hc_image_writer_open(const HcImageTarget *target, GError **error)
{
    g_autoptr(HcImageWriter) writer = g_new0(HcImageWriter, 1);
    writer->operand = g_strdup(target->operand);
    writer->types = &hc_media_types[target->family];
    writer->identity = hc_image_identity(target->config);
    writer->replace = target->replace;
    writer->lock_timeout_seconds = target->lock_timeout_seconds;
    writer->epoch = target->epoch;
    writer->layers = g_ptr_array_new_with_free_func(g_free);
    writer->images = g_ptr_array_new_with_free_func(free_finished);
    writer->said = g_ptr_array_new_with_free_func(g_free);
    writer->in_index = target->in_index;
    writer->ref = hc_image_ref_parse(target->operand, error);
    if (writer->ref == NULL || !choose_compression(writer, target->compression, error) ||
        !check_tag(writer, error))
        return NULL;
    /* A folder that is half made is none that a user could make use of. */
    hc_interrupt_defer();
    return open_store(writer, error) ? g_steal_pointer(&writer) : NULL;
}

void
hc_image_writer_free(HcImageWriter *writer)
{
    if (writer == NULL)
        return;
    hc_blob_store_free(writer->store);
    hc_image_ref_free(writer->ref);
    g_ptr_array_unref(writer->layers);
    g_ptr_array_unref(writer->images);
    g_ptr_array_unref(writer->said);
    g_free(writer->index_digest);
    g_free(writer->note);
    g_free(writer->identity);
    g_free(writer->operand);
    g_free(writer);
}

void
hc_image_writer_set_family(HcImageWriter *writer, HcImageFamily family)
{
    writer->types = &hc_media_types[family];
}

HcLayerOutput *
hc_image_writer_open_layer(const HcImageWriter *writer, GError **error)
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
add_blob(HcImageWriter *writer, const HcStoreBlob *blob, char *descriptor, GError **error)
{
    g_autofree char *own = descriptor;
    g_autofree char *name = is_docker_archive(writer) ? g_strconcat(blob->digest, ".tar", NULL)
                                                      : g_strconcat(BLOBS, blob->digest, NULL);
    if (writer->layers->len >= HC_MAX_IMAGE_LAYERS)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: over %u layers", writer->operand,
                       HC_MAX_IMAGE_LAYERS);
    if (!hc_blob_store_blob(writer->store, name, blob, error)) {
        g_prefix_error(error, "%s: ", writer->operand);
        return FALSE;
    }
    g_ptr_array_add(writer->layers,
                    is_docker_archive(writer) ? hc_json_string_text(name) : g_steal_pointer(&own));
    return TRUE;
}

static char *
descriptor_text(const char *media_type, const char *digest, uint64_t n_bytes)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(NULL);
    g_autofree char *full = g_strconcat(SHA256, digest, NULL);
    hc_json_object_set_string(object, "mediaType", media_type);
    hc_json_object_set_string(object, "digest", full);
    hc_json_object_set(object, "size", g_strdup_printf("%" PRIu64, n_bytes));
    return hc_json_object_text(object);
}

gboolean
hc_image_writer_add_new(HcImageWriter *writer, const HcLayerFile *file, GError **error)
{
    HcStoreBlob blob = {.digest = file->digests.digest,
                        .place = {.fd = file->fd, .n_bytes = file->n_bytes, .path = file->path},
                        .is_verified = TRUE};
    const char *media_type = writer->types->layers[writer->compression];
    return add_blob(writer, &blob, descriptor_text(media_type, blob.digest, blob.place.n_bytes),
                    error);
}

/* The media type of a layer that has none, by how its blob begins. */
static const char *
sniff_layer(const HcImageWriter *writer, const HcBlobPlace *place, const char *operand,
            GError **error)
{
    guint8 start[HC_SNIFF_BYTES];
    const gssize n = hc_pread(place->fd, start, MIN(place->n_bytes, sizeof(start)), place->offset);
    if (n < 0)
        return hc_fail_io_null(error, operand, "cannot read", errno);
    return writer->types->layers[hc_compression_sniff(start, (gsize) n)];
}

/* A layer of a docker-archive: nothing says the digest and type of what is stored. */
static gboolean
add_undescribed(HcImageWriter *writer, const HcBlobPlace *place, const char *operand,
                GError **error)
{
    g_autofree char *digest = hc_place_digest(place, operand, error);
    const char *media_type = digest ? sniff_layer(writer, place, operand, error) : NULL;
    if (media_type == NULL)
        return FALSE;
    HcStoreBlob blob = {.digest = digest, .place = *place, .is_verified = TRUE};
    return add_blob(writer, &blob, descriptor_text(media_type, digest, place->n_bytes), error);
}

gboolean
hc_image_writer_add_base(HcImageWriter *writer, HcImage *base, guint index, gboolean is_verified,
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
    HcStoreBlob blob = {
        .digest = layer->digest + strlen(SHA256), .place = place, .is_verified = is_verified};
    return add_blob(writer, &blob, g_strdup(layer->descriptor), error);
}

static char *
text_digest(const char *text)
{
    return hc_sha256_of(text, strlen(text));
}

static gboolean
put_blob_text(HcImageWriter *writer, const char *text, char **digest, GError **error)
{
    g_autofree char *hex = text_digest(text);
    g_autofree char *name = g_strconcat(BLOBS, hex, NULL);
    *digest = g_strconcat(SHA256, hex, NULL);
    return hc_blob_store_bytes(writer->store, name, hex, text, error);
}

static gboolean
put_docker_documents(HcImageWriter *writer, const HcImageText *text, HcImageDigests *digests,
                     GError **error)
{
    g_autofree char *hex = text_digest(text->config);
    g_autofree char *config_name = g_strconcat(hex, ".json", NULL);
    digests->config = g_strconcat(SHA256, hex, NULL);

    g_autoptr(HcJsonObject) image = hc_json_object_new(NULL);
    hc_json_object_set_string(image, "Config", config_name);
    const char *tag = writer->ref->tag;
    if (tag != NULL) {
        /* docker load wants a tag; a colon before a slash belongs to a port. */
        const char *slash = strrchr(tag, '/');
        gboolean has_tag = strchr(slash != NULL ? slash : tag, ':') != NULL;
        g_autofree char *name = g_strconcat(tag, has_tag ? "" : ":latest", NULL);
        g_autofree char *quoted = hc_json_string_text(name);
        hc_json_object_set(image, "RepoTags", g_strdup_printf("[%s]", quoted));
    }
    hc_json_object_set(image, "Layers", hc_json_array_text(writer->layers));
    g_autofree char *image_text = hc_json_object_text(image);
    g_autofree char *manifest = g_strdup_printf("[%s]", image_text);
    return hc_blob_store_bytes(writer->store, config_name, hex, text->config, error) &&
           hc_blob_store_bytes(writer->store, "manifest.json", NULL, manifest, error);
}

static char *
manifest_text(const HcImageWriter *writer, const HcImageText *text, const char *config_digest)
{
    g_autoptr(HcJsonObject) manifest = hc_json_object_new(NULL);
    hc_json_object_set(manifest, "schemaVersion", g_strdup("2"));
    hc_json_object_set_string(manifest, "mediaType", writer->types->manifest);
    hc_json_object_set(manifest, "config",
                       descriptor_text(writer->types->config, config_digest + strlen(SHA256),
                                       strlen(text->config)));
    hc_json_object_set(manifest, "layers", hc_json_array_text(writer->layers));
    if (text->annotations != NULL)
        hc_json_object_set(manifest, "annotations", g_strdup(text->annotations));
    return hc_json_object_text(manifest);
}

/* The mark of a layout that has none yet, or of an archive. */
static gboolean
put_mark(HcImageWriter *writer, GError **error)
{
    struct stat status;
    gboolean is_there = FALSE;
    g_autofree char *path = g_build_filename(writer->ref->path, OCI_LAYOUT, NULL);
    if (is_layout(writer) && !hc_file_look(path, TRUE, &status, &is_there, error))
        return FALSE;
    return is_there || hc_blob_store_bytes(writer->store, OCI_LAYOUT, NULL, LAYOUT_MARK, error);
}

/* The index of the tag with the images that were written, as a blob; @named: (out): its entry in
 * index.json; .digest is owned by the writer */
static gboolean
put_joined(HcImageWriter *writer, const char *old, HcIndexEntry *named, GError **error)
{
    g_autofree char *text = g_strdup(old);
    for (guint i = 0; i < writer->images->len; i++) {
        const Finished *image = writer->images->pdata[i];
        HcIndexEntry member = image->entry;
        member.platform = image->identity;
        char *joined = hc_index_join(text, writer->operand, &member, writer->said, error);
        g_free(text);
        text = joined;
        if (text == NULL)
            return FALSE;
    }
    g_autoptr(HcJsonObject) index = hc_json_object_new(text);
    g_autofree char *type = hc_json_object_get_string(index, "mediaType");
    const gboolean is_docker = type != NULL && hc_media_type_is_docker(type);
    g_clear_pointer(&writer->index_digest, g_free);
    *named = (HcIndexEntry){.media_type =
                                hc_media_types[is_docker ? HC_FAMILY_DOCKER : HC_FAMILY_OCI].index,
                            .n_bytes = strlen(text),
                            .tag = writer->ref->tag};
    if (!put_blob_text(writer, text, &writer->index_digest, error))
        return FALSE;
    named->digest = writer->index_digest;
    return TRUE;
}

/* index.json with what was written. */
static char *
make_index(HcImageWriter *writer, GBytes *old, GError **error)
{
    g_autofree char *name = g_build_filename(writer->ref->path, "index.json", NULL);
    g_autofree char *joined = NULL;
    if (!find_index(writer, old, &joined, error))
        return NULL;
    if (joined != NULL || writer->in_index) {
        HcIndexEntry named;
        return put_joined(writer, joined, &named, error) ? hc_index_name(old, name, &named, error)
                                                         : NULL;
    }
    const Finished *image = writer->images->pdata[0];
    const HcIndexPlace place = index_place(writer);
    return hc_index_update(old, name, &image->entry, &place, error);
}

static gboolean
put_index(HcImageWriter *writer, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GBytes) old = is_layout(writer) ? hc_layout_read_index(writer->ref, &failure) : NULL;
    if (failure != NULL)
        return hc_fail_with(error, failure);
    g_autofree char *index = make_index(writer, old, error);
    return index != NULL && put_mark(writer, error) &&
           hc_blob_store_bytes(writer->store, "index.json", NULL, index, error) &&
           hc_blob_store_commit(writer->store, error);
}

static gboolean
put_oci_documents(HcImageWriter *writer, const HcImageText *text, HcImageDigests *digests,
                  GError **error)
{
    if (!put_blob_text(writer, text->config, &digests->config, error))
        return FALSE;
    g_autofree char *manifest = manifest_text(writer, text, digests->config);
    if (!put_blob_text(writer, manifest, &digests->manifest, error))
        return FALSE;
    Finished *image = g_new0(Finished, 1);
    image->digest = g_strdup(digests->manifest);
    image->platform = g_strdup(text->platform);
    image->entry = (HcIndexEntry){.media_type = writer->types->manifest,
                                  .digest = image->digest,
                                  .n_bytes = strlen(manifest),
                                  .tag = writer->ref->tag,
                                  .platform = image->platform};
    image->identity = hc_image_identity(text->config);
    g_ptr_array_add(writer->images, image);
    return TRUE;
}

gboolean
hc_image_writer_end_image(HcImageWriter *writer, const HcImageText *text, HcImageDigests *digests,
                          GError **error)
{
    const gboolean is_put = is_docker_archive(writer)
                                ? put_docker_documents(writer, text, digests, error)
                                : put_oci_documents(writer, text, digests, error);
    g_ptr_array_set_size(writer->layers, 0);
    return is_put;
}

gboolean
hc_image_writer_commit(HcImageWriter *writer, GError **error)
{
    if (is_docker_archive(writer))
        return hc_blob_store_commit(writer->store, error);
    if (!is_layout(writer))
        return put_index(writer, error);
    /* From the look at the index until the new one has its name nobody else writes it. */
    g_autoptr(HcLock) lock = hc_layout_lock(writer->ref, writer->lock_timeout_seconds, error);
    if (lock == NULL)
        return FALSE;
    writer->note = g_strdup(hc_lock_note(lock));
    return put_index(writer, error);
}

const char *
hc_image_writer_index(const HcImageWriter *writer)
{
    return writer->index_digest;
}

const GPtrArray *
hc_image_writer_said(const HcImageWriter *writer)
{
    return writer->said;
}

const char *
hc_image_writer_note(const HcImageWriter *writer)
{
    return writer->note;
}

void
hc_image_digests_clear(HcImageDigests *digests)
{
    g_clear_pointer(&digests->manifest, g_free);
    g_clear_pointer(&digests->config, g_free);
}
