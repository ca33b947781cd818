#include "config.h"

#include "hivecore/base/path.h"
#include "hivecore/report/report.h"

GArray *
hc_conditions_failed(HcDelta *patch, const HcHive *hive, const HcDelta *exact, GError **error)
{
    g_autoptr(GArray) failed = g_array_new(FALSE, FALSE, sizeof(HcFailedCondition));
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    for (guint i = 0; i < hc_delta_n_conditions(patch); i++) {
        HcFailedCondition item = {.condition = hc_delta_condition(patch, i)};
        if (exact == NULL && item.condition->kind != HC_CONDITION_ASSERT)
            continue;
        if (!hc_condition_check(item.condition, patch, hive, exact, scratch, &item.state, error))
            return NULL;
        if (item.state.holds)
            continue;
        item.state.datum.data = hc_delta_dup_blob(patch, item.state.datum.data, FALSE);
        g_array_append_val(failed, item);
    }
    return g_steal_pointer(&failed);
}

void
hc_condition_append_expected(GString *out, const HcCondition *condition, gboolean is_full)
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
describe(const HcFailedCondition *failed, const HcRoot *root)
{
    static const char *const verbs[] = {
        [HC_CONDITION_EXPECT] = "expect",
        [HC_CONDITION_REQUIRE] = "require",
        [HC_CONDITION_ASSERT] = "assert",
    };
    const HcCondition *condition = failed->condition;
    GString *out = g_string_new(verbs[condition->kind]);
    g_string_append(out, ": ");
    hc_path_append_display(out, root != NULL ? root->text : "", condition->path);
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
    hc_condition_append_expected(out, condition, FALSE);
    return g_string_free(out, FALSE);
}

HcFinding *
hc_condition_finding(const HcFailedCondition *failed, const HcDelta *patch, const HcRoot *root)
{
    return hc_delta_finding(patch, HC_ERROR_CONFLICT, failed->condition->origin, NULL,
                            describe(failed, root));
}
