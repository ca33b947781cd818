#pragma once

#include "hivecore/base/findings.h"
#include "hivecore/base/json-writer.h"
#include "hivecore/report/records.h"

G_BEGIN_DECLS

/* Findings for machines; hc_findings_append_text() is for people. */

/** HcFindingField: what a member of a finding's JSON object tells. */
typedef enum {
    HC_FIELD_SEVERITY,
    HC_FIELD_ID,
    HC_FIELD_SOURCE,
    HC_FIELD_LINE,
    HC_FIELD_COLUMN,
    HC_FIELD_OFFSET,
    HC_FIELD_LAYER, /* a number or null */
    HC_FIELD_PLACE,
    HC_FIELD_TEXT,
    HC_FIELD_REGEDIT,
} HcFindingField;

/** HcFindingMember: one member; of each document its FORMATS page tells the names. */
typedef struct {
    const char *name;
    HcFindingField field;
} HcFindingMember;

/**
 * hc_findings_json:
 * An array of an object for each finding.
 * @members: ends with a NULL name
 */
void hc_findings_json(HcJsonWriter *json, const HcFindings *findings,
                      const HcFindingMember *members);

/** HcCheckedInput: what was checked, and what was found. */
typedef struct {
    const char *name; /* as the user gave it */
    const HcFindings *findings;
} HcCheckedInput;

/** HcFindingsReport: a run of one command. */
typedef struct {
    const char *program;
    const char *command;
    const HcCheckedInput *inputs;
    gsize n_inputs;
    HcSeverity fails_from;          /* what is as bad makes the command fail */
    const char *unnamed_id;         /* for findings whose rule has no name */
    const HcFindingMember *members; /* of a finding in records, as in the command's document */
    gboolean is_terminal;
} HcFindingsReport;

/** Returns: (transfer full): the text of @finding, with what the rule is known from and what
 * regedit does. */
char *hc_finding_sentence(const HcFinding *finding);

/** hc_findings_print: all forms but text and the command's own document: records (NDJSON, CSV),
 * whose columns are "file" and the members, hc_findings_junit(), hc_findings_sarif(),
 * hc_findings_github(), hc_html_findings(). */
void hc_findings_print(HcStream *stream, HcFormat format, const HcFindingsReport *report);

/** hc_findings_junit: JUnit's XML (docs/FORMATS-check.md), a suite for each input and a case for
 * each finding. */
void hc_findings_junit(GString *out, const HcFindingsReport *report);

/** hc_findings_github: workflow commands of GitHub Actions, a line for each finding. */
void hc_findings_github(GString *out, const HcFindingsReport *report);

/** hc_findings_sarif: SARIF 2.1.0 (docs/FORMATS-check.md), one run. */
void hc_findings_sarif(GString *out, const HcFindingsReport *report);

G_END_DECLS
