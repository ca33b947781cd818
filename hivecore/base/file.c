#include "config.h"

#include "hivecore/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/error.h"

enum {
    MAX_TRIES = 16,
    MAX_DEPTH = 8, /* folders in each other that hc_folder_remove() makes out */
};

gboolean
hc_file_look(const char *path, gboolean follow_links, struct stat *status, gboolean *is_there,
             GError **error)
{
    memset(status, 0, sizeof(*status));
    *is_there = (follow_links ? stat(path, status) : lstat(path, status)) == 0;
    if (*is_there || errno == ENOENT || errno == ENOTDIR)
        return TRUE;
    const int saved_errno = errno;
    memset(status, 0, sizeof(*status));
    return hc_fail_io(error, path, "cannot find out what is there", saved_errno);
}

gboolean
hc_file_fail_kind(const char *name, mode_t mode, GError **error)
{
    return hc_fail(error, HC_ERROR_IO, "%s: %s", name,
                   S_ISDIR(mode) ? "is a directory" : "is not a regular file");
}

gboolean
hc_file_is_same(const struct stat *a, const struct stat *b)
{
    /* No file has the mode 0, which is what is not there. */
    return a->st_mode != 0 && b->st_mode != 0 && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

gboolean
hc_folder_make(const char *path, gboolean follow_links, gboolean *is_new, GError **error)
{
    /* It may be gone again when it is looked at, more than once. */
    for (int i = 0; i < MAX_TRIES; i++) {
        struct stat status;
        gboolean is_there;
        *is_new = mkdir(path, 0777) == 0;
        if (*is_new)
            return TRUE;
        if (errno != EEXIST)
            return hc_fail_io(error, path, "cannot make the folder", errno);
        if (!hc_file_look(path, follow_links, &status, &is_there, error))
            return FALSE;
        if (S_ISDIR(status.st_mode))
            return TRUE;
        if (is_there)
            return hc_fail_io(error, path, "cannot make the folder", ENOTDIR);
    }
    return hc_fail_io(error, path, "cannot make the folder", EEXIST);
}

gssize
hc_pread(int fd, void *bytes, gsize n_bytes, guint64 offset)
{
    gsize n_done = 0;
    while (n_done < n_bytes) {
        const ssize_t n =
            pread(fd, (char *) bytes + n_done, n_bytes - n_done, (off_t) (offset + n_done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        n_done += (gsize) n;
    }
    return (gssize) n_done;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
hc_folder_names(const char *path, GError **error)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return hc_fail_io_null(error, path, "cannot open", errno);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const struct dirent *item;
    /* readdir() says nothing at its end, and what went wrong only here. */
    while ((errno = 0, item = readdir(folder)) != NULL) {
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(item->d_name));
    }
    const int saved_errno = errno;
    /* Nothing was written through it. */
    (void) closedir(folder);
    if (saved_errno != 0)
        return hc_fail_io_null(error, path, "cannot read", saved_errno);
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}

static void
remove_below(const char *path, guint depth)
{
    g_autoptr(GPtrArray) names = depth > 0 ? hc_folder_names(path, NULL) : NULL;
    for (guint i = 0; names != NULL && i < names->len; i++) {
        g_autofree char *item = g_build_filename(path, names->pdata[i], NULL);
        struct stat status;
        if (lstat(item, &status) == 0 && S_ISDIR(status.st_mode))
            remove_below(item, depth - 1);
        else
            (void) unlink(item); /* as far as it can be */
    }
    (void) rmdir(path);
}

void
hc_folder_remove(const char *path)
{
    remove_below(path, MAX_DEPTH);
}

gboolean
hc_folder_sync(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES || hc_fail_io(error, path, "cannot write the folder", errno);
    const gboolean is_synced = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    if (!is_synced)
        hc_set_io_error(error, path, "cannot write the folder", errno);
    /* Nothing was written through it. */
    (void) close(fd);
    return is_synced;
}

gboolean
hc_folder_sync_parent(const char *path, GError **error)
{
    gsize n_bytes = strlen(path);
    while (n_bytes > 1 && path[n_bytes - 1] == '/')
        n_bytes--;
    g_autofree char *plain = g_strndup(path, n_bytes);
    g_autofree char *parent = g_path_get_dirname(plain);
    return hc_folder_sync(parent, error);
}
