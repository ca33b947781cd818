#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

typedef struct {
    uint64_t n_subkeys;
    uint64_t n_values;
} TreeCounts;

#define KEY_INDENT    "    "
#define DETAIL_INDENT "        "

/* Values of a key that is made, and of those made above it only for it, that are shown. */
#define SHOWN_NEW_VALUES 8u

/* Lines below a value's first one. */
#define SHOWN_LINES 8u

/* No line gets narrower, whatever the terminal. */
#define MIN_COLUMNS 40u

static gboolean
is_fitted(const HcText *text)
{
    return text->options->is_fitted && !text->options->is_full;
}

/* The room of a line, G_MAXUINT where there is no end. */
static guint
columns(const HcText *text)
{
    const guint n = text->options->n_columns;
    if (!is_fitted(text) || n == 0)
        return G_MAXUINT;
    return MAX(n, MIN_COLUMNS) - (guint) strlen(text->margin);
}

HcTextLimits
hc_text_limits(const HcText *text, guint n_before)
{
    const guint n = columns(text);
    return (HcTextLimits){n == G_MAXUINT ? n : n - n_before, SHOWN_LINES, text->options->is_full};
}

static void
append_indent(const HcText *text, const char *indent)
{
    g_string_append(text->out, text->margin);
    g_string_append(text->out, indent + (text->is_keyless ? strlen(KEY_INDENT) : 0));
}

static void
start_line(const HcText *text, const char *indent, char sign)
{
    append_indent(text, indent);
    if (text->options->color && sign != ' ') {
        const char *color = sign == '+' ? "\033[32m" : sign == '-' ? "\033[31m" : "\033[33m";
        g_string_append(text->out, color);
    }
    g_string_append_c(text->out, sign);
    g_string_append_c(text->out, ' ');
}

static void
end_line(const HcText *text, char sign)
{
    g_string_append(text->out, text->options->color && sign != ' ' ? "\033[0m\n" : "\n");
}

static void
append_path(GString *out, const HcText *text, const HcDeltaKey *key)
{
    const gsize start = out->len;
    hc_delta_append_path(out, key, text->options->root);
    if (out->len == start)
        g_string_append_c(out, '\\'); /* the root of a hive whose place is not known */
}

/* "~ [path]", with @after behind it; the path is cut to the room. */
static void
append_path_line(HcText *text, char sign, const char *path, const char *after)
{
    static const char frame[] = "~ []";
    const guint n_columns = columns(text);
    const guint n_taken = (guint) strlen(frame) + hc_text_columns(after);
    start_line(text, "", sign);
    g_string_append_c(text->out, '[');
    if (n_columns == G_MAXUINT)
        g_string_append(text->out, path);
    else
        hc_append_cut_middle(text->out, path, n_taken + 12 < n_columns ? n_columns - n_taken : 12);
    g_string_append_printf(text->out, "]%s", after);
    end_line(text, sign);
}

void
hc_text_append_key(HcText *text, char sign, const HcDeltaKey *key, const char *after)
{
    g_autoptr(GString) path = g_string_new(NULL);
    append_path(path, text, key);
    append_path_line(text, sign, path->str, after);
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

/* "  (2 subkeys, 5 values)". */
static GString *
tree_counts(const HcDeltaKey *tree)
{
    GString *out = g_string_new(NULL);
    if (tree != NULL) {
        TreeCounts counts = {0, 0};
        count_tree(tree, &counts);
        g_string_append(out, "  (");
        append_number_of(out, counts.n_subkeys, "subkey");
        g_string_append(out, ", ");
        append_number_of(out, counts.n_values, "value");
        g_string_append_c(out, ')');
    }
    return out;
}

static void
append_move_line(const HcText *text, const HcDeltaKey *key)
{
    static const char *const words[] = {"moved to ", "moved from "};
    const guint n_columns = columns(text);
    g_autoptr(GString) path = g_string_new(NULL);
    hc_moves_append_other(path, text->moves, key, text->options->root);
    append_indent(text, KEY_INDENT);
    g_string_append(text->out, words[key->op == HC_KEY_DELETE ? 0 : 1]);
    if (n_columns == G_MAXUINT)
        g_string_append(text->out, path->str);
    else
        hc_append_cut_middle(text->out, path->str, n_columns - 16);
    g_string_append_c(text->out, '\n');
}

static void
append_reason_line(const HcText *text, const char *indent, const HcReason *reason)
{
    g_autoptr(GString) line = g_string_new(NULL);
    const guint n_columns = columns(text);
    hc_report_append_reason(line, reason);
    append_indent(text, indent);
    if (n_columns == G_MAXUINT)
        g_string_append(text->out, line->str);
    else
        hc_append_cut(text->out, line->str, n_columns - (guint) strlen(indent));
    g_string_append_c(text->out, '\n');
}

/* The reason of a key block: of a change in the key itself, or of values in it. */
static void
append_key_reason(const HcText *text, const HcDeltaKey *key)
{
    gboolean is_used = key->op != HC_KEY_KEEP || key->changed != 0;
    for (guint i = 0; !is_used && i < hc_delta_n_values(key); i++)
        is_used = hc_delta_value(key, i)->reason == key->reason;
    if (key->reason != NULL && is_used)
        append_reason_line(text, KEY_INDENT, key->reason);
}

static char
sign_of_value(const HcDeltaValue *value)
{
    if (value->op == HC_VALUE_DELETE)
        return '-';
    return value->before->is_present ? '~' : '+';
}

static void
append_lines(const HcText *text, const GArray *lines, guint first, char head_sign)
{
    for (guint i = first; i < lines->len; i++) {
        const HcTextLine *line = &g_array_index(lines, HcTextLine, i);
        const gboolean is_head = line->sign == HC_TEXT_HEAD;
        const char sign = (char) (is_head ? head_sign : line->sign);
        start_line(text, is_head ? KEY_INDENT : DETAIL_INDENT, sign);
        g_string_append(text->out, line->text);
        end_line(text, sign);
    }
}

static void
append_value(const HcText *text, const HcDeltaKey *key, const HcDeltaValue *value, char sign)
{
    g_autoptr(GString) name = g_string_new(NULL);
    const guint n_columns = columns(text);
    const HcTextLimits limits = hc_text_limits(text, (guint) strlen(DETAIL_INDENT "~ "));
    hc_report_append_value_name(name, value->name);
    start_line(text, KEY_INDENT, sign);
    const gsize start = text->out->len;
    if (n_columns == G_MAXUINT)
        g_string_append(text->out, name->str);
    else
        hc_append_cut_middle(text->out, name->str, n_columns / 2 - (guint) strlen(KEY_INDENT "~ "));
    /* Its first line is less far to the right than the others, and behind the name. */
    const guint n_name = hc_text_columns(text->out->str + start);
    const guint n_less = n_name + 2 > 4 ? n_name + 2 - 4 : 0;
    g_autoptr(GArray) lines = hc_text_value_lines(key, value, &limits, n_less);
    g_string_append_printf(text->out, "  %s", g_array_index(lines, HcTextLine, 0).text);
    end_line(text, sign);
    append_lines(text, lines, 1, sign);
}

static gboolean
is_path_for_values(const HcDeltaKey *key)
{
    while (hc_delta_n_values(key) == 0 && hc_delta_n_children(key) == 1)
        key = hc_delta_child(key, 0);
    return hc_delta_n_children(key) == 0 && hc_delta_n_values(key) <= SHOWN_NEW_VALUES;
}

gboolean
hc_text_is_folded(const HcText *text, const HcDeltaKey *key, guint level)
{
    const HcDeltaKey *tree = key->op == HC_KEY_DELETE ? key->old_tree : key;
    if (key->op == HC_KEY_KEEP || tree == NULL)
        return FALSE;
    if (text->options->has_depth && !text->options->is_full)
        return level >= text->options->depth;
    if (key->op == HC_KEY_DELETE)
        return !text->options->is_full;
    if (!is_fitted(text) || text->options->n_lines == 0)
        return FALSE;
    return hc_moves_has(text->moves, key) || (level == 0 && !is_path_for_values(key));
}

static void
append_key_head(HcText *text, const HcDeltaKey *key, gboolean is_folded)
{
    char sign = '~';
    g_autoptr(GString) after = g_string_new(NULL);
    const HcDeltaKey *tree = key;
    switch (key->op) {
    case HC_KEY_KEEP:
        break;
    case HC_KEY_DELETE:
    case HC_KEY_REPLACE:
        sign = '-';
        tree = key->old_tree;
        break;
    case HC_KEY_CREATE:
        sign = '+';
        break;
    }
    if (text->is_keyless)
        return;
    if (sign == '-' || is_folded || hc_moves_has(text->moves, key)) {
        g_string_free(g_steal_pointer(&after), TRUE);
        after = tree_counts(tree);
    }
    hc_text_append_key(text, sign, key, after->str);
    if (hc_moves_has(text->moves, key))
        append_move_line(text, key);
    if (key->op == HC_KEY_REPLACE)
        hc_text_append_key(text, '+', key, "");
}

void
hc_text_own(HcText *text, const HcDeltaKey *key, gboolean is_folded, guint n_values)
{
    if (key->op == HC_KEY_KEEP && key->changed == 0 && hc_delta_n_values(key) == 0)
        return;
    append_key_head(text, key, is_folded);
    append_key_reason(text, key);
    if (is_folded)
        return;
    const char sign = key->op == HC_KEY_KEEP ? '~' : '+';
    const HcTextLimits limits = hc_text_limits(text, (guint) strlen(DETAIL_INDENT "~ "));
    g_autoptr(GArray) lines = hc_text_key_lines(key, &limits);
    append_lines(text, lines, 0, sign);
    for (guint i = 0; i < MIN(hc_delta_n_values(key), n_values); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        append_value(text, key, value, sign_of_value(value));
        if (value->reason != NULL && value->reason != key->reason)
            append_reason_line(text, DETAIL_INDENT, value->reason);
    }
}

/* What was in a deleted key, opened. @path: of @tree, as it is shown */
static void
append_old_tree(HcText *text, const char *path, const HcDeltaKey *tree, guint level)
{
    for (guint i = 0; i < hc_delta_n_values(tree); i++)
        append_value(text, tree, hc_delta_value(tree, i), '-');
    for (guint i = 0; i < hc_delta_n_children(tree); i++) {
        const HcDeltaKey *child = hc_delta_child(tree, i);
        g_autoptr(GString) below = g_string_new(path);
        g_string_append_c(below, '\\');
        hc_name_append_display(below, child->name);
        const gboolean is_folded =
            text->options->has_depth && !text->options->is_full && level >= text->options->depth;
        g_autoptr(GString) after = is_folded ? tree_counts(child) : g_string_new(NULL);
        text->n_folded += is_folded ? 1 : 0;
        append_path_line(text, '-', below->str, after->str);
        if (!is_folded)
            append_old_tree(text, below->str, child, level + 1);
    }
}

void
hc_text_tree(HcText *text, const HcDeltaKey *key, guint level)
{
    if (text->stream != NULL)
        (void) hc_stream_flow(text->stream); /* who ends the stream is told */
    const gboolean is_folded = hc_text_is_folded(text, key, level);
    hc_text_own(text, key, is_folded, G_MAXUINT);
    if (is_folded) {
        /* Deleted ones always were; only what is new needs telling. */
        text->n_folded += key->op == HC_KEY_CREATE || text->options->has_depth ? 1 : 0;
        return;
    }
    if (key->op == HC_KEY_DELETE) {
        g_autoptr(GString) path = g_string_new(NULL);
        append_path(path, text, key);
        if (key->old_tree != NULL)
            append_old_tree(text, path->str, key->old_tree, 1);
        return;
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        hc_text_tree(text, hc_delta_child(key, i), key->op == HC_KEY_KEEP ? 0 : level + 1);
}

void
hc_report_append_ignored(GString *out, const char *separator, const HcIgnoredCounts *ignored)
{
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

/* "3 values added", with ", " before it where @is_any. Returns: whether anything stands there now
 */
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

gboolean
hc_text_append_counts(GString *out, const HcDeltaCounts *counts)
{
    gboolean is_any = FALSE;
    is_any = append_count(out, is_any, counts->keys_created, "key", "created");
    is_any = append_count(out, is_any, counts->keys_deleted, "key", "deleted");
    is_any = append_count(out, is_any, counts->keys_replaced, "key", "replaced");
    is_any = append_count(out, is_any, counts->keys_changed, "key", "changed");
    is_any = append_count(out, is_any, counts->values_added, "value", "added");
    is_any = append_count(out, is_any, counts->values_changed, "value", "changed");
    return append_count(out, is_any, counts->values_deleted, "value", "deleted");
}

gboolean
hc_report_append_counts(GString *out, const HcDelta *exact)
{
    const HcDeltaCounts counts = hc_delta_count(exact);
    return hc_text_append_counts(out, &counts);
}

static void
append_summary(const HcText *text, const HcDelta *exact)
{
    const HcReportOptions *options = text->options;
    GString *out = text->out;
    if (text->n_folded > 0 && options->more != NULL)
        g_string_append_printf(out, "(not all is shown: %s)\n", options->more);
    if (!hc_report_append_counts(out, exact))
        g_string_append(out, options->n_filtered > 0 ? "no other difference" : "no difference");
    if (options->n_filtered > 0) {
        g_string_append(out, "; filtered: ");
        append_number_of(out, options->n_filtered, "change");
    }
    hc_report_append_ignored(out, "; not shown: ", options->ignored);
    if (text->moves != NULL && hc_moves_count(text->moves) > 0) {
        g_string_append(out, "; moved: ");
        append_number_of(out, hc_moves_count(text->moves), "tree");
    }
    if (options->bytes_differ)
        g_string_append(out, "; the files' bytes differ");
    g_string_append_c(out, '\n');
}

void
hc_report_text(HcStream *stream, const HcDelta *exact, const HcReportOptions *options)
{
    g_autoptr(HcMoves) moves = options->is_fitted ? hc_moves_find(exact) : NULL;
    HcText text = {hc_stream_text(stream), stream, options, "", FALSE, moves, 0};
    if (is_fitted(&text) && options->n_lines > 0 && !options->has_depth)
        hc_text_folded_tree(&text, hc_delta_root(exact), options->n_lines);
    else
        hc_text_tree(&text, hc_delta_root(exact), 0);
    append_summary(&text, exact);
}

void
hc_report_text_changes(GString *out, const HcDelta *exact, const HcReportOptions *options,
                       const char *margin, gboolean is_keyless)
{
    HcText text = {out, NULL, options, margin, is_keyless, NULL, 0};
    hc_text_tree(&text, hc_delta_root(exact), 0);
}
