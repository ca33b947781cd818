#include "config.h"

#include "layerpack/verify.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"

gboolean
lp_check_platform(const char *source, const char *platform, GError **error)
{
    if (platform == NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "%s: --platform is for images, this is none", source);
}

static gboolean
check_entries(HcLayerReader *reader, LpRules *rules, GError **error)
{
    const HcEntry *entry;
    GError *read_error = NULL;
    while (hc_layer_reader_next(reader, &entry, &read_error)) {
        if (!lp_rules_entry(rules, entry))
            continue;
        g_autoptr(GError) defect = NULL;
        g_autoptr(GBytes) content = hc_layer_reader_hive(reader, &defect, &read_error);
        if (read_error != NULL)
            break;
        lp_rules_hive(rules, entry, content, defect != NULL ? defect->message : NULL);
    }
    if (read_error == NULL)
        return TRUE;
    return hc_fail_with(error, read_error);
}

void
lp_checked_layer_clear(gpointer data)
{
    LpCheckedLayer *checked = data;
    g_clear_pointer(&checked->findings, hc_findings_unref);
    g_clear_error(&checked->fault);
}

gboolean
lp_verify_layer(HcLayerReader *reader, LpTree *tree, LpLayerPlace place, guint number,
                HcFindings *findings, LpCheckedLayer *checked, GError **error)
{
    g_autoptr(LpRules) rules = lp_rules_new(tree);
    if (!check_entries(reader, rules, error) ||
        !hc_layer_reader_finish(reader, &checked->summary, error)) {
        hc_findings_append(findings, lp_rules_findings(rules, place), number);
        return FALSE;
    }
    checked->findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    hc_findings_append(checked->findings,
                       lp_rules_finish(rules, place, &checked->summary, &checked->is_base), 0);
    hc_findings_append(findings, checked->findings, number);
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++)
        checked->has_delta[i] = lp_rules_has_delta(rules, i);
    checked->is_read = TRUE;
    return TRUE;
}
