#include "config.h"

#include "hivecore/report/findings.h"

static void
add_number(HcJsonWriter *json, uint64_t number, gboolean is_known)
{
    if (is_known)
        hc_json_number(json, number);
    else
        hc_json_null(json);
}

static void
add_field(HcJsonWriter *json, const HcFinding *finding, HcFindingField field)
{
    switch (field) {
    case HC_FIELD_SEVERITY:
        hc_json_string(json, hc_severity_name(finding->severity));
        break;
    case HC_FIELD_ID:
        hc_json_string(json, finding->id);
        break;
    case HC_FIELD_SOURCE:
        hc_json_string(json, finding->source);
        break;
    case HC_FIELD_LINE:
        add_number(json, finding->line, TRUE);
        break;
    case HC_FIELD_COLUMN:
        add_number(json, finding->column, TRUE);
        break;
    case HC_FIELD_OFFSET:
        add_number(json, finding->offset, finding->offset != HC_NO_OFFSET);
        break;
    case HC_FIELD_LAYER:
        add_number(json, finding->layer, finding->layer > 0);
        break;
    case HC_FIELD_PLACE:
        hc_json_string(json, finding->place);
        break;
    case HC_FIELD_TEXT:
        hc_json_string(json, finding->text);
        break;
    case HC_FIELD_REGEDIT:
        hc_json_string(json, finding->regedit);
        break;
    }
}

char *
hc_finding_sentence(const HcFinding *finding)
{
    GString *text = g_string_new(finding->text);
    if (finding->source != NULL)
        g_string_append_printf(text, " (%s)", finding->source);
    if (finding->regedit != NULL)
        g_string_append_printf(text, "; regedit %s", finding->regedit);
    return g_string_free(text, FALSE);
}

void
hc_findings_json(HcJsonWriter *json, const HcFindings *findings, const HcFindingMember *members)
{
    hc_json_begin_array(json, HC_JSON_LINES);
    for (guint i = 0; i < findings->list->len; i++) {
        hc_json_begin_object(json, HC_JSON_SPACED);
        for (const HcFindingMember *member = members; member->name != NULL; member++) {
            hc_json_member(json, member->name);
            add_field(json, (const HcFinding *) findings->list->pdata[i], member->field);
        }
        hc_json_end(json);
    }
    hc_json_end(json);
}
