#pragma once

#include "hivecore/report/format.h"
#include "hivecore/report/views.h"

G_BEGIN_DECLS

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
