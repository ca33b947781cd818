#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/diff-options.h"
#include "layerpack/commands.h"
#include "layerpack/image-diff.h"

static char *format_option;
static char *output_option;
static char *platform_option;
static char **ignore_options;
static HcViewOptions view_options;
static HcFilterOptions filter_options;
static gboolean with_files;
static HcShowing showing;

static const GOptionEntry options[] = {
    {"files", 0, 0, G_OPTION_ARG_NONE, &with_files, "compare files too, not only the registry",
     NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, json, ndjson, csv, junit, html, markdown or\nunified (of both exports)", "FORMAT"},
    HC_VIEW_OPTION_ENTRIES(view_options),
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"platform", 0, 0, G_OPTION_ARG_FILENAME, &platform_option,
     "which image of an index, like windows/amd64 or\nwindows/amd64:10.0.20348.2700", "PLATFORM"},
    HC_IGNORE_OPTION_ENTRY(ignore_options),
    HC_SHOWING_OPTION_ENTRIES(showing),
    HC_FILTER_OPTION_ENTRIES(filter_options),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static void
free_diff(gpointer data)
{
    lp_image_diff_clear(data);
    g_free(data);
}

static LpImageDiff *
add_diff(GPtrArray *diffs, char *const *args)
{
    LpImageDiff *diff = g_new0(LpImageDiff, 1);
    diff->old_side.operand = args[0];
    diff->new_side.operand = args[1];
    g_ptr_array_add(diffs, diff);
    return diff;
}

/* The images of an operand that is one; NULL without @error for what is none, or is to be one. */
static GPtrArray *
list_members(const char *operand, GError **error)
{
    return platform_option == NULL && hc_image_is_operand(operand)
               ? hc_image_members(operand, error)
               : NULL;
}

/* Without the last number of the version, which is that of the update. */
static gsize
release_length(const char *words)
{
    guint n_dots = 0;
    const char *colon = strchr(words, ':');
    for (const char *at = colon; at != NULL && *at != '\0'; at++) {
        if (*at == '.' && ++n_dots == 3)
            return (gsize) (at - words);
    }
    return strlen(words);
}

/* The image of @members for the same platform as @words, else for the same release of Windows; only
 * one that was not taken. */
static int
find_member(const GPtrArray *members, const char *words, const gboolean *is_taken)
{
    const gsize n = release_length(words);
    for (int turn = 0; turn < 2; turn++) {
        for (guint i = 0; i < members->len; i++) {
            const HcImageMember *member = members->pdata[i];
            const gboolean is_it = turn == 0 ? strcmp(member->words, words) == 0
                                             : release_length(member->words) == n &&
                                                   strncmp(member->words, words, n) == 0;
            if (is_it && !is_taken[i])
                return (int) i;
        }
    }
    return -1;
}

static void
take_member(LpImageSide *side, const HcImageMember *member)
{
    side->platform = g_strdup(member->digest);
    side->words = g_strdup(member->words);
}

/* Two indexes: the images of one platform, or one release of Windows, are a pair; others are told.
 */
static gboolean
pair_members(const HcCliContext *context, GPtrArray *diffs, char *const *args,
             const GPtrArray *olds, const GPtrArray *news)
{
    gboolean is_whole = TRUE;
    g_autofree gboolean *is_taken = g_new0(gboolean, news->len);
    for (guint i = 0; i < olds->len; i++) {
        const HcImageMember *member = olds->pdata[i];
        const int j = find_member(news, member->words, is_taken);
        if (j < 0) {
            hc_cli_note(context, "%s: not compared, %s has no image for %s", args[0], args[1],
                        member->words);
            is_whole = FALSE;
            continue;
        }
        is_taken[j] = TRUE;
        LpImageDiff *diff = add_diff(diffs, args);
        take_member(&diff->old_side, member);
        take_member(&diff->new_side, news->pdata[j]);
    }
    for (guint j = 0; j < news->len; j++) {
        if (is_taken[j])
            continue;
        hc_cli_note(context, "%s: not compared, %s has no image for %s", args[1], args[0],
                    ((const HcImageMember *) news->pdata[j])->words);
        is_whole = FALSE;
    }
    return is_whole;
}

/* What is compared with what. @is_whole: (out): nothing is left over */
static gboolean
find_pairs(const HcCliContext *context, GPtrArray *diffs, char *const *args, gboolean *is_whole,
           GError **error)
{
    GError *failure = NULL;
    g_autoptr(GPtrArray) olds = list_members(args[0], &failure);
    g_autoptr(GPtrArray) news = failure == NULL ? list_members(args[1], &failure) : NULL;
    if (failure != NULL)
        return hc_fail_with(error, failure);
    *is_whole = TRUE;
    if (olds != NULL && news != NULL && olds->len > 1 && news->len > 1) {
        *is_whole = pair_members(context, diffs, args, olds, news);
        return diffs->len > 0 ||
               hc_fail(error, HC_ERROR_USAGE, "%s and %s have no image for one platform", args[0],
                       args[1]);
    }
    LpImageDiff *diff = add_diff(diffs, args);
    diff->old_side.platform = hc_image_is_operand(args[0]) ? g_strdup(platform_option) : NULL;
    diff->new_side.platform = hc_image_is_operand(args[1]) ? g_strdup(platform_option) : NULL;
    return TRUE;
}

static gboolean
print(HcCliContext *context, const LpDiffShowing *shown, const GPtrArray *diffs, char **args,
      GError **error)
{
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, args, error);
    if (out == NULL)
        return FALSE;
    lp_image_diffs_print(out, diffs, args[0], args[1], shown);
    return hc_cli_publish(context, out, error);
}

/* Texts of the registry are compared as a whole, and files have none. */
static gboolean
check_unified(const LpDiffShowing *shown, GError **error)
{
    if (shown->format == HC_FORMAT_UNIFIED && (with_files || shown->is_filtered))
        return hc_fail(error, HC_ERROR_USAGE,
                       "--format=unified compares exports of the registry as a whole, without "
                       "--files, --key and the like");
    return TRUE;
}

static gboolean
compare(HcCliContext *context, GPtrArray *diffs, const LpDiffWish *wish, gboolean *is_same,
        GError **error)
{
    uint64_t n_filtered = 0;
    for (guint i = 0; i < diffs->len; i++) {
        LpImageDiff *diff = diffs->pdata[i];
        if (!lp_image_diff_make(diff, context, wish, error))
            return FALSE;
        *is_same &= lp_image_diff_is_empty(diff) && !diff->is_incomplete;
        n_filtered += lp_image_diff_n_filtered(diff);
    }
    hc_cli_note_filtered(context, n_filtered);
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    gboolean is_same;
    g_autoptr(HcChangeFilter) filter = NULL;
    g_autoptr(GPtrArray) diffs = g_ptr_array_new_with_free_func(free_diff);
    LpDiffShowing shown = {.context = context, .showing = &showing, .output = output_option};
    if (!hc_format_parse(format_option, LP_DIFF_FORMATS, &shown.format, error) ||
        !hc_cli_view_parse(&view_options, shown.format, &shown.view, error) ||
        !hc_cli_ignore_parse(ignore_options, &shown.ignore, error) ||
        !hc_cli_filter_new(&filter_options, &filter, error) ||
        !hc_cli_check_showing(&showing, error))
        return FALSE;
    shown.is_filtered = filter != NULL;
    const LpDiffWish wish = {.with_files = with_files,
                             .with_texts = shown.format == HC_FORMAT_UNIFIED,
                             .ignore = shown.ignore,
                             .filter = filter};
    if (!check_unified(&shown, error) || !hc_cli_refuse_overwrite(output_option, args, error) ||
        !find_pairs(context, diffs, args, &is_same, error) ||
        !compare(context, diffs, &wish, &is_same, error))
        return FALSE;
    *status = is_same ? HC_EXIT_OK : HC_EXIT_NO;
    return print(context, &shown, diffs, args, error);
}

const HcCommand lp_cmd_diff = {
    .name = "diff",
    .also = "compare cmp changes",
    .group = "look into layers and images",
    .args = "OLD NEW",
    .summary = "print how registry and files of two images differ",
    .details =
        "OLD and NEW are images (oci:DIR[:TAG], oci-archive:FILE[:TAG], "
        "docker-archive:FILE[:REF]),\n"
        "layers, or folders with Files and Hives. Of two that hold images for several platforms\n"
        "those for the same are compared, or for the same release of Windows. What is compared is\n"
        "what a container starts with: the effective registry, and with --files the names that\n"
        "the layers leave, their contents, attributes and security. Times are counted only.\n"
        "Filters and forms are those of hivetool diff; a file's path, C:\\dir\\name, is filtered\n"
        "as that of a key.\n"
        "Ends with 0 when there is no difference and 1 when there is one, or something had no\n"
        "counterpart.",
    .options = options,
    .min_args = 2,
    .max_args = 2,
    .statuses = "0 the same, 1 different",
    .examples = "layerpack diff oci:pause:3.9 oci:pause:3.10\n"
                "layerpack diff --files --format=json oci:old oci:new -o diff.json\n"
                "layerpack diff --files --name-status --exclude='C:\\Users' oci:old oci:new",
    .run = run,
};
