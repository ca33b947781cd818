#include "config.h"

#include "hivecore/browse/browse-private.h"

#include <string.h>

/* Where the cursor goes. */

/* The cursor stays in the pane, and what is seen follows it. */
static void
settle(HcBrowse *browse, HcBrowsePane pane)
{
    HcBrowseView *view = &browse->view[pane];
    const guint n_over = view->n_rows > view->n_seen ? view->n_rows - view->n_seen : 0;
    if (pane == HC_BROWSE_DETAILS) {
        view->cursor = view->top = MIN(view->cursor, n_over);
        return;
    }
    view->cursor = MIN(view->cursor, view->n_rows > 0 ? view->n_rows - 1 : 0);
    view->top = MIN(view->top, n_over);
    view->top = MIN(view->top, view->cursor);
    if (view->cursor >= view->top + view->n_seen)
        view->top = view->cursor - view->n_seen + 1;
}

static void
settle_all(HcBrowse *browse)
{
    for (guint pane = 0; pane < HC_BROWSE_N_PANES; pane++)
        settle(browse, (HcBrowsePane) pane);
}

void
hc_browse_resize(HcBrowse *browse, const guint n_seen[HC_BROWSE_N_PANES], guint n_columns)
{
    for (guint i = 0; i < HC_BROWSE_N_PANES; i++)
        browse->view[i].n_seen = MAX(n_seen[i], 1);
    if (browse->n_columns != MAX(n_columns, 1)) {
        browse->n_columns = MAX(n_columns, 1);
        if (browse->rows->len > 0)
            hc_browse_fill_details(browse);
    }
    settle_all(browse);
}

/* The row that @move leads to in a pane. */
static guint
row_after(const HcBrowseView *view, HcBrowseMove move)
{
    const guint last = view->n_rows > 0 ? view->n_rows - 1 : 0;
    const guint page = MAX(view->n_seen - 1, 1);
    switch (move) {
    case HC_BROWSE_UP:
        return view->cursor > 0 ? view->cursor - 1 : 0;
    case HC_BROWSE_DOWN:
        return MIN(view->cursor + 1, last);
    case HC_BROWSE_PAGE_UP:
        return view->cursor > page ? view->cursor - page : 0;
    case HC_BROWSE_PAGE_DOWN:
        return MIN(view->cursor + page, last);
    case HC_BROWSE_FIRST:
        return 0;
    case HC_BROWSE_LAST:
        return last;
    case HC_BROWSE_LEFT:
    case HC_BROWSE_RIGHT:
    case HC_BROWSE_TOGGLE:
    case HC_BROWSE_NEXT_PANE:
    case HC_BROWSE_PREVIOUS_PANE:
    case HC_BROWSE_CHANGES_ONLY:
        break;
    }
    return view->cursor;
}

static void
move_in_pane(HcBrowse *browse, HcBrowseMove move)
{
    HcBrowseView *view = &browse->view[browse->focus];
    const guint row = row_after(view, move);
    if (row == view->cursor)
        return;
    view->cursor = row;
    if (browse->focus == HC_BROWSE_KEYS)
        hc_browse_fill_values(browse);
    else if (browse->focus == HC_BROWSE_VALUES)
        hc_browse_fill_details(browse);
}

static void
focus_on(HcBrowse *browse, HcBrowsePane pane)
{
    browse->focus = pane;
    if (pane == HC_BROWSE_DETAILS || pane == browse->details_of)
        return;
    browse->details_of = pane;
    hc_browse_fill_details(browse);
}

static void
set_open(HcBrowse *browse, HcBrowseKey *key, gboolean is_open)
{
    if (is_open) {
        hc_browse_read(browse, key);
        key->is_passing = FALSE;
        if (key->defect != NULL)
            g_string_assign(browse->message, key->defect);
    }
    key->is_open = is_open && key->n_children > 0;
    hc_browse_fill_rows(browse, key);
}

static void
go_left(HcBrowse *browse)
{
    HcBrowseKey *key = hc_browse_key(browse);
    if (browse->focus != HC_BROWSE_KEYS)
        focus_on(browse, browse->focus == HC_BROWSE_DETAILS ? browse->details_of : HC_BROWSE_KEYS);
    else if (key->is_open)
        set_open(browse, key, FALSE);
    else if (key->parent != NULL)
        hc_browse_fill_rows(browse, key->parent);
}

static void
go_right(HcBrowse *browse)
{
    HcBrowseKey *key = hc_browse_key(browse);
    if (browse->focus != HC_BROWSE_KEYS)
        focus_on(browse, HC_BROWSE_DETAILS);
    else if (!key->is_open && hc_browse_can_open(browse, key))
        set_open(browse, key, TRUE);
    else if (key->is_open)
        move_in_pane(browse, HC_BROWSE_DOWN);
    else if (browse->values->len > 0)
        focus_on(browse, HC_BROWSE_VALUES);
}

static void
toggle(HcBrowse *browse)
{
    HcBrowseKey *key = hc_browse_key(browse);
    if (browse->focus == HC_BROWSE_KEYS)
        set_open(browse, key, !key->is_open && hc_browse_can_open(browse, key));
    else if (browse->focus == HC_BROWSE_VALUES)
        focus_on(browse, HC_BROWSE_DETAILS);
    else
        focus_on(browse, browse->details_of);
}

static void
toggle_changes_only(HcBrowse *browse)
{
    if (!browse->has_changes) {
        g_string_assign(browse->message, "there is nothing to compare with");
        return;
    }
    browse->changes_only = !browse->changes_only;
    g_string_assign(browse->message, browse->changes_only ? "only what changed" : "everything");
    hc_browse_fill_rows(browse, hc_browse_key(browse));
}

void
hc_browse_move(HcBrowse *browse, HcBrowseMove move)
{
    g_string_truncate(browse->message, 0);
    if (move == HC_BROWSE_LEFT)
        go_left(browse);
    else if (move == HC_BROWSE_RIGHT)
        go_right(browse);
    else if (move == HC_BROWSE_TOGGLE)
        toggle(browse);
    else if (move == HC_BROWSE_NEXT_PANE)
        focus_on(browse, (browse->focus + 1) % HC_BROWSE_N_PANES);
    else if (move == HC_BROWSE_PREVIOUS_PANE)
        focus_on(browse, (browse->focus + HC_BROWSE_N_PANES - 1) % HC_BROWSE_N_PANES);
    else if (move == HC_BROWSE_CHANGES_ONLY)
        toggle_changes_only(browse);
    else
        move_in_pane(browse, move);
    settle_all(browse);
}

/* --- to a place --- */

void
hc_browse_show(HcBrowse *browse, HcBrowseKey *key, int value)
{
    for (HcBrowseKey *at = key; at != NULL; at = at->parent) {
        if (!hc_browse_is_shown(browse, at))
            browse->changes_only = FALSE;
        if (at != key) {
            at->is_open = TRUE;
            at->is_passing = FALSE;
        }
    }
    hc_browse_fill_rows(browse, key);
    browse->view[HC_BROWSE_VALUES].cursor = value >= 0 ? (guint) value : 0;
    /* What was looked for stands in the middle. */
    HcBrowseView *view = &browse->view[HC_BROWSE_KEYS];
    if (view->cursor < view->top || view->cursor >= view->top + view->n_seen)
        view->top = view->cursor > view->n_seen / 2 ? view->cursor - view->n_seen / 2 : 0;
    browse->focus = browse->details_of = value >= 0 ? HC_BROWSE_VALUES : HC_BROWSE_KEYS;
    hc_browse_fill_details(browse);
    settle_all(browse);
}

/* The value of the key under the cursor that @text names; -1: none. */
static int
find_value(const HcBrowse *browse, HcArena *arena, const char *text)
{
    const gboolean is_default = g_str_equal(text, "@") || g_str_equal(text, "(Default)");
    const HcName name =
        is_default ? HC_NAME_EMPTY : hc_name_from_display(arena, text, strlen(text));
    for (guint i = 0; i < browse->values->len; i++)
        if (hc_name_equal(g_array_index(browse->values, HcBrowseValue, i).name, name))
            return (int) i;
    return -1;
}

gboolean
hc_browse_go(HcBrowse *browse, const char *text)
{
    const HcBrowsePlaces *from = &hc_browse_all(browse)->from;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GError) failure = NULL;
    const char *value = NULL;
    guint place;
    HcPath path;
    gsize n_found;
    g_string_truncate(browse->message, 0);
    if (!from->find(from->data, arena, text, &place, &path, &value, &failure)) {
        g_string_assign(browse->message, failure->message);
        return FALSE;
    }
    HcBrowseKey *key = hc_browse_find(browse, place, &path, &n_found);
    hc_browse_show(browse, key, -1);
    const int row = n_found == path.n && value != NULL ? find_value(browse, arena, value) : -1;
    if (row >= 0)
        hc_browse_show(browse, key, row);
    if (n_found == path.n && (value == NULL || row >= 0))
        return TRUE;
    hc_browse_append_path(browse->message, browse, key);
    g_string_append(browse->message, n_found == path.n ? ": has no value " : ": has no subkey ");
    if (n_found == path.n)
        g_string_append(browse->message, value);
    else
        hc_name_append_display(browse->message, path.names[n_found]);
    return FALSE;
}
