#include "config.h"

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivetool/key-records.h"
#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/cli/key-path.h"
#include "hivecore/regf/security.h"
#include "hivecore/report/report.h"

static char *root_option;
static char *user_option;
static char *format_option;
static char *default_option;
static gboolean is_plain;
static gboolean is_security;
static gboolean is_raw;
static gboolean is_salvage;

static const GOptionEntry entries[] = {
    {"plain", 'p', 0, G_OPTION_ARG_NONE, &is_plain,
     "for scripts: text, decimal numbers, a line for each\nstring of a list, other data as it is "
     "stored",
     NULL},
    {"default", 0, 0, G_OPTION_ARG_FILENAME, &default_option,
     "print TEXT where the key or value is not there", "TEXT"},
    {"security", 0, 0, G_OPTION_ARG_NONE, &is_security,
     "print the security descriptor of KEY, in SDDL", NULL},
    {"raw", 0, 0, G_OPTION_ARG_NONE, &is_raw, "write the data's bytes as they are stored", NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, ndjson or csv", "FORMAT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage, "show what can be read of a damaged hive",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where HIVE hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    HT_KEY_USER_OPTION_ENTRY(user_option),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
print_value(HcCliContext *context, const HcHive *hive, const HcValue *value, gboolean with_name,
            GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    HcDatum datum = {.is_present = TRUE, .type = value->type};
    if (!hc_hive_value_data(hive, value, scratch, &datum.data, error))
        return FALSE;
    if (is_raw && context->is_terminal) {
        hc_append_display(context->out, (const char *) datum.data.bytes, datum.data.n_bytes);
        g_string_append_c(context->out, '\n');
        return TRUE;
    }
    if (is_raw) {
        g_string_append_len(context->out, (const char *) datum.data.bytes,
                            (gssize) datum.data.n_bytes);
        return TRUE;
    }
    if (is_plain) {
        hc_report_append_plain(context->out, &datum, context->is_terminal);
        return TRUE;
    }
    if (with_name) {
        hc_append_color(context->out, context->color, HC_COLOR_VALUE);
        hc_report_append_value_name(context->out, value->name);
        hc_append_color(context->out, context->color, HC_COLOR_END);
        g_string_append(context->out, "  ");
    }
    hc_report_append_whole_datum(context->out, &datum);
    g_string_append_c(context->out, '\n');
    return TRUE;
}

static gboolean
print_all_values(HcCliContext *context, const HcHive *hive, const HcKey *key, GError **error)
{
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(hive, key, i, &value, error))
            return FALSE;
        if (value.is_tombstone) {
            hc_append_color(context->out, context->color, HC_COLOR_VALUE);
            hc_report_append_value_name(context->out, value.name);
            hc_append_color(context->out, context->color, HC_COLOR_END);
            g_string_append(context->out, "  deleted\n");
        } else if (!print_value(context, hive, &value, TRUE, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
print_named_value(HcCliContext *context, const HcHive *hive, const HcKey *key, const char *key_text,
                  const char *text, GError **error)
{
    HcValue value;
    if (!ht_find_value(hive, key, key_text, text, &value, error))
        return FALSE;
    if (!value.is_tombstone)
        return print_value(context, hive, &value, FALSE, error);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: %s: this layer deletes the value",
                   hc_hive_file(hive), key_text, text[0] == '\0' ? "@" : text);
}

/* What is asked for. */
typedef struct {
    HcPath path;
    HcKey key;
    char *key_text;
    const char *value; /* (nullable): all values */
} Query;

static void
query_clear(Query *query)
{
    g_free(query->key_text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Query, query_clear)

/* KEY\\VALUE, as people paste it: the last part is a value of the key before it. */
static gboolean
split_last(Query *query, const HtReading *reading, HcArena *arena, const HcRoot *root)
{
    const char *last = strrchr(query->key_text, '\\');
    HcValue value;
    if (query->value != NULL || last == NULL || last[1] == '\0')
        return FALSE;
    g_autofree char *above = g_strndup(query->key_text, (gsize) (last - query->key_text));
    if (!ht_find_key(arena, reading->hive, above, root, &query->path, &query->key, NULL) ||
        !ht_find_value(reading->hive, &query->key, above, last + 1, &value, NULL))
        return FALSE;
    query->value = last + 1;
    query->key_text[last - query->key_text] = '\0';
    return TRUE;
}

/* KEY VALUE, KEY, or, where there is no such key, KEY::VALUE. */
static gboolean
find(Query *query, const HtReading *reading, const HcCliContext *context, HcArena *arena,
     const HcRoot *root, GError **error)
{
    GError *failure = NULL;
    if (ht_find_key(arena, reading->hive, query->key_text, root, &query->path, &query->key,
                    &failure))
        return TRUE;
    const char *colons = query->value == NULL ? g_strrstr(query->key_text, "::") : NULL;
    const gboolean has_value = colons != NULL && !hc_key_is_frame(query->key_text, colons) &&
                               (g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND) ||
                                g_error_matches(failure, HC_ERROR, HC_ERROR_USAGE));
    const gboolean is_absent = g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND);
    g_error_free(failure);
    if (is_absent && split_last(query, reading, arena, root))
        return TRUE;
    if (has_value) {
        query->value = colons + 2;
        query->key_text[colons - query->key_text] = '\0';
    }
    HtBranch branch;
    if (!ht_reading_find_key(reading, context, arena, query->key_text, root, &branch, error))
        return FALSE;
    query->path = branch.path;
    query->key = branch.key;
    return TRUE;
}

static gboolean
add_records(const HtRecordPlace *place, const Query *query, GError **error)
{
    HcValue value;
    if (query->value != NULL)
        return ht_find_value(place->hive, &query->key, query->key_text, query->value, &value,
                             error) &&
               ht_value_record(place, &query->path, &value, error);
    for (uint32_t i = 0; i < query->key.n_values; i++) {
        if (!hc_hive_value(place->hive, &query->key, i, &value, error) ||
            !ht_value_record(place, &query->path, &value, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
print_records(HcCliContext *context, HcFormat format, const HtReading *reading, const char *name,
              const HcRoot *root, const Query *query, GError **error)
{
    GError *failure = NULL;
    hc_stream_begin(context->stream);
    g_autoptr(HcRecords) records =
        ht_key_records_new(context, context->stream, format, "keys", FALSE);
    const HtRecordPlace place = {records, name, reading->hive, root, FALSE};
    hc_records_begin(records);
    if (!add_records(&place, query, &failure) && failure != NULL)
        return hc_fail_with(error, failure);
    hc_records_end(records);
    return hc_stream_end(context->stream, error);
}

/* In hex where SDDL has no words for it. */
static gboolean
print_security(HcCliContext *context, const HcHive *hive, const HcKey *key, GError **error)
{
    HcBlob descriptor;
    if (!hc_hive_security(hive, key, &descriptor, error))
        return FALSE;
    if (is_raw) {
        g_string_append_len(context->out, (const char *) descriptor.bytes, descriptor.n_bytes);
        return TRUE;
    }
    if (!hc_append_sddl(context->out, descriptor)) {
        for (uint32_t i = 0; i < descriptor.n_bytes; i++)
            g_string_append_printf(context->out, "%02x", descriptor.bytes[i]);
    }
    g_string_append_c(context->out, '\n');
    return TRUE;
}

static gboolean
check_options(HcFormat format, GError **error)
{
    if ((is_raw || is_plain || is_security || default_option != NULL) && format != HC_FORMAT_TEXT)
        return hc_fail(error, HC_ERROR_USAGE, "get: --%s contradicts --format",
                       is_raw        ? "raw"
                       : is_plain    ? "plain"
                       : is_security ? "security"
                                     : "default");
    return !(is_raw && is_plain) ||
           hc_fail(error, HC_ERROR_USAGE, "get: --raw contradicts --plain");
}

/* Prints what is asked for. */
static gboolean
print(HcCliContext *context, HcFormat format, int n_args, char **args, HcExit *status,
      GError **error)
{
    const char *const keys[] = {args[1], NULL};
    g_auto(HcOperand) operand = {0};
    g_auto(HtReading) reading = {NULL, NULL};
    g_autoptr(HcRoot) root = NULL;
    guint index;
    if (!hc_cli_operand_open(&operand, args[0], error) ||
        !ht_operand_take_user(&operand, user_option, keys, error) ||
        !ht_pick_hive(&operand, args[1], &index, error) ||
        !ht_reading_open_of(&reading, context, operand.state, index, FALSE, is_salvage, error) ||
        !ht_find_root_of(&operand, index, reading.hive, root_option, &root, error))
        return FALSE;
    const HcHive *hive = reading.hive;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_auto(Query) query = {.key_text = g_strdup(args[1]), .value = n_args > 2 ? args[2] : NULL};
    if (!find(&query, &reading, context, arena, root, error))
        return FALSE;
    if (is_security && query.value != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "get: --security is of a key, values have none");
    if ((is_raw || is_plain) && !is_security && query.value == NULL)
        return hc_fail(error, HC_ERROR_USAGE, "get: --%s needs a VALUE", is_raw ? "raw" : "plain");
    if (!ht_refuse_tombstone(hive, query.key_text, &query.key, error))
        return FALSE;
    *status = ht_reading_status(&reading, context, &query.path, FALSE);
    if (format != HC_FORMAT_TEXT)
        return print_records(context, format, &reading, hc_hive_file(hive), root, &query, error);
    if (is_security)
        return print_security(context, hive, &query.key, error);
    if (query.value == NULL)
        return print_all_values(context, hive, &query.key, error);
    return print_named_value(context, hive, &query.key, query.key_text, query.value, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    GError *failure = NULL;
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS, &format, error) ||
        !check_options(format, error))
        return FALSE;
    if (print(context, format, n_args, args, status, &failure))
        return TRUE;
    if (default_option == NULL || !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        return hc_fail_with(error, failure);
    g_error_free(failure);
    g_string_append_printf(context->out, "%s%s", default_option, is_raw ? "" : "\n");
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_get = {
    .name = "get",
    .also = "query cat read print value",
    .group = "look into hives",
    .args = "HIVE KEY [VALUE]",
    .summary = "print a value, or all values of a key",
    .details =
        "VALUE '@', '' or '(Default)' is the default value; KEY::VALUE names both in one. Ends\n"
        "with 1 when the key or the value is not there, and says what is. HIVE can be several,\n"
        "a folder of hives, a Windows disk, an image or a layer: KEY says which.",
    .options = entries,
    .min_args = 2,
    .max_args = 3,
    .statuses = "0 printed, 1 no such key or value",
    .examples = "hivetool get --plain SYSTEM Select Current\n"
                "hivetool get /mnt/windows 'HKLM\\SYSTEM\\Select' Current",
    .n_shown = 1,
    .run = run,
};
