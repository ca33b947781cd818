#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/cli/key-path.h"
#include "hivecore/delta/control-set.h"
#include "hivecore/delta/diff.h"
#include "layerpack/explain.h"

static void
event_clear(gpointer data)
{
    LpEvent *event = data;
    g_clear_pointer(&event->change, hc_delta_free);
    g_clear_pointer(&event->whole, hc_delta_free);
}

/* --- where a delta touches the key --- */

/* The node of the key in the new tree, and in the tree that goes; NULL where there is none. */
typedef struct {
    HcDeltaKey *node;
    HcDeltaKey *old_node;
    gsize n_left; /* not 0: node is a deleted key so many names above */
} Place;

static HcDeltaKey *
descend(HcDeltaKey *node, HcPath path)
{
    for (gsize i = 0; i < path.n && node != NULL; i++)
        node = hc_delta_find_child(node, path.names[i]);
    return node;
}

static Place
find_place(const HcDelta *delta, const LpKeyQuery *query)
{
    Place place = {.node = hc_delta_root(delta)};
    for (gsize i = 0;; i++) {
        const gsize n_left = query->path.n - i;
        if (place.node->old_tree != NULL)
            place.old_node = descend(place.node->old_tree, hc_path_from(query->path, i));
        if (n_left == 0 || place.node->op == HC_KEY_DELETE) {
            place.n_left = n_left;
            return place;
        }
        place.node = hc_delta_find_child(place.node, query->path.names[i]);
        if (place.node == NULL)
            return place;
    }
}

static gboolean
is_gone(Place place)
{
    return place.node == NULL || place.node->op == HC_KEY_DELETE;
}

static uint64_t
count_below(const HcDeltaKey *node)
{
    uint64_t n = 0;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        n += hc_delta_n_values(child) + (child->op != HC_KEY_KEEP || child->changed != 0) +
             count_below(child);
    }
    return n;
}

/* --- the key or value alone --- */

static HcDeltaKey *
add_path(HcDelta *change, const LpKeyQuery *query, HcKeyOp op)
{
    HcDeltaKey *key = hc_delta_root(change);
    for (gsize i = 0; i < query->path.n; i++)
        key = hc_delta_add_child(change, key, query->path.names[i],
                                 i + 1 == query->path.n ? op : HC_KEY_KEEP);
    return key;
}

/* A key of a differencing hive that is only on the way, or whose values change. */
static gboolean
merges(const HcDeltaKey *node)
{
    const guint all = HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS;
    return node->op == HC_KEY_CREATE && (node->kept & all) == all;
}

static void
copy_new(HcDelta *change, HcDeltaKey *key, const HcDeltaKey *node)
{
    key->changed = node->changed;
    key->after = node->after;
    if (key->op == HC_KEY_KEEP)
        key->before = node->before;
    for (guint i = 0; i < hc_delta_n_values(node); i++) {
        const HcDeltaValue *from = hc_delta_value(node, i);
        HcDeltaValue *value = hc_delta_add_value(change, key, from->name, from->op, TRUE);
        value->before = from->before;
        value->after = from->after;
    }
}

/* NULL when the key itself does not change. */
static HcDelta *
key_change(const LpKeyQuery *query, Place place)
{
    HcKeyOp op = HC_KEY_DELETE;
    if (is_gone(place) && place.old_node == NULL &&
        (place.node == NULL || place.node->old_tree != NULL))
        return NULL;
    if (!is_gone(place)) {
        op = merges(place.node) ? HC_KEY_KEEP : place.node->op;
        if (place.old_node != NULL)
            op = HC_KEY_REPLACE;
        if (op == HC_KEY_KEEP && place.node->changed == 0 && hc_delta_n_values(place.node) == 0)
            return NULL;
    }
    HcDelta *change = hc_delta_new();
    HcDeltaKey *key = add_path(change, query, op);
    if (place.old_node != NULL) {
        /* Only read; its memory is that of the whole delta. */
        key->old_tree = place.old_node;
        key->before = &place.old_node->after;
    }
    if (!is_gone(place))
        copy_new(change, key, place.node);
    return change;
}

static const HcDatum *
datum_of(const HcDeltaKey *tree, HcName name)
{
    const HcDeltaValue *value = tree != NULL ? hc_delta_find_value(tree, name) : NULL;
    return value != NULL && value->after.is_present ? &value->after : NULL;
}

/* NULL when nothing is said of the value. A layer that deletes the key and sets the value to what
 * it was has written it all the same. */
static HcDelta *
value_change(const LpKeyQuery *query, Place place)
{
    const HcDeltaValue *stated =
        is_gone(place) ? NULL : hc_delta_find_value(place.node, query->value);
    const HcDatum *before = datum_of(place.old_node, query->value);
    if (stated != NULL && stated->before->is_present)
        before = stated->before;
    /* A layer alone deletes keys of which nobody knows what they held. */
    const gboolean is_tombstone =
        place.node != NULL && place.node->op == HC_KEY_DELETE && place.node->old_tree == NULL;
    if (stated == NULL && before == NULL && !is_tombstone)
        return NULL;
    const gboolean is_set = stated != NULL && stated->op == HC_VALUE_SET;
    HcDelta *change = hc_delta_new();
    HcDeltaKey *key = add_path(change, query, HC_KEY_KEEP);
    HcDeltaValue *value =
        hc_delta_add_value(change, key, stated != NULL ? stated->name : query->value,
                           is_set ? HC_VALUE_SET : HC_VALUE_DELETE, FALSE);
    if (is_set)
        value->after = stated->after;
    if (before != NULL)
        value->before = before;
    return change;
}

/* Whether a layer whose change leaves the key or value alone speaks of it. */
static gboolean
is_restated(const LpKeyQuery *query, const HcDelta *patch)
{
    Place place = find_place(patch, query);
    if (place.node == NULL)
        return FALSE;
    if (query->is_value)
        return place.node->op != HC_KEY_DELETE &&
               hc_delta_find_value(place.node, query->value) != NULL;
    /* The deletion of a key above says nothing of one that was not there. */
    if (place.n_left > 0)
        return FALSE;
    return hc_delta_n_values(place.node) > 0 || hc_delta_n_children(place.node) == 0;
}

/* @before: the key in what is below; of a change only */
static void
add_delta_event(LpHistory *history, guint layer, LpSays *says, LpKeyState before)
{
    const LpKeyQuery *query = history->query;
    const HcDelta *delta = says->exact != NULL ? says->exact : says->patch;
    Place place = find_place(delta, query);
    LpEvent event = {.layer = layer, .kind = says->kind, .before = before};
    event.change = query->is_value ? value_change(query, place) : key_change(query, place);
    if (!query->is_value && !is_gone(place))
        event.n_elsewhere = count_below(place.node);
    if (event.change == NULL && event.n_elsewhere == 0) {
        if (says->exact == NULL || !is_restated(query, says->patch))
            return;
        event.is_void = TRUE;
    }
    event.whole =
        says->exact != NULL ? g_steal_pointer(&says->exact) : g_steal_pointer(&says->patch);
    g_array_append_val(history->events, event);
}

/* --- the base --- */

static gboolean
add_base_value(HcDelta *change, HcDeltaKey *key, const HcHive *hive, const HcValue *found,
               GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    HcBlob data;
    if (!hc_hive_value_data(hive, found, scratch, &data, error))
        return FALSE;
    HcDeltaValue *value = hc_delta_add_value(change, key, found->name, HC_VALUE_SET, TRUE);
    value->after = (HcDatum){TRUE, found->type, hc_delta_dup_blob(change, data, FALSE)};
    return TRUE;
}

/* @is_said: (out): FALSE when the base does not have it */
static gboolean
fill_base_change(HcDelta *change, const LpKeyQuery *query, const HcHive *hive, gboolean *is_said,
                 GError **error)
{
    GError *failure = NULL;
    HcKey found;
    HcValue value;
    *is_said = hc_hive_lookup(hive, query->path.names, query->path.n, &found, &failure);
    HcDeltaKey *key = add_path(change, query, query->is_value ? HC_KEY_KEEP : HC_KEY_CREATE);
    if (*is_said && query->is_value) {
        *is_said = hc_hive_find_value(hive, &found, query->value, &value, &failure) &&
                   add_base_value(change, key, hive, &value, &failure);
    } else if (*is_said && hc_delta_read_meta(change, hive, &found, &key->after, &failure)) {
        for (uint32_t i = 0; i < found.n_values && failure == NULL; i++) {
            if (hc_hive_value(hive, &found, i, &value, &failure))
                (void) add_base_value(change, key, hive, &value, &failure); /* failure says it */
        }
    }
    if (failure == NULL)
        return TRUE;
    return hc_fail_with(error, failure);
}

static gboolean
add_base_event(LpHistory *history, guint layer, const HcHive *hive, GError **error)
{
    g_autoptr(HcDelta) change = hc_delta_new();
    gboolean is_said;
    if (!fill_base_change(change, history->query, hive, &is_said, error))
        return FALSE;
    LpEvent event = {.layer = layer, .kind = LP_SAYS_BASE, .change = change};
    if (is_said) {
        g_array_append_val(history->events, event);
        g_steal_pointer(&change);
    }
    return TRUE;
}

/* --- all layers --- */

/* The topmost hive, when a base is there, and the control set that the path means. */
static gboolean
open_top(LpHistory *history, HcLayerStack *stack, LpKeyQuery *query, GError **error)
{
    GError *failure = NULL;
    history->top =
        hc_layer_stack_hive(stack, query->slot, hc_layer_stack_n_layers(stack), &failure);
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND)) {
        g_clear_error(&failure); /* then deltas are read as they stand */
        return TRUE;
    }
    if (failure == NULL && hc_control_set_enter(history->top, query->arena, &query->path, &failure))
        history->is_key =
            hc_hive_lookup(history->top, query->path.names, query->path.n, &history->key, &failure);
    if (failure == NULL)
        return TRUE;
    return hc_fail_with(error, failure);
}

static gboolean
read_state(const LpKeyQuery *query, const HcHive *hive, LpKeyState *state, GError **error)
{
    GError *failure = NULL;
    HcKey key;
    state->is_there = hc_hive_lookup(hive, query->path.names, query->path.n, &key, &failure);
    if (state->is_there) {
        state->n_values = key.n_values;
        state->n_subkeys = key.n_subkeys;
    }
    if (failure == NULL)
        return TRUE;
    return hc_fail_with(error, failure);
}

static gboolean
add_layer(LpHistory *history, const HcCliContext *context, HcLayerStack *stack, guint layer,
          GError **error)
{
    g_auto(LpSays) says = {.kind = LP_SAYS_NOTHING};
    LpKeyState before = {0};
    if (!lp_says_read(context, stack, layer, history->query->slot, &says, error))
        return FALSE;
    switch (says.kind) {
    case LP_SAYS_NOTHING:
        break;
    case LP_SAYS_BASE:
        return add_base_event(history, layer, says.hive, error);
    case LP_SAYS_CHANGE:
        if (!read_state(history->query, says.below, &before, error))
            return FALSE;
        add_delta_event(history, layer, &says, before);
        break;
    case LP_SAYS_ALONE:
        add_delta_event(history, layer, &says, before);
        break;
    }
    return TRUE;
}

/* What the topmost hive has where the key or value was looked for. */
static void
append_absence(GString *out, const LpHistory *history)
{
    const LpKeyQuery *query = history->query;
    HcPath path = query->path;
    gsize n_found;
    HcKey key;
    if (history->top == NULL ||
        !hc_key_follow(history->top, query->arena, &path, &n_found, &key, NULL))
        return;
    if (n_found < path.n) {
        g_string_append(out, ": ");
        hc_key_append_absence(out, history->top, &path, n_found, &key);
    } else if (query->is_value) {
        hc_value_append_absence(out, history->top, &key, query->value);
    }
}

static gboolean
fail_not_found(const LpHistory *history, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    lp_key_query_append(text, history->query);
    g_string_append(text, ": not found in any layer");
    append_absence(text, history);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s", text->str);
}

LpHistory *
lp_history_read(const HcCliContext *context, HcLayerStack *stack, LpKeyQuery *query, GError **error)
{
    g_autoptr(LpHistory) history = g_new0(LpHistory, 1);
    history->query = query;
    history->events = g_array_new(FALSE, FALSE, sizeof(LpEvent));
    g_array_set_clear_func(history->events, event_clear);
    history->last = -1;
    if (!open_top(history, stack, query, error))
        return NULL;
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        if (!add_layer(history, context, stack, i, error))
            return NULL;
    }
    gboolean is_known = FALSE;
    for (guint i = 0; i < history->events->len; i++) {
        const LpEvent *event = &g_array_index(history->events, LpEvent, i);
        is_known |= !event->is_void;
        if (event->change != NULL && !event->is_void)
            history->last = (int) i;
    }
    /* Of what never was there, layers can only say that it is to go. */
    if (!is_known && !fail_not_found(history, error))
        return NULL;
    return g_steal_pointer(&history);
}

void
lp_history_free(LpHistory *history)
{
    if (history == NULL)
        return;
    g_array_unref(history->events);
    g_clear_pointer(&history->top, hc_hive_unref);
    lp_key_query_free(history->query);
    g_free(history);
}

const HcDeltaKey *
lp_event_key(const LpHistory *history, const LpEvent *event)
{
    if (event->change == NULL)
        return NULL;
    return descend(hc_delta_root(event->change), history->query->path);
}
