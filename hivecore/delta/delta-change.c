#include "config.h"

#include "hivecore/delta/delta-private.h"

gboolean
hc_delta_key_is_void(const HcDeltaKey *key)
{
    if (key->op != HC_KEY_KEEP || key->changed != 0 || hc_delta_n_values(key) > 0 ||
        key->patch->values_are_all)
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (!hc_delta_key_is_void(hc_delta_child(key, i)))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_delta_makes_child(const HcDeltaKey *key)
{
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (hc_delta_is_made(hc_delta_child(key, i)))
            return TRUE;
    }
    return FALSE;
}

HcOrigin
hc_delta_first_origin(const HcDeltaKey *key)
{
    HcOrigin origin = key->origin;
    for (guint i = 0; origin.source == 0 && i < hc_delta_n_children(key); i++)
        origin = hc_delta_first_origin(hc_delta_child(key, i));
    return origin;
}

gboolean
hc_delta_is_empty(const HcDelta *delta)
{
    return hc_delta_key_is_void(delta->root);
}

static void
count_deleted_tree(const HcDeltaKey *tree, HcDeltaCounts *counts)
{
    counts->keys_deleted++;
    counts->values_deleted += hc_delta_n_values(tree);
    for (guint i = 0; i < hc_delta_n_children(tree); i++)
        count_deleted_tree(hc_delta_child(tree, i), counts);
}

static void
count_values(const HcDeltaKey *key, HcDeltaCounts *counts)
{
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (value->op == HC_VALUE_DELETE)
            counts->values_deleted++;
        else if (value->before->is_present)
            counts->values_changed++;
        else
            counts->values_added++;
    }
}

static void
count_key(const HcDeltaKey *key, HcDeltaCounts *counts)
{
    switch (key->op) {
    case HC_KEY_KEEP:
        counts->keys_changed += key->changed != 0;
        break;
    case HC_KEY_CREATE:
        counts->keys_created++;
        break;
    case HC_KEY_DELETE:
        if (key->old_tree != NULL)
            count_deleted_tree(key->old_tree, counts);
        else
            counts->keys_deleted++;
        break;
    case HC_KEY_REPLACE:
        counts->keys_replaced++;
        break;
    }
    count_values(key, counts);
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        count_key(hc_delta_child(key, i), counts);
}

HcDeltaCounts
hc_delta_count_tree(const HcDeltaKey *key)
{
    HcDeltaCounts counts = {0};
    count_key(key, &counts);
    return counts;
}

HcDeltaCounts
hc_delta_count(const HcDelta *delta)
{
    return hc_delta_count_tree(delta->root);
}

gboolean
hc_datum_equal(const HcDatum *a, const HcDatum *b)
{
    if (!a->is_present || !b->is_present)
        return a->is_present == b->is_present;
    return a->type == b->type && hc_bytes_equal(a->data, b->data);
}

gboolean
hc_delta_value_same_wish(const HcDeltaValue *a, const HcDeltaValue *b)
{
    return a->op == b->op && (a->op == HC_VALUE_DELETE || hc_datum_equal(&a->after, &b->after));
}

static gboolean
values_equal(const HcDeltaKey *a, const HcDeltaKey *b)
{
    if (hc_delta_n_values(a) != hc_delta_n_values(b))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_values(a); i++) {
        const HcDeltaValue *value_a = hc_delta_value(a, i);
        const HcDeltaValue *value_b = hc_delta_find_value(b, value_a->name);
        if (value_b == NULL || value_a->op != value_b->op ||
            !hc_datum_equal(value_a->before, value_b->before) ||
            !hc_datum_equal(&value_a->after, &value_b->after))
            return FALSE;
    }
    return TRUE;
}

static gboolean
meta_equal(const HcKeyMeta *a, const HcKeyMeta *b)
{
    return hc_blob_equal(a->class_name, b->class_name) && hc_blob_equal(a->security, b->security) &&
           a->flags == b->flags;
}

static gboolean
key_equal(const HcDeltaKey *a, const HcDeltaKey *b)
{
    const guint content = HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS;
    if (a->op != b->op || (a->changed & content) != (b->changed & content) || a->kept != b->kept ||
        a->patch->values_are_all != b->patch->values_are_all ||
        a->patch->children_are_all != b->patch->children_are_all ||
        hc_delta_n_children(a) != hc_delta_n_children(b))
        return FALSE;
    if ((hc_delta_is_made(a) || a->changed != 0) && !meta_equal(&a->after, &b->after))
        return FALSE;
    if ((a->old_tree == NULL) != (b->old_tree == NULL) ||
        (a->old_tree != NULL && !key_equal(a->old_tree, b->old_tree)))
        return FALSE;
    if (!values_equal(a, b))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(a); i++) {
        const HcDeltaKey *child_a = hc_delta_child(a, i);
        const HcDeltaKey *child_b = hc_delta_child(b, i);
        if (!hc_name_equal(child_a->name, child_b->name) || !key_equal(child_a, child_b))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_delta_tree_equal(const HcDeltaKey *key, const HcDeltaKey *tree)
{
    HcDeltaKey alone = *key;
    alone.op = HC_KEY_CREATE;
    alone.kept = 0;
    alone.old_tree = NULL;
    return key_equal(&alone, tree);
}

gboolean
hc_delta_key_equal(const HcDeltaKey *a, const HcDeltaKey *b)
{
    return key_equal(a, b);
}

gboolean
hc_delta_equal(const HcDelta *a, const HcDelta *b)
{
    return key_equal(a->root, b->root);
}

static void
invert_value(HcDelta *delta, HcDeltaKey *key, const HcDeltaValue *value, gboolean keep_order)
{
    HcDeltaValue turned = *value;
    turned.before = &value->after;
    turned.after = *value->before;
    turned.op = turned.after.is_present ? HC_VALUE_SET : HC_VALUE_DELETE;
    turned.origin = (HcOrigin){0, 0};
    turned.reason = NULL;
    hc_delta_copy_value(delta, key, &turned, keep_order);
}

/* The created or replaced key @key as a tree of its own. */
static HcDeltaKey *
created_tree(HcDelta *delta, const HcDeltaKey *key)
{
    HcDeltaKey *tree = hc_delta_copy_key(delta, NULL, key);
    tree->op = HC_KEY_CREATE;
    tree->kept = 0;
    tree->old_tree = NULL;
    tree->origin = (HcOrigin){0, 0};
    return tree;
}

/* Makes @key of @tree's content: values, children, meta. */
static void
take_tree(HcDelta *delta, HcDeltaKey *key, const HcDeltaKey *tree)
{
    HcDeltaKey *copy = hc_delta_copy_key(delta, NULL, tree);
    key->after = copy->after;
    for (guint i = 0; i < hc_delta_n_values(copy); i++)
        hc_delta_copy_value(delta, key, hc_delta_value(copy, i), TRUE);
    for (guint i = 0; i < hc_delta_n_children(copy); i++)
        (void) hc_delta_copy_key(delta, key, hc_delta_child(copy, i));
}

static void
invert_key(HcDelta *delta, HcDeltaKey *to, const HcDeltaKey *from)
{
    to->before = hc_delta_dup_meta(delta, &from->after);
    to->after = hc_delta_copy_meta(delta, from->before);
    switch (from->op) {
    case HC_KEY_KEEP:
        to->changed = from->changed;
        for (guint i = 0; i < hc_delta_n_values(from); i++)
            invert_value(delta, to, hc_delta_value(from, i), FALSE);
        for (guint i = 0; i < hc_delta_n_children(from); i++) {
            const HcDeltaKey *child = hc_delta_child(from, i);
            invert_key(delta, hc_delta_add_child(delta, to, child->name, HC_KEY_KEEP), child);
        }
        break;
    case HC_KEY_CREATE:
        to->op = HC_KEY_DELETE;
        to->old_tree = created_tree(delta, from);
        break;
    case HC_KEY_DELETE:
        to->op = HC_KEY_CREATE;
        take_tree(delta, to, from->old_tree);
        break;
    case HC_KEY_REPLACE:
        to->op = HC_KEY_REPLACE;
        to->old_tree = created_tree(delta, from);
        take_tree(delta, to, from->old_tree);
        break;
    }
}

HcDelta *
hc_delta_invert(const HcDelta *exact)
{
    HcDelta *inverse = hc_delta_new();
    invert_key(inverse, inverse->root, exact->root);
    return inverse;
}

static void
lower_values(HcDelta *delta, HcDeltaKey *key, const HcDeltaKey *old_key, const HcDeltaKey *new_key)
{
    for (guint i = 0; i < hc_delta_n_values(old_key); i++) {
        const HcDeltaValue *old_value = hc_delta_value(old_key, i);
        const HcDeltaValue *new_value = hc_delta_find_value(new_key, old_value->name);
        if (new_value != NULL && hc_datum_equal(&old_value->after, &new_value->after))
            continue;
        HcDeltaValue change = *old_value;
        change.op = new_value != NULL ? HC_VALUE_SET : HC_VALUE_DELETE;
        change.origin = new_value != NULL ? new_value->origin : new_key->origin;
        change.reason = new_value != NULL ? new_value->reason : new_key->reason;
        change.before = &old_value->after;
        change.after = new_value != NULL ? new_value->after : hc_datum_absent;
        hc_delta_copy_value(delta, key, &change, FALSE);
    }
    for (guint i = 0; i < hc_delta_n_values(new_key); i++) {
        const HcDeltaValue *new_value = hc_delta_value(new_key, i);
        if (hc_delta_find_value(old_key, new_value->name) == NULL)
            hc_delta_copy_value(delta, key, new_value, FALSE);
    }
}

static guint
meta_changes(const HcKeyMeta *before, const HcKeyMeta *after)
{
    guint changed = 0;
    if (!hc_blob_equal(before->class_name, after->class_name))
        changed |= HC_CHANGED_CLASS;
    if (!hc_blob_equal(before->security, after->security))
        changed |= HC_CHANGED_SECURITY;
    if (before->flags != after->flags)
        changed |= HC_CHANGED_FLAGS;
    return changed;
}

/* @key, a new KEEP node, becomes the difference between two whole trees. */
static void
lower_tree(HcDelta *delta, HcDeltaKey *key, const HcDeltaKey *old_tree, const HcDeltaKey *new_tree)
{
    key->origin = new_tree->origin;
    key->reason = hc_delta_reason(delta, new_tree->reason);
    key->before = hc_delta_dup_meta(delta, &old_tree->after);
    key->after = hc_delta_copy_meta(delta, &new_tree->after);
    key->changed = meta_changes(key->before, &key->after);
    lower_values(delta, key, old_tree, new_tree);
    for (guint i = 0; i < hc_delta_n_children(old_tree); i++) {
        const HcDeltaKey *old_child = hc_delta_child(old_tree, i);
        const HcDeltaKey *new_child = hc_delta_find_child(new_tree, old_child->name);
        HcDeltaKey *child = hc_delta_add_child(delta, key, old_child->name, HC_KEY_KEEP);
        if (new_child == NULL) {
            child->op = HC_KEY_DELETE;
            child->origin = new_tree->origin;
            child->reason = key->reason;
            child->old_tree = hc_delta_copy_key(delta, NULL, old_child);
            child->before = &child->old_tree->after;
        } else {
            lower_tree(delta, child, old_child, new_child);
            if (hc_delta_key_is_void(child))
                hc_delta_remove_child(key, child);
        }
    }
    for (guint i = 0; i < hc_delta_n_children(new_tree); i++) {
        const HcDeltaKey *new_child = hc_delta_child(new_tree, i);
        if (hc_delta_find_child(old_tree, new_child->name) == NULL)
            (void) hc_delta_copy_key(delta, key, new_child);
    }
}

static void
lower_key(HcDelta *delta, HcDeltaKey *to, const HcDeltaKey *from)
{
    to->origin = from->origin;
    to->reason = hc_delta_reason(delta, from->reason);
    to->changed = from->changed;
    to->before = hc_delta_dup_meta(delta, from->before);
    to->after = hc_delta_copy_meta(delta, &from->after);
    for (guint i = 0; i < hc_delta_n_values(from); i++)
        hc_delta_copy_value(delta, to, hc_delta_value(from, i), TRUE);
    for (guint i = 0; i < hc_delta_n_children(from); i++) {
        const HcDeltaKey *child = hc_delta_child(from, i);
        if (child->op == HC_KEY_REPLACE) {
            HcDeltaKey *lowered = hc_delta_add_child(delta, to, child->name, HC_KEY_KEEP);
            lower_tree(delta, lowered, child->old_tree, child);
            if (hc_delta_key_is_void(lowered))
                hc_delta_remove_child(to, lowered);
        } else if (child->op == HC_KEY_KEEP) {
            HcDeltaKey *lowered = hc_delta_add_child(delta, to, child->name, HC_KEY_KEEP);
            lower_key(delta, lowered, child);
            if (hc_delta_key_is_void(lowered))
                hc_delta_remove_child(to, lowered);
        } else {
            (void) hc_delta_copy_key(delta, to, child);
        }
    }
}

gboolean
hc_delta_has_replace(const HcDeltaKey *key)
{
    if (key->op == HC_KEY_REPLACE)
        return TRUE;
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (hc_delta_has_replace(hc_delta_child(key, i)))
            return TRUE;
    }
    return FALSE;
}

HcDelta *
hc_delta_lower(const HcDelta *exact)
{
    HcDelta *lowered = hc_delta_new_beside(exact);
    if (hc_delta_has_replace(exact->root))
        lower_key(lowered, lowered->root, exact->root);
    else
        lowered->root = exact->root;
    return lowered;
}
