#include "config.h"

#include "hivetool/common.h"

#include "hivecore/base/error.h"
#include "hivecore/cli/diff-options.h"
#include "hivecore/delta/digest.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/records.h"

static char **ignore_options;
static char *format_option;

static const GOptionEntry entries[] = {
    HC_IGNORE_OPTION_ENTRY(ignore_options),
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, ndjson or csv", "FORMAT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static const HcColumn columns[] = {
    {"digest", HC_COLUMN_TEXT, 0},
    {"hive", HC_COLUMN_TEXT, 0},
    {NULL, HC_COLUMN_TEXT, 0},
};

static gboolean
digest(const HcCliContext *context, HcRecords *records, HcRegistry *state, guint index,
       const char *name, guint ignore, GError **error)
{
    const HcHiveReading how = {.flags = 0};
    g_autoptr(HcHive) hive = hc_cli_open_hive_of(context, state, index, &how, error);
    g_autofree char *text =
        hive != NULL && hc_hive_check(hive, NULL, error) ? hc_digest(hive, ignore, error) : NULL;
    if (text == NULL)
        return FALSE;
    g_autofree char *shown = g_strconcat("sha256:", text, NULL);
    hc_record_begin(records);
    hc_record_text(records, shown);
    hc_record_text(records, name);
    (void) hc_record_end(records); /* what cannot be written is told at the end */
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    guint ignore;
    g_auto(HcOperand) operand = {0};
    GError *failures = NULL;
    HcFormat format;
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS, &format, error) ||
        !hc_cli_ignore_parse(ignore_options, &ignore, error) ||
        !hc_cli_operand_open(&operand, args[0], error))
        return FALSE;
    const HcRecordsHead head = {
        .tool = context->program, .kind = ht_cmd_digest.name, .is_terminal = context->is_terminal};
    g_autoptr(HcRecords) records = hc_records_new(context->stream, format, &head, columns);
    hc_records_begin(records);
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        const char *name = operand.is_one ? args[0] : hc_registry_hive(operand.state, i)->name;
        GError *failure = NULL;
        if (!digest(context, records, operand.state, i, name, ignore, &failure))
            hc_cli_add_failure(context, &failures, failure);
    }
    hc_records_end(records);
    *status = HC_EXIT_OK;
    return failures == NULL || hc_fail_with(error, failures);
}

const HcCommand ht_cmd_digest = {
    .name = "digest",
    .also = "hash sha256 checksum sum",
    .group = "compare",
    .args = "HIVE",
    .summary = "print a SHA-256 of what a hive holds, whatever its layout",
    .details =
        "Hives between which diff finds nothing have the same digest under the same\n"
        "--ignore. A differencing hive's is that of the hive as it stands. Of several hives, a\n"
        "folder, a Windows disk, an image or a layer, each has its line.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .statuses = "0 printed",
    .examples = "hivetool digest SOFTWARE\n"
                "hivetool digest --ignore=security /mnt/windows",
    .n_shown = 1,
    .run = run,
};
