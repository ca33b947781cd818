#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"

/* One output of a group on its way. */
typedef struct {
    HcOutput *output;
    char *aside; /* where the old file is until all are done; NULL: nowhere */
    gboolean is_renamed;
    gboolean is_exchanged; /* the old file has the temporary file's name */
    int lock_fd;           /* the new file, locked; -1: not */
} Step;

/* Time and size, but not ctime, which a rename changes. */
static gboolean
is_same(const struct stat *now, const struct stat *then)
{
    return now->st_dev == then->st_dev && now->st_ino == then->st_ino &&
           now->st_size == then->st_size && now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
           now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

gboolean
hc_output_is_as_read(const struct stat *now, const struct stat *then)
{
    return is_same(now, then) && now->st_ctim.tv_sec == then->st_ctim.tv_sec &&
           now->st_ctim.tv_nsec == then->st_ctim.tv_nsec;
}

gboolean
hc_output_fail_changed(const HcOutput *output, GError **error)
{
    return hc_fail(error, HC_ERROR_IO, "%s: another program changed the file after it was read",
                   output->name);
}

/*
 * The new file goes back to its temporary name, and what had that gets the target again. Should
 * somebody have put a third file in the target's place, that is the newest, and stays there.
 */
static gboolean
exchange_back(const HcOutput *output)
{
    struct stat out;
    if (hc_output_exchange(output->temp, output->target) != 0)
        return FALSE;
    if (lstat(output->temp, &out) == 0 &&
        (out.st_dev != output->own.st_dev || out.st_ino != output->own.st_ino))
        (void) hc_output_exchange(output->temp, output->target);
    return TRUE;
}

/* The temporary name is of a file that is not ours to remove. */
static void
abandon_temp(HcOutput *output)
{
    hc_output_forget_temp(output);
    g_clear_pointer(&output->temp, g_free);
}

static gboolean
fail_not_back(HcOutput *output, GError **error)
{
    g_prefix_error(error, "%s: cannot be put back, its old content is in %s: ", output->name,
                   output->temp);
    abandon_temp(output);
    return FALSE;
}

/* The look that cannot be fooled: at what the new file has changed places with. */
static gboolean
check_exchanged(Step *step, GError **error)
{
    HcOutput *output = step->output;
    struct stat out;
    if (lstat(output->temp, &out) == 0 && is_same(&out, &output->expected)) {
        step->is_renamed = step->is_exchanged = TRUE;
        step->aside = g_strdup(output->temp);
        return TRUE;
    }
    (void) hc_output_fail_changed(output, error);
    return exchange_back(output) ? FALSE : fail_not_back(output, error);
}

static gboolean
is_unable_to_exchange(int saved_errno)
{
    return saved_errno == ENOSYS || saved_errno == EINVAL || saved_errno == EOPNOTSUPP;
}

/*
 * A name for the old file, so that it can be put back: a second one where the file system has that,
 * and the target is there all the time; else the file is moved out of the way.
 */
static gboolean
set_aside(Step *step, GError **error)
{
    const HcOutput *output = step->output;
    g_autofree char *aside = g_strconcat(output->temp, ".old", NULL);
    if (link(output->target, aside) != 0 && rename(output->target, aside) != 0)
        return hc_fail_io(error, output->name, "cannot keep the old file", errno);
    step->aside = g_steal_pointer(&aside);
    return TRUE;
}

static gboolean
publish(Step *step, gboolean is_last, GError **error)
{
    HcOutput *output = step->output;
    struct stat now;
    if (output->is_locked &&
        (lstat(output->target, &now) != 0 || !hc_output_is_as_read(&now, &output->expected)))
        return hc_output_fail_changed(output, error);
    if (output->is_locked && hc_output_exchange(output->temp, output->target) == 0)
        return check_exchanged(step, error);
    if (output->is_locked && !is_unable_to_exchange(errno))
        return hc_fail_io(error, output->name, "cannot replace", errno);
    /* After the last one nothing can fail that would take it back. */
    if (!is_last && !output->is_new && !set_aside(step, error))
        return FALSE;
    step->is_renamed = rename(output->temp, output->target) == 0;
    if (!step->is_renamed)
        return hc_fail_io(error, output->name, "cannot replace", errno);
    /* Still there where both were names of one file: rename() does nothing then. */
    (void) unlink(output->temp);
    return TRUE;
}

static void
put_back(Step *step, GError **error)
{
    HcOutput *output = step->output;
    if (step->aside == NULL) {
        if (step->is_renamed && unlink(output->target) != 0)
            g_prefix_error(error, "%s: cannot be removed again: ", output->name);
        return;
    }
    if (step->is_exchanged) {
        if (!exchange_back(output))
            (void) fail_not_back(output, error);
        return;
    }
    if (rename(step->aside, output->target) != 0) {
        g_prefix_error(error, "%s: cannot be put back, its old content is in %s: ", output->name,
                       step->aside);
        return;
    }
    /* Where both are names of one file, which never left, the rename has done nothing. */
    if (unlink(step->aside) != 0 && errno != ENOENT)
        g_prefix_error(error,
                       "%s: %s is a second name of it now, and cannot be removed: ", output->name,
                       step->aside);
}

/* The new file is in place, and its name on the disk: the old one can go. */
static void
drop_old(const Step *step)
{
    HcOutput *output = step->output;
    hc_output_forget_temp(output);
    g_clear_pointer(&output->temp, g_free);
    if (step->aside != NULL && unlink(step->aside) != 0)
        output->remark =
            g_strdup_printf("%s: its old content could not be removed, it is in %s: %s",
                            output->name, step->aside, g_strerror(errno));
}

static gboolean
publish_all(Step *steps, gsize n, GError **error)
{
    gsize n_done = 0;
    while (n_done < n && publish(&steps[n_done], n_done + 1 == n, error))
        n_done++;
    const gboolean ok = n_done == n;
    for (gsize i = ok ? 0 : n_done + 1; i > 0; i--)
        put_back(&steps[i - 1], error);
    /* A folder that cannot be synced is no reason to take back a file that is whole and there. */
    for (gsize i = 0; i < n; i++)
        (void) hc_folder_sync(steps[i].output->folder, NULL);
    if (ok)
        hc_output_note_published();
    for (gsize i = 0; ok && i < n; i++)
        drop_old(&steps[i]);
    return ok;
}

/* Until all files are in place, whoever wants to change one of the new ones has to wait: it may be
 * taken back. Nobody else knows it yet, so a failure means that there are no locks here. */
static int
lock_new(const HcOutput *output)
{
    int fd = output->is_locked ? fcntl(output->fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd >= 0)
        (void) flock(fd, LOCK_EX | LOCK_NB);
    return fd;
}

static gboolean
seal_all(const Step *steps, gsize n, GError **error)
{
    for (gsize i = 0; i < n; i++) {
        if (!hc_output_seal(steps[i].output, error))
            return FALSE;
    }
    return TRUE;
}

/* Which file an output is, however its path is spelled. */
static char *
identity(const HcOutput *output)
{
    struct stat folder;
    if (output->temp == NULL || stat(output->folder, &folder) != 0)
        return NULL;
    g_autofree char *base = g_path_get_basename(output->target);
    return g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%s",
                           (uint64_t) folder.st_dev, (uint64_t) folder.st_ino, base);
}

/* Of two outputs that are one file, by a link, only the last would be there. */
static gboolean
check_are_apart(HcOutput *const *outputs, gsize n, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize i = 0; n > 1 && i < n; i++) {
        char *file = identity(outputs[i]);
        if (file == NULL)
            continue;
        const HcOutput *other = g_hash_table_lookup(seen, file);
        if (!g_hash_table_insert(seen, file, outputs[i]))
            return hc_fail(error, HC_ERROR_USAGE, "%s and %s are one file, which cannot be both",
                           other->name, outputs[i]->name);
    }
    return TRUE;
}

gboolean
hc_outputs_commit(HcOutput *const *outputs, gsize n, GError **error)
{
    if (!check_are_apart(outputs, n, error))
        return FALSE;
    g_autofree Step *steps = g_new0(Step, n);
    for (gsize i = 0; i < n; i++)
        steps[i] = (Step){.output = outputs[i], .lock_fd = lock_new(outputs[i])};
    gboolean ok = seal_all(steps, n, error);
    if (ok) {
        sigset_t old;
        hc_output_block_signals(&old);
        ok = publish_all(steps, n, error);
        hc_output_restore_signals(&old);
    }
    for (gsize i = 0; i < n; i++) {
        if (steps[i].lock_fd >= 0)
            /* Nothing was written through it. */
            (void) close(steps[i].lock_fd);
        g_free(steps[i].aside);
    }
    return ok;
}

gboolean
hc_output_commit(HcOutput *output, GError **error)
{
    return hc_outputs_commit(&output, 1, error);
}

const char *
hc_output_remark(const HcOutput *output)
{
    return output->remark;
}
