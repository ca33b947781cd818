#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/report/change-filter.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/records.h"

G_BEGIN_DECLS

/** HcFilterOptions: which changes a command is to show, as it was said; all NULL: all. */
typedef struct {
    char **keys;
    char **includes;
    char **excludes;
    char **exclude_files;
    char **kinds;
    char **types;
} HcFilterOptions;

/* The options, for a table of GOptionEntry. */
#define HC_FILTER_OPTION_ENTRIES(options)                                                          \
    {"key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(options).keys, "only changes in KEY and below",   \
     "KEY"},                                                                                       \
        HC_FILTER_GLOB_OPTION_ENTRIES(options)

/* The same where --key is something else. */
#define HC_FILTER_GLOB_OPTION_ENTRIES(options)                                                     \
    HC_FILTER_PATH_OPTION_ENTRIES(options), {"kind",                                               \
                                             0,                                                    \
                                             0,                                                    \
                                             G_OPTION_ARG_FILENAME_ARRAY,                          \
                                             &(options).kinds,                                     \
                                             "only these: added,deleted,changed",                  \
                                             "LIST"},                                              \
    {                                                                                              \
        "type", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(options).types,                               \
            "only values of these types, like sz,dword", "LIST"                                    \
    }

/* Those that say where, for what is no change. */
#define HC_FILTER_PATH_OPTION_ENTRIES(options)                                                     \
    {"include",                                                                                    \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_FILENAME_ARRAY,                                                                  \
     &(options).includes,                                                                          \
     "only what matches: KEY, KEY::VALUE, with * ? **",                                            \
     "GLOB"},                                                                                      \
        {"exclude",          0,     0, G_OPTION_ARG_FILENAME_ARRAY, &(options).excludes,           \
         "not what matches", "GLOB"},                                                              \
    {                                                                                              \
        "exclude-file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(options).exclude_files,               \
            "not what matches a line of FILE, or of the preset\nnoise", "FILE"                     \
    }

/**
 * hc_cli_filter_new:
 * HC_ERROR_USAGE for what is no pattern, kind or type; HC_ERROR_IO, HC_ERROR_MALFORMED of a file,
 * with its line.
 *
 * @filter: (out) (transfer full): NULL where nothing was said
 */
gboolean hc_cli_filter_new(const HcFilterOptions *options, HcChangeFilter **filter, GError **error);

/** hc_cli_note_filtered: "N changes filtered", unless it is none. */
void hc_cli_note_filtered(const HcCliContext *context, uint64_t n_filtered);

/* What the commands of both programs that print changes let the user choose. */

/** HcViewOptions: what was asked for instead of all changes. */
typedef struct {
    gboolean is_stat;
    gboolean is_name_only;
    gboolean is_name_status;
    gboolean is_summary;
    gboolean is_group;
} HcViewOptions;

/* The options, for a table of GOptionEntry. */
#define HC_VIEW_OPTION_ENTRIES(views)                                                                \
    {"stat", 0, 0, G_OPTION_ARG_NONE, &(views).is_stat, "a bar for each subtree", NULL},             \
        {"name-only", 0, 0, G_OPTION_ARG_NONE, &(views).is_name_only, "only names: KEY, KEY::VALUE", \
         NULL},                                                                                      \
        {"name-status", 0, 0, G_OPTION_ARG_NONE, &(views).is_name_status, "names behind A, D or M",  \
         NULL},                                                                                      \
        {"summary", 0, 0, G_OPTION_ARG_NONE, &(views).is_summary, "only how many changes there are", \
         NULL},                                                                                      \
    {                                                                                                \
        "group", 0, 0, G_OPTION_ARG_NONE, &(views).is_group, "by services, programs, tasks, …",      \
            NULL                                                                                     \
    }

#define HC_IGNORE_OPTION_ENTRY(lists)                                                              \
    {                                                                                              \
        "ignore", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(lists),                                     \
            "also security, class, flags; none: nothing; -order:\nnot that; order and timestamps " \
            "are ignored anyway",                                                                  \
            "LIST"                                                                                 \
    }

/** hc_cli_view_parse: HC_ERROR_USAGE for more than one, and for one that is with another format
 * than text. */
gboolean hc_cli_view_parse(const HcViewOptions *options, HcFormat format, HcReportView *view,
                           GError **error);

/** hc_cli_ignore_parse: @lists: (nullable): each with commas: words that add to the default,
 * "-word" takes one away, "none" all. @ignore: (out): HcIgnore bits */
gboolean hc_cli_ignore_parse(char **lists, guint *ignore, GError **error);

G_END_DECLS
