#include "config.h"

#include "hivecore/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/output-private.h"

enum {
    BUFFER_BYTES = 256 * 1024,
    MAX_LINKS = 40,      /* what Linux follows before ELOOP */
    MAX_STEM_BYTES = 200 /* leaves room for the dots and the X's within NAME_MAX */
};

static gboolean
set_kind_error(GError **error, const char *name, mode_t mode)
{
    return hc_fail(error, HC_ERROR_IO, "%s: %s", name,
                   S_ISDIR(mode) ? "is a directory" : "is not a regular file");
}

/*
 * Follows links by hand, because realpath() cannot follow one whose target does not exist yet.
 * Links in the folder part are left to the kernel.
 */
static gboolean
resolve_target(HcOutput *output, struct stat *status, gboolean *exists, GError **error)
{
    output->target = g_strdup(output->name);
    for (int n_links = 0; n_links < MAX_LINKS; n_links++) {
        *exists = lstat(output->target, status) == 0;
        if (!*exists && errno != ENOENT)
            return hc_fail_io(error, output->name, "cannot create", errno);
        if (!*exists || !S_ISLNK(status->st_mode))
            return TRUE;
        g_autofree char *link = g_file_read_link(output->target, NULL);
        if (link == NULL)
            return hc_fail_io(error, output->name, "cannot read link", errno);
        g_autofree char *folder = g_path_get_dirname(output->target);
        g_free(output->target);
        output->target = g_path_is_absolute(link) ? g_steal_pointer(&link)
                                                  : g_build_filename(folder, link, NULL);
    }
    return hc_fail_io(error, output->name, "cannot create", ELOOP);
}

static gboolean
check_target(const HcOutput *output, const struct stat *status, gboolean exists, GError **error)
{
    if (exists && !S_ISREG(status->st_mode))
        return set_kind_error(error, output->name, status->st_mode);
    if (output->target[0] == '\0')
        return hc_fail_io(error, output->name, "cannot create", ENOENT);
    if (!exists && g_str_has_suffix(output->target, "/"))
        return set_kind_error(error, output->name, S_IFDIR);
    /* A rename needs no permission on the file it replaces; its owner's wish still counts. */
    if (exists && faccessat(AT_FDCWD, output->target, W_OK, AT_EACCESS) != 0)
        return hc_fail_io(error, output->name, "cannot write", errno);
    return TRUE;
}

static gboolean
create_temp(HcOutput *output, GError **error)
{
    g_autofree char *base = g_path_get_basename(output->target);
    output->folder = g_path_get_dirname(output->target);
    g_autofree char *temp_name = g_strdup_printf(".%.*s.XXXXXX", MAX_STEM_BYTES, base);
    output->temp = g_build_filename(output->folder, temp_name, NULL);

    sigset_t old;
    hc_output_block_signals(&old);
    output->fd = mkostemp(output->temp, O_CLOEXEC);
    int saved_errno = errno;
    if (output->fd >= 0)
        hc_output_remember_temp(output);
    hc_output_restore_signals(&old);
    if (output->fd >= 0)
        return TRUE;
    g_clear_pointer(&output->temp, g_free);
    return hc_fail_io(error, output->name, "cannot create", saved_errno);
}

static mode_t
current_umask(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return mask;
}

/* An existing file's mode and owner, or those that any new file would get. */
static gboolean
set_mode(const HcOutput *output, const struct stat *status, gboolean exists, gboolean replace,
         GError **error)
{
    mode_t mode = exists ? status->st_mode & 07777 : 0666 & ~current_umask();
    struct stat now;
    if (fstat(output->fd, &now) != 0)
        return hc_fail_io(error, output->name, "cannot create", errno);
    gboolean is_same_owner =
        !exists || (now.st_uid == status->st_uid && now.st_gid == status->st_gid);
    if (!is_same_owner && fchown(output->fd, status->st_uid, status->st_gid) != 0) {
        if (replace)
            return hc_fail_io(error, output->name, "cannot keep the owner", errno);
        mode &= 0777; /* ours now: set-user-id would mean another user */
    }
    if (fchmod(output->fd, mode) != 0)
        return hc_fail_io(error, output->name, "cannot set the mode", errno);
    return TRUE;
}

HcOutput *
hc_output_open(const char *file, gboolean replace, GError **error)
{
    hc_output_catch_signals();
    g_autoptr(HcOutput) output = g_new0(HcOutput, 1);
    output->fd = -1;
    output->name = g_strdup(file);
    struct stat status;
    gboolean exists;
    if (strcmp(file, "-") == 0)
        return hc_fail_null(
            error, HC_ERROR_USAGE,
            "-: standard output cannot appear whole or not at all, name a file (./- for "
            "one of this name)");
    if (!resolve_target(output, &status, &exists, error) ||
        !check_target(output, &status, exists, error) || !create_temp(output, error) ||
        !set_mode(output, &status, exists, replace, error))
        return NULL;
    output->is_new = !exists;
    output->buffer = g_malloc(BUFFER_BYTES);
    return g_steal_pointer(&output);
}

void
hc_output_set_name(HcOutput *output, const char *name)
{
    g_free(output->name);
    output->name = g_strdup(name);
}

gboolean
hc_output_hide_like(HcOutput *output, const char *like, GError **error)
{
    struct stat other;
    struct stat own;
    if (!output->is_new || stat(like, &other) != 0)
        return TRUE;
    if (fstat(output->fd, &own) == 0 &&
        fchmod(output->fd, own.st_mode & 07777 & (other.st_mode | 0700)) == 0)
        return TRUE;
    return hc_fail_io(error, output->name, "cannot set the mode", errno);
}

static gboolean
write_all(HcOutput *output, const guint8 *bytes, gsize n_bytes, GError **error)
{
    while (n_bytes > 0) {
        ssize_t n = write(output->fd, bytes, MIN(n_bytes, 1u << 30));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hc_fail_io(error, output->name, "cannot write", errno);
        bytes += n;
        n_bytes -= (gsize) n;
    }
    return TRUE;
}

static gboolean
flush(HcOutput *output, GError **error)
{
    gsize n_bytes = output->n_buffered;
    output->n_buffered = 0;
    return write_all(output, output->buffer, n_bytes, error);
}

gboolean
hc_output_write(HcOutput *output, const void *bytes, gsize n_bytes, GError **error)
{
    if (n_bytes > BUFFER_BYTES - output->n_buffered && !flush(output, error))
        return FALSE;
    if (n_bytes > BUFFER_BYTES)
        return write_all(output, bytes, n_bytes, error);
    if (n_bytes > 0)
        memcpy(output->buffer + output->n_buffered, bytes, n_bytes);
    output->n_buffered += n_bytes;
    return TRUE;
}

static gboolean
sync_file(HcOutput *output, GError **error)
{
    if (!flush(output, error))
        return FALSE;
    if (fsync(output->fd) == 0)
        return TRUE;
    return hc_fail_io(error, output->name, "cannot write", errno);
}

gboolean
hc_output_sync(HcOutput *output, int *fd, const char **path, GError **error)
{
    if (!sync_file(output, error))
        return FALSE;
    *fd = output->fd;
    *path = output->temp;
    return TRUE;
}

gboolean
hc_output_seal(HcOutput *output, GError **error)
{
    if (!sync_file(output, error))
        return FALSE;
    int fd = output->fd;
    output->fd = -1;
    if (close(fd) == 0 || errno == EINTR)
        return TRUE;
    return hc_fail_io(error, output->name, "cannot write", errno);
}

void
hc_output_free(HcOutput *output)
{
    if (output == NULL)
        return;
    if (output->fd >= 0)
        /* What was written is thrown away. */
        (void) close(output->fd);
    if (output->temp != NULL) {
        sigset_t old;
        hc_output_block_signals(&old);
        /* It may be gone already, with its folder; nothing else can be done. */
        (void) unlink(output->temp);
        hc_output_forget_temp(output);
        hc_output_restore_signals(&old);
    }
    g_free(output->buffer);
    g_free(output->temp);
    g_free(output->folder);
    g_free(output->target);
    g_free(output->name);
    g_free(output);
}

gboolean
hc_output_write_file(const char *file, gboolean replace, const void *bytes, gsize n_bytes,
                     GError **error)
{
    g_autoptr(HcOutput) output = hc_output_open(file, replace, error);
    return output != NULL && hc_output_write(output, bytes, n_bytes, error) &&
           hc_output_commit(output, error);
}
