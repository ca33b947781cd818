#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/cache.h"
#include "hivecore/image/image-private.h"

/* What programs that run have in the cache: folders that are theirs, and locks of names. */

#define LOCKS "locks"

enum {
    PRIVATE = 0700,
    NEW_SECONDS = 60, /* between the folder and its lock nobody needs longer */
};

static gboolean
is_work_folder(const char *name)
{
    return g_str_has_prefix(name, "push-") || g_str_has_prefix(name, "copy-");
}

/* Whether the program that made the folder is gone: its lock went with it. */
static gboolean
is_left(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode) ||
        time(NULL) - status.st_mtime < NEW_SECONDS)
        return FALSE;
    g_autoptr(HcLock) lock = hc_lock_take((const char *const *) &path, 1, 0, NULL);
    /* Where there are no locks, nobody knows. */
    return lock != NULL && hc_lock_note(lock) == NULL;
}

void
hc_cache_sweep_work(const char *folder)
{
    g_autoptr(GPtrArray) names = hc_folder_names(folder, NULL);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        if (is_work_folder(names->pdata[i]) && is_left(path))
            hc_folder_remove(path);
    }
}

char *
hc_cache_work_folder(const char *folder, const char *what, HcLock **lock, GError **error)
{
    g_autofree char *name = g_strconcat(what, "-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    hc_cache_sweep_work(folder);
    if (g_mkdtemp(path) == NULL)
        return hc_fail_io_null(error, path, "cannot make the folder", errno);
    *lock = hc_lock_take((const char *const *) &path, 1, 0, error);
    if (*lock == NULL) {
        hc_folder_remove(path);
        return NULL;
    }
    return g_steal_pointer(&path);
}

HcLock *
hc_cache_lock_name(const char *folder, const char *name, guint timeout_seconds, GError **error)
{
    g_autoptr(GBytes) text = g_bytes_new_static(name, strlen(name));
    g_autofree char *hex = hc_sha256_of_bytes(text);
    g_autofree char *locks = g_build_filename(folder, LOCKS, NULL);
    g_autofree char *path = g_build_filename(locks, hex, NULL);
    if (g_mkdir_with_parents(locks, PRIVATE) != 0)
        return hc_fail_io_null(error, locks, "cannot make the folder", errno);
    /* Never replaced: of two files of that name each would have its own lock. */
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return hc_fail_io_null(error, path, "cannot write", errno);
    (void) close(fd); /* nothing was written */
    return hc_lock_take((const char *const *) &path, 1, timeout_seconds, error);
}

char *
hc_cache_find(const char *folder, const char *name)
{
    HcJson document;
    HcJson item;
    g_autofree char *path = g_strdup(folder);
    const HcImageRef ref = {.transport = HC_IMAGE_OCI, .path = path};
    g_autoptr(GBytes) index = hc_layout_read_index(&ref, NULL);
    if (index == NULL || !hc_json_parse_bytes("", index, &document, NULL) ||
        !hc_json_is(hc_json_find(document, "manifests"), HC_JSON_ARRAY))
        return NULL;
    HcJsonIter iter = hc_json_iter(hc_json_find(document, "manifests"));
    while (hc_json_next(&iter, NULL, &item)) {
        g_autoptr(HcDescriptor) said = hc_descriptor_read("", item, NULL);
        if (said == NULL || g_strcmp0(said->ref_name, name) != 0)
            continue;
        g_autofree char *blob =
            g_build_filename(folder, "blobs", "sha256", said->digest + strlen("sha256:"), NULL);
        return g_file_test(blob, G_FILE_TEST_IS_REGULAR) ? g_strdup(said->digest) : NULL;
    }
    return NULL;
}
