#include "config.h"

#include "hivecore/report/report.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/regf/layout.h"
#include "hivecore/report/datum.h"

typedef struct {
    GString *out;
    const HcDelta *delta;
    GArray *path;        /* of HcName */
    gboolean is_started; /* whether a change was written */
} Json;

/* @utf8: valid. */
static void
append_string(GString *out, const char *utf8, gsize n_bytes)
{
    g_string_append_c(out, '"');
    gsize n_char = 0;
    for (gsize i = 0; i < n_bytes; i += n_char) {
        n_char = (gsize) g_utf8_skip[(guchar) utf8[i]];
        gunichar c = g_utf8_get_char(utf8 + i);
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (int) c);
        else if (hc_is_hidden(c) && c > 0xffff)
            g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                                   0xdc00 + (c & 0x3ff));
        else if (hc_is_hidden(c))
            g_string_append_printf(out, "\\u%04x", c);
        else
            g_string_append_len(out, utf8 + i, (gssize) n_char);
    }
    g_string_append_c(out, '"');
}

void
hc_report_append_json_name(GString *out, HcName name)
{
    if (hc_name_is_wellformed(name) && !hc_name_has_unit(name, 0)) {
        g_autoptr(GString) utf8 = g_string_new(NULL);
        hc_name_append_utf8(utf8, name);
        append_string(out, utf8->str, utf8->len);
        return;
    }
    g_string_append(out, "{\"utf16\":\"");
    for (uint32_t i = 0; i < name.n_units; i++)
        g_string_append_printf(out, "%04x", (guint) hc_name_unit(name, i));
    g_string_append(out, "\"}");
}

static void
append_bytes(GString *out, HcBlob blob)
{
    g_string_append_c(out, '"');
    hc_append_hex(out, blob.bytes, blob.n_bytes);
    g_string_append_c(out, '"');
}

/* What the data means, beside the hex that says what it is. */
static void
append_decoded(GString *out, const HcDatum *datum)
{
    HcName text;
    gboolean is_terminated;
    if (hc_datum_text(datum, &text, &is_terminated) &&
        is_terminated == (datum->type != HC_REG_LINK)) {
        g_string_append(out, ",\"text\":");
        hc_report_append_json_name(out, text);
    } else if (datum->type == HC_REG_DWORD && datum->data.n_bytes == 4) {
        g_string_append_printf(out, ",\"dword\":%u", (guint) hc_get32(datum->data.bytes));
    } else if (datum->type == HC_REG_QWORD && datum->data.n_bytes == 8) {
        /* A string: JSON's numbers are exact to 2^53 only. */
        g_string_append_printf(out, ",\"qword\":\"%" G_GUINT64_FORMAT "\"",
                               hc_get64(datum->data.bytes));
    }
    g_autoptr(GArray) list = hc_datum_list(datum);
    if (list == NULL)
        return;
    g_string_append(out, ",\"list\":[");
    for (guint i = 0; i < list->len; i++) {
        g_string_append(out, i > 0 ? "," : "");
        hc_report_append_json_name(out, g_array_index(list, HcName, i));
    }
    g_string_append_c(out, ']');
}

void
hc_report_append_json_text(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    append_string(out, valid, strlen(valid));
}

void
hc_report_append_json_datum(GString *out, const HcDatum *datum)
{
    if (!datum->is_present) {
        g_string_append(out, "null");
        return;
    }
    const char *type_name = hc_report_type_name(datum->type);
    g_string_append_printf(out, "{\"type\":%u", (guint) datum->type);
    if (type_name != NULL)
        g_string_append_printf(out, ",\"type_name\":\"%s\"", type_name);
    g_string_append(out, ",\"hex\":");
    append_bytes(out, datum->data);
    append_decoded(out, datum);
    g_string_append_c(out, '}');
}

static void
append_datum(GString *out, const char *member, const HcDatum *datum)
{
    if (!datum->is_present)
        return;
    g_string_append_printf(out, ",\"%s\":", member);
    hc_report_append_json_datum(out, datum);
}

void
hc_report_append_json_reason(GString *out, const HcReason *reason)
{
    g_string_append(out, "{\"text\":");
    hc_report_append_json_name(out, reason->text);
    if (reason->ticket.n_units > 0) {
        g_string_append(out, ",\"ticket\":");
        hc_report_append_json_name(out, reason->ticket);
    }
    if (reason->owner.n_units > 0) {
        g_string_append(out, ",\"owner\":");
        hc_report_append_json_name(out, reason->owner);
    }
    g_string_append_c(out, '}');
}

/* Which patch says so, by the name that it gives itself, too. */
static void
append_origin(const Json *json, HcOrigin origin)
{
    const char *source = hc_delta_source(json->delta, origin.source);
    HcName id;
    HcName version;
    if (source == NULL)
        return;
    /* Without the folder, so that the text does not depend on where the patch lies. */
    g_autofree char *base = g_path_get_basename(source);
    g_autofree char *valid = g_utf8_make_valid(base, -1);
    g_string_append(json->out, ",\"origin\":{\"file\":");
    append_string(json->out, valid, strlen(valid));
    g_string_append_printf(json->out, ",\"line\":%u", (guint) origin.line);
    if (hc_delta_source_name(json->delta, origin.source, &id, &version)) {
        g_string_append(json->out, ",\"patch\":");
        hc_report_append_json_name(json->out, id);
        if (version.n_units > 0) {
            g_string_append(json->out, ",\"version\":");
            hc_report_append_json_name(json->out, version);
        }
    }
    g_string_append_c(json->out, '}');
}

/* Starts a change on a line of its own, up to and with the path of the key that is open. */
static void
start_change(Json *json, const char *op, HcOrigin origin, const HcReason *reason)
{
    GString *out = json->out;
    g_string_append(out, json->is_started ? ",\n    " : "\n    ");
    json->is_started = TRUE;
    g_string_append_printf(out, "{\"op\":\"%s\",\"path\":[", op);
    for (guint i = 0; i < json->path->len; i++) {
        g_string_append(out, i > 0 ? "," : "");
        hc_report_append_json_name(out, g_array_index(json->path, HcName, i));
    }
    g_string_append_c(out, ']');
    append_origin(json, origin);
    if (reason != NULL) {
        g_string_append(out, ",\"why\":");
        hc_report_append_json_reason(out, reason);
    }
}

static void
end_change(Json *json)
{
    g_string_append_c(json->out, '}');
}

static void
append_class(GString *out, const char *member, HcBlob class_name)
{
    g_string_append_printf(out, "%s\"class\":", member);
    if (class_name.bytes == NULL) {
        g_string_append(out, "null");
        return;
    }
    g_string_append(out, "{\"hex\":");
    append_bytes(out, class_name);
    if (class_name.n_bytes % 2 == 0) {
        g_string_append(out, ",\"text\":");
        hc_report_append_json_name(out, (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE});
    }
    g_string_append_c(out, '}');
}

static void
append_security(GString *out, const char *member, HcBlob security)
{
    g_string_append_printf(out, "%s\"security\":", member);
    if (security.bytes == NULL) {
        g_string_append(out, "null");
        return;
    }
    g_string_append(out, "{\"hex\":");
    append_bytes(out, security);
    g_string_append_c(out, '}');
}

static void
append_meta(GString *out, const char *member, const HcKeyMeta *meta)
{
    g_string_append_printf(out, ",\"%s\":{", member);
    append_class(out, "", meta->class_name);
    append_security(out, ",", meta->security);
    g_string_append_printf(out, ",\"flags\":%u}", (guint) (meta->flags & HC_KEY_FLAGS_COMPARED));
}

void
hc_report_append_json_meta(GString *out, HcKeyChange which, const HcKeyMeta *meta)
{
    switch (which) {
    case HC_CHANGED_CLASS:
        append_class(out, "{", meta->class_name);
        break;
    case HC_CHANGED_SECURITY:
        append_security(out, "{", meta->security);
        break;
    case HC_CHANGED_FLAGS:
        g_string_append_printf(out, "{\"flags\":%u", (guint) (meta->flags & HC_KEY_FLAGS_COMPARED));
        break;
    case HC_CHANGED_TIME:
    case HC_CHANGED_ORDER:
        g_string_append_c(out, '{');
        break;
    }
    g_string_append_c(out, '}');
}

static void
append_time(GString *out, const char *member, uint64_t filetime)
{
    g_string_append_printf(out, ",\"%s\":{\"time\":\"", member);
    hc_filetime_append(out, filetime);
    g_string_append(out, "\"}");
}

static void
append_key_changes(Json *json, const HcDeltaKey *key)
{
    GString *out = json->out;
    if ((key->changed & HC_CHANGED_CLASS) != 0) {
        start_change(json, "set_class", key->origin, key->reason);
        append_class(out, ",\"before\":{", key->before.class_name);
        append_class(out, "},\"after\":{", key->after.class_name);
        g_string_append(out, "}}");
    }
    if ((key->changed & HC_CHANGED_SECURITY) != 0) {
        start_change(json, "set_security", key->origin, key->reason);
        append_security(out, ",\"before\":{", key->before.security);
        append_security(out, "},\"after\":{", key->after.security);
        g_string_append(out, "}}");
    }
    if ((key->changed & HC_CHANGED_FLAGS) != 0) {
        start_change(json, "set_flags", key->origin, key->reason);
        g_string_append_printf(out, ",\"before\":{\"flags\":%u},\"after\":{\"flags\":%u}}",
                               (guint) (key->before.flags & HC_KEY_FLAGS_COMPARED),
                               (guint) (key->after.flags & HC_KEY_FLAGS_COMPARED));
    }
    if ((key->changed & HC_CHANGED_TIME) != 0) {
        start_change(json, "set_time", key->origin, key->reason);
        append_time(out, "before", key->before.mtime_filetime);
        append_time(out, "after", key->after.mtime_filetime);
        end_change(json);
    }
    if ((key->changed & HC_CHANGED_ORDER) != 0) {
        start_change(json, "reorder_values", key->origin, key->reason);
        end_change(json);
    }
}

static void
append_value(Json *json, const HcDeltaValue *value)
{
    start_change(json, value->op == HC_VALUE_SET ? "set_value" : "delete_value", value->origin,
                 value->reason);
    g_string_append(json->out, ",\"name\":");
    hc_report_append_json_name(json->out, value->name);
    append_datum(json->out, "before", &value->before);
    append_datum(json->out, "after", &value->after);
    end_change(json);
}

static void
append_children(Json *json, const HcDeltaKey *key, void (*append)(Json *, const HcDeltaKey *))
{
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        g_array_append_val(json->path, child->name);
        append(json, child);
        g_array_set_size(json->path, json->path->len - 1);
    }
}

/* What was in a key that goes, so that the change can be undone; the key itself is said already. */
static void
append_old_content(Json *json, const HcDeltaKey *tree)
{
    for (guint i = 0; i < hc_delta_n_values(tree); i++) {
        const HcDeltaValue *value = hc_delta_value(tree, i);
        HcDeltaValue gone = {.name = value->name, .op = HC_VALUE_DELETE, .before = value->after};
        append_value(json, &gone);
    }
}

static void
append_old_key(Json *json, const HcDeltaKey *tree)
{
    start_change(json, "delete_key", (HcOrigin){0, 0}, NULL);
    append_meta(json->out, "before", &tree->after);
    end_change(json);
    append_old_content(json, tree);
    append_children(json, tree, append_old_key);
}

static void
append_removal(Json *json, const HcDeltaKey *key)
{
    gboolean is_replaced = key->op == HC_KEY_REPLACE;
    start_change(json, is_replaced ? "replace_key" : "delete_key", key->origin, key->reason);
    if (key->old_tree != NULL)
        append_meta(json->out, "before", &key->before);
    if (is_replaced)
        append_meta(json->out, "after", &key->after);
    end_change(json);
    if (key->old_tree == NULL)
        return;
    append_old_content(json, key->old_tree);
    append_children(json, key->old_tree, append_old_key);
}

/* Deltas are never deeper than HC_MAX_KEY_DEPTH. */
static void
append_key(Json *json, const HcDeltaKey *key)
{
    switch (key->op) {
    case HC_KEY_KEEP:
        append_key_changes(json, key);
        break;
    case HC_KEY_CREATE:
        start_change(json, "create_key", key->origin, key->reason);
        append_meta(json->out, "after", &key->after);
        end_change(json);
        break;
    case HC_KEY_DELETE:
        append_removal(json, key);
        return;
    case HC_KEY_REPLACE:
        append_removal(json, key);
        break;
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        append_value(json, hc_delta_value(key, i));
    append_children(json, key, append_key);
}

static void
append_file(GString *out, const char *member, const char *file)
{
    if (file == NULL)
        return;
    g_autofree char *base = g_path_get_basename(file);
    g_autofree char *valid = g_utf8_make_valid(base, -1);
    g_string_append_printf(out, "  \"%s\": {\"name\":", member);
    append_string(out, valid, strlen(valid));
    g_string_append(out, "},\n");
}

static void
append_head(GString *out, const HcReportOptions *options)
{
    g_string_append(out, "{\n  \"format_version\": \"1.0\",\n  \"tool\": \"" PACKAGE_NAME
                         "\",\n  \"kind\": \"delta\",\n");
    append_file(out, "a", options->old_name);
    append_file(out, "b", options->new_name);
    g_string_append(out, "  \"root\": ");
    append_string(out, options->root, strlen(options->root));
    g_string_append(out, ",\n  \"options\": {\"ignore\":[");
    static const struct {
        guint bit;
        const char *name;
    } ignores[] = {
        {HC_IGNORE_TIMESTAMPS, "timestamps"}, {HC_IGNORE_SECURITY, "security"},
        {HC_IGNORE_CLASS, "class"},           {HC_IGNORE_FLAGS, "flags"},
        {HC_IGNORE_ORDER, "order"},
    };
    const char *separator = "";
    for (gsize i = 0; i < G_N_ELEMENTS(ignores); i++) {
        if ((options->ignore & ignores[i].bit) == 0)
            continue;
        g_string_append_printf(out, "%s\"%s\"", separator, ignores[i].name);
        separator = ",";
    }
    g_string_append(out, "]},\n");
}

static void
append_counter(GString *out, const char *before, const char *name, uint64_t n)
{
    g_string_append_printf(out, "%s\"%s\":%" G_GUINT64_FORMAT, before, name, n);
}

static void
append_summary(GString *out, const HcDelta *exact, const HcIgnoredCounts *ignored)
{
    HcDeltaCounts counts = hc_delta_count(exact);
    append_counter(out, "  \"summary\": {\"keys\":{", "created", counts.keys_created);
    append_counter(out, ",", "deleted", counts.keys_deleted);
    append_counter(out, ",", "replaced", counts.keys_replaced);
    append_counter(out, ",", "changed", counts.keys_changed);
    append_counter(out, "},\"values\":{", "added", counts.values_added);
    append_counter(out, ",", "changed", counts.values_changed);
    append_counter(out, ",", "deleted", counts.values_deleted);
    if (ignored != NULL) {
        append_counter(out, "},\"ignored\":{", "timestamps", ignored->timestamps);
        append_counter(out, ",", "security", ignored->security);
        append_counter(out, ",", "class", ignored->class_names);
        append_counter(out, ",", "flags", ignored->flags);
        append_counter(out, ",", "order", ignored->order);
        append_counter(out, ",", "spelling", ignored->spelling);
    }
    g_string_append(out, "}},\n");
}

void
hc_report_json(GString *out, const HcDelta *exact, const HcReportOptions *options)
{
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(HcName));
    Json json = {.out = out, .delta = exact, .path = path};
    append_head(out, options);
    g_string_append(out, "  \"changes\": [");
    append_key(&json, hc_delta_root(exact));
    g_string_append(out, json.is_started ? "\n  ],\n" : "],\n");
    append_summary(out, exact, options->ignored);
    g_string_append_printf(out, "  \"result\": \"%s\"\n}\n",
                           hc_delta_is_empty(exact) ? "same" : "different");
}
