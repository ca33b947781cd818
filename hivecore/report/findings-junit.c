#include "config.h"

#include "hivecore/report/findings.h"

#include "hivecore/report/html.h"

typedef struct {
    uint64_t n_cases;
    uint64_t n_failures;
} Counts;

static gboolean
fails(const HcFindingsReport *report, HcSeverity severity)
{
    return severity >= report->fails_from;
}

/* A finding is a case; what is not listed is one together, and no finding at all is one that is
 * good, since a suite without cases is an error to some readers. */
static Counts
count(const HcFindingsReport *report, const HcFindings *findings)
{
    Counts counts = {findings->list->len, 0};
    for (guint i = 0; i < findings->list->len; i++) {
        const HcFinding *finding = (const HcFinding *) findings->list->pdata[i];
        counts.n_failures += fails(report, finding->severity) ? 1 : 0;
    }
    counts.n_cases += findings->n_unlisted > 0 ? 1 : 0;
    counts.n_failures += findings->n_unlisted > 0 ? 1 : 0;
    counts.n_cases = MAX(counts.n_cases, 1);
    return counts;
}

/* Where it is, and which rule: the same from run to run. */
static char *
case_name(const HcFindingsReport *report, const HcFinding *finding)
{
    GString *name = g_string_new(finding->id != NULL ? finding->id : report->unnamed_id);
    if (finding->line > 0)
        g_string_append_printf(name, " line %u:%u", finding->line, finding->column);
    if (finding->offset != HC_NO_OFFSET)
        g_string_append_printf(name, " 0x%" G_GINT64_MODIFIER "x", finding->offset);
    if (finding->layer > 0)
        g_string_append_printf(name, " layer %u", finding->layer);
    if (finding->place != NULL)
        g_string_append_printf(name, " %s", finding->place);
    return g_string_free(name, FALSE);
}

static void
append_case(GString *out, const HcFindingsReport *report, const char *input,
            const HcFinding *finding)
{
    g_autofree char *name = case_name(report, finding);
    g_autofree char *text = hc_finding_sentence(finding);
    g_string_append(out, "    <testcase");
    hc_append_xml_attribute(out, "classname", input);
    hc_append_xml_attribute(out, "name", name);
    g_string_append(out, ">\n");
    if (fails(report, finding->severity)) {
        g_string_append(out, "      <failure");
        hc_append_xml_attribute(out, "type", hc_severity_name(finding->severity));
        hc_append_xml_attribute(out, "message", text);
        g_string_append(out, "/>\n");
    } else {
        g_string_append_printf(out, "      <system-out>%s: ", hc_severity_name(finding->severity));
        hc_append_xml(out, text);
        g_string_append(out, "</system-out>\n");
    }
    g_string_append(out, "    </testcase>\n");
}

static void
append_suite(GString *out, const HcFindingsReport *report, const HcCheckedInput *input)
{
    const HcFindings *findings = input->findings;
    const Counts counts = count(report, findings);
    g_string_append(out, "  <testsuite");
    hc_append_xml_attribute(out, "name", input->name);
    g_string_append_printf(
        out, " tests=\"%" G_GUINT64_FORMAT "\" failures=\"%" G_GUINT64_FORMAT "\" errors=\"0\">\n",
        counts.n_cases, counts.n_failures);
    for (guint i = 0; i < findings->list->len; i++)
        append_case(out, report, input->name, (const HcFinding *) findings->list->pdata[i]);
    if (findings->n_unlisted > 0 || findings->list->len == 0) {
        g_string_append(out, "    <testcase");
        hc_append_xml_attribute(out, "classname", input->name);
        hc_append_xml_attribute(out, "name",
                                findings->n_unlisted > 0 ? "not listed" : "nothing found");
    }
    if (findings->n_unlisted > 0)
        g_string_append_printf(out,
                               ">\n      <failure type=\"error\" message=\"%" G_GUINT64_FORMAT
                               " more\"/>\n    </testcase>\n",
                               findings->n_unlisted);
    else if (findings->list->len == 0)
        g_string_append(out, "/>\n");
    g_string_append(out, "  </testsuite>\n");
}

void
hc_findings_junit(GString *out, const HcFindingsReport *report)
{
    Counts all = {0, 0};
    for (gsize i = 0; i < report->n_inputs; i++) {
        const Counts counts = count(report, report->inputs[i].findings);
        all.n_cases += counts.n_cases;
        all.n_failures += counts.n_failures;
    }
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<testsuites name=\"%s %s\" tests=\"%" G_GUINT64_FORMAT
                           "\" failures=\"%" G_GUINT64_FORMAT "\" errors=\"0\">\n",
                           report->program, report->command, all.n_cases, all.n_failures);
    for (gsize i = 0; i < report->n_inputs; i++)
        append_suite(out, report, &report->inputs[i]);
    g_string_append(out, "</testsuites>\n");
}
