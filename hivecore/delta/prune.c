#include "config.h"

#include "hivecore/delta/prune.h"

#include "hivecore/base/trail.h"
#include "hivecore/delta/delta-private.h"

typedef struct {
    HcDelta *delta;
    HcTrail *trail; /* of the key at hand */
    HcChangeKeeps keeps;
    gpointer data;
} Pruning;

static HcChange
change_of_key(const Pruning *pruning, HcChangeKind kind)
{
    return (HcChange){.kind = kind, .path = pruning->trail->path};
}

static gboolean
keeps_key(const Pruning *pruning, HcChangeKind kind)
{
    const HcChange change = change_of_key(pruning, kind);
    return pruning->keeps(&change, pruning->data);
}

/* @kind: of a value of a deleted tree DELETED: what it has is .after there */
static gboolean
keeps_value(const Pruning *pruning, const HcDeltaValue *value, HcChangeKind kind)
{
    HcChange change = change_of_key(pruning, kind);
    const gboolean is_old = kind == HC_CHANGE_DELETED && value->op == HC_VALUE_SET;
    change.value = &value->name;
    change.before = is_old ? &value->after : value->before;
    change.after = is_old ? &hc_datum_absent : &value->after;
    return pruning->keeps(&change, pruning->data);
}

static HcChangeKind
kind_of(const HcDeltaValue *value)
{
    if (value->op == HC_VALUE_DELETE)
        return HC_CHANGE_DELETED;
    return value->before->is_present ? HC_CHANGE_CHANGED : HC_CHANGE_ADDED;
}

static void
prune_values(const Pruning *pruning, HcDeltaKey *key)
{
    guint n_kept = 0;
    for (guint i = 0; i < key->values.len; i++) {
        HcDeltaValue *value = hc_delta_value(key, i);
        if (keeps_value(pruning, value, kind_of(value)))
            key->values.pdata[n_kept++] = value;
        else if (key->value_index != NULL)
            g_hash_table_remove(key->value_index, &value->name);
    }
    key->values.len = n_kept;
}

static gboolean prune_key(const Pruning *pruning, HcDeltaKey *key);

static void
prune_children(const Pruning *pruning, HcDeltaKey *key)
{
    guint n_kept = 0;
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        HcDeltaKey *child = hc_delta_child(key, i);
        hc_trail_push(pruning->trail, child->name);
        if (prune_key(pruning, child))
            key->children.pdata[n_kept++] = child;
        else
            hc_delta_forget_child(key, child);
        hc_trail_pop(pruning->trail);
    }
    key->children.len = n_kept;
}

/* Whether all of a deleted tree is kept, the key itself included. */
static gboolean
keeps_tree(const Pruning *pruning, const HcDeltaKey *tree)
{
    gboolean is_kept = keeps_key(pruning, HC_CHANGE_DELETED);
    for (guint i = 0; is_kept && i < hc_delta_n_values(tree); i++)
        is_kept = keeps_value(pruning, hc_delta_value(tree, i), HC_CHANGE_DELETED);
    for (guint i = 0; is_kept && i < hc_delta_n_children(tree); i++) {
        const HcDeltaKey *child = hc_delta_child(tree, i);
        hc_trail_push(pruning->trail, child->name);
        is_kept = keeps_tree(pruning, child);
        hc_trail_pop(pruning->trail);
    }
    return is_kept;
}

/* Makes of a key that goes one that stays, and loses what is kept of its tree. */
static void
split_deleted(const Pruning *pruning, HcDeltaKey *key)
{
    HcDeltaKey *tree = key->old_tree;
    key->op = HC_KEY_KEEP;
    key->old_tree = NULL;
    key->after = *key->before;
    for (guint i = 0; i < hc_delta_n_values(tree); i++) {
        const HcDeltaValue *old = hc_delta_value(tree, i);
        if (!keeps_value(pruning, old, HC_CHANGE_DELETED))
            continue;
        HcDeltaValue *value =
            hc_delta_add_value(pruning->delta, key, old->name, HC_VALUE_DELETE, FALSE);
        value->before = &old->after;
        value->origin = key->origin;
        value->reason = key->reason;
    }
    for (guint i = 0; i < hc_delta_n_children(tree); i++) {
        HcDeltaKey *old = hc_delta_child(tree, i);
        HcDeltaKey *child = hc_delta_add_child(pruning->delta, key, old->name, HC_KEY_DELETE);
        old->parent = NULL;
        child->old_tree = old;
        child->before = &old->after;
        child->origin = key->origin;
        child->reason = key->reason;
    }
    prune_children(pruning, key);
}

static gboolean
prune_deleted(const Pruning *pruning, HcDeltaKey *key)
{
    if (key->old_tree == NULL)
        return keeps_key(pruning, HC_CHANGE_DELETED);
    if (keeps_tree(pruning, key->old_tree))
        return TRUE;
    split_deleted(pruning, key);
    return hc_delta_n_values(key) > 0 || hc_delta_n_children(key) > 0;
}

/* Returns: whether anything is left of it */
static gboolean
prune_key(const Pruning *pruning, HcDeltaKey *key)
{
    gboolean is_kept = FALSE;
    switch (key->op) {
    case HC_KEY_KEEP:
        is_kept = key->changed != 0 && keeps_key(pruning, HC_CHANGE_CHANGED);
        if (!is_kept && key->changed != 0) {
            key->changed = 0;
            key->after = *key->before;
        }
        break;
    case HC_KEY_DELETE:
        return prune_deleted(pruning, key);
    case HC_KEY_REPLACE:
        return keeps_key(pruning, HC_CHANGE_CHANGED);
    case HC_KEY_CREATE:
        is_kept = keeps_key(pruning, HC_CHANGE_ADDED);
        break;
    }
    prune_values(pruning, key);
    prune_children(pruning, key);
    return is_kept || hc_delta_n_values(key) > 0 || hc_delta_n_children(key) > 0;
}

static uint64_t
count_all(const HcDelta *delta)
{
    const HcDeltaCounts counts = hc_delta_count(delta);
    return counts.keys_created + counts.keys_deleted + counts.keys_replaced + counts.keys_changed +
           counts.values_added + counts.values_changed + counts.values_deleted;
}

uint64_t
hc_delta_prune(HcDelta *exact, HcChangeKeeps keeps, gpointer data)
{
    const uint64_t n_before = count_all(exact);
    g_auto(HcTrail) trail = {0};
    const Pruning pruning = {exact, &trail, keeps, data};
    (void) prune_key(&pruning, exact->root);
    return n_before - count_all(exact);
}
