#include "config.h"

#include "hivetool/drift.h"

#include "hivecore/report/report.h"

/* The ";!assert" lines of patches, as statements beside the others. */

/* The key that @condition is about, as a node, which is what the reports name. */
static HcDeltaKey *
node_of(HcDelta *nodes, const HcCondition *condition)
{
    HcDeltaKey *key = hc_delta_root(nodes);
    for (gsize i = 0; i < condition->path.n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, condition->path.names[i]);
        key = child != NULL ? child
                            : hc_delta_add_child(nodes, key, condition->path.names[i], HC_KEY_KEEP);
    }
    return key;
}

/* The value likewise; NULL for a condition on a key. */
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
        HcDeltaKey *key = node_of(nodes, condition);
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
        HcDeltaKey *key = node_of(nodes, item->condition);
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
