#pragma once

#include "hivecore/base/lock.h"
#include "hivecore/cli/cli.h"

G_BEGIN_DECLS

/* The option of commands that lock what they change, for a table of GOptionEntry; @seconds: an int
 * that is HC_LOCK_TIMEOUT before. */
#define HC_LOCK_OPTION_ENTRY(seconds)                                                              \
    {                                                                                              \
        "lock-timeout", 0, 0, G_OPTION_ARG_INT, &(seconds),                                        \
            "how long to wait for another writer (10)", "SECONDS"                                  \
    }

/**
 * hc_cli_lock:
 * hc_lock_take() as --lock-timeout says; with --verbose, what could not be locked is told.
 *
 * @seconds: argument of --lock-timeout; HC_ERROR_USAGE when it is negative
 */
HcLock *hc_cli_lock(const HcCliContext *context, const char *const *files, gsize n, int seconds,
                    GError **error);

G_END_DECLS
