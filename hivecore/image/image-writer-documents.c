#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/image-private.h"

/* The documents of an image that is written, and the index that names it. */

#define SHA256      "sha256:"
#define OCI_LAYOUT  "oci-layout"
#define LAYOUT_MARK "{\"imageLayoutVersion\":\"1.0.0\"}"

/* What messages call the index that has the name. */
static char *
index_file(const HcImageWriter *writer)
{
    return writer->push != NULL ? g_strdup(writer->operand)
                                : g_build_filename(writer->ref->path, "index.json", NULL);
}

static HcIndexPlace
index_place(const HcImageWriter *writer)
{
    return (HcIndexPlace){.identity = writer->identity,
                          .replace = writer->replace,
                          .lookup = hc_writer_is_layout(writer) ? hc_layout_identity : NULL,
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
    g_autofree char *name = index_file(writer);
    const HcIndexPlace place = index_place(writer);
    g_autoptr(GPtrArray) tagged =
        hc_index_tagged(index_json, name, writer->ref->tag, &place, error);
    if (tagged == NULL)
        return FALSE;
    if (tagged->len == 1 && !hc_layout_read_member(writer->ref, tagged->pdata[0], text, error))
        return FALSE;
    if (*text == NULL && (tagged->len > 1 || (tagged->len > 0 && writer->in_index)) &&
        (writer->in_index || writer->is_edit))
        *text = hc_index_of(tagged);
    return TRUE;
}

static gboolean
fail_no_index(const HcImageWriter *writer, GError **error)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: is one image, and no index", writer->operand);
}

gboolean
hc_writer_check_tag(const HcImageWriter *writer, GError **error)
{
    if (!hc_writer_is_layout(writer))
        return TRUE;
    GError *failure = NULL;
    g_autofree char *name = index_file(writer);
    g_autoptr(GBytes) index = hc_layout_read_index(writer->ref, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    const HcIndexPlace place = index_place(writer);
    g_autofree char *joined = NULL;
    if (!find_index(writer, index, &joined, error))
        return FALSE;
    if (writer->is_edit)
        return joined != NULL || fail_no_index(writer, error);
    return writer->in_index || joined != NULL ||
           hc_index_check(index, name, writer->ref->tag, &place, error);
}

char *
hc_writer_descriptor(const char *media_type, const char *digest, uint64_t n_bytes)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(NULL);
    g_autofree char *full = g_strconcat(SHA256, digest, NULL);
    hc_json_object_set_string(object, "mediaType", media_type);
    hc_json_object_set_string(object, "digest", full);
    hc_json_object_set(object, "size", g_strdup_printf("%" PRIu64, n_bytes));
    return hc_json_object_text(object);
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
    g_autofree char *name = g_strconcat(HC_BLOBS_FOLDER, hex, NULL);
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
                       hc_writer_descriptor(writer->types->config, config_digest + strlen(SHA256),
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
    if (hc_writer_is_layout(writer) && !hc_file_look(path, TRUE, &status, &is_there, error))
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
        const HcFinishedImage *image = writer->images->pdata[i];
        HcIndexEntry member = image->entry;
        member.platform = image->identity;
        char *joined = hc_index_join(text, writer->operand, &member, writer->said, error);
        g_free(text);
        text = joined;
        if (text == NULL)
            return FALSE;
    }
    if (writer->edit != NULL) {
        char *edited = writer->edit(text, writer->operand, writer->edit_data, writer->said, error);
        g_free(text);
        text = edited;
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
    g_autofree char *name = index_file(writer);
    g_autofree char *joined = NULL;
    if (!find_index(writer, old, &joined, error))
        return NULL;
    if (joined != NULL || writer->in_index) {
        HcIndexEntry named;
        return put_joined(writer, joined, &named, error) ? hc_index_name(old, name, &named, error)
                                                         : NULL;
    }
    if (writer->images->len == 0) {
        (void) fail_no_index(writer, error);
        return NULL;
    }
    const HcFinishedImage *image = writer->images->pdata[0];
    const HcIndexPlace place = index_place(writer);
    return hc_index_update(old, name, &image->entry, &place, error);
}

static gboolean
put_index(HcImageWriter *writer, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GBytes) old =
        hc_writer_is_layout(writer) ? hc_layout_read_index(writer->ref, &failure) : NULL;
    if (failure != NULL)
        return hc_fail_with(error, failure);
    g_autofree char *index = make_index(writer, old, error);
    return index != NULL && put_mark(writer, error) &&
           hc_blob_store_bytes(writer->store, "index.json", NULL, index, error) &&
           hc_blob_store_commit(writer->store, error);
}

static void
add_finished(HcImageWriter *writer, const HcImageText *text, const char *media_type,
             const char *digest, gsize n_bytes)
{
    HcFinishedImage *image = g_new0(HcFinishedImage, 1);
    image->digest = g_strdup(digest);
    image->platform = g_strdup(text->platform);
    image->entry = (HcIndexEntry){.media_type = media_type,
                                  .digest = image->digest,
                                  .n_bytes = n_bytes,
                                  .tag = writer->ref->tag,
                                  .platform = image->platform};
    image->identity = hc_image_identity(text->config);
    g_ptr_array_add(writer->images, image);
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
    add_finished(writer, text, writer->types->manifest, digests->manifest, strlen(manifest));
    return TRUE;
}

gboolean
hc_image_writer_end_image(HcImageWriter *writer, const HcImageText *text, HcImageDigests *digests,
                          GError **error)
{
    const gboolean is_put = hc_writer_is_docker_archive(writer)
                                ? put_docker_documents(writer, text, digests, error)
                                : put_oci_documents(writer, text, digests, error);
    g_ptr_array_set_size(writer->layers, 0);
    return is_put;
}

/* The documents of @info as they are. */
static gboolean
put_documents_as_they_are(HcImageWriter *writer, const HcImageInfo *info, const HcImageText *text,
                          HcImageDigests *digests, GError **error)
{
    g_autofree char *manifest =
        g_strndup(g_bytes_get_data(info->manifest, NULL), g_bytes_get_size(info->manifest));
    if (!put_blob_text(writer, text->config, &digests->config, error) ||
        !put_blob_text(writer, manifest, &digests->manifest, error))
        return FALSE;
    add_finished(writer, text, hc_media_types[info->family].manifest, digests->manifest,
                 strlen(manifest));
    return TRUE;
}

gboolean
hc_image_writer_add_image(HcImageWriter *writer, HcImage *image, HcImageDigests *digests,
                          GError **error)
{
    const HcImageInfo *info = hc_image_info(image);
    g_autofree char *config =
        g_strndup(g_bytes_get_data(info->config, NULL), g_bytes_get_size(info->config));
    g_autofree char *platform = hc_image_platform(config);
    const HcImageText text = {.config = config, .platform = platform};
    for (guint i = 0; i < info->layers->len; i++) {
        if (!hc_image_writer_add_base(writer, image, i, FALSE, error))
            return FALSE;
    }
    if (info->manifest == NULL)
        return hc_image_writer_end_image(writer, &text, digests, error);
    const gboolean is_put = put_documents_as_they_are(writer, info, &text, digests, error);
    g_ptr_array_set_size(writer->layers, 0);
    return is_put;
}

void
hc_image_writer_set_edit(HcImageWriter *writer, HcIndexEdit edit, void *data)
{
    writer->edit = edit;
    writer->edit_data = data;
}

/* From the layout to where the image is to be. */
static gboolean
send(HcImageWriter *writer, GError **error)
{
    if (writer->index_digest != NULL)
        return hc_push_finish(writer->push, writer->index_digest, TRUE, error);
    const HcFinishedImage *image = writer->images->pdata[0];
    return hc_push_finish(writer->push, image->digest, FALSE, error);
}

gboolean
hc_image_writer_commit(HcImageWriter *writer, GError **error)
{
    if (hc_writer_is_docker_archive(writer))
        return hc_blob_store_commit(writer->store, error);
    if (!hc_writer_is_layout(writer))
        return put_index(writer, error);
    /* From the look at the index until the new one has its name nobody else writes it. */
    g_autoptr(HcLock) lock = hc_layout_lock(writer->ref, writer->lock_timeout_seconds, error);
    if (lock == NULL)
        return FALSE;
    writer->note = g_strdup(hc_lock_note(lock));
    gboolean is_other = FALSE;
    if (writer->push != NULL &&
        !hc_push_renew(writer->push, writer->lock_timeout_seconds, &is_other, error))
        return FALSE;
    if (is_other)
        g_ptr_array_add(writer->said, g_strdup("was written by somebody else meanwhile, too"));
    return put_index(writer, error) && (writer->push == NULL || send(writer, error));
}
