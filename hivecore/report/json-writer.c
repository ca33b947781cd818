#include "config.h"

#include "hivecore/report/report.h"

#include "hivecore/base/bytes.h"
#include "hivecore/base/clock.h"
#include "hivecore/base/trail.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report-private.h"

typedef struct {
    HcJsonWriter *json;
    const HcDelta *delta;
    HcTrail *trail;
} Report;

/* What the data means, beside the hex that says what it is. */
static void
add_decoded(HcJsonWriter *json, const HcDatum *datum)
{
    HcName text;
    gboolean is_terminated;
    if (hc_datum_text(datum, &text, &is_terminated) &&
        is_terminated == (datum->type != HC_REG_LINK)) {
        hc_json_member_name(json, "text", text);
    } else if (datum->type == HC_REG_DWORD && datum->data.n_bytes == 4) {
        hc_json_member_number(json, "dword", hc_get32(datum->data.bytes));
    } else if (datum->type == HC_REG_QWORD && datum->data.n_bytes == 8) {
        /* A string: JSON's numbers are exact to 2^53 only. */
        g_autofree char *number =
            g_strdup_printf("%" G_GUINT64_FORMAT, hc_get64(datum->data.bytes));
        hc_json_member_string(json, "qword", number);
    }
    g_autoptr(GArray) list = hc_datum_list(datum);
    if (list == NULL)
        return;
    hc_json_member(json, "list");
    hc_json_begin_array(json, HC_JSON_DENSE);
    for (guint i = 0; i < list->len; i++)
        hc_json_name(json, g_array_index(list, HcName, i));
    hc_json_end(json);
}

void
hc_report_json_datum(HcJsonWriter *json, const HcDatum *datum)
{
    if (!datum->is_present) {
        hc_json_null(json);
        return;
    }
    const char *type_name = hc_report_type_name(datum->type);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_number(json, "type", datum->type);
    if (type_name != NULL)
        hc_json_member_string(json, "type_name", type_name);
    hc_json_member(json, "hex");
    hc_json_hex(json, datum->data.bytes, datum->data.n_bytes);
    add_decoded(json, datum);
    hc_json_end(json);
}

static void
add_datum(HcJsonWriter *json, const char *member, const HcDatum *datum)
{
    if (!datum->is_present)
        return;
    hc_json_member(json, member);
    hc_report_json_datum(json, datum);
}

void
hc_report_json_reason(HcJsonWriter *json, const HcReason *reason)
{
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_name(json, "text", reason->text);
    if (reason->ticket.n_units > 0)
        hc_json_member_name(json, "ticket", reason->ticket);
    if (reason->owner.n_units > 0)
        hc_json_member_name(json, "owner", reason->owner);
    hc_json_end(json);
}

/* Which patch says so, by the name that it gives itself, too. */
static void
add_origin(const Report *report, HcOrigin origin)
{
    const char *source = hc_delta_source(report->delta, origin.source);
    HcName id;
    HcName version;
    if (source == NULL)
        return;
    /* Without the folder, so that the text does not depend on where the patch lies. */
    g_autofree char *base = g_path_get_basename(source);
    hc_json_member(report->json, "origin");
    hc_json_begin_object(report->json, HC_JSON_DENSE);
    hc_json_member_string(report->json, "file", base);
    hc_json_member_number(report->json, "line", origin.line);
    if (hc_delta_source_name(report->delta, origin.source, &id, &version)) {
        hc_json_member_name(report->json, "patch", id);
        if (version.n_units > 0)
            hc_json_member_name(report->json, "version", version);
    }
    hc_json_end(report->json);
}

/* Starts a change, up to and with the path of the key that is open. */
static void
begin_change(Report *report, const char *op, HcOrigin origin, const HcReason *reason)
{
    HcJsonWriter *json = report->json;
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "op", op);
    hc_json_member(json, "path");
    hc_json_begin_array(json, HC_JSON_DENSE);
    for (guint i = 0; i < report->trail->path.n; i++)
        hc_json_key_name(json, report->trail->path.names[i]);
    hc_json_end(json);
    add_origin(report, origin);
    if (reason != NULL) {
        hc_json_member(json, "why");
        hc_report_json_reason(json, reason);
    }
}

static void
add_class(HcJsonWriter *json, HcBlob class_name)
{
    hc_json_member(json, "class");
    if (class_name.bytes == NULL) {
        hc_json_null(json);
        return;
    }
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member(json, "hex");
    hc_json_hex(json, class_name.bytes, class_name.n_bytes);
    if (class_name.n_bytes % 2 == 0)
        hc_json_member_name(json, "text",
                            (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE});
    hc_json_end(json);
}

static void
add_security(HcJsonWriter *json, HcBlob security)
{
    HcSecurity parsed;
    hc_json_member(json, "security");
    if (security.bytes == NULL) {
        hc_json_null(json);
        return;
    }
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member(json, "hex");
    hc_json_hex(json, security.bytes, security.n_bytes);
    /* Said, since a reader takes such bytes for a slip of the hand where it is not. */
    if (hc_security_parse(security, &parsed) != NULL)
        hc_json_member_boolean(json, "self_relative", FALSE);
    hc_json_end(json);
}

static void
add_flags(HcJsonWriter *json, const HcKeyMeta *meta)
{
    hc_json_member_number(json, "flags", meta->flags & HC_KEY_FLAGS_COMPARED);
}

static void
add_meta(HcJsonWriter *json, const char *member, const HcKeyMeta *meta)
{
    hc_json_member(json, member);
    hc_json_begin_object(json, HC_JSON_DENSE);
    add_class(json, meta->class_name);
    add_security(json, meta->security);
    add_flags(json, meta);
    hc_json_end(json);
}

static void
add_time(HcJsonWriter *json, const HcKeyMeta *meta)
{
    g_autoptr(GString) time = g_string_new(NULL);
    hc_filetime_append(time, meta->mtime_filetime);
    hc_json_member_string(json, "time", time->str);
}

void
hc_report_json_meta(HcJsonWriter *json, HcKeyChange which, const HcKeyMeta *meta)
{
    hc_json_begin_object(json, HC_JSON_DENSE);
    switch (which) {
    case HC_CHANGED_CLASS:
        add_class(json, meta->class_name);
        break;
    case HC_CHANGED_SECURITY:
        add_security(json, meta->security);
        break;
    case HC_CHANGED_FLAGS:
        add_flags(json, meta);
        break;
    case HC_CHANGED_TIME:
        add_time(json, meta);
        break;
    case HC_CHANGED_ORDER:
        break;
    }
    hc_json_end(json);
}

static void
add_key_changes(Report *report, const HcDeltaKey *key)
{
    static const struct {
        HcKeyChange which;
        const char *op;
    } ops[] = {
        {HC_CHANGED_CLASS, "set_class"},      {HC_CHANGED_SECURITY, "set_security"},
        {HC_CHANGED_FLAGS, "set_flags"},      {HC_CHANGED_TIME, "set_time"},
        {HC_CHANGED_ORDER, "reorder_values"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ops); i++) {
        if ((key->changed & ops[i].which) == 0)
            continue;
        begin_change(report, ops[i].op, key->origin, key->reason);
        if (ops[i].which != HC_CHANGED_ORDER) {
            hc_json_member(report->json, "before");
            hc_report_json_meta(report->json, ops[i].which, key->before);
            hc_json_member(report->json, "after");
            hc_report_json_meta(report->json, ops[i].which, &key->after);
        }
        hc_json_end(report->json);
    }
}

static void
add_value(Report *report, const HcDeltaValue *value)
{
    begin_change(report, value->op == HC_VALUE_SET ? "set_value" : "delete_value", value->origin,
                 value->reason);
    hc_json_member_name(report->json, "name", value->name);
    add_datum(report->json, "before", value->before);
    add_datum(report->json, "after", &value->after);
    hc_json_end(report->json);
}

static void
add_children(Report *report, const HcDeltaKey *key, void (*add)(Report *, const HcDeltaKey *))
{
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        hc_trail_push(report->trail, child->name);
        add(report, child);
        hc_trail_pop(report->trail);
    }
}

/* What was in a key that goes, so that the change can be undone; the key itself is said already. */
static void
add_old_content(Report *report, const HcDeltaKey *tree)
{
    for (guint i = 0; i < hc_delta_n_values(tree); i++) {
        const HcDeltaValue *value = hc_delta_value(tree, i);
        HcDeltaValue gone = {.name = value->name, .op = HC_VALUE_DELETE, .before = &value->after};
        add_value(report, &gone);
    }
}

static void
add_old_key(Report *report, const HcDeltaKey *tree)
{
    begin_change(report, "delete_key", (HcOrigin){0, 0}, NULL);
    add_meta(report->json, "before", &tree->after);
    hc_json_end(report->json);
    add_old_content(report, tree);
    add_children(report, tree, add_old_key);
}

static void
add_removal(Report *report, const HcDeltaKey *key)
{
    gboolean is_replaced = key->op == HC_KEY_REPLACE;
    begin_change(report, is_replaced ? "replace_key" : "delete_key", key->origin, key->reason);
    if (key->old_tree != NULL)
        add_meta(report->json, "before", key->before);
    if (is_replaced)
        add_meta(report->json, "after", &key->after);
    hc_json_end(report->json);
    if (key->old_tree == NULL)
        return;
    add_old_content(report, key->old_tree);
    add_children(report, key->old_tree, add_old_key);
}

/* Deltas are never deeper than HC_MAX_KEY_DEPTH. */
static void
add_key(Report *report, const HcDeltaKey *key)
{
    switch (key->op) {
    case HC_KEY_KEEP:
        add_key_changes(report, key);
        break;
    case HC_KEY_CREATE:
        begin_change(report, "create_key", key->origin, key->reason);
        add_meta(report->json, "after", &key->after);
        hc_json_end(report->json);
        break;
    case HC_KEY_DELETE:
        add_removal(report, key);
        return;
    case HC_KEY_REPLACE:
        add_removal(report, key);
        break;
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        add_value(report, hc_delta_value(key, i));
    add_children(report, key, add_key);
}

static void
add_file(HcJsonWriter *json, const char *member, const char *file)
{
    if (file == NULL)
        return;
    g_autofree char *base = g_path_get_basename(file);
    hc_json_member(json, member);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "name", base);
    hc_json_end(json);
}

void
hc_report_json_head(HcJsonWriter *json, const char *kind, const HcReportOptions *options)
{
    hc_json_begin_document(json, kind);
    add_file(json, "a", options->old_name);
    add_file(json, "b", options->new_name);
    hc_json_member_string(json, "root", options->root);
}

static void
add_options(HcJsonWriter *json, const HcReportOptions *options)
{
    static const struct {
        guint bit;
        const char *name;
    } ignores[] = {
        {HC_IGNORE_TIMESTAMPS, "timestamps"}, {HC_IGNORE_SECURITY, "security"},
        {HC_IGNORE_CLASS, "class"},           {HC_IGNORE_FLAGS, "flags"},
        {HC_IGNORE_ORDER, "order"},
    };
    hc_json_member(json, "options");
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member(json, "ignore");
    hc_json_begin_array(json, HC_JSON_DENSE);
    for (gsize i = 0; i < G_N_ELEMENTS(ignores); i++) {
        if ((options->ignore & ignores[i].bit) != 0)
            hc_json_string(json, ignores[i].name);
    }
    hc_json_end(json);
    hc_json_end(json);
}

static void
add_ignored(HcJsonWriter *json, const HcIgnoredCounts *ignored)
{
    hc_json_member(json, "ignored");
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_number(json, "timestamps", ignored->timestamps);
    hc_json_member_number(json, "security", ignored->security);
    hc_json_member_number(json, "class", ignored->class_names);
    hc_json_member_number(json, "flags", ignored->flags);
    hc_json_member_number(json, "order", ignored->order);
    hc_json_member_number(json, "spelling", ignored->spelling);
    hc_json_end(json);
}

static void
add_summary(HcJsonWriter *json, const HcDelta *exact, const HcReportOptions *options)
{
    const HcDeltaCounts counts = hc_delta_count(exact);
    hc_json_member(json, "summary");
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member(json, "keys");
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_number(json, "created", counts.keys_created);
    hc_json_member_number(json, "deleted", counts.keys_deleted);
    hc_json_member_number(json, "replaced", counts.keys_replaced);
    hc_json_member_number(json, "changed", counts.keys_changed);
    hc_json_end(json);
    hc_json_member(json, "values");
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_number(json, "added", counts.values_added);
    hc_json_member_number(json, "changed", counts.values_changed);
    hc_json_member_number(json, "deleted", counts.values_deleted);
    hc_json_end(json);
    if (options->ignored != NULL)
        add_ignored(json, options->ignored);
    if (options->is_filtered)
        hc_json_member_number(json, "filtered", options->n_filtered);
    hc_json_end(json);
}

/* Where a filter took out all that there was, it is not said that there is no difference. */
static const char *
result_of(const HcDelta *exact, const HcReportOptions *options)
{
    if (!hc_delta_is_empty(exact))
        return "different";
    return options->n_filtered > 0 ? "filtered" : "same";
}

void
hc_report_json_delta(HcJsonWriter *json, const HcDelta *exact, const HcReportOptions *options)
{
    g_auto(HcTrail) trail = {0};
    Report report = {.json = json, .delta = exact, .trail = &trail};
    hc_report_json_head(json, "delta", options);
    add_options(json, options);
    hc_json_member(json, "changes");
    hc_json_begin_array(json, HC_JSON_LINES);
    add_key(&report, hc_delta_root(exact));
    hc_json_end(json);
    add_summary(json, exact, options);
    hc_json_member_string(json, "result", result_of(exact, options));
    hc_json_end(json);
}

void
hc_report_json(HcStream *stream, const HcDelta *exact, const HcReportOptions *options)
{
    HcJsonWriter json = hc_json_writer_to(stream);
    hc_report_json_delta(&json, exact, options);
    g_string_append_c(json.out, '\n');
}
