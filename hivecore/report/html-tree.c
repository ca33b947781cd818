#include "config.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/base/path.h"
#include "hivecore/report/html-private.h"
#include "hivecore/report/report-private.h"

/* The tree of what changed: as elements, and, of large changes, as data. One walk serves both. */

typedef struct {
    HcStream *stream;
    GString *out;
    const HcDelta *delta;
    GString *path;     /* of the key at hand, as it is shown */
    gboolean is_data;  /* else elements */
    gboolean is_open;  /* small enough to be shown opened */
    guint64 n_written; /* changes, of all parts */
    guint64 n_most;    /* of them */
    const HcHtmlPart *parts;
    HcMoves *moves;   /* of the part at hand */
    GString *note;    /* of the key that comes next */
    guint part;       /* index of the one at hand */
    guint n_in_chunk; /* of data: keys and changes of the block at hand */
    guint n_in_record;
    gboolean is_in_chunk;
    GString *record;
    HcJsonWriter json;
} Tree;

/* --- changes of one key --- */

static void begin_record(Tree *tree, char sign);
static void end_record(Tree *tree);

static void
flow(Tree *tree)
{
    (void) hc_stream_flow(tree->stream); /* told at the end */
}

static void
write_change(Tree *tree, const HcHtmlChange *change)
{
    tree->n_written++;
    tree->n_in_chunk++;
    if (!tree->is_data) {
        hc_html_change_write(tree->out, change);
        flow(tree);
        return;
    }
    if (tree->n_in_record++ >= HC_MAX_HTML_CHUNK) {
        end_record(tree);
        begin_record(tree, '=');
    }
    hc_html_change_write_json(&tree->json, change);
}

static gboolean
is_full(const Tree *tree)
{
    return tree->n_written >= tree->n_most;
}

/* The value of that name which @delta speaks of in the key that is where @key is; NULL: none. */
static const HcDeltaValue *
find_value(const HcDelta *delta, const HcDeltaKey *key, HcName name)
{
    g_autoptr(GPtrArray) way = g_ptr_array_new();
    for (const HcDeltaKey *at = key; at->parent != NULL; at = at->parent)
        g_ptr_array_add(way, (gpointer) (guintptr) at);
    const HcDeltaKey *found = hc_delta_root(delta);
    for (guint i = way->len; i > 0 && found != NULL; i--)
        found = hc_delta_find_child(found, ((const HcDeltaKey *) way->pdata[i - 1])->name);
    return found != NULL ? hc_delta_find_value(found, name) : NULL;
}

/* Who wrote the value, and who before. */
static void
append_writers(GString *out, const Tree *tree, const HcDeltaKey *key, const HcDeltaValue *value)
{
    const HcHtmlPart *part = &tree->parts[tree->part];
    if (part->writer == NULL)
        return;
    g_string_truncate(out, 0); /* which is the layer's hive */
    g_string_append_printf(out, "%s by %s", value->after.is_present ? "written" : "deleted",
                           part->writer);
    for (guint i = tree->part; i > 0; i--) {
        const HcHtmlPart *below = &tree->parts[i - 1];
        const HcDeltaValue *before = below->exact != NULL && g_str_equal(below->root, part->root)
                                         ? find_value(below->exact, key, value->name)
                                         : NULL;
        if (before != NULL && below->writer != NULL) {
            g_string_append_printf(out, "; before that %s by %s",
                                   before->after.is_present ? "written" : "deleted", below->writer);
            return;
        }
    }
    if (value->before->is_present)
        g_string_append(out, "; before that it was as in the base");
}

static void
write_value(Tree *tree, const HcDeltaKey *key, const HcDeltaValue *value, gboolean is_removed)
{
    HcHtmlChange change;
    hc_html_change_init(&change);
    hc_html_change_value(&change, tree->delta, key, value, is_removed);
    const char *writer = tree->parts[tree->part].writer;
    if (!is_removed)
        append_writers(change.origin, tree, key, value);
    else if (writer != NULL)
        g_string_printf(change.origin, "deleted with its key by %s", writer);
    write_change(tree, &change);
    hc_html_change_clear(&change);
}

static void
write_meta(Tree *tree, const HcDeltaKey *key, HcKeyChange which)
{
    HcHtmlChange change;
    hc_html_change_init(&change);
    hc_html_change_meta(&change, key, which);
    write_change(tree, &change);
    hc_html_change_clear(&change);
}

static void
write_changes(Tree *tree, const HcDeltaKey *key, gboolean is_removed)
{
    if (key->op == HC_KEY_DELETE && !is_removed)
        return;
    for (guint bit = HC_CHANGED_CLASS; bit <= HC_CHANGED_ORDER && !is_removed; bit <<= 1)
        if (key->op == HC_KEY_KEEP && (key->changed & bit) != 0 && !is_full(tree))
            write_meta(tree, key, (HcKeyChange) bit);
    for (guint i = 0; i < hc_delta_n_values(key) && !is_full(tree); i++)
        write_value(tree, key, hc_delta_value(key, i), is_removed);
}

/* --- keys --- */

static char
key_sign(const HcDeltaKey *key, gboolean is_removed)
{
    if (is_removed || key->op == HC_KEY_DELETE)
        return '-';
    return hc_delta_is_made(key) ? '+' : '~';
}

/* [SIGN, PATH, HIVE, [CHANGE…], NOTE]; the note may be missing; sign "=" goes on with the key
 * before. */
static void
begin_record(Tree *tree, char sign)
{
    const char text[] = {sign, '\0'};
    if (tree->n_in_chunk >= HC_MAX_HTML_CHUNK) {
        g_string_append(tree->out, HC_HTML_DATA_END HC_HTML_DATA_BEGIN);
        tree->n_in_chunk = 0;
        tree->is_in_chunk = FALSE;
    }
    g_string_append(tree->out, tree->is_in_chunk ? ",\n" : "");
    tree->is_in_chunk = TRUE;
    tree->n_in_record = 0;
    g_string_truncate(tree->record, 0);
    tree->json = (HcJsonWriter){.out = tree->record};
    hc_json_begin_array(&tree->json, HC_JSON_DENSE);
    hc_json_string(&tree->json, text);
    hc_json_string(&tree->json, tree->path->str);
    hc_json_number(&tree->json, tree->part);
    hc_json_begin_array(&tree->json, HC_JSON_DENSE);
}

static void
end_record(Tree *tree)
{
    hc_json_end(&tree->json);
    if (tree->note->len > 0)
        hc_json_string(&tree->json, tree->note->str);
    g_string_truncate(tree->note, 0);
    hc_json_end(&tree->json);
    hc_html_json_in_script(tree->out, tree->record);
    flow(tree);
}

static void
write_record(Tree *tree, const HcDeltaKey *key, char sign, gboolean is_removed)
{
    begin_record(tree, sign);
    tree->n_in_chunk++;
    write_changes(tree, key, is_removed);
    end_record(tree);
}

/* @label_start: of tree->path: what the line above does not show */
static void
begin_details(Tree *tree, const HcDeltaKey *key, char sign, gboolean is_removed, gsize label_start,
              gboolean is_open)
{
    const guint64 n = hc_html_total(hc_html_count(key, is_removed));
    g_string_append_printf(tree->out, "<details class=\"key %s\" id=\"",
                           sign == '+'   ? "added"
                           : sign == '-' ? "removed"
                                         : "changed");
    hc_html_key_id(tree->out, &tree->parts[tree->part], tree->part, tree->path->str);
    g_string_append(tree->out, "\" data-path=\"");
    hc_html_text(tree->out, tree->path->str);
    g_string_append(tree->out, is_open ? "\" open>" : "\">");
    g_string_append_printf(tree->out, "<summary><b>%c</b> <code>", sign == '~' ? ' ' : sign);
    hc_html_text(tree->out, tree->path->str + label_start);
    g_string_append_printf(tree->out, "</code> <span class=\"n\">%" G_GUINT64_FORMAT "</span>", n);
    g_string_append(tree->out, "</summary><a class=\"link\" href=\"#");
    hc_html_key_id(tree->out, &tree->parts[tree->part], tree->part, tree->path->str);
    g_string_append(tree->out, "\" aria-label=\"link to ");
    hc_html_text(tree->out, tree->path->str);
    g_string_append(tree->out, "\">#</a>\n");
    if (tree->note->len > 0) {
        g_string_append(tree->out, "<p class=\"note\">");
        hc_html_text(tree->out, tree->note->str);
        g_string_append(tree->out, "</p>\n");
        g_string_truncate(tree->note, 0);
    }
    if (sign != '~')
        tree->n_written++;
}

static gboolean
has_own(const HcDeltaKey *key, gboolean is_removed)
{
    return hc_html_total(hc_html_count_own(key, is_removed)) > 0 || key->op == HC_KEY_DELETE ||
           key->old_tree != NULL;
}

gboolean
hc_html_leads_on(const HcDeltaKey *key, gboolean is_removed)
{
    return !has_own(key, is_removed) && hc_delta_n_children(key) == 1;
}

static void write_key(Tree *tree, const HcDeltaKey *key, gboolean is_removed, gsize label_start,
                      guint depth);

static void
write_children(Tree *tree, const HcDeltaKey *key, gboolean is_removed, gsize label_start,
               guint depth)
{
    const gsize n_path = tree->path->len;
    for (guint i = 0; i < hc_delta_n_children(key) && !is_full(tree); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        g_string_append(tree->path, tree->path->len > 0 ? "\\" : "");
        const gsize start = label_start == (gsize) -1 ? tree->path->len : label_start;
        hc_name_append_display(tree->path, child->name);
        write_key(tree, child, is_removed, start, depth + 1);
        g_string_truncate(tree->path, n_path);
    }
}

/* What was there of a key that goes, or goes and comes again. */
static void
write_old_tree(Tree *tree, const HcDeltaKey *key, gsize label_start, guint depth)
{
    const gsize n_path = tree->path->len;
    if (is_full(tree))
        return;
    if (key->op == HC_KEY_REPLACE)
        g_string_append(tree->path, " (as it was)");
    write_key(tree, key->old_tree, TRUE, label_start, depth);
    g_string_truncate(tree->path, n_path);
}

/* hc_walk_enter() ended the depth when the delta was made. */
static void
write_key(Tree *tree, const HcDeltaKey *key, gboolean is_removed, gsize label_start, guint depth)
{
    const char sign = key_sign(key, is_removed);
    if (tree->moves != NULL && hc_moves_has(tree->moves, key)) {
        g_string_assign(tree->note, sign == '-' ? "moved, is now " : "moved, was ");
        hc_moves_append_other(tree->note, tree->moves, key, tree->parts[tree->part].root);
    }
    if (!is_removed && key->old_tree != NULL) {
        write_old_tree(tree, key, label_start, depth);
        if (key->op == HC_KEY_DELETE)
            return;
    }
    if (tree->is_data) {
        if (has_own(key, is_removed))
            write_record(tree, key, sign, is_removed);
        write_children(tree, key, is_removed, 0, depth);
        return;
    }
    if (hc_html_leads_on(key, is_removed)) {
        write_children(tree, key, is_removed, label_start, depth);
        return;
    }
    begin_details(tree, key, sign, is_removed, label_start,
                  tree->is_open || (depth < 2 && sign == '~'));
    write_changes(tree, key, is_removed);
    write_children(tree, key, is_removed, (gsize) -1, depth);
    g_string_append(tree->out, "</details>\n");
    flow(tree);
}

static void
write_part(Tree *tree, guint i)
{
    const HcHtmlPart *part = &tree->parts[i];
    tree->part = i;
    if (part->exact == NULL)
        return;
    tree->delta = part->exact;
    g_string_assign(tree->path, part->root[0] != '\0' ? part->root : part->place);
    if (hc_delta_is_empty(part->exact))
        return;
    tree->moves = hc_moves_find(part->exact);
    write_key(tree, hc_delta_root(part->exact), FALSE, 0, 0);
    g_clear_pointer(&tree->moves, hc_moves_free);
}

/* So that what is not shown is no secret. */
static void
write_left_out(GString *out, const HcHtmlPart *part)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_report_append_ignored(text, "not shown: ", part->ignored);
    if (part->n_filtered > 0)
        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " change%s filtered",
                               text->len > 0 ? "; " : "", part->n_filtered,
                               part->n_filtered == 1 ? "" : "s");
    if (text->len > 0)
        g_string_append_printf(out, "<p class=\"note\">%s</p>\n", text->str);
}

static void
write_heading(GString *out, const HcHtmlPart *part, gsize i)
{
    g_string_append_printf(out, "<section class=\"part\" id=\"part-%u\"", (guint) i + 1);
    if (part->tab != NULL) {
        g_string_append(out, " data-tab=\"");
        hc_html_text(out, part->tab);
        g_string_append_c(out, '"');
    }
    g_string_append(out, "><h2>");
    hc_html_text(out, part->place);
    g_string_append(out, "</h2>\n");
    if (part->note != NULL) {
        g_string_append(out, "<p class=\"note\">");
        hc_html_text(out, part->note);
        g_string_append(out, "</p>\n");
    }
    write_left_out(out, part);
    if (part->text != NULL) {
        g_string_append(out, "<pre class=\"files\" tabindex=\"0\">");
        g_auto(GStrv) lines = g_strsplit(part->text, "\n", -1);
        for (gsize k = 0; lines[k] != NULL; k++) {
            hc_html_text(out, lines[k]);
            g_string_append_c(out, '\n');
        }
        g_string_append(out, "</pre>\n");
    }
    if (part->exact == NULL || !hc_delta_is_empty(part->exact))
        return;
    if (part->n_filtered > 0)
        g_string_append(out, "<p>No other difference.</p>\n");
    else
        g_string_append(out, part->bytes_differ
                                 ? "<p>No difference in content; the files are not the same.</p>\n"
                                 : "<p>No difference.</p>\n");
}

/* Search and filters, which a script shows and serves. */
static void
write_controls(GString *out)
{
    g_string_append(
        out,
        "<form id=\"controls\" hidden><label>Search <input type=\"search\" id=\"search\" "
        "autocomplete=\"off\"></label>"
        "<fieldset><legend>Kind</legend>"
        "<label><input type=\"checkbox\" name=\"kind\" value=\"+\" checked> added</label>"
        "<label><input type=\"checkbox\" name=\"kind\" value=\"-\" checked> removed</label>"
        "<label><input type=\"checkbox\" name=\"kind\" value=\"~\" checked> changed</label>"
        "</fieldset><label>Type <select id=\"type\"><option "
        "value=\"\">all</option></select></label>"
        "<label>Hive <select id=\"hive\"><option value=\"\">all</option></select></label>"
        "<button type=\"button\" id=\"open\">Open all</button>"
        "<button type=\"button\" id=\"close\">Close all</button>"
        "<p id=\"status\" role=\"status\"></p>"
        "<p class=\"keys\">Keys: <kbd>/</kbd> search, <kbd>n</kbd> <kbd>p</kbd> next and previous "
        "change, <kbd>e</kbd> <kbd>c</kbd> open and close all, <kbd>Esc</kbd> clear</p>"
        "</form>\n");
}

static Tree
tree_new(HcStream *stream, const HcHtmlPart *parts, gboolean is_data, guint64 n_most)
{
    return (Tree){.stream = stream,
                  .parts = parts,
                  .out = hc_stream_text(stream),
                  .path = g_string_new(NULL),
                  .record = g_string_new(NULL),
                  .note = g_string_new(NULL),
                  .is_data = is_data,
                  .n_most = n_most};
}

static void
tree_clear(Tree *tree)
{
    g_string_free(tree->path, TRUE);
    g_string_free(tree->record, TRUE);
    g_string_free(tree->note, TRUE);
}

static void
write_data(HcStream *stream, const HcHtmlPart *parts, gsize n_parts)
{
    Tree tree = tree_new(stream, parts, TRUE, G_MAXUINT64);
    g_string_append(tree.out, HC_HTML_DATA_BEGIN);
    for (gsize i = 0; i < n_parts; i++)
        write_part(&tree, (guint) i);
    g_string_append(tree.out, HC_HTML_DATA_END);
    tree_clear(&tree);
}

static void
write_too_many(GString *out, guint64 n_all)
{
    g_string_append_printf(
        out,
        "<p id=\"too-many\">Of %" G_GUINT64_FORMAT " changes the first %u are shown here. The rest "
        "is in this file as data, which a script draws when it may run; without one, "
        "<code>--format=text</code> or <code>--format=json</code> have all.</p>\n",
        n_all, HC_MAX_HTML_STATIC);
}

void
hc_html_changes(HcStream *stream, const HcHtmlHead *head, const HcHtmlPart *parts, gsize n_parts)
{
    GString *out = hc_stream_text(stream);
    Tree tree = tree_new(stream, parts, FALSE, HC_MAX_HTML_STATIC);
    guint64 n_all = 0;
    for (gsize i = 0; i < n_parts; i++)
        n_all += hc_html_total(hc_html_count_part(&parts[i]));
    hc_html_begin(out, head);
    hc_html_summary(stream, parts, n_parts);
    if (n_all > 0)
        write_controls(out);
    if (n_all > HC_MAX_HTML_STATIC)
        write_too_many(out, n_all);
    tree.is_open = n_all <= HC_MAX_HTML_OPEN;
    g_string_append(out, "<div id=\"tree\">\n");
    for (gsize i = 0; i < n_parts; i++) {
        write_heading(out, &parts[i], i);
        if (!is_full(&tree))
            write_part(&tree, (guint) i);
        g_string_append(out, "</section>\n");
    }
    g_string_append(out, "</div>\n");
    tree_clear(&tree);
    if (n_all > HC_MAX_HTML_STATIC)
        write_data(stream, parts, n_parts);
    hc_html_end(out);
}
