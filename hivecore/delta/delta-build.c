#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/delta-private.h"

void
hc_delta_last_wins(HcDelta *delta)
{
    delta->last_wins = TRUE;
}

void
hc_delta_alias(HcDelta *delta, const HcName *path, gsize n, HcName to)
{
    HcAlias alias = {.n = n, .to = hc_name_dup(delta->arena, to)};
    alias.path = (HcName *) hc_arena_alloc(delta->arena, n * sizeof *alias.path);
    for (gsize i = 0; i < n; i++)
        alias.path[i] = hc_name_dup(delta->arena, path[i]);
    if (delta->aliases == NULL)
        delta->aliases = g_array_new(FALSE, FALSE, sizeof(HcAlias));
    g_array_append_val(delta->aliases, alias);
}

/* The alias that @path lies at or below, or NULL. */
static const HcAlias *
find_alias(const HcDelta *delta, const HcName *path, gsize n)
{
    for (guint i = 0; delta->aliases != NULL && i < delta->aliases->len; i++) {
        const HcAlias *alias = &g_array_index(delta->aliases, HcAlias, i);
        gsize same = 0;
        while (same < alias->n && same < n && hc_name_equal(alias->path[same], path[same]))
            same++;
        if (same == alias->n)
            return alias;
    }
    return NULL;
}

/* @path, of at most HC_MAX_KEY_DEPTH names, or @room with it as the alias has it. */
static const HcName *
without_alias(const HcAlias *alias, const HcName *path, gsize n, HcName *room)
{
    if (alias == NULL)
        return path;
    memcpy(room, path, n * sizeof *path);
    room[alias->n - 1] = alias->to;
    return room;
}

static gboolean
check_key_name(HcName name, GError **error)
{
    if (name.n_units == 0) {
        g_set_error(error, HC_ERROR, HC_ERROR_MALFORMED, "a key name is empty");
        return FALSE;
    }
    if (name.n_units > HC_MAX_KEY_NAME_UNITS) {
        g_set_error(error, HC_ERROR, HC_ERROR_LIMIT,
                    "a key name of %u UTF-16 units, at most %u are allowed", name.n_units,
                    HC_MAX_KEY_NAME_UNITS);
        return FALSE;
    }
    if (hc_name_has_unit(name, '\\')) {
        g_set_error(error, HC_ERROR, HC_ERROR_MALFORMED, "a key name holds a backslash");
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_path(const HcName *path, gsize n, GError **error)
{
    if (n > HC_MAX_KEY_DEPTH) {
        g_set_error(error, HC_ERROR, HC_ERROR_LIMIT, "a key path of more than %u levels",
                    HC_MAX_KEY_DEPTH);
        return FALSE;
    }
    for (gsize i = 0; i < n; i++) {
        if (!check_key_name(path[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_value_name(HcName name, GError **error)
{
    if (name.n_units > HC_MAX_VALUE_NAME_UNITS) {
        g_set_error(error, HC_ERROR, HC_ERROR_LIMIT,
                    "a value name of %u UTF-16 units, at most %u are allowed", name.n_units,
                    HC_MAX_VALUE_NAME_UNITS);
        return FALSE;
    }
    return TRUE;
}

/* Whether a statement of @origin may overrule one of @other. */
static gboolean
may_overrule(const HcDelta *delta, HcOrigin origin, HcOrigin other)
{
    return delta->last_wins || other.source == 0 || other.source == origin.source;
}

static gboolean
set_conflict(const HcDelta *delta, const HcDeltaKey *key, const HcDeltaValue *value,
             HcOrigin origin, HcOrigin other, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_delta_append_origin(text, delta, origin);
    g_string_append(text, text->len > 0 ? ": " : "");
    hc_delta_append_path(text, key, NULL);
    if (value != NULL) {
        g_string_append(text, ": \"");
        hc_name_append_display(text, value->name);
        g_string_append_c(text, '"');
    }
    g_string_append(text, ": contradicts ");
    hc_delta_append_origin(text, delta, other);
    g_string_append(text, " (--last-wins lets the later patch win)");
    g_set_error_literal(error, HC_ERROR, HC_ERROR_CONFLICT, text->str);
    return FALSE;
}

static gboolean
is_gone(const HcDeltaKey *key)
{
    return key->op == HC_KEY_DELETE || key->op == HC_KEY_REPLACE;
}

HcDeltaKey *
hc_delta_ensure_key(HcDelta *delta, const HcName *path, gsize n, HcOrigin origin, GError **error)
{
    HcName room[HC_MAX_KEY_DEPTH];
    HcDeltaKey *key = delta->root;
    if (!check_path(path, n, error))
        return NULL;
    path = without_alias(find_alias(delta, path, n), path, n, room);
    for (gsize i = 0; i < n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, path[i]);
        if (child == NULL)
            child = hc_delta_add_child(delta, key, path[i], HC_KEY_CREATE);
        if (is_gone(child) && !may_overrule(delta, origin, child->origin)) {
            set_conflict(delta, child, NULL, origin, child->origin, error);
            return NULL;
        }
        if (child->op == HC_KEY_DELETE)
            child->op = HC_KEY_REPLACE;
        else if (child->op == HC_KEY_KEEP)
            child->op = HC_KEY_CREATE;
        key = child;
    }
    if (key->origin.source == 0)
        key->origin = origin;
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

/* Finds a statement under @key, itself included, that @origin must not overrule. */
static gboolean
check_overrules_tree(const HcDelta *delta, const HcDeltaKey *key, HcOrigin origin, GError **error)
{
    /* Two deletes of one key agree. */
    if (key->op != HC_KEY_DELETE && !may_overrule(delta, origin, key->origin))
        return set_conflict(delta, key, NULL, origin, key->origin, error);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (value->op == HC_VALUE_SET && !may_overrule(delta, origin, value->origin))
            return set_conflict(delta, key, value, origin, value->origin, error);
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
    if (key->children != NULL)
        g_ptr_array_set_size(key->children, 0);
    if (key->values != NULL)
        g_ptr_array_set_size(key->values, 0);
    g_clear_pointer(&key->value_index, g_hash_table_unref);
}

gboolean
hc_delta_delete_key(HcDelta *delta, const HcName *path, gsize n, HcOrigin origin, GError **error)
{
    HcName room[HC_MAX_KEY_DEPTH];
    HcDeltaKey *key = delta->root;
    if (!check_path(path, n, error))
        return FALSE;
    const HcAlias *alias = find_alias(delta, path, n);
    if (n == 0 || (alias != NULL && alias->n == n)) {
        g_set_error(error, HC_ERROR, HC_ERROR_UNSUPPORTED,
                    n == 0 ? "a root cannot be deleted"
                           : "a key that stands for another one cannot be deleted");
        return FALSE;
    }
    path = without_alias(alias, path, n, room);
    for (gsize i = 0; i + 1 < n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, path[i]);
        if (child == NULL) {
            if (starts_empty(key))
                return TRUE;
            child = hc_delta_add_child(delta, key, path[i], HC_KEY_KEEP);
        }
        if (child->op == HC_KEY_DELETE)
            return TRUE;
        key = child;
    }
    HcDeltaKey *doomed = hc_delta_find_child(key, path[n - 1]);
    if (doomed != NULL && !check_overrules_tree(delta, doomed, origin, error))
        return FALSE;
    if (starts_empty(key)) {
        if (doomed != NULL)
            hc_delta_remove_child(key, doomed);
        return TRUE;
    }
    if (doomed == NULL)
        doomed = hc_delta_add_child(delta, key, path[n - 1], HC_KEY_DELETE);
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
    if (value != NULL && !may_overrule(delta, origin, value->origin)) {
        if (value->op == HC_VALUE_SET && value->after.type == type &&
            value->after.data.n_bytes == data.n_bytes &&
            (data.n_bytes == 0 || memcmp(value->after.data.bytes, data.bytes, data.n_bytes) == 0))
            return TRUE;
        return set_conflict(delta, key, value, origin, value->origin, error);
    }
    if (value == NULL)
        value = hc_delta_add_value(delta, key, name, HC_VALUE_SET, TRUE);
    if (data.bytes == NULL)
        data = (HcBlob){(const uint8_t *) "", 0};
    value->op = HC_VALUE_SET;
    value->origin = origin;
    value->after = (HcDatum){TRUE, type, hc_delta_dup_blob(delta, data, FALSE)};
    return TRUE;
}

gboolean
hc_delta_delete_value(HcDelta *delta, HcDeltaKey *key, HcName name, HcOrigin origin, GError **error)
{
    if (!check_value_name(name, error))
        return FALSE;
    HcDeltaValue *value = hc_delta_find_value(key, name);
    if (value != NULL && value->op == HC_VALUE_SET && !may_overrule(delta, origin, value->origin))
        return set_conflict(delta, key, value, origin, value->origin, error);
    if (starts_empty(key)) {
        if (value != NULL) {
            g_ptr_array_remove(key->values, value);
            if (key->value_index != NULL)
                g_hash_table_remove(key->value_index, &name);
        }
        return TRUE;
    }
    if (value == NULL)
        value = hc_delta_add_value(delta, key, name, HC_VALUE_DELETE, TRUE);
    value->op = HC_VALUE_DELETE;
    value->origin = origin;
    value->after = (HcDatum){FALSE, 0, {NULL, 0}};
    return TRUE;
}
