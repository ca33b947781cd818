#pragma once

#include "hivecore/cli/cli-hive.h"
#include "hivecore/image/image-writer.h"

G_BEGIN_DECLS

/** LpTargetOptions: the option variables of a command that writes an image. */
typedef struct {
    char *compression; /* (nullable): of new layers: "auto", "none" or "gzip"; NULL is auto: gzip,
                        * but for docker-archive, where plain tars are what there always was */
    gboolean replace;  /* a tag is taken from an image for another os.version */
    gboolean in_index; /* TAG is to be an index */
    int lock_timeout_seconds;
} LpTargetOptions;

/* The entries of @options, an LpTargetOptions, in a command's table. */
#define LP_TARGET_OPTION_ENTRIES(options)                                                          \
    {"compression",                                                                                \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_FILENAME,                                                                        \
     &(options).compression,                                                                       \
     "of the new layer: none, gzip[:LEVEL],\nzstd[:LEVEL], or auto: gzip, and none in "            \
     "a\ndocker-archive",                                                                          \
     "HOW"},                                                                                       \
        {"replace",                                                                                \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &(options).replace,                                                                       \
         "take TAG also from an image for another\nversion of Windows",                            \
         NULL},                                                                                    \
        {"index",                                                                                  \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &(options).in_index,                                                                      \
         "make TAG an index, which the image joins: those\nfor other platforms stay",              \
         NULL},                                                                                    \
        HC_LOCK_OPTION_ENTRY((options).lock_timeout_seconds)

/** lp_check_target_options: what is wrong with .compression, before anything is read. @to:
 * (nullable) */
gboolean lp_check_target_options(const LpTargetOptions *options, const char *to, GError **error);

/** lp_open_target: hc_image_writer_open() of @target, of which .compression, .replace, .epoch and
 * .lock_timeout_seconds are set here; HC_ERROR_USAGE when that is negative. */
HcImageWriter *lp_open_target(const HcCliContext *context, HcImageTarget *target,
                              const LpTargetOptions *options, GError **error);

G_END_DECLS
