#include "config.h"

#include "hivecore/delta/prune.h"

#include "hivecore/base/trail.h"

typedef struct {
    HcTrail *trail; /* of the key at hand */
    HcChangeVisit visit;
    gpointer data;
} Visit;

static void
visit_change(const Visit *visit, HcChangeKind kind, const HcDeltaKey *node,
             const HcDeltaValue *value, gboolean is_old)
{
    HcChange change = {.kind = kind, .path = visit->trail->path, .node = node};
    if (value != NULL) {
        change.value = &value->name;
        change.before = is_old ? &value->after : value->before;
        change.after = is_old ? &hc_datum_absent : &value->after;
    }
    visit->visit(&change, visit->data);
}

static void
visit_old_tree(const Visit *visit, const HcDeltaKey *node, const HcDeltaKey *tree)
{
    visit_change(visit, HC_CHANGE_DELETED, node, NULL, FALSE);
    for (guint i = 0; i < hc_delta_n_values(tree); i++)
        visit_change(visit, HC_CHANGE_DELETED, node, hc_delta_value(tree, i), TRUE);
    for (guint i = 0; i < hc_delta_n_children(tree); i++) {
        const HcDeltaKey *child = hc_delta_child(tree, i);
        hc_trail_push(visit->trail, child->name);
        visit_old_tree(visit, NULL, child);
        hc_trail_pop(visit->trail);
    }
}

static void
visit_key(const Visit *visit, const HcDeltaKey *key)
{
    if (key->op == HC_KEY_DELETE && key->old_tree != NULL) {
        visit_old_tree(visit, key, key->old_tree);
        return;
    }
    if (key->op == HC_KEY_CREATE)
        visit_change(visit, HC_CHANGE_ADDED, key, NULL, FALSE);
    else if (key->op == HC_KEY_DELETE)
        visit_change(visit, HC_CHANGE_DELETED, key, NULL, FALSE);
    else if (key->op == HC_KEY_REPLACE || key->changed != 0)
        visit_change(visit, HC_CHANGE_CHANGED, key, NULL, FALSE);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        const HcChangeKind kind = value->op == HC_VALUE_DELETE ? HC_CHANGE_DELETED
                                  : value->before->is_present  ? HC_CHANGE_CHANGED
                                                               : HC_CHANGE_ADDED;
        visit_change(visit, kind, key, value, FALSE);
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        hc_trail_push(visit->trail, child->name);
        visit_key(visit, child);
        hc_trail_pop(visit->trail);
    }
}

void
hc_delta_each_change(const HcDelta *exact, HcChangeVisit visit, gpointer data)
{
    g_auto(HcTrail) trail = {0};
    visit_key(&(Visit){&trail, visit, data}, hc_delta_root(exact));
}

const char *
hc_change_kind_name(HcChangeKind kind)
{
    static const char *const names[] = {
        [HC_CHANGE_ADDED] = "added",
        [HC_CHANGE_DELETED] = "deleted",
        [HC_CHANGE_CHANGED] = "changed",
    };
    return names[kind];
}
