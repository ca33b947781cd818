#include "config.h"

#include "hivecore/report/report.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/regf/sddl.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/datum.h"

typedef struct {
    GString *out;
    HcStream *stream; /* (nullable): that @out is the text of */
    const HcReportOptions *options;
    const char *margin;  /* before every line */
    gboolean is_keyless; /* the key is known: its line and its indentation are left out */
} Text;

typedef struct {
    uint64_t n_subkeys;
    uint64_t n_values;
} TreeCounts;

#define KEY_INDENT "    "

static void
append_indent(const Text *text, const char *indent)
{
    g_string_append(text->out, text->margin);
    g_string_append(text->out, indent + (text->is_keyless ? strlen(KEY_INDENT) : 0));
}

static void
start_line(const Text *text, const char *indent, char sign)
{
    append_indent(text, indent);
    if (text->options->color) {
        const char *color = sign == '+' ? "\033[32m" : sign == '-' ? "\033[31m" : "\033[33m";
        g_string_append(text->out, color);
    }
    g_string_append_c(text->out, sign);
    g_string_append_c(text->out, ' ');
}

static void
end_line(const Text *text)
{
    g_string_append(text->out, text->options->color ? "\033[0m\n" : "\n");
}

static void
append_key(const Text *text, char sign, const HcDeltaKey *key)
{
    start_line(text, "", sign);
    g_string_append_c(text->out, '[');
    gsize start = text->out->len;
    hc_delta_append_path(text->out, key, text->options->root);
    if (text->out->len == start)
        g_string_append_c(text->out, '\\'); /* the root of a hive whose place is not known */
    g_string_append_c(text->out, ']');
}

static void
count_tree(const HcDeltaKey *tree, TreeCounts *counts)
{
    counts->n_values += hc_delta_n_values(tree);
    counts->n_subkeys += hc_delta_n_children(tree);
    for (guint i = 0; i < hc_delta_n_children(tree); i++)
        count_tree(hc_delta_child(tree, i), counts);
}

static void
append_number_of(GString *out, uint64_t n, const char *what)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT " %s%s", n, what, n == 1 ? "" : "s");
}

static void
append_key_line(const Text *text, char sign, const HcDeltaKey *key)
{
    if (text->is_keyless)
        return;
    append_key(text, sign, key);
    end_line(text);
}

static void
append_deleted_key(const Text *text, const HcDeltaKey *key)
{
    if (text->is_keyless)
        return;
    append_key(text, '-', key);
    if (key->old_tree != NULL) {
        TreeCounts counts = {0, 0};
        count_tree(key->old_tree, &counts);
        g_string_append(text->out, "  (");
        append_number_of(text->out, counts.n_subkeys, "subkey");
        g_string_append(text->out, ", ");
        append_number_of(text->out, counts.n_values, "value");
        g_string_append_c(text->out, ')');
    }
    end_line(text);
}

static void
append_reason_line(const Text *text, const char *indent, const HcReason *reason)
{
    append_indent(text, indent);
    hc_report_append_reason(text->out, reason);
    g_string_append_c(text->out, '\n');
}

/* The reason of a key block: of a change in the key itself, or of values in it. */
static void
append_key_reason(const Text *text, const HcDeltaKey *key)
{
    gboolean is_used = key->op != HC_KEY_KEEP || key->changed != 0;
    for (guint i = 0; !is_used && i < hc_delta_n_values(key); i++)
        is_used = hc_delta_value(key, i)->reason == key->reason;
    if (key->reason != NULL && is_used)
        append_reason_line(text, "    ", key->reason);
}

static void
append_value(const Text *text, const HcDeltaValue *value)
{
    gboolean is_added = value->op == HC_VALUE_SET && !value->before.is_present;
    char sign = is_added ? '+' : '~';
    if (value->op == HC_VALUE_DELETE)
        sign = '-';
    start_line(text, "    ", sign);
    hc_report_append_value_name(text->out, value->name);
    g_string_append(text->out, "  ");
    if (sign == '~')
        hc_append_datum_change(text->out, &value->before, &value->after, text->options->is_full);
    else if (sign == '+')
        hc_append_datum(text->out, &value->after, text->options->is_full);
    else if (value->before.is_present)
        hc_append_datum(text->out, &value->before, text->options->is_full);
    else
        g_string_append(text->out, "deleted");
    end_line(text);
}

static void
append_class(GString *out, HcBlob class_name)
{
    if (class_name.bytes == NULL)
        g_string_append(out, "none");
    else if (class_name.n_bytes % 2 == 0)
        hc_append_quoted(out, (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE});
    else
        hc_append_hex(out, class_name.bytes, class_name.n_bytes);
}

/* @with_digest: whether its bytes are to be told from others that say the same. */
static void
append_security(GString *out, HcBlob security, gboolean with_digest)
{
    if (security.bytes == NULL) {
        g_string_append(out, "none");
        return;
    }
    if (hc_append_sddl(out, security) && !with_digest)
        return;
    g_string_append(out, with_digest ? " " : "");
    append_number_of(out, security.n_bytes, "byte");
    g_string_append(out, " sha256 ");
    hc_append_digest(out, security);
}

static void
append_security_change(GString *out, HcBlob before, HcBlob after)
{
    g_autoptr(GString) old_text = g_string_new(NULL);
    g_autoptr(GString) new_text = g_string_new(NULL);
    append_security(old_text, before, FALSE);
    append_security(new_text, after, FALSE);
    gboolean is_alike = g_string_equal(old_text, new_text);
    append_security(out, before, is_alike);
    g_string_append(out, " -> ");
    append_security(out, after, is_alike);
}

static void
append_flags(GString *out, uint16_t flags)
{
    flags &= HC_KEY_FLAGS_COMPARED;
    if (flags == 0)
        g_string_append(out, "none");
    const char *separator = "";
    static const struct {
        uint16_t flag;
        const char *name;
    } names[] = {
        {HC_KEY_FLAG_SYMLINK, "symlink"},
        {HC_KEY_FLAG_PREDEFINED, "predefined-handle"},
        {HC_KEY_FLAG_VOLATILE, "volatile"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if ((flags & names[i].flag) == 0)
            continue;
        g_string_append_printf(out, "%s%s", separator, names[i].name);
        separator = ", ";
    }
}

/* One line for each thing that differs in the key itself. */
static void
append_key_changes(const Text *text, const HcDeltaKey *key)
{
    GString *out = text->out;
    if ((key->changed & HC_CHANGED_CLASS) != 0) {
        start_line(text, "    ", '~');
        g_string_append(out, "class  ");
        append_class(out, key->before.class_name);
        g_string_append(out, " -> ");
        append_class(out, key->after.class_name);
        end_line(text);
    }
    if ((key->changed & HC_CHANGED_SECURITY) != 0) {
        start_line(text, "    ", '~');
        g_string_append(out, "security  ");
        append_security_change(out, key->before.security, key->after.security);
        end_line(text);
    }
    if ((key->changed & HC_CHANGED_FLAGS) != 0) {
        start_line(text, "    ", '~');
        g_string_append(out, "flags  ");
        append_flags(out, key->before.flags);
        g_string_append(out, " -> ");
        append_flags(out, key->after.flags);
        end_line(text);
    }
    if ((key->changed & HC_CHANGED_TIME) != 0) {
        start_line(text, "    ", '~');
        g_string_append(out, "time  ");
        hc_filetime_append(out, key->before.mtime_filetime);
        g_string_append(out, " -> ");
        hc_filetime_append(out, key->after.mtime_filetime);
        end_line(text);
    }
    if ((key->changed & HC_CHANGED_ORDER) != 0) {
        start_line(text, "    ", '~');
        g_string_append(out, "order of the values");
        end_line(text);
    }
}

/* Whether a new key's descriptor is known to be neither its parent's nor what Windows makes of it.
 */
static gboolean
has_own_security(const HcDeltaKey *key)
{
    if (key->parent == NULL || key->after.security.bytes == NULL)
        return FALSE;
    HcBlob inherited = key->parent->after.security;
    return inherited.bytes != NULL && !hc_blob_equal(inherited, key->after.security) &&
           !hc_security_is_inherited(key->after.security, inherited);
}

/* What a new key has besides values, where it is not what every new key has. */
static void
append_created_meta(const Text *text, const HcDeltaKey *key)
{
    if (has_own_security(key)) {
        start_line(text, "    ", '+');
        g_string_append(text->out, "security  ");
        append_security(text->out, key->after.security, FALSE);
        end_line(text);
    }
    if (key->after.class_name.bytes != NULL) {
        start_line(text, "    ", '+');
        g_string_append(text->out, "class  ");
        append_class(text->out, key->after.class_name);
        end_line(text);
    }
    if ((key->after.flags & HC_KEY_FLAGS_COMPARED) != 0) {
        start_line(text, "    ", '+');
        g_string_append(text->out, "flags  ");
        append_flags(text->out, key->after.flags);
        end_line(text);
    }
}

static void
append_tree(const Text *text, const HcDeltaKey *key)
{
    if (text->stream != NULL)
        (void) hc_stream_flow(text->stream); /* who ends the stream is told */
    switch (key->op) {
    case HC_KEY_KEEP:
        if (key->changed != 0 || hc_delta_n_values(key) > 0) {
            append_key_line(text, '~', key);
            append_key_reason(text, key);
            append_key_changes(text, key);
        }
        break;
    case HC_KEY_DELETE:
        append_deleted_key(text, key);
        append_key_reason(text, key);
        return;
    case HC_KEY_REPLACE:
        append_deleted_key(text, key);
        G_GNUC_FALLTHROUGH;
    case HC_KEY_CREATE:
        append_key_line(text, '+', key);
        append_key_reason(text, key);
        append_created_meta(text, key);
        break;
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        append_value(text, value);
        if (value->reason != NULL && value->reason != key->reason)
            append_reason_line(text, "        ", value->reason);
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        append_tree(text, hc_delta_child(key, i));
}

/* "a, b, c" of the counts that are not 0. Returns: whether there was one. */
static gboolean
append_count(GString *out, gboolean is_any, uint64_t n, const char *what, const char *done)
{
    if (n == 0)
        return is_any;
    g_string_append(out, is_any ? ", " : "");
    append_number_of(out, n, what);
    g_string_append_printf(out, " %s", done);
    return TRUE;
}

static void
append_ignored(GString *out, const HcReportOptions *options)
{
    const HcIgnoredCounts *ignored = options->ignored;
    if (ignored == NULL)
        return;
    const struct {
        const char *what;
        uint64_t n;
    } counts[] = {
        {"timestamps", ignored->timestamps},   {"security", ignored->security},
        {"class names", ignored->class_names}, {"flags", ignored->flags},
        {"order of values", ignored->order},   {"spelling of names", ignored->spelling},
    };
    const char *separator = "; not shown: ";
    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
        if (counts[i].n == 0)
            continue;
        g_string_append_printf(out, "%s%s (%" G_GUINT64_FORMAT ")", separator, counts[i].what,
                               counts[i].n);
        separator = ", ";
    }
}

void
hc_report_append_reason(GString *out, const HcReason *reason)
{
    g_string_append(out, "why: ");
    hc_name_append_display(out, reason->text);
    if (reason->ticket.n_units > 0) {
        g_string_append(out, " (ticket ");
        hc_name_append_display(out, reason->ticket);
    }
    if (reason->owner.n_units > 0) {
        g_string_append(out, reason->ticket.n_units > 0 ? ", owner " : " (owner ");
        hc_name_append_display(out, reason->owner);
    }
    if (reason->ticket.n_units > 0 || reason->owner.n_units > 0)
        g_string_append_c(out, ')');
}

gboolean
hc_report_append_counts(GString *out, const HcDelta *exact)
{
    HcDeltaCounts counts = hc_delta_count(exact);
    gboolean is_any = FALSE;
    is_any = append_count(out, is_any, counts.keys_created, "key", "created");
    is_any = append_count(out, is_any, counts.keys_deleted, "key", "deleted");
    is_any = append_count(out, is_any, counts.keys_replaced, "key", "replaced");
    is_any = append_count(out, is_any, counts.keys_changed, "key", "changed");
    is_any = append_count(out, is_any, counts.values_added, "value", "added");
    is_any = append_count(out, is_any, counts.values_changed, "value", "changed");
    is_any = append_count(out, is_any, counts.values_deleted, "value", "deleted");
    return is_any;
}

void
hc_report_text(HcStream *stream, const HcDelta *exact, const HcReportOptions *options)
{
    GString *out = hc_stream_text(stream);
    const Text text = {out, stream, options, "", FALSE};
    append_tree(&text, hc_delta_root(exact));
    if (!hc_report_append_counts(out, exact))
        g_string_append(out, "no difference");
    append_ignored(out, options);
    if (options->bytes_differ)
        g_string_append(out, "; the files' bytes differ");
    g_string_append_c(out, '\n');
}

void
hc_report_text_changes(GString *out, const HcDelta *exact, const HcReportOptions *options,
                       const char *margin, gboolean is_keyless)
{
    const Text text = {out, NULL, options, margin, is_keyless};
    append_tree(&text, hc_delta_root(exact));
}
