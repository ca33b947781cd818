#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/base/output.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/cache.h"
#include "hivecore/image/image-private.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/image/remote-private.h"

#define DOCKER "docker://"
#define SHA256 "sha256:"

struct HcRemote {
    char *operand;
    char *repository; /* (nullable): "docker://HOST/NAME"; NULL: only copied as a whole */
    char *folder;     /* of the cache */
    GBytes *index;
    HcSkopeoProxy *proxy;
    char *manifest; /* (nullable): digest of the manifest that was asked for last */
    HcLock *work;   /* (nullable): of the folder that skopeo copies to */
};

char *
hc_document_type(const char *where, GBytes *text, GError **error)
{
    HcJson document;
    g_autofree char *type = NULL;
    if (!hc_json_parse_bytes(where, text, &document, error) ||
        !hc_json_need_object(where, document, error) ||
        !hc_json_get_string(where, document, "mediaType", &type, error))
        return NULL;
    if (type != NULL)
        return g_steal_pointer(&type);
    /* OCI's may leave it out. */
    if (hc_json_is(hc_json_find(document, "manifests"), HC_JSON_ARRAY))
        return g_strdup(hc_media_types[HC_FAMILY_OCI].index);
    if (hc_json_is(hc_json_find(document, "config"), HC_JSON_OBJECT))
        return g_strdup(hc_media_types[HC_FAMILY_OCI].manifest);
    return hc_fail_null(error, HC_ERROR_UNSUPPORTED, "%s: is neither a manifest nor an index",
                        where);
}

GBytes *
hc_index_of_one(const char *media_type, const char *hex, gsize n_bytes, const char *name)
{
    g_autofree char *digest = g_strconcat(SHA256, hex, NULL);
    const HcIndexEntry entry = {
        .media_type = media_type, .digest = digest, .n_bytes = n_bytes, .tag = name};
    char *text = hc_index_name(NULL, "", &entry, NULL);
    return g_bytes_new_take(text, strlen(text));
}

static char *
cached_path(const HcRemote *remote, const char *hex)
{
    return g_build_filename(remote->folder, "blobs", "sha256", hex, NULL);
}

/* @is_there: (out): as a file of that size; 0: of any. Another was cut off by somebody else. */
static gboolean
look_for(const HcRemote *remote, const char *hex, uint64_t n_bytes, gboolean *is_there,
         GError **error)
{
    struct stat status;
    g_autofree char *path = cached_path(remote, hex);
    if (!hc_file_look(path, FALSE, &status, is_there, error))
        return FALSE;
    *is_there = *is_there && S_ISREG(status.st_mode) &&
                (n_bytes == 0 || (uint64_t) status.st_size == n_bytes);
    return TRUE;
}

static gboolean
fail_digest(const HcRemote *remote, const char *digest, const char *found, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s: blob %s: what the registry gives has the digest sha256:%s", remote->operand,
                   digest, found);
}

static gboolean
put_bytes(const HcRemote *remote, const char *hex, GBytes *bytes, GError **error)
{
    gboolean is_there;
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    g_autofree char *path = cached_path(remote, hex);
    return look_for(remote, hex, n_bytes, &is_there, error) &&
           (is_there || hc_output_write_file(path, NULL, data, n_bytes, error));
}

/* --- blobs --- */

static gboolean
fetch_manifest(HcRemote *remote, const char *digest, GError **error)
{
    g_autofree char *name = g_strconcat(remote->repository, "@", digest, NULL);
    g_autoptr(GBytes) bytes =
        hc_skopeo_check(remote->operand, error) ? hc_skopeo_raw(name, error) : NULL;
    if (bytes == NULL)
        return FALSE;
    g_autofree char *hex = hc_sha256_of_bytes(bytes);
    return strcmp(hex, digest + strlen(SHA256)) == 0 ? put_bytes(remote, hex, bytes, error)
                                                     : fail_digest(remote, digest, hex, error);
}

/* What a folder that skopeo copied to has under the name of the blob; from there to the cache. */
static gboolean
adopt(HcRemote *remote, const char *folder, const char *digest, GError **error)
{
    const char *hex = digest + strlen(SHA256);
    g_autofree char *from = g_build_filename(folder, hex, NULL);
    g_autofree char *to = cached_path(remote, hex);
    g_autofree char *found = NULL;
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return hc_fail_io(error, from, "cannot open", errno);
    const HcBlobPlace place = {.fd = fd, .n_bytes = (uint64_t) status.st_size};
    found = hc_place_digest(&place, from, error);
    (void) close(fd); /* only read from */
    if (found == NULL)
        return FALSE;
    if (strcmp(found, hex) != 0)
        return fail_digest(remote, digest, found, error);
    return rename(from, to) == 0 || hc_fail_io(error, to, "cannot write", errno);
}

/* Gives what @folder has under the names of blobs to the cache. */
static gboolean
adopt_all(HcRemote *remote, const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = hc_folder_names(folder, error);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        g_autofree char *digest = g_strconcat(SHA256, (char *) names->pdata[i], NULL);
        /* dir: has other files, too. */
        if (hc_digest_check(remote->operand, digest, NULL) && !adopt(remote, folder, digest, error))
            return FALSE;
    }
    return names != NULL;
}

/* A folder in the cache that goes again; a signal waits for that. */
static char *
copy_folder(HcRemote *remote, GError **error)
{
    hc_interrupt_defer();
    return hc_interrupt_check(error)
               ? hc_cache_work_folder(remote->folder, "copy", &remote->work, error)
               : NULL;
}

static void
remove_copy(HcRemote *remote, const char *folder)
{
    hc_folder_remove(folder);
    g_clear_pointer(&remote->work, hc_lock_free);
}

/* Where skopeo has no proxy, or it fails: all of the image, whose other blobs are needed too. */
static gboolean
fetch_whole(HcRemote *remote, const char *digest, GError **error)
{
    gboolean is_there = FALSE;
    g_autofree char *folder = copy_folder(remote, error);
    if (folder == NULL)
        return FALSE;
    g_autofree char *from = g_strconcat(remote->repository, "@", remote->manifest, NULL);
    g_autofree char *to = g_strconcat("dir:", folder, NULL);
    const gboolean is_done = hc_skopeo_copy(from, to, FALSE, error) && hc_interrupt_check(error) &&
                             adopt_all(remote, folder, error) &&
                             look_for(remote, digest + strlen(SHA256), 0, &is_there, error);
    remove_copy(remote, folder);
    return is_done && (is_there || hc_fail(error, HC_ERROR_MALFORMED, "%s: has no blob %s",
                                           remote->operand, digest));
}

static gboolean
fetch_blob(HcRemote *remote, const char *digest, uint64_t n_bytes, GError **error)
{
    const char *hex = digest + strlen(SHA256);
    g_autoptr(GError) failure = NULL;
    g_autofree char *path = cached_path(remote, hex);
    if (!hc_skopeo_check(remote->operand, error))
        return FALSE;
    if (remote->proxy == NULL)
        remote->proxy = hc_skopeo_proxy_open(remote->operand, &failure);
    if (remote->proxy == NULL && remote->manifest != NULL)
        return fetch_whole(remote, digest, error);
    if (remote->proxy == NULL)
        return hc_fail_with(error, g_steal_pointer(&failure));
    g_autoptr(HcOutput) output = hc_output_open(path, NULL, error);
    if (output == NULL)
        return FALSE;
    if (!hc_skopeo_proxy_blob(remote->proxy, digest, n_bytes, output, error)) {
        g_clear_pointer(&remote->proxy, hc_skopeo_proxy_free); /* it may be in the middle of it */
        return FALSE;
    }
    g_autoptr(GBytes) content = hc_output_map(output, error);
    if (content == NULL)
        return FALSE;
    g_autofree char *found = hc_sha256_of_bytes(content);
    return strcmp(found, hex) == 0 ? hc_output_commit(output, error)
                                   : fail_digest(remote, digest, found, error);
}

gboolean
hc_remote_need(HcRemote *remote, const char *media_type, const char *digest, uint64_t n_bytes,
               GError **error)
{
    gboolean is_there;
    const gboolean is_manifest = media_type != NULL && hc_media_type_is_manifest(media_type);
    if (is_manifest) {
        g_free(remote->manifest);
        remote->manifest = g_strdup(digest);
    }
    if (!hc_digest_check(remote->operand, digest, error) ||
        !look_for(remote, digest + strlen(SHA256), n_bytes, &is_there, error))
        return FALSE;
    if (is_there || remote->repository == NULL)
        return TRUE; /* what was copied as a whole is there, or is missing */
    if (is_manifest || (media_type != NULL && hc_media_type_is_index(media_type)))
        return fetch_manifest(remote, digest, error);
    return fetch_blob(remote, digest, n_bytes, error);
}

/* --- names --- */

/* Of "docker://HOST/NAME[:TAG][@DIGEST]" what is before TAG and DIGEST; @digest: (out) (nullable):
 * borrowed */
static char *
take_repository(const char *operand, const char **digest)
{
    const char *at = strchr(operand, '@');
    g_autofree char *name =
        at != NULL ? g_strndup(operand, (gsize) (at - operand)) : g_strdup(operand);
    char *slash = strrchr(name, '/');
    char *colon = slash != NULL ? strchr(slash, ':') : NULL;
    if (colon != NULL)
        *colon = '\0';
    *digest = at != NULL ? at + 1 : NULL;
    return g_steal_pointer(&name);
}

/* What helps on: the tags that there are, where the registry does not know this one; where it
 * cannot be asked, what the cache has of the name. */
static char *
help_on(const HcRemote *remote, const GError *failure)
{
    const char *tag = remote->operand + strlen(remote->repository);
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        return hc_skopeo_tags_text(remote->repository, *tag == ':' ? tag + 1 : "latest");
    g_autofree char *cached = hc_cache_find(remote->folder, remote->operand + strlen(DOCKER));
    return cached != NULL ? g_strdup_printf("what it was last is in the cache: %s@%s",
                                            remote->repository, cached)
                          : NULL;
}

static GBytes *
fail_root(const HcRemote *remote, const char *digest, GError *failure, GError **error)
{
    g_autofree char *help = digest == NULL ? help_on(remote, failure) : NULL;
    if (help == NULL)
        return hc_fail_with_null(error, failure);
    g_set_error(error, failure->domain, failure->code, "%s; %s", failure->message, help);
    g_error_free(failure);
    return NULL;
}

/* The manifest or index of the name, from the cache when it is a digest that is there. */
static GBytes *
read_root(HcRemote *remote, const char *digest, GError **error)
{
    gboolean is_there = FALSE;
    if (digest != NULL && (!hc_digest_check(remote->operand, digest, error) ||
                           !look_for(remote, digest + strlen(SHA256), 0, &is_there, error)))
        return NULL;
    if (is_there) {
        g_autofree char *path = cached_path(remote, digest + strlen(SHA256));
        return hc_read_stream(path, HC_MAX_IMAGE_JSON_BYTES, error);
    }
    if (!hc_skopeo_check(remote->operand, error))
        return NULL;
    GError *failure = NULL;
    GBytes *root = hc_skopeo_raw(remote->operand, &failure);
    return root != NULL ? root : fail_root(remote, digest, failure, error);
}

static gboolean
open_name(HcRemote *remote, GError **error)
{
    const char *digest;
    remote->repository = take_repository(remote->operand, &digest);
    g_autoptr(GBytes) root = read_root(remote, digest, error);
    g_autofree char *type = root != NULL ? hc_document_type(remote->operand, root, error) : NULL;
    if (type == NULL)
        return FALSE;
    const char *name = remote->operand + strlen(DOCKER);
    const gsize n_bytes = g_bytes_get_size(root);
    g_autofree char *hex = hc_sha256_of_bytes(root);
    g_autofree char *found = g_strconcat(SHA256, hex, NULL);
    if (digest != NULL && strcmp(digest, found) != 0)
        return fail_digest(remote, digest, hex, error);
    remote->index = hc_index_of_one(type, hex, n_bytes, name);
    return put_bytes(remote, hex, root, error) &&
           hc_cache_note(remote->folder, name, type, found, n_bytes, error);
}

static gboolean
read_copied(HcRemote *remote, const char *folder, GError **error)
{
    g_autofree char *path = g_strdup(folder);
    const HcImageRef ref = {.transport = HC_IMAGE_OCI, .path = path};
    GError *failure = NULL;
    g_autoptr(GBytes) index = hc_layout_read_index(&ref, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (index == NULL)
        return hc_fail(error, HC_ERROR_IO, "%s: skopeo has not copied it", remote->operand);
    remote->index = g_steal_pointer(&index);
    g_autofree char *blobs = g_build_filename(folder, "blobs", "sha256", NULL);
    return adopt_all(remote, blobs, error);
}

/* What has no way to be read in parts: skopeo copies all of it. */
static gboolean
open_copy(HcRemote *remote, GError **error)
{
    g_autofree char *folder =
        hc_skopeo_check(remote->operand, error) ? copy_folder(remote, error) : NULL;
    if (folder == NULL)
        return FALSE;
    g_autofree char *to = g_strconcat("oci:", folder, NULL);
    const gboolean is_done = hc_skopeo_copy(remote->operand, to, FALSE, error) &&
                             hc_interrupt_check(error) && read_copied(remote, folder, error);
    remove_copy(remote, folder);
    return is_done;
}

HcRemote *
hc_remote_open(const char *operand, GError **error)
{
    g_autoptr(HcRemote) remote = g_new0(HcRemote, 1);
    remote->operand = g_strdup(operand);
    remote->folder = hc_cache_open(error);
    if (remote->folder == NULL)
        return NULL;
    const gboolean is_open =
        g_str_has_prefix(operand, DOCKER) ? open_name(remote, error) : open_copy(remote, error);
    return is_open ? g_steal_pointer(&remote) : NULL;
}

void
hc_remote_free(HcRemote *remote)
{
    if (remote == NULL)
        return;
    g_clear_pointer(&remote->proxy, hc_skopeo_proxy_free);
    g_clear_pointer(&remote->index, g_bytes_unref);
    g_free(remote->manifest);
    g_free(remote->folder);
    g_free(remote->repository);
    g_free(remote->operand);
    g_free(remote);
}

const char *
hc_remote_cache(const HcRemote *remote)
{
    return remote->folder;
}

GBytes *
hc_remote_index(const HcRemote *remote)
{
    return remote->index;
}
