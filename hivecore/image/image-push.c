#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/base/output.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/cache.h"
#include "hivecore/image/image-private.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/image/remote-private.h"

/* Targets that are no layout: the image is written to a layout of its own first, from there to a
 * folder as dir: has it, which keeps documents byte by byte, and then goes on. */

#define DIR_MARK "Directory Transport Version: 1.1\n"

/* A blob of a base image that the registry probably has. */
typedef struct {
    HcImage *base;
    guint index;
    char *digest;
} Deferred;

struct HcPush {
    char *operand;
    char *target; /* (nullable): the folder of dir:; NULL: skopeo's */
    char *folder;
    char *layout;
    char *dir;
    char *tag;
    GPtrArray *deferred; /* of Deferred * */
    char *cache;         /* (nullable): of those of skopeo */
    HcLock *work;        /* (nullable): of the folder in it */
    HcLock *name;        /* (nullable): of what the name leads to */
    char *before;        /* (nullable): the digest that it led to */
};

static void
free_deferred(gpointer data)
{
    Deferred *deferred = data;
    g_free(deferred->digest);
    g_free(deferred);
}

/* Of "docker://HOST:1/NAME:TAG" TAG, for messages. */
static char *
tag_of(const char *operand)
{
    const char *slash = strrchr(operand, '/');
    const char *colon = slash != NULL ? strchr(slash, ':') : NULL;
    return g_strdup(colon != NULL && colon[1] != '\0' ? colon + 1 : "latest");
}

/* Where the image is put together: beside a folder that it is to become, else in the cache, whose
 * blobs can be linked. */
static char *
make_staging(HcPush *push, const HcImageRef *ref, GError **error)
{
    if (ref->transport != HC_IMAGE_DIR) {
        push->cache = hc_cache_open(error);
        return push->cache != NULL ? hc_cache_work_folder(push->cache, "push", &push->work, error)
                                   : NULL;
    }
    /* Of "out/", too. */
    g_autofree char *base = g_path_get_basename(ref->path);
    g_autofree char *whole = g_strdup(ref->path);
    for (gsize n = strlen(whole); n > 1 && whole[n - 1] == '/'; n--)
        whole[n - 1] = '\0';
    g_autofree char *parent = g_path_get_dirname(whole);
    g_autofree char *folder = g_strdup_printf("%s/.%s.XXXXXX", parent, base);
    return g_mkdtemp(folder) != NULL
               ? g_steal_pointer(&folder)
               : hc_fail_io_null(error, ref->path, "cannot make the folder", errno);
}

static char *
staged_blob(const HcPush *push, const char *digest)
{
    return g_build_filename(push->layout, "blobs", "sha256", digest + strlen("sha256:"), NULL);
}

/* --- what the name leads to before --- */

/* Copies a document of what is there; its config too, when it is a manifest. */
static gboolean
take_document(HcPush *push, HcImageStore *store, HcJson descriptor, GBytes **text, GError **error)
{
    g_autoptr(HcDescriptor) said = hc_descriptor_read(push->operand, descriptor, error);
    g_autoptr(GBytes) content = said != NULL ? hc_image_blob_read(store, said, error) : NULL;
    if (content == NULL)
        return FALSE;
    g_autofree char *path = staged_blob(push, said->digest);
    gsize n_bytes;
    const void *bytes = g_bytes_get_data(content, &n_bytes);
    if (!hc_output_write_file(path, NULL, bytes, n_bytes, error))
        return FALSE;
    if (text != NULL)
        *text = g_steal_pointer(&content);
    return TRUE;
}

static gboolean
take_image(HcPush *push, HcImageStore *store, HcJson descriptor, gboolean is_member, GError **error)
{
    HcJson document;
    g_autoptr(GBytes) text = NULL;
    if (!take_document(push, store, descriptor, &text, error) ||
        !hc_json_parse_bytes(push->operand, text, &document, error) ||
        !hc_json_need_object(push->operand, document, error))
        return FALSE;
    HcJson config = hc_json_find(document, "config");
    HcJson members = hc_json_find(document, "manifests");
    if (hc_json_is(config, HC_JSON_OBJECT) && !take_document(push, store, config, NULL, error))
        return FALSE;
    if (!hc_json_is(members, HC_JSON_ARRAY))
        return TRUE;
    if (is_member)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: has an index in its index, which cannot be written as dir: has it",
                       push->operand);
    HcJson member;
    HcJsonIter iter = hc_json_iter(members);
    while (hc_json_next(&iter, NULL, &member)) {
        if (!take_image(push, store, member, TRUE, error))
            return FALSE;
    }
    return TRUE;
}

/* What the name leads to stays beside what joins it; its documents are needed for that, its layers
 * are there. */
static gboolean
take_old(HcPush *push, const HcImageRef *ref, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcImageStore) store = hc_image_store_open(push->operand, ref, &failure);
    if (store == NULL)
        return g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND) ||
               hc_fail_with(error, g_steal_pointer(&failure));
    g_autoptr(GBytes) index = hc_image_store_read(store, "index.json", error);
    HcJson document;
    HcJson entry;
    if (index == NULL || !hc_json_parse_bytes(push->operand, index, &document, error))
        return FALSE;
    HcJsonIter iter = hc_json_iter(hc_json_find(document, "manifests"));
    if (!hc_json_next(&iter, NULL, &entry) || !take_image(push, store, entry, FALSE, error))
        return FALSE;
    g_autoptr(HcDescriptor) root = hc_descriptor_read(push->operand, entry, error);
    if (root == NULL)
        return FALSE;
    g_free(push->before);
    push->before = g_strdup(root->digest);
    g_autoptr(GBytes) named = hc_index_of_one(root->media_type, root->digest + strlen("sha256:"),
                                              (gsize) root->n_bytes, push->tag);
    g_autofree char *path = g_build_filename(push->layout, "index.json", NULL);
    gsize n_bytes;
    const void *bytes = g_bytes_get_data(named, &n_bytes);
    return hc_output_write_file(path, NULL, bytes, n_bytes, error);
}

HcPush *
hc_push_open(const HcImageRef *ref, const char *operand, GError **error)
{
    g_autoptr(HcPush) push = g_new0(HcPush, 1);
    push->operand = g_strdup(operand);
    push->target = ref->transport == HC_IMAGE_DIR ? g_strdup(ref->path) : NULL;
    push->tag = tag_of(operand);
    push->deferred = g_ptr_array_new_with_free_func(free_deferred);
    if (push->target == NULL && !hc_skopeo_check(operand, error))
        return NULL;
    push->folder = make_staging(push, ref, error);
    if (push->folder == NULL)
        return NULL;
    push->layout = g_build_filename(push->folder, "oci", NULL);
    push->dir = g_build_filename(push->folder, "dir", NULL);
    g_autofree char *blobs = g_build_filename(push->layout, "blobs", "sha256", NULL);
    if (g_mkdir_with_parents(blobs, 0700) != 0 || g_mkdir_with_parents(push->dir, 0777) != 0)
        return hc_fail_io_null(error, push->folder, "cannot make the folder", errno);
    if (g_str_has_prefix(operand, "docker://") && !take_old(push, ref, error))
        return NULL;
    return g_steal_pointer(&push);
}

gboolean
hc_push_renew(HcPush *push, guint timeout_seconds, gboolean *is_other, GError **error)
{
    *is_other = FALSE;
    if (!g_str_has_prefix(push->operand, "docker://"))
        return TRUE;
    push->name = hc_cache_lock_name(push->cache, push->operand, timeout_seconds, error);
    g_autoptr(HcImageRef) ref =
        push->name != NULL ? hc_image_ref_parse(push->operand, error) : NULL;
    if (ref == NULL)
        return FALSE;
    g_autofree char *before = g_steal_pointer(&push->before);
    if (!take_old(push, ref, error))
        return FALSE;
    *is_other = g_strcmp0(before, push->before) != 0;
    return TRUE;
}

void
hc_push_free(HcPush *push)
{
    if (push == NULL)
        return;
    if (push->folder != NULL)
        hc_folder_remove(push->folder);
    g_clear_pointer(&push->work, hc_lock_free);
    g_clear_pointer(&push->name, hc_lock_free);
    g_ptr_array_unref(push->deferred);
    g_free(push->before);
    g_free(push->cache);
    g_free(push->tag);
    g_free(push->dir);
    g_free(push->layout);
    g_free(push->folder);
    g_free(push->target);
    g_free(push->operand);
    g_free(push);
}

const char *
hc_push_layout(const HcPush *push)
{
    return push->layout;
}

const char *
hc_push_tag(const HcPush *push)
{
    return push->tag;
}

gboolean
hc_push_defers(const HcPush *push)
{
    return push->target == NULL && g_str_has_prefix(push->operand, "docker://");
}

void
hc_push_defer(HcPush *push, HcImage *base, guint index)
{
    Deferred *deferred = g_new0(Deferred, 1);
    const HcImageLayer *layer = hc_image_info(base)->layers->pdata[index];
    *deferred = (Deferred){base, index, g_strdup(layer->digest)};
    g_ptr_array_add(push->deferred, deferred);
}

/* --- dir: --- */

static gboolean
link_file(const char *from, const char *to, GError **error)
{
    return link(from, to) == 0 || errno == EEXIST || hc_fail_io(error, to, "cannot write", errno);
}

/* Gives @digest, a blob of the layout, the name @name in the folder. */
static gboolean
place_blob(const HcPush *push, const char *digest, const char *name, GError **error)
{
    g_autofree char *from = staged_blob(push, digest);
    g_autofree char *to = g_build_filename(push->dir, name, NULL);
    return link_file(from, to, error);
}

/* The manifests of an index have names of their own. */
static gboolean
place_members(const HcPush *push, const char *root, GHashTable *documents, GError **error)
{
    HcJson document;
    HcJson member;
    g_autofree char *path = staged_blob(push, root);
    g_autoptr(GBytes) text = hc_read_stream(path, HC_MAX_IMAGE_JSON_BYTES, error);
    if (text == NULL || !hc_json_parse_bytes(push->operand, text, &document, error))
        return FALSE;
    HcJson members = hc_json_find(document, "manifests");
    if (!hc_json_is(members, HC_JSON_ARRAY))
        return TRUE;
    HcJsonIter iter = hc_json_iter(members);
    while (hc_json_next(&iter, NULL, &member)) {
        g_autoptr(HcDescriptor) said = hc_descriptor_read(push->operand, member, error);
        if (said == NULL)
            return FALSE;
        const char *hex = said->digest + strlen("sha256:");
        g_autofree char *name = g_strconcat(hex, ".manifest.json", NULL);
        g_hash_table_add(documents, g_strdup(hex));
        if (!place_blob(push, said->digest, name, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
make_dir(const HcPush *push, const char *root, GError **error)
{
    g_autoptr(GHashTable) documents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *blobs = g_build_filename(push->layout, "blobs", "sha256", NULL);
    g_autofree char *mark = g_build_filename(push->dir, "version", NULL);
    g_autoptr(GPtrArray) names = hc_folder_names(blobs, error);
    g_hash_table_add(documents, g_strdup(root + strlen("sha256:")));
    if (names == NULL || !place_blob(push, root, "manifest.json", error) ||
        !place_members(push, root, documents, error) ||
        !hc_output_write_file(mark, NULL, DIR_MARK, strlen(DIR_MARK), error))
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *digest = g_strconcat("sha256:", (char *) names->pdata[i], NULL);
        if (!g_hash_table_contains(documents, names->pdata[i]) &&
            *(char *) names->pdata[i] != '.' && !place_blob(push, digest, names->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

/* --- skopeo --- */

/* The registry has not got all of it after all. */
static gboolean
take_deferred(const HcPush *push, GError **error)
{
    for (guint i = 0; i < push->deferred->len; i++) {
        const Deferred *deferred = push->deferred->pdata[i];
        HcBlobPlace place;
        g_autofree char *to =
            g_build_filename(push->dir, deferred->digest + strlen("sha256:"), NULL);
        if (!hc_image_layer_place(deferred->base, deferred->index, &place, error) ||
            !link_file(place.path, to, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
send(const HcPush *push, gboolean is_index, GError **error)
{
    g_autofree char *from = g_strconcat("dir:", push->dir, NULL);
    g_autoptr(GError) failure = NULL;
    if (hc_skopeo_copy(from, push->operand, is_index, &failure))
        return TRUE;
    /* That is what is said of a file that is missing here, and of nothing in a registry. */
    if (push->deferred->len == 0 || strstr(failure->message, "no such file") == NULL)
        return hc_fail_with(error, g_steal_pointer(&failure));
    return take_deferred(push, error) && hc_skopeo_copy(from, push->operand, is_index, error);
}

/* A registry takes what comes last: who came between our look at the name and now does not know of
 * us, nor we of him. A mirror may still have what was before, or nothing, and so no news. */
static gboolean
check_sent(const HcPush *push, const char *root, GError **error)
{
    if (!g_str_has_prefix(push->operand, "docker://"))
        return TRUE;
    g_autoptr(GBytes) text = hc_skopeo_raw(push->operand, NULL);
    if (text == NULL)
        return TRUE;
    g_autofree char *hex = hc_sha256_of_bytes(text);
    g_autofree char *found = g_strconcat("sha256:", hex, NULL);
    return strcmp(found, root) == 0 || g_strcmp0(found, push->before) == 0 ||
           hc_fail(error, HC_ERROR_CONFLICT,
                   "%s: somebody else wrote it at the same time: it leads to %s now, and %s was "
                   "written; run it again",
                   push->operand, found, root);
}

gboolean
hc_push_finish(HcPush *push, const char *root, gboolean is_index, GError **error)
{
    if (!make_dir(push, root, error))
        return FALSE;
    if (push->target == NULL)
        return send(push, is_index, error) && check_sent(push, root, error);
    g_autofree char *old = g_strdup(push->dir);
    if (!hc_folder_sync(push->dir, error))
        return FALSE;
    return rename(old, push->target) == 0 ? hc_folder_sync_parent(push->target, error)
                                          : hc_fail_io(error, push->target, "cannot write", errno);
}
