#include "config.h"

#include "hivecore/search/search.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/trail.h"

typedef struct {
    HcSearch *search;
    const HcHive *hive;
    HcTrail *trail;
    GPtrArray *levels; /* of HcKeyList: the subkeys of each key that is open, memory reused */
    GByteArray *scratch;
    GString *held;
    HcWalk walk;
} Walk;

static gboolean
is_wanted_type(const HcSearch *search, uint32_t type)
{
    if (search->types == NULL)
        return TRUE;
    for (guint i = 0; i < search->types->len; i++) {
        if (g_array_index(search->types, uint32_t, i) == type)
            return TRUE;
    }
    return FALSE;
}

static HcFound
found_at(const Walk *walk, const HcKey *key)
{
    return (HcFound){.in = HC_SEARCH_KEYS, .path = walk->trail->path, .key = key, .held = ""};
}

/* Reads the data of @value; that of a tombstone is not present. */
static gboolean
read_datum(Walk *walk, const HcValue *value, HcDatum *datum, GError **error)
{
    *datum = (HcDatum){.is_present = !value->is_tombstone, .type = value->type};
    return value->is_tombstone ||
           (hc_walk_data(&walk->walk, value, error) &&
            hc_hive_value_data(walk->hive, value, walk->scratch, &datum->data, error));
}

static gboolean
look_at_value(Walk *walk, const HcKey *key, const HcValue *value, GError **error)
{
    const HcSearch *search = walk->search;
    HcFound found = found_at(walk, key);
    if ((value->is_tombstone && search->types != NULL) || !is_wanted_type(search, value->type))
        return TRUE;
    found.value = value;
    found.in = HC_SEARCH_NAMES;
    const gboolean is_named = (search->in & HC_SEARCH_NAMES) != 0 &&
                              hc_pattern_matches_name(search->pattern, value->name);
    if (!is_named && (search->in & HC_SEARCH_DATA) == 0)
        return TRUE;
    if (!read_datum(walk, value, &found.datum, error))
        return FALSE;
    if (!is_named) {
        g_string_truncate(walk->held, 0);
        found.in = HC_SEARCH_DATA;
        if (!found.datum.is_present ||
            !hc_pattern_matches_data(search->pattern, &found.datum, walk->held))
            return TRUE;
        found.held = walk->held->str;
    }
    return search->found(search->data, &found, error);
}

/* Whether anything of @key's own may match, so that each is worth a look. */
static gboolean
offer_key(Walk *walk, const HcKey *key, gboolean *may_match, GError **error)
{
    const HcSearch *search = walk->search;
    HcWalk budget = walk->walk; /* the look that may follow spends it */
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    hc_pattern_offer_name(search->pattern, key->name);
    if (!hc_value_iter_init(&iter, walk->hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        HcDatum datum;
        if ((search->in & HC_SEARCH_NAMES) != 0)
            hc_pattern_offer_name(search->pattern, value.name);
        if ((search->in & HC_SEARCH_DATA) == 0)
            continue;
        if (!read_datum(walk, &value, &datum, error))
            return FALSE;
        if (datum.is_present)
            hc_pattern_offer_data(search->pattern, &datum);
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    *may_match = hc_pattern_may_match(search->pattern);
    if (*may_match)
        walk->walk = budget;
    return TRUE;
}

static gboolean
look_at_values(Walk *walk, const HcKey *key, GError **error)
{
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    if (!hc_value_iter_init(&iter, walk->hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        if (!look_at_value(walk, key, &value, error))
            return FALSE;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static gboolean
look_at_key(Walk *walk, const HcKey *key, GError **error)
{
    const HcSearch *search = walk->search;
    gboolean may_match = TRUE;
    if (hc_pattern_is_gathering(search->pattern) && !offer_key(walk, key, &may_match, error))
        return FALSE;
    if (!may_match)
        return TRUE;
    /* The root key's name is not part of the registry. */
    if ((search->in & HC_SEARCH_KEYS) != 0 && search->types == NULL && walk->trail->path.n > 0 &&
        hc_pattern_matches_name(search->pattern, key->name)) {
        const HcFound found = found_at(walk, key);
        if (!search->found(search->data, &found, error))
            return FALSE;
    }
    return (search->in & ~(guint) HC_SEARCH_KEYS) == 0 || look_at_values(walk, key, error);
}

static void
free_level(gpointer level)
{
    hc_key_list_clear(level);
    g_free(level);
}

static HcKeyList *
level_at(Walk *walk, guint depth)
{
    while (walk->levels->len <= depth) {
        HcKeyList *level = g_new(HcKeyList, 1);
        hc_key_list_init(level);
        g_ptr_array_add(walk->levels, level);
    }
    return g_ptr_array_index(walk->levels, depth);
}

/* hc_walk_enter() ends this at HC_MAX_KEY_DEPTH. */
static gboolean
search_key(Walk *walk, const HcKey *key, guint depth, GError **error)
{
    if (!hc_walk_enter(&walk->walk, key, (uint32_t) walk->trail->path.n, error) ||
        !look_at_key(walk, key, error))
        return FALSE;
    if (key->n_subkeys == 0)
        return TRUE;
    HcKeyList *subkeys = level_at(walk, depth);
    if (!hc_key_list_fill(subkeys, walk->hive, key, error))
        return FALSE;
    for (guint i = 0; i < subkeys->n; i++) {
        const HcKey *subkey = hc_key_list_at(subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        hc_trail_push(walk->trail, subkey->name);
        if (!search_key(walk, subkey, depth + 1, error))
            return FALSE;
        hc_trail_pop(walk->trail);
    }
    return TRUE;
}

gboolean
hc_search(HcSearch *search, const HcHive *hive, const HcPath *path, const HcKey *key,
          GError **error)
{
    g_auto(HcTrail) trail = {0};
    g_autoptr(GPtrArray) levels = g_ptr_array_new_with_free_func(free_level);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    g_autoptr(GString) held = g_string_new(NULL);
    Walk walk = {search, hive, &trail, levels, scratch, held, hc_walk_start(hive)};
    hc_trail_append(&trail, *path);
    return search_key(&walk, key, 0, error) && hc_pattern_check(search->pattern, error);
}
