#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/path.h"
#include "hivecore/delta/delta-private.h"

void
hc_delta_last_wins(HcDelta *delta)
{
    delta->last_wins = TRUE;
}

void
hc_delta_alias_path(HcDelta *delta, HcPath path, HcPath to)
{
    HcAlias alias = {.path = hc_path_dup(delta->arena, path), .to = hc_path_dup(delta->arena, to)};
    if (delta->aliases == NULL)
        delta->aliases = g_array_new(FALSE, FALSE, sizeof(HcAlias));
    g_array_append_val(delta->aliases, alias);
}

void
hc_delta_alias(HcDelta *delta, HcPath path, HcName to)
{
    g_autofree HcName *sibling = g_memdup2(path.names, path.n * sizeof(*sibling));
    sibling[path.n - 1] = to;
    hc_delta_alias_path(delta, path, (HcPath){sibling, path.n});
}

static gboolean
set_depth_error(GError **error)
{
    return hc_fail(error, HC_ERROR_LIMIT, "a key path of more than %u levels", HC_MAX_KEY_DEPTH);
}

/* The alias that @path lies at or below, or NULL. */
static HcAlias *
find_alias(const HcDelta *delta, HcPath path)
{
    for (guint i = 0; delta->aliases != NULL && i < delta->aliases->len; i++) {
        HcAlias *alias = &g_array_index(delta->aliases, HcAlias, i);
        if (hc_path_is_below(path, alias->path))
            return alias;
    }
    return NULL;
}

void
hc_delta_note_alias(HcDelta *delta, HcPath path, HcOrigin origin)
{
    HcAlias *alias = find_alias(delta, path);
    if (alias != NULL && alias->used.source == 0)
        alias->used = origin;
}

gboolean
hc_delta_alias_use(const HcDelta *delta, HcPath path, HcOrigin *origin)
{
    const HcAlias *alias = find_alias(delta, path);
    if (alias == NULL || alias->path.n != path.n || alias->used.source == 0)
        return FALSE;
    *origin = alias->used;
    return TRUE;
}

gboolean
hc_delta_unalias(const HcDelta *delta, HcPath *path, HcName *room, GError **error)
{
    const HcAlias *alias = find_alias(delta, *path);
    if (alias == NULL)
        return TRUE;
    const HcPath rest = hc_path_from(*path, alias->path.n);
    if (alias->to.n > HC_MAX_KEY_DEPTH - rest.n)
        return set_depth_error(error);
    for (gsize i = 0; i < alias->to.n + rest.n; i++)
        room[i] = i < alias->to.n ? alias->to.names[i] : rest.names[i - alias->to.n];
    *path = (HcPath){room, alias->to.n + rest.n};
    return TRUE;
}

static gboolean
check_key_name(HcName name, GError **error)
{
    if (name.n_units == 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "a key name is empty");
    if (name.n_units > HC_MAX_KEY_NAME_UNITS)
        return hc_fail(error, HC_ERROR_LIMIT,
                       "a key name of %u UTF-16 units, at most %u are allowed", name.n_units,
                       HC_MAX_KEY_NAME_UNITS);
    return TRUE;
}

static gboolean
check_path(HcPath path, GError **error)
{
    if (path.n > HC_MAX_KEY_DEPTH)
        return set_depth_error(error);
    for (gsize i = 0; i < path.n; i++) {
        if (!check_key_name(path.names[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_value_name(HcName name, GError **error)
{
    if (name.n_units > HC_MAX_VALUE_NAME_UNITS)
        return hc_fail(error, HC_ERROR_LIMIT,
                       "a value name of %u UTF-16 units, at most %u are allowed", name.n_units,
                       HC_MAX_VALUE_NAME_UNITS);
    return TRUE;
}

gboolean
hc_delta_may_overrule(const HcDelta *delta, HcOrigin origin, HcOrigin other)
{
    return delta->last_wins || other.source == 0 || other.source == origin.source;
}

/* What @origin says of @place, taken, contradicts @other. */
static void
set_conflict(const HcDelta *delta, GString *place, HcOrigin origin, HcOrigin other, GError **error)
{
    GString *text = g_string_new("contradicts ");
    hc_delta_append_origin(text, delta, other);
    g_string_append(text, " (--last-wins lets the later patch win)");
    hc_set_finding_error(error,
                         hc_delta_finding(delta, HC_ERROR_CONFLICT, origin,
                                          g_string_free(place, FALSE), g_string_free(text, FALSE)));
}

gboolean
hc_delta_conflict(const HcDelta *delta, const HcDeltaKey *key, const HcDeltaValue *value,
                  HcOrigin origin, HcOrigin other, GError **error)
{
    GString *place = g_string_new(NULL);
    hc_delta_append_path(place, key, NULL);
    if (value != NULL) {
        g_string_append(place, value->name.n_units > 0 ? ": \"" : ": @");
        hc_name_append_display(place, value->name);
        g_string_append(place, value->name.n_units > 0 ? "\"" : "");
    }
    set_conflict(delta, place, origin, other, error);
    return FALSE;
}

/* The same of the key at @path, which may not be in @delta. */
static void
set_path_conflict(const HcDelta *delta, HcPath path, HcOrigin origin, HcOrigin other,
                  GError **error)
{
    GString *place = g_string_new(NULL);
    hc_path_append_display(place, NULL, path);
    set_conflict(delta, place, origin, other, error);
}

/* Whether a statement of @origin may put @child, new when NULL, into @key, which may be exact. */
static gboolean
may_name_child(const HcDelta *delta, const HcDeltaKey *key, const HcDeltaKey *child,
               HcOrigin origin)
{
    return !key->patch->children_are_all ||
           hc_delta_may_overrule(delta, origin, key->patch->all_origin) ||
           (child != NULL && hc_delta_is_made(child));
}

/* @child, of @key, is to be there. */
static void
open_child(const HcDeltaKey *key, HcDeltaKey *child, HcOrigin origin)
{
    /* A patch before this one said that subkeys which it does not name go. */
    const gboolean goes = child->op == HC_KEY_KEEP && key->patch->children_are_all &&
                          key->patch->all_origin.source != origin.source;
    if (child->op == HC_KEY_DELETE || goes)
        child->op = HC_KEY_REPLACE;
    else if (child->op == HC_KEY_KEEP)
        child->op = HC_KEY_CREATE;
    if (goes)
        child->origin = key->patch->all_origin;
}

HcDeltaKey *
hc_delta_ensure_key(HcDelta *delta, HcPath path, HcOrigin origin, GError **error)
{
    HcName room[HC_MAX_KEY_DEPTH];
    HcDeltaKey *key = delta->root;
    if (path.n > HC_MAX_KEY_DEPTH) {
        set_depth_error(error);
        return NULL;
    }
    hc_delta_note_alias(delta, path, origin);
    if (!hc_delta_unalias(delta, &path, room, error))
        return NULL;
    for (gsize i = 0; i < path.n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, path.names[i]);
        if (!may_name_child(delta, key, child, origin)) {
            set_path_conflict(delta, path, origin, key->patch->all_origin, error);
            return NULL;
        }
        /* What is there already has a name that can be. */
        if (child == NULL && !check_key_name(path.names[i], error))
            return NULL;
        if (child == NULL)
            child = hc_delta_add_child(delta, key, path.names[i], HC_KEY_KEEP);
        child->last_source = origin.source;
        if (hc_delta_is_gone(child) && !hc_delta_may_overrule(delta, origin, child->origin)) {
            set_path_conflict(delta, path, origin, child->origin, error);
            return NULL;
        }
        open_child(key, child, origin);
        key = child;
    }
    if (key->origin.source == 0)
        key->origin = origin;
    if (key->op == HC_KEY_REPLACE && key->patch->made_origin.source == 0)
        hc_delta_set_made_origin(delta, key, origin);
    return key;
}

HcDeltaKey *
hc_delta_find_key(const HcDelta *delta, HcPath path)
{
    HcName room[HC_MAX_KEY_DEPTH];
    HcDeltaKey *key = delta->root;
    if (path.n > HC_MAX_KEY_DEPTH || !hc_delta_unalias(delta, &path, room, NULL))
        return NULL;
    for (gsize i = 0; i < path.n && key != NULL; i++)
        key = hc_delta_find_child(key, path.names[i]);
    return key;
}

/* Whether nothing of what was below @key before is left, because it or a parent is replaced. */
static gboolean
starts_empty(const HcDeltaKey *key)
{
    for (; key != NULL; key = key->parent) {
        if (key->op == HC_KEY_REPLACE)
            return TRUE;
    }
    return FALSE;
}

HcDeltaKey *
hc_delta_reach_key(HcDelta *delta, HcPath path, HcOrigin origin, GError **error)
{
    HcName room[HC_MAX_KEY_DEPTH];
    HcDeltaKey *key = delta->root;
    if (!check_path(path, error))
        return NULL;
    hc_delta_note_alias(delta, path, origin);
    if (!hc_delta_unalias(delta, &path, room, error))
        return NULL;
    for (gsize i = 0; i < path.n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, path.names[i]);
        if (child == NULL && starts_empty(key))
            return NULL;
        if (child == NULL)
            child = hc_delta_add_child(delta, key, path.names[i], HC_KEY_KEEP);
        if (child->op == HC_KEY_DELETE)
            return NULL;
        child->last_source = origin.source;
        key = child;
    }
    if (key->origin.source == 0)
        key->origin = origin;
    return key;
}

/* Finds a statement under @key, itself included, that @origin must not overrule. */
static gboolean
check_overrules_tree(const HcDelta *delta, const HcDeltaKey *key, HcOrigin origin, GError **error)
{
    /* Two deletes of one key agree. */
    if (key->op != HC_KEY_DELETE && !hc_delta_may_overrule(delta, origin, key->origin))
        return hc_delta_conflict(delta, key, NULL, origin, key->origin, error);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (value->op == HC_VALUE_SET && !hc_delta_may_overrule(delta, origin, value->origin))
            return hc_delta_conflict(delta, key, value, origin, value->origin, error);
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (!check_overrules_tree(delta, hc_delta_child(key, i), origin, error))
            return FALSE;
    }
    return TRUE;
}

static void
clear_key(HcDeltaKey *key)
{
    key->patch = &hc_patch_key_nothing;
    hc_delta_clear_children(key);
    key->values.len = 0;
    g_clear_pointer(&key->value_index, g_hash_table_unref);
    key->reason = NULL;
}

static gboolean
refuse_alias_delete(const HcAlias *alias, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);
    g_autoptr(GString) target = g_string_new(NULL);
    hc_path_append_display(name, NULL, alias->path);
    hc_path_append_display(target, NULL, alias->to);
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s cannot be deleted, it stands for %s; delete that", name->str, target->str);
}

gboolean
hc_delta_delete_key(HcDelta *delta, HcPath path, HcOrigin origin, GError **error)
{
    HcName room[HC_MAX_KEY_DEPTH];
    HcDeltaKey *key = delta->root;
    if (!check_path(path, error))
        return FALSE;
    const HcAlias *alias = find_alias(delta, path);
    if (path.n == 0)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "a root cannot be deleted");
    if (alias != NULL && alias->path.n == path.n)
        return refuse_alias_delete(alias, error);
    hc_delta_note_alias(delta, path, origin);
    if (!hc_delta_unalias(delta, &path, room, error))
        return FALSE;
    for (gsize i = 0; i + 1 < path.n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, path.names[i]);
        if (child == NULL) {
            if (starts_empty(key))
                return TRUE;
            child = hc_delta_add_child(delta, key, path.names[i], HC_KEY_KEEP);
        }
        if (child->op == HC_KEY_DELETE)
            return TRUE;
        key = child;
    }
    HcDeltaKey *doomed = hc_delta_find_child(key, path.names[path.n - 1]);
    if (doomed != NULL && !check_overrules_tree(delta, doomed, origin, error))
        return FALSE;
    if (starts_empty(key)) {
        if (doomed != NULL)
            hc_delta_remove_child(key, doomed);
        return TRUE;
    }
    if (doomed == NULL)
        doomed = hc_delta_add_child(delta, key, path.names[path.n - 1], HC_KEY_DELETE);
    clear_key(doomed);
    doomed->op = HC_KEY_DELETE;
    doomed->origin = origin;
    return TRUE;
}

gboolean
hc_delta_set_value(HcDelta *delta, HcDeltaKey *key, HcName name, uint32_t type, HcBlob data,
                   HcOrigin origin, GError **error)
{
    if (!check_value_name(name, error))
        return FALSE;
    HcDeltaValue *value = hc_delta_find_value(key, name);
    if (value != NULL && !hc_delta_may_overrule(delta, origin, value->origin)) {
        if (value->op == HC_VALUE_SET && value->after.type == type &&
            hc_bytes_equal(value->after.data, data)) {
            value->last_source = origin.source;
            return TRUE;
        }
        return hc_delta_conflict(delta, key, value, origin, value->origin, error);
    }
    if (value == NULL) {
        if (key->patch->values_are_all &&
            !hc_delta_may_overrule(delta, origin, key->patch->all_origin))
            return hc_delta_conflict(delta, key, &(const HcDeltaValue){.name = name}, origin,
                                     key->patch->all_origin, error);
        value = hc_delta_add_value(delta, key, name, HC_VALUE_SET, TRUE);
    }
    if (data.bytes == NULL)
        data = (HcBlob){(const uint8_t *) "", 0};
    value->op = HC_VALUE_SET;
    value->origin = origin;
    value->last_source = origin.source;
    value->reason = NULL;
    value->after = (HcDatum){TRUE, type, hc_delta_dup_blob(delta, data, FALSE)};
    return TRUE;
}

gboolean
hc_delta_delete_value(HcDelta *delta, HcDeltaKey *key, HcName name, HcOrigin origin, GError **error)
{
    if (!check_value_name(name, error))
        return FALSE;
    HcDeltaValue *value = hc_delta_find_value(key, name);
    if (value != NULL && value->op == HC_VALUE_SET &&
        !hc_delta_may_overrule(delta, origin, value->origin))
        return hc_delta_conflict(delta, key, value, origin, value->origin, error);
    if (starts_empty(key)) {
        if (value != NULL) {
            hc_delta_list_remove(&key->values, hc_delta_list_find(&key->values, value));
            if (key->value_index != NULL)
                g_hash_table_remove(key->value_index, &name);
        }
        return TRUE;
    }
    if (value == NULL)
        value = hc_delta_add_value(delta, key, name, HC_VALUE_DELETE, TRUE);
    value->op = HC_VALUE_DELETE;
    value->origin = origin;
    value->last_source = origin.source;
    value->reason = NULL;
    value->after = hc_datum_absent;
    return TRUE;
}
