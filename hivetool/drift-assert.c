#include "config.h"

#include "hivetool/drift.h"

#include "hivecore/report/report.h"

/* The ";!assert" lines of patches, as statements beside the others. */

/* What @condition is about is a node, which is what the reports name: its value; NULL for a
 * condition on a key. */
static HcDeltaValue *
value_of(HcDelta *nodes, HcDeltaKey *key, const HcCondition *condition)
{
    return condition->is_on_value
               ? hc_delta_add_value(nodes, key, condition->value, HC_VALUE_SET, TRUE)
               : NULL;
}

static void
add_statements(HtDriftReport *report, HcDelta *nodes, gsize target)
{
    const HcDelta *part = report->targets->patched[target].part;
    for (guint i = 0; i < hc_delta_n_conditions(part); i++) {
        const HcCondition *condition = hc_delta_condition(part, i);
        if (condition->kind != HC_CONDITION_ASSERT)
            continue;
        HcDeltaKey *key = hc_delta_way(nodes, hc_delta_root(nodes), condition->path);
        const HtPlace place = {condition->origin.source - 1, condition->origin.line, target,
                               report->statements->len};
        const HtStatement statement = {place, key, value_of(nodes, key, condition), FALSE};
        g_array_append_val(report->statements, statement);
    }
}

static gboolean
add_failed(HtDriftReport *report, HcDelta *nodes, gsize target, GError **error)
{
    const HcPatchTarget *patched = &report->targets->patched[target];
    g_autoptr(GArray) failed = hc_conditions_failed(patched->part, patched->hive, NULL, error);
    if (failed == NULL)
        return FALSE;
    for (guint i = 0; i < failed->len; i++) {
        const HcFailedCondition *item = &g_array_index(failed, HcFailedCondition, i);
        HcDeltaKey *key = hc_delta_way(nodes, hc_delta_root(nodes), item->condition->path);
        HcDeltaValue *value = value_of(nodes, key, item->condition);
        if (value != NULL)
            value->before = hc_delta_dup_datum(nodes, &item->state.datum);
        const HtPlace place = {item->condition->origin.source - 1, item->condition->origin.line,
                               target, report->drifts->len};
        const HtDrift drift = {place, HT_DRIFT_ASSERT, key, value, item->condition};
        g_array_append_val(report->drifts, drift);
    }
    return TRUE;
}

gboolean
ht_drift_find_asserts(HtDriftReport *report, GError **error)
{
    HcDelta *nodes = hc_delta_new();
    g_ptr_array_add(report->deltas, nodes);
    for (gsize i = 0; i < report->targets->n; i++)
        add_statements(report, nodes, i);
    for (gsize i = 0; i < report->targets->n; i++) {
        if (!add_failed(report, nodes, i, error))
            return FALSE;
    }
    return TRUE;
}
