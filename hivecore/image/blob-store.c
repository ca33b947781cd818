#include "config.h"

#include "hivecore/image/store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/base/output.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/tar.h"

#define BLOBS "blobs/sha256"

enum {
    PIECE_BYTES = 256 * 1024,
    MAX_TRIES = 100,
};

/* A file of a layout that waits for the commit. */
typedef struct {
    char *path;
    HcOutput *output; /* NULL: a blob that is there */
    uint64_t n_bytes; /* of such a blob */
    gboolean is_blob;
} Pending;

struct HcBlobStore {
    char *path;        /* of the layout or the tar */
    HcOutput *tar;     /* NULL: a layout */
    GHashTable *names; /* names in the tar; paths that are pending */
    HcEpoch epoch;
    GPtrArray *pending; /* of Pending * */
    GPtrArray *made;    /* paths of folders that were not there before, in their order */
    HcOutput *presence; /* a temporary file: others do not remove the folders while it is there */
    gboolean is_committed;
};

static void
free_pending(gpointer data)
{
    Pending *pending = data;
    hc_output_free(pending->output);
    g_free(pending->path);
    g_free(pending);
}

static HcBlobStore *
store_new(const char *path)
{
    HcBlobStore *store = g_new0(HcBlobStore, 1);
    store->path = g_strdup(path);
    store->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    store->pending = g_ptr_array_new_with_free_func(free_pending);
    store->made = g_ptr_array_new_with_free_func(g_free);
    return store;
}

/* Makes the folders that are missing. Below the layout, none may be a link to one. */
static gboolean
make_folders(HcBlobStore *store, GError **error)
{
    static const char *const names[] = {"", "blobs", BLOBS};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path =
            i == 0 ? g_strdup(store->path) : g_build_filename(store->path, names[i], NULL);
        gboolean is_new;
        if (!hc_folder_make(path, i == 0, &is_new, error))
            return FALSE;
        if (is_new)
            g_ptr_array_add(store->made, g_steal_pointer(&path));
    }
    return TRUE;
}

/* Takes back the folders that were made; one that somebody else put something into stays. */
static void
remove_folders(HcBlobStore *store)
{
    for (guint i = store->made->len; i > 0; i--)
        (void) rmdir(store->made->pdata[i - 1]);
    g_ptr_array_set_size(store->made, 0);
}

HcBlobStore *
hc_blob_store_open_layout(const char *path, GError **error)
{
    g_autoptr(HcBlobStore) store = store_new(path);
    g_autofree char *blobs = g_build_filename(path, BLOBS, NULL);
    g_autofree char *presence = g_build_filename(blobs, "build", NULL);
    GError *failure = NULL;
    /* Until there is a file in them, a run that fails may take the folders back that it had made.
     */
    for (int i = 0; i < MAX_TRIES; i++) {
        g_clear_error(&failure);
        const gboolean is_made = make_folders(store, &failure);
        if (is_made)
            store->presence = hc_output_open(presence, NULL, &failure);
        if (store->presence != NULL)
            return g_steal_pointer(&store);
        /* Whether they are there by now says nothing: a third run may have made them again. */
        if (is_made && !g_str_has_suffix(failure->message, g_strerror(ENOENT)))
            break;
        remove_folders(store);
    }
    return hc_fail_with_null(error, failure);
}

HcBlobStore *
hc_blob_store_open_tar(const char *file, HcEpoch epoch, GError **error)
{
    g_autoptr(HcBlobStore) store = store_new(file);
    store->epoch = epoch;
    store->tar = hc_output_open(file, NULL, error);
    return store->tar != NULL ? g_steal_pointer(&store) : NULL;
}

void
hc_blob_store_free(HcBlobStore *store)
{
    if (store == NULL)
        return;
    hc_output_free(store->tar);
    g_ptr_array_unref(store->pending);
    hc_output_free(store->presence);
    if (!store->is_committed)
        remove_folders(store);
    g_ptr_array_unref(store->made);
    g_hash_table_unref(store->names);
    g_free(store->path);
    g_free(store);
}

/* Whether nothing of that name was put yet; from now on it was. */
static gboolean
is_new_name(HcBlobStore *store, const char *name)
{
    return g_hash_table_add(store->names, g_strdup(name));
}

static gboolean
start_entry(HcBlobStore *store, const char *name, gboolean is_folder, uint64_t n_bytes,
            GError **error)
{
    HcTarEntry entry = {.name = name,
                        .is_folder = is_folder,
                        .n_bytes = n_bytes,
                        .mtime_seconds = store->epoch.seconds};
    g_autoptr(GByteArray) header = g_byte_array_new();
    if (hc_tar_append_header(header, &entry, error))
        return hc_output_write(store->tar, header->data, header->len, error);
    g_prefix_error(error, "%s: ", store->path);
    return FALSE;
}

static gboolean
end_entry(HcBlobStore *store, uint64_t n_bytes, GError **error)
{
    g_autoptr(GByteArray) padding = g_byte_array_new();
    hc_tar_append_padding(padding, n_bytes);
    return hc_output_write(store->tar, padding->data, padding->len, error);
}

gboolean
hc_blob_store_folder(HcBlobStore *store, const char *name, GError **error)
{
    return store->tar == NULL || !is_new_name(store, name) ||
           start_entry(store, name, TRUE, 0, error);
}

/* Reads all of @place through @checksum, and to @output when there is one. */
static gboolean
read_place(const HcBlobPlace *place, const char *file, HcSha256 *checksum, HcOutput *output,
           GError **error)
{
    g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
    uint64_t n_done = 0;
    while (n_done < place->n_bytes) {
        gsize n_wanted = (gsize) MIN(place->n_bytes - n_done, (uint64_t) PIECE_BYTES);
        const gssize n = hc_pread(place->fd, piece, n_wanted, place->offset + n_done);
        if (n < 0)
            return hc_fail_io(error, file, "cannot read", errno);
        if (n == 0)
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: is cut off", file);
        if (!hc_interrupt_check(error))
            return FALSE;
        hc_sha256_update(checksum, piece, (gsize) n);
        if (output != NULL && !hc_output_write(output, piece, (gsize) n, error))
            return FALSE;
        n_done += (uint64_t) n;
    }
    return TRUE;
}

char *
hc_place_digest(const HcBlobPlace *place, const char *file, GError **error)
{
    g_autoptr(HcSha256) checksum = hc_sha256_new();
    if (!read_place(place, file, checksum, NULL, error))
        return NULL;
    return g_strdup(hc_sha256_hex(checksum));
}

static gboolean
check_digest(HcSha256 *checksum, const char *wanted, GError **error)
{
    const char *found = hc_sha256_hex(checksum);
    if (g_str_equal(found, wanted))
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED, "blob sha256:%s: its digest is sha256:%s", wanted,
                   found);
}

static gboolean
copy_place(const HcStoreBlob *blob, HcOutput *output, GError **error)
{
    g_autoptr(HcSha256) checksum = hc_sha256_new();
    g_autofree char *file = g_strconcat("blob sha256:", blob->digest, NULL);
    return read_place(&blob->place, file, checksum, output, error) &&
           check_digest(checksum, blob->digest, error);
}

/* Whether the file @path has that digest. */
static gboolean
has_digest(const char *path, const char *digest, uint64_t n_bytes, gboolean *is_same,
           GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return hc_fail_io(error, path, "cannot open", errno);
    HcBlobPlace place = {.fd = fd, .n_bytes = n_bytes};
    g_autofree char *found = hc_place_digest(&place, path, error);
    /* It was only read. */
    (void) close(fd);
    *is_same = g_strcmp0(found, digest) == 0;
    return found != NULL;
}

/* Looks at what has a name in the layout. Nothing is written through what is no file, and what
 * cannot be looked at is not absent. @is_kept: (out): whether it is the blob @digest (nullable) */
static gboolean
look_at(const char *path, const char *digest, uint64_t n_bytes, gboolean *is_kept, GError **error)
{
    struct stat status;
    gboolean is_there;
    *is_kept = FALSE;
    if (!hc_file_look(path, FALSE, &status, &is_there, error))
        return FALSE;
    if (is_there && !S_ISREG(status.st_mode))
        return hc_fail(error, HC_ERROR_IO, "%s: is not a regular file", path);
    return !is_there || digest == NULL || (uint64_t) status.st_size != n_bytes ||
           has_digest(path, digest, n_bytes, is_kept, error);
}

/* What is to get the name @name, with an output where it is not there as it should be; NULL without
 * @error when that name was given out already. */
static Pending *
add_pending(HcBlobStore *store, const char *name, const char *digest, uint64_t n_bytes,
            GError **error)
{
    g_autofree char *path = g_build_filename(store->path, name, NULL);
    gboolean is_kept;
    if (!is_new_name(store, name) || !look_at(path, digest, n_bytes, &is_kept, error))
        return NULL;
    HcOutput *output = is_kept ? NULL : hc_output_open(path, NULL, error);
    if (output == NULL && !is_kept)
        return NULL;
    Pending *pending = g_new(Pending, 1);
    *pending = (Pending){g_steal_pointer(&path), output, n_bytes, digest != NULL};
    g_ptr_array_add(store->pending, pending);
    return pending;
}

static gboolean
put_blob_file(HcBlobStore *store, const char *name, const HcStoreBlob *blob, GError **error)
{
    GError *failure = NULL;
    Pending *pending = add_pending(store, name, blob->digest, blob->place.n_bytes, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (pending == NULL || pending->output == NULL)
        return TRUE;
    const HcBlobPlace *place = &blob->place;
    if (place->path != NULL && hc_output_link(pending->output, place->path, place->fd))
        return blob->is_verified || copy_place(blob, NULL, error);
    return hc_output_hide_like_fd(pending->output, place->fd, pending->path, error) &&
           copy_place(blob, pending->output, error);
}

static gboolean
put_bytes_file(HcBlobStore *store, const char *name, const char *digest, const char *text,
               GError **error)
{
    GError *failure = NULL;
    Pending *pending = add_pending(store, name, digest, strlen(text), &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return pending == NULL || pending->output == NULL ||
           hc_output_write(pending->output, text, strlen(text), error);
}

gboolean
hc_blob_store_blob(HcBlobStore *store, const char *name, const HcStoreBlob *blob, GError **error)
{
    const uint64_t n_bytes = blob->place.n_bytes;
    if (store->tar == NULL)
        return put_blob_file(store, name, blob, error);
    return !is_new_name(store, name) ||
           (hc_output_hide_like_fd(store->tar, blob->place.fd, name, error) &&
            start_entry(store, name, FALSE, n_bytes, error) &&
            copy_place(blob, store->tar, error) && end_entry(store, n_bytes, error));
}

gboolean
hc_blob_store_bytes(HcBlobStore *store, const char *name, const char *digest, const char *text,
                    GError **error)
{
    const gsize n_bytes = strlen(text);
    if (store->tar != NULL)
        return !is_new_name(store, name) || (start_entry(store, name, FALSE, n_bytes, error) &&
                                             hc_output_write(store->tar, text, n_bytes, error) &&
                                             end_entry(store, n_bytes, error));
    return put_bytes_file(store, name, digest, text, error);
}

/* A blob that was there when it was looked for must still be. */
static gboolean
publish(const Pending *pending, GError **error)
{
    struct stat status;
    gboolean is_there;
    if (pending->output != NULL)
        return hc_output_commit(pending->output, error);
    if (!hc_file_look(pending->path, FALSE, &status, &is_there, error))
        return FALSE;
    return (S_ISREG(status.st_mode) && (uint64_t) status.st_size == pending->n_bytes) ||
           hc_fail(error, HC_ERROR_IO, "%s: was removed or changed by somebody else",
                   pending->path);
}

/* The names of the blobs, and those of the folders that are new. */
static gboolean
sync_folders(const HcBlobStore *store, GError **error)
{
    g_autofree char *blobs = g_build_filename(store->path, BLOBS, NULL);
    if (!hc_folder_sync(blobs, error))
        return FALSE;
    for (guint i = store->made->len; i > 0; i--) {
        if (!hc_folder_sync_parent(store->made->pdata[i - 1], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
publish_all(HcBlobStore *store, gboolean are_blobs, GError **error)
{
    for (guint i = 0; i < store->pending->len; i++) {
        const Pending *pending = store->pending->pdata[i];
        if (pending->is_blob == are_blobs && !publish(pending, error))
            return FALSE;
    }
    return TRUE;
}

/* What takes time comes before the last look at what signals came. */
static gboolean
commit_layout(HcBlobStore *store, GError **error)
{
    for (guint i = 0; i < store->pending->len; i++) {
        const Pending *pending = store->pending->pdata[i];
        if (pending->output != NULL && !hc_output_sync(pending->output, NULL, NULL, error))
            return FALSE;
    }
    return hc_interrupt_check(error) && publish_all(store, TRUE, error) &&
           sync_folders(store, error) && publish_all(store, FALSE, error);
}

static gboolean
commit_tar(HcBlobStore *store, GError **error)
{
    g_autoptr(GByteArray) end = g_byte_array_new();
    hc_tar_append_end(end);
    return hc_output_write(store->tar, end->data, end->len, error) &&
           hc_output_sync(store->tar, NULL, NULL, error) && hc_interrupt_check(error) &&
           hc_output_commit(store->tar, error);
}

gboolean
hc_blob_store_commit(HcBlobStore *store, GError **error)
{
    store->is_committed =
        store->tar != NULL ? commit_tar(store, error) : commit_layout(store, error);
    return store->is_committed;
}
