#include "config.h"

#include "hivetool/hives.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/salvage.h"
#include "hivecore/report/records.h"
#include "hivecore/report/report.h"
#include "hivetool/reading.h"

static char *format_option;
static char *root_option;
static gboolean is_full;

static const GOptionEntry entries[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, ndjson or csv", "FORMAT"},
    {"full", 0, 0, G_OPTION_ARG_NONE, &is_full, "show binary data whole, not the first 32 bytes",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where HIVE hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static const HcColumn columns[] = {
    {"record", HC_COLUMN_TEXT, 0},   {"hive", HC_COLUMN_TEXT, 0},
    {"key", HC_COLUMN_KEY, 0},       {"place", HC_COLUMN_TEXT, 0},
    {"name", HC_COLUMN_NAME, 0},     {"data", HC_COLUMN_DATA, 0},
    {"time", HC_COLUMN_TIME, 0},     {"subkeys", HC_COLUMN_NUMBER, 0},
    {"values", HC_COLUMN_NUMBER, 0}, {"offset", HC_COLUMN_NUMBER, 0},
    {NULL, HC_COLUMN_TEXT, 0},
};

/* What is printed, and of which hive. */
typedef struct {
    const HcCliContext *context;
    HcStream *stream;
    HcRecords *records; /* NULL: text */
    const char *name;
    HcRoot *root; /* (nullable) */
    gboolean is_one;
    gboolean has_color;
    uint64_t n;
} Printer;

static const char *
place_word(HcDeletedPlace place)
{
    switch (place) {
    case HC_DELETED_UNKNOWN:
        return "unknown";
    case HC_DELETED_GUESSED:
        return "guessed";
    case HC_DELETED_NAMED:
        return "named";
    }
    g_return_val_if_reached("");
}

/* What is not from the root key on has no place in the registry. */
static const char *
root_text(const Printer *printer, const HcDeleted *deleted)
{
    return deleted->place != HC_DELETED_UNKNOWN && printer->root != NULL ? printer->root->text
                                                                         : NULL;
}

static gboolean
print_record(const Printer *printer, const HcDeleted *deleted)
{
    HcRecords *records = printer->records;
    hc_record_begin(records);
    hc_record_text(records, deleted->is_key ? "key" : "value");
    hc_record_text(records, printer->name);
    if (deleted->path.n > 0 || deleted->place != HC_DELETED_UNKNOWN)
        hc_record_key(records, root_text(printer, deleted), deleted->path);
    hc_record_skip_to(records, "place");
    hc_record_text(records, place_word(deleted->place));
    if (deleted->is_key) {
        hc_record_skip_to(records, "time");
        hc_record_time(records, deleted->mtime_filetime);
        hc_record_number(records, deleted->n_subkeys);
        hc_record_number(records, deleted->n_values);
    } else {
        const HcDatum datum = {deleted->is_whole, deleted->type, deleted->data};
        hc_record_name(records, deleted->name);
        hc_record_datum(records, &datum);
    }
    hc_record_skip_to(records, "offset");
    hc_record_number(records, (uint64_t) deleted->offset + HC_BASE_BLOCK_BYTES);
    return hc_record_end(records);
}

static void
append_value(GString *out, gboolean has_color, const HcDeleted *deleted)
{
    const HcDatum datum = {TRUE, deleted->type, deleted->data};
    hc_append_color(out, has_color, HC_COLOR_VALUE);
    hc_report_append_value_name(out, deleted->name);
    hc_append_color(out, has_color, HC_COLOR_END);
    g_string_append(out, "  ");
    if (!deleted->is_whole)
        g_string_append(out, "its data is overwritten");
    else if (is_full)
        hc_report_append_whole_datum(out, &datum);
    else
        hc_report_append_datum(out, &datum);
}

/* As ls -r, behind "key" or "value"; "...\" stands for what is not known of the path. */
static gboolean
print_line(const Printer *printer, const HcDeleted *deleted)
{
    GString *out = hc_stream_text(printer->stream);
    if (!printer->is_one) {
        hc_append_display(out, printer->name, strlen(printer->name));
        g_string_append(out, ": ");
    }
    g_string_append(out, deleted->is_key ? "key    " : "value  ");
    const gsize start = out->len;
    if (deleted->place == HC_DELETED_UNKNOWN)
        g_string_append(out, "...");
    hc_path_append_display(out, root_text(printer, deleted), (HcPath){NULL, 0});
    for (gsize i = 0; i < deleted->path.n; i++) {
        g_string_append(out, out->len > start ? "\\" : "");
        hc_name_append_display(out, deleted->path.names[i]);
    }
    if (out->len > start || deleted->is_key)
        g_string_append_c(out, '\\');
    if (deleted->is_key) {
        g_string_append(out, "  ");
        hc_filetime_append(out, deleted->mtime_filetime);
    } else {
        append_value(out, printer->has_color, deleted);
    }
    if (deleted->place == HC_DELETED_GUESSED)
        g_string_append(out, "  (its place is guessed)");
    g_string_append_c(out, '\n');
    return hc_stream_flow(printer->stream);
}

static gboolean
print_deleted(void *data, const HcDeleted *deleted)
{
    Printer *printer = data;
    printer->n++;
    return printer->records != NULL ? print_record(printer, deleted) : print_line(printer, deleted);
}

static gboolean
print_hive(void *data, const HtHive *named, GError **error)
{
    Printer *printer = data;
    const HcHiveReading how = {.flags = 0};
    g_autoptr(HcHive) hive =
        hc_cli_open_hive_of(printer->context, named->operand->state, named->index, &how, error);
    g_autoptr(HcRoot) root = NULL;
    if (hive == NULL ||
        !ht_find_root_of(named->operand, named->index, hive, root_option, &root, error) ||
        !hc_hive_check(hive, NULL, error))
        return FALSE;
    GError *failure = NULL;
    printer->name = named->name;
    printer->root = root;
    const gboolean is_done = hc_hive_deleted(hive, print_deleted, printer, &failure);
    printer->root = NULL;
    /* Without an error nobody takes what is said. */
    return is_done || failure == NULL || hc_fail_with(error, failure);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    g_auto(HtHives) hives = {0};
    const HcRecordsHead head = {
        .tool = context->program, .kind = "deleted", .is_terminal = context->is_terminal};
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS, &format, error) ||
        !ht_hives_open(&hives, context, args, error))
        return FALSE;
    if (args[1] != NULL && root_option != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "--root is for one hive; NAME=HIVE says it of each");
    g_autoptr(HcRecords) records =
        format != HC_FORMAT_TEXT ? hc_records_new(context->stream, format, &head, columns) : NULL;
    Printer printer = {.context = context,
                       .stream = context->stream,
                       .records = records,
                       .is_one = hives.is_one,
                       .has_color = context->color};
    if (records != NULL)
        hc_records_begin(records);
    const gboolean is_done = ht_hives_each(&hives, context, print_hive, &printer, error);
    if (records != NULL)
        hc_records_end(records);
    if (printer.n == 0 && is_done)
        hc_cli_note(context, "%s%sno deleted keys or values", n_args == 1 ? args[0] : "",
                    n_args == 1 ? ": " : "");
    *status = HC_EXIT_OK;
    return is_done;
}

const HcCommand ht_cmd_deleted = {
    .name = "deleted",
    .also = "undelete carve recover-keys",
    .group = "look into hives",
    .args = "HIVE...",
    .summary = "print deleted keys and values that free cells still hold",
    .details =
        "What a record says is printed as it is. Where it hung is told by the record or by an old\n"
        "list of values: a key that is in use there may be another one now, and then, as where "
        "the\n"
        "key is older than the record, the place is guessed. A hive that rebuild wrote has none.",
    .statuses = "0 done",
    .examples = "hivetool deleted SYSTEM\n"
                "hivetool deleted --format=csv -o deleted.csv SYSTEM",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .n_shown = -1,
    .run = run,
};
