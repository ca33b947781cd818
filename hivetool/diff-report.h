#pragma once

#include "hivecore/report/format.h"
#include "hivecore/report/views.h"
#include "hivetool/compare.h"

G_BEGIN_DECLS

/** HtDiffOutput: what diff prints of a comparison; a row of the table in diff-report.c for each
 * format. */
typedef struct {
    const char *program;
    HcFormat format;
    HcReportView view;    /* of text */
    gboolean is_terminal; /* that it is printed on */
} HtDiffOutput;

/** HT_DIFF_FORMATS: those that ht_diff_append() knows. */
#define HT_DIFF_FORMATS                                                                            \
    (HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON) |                               \
     HC_FORMAT_BIT(HC_FORMAT_NDJSON) | HC_FORMAT_BIT(HC_FORMAT_CSV) |                              \
     HC_FORMAT_BIT(HC_FORMAT_JUNIT) | HC_FORMAT_BIT(HC_FORMAT_MARKDOWN) |                          \
     HC_FORMAT_BIT(HC_FORMAT_UNIFIED))

/** ht_diff_is_each: whether each of several hives is told by itself, and not all as one. */
gboolean ht_diff_is_each(const HtDiffOutput *output);

/** ht_diff_check: HC_ERROR_UNSUPPORTED where the output has no form for @comparison. */
gboolean ht_diff_check(const HtDiffOutput *output, const HtComparison *comparison, GError **error);

/**
 * ht_diff_begin, ht_diff_append, ht_diff_end: a document: one comparison after the other.
 * @is_several: with a heading
 *
 * Returns: whether both are the same
 */
void ht_diff_begin(const HtDiffOutput *output, HcStream *out);
gboolean ht_diff_append(const HtDiffOutput *output, HcStream *out, const HtComparison *comparison,
                        const HcReportOptions *options, gboolean is_several);
void ht_diff_end(const HtDiffOutput *output, HcStream *out);

G_END_DECLS
