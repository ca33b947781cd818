#include "config.h"

#include "hivetool/drift.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/cli/conditions.h"
#include "hivecore/report/report.h"

void
ht_drift_append_place(GString *out, const HtDriftReport *report, const HtPlace *place)
{
    if (place->file == HT_NO_FILE)
        return;
    const HcPatchFile *file = (const HcPatchFile *) report->files->pdata[place->file];
    hc_append_display(out, file->name, strlen(file->name));
    if (place->line > 0)
        g_string_append_printf(out, ":%u", (guint) place->line);
}

static void
append_key(GString *out, const HtDriftReport *report, const HtPlace *place, const HcDeltaKey *key)
{
    const HcRoot *root = report->targets->items[place->target].root;
    const gsize start = out->len;
    hc_delta_append_path(out, key, root != NULL ? root->text : "");
    if (out->len == start)
        g_string_append_c(out, '\\'); /* the root of a hive whose place is not known */
}

void
ht_drift_append_subject(GString *out, const HtDriftReport *report, const HtPlace *place,
                        const HcDeltaKey *key, const HcDeltaValue *value)
{
    append_key(out, report, place, key);
    if (value == NULL)
        return;
    g_string_append(out, ": ");
    hc_report_append_value_name(out, value->name);
}

static void
append_assert(GString *out, const HtDrift *drift)
{
    g_string_append(out, "hive has ");
    if (drift->value != NULL)
        hc_report_append_datum(out, &drift->value->before);
    else
        g_string_append(out, drift->condition->is_negated ? "the key" : "no such key");
    g_string_append(out, ", patch asserts ");
    hc_conditions_append_expected(out, drift->condition);
}

static void
append_difference(GString *out, const HtDrift *drift)
{
    switch (drift->kind) {
    case HT_DRIFT_VALUE:
        g_string_append(out, "hive has ");
        hc_report_append_datum(out, &drift->value->before);
        g_string_append(out, ", patch says ");
        if (drift->value->after.is_present)
            hc_report_append_datum(out, &drift->value->after);
        else
            g_string_append(out, "it is not there");
        break;
    case HT_DRIFT_KEY_ABSENT:
        g_string_append(out, "hive has no such key, patch says it is there");
        break;
    case HT_DRIFT_KEY_PRESENT:
        g_string_append(out, "hive has the key, patch says it is not there");
        break;
    case HT_DRIFT_CLASS:
        g_string_append(out, "class name differs");
        break;
    case HT_DRIFT_SECURITY:
        g_string_append(out, "security descriptor differs");
        break;
    case HT_DRIFT_FLAGS:
        g_string_append(out, "flags differ");
        break;
    case HT_DRIFT_ASSERT:
        append_assert(out, drift);
        break;
    }
}

static const HcReason *
reason_of(const HtDrift *drift)
{
    return drift->value != NULL ? drift->value->reason : drift->key->reason;
}

void
ht_drift_append_what(GString *out, const HtDrift *drift)
{
    append_difference(out, drift);
    if (reason_of(drift) == NULL)
        return;
    g_string_append(out, " [");
    hc_report_append_reason(out, reason_of(drift));
    g_string_append_c(out, ']');
}

void
ht_drift_text(GString *out, const HtDriftReport *report)
{
    for (guint i = 0; i < report->drifts->len; i++) {
        const HtDrift *drift = &g_array_index(report->drifts, HtDrift, i);
        const gsize start = out->len;
        ht_drift_append_place(out, report, &drift->place);
        if (out->len > start)
            g_string_append(out, ": ");
        ht_drift_append_subject(out, report, &drift->place, drift->key, drift->value);
        g_string_append(out, ": ");
        ht_drift_append_what(out, drift);
        g_string_append_c(out, '\n');
    }
}

/* "expected" and "actual" of what is no value and no key. */
static void
append_meta(GString *out, HcKeyChange which, const HcDeltaKey *key)
{
    g_string_append(out, "\"expected\":");
    hc_report_append_json_meta(out, which, &key->after);
    g_string_append(out, ",\"actual\":");
    hc_report_append_json_meta(out, which, &key->before);
}

/* What an assert accepts has no one datum: it is told in words. */
static void
append_asserted(GString *out, const HtDrift *drift)
{
    g_autoptr(GString) expected = g_string_new(NULL);
    hc_conditions_append_expected(expected, drift->condition);
    if (drift->value != NULL) {
        g_string_append(out, "\"name\":");
        hc_report_append_json_name(out, drift->value->name);
        g_string_append_c(out, ',');
    }
    g_string_append(out, "\"assert\":");
    hc_report_append_json_text(out, expected->str);
    g_string_append(out, ",\"actual\":");
    if (drift->value != NULL)
        hc_report_append_json_datum(out, &drift->value->before);
    else
        g_string_append_printf(out, "{\"key\":%s}",
                               drift->condition->is_negated ? "true" : "false");
}

static void
append_expected(GString *out, const HtDrift *drift)
{
    switch (drift->kind) {
    case HT_DRIFT_VALUE:
        g_string_append(out, "\"name\":");
        hc_report_append_json_name(out, drift->value->name);
        g_string_append(out, ",\"expected\":");
        hc_report_append_json_datum(out, &drift->value->after);
        g_string_append(out, ",\"actual\":");
        hc_report_append_json_datum(out, &drift->value->before);
        break;
    case HT_DRIFT_KEY_ABSENT:
        g_string_append(out, "\"expected\":{\"key\":true},\"actual\":{\"key\":false}");
        break;
    case HT_DRIFT_KEY_PRESENT:
        g_string_append(out, "\"expected\":{\"key\":false},\"actual\":{\"key\":true}");
        break;
    case HT_DRIFT_CLASS:
        append_meta(out, HC_CHANGED_CLASS, drift->key);
        break;
    case HT_DRIFT_SECURITY:
        append_meta(out, HC_CHANGED_SECURITY, drift->key);
        break;
    case HT_DRIFT_FLAGS:
        append_meta(out, HC_CHANGED_FLAGS, drift->key);
        break;
    case HT_DRIFT_ASSERT:
        append_asserted(out, drift);
        break;
    }
}

static void
append_json_drift(GString *out, const HtDriftReport *report, const HtDrift *drift)
{
    g_autoptr(GString) key = g_string_new(NULL);
    append_key(key, report, &drift->place, drift->key);
    g_string_append(out, "\n    {");
    if (drift->place.file != HT_NO_FILE) {
        const HcPatchFile *file = (const HcPatchFile *) report->files->pdata[drift->place.file];
        g_string_append(out, "\"file\":");
        hc_report_append_json_text(out, file->name);
        g_string_append_printf(out, ",\"line\":%u,", (guint) drift->place.line);
    }
    g_string_append(out, "\"hive\":");
    hc_report_append_json_text(out, report->targets->items[drift->place.target].file);
    g_string_append(out, ",\"key\":");
    hc_report_append_json_text(out, key->str);
    g_string_append_c(out, ',');
    append_expected(out, drift);
    if (reason_of(drift) != NULL) {
        g_string_append(out, ",\"why\":");
        hc_report_append_json_reason(out, reason_of(drift));
    }
    g_string_append_c(out, '}');
}

void
ht_drift_json(GString *out, const HtDriftReport *report)
{
    g_string_append(out, "{\n  \"format_version\": \"1.0\",\n  \"tool\": \"" PACKAGE_NAME
                         "\",\n  \"kind\": \"drift\",\n  \"drift\": [");
    for (guint i = 0; i < report->drifts->len; i++) {
        g_string_append(out, i > 0 ? "," : "");
        append_json_drift(out, report, &g_array_index(report->drifts, HtDrift, i));
    }
    g_string_append_printf(out, "%s],\n  \"result\": \"%s\"\n}\n",
                           report->drifts->len > 0 ? "\n  " : "",
                           report->drifts->len > 0 ? "different" : "same");
}
