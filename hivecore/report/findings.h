#pragma once

#include "hivecore/base/findings.h"
#include "hivecore/base/json-writer.h"

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

G_END_DECLS
