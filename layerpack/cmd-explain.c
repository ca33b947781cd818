#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "layerpack/commands.h"
#include "layerpack/explain-key.h"
#include "layerpack/explain-report.h"

enum {
    LAYER_NOT_GIVEN = G_MININT,
};

static char *format_option;
static char *platform_option;
static char *key_option;
static gboolean is_full;
static char *encoding_option;
static char **hive_options;
static int layer_option = LAYER_NOT_GIVEN;

static const GOptionEntry options[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, reg or json", "FORMAT"},
    {"key", 0, 0, G_OPTION_ARG_FILENAME, &key_option,
     "the history of one key, PATH, or of one value,\nPATH::VALUE", "PATH[::VALUE]"},
    {"hive", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &hive_options,
     "only this hive, like SOFTWARE; may be repeated", "NAME"},
    {"full", 0, 0, G_OPTION_ARG_NONE, &is_full, "show binary data whole, not the first 32 bytes",
     NULL},
    {"layer", 0, 0, G_OPTION_ARG_INT, &layer_option, "only layer N, 1 the lowest", "N"},
    {"platform", 0, 0, G_OPTION_ARG_FILENAME, &platform_option,
     "which image of an index, like windows/amd64 or\nwindows/amd64:10.0.20348.2700", "PLATFORM"},
    {"encoding", 0, 0, G_OPTION_ARG_FILENAME, &encoding_option,
     "of --format=reg: utf-16le (as regedit) or utf-8", "ENCODING"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef enum {
    FORMAT_TEXT,
    FORMAT_REG,
    FORMAT_JSON,
} Format;

static gboolean
fail_usage(GError **error, const char *option, const char *argument, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "--%s=%s: %s", option, argument, what);
}

static gboolean
parse_format(Format *format, GError **error)
{
    static const char *const names[] = {"text", "reg", "json"};
    *format = FORMAT_TEXT;
    if (format_option == NULL)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(format_option, names[i]) == 0) {
            *format = (Format) i;
            return TRUE;
        }
    }
    return fail_usage(error, "format", format_option, "not one of text, reg and json");
}

static gboolean
parse_encoding(Format format, HcRegEncoding *encoding, GError **error)
{
    *encoding = HC_REG_UTF16;
    if (encoding_option == NULL)
        return TRUE;
    if (format != FORMAT_REG)
        return fail_usage(error, "encoding", encoding_option, "is only for --format=reg");
    if (strcmp(encoding_option, "utf-8") == 0)
        *encoding = HC_REG_UTF8;
    else if (strcmp(encoding_option, "utf-16le") != 0)
        return fail_usage(error, "encoding", encoding_option, "not one of utf-16le and utf-8");
    return TRUE;
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

static gboolean
explain_key(HcCliContext *context, const char *source, Format format, GError **error)
{
    if (hive_options != NULL || layer_option != LAYER_NOT_GIVEN || format == FORMAT_REG)
        return fail_usage(error, "key", key_option,
                          "cannot be with --hive, --layer or --format=reg");
    g_autoptr(LpKeyQuery) query = lp_key_query_parse(key_option, error);
    g_autoptr(HcLayerStack) stack =
        query != NULL ? hc_layer_stack_open(source, platform_option, 1u << query->slot, error)
                      : NULL;
    if (stack == NULL)
        return FALSE;
    hc_layer_stack_set_dirty_policy(stack, context->dirty_policy);
    g_autoptr(LpHistory) history = lp_history_read(context, stack, query, error);
    if (history == NULL)
        return FALSE;
    if (format == FORMAT_TEXT)
        return lp_history_text(context->out, stack, history, context->color, error);
    lp_history_json(context->out, stack, history);
    return TRUE;
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
explain_layers(HcCliContext *context, const char *source, Format format, GError **error)
{
    LpExplainOptions wanted = {
        .context = context, .layer = (guint) MAX(layer_option, 0), .is_full = is_full};
    if (!parse_hives(wanted.slots, error) || !parse_encoding(format, &wanted.encoding, error))
        return FALSE;
    guint hives = 0;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        hives |= wanted.slots[slot] ? 1u << slot : 0;
    g_autoptr(HcLayerStack) stack = hc_layer_stack_open(source, platform_option, hives, error);
    if (stack == NULL)
        return FALSE;
    hc_layer_stack_set_dirty_policy(stack, context->dirty_policy);
    if (layer_option != LAYER_NOT_GIVEN &&
        (layer_option < 1 || wanted.layer > hc_layer_stack_n_layers(stack)))
        return hc_fail(error, HC_ERROR_USAGE, "--layer=%d: the layers are 1 to %u", layer_option,
                       hc_layer_stack_n_layers(stack));
    switch (format) {
    case FORMAT_TEXT:
        return lp_explain_text(context->stream, stack, &wanted, error);
    case FORMAT_JSON:
        return lp_explain_json(context->stream, stack, &wanted, error);
    case FORMAT_REG:
        return explain_reg(context, stack, &wanted, error);
    }
    g_return_val_if_reached(FALSE);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table wants exactly one */
    Format format;
    *status = HC_EXIT_OK;
    if (!parse_format(&format, error))
        return FALSE;
    return key_option != NULL ? explain_key(context, args[0], format, error)
                              : explain_layers(context, args[0], format, error);
}

const HcCommand lp_cmd_explain = {
    .name = "explain",
    .args = "SOURCE",
    .summary = "show what each layer changed in the registry",
    .details =
        "SOURCE is an image (oci:DIR[:TAG], oci-archive:FILE[:TAG],\n"
        "docker-archive:FILE[:REF]), a layer, or a folder with Files and Hives.\n"
        "For each layer above the base, prints what it changed in each hive, as hivetool diff\n"
        "does; of the base, how much it holds. A layer alone is shown as it stands.\n"
        "With --key, prints which layer last wrote a key or value, what it was before, and what\n"
        "each layer said of it. Ends with status 1 when no layer has it.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
