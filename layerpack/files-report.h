#pragma once

#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/cli.h"
#include "hivecore/image/tree-diff.h"
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

G_END_DECLS
