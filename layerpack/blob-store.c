#include "config.h"

#include "layerpack/blob-store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/output.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/tar-writer.h"

enum {
    PIECE_BYTES = 256 * 1024,
};

struct LpBlobStore {
    char *path;        /* of the folder or the tar */
    HcOutput *tar;     /* NULL: a folder */
    GHashTable *names; /* names in the tar */
    HcEpoch epoch;
    GPtrArray *made; /* paths of files and folders that were not there before, in their order */
    gboolean is_committed;
};

static LpBlobStore *
store_new(const char *path)
{
    LpBlobStore *store = g_new0(LpBlobStore, 1);
    store->path = g_strdup(path);
    store->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    store->made = g_ptr_array_new_with_free_func(g_free);
    return store;
}

/* A folder that is there already may be one; below the store, it may not be a link to one. */
static gboolean
make_folder(LpBlobStore *store, const char *path, gboolean may_be_link, GError **error)
{
    if (mkdir(path, 0777) == 0) {
        g_ptr_array_add(store->made, g_strdup(path));
        return TRUE;
    }
    int saved_errno = errno;
    struct stat status;
    if (saved_errno == EEXIST && (may_be_link ? stat(path, &status) : lstat(path, &status)) == 0) {
        if (S_ISDIR(status.st_mode))
            return TRUE;
        saved_errno = ENOTDIR;
    }
    return hc_fail_io(error, path, "cannot make the folder", saved_errno);
}

LpBlobStore *
lp_blob_store_open_folder(const char *path, GError **error)
{
    g_autoptr(LpBlobStore) store = store_new(path);
    return make_folder(store, path, TRUE, error) ? g_steal_pointer(&store) : NULL;
}

LpBlobStore *
lp_blob_store_open_tar(const char *file, HcEpoch epoch, GError **error)
{
    g_autoptr(LpBlobStore) store = store_new(file);
    store->epoch = epoch;
    store->tar = hc_output_open(file, NULL, error);
    return store->tar != NULL ? g_steal_pointer(&store) : NULL;
}

void
lp_blob_store_free(LpBlobStore *store)
{
    if (store == NULL)
        return;
    hc_output_free(store->tar);
    for (guint i = store->made->len; i > 0 && !store->is_committed; i--) {
        /* A folder that somebody else put something into stays. */
        const char *made = store->made->pdata[i - 1];
        if (unlink(made) != 0)
            (void) rmdir(made);
    }
    g_ptr_array_unref(store->made);
    g_hash_table_unref(store->names);
    g_free(store->path);
    g_free(store);
}

/* Whether the tar has no entry of that name yet; from now on it has. */
static gboolean
is_new_name(LpBlobStore *store, const char *name)
{
    return g_hash_table_add(store->names, g_strdup(name));
}

static gboolean
start_entry(LpBlobStore *store, const char *name, gboolean is_folder, uint64_t n_bytes,
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
end_entry(LpBlobStore *store, uint64_t n_bytes, GError **error)
{
    g_autoptr(GByteArray) padding = g_byte_array_new();
    hc_tar_append_padding(padding, n_bytes);
    return hc_output_write(store->tar, padding->data, padding->len, error);
}

gboolean
lp_blob_store_folder(LpBlobStore *store, const char *name, GError **error)
{
    if (store->tar != NULL)
        return !is_new_name(store, name) || start_entry(store, name, TRUE, 0, error);
    g_autofree char *path = g_build_filename(store->path, name, NULL);
    return make_folder(store, path, FALSE, error);
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
        ssize_t n = pread(place->fd, piece, n_wanted, (off_t) (place->offset + n_done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hc_fail_io(error, file, "cannot read", errno);
        if (n == 0)
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: is cut off", file);
        hc_sha256_update(checksum, piece, (gsize) n);
        if (output != NULL && !hc_output_write(output, piece, (gsize) n, error))
            return FALSE;
        n_done += (uint64_t) n;
    }
    return TRUE;
}

char *
lp_place_digest(const HcBlobPlace *place, const char *file, GError **error)
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
copy_place(const LpBlob *blob, HcOutput *output, GError **error)
{
    g_autoptr(HcSha256) checksum = hc_sha256_new();
    g_autofree char *file = g_strconcat("blob sha256:", blob->digest, NULL);
    return read_place(&blob->place, file, checksum, output, error) &&
           check_digest(checksum, blob->digest, error);
}

/* Whether @path is a regular file of that size and digest. Not being able to read it is no. */
static gboolean
is_there(const char *path, const char *digest, uint64_t n_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return FALSE;
    struct stat status;
    gboolean is_same = FALSE;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        (uint64_t) status.st_size == n_bytes) {
        HcBlobPlace place = {.fd = fd, .n_bytes = n_bytes};
        g_autofree char *found = lp_place_digest(&place, path, NULL);
        is_same = g_strcmp0(found, digest) == 0;
    }
    /* It was only read. */
    (void) close(fd);
    return is_same;
}

/* A name in the store that is something else than a file: nothing may be written through it. */
static gboolean
refuse_link(const char *path, gboolean *exists, GError **error)
{
    struct stat status;
    *exists = lstat(path, &status) == 0;
    if (!*exists || S_ISREG(status.st_mode))
        return TRUE;
    return hc_fail(error, HC_ERROR_IO, "%s: is not a regular file", path);
}

static gboolean
is_linked(const LpBlob *blob, const char *path, GError **error)
{
    if (blob->place.path == NULL || link(blob->place.path, path) != 0)
        return FALSE;
    struct stat linked;
    struct stat read_from;
    /* The path may be another file by now than the one that is open. */
    if (lstat(path, &linked) == 0 && fstat(blob->place.fd, &read_from) == 0 &&
        linked.st_dev == read_from.st_dev && linked.st_ino == read_from.st_ino &&
        (blob->is_verified || copy_place(blob, NULL, error)))
        return TRUE;
    /* It is ours and new. */
    (void) unlink(path);
    return FALSE;
}

static gboolean
put_blob_file(LpBlobStore *store, const char *name, const LpBlob *blob, GError **error)
{
    g_autofree char *path = g_build_filename(store->path, name, NULL);
    gboolean exists;
    if (!refuse_link(path, &exists, error))
        return FALSE;
    if (exists && is_there(path, blob->digest, blob->place.n_bytes))
        return TRUE;
    if (!exists) {
        GError *failure = NULL;
        if (is_linked(blob, path, &failure)) {
            g_ptr_array_add(store->made, g_steal_pointer(&path));
            return TRUE;
        }
        if (failure != NULL)
            return hc_fail_with(error, failure);
    }
    g_autoptr(HcOutput) output = hc_output_open(path, NULL, error);
    if (output == NULL || !copy_place(blob, output, error) || !hc_output_commit(output, error))
        return FALSE;
    if (!exists)
        g_ptr_array_add(store->made, g_steal_pointer(&path));
    return TRUE;
}

gboolean
lp_blob_store_blob(LpBlobStore *store, const char *name, const LpBlob *blob, GError **error)
{
    const uint64_t n_bytes = blob->place.n_bytes;
    if (store->tar == NULL)
        return put_blob_file(store, name, blob, error);
    return !is_new_name(store, name) ||
           (start_entry(store, name, FALSE, n_bytes, error) &&
            copy_place(blob, store->tar, error) && end_entry(store, n_bytes, error));
}

gboolean
lp_blob_store_bytes(LpBlobStore *store, const char *name, const char *digest, const char *text,
                    GError **error)
{
    const gsize n_bytes = strlen(text);
    if (store->tar != NULL)
        return !is_new_name(store, name) || (start_entry(store, name, FALSE, n_bytes, error) &&
                                             hc_output_write(store->tar, text, n_bytes, error) &&
                                             end_entry(store, n_bytes, error));
    g_autofree char *path = g_build_filename(store->path, name, NULL);
    gboolean exists;
    if (!refuse_link(path, &exists, error))
        return FALSE;
    if (exists && digest != NULL && is_there(path, digest, n_bytes))
        return TRUE;
    if (!hc_output_write_file(path, NULL, text, n_bytes, error))
        return FALSE;
    if (!exists)
        g_ptr_array_add(store->made, g_steal_pointer(&path));
    return TRUE;
}

gboolean
lp_blob_store_commit(LpBlobStore *store, GError **error)
{
    if (store->tar != NULL) {
        g_autoptr(GByteArray) end = g_byte_array_new();
        hc_tar_append_end(end);
        if (!hc_output_write(store->tar, end->data, end->len, error) ||
            !hc_output_commit(store->tar, error))
            return FALSE;
    }
    store->is_committed = TRUE;
    return TRUE;
}
