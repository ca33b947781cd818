#include "config.h"

#include "hivecore/cli/cli-hive.h"

#include "hivecore/base/error.h"

HcLock *
hc_cli_lock(const HcCliContext *context, const char *const *files, gsize n, int seconds,
            GError **error)
{
    if (seconds < 0)
        return hc_fail_null(error, HC_ERROR_USAGE, "--lock-timeout is negative");
    HcLock *lock = hc_lock_take(files, n, (guint) seconds, error);
    if (lock != NULL && hc_lock_note(lock) != NULL)
        hc_cli_verbose(context, "%s", hc_lock_note(lock));
    return lock;
}
