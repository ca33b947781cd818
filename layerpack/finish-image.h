#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/image/tree.h"
#include "layerpack/config-edit.h"
#include "layerpack/target-options.h"

G_BEGIN_DECLS

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

G_END_DECLS
