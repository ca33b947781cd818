#include "config.h"

#include "hivecore/delta/condition.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/delta-private.h"

/* @condition copied into @delta, at @path. */
static void
add_copy(HcDelta *delta, const HcCondition *condition, HcPath path)
{
    HcArena *arena = delta->arena;
    HcCondition *copy = (HcCondition *) hc_arena_dup(arena, condition, sizeof(*condition));
    HcDatum *accepted =
        (HcDatum *) hc_arena_alloc(arena, MAX(condition->n_accepted, 1) * sizeof(*accepted));
    for (guint i = 0; i < condition->n_accepted; i++) {
        accepted[i] = condition->accepted[i];
        accepted[i].data = hc_delta_dup_blob(delta, accepted[i].data, FALSE);
    }
    copy->path = hc_path_dup(arena, path);
    copy->value = hc_name_dup(arena, condition->value);
    copy->accepted = accepted;
    if (delta->conditions == NULL)
        delta->conditions = g_ptr_array_new();
    g_ptr_array_add(delta->conditions, copy);
}

gboolean
hc_delta_add_condition(HcDelta *delta, const HcCondition *condition, GError **error)
{
    HcName room[HC_MAX_KEY_DEPTH];
    HcPath path = condition->path;
    hc_delta_note_alias(delta, path, condition->origin);
    if (!hc_delta_unalias(delta, &path, room, error))
        return FALSE;
    add_copy(delta, condition, path);
    return TRUE;
}

guint
hc_delta_n_conditions(const HcDelta *delta)
{
    return delta->conditions != NULL ? delta->conditions->len : 0;
}

const HcCondition *
hc_delta_condition(const HcDelta *delta, guint i)
{
    return (const HcCondition *) delta->conditions->pdata[i];
}

void
hc_delta_route_conditions(const HcDelta *patch, HcDeltaPlace *places, gsize n_places,
                          HcForeign *foreign, uint64_t *n_skipped)
{
    for (guint i = 0; i < hc_delta_n_conditions(patch); i++) {
        const HcCondition *condition = hc_delta_condition(patch, i);
        const HcDeltaPlace *taker = NULL;
        for (gsize k = 0; k < n_places; k++) {
            const HcDeltaPlace *place = &places[k];
            if (hc_path_is_below(condition->path, place->path) &&
                (taker == NULL || place->path.n > taker->path.n))
                taker = place;
        }
        if (taker != NULL) {
            add_copy(taker->part, condition, hc_path_from(condition->path, taker->path.n));
            continue;
        }
        (*n_skipped)++;
        if (foreign != NULL)
            hc_foreign_meet_condition(foreign, condition);
    }
}

/* A place in a hive with a delta over it. */
typedef struct {
    const HcHive *hive;
    const HcDeltaKey *node; /* NULL: the delta says nothing here */
    gboolean is_new;        /* only what the delta lists is there */
    HcKey key;              /* unless is_new */
} Place;

/* Moves @place to its subkey @name. FALSE: there is none, or @error is set. */
static gboolean
enter(Place *place, HcName name, GError **error)
{
    place->node = place->node != NULL ? hc_delta_find_child(place->node, name) : NULL;
    if (place->node != NULL) {
        switch (place->node->op) {
        case HC_KEY_DELETE:
            return FALSE;
        case HC_KEY_CREATE:
        case HC_KEY_REPLACE:
            place->is_new = TRUE;
            return TRUE;
        case HC_KEY_KEEP:
            break;
        }
    }
    return !place->is_new && hc_hive_subkey(place->hive, &place->key, name, &place->key, error);
}

static gboolean
find_datum(const Place *place, HcName name, GByteArray *scratch, HcDatum *datum, GError **error)
{
    GError *failure = NULL;
    HcValue value;
    *datum = hc_datum_absent;
    const HcDeltaValue *change =
        place->node != NULL ? hc_delta_find_value(place->node, name) : NULL;
    if (change != NULL) {
        *datum = change->after;
        return TRUE;
    }
    if (place->is_new || !hc_hive_find_value(place->hive, &place->key, name, &value, &failure)) {
        if (failure != NULL)
            g_propagate_error(error, failure);
        return failure == NULL;
    }
    *datum = (HcDatum){TRUE, value.type, {NULL, 0}};
    return hc_hive_value_data(place->hive, &value, scratch, &datum->data, error);
}

/* What is there: in @hive, with @exact over it where that is not NULL. */
static gboolean
look(const HcCondition *condition, const HcHive *hive, const HcDelta *exact, GByteArray *scratch,
     HcConditionState *state, GError **error)
{
    GError *failure = NULL;
    Place place = {.hive = hive, .node = exact != NULL ? hc_delta_root(exact) : NULL};
    if (!hc_hive_root(hive, &place.key, error))
        return FALSE;
    state->has_key = TRUE;
    state->datum = hc_datum_absent;
    for (gsize i = 0; state->has_key && i < condition->path.n; i++)
        state->has_key = enter(&place, condition->path.names[i], &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return !state->has_key || !condition->is_on_value ||
           find_datum(&place, condition->value, scratch, &state->datum, error);
}

/* What a patch asks for. */
typedef enum {
    ASKED_NOTHING,
    ASKED_ABSENT,
    ASKED_PRESENT,
} Asked;

/* What @patch asks for the key of @condition. @node: (out): what it says of it, or NULL;
 * @is_whole: (out): whether what it does not list there is not to be there. */
static Asked
asked_key(const HcCondition *condition, const HcDelta *patch, const HcDeltaKey **node,
          gboolean *is_whole)
{
    const HcDeltaKey *key = hc_delta_root(patch);
    *is_whole = FALSE;
    for (gsize i = 0; i < condition->path.n; i++) {
        const gboolean is_closed = *is_whole || key->patch->children_are_all;
        key = hc_delta_find_child(key, condition->path.names[i]);
        if (key == NULL || key->op == HC_KEY_KEEP) {
            if (is_closed || key == NULL) {
                *node = NULL;
                return is_closed ? ASKED_ABSENT : ASKED_NOTHING;
            }
        } else if (key->op == HC_KEY_DELETE) {
            *node = NULL;
            return ASKED_ABSENT;
        }
        *is_whole = *is_whole || key->op == HC_KEY_REPLACE;
    }
    *node = key;
    return key->op == HC_KEY_KEEP ? ASKED_NOTHING : ASKED_PRESENT;
}

/* Whether @exact changes nothing at and below the key of @condition. */
static gboolean
is_untouched(const HcCondition *condition, const HcDelta *exact)
{
    const HcDeltaKey *key = exact != NULL ? hc_delta_root(exact) : NULL;
    for (gsize i = 0; key != NULL && i < condition->path.n; i++) {
        if (key->op != HC_KEY_KEEP)
            return FALSE;
        key = hc_delta_find_child(key, condition->path.names[i]);
    }
    return key == NULL || hc_delta_key_is_void(key);
}

/* Whether what is there is what @patch makes anyway, so that it may be applied twice. */
static gboolean
is_done(const HcCondition *condition, const HcDelta *patch, const HcDelta *exact,
        const HcConditionState *state)
{
    const HcDeltaKey *node;
    gboolean is_whole;
    const Asked asked = asked_key(condition, patch, &node, &is_whole);
    if (!condition->is_on_value)
        return asked != ASKED_NOTHING && is_untouched(condition, exact);
    const HcDeltaValue *value = node != NULL ? hc_delta_find_value(node, condition->value) : NULL;
    if (value != NULL)
        return hc_datum_equal(&value->after, &state->datum);
    return (asked == ASKED_ABSENT || is_whole || (node != NULL && node->patch->values_are_all)) &&
           !state->datum.is_present;
}

static gboolean
is_met(const HcCondition *condition, const HcConditionState *state)
{
    if (!condition->is_on_value)
        return state->has_key;
    gboolean is_met = condition->accepts_any && state->datum.is_present;
    for (guint i = 0; !is_met && i < condition->n_accepted; i++)
        is_met = hc_datum_equal(&condition->accepted[i], &state->datum);
    return is_met;
}

gboolean
hc_condition_check(const HcCondition *condition, const HcDelta *patch, const HcHive *hive,
                   const HcDelta *exact, GByteArray *scratch, HcConditionState *state,
                   GError **error)
{
    const gboolean is_after = condition->kind == HC_CONDITION_ASSERT;
    if (!look(condition, hive, is_after ? exact : NULL, scratch, state, error))
        return FALSE;
    state->holds = is_met(condition, state) != condition->is_negated;
    if (!state->holds && condition->kind == HC_CONDITION_EXPECT)
        state->holds = is_done(condition, patch, exact, state);
    return TRUE;
}
