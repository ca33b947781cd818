#include "config.h"

#include "hivecore/delta/resolve.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/delta-private.h"
#include "hivecore/delta/diff.h"

/* From this many names on, a key's subkeys or values are listed once instead of looked up. */
enum {
    LIST_FROM = 8
};

typedef struct {
    const HcDelta *patch;
    const HcHive *hive;
    HcDelta *exact;
    HcWalk walk; /* of keys that go, or are entered; and of the values that values_are_all ends */
    GByteArray *scratch;
    const HcCreator *creator; /* NULL: new keys get a copy of the descriptor above */
    GHashTable *computed;     /* descriptor above → pair: that, and of a new key below it */
    const HcBlob *last;       /* the pair that was asked for last; NULL: none */
} Resolve;

/* What a new key takes from the key above it. */
typedef struct {
    HcBlob security;
    uint64_t mtime_filetime;
} Inherited;

static gboolean
add_value_change(Resolve *resolve, HcDeltaKey *node, const HcDeltaValue *wanted,
                 const HcValue *present, GError **error)
{
    HcDatum before = hc_datum_absent;
    if (present != NULL) {
        before = (HcDatum){.is_present = TRUE, .type = present->type};
        if (!hc_hive_value_data(resolve->hive, present, resolve->scratch, &before.data, error))
            return FALSE;
    }
    if (hc_datum_equal(&before, &wanted->after))
        return TRUE;
    HcDeltaValue change = *wanted;
    change.before = &before;
    if (present != NULL)
        change.name = present->name;
    hc_delta_copy_value(resolve->exact, node, &change, FALSE);
    return TRUE;
}

/* The key's values by name; a borrowed table over @values. */
static GHashTable *
list_values(Resolve *resolve, const HcKey *key, GArray *values, GError **error)
{
    g_autoptr(GHashTable) table = g_hash_table_new(hc_name_hash_folded, hc_name_equal_pointers);
    g_array_set_size(values, key->n_values);
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue *value = &g_array_index(values, HcValue, i);
        if (!hc_hive_value(resolve->hive, key, i, value, error))
            return NULL;
        if (!g_hash_table_contains(table, &value->name))
            g_hash_table_insert(table, &value->name, value);
    }
    return g_steal_pointer(&table);
}

/* values_are_all: the values of the hive's key that the patch does not list go. */
static gboolean
resolve_unlisted(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted, const HcKey *key,
                 GError **error)
{
    const HcOrigin all_origin = wanted->patch->all_origin;
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(resolve->hive, key, i, &value, error))
            return FALSE;
        if (hc_delta_find_value(wanted, value.name) != NULL)
            continue;
        const HcDeltaValue gone = {.name = value.name,
                                   .op = HC_VALUE_DELETE,
                                   .origin = all_origin.source != 0 ? all_origin : wanted->origin,
                                   .reason = wanted->reason,
                                   .before = &hc_datum_absent};
        if (!hc_walk_data(&resolve->walk, &value, error) ||
            !add_value_change(resolve, node, &gone, &value, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
resolve_values(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted, const HcKey *key,
               GError **error)
{
    GError *failure = NULL;
    g_autoptr(GArray) values = NULL;
    g_autoptr(GHashTable) table = NULL;
    if (hc_delta_n_values(wanted) >= LIST_FROM && key->n_values >= LIST_FROM) {
        values = g_array_new(FALSE, FALSE, sizeof(HcValue));
        table = list_values(resolve, key, values, error);
        if (table == NULL)
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_values(wanted); i++) {
        const HcDeltaValue *value = hc_delta_value(wanted, i);
        HcValue found;
        const HcValue *present = NULL;
        if (table != NULL)
            present = (const HcValue *) g_hash_table_lookup(table, &value->name);
        else if (hc_hive_find_value(resolve->hive, key, value->name, &found, &failure))
            present = &found;
        if (failure != NULL)
            return hc_fail_with(error, failure);
        if (!add_value_change(resolve, node, value, present, error))
            return FALSE;
    }
    return !wanted->patch->values_are_all || resolve_unlisted(resolve, node, wanted, key, error);
}

/* What a patch says of an existing key's class, descriptor and flags, as HcKeyChange bits. */
static guint
stated_meta(const HcDeltaKey *wanted)
{
    guint stated = 0;
    if (wanted->op == HC_KEY_CREATE) {
        stated |= wanted->after.class_name.bytes != NULL ? HC_CHANGED_CLASS : 0;
        stated |= wanted->after.security.bytes != NULL ? HC_CHANGED_SECURITY : 0;
        stated |= wanted->after.flags != 0 ? HC_CHANGED_FLAGS : 0;
    }
    return (stated | wanted->changed) & ~wanted->kept;
}

/* A class name of no bytes is none: a hive cannot tell them apart. */
static HcBlob
stated_class(const HcDeltaKey *wanted)
{
    const HcBlob class_name = wanted->after.class_name;
    return class_name.n_bytes > 0 ? class_name : (HcBlob){NULL, 0};
}

static gboolean
refuse_no_security(const Resolve *resolve, const HcDeltaKey *wanted, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_delta_append_path(text, wanted, NULL);
    return hc_fail(
        error, HC_ERROR_UNSUPPORTED,
        "%s: %s: the patch takes away the key's security descriptor, which every key has",
        hc_hive_file(resolve->hive), text->len > 0 ? text->str : "root key");
}

static gboolean
resolve_meta(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted, const HcKey *key,
             GError **error)
{
    const guint stated = stated_meta(wanted);
    const HcKeyMeta *after = &wanted->after;
    const HcBlob class_name = stated_class(wanted);
    HcKeyMeta before;
    guint changed = 0;
    if (!hc_delta_read_meta(resolve->exact, resolve->hive, key, &before, error))
        return FALSE;
    node->before = hc_arena_dup(hc_delta_arena(resolve->exact), &before, sizeof(before));
    node->after = before;
    if ((stated & HC_CHANGED_CLASS) != 0 && !hc_blob_equal(before.class_name, class_name)) {
        changed |= HC_CHANGED_CLASS;
        node->after.class_name = hc_delta_dup_blob(resolve->exact, class_name, FALSE);
    }
    if ((stated & HC_CHANGED_SECURITY) != 0 && !hc_blob_equal(before.security, after->security)) {
        if (after->security.bytes == NULL)
            return refuse_no_security(resolve, wanted, error);
        changed |= HC_CHANGED_SECURITY;
        node->after.security = hc_delta_dup_blob(resolve->exact, after->security, TRUE);
    }
    if ((stated & HC_CHANGED_FLAGS) != 0 && before.flags != after->flags) {
        changed |= HC_CHANGED_FLAGS;
        node->after.flags = after->flags;
    }
    node->changed = changed;
    return TRUE;
}

/* The descriptor of a new key below one with @above. */
static gboolean
inherit_security(Resolve *resolve, const HcDeltaKey *node, HcBlob above, HcBlob *security,
                 GError **error)
{
    const char *fault = NULL;
    *security = above;
    if (resolve->creator == NULL)
        return TRUE;
    if (resolve->last == NULL || !hc_blob_equal(resolve->last[0], above))
        resolve->last = g_hash_table_lookup(resolve->computed, &above);
    if (resolve->last != NULL) {
        *security = resolve->last[1];
        return TRUE;
    }
    HcArena *arena = hc_delta_arena(resolve->exact);
    HcBlob *pair = hc_arena_alloc(arena, 2 * sizeof(*pair));
    pair[0] = hc_delta_dup_blob(resolve->exact, above, TRUE);
    pair[1] = hc_security_inherit(arena, above, resolve->creator, &fault);
    if (fault != NULL) {
        g_autoptr(GString) path = g_string_new(NULL);
        hc_delta_append_path(path, node, NULL);
        return hc_fail(
            error, HC_ERROR_UNSUPPORTED,
            "%s: new key %s: it inherits no security descriptor: %s (--new-keys=copy takes "
            "that of the key above)",
            hc_hive_file(resolve->hive), path->str, fault);
    }
    g_hash_table_insert(resolve->computed, &pair[0], pair);
    resolve->last = pair;
    *security = pair[1];
    return TRUE;
}

/* @node, new, gets what @wanted says and what new keys inherit; everything below is new too. */
static gboolean
fill_new_key(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted, Inherited inherited,
             GError **error)
{
    HcDelta *exact = resolve->exact;
    /* Where nothing is to be deleted, what asks for the key is the line that makes it again. */
    node->origin = wanted->op == HC_KEY_REPLACE && node->op == HC_KEY_CREATE
                       ? wanted->patch->made_origin
                       : wanted->origin;
    node->reason = wanted->reason;
    node->after = wanted->after;
    node->after.class_name =
        node->after.class_name.n_bytes > 0 ? node->after.class_name : (HcBlob){NULL, 0};
    if (node->after.security.bytes == NULL) {
        HcBlob security;
        if (!inherit_security(resolve, node, inherited.security, &security, error))
            return FALSE;
        node->after.security = hc_delta_dup_blob(exact, security, TRUE);
    }
    node->after.mtime_filetime = inherited.mtime_filetime;
    for (guint i = 0; i < hc_delta_n_values(wanted); i++) {
        HcDeltaValue *value = hc_delta_value(wanted, i);
        if (value->op == HC_VALUE_SET)
            hc_delta_adopt_value(exact, node, value);
    }
    const Inherited next = {node->after.security, inherited.mtime_filetime};
    for (guint i = 0; i < hc_delta_n_children(wanted); i++) {
        const HcDeltaKey *child = hc_delta_child(wanted, i);
        if (!hc_delta_is_made(child))
            continue;
        HcDeltaKey *below = hc_delta_add_child(exact, node, child->name, HC_KEY_CREATE);
        if (!fill_new_key(resolve, below, child, next, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
sets_values(const HcDeltaKey *wanted)
{
    for (guint i = 0; i < hc_delta_n_values(wanted); i++) {
        if (hc_delta_value(wanted, i)->op == HC_VALUE_SET)
            return TRUE;
    }
    return FALSE;
}

/* A statement about a key that the hive does not have. */
static gboolean
resolve_absent(Resolve *resolve, HcDeltaKey *parent, const HcDeltaKey *wanted, Inherited inherited,
               GError **error)
{
    switch (wanted->op) {
    case HC_KEY_DELETE:
        break;
    case HC_KEY_CREATE:
    case HC_KEY_REPLACE:
        return fill_new_key(resolve,
                            hc_delta_add_child(resolve->exact, parent, wanted->name, HC_KEY_CREATE),
                            wanted, inherited, error);
    case HC_KEY_KEEP:
        if (wanted->changed != 0 || sets_values(wanted)) {
            g_autoptr(GString) text = g_string_new(NULL);
            hc_delta_append_path(text, wanted, NULL);
            return hc_fail(error, HC_ERROR_CONFLICT,
                           "%s: the patch changes the key %s, which is not there",
                           hc_hive_file(resolve->hive), text->str);
        }
        for (guint i = 0; i < hc_delta_n_children(wanted); i++) {
            const HcDeltaKey *child = hc_delta_child(wanted, i);
            if (child->op != HC_KEY_DELETE &&
                !resolve_absent(resolve, parent, child, inherited, error))
                return FALSE;
        }
        break;
    }
    return TRUE;
}

static gboolean resolve_children(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted,
                                 const HcKey *key, uint32_t depth, GError **error);

static gboolean
resolve_removal(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted, const HcKey *key,
                uint32_t depth, Inherited inherited, GError **error)
{
    node->old_tree = hc_delta_copy_tree(resolve->exact, &resolve->walk, key, depth, error);
    if (node->old_tree == NULL)
        return FALSE;
    node->before = &node->old_tree->after;
    if (wanted->op == HC_KEY_DELETE)
        return TRUE;
    if (!fill_new_key(resolve, node, wanted, inherited, error))
        return FALSE;
    node->kept = wanted->kept & HC_CHANGED_CLASS;
    if (node->kept != 0)
        node->after.class_name = node->before->class_name;
    if (hc_delta_tree_equal(node, node->old_tree))
        hc_delta_remove_child(node->parent, node);
    return TRUE;
}

static gboolean
resolve_present(Resolve *resolve, HcDeltaKey *parent, const HcDeltaKey *wanted, const HcKey *key,
                uint32_t depth, Inherited inherited, GError **error)
{
    const gboolean is_removal = hc_delta_is_gone(wanted);
    HcDeltaKey *node = hc_delta_add_child(resolve->exact, parent, key->name,
                                          is_removal ? wanted->op : HC_KEY_KEEP);
    node->origin = wanted->origin;
    node->reason = wanted->reason;
    if (is_removal)
        return resolve_removal(resolve, node, wanted, key, depth, inherited, error);
    if (!hc_walk_enter(&resolve->walk, key, depth, error) ||
        !resolve_meta(resolve, node, wanted, key, error) ||
        !resolve_values(resolve, node, wanted, key, error) ||
        !resolve_children(resolve, node, wanted, key, depth, error))
        return FALSE;
    if (hc_delta_key_is_void(node))
        hc_delta_remove_child(parent, node);
    return TRUE;
}

/* Finds @name among @sorted, starting at *at, which moves on: both sides are sorted. */
static const HcKey *
next_in_list(HcKeyList *sorted, HcName name, guint *at, GError **error)
{
    const HcKey *key;
    for (; *at < sorted->n && (key = hc_key_list_at(sorted, *at, error)) != NULL; (*at)++) {
        const int order = hc_name_compare(key->name, name);
        if (order >= 0)
            return order == 0 ? key : NULL;
    }
    return NULL;
}

/* children_are_all: the subkeys of the hive's key that the patch does not name go. */
static gboolean
resolve_unnamed(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted, HcKeyList *subkeys,
                uint32_t depth, GError **error)
{
    for (guint i = 0; i < subkeys->n; i++) {
        const HcKey *subkey = hc_key_list_at(subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        const HcDeltaKey *child = hc_delta_find_child(wanted, subkey->name);
        if (child != NULL && child->op != HC_KEY_KEEP)
            continue;
        HcDeltaKey *gone = hc_delta_add_child(resolve->exact, node, subkey->name, HC_KEY_DELETE);
        gone->origin = wanted->patch->all_origin;
        gone->reason = node->reason;
        gone->old_tree =
            hc_delta_copy_tree(resolve->exact, &resolve->walk, subkey, depth + 1, error);
        if (gone->old_tree == NULL)
            return FALSE;
        gone->before = &gone->old_tree->after;
    }
    return TRUE;
}

static gboolean
resolve_children(Resolve *resolve, HcDeltaKey *node, const HcDeltaKey *wanted, const HcKey *key,
                 uint32_t depth, GError **error)
{
    GError *failure = NULL;
    g_auto(HcKeyList) subkeys = {0};
    Inherited inherited = {{NULL, 0}, key->mtime_filetime};
    guint at = 0;
    if (hc_delta_n_children(wanted) == 0 && !wanted->patch->children_are_all)
        return TRUE;
    /* The patch's, where it says another than the hive's. */
    inherited.security = node->after.security;
    if (hc_delta_n_children(wanted) >= LIST_FROM || wanted->patch->children_are_all) {
        hc_key_list_init(&subkeys);
        if (!hc_key_list_fill(&subkeys, resolve->hive, key, error))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(wanted); i++) {
        const HcDeltaKey *child = hc_delta_child(wanted, i);
        HcKey found;
        const HcKey *present = NULL;
        if (child->op == HC_KEY_KEEP && wanted->patch->children_are_all)
            continue;
        if (subkeys.keys != NULL)
            present = next_in_list(&subkeys, child->name, &at, &failure);
        else if (hc_hive_subkey(resolve->hive, key, child->name, &found, &failure))
            present = &found;
        if (failure != NULL)
            return hc_fail_with(error, failure);
        const gboolean done =
            present != NULL
                ? resolve_present(resolve, node, child, present, depth + 1, inherited, error)
                : resolve_absent(resolve, node, child, inherited, error);
        if (!done)
            return FALSE;
    }
    return !wanted->patch->children_are_all ||
           resolve_unnamed(resolve, node, wanted, &subkeys, depth, error);
}

HcDelta *
hc_delta_resolve_as(const HcDelta *patch, const HcHive *hive, const HcCreator *creator,
                    GError **error)
{
    g_autoptr(HcDelta) exact = hc_delta_new_beside(patch);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    g_autoptr(GHashTable) computed = g_hash_table_new(hc_blob_key_hash, hc_blob_key_equal);
    Resolve resolve = {patch, hive, exact, hc_walk_start(hive), scratch, creator, computed, NULL};
    const HcDeltaKey *wanted = hc_delta_root(patch);
    HcDeltaKey *root = hc_delta_root(exact);
    HcKey key;
    root->origin = wanted->origin;
    root->reason = wanted->reason;
    if (!hc_hive_root(hive, &key, error) || !hc_walk_enter(&resolve.walk, &key, 0, error) ||
        !resolve_meta(&resolve, root, wanted, &key, error) ||
        !resolve_values(&resolve, root, wanted, &key, error) ||
        !resolve_children(&resolve, root, wanted, &key, 0, error))
        return NULL;
    return g_steal_pointer(&exact);
}

HcDelta *
hc_delta_resolve(const HcDelta *patch, const HcHive *hive, GError **error)
{
    return hc_delta_resolve_as(patch, hive, NULL, error);
}
