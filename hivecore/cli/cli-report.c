#include "config.h"

#include "hivecore/cli/cli-report.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "hivecore/base/limits.h"

/* Where no terminal says how wide it is. */
#define PAGE_COLUMNS 100u

gboolean
hc_cli_check_showing(HcShowing *showing, GError **error)
{
    guint64 depth;
    showing->has_depth = showing->depth_text != NULL;
    if (!showing->has_depth)
        return TRUE;
    if (!g_ascii_string_to_unsigned(showing->depth_text, 10, 0, HC_MAX_KEY_DEPTH, &depth, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "--depth is '%s', not 0 to %u", showing->depth_text,
                       HC_MAX_KEY_DEPTH);
    showing->depth = (guint) depth;
    return TRUE;
}

static guint
terminal_columns(const HcCliContext *context)
{
    struct winsize size;
    if (!context->is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return PAGE_COLUMNS;
    return size.ws_col;
}

void
hc_cli_fit_report(const HcCliContext *context, const HcShowing *showing, const char *output,
                  guint n_lines, HcReportOptions *options)
{
    options->is_full = showing->is_full;
    options->is_fitted = TRUE;
    options->n_columns = output == NULL ? terminal_columns(context) : PAGE_COLUMNS;
    options->n_lines = n_lines;
    options->has_depth = showing->has_depth;
    options->depth = showing->depth;
    options->more = "--full shows all, --depth=N opens trees";
}
