#include "config.h"

#include "hivecore/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"

enum {
    MAX_STEM_BYTES = 200 /* leaves room for the dots and the X's within NAME_MAX */
};

static gboolean
fail_stream(const char *name, const char *what, GError **error)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s cannot appear whole or not at all, name a file%s",
                   name, what, strcmp(name, "-") == 0 ? " (./- for one of this name)" : "");
}

/* Where /dev/stdout and /dev/fd/3 lead: a rename onto the file that is open there would take away
 * what others have written to it. @link: its folders are no links */
static gboolean
is_descriptor(const char *link)
{
    g_autofree char *folder = g_path_get_dirname(link);
    return g_str_has_prefix(folder, "/proc/") && g_str_has_suffix(folder, "/fd");
}

/* What the kernel does where fs.protected_symlinks is set: in a folder such as /tmp, links of
 * others are not followed. */
static gboolean
check_link(const char *link, const struct stat *status, const struct stat *folder, gpointer data,
           GError **error)
{
    const HcOutput *output = data;
    if (is_descriptor(link))
        return fail_stream(output->name, "what is open already", error);
    if ((folder->st_mode & S_ISVTX) == 0 || !hc_is_planted(status, folder, NULL, 0))
        return TRUE;
    return hc_fail(error, HC_ERROR_IO,
                   "%s: %s is another user's symbolic link in a folder that everybody can write, "
                   "it is not followed",
                   output->name, link);
}

static gboolean
check_target(const HcOutput *output, const HcFollowed *path, GError **error)
{
    if (path->exists && !S_ISREG(path->status.st_mode))
        return hc_file_fail_kind(output->name, path->status.st_mode, error);
    if (!path->exists && path->has_slash)
        return hc_file_fail_kind(output->name, S_IFDIR, error);
    /* A rename needs no permission on the file it replaces; its owner's wish still counts. */
    if (path->exists && faccessat(AT_FDCWD, output->target, W_OK, AT_EACCESS) != 0)
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

/* A file that is replaced in place stays its owner's, with the mode that it has. */
static gboolean
keep_owner(HcOutput *output, const struct stat *old, GError **error)
{
    output->mode = old->st_mode & 07777;
    if ((output->own.st_uid != old->st_uid || output->own.st_gid != old->st_gid) &&
        fchown(output->fd, old->st_uid, old->st_gid) != 0)
        return hc_fail_io(error, output->name, "cannot keep the owner", errno);
    return TRUE;
}

/* Takes from the mode what @other does not give. Its group's rights are for its group only. */
static void
hide_like(HcOutput *output, const struct stat *other, mode_t always)
{
    mode_t mode = other->st_mode;
    if (other->st_gid != output->own.st_gid)
        mode &= ~(mode_t) 070 | (mode & 07) << 3;
    output->mode &= mode | always;
}

/*
 * What any new file gets, and no more than what stood there had: whoever put that there may have
 * wished others to read, or us to hide, what we write. The group of a file of our own stays.
 */
static void
start_mode(HcOutput *output, const HcFollowed *old)
{
    output->mode = 0666 & ~current_umask();
    if (!old->exists)
        return;
    if (old->status.st_uid == geteuid() && old->status.st_gid != output->own.st_gid &&
        fchown(output->fd, (uid_t) -1, old->status.st_gid) == 0)
        output->own.st_gid = old->status.st_gid;
    hide_like(output, &old->status, 0);
}

static gboolean
set_owner(HcOutput *output, const HcFollowed *old, GError **error)
{
    if (fstat(output->fd, &output->own) != 0)
        return hc_fail_io(error, output->name, "cannot create", errno);
    if (output->is_locked)
        return keep_owner(output, &old->status, error);
    start_mode(output, old);
    return TRUE;
}

/* The file that @lock has, as it was when it was locked. */
static gboolean
expect(HcOutput *output, const HcLock *lock, const HcFollowed *path, GError **error)
{
    const struct stat *locked = lock != NULL ? hc_lock_status(lock, output->name) : NULL;
    output->is_locked = lock != NULL;
    if (lock == NULL)
        return TRUE;
    if (locked != NULL)
        output->expected = *locked;
    return (locked != NULL && path->exists && hc_output_is_as_read(&path->status, locked)) ||
           hc_output_fail_changed(output, error);
}

HcOutput *
hc_output_open(const char *file, const HcLock *lock, GError **error)
{
    hc_output_catch_signals();
    g_autoptr(HcOutput) output = g_new0(HcOutput, 1);
    g_auto(HcFollowed) path = {0};
    output->fd = -1;
    output->name = g_strdup(file);
    if (strcmp(file, "-") == 0) {
        (void) fail_stream(file, "standard output", error);
        return NULL;
    }
    if (!hc_path_follow(&path, file, "cannot create", check_link, output, error))
        return NULL;
    output->target = g_strdup(path.path);
    if (!check_target(output, &path, error) || !expect(output, lock, &path, error) ||
        !create_temp(output, error) || !set_owner(output, &path, error))
        return NULL;
    output->is_new = !path.exists;
    return g_steal_pointer(&output);
}

HcOutput *
hc_output_open_memory(const char *name, GError **error)
{
    g_autoptr(HcOutput) output = g_new0(HcOutput, 1);
    output->name = g_strdup(name);
    output->fd = memfd_create("output", MFD_CLOEXEC);
    if (output->fd < 0)
        return hc_fail_io_null(error, name, "cannot make an in-memory file", errno);
    return g_steal_pointer(&output);
}

void
hc_output_set_name(HcOutput *output, const char *name)
{
    g_free(output->name);
    output->name = g_strdup(name);
}

const char *
hc_output_name(const HcOutput *output)
{
    return output->name;
}

gboolean
hc_output_hide_like_fd(HcOutput *output, int fd, const char *name, GError **error)
{
    struct stat other;
    if (fstat(fd, &other) != 0)
        return hc_fail_io(error, name, "cannot look at its mode", errno);
    /* A pipe's mode says nothing about who may know what came through it. */
    if (!output->is_locked && (S_ISREG(other.st_mode) || S_ISDIR(other.st_mode)))
        hide_like(output, &other, 0700);
    return TRUE;
}

void
hc_output_hide(HcOutput *output)
{
    if (!output->is_locked)
        output->mode &= 0700;
}

gboolean
hc_output_hide_like(HcOutput *output, const char *like, GError **error)
{
    if (strcmp(like, "-") == 0)
        return hc_output_hide_like_fd(output, STDIN_FILENO, "standard input", error);
    /* To look at it only, so that what cannot be read can be looked at, and no FIFO is waited for.
     */
    int fd = open(like, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return hc_fail_io(error, like, "cannot look at its mode", errno);
    gboolean is_hidden = hc_output_hide_like_fd(output, fd, like, error);
    (void) close(fd);
    return is_hidden;
}

/* Until here it was ours alone. What is a second name of another file has that one's mode. */
static gboolean
set_mode(const HcOutput *output, GError **error)
{
    struct stat now;
    if (fstat(output->fd, &now) == 0 &&
        (now.st_ino != output->own.st_ino || now.st_dev != output->own.st_dev ||
         fchmod(output->fd, output->mode) == 0))
        return TRUE;
    return hc_fail_io(error, output->name, "cannot set the mode", errno);
}

static gboolean
sync_file(HcOutput *output, GError **error)
{
    if (!hc_output_flush(output, error))
        return FALSE;
    if (!set_mode(output, error))
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
    if (fd != NULL)
        *fd = output->fd;
    if (path != NULL)
        *path = output->temp;
    return TRUE;
}

/* A second name of the file at @path in place of the empty temporary file. Returns: FALSE where the
 * file system does not give one, or @path is no longer the file that is open as @fd. */
static gboolean
take_link(HcOutput *output, const char *path, int fd)
{
    struct stat linked;
    struct stat wanted;
    g_autofree char *name = g_strconcat(output->temp, "~", NULL);
    if (link(path, name) != 0)
        return FALSE;
    if (lstat(name, &linked) == 0 && fstat(fd, &wanted) == 0 && linked.st_dev == wanted.st_dev &&
        linked.st_ino == wanted.st_ino && rename(name, output->temp) == 0)
        return TRUE;
    /* It is ours and new. */
    (void) unlink(name);
    return FALSE;
}

gboolean
hc_output_link(HcOutput *output, const char *path, int fd)
{
    sigset_t old;
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return FALSE;
    hc_output_block_signals(&old);
    const gboolean is_linked = take_link(output, path, own);
    hc_output_restore_signals(&old);
    /* Nothing was written to what is closed: the empty file that is gone, or the duplicate. */
    (void) close(is_linked ? output->fd : own);
    if (is_linked)
        output->fd = own;
    return is_linked;
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
    hc_output_drop_buffer(output);
    g_free(output->temp);
    g_free(output->folder);
    g_free(output->target);
    g_free(output->name);
    g_free(output->remark);
    g_free(output);
}

gboolean
hc_output_write_file(const char *file, const HcLock *lock, const void *bytes, gsize n_bytes,
                     GError **error)
{
    g_autoptr(HcOutput) output = hc_output_open(file, lock, error);
    return output != NULL && hc_output_write(output, bytes, n_bytes, error) &&
           hc_output_commit(output, error);
}
