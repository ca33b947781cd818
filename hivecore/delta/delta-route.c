#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/condition.h"
#include "hivecore/delta/delta-private.h"

typedef struct {
    const HcDelta *patch;
    HcDeltaPlace *places;
    gsize n_places;
    gboolean skip_foreign;
    uint64_t n_skipped;
} Route;

static gboolean
is_statement(const HcDeltaKey *key)
{
    return key->origin.source != 0 || key->op == HC_KEY_DELETE || hc_delta_n_values(key) > 0;
}

/* Whether a key above the places has more than its name said of it. */
static gboolean
has_content(const HcDeltaKey *key)
{
    return hc_delta_n_values(key) > 0 || key->values_are_all || key->children_are_all;
}

static void
append_place(GString *text, const HcDelta *patch, const HcDeltaKey *key)
{
    HcOrigin origin = key->origin;
    if (origin.source == 0 && hc_delta_n_values(key) > 0)
        origin = hc_delta_value(key, 0)->origin;
    hc_delta_append_origin(text, patch, origin);
    g_string_append(text, text->len > 0 ? ": " : "");
    hc_delta_append_path(text, key, NULL);
}

static gboolean
refuse_foreign(const Route *route, const HcDeltaKey *key, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    append_place(text, route->patch, key);
    g_string_append(text, route->n_places == 1 ? ": this key is not in the hive, which is "
                                               : ": this key is in none of the hives, which are ");
    for (gsize i = 0; i < route->n_places; i++) {
        const HcDeltaPlace *place = &route->places[i];
        g_string_append(text, i > 0 ? ", " : "");
        for (gsize k = 0; k < place->n; k++) {
            g_string_append(text, k > 0 ? "\\" : "");
            hc_name_append_display(text, place->path[k]);
        }
    }
    g_set_error(error, HC_ERROR, HC_ERROR_CONFLICT, "%s (%s--skip-foreign passes over such keys)",
                text->str, route->n_places == 1 ? "--root names another place, " : "");
    return FALSE;
}

/* Refuses or counts what is said of @key itself, a key outside all places. */
static gboolean
meet_foreign_key(Route *route, const HcDeltaKey *key, GError **error)
{
    route->n_skipped++;
    return route->skip_foreign || refuse_foreign(route, key, error);
}

/* Refuses or counts the statements at and below @key, a key outside all places. */
static gboolean
meet_foreign(Route *route, const HcDeltaKey *key, GError **error)
{
    if (is_statement(key) && !meet_foreign_key(route, key, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (!meet_foreign(route, hc_delta_child(key, i), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
refuse_root_delete(const Route *route, const HcDeltaKey *key, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    append_place(text, route->patch, key);
    g_set_error(error, HC_ERROR, HC_ERROR_UNSUPPORTED,
                "%s: the root key of the hive cannot be deleted", text->str);
    return FALSE;
}

/* Whether @place is @key, which is @depth names down, or lies below it. */
static gboolean
leads_to(const HcDeltaKey *key, gsize depth, const HcDeltaPlace *place)
{
    if (depth > place->n)
        return FALSE;
    for (; depth > 0; depth--, key = key->parent) {
        if (!hc_name_equal(key->name, place->path[depth - 1]))
            return FALSE;
    }
    return TRUE;
}

/*
 * A key between two places, one above and one below it, may have been made by what is said of the
 * lower one alone: for the upper one that is no statement.
 */
static void
settle_between(HcDeltaKey *copy)
{
    gboolean is_needed = copy->origin.source != 0;
    for (guint i = 0; !is_needed && i < hc_delta_n_children(copy); i++)
        is_needed = hc_delta_child(copy, i)->op == HC_KEY_CREATE ||
                    hc_delta_child(copy, i)->op == HC_KEY_REPLACE;
    if (is_needed)
        return;
    copy->op = HC_KEY_KEEP;
    if (hc_delta_key_is_void(copy))
        hc_delta_remove_child(copy->parent, copy);
}

/*
 * @part: of the deepest place at or above the parent of @key, NULL when there is none; @above: the
 * parent in it. Recursion is as deep as the longest place.
 */
static gboolean
route_key(Route *route, const HcDeltaKey *key, gsize depth, HcDelta *part, HcDeltaKey *above,
          GError **error)
{
    HcDelta *own = NULL;
    gboolean is_way = FALSE;
    for (gsize i = 0; i < route->n_places; i++) {
        if (!leads_to(key, depth, &route->places[i]))
            continue;
        is_way = TRUE;
        if (route->places[i].n == depth)
            own = route->places[i].part;
    }
    if (!is_way && part != NULL) {
        (void) hc_delta_copy_key(part, above, key);
        return TRUE;
    }
    if (!is_way)
        return meet_foreign(route, key, error);
    if (key->op == HC_KEY_DELETE || key->op == HC_KEY_REPLACE)
        return refuse_root_delete(route, key, error);

    HcDeltaKey *copy = NULL;
    if (own != NULL) {
        part = own;
        copy = own->root;
    } else if (part != NULL) {
        copy = hc_delta_add_child(part, above, key->name, key->op);
    } else if (has_content(key) && !meet_foreign_key(route, key, error)) {
        return FALSE;
    }
    if (copy != NULL)
        hc_delta_copy_own(part, copy, key);
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (!route_key(route, hc_delta_child(key, i), depth + 1, part, copy, error))
            return FALSE;
    }
    if (copy != NULL && own == NULL)
        settle_between(copy);
    return TRUE;
}

gboolean
hc_delta_route(const HcDelta *patch, HcDeltaPlace *places, gsize n_places, gboolean skip_foreign,
               uint64_t *n_skipped, GError **error)
{
    Route route = {patch, places, n_places, skip_foreign, 0};
    for (gsize i = 0; i < n_places; i++) {
        places[i].part = hc_delta_new();
        hc_delta_copy_sources(places[i].part, patch);
    }
    if (!route_key(&route, patch->root, 0, NULL, NULL, error) ||
        !hc_delta_route_conditions(patch, places, n_places, skip_foreign, &route.n_skipped,
                                   error)) {
        for (gsize i = 0; i < n_places; i++)
            g_clear_pointer(&places[i].part, hc_delta_free);
        return FALSE;
    }
    if (n_skipped != NULL)
        *n_skipped = route.n_skipped;
    return TRUE;
}

HcDelta *
hc_delta_rebase(const HcDelta *patch, const HcName *prefix, gsize n, gboolean skip_foreign,
                uint64_t *n_skipped, GError **error)
{
    HcDeltaPlace place = {prefix, n, NULL};
    return hc_delta_route(patch, &place, 1, skip_foreign, n_skipped, error) ? place.part : NULL;
}

static void
forget_origins(HcDeltaKey *key)
{
    key->origin = (HcOrigin){0, 0};
    key->made_origin = (HcOrigin){0, 0};
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        hc_delta_value(key, i)->origin = (HcOrigin){0, 0};
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        forget_origins(hc_delta_child(key, i));
}

void
hc_delta_graft(HcDelta *delta, const HcName *path, gsize n, const HcDelta *part)
{
    HcDeltaKey *key = delta->root;
    for (gsize i = 0; i < n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, path[i]);
        key = child != NULL ? child : hc_delta_add_child(delta, key, path[i], HC_KEY_KEEP);
    }
    hc_delta_copy_own(delta, key, part->root);
    for (guint i = 0; i < hc_delta_n_children(part->root); i++)
        (void) hc_delta_copy_key(delta, key, hc_delta_child(part->root, i));
    forget_origins(key);
}
