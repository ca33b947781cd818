#pragma once

#include "hivecore/delta/diff.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/report/change-filter.h"
#include "hivecore/report/diff-output.h"
#include "layerpack/files-report.h"

G_BEGIN_DECLS

/** LpImageSide: one of two images, layers or unpacked layers. */
typedef struct {
    const char *operand;
    char *platform; /* (nullable): which of several images it is */
    char *words;    /* (nullable): the platform of one of several, as people write it */
    HcTree *tree;
} LpImageSide;

/** LpHiveDiff: one hive of both. */
typedef struct {
    HcDelta *exact; /* (nullable): NULL: not compared */
    HcIgnoredCounts ignored;
    uint64_t n_filtered; /* changes that a filter took out */
    GBytes *old_text;    /* (nullable): with .with_texts: what export writes of it, in UTF-8 */
    GBytes *new_text;
} LpHiveDiff;

/** LpImageDiff: how two differ. */
typedef struct {
    LpImageSide old_side;
    LpImageSide new_side;
    LpHiveDiff hives[HC_N_HIVE_SLOTS];
    HcTreeDiff *files; /* (nullable) */
    guint64 n_files_filtered;
    gboolean is_incomplete; /* something could not be compared, and was told */
} LpImageDiff;

/** LpDiffWish: what is to be compared. */
typedef struct {
    gboolean with_files;
    gboolean with_texts;
    guint ignore;                 /* HcIgnore bits */
    const HcChangeFilter *filter; /* (nullable) */
} LpDiffWish;

/** lp_image_diff_make: compares the two sides, which are named. */
gboolean lp_image_diff_make(LpImageDiff *diff, HcCliContext *context, const LpDiffWish *wish,
                            GError **error);
void lp_image_diff_clear(LpImageDiff *diff);

/** Returns: whether nothing differs. */
gboolean lp_image_diff_is_empty(const LpImageDiff *diff);

/** Returns: how many changes were taken out, of registry and files. */
uint64_t lp_image_diff_n_filtered(const LpImageDiff *diff);

/** LP_DIFF_FORMATS: those that lp_image_diffs_print() knows. */
#define LP_DIFF_FORMATS (HC_DIFF_FORMATS | HC_FORMAT_BIT(HC_FORMAT_HTML))

/** lp_image_diffs_print: all @diffs (element-type LpImageDiff), of @old_operand and @new_operand,
 * in the words of hivetool diff, the files after the hives. */
void lp_image_diffs_print(HcStream *stream, const GPtrArray *diffs, const char *old_operand,
                          const char *new_operand, const LpDiffShowing *showing);

/** lp_image_diffs_json: as one document. */
void lp_image_diffs_json(HcStream *stream, const GPtrArray *diffs, const char *old_operand,
                         const char *new_operand, const LpDiffShowing *showing);

/** lp_hive_report_options: what reports of the hive of @slot, at @root, say around it. */
HcReportOptions lp_hive_report_options(const LpImageDiff *diff, const LpDiffShowing *showing,
                                       int slot, const HcRoot *root);

LpFiles lp_image_diff_files(const LpImageDiff *diff);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpImageDiff, lp_image_diff_clear)

G_END_DECLS
