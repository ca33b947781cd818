#include "config.h"

#include "hivecore/report/findings.h"

#include "hivecore/report/html.h"
#include "hivecore/report/records.h"

/* More than HcFindingField has, with "file" and the end. */
#define MAX_COLUMNS 16

static HcColumnType
column_type(HcFindingField field)
{
    switch (field) {
    case HC_FIELD_LINE:
    case HC_FIELD_COLUMN:
    case HC_FIELD_OFFSET:
    case HC_FIELD_LAYER:
        return HC_COLUMN_NUMBER;
    case HC_FIELD_SEVERITY:
    case HC_FIELD_ID:
    case HC_FIELD_SOURCE:
    case HC_FIELD_PLACE:
    case HC_FIELD_TEXT:
    case HC_FIELD_REGEDIT:
        return HC_COLUMN_TEXT;
    }
    g_return_val_if_reached(HC_COLUMN_TEXT);
}

static void
add_known_number(HcRecords *records, uint64_t number, gboolean is_known)
{
    if (is_known)
        hc_record_number(records, number);
    else
        hc_record_none(records);
}

static void
add_field(HcRecords *records, const HcFinding *finding, HcFindingField field)
{
    switch (field) {
    case HC_FIELD_SEVERITY:
        hc_record_text(records, hc_severity_name(finding->severity));
        break;
    case HC_FIELD_ID:
        hc_record_text(records, finding->id);
        break;
    case HC_FIELD_SOURCE:
        hc_record_text(records, finding->source);
        break;
    case HC_FIELD_LINE:
        hc_record_number(records, finding->line);
        break;
    case HC_FIELD_COLUMN:
        hc_record_number(records, finding->column);
        break;
    case HC_FIELD_OFFSET:
        add_known_number(records, finding->offset, finding->offset != HC_NO_OFFSET);
        break;
    case HC_FIELD_LAYER:
        add_known_number(records, finding->layer, finding->layer > 0);
        break;
    case HC_FIELD_PLACE:
        hc_record_text(records, finding->place);
        break;
    case HC_FIELD_TEXT:
        hc_record_text(records, finding->text);
        break;
    case HC_FIELD_REGEDIT:
        hc_record_text(records, finding->regedit);
        break;
    }
}

static void
add_records(HcRecords *records, const HcFindingsReport *report)
{
    for (gsize i = 0; i < report->n_inputs; i++) {
        const HcFindings *findings = report->inputs[i].findings;
        for (guint k = 0; k < findings->list->len; k++) {
            hc_record_begin(records);
            hc_record_text(records, report->inputs[i].name);
            for (const HcFindingMember *member = report->members; member->name != NULL; member++)
                add_field(records, (const HcFinding *) findings->list->pdata[k], member->field);
            (void) hc_record_end(records); /* who ends the stream is told */
        }
    }
}

void
hc_findings_print(HcStream *stream, HcFormat format, const HcFindingsReport *report)
{
    HcColumn columns[MAX_COLUMNS] = {{"file", HC_COLUMN_TEXT, 0}};
    const HcRecordsHead head = {
        .tool = report->program, .kind = report->command, .is_terminal = report->is_terminal};
    if (format == HC_FORMAT_JUNIT) {
        hc_findings_junit(hc_stream_text(stream), report);
        return;
    }
    if (format == HC_FORMAT_GITHUB) {
        hc_findings_github(hc_stream_text(stream), report);
        return;
    }
    if (format == HC_FORMAT_HTML) {
        hc_html_findings(stream, report);
        return;
    }
    if (format == HC_FORMAT_SARIF) {
        hc_findings_sarif(hc_stream_text(stream), report);
        return;
    }
    for (gsize i = 0; report->members[i].name != NULL && i + 2 < MAX_COLUMNS; i++)
        columns[i + 1] =
            (HcColumn){report->members[i].name, column_type(report->members[i].field), 0};
    g_autoptr(HcRecords) records = hc_records_new(stream, format, &head, columns);
    hc_records_begin(records);
    add_records(records, report);
    hc_records_end(records);
}
