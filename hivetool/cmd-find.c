#include "config.h"

#include "hivetool/common.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/cli/diff-options.h"
#include "hivecore/report/report.h"
#include "hivecore/search/search.h"
#include "hivetool/reading.h"

static gboolean ignores_case;
static gboolean is_regex;
static gboolean is_glob;
static char **in_options;
static char **type_options;
static char **key_options;
static char *pattern_option;
static HcFilterOptions filter_options;
static gboolean is_count;
static gboolean is_list;
static char *format_option;
static gboolean is_full;
static char *root_option;
static char *user_option;
static char *output_option;
static gboolean is_salvage;

static const GOptionEntry entries[] = {
    {"pattern", 'e', 0, G_OPTION_ARG_FILENAME, &pattern_option,
     "what to find, where it starts with a dash", "PATTERN"},
    {"ignore-case", 'i', 0, G_OPTION_ARG_NONE, &ignores_case,
     "take capitals and others for the same", NULL},
    {"regex", 'E', 0, G_OPTION_ARG_NONE, &is_regex, "PATTERN is a regular expression, as Perl's",
     NULL},
    {"glob", 0, 0, G_OPTION_ARG_NONE, &is_glob,
     "PATTERN is for whole names and texts: *, ? and [...]", NULL},
    {"in", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &in_options, "where: any of keys, names, data (all)",
     "LIST"},
    {"type", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &type_options,
     "only values of these types, like sz,dword", "LIST"},
    {"key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &key_options,
     "only this key and what is below it; can be repeated", "PATH"},
    HC_FILTER_PATH_OPTION_ENTRIES(filter_options),
    {"count", 'c', 0, G_OPTION_ARG_NONE, &is_count, "print of each hive how many there are", NULL},
    {"list", 'l', 0, G_OPTION_ARG_NONE, &is_list, "print the names of hives that have any", NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, ndjson, csv or html",
     "FORMAT"},
    {"full", 0, 0, G_OPTION_ARG_NONE, &is_full, "show binary data whole, not the first 32 bytes",
     NULL},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage, "show what can be read of a damaged hive",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where HIVE hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    HT_KEY_USER_OPTION_ENTRY(user_option),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* The words of a list option, each given once or with commas. */
static GStrv
split_lists(char **lists)
{
    g_autofree char *text = g_strjoinv(",", lists);
    return g_strsplit(text, ",", -1);
}

static gboolean
parse_in(guint *in, GError **error)
{
    static const HcChoice choices[] = {
        {"keys", HC_SEARCH_KEYS},   {"key", HC_SEARCH_KEYS},
        {"names", HC_SEARCH_NAMES}, {"name", HC_SEARCH_NAMES},
        {"data", HC_SEARCH_DATA},   {"values", HC_SEARCH_NAMES | HC_SEARCH_DATA},
        {"all", HC_SEARCH_ALL},
    };
    *in = in_options == NULL ? HC_SEARCH_ALL : 0;
    if (in_options == NULL)
        return TRUE;
    g_auto(GStrv) words = split_lists(in_options);
    for (gsize i = 0; words[i] != NULL; i++) {
        const int bit = HC_CHOICE_PARSE("--in is", words[i], choices, error);
        if (bit < 0)
            return FALSE;
        *in |= (guint) bit;
    }
    return TRUE;
}

/* Returns: (transfer full) (element-type uint32_t) (nullable): NULL with @error set, or for all */
static GArray *
parse_types(GError **error)
{
    if (type_options == NULL)
        return NULL;
    g_autoptr(GArray) types = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_auto(GStrv) words = split_lists(type_options);
    for (gsize i = 0; words[i] != NULL; i++) {
        uint32_t type;
        if (!hc_report_type_parse(words[i], &type))
            return hc_fail_null(error, HC_ERROR_USAGE,
                                "--type is '%s', not a type like sz, expand_sz, binary, dword, "
                                "multi_sz or qword, or its number",
                                words[i]);
        g_array_append_val(types, type);
    }
    return g_steal_pointer(&types);
}

static gboolean
check_usage(HcFormat format, GError **error)
{
    const char *wrong = NULL;
    if (is_regex && is_glob)
        wrong = "--regex contradicts --glob";
    else if (is_count && is_list)
        wrong = "--count contradicts --list";
    else if ((is_count || is_list) && format != HC_FORMAT_TEXT)
        wrong = is_count ? "--count contradicts --format" : "--list contradicts --format";
    if (wrong == NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "find: %s", wrong);
}

static gboolean
need_hive(char **hives, GError **error)
{
    return hives[0] != NULL ||
           hc_fail(error, HC_ERROR_USAGE, "find: HIVE is missing after the PATTERN");
}

/* Everything that is named is searched; what is wrong with one hive is told at the end. */
static gboolean
search_all(HtFinder *finder, char **names, GError **error)
{
    GError *failures = NULL;
    finder->is_several = names[1] != NULL;
    if (finder->is_several && root_option != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "--root is for one hive; NAME=HIVE says it of each");
    for (gsize i = 0; names[i] != NULL; i++) {
        GError *failure = NULL;
        if (!ht_finder_search(finder, names[i], &failure))
            hc_cli_add_failure(finder->context, &failures, failure);
    }
    /* A key that is in one of them is found. */
    if (failures == NULL && finder->absence != NULL && !finder->has_branch)
        failures = g_steal_pointer(&finder->absence);
    return failures == NULL || hc_fail_with(error, failures);
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    const char *pattern = pattern_option != NULL ? pattern_option : args[0];
    char **hives = args + (pattern_option != NULL ? 0 : 1);
    g_auto(HtFinder) finder = {.context = context,
                               .keys = key_options,
                               .root_option = root_option,
                               .user_option = user_option,
                               .is_salvage = is_salvage,
                               .is_full = is_full,
                               .is_count = is_count,
                               .is_list = is_list};
    GError *failure = NULL;
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS | HC_FORMAT_BIT(HC_FORMAT_HTML), &format,
                         error) ||
        !check_usage(format, error) || !parse_in(&finder.search.in, error) ||
        !hc_cli_filter_new(&filter_options, &finder.filter, error) || !need_hive(hives, error) ||
        !hc_cli_refuse_overwrite(output_option, hives, error))
        return FALSE;
    finder.types = parse_types(&failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    finder.pattern = hc_pattern_new(pattern,
                                    is_regex  ? HC_PATTERN_REGEX
                                    : is_glob ? HC_PATTERN_GLOB
                                              : HC_PATTERN_TEXT,
                                    ignores_case, error);
    if (finder.pattern == NULL)
        return FALSE;
    finder.stream = hc_cli_open_stream(context, output_option, hives, error);
    if (finder.stream == NULL)
        return FALSE;
    finder.subject = pattern;
    ht_finder_begin(&finder, format, output_option == NULL);
    const gboolean is_done = search_all(&finder, hives, &failure);
    ht_finder_end(&finder);
    *status = finder.n_all > 0 ? HC_EXIT_OK : HC_EXIT_NO;
    /* What is in the other hives is told; a file is whole or not there. */
    if (!is_done && output_option == NULL)
        (void) hc_stream_end(finder.stream, NULL);
    return is_done ? hc_cli_publish(context, finder.stream, error) : hc_fail_with(error, failure);
}

const HcCommand ht_cmd_find = {
    .name = "find",
    .alias = "search",
    .also = "grep query locate",
    .group = "look into hives",
    .args = "PATTERN HIVE...",
    .summary = "print the keys and values that have a text in them",
    .details =
        "Looks into names of keys and values and into what data means: strings, items of lists,\n"
        "numbers (whole: 443, 0x1bb), and strings of four or more characters in binary data.",
    .statuses = "0 found, 1 not found",
    .examples = "hivetool find -i app SOFTWARE SYSTEM\n"
                "hivetool find --regex '^Curr' --in=names /mnt/windows",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
