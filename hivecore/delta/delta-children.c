#include "config.h"

#include <stdlib.h>

#include "hivecore/delta/delta-private.h"

/*
 * The children of a key are an array sorted by name. A few are kept sorted as they come, and many
 * as long as they come in order. Where many do not, each would have to move half of the others:
 * from then on new ones go to the end, a table of names finds them, and the array is sorted when
 * somebody looks at it.
 */

/* From this many children on, moving them costs more than the table. */
enum {
    INDEX_FROM = 64
};

struct HcDeltaChildIndex {
    GHashTable *by_name; /* const HcName * -> HcDeltaKey *, all of them */
    gboolean is_sorted;
    uint32_t n_alike; /* so many units at the start of all names are the same, or more */
};

/* A child to be sorted. */
typedef struct {
    uint64_t start; /* of its name, as sort_key() has it */
    HcDeltaKey *key;
} Sorted;

/* Where @name stands among @children, which are sorted, or would have to stand. */
static guint
child_position(const HcDeltaList *children, HcName name, gboolean *found)
{
    guint low = 0;
    guint high = children->len;
    *found = FALSE;
    /* Files are mostly sorted already: look at the end first. */
    if (high > 0) {
        const HcDeltaKey *last = (const HcDeltaKey *) children->pdata[high - 1];
        const int order = hc_name_compare(name, last->name);
        *found = order == 0;
        if (order >= 0)
            return order == 0 ? high - 1 : high;
    }
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        const HcDeltaKey *child = (const HcDeltaKey *) children->pdata[middle];
        const int order = hc_name_compare(name, child->name);
        if (order == 0) {
            *found = TRUE;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* How many units at the start of two names are the same, of @n at most. */
static uint32_t
count_alike(HcName a, HcName b, uint32_t n)
{
    const uint32_t n_both = MIN(n, MIN(a.n_units, b.n_units));
    uint32_t i = 0;
    while (i < n_both && hc_upcase(hc_name_unit(a, i)) == hc_upcase(hc_name_unit(b, i)))
        i++;
    return i;
}

/* Eight units of @name from @from on, of which those of a name that comes before are no larger: a
 * byte each, up to one that has no room in it. */
static uint64_t
sort_key(HcName name, uint32_t from)
{
    uint64_t start = 0;
    for (guint i = 0, shift = 64; i < 8 && from + i < name.n_units; i++) {
        const uint16_t unit = hc_upcase(hc_name_unit(name, from + i));
        shift -= 8;
        start |= (uint64_t) MIN(unit, 0xff) << shift;
        if (unit >= 0xff)
            break;
    }
    return start;
}

static int
compare_children(gconstpointer a, gconstpointer b)
{
    const Sorted *left = a;
    const Sorted *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return hc_name_compare(left->key->name, right->key->name);
}

/* What is compared lies beside what is sorted, since each look at a key waits for memory. */
void
hc_delta_sort_children(const HcDeltaKey *key)
{
    if (key->child_index->is_sorted)
        return;
    const HcDeltaList *children = &key->children;
    g_autofree Sorted *sorted = g_new(Sorted, children->len);
    for (guint i = 0; i < children->len; i++) {
        HcDeltaKey *child = children->pdata[i];
        sorted[i] = (Sorted){sort_key(child->name, key->child_index->n_alike), child};
    }
    qsort(sorted, children->len, sizeof(*sorted), compare_children);
    for (guint i = 0; i < children->len; i++)
        children->pdata[i] = sorted[i].key;
    key->child_index->is_sorted = TRUE;
}

static gboolean
is_sorted(const HcDeltaKey *key)
{
    return key->child_index == NULL || key->child_index->is_sorted;
}

HcDeltaKey *
hc_delta_find_child(const HcDeltaKey *key, HcName name)
{
    gboolean found = FALSE;
    if (!is_sorted(key))
        return (HcDeltaKey *) g_hash_table_lookup(key->child_index->by_name, &name);
    const guint at = child_position(&key->children, name, &found);
    return found ? (HcDeltaKey *) key->children.pdata[at] : NULL;
}

/* @child: of @parent already, where it may be the first */
static void
add_to_index(const HcDeltaKey *parent, HcDeltaKey *child)
{
    HcDeltaChildIndex *index = parent->child_index;
    const HcDeltaList *children = &parent->children;
    const HcDeltaKey *other = children->pdata[children->pdata[0] == child ? children->len - 1 : 0];
    index->n_alike = count_alike(other->name, child->name, index->n_alike);
    g_hash_table_insert(index->by_name, &child->name, child);
}

static void
index_children(HcDelta *delta, HcDeltaKey *key)
{
    g_ptr_array_add(delta->indexed, key);
    key->child_index = g_new0(HcDeltaChildIndex, 1);
    key->child_index->is_sorted = TRUE;
    key->child_index->n_alike = UINT32_MAX;
    key->child_index->by_name = g_hash_table_new(hc_name_hash_folded, hc_name_equal_pointers);
    for (guint i = 0; i < key->children.len; i++)
        add_to_index(key, key->children.pdata[i]);
}

void
hc_delta_adopt_child(HcDelta *delta, HcDeltaKey *parent, HcDeltaKey *tree)
{
    gboolean found = FALSE;
    HcDeltaList *children = &parent->children;
    tree->parent = parent;
    guint at = children->len;
    if (is_sorted(parent))
        at = child_position(children, tree->name, &found);
    if (at < children->len && children->len >= INDEX_FROM) {
        if (parent->child_index == NULL)
            index_children(delta, parent);
        parent->child_index->is_sorted = FALSE;
        at = children->len;
    }
    hc_delta_list_insert(delta, children, at, tree);
    if (parent->child_index != NULL)
        add_to_index(parent, tree);
}

HcDeltaKey *
hc_delta_add_child(HcDelta *delta, HcDeltaKey *parent, HcName name, HcKeyOp op)
{
    HcDeltaKey *child = hc_delta_new_tree(delta, name);
    child->op = op;
    hc_delta_adopt_child(delta, parent, child);
    return child;
}

HcDeltaKey *
hc_delta_way(HcDelta *delta, HcDeltaKey *key, HcPath path)
{
    for (gsize i = 0; i < path.n; i++) {
        HcDeltaKey *child = hc_delta_find_child(key, path.names[i]);
        key = child != NULL ? child : hc_delta_add_child(delta, key, path.names[i], HC_KEY_KEEP);
    }
    return key;
}

void
hc_delta_remove_child(HcDeltaKey *parent, HcDeltaKey *child)
{
    gboolean found = FALSE;
    guint at = 0;
    if (parent->child_index != NULL)
        g_hash_table_remove(parent->child_index->by_name, &child->name);
    if (is_sorted(parent))
        at = child_position(&parent->children, child->name, &found);
    else
        at = hc_delta_list_find(&parent->children, child);
    hc_delta_list_remove(&parent->children, at);
}

void
hc_delta_forget_child(HcDeltaKey *parent, const HcDeltaKey *child)
{
    if (parent->child_index != NULL)
        g_hash_table_remove(parent->child_index->by_name, &child->name);
}

void
hc_delta_clear_children(HcDeltaKey *key)
{
    key->children.len = 0;
    if (key->child_index == NULL)
        return;
    g_hash_table_unref(key->child_index->by_name);
    g_clear_pointer(&key->child_index, g_free);
}
