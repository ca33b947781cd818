#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/report/report.h"

G_BEGIN_DECLS

/** HcShowing: what the user said of it; all zero: nothing. */
typedef struct {
    gboolean is_full;
    char *depth_text; /* (nullable): argument of --depth */
    gboolean has_depth;
    guint depth; /* of hc_cli_check_showing() */
} HcShowing;

#define HC_SHOWING_OPTION_ENTRIES(showing)                                                         \
    {"full",                                                                                       \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_NONE,                                                                            \
     &(showing).is_full,                                                                           \
     "of changes, show all: nothing is cut or folded",                                             \
     NULL},                                                                                        \
    {                                                                                              \
        "depth", 0, 0, G_OPTION_ARG_FILENAME, &(showing).depth_text,                               \
            "open added and removed trees N levels deep", "N"                                      \
    }

/** hc_cli_check_showing: reads .depth; HC_ERROR_USAGE for one that is none. */
gboolean hc_cli_check_showing(HcShowing *showing, GError **error);

/* How much of a report of changes is shown to a person. */

/**
 * hc_cli_fit_report:
 * Sets what says how much room @options have: that of the terminal, elsewhere and in files 100
 * columns; @n_lines, or what is needed with --full and --depth.
 *
 * @output: (nullable): the file that the report goes to
 */
void hc_cli_fit_report(const HcCliContext *context, const HcShowing *showing, const char *output,
                       guint n_lines, HcReportOptions *options);

/* Lines of a whole report, and of one of several at least. */
#define HC_REPORT_LINES       76u
#define HC_REPORT_LINES_LEAST 12u

G_END_DECLS
