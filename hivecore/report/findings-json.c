#include "config.h"

#include "hivecore/report/findings.h"

#include "hivecore/report/report.h"

static void
append_text(GString *out, const char *text)
{
    if (text != NULL)
        hc_report_append_json_text(out, text);
    else
        g_string_append(out, "null");
}

static void
append_number(GString *out, uint64_t number, gboolean is_known)
{
    if (is_known)
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, number);
    else
        g_string_append(out, "null");
}

static void
append_field(GString *out, const HcFinding *finding, HcFindingField field)
{
    switch (field) {
    case HC_FIELD_SEVERITY:
        append_text(out, hc_severity_name(finding->severity));
        break;
    case HC_FIELD_ID:
        append_text(out, finding->id);
        break;
    case HC_FIELD_SOURCE:
        append_text(out, finding->source);
        break;
    case HC_FIELD_LINE:
        append_number(out, finding->line, TRUE);
        break;
    case HC_FIELD_COLUMN:
        append_number(out, finding->column, TRUE);
        break;
    case HC_FIELD_OFFSET:
        append_number(out, finding->offset, finding->offset != HC_NO_OFFSET);
        break;
    case HC_FIELD_LAYER:
        append_number(out, finding->layer, finding->layer > 0);
        break;
    case HC_FIELD_PLACE:
        append_text(out, finding->place);
        break;
    case HC_FIELD_TEXT:
        append_text(out, finding->text);
        break;
    case HC_FIELD_REGEDIT:
        append_text(out, finding->regedit);
        break;
    }
}

void
hc_findings_json(GString *out, const HcFindings *findings, const HcFindingMember *members,
                 int indent)
{
    g_string_append_c(out, '[');
    for (guint i = 0; i < findings->list->len; i++) {
        const HcFinding *finding = (const HcFinding *) findings->list->pdata[i];
        g_string_append_printf(out, "%s\n%*s{", i > 0 ? "," : "", indent + 2, "");
        for (const HcFindingMember *member = members; member->name != NULL; member++) {
            g_string_append_printf(out, "%s\"%s\": ", member > members ? ", " : "", member->name);
            append_field(out, finding, member->field);
        }
        g_string_append_c(out, '}');
    }
    if (findings->list->len > 0)
        g_string_append_printf(out, "\n%*s", indent, "");
    g_string_append_c(out, ']');
}
