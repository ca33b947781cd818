#pragma once

#include "hivecore/report/format.h"
#include "hivecore/report/views.h"

G_BEGIN_DECLS

/** HcDiffPart: what is different at one place. */
typedef struct {
    const char *place; /* for the heading */
    const char *old_name;
    const char *new_name;
    const HcDelta *exact; /* (nullable): how what is there changes */
    HcDelta *old_patch;   /* instead of it, of two changes: what each says */
    HcDelta *new_patch;
    GBytes *old_text; /* (nullable): what export writes of both, in UTF-8 */
    GBytes *new_text;
} HcDiffPart;

/** HcDiffOutput: what diff prints of it; a row of the table in diff-output.c for each format. */
typedef struct {
    const char *program;
    HcFormat format;
    HcReportView view;    /* of text */
    gboolean is_terminal; /* that it is printed on */
} HcDiffOutput;

/** HC_DIFF_FORMATS: those that hc_diff_output_append() knows. */
#define HC_DIFF_FORMATS                                                                            \
    (HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON) |                               \
     HC_FORMAT_BIT(HC_FORMAT_NDJSON) | HC_FORMAT_BIT(HC_FORMAT_CSV) |                              \
     HC_FORMAT_BIT(HC_FORMAT_JUNIT) | HC_FORMAT_BIT(HC_FORMAT_MARKDOWN) |                          \
     HC_FORMAT_BIT(HC_FORMAT_UNIFIED))

/** hc_diff_output_is_each: whether each of several hives is told by itself, and not all as one. */
gboolean hc_diff_output_is_each(const HcDiffOutput *output);

/** hc_diff_output_is_names: whether lines of it say by themselves which hive they are of. */
gboolean hc_diff_output_is_names(const HcDiffOutput *output);

/** hc_diff_output_check: HC_ERROR_UNSUPPORTED where the output has no form for @part. */
gboolean hc_diff_output_check(const HcDiffOutput *output, const HcDiffPart *part, GError **error);

/**
 * hc_diff_output_begin, hc_diff_output_append, hc_diff_output_end: a document: one part after the
 * other.
 * @is_several: with a heading
 *
 * Returns: whether both are the same
 */
void hc_diff_output_begin(const HcDiffOutput *output, HcStream *out);
gboolean hc_diff_output_append(const HcDiffOutput *output, HcStream *out, const HcDiffPart *part,
                               const HcReportOptions *options, gboolean is_several);
/** hc_diff_output_is_silent: whether @part of several is told with all others that are the same, in
 * one line at the end. */
gboolean hc_diff_output_is_silent(const HcDiffOutput *output, const HcDiffPart *part);

/** hc_diff_output_append_same: that line, of @n_same parts; @options: sums of theirs. */
void hc_diff_output_append_same(const HcDiffOutput *output, HcStream *out, guint n_same,
                                const HcReportOptions *options);

void hc_diff_output_end(const HcDiffOutput *output, HcStream *out);

G_END_DECLS
