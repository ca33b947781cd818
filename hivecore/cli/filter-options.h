#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/report/change-filter.h"

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

G_END_DECLS
