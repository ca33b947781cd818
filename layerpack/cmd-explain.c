#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/diff-options.h"
#include "hivecore/cli/key-path.h"
#include "layerpack/commands.h"
#include "layerpack/explain.h"
#include "layerpack/index-report.h"

enum {
    LAYER_NOT_GIVEN = G_MININT,
};

static char *format_option;
static char *platform_option;
static char **key_options;
static HcShowing showing;
static char *encoding_option;
static char **hive_options;
static int layer_option = LAYER_NOT_GIVEN;
static HcViewOptions view_options;
static HcFilterOptions filter_options;
static HcChangeFilter *filter;
static HcReportView view;

#define FORMATS                                                                                    \
    (HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON) |                               \
     HC_FORMAT_BIT(HC_FORMAT_NDJSON) | HC_FORMAT_BIT(HC_FORMAT_CSV) |                              \
     HC_FORMAT_BIT(HC_FORMAT_REG) | HC_FORMAT_BIT(HC_FORMAT_HTML) |                                \
     HC_FORMAT_BIT(HC_FORMAT_MARKDOWN))

static const GOptionEntry options[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, reg, json, ndjson, csv, html or markdown", "FORMAT"},
    {"key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &key_options,
     "the history of one key, PATH, or of one value,\nPATH::VALUE; can be repeated",
     "PATH[::VALUE]"},
    {"hive", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &hive_options,
     "only this hive, like SOFTWARE; may be repeated", "NAME"},
    HC_SHOWING_OPTION_ENTRIES(showing),
    HC_VIEW_OPTION_ENTRIES(view_options),
    HC_FILTER_GLOB_OPTION_ENTRIES(filter_options),
    {"layer", 0, 0, G_OPTION_ARG_INT, &layer_option, "only layer N, 1 the lowest", "N"},
    {"platform", 0, 0, G_OPTION_ARG_FILENAME, &platform_option,
     "which image of an index, like windows/amd64 or\nwindows/amd64:10.0.20348.2700", "PLATFORM"},
    {"encoding", 0, 0, G_OPTION_ARG_FILENAME, &encoding_option,
     "of --format=reg: utf-16le (as regedit) or utf-8", "ENCODING"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
fail_usage(GError **error, const char *option, const char *argument, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "--%s=%s: %s", option, argument, what);
}

static gboolean
parse_encoding(HcFormat format, HcRegEncoding *encoding, GError **error)
{
    const int choice = hc_cli_encoding_parse(encoding_option, error);
    *encoding = (HcRegEncoding) MAX(choice, 0);
    if (choice < 0 || encoding_option == NULL || format == HC_FORMAT_REG)
        return choice >= 0;
    return hc_fail(error, HC_ERROR_USAGE, "--encoding is only for --format=reg");
}

static gboolean
parse_hives(gboolean slots[HC_N_HIVE_SLOTS], GError **error)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++)
        slots[i] = hive_options == NULL;
    for (gsize i = 0; hive_options != NULL && hive_options[i] != NULL; i++) {
        int slot = hc_hive_slot_find(hive_options[i], strlen(hive_options[i]));
        if (slot < 0)
            return fail_usage(error, "hive", hive_options[i],
                              "not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT");
        slots[slot] = TRUE;
    }
    return TRUE;
}

/* The next of the ways in which @text can be read, from *@i on; NULL without @error: there is none.
 */
static LpKeyQuery *
next_reading(const char *text, guint *i, GError **error)
{
    GError *failure = NULL;
    for (; *i < HC_N_KEY_READINGS * HC_N_VALUE_READINGS; (*i)++) {
        LpKeyQuery *query = lp_key_query_parse(text, *i % HC_N_KEY_READINGS, *i / HC_N_KEY_READINGS,
                                               failure == NULL ? &failure : NULL);
        if (query == NULL)
            continue;
        (*i)++;
        g_clear_error(&failure);
        return query;
    }
    if (failure != NULL)
        g_propagate_error(error, failure);
    return NULL;
}

/* Which hives the keys are in. */
static gboolean
find_hives(guint *hives, GError **error)
{
    *hives = 0;
    for (char **text = key_options; *text != NULL; text++) {
        guint i = 0;
        g_autoptr(LpKeyQuery) first = next_reading(*text, &i, error);
        if (first == NULL)
            return FALSE;
        *hives |= 1u << first->slot;
        for (;;) {
            g_autoptr(LpKeyQuery) query = next_reading(*text, &i, NULL);
            if (query == NULL)
                break;
            *hives |= 1u << query->slot;
        }
    }
    return TRUE;
}

/* The history of @text, read in the first way in which a layer has it. */
static LpHistory *
read_history(const HcCliContext *context, HcLayerStack *stack, const char *text, GError **error)
{
    guint i = 0;
    GError *absence = NULL;
    for (;;) {
        LpKeyQuery *query = next_reading(text, &i, NULL);
        if (query == NULL)
            break;
        GError *failure = NULL;
        LpHistory *history = lp_history_read(context, stack, query, &failure);
        const gboolean is_over =
            history != NULL || !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND);
        if (is_over)
            g_clear_error(&absence);
        if (history != NULL)
            return history;
        if (absence == NULL)
            absence = failure;
        else
            g_error_free(failure);
        if (is_over)
            break;
    }
    g_propagate_error(error, absence);
    return NULL;
}

static gboolean
is_new(const GPtrArray *histories, const LpHistory *history)
{
    g_autoptr(GString) name = g_string_new(NULL);
    lp_key_query_append(name, history->query);
    for (guint i = 0; i < histories->len; i++) {
        g_autoptr(GString) other = g_string_new(NULL);
        lp_key_query_append(other, ((const LpHistory *) histories->pdata[i])->query);
        if (g_string_equal(name, other))
            return FALSE;
    }
    return TRUE;
}

static void
free_history(gpointer history)
{
    lp_history_free((LpHistory *) history);
}

/* What is not there keeps no other from being shown. Returns: (transfer full): of LpHistory * */
static GPtrArray *
read_histories(const HcCliContext *context, HcLayerStack *stack, GError **failures)
{
    GPtrArray *histories = g_ptr_array_new_with_free_func(free_history);
    for (char **text = key_options; *text != NULL; text++) {
        GError *failure = NULL;
        g_autoptr(LpHistory) history = read_history(context, stack, *text, &failure);
        if (history == NULL)
            hc_cli_add_failure(context, failures, failure);
        else if (is_new(histories, history))
            g_ptr_array_add(histories, g_steal_pointer(&history));
    }
    return histories;
}

static gboolean
print_histories(HcCliContext *context, const HcLayerStack *stack, const GPtrArray *histories,
                HcFormat format, GError **error)
{
    const LpHistoryOptions shown = {context, &showing};
    const gboolean is_list = key_options[1] != NULL;
    if (format == HC_FORMAT_JSON && (is_list || histories->len > 0))
        lp_histories_json(context->out, stack, histories, is_list, &shown);
    for (guint i = 0; format == HC_FORMAT_TEXT && i < histories->len; i++) {
        if (i > 0)
            g_string_append(context->out, "\n\n");
        if (!lp_history_text(context->out, stack, (const LpHistory *) histories->pdata[i], &shown,
                             error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
explain_keys(HcCliContext *context, const char *source, const char *platform, HcFormat format,
             GError **error)
{
    guint hives;
    GError *failures = NULL;
    if (hive_options != NULL || layer_option != LAYER_NOT_GIVEN ||
        (format != HC_FORMAT_TEXT && format != HC_FORMAT_JSON))
        return fail_usage(error, "key", key_options[0],
                          "is a history, text or JSON, and cannot be with --hive or --layer");
    if (view != HC_VIEW_CHANGES || filter != NULL)
        return fail_usage(error, "key", key_options[0],
                          "is a history; --stat and the like, and filters, are for changes");
    if (!find_hives(&hives, error))
        return FALSE;
    g_autoptr(HcLayerStack) stack = hc_layer_stack_open(source, platform, hives, error);
    if (stack == NULL)
        return FALSE;
    hc_layer_stack_set_dirty_policy(stack, context->dirty_policy);
    g_autoptr(GPtrArray) histories = read_histories(context, stack, &failures);
    if (failures != NULL) {
        (void) print_histories(context, stack, histories, format, NULL); /* failures say enough */
        return hc_fail_with(error, failures);
    }
    return print_histories(context, stack, histories, format, error);
}

/* For a terminal, the text as a whole; else it goes out as it is written. */
static gboolean
explain_reg(HcCliContext *context, HcLayerStack *stack, const LpExplainOptions *wanted,
            GError **error)
{
    uint64_t n_inexpressible = 0;
    const gboolean is_asked = encoding_option != NULL && wanted->encoding != HC_REG_UTF8;
    const gboolean is_whole = hc_cli_wants_utf8(context, is_asked);
    g_autoptr(HcRegWriter) writer =
        is_whole ? hc_reg_writer_new(wanted->encoding, HC_NAME_EMPTY)
                 : hc_reg_writer_new_to(context->stream, wanted->encoding, HC_NAME_EMPTY);
    if (!lp_explain_reg(writer, stack, wanted, &n_inexpressible, error))
        return FALSE;
    if (is_whole) {
        g_autoptr(GBytes) text = hc_reg_writer_finish(writer, error);
        if (text == NULL)
            return FALSE;
        hc_cli_append_reg(context, g_bytes_get_data(text, NULL), g_bytes_get_size(text), is_asked);
    } else {
        hc_reg_writer_end(writer);
    }
    if (n_inexpressible > 0)
        hc_cli_note(context,
                    "%" PRIu64 " change%s cannot be said in a .reg file, --format=json has "
                    "everything",
                    n_inexpressible, n_inexpressible == 1 ? "" : "s");
    return TRUE;
}

static gboolean
explain_layers(HcCliContext *context, const char *source, const char *platform, HcFormat format,
               GError **error)
{
    LpExplainOptions wanted = {.context = context,
                               .layer = (guint) MAX(layer_option, 0),
                               .showing = &showing,
                               .view = view,
                               .filter = filter};
    if (!parse_hives(wanted.slots, error) || !parse_encoding(format, &wanted.encoding, error))
        return FALSE;
    guint hives = 0;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        hives |= wanted.slots[slot] ? 1u << slot : 0;
    g_autoptr(HcLayerStack) stack = hc_layer_stack_open(source, platform, hives, error);
    if (stack == NULL)
        return FALSE;
    hc_layer_stack_set_dirty_policy(stack, context->dirty_policy);
    if (layer_option != LAYER_NOT_GIVEN &&
        (layer_option < 1 || wanted.layer > hc_layer_stack_n_layers(stack)))
        return hc_fail(error, HC_ERROR_USAGE, "--layer=%d: the layers are 1 to %u", layer_option,
                       hc_layer_stack_n_layers(stack));
    if (format == HC_FORMAT_TEXT)
        return lp_explain_text(context->stream, stack, &wanted, error);
    if (format == HC_FORMAT_JSON)
        return lp_explain_json(context->stream, stack, &wanted, error);
    if (format == HC_FORMAT_HTML)
        return lp_explain_html(context->stream, stack, source, &wanted, error);
    if (format == HC_FORMAT_MARKDOWN)
        return lp_explain_markdown(context->stream, stack, &wanted, error);
    if (format == HC_FORMAT_CSV || format == HC_FORMAT_NDJSON)
        return lp_explain_records(context->stream, stack, &wanted, format == HC_FORMAT_CSV, error);
    return explain_reg(context, stack, &wanted, error);
}

static HcFormat format;

static gboolean
explain_one(HcCliContext *context, const char *source, const char *platform, HcExit *status,
            GError **error)
{
    *status = HC_EXIT_OK;
    return key_options != NULL ? explain_keys(context, source, platform, format, error)
                               : explain_layers(context, source, platform, format, error);
}

static gboolean
explain(HcCliContext *context, const char *source, HcExit *status, GError **error)
{
    /* One file is for one registry. */
    if (format != HC_FORMAT_TEXT && format != HC_FORMAT_JSON)
        return explain_one(context, source, platform_option, status, error);
    return lp_for_each_image(context, source, platform_option, format == HC_FORMAT_JSON,
                             explain_one, status, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table wants exactly one */
    if (!hc_format_parse(format_option, FORMATS, &format, error) ||
        !hc_cli_check_showing(&showing, error) ||
        !hc_cli_view_parse(&view_options, format, &view, error) ||
        !hc_cli_filter_new(&filter_options, &filter, error))
        return FALSE;
    const gboolean is_shown = explain(context, args[0], status, error);
    g_clear_pointer(&filter, hc_change_filter_free);
    return is_shown;
}

const HcCommand lp_cmd_explain = {
    .name = "explain",
    .also = "history show diff log",
    .group = "look into layers and images",
    .args = "SOURCE",
    .summary = "show what each layer changed in the registry",
    .details =
        "SOURCE is an image (oci:DIR[:TAG], oci-archive:FILE[:TAG],\n"
        "docker-archive:FILE[:REF]), a layer, or a folder with Files and Hives.\n"
        "For each layer above the base, prints what it changed in each hive, as hivetool diff\n"
        "does; of the base, how much it holds. A layer alone is shown as it stands, of an\n"
        "index every image for Windows.\n"
        "Filters and --stat and the like are those of layerpack diff.\n"
        "With --key, prints which layer last wrote a key or value, what it was before, and what\n"
        "each layer said of it; one that no layer has is told, and the status is 1.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .statuses = "0 shown, 1 no layer has the key",
    .examples = "layerpack explain oci:image\n"
                "layerpack explain --key='HKLM\\SOFTWARE\\App' oci:image",
    .n_shown = 1,
    .run = run,
};
