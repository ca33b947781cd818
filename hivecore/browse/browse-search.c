#include "config.h"

#include "hivecore/browse/browse-private.h"

#include <string.h>

#include "hivecore/regf/types.h"
#include "hivecore/report/report.h"

/* Search: a walk of the whole tree in its order, from the cursor on and round to it again. What it
 * reads on its way it forgets as it leaves, so memory does not grow with what it has seen. */

struct HcBrowseSearch {
    HcArena *arena;
    HcName text; /* upper-cased when compared */
    gboolean is_for_changes;
    gboolean is_backwards;
    HcBrowseKey *start;
    int start_value; /* the cursor's value, -1: the key itself */
    HcBrowseKey *at;
    gboolean is_round; /* came by its start again */
    gboolean is_first; /* nothing was looked at yet */
    HcWalk walk;       /* of the hive that it is in */
};

void
hc_browse_search_free(HcBrowseSearch *search)
{
    if (search == NULL)
        return;
    hc_arena_free(search->arena);
    g_free(search);
}

/* --- what it looks for --- */

static gboolean
holds(HcName text, HcName part)
{
    for (uint32_t i = 0; part.n_units <= text.n_units && i <= text.n_units - part.n_units; i++) {
        uint32_t k = 0;
        while (k < part.n_units &&
               hc_upcase(hc_name_unit(text, i + k)) == hc_upcase(hc_name_unit(part, k)))
            k++;
        if (k == part.n_units)
            return TRUE;
    }
    return FALSE;
}

static gboolean
datum_holds(const HcDatum *datum, HcName part)
{
    const gboolean is_text = datum->type == HC_REG_SZ || datum->type == HC_REG_EXPAND_SZ ||
                             datum->type == HC_REG_LINK || datum->type == HC_REG_MULTI_SZ;
    return datum->is_present && is_text &&
           holds((HcName){datum->data.bytes, datum->data.n_bytes / 2, FALSE}, part);
}

static gboolean
is_wanted_key(const HcBrowseSearch *search, const HcBrowseKey *key)
{
    if (!search->is_for_changes)
        return holds(key->name, search->text);
    /* Of a tree that came or went its top is the change. */
    return key->state > HC_BROWSE_BELOW &&
           (key->parent == NULL || key->parent->state != key->state ||
            key->state == HC_BROWSE_CHANGED);
}

static gboolean
is_wanted_value(HcBrowse *browse, const HcBrowseKey *key, const HcBrowseValue *value)
{
    const HcBrowseSearch *search = hc_browse_all(browse)->search;
    HcDatum datum;
    if (search->is_for_changes)
        return FALSE;
    if (holds(value->name, search->text) ||
        (value->change != NULL && datum_holds(&value->change->after, search->text)))
        return TRUE;
    return value->has_value && hc_browse_datum(browse, key, value, &datum, NULL) &&
           datum_holds(&datum, search->text);
}

/* Looks at @key's values from @from on, or below it backwards; and at the key itself where that is
 * before or after them. Returns: whether something was found, and @row of it */
static gboolean
look_at(HcBrowse *browse, HcBrowseKey *key, int from, int *row)
{
    const HcBrowseSearch *search = hc_browse_all(browse)->search;
    g_autofree char *defect = NULL;
    const int step = search->is_backwards ? -1 : 1;
    if (search->is_for_changes) {
        *row = -1;
        return (search->is_backwards ? from >= -1 : from <= -1) && is_wanted_key(search, key);
    }
    g_autoptr(GArray) values = hc_browse_list_values(browse, key, &defect);
    if (search->is_backwards)
        from = MIN(from, (int) values->len - 1);
    for (*row = from; *row >= -1 && *row < (int) values->len; *row += step) {
        if (*row < 0 ? is_wanted_key(search, key)
                     : is_wanted_value(browse, key, &g_array_index(values, HcBrowseValue, *row)))
            return TRUE;
    }
    return FALSE;
}

/* --- the way --- */

static HcBrowseKey *
sibling(HcBrowse *browse, const HcBrowseKey *key, gboolean is_backwards)
{
    const guint step = is_backwards ? (guint) -1 : 1;
    const guint n =
        key->parent != NULL ? key->parent->n_children : hc_browse_all(browse)->places->len;
    for (guint i = key->index + step; i < n; i += step) { /* below 0 is above n */
        HcBrowseKey *other =
            key->parent != NULL ? &key->parent->children[i] : &hc_browse_place(browse, i)->top;
        if (hc_browse_is_shown(browse, other))
            return other;
    }
    return NULL;
}

static void
pass(HcBrowse *browse, HcBrowseKey *key)
{
    if (key->is_read)
        return;
    hc_browse_read(browse, key);
    key->is_passing = TRUE;
}

/* The first or last shown child; reads, as far as the hive has room for so many keys. */
static HcBrowseKey *
child(HcBrowse *browse, HcBrowseKey *key, gboolean is_last)
{
    HcBrowseSearch *search = hc_browse_all(browse)->search;
    /* Below what is the same, and below the top of what came or went, is no change. */
    if (search->is_for_changes && key->state != HC_BROWSE_BELOW && key->state != HC_BROWSE_CHANGED)
        return NULL;
    pass(browse, key);
    const HcHive *hive = hc_browse_place(browse, key->place)->hive;
    if (key->has_key && search->walk.hive != hive)
        search->walk = hc_walk_start(hive);
    if (key->has_key && !hc_walk_enter(&search->walk, &key->key, key->depth, NULL))
        return NULL;
    for (guint i = 0; i < key->n_children; i++) {
        HcBrowseKey *found = &key->children[is_last ? key->n_children - 1 - i : i];
        if (hc_browse_is_shown(browse, found))
            return found;
    }
    return NULL;
}

static void
leave(HcBrowseKey *key)
{
    if (key->is_passing)
        hc_browse_forget(key);
}

/* The next key in the order of the tree, and after the last the first. */
static HcBrowseKey *
next_key(HcBrowse *browse, HcBrowseKey *key)
{
    HcBrowseKey *next = child(browse, key, FALSE);
    while (next == NULL) {
        leave(key);
        next = sibling(browse, key, FALSE);
        if (next == NULL && key->parent == NULL)
            return &hc_browse_place(browse, 0)->top;
        key = key->parent;
    }
    return next;
}

static HcBrowseKey *
last_below(HcBrowse *browse, HcBrowseKey *key)
{
    for (HcBrowseKey *below = key; below != NULL; below = child(browse, below, TRUE))
        key = below;
    return key;
}

static HcBrowseKey *
previous_key(HcBrowse *browse, HcBrowseKey *key)
{
    HcBrowseKey *previous = sibling(browse, key, TRUE);
    leave(key);
    if (previous != NULL)
        return last_below(browse, previous);
    if (key->parent != NULL)
        return key->parent;
    return last_below(browse,
                      &hc_browse_place(browse, hc_browse_all(browse)->places->len - 1)->top);
}

/* --- steps --- */

void
hc_browse_search_end(HcBrowse *browse)
{
    HcBrowseAll *all = hc_browse_all(browse);
    for (HcBrowseKey *at = all->search != NULL ? all->search->at : NULL; at != NULL;) {
        HcBrowseKey *parent = at->parent;
        leave(at);
        at = parent;
    }
    g_clear_pointer(&all->search, hc_browse_search_free);
}

void
hc_browse_search_start(HcBrowse *browse, const char *text, gboolean is_backwards)
{
    hc_browse_search_end(browse);
    HcBrowseSearch *search = g_new0(HcBrowseSearch, 1);
    search->arena = hc_arena_new();
    search->is_for_changes = text == NULL;
    if (text != NULL)
        search->text = hc_name_from_utf8(search->arena, text, strlen(text));
    search->is_backwards = is_backwards;
    search->start = search->at = hc_browse_key(browse);
    search->start_value = browse->details_of == HC_BROWSE_VALUES && browse->values->len > 0
                              ? (int) browse->view[HC_BROWSE_VALUES].cursor
                              : -1;
    search->is_first = TRUE;
    hc_browse_all(browse)->search = search;
    g_string_truncate(browse->message, 0);
}

/* One key. */
static HcBrowseFound
step(HcBrowse *browse, HcBrowseSearch *search)
{
    int from = search->is_backwards ? G_MAXINT - 1 : -1;
    if (search->is_first)
        from = search->is_backwards ? search->start_value - 1 : search->start_value + 1;
    search->is_first = FALSE;
    int row;
    if (search->at->depth == 0 && !search->is_for_changes)
        pass(browse, search->at); /* which opens its hive */
    if (look_at(browse, search->at, from, &row)) {
        HcBrowseKey *found = search->at;
        if (search->is_round)
            g_string_assign(browse->message, search->is_backwards ? "round the top, from the end"
                                                                  : "round the end, from the top");
        g_clear_pointer(&hc_browse_all(browse)->search, hc_browse_search_free);
        hc_browse_show(browse, found, row);
        return HC_BROWSE_FOUND;
    }
    if (search->is_round && search->at == search->start)
        return HC_BROWSE_MISSING;
    HcBrowseKey *before = search->at;
    search->at = search->is_backwards ? previous_key(browse, before) : next_key(browse, before);
    if (search->at == search->start)
        search->is_round = TRUE;
    const HcBrowseKey *first = &hc_browse_place(browse, 0)->top;
    if (search->is_backwards ? before == first : search->at == first)
        search->is_round = TRUE;
    return HC_BROWSE_GOES_ON;
}

HcBrowseFound
hc_browse_search_step(HcBrowse *browse, guint n_keys)
{
    HcBrowseFound found = HC_BROWSE_GOES_ON;
    for (guint i = 0; i < n_keys && found == HC_BROWSE_GOES_ON; i++)
        found = step(browse, hc_browse_all(browse)->search);
    if (found != HC_BROWSE_MISSING)
        return found;
    g_string_assign(browse->message, hc_browse_all(browse)->search->is_for_changes
                                         ? "no other change"
                                         : "not found");
    hc_browse_search_end(browse);
    return found;
}

void
hc_browse_append_search(GString *out, const HcBrowse *browse)
{
    const HcBrowseSearch *search = hc_browse_all_const(browse)->search;
    if (search != NULL)
        hc_browse_append_path(out, browse, search->at);
}
