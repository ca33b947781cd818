#pragma once

#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/cli.h"
#include "hivecore/delta/diff.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/image/tree-diff.h"
#include "hivecore/report/change-filter.h"
#include "hivecore/report/diff-output.h"

G_BEGIN_DECLS

/** LpDiffShowing: how the report is to be. */
typedef struct {
    const HcCliContext *context;
    const HcShowing *showing;
    const char *output; /* (nullable): where it goes */
    guint ignore;
    gboolean is_filtered;
    HcFormat format;
    HcReportView view; /* of text */
} LpDiffShowing;

/** LpFiles: how the files of two trees differ. */
typedef struct {
    const HcTree *old_tree;
    const HcTree *new_tree;
    const HcTreeDiff *diff;
    guint64 n_filtered; /* changes that a filter took out */
} LpFiles;

/** Returns: "file", "folder", … */
const char *lp_file_kind_word(const HcTreeNode *node);

/** Returns: (transfer full): "C:\A\b", or of another system "/A/b" */
char *lp_file_path(const HcTree *tree, const HcTreeNode *node);

/** Returns: (transfer full) (nullable): the path of what @change is of */
char *lp_file_change_path(const LpFiles *files, const HcTreeChange *change);

/** Returns: (transfer full) (nullable): the descriptor, where it has one, as SDDL */
char *lp_file_sddl(const HcTreeNode *node);

HcChangeKind lp_file_change_kind(const HcTreeChange *change);

/** lp_file_change_append: what it is, or of one that is in both what is different, in one line. */
void lp_file_change_append(GString *out, const HcTreeChange *change);

/** lp_files_append_summary: the last line, "1 file added, 2 files changed". */
void lp_files_append_summary(GString *out, const LpFiles *files);

/** lp_files_text: the files alone, under their heading. */
void lp_files_text(HcStream *stream, const LpFiles *files, const LpDiffShowing *showing);

/** lp_files_view: the same with what @view tells instead of all changes. */
void lp_files_view(HcStream *stream, const LpFiles *files, const LpDiffShowing *showing,
                   HcReportView view);

/** lp_files_markdown, lp_files_junit_suite, lp_files_records: as of the registry in report/views.h.
 * @place: the heading */
void lp_files_markdown(HcStream *stream, const LpFiles *files, const LpDiffShowing *showing,
                       const char *place);
void lp_files_junit_suite(HcStream *stream, const LpFiles *files, const char *place);
void lp_files_records(HcRecords *records, const char *of, const LpFiles *files);

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
