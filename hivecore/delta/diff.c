#include "config.h"

#include "hivecore/delta/diff.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/pair-walk.h"
#include "hivecore/regf/types.h"

/* An open key of the walk. */
typedef struct {
    HcName name;      /* the old hive's spelling */
    HcDeltaKey *node; /* NULL until something differs at or below this key */
} Open;

typedef struct {
    const HcHive *old_hive;
    const HcHive *new_hive;
    HcDelta *delta;
    guint ignore;
    HcIgnoredCounts ignored;
    HcPairWalk walk;    /* old hive left, new hive right */
    GArray *open;       /* of Open, by depth */
    GArray *old_values; /* of Indexed, of the open key */
    GArray *new_values;
    GByteArray *scratch;
    uint32_t same_security[2]; /* sk offsets that were last found equal */
} Diff;

typedef struct {
    HcValue value;
    uint32_t index;
} Indexed;

static gboolean
spend_old(Diff *diff, const HcValue *value, GError **error)
{
    return hc_walk_data(&diff->walk.budget[0], value, error);
}

static gboolean
spend_new(Diff *diff, const HcValue *value, GError **error)
{
    return hc_walk_data(&diff->walk.budget[1], value, error);
}

/* The delta's node for the key being compared at @depth, made with its parents when needed. */
static HcDeltaKey *
node_at(Diff *diff, uint32_t depth)
{
    Open *open = &g_array_index(diff->open, Open, depth);
    if (open->node == NULL && depth == 0)
        open->node = hc_delta_root(diff->delta);
    else if (open->node == NULL)
        open->node =
            hc_delta_add_child(diff->delta, node_at(diff, depth - 1), open->name, HC_KEY_KEEP);
    return open->node;
}

static gboolean
read_datum(Diff *diff, const HcHive *hive, const HcValue *value, HcDatum *datum, GError **error)
{
    HcBlob data;
    if (!hc_hive_value_data(hive, value, diff->scratch, &data, error))
        return FALSE;
    *datum = (HcDatum){TRUE, value->type, hc_delta_dup_blob(diff->delta, data, FALSE)};
    return TRUE;
}

/* Records one value's change; @old_value or @new_value is NULL when it is absent there. */
static gboolean
add_change(Diff *diff, uint32_t depth, const HcValue *old_value, const HcValue *new_value,
           GError **error)
{
    HcDatum before = hc_datum_absent;
    HcDatum after = hc_datum_absent;
    if (old_value != NULL && !read_datum(diff, diff->old_hive, old_value, &before, error))
        return FALSE;
    if (new_value != NULL && !read_datum(diff, diff->new_hive, new_value, &after, error))
        return FALSE;
    HcDeltaValue *change = hc_delta_add_value(
        diff->delta, node_at(diff, depth), old_value != NULL ? old_value->name : new_value->name,
        new_value != NULL ? HC_VALUE_SET : HC_VALUE_DELETE, FALSE);
    if (before.is_present)
        change->before = hc_arena_dup(hc_delta_arena(diff->delta), &before, sizeof(before));
    change->after = after;
    return TRUE;
}

/* A value that only one of the keys has. */
static gboolean
add_one_sided(Diff *diff, uint32_t depth, const HcValue *old_value, const HcValue *new_value,
              GError **error)
{
    const gboolean paid =
        old_value != NULL ? spend_old(diff, old_value, error) : spend_new(diff, new_value, error);
    return paid && add_change(diff, depth, old_value, new_value, error);
}

/* Compares two values of one name. Data behind a tombstone means nothing. */
static gboolean
diff_value(Diff *diff, uint32_t depth, const HcValue *old_value, const HcValue *new_value,
           GError **error)
{
    gboolean equal = old_value->is_tombstone && new_value->is_tombstone;
    if (!hc_name_same_spelling(old_value->name, new_value->name))
        diff->ignored.spelling++;
    if (old_value->is_tombstone != new_value->is_tombstone)
        diff->ignored.hidden++;
    if (equal || !spend_old(diff, old_value, error) || !spend_new(diff, new_value, error))
        return equal;
    if (old_value->type == new_value->type &&
        !hc_hive_data_equal(diff->old_hive, old_value, diff->new_hive, new_value, &equal, error))
        return FALSE;
    return equal || add_change(diff, depth, old_value, new_value, error);
}

static gint
compare_indexed(gconstpointer a, gconstpointer b)
{
    return hc_name_compare(((const Indexed *) a)->value.name, ((const Indexed *) b)->value.name);
}

/* Makes room in @values for all of @key. */
static gboolean
start_values(HcValueIter *iter, const HcHive *hive, const HcKey *key, GArray *values,
             GError **error)
{
    if (!hc_value_iter_init(iter, hive, key, error))
        return FALSE;
    g_array_set_size(values, key->n_values);
    return TRUE;
}

static gboolean
sort_values(const HcHive *hive, const HcKey *key, GArray *values, GError **error)
{
    HcValueIter iter;
    if (!start_values(&iter, hive, key, values, error))
        return FALSE;
    for (uint32_t i = 0; i < key->n_values; i++) {
        Indexed *indexed = &g_array_index(values, Indexed, i);
        indexed->index = i;
        if (!hc_value_iter_next(&iter, &indexed->value, error))
            return FALSE;
    }
    g_array_sort(values, compare_indexed);
    for (guint i = 1; i < values->len; i++) {
        const Indexed *a = &g_array_index(values, Indexed, i - 1);
        if (compare_indexed(a, a + 1) == 0)
            return hc_fail(error, HC_ERROR_MALFORMED,
                           "%s: value at 0x%x: another value of the key has the same name",
                           hc_hive_file(hive), a[1].value.offset + HC_BASE_BLOCK_BYTES);
    }
    return TRUE;
}

static gint
compare_places(gconstpointer a, gconstpointer b)
{
    const uint32_t *place_a = a;
    const uint32_t *place_b = b;
    return place_a[0] < place_b[0] ? -1 : place_a[0] > place_b[0];
}

/* Whether the values that both keys have stand in another order. @places: old and new index. */
static gboolean
is_reordered(GArray *places)
{
    g_array_sort(places, compare_places);
    for (guint i = 1; i < places->len; i++) {
        const uint32_t *pair = (const uint32_t *) (const void *) places->data + 2 * (gsize) i;
        if (pair[1] < pair[-1])
            return TRUE;
    }
    return FALSE;
}

/* Values that are not the same names in the same places: sorts both sides and merges them. */
static gboolean
merge_values(Diff *diff, uint32_t depth, const HcKey *old_key, const HcKey *new_key,
             gboolean *reordered, GError **error)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, 2 * sizeof(uint32_t));
    if (!sort_values(diff->old_hive, old_key, diff->old_values, error) ||
        !sort_values(diff->new_hive, new_key, diff->new_values, error))
        return FALSE;
    guint i = 0;
    guint j = 0;
    while (i < diff->old_values->len || j < diff->new_values->len) {
        const Indexed *a =
            i < diff->old_values->len ? &g_array_index(diff->old_values, Indexed, i) : NULL;
        const Indexed *b =
            j < diff->new_values->len ? &g_array_index(diff->new_values, Indexed, j) : NULL;
        const int order = a == NULL ? 1 : b == NULL ? -1 : compare_indexed(a, b);
        gboolean done = TRUE;
        if (order == 0) {
            const uint32_t pair[2] = {a->index, b->index};
            g_array_append_vals(places, pair, 1);
            done = diff_value(diff, depth, &a->value, &b->value, error);
        } else {
            done = add_one_sided(diff, depth, order < 0 ? &a->value : NULL,
                                 order > 0 ? &b->value : NULL, error);
        }
        if (!done)
            return FALSE;
        i += order <= 0;
        j += order >= 0;
    }
    *reordered = is_reordered(places);
    return TRUE;
}

/* Whether both keys have the same names in the same places; then their values are in the arrays. */
static gboolean
same_places(Diff *diff, const HcKey *old_key, const HcKey *new_key, gboolean *same, GError **error)
{
    const uint32_t n = old_key->n_values;
    HcValueIter old_iter;
    HcValueIter new_iter;
    *same = n == new_key->n_values;
    if (!*same)
        return TRUE;
    if (!start_values(&old_iter, diff->old_hive, old_key, diff->old_values, error))
        return FALSE;
    for (uint32_t i = 0; *same && i < n; i++) {
        HcValue *old_value = &g_array_index(diff->old_values, Indexed, i).value;
        if (!hc_value_iter_next(&old_iter, old_value, error) ||
            (i == 0 && !start_values(&new_iter, diff->new_hive, new_key, diff->new_values, error)))
            return FALSE;
        HcValue *new_value = &g_array_index(diff->new_values, Indexed, i).value;
        if (!hc_value_iter_next(&new_iter, new_value, error))
            return FALSE;
        *same = hc_name_equal(old_value->name, new_value->name);
    }
    return TRUE;
}

static gboolean
diff_values(Diff *diff, uint32_t depth, const HcKey *old_key, const HcKey *new_key,
            gboolean *reordered, GError **error)
{
    gboolean same = FALSE;
    *reordered = FALSE;
    if (!same_places(diff, old_key, new_key, &same, error))
        return FALSE;
    if (!same)
        return merge_values(diff, depth, old_key, new_key, reordered, error);
    for (guint i = 0; i < diff->old_values->len; i++) {
        if (!diff_value(diff, depth, &g_array_index(diff->old_values, Indexed, i).value,
                        &g_array_index(diff->new_values, Indexed, i).value, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
security_differs(Diff *diff, const HcKey *old_key, const HcKey *new_key, gboolean *differs,
                 GError **error)
{
    HcBlob before;
    HcBlob after;
    *differs = FALSE;
    if (old_key->security == diff->same_security[0] && new_key->security == diff->same_security[1])
        return TRUE;
    if (!hc_hive_security(diff->old_hive, old_key, &before, error) ||
        !hc_hive_security(diff->new_hive, new_key, &after, error))
        return FALSE;
    *differs = !hc_blob_equal(before, after);
    if (!*differs) {
        diff->same_security[0] = old_key->security;
        diff->same_security[1] = new_key->security;
    }
    return TRUE;
}

void
hc_ignored_counts_add(HcIgnoredCounts *sum, const HcIgnoredCounts *more)
{
    sum->timestamps += more->timestamps;
    sum->security += more->security;
    sum->class_names += more->class_names;
    sum->flags += more->flags;
    sum->order += more->order;
    sum->spelling += more->spelling;
    sum->hidden += more->hidden;
}

/* Counts a difference that is ignored, or adds it to @changed. */
static void
note_change(Diff *diff, guint ignore_bit, uint64_t *counter, HcKeyChange change, guint *changed)
{
    if ((diff->ignore & ignore_bit) != 0)
        (*counter)++;
    else
        *changed |= change;
}

/* What of a key no delta speaks of. */
static gboolean
hidden_differs(const HcKey *old_key, const HcKey *new_key)
{
    return old_key->access_bits != new_key->access_bits ||
           old_key->layer_bits != new_key->layer_bits ||
           old_key->user_flags != new_key->user_flags ||
           hc_key_predefined_handle(old_key) != hc_key_predefined_handle(new_key);
}

static gboolean
read_both_meta(const Diff *diff, HcDeltaKey *node, const HcKey *old_key, const HcKey *new_key,
               GError **error)
{
    HcKeyMeta *before = hc_arena_alloc(hc_delta_arena(diff->delta), sizeof(*before));
    node->before = before;
    return hc_delta_read_meta(diff->delta, diff->old_hive, old_key, before, error) &&
           hc_delta_read_meta(diff->delta, diff->new_hive, new_key, &node->after, error);
}

static gboolean
diff_meta(Diff *diff, uint32_t depth, const HcKey *old_key, const HcKey *new_key,
          gboolean reordered, GError **error)
{
    guint changed = 0;
    gboolean differs = FALSE;
    HcBlob old_class;
    HcBlob new_class;
    HcIgnoredCounts *ignored = &diff->ignored;
    if (!security_differs(diff, old_key, new_key, &differs, error) ||
        !hc_hive_class(diff->old_hive, old_key, &old_class, error) ||
        !hc_hive_class(diff->new_hive, new_key, &new_class, error))
        return FALSE;
    if (differs)
        note_change(diff, HC_IGNORE_SECURITY, &ignored->security, HC_CHANGED_SECURITY, &changed);
    if (!hc_blob_equal(old_class, new_class))
        note_change(diff, HC_IGNORE_CLASS, &ignored->class_names, HC_CHANGED_CLASS, &changed);
    if ((old_key->flags & HC_KEY_FLAGS_COMPARED) != (new_key->flags & HC_KEY_FLAGS_COMPARED))
        note_change(diff, HC_IGNORE_FLAGS, &ignored->flags, HC_CHANGED_FLAGS, &changed);
    if (old_key->mtime_filetime != new_key->mtime_filetime)
        note_change(diff, HC_IGNORE_TIMESTAMPS, &ignored->timestamps, HC_CHANGED_TIME, &changed);
    if (reordered)
        note_change(diff, HC_IGNORE_ORDER, &ignored->order, HC_CHANGED_ORDER, &changed);
    if (depth > 0 && !hc_name_same_spelling(old_key->name, new_key->name))
        ignored->spelling++;
    if (hidden_differs(old_key, new_key))
        ignored->hidden++;
    if (changed == 0)
        return TRUE;
    HcDeltaKey *node = node_at(diff, depth);
    node->changed = changed;
    return read_both_meta(diff, node, old_key, new_key, error);
}

static gboolean
add_created(Diff *diff, uint32_t depth, const HcKey *new_key, GError **error)
{
    HcDeltaKey *tree =
        hc_delta_copy_tree(diff->delta, &diff->walk.budget[1], new_key, depth, error);
    if (tree == NULL)
        return FALSE;
    hc_delta_adopt_child(diff->delta, node_at(diff, depth - 1), tree);
    return TRUE;
}

static gboolean
add_deleted(Diff *diff, uint32_t depth, const HcKey *old_key, GError **error)
{
    HcDeltaKey *tree =
        hc_delta_copy_tree(diff->delta, &diff->walk.budget[0], old_key, depth, error);
    if (tree == NULL)
        return FALSE;
    HcDeltaKey *node =
        hc_delta_add_child(diff->delta, node_at(diff, depth - 1), old_key->name, HC_KEY_DELETE);
    node->old_tree = tree;
    node->before = &tree->after;
    return TRUE;
}

/* Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
diff_key(Diff *diff, uint32_t depth, const HcPair *pair, GError **error)
{
    const HcKey *old_key = pair->left.key;
    const HcKey *new_key = pair->right.key;
    GError *failure = NULL;
    HcPairIter iter;
    HcPair below;
    gboolean reordered = FALSE;
    if (old_key == NULL)
        return add_created(diff, depth, new_key, error);
    if (new_key == NULL)
        return add_deleted(diff, depth, old_key, error);
    if (hc_pair_is_same(&diff->walk, pair))
        return TRUE;
    if (!hc_pair_walk_enter(&diff->walk, pair, depth, error))
        return FALSE;
    g_array_set_size(diff->open, MAX(diff->open->len, depth + 1));
    g_array_index(diff->open, Open, depth) = (Open){old_key->name, NULL};
    if (!diff_values(diff, depth, old_key, new_key, &reordered, error) ||
        !diff_meta(diff, depth, old_key, new_key, reordered, error) ||
        !hc_pair_walk_list(&diff->walk, pair, depth, &iter, error))
        return FALSE;
    while (hc_pair_iter_next(&iter, &below, &failure)) {
        if (!diff_key(diff, depth + 1, &below, error))
            return FALSE;
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    HcDeltaKey *node = g_array_index(diff->open, Open, depth).node;
    if (node == NULL || node->changed != 0)
        return TRUE;
    /* Whether a new key's descriptor is its own is seen from that of the key above it. */
    return read_both_meta(diff, node, old_key, new_key, error);
}

HcDelta *
hc_diff(const HcHive *old_hive, const HcHive *new_hive, guint ignore, HcIgnoredCounts *ignored,
        GError **error)
{
    return hc_diff_known(old_hive, new_hive, NULL, ignore, ignored, error);
}

/* @depth: of the two keys: 0 the roots, 1 others, which are then below an empty root. */
static HcDelta *
diff_trees(Diff *diff, const HcPair *tops, uint32_t depth, const HcSameKeys *same,
           HcIgnoredCounts *ignored, GError **error)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GArray) open = g_array_new(FALSE, TRUE, sizeof(Open));
    g_autoptr(GArray) old_values = g_array_new(FALSE, FALSE, sizeof(Indexed));
    g_autoptr(GArray) new_values = g_array_new(FALSE, FALSE, sizeof(Indexed));
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    diff->delta = delta;
    diff->open = open;
    diff->old_values = old_values;
    diff->new_values = new_values;
    diff->scratch = scratch;
    diff->same_security[0] = diff->same_security[1] = HC_NIL;
    hc_pair_walk_init(&diff->walk, diff->old_hive, diff->new_hive);
    diff->walk.same = same;
    const gboolean done = diff_key(diff, depth, tops, error);
    hc_pair_walk_clear(&diff->walk);
    if (!done)
        return NULL;
    if (ignored != NULL)
        *ignored = diff->ignored;
    return g_steal_pointer(&delta);
}

HcDelta *
hc_diff_known(const HcHive *old_hive, const HcHive *new_hive, const HcSameKeys *same, guint ignore,
              HcIgnoredCounts *ignored, GError **error)
{
    HcKey old_root;
    HcKey new_root;
    Diff diff = {.old_hive = old_hive, .new_hive = new_hive, .ignore = ignore};
    if (!hc_hive_root(old_hive, &old_root, error) || !hc_hive_root(new_hive, &new_root, error))
        return NULL;
    const HcPair roots = {{&old_root, NULL}, {&new_root, NULL}};
    return diff_trees(&diff, &roots, 0, same, ignored, error);
}

gboolean
hc_diff_count_ignored(const HcHive *old_hive, const HcKey *old_key, const HcHive *new_hive,
                      const HcKey *new_key, guint ignore, HcIgnoredCounts *ignored, GError **error)
{
    Diff diff = {.old_hive = old_hive, .new_hive = new_hive, .ignore = ignore};
    const HcPair keys = {{old_key, NULL}, {new_key, NULL}};
    g_autoptr(HcDelta) delta = diff_trees(&diff, &keys, 1, NULL, ignored, error);
    return delta != NULL;
}
