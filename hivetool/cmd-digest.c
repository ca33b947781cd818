#include "config.h"

#include "hivetool/hives.h"

#include "hivecore/base/error.h"
#include "hivecore/cli/diff-options.h"
#include "hivecore/delta/diff.h"
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

typedef struct {
    const HcCliContext *context;
    HcRecords *records;
    guint ignore; /* HcIgnore bits */
} Digesting;

static gboolean
digest(void *data, const HtHive *named, GError **error)
{
    const Digesting *digesting = data;
    const HcHiveReading how = {.flags = 0};
    g_autoptr(HcHive) hive =
        hc_cli_open_hive_of(digesting->context, named->operand->state, named->index, &how, error);
    g_autofree char *text = hive != NULL ? hc_digest_sound(hive, digesting->ignore, error) : NULL;
    if (text == NULL)
        return FALSE;
    g_autofree char *shown = g_strconcat("sha256:", text, NULL);
    hc_record_begin(digesting->records);
    hc_record_text(digesting->records, shown);
    hc_record_text(digesting->records, named->name);
    (void) hc_record_end(digesting->records); /* what cannot be written is told at the end */
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    guint ignore;
    g_auto(HtHives) hives = {0};
    HcFormat format;
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS, &format, error) ||
        !hc_cli_ignore_parse(ignore_options, &ignore, error) ||
        !ht_hives_open(&hives, context, args, error))
        return FALSE;
    const HcRecordsHead head = {
        .tool = context->program, .kind = ht_cmd_digest.name, .is_terminal = context->is_terminal};
    g_autoptr(HcRecords) records = hc_records_new(context->stream, format, &head, columns);
    hc_records_begin(records);
    Digesting digesting = {context, records, ignore};
    const gboolean is_done = ht_hives_each(&hives, context, digest, &digesting, error);
    hc_records_end(records);
    *status = HC_EXIT_OK;
    return is_done;
}

const HcCommand ht_cmd_digest = {
    .name = "digest",
    .also = "hash sha256 checksum sum",
    .group = "compare",
    .args = "HIVE...",
    .summary = "print a SHA-256 of what a hive holds, whatever its layout",
    .details =
        "Hives between which diff finds nothing have the same digest under the same\n"
        "--ignore. A differencing hive's is that of the hive as it stands. Several HIVEs, and the\n"
        "hives of a folder, a Windows disk, an image or a layer, have a line each.",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 printed",
    .examples = "hivetool digest SOFTWARE\n"
                "hivetool digest --ignore=security /mnt/windows",
    .n_shown = -1,
    .run = run,
};
