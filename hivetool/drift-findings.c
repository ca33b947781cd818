#include "config.h"

#include "hivetool/drift.h"

#include "hivecore/report/findings.h"

/* Each place where hive @target differs, beside the line of the patch that asks for it. */
static HcFindings *
list_drifts(const HtDriftReport *report, gsize target)
{
    HcFindings *findings = hc_findings_new(report->targets->items[target].file, G_MAXUINT);
    for (guint i = 0; i < report->drifts->len; i++) {
        const HtDrift *drift = &g_array_index(report->drifts, HtDrift, i);
        if (drift->place.target != target)
            continue;
        GString *text = g_string_new(NULL);
        ht_drift_append_subject(text, report, &drift->place, drift->key, drift->value);
        g_string_append(text, ": ");
        ht_drift_append_what(text, report, drift);
        HcFinding *finding = hc_finding_new(HC_SEVERITY_ERROR, g_string_free(text, FALSE));
        finding->id = "drift";
        finding->line = drift->place.line;
        if (drift->place.file != HT_NO_FILE)
            finding->file =
                g_strdup(((const HcPatchFile *) report->files->pdata[drift->place.file])->name);
        hc_findings_add(findings, finding);
    }
    return findings;
}

void
ht_drift_findings(HcStream *stream, HcFormat format, const HtDriftReport *report)
{
    static const HcFindingMember members[] = {{NULL, HC_FIELD_TEXT}};
    const gsize n = report->targets->n;
    g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func((GDestroyNotify) hc_findings_unref);
    g_autofree HcCheckedInput *inputs = g_new0(HcCheckedInput, n);
    for (gsize i = 0; i < n; i++) {
        g_ptr_array_add(lists, list_drifts(report, i));
        inputs[i] =
            (HcCheckedInput){report->targets->items[i].file, (const HcFindings *) lists->pdata[i]};
    }
    const HcFindingsReport printed = {.program = "hivetool",
                                      .members = members,
                                      .command = "verify",
                                      .inputs = inputs,
                                      .n_inputs = n,
                                      .fails_from = HC_SEVERITY_ERROR,
                                      .unnamed_id = "drift"};
    hc_findings_print(stream, format, &printed);
}
