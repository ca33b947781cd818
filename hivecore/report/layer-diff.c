#include "config.h"

#include "hivecore/report/diff-output.h"

#include <string.h>

#include "hivecore/delta/differencing.h"
#include "hivecore/delta/pair-walk.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report-private.h"

/* Statements by what became of them: only in the new delta, only in the old one, different. */
typedef struct {
    uint64_t added;
    uint64_t removed;
    uint64_t changed;
} Counts;

typedef struct {
    HcStream *stream;
    GString *out; /* hc_stream_text() of it */
    const HcReportOptions *options;
    gboolean is_json;
    HcJsonWriter json; /* into the same */
    HcPairWalk walk;
    Counts keys;
    Counts values;
    HcIgnoredCounts ignored;
} Report;

/* The node of one key in both patches; NULL where one does not speak of it. */
typedef struct {
    const HcDeltaKey *before;
    const HcDeltaKey *after;
    gboolean is_shown; /* text: whether its [key] line is there */
} Pair;

/* --- what a key says --- */

static uint8_t
layer_bits(const HcDeltaKey *key)
{
    const uint8_t class_bit = (key->kept & HC_CHANGED_CLASS) != 0 ? HC_LAYER_INHERIT_CLASS : 0;
    if (key->op == HC_KEY_DELETE)
        return HC_LAYER_TOMBSTONE;
    if (key->op == HC_KEY_REPLACE)
        return HC_LAYER_SUPERSEDE_TREE | class_bit;
    return key->patch->values_are_all ? HC_LAYER_SUPERSEDE_LOCAL | class_bit
                                      : HC_LAYER_MERGE | class_bit;
}

/* Keys that merge carry copies of what is below, deleted ones nothing that counts. */
static gboolean
states_meta(const HcDeltaKey *key)
{
    const guint all = HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS;
    return key->op != HC_KEY_KEEP && key->op != HC_KEY_DELETE && (key->kept & all) != all;
}

/* What differs in what both say of the key's class, descriptor and flags, as HcKeyChange bits. */
static guint
meta_differences(const HcDeltaKey *a, const HcDeltaKey *b)
{
    guint differences = 0;
    if (!states_meta(a) || !states_meta(b))
        return 0;
    if (!hc_blob_equal(a->after.class_name, b->after.class_name))
        differences |= HC_CHANGED_CLASS;
    if (!hc_blob_equal(a->after.security, b->after.security))
        differences |= HC_CHANGED_SECURITY;
    if (a->after.flags != b->after.flags)
        differences |= HC_CHANGED_FLAGS;
    return differences;
}

static guint
shown_differences(Report *report, const Pair *pair)
{
    const guint ignore = report->options->ignore;
    guint differences = meta_differences(pair->before, pair->after);
    const struct {
        guint change;
        guint ignored;
        uint64_t *counter;
    } kinds[] = {
        {HC_CHANGED_CLASS, HC_IGNORE_CLASS, &report->ignored.class_names},
        {HC_CHANGED_SECURITY, HC_IGNORE_SECURITY, &report->ignored.security},
        {HC_CHANGED_FLAGS, HC_IGNORE_FLAGS, &report->ignored.flags},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if ((differences & kinds[i].change) == 0 || (ignore & kinds[i].ignored) == 0)
            continue;
        (*kinds[i].counter)++;
        differences &= ~kinds[i].change;
    }
    return differences;
}

static void
count(Counts *counts, gboolean is_before, gboolean is_after)
{
    counts->added += !is_before;
    counts->removed += !is_after;
    counts->changed += is_before && is_after;
}

static uint64_t
n_counted(const Counts *counts)
{
    return counts->added + counts->removed + counts->changed;
}

/* The later side of two, of which one may be NULL. */
static const HcDeltaKey *
key_of(const Pair *pair)
{
    g_assert(pair->after != NULL || pair->before != NULL);
    return pair->after != NULL ? pair->after : pair->before;
}

static HcName
name_of(const HcDeltaValue *before, const HcDeltaValue *after)
{
    g_assert(after != NULL || before != NULL);
    return after != NULL ? after->name : before->name;
}

/* --- text --- */

static char
sign_of(gboolean is_before, gboolean is_after)
{
    return (char) (!is_before ? '+' : !is_after ? '-' : '~');
}

static void
start_line(Report *report, const char *indent, char sign)
{
    g_string_append(report->out, indent);
    if (report->options->color)
        g_string_append(report->out, sign == '+'   ? "\033[32m"
                                     : sign == '-' ? "\033[31m"
                                                   : "\033[33m");
    g_string_append_c(report->out, sign);
    g_string_append_c(report->out, ' ');
}

static void
end_line(Report *report)
{
    g_string_append(report->out, report->options->color ? "\033[0m\n" : "\n");
}

static void
text_key(Report *report, Pair *pair)
{
    const HcDeltaKey *key = key_of(pair);
    if (pair->is_shown)
        return;
    pair->is_shown = TRUE;
    start_line(report, "", sign_of(pair->before != NULL, pair->after != NULL));
    g_string_append_c(report->out, '[');
    const gsize start = report->out->len;
    hc_delta_append_path(report->out, key, report->options->root);
    if (report->out->len == start)
        g_string_append_c(report->out, '\\');
    g_string_append_c(report->out, ']');
    if (key->parent != NULL) {
        g_string_append(report->out, "  ");
        if (pair->before != NULL)
            g_string_append(report->out, hc_layer_bits_text(layer_bits(pair->before)));
        if (pair->before != NULL && pair->after != NULL &&
            layer_bits(pair->before) != layer_bits(pair->after))
            g_string_append(report->out, " -> ");
        if (pair->after != NULL &&
            (pair->before == NULL || layer_bits(pair->before) != layer_bits(pair->after)))
            g_string_append(report->out, hc_layer_bits_text(layer_bits(pair->after)));
    }
    end_line(report);
}

static void
text_meta(Report *report, guint differences)
{
    static const struct {
        guint change;
        const char *text;
    } kinds[] = {
        {HC_CHANGED_CLASS, "another class name"},
        {HC_CHANGED_SECURITY, "another security descriptor"},
        {HC_CHANGED_FLAGS, "other flags"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if ((differences & kinds[i].change) == 0)
            continue;
        start_line(report, "    ", '~');
        g_string_append(report->out, kinds[i].text);
        end_line(report);
    }
}

static void
append_datum(const Report *report, const HcDeltaValue *value)
{
    if (value->op == HC_VALUE_DELETE)
        g_string_append(report->out, "deleted");
    else
        hc_append_datum(report->out, &value->after, report->options->is_full);
}

static void
text_value(Report *report, const HcDeltaValue *before, const HcDeltaValue *after)
{
    start_line(report, "    ", sign_of(before != NULL, after != NULL));
    hc_report_append_value_name(report->out, name_of(before, after));
    g_string_append(report->out, "  ");
    if (before != NULL)
        append_datum(report, before);
    if (before != NULL && after != NULL)
        g_string_append(report->out, " -> ");
    if (after != NULL)
        append_datum(report, after);
    end_line(report);
}

/* --- JSON --- */

static void
json_path(HcJsonWriter *json, const HcDeltaKey *key)
{
    if (key->parent == NULL)
        return;
    json_path(json, key->parent);
    hc_json_key_name(json, key->name);
}

/* @what: "key" or "value". */
static void
json_start(Report *report, const Pair *pair, const char *what, gboolean is_before,
           gboolean is_after)
{
    HcJsonWriter *json = &report->json;
    g_autofree char *op = g_strdup_printf("%s_%s",
                                          !is_before  ? "add"
                                          : !is_after ? "remove"
                                                      : "change",
                                          what);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "op", op);
    hc_json_member(json, "path");
    hc_json_begin_array(json, HC_JSON_DENSE);
    json_path(json, key_of(pair));
    hc_json_end(json);
}

static void
json_blob(HcJsonWriter *json, const char *member, HcBlob blob)
{
    hc_json_member(json, member);
    if (blob.bytes == NULL) {
        hc_json_null(json);
        return;
    }
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member(json, "hex");
    hc_json_hex(json, blob.bytes, blob.n_bytes);
    hc_json_end(json);
}

static void
json_key_side(HcJsonWriter *json, const char *member, const HcDeltaKey *key)
{
    if (key == NULL)
        return;
    hc_json_member(json, member);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "layer", hc_layer_bits_text(layer_bits(key)));
    hc_json_member_number(json, "layer_bits", layer_bits(key));
    if (states_meta(key)) {
        json_blob(json, "class", key->after.class_name);
        json_blob(json, "security", key->after.security);
        hc_json_member_number(json, "flags", key->after.flags);
    }
    hc_json_end(json);
}

static void
json_value_side(HcJsonWriter *json, const char *member, const HcDeltaValue *value)
{
    if (value == NULL)
        return;
    hc_json_member(json, member);
    hc_json_begin_object(json, HC_JSON_DENSE);
    if (value->op == HC_VALUE_DELETE) {
        hc_json_member_boolean(json, "deleted", TRUE);
    } else {
        const char *type_name = hc_report_type_name(value->after.type);
        hc_json_member_number(json, "type", value->after.type);
        if (type_name != NULL)
            hc_json_member_string(json, "type_name", type_name);
        hc_json_member(json, "hex");
        hc_json_hex(json, value->after.data.bytes, value->after.data.n_bytes);
    }
    hc_json_end(json);
}

/* --- the walk --- */

static void
compare_keys(Report *report, Pair *pair)
{
    guint differences = 0;
    if (pair->before != NULL && pair->after != NULL) {
        differences = shown_differences(report, pair);
        if (differences == 0 && layer_bits(pair->before) == layer_bits(pair->after))
            return;
    }
    count(&report->keys, pair->before != NULL, pair->after != NULL);
    if (!report->is_json) {
        text_key(report, pair);
        text_meta(report, differences);
        return;
    }
    json_start(report, pair, "key", pair->before != NULL, pair->after != NULL);
    json_key_side(&report->json, "before", pair->before);
    json_key_side(&report->json, "after", pair->after);
    hc_json_end(&report->json);
}

static void
add_value(Report *report, Pair *pair, const HcDeltaValue *before, const HcDeltaValue *after)
{
    if (before != NULL && after != NULL && hc_delta_value_same_wish(before, after))
        return;
    count(&report->values, before != NULL, after != NULL);
    if (!report->is_json) {
        text_key(report, pair);
        text_value(report, before, after);
        return;
    }
    json_start(report, pair, "value", before != NULL, after != NULL);
    hc_json_member_name(&report->json, "name", name_of(before, after));
    json_value_side(&report->json, "before", before);
    json_value_side(&report->json, "after", after);
    hc_json_end(&report->json);
}

static gint
compare_values(gconstpointer a, gconstpointer b)
{
    const HcDeltaValue *const *left = (const HcDeltaValue *const *) a;
    const HcDeltaValue *const *right = (const HcDeltaValue *const *) b;
    return hc_name_compare((*left)->name, (*right)->name);
}

static GPtrArray *
sorted_values(const HcDeltaKey *key)
{
    GPtrArray *values = g_ptr_array_new();
    for (guint i = 0; key != NULL && i < hc_delta_n_values(key); i++)
        g_ptr_array_add(values, hc_delta_value(key, i));
    g_ptr_array_sort(values, compare_values);
    return values;
}

static void
walk_values(Report *report, Pair *pair)
{
    g_autoptr(GPtrArray) before = sorted_values(pair->before);
    g_autoptr(GPtrArray) after = sorted_values(pair->after);
    guint i = 0;
    guint j = 0;
    while (i < before->len || j < after->len) {
        const HcDeltaValue *a = i < before->len ? (const HcDeltaValue *) before->pdata[i] : NULL;
        const HcDeltaValue *b = j < after->len ? (const HcDeltaValue *) after->pdata[j] : NULL;
        const int order = a == NULL ? 1 : b == NULL ? -1 : hc_name_compare(a->name, b->name);
        add_value(report, pair, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
        i += order <= 0;
        j += order >= 0;
    }
}

/* Recursion is as deep as the deltas, which their reader caps. */
static void
walk_pair(Report *report, const HcPair *nodes, uint32_t depth)
{
    Pair pair = {nodes->left.node, nodes->right.node, FALSE};
    HcPairIter iter;
    HcPair below;
    (void) hc_stream_flow(report->stream); /* who ends the stream is told */
    compare_keys(report, &pair);
    walk_values(report, &pair);
    /* Going through what is below a node of a delta cannot fail. */
    if (!hc_pair_walk_list(&report->walk, nodes, depth, &iter, NULL))
        return;
    while (hc_pair_iter_next(&iter, &below, NULL))
        walk_pair(report, &below, depth + 1);
}

/* --- head and end --- */

static void
append_count(GString *out, const char **separator, uint64_t n, const char *what, const char *done)
{
    if (n == 0)
        return;
    g_string_append_printf(out, "%s%" G_GUINT64_FORMAT " %s%s %s", *separator, n, what,
                           n == 1 ? "" : "s", done);
    *separator = ", ";
}

static void
text_end(Report *report)
{
    const char *separator = "";
    GString *out = report->out;
    append_count(out, &separator, report->keys.added, "key", "only in the new delta");
    append_count(out, &separator, report->keys.removed, "key", "only in the old delta");
    append_count(out, &separator, report->keys.changed, "key", "different");
    append_count(out, &separator, report->values.added, "value", "only in the new delta");
    append_count(out, &separator, report->values.removed, "value", "only in the old delta");
    append_count(out, &separator, report->values.changed, "value", "different");
    if (separator[0] == '\0')
        g_string_append(out, "no difference");
    separator = "; not shown: ";
    append_count(out, &separator, report->ignored.class_names, "class name", "different");
    append_count(out, &separator, report->ignored.security, "security descriptor", "different");
    append_count(out, &separator, report->ignored.flags, "key", "with other flags");
    g_string_append_c(out, '\n');
}

static void
json_counts(HcJsonWriter *json, const char *what, const Counts *counts)
{
    hc_json_member(json, what);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_number(json, "added", counts->added);
    hc_json_member_number(json, "removed", counts->removed);
    hc_json_member_number(json, "changed", counts->changed);
    hc_json_end(json);
}

static void
json_head(Report *report)
{
    hc_report_json_head(&report->json, "difference-of-deltas", report->options);
    hc_json_member(&report->json, "changes");
    hc_json_begin_array(&report->json, HC_JSON_LINES);
}

static void
json_end(Report *report, gboolean is_same)
{
    hc_json_end(&report->json);
    hc_json_member(&report->json, "summary");
    hc_json_begin_object(&report->json, HC_JSON_DENSE);
    json_counts(&report->json, "keys", &report->keys);
    json_counts(&report->json, "values", &report->values);
    hc_json_end(&report->json);
    hc_json_member_string(&report->json, "result", is_same ? "same" : "different");
    hc_json_end_document(&report->json);
}

gboolean
hc_report_layer_diff(HcStream *stream, const HcDelta *old_patch, const HcDelta *new_patch,
                     const HcReportOptions *options, gboolean is_json)
{
    Report report = {.stream = stream,
                     .out = hc_stream_text(stream),
                     .json = hc_json_writer_to(stream),
                     .options = options,
                     .is_json = is_json};
    if (is_json)
        json_head(&report);
    const HcPair roots = {{NULL, hc_delta_root(old_patch)}, {NULL, hc_delta_root(new_patch)}};
    hc_pair_walk_init(&report.walk, NULL, NULL);
    walk_pair(&report, &roots, 0);
    hc_pair_walk_clear(&report.walk);
    const gboolean is_same = n_counted(&report.keys) + n_counted(&report.values) == 0;
    if (is_json)
        json_end(&report, is_same);
    else
        text_end(&report);
    return is_same;
}
