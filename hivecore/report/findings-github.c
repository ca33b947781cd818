#include "config.h"

#include "hivecore/report/findings.h"

#include <string.h>

#include "hivecore/base/display.h"

/* Source: GitHub's documentation, "Workflow commands for GitHub Actions": ::error
 * file=F,line=N,col=N,title=T::MESSAGE; what stands for the percent sign and ends of lines is
 * decoded everywhere, colons and commas in properties only. */

static void
append_escaped(GString *out, const char *text, gboolean is_property)
{
    for (; *text != '\0'; text++) {
        const gboolean is_special =
            strchr("%\r\n", *text) != NULL || (is_property && strchr(":,", *text) != NULL);
        if (is_special)
            g_string_append_printf(out, "%%%02X", (guint) *text);
        else
            g_string_append_c(out, *text);
    }
}

static const char *
command_of(HcSeverity severity)
{
    switch (severity) {
    case HC_SEVERITY_NOTE:
        return "notice";
    case HC_SEVERITY_WARNING:
        return "warning";
    case HC_SEVERITY_ERROR:
        return "error";
    }
    return "error";
}

static void
append_finding(GString *out, const HcFindingsReport *report, const char *input,
               const HcFinding *finding)
{
    g_autofree char *file = hc_display(finding->file != NULL ? finding->file : input);
    g_autofree char *sentence = hc_finding_sentence(finding);
    g_autoptr(GString) text = g_string_new(NULL);
    if (finding->layer > 0)
        g_string_append_printf(text, "layer %u: ", finding->layer);
    if (finding->place != NULL)
        g_string_append_printf(text, "%s: ", finding->place);
    if (finding->offset != HC_NO_OFFSET)
        g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x: ", finding->offset);
    g_string_append(text, sentence);
    g_string_append_printf(out, "::%s file=", command_of(finding->severity));
    append_escaped(out, file, TRUE);
    if (finding->line > 0)
        g_string_append_printf(out, ",line=%u", finding->line);
    if (finding->line > 0 && finding->column > 0)
        g_string_append_printf(out, ",col=%u", finding->column);
    g_string_append(out, ",title=");
    append_escaped(out, finding->id != NULL ? finding->id : report->unnamed_id, TRUE);
    g_string_append(out, "::");
    append_escaped(out, text->str, FALSE);
    g_string_append_c(out, '\n');
}

void
hc_findings_github(GString *out, const HcFindingsReport *report)
{
    for (gsize i = 0; i < report->n_inputs; i++) {
        const HcFindings *findings = report->inputs[i].findings;
        for (guint k = 0; k < findings->list->len; k++)
            append_finding(out, report, report->inputs[i].name,
                           (const HcFinding *) findings->list->pdata[k]);
        if (findings->n_unlisted == 0)
            continue;
        g_autofree char *file = hc_display(report->inputs[i].name);
        g_string_append(out, "::error file=");
        append_escaped(out, file, TRUE);
        g_string_append_printf(out, "::%" G_GUINT64_FORMAT " more findings\n",
                               findings->n_unlisted);
    }
}
