#include "config.h"

#include "hivetool/key-records.h"
#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report.h"

static char *root_option;
static char *user_option;
static char *format_option;
static gboolean is_recursive;
static gboolean is_full;
static gboolean is_long;
static gboolean is_salvage;

static const GOptionEntry entries[] = {
    {"recursive", 'r', 0, G_OPTION_ARG_NONE, &is_recursive, "list everything below KEY", NULL},
    {"long", 'l', 0, G_OPTION_ARG_NONE, &is_long,
     "before each subkey its last-written time and how\nmany subkeys and values it has, after it "
     "its\n"
     "security descriptor",
     NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, ndjson or csv", "FORMAT"},
    {"full", 0, 0, G_OPTION_ARG_NONE, &is_full, "show binary data whole, not the first 32 bytes",
     NULL},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage, "show what can be read of a damaged hive",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where HIVE hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    HT_KEY_USER_OPTION_ENTRY(user_option),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef struct {
    HcRecords *records; /* NULL: text */
    HcStream *stream;
    GString *out; /* hc_stream_text() of it */
    const HcHive *hive;
    gboolean has_color;
    GString *path;       /* before every name, "A\B\"; empty at KEY itself */
    GByteArray *scratch; /* one value's big data */
    HcWalk walk;
} Listing;

/* The columns that stand before a line of --long; of values they are empty. */
#define TIME_WIDTH  28
#define COUNT_WIDTH 7

static void
append_key_columns(GString *out, const HcKey *key)
{
    const gsize start = out->len;
    hc_filetime_append(out, key->mtime_filetime);
    g_string_append_printf(out, "%*s",
                           (int) (start + TIME_WIDTH - MIN(out->len, start + TIME_WIDTH)), "");
    g_string_append_printf(out, " %*u %*u  ", COUNT_WIDTH, (guint) key->n_subkeys, COUNT_WIDTH,
                           (guint) key->n_values);
}

static gboolean
append_security(const Listing *listing, const HcKey *key, GError **error)
{
    HcBlob security;
    if (!hc_hive_security(listing->hive, key, &security, error))
        return FALSE;
    if (security.bytes == NULL)
        return TRUE;
    g_string_append(listing->out, "  ");
    if (!hc_append_sddl(listing->out, security))
        g_string_append_printf(listing->out, "(%u bytes without an SDDL)",
                               (guint) security.n_bytes);
    return TRUE;
}

static gboolean
list_value(Listing *listing, const HcValue *value, GError **error)
{
    HcDatum datum = {.is_present = TRUE, .type = value->type};
    if (is_long)
        g_string_append_printf(listing->out, "%*s", TIME_WIDTH + 2 * COUNT_WIDTH + 4, "");
    g_string_append_len(listing->out, listing->path->str, (gssize) listing->path->len);
    hc_append_color(listing->out, listing->has_color, HC_COLOR_VALUE);
    hc_report_append_value_name(listing->out, value->name);
    hc_append_color(listing->out, listing->has_color, HC_COLOR_END);
    if (value->is_tombstone) {
        g_string_append(listing->out, "  deleted\n");
        return TRUE;
    }
    if (!hc_hive_value_data(listing->hive, value, listing->scratch, &datum.data, error))
        return FALSE;
    g_string_append(listing->out, "  ");
    if (is_full)
        hc_report_append_whole_datum(listing->out, &datum);
    else
        hc_report_append_datum(listing->out, &datum);
    g_string_append_c(listing->out, '\n');
    return hc_stream_flow(listing->stream) || hc_stream_end(listing->stream, error);
}

static gboolean
list_values(Listing *listing, const HcKey *key, GError **error)
{
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    if (!hc_value_iter_init(&iter, listing->hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        if (!list_value(listing, &value, error))
            return FALSE;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static gboolean
list_key(Listing *listing, const HcKey *key, uint32_t depth, GError **error)
{
    if (!hc_walk_enter(&listing->walk, key, depth, error))
        return FALSE;
    if (!list_values(listing, key, error))
        return FALSE;
    if (key->n_subkeys == 0)
        return TRUE;
    g_auto(HcKeyList) subkeys;
    hc_key_list_init(&subkeys);
    if (!hc_key_list_fill(&subkeys, listing->hive, key, error))
        return FALSE;
    gsize path_bytes = listing->path->len;
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        hc_name_append_display(listing->path, subkey->name);
        g_string_append_c(listing->path, '\\');
        if (is_long)
            append_key_columns(listing->out, subkey);
        hc_append_color(listing->out, listing->has_color, HC_COLOR_KEY);
        g_string_append_len(listing->out, listing->path->str, (gssize) listing->path->len);
        hc_append_color(listing->out, listing->has_color, HC_COLOR_END);
        if ((subkey->layer_bits & HC_LAYER_SEMANTICS) != HC_LAYER_MERGE)
            g_string_append_printf(listing->out, "  %s", hc_layer_bits_text(subkey->layer_bits));
        if (is_long && !append_security(listing, subkey, error))
            return FALSE;
        g_string_append_c(listing->out, '\n');
        if (!hc_stream_flow(listing->stream))
            return hc_stream_end(listing->stream, error);
        /* hc_walk_enter() ends this at HC_MAX_KEY_DEPTH. */
        if (is_recursive && !list_key(listing, subkey, depth + 1, error))
            return FALSE;
        g_string_truncate(listing->path, path_bytes);
    }
    return TRUE;
}

/* What the key at @path holds. */
static gboolean
list(Listing *listing, const char *hive_name, const HcHive *hive, const HcRoot *root,
     const HcPath *path, const HcKey *key, GError **error)
{
    const HtRecordPlace place = {listing->records, hive_name, hive, root, is_long};
    if (listing->records != NULL)
        return ht_branch_records(&place, path, key, is_recursive, error);
    listing->hive = hive;
    listing->walk = hc_walk_start(hive);
    return list_key(listing, key, (uint32_t) path->n, error);
}

/* All hives of a state, by their places; with -r all that they hold. */
static gboolean
list_state(HcCliContext *context, const HcOperand *operand, Listing *listing, HcExit *status,
           GError **error)
{
    if (root_option != NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--root is for one hive, those of %s are at places of their own",
                       operand->text);
    for (guint i = 0; i < hc_registry_n_hives(operand->state); i++) {
        const HcRegistryHive *named = hc_registry_hive(operand->state, i);
        if (listing->records != NULL && !ht_hive_record(listing->records, named))
            return FALSE;
        const char *place = named->root != NULL ? named->root->text : named->label;
        g_string_truncate(listing->path, 0);
        hc_append_display(listing->path, place, strlen(place));
        g_string_append_c(listing->path, '\\');
        if (listing->records == NULL)
            g_string_append_printf(listing->out, "%s%s\n", listing->path->str,
                                   named->root == NULL ? "  where it hangs is not known" : "");
        if (!is_recursive)
            continue;
        g_auto(HtReading) reading;
        HcKey key;
        if (!ht_reading_open_of(&reading, context, operand->state, i, TRUE, is_salvage, error) ||
            !hc_hive_root(reading.hive, &key, error))
            return FALSE;
        const HcPath everything = {NULL, 0};
        if (!list(listing, named->name, reading.hive, named->root, &everything, &key, error))
            return FALSE;
        if (ht_reading_status(&reading, context, &everything, TRUE) != HC_EXIT_OK)
            *status = HC_EXIT_NO;
    }
    return TRUE;
}

static gboolean
list_hive(HcCliContext *context, const HcOperand *operand, const char *key_text, Listing *listing,
          HcExit *status, GError **error)
{
    const gboolean is_whole = is_recursive && key_text[0] == '\0';
    g_auto(HtReading) reading = {NULL, NULL};
    g_autoptr(HcRoot) root = NULL;
    g_autoptr(HcArena) arena = hc_arena_new();
    guint index;
    HtBranch branch;
    if (!ht_pick_hive(operand, key_text, &index, error) ||
        !ht_reading_open_of(&reading, context, operand->state, index, is_whole, is_salvage,
                            error) ||
        !ht_find_root_of(operand, index, reading.hive, root_option, &root, error) ||
        !ht_reading_find_key(&reading, context, arena, key_text, root, &branch, error) ||
        !ht_refuse_tombstone(reading.hive, key_text, &branch.key, error))
        return FALSE;
    const char *name = hc_registry_hive(operand->state, index)->name;
    if (!list(listing, name, reading.hive, root, &branch.path, &branch.key, error))
        return FALSE;
    *status = ht_reading_status(&reading, context, &branch.path, is_recursive);
    return TRUE;
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    const char *const keys[] = {n_args > 1 ? args[1] : NULL, NULL};
    g_auto(HcOperand) operand = {0};
    HcFormat format;
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS, &format, error) ||
        !hc_cli_operand_open(&operand, args[0], error) ||
        !ht_operand_take_user(&operand, user_option, n_args > 1 ? keys : NULL, error))
        return FALSE;
    g_autoptr(GString) prefix = g_string_new(NULL);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    g_autoptr(HcStream) stream = hc_cli_open_stream(context, NULL, args, error);
    if (stream == NULL)
        return FALSE;
    g_autoptr(HcRecords) records =
        format != HC_FORMAT_TEXT ? ht_key_records_new(context, stream, format, "keys", is_long)
                                 : NULL;
    Listing listing = {.records = records,
                       .stream = stream,
                       .out = hc_stream_text(stream),
                       .has_color = context->color,
                       .path = prefix,
                       .scratch = scratch};
    GError *failure = NULL;
    *status = HC_EXIT_OK;
    if (records != NULL)
        hc_records_begin(records);
    const gboolean is_done =
        operand.is_one || n_args > 1
            ? list_hive(context, &operand, n_args > 1 ? args[1] : "", &listing, status, &failure)
            : list_state(context, &operand, &listing, status, &failure);
    /* Without an error writing has failed, which the stream tells. */
    if (!is_done && failure != NULL)
        return hc_fail_with(error, failure);
    if (records != NULL)
        hc_records_end(records);
    return hc_cli_publish(context, stream, error);
}

const HcCommand ht_cmd_ls = {
    .name = "ls",
    .also = "list dir tree keys show view",
    .group = "look into hives",
    .args = "HIVE [KEY]",
    .summary = "list the values and subkeys of a key",
    .details =
        "Values come first, as they are stored, with type and data; then the subkeys, by\n"
        "name, each with a backslash after it. KEY is the path below the hive's root key or\n"
        "the whole path from its HKEY_ name on; without it the root key is listed. What a\n"
        "differencing hive deletes or replaces is marked. HIVE can be several, a folder of\n"
        "hives, a Windows disk, an image or a layer: KEY says which; without it their places\n"
        "are listed.",
    .options = entries,
    .min_args = 1,
    .max_args = 2,
    .statuses = "0 listed, 1 no such key",
    .examples = "hivetool ls SYSTEM Select\n"
                "hivetool ls -r /mnt/windows 'HKLM\\SYSTEM\\Select'",
    .n_shown = 1,
    .run = run,
};
