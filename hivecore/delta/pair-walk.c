#include "config.h"

#include "hivecore/delta/pair-walk.h"

#include "hivecore/regf/read-ahead.h"

typedef struct {
    HcKeyList lists[2];
} Level;

static void
free_level(gpointer data)
{
    Level *level = data;
    hc_key_list_clear(&level->lists[0]);
    hc_key_list_clear(&level->lists[1]);
    g_free(level);
}

void
hc_pair_walk_init(HcPairWalk *walk, const HcHive *left, const HcHive *right)
{
    const HcHive *hives[2] = {left, right};
    *walk = (HcPairWalk){.levels = g_ptr_array_new_with_free_func(free_level)};
    for (guint i = 0; i < 2; i++) {
        if (hives[i] != NULL)
            walk->budget[i] = hc_walk_start(hives[i]);
    }
}

void
hc_pair_walk_clear(HcPairWalk *walk)
{
    if (walk->levels != NULL)
        g_ptr_array_unref(walk->levels);
    walk->levels = NULL;
}

gboolean
hc_pair_walk_enter(HcPairWalk *walk, const HcPair *pair, uint32_t depth, GError **error)
{
    const HcKey *left = pair->left.key;
    const HcKey *right = pair->right.key;
    return (left == NULL || hc_walk_enter(&walk->budget[0], left, depth, error)) &&
           (right == NULL || hc_walk_enter(&walk->budget[1], right, depth, error));
}

static Level *
level_at(HcPairWalk *walk, uint32_t depth)
{
    while (depth >= walk->levels->len) {
        Level *level = g_new0(Level, 1);
        hc_key_list_init(&level->lists[0]);
        hc_key_list_init(&level->lists[1]);
        g_ptr_array_add(walk->levels, level);
    }
    return g_ptr_array_index(walk->levels, depth);
}

gboolean
hc_pair_walk_list(HcPairWalk *walk, const HcPair *pair, uint32_t depth, HcPairIter *iter,
                  GError **error)
{
    const HcPairSide *sides[2] = {&pair->left, &pair->right};
    Level *level = level_at(walk, depth);
    const HcSameKeys *same =
        walk->same != NULL && hc_same_keys_has_list(walk->same, pair->left.key, pair->right.key)
            ? walk->same
            : NULL;
    *iter = (HcPairIter){0};
    for (guint i = 0; i < 2; i++) {
        const HcPairSide *side = sides[i];
        if (side->key != NULL) {
            HcKeyList *list = &level->lists[i];
            if (!hc_key_list_fill_changed(list, walk->budget[i].hive, side->key, same, error))
                return FALSE;
            iter->side[i].hive = walk->budget[i].hive;
            iter->side[i].parent = side->key->offset;
            iter->side[i].keys = list;
            iter->side[i].n = list->n;
        } else if (side->node != NULL) {
            iter->side[i].node = side->node;
            iter->side[i].n = hc_delta_n_children(side->node);
        }
    }
    return TRUE;
}

static gboolean
side_at(HcPairIter *iter, guint i, HcPairSide *side, GError **error)
{
    const guint at = iter->side[i].at;
    *side = (HcPairSide){NULL, NULL};
    if (at == iter->side[i].n)
        return TRUE;
    if (iter->side[i].keys == NULL)
        side->node = hc_delta_child(iter->side[i].node, at);
    else
        side->key = hc_key_list_at(iter->side[i].keys, at, error);
    return side->node != NULL || side->key != NULL;
}

/* To the next name of a side. The key that is passed is visited now. */
static void
pass(HcPairIter *iter, guint i)
{
    const HcKeyList *list = iter->side[i].keys;
    const guint at = iter->side[i].at++;
    if (list == NULL)
        return;
    G_STATIC_ASSERT(G_STRUCT_OFFSET(HcKey, offset) == 0);
    const HcCellOffsets offsets = {list->keys->data, sizeof(HcKey), list->keys->len,
                                   iter->side[i].parent};
    hc_hive_read_ahead(iter->side[i].hive, &offsets, at - list->first);
}

static gboolean
is_there(const HcPairSide *side)
{
    return side->key != NULL || side->node != NULL;
}

static HcName
name_of(const HcPairSide *side)
{
    return side->key != NULL ? side->key->name : side->node->name;
}

gboolean
hc_pair_iter_next(HcPairIter *iter, HcPair *pair, GError **error)
{
    if (!side_at(iter, 0, &pair->left, error) || !side_at(iter, 1, &pair->right, error))
        return FALSE;
    const gboolean has_left = is_there(&pair->left);
    const gboolean has_right = is_there(&pair->right);
    if (!has_left && !has_right)
        return FALSE;
    const int order = !has_left    ? 1
                      : !has_right ? -1
                                   : hc_name_compare(name_of(&pair->left), name_of(&pair->right));
    if (order <= 0)
        pass(iter, 0);
    else
        pair->left = (HcPairSide){NULL, NULL};
    if (order >= 0)
        pass(iter, 1);
    else
        pair->right = (HcPairSide){NULL, NULL};
    return TRUE;
}

guint
hc_pair_iter_n_left(const HcPairIter *iter)
{
    return iter->side[0].n - iter->side[0].at;
}
