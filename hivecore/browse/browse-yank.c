#include "config.h"

#include "hivecore/browse/browse-private.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/diff.h"

/* Marks, and what is taken along of what is marked. */

/* Names are borrowed from the hive or the change, which stay as long as the marks. */
typedef struct {
    guint place;
    HcName *names; /* the mark's own */
    HcPath path;   /* of them */
    gboolean is_value;
    HcName value;
} HcBrowseMark;

static void
mark_free(void *pointer)
{
    HcBrowseMark *mark = pointer;
    g_free(mark->names);
    g_free(mark);
}

static guint
mark_hash(gconstpointer pointer)
{
    const HcBrowseMark *mark = pointer;
    guint hash = mark->place + (mark->is_value ? 1 + hc_name_hash(mark->value) : 0);
    for (gsize i = 0; i < mark->path.n; i++)
        hash = hash * 31 + hc_name_hash(mark->path.names[i]);
    return hash;
}

/* In the order of the tree: a key, its values, the keys below it. */
static int
mark_compare(const HcBrowseMark *a, const HcBrowseMark *b)
{
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    for (gsize i = 0; i < MIN(a->path.n, b->path.n); i++) {
        const int order = hc_name_compare(a->path.names[i], b->path.names[i]);
        if (order != 0)
            return order;
    }
    if (a->path.n != b->path.n)
        return a->path.n < b->path.n ? -1 : 1;
    if (a->is_value != b->is_value)
        return a->is_value ? 1 : -1;
    return a->is_value ? hc_name_compare(a->value, b->value) : 0;
}

static gboolean
mark_equal(gconstpointer a, gconstpointer b)
{
    return mark_compare(a, b) == 0;
}

static gint
compare_pointers(gconstpointer a, gconstpointer b)
{
    const HcBrowseMark *const *left = a;
    const HcBrowseMark *const *right = b;
    return mark_compare(*left, *right);
}

GHashTable *
hc_browse_marks_new(void)
{
    return g_hash_table_new_full(mark_hash, mark_equal, mark_free, NULL);
}

static HcBrowseMark *
mark_new(const HcBrowseKey *key, const HcBrowseValue *value)
{
    HcBrowseMark *mark = g_new0(HcBrowseMark, 1);
    mark->place = key->place;
    mark->names = g_new(HcName, key->depth + 1);
    mark->path = (HcPath){mark->names, key->depth};
    for (const HcBrowseKey *at = key; at->parent != NULL; at = at->parent)
        mark->names[at->depth - 1] = at->name;
    mark->is_value = value != NULL;
    if (value != NULL)
        mark->value = value->name;
    return mark;
}

static const HcBrowseValue *
chosen_value(const HcBrowse *browse)
{
    return browse->details_of == HC_BROWSE_VALUES ? hc_browse_value(browse) : NULL;
}

void
hc_browse_mark(HcBrowse *browse)
{
    GHashTable *marks = hc_browse_all(browse)->marks;
    HcBrowseMark *mark = mark_new(hc_browse_key(browse), chosen_value(browse));
    if (g_hash_table_remove(marks, mark))
        mark_free(mark);
    else
        g_hash_table_add(marks, mark);
    const guint n = g_hash_table_size(marks);
    g_string_printf(browse->message, "%u marked", n);
}

void
hc_browse_unmark_all(HcBrowse *browse)
{
    g_hash_table_remove_all(hc_browse_all(browse)->marks);
    g_string_assign(browse->message, "nothing is marked");
}

guint
hc_browse_n_marks(const HcBrowse *browse)
{
    return g_hash_table_size(hc_browse_all_const(browse)->marks);
}

static gboolean
is_marked(const HcBrowse *browse, const HcBrowseKey *key, const HcBrowseValue *value)
{
    GHashTable *marks = hc_browse_all_const(browse)->marks;
    if (g_hash_table_size(marks) == 0)
        return FALSE;
    HcBrowseMark *mark = mark_new(key, value);
    const gboolean is_there = g_hash_table_contains(marks, mark);
    mark_free(mark);
    return is_there;
}

gboolean
hc_browse_key_is_marked(const HcBrowse *browse, const HcBrowseKey *key)
{
    return is_marked(browse, key, NULL);
}

gboolean
hc_browse_value_is_marked(const HcBrowse *browse, const HcBrowseValue *value)
{
    return is_marked(browse, hc_browse_key(browse), value);
}

/* Returns: (transfer full): of HcBrowseMark *, in order: those that there are, or the cursor. */
static GPtrArray *
chosen(const HcBrowse *browse, HcBrowseMark **cursor)
{
    GPtrArray *list = g_ptr_array_new();
    GHashTableIter iter;
    gpointer mark;
    *cursor = NULL;
    g_hash_table_iter_init(&iter, hc_browse_all_const(browse)->marks);
    while (g_hash_table_iter_next(&iter, &mark, NULL))
        g_ptr_array_add(list, mark);
    g_ptr_array_sort(list, compare_pointers);
    if (list->len == 0) {
        *cursor = mark_new(hc_browse_key(browse), chosen_value(browse));
        g_ptr_array_add(list, *cursor);
    }
    return list;
}

/* Whether @mark is in the key that @outer marks, or is it. */
static gboolean
is_in(const HcBrowseMark *mark, const HcBrowseMark *outer)
{
    return !outer->is_value && outer->place == mark->place &&
           hc_path_is_below(mark->path, outer->path);
}

/* --- as a patch --- */

typedef struct {
    HcBrowse *browse;
    const HcBrowsePlace *place;
    HcDelta *patch;
    HcWalk walk;
} Yank;

static HcDeltaKey *
ensure_child(Yank *yank, HcDeltaKey *parent, HcName name, HcKeyOp op)
{
    HcDeltaKey *child = hc_delta_find_child(parent, name);
    return child != NULL ? child : hc_delta_add_child(yank->patch, parent, name, op);
}

/* Adds what of @value there is, or becomes of it. */
static gboolean
add_value(Yank *yank, const HcBrowseKey *key, const HcBrowseValue *value, HcDeltaKey *node,
          GError **error)
{
    HcDatum stored = {0};
    if (value->has_value && (!hc_walk_data(&yank->walk, &value->value, error) ||
                             !hc_browse_datum(yank->browse, key, value, &stored, error)))
        return FALSE;
    const HcDatum *after = value->change != NULL ? &value->change->after : &stored;
    const HcValueOp op = after->is_present ? HC_VALUE_SET : HC_VALUE_DELETE;
    HcDeltaValue *copy = hc_delta_add_value(yank->patch, node, value->name, op, TRUE);
    if (value->change != NULL)
        copy->before = hc_delta_dup_datum(yank->patch, &stored);
    copy->after = *after;
    copy->after.data = hc_delta_dup_blob(yank->patch, after->data, FALSE);
    return TRUE;
}

/* Where changes are known, only they are said. */
static gboolean
is_skipped(const Yank *yank, HcBrowseState state)
{
    return yank->place->change != NULL && (state == HC_BROWSE_SAME || state == HC_BROWSE_BELOW);
}

static gboolean
add_values(Yank *yank, const HcBrowseKey *key, HcDeltaKey *node, GError **error)
{
    g_autofree char *defect = NULL;
    g_autoptr(GArray) values = hc_browse_list_values(yank->browse, key, &defect);
    if (defect != NULL)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s", defect);
    for (guint i = 0; i < values->len; i++) {
        const HcBrowseValue *value = &g_array_index(values, HcBrowseValue, i);
        if (!is_skipped(yank, value->state) && !add_value(yank, key, value, node, error))
            return FALSE;
    }
    return TRUE;
}

static HcKeyOp
op_of(const Yank *yank, const HcBrowseKey *key)
{
    if (key->state == HC_BROWSE_REMOVED)
        return HC_KEY_DELETE;
    if (yank->place->change == NULL || key->state == HC_BROWSE_ADDED)
        return HC_KEY_CREATE;
    return HC_KEY_KEEP;
}

/* Class, descriptor and flags. */
static gboolean
add_meta(Yank *yank, const HcBrowseKey *key, HcDeltaKey *node, GError **error)
{
    if (key->change != NULL) {
        node->changed = key->change->changed;
        node->before = key->change->before;
        node->after = key->change->after;
        return TRUE;
    }
    return node->op != HC_KEY_CREATE || !key->has_key ||
           hc_delta_read_meta(yank->patch, yank->place->hive, &key->key, &node->after, error);
}

/* Adds @key, with all below it, to the key @parent. */
static gboolean
add_tree(Yank *yank, HcBrowseKey *key, HcDeltaKey *node, GError **error)
{
    const gboolean was_read = key->is_read;
    if (key->has_key && !hc_walk_enter(&yank->walk, &key->key, key->depth, error))
        return FALSE;
    if (!is_skipped(yank, key->state) &&
        (!add_meta(yank, key, node, error) || !add_values(yank, key, node, error)))
        return FALSE;
    hc_browse_read(yank->browse, key);
    gboolean is_done = key->defect == NULL || hc_fail(error, HC_ERROR_MALFORMED, "%s", key->defect);
    for (guint i = 0; is_done && i < key->n_children; i++) {
        HcBrowseKey *child = &key->children[i];
        if (is_skipped(yank, child->state) && child->state == HC_BROWSE_SAME)
            continue;
        HcDeltaKey *below = ensure_child(yank, node, child->name, op_of(yank, child));
        is_done = child->state == HC_BROWSE_REMOVED || add_tree(yank, child, below, error);
    }
    if (!was_read)
        hc_browse_forget(key);
    return is_done;
}

static gboolean
add_one_value(Yank *yank, const HcBrowseKey *key, HcName name, HcDeltaKey *node, GError **error)
{
    g_autofree char *defect = NULL;
    g_autoptr(GArray) values = hc_browse_list_values(yank->browse, key, &defect);
    for (guint i = 0; i < values->len; i++) {
        const HcBrowseValue *value = &g_array_index(values, HcBrowseValue, i);
        if (hc_name_equal(value->name, name) && !is_skipped(yank, value->state))
            return add_value(yank, key, value, node, error);
    }
    return TRUE;
}

static gboolean
add_mark(Yank *yank, const HcBrowseMark *mark, GError **error)
{
    gsize n_found;
    HcBrowseKey *key = hc_browse_find(yank->browse, mark->place, &mark->path, &n_found);
    yank->place = hc_browse_place(yank->browse, mark->place);
    const HcRoot *root = yank->place->root;
    if (root == NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "where %s hangs in the registry is not known: --root says it",
                       yank->place->label);
    if (key->defect != NULL)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s", key->defect);
    if (yank->place->hive != NULL)
        yank->walk = hc_walk_start(yank->place->hive);
    HcDeltaKey *node = hc_delta_way(yank->patch, hc_delta_root(yank->patch), root->path);
    /* A whole hive is no key to make: it is there. */
    const gsize n_made = mark->path.n > 0 && !mark->is_value ? 1 : 0;
    node = hc_delta_way(yank->patch, node, (HcPath){mark->path.names, mark->path.n - n_made});
    if (n_made > 0)
        node = ensure_child(yank, node, mark->path.names[mark->path.n - 1], op_of(yank, key));
    if (mark->is_value)
        return add_one_value(yank, key, mark->value, node, error);
    return key->state == HC_BROWSE_REMOVED || add_tree(yank, key, node, error);
}

HcDelta *
hc_browse_yank(HcBrowse *browse, guint *n, GError **error)
{
    HcBrowseMark *cursor;
    g_autoptr(GPtrArray) marks = chosen(browse, &cursor);
    g_autoptr(HcDelta) patch = hc_delta_new();
    Yank yank = {.browse = browse, .patch = patch};
    const HcBrowseMark *outer = NULL;
    gboolean is_done = TRUE;
    for (guint i = 0; is_done && i < marks->len; i++) {
        const HcBrowseMark *mark = g_ptr_array_index(marks, i);
        if (outer != NULL && is_in(mark, outer))
            continue; /* said already */
        is_done = add_mark(&yank, mark, error);
        outer = mark->is_value ? outer : mark;
    }
    *n = marks->len;
    if (cursor != NULL)
        mark_free(cursor);
    if (is_done && hc_delta_key_is_void(hc_delta_root(patch)))
        return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s",
                            browse->has_changes ? "nothing of it changed"
                                                : "there is nothing in it");
    return is_done ? g_steal_pointer(&patch) : NULL;
}

void
hc_browse_yank_paths(HcBrowse *browse, GString *out, guint *n)
{
    HcBrowseMark *cursor;
    g_autoptr(GPtrArray) marks = chosen(browse, &cursor);
    for (guint i = 0; i < marks->len; i++) {
        const HcBrowseMark *mark = g_ptr_array_index(marks, i);
        const HcBrowsePlace *place = hc_browse_place(browse, mark->place);
        hc_path_append_display(out, place->root != NULL ? place->root->text : place->label,
                               mark->path);
        if (mark->is_value) {
            g_string_append(out, "::");
            hc_name_append_display(out, mark->value);
        }
        g_string_append_c(out, '\n');
    }
    *n = marks->len;
    if (cursor != NULL)
        mark_free(cursor);
}
