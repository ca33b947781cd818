#include "config.h"

#include "hivecore/edit/edit-private.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/layout.h"

/*
 * The cases below are where libhivex 1.3.23 was seen to write invalid hives, lose data, or end
 * the program; docs/ARCHITECTURE.md, "hivex", lists each with what it does.
 */

/* One data cell of hivex: more makes it fail after it has deleted the key's values. */
enum {
    HIVEX_MAX_DATA = 999996
};

/*
 * For each key it adds hivex reads the names of all its siblings and copies their list, so that
 * time and file grow with the square. Up to this many siblings are met in about 0.05 s and grow
 * the file by less than 1 MB; beyond, another engine is better at it.
 */
enum {
    MAX_SIBLINGS_MET = 100000
};

typedef struct {
    const HcHive *hive;
    uint32_t minor;
    HcWalk walk;
    uint64_t n_siblings_met;
} Guard;

gboolean
hc_edit_refuse(const HcHive *hive, const HcDeltaKey *key, GError **error, const char *reason)
{
    g_autoptr(GString) path = g_string_new(NULL);
    hc_delta_append_path(path, key, NULL);
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: %s: hivex cannot do this safely: %s",
                   hc_hive_file(hive), path->len > 0 ? path->str : "root key", reason);
}

static gboolean
name_is_plain(HcName name)
{
    return hc_name_is_wellformed(name) && !hc_name_has_unit(name, 0);
}

/* Why hivex cannot read, rewrite or free an existing value, or NULL. */
static gboolean
value_hazard(const Guard *guard, const HcValue *value, const char **hazard, GError **error)
{
    gboolean is_big = FALSE;
    *hazard = NULL;
    if (!hc_hive_value_is_big(guard->hive, value, &is_big, error))
        return FALSE;
    if (is_big)
        *hazard = "a value of the key has big data, which it would write as one invalid cell";
    else if (value->n_bytes > HIVEX_MAX_DATA ||
             (value->n_bytes > HC_BIG_DATA_BYTES && guard->minor >= 4))
        *hazard = "a value of the key has more data than it can write";
    else if (hc_get32(value->vk + HC_VK_DATA_BYTES) == 0)
        *hazard =
            "a value of the key has no data and no inline mark, which ends it with an assertion";
    else if (!name_is_plain(value->name))
        *hazard = "the name of a value of the key holds a NUL or an unpaired surrogate";
    return TRUE;
}

static gboolean
guard_existing_values(Guard *guard, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    if ((key->flags & HC_KEY_FLAG_PREDEFINED) != 0)
        return hc_edit_refuse(guard->hive, node, error,
                              "a predefined-handle key, whose handle it takes for a value count");
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        const char *hazard = NULL;
        if (!hc_hive_value(guard->hive, key, i, &value, error) ||
            !value_hazard(guard, &value, &hazard, error))
            return FALSE;
        if (hazard != NULL)
            return hc_edit_refuse(guard->hive, node, error, hazard);
    }
    return TRUE;
}

static gboolean
guard_new_values(Guard *guard, const HcDeltaKey *node, GError **error)
{
    for (guint i = 0; i < hc_delta_n_values(node); i++) {
        const HcDeltaValue *value = hc_delta_value(node, i);
        if (value->op != HC_VALUE_SET)
            continue;
        if (value->after.data.n_bytes > HC_BIG_DATA_BYTES && guard->minor >= 4)
            return hc_edit_refuse(guard->hive, node, error,
                                  "a value of over 16,344 bytes needs a big-data record, which it "
                                  "does not write");
        if (value->after.data.n_bytes > HIVEX_MAX_DATA)
            return hc_edit_refuse(guard->hive, node, error,
                                  "a value has more data than it can write");
        if (!name_is_plain(value->name))
            return hc_edit_refuse(guard->hive, node, error,
                                  "the name of a value holds a NUL or an unpaired surrogate");
    }
    return TRUE;
}

/* Whether the subkey list of @key is of a kind that hivex edits rightly; it has been checked. */
static gboolean
list_is_editable(const Guard *guard, const HcKey *key)
{
    if (key->n_subkeys == 0)
        return TRUE;
    const uint8_t *list = hc_hive_cell(guard->hive, hc_get32(key->nk + HC_NK_SUBKEYS),
                                       HC_LIST_ENTRIES, "subkey list", NULL, NULL);
    if (list == NULL || list[0] != 'r')
        return list != NULL && list[1] != 'i';
    for (uint32_t i = 0; i < hc_get16(list + HC_LIST_COUNT); i++) {
        const uint8_t *leaf =
            hc_hive_cell(guard->hive, hc_get32(list + HC_LIST_ENTRIES + 4 * (gsize) i),
                         HC_LIST_ENTRIES, "subkey list", NULL, NULL);
        if (leaf == NULL || leaf[1] == 'i')
            return FALSE;
    }
    return TRUE;
}

static gboolean
guard_siblings(Guard *guard, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    GError *failure = NULL;
    HcSubkeyIter iter;
    HcKey subkey;
    if (!list_is_editable(guard, key))
        return hc_edit_refuse(guard->hive, node, error,
                              "its subkeys are in an li list, which it reads but does not edit");
    if (!hc_subkey_iter_init(&iter, guard->hive, key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, &failure)) {
        if (!name_is_plain(subkey.name))
            return hc_edit_refuse(guard->hive, node, error,
                                  "the name of a subkey holds a NUL or an unpaired surrogate");
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return TRUE;
}

/* Everything under a key that goes is read and freed by hivex, value by value. */
static gboolean
guard_doomed(Guard *guard, const HcDeltaKey *node, const HcKey *key, uint32_t depth, GError **error)
{
    GError *failure = NULL;
    HcSubkeyIter iter;
    HcKey subkey;
    if (hc_get32(key->nk + HC_NK_CLASS) != HC_NIL && hc_get16(key->nk + HC_NK_CLASS_BYTES) == 0)
        return hc_edit_refuse(guard->hive, node, error,
                              "a class name of no length, whose cell it would free whatever is "
                              "there");
    if (!hc_walk_enter(&guard->walk, key, depth, error) ||
        !guard_existing_values(guard, node, key, error) ||
        !hc_subkey_iter_init(&iter, guard->hive, key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, &failure)) {
        if (!name_is_plain(subkey.name))
            return hc_edit_refuse(guard->hive, node, error,
                                  "the name of a subkey holds a NUL or an unpaired surrogate");
        if (!guard_doomed(guard, node, &subkey, depth + 1, error))
            return FALSE;
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return TRUE;
}

/* @n_new subkeys beside @n_old ones. */
static gboolean
guard_additions(Guard *guard, const HcDeltaKey *node, uint64_t n_old, uint64_t n_new,
                GError **error)
{
    guard->n_siblings_met += n_new * n_old + n_new * n_new / 2;
    if (guard->n_siblings_met <= MAX_SIBLINGS_MET)
        return TRUE;
    return hc_edit_refuse(guard->hive, node, error,
                          "so many new subkeys that it would copy lists of subkeys over and over");
}

static gboolean
guard_created(Guard *guard, const HcDeltaKey *node, GError **error)
{
    if (!name_is_plain(node->name))
        return hc_edit_refuse(guard->hive, node, error,
                              "a new key name holds a NUL or an unpaired surrogate");
    if (!hc_name_is_ascii(node->name))
        return hc_edit_refuse(guard->hive, node, error,
                              "a new key name outside ASCII gets a wrong hash and place");
    if (node->after.class_name.bytes != NULL || node->after.flags != 0)
        return hc_edit_refuse(guard->hive, node, error, "a new key with its own class or flags");
    if (!guard_additions(guard, node, 0, hc_delta_n_children(node), error) ||
        !guard_new_values(guard, node, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        if (!guard_created(guard, hc_delta_child(node, i), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean guard_key(Guard *guard, const HcDeltaKey *node, const HcKey *key, uint32_t depth,
                          GError **error);

static gboolean
guard_child(Guard *guard, const HcDeltaKey *child, const HcKey *parent, uint32_t depth,
            GError **error)
{
    GError *failure = NULL;
    HcKey key;
    if (child->op == HC_KEY_CREATE)
        return guard_created(guard, child, error);
    if (!hc_hive_subkey(guard->hive, parent, child->name, &key, &failure)) {
        if (failure == NULL)
            return hc_edit_refuse(guard->hive, child, error, "the hive does not have this key");
        return hc_fail_with(error, failure);
    }
    if (child->op == HC_KEY_KEEP)
        return guard_key(guard, child, &key, depth, error);
    return guard_doomed(guard, child, &key, depth, error) &&
           (child->op == HC_KEY_DELETE || guard_created(guard, child, error));
}

static gboolean
guard_key(Guard *guard, const HcDeltaKey *node, const HcKey *key, uint32_t depth, GError **error)
{
    guint n_created = 0;
    guint n_edits = 0;
    if (node->changed != 0)
        return hc_edit_refuse(guard->hive, node, error,
                              "it has no way to change a class, a security descriptor or flags");
    if (hc_delta_n_values(node) > 0 &&
        (!guard_existing_values(guard, node, key, error) || !guard_new_values(guard, node, error)))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcKeyOp op = hc_delta_child(node, i)->op;
        n_created += op == HC_KEY_CREATE;
        n_edits += op != HC_KEY_KEEP;
    }
    if (n_edits > 0 && !guard_siblings(guard, node, key, error))
        return FALSE;
    if (!guard_additions(guard, node, key->n_subkeys, n_created, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        if (!guard_child(guard, hc_delta_child(node, i), key, depth + 1, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_edit_is_safe(const HcHive *hive, const HcDelta *exact, GError **error)
{
    const HcHiveInfo *info = hc_hive_info(hive);
    Guard guard = {hive, info->minor, hc_walk_start(hive), 0};
    HcKey root;
    const char *reason = NULL;
    if (info->is_differencing)
        reason = "a differencing hive, whose layer bits it does not know";
    else if (info->minor < 3)
        reason = "a hive of version 1.2";
    if (reason != NULL)
        return hc_edit_refuse(hive, hc_delta_root(exact), error, reason);
    return hc_hive_root(hive, &root, error) &&
           guard_key(&guard, hc_delta_root(exact), &root, 0, error);
}
