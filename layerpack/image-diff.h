#pragma once

#include "hivecore/delta/diff.h"
#include "hivecore/image/hive-slots.h"
#include "layerpack/files-report.h"

G_BEGIN_DECLS

/** LpImageSide: one of two images, layers or unpacked layers. */
typedef struct {
    const char *operand;
    char *platform; /* (nullable): which of several images it is */
    char *words;    /* (nullable): the platform of one of several, as people write it */
    HcTree *tree;
} LpImageSide;

/** LpImageDiff: how two differ. */
typedef struct {
    LpImageSide old_side;
    LpImageSide new_side;
    HcDelta *hives[HC_N_HIVE_SLOTS]; /* NULL: not compared */
    HcIgnoredCounts ignored[HC_N_HIVE_SLOTS];
    HcTreeDiff *files;      /* (nullable) */
    gboolean is_incomplete; /* something could not be compared, and was told */
} LpImageDiff;

/** lp_image_diff_make: compares the two sides, which are named. @with_files: files too */
gboolean lp_image_diff_make(LpImageDiff *diff, HcCliContext *context, gboolean with_files,
                            guint ignore, GError **error);
void lp_image_diff_clear(LpImageDiff *diff);

/** Returns: whether nothing differs. */
gboolean lp_image_diff_is_empty(const LpImageDiff *diff);

/** lp_image_diff_text: in the words of hivetool diff, the files after the hives. */
void lp_image_diff_text(HcStream *stream, const LpImageDiff *diff, const LpDiffShowing *showing);

/** lp_image_diff_json: a document with all @diffs (element-type LpImageDiff), of @old_operand and
 * @new_operand. */
void lp_image_diff_json(HcStream *stream, const GPtrArray *diffs, const char *old_operand,
                        const char *new_operand, const LpDiffShowing *showing);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpImageDiff, lp_image_diff_clear)

G_END_DECLS
