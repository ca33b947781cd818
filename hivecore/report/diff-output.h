#pragma once

#include "hivecore/base/stream.h"
#include "hivecore/delta/prune.h"
#include "hivecore/regf/hive.h"
#include "hivecore/report/records.h"
#include "hivecore/report/report.h"

G_BEGIN_DECLS

/** HcReportView: what text tells of a difference instead of all changes. */
typedef enum {
    HC_VIEW_CHANGES,
    HC_VIEW_STAT,        /* a bar for each subtree */
    HC_VIEW_NAME_ONLY,   /* a line for each key and value: KEY, KEY::VALUE */
    HC_VIEW_NAME_STATUS, /* the same behind A, D or M and a tab */
    HC_VIEW_SUMMARY,     /* counts */
    HC_VIEW_GROUP,       /* by what Windows keeps there: services, programs, … */
} HcReportView;

/** hc_report_view: into @stream, what @view tells of an exact delta without REPLACE. */
void hc_report_view(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
                    HcReportView view);

/** hc_report_groups: HC_VIEW_GROUP (docs/FORMATS.md, "Groups of changes"). */
void hc_report_groups(HcStream *stream, const HcDelta *exact, const HcReportOptions *options);

/** hc_report_markdown: for a ticket: counts, and each subtree to be opened (<details>). */
void hc_report_markdown(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
                        const char *heading);

/** hc_report_records: a record for each change, as CSV or NDJSON (docs/FORMATS.md, "Changes"). */
void hc_report_records(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
                       gboolean is_csv, const char *tool);

/** hc_change_records_new: the same for several things, images or layers: a column before the
 * others, "of", says which. */
HcRecords *hc_change_records_new(HcStream *stream, gboolean is_csv, const HcRecordsHead *head);
void hc_change_records_put(HcRecords *records, const char *of, const HcDelta *exact,
                           const char *root);

/** hc_change_records_put_other: a change of what is no key or value. @record: what it is; @itself:
 * (nullable): what is different */
void hc_change_records_put_other(HcRecords *records, const char *of, HcChangeKind kind,
                                 const char *record, const char *path, const char *itself);

/** hc_report_junit: a suite for each place, of a failure for each key that differs. */
void hc_report_junit_begin(GString *out, const char *program, const char *command);
void hc_report_junit_suite(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
                           const char *place);
void hc_report_junit_end(GString *out);

/** hc_report_unified: the lines of two texts as diff -u has them, which patch applies.
 * @is_terminal: for people instead, with nothing in it that a terminal obeys */
void hc_report_unified(HcStream *stream, const char *old_name, GBytes *old_text,
                       const char *new_name, GBytes *new_text, gboolean is_terminal);

/**
 * hc_report_layer_diff:
 * How what one differencing hive says differs from what another says, statement by statement:
 * keys and values that only one of them speaks of, and those of which they say different things.
 * As text in the form of hc_report_text() ("+" only in the new one, "-" only in the old one, "~"
 * in both), or as one JSON document (docs/FORMATS.md, "Difference of two deltas").
 *
 * @old_patch, @new_patch: from hc_differencing_read()
 * @options: .ignored and .bytes_differ are not used; of .ignore the bits SECURITY, CLASS and
 *   FLAGS, the only ones that have a meaning here: times and the order of values never count
 *
 * Returns: whether they say the same
 */
gboolean hc_report_layer_diff(HcStream *stream, const HcDelta *old_patch, const HcDelta *new_patch,
                              const HcReportOptions *options, gboolean is_json);

/**
 * hc_report_lines:
 * A hive as text for programs that compare lines, such as git: a "[key]" block for each key, in the
 * order of the tree, with its class, flags and, where it is not that of the key above, security
 * descriptor, then its values by name. What of a value can change by itself is a line by itself:
 * the strings of a list, the pieces of a string between ';' as in PATH, 16 bytes of binary data.
 * Times and the order of values are left out, nothing else is: two hives with the same lines hold
 * the same (HC_IGNORE_TIMESTAMPS | HC_IGNORE_ORDER). docs/git.md tells the form.
 *
 * @hive: hc_hive_check() is happy with it
 * @root: path before every key, may be ""
 *
 * Returns: FALSE without @error when the stream cannot be written, which hc_stream_end() tells
 */
gboolean hc_report_lines(HcStream *stream, const HcHive *hive, const char *root, GError **error);

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
