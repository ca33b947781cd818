#include "config.h"

#include "hivecore/image/store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/display.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/remote-private.h"
#include "hivecore/image/tar.h"

/* What a folder of another kind has in the place of a layout's mark. */
#define LAYOUT_MARK "{\"imageLayoutVersion\":\"1.0.0\"}"

enum {
    BLOCK_BYTES = 512,
};

/* A file of a layout that was opened, or an entry of an archive. */
typedef struct {
    int fd;          /* of a layout's file; -1: the archive's */
    char *path;      /* of a layout's file */
    char *link;      /* (nullable): clean name of what an archive's link leads to */
    uint64_t offset; /* of an archive's entry */
    uint64_t n_bytes;
} Item;

struct HcImageStore {
    const char *operand;
    char *path;
    int fd; /* of the archive or the folder */
    gboolean is_archive;
    uint64_t n_bytes;  /* of the archive */
    GHashTable *items; /* clean name → Item */
    gboolean is_dir;   /* of skopeo's dir: */
    char *root;        /* (nullable): of such a folder, the name of its manifest.json as a blob */
    HcRemote *remote;  /* (nullable): where missing blobs come from */
    GBytes *index;     /* (nullable): what stands in the place of an index.json */
};

static void
close_read(int fd)
{
    /* Only read from: closing loses nothing. */
    if (fd >= 0)
        (void) close(fd);
}

static void
item_free(gpointer data)
{
    Item *item = data;
    close_read(item->fd);
    g_free(item->path);
    g_free(item->link);
    g_free(item);
}

static Item *
item_new(void)
{
    Item *item = g_new0(Item, 1);
    item->fd = -1;
    return item;
}

GBytes *
hc_blob_read(const char *name, int fd, uint64_t offset, uint64_t n_bytes, GError **error)
{
    g_autofree uint8_t *bytes = g_try_malloc(MAX(n_bytes, 1));
    if (bytes == NULL)
        return hc_fail_null(error, HC_ERROR_IO, "%s: not enough memory", name);
    const gssize n = hc_pread(fd, bytes, (gsize) n_bytes, offset);
    /* Less only when the file has shrunk meanwhile. */
    if (n < 0 || (uint64_t) n != n_bytes)
        return hc_fail_io_null(error, name, "cannot read", n < 0 ? errno : EIO);
    return g_bytes_new_take(g_steal_pointer(&bytes), (gsize) n_bytes);
}

/* --- archives --- */

static gboolean
refuse_entry(const HcImageStore *store, const HcEntry *entry, const char *what, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);
    hc_append_display(name, entry->name->str, entry->name->len);
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: byte %" PRIu64 ": entry '%s': %s",
                   store->operand, entry->position, name->str, what);
}

/* @target as seen from the folder of @clean, which is a clean name; NULL when it leads out. */
static char *
resolve_symlink(const char *clean, const char *target)
{
    if (target[0] == '/' || target[0] == '\0')
        return NULL;
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    g_auto(GStrv) folders = g_strsplit(clean, "/", -1);
    g_auto(GStrv) steps = g_strsplit(target, "/", -1);
    for (gsize i = 0; folders[i] != NULL && folders[i + 1] != NULL; i++)
        g_ptr_array_add(parts, folders[i]);
    for (gsize i = 0; steps[i] != NULL; i++) {
        if (steps[i][0] == '\0' || strcmp(steps[i], ".") == 0)
            continue;
        if (strcmp(steps[i], "..") != 0)
            g_ptr_array_add(parts, steps[i]);
        else if (parts->len > 0)
            g_ptr_array_set_size(parts, (gint) parts->len - 1);
        else
            return NULL;
    }
    g_ptr_array_add(parts, NULL);
    return g_strjoinv("/", (char **) parts->pdata);
}

/* The clean name that a link leads to; NULL when it leads out of the archive. */
static char *
resolve_link(const HcEntry *entry, const char *clean)
{
    if (memchr(entry->link->str, 0, entry->link->len) != NULL)
        return NULL;
    if (entry->type == HC_ENTRY_SYMLINK)
        return resolve_symlink(clean, entry->link->str);
    g_autoptr(GString) target = g_string_new(NULL);
    if (entry->link->str[0] == '/' ||
        !hc_entry_name_clean(target, entry->link->str, entry->link->len))
        return NULL;
    return g_string_free(g_steal_pointer(&target), FALSE);
}

static gboolean
add_entry(HcImageStore *store, const HcEntry *entry, GError **error)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    if (entry->name->len > HC_MAX_NAME_BYTES || entry->link->len > HC_MAX_NAME_BYTES)
        return refuse_entry(store, entry, "the name is too long", error);
    if (entry->name->str[0] == '/')
        return refuse_entry(store, entry, "the name is absolute", error);
    if (memchr(entry->name->str, 0, entry->name->len) != NULL)
        return refuse_entry(store, entry, "the name has a NUL", error);
    if (!hc_entry_name_clean(clean, entry->name->str, entry->name->len))
        return refuse_entry(store, entry, "the name has a '..'", error);
    if (entry->type == HC_ENTRY_FOLDER)
        return TRUE;
    if (entry->type == HC_ENTRY_OTHER)
        return refuse_entry(store, entry, "is neither a file nor a folder nor a link", error);
    if (entry->is_sparse)
        return refuse_entry(store, entry, "is a sparse file", error);
    if (g_hash_table_contains(store->items, clean->str))
        return refuse_entry(store, entry, "is there twice", error);
    if (g_hash_table_size(store->items) >= HC_MAX_ARCHIVE_ENTRIES)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: more than %u entries", store->operand,
                       HC_MAX_ARCHIVE_ENTRIES);
    Item *item = item_new();
    item->offset = entry->content;
    item->n_bytes = entry->n_bytes;
    if (entry->type == HC_ENTRY_SYMLINK || entry->type == HC_ENTRY_HARDLINK) {
        item->link = resolve_link(entry, clean->str);
        if (item->link == NULL) {
            item_free(item);
            return refuse_entry(store, entry, "is a link that leads out of the archive", error);
        }
    }
    g_hash_table_insert(store->items, g_string_free(g_steal_pointer(&clean), FALSE), item);
    return TRUE;
}

static gboolean
index_archive(HcImageStore *store, GError **error)
{
    g_autoptr(HcPaxScanner) scanner = hc_pax_scanner_new(store->operand);
    for (uint64_t at = 0; at < store->n_bytes && hc_pax_scanner_n_end_blocks(scanner) == 0;) {
        uint64_t n = MIN(store->n_bytes - at, BLOCK_BYTES);
        g_autoptr(GBytes) block = hc_blob_read(store->operand, store->fd, at, n, error);
        if (block == NULL ||
            !hc_pax_scanner_push(scanner, g_bytes_get_data(block, NULL), (gsize) n, error))
            return FALSE;
        g_autoptr(HcEntry) entry = hc_pax_scanner_take(scanner);
        if (entry != NULL && !add_entry(store, entry, error))
            return FALSE;
        at += n;
        at += hc_pax_scanner_skip(scanner, store->n_bytes - at);
    }
    return hc_pax_scanner_finish(scanner, error);
}

static gboolean
open_archive(HcImageStore *store, const struct stat *status, GError **error)
{
    if (!S_ISREG(status->st_mode))
        return hc_fail(error, HC_ERROR_IO, "%s: %s", store->operand,
                       S_ISDIR(status->st_mode) ? "is a folder, not an archive; oci: reads folders"
                                                : "is not a regular file");
    store->n_bytes = (uint64_t) status->st_size;
    if (store->n_bytes == 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is empty", store->operand);
    return hc_archive_make_plain(store->operand, &store->fd, &store->n_bytes, error) &&
           index_archive(store, error);
}

/* The one image of a folder as skopeo's dir: has it; its blobs are named by the digits alone. */
static gboolean
open_dir(HcImageStore *store, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *where = g_strdup_printf("%s: manifest.json", store->operand);
    g_autoptr(GBytes) root = hc_image_store_read(store, "manifest.json", &failure);
    if (root == NULL && failure == NULL)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is missing, so this is no dir: image",
                       where);
    g_autofree char *type = root != NULL ? hc_document_type(where, root, &failure) : NULL;
    if (type == NULL)
        return hc_fail_with(error, g_steal_pointer(&failure));
    g_autofree char *hex = hc_sha256_of_bytes(root);
    store->root = g_strconcat("blobs/sha256/", hex, NULL);
    store->index = hc_index_of_one(type, hex, g_bytes_get_size(root), NULL);
    store->is_dir = TRUE;
    return TRUE;
}

HcImageStore *
hc_image_store_open(const char *operand, const HcImageRef *ref, GError **error)
{
    g_autoptr(HcImageStore) store = g_new0(HcImageStore, 1);
    store->operand = operand;
    store->is_archive =
        ref->transport == HC_IMAGE_OCI_ARCHIVE || ref->transport == HC_IMAGE_DOCKER_ARCHIVE;
    store->items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, item_free);
    store->fd = -1;
    if (ref->transport == HC_IMAGE_REMOTE) {
        store->remote = hc_remote_open(ref->name, error);
        if (store->remote == NULL)
            return NULL;
        store->index = g_bytes_ref(hc_remote_index(store->remote));
    }
    store->path = g_strdup(store->remote != NULL ? hc_remote_cache(store->remote) : ref->path);
    /* O_NONBLOCK: opening a FIFO must not wait for a writer. */
    store->fd = open(store->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    if (store->fd < 0 || fstat(store->fd, &status) != 0)
        return hc_fail_io_null(error, operand, "cannot open", errno);
    if (store->is_archive) {
        if (!open_archive(store, &status, error))
            return NULL;
    } else if (!S_ISDIR(status.st_mode))
        return hc_fail_null(error, HC_ERROR_IO,
                            "%s: is not a folder; oci-archive: and docker-archive: read files",
                            operand);
    if (ref->transport == HC_IMAGE_DIR && !open_dir(store, error))
        return NULL;
    return g_steal_pointer(&store);
}

void
hc_image_store_free(HcImageStore *store)
{
    if (store == NULL)
        return;
    g_clear_pointer(&store->items, g_hash_table_unref);
    close_read(store->fd);
    g_clear_pointer(&store->index, g_bytes_unref);
    g_clear_pointer(&store->remote, hc_remote_free);
    g_free(store->root);
    g_free(store->path);
    g_free(store);
}

const char *
hc_image_store_name(const HcImageStore *store)
{
    return store->operand;
}

/* --- folders --- */

static gboolean
fail_file(const HcImageStore *store, const char *name, const char *what, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: %s: %s", store->operand, name, what);
}

/* Opens @name part by part, so that no part is a link. Returns: -1 without @error when it is not
 * there. */
static int
open_below(const HcImageStore *store, const char *name, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    int folder = store->fd;
    for (gsize i = 0;; i++) {
        const gboolean is_last = parts[i + 1] == NULL;
        int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
        int fd = openat(folder, parts[i], is_last ? flags : flags | O_DIRECTORY);
        int saved_errno = errno;
        if (folder != store->fd)
            close_read(folder);
        if (fd >= 0 && is_last)
            return fd;
        folder = fd;
        if (fd >= 0)
            continue;
        g_autofree char *where = g_strdup_printf("%s: %s", store->operand, name);
        if (saved_errno == ELOOP || saved_errno == ENOTDIR)
            (void) fail_file(store, name, "is a symbolic link, or below one or a file", error);
        else if (saved_errno != ENOENT)
            hc_set_io_error(error, where, "cannot open", saved_errno);
        return -1;
    }
}

static gboolean
look_at_item(const HcImageStore *store, const char *name, int fd, struct stat *status,
             GError **error)
{
    g_autofree char *where = g_strdup_printf("%s: %s", store->operand, name);
    if (fstat(fd, status) != 0)
        return hc_fail_io(error, where, "cannot find out what it is", errno);
    return S_ISREG(status->st_mode) || fail_file(store, name, "is not a regular file", error);
}

/* The name of a blob of a dir: image in its folder; NULL: it has none. */
static char *
dir_name(const HcImageStore *store, const char *name)
{
    struct stat status;
    if (g_str_equal(name, store->root))
        return g_strdup("manifest.json");
    if (!g_str_has_prefix(name, "blobs/sha256/"))
        return NULL;
    const char *hex = name + strlen("blobs/sha256/");
    if (fstatat(store->fd, hex, &status, AT_SYMLINK_NOFOLLOW) == 0)
        return g_strdup(hex);
    return g_strconcat(hex, ".manifest.json", NULL); /* of one of several images */
}

/* The item of a file of the folder, opened now; NULL without @error when it is not there. */
static Item *
open_item(HcImageStore *store, const char *name, GError **error)
{
    g_autofree char *own = store->is_dir ? dir_name(store, name) : g_strdup(name);
    int fd = own != NULL ? open_below(store, own, error) : -1;
    if (fd < 0)
        return NULL;
    struct stat status;
    if (!look_at_item(store, name, fd, &status, error)) {
        close_read(fd);
        return NULL;
    }
    Item *item = item_new();
    item->fd = fd;
    item->path = g_build_filename(store->path, own, NULL);
    item->n_bytes = (uint64_t) status.st_size;
    g_hash_table_insert(store->items, g_strdup(name), item);
    return item;
}

gboolean
hc_image_store_find(HcImageStore *store, const char *name, HcBlobPlace *place, GError **error)
{
    Item *item = g_hash_table_lookup(store->items, name);
    if (item == NULL && !store->is_archive)
        item = open_item(store, name, error);
    for (guint i = 0; item != NULL && item->link != NULL; i++) {
        if (i == HC_MAX_ARCHIVE_LINKS)
            return fail_file(store, name, "is a link to a link, and so on", error);
        item = g_hash_table_lookup(store->items, item->link);
    }
    if (item == NULL)
        return FALSE;
    *place = (HcBlobPlace){.fd = item->fd >= 0 ? item->fd : store->fd,
                           .offset = item->offset,
                           .n_bytes = item->n_bytes,
                           .path = item->path};
    return TRUE;
}

gboolean
hc_image_store_need(HcImageStore *store, const char *media_type, const char *digest,
                    uint64_t n_bytes, GError **error)
{
    return store->remote == NULL ||
           hc_remote_need(store->remote, media_type, digest, n_bytes, error);
}

gboolean
hc_image_store_is_remote(const HcImageStore *store)
{
    return store->remote != NULL;
}

GBytes *
hc_image_store_read(HcImageStore *store, const char *name, GError **error)
{
    if (store->index != NULL && g_str_equal(name, "index.json"))
        return g_bytes_ref(store->index);
    if (store->is_dir && g_str_equal(name, "oci-layout"))
        return g_bytes_new_static(LAYOUT_MARK, strlen(LAYOUT_MARK));
    HcBlobPlace place;
    const gboolean was_open = g_hash_table_contains(store->items, name);
    if (!hc_image_store_find(store, name, &place, error))
        return NULL;
    g_autofree char *where = g_strdup_printf("%s: %s", store->operand, name);
    if (place.n_bytes > HC_MAX_IMAGE_JSON_BYTES)
        return hc_fail_null(error, HC_ERROR_LIMIT, "%s: larger than the limit of %u bytes", where,
                            HC_MAX_IMAGE_JSON_BYTES);
    GBytes *content = hc_blob_read(where, place.fd, place.offset, place.n_bytes, error);
    /* An index can name more documents than there are descriptors. */
    if (!store->is_archive && !was_open)
        (void) g_hash_table_remove(store->items, name);
    return content;
}
