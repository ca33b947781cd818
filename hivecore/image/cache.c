#include "config.h"

#include "hivecore/image/cache.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/base/output.h"
#include "hivecore/image/image-private.h"
#include "hivecore/image/oci-index.h"

#define BLOBS "blobs/sha256"

enum {
    PRIVATE = 0700,                   /* images of registries that want a login are nobody else's */
    TEMPORARY_SECONDS = 24 * 60 * 60, /* nobody needs longer for one image */
    MAX_DEPTH = HC_MAX_INDEX_DEPTH + 2,
};

char *
hc_cache_open(GError **error)
{
    static const char mark[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
    g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "layerpack", NULL);
    g_autofree char *blobs = g_build_filename(folder, BLOBS, NULL);
    g_autofree char *layout = g_build_filename(folder, "oci-layout", NULL);
    struct stat status;
    gboolean is_there;
    if (g_mkdir_with_parents(blobs, PRIVATE) != 0)
        return hc_fail_io_null(error, blobs, "cannot make the cache", errno);
    if (!hc_file_look(layout, TRUE, &status, &is_there, error) ||
        (!is_there && !hc_output_write_file(layout, NULL, mark, strlen(mark), error)))
        return NULL;
    return g_steal_pointer(&folder);
}

static char *
blob_path(const char *folder, const char *digest)
{
    return g_build_filename(folder, BLOBS, digest + strlen("sha256:"), NULL);
}

/* --- what leads to what --- */

static void reach(const char *folder, HcJson descriptor, GHashTable *seen, guint depth);

static void
reach_all(const char *folder, HcJson list, GHashTable *seen, guint depth)
{
    HcJson item;
    if (!hc_json_is(list, HC_JSON_ARRAY))
        return;
    HcJsonIter iter = hc_json_iter(list);
    while (hc_json_next(&iter, NULL, &item))
        reach(folder, item, seen, depth);
}

/* Adds the digests that a descriptor leads to, as far as the documents are there. */
static void
reach(const char *folder, HcJson descriptor, GHashTable *seen, guint depth)
{
    g_autoptr(HcDescriptor) said = hc_descriptor_read("", descriptor, NULL);
    if (said == NULL || !g_hash_table_add(seen, g_strdup(said->digest)) || depth > MAX_DEPTH ||
        said->media_type == NULL || g_hash_table_size(seen) > HC_MAX_INDEX_ENTRIES ||
        (!hc_media_type_is_index(said->media_type) && !hc_media_type_is_manifest(said->media_type)))
        return;
    HcJson document;
    g_autofree char *path = blob_path(folder, said->digest);
    g_autoptr(GBytes) text = hc_read_stream(path, HC_MAX_IMAGE_JSON_BYTES, NULL);
    if (text == NULL || !hc_json_parse_bytes(path, text, &document, NULL) ||
        !hc_json_is(document, HC_JSON_OBJECT))
        return;
    reach_all(folder, hc_json_find(document, "manifests"), seen, depth + 1);
    reach_all(folder, hc_json_find(document, "layers"), seen, depth + 1);
    HcJson config = hc_json_find(document, "config");
    if (hc_json_is(config, HC_JSON_OBJECT))
        reach(folder, config, seen, depth + 1);
}

static GHashTable *
digest_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* --- index.json --- */

static GBytes *
read_index(const char *folder, GError **error)
{
    g_autofree char *path = g_strdup(folder);
    const HcImageRef ref = {.transport = HC_IMAGE_OCI, .path = path};
    GError *failure = NULL;
    GBytes *index = hc_layout_read_index(&ref, &failure);
    if (failure != NULL)
        return hc_fail_with_null(error, failure);
    return index != NULL ? index : g_bytes_new_static("{\"manifests\":[]}", 16);
}

static gboolean
write_index(const char *folder, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "index.json", NULL);
    return hc_output_write_file(path, NULL, text, strlen(text), error);
}

static HcLock *
lock_cache(const char *folder, GError **error)
{
    g_autofree char *path = g_strdup(folder);
    const HcImageRef ref = {.transport = HC_IMAGE_OCI, .path = path};
    return hc_layout_lock(&ref, HC_LOCK_TIMEOUT, error);
}

gboolean
hc_cache_note(const char *folder, const char *name, const char *media_type, const char *digest,
              gsize n_bytes, GError **error)
{
    const HcIndexEntry entry = {
        .media_type = media_type, .digest = digest, .n_bytes = n_bytes, .tag = name};
    g_autoptr(HcLock) lock = lock_cache(folder, error);
    g_autoptr(GBytes) old = lock != NULL ? read_index(folder, error) : NULL;
    g_autofree char *text =
        old != NULL ? hc_index_name(old, "the cache's index.json", &entry, error) : NULL;
    if (text == NULL)
        return FALSE;
    gsize n_old;
    const char *old_text = g_bytes_get_data(old, &n_old);
    return (n_old == strlen(text) && memcmp(old_text, text, n_old) == 0) ||
           write_index(folder, text, error);
}

/* --- ls --- */

static void
free_entry(gpointer data)
{
    HcCacheEntry *entry = data;
    g_free(entry->name);
    g_free(entry->digest);
    g_free(entry);
}

static void
count_blobs(const char *folder, GHashTable *seen, HcCacheEntry *entry)
{
    GHashTableIter iter;
    gpointer digest;
    g_hash_table_iter_init(&iter, seen);
    while (g_hash_table_iter_next(&iter, &digest, NULL)) {
        struct stat status;
        g_autofree char *path = blob_path(folder, digest);
        if (lstat(path, &status) != 0) {
            entry->n_missing++;
            continue;
        }
        entry->n_blobs++;
        entry->n_bytes += (uint64_t) status.st_size;
    }
}

static int
compare_entries(gconstpointer a, gconstpointer b)
{
    const HcCacheEntry *entry_a = *(const HcCacheEntry *const *) a;
    const HcCacheEntry *entry_b = *(const HcCacheEntry *const *) b;
    return strcmp(entry_a->name, entry_b->name);
}

static void
add_all(GHashTable *all, GHashTable *seen)
{
    GHashTableIter iter;
    gpointer digest;
    g_hash_table_iter_init(&iter, seen);
    while (g_hash_table_iter_next(&iter, &digest, NULL))
        g_hash_table_add(all, g_strdup(digest));
}

/* The entries of index.json, each with what it leads to; @all: gets every digest. */
static GPtrArray *
read_entries(const char *folder, GBytes *index, GHashTable *all, GError **error)
{
    HcJson document;
    HcJson item;
    g_autofree char *where = g_build_filename(folder, "index.json", NULL);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(free_entry);
    if (!hc_json_parse_bytes(where, index, &document, error) ||
        !hc_json_need_object(where, document, error) ||
        !hc_json_get_array(where, document, "manifests", &document, error))
        return NULL;
    HcJsonIter iter = hc_json_iter(document);
    while (hc_json_next(&iter, NULL, &item)) {
        g_autoptr(HcDescriptor) said = hc_descriptor_read(where, item, error);
        g_autoptr(GHashTable) seen = digest_set();
        if (said == NULL)
            return NULL;
        HcCacheEntry *entry = g_new0(HcCacheEntry, 1);
        g_ptr_array_add(entries, entry);
        entry->name = g_strdup(said->ref_name != NULL ? said->ref_name : "");
        entry->digest = g_strdup(said->digest);
        /* The limit is one of each name: what the last ones lead to is not nobody's. */
        reach(folder, item, seen, 0);
        add_all(all, seen);
        count_blobs(folder, seen, entry);
    }
    g_ptr_array_sort(entries, compare_entries);
    return g_steal_pointer(&entries);
}

/* Whether a temporary file is young enough to be that of a program that runs. */
static gboolean
is_in_use(const char *name, const struct stat *status)
{
    return *name == '.' && time(NULL) - status->st_mtime < TEMPORARY_SECONDS;
}

/* What lies among the blobs and is in no @reached; removes it when @is_pruned. */
static gboolean
sweep(const char *folder, GHashTable *reached, gboolean is_pruned, guint *n_blobs,
      uint64_t *n_bytes, GError **error)
{
    g_autofree char *blobs = g_build_filename(folder, BLOBS, NULL);
    g_autoptr(GPtrArray) names = hc_folder_names(blobs, error);
    *n_blobs = 0;
    *n_bytes = 0;
    for (guint i = 0; names != NULL && i < names->len; i++) {
        struct stat status;
        g_autofree char *digest = g_strconcat("sha256:", (char *) names->pdata[i], NULL);
        g_autofree char *path = g_build_filename(blobs, names->pdata[i], NULL);
        if (g_hash_table_contains(reached, digest) || lstat(path, &status) != 0 ||
            !S_ISREG(status.st_mode) || is_in_use(names->pdata[i], &status))
            continue;
        if (is_pruned && unlink(path) != 0 && errno != ENOENT)
            return hc_fail_io(error, path, "cannot remove", errno);
        *n_blobs += 1;
        *n_bytes += (uint64_t) status.st_size;
    }
    return names != NULL;
}

GPtrArray *
hc_cache_list(const char *folder, guint *n_other, uint64_t *n_other_bytes, GError **error)
{
    g_autoptr(GHashTable) all = digest_set();
    g_autoptr(GBytes) index = read_index(folder, error);
    g_autoptr(GPtrArray) entries = index != NULL ? read_entries(folder, index, all, error) : NULL;
    if (entries == NULL || !sweep(folder, all, FALSE, n_other, n_other_bytes, error))
        return NULL;
    return g_steal_pointer(&entries);
}

/* --- prune --- */

/* @old without the entries named @names; HC_ERROR_NOT_FOUND when one is not there. */
static char *
forget(GBytes *old, char *const *names, GError **error)
{
    g_autofree char *text = g_strndup(g_bytes_get_data(old, NULL), g_bytes_get_size(old));
    g_autoptr(HcJsonObject) index = hc_json_object_new(text);
    g_autoptr(GPtrArray) entries = hc_json_array_parse(hc_json_object_get(index, "manifests"));
    for (gsize i = 0; names[i] != NULL; i++) {
        const char *name =
            g_str_has_prefix(names[i], "docker://") ? names[i] + strlen("docker://") : names[i];
        gboolean is_found = FALSE;
        for (guint j = entries->len; j > 0; j--) {
            HcJson item;
            if (!hc_json_parse("", entries->pdata[j - 1], strlen(entries->pdata[j - 1]), NULL,
                               &item, error))
                return NULL;
            g_autoptr(HcDescriptor) said = hc_descriptor_read("", item, error);
            if (said == NULL)
                return NULL;
            if (g_strcmp0(said->ref_name, name) != 0)
                continue;
            g_ptr_array_remove_index(entries, j - 1);
            is_found = TRUE;
        }
        if (!is_found)
            return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: is not in the cache", names[i]);
    }
    hc_json_object_set(index, "manifests", hc_json_array_text(entries));
    return hc_json_object_text(index);
}

gboolean
hc_cache_prune(const char *folder, char *const *names, gboolean is_all, guint *n_blobs,
               uint64_t *n_bytes, GError **error)
{
    g_autoptr(GHashTable) all = digest_set();
    g_autoptr(HcLock) lock = lock_cache(folder, error);
    g_autoptr(GBytes) index = lock != NULL ? read_index(folder, error) : NULL;
    g_autoptr(GPtrArray) before = index != NULL ? read_entries(folder, index, all, error) : NULL;
    if (before == NULL)
        return FALSE;
    if (is_all || names != NULL) {
        g_autofree char *text = is_all ? g_strdup("{\"schemaVersion\":2,\"manifests\":[]}")
                                       : forget(index, names, error);
        if (text == NULL || !write_index(folder, text, error))
            return FALSE;
        g_bytes_unref(index);
        index = g_bytes_new(text, strlen(text));
        g_hash_table_remove_all(all);
        g_autoptr(GPtrArray) after = read_entries(folder, index, all, error);
        if (after == NULL)
            return FALSE;
    }
    hc_cache_sweep_work(folder);
    return sweep(folder, all, TRUE, n_blobs, n_bytes, error);
}
