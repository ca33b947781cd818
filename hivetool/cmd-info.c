#include "config.h"

#include "hivetool/hives.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/records.h"
#include "hivecore/report/report.h"

static char *format_option;

static const GOptionEntry entries[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, ndjson or csv", "FORMAT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* A record, in the order in which the fields are told. */
static const HcColumn columns[] = {
    {"file", HC_COLUMN_TEXT, 0},
    {"hive_kind", HC_COLUMN_TEXT, 0},
    {"version", HC_COLUMN_TEXT, 0},
    {"sequence1", HC_COLUMN_NUMBER, 0},
    {"sequence2", HC_COLUMN_NUMBER, 0},
    {"dirty", HC_COLUMN_BOOLEAN, 0},
    {"written", HC_COLUMN_TEXT, 0},
    {"file_name", HC_COLUMN_NAME, 0},
    {"file_bytes", HC_COLUMN_NUMBER, 0},
    {"bins_bytes", HC_COLUMN_NUMBER, 0},
    {"recovery", HC_COLUMN_NAME, 0},
    {"root_key", HC_COLUMN_NAME, 0},
    {"keys", HC_COLUMN_NUMBER, 0},
    {"values", HC_COLUMN_NUMBER, 0},
    {"key_tombstones", HC_COLUMN_NUMBER, 0},
    {"value_tombstones", HC_COLUMN_NUMBER, 0},
    {"big_data_values", HC_COLUMN_NUMBER, 0},
    {"class_names", HC_COLUMN_NUMBER, 0},
    {"security_cells", HC_COLUMN_NUMBER, 0},
    {"data_bytes", HC_COLUMN_NUMBER, 0},
    {"depth", HC_COLUMN_NUMBER, 0},
    {"layer_bits", HC_COLUMN_LIST, 0},
    {NULL, HC_COLUMN_TEXT, 0},
};

/* One field after the other, as text, as members of a JSON object or as cells of a record. */
typedef struct {
    const HcCliContext *context;
    GString *out;
    gboolean is_one;   /* which has no heading */
    gboolean is_begun; /* one was told */
    gboolean is_json;
    HcJsonWriter json;  /* into the same string */
    HcRecords *records; /* (nullable) */
} Fields;

static void
start_field(Fields *fields, const char *name)
{
    if (fields->records != NULL)
        hc_record_skip_to(fields->records, name);
    else if (fields->is_json)
        hc_json_member(&fields->json, name);
    else
        g_string_append_printf(fields->out, "%-18s", name);
}

static void
end_field(Fields *fields)
{
    if (!fields->is_json && fields->records == NULL)
        g_string_append_c(fields->out, '\n');
}

static void
add_number(Fields *fields, const char *name, uint64_t number)
{
    start_field(fields, name);
    if (fields->records != NULL)
        hc_record_number(fields->records, number);
    else if (fields->is_json)
        hc_json_number(&fields->json, number);
    else
        g_string_append_printf(fields->out, "%" G_GUINT64_FORMAT, number);
    end_field(fields);
}

static void
add_word(Fields *fields, const char *name, const char *word)
{
    start_field(fields, name);
    if (fields->records != NULL)
        hc_record_text(fields->records, word);
    else if (fields->is_json)
        hc_json_string(&fields->json, word);
    else
        g_string_append(fields->out, word);
    end_field(fields);
}

static void
add_bool(Fields *fields, const char *name, gboolean is_true)
{
    start_field(fields, name);
    if (fields->records != NULL)
        hc_record_boolean(fields->records, is_true);
    else if (fields->is_json)
        hc_json_boolean(&fields->json, is_true);
    else
        g_string_append(fields->out, is_true ? "yes" : "no");
    end_field(fields);
}

static void
add_name(Fields *fields, const char *field, HcName name)
{
    start_field(fields, field);
    if (fields->records != NULL)
        hc_record_name(fields->records, name);
    else if (fields->is_json)
        hc_json_name(&fields->json, name);
    else
        hc_name_append_display(fields->out, name);
    end_field(fields);
}

static void
add_header(Fields *fields, const HcHiveInfo *info)
{
    /* In JSON "kind" is the document's. */
    add_word(fields, fields->is_json || fields->records != NULL ? "hive_kind" : "kind",
             info->is_differencing ? "differencing" : "ordinary");
    g_autofree char *version = g_strdup_printf("%u.%u", (guint) info->major, (guint) info->minor);
    add_word(fields, "version", version);
    add_number(fields, "sequence1", info->sequence1);
    add_number(fields, "sequence2", info->sequence2);
    add_bool(fields, "dirty", info->is_dirty);
    g_autoptr(GString) time = g_string_new(NULL);
    hc_filetime_append(time, info->mtime_filetime);
    add_word(fields, "written", time->str);
    add_name(fields, "file_name", info->name);
    add_number(fields, "file_bytes", info->file_bytes);
    add_number(fields, "bins_bytes", info->bins_bytes);
}

/* For who reads it: programs have the field. */
static void
hint_recovery(const HcCliContext *context, const char *name, gboolean can_recover)
{
    g_autofree char *shown = hc_display(name);
    if (can_recover)
        hc_cli_note(context, "%s: 'hivetool recover' writes it with what its logs hold", shown);
    else
        hc_cli_note(context,
                    "%s: is dirty; with the logs that belong to it 'hivetool recover' "
                    "mends it, --ignore-dirty reads it without",
                    shown);
}

/* What the other commands would make of a dirty hive. */
static void
add_recovery(Fields *fields, const char *name, const HcHive *hive)
{
    g_auto(HcLogReport) report = {0};
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcMap) map = hc_log_recover(hc_hive_map(hive), &report, &failure);
    g_autoptr(GString) text = g_string_new(NULL);
    if (map != NULL)
        hc_log_report_append(text, &report);
    else
        g_string_append_printf(text, "none: %s", failure->message);
    g_autofree char *utf8 = g_utf8_make_valid(text->str, (gssize) text->len);
    g_autoptr(HcArena) arena = hc_arena_new();
    add_name(fields, "recovery", hc_name_from_utf8(arena, utf8, strlen(utf8)));
    if (!fields->is_json && fields->records == NULL)
        hint_recovery(fields->context, name, map != NULL);
}

static void
add_counts(Fields *fields, const HcCheckCounts *counts)
{
    add_number(fields, "keys", counts->n_keys);
    add_number(fields, "values", counts->n_values);
    add_number(fields, "key_tombstones", counts->n_tombstones);
    add_number(fields, "value_tombstones", counts->n_value_tombstones);
    add_number(fields, "big_data_values", counts->n_big);
    add_number(fields, "class_names", counts->n_classes);
    add_number(fields, "security_cells", counts->n_security);
    add_number(fields, "data_bytes", counts->data_bytes);
    add_number(fields, "depth", counts->depth);
}

/* "02: 17" for each of the layer bits. */
static void
add_layer_list(HcRecords *records, const HcLayerCounts *counts)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    for (guint bits = 0; bits < G_N_ELEMENTS(counts->n); bits++) {
        if (counts->n[bits] > 0)
            g_ptr_array_add(list,
                            g_strdup_printf("%02x: %" G_GUINT64_FORMAT, bits, counts->n[bits]));
    }
    g_ptr_array_add(list, NULL);
    hc_record_list(records, (const char *const *) list->pdata);
}

/* How many keys of a differencing hive have which layer bits. */
static gboolean
add_layer_counts(Fields *fields, const HcHive *hive, GError **error)
{
    HcLayerCounts counts;
    if (!hc_differencing_count(hive, &counts, error))
        return FALSE;
    if (fields->records != NULL) {
        start_field(fields, "layer_bits");
        add_layer_list(fields->records, &counts);
        return TRUE;
    }
    if (fields->is_json) {
        start_field(fields, "layer_bits");
        hc_json_begin_object(&fields->json, HC_JSON_SPACED);
    }
    for (guint bits = 0; bits < G_N_ELEMENTS(counts.n); bits++) {
        char name[sizeof("layer_00")];
        if (counts.n[bits] == 0)
            continue;
        g_snprintf(name, sizeof(name), fields->is_json ? "%02x" : "layer_%02x", bits);
        start_field(fields, name);
        if (fields->is_json)
            hc_json_number(&fields->json, counts.n[bits]);
        else
            g_string_append_printf(fields->out, "%" G_GUINT64_FORMAT "  %s", counts.n[bits],
                                   hc_layer_bits_text((uint8_t) bits));
        end_field(fields);
    }
    if (fields->is_json)
        hc_json_end(&fields->json);
    return TRUE;
}

/* Everything that can be said; what stops it comes last, in @error. */
static gboolean
add_all(Fields *fields, const char *name, const HcHive *hive, GError **error)
{
    add_header(fields, hc_hive_info(hive));
    if (hc_hive_info(hive)->is_dirty && fields->context->dirty_policy == HC_DIRTY_REPLAY)
        add_recovery(fields, name, hive);
    HcKey root;
    if (!hc_hive_root(hive, &root, error))
        return FALSE;
    add_name(fields, "root_key", root.name);
    HcCheckCounts counts;
    if (!hc_hive_check(hive, &counts, error))
        return FALSE;
    add_counts(fields, &counts);
    return !hc_hive_info(hive)->is_differencing || add_layer_counts(fields, hive, error);
}

static void
start_hive(Fields *fields, const char *name)
{
    if (fields->records != NULL) {
        hc_record_begin(fields->records);
        hc_record_text(fields->records, name);
        return;
    }
    if (fields->is_one)
        return;
    if (fields->is_json) {
        hc_json_begin_object(&fields->json, HC_JSON_LINES);
        hc_json_member_string(&fields->json, "file", name);
        return;
    }
    g_string_append(fields->out, fields->out->len > 0 ? "\n" : "");
    hc_append_display(fields->out, name, strlen(name));
    g_string_append(fields->out, ":\n");
}

static void
end_hive(Fields *fields)
{
    if (fields->records != NULL) {
        hc_record_skip_to(fields->records, NULL);
        (void) hc_record_end(fields->records); /* who ends the stream is told */
    } else if (fields->is_json && !fields->is_one) {
        hc_json_end(&fields->json);
    }
}

/* What stands before the first hive, and behind the last. */
static void
start_all(Fields *fields)
{
    fields->is_begun = TRUE;
    if (fields->records != NULL)
        hc_records_begin(fields->records);
    if (!fields->is_json)
        return;
    hc_json_begin_document(&fields->json, "info");
    if (fields->is_one)
        return;
    hc_json_member(&fields->json, "hives");
    hc_json_begin_array(&fields->json, HC_JSON_LINES);
}

static void
end_all(Fields *fields)
{
    if (!fields->is_begun)
        return;
    if (fields->records != NULL)
        hc_records_end(fields->records);
    if (!fields->is_json)
        return;
    if (!fields->is_one)
        hc_json_end(&fields->json);
    hc_json_end_document(&fields->json);
}

static gboolean
show(void *data, const HtHive *named, GError **error)
{
    Fields *fields = data;
    const HcHiveReading how = {.flags = HC_HIVE_ALLOW_DIRTY, .is_as_it_stands = TRUE};
    g_autoptr(HcHive) hive =
        hc_cli_open_hive_of(fields->context, named->operand->state, named->index, &how, error);
    if (hive == NULL)
        return FALSE;
    if (!fields->is_begun)
        start_all(fields);
    start_hive(fields, named->name);
    const gboolean is_sound = add_all(fields, named->name, hive, error);
    end_hive(fields);
    return is_sound;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    g_auto(HtHives) hives = {0};
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS, &format, error) ||
        !ht_hives_open(&hives, context, args, error))
        return FALSE;
    const HcRecordsHead head = {
        .tool = context->program, .kind = ht_cmd_info.name, .is_terminal = context->is_terminal};
    g_autoptr(HcRecords) records = format == HC_FORMAT_NDJSON || format == HC_FORMAT_CSV
                                       ? hc_records_new(context->stream, format, &head, columns)
                                       : NULL;
    Fields fields = {.context = context,
                     .out = context->out,
                     .is_one = hives.is_one,
                     .is_json = format == HC_FORMAT_JSON,
                     .json = {.out = context->out},
                     .records = records};
    const gboolean is_sound = ht_hives_each(&hives, context, show, &fields, error);
    end_all(&fields);
    *status = HC_EXIT_OK;
    return is_sound;
}

const HcCommand ht_cmd_info = {
    .name = "info",
    .also = "stat show header",
    .group = "look into hives",
    .args = "HIVE...",
    .summary = "print what a hive's header says and what the hive holds",
    .details =
        "Reads dirty and differencing hives as they stand, and says what the transaction logs\n"
        "beside a dirty one hold. A hive with a defect ends with 3\n"
        "after what could be said of it. Several HIVEs, and the hives of a folder, a Windows "
        "disk,\n"
        "an image or a layer, are told each under its name.",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 sound",
    .examples = "hivetool info SOFTWARE\n"
                "hivetool info --format=json /mnt/windows",
    .n_shown = -1,
    .run = run,
};
