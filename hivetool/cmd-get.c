#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include <string.h>

#include "hivecore/report/report.h"

static char *root_option;
static gboolean is_raw;

static const GOptionEntry entries[] = {
    {"raw", 0, 0, G_OPTION_ARG_NONE, &is_raw, "write the data's bytes as they are stored", NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option,
     "where HIVE hangs in the registry,\nlike HKLM\\SOFTWARE", "ROOT"},
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
    if (is_raw) {
        g_string_append_len(context->out, (const char *) datum.data.bytes,
                            (gssize) datum.data.n_bytes);
        return TRUE;
    }
    if (with_name) {
        hc_report_append_value_name(context->out, value->name);
        g_string_append(context->out, "  ");
    }
    hc_report_append_datum(context->out, &datum);
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
            hc_report_append_value_name(context->out, value.name);
            g_string_append(context->out, "  deleted\n");
        } else if (!print_value(context, hive, &value, TRUE, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
print_named_value(HcCliContext *context, const HcHive *hive, const HcKey *key, char **args,
                  GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const char *text = g_str_equal(args[2], "@") ? "" : args[2];
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", text);
    HcValue value;
    GError *find_error = NULL;
    gboolean is_there = hc_hive_find_value(hive, key, hc_name_from_utf8(arena, text, strlen(text)),
                                           &value, &find_error);
    if (find_error != NULL)
        return hc_fail_with(error, find_error);
    if (is_there && !value.is_tombstone)
        return print_value(context, hive, &value, FALSE, error);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: %s: %s", args[0], args[1],
                   text[0] == '\0' ? "@" : text,
                   is_there ? "this layer deletes the value" : "no such value");
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    if (is_raw && n_args < 3)
        return hc_fail(error, HC_ERROR_USAGE, "get: --raw needs a VALUE");
    g_autoptr(HcHive) hive = hc_cli_open_hive(context, args[0], error);
    g_autoptr(HcRoot) root = NULL;
    if (hive == NULL || !ht_find_root(hive, root_option, &root, error))
        return FALSE;
    g_autoptr(HcArena) arena = hc_arena_new();
    HtPath path;
    HcKey key;
    if (!ht_find_key(arena, hive, args[1], root, &path, &key, error) ||
        !ht_refuse_tombstone(hive, args[1], &key, error))
        return FALSE;
    *status = HC_EXIT_OK;
    if (n_args == 2)
        return print_all_values(context, hive, &key, error);
    return print_named_value(context, hive, &key, args, error);
}

const HcCommand ht_cmd_get = {
    .name = "get",
    .args = "HIVE KEY [VALUE]",
    .summary = "print a value, or all values of a key",
    .details =
        "VALUE '@' or '' is the default value. Ends with 1 when the key or the value is not\n"
        "there.",
    .options = entries,
    .min_args = 2,
    .max_args = 3,
    .run = run,
};
