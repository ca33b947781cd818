#include "config.h"

#include "hivecore/delta/prune.h"

typedef struct {
    GArray *path; /* of HcName: of the key at hand */
    HcChangeVisit visit;
    gpointer data;
} Visit;

static void
visit_change(const Visit *visit, HcChangeKind kind, const HcDeltaKey *node,
             const HcDeltaValue *value, gboolean is_old)
{
    HcChange change = {
        .kind = kind, .path = hc_path_of(visit->path).names, .n = visit->path->len, .node = node};
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
        g_array_append_val(visit->path, child->name);
        visit_old_tree(visit, NULL, child);
        g_array_set_size(visit->path, visit->path->len - 1);
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
        g_array_append_val(visit->path, child->name);
        visit_key(visit, child);
        g_array_set_size(visit->path, visit->path->len - 1);
    }
}

void
hc_delta_each_change(const HcDelta *exact, HcChangeVisit visit, gpointer data)
{
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(HcName));
    visit_key(&(Visit){path, visit, data}, hc_delta_root(exact));
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
