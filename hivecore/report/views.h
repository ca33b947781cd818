#pragma once

#include "hivecore/delta/prune.h"
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

G_END_DECLS
