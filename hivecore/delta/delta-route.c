#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/delta-private.h"

typedef struct {
    const HcDelta *patch;
    HcDeltaPlace *places;
    gsize n_places;
    HcForeign *foreign; /* NULL: they are skipped */
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
    return hc_delta_n_values(key) > 0 || key->patch->values_are_all || key->patch->children_are_all;
}

static HcOrigin
origin_of(const HcDeltaKey *key)
{
    const gboolean has_line = key->origin.source != 0 || hc_delta_n_values(key) == 0;
    return has_line ? key->origin : hc_delta_value(key, 0)->origin;
}

/* Counts, and tells unless it is to be skipped, what is said of @key, a key outside all places. */
static void
meet_foreign_key(Route *route, const HcDeltaKey *key)
{
    route->n_skipped++;
    if (route->foreign != NULL)
        hc_foreign_meet_key(route->foreign, key, origin_of(key));
}

/* The statements at and below @key, a key outside all places. */
static void
meet_foreign(Route *route, const HcDeltaKey *key)
{
    if (is_statement(key))
        meet_foreign_key(route, key);
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        meet_foreign(route, hc_delta_child(key, i));
}

static gboolean
refuse_root_delete(const Route *route, const HcDeltaKey *key, GError **error)
{
    GString *path = g_string_new(NULL);
    hc_delta_append_path(path, key, NULL);
    return hc_fail_finding(
        error, hc_delta_finding(route->patch, HC_ERROR_UNSUPPORTED, origin_of(key),
                                g_string_free(path, FALSE),
                                g_strdup("the root key of the hive cannot be deleted")));
}

/* Whether @place is @key, which is @depth names down, or lies below it. */
static gboolean
leads_to(const HcDeltaKey *key, gsize depth, const HcDeltaPlace *place)
{
    if (depth > place->path.n)
        return FALSE;
    for (; depth > 0; depth--, key = key->parent) {
        if (!hc_name_equal(key->name, place->path.names[depth - 1]))
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
    if (copy->origin.source != 0 || hc_delta_makes_child(copy))
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
route_key(Route *route, HcDeltaKey *key, gsize depth, HcDelta *part, HcDeltaKey *above,
          GError **error)
{
    HcDelta *own = NULL;
    gboolean is_way = FALSE;
    for (gsize i = 0; i < route->n_places; i++) {
        if (!leads_to(key, depth, &route->places[i]))
            continue;
        is_way = TRUE;
        if (route->places[i].path.n == depth)
            own = route->places[i].part;
    }
    if (!is_way && part != NULL) {
        hc_delta_adopt_child(part, above, key);
        return TRUE;
    }
    if (!is_way) {
        meet_foreign(route, key);
        return TRUE;
    }
    if (hc_delta_is_gone(key))
        return refuse_root_delete(route, key, error);

    HcDeltaKey *copy = NULL;
    if (own != NULL) {
        part = own;
        copy = own->root;
    } else if (part != NULL) {
        copy = hc_delta_add_child(part, above, key->name, key->op);
    } else if (has_content(key)) {
        meet_foreign_key(route, key);
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
hc_delta_route(HcDelta *patch, HcDeltaPlace *places, gsize n_places, gboolean skip_foreign,
               uint64_t *n_skipped, GError **error)
{
    g_autoptr(HcForeign) foreign = hc_foreign_new();
    Route route = {patch, places, n_places, skip_foreign ? NULL : foreign, 0};
    for (gsize i = 0; i < n_places; i++) {
        places[i].part = hc_delta_new_beside(patch);
    }
    hc_delta_route_conditions(patch, places, n_places, route.foreign, &route.n_skipped);
    if (!route_key(&route, patch->root, 0, NULL, NULL, error) ||
        !hc_foreign_tell(foreign, patch, places, n_places, error)) {
        for (gsize i = 0; i < n_places; i++)
            g_clear_pointer(&places[i].part, hc_delta_free);
        return FALSE;
    }
    if (n_skipped != NULL)
        *n_skipped = route.n_skipped;
    return TRUE;
}

void
hc_delta_set_origins(HcDelta *delta, HcDeltaKey *key, HcOrigin origin)
{
    key->origin = key->op == HC_KEY_KEEP && key->changed == 0 ? (HcOrigin){0, 0} : origin;
    if (key->patch->made_origin.source != 0)
        hc_delta_set_made_origin(delta, key, origin);
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        hc_delta_value(key, i)->origin = origin;
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        hc_delta_set_origins(delta, hc_delta_child(key, i), origin);
}

void
hc_delta_graft(HcDelta *delta, HcPath path, const HcDelta *part)
{
    HcDeltaKey *key = hc_delta_way(delta, delta->root, path);
    hc_delta_copy_own(delta, key, part->root);
    for (guint i = 0; i < hc_delta_n_children(part->root); i++)
        (void) hc_delta_copy_key(delta, key, hc_delta_child(part->root, i));
    hc_delta_set_origins(delta, key, (HcOrigin){0, 0});
}
