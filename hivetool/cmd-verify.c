#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/report/records.h"
#include "hivecore/report/report.h"
#include "hivetool/drift.h"
#include "hivetool/patching.h"

static HcPatchOptions patch_options;
static char *root_option;
static char **user_options;
static char *format_option;
static gboolean is_full;

#define FORMATS                                                                                    \
    (HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON) |                               \
     HC_FORMAT_BIT(HC_FORMAT_JUNIT) | HC_FORMAT_BIT(HC_FORMAT_SARIF) |                             \
     HC_FORMAT_BIT(HC_FORMAT_GITHUB) | HC_FORMAT_BIT(HC_FORMAT_HTML) |                             \
     HC_FORMAT_BIT(HC_FORMAT_DELTA))

static const GOptionEntry entries[] = {
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where HIVE hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    {"full", 0, 0, G_OPTION_ARG_NONE, &is_full, "show data whole, both sides in one line", NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, json, junit, sarif, github (for CI), html, or\ndelta: the changes that would be "
     "needed, as "
     "diff gives them",
     "FORMAT"},
    HT_USER_OPTION_ENTRY(user_options),
    HC_PATCH_OPTION_ENTRIES(patch_options, "skip what is said of keys that are in no HIVE"),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* No line gets narrower, whatever the terminal. */
#define LEAST_COLUMNS 40u

static gboolean
parse_format(const HtTargets *targets, HcFormat *format, GError **error)
{
    if (!hc_format_parse(format_option, FORMATS, format, error))
        return FALSE;
    if (*format != HC_FORMAT_DELTA || targets->n == 1)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE,
                   "--format=delta is for one hive, there are %" G_GSIZE_FORMAT, targets->n);
}

static void
note_drifts(const HcCliContext *context, const HtDriftReport *report)
{
    for (gsize i = 0; i < report->targets->n; i++) {
        guint n = 0;
        for (guint k = 0; k < report->drifts->len; k++)
            n += g_array_index(report->drifts, HtDrift, k).place.target == i;
        if (n > 0)
            hc_cli_note(context, "%s: differs from the patch in %u place%s",
                        report->targets->items[i].file, n, n == 1 ? "" : "s");
    }
}

static gboolean
print(HcCliContext *context, const HtDriftReport *report, HcFormat format, GError **error)
{
    char *const no_inputs[] = {NULL};
    g_autoptr(HcStream) out = hc_cli_open_stream(context, NULL, no_inputs, error);
    const HtTarget *target = &report->targets->items[0];
    HcReportOptions options = {.root = target->root != NULL ? target->root->text : "",
                               .old_name = target->file};
    if (format == HC_FORMAT_TEXT) {
        ht_drift_text(out, report);
        note_drifts(context, report);
    } else if (format == HC_FORMAT_JSON) {
        ht_drift_json(out, report);
    } else if (format == HC_FORMAT_JUNIT) {
        ht_drift_junit(out, report);
    } else if (format == HC_FORMAT_SARIF || format == HC_FORMAT_GITHUB ||
               format == HC_FORMAT_HTML) {
        ht_drift_findings(out, format, report);
    } else {
        hc_report_json(out, report->targets->patched[0].exact, &options);
    }
    return hc_cli_publish(context, out, error);
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    const HtTargeting targeting = {.root = root_option, .users = user_options, .is_awake = TRUE};
    patch_options.is_verify = TRUE;
    g_autoptr(HtTargets) targets = ht_targets_open(context, args, &targeting, error);
    if (targets == NULL || !parse_format(targets, &format, error))
        return FALSE;
    g_autoptr(GPtrArray) files = hc_patch_files_read(targets->patches, error);
    if (files == NULL ||
        !hc_patches_resolve(context, files, targets->patched, targets->n, &patch_options, error))
        return FALSE;
    g_autoptr(HtDriftReport) report = ht_drift_find(context, targets, files, &patch_options, error);
    if (report == NULL)
        return FALSE;
    const HcShowing showing = {.is_full = is_full};
    HcReportOptions room = {.root = ""};
    hc_cli_fit_report(context, &showing, NULL, 0, &room);
    report->is_full = is_full;
    report->n_columns = MAX(room.n_columns, LEAST_COLUMNS);
    if (!print(context, report, format, error))
        return FALSE;
    for (gsize i = 0; i < targets->n; i++)
        hc_cli_note_unsound(context, targets->items[i].hive);
    *status = report->drifts->len == 0 ? HC_EXIT_OK : HC_EXIT_NO;
    return TRUE;
}

const HcCommand ht_cmd_verify = {
    .name = "verify",
    .also = "drift is",
    .group = "compare",
    .args = "HIVE PATCH... | NAME=HIVE... PATCH...",
    .summary = "does the hive already hold what the patches say?",
    .details =
        "Prints nothing and ends with 0 when it does; else with 1, and a line for each line\n"
        "of a patch that does not hold, with what the hive has instead. NAME is SOFTWARE,\n"
        "SYSTEM, SAM, SECURITY, DEFAULT or a place such as HKLM\\FOO; each line of the\n"
        "patches is about the hive that holds its key. HIVE can be several, each at its\n"
        "place: a folder of hives, a Windows disk, an image or a layer.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .statuses = "0 it does, 1 it does not",
    .examples = "hivetool verify SOFTWARE change.reg\n"
                "hivetool verify /mnt/windows change.reg",
    .n_shown = -1,
    .run = run,
};
