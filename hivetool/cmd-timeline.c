#include "config.h"

#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/error.h"

static char *since_option;
static char *until_option;
static char *base_option;
static char **key_options;
static char *format_option;
static char *root_option;
static char *user_option;
static gboolean is_salvage;

static const GOptionEntry entries[] = {
    {"since", 0, 0, G_OPTION_ARG_FILENAME, &since_option,
     "only keys that were written then or later, like\n2022, 2022-05-07 or '2022-05-07 05:24 "
     "+0200'",
     "TIME"},
    {"until", 0, 0, G_OPTION_ARG_FILENAME, &until_option,
     "only keys that were written then or earlier;\na day, a month or a year is all of it", "TIME"},
    {"base", 0, 0, G_OPTION_ARG_FILENAME, &base_option,
     "only keys that this hive does not have, or has\nwith another time", "HIVE"},
    {"key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &key_options,
     "only this key and what is below it; can be repeated", "PATH"},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, json, ndjson, csv or bodyfile (for mactime)", "FORMAT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage, "show what can be read of a damaged hive",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where HIVE hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    HT_KEY_USER_OPTION_ENTRY(user_option),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

#define FORMATS (HC_FORMATS_RECORDS | HC_FORMAT_BIT(HC_FORMAT_BODYFILE))

/* What git and date take: yesterday, -7 days, 2 weeks ago. No clock is asked here, so that a
 * command prints the same whenever it runs. */
static gboolean
is_relative(const char *text)
{
    static const char *const words[] = {"ago",   "day",  "hour", "last",    "min",
                                        "month", "next", "noon", "now",     "sec",
                                        "today", "week", "year", "midnight"};
    g_autofree char *low = g_ascii_strdown(text, -1);
    gboolean is_one = low[0] == '-' || low[0] == '+';
    for (gsize i = 0; i < G_N_ELEMENTS(words) && !is_one; i++)
        is_one = strstr(low, words[i]) != NULL;
    return is_one;
}

/* @text: (nullable); @is_end: a day, a minute or a second is meant to its last moment */
static gboolean
parse_time(const char *option, const char *text, gboolean is_end, uint64_t *filetime,
           GError **error)
{
    if (text == NULL || hc_filetime_parse(text, is_end, filetime))
        return TRUE;
    if (is_relative(text))
        return hc_fail(
            error, HC_ERROR_USAGE,
            "--%s is '%s', which tomorrow is another time: say which, like 2022-05-07 or "
            "$(date -d '-7 days' +%%F)",
            option, text);
    return hc_fail(error, HC_ERROR_USAGE,
                   "--%s is '%s', not a time like 2022, 2022-05, 2022-05-07, 2022-05-07T05:24:01Z "
                   "or @1651901041",
                   option, text);
}

static gboolean
add_all(HtTimeline *timeline, const HcCliContext *context, char **names, const HtTimes *times,
        GError **error)
{
    GError *failures = NULL;
    if (names[1] != NULL && (root_option != NULL || base_option != NULL))
        return hc_fail(error, HC_ERROR_USAGE, "--%s is for one hive",
                       root_option != NULL ? "root" : "base");
    for (gsize i = 0; names[i] != NULL; i++) {
        GError *failure = NULL;
        if (!ht_timeline_add(timeline, context, names[i], times, &failure))
            hc_cli_add_failure(context, &failures, failure);
    }
    return failures == NULL || hc_fail_with(error, failures);
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    HtTimes times = {.until = G_MAXUINT64,
                     .keys = key_options,
                     .root_option = root_option,
                     .user_option = user_option,
                     .is_salvage = is_salvage};
    if (!hc_format_parse(format_option, FORMATS, &format, error) ||
        !parse_time("since", since_option, FALSE, &times.since, error) ||
        !parse_time("until", until_option, TRUE, &times.until, error))
        return FALSE;
    char *const bases[] = {base_option, NULL};
    if (!hc_cli_refuse_overwrite(context->output, bases, error))
        return FALSE;
    if (times.since > times.until)
        return hc_fail(error, HC_ERROR_USAGE, "--since %s is later than --until %s", since_option,
                       until_option);
    g_autoptr(HcHive) base =
        base_option != NULL ? hc_cli_open_hive(context, base_option, error) : NULL;
    if (base_option != NULL && base == NULL)
        return FALSE;
    times.base = base;
    g_autoptr(HtTimeline) timeline = ht_timeline_new();
    GError *failures = NULL;
    GError *failure = NULL;
    /* One that cannot be read hides no other. */
    (void) add_all(timeline, context, args, &times, &failures);
    if (!ht_timeline_print(timeline, context, context->stream, format, &failure))
        hc_cli_add_failure(context, &failures, failure);
    *status = HC_EXIT_OK;
    return failures == NULL || hc_fail_with(error, failures);
}

const HcCommand ht_cmd_timeline = {
    .name = "timeline",
    .also = "times mactime",
    .group = "look into hives",
    .args = "HIVE...",
    .summary = "print when keys were last written, in that order",
    .details =
        "Each key with its time, how many subkeys and values it has, and its path. HIVE can be\n"
        "several, a folder of hives, a Windows disk, an image or a layer.",
    .statuses = "0 done, 1 no such key",
    .examples = "hivetool timeline --since=2022-05-07 SYSTEM\n"
                "hivetool timeline --format=bodyfile /mnt/windows -o registry.body",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .n_shown = -1,
    .run = run,
};
