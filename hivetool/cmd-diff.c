#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/cli/cli-hive.h"
#include "hivecore/delta/differencing-read.h"
#include "hivecore/report/layer-diff.h"

static char *root_option;
static char *format_option;
static char **ignore_options;
static char *encoding_option;
static char *output_option;
static gboolean reverse;
static gboolean is_full;
static gboolean is_salvage;

static const GOptionEntry entries[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, reg or json", "FORMAT"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage,
     "of damaged hives, compare what can be read and\ntell what cannot", NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option,
     "where the hives hang in the registry,\nlike HKLM\\SOFTWARE", "ROOT"},
    {"ignore", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ignore_options,
     "any of timestamps,security,class,flags,order, or\nnone (timestamps,order)", "LIST"},
    {"full", 0, 0, G_OPTION_ARG_NONE, &is_full, "show binary data whole, not the first 32 bytes",
     NULL},
    {"reverse", 0, 0, G_OPTION_ARG_NONE, &reverse, "the change from NEW to OLD", NULL},
    {"encoding", 0, 0, G_OPTION_ARG_FILENAME, &encoding_option,
     "of --format=reg: utf-16le (as regedit) or utf-8", "ENCODING"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef struct {
    HtFormat format;
    HcRegEncoding encoding;
    guint ignore;
} Choices;

typedef struct {
    const char *old_file;
    const char *new_file;
    HcHive *old_hive;
    HcHive *new_hive;
    const HcRoot *root;
    char **files; /* of both */
} Sides;

static gboolean
parse_choices(Choices *choices, GError **error)
{
    if (!ht_parse_format(format_option, TRUE, &choices->format, error) ||
        !ht_parse_encoding(encoding_option, &choices->encoding, error) ||
        !ht_parse_ignore(ignore_options, &choices->ignore, error))
        return FALSE;
    if (encoding_option == NULL || choices->format == HT_FORMAT_REG)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "--encoding is only for --format=reg");
}

/* From the option, or from whichever hive says. */
static gboolean
find_root(const HcHive *old_hive, const HcHive *new_hive, HtFormat format, HcRoot **root,
          GError **error)
{
    if (!ht_find_root(old_hive, root_option, root, error))
        return FALSE;
    if (*root == NULL)
        *root = ht_guess_root(new_hive);
    if (*root == NULL && format == HT_FORMAT_REG)
        *root = ht_need_root(old_hive, NULL, error);
    return *root != NULL || format != HT_FORMAT_REG;
}

static gboolean
same_bytes(const HcHive *a, const HcHive *b)
{
    HcMap *map_a = hc_hive_map(a);
    HcMap *map_b = hc_hive_map(b);
    return hc_map_size(map_a) == hc_map_size(map_b) &&
           memcmp(hc_map_data(map_a), hc_map_data(map_b), (gsize) hc_map_size(map_a)) == 0;
}

static gboolean
is_for_terminal(const HcCliContext *context, const Choices *choices)
{
    const gboolean is_asked = encoding_option != NULL && choices->encoding != HC_REG_UTF8;
    return output_option == NULL && hc_cli_wants_utf8(context, is_asked);
}

static gboolean
emit_reg_lines(HcCliContext *context, const HcDelta *exact, const Choices *choices,
               const Sides *sides, HcName root, uint64_t *n_inexpressible, GError **error)
{
    g_autoptr(GBytes) text =
        hc_reg_write_delta(exact, choices->encoding, root, n_inexpressible, error);
    return text != NULL && ht_emit_reg(context, NULL, sides->files, text, FALSE, error);
}

static gboolean
stream_reg(HcCliContext *context, const HcDelta *exact, const Choices *choices, const Sides *sides,
           HcName root, uint64_t *n_inexpressible, GError **error)
{
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, sides->files, error);
    return out != NULL &&
           hc_reg_write_delta_to(out, exact, choices->encoding, root, n_inexpressible, error) &&
           hc_cli_publish(context, out, error);
}

static gboolean
emit_reg(HcCliContext *context, const HcDelta *exact, const Choices *choices, const Sides *sides,
         GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    uint64_t n_inexpressible = 0;
    if (!(is_for_terminal(context, choices) ? emit_reg_lines : stream_reg)(
            context, exact, choices, sides, ht_root_name(arena, sides->root), &n_inexpressible,
            error))
        return ht_name_json(error, "--format=json");
    if (n_inexpressible > 0)
        hc_cli_note(context,
                    "%" G_GUINT64_FORMAT " change%s cannot be said in a .reg file, "
                    "--format=json has everything",
                    n_inexpressible, n_inexpressible == 1 ? "" : "s");
    return TRUE;
}

/* What is compared, in the order of the change. */
static HcReportOptions
report_options(HcCliContext *context, const Choices *choices, const Sides *sides)
{
    return (HcReportOptions){.root = sides->root != NULL ? sides->root->text : "",
                             .old_name = sides->old_file,
                             .new_name = sides->new_file,
                             .ignore = choices->ignore,
                             .is_full = is_full,
                             .color = context->color && output_option == NULL};
}

static gboolean
diff_hives(HcCliContext *context, const Choices *choices, const Sides *sides, HcExit *status,
           GError **error)
{
    HcIgnoredCounts ignored = {0};
    g_autoptr(HcDelta) exact =
        hc_diff(sides->old_hive, sides->new_hive, choices->ignore, &ignored, error);
    if (exact == NULL)
        return FALSE;
    gboolean is_same = hc_delta_is_empty(exact);
    *status = is_same ? HC_EXIT_OK : HC_EXIT_NO;
    if (choices->format == HT_FORMAT_REG)
        return emit_reg(context, exact, choices, sides, error);
    HcReportOptions options = report_options(context, choices, sides);
    options.ignored = &ignored;
    options.bytes_differ = is_same && !same_bytes(sides->old_hive, sides->new_hive);
    g_autoptr(HcStream) report = hc_cli_open_stream(context, output_option, sides->files, error);
    if (report == NULL)
        return FALSE;
    if (choices->format == HT_FORMAT_JSON)
        hc_report_json(report, exact, &options);
    else
        hc_report_text(report, exact, &options);
    return hc_cli_publish(context, report, error);
}

/* How one change differs from another; that is no change itself, so it has no .reg form. */
static gboolean
diff_layers(HcCliContext *context, const Choices *choices, const Sides *sides, HcExit *status,
            GError **error)
{
    if (choices->format == HT_FORMAT_REG)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "--format=reg: the difference of two differencing hives is no patch; merge "
                       "each over its base and compare the results");
    g_autoptr(HcDelta) old_patch = hc_differencing_read(sides->old_hive, error);
    g_autoptr(HcDelta) new_patch =
        old_patch != NULL ? hc_differencing_read(sides->new_hive, error) : NULL;
    if (new_patch == NULL)
        return FALSE;
    const HcReportOptions options = report_options(context, choices, sides);
    g_autoptr(HcStream) report = hc_cli_open_stream(context, output_option, sides->files, error);
    if (report == NULL)
        return FALSE;
    gboolean is_same = hc_report_layer_diff(report, old_patch, new_patch, &options,
                                            choices->format == HT_FORMAT_JSON);
    *status = is_same ? HC_EXIT_OK : HC_EXIT_NO;
    return hc_cli_publish(context, report, error);
}

/* Both are ordinary hives or both are differencing hives. */
static gboolean
check_kinds(const HcHive *old_hive, const HcHive *new_hive, GError **error)
{
    gboolean is_old_layer = hc_hive_info(old_hive)->is_differencing;
    if (is_old_layer == hc_hive_info(new_hive)->is_differencing)
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s: is a differencing hive and %s is not; 'hivetool merge' makes an ordinary "
                   "hive of it and its base",
                   hc_hive_file(is_old_layer ? old_hive : new_hive),
                   hc_hive_file(is_old_layer ? new_hive : old_hive));
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    Choices choices;
    if (!parse_choices(&choices, error) || !ht_refuse_overwrite(output_option, args, error))
        return FALSE;
    const char *old_file = reverse ? args[1] : args[0];
    const char *new_file = reverse ? args[0] : args[1];
    g_auto(HtReading) old_reading = {NULL, NULL};
    g_auto(HtReading) new_reading = {NULL, NULL};
    g_autoptr(HcRoot) root = NULL;
    if (!ht_reading_open(&old_reading, context, old_file, TRUE, is_salvage, error) ||
        !ht_reading_open(&new_reading, context, new_file, TRUE, is_salvage, error))
        return FALSE;
    HcHive *old_hive = old_reading.hive;
    HcHive *new_hive = new_reading.hive;
    if (!check_kinds(old_hive, new_hive, error) ||
        !find_root(old_hive, new_hive, choices.format, &root, error))
        return FALSE;
    const Sides sides = {old_file, new_file, old_hive, new_hive, root, args};
    const gboolean done = hc_hive_info(old_hive)->is_differencing
                              ? diff_layers(context, &choices, &sides, status, error)
                              : diff_hives(context, &choices, &sides, status, error);
    const HcPath everything = {NULL, 0};
    if (done && (ht_reading_status(&old_reading, context, &everything, TRUE) |
                 ht_reading_status(&new_reading, context, &everything, TRUE)) != HC_EXIT_OK)
        *status = HC_EXIT_NO;
    if (done) {
        hc_cli_note_unsound(context, old_hive);
        hc_cli_note_unsound(context, new_hive);
    }
    return done;
}

const HcCommand ht_cmd_diff = {
    .name = "diff",
    .args = "OLD NEW",
    .summary = "print the difference of two hives",
    .details = "Ends with 0 when the hives hold the same and 1 when they differ. Two differencing\n"
               "hives are compared by what they say.",
    .options = entries,
    .min_args = 2,
    .max_args = 2,
    .run = run,
};
