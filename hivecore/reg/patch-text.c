#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/reg/patch-text-private.h"
#include "hivecore/reg/writer-private.h"

void
hc_patch_text_init(HcPatchText *text, const HcPatchForm *form, HcStream *out)
{
    text->form = form;
    text->out = hc_stream_ref(out);
    text->told = g_ptr_array_new_with_free_func(g_free);
}

void
hc_patch_text_free(HcPatchText *text)
{
    if (text->form->clear != NULL)
        text->form->clear(text);
    hc_stream_unref(text->out);
    hc_trail_clear(&text->trail);
    g_ptr_array_unref(text->told);
    g_free(text);
}

/* --- deltas --- */

static void
leave_out_beyond(HcPatchText *text, const HcDeltaKey *key)
{
    const guint beyond = hc_reg_beyond(key);
    for (guint change = HC_CHANGED_CLASS; change <= HC_CHANGED_ORDER; change <<= 1) {
        if ((beyond & change) == 0)
            continue;
        g_autofree char *what =
            g_strdup_printf("the %s of ", hc_reg_beyond_name((HcKeyChange) change));
        text->form->leave_out(text, what);
    }
}

/* Whether something that is written makes a key right below @key, and @key with it. */
static gboolean
makes_child(const HcPatchText *text, const HcDeltaKey *key)
{
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        if (hc_delta_is_made(child) && text->form->key_trouble(child->name) == NULL)
            return TRUE;
    }
    return FALSE;
}

static void
put_delta_key(HcPatchText *text, const HcDeltaKey *key)
{
    gboolean is_named = makes_child(text, key);
    if (hc_delta_is_gone(key))
        text->form->delete_key(text);
    leave_out_beyond(text, key);
    if (key->patch->values_are_all)
        text->form->delete_values(text);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        is_named |=
            text->form->value(text, value->name, value->op == HC_VALUE_SET ? &value->after : NULL);
    }
    if (hc_delta_is_made(key) && !is_named)
        text->form->make_key(text);
}

static void
leave(HcPatchText *text)
{
    hc_trail_pop(&text->trail);
    text->n_moves++;
}

/* Into the key @name below the open one. Returns: FALSE when it is left out */
static gboolean
enter(HcPatchText *text, HcName name)
{
    const char *trouble = text->form->key_trouble(name);
    hc_trail_push(&text->trail, name);
    text->n_moves++;
    if (trouble == NULL)
        return TRUE;
    text->form->leave_out_key(text, trouble);
    leave(text);
    return FALSE;
}

/* Recursion is as deep as the tree, which statements cap at HC_MAX_KEY_DEPTH. */
static void
put_delta_tree(HcPatchText *text, const HcDeltaKey *key)
{
    if (text->form->says_key(text))
        put_delta_key(text, key);
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        if (!enter(text, child->name))
            continue;
        put_delta_tree(text, child);
        leave(text);
    }
}

/* Down to where something begins. Returns: FALSE when a key on the way is left out */
static gboolean
enter_path(HcPatchText *text, HcPath path)
{
    for (gsize i = 0; i < path.n; i++) {
        if (!enter(text, path.names[i]))
            return FALSE;
    }
    return TRUE;
}

static void
leave_to(HcPatchText *text, gsize n_names)
{
    while (text->trail.path.n > n_names)
        leave(text);
}

gboolean
hc_patch_text_delta(HcPatchText *text, HcPath path, const HcDelta *delta, GError **error)
{
    const gsize n_names = text->trail.path.n;
    gboolean is_done = TRUE;
    g_autoptr(HcDelta) lowered = text->form->has_no_replace ? hc_delta_lower(delta) : NULL;
    const HcDelta *written = lowered != NULL ? lowered : delta;
    if (enter_path(text, path)) {
        is_done = text->form->begin(text, written, error);
        if (is_done)
            put_delta_tree(text, hc_delta_root(written));
    }
    leave_to(text, n_names);
    return is_done;
}

/* --- hives --- */

typedef struct {
    HcPatchText *text;
    HcWalk walk;
    GByteArray *scratch; /* one value's big data */
} State;

static gboolean
put_hive_values(State *state, const HcKey *key, gboolean *is_named, GError **error)
{
    const HcHive *hive = state->walk.hive;
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    if (!hc_value_iter_init(&iter, hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        HcDatum datum = {.is_present = TRUE, .type = value.type};
        if (!hc_walk_data(&state->walk, &value, error) ||
            !hc_hive_value_data(hive, &value, state->scratch, &datum.data, error))
            return FALSE;
        *is_named |= state->text->form->value(state->text, value.name, &datum);
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static gboolean
put_hive_key(State *state, const HcKey *key, HcKeyList *subkeys, GError **error)
{
    const HcPatchForm *form = state->text->form;
    gboolean is_named = FALSE;
    if (!form->says_key(state->text))
        return TRUE;
    for (guint i = 0; i < subkeys->n && !is_named; i++) {
        const HcKey *subkey = hc_key_list_at(subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        is_named = form->key_trouble(subkey->name) == NULL;
    }
    if (!put_hive_values(state, key, &is_named, error))
        return FALSE;
    if (!is_named)
        form->make_key(state->text);
    return TRUE;
}

/* Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
put_hive_tree(State *state, const HcKey *key, uint32_t depth, GError **error)
{
    g_auto(HcKeyList) list;
    hc_key_list_init(&list);
    if (!hc_walk_enter(&state->walk, key, depth, error) ||
        !hc_key_list_fill(&list, state->walk.hive, key, error) ||
        !put_hive_key(state, key, &list, error))
        return FALSE;
    for (guint i = 0; i < list.n; i++) {
        const HcKey *subkey = hc_key_list_at(&list, i, error);
        if (subkey == NULL)
            return FALSE;
        if (!enter(state->text, subkey->name))
            continue;
        if (!put_hive_tree(state, subkey, depth + 1, error))
            return FALSE;
        leave(state->text);
    }
    return TRUE;
}

gboolean
hc_patch_text_hive(HcPatchText *text, HcPath place, HcPath path, const HcHive *hive,
                   const HcKey *key, GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    State state = {text, hc_walk_start(hive), scratch};
    const gsize n_names = text->trail.path.n;
    gboolean is_done = TRUE;
    if (enter_path(text, place) && enter_path(text, path))
        is_done = text->form->begin(text, NULL, error) &&
                  put_hive_tree(&state, key, (uint32_t) path.n, error);
    leave_to(text, n_names);
    return is_done;
}

/* --- the end --- */

gboolean
hc_patch_text_end(HcPatchText *text, GError **error)
{
    return hc_stream_flow(text->out) || hc_stream_end(text->out, error);
}

uint64_t
hc_patch_text_n_left_out(const HcPatchText *text)
{
    return text->n_left_out;
}

const GPtrArray *
hc_patch_text_left_out(const HcPatchText *text)
{
    return text->told;
}
