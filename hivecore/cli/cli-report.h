#pragma once

#include "hivecore/cli/showing.h"
#include "hivecore/report/report.h"

G_BEGIN_DECLS

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
