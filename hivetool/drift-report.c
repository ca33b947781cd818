#include "config.h"

#include "hivetool/drift.h"

#include <string.h>

#include "hivecore/base/display.h"
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
append_datum(GString *out, const HtDriftReport *report, const HcDatum *datum)
{
    if (report->is_full)
        hc_report_append_whole_datum(out, datum);
    else
        hc_report_append_datum(out, datum);
}

static void
append_assert(GString *out, const HtDriftReport *report, const HtDrift *drift)
{
    g_string_append(out, "hive has ");
    if (drift->value != NULL)
        append_datum(out, report, drift->value->before);
    else
        g_string_append(out, drift->condition->is_negated ? "the key" : "no such key");
    g_string_append(out, ", patch asserts ");
    hc_condition_append_expected(out, drift->condition, report->is_full);
}

static void
append_difference(GString *out, const HtDriftReport *report, const HtDrift *drift)
{
    switch (drift->kind) {
    case HT_DRIFT_VALUE:
        g_string_append(out, "hive has ");
        append_datum(out, report, drift->value->before);
        g_string_append(out, ", patch says ");
        if (drift->value->after.is_present)
            append_datum(out, report, &drift->value->after);
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
        append_assert(out, report, drift);
        break;
    }
}

static const HcReason *
reason_of(const HtDrift *drift)
{
    return drift->value != NULL ? drift->value->reason : drift->key->reason;
}

void
ht_drift_append_what(GString *out, const HtDriftReport *report, const HtDrift *drift)
{
    append_difference(out, report, drift);
    if (reason_of(drift) == NULL)
        return;
    g_string_append(out, " [");
    hc_report_append_reason(out, reason_of(drift));
    g_string_append_c(out, ']');
}

/* A line with the first 32 bytes and the digest of one side: that side is cut by itself, and the
 * other is seen whole. */
#define DIGEST_COLUMNS 160

static gboolean
has_one_digest(const char *text)
{
    static const char digest[] = "… sha256 ";
    const char *first = strstr(text, digest);
    return first != NULL && strstr(first + strlen(digest), digest) == NULL;
}

/* Whether the data has no room in a line, so that what differs in it would not be seen. */
static gboolean
is_wide(const HtDriftReport *report, const HtDrift *drift)
{
    if (drift->kind != HT_DRIFT_VALUE || report->is_full || report->n_columns == 0)
        return FALSE;
    g_autoptr(GString) text = g_string_new(NULL);
    append_difference(text, report, drift);
    const guint n_columns =
        has_one_digest(text->str) ? MAX(report->n_columns, DIGEST_COLUMNS) : report->n_columns;
    return g_utf8_strlen(text->str, (gssize) text->len) > (glong) n_columns;
}

/* The inside of the value in lines of its own, as diff has it from the hive to the patch. */
static void
append_inside(GString *out, const HtDriftReport *report, const HtDrift *drift)
{
    static const char indent[] = "    ";
    const HcDeltaValue *value = drift->value;
    HcDeltaValue change = *value;
    /* A value that is to go is told as what it was. */
    change.op = value->after.is_present ? HC_VALUE_SET : HC_VALUE_DELETE;
    g_string_append(out, !value->before->is_present ? "hive has nothing, patch says"
                         : !value->after.is_present
                             ? "patch says it is not there, hive has"
                             : "differs, from what the hive has to what the patch says");
    g_auto(GStrv) lines =
        hc_report_value_lines(drift->key, &change, report->n_columns - (guint) strlen(indent) - 2);
    for (gsize i = 0; lines[i] != NULL; i++)
        g_string_append_printf(out, "%s\n%s%s", i == 0 ? ":" : "", indent, lines[i]);
    if (reason_of(drift) == NULL)
        return;
    g_string_append_printf(out, "\n%s", indent);
    hc_report_append_reason(out, reason_of(drift));
}

void
ht_drift_text(HcStream *stream, const HtDriftReport *report)
{
    GString *out = hc_stream_text(stream);
    for (guint i = 0; i < report->drifts->len; i++) {
        const HtDrift *drift = &g_array_index(report->drifts, HtDrift, i);
        const gsize start = out->len;
        ht_drift_append_place(out, report, &drift->place);
        if (out->len > start)
            g_string_append(out, ": ");
        ht_drift_append_subject(out, report, &drift->place, drift->key, drift->value);
        g_string_append(out, ": ");
        if (is_wide(report, drift))
            append_inside(out, report, drift);
        else
            ht_drift_append_what(out, report, drift);
        g_string_append_c(out, '\n');
        (void) hc_stream_flow(stream); /* who ends the stream is told */
    }
}

/* "expected" and "actual" of what is no value and no key. */
static void
add_meta(HcJsonWriter *json, HcKeyChange which, const HcDeltaKey *key)
{
    hc_json_member(json, "expected");
    hc_report_json_meta(json, which, &key->after);
    hc_json_member(json, "actual");
    hc_report_json_meta(json, which, key->before);
}

static void
add_key_there(HcJsonWriter *json, const char *member, gboolean is_there)
{
    hc_json_member(json, member);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_boolean(json, "key", is_there);
    hc_json_end(json);
}

static void
add_datum(HcJsonWriter *json, const char *member, const HcDatum *datum)
{
    hc_json_member(json, member);
    hc_report_json_datum(json, datum);
}

/* What an assert accepts has no one datum: it is told in words. */
static void
add_asserted(HcJsonWriter *json, const HtDrift *drift)
{
    g_autoptr(GString) expected = g_string_new(NULL);
    hc_condition_append_expected(expected, drift->condition, TRUE);
    if (drift->value != NULL)
        hc_json_member_name(json, "name", drift->value->name);
    hc_json_member_string(json, "assert", expected->str);
    if (drift->value != NULL)
        add_datum(json, "actual", drift->value->before);
    else
        add_key_there(json, "actual", drift->condition->is_negated);
}

static void
add_expected(HcJsonWriter *json, const HtDrift *drift)
{
    switch (drift->kind) {
    case HT_DRIFT_VALUE:
        hc_json_member_name(json, "name", drift->value->name);
        add_datum(json, "expected", &drift->value->after);
        add_datum(json, "actual", drift->value->before);
        break;
    case HT_DRIFT_KEY_ABSENT:
        add_key_there(json, "expected", TRUE);
        add_key_there(json, "actual", FALSE);
        break;
    case HT_DRIFT_KEY_PRESENT:
        add_key_there(json, "expected", FALSE);
        add_key_there(json, "actual", TRUE);
        break;
    case HT_DRIFT_CLASS:
        add_meta(json, HC_CHANGED_CLASS, drift->key);
        break;
    case HT_DRIFT_SECURITY:
        add_meta(json, HC_CHANGED_SECURITY, drift->key);
        break;
    case HT_DRIFT_FLAGS:
        add_meta(json, HC_CHANGED_FLAGS, drift->key);
        break;
    case HT_DRIFT_ASSERT:
        add_asserted(json, drift);
        break;
    }
}

static void
add_drift(HcJsonWriter *json, const HtDriftReport *report, const HtDrift *drift)
{
    g_autoptr(GString) key = g_string_new(NULL);
    append_key(key, report, &drift->place, drift->key);
    hc_json_begin_object(json, HC_JSON_DENSE);
    if (drift->place.file != HT_NO_FILE) {
        const HcPatchFile *file = (const HcPatchFile *) report->files->pdata[drift->place.file];
        hc_json_member_string(json, "file", file->name);
        hc_json_member_number(json, "line", drift->place.line);
    }
    hc_json_member_string(json, "hive", report->targets->items[drift->place.target].file);
    hc_json_member_string(json, "key", key->str);
    add_expected(json, drift);
    if (reason_of(drift) != NULL) {
        hc_json_member(json, "why");
        hc_report_json_reason(json, reason_of(drift));
    }
    hc_json_end(json);
}

void
ht_drift_json(HcStream *stream, const HtDriftReport *report)
{
    HcJsonWriter json = hc_json_writer_to(stream);
    hc_json_begin_document(&json, "drift");
    hc_json_member(&json, "drift");
    hc_json_begin_array(&json, HC_JSON_LINES);
    for (guint i = 0; i < report->drifts->len; i++)
        add_drift(&json, report, &g_array_index(report->drifts, HtDrift, i));
    hc_json_end(&json);
    hc_json_member_string(&json, "result", report->drifts->len > 0 ? "different" : "same");
    hc_json_end_document(&json);
}
