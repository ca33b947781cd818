#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/** HcWallJob: one run of edit-hivex, the program behind which hivex runs; see script.h. */
typedef struct {
    const char *program;
    int script_fd;
    uint32_t n_calls; /* of the script */
    int hive_fd;
    int output_fd; /* an empty file that nobody else writes to */
    int timeout_ms;
} HcWallJob;

/* Nothing that hivex does takes so long: only a hang is met. */
#define HC_WALL_TIMEOUT_MS (10 * 60 * 1000)

/**
 * hc_wall_program:
 * Where edit-hivex is: where HIVETOOL_EDIT_HIVEX says, which is for tests; in the build tree or the
 * installed tree that this program is in, if its owner's; where it was to be installed. A set-id
 * program looks nowhere but there.
 *
 * Returns: (transfer full): its path
 */
char *hc_wall_program(void);

/**
 * hc_wall_run:
 * Has the calls of a script made. Nothing that happens there ends this program, and what counts is
 * the record of what was done, never how the other program ended. To be called without threads.
 *
 * @n_done: (out): how many calls succeeded, where one did not; @job->n_calls where something else
 *   is the reason
 *
 * Returns: TRUE when the output holds the edited hive, and who wrote it has ended; FALSE with
 * HC_ERROR_UNSUPPORTED where hivex does not do it for this hive and script, HC_ERROR_IO where the
 * machine is the reason and the next run may succeed; messages begin with what happened
 */
gboolean hc_wall_run(const HcWallJob *job, uint32_t *n_done, GError **error);

G_END_DECLS
