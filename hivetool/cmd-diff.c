#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/diff-options.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/html.h"
#include "hivetool/compare.h"
#include "hivetool/key-records.h"

static HcPatchOptions patch_options;
static char *root_option;
static char *format_option;
static char **ignore_options;
static char *encoding_option;
static char *output_option;
static HcFilterOptions filter_options;
static gboolean reverse;
static HcShowing showing;
static gboolean is_salvage;

static HcViewOptions view_options;

#define FORMATS                                                                                    \
    (HC_DIFF_FORMATS | HC_FORMAT_BIT(HC_FORMAT_REG) | HC_FORMAT_BIT(HC_FORMAT_REG_ADD) |           \
     HC_FORMAT_BIT(HC_FORMAT_HTML) | HC_FORMAT_BIT(HC_FORMAT_POL))

static const GOptionEntry entries[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, reg, reg-add, pol, json, ndjson, csv, junit,\nhtml, markdown or unified (of both "
     "exports)",
     "FORMAT"},
    HC_VIEW_OPTION_ENTRIES(view_options),
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage, "compare what can be read of damaged hives",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where the hives hang, like HKLM\\SOFTWARE",
     "ROOT"},
    HC_IGNORE_OPTION_ENTRY(ignore_options),
    HC_SHOWING_OPTION_ENTRIES(showing),
    HC_FILTER_OPTION_ENTRIES(filter_options),
    {"reverse", 0, 0, G_OPTION_ARG_NONE, &reverse, "the change from NEW to OLD", NULL},
    {"encoding", 0, 0, G_OPTION_ARG_FILENAME, &encoding_option,
     "of --format=reg: utf-16le (as regedit) or utf-8", "ENCODING"},
    HC_PATCH_OPTION_ENTRIES(patch_options, "skip what is said of keys that are in no hive"),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef struct {
    HcFormat format;
    HcDiffOutput output;
    HcRegEncoding encoding;
    guint ignore;
    const HcChangeFilter *filter; /* (nullable) */
} Choices;

static gboolean
parse_choices(Choices *choices, GError **error)
{
    if (!hc_format_parse(format_option, FORMATS, &choices->format, error) ||
        !hc_cli_view_parse(&view_options, choices->format, &choices->output.view, error) ||
        !ht_parse_encoding(encoding_option, &choices->encoding, error) ||
        !hc_cli_ignore_parse(ignore_options, &choices->ignore, error))
        return FALSE;
    choices->output.format = choices->format;
    if (encoding_option == NULL || choices->format == HC_FORMAT_REG)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "--encoding is only for --format=reg");
}

static gboolean
is_for_terminal(const HcCliContext *context, const Choices *choices)
{
    const gboolean is_asked = encoding_option != NULL && choices->encoding != HC_REG_UTF8;
    return output_option == NULL && hc_cli_wants_utf8(context, is_asked);
}

static gboolean
emit_reg_lines(HcCliContext *context, const HcDelta *exact, const Choices *choices, char **files,
               HcName root, uint64_t *n_inexpressible, GError **error)
{
    g_autoptr(GBytes) text =
        hc_reg_write_delta(exact, choices->encoding, root, n_inexpressible, error);
    return text != NULL && ht_emit_reg(context, NULL, files, text, FALSE, error);
}

static gboolean
stream_reg(HcCliContext *context, const HcDelta *exact, const Choices *choices, char **files,
           HcName root, uint64_t *n_inexpressible, GError **error)
{
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, files, error);
    if (out != NULL)
        ht_note_wide(context, output_option, choices->encoding, encoding_option != NULL);
    return out != NULL &&
           hc_reg_write_delta_to(out, exact, choices->encoding, root, n_inexpressible, error) &&
           hc_cli_publish(context, out, error);
}

static gboolean
emit_reg(HcCliContext *context, const HcDelta *exact, const HcRoot *root, const Choices *choices,
         char **files, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    uint64_t n_inexpressible = 0;
    if (!(is_for_terminal(context, choices) ? emit_reg_lines : stream_reg)(
            context, exact, choices, files, ht_root_name(arena, root), &n_inexpressible, error))
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
report_options(HcCliContext *context, const Choices *choices, const HtComparison *comparison,
               guint n_lines)
{
    HcReportOptions options = {.root = comparison->root != NULL ? comparison->root->text : "",
                               .old_name = comparison->old_name,
                               .new_name = comparison->new_name,
                               .ignore = choices->ignore,
                               .ignored = &comparison->ignored,
                               .bytes_differ = comparison->bytes_differ,
                               .is_filtered = choices->filter != NULL,
                               .n_filtered = comparison->n_filtered,
                               .color = context->color && output_option == NULL &&
                                        choices->format == HC_FORMAT_TEXT};
    hc_cli_fit_report(context, &showing, output_option, n_lines, &options);
    options.more = "--full shows all, --depth=N opens trees, --key=KEY shows a part";
    return options;
}

static gboolean
is_patch(HcFormat format)
{
    return format == HC_FORMAT_REG || format == HC_FORMAT_REG_ADD || format == HC_FORMAT_POL;
}

/* How one change differs from another is no change itself, so it has no .reg form. */
static gboolean
check_reg(const HtComparison *comparison, GError **error)
{
    if (comparison->exact == NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "--format=%s: the difference of two changes is no patch; apply or merge "
                       "each over its base and compare the results",
                       format_option);
    if (comparison->root == NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: neither the file's name nor the hive says where in the registry it "
                       "hangs, use --root",
                       comparison->old_name);
    return TRUE;
}

static void
add_same(HtComparison *sum, const HtComparison *more)
{
    hc_ignored_counts_add(&sum->ignored, &more->ignored);
    sum->bytes_differ |= more->bytes_differ;
    sum->n_filtered += more->n_filtered;
}

/* What changes in all hives, from HKEY_ names on. A change that has no such name makes it
 * incomplete. */
static gboolean
combine(const HcCliContext *context, HtComparisons *comparisons, HtComparison *all, GError **error)
{
    all->exact = hc_delta_new();
    for (guint i = 0; i < comparisons->items->len; i++) {
        const HtComparison *comparison = g_ptr_array_index(comparisons->items, i);
        if (comparison->exact == NULL)
            return hc_fail(error, HC_ERROR_UNSUPPORTED,
                           "%s and %s: are differencing hives, which only the text of several "
                           "hives has place for; compare them alone",
                           comparison->old_name, comparison->new_name);
        if (comparison->root != NULL)
            hc_delta_graft(all->exact, comparison->root->path, comparison->exact);
        else if (!hc_delta_is_empty(comparison->exact)) {
            comparisons->is_incomplete = TRUE;
            hc_cli_note(context, "%s: left out, where it hangs in the registry is not known",
                        comparison->old_name);
        }
        add_same(all, comparison);
    }
    all->bytes_differ &= hc_delta_is_empty(all->exact);
    return TRUE;
}

/* A page for all hives that differ; the others, and the headings, have lines of their own. */
static guint
lines_for_each(const HtComparisons *comparisons)
{
    guint n_changed = 0;
    for (guint i = 0; i < comparisons->items->len; i++) {
        const HtComparison *comparison = g_ptr_array_index(comparisons->items, i);
        n_changed += comparison->exact != NULL && !hc_delta_is_empty(comparison->exact) ? 1 : 0;
    }
    const guint n_headings = comparisons->is_several ? 3 * comparisons->items->len : 0;
    const guint n_left = HC_REPORT_LINES - MIN(n_headings, HC_REPORT_LINES);
    return MAX(n_left / MAX(n_changed, 1), comparisons->is_several ? HC_REPORT_LINES_LEAST : 0);
}

static HcDiffPart
part_of(const HtComparison *comparison)
{
    return (HcDiffPart){.place = comparison->place,
                        .old_name = comparison->old_name,
                        .new_name = comparison->new_name,
                        .exact = comparison->exact,
                        .old_patch = comparison->old_patch,
                        .new_patch = comparison->new_patch,
                        .old_text = comparison->old_text,
                        .new_text = comparison->new_text};
}

/* Each hive under its place. */
static gboolean
append_each(HcStream *out, HcCliContext *context, const Choices *choices,
            const HtComparisons *comparisons)
{
    gboolean is_same = TRUE;
    const guint n_lines = lines_for_each(comparisons);
    HtComparison same = {.old_name = NULL};
    guint n_same = 0;
    for (guint i = 0; i < comparisons->items->len; i++) {
        const HtComparison *comparison = g_ptr_array_index(comparisons->items, i);
        const HcReportOptions options = report_options(context, choices, comparison, n_lines);
        const HcDiffPart part = part_of(comparison);
        if (comparisons->is_several && hc_diff_output_is_silent(&choices->output, &part)) {
            add_same(&same, comparison);
            n_same++;
            continue;
        }
        is_same &=
            hc_diff_output_append(&choices->output, out, &part, &options, comparisons->is_several);
    }
    const HcReportOptions options = report_options(context, choices, &same, 0);
    hc_diff_output_append_same(&choices->output, out, n_same, &options);
    return is_same;
}

/* What is no patch and no page. @one: of several what was combined */
static gboolean
print_report(HcCliContext *context, const Choices *choices, const HtComparisons *comparisons,
             const HtComparison *one, char **args, gboolean *is_same, GError **error)
{
    for (guint i = 0; i < comparisons->items->len; i++) {
        const HcDiffPart part = part_of(g_ptr_array_index(comparisons->items, i));
        if (!hc_diff_output_check(&choices->output, &part, error))
            return FALSE;
    }
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, args, error);
    if (out == NULL)
        return FALSE;
    hc_diff_output_begin(&choices->output, out);
    if (hc_diff_output_is_each(&choices->output)) {
        *is_same = append_each(out, context, choices, comparisons);
    } else {
        const HcReportOptions options = report_options(context, choices, one, 0);
        const HcDiffPart part = part_of(one);
        *is_same = hc_diff_output_append(&choices->output, out, &part, &options, FALSE);
    }
    hc_diff_output_end(&choices->output, out);
    return hc_cli_publish(context, out, error);
}

/* A page of all hives. */
static gboolean
print_html(HcCliContext *context, const HtComparisons *comparisons, char **args, gboolean *is_same,
           GError **error)
{
    const HcHtmlHead head = {context->program, "diff", args[reverse ? 1 : 0],
                             args[reverse ? 0 : 1]};
    g_autofree HcHtmlPart *parts = g_new0(HcHtmlPart, comparisons->items->len + 1);
    *is_same = TRUE;
    for (guint i = 0; i < comparisons->items->len; i++) {
        const HtComparison *comparison = g_ptr_array_index(comparisons->items, i);
        if (comparison->exact == NULL)
            return hc_fail(error, HC_ERROR_UNSUPPORTED,
                           "--format=html: the difference of two changes has no page, text and "
                           "JSON only");
        parts[i] = (HcHtmlPart){
            .place = comparison->place,
            .root = comparison->root != NULL ? comparison->root->text : "",
            .exact = comparison->exact,
            .bytes_differ = comparison->bytes_differ,
            .ignored = &comparison->ignored,
            .n_filtered = comparison->n_filtered,
        };
        *is_same &= hc_delta_is_empty(comparison->exact);
    }
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, args, error);
    if (out == NULL)
        return FALSE;
    hc_html_changes(out, &head, parts, comparisons->items->len);
    return hc_cli_publish(context, out, error);
}

static gboolean
emit_patch(HcCliContext *context, const HtComparison *one, const Choices *choices, char **args,
           GError **error)
{
    const HcFormat format = choices->format;
    if (format == HC_FORMAT_REG)
        return emit_reg(context, one->exact, one->root, choices, args, error);
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, args, error);
    if (out == NULL)
        return FALSE;
    g_autoptr(HcPatchText) text = ht_patch_text_new(format, out, ht_root_name(arena, one->root));
    return hc_patch_text_delta(text, (HcPath){NULL, 0}, one->exact, error) &&
           ht_patch_text_publish(context, format, text, out, "change", error);
}

static gboolean
print(HcCliContext *context, const Choices *choices, HtComparisons *comparisons, char **args,
      gboolean *is_same, GError **error)
{
    if (choices->format == HC_FORMAT_HTML)
        return print_html(context, comparisons, args, is_same, error);
    HtComparison all = {.old_name = args[reverse ? 1 : 0], .new_name = args[reverse ? 0 : 1]};
    const HtComparison *one =
        comparisons->is_several ? &all : g_ptr_array_index(comparisons->items, 0);
    gboolean is_done = (!is_patch(choices->format) && hc_diff_output_is_each(&choices->output)) ||
                       !comparisons->is_several || combine(context, comparisons, &all, error);
    if (is_done && is_patch(choices->format)) {
        is_done = (comparisons->is_several || check_reg(one, error)) &&
                  emit_patch(context, one, choices, args, error);
        *is_same = is_done && hc_delta_is_empty(one->exact);
    } else if (is_done) {
        is_done = print_report(context, choices, comparisons, one, args, is_same, error);
    }
    g_clear_pointer(&all.exact, hc_delta_free);
    return is_done;
}

/* Takes out of all that was compared what is not to be shown, and says how much it was. */
static gboolean
filter_all(const HcCliContext *context, const HtComparisons *comparisons,
           const HcChangeFilter *filter, GError **error)
{
    uint64_t n_filtered = 0;
    for (guint i = 0; filter != NULL && i < comparisons->items->len; i++) {
        HtComparison *comparison = g_ptr_array_index(comparisons->items, i);
        if (comparison->exact == NULL)
            return hc_fail(
                error, HC_ERROR_UNSUPPORTED,
                "%s and %s: what two changes say is compared as a whole; filters are for "
                "differences of hives",
                comparison->old_name, comparison->new_name);
        comparison->n_filtered =
            hc_change_filter_apply(filter, comparison->exact, comparison->root);
        n_filtered += comparison->n_filtered;
    }
    hc_cli_note_filtered(context, n_filtered);
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    Choices choices;
    g_autoptr(HcChangeFilter) filter = NULL;
    if (!parse_choices(&choices, error) ||
        (filter_options.exclude_files != NULL &&
         !hc_cli_refuse_overwrite(output_option, filter_options.exclude_files, error)) ||
        !hc_cli_filter_new(&filter_options, &filter, error) ||
        !hc_cli_check_showing(&showing, error) ||
        !hc_cli_refuse_overwrite(output_option, args, error))
        return FALSE;
    choices.filter = filter;
    choices.output.program = context->program;
    choices.output.is_terminal = context->is_terminal && output_option == NULL;
    if (choices.format == HC_FORMAT_UNIFIED && filter != NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--format=unified compares exports as a whole, without --key and the like");
    const HtCompareOptions options = {.root = root_option,
                                      .ignore = choices.ignore,
                                      .is_salvage = is_salvage,
                                      .with_texts = choices.format == HC_FORMAT_UNIFIED,
                                      .patch_options = &patch_options};
    g_auto(HtComparisons) comparisons = {NULL, FALSE, FALSE};
    gboolean is_same = FALSE;
    if (!ht_compare(&comparisons, context, args[reverse ? 1 : 0], args[reverse ? 0 : 1], &options,
                    error) ||
        !filter_all(context, &comparisons, filter, error) ||
        !print(context, &choices, &comparisons, args, &is_same, error))
        return FALSE;
    *status = is_same && !comparisons.is_incomplete ? HC_EXIT_OK : HC_EXIT_NO;
    return TRUE;
}

const HcCommand ht_cmd_diff = {
    .name = "diff",
    .also = "compare cmp changes delta-text",
    .group = "compare",
    .args = "OLD NEW",
    .summary = "print the difference of two hives, states or changes",
    .details =
        "OLD and NEW are hives, or several: a folder of hives, a Windows disk, an image, a layer,\n"
        "compared place by place; or changes: a patch, a differencing hive. A hive and a change\n"
        "give what the change does to the hive; two changes are compared by what they say. Ends\n"
        "with 0 when there is no difference and 1 when there is one, or something had no\n"
        "counterpart.",
    .options = entries,
    .min_args = 2,
    .max_args = 2,
    .statuses = "0 the same, 1 different",
    .examples = "hivetool diff old/SOFTWARE SOFTWARE\n"
                "hivetool diff --format=reg old/SOFTWARE SOFTWARE -o change.reg",
    .run = run,
};
