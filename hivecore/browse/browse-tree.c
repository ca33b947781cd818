#include "config.h"

#include "hivecore/browse/browse-private.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/types.h"

/* The tree of keys: read as it is opened, the subkeys of the hive and those of the change in one
 * list. */

static HcBrowseState
state_of(const HcBrowseKey *parent, const HcDeltaKey *change)
{
    if (parent != NULL && (parent->state == HC_BROWSE_REMOVED || parent->state == HC_BROWSE_ADDED))
        return parent->state;
    if (change == NULL)
        return HC_BROWSE_SAME;
    switch (change->op) {
    case HC_KEY_CREATE:
        return HC_BROWSE_ADDED;
    case HC_KEY_DELETE:
        return HC_BROWSE_REMOVED;
    case HC_KEY_REPLACE:
        return HC_BROWSE_CHANGED;
    case HC_KEY_KEEP:
        break;
    }
    if (change->changed != 0 || hc_delta_n_values(change) > 0)
        return HC_BROWSE_CHANGED;
    return hc_delta_n_children(change) > 0 ? HC_BROWSE_BELOW : HC_BROWSE_SAME;
}

static void
place_free(void *pointer)
{
    HcBrowsePlace *place = pointer;
    hc_browse_forget(&place->top);
    hc_hive_unref(place->hive);
    hc_root_free(place->root);
    g_free(place->label);
    g_free(place);
}

HcBrowse *
hc_browse_new(const HcBrowsePlaces *places, gboolean has_changes)
{
    HcBrowseAll *all = g_new0(HcBrowseAll, 1);
    HcBrowse *browse = &all->seen;
    all->from = *places;
    all->places = g_ptr_array_new_with_free_func(place_free);
    all->marks = hc_browse_marks_new();
    all->scratch = g_byte_array_new();
    browse->rows = g_ptr_array_new();
    browse->values = g_array_new(FALSE, FALSE, sizeof(HcBrowseValue));
    browse->details = g_ptr_array_new_with_free_func(g_free);
    browse->message = g_string_new(NULL);
    browse->has_changes = has_changes;
    browse->n_columns = 80;
    for (guint i = 0; i < HC_BROWSE_N_PANES; i++)
        browse->view[i].n_seen = 1;
    return browse;
}

void
hc_browse_free(HcBrowse *browse)
{
    if (browse == NULL)
        return;
    HcBrowseAll *all = hc_browse_all(browse);
    hc_browse_search_free(all->search);
    g_hash_table_unref(all->marks);
    g_byte_array_unref(all->scratch);
    g_ptr_array_unref(browse->rows);
    g_array_unref(browse->values);
    g_free(browse->values_defect);
    g_ptr_array_unref(browse->details);
    g_string_free(browse->message, TRUE);
    g_ptr_array_unref(all->places);
    g_free(all);
}

void
hc_browse_add_place(HcBrowse *browse, const char *label, const HcRoot *root, const HcDelta *change)
{
    HcBrowsePlace *place = g_new0(HcBrowsePlace, 1);
    place->label = g_strdup(label);
    place->root = hc_root_copy(root);
    place->change = change;
    place->top.place = place->top.index = hc_browse_all(browse)->places->len;
    place->top.change = change != NULL ? hc_delta_root(change) : NULL;
    place->top.state = state_of(NULL, place->top.change);
    g_ptr_array_add(hc_browse_all(browse)->places, place);
}

/* --- reading --- */

static gboolean
open_place(HcBrowse *browse, HcBrowseKey *top, GError **error)
{
    const HcBrowsePlaces *from = &hc_browse_all(browse)->from;
    HcBrowsePlace *place = hc_browse_place(browse, top->place);
    if (place->hive == NULL)
        place->hive = from->open(from->data, top->place, error);
    top->has_key = place->hive != NULL && hc_hive_root(place->hive, &top->key, error);
    return top->has_key;
}

/* One more of @siblings: what the hive and the change have of a name, of which one may be NULL. */
static void
add_child(GArray *siblings, HcBrowseKey *parent, const HcKey *key, const HcDeltaKey *change)
{
    HcBrowseKey child = {
        .parent = parent,
        .place = parent->place,
        .depth = parent->depth + 1,
        .index = siblings->len,
        .has_key = key != NULL,
        .state = state_of(parent, change),
        .change = change,
    };
    if (change != NULL)
        child.name = change->name;
    if (key != NULL) {
        child.name = key->name;
        child.key = *key;
    }
    g_array_append_val(siblings, child);
}

static gboolean
merge_children(GArray *siblings, HcBrowseKey *parent, HcKeyList *subkeys, GError **error)
{
    const HcDeltaKey *change = parent->state != HC_BROWSE_REMOVED ? parent->change : NULL;
    const guint n_changes = change != NULL ? hc_delta_n_children(change) : 0;
    guint i = 0;
    guint k = 0;
    while (i < subkeys->n || k < n_changes) {
        const HcKey *key = i < subkeys->n ? hc_key_list_at(subkeys, i, error) : NULL;
        if (i < subkeys->n && key == NULL)
            return FALSE;
        const HcDeltaKey *node = k < n_changes ? hc_delta_child(change, k) : NULL;
        int order = key == NULL ? 1 : -1;
        if (key != NULL && node != NULL)
            order = hc_name_compare(key->name, node->name);
        add_child(siblings, parent, order <= 0 ? key : NULL, order >= 0 ? node : NULL);
        i += order <= 0 ? 1 : 0;
        k += order >= 0 ? 1 : 0;
    }
    return TRUE;
}

static gboolean
read_children(HcBrowse *browse, HcBrowseKey *key, GError **error)
{
    const HcBrowsePlace *place;
    g_auto(HcKeyList) list;
    hc_key_list_init(&list);
    if (key->depth == 0 && !open_place(browse, key, error))
        return FALSE;
    if (key->depth >= HC_MAX_KEY_DEPTH)
        return hc_fail(error, HC_ERROR_LIMIT, "keys are deeper than %u", HC_MAX_KEY_DEPTH);
    place = hc_browse_place(browse, key->place);
    if (key->has_key && !hc_key_list_fill(&list, place->hive, &key->key, error))
        return FALSE;
    g_autoptr(GArray) siblings = g_array_new(FALSE, FALSE, sizeof(HcBrowseKey));
    if (!merge_children(siblings, key, &list, error))
        return FALSE;
    key->n_children = siblings->len;
    key->children = (void *) g_array_free(g_steal_pointer(&siblings), FALSE);
    return TRUE;
}

void
hc_browse_read(HcBrowse *browse, HcBrowseKey *key)
{
    GError *failure = NULL;
    if (key->is_read)
        return;
    key->is_read = TRUE;
    if (read_children(browse, key, &failure))
        return;
    g_free(key->defect);
    key->defect = g_strdup(failure->message);
    g_error_free(failure);
}

void
hc_browse_forget(HcBrowseKey *key)
{
    for (guint i = 0; i < key->n_children; i++)
        hc_browse_forget(&key->children[i]); /* read_children() ends this at HC_MAX_KEY_DEPTH */
    g_clear_pointer(&key->children, g_free);
    g_clear_pointer(&key->defect, g_free);
    key->n_children = 0;
    key->is_read = key->is_open = key->is_passing = FALSE;
}

gboolean
hc_browse_can_open(const HcBrowse *browse, const HcBrowseKey *key)
{
    if (key->defect != NULL)
        return FALSE;
    if (!key->is_read)
        return (key->depth == 0 && !key->has_key) || (key->has_key && key->key.n_subkeys > 0) ||
               (key->state != HC_BROWSE_REMOVED && key->change != NULL &&
                hc_delta_n_children(key->change) > 0);
    for (guint i = 0; i < key->n_children; i++)
        if (hc_browse_is_shown(browse, &key->children[i]))
            return TRUE;
    return FALSE;
}

gboolean
hc_browse_is_shown(const HcBrowse *browse, const HcBrowseKey *key)
{
    return !browse->changes_only || key->depth == 0 || key->state != HC_BROWSE_SAME;
}

/* --- rows --- */

static void
add_rows(HcBrowse *browse, HcBrowseKey *key)
{
    g_ptr_array_add(browse->rows, key);
    for (guint i = 0; key->is_open && i < key->n_children; i++)
        if (hc_browse_is_shown(browse, &key->children[i]))
            add_rows(browse, &key->children[i]);
}

void
hc_browse_fill_rows(HcBrowse *browse, HcBrowseKey *key)
{
    const HcBrowseAll *all = hc_browse_all_const(browse);
    HcBrowseView *view = &browse->view[HC_BROWSE_KEYS];
    g_ptr_array_set_size(browse->rows, 0);
    for (guint i = 0; i < all->places->len; i++)
        add_rows(browse, &hc_browse_place(browse, i)->top);
    view->n_rows = browse->rows->len;
    guint row = 0;
    while (key != NULL && !g_ptr_array_find(browse->rows, key, &row))
        key = key->parent;
    view->cursor = key != NULL ? row : 0;
    hc_browse_fill_values(browse);
}

/* Opens @key and what changed below it, while less than @n_rows rows are there. */
static void
open_changes(HcBrowse *browse, HcBrowseKey *key, guint *n_rows, guint n_most)
{
    if (*n_rows >= n_most || key->change == NULL || hc_delta_n_children(key->change) == 0 ||
        (key->state != HC_BROWSE_BELOW && key->state != HC_BROWSE_CHANGED))
        return;
    hc_browse_read(browse, key);
    key->is_open = TRUE;
    for (guint i = 0; i < key->n_children; i++)
        *n_rows += hc_browse_is_shown(browse, &key->children[i]) ? 1 : 0;
    for (guint i = 0; i < key->n_children; i++)
        open_changes(browse, &key->children[i], n_rows, n_most);
}

void
hc_browse_start(HcBrowse *browse, guint n_rows)
{
    const HcBrowseAll *all = hc_browse_all_const(browse);
    guint n_open = all->places->len;
    for (guint i = 0; i < all->places->len; i++)
        browse->changes_only |= hc_browse_place(browse, i)->top.state != HC_BROWSE_SAME;
    for (guint i = 0; browse->changes_only && i < all->places->len; i++)
        open_changes(browse, &hc_browse_place(browse, i)->top, &n_open, n_rows);
    if (all->places->len == 1) {
        HcBrowseKey *top = &hc_browse_place(browse, 0)->top;
        hc_browse_read(browse, top);
        top->is_open = TRUE;
    }
    if (browse->has_changes && !browse->changes_only)
        g_string_assign(browse->message, "no difference");
    hc_browse_fill_rows(browse, NULL);
}

/* --- one key --- */

HcBrowseKey *
hc_browse_key(const HcBrowse *browse)
{
    return g_ptr_array_index(browse->rows, browse->view[HC_BROWSE_KEYS].cursor);
}

HcBrowseKey *
hc_browse_find(HcBrowse *browse, guint place, const HcPath *path, gsize *n_found)
{
    HcBrowseKey *key = &hc_browse_place(browse, place)->top;
    hc_browse_read(browse, key);
    for (*n_found = 0; *n_found < path->n; (*n_found)++) {
        guint i = 0;
        while (i < key->n_children && !hc_name_equal(key->children[i].name, path->names[*n_found]))
            i++;
        if (i == key->n_children)
            break;
        key = &key->children[i];
        hc_browse_read(browse, key);
    }
    return key;
}

void
hc_browse_append_label(GString *out, const HcBrowse *browse, const HcBrowseKey *key)
{
    const HcBrowsePlace *place = hc_browse_place(browse, key->place);
    if (key->depth > 0)
        hc_name_append_display(out, key->name);
    else
        g_string_append(out, place->label);
    if (key->depth == 0 && browse->has_changes && place->change == NULL)
        g_string_append(out, " (not compared)");
    if (key->has_key && (key->key.layer_bits & HC_LAYER_SEMANTICS) == HC_LAYER_TOMBSTONE)
        g_string_append(out, " (deletes)");
    if (key->defect != NULL)
        g_string_append(out, " (damaged)");
}

void
hc_browse_append_path(GString *out, const HcBrowse *browse, const HcBrowseKey *key)
{
    const HcBrowsePlace *place = hc_browse_place(browse, key->place);
    g_autofree HcName *names = g_new(HcName, key->depth + 1);
    for (const HcBrowseKey *at = key; at->parent != NULL; at = at->parent)
        names[at->depth - 1] = at->name;
    hc_path_append_display(out, place->root != NULL ? place->root->text : place->label,
                           (HcPath){names, key->depth});
}
