#pragma once

#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/cli.h"
#include "hivecore/cli/patches.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/tree.h"
#include "layerpack/config-edit.h"
#include "layerpack/file-changes.h"

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

/* What the commands that write images share. */

/**
 * lp_check_target:
 * @to: an image operand
 * @files: (nullable): NULL-terminated
 *
 * Before anything is read for it. Returns: FALSE with an error of lp_image_target_check(), or
 * HC_ERROR_USAGE when @to is an archive in the place of one of @files, or no image
 */
gboolean lp_check_target(const char *to, char *const *files, GError **error);

/** lp_check_target_files: HC_ERROR_USAGE when @to is an archive in the place of a file that is put
 * into @tree. */
gboolean lp_check_target_files(const char *to, const HcTree *tree, GError **error);

/** lp_check_not_base: HC_ERROR_USAGE when the image @to would take the place of the one that it is
 * made from; in a layout both have room, unless they have the same name. @base: that of @from */
gboolean lp_check_not_base(const char *from, const HcImageInfo *base, const char *to,
                           GError **error);

/** Returns: the media types of what is made from @base (nullable); a docker-archive has none that
 * could be kept. */
HcImageFamily lp_target_family(const HcImageInfo *base);

/** LpImagePlan: what an image gets besides its layers. */
typedef struct {
    GBytes *base_config; /* (nullable) */
    const char *where;   /* for messages on it */
    const LpConfigOptions *options;
    const char *created_by;
    gboolean is_unchanged;   /* nothing but the name is new: the configuration stays as it is */
    const char *annotations; /* (nullable): JSON object */
} LpImagePlan;

/**
 * lp_finish_image:
 * Adds the new layer, writes configuration and manifest. Others may follow
 * where the target is to be an index; then lp_commit_target().
 * @report: gets the digests
 * @layer: (nullable): finished, with what is in it; NULL: no new layer
 */
gboolean lp_finish_image(HcCliContext *context, HcImageWriter *writer, HcLayerOutput *layer,
                         const LpImagePlan *plan, GString *report, GError **error);

/** lp_commit_target: hc_image_writer_commit(), then prints @report and what else there is to tell.
 * @to: the operand */
gboolean lp_commit_target(HcCliContext *context, HcImageWriter *writer, const char *to,
                          const GString *report, GError **error);

/** LpBuildRun: what the command line of build says. */
typedef struct {
    const char *from;
    const char *to;   /* (nullable) */
    gboolean dry_run; /* what would change is printed, and nothing written */
    char **platforms; /* (nullable): several are an index */
    gboolean all_platforms;
    char **reg;           /* (nullable) */
    LpFileChanges *files; /* (nullable) */
    const char *base_name;
    const HcShowing *showing;
    const HcPatchOptions *patch_options;
    const LpTargetOptions *target_options;
    const LpConfigOptions *config_options;
} LpBuildRun;

/** lp_build_read_inputs: looks at the target and the changes of files, and reads the patches.
 * @patches: (out) (nullable): NULL: there are none */
gboolean lp_build_read_inputs(const LpBuildRun *run, GPtrArray **patches, GError **error);

/**
 * lp_build_platforms:
 * @from: (nullable): the base that tells all platforms
 *
 * Returns: (transfer full): of char *, what chooses the base of each image; one NULL: nothing does
 */
GPtrArray *lp_build_platforms(const HcCliContext *context, const LpBuildRun *run, const char *from,
                              GError **error);

/** lp_build_run: an image for each platform, or what would change. */
gboolean lp_build_run(HcCliContext *context, const LpBuildRun *run, GError **error);

G_END_DECLS
