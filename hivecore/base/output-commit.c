#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/output-private.h"

/*
 * Makes the rename itself last through a power cut. Its failure is not ours: the new file is
 * whole and in place, and a folder that may be written but not read cannot even be opened.
 */
static void
sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void) fsync(fd);
    (void) close(fd);
}

/* One output of a group on its way. */
typedef struct {
    HcOutput *output;
    char *aside; /* where the old file is until all are done; NULL: nowhere */
    gboolean is_renamed;
} Step;

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
    const HcOutput *output = step->output;
    /* After the last one nothing can fail that would take it back. */
    if (!is_last && !output->is_new && !set_aside(step, error))
        return FALSE;
    step->is_renamed = rename(output->temp, output->target) == 0;
    if (!step->is_renamed)
        hc_set_io_error(error, output->name, "cannot replace", errno);
    return step->is_renamed;
}

static void
put_back(Step *step, GError **error)
{
    const HcOutput *output = step->output;
    if (step->aside == NULL) {
        if (step->is_renamed && unlink(output->target) != 0)
            g_prefix_error(error, "%s: cannot be removed again: ", output->name);
        return;
    }
    if (rename(step->aside, output->target) != 0) {
        g_prefix_error(error, "%s: cannot be put back, its old content is in %s: ", output->name,
                       step->aside);
        return;
    }
    /* Where both are names of one file, which never left, the rename has done nothing. */
    (void) unlink(step->aside);
}

static gboolean
publish_all(Step *steps, gsize n, GError **error)
{
    gsize n_done = 0;
    while (n_done < n && publish(&steps[n_done], n_done + 1 == n, error))
        n_done++;
    if (n_done < n) {
        for (gsize i = n_done + 1; i > 0; i--)
            put_back(&steps[i - 1], error);
        return FALSE;
    }
    for (gsize i = 0; i < n; i++) {
        hc_output_forget_temp(steps[i].output);
        g_clear_pointer(&steps[i].output->temp, g_free);
        if (steps[i].aside != NULL)
            /* The new file is in place; a second name of the old one that stays does no harm. */
            (void) unlink(steps[i].aside);
    }
    return TRUE;
}

gboolean
hc_outputs_commit(HcOutput *const *outputs, gsize n, GError **error)
{
    for (gsize i = 0; i < n; i++) {
        if (!hc_output_seal(outputs[i], error))
            return FALSE;
    }
    g_autofree Step *steps = g_new0(Step, n);
    for (gsize i = 0; i < n; i++)
        steps[i].output = outputs[i];
    sigset_t old;
    hc_output_block_signals(&old);
    const gboolean ok = publish_all(steps, n, error);
    hc_output_restore_signals(&old);
    for (gsize i = 0; i < n; i++) {
        sync_folder(outputs[i]->folder);
        g_free(steps[i].aside);
    }
    return ok;
}

gboolean
hc_output_commit(HcOutput *output, GError **error)
{
    return hc_outputs_commit(&output, 1, error);
}
