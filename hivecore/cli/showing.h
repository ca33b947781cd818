#pragma once

#include "hivecore/cli/cli.h"

G_BEGIN_DECLS

/** HcShowing: what the user said of it; all zero: nothing. */
typedef struct {
    gboolean is_full;
    char *depth_text; /* (nullable): argument of --depth */
    gboolean has_depth;
    guint depth; /* of hc_cli_check_showing() */
} HcShowing;

#define HC_SHOWING_OPTION_ENTRIES(showing)                                                         \
    {"full",                                                                                       \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_NONE,                                                                            \
     &(showing).is_full,                                                                           \
     "of changes, show all: nothing is cut or folded",                                             \
     NULL},                                                                                        \
    {                                                                                              \
        "depth", 0, 0, G_OPTION_ARG_FILENAME, &(showing).depth_text,                               \
            "open added and removed trees N levels deep", "N"                                      \
    }

/** hc_cli_check_showing: reads .depth; HC_ERROR_USAGE for one that is none. */
gboolean hc_cli_check_showing(HcShowing *showing, GError **error);

G_END_DECLS
