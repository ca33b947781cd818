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
#include "hivecore/image/image-private.h"

#define SHA256 "sha256:"

static void
free_finished(gpointer data)
{
    HcFinishedImage *image = data;
    g_free(image->digest);
    g_free(image->platform);
    g_free(image->identity);
    g_free(image);
}

gboolean
hc_writer_is_docker_archive(const HcImageWriter *writer)
{
    return writer->ref->transport == HC_IMAGE_DOCKER_ARCHIVE;
}

gboolean
hc_writer_is_layout(const HcImageWriter *writer)
{
    return writer->ref->transport == HC_IMAGE_OCI;
}

static gboolean
open_store(HcImageWriter *writer, GError **error)
{
    writer->store = hc_writer_is_layout(writer)
                        ? hc_blob_store_open_layout(writer->ref->path, error)
                        : hc_blob_store_open_tar(writer->ref->path, writer->epoch, error);
    if (writer->store == NULL)
        return FALSE;
    return hc_writer_is_docker_archive(writer) ||
           (hc_blob_store_folder(writer->store, "blobs", error) &&
            hc_blob_store_folder(writer->store, "blobs/sha256", error));
}

static gboolean
choose_compression(HcImageWriter *writer, const char *word, GError **error)
{
    if (word == NULL || g_str_equal(word, "auto")) {
        writer->compression =
            hc_writer_is_docker_archive(writer) ? HC_COMPRESSION_NONE : HC_COMPRESSION_GZIP;
        return TRUE;
    }
    if (!hc_compression_parse(word, "", &writer->compression, &writer->level, error))
        return FALSE;
    return hc_image_target_check_compression(writer->operand, writer->compression, error);
}

static gboolean
is_local(const HcImageWriter *writer)
{
    return writer->ref->transport != HC_IMAGE_REMOTE && writer->ref->transport != HC_IMAGE_DIR;
}

/* What is written goes to a layout of its own first. */
static gboolean
open_push(HcImageWriter *writer, GError **error)
{
    writer->push = hc_push_open(writer->ref, writer->operand, error);
    if (writer->push == NULL)
        return FALSE;
    writer->ref->transport = HC_IMAGE_OCI;
    g_free(writer->ref->path);
    writer->ref->path = g_strdup(hc_push_layout(writer->push));
    g_free(writer->ref->tag);
    writer->ref->tag = g_strdup(hc_push_tag(writer->push));
    return TRUE;
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
    writer->is_edit = target->is_edit;
    writer->ref = hc_image_ref_parse(target->operand, error);
    if (writer->ref == NULL || !choose_compression(writer, target->compression, error))
        return NULL;
    if (!is_local(writer)) {
        hc_interrupt_defer();
        if (!open_push(writer, error))
            return NULL;
    }
    if (!hc_writer_check_tag(writer, error))
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
    hc_push_free(writer->push);
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
    g_autofree char *file = hc_writer_is_layout(writer)
                                ? g_build_filename(path, HC_BLOBS_FOLDER "layer", NULL)
                                : g_strdup(path);
    if (writer->compression == HC_COMPRESSION_ZSTD &&
        writer->types == &hc_media_types[HC_FAMILY_DOCKER])
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "%s: the base image has Docker's media types, which have none for zstd",
                            writer->operand);
    HcLayerOutput *layer = hc_layer_output_open(file, writer->compression, writer->level, error);
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
    g_autofree char *name = hc_writer_is_docker_archive(writer)
                                ? g_strconcat(blob->digest, ".tar", NULL)
                                : g_strconcat(HC_BLOBS_FOLDER, blob->digest, NULL);
    if (writer->layers->len >= HC_MAX_IMAGE_LAYERS)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: over %u layers", writer->operand,
                       HC_MAX_IMAGE_LAYERS);
    if (!hc_blob_store_blob(writer->store, name, blob, error)) {
        g_prefix_error(error, "%s: ", writer->operand);
        return FALSE;
    }
    g_ptr_array_add(writer->layers, hc_writer_is_docker_archive(writer) ? hc_json_string_text(name)
                                                                        : g_steal_pointer(&own));
    return TRUE;
}

gboolean
hc_image_writer_add_new(HcImageWriter *writer, const HcLayerFile *file, GError **error)
{
    HcStoreBlob blob = {.digest = file->digests.digest,
                        .place = {.fd = file->fd, .n_bytes = file->n_bytes, .path = file->path},
                        .is_verified = TRUE};
    const char *media_type = writer->types->layers[writer->compression];
    return add_blob(writer, &blob,
                    hc_writer_descriptor(media_type, blob.digest, blob.place.n_bytes), error);
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
    const char *media_type = digest != NULL ? sniff_layer(writer, place, operand, error) : NULL;
    if (media_type == NULL)
        return FALSE;
    HcStoreBlob blob = {.digest = digest, .place = *place, .is_verified = TRUE};
    return add_blob(writer, &blob, hc_writer_descriptor(media_type, digest, place->n_bytes), error);
}

gboolean
hc_image_writer_add_base(HcImageWriter *writer, HcImage *base, guint index, gboolean is_verified,
                         GError **error)
{
    const HcImageInfo *info = hc_image_info(base);
    const HcImageLayer *layer = info->layers->pdata[index];
    if (!layer->is_present && layer->urls != NULL && layer->descriptor != NULL &&
        !hc_writer_is_docker_archive(writer)) {
        g_ptr_array_add(writer->layers, g_strdup(layer->descriptor));
        return TRUE;
    }
    if (writer->push != NULL && hc_push_defers(writer->push) && hc_image_is_remote(base)) {
        hc_push_defer(writer->push, base, index);
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
