#include "config.h"

#include "hivecore/cli/conditions.h"

#include "hivecore/base/error.h"
#include "hivecore/base/path.h"
#include "hivecore/report/report.h"

static gboolean
add_failed(GArray *failed, const HcPatchTarget *target, gboolean is_verify, GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    const HcDelta *exact = is_verify ? NULL : target->exact;
    for (guint i = 0; i < hc_delta_n_conditions(target->part); i++) {
        HcFailedCondition item = {.target = target,
                                  .condition = hc_delta_condition(target->part, i)};
        if (is_verify && item.condition->kind != HC_CONDITION_ASSERT)
            continue;
        if (!hc_condition_check(item.condition, target->part, target->hive, exact, scratch,
                                &item.state, error))
            return FALSE;
        if (item.state.holds)
            continue;
        item.state.datum.data = hc_delta_dup_blob(target->part, item.state.datum.data, FALSE);
        g_array_append_val(failed, item);
    }
    return TRUE;
}

GArray *
hc_conditions_failed(const HcPatchTarget *targets, gsize n_targets, gboolean is_verify,
                     GError **error)
{
    g_autoptr(GArray) failed = g_array_new(FALSE, FALSE, sizeof(HcFailedCondition));
    for (gsize i = 0; i < n_targets; i++) {
        if (!add_failed(failed, &targets[i], is_verify, error))
            return NULL;
    }
    return g_steal_pointer(&failed);
}

static void
append_key(GString *out, const HcFailedCondition *failed)
{
    const HcCondition *condition = failed->condition;
    const char *root = failed->target->root != NULL ? failed->target->root->text : "";
    hc_path_append_display(out, root, condition->path, condition->n);
}

void
hc_conditions_append_expected(GString *out, const HcCondition *condition, gboolean is_full)
{
    if (!condition->is_on_value || (condition->accepts_any && condition->is_negated)) {
        g_string_append(out, condition->is_negated ? "absent" : "present");
        return;
    }
    g_string_append(out, condition->is_negated ? "anything but " : "");
    if (condition->accepts_any)
        g_string_append(out, "any data");
    for (guint i = 0; i < condition->n_accepted; i++) {
        if (i > 0 || condition->accepts_any)
            g_string_append(out, " or ");
        if (!condition->accepted[i].is_present)
            g_string_append(out, "absent");
        else if (is_full)
            hc_report_append_whole_datum(out, &condition->accepted[i]);
        else
            hc_report_append_datum(out, &condition->accepted[i]);
    }
}

/* "require: KEY: "name": the hive has ..., expected ...". */
static char *
describe(const HcFailedCondition *failed)
{
    static const char *const verbs[] = {
        [HC_CONDITION_EXPECT] = "expect",
        [HC_CONDITION_REQUIRE] = "require",
        [HC_CONDITION_ASSERT] = "assert",
    };
    const HcCondition *condition = failed->condition;
    GString *out = g_string_new(verbs[condition->kind]);
    g_string_append(out, ": ");
    append_key(out, failed);
    g_string_append(out, ": ");
    if (condition->is_on_value) {
        hc_report_append_value_name(out, condition->value);
        g_string_append(out, ": ");
    }
    g_string_append(out, condition->kind == HC_CONDITION_ASSERT ? "the result would have "
                                                                : "the hive has ");
    if (!failed->state.has_key)
        g_string_append(out, "no such key");
    else if (!condition->is_on_value)
        g_string_append(out, "the key");
    else if (!failed->state.datum.is_present)
        g_string_append(out, "no such value");
    else
        hc_report_append_datum(out, &failed->state.datum);
    g_string_append(out, ", expected ");
    hc_conditions_append_expected(out, condition, FALSE);
    return g_string_free(out, FALSE);
}

gboolean
hc_conditions_check(const HcPatchTarget *targets, gsize n_targets, GError **error)
{
    g_autoptr(GArray) failed = hc_conditions_failed(targets, n_targets, FALSE, error);
    if (failed == NULL)
        return FALSE;
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    for (guint i = 0; i < failed->len; i++) {
        const HcFailedCondition *item = &g_array_index(failed, HcFailedCondition, i);
        hc_findings_add(findings, hc_delta_finding(item->target->part, HC_ERROR_CONFLICT,
                                                   item->condition->origin, NULL, describe(item)));
    }
    return hc_findings_set_error(findings, error);
}
