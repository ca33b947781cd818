#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/layer-private.h"
#include "hivecore/image/store-private.h"

static void
close_read(int fd)
{
    /* Only read from: closing loses nothing. */
    if (fd >= 0)
        (void) close(fd);
}

/* The name in the folder @fd that is @wanted without regard to case; NULL without @error when there
 * is none. */
static char *
find_name(const char *folder, int fd, const char *wanted, GError **error)
{
    /* A descriptor of its own, since closedir() closes it. */
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = own >= 0 ? fdopendir(own) : NULL;
    if (dir == NULL) {
        hc_set_io_error(error, folder, "cannot read", errno);
        close_read(own);
        return NULL;
    }
    g_autofree char *found = NULL;
    gboolean is_exact = FALSE;
    gboolean is_double = FALSE;
    const struct dirent *item;
    while (!is_exact && (errno = 0, item = readdir(dir)) != NULL) {
        if (!hc_entry_name_equal(item->d_name, wanted))
            continue;
        is_exact = strcmp(item->d_name, wanted) == 0;
        is_double = !is_exact && found != NULL;
        g_free(found);
        found = g_strdup(item->d_name);
    }
    const int saved_errno = is_exact ? 0 : errno;
    (void) closedir(dir);
    /* A hive whose name could not be read is not absent. */
    if (saved_errno != 0)
        return hc_fail_io_null(error, folder, "cannot read", saved_errno);
    if (is_double && !is_exact)
        return hc_fail_null(error, HC_ERROR_MALFORMED,
                            "%s: has two of the name '%s' that differ by case only", folder,
                            wanted);
    return g_steal_pointer(&found);
}

/* Opens @name below @folder, without regard to case and through no link. Returns: -1 without @error
 * when it is not there. */
static int
open_folded(const char *folder, int top, const char *name, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    g_autofree char *path = g_strdup(folder);
    int at = top;
    for (gsize i = 0; parts[i] != NULL; i++) {
        g_autofree char *real = find_name(path, at, parts[i], error);
        char *below = real != NULL ? g_build_filename(path, real, NULL) : NULL;
        int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
        int next = real != NULL
                       ? openat(at, real, parts[i + 1] != NULL ? flags | O_DIRECTORY : flags)
                       : -1;
        if (real != NULL && next < 0) {
            if (errno == ELOOP || errno == ENOTDIR)
                hc_set_error(error, HC_ERROR_MALFORMED, "%s: is a %s", below,
                             errno == ELOOP ? "symbolic link" : "link or file, not a folder");
            else
                hc_set_io_error(error, below, "cannot open", errno);
        }
        if (at != top)
            close_read(at);
        at = next;
        g_free(path);
        path = below;
        if (at < 0)
            return -1;
    }
    return at;
}

static gboolean
read_part(HcLayerParts *parts, HcLayerPart *part, const char *folder, int fd, GError **error)
{
    struct stat status;
    g_autofree char *name = g_build_filename(folder, part->name, NULL);
    if (fstat(fd, &status) != 0)
        return hc_fail_io(error, name, "cannot find out what it is", errno);
    if (!S_ISREG(status.st_mode))
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is not a regular file", name);
    part->is_found = TRUE;
    if (!part->is_held)
        return TRUE;
    if (status.st_size > HC_MAX_HIVE_BYTES || (uint64_t) status.st_size > parts->n_bytes_left)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: larger than a hive can be", name);
    /* Of what is no hive, which may be a sparse file, the start is enough. */
    const uint64_t n_start = MIN((uint64_t) status.st_size, HC_LAYER_START_BYTES);
    part->content = hc_blob_read(name, fd, 0, n_start, error);
    if (part->content != NULL && !hc_layer_content_is_cut(part->content)) {
        g_bytes_unref(part->content);
        part->content = hc_blob_read(name, fd, 0, (uint64_t) status.st_size, error);
    }
    if (part->content == NULL)
        return FALSE;
    parts->n_bytes_left -= g_bytes_get_size(part->content);
    return TRUE;
}

/* What is no unpacked layer is told so: the user has mistaken one thing for another. */
static gboolean
check_folder(const char *folder, int top, GError **error)
{
    struct stat status;
    if (fstatat(top, "oci-layout", &status, AT_SYMLINK_NOFOLLOW) == 0)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is an OCI image layout, name it oci:%s", folder,
                       folder);
    if (errno != ENOENT)
        return hc_fail_io(error, folder, "cannot find out what is there", errno);
    g_autoptr(GError) failure = NULL;
    g_autofree char *files = find_name(folder, top, "Files", &failure);
    g_autofree char *hives = failure == NULL ? find_name(folder, top, "Hives", &failure) : NULL;
    if (failure == NULL && files == NULL && hives == NULL)
        hc_set_error(&failure, HC_ERROR_MALFORMED,
                     "%s: has neither Files nor Hives, so it is no unpacked layer", folder);
    if (failure == NULL)
        return TRUE;
    return hc_fail_with(error, g_steal_pointer(&failure));
}

gboolean
hc_layer_parts_read_folder(HcLayerParts *parts, const char *folder, GError **error)
{
    int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return hc_fail_io(error, folder, "cannot open", errno);
    GError *failure = NULL;
    (void) check_folder(folder, top, &failure);
    for (int i = 0; i < HC_N_PARTS * HC_N_HIVE_SLOTS && failure == NULL; i++) {
        HcLayerPart *part = &parts->parts[i / HC_N_HIVE_SLOTS][i % HC_N_HIVE_SLOTS];
        int fd = part->is_wanted ? open_folded(folder, top, part->name, &failure) : -1;
        if (fd >= 0)
            (void) read_part(parts, part, folder, fd, &failure);
        close_read(fd);
    }
    close_read(top);
    if (failure == NULL)
        return TRUE;
    return hc_fail_with(error, failure);
}
