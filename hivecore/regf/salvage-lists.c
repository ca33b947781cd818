#include "config.h"

#include "hivecore/regf/layout.h"
#include "hivecore/regf/salvage-private.h"

static const char subkey_list[] = "subkey list";

/* The subkeys of one key, as they are found. */
typedef struct {
    HcSalvage *salvage;
    const HcKey *key;
    GArray *subkeys;     /* of HcKey */
    gboolean is_damaged; /* the list may lack some */
} Search;

/* --- keys by the parent that they name --- */

static gint
compare_children(gconstpointer a, gconstpointer b)
{
    const HcSalvageChild *child_a = a;
    const HcSalvageChild *child_b = b;
    if (child_a->parent != child_b->parent)
        return child_a->parent < child_b->parent ? -1 : 1;
    return (child_a->offset > child_b->offset) - (child_a->offset < child_b->offset);
}

static gboolean
index_child(HcSalvage *salvage, uint32_t offset, HcKey *key)
{
    HcFault fault;
    if (!hc_read_key(salvage->check.hive, offset, key, &fault))
        return FALSE;
    const HcSalvageChild child = {hc_get32(key->nk + HC_NK_PARENT), offset};
    g_array_append_val(salvage->children, child);
    return TRUE;
}

/* Where a wrong size ended the walk of a bin, keys are what looks like them between two cells. */
static void
index_gap(HcSalvage *salvage, const HcCheckGap *gap)
{
    const HcHive *hive = salvage->check.hive;
    uint32_t at = gap->start;
    while (at < gap->end && gap->end - at >= HC_NK_NAME) {
        HcKey key;
        HcFault fault;
        if (hc_read_key(hive, at, &key, &fault) && hc_salvage_is_between_cells(salvage, at) &&
            index_child(salvage, at, &key))
            at += 0u - hc_get32(hive->bins + at);
        else
            at += HC_CELL_ALIGN;
    }
}

static void
index_children(HcSalvage *salvage)
{
    const HcCheck *check = &salvage->check;
    salvage->children = g_array_new(FALSE, FALSE, sizeof(HcSalvageChild));
    for (guint i = 0; i < check->gaps->len; i++)
        index_gap(salvage, &g_array_index(check->gaps, HcCheckGap, i));
    for (uint32_t word = 0; word < check->hive->info.bins_bytes / 64 + 1; word++) {
        uint8_t left = check->cells[word].allocated;
        for (uint32_t bit = 0; left != 0; bit++, left >>= 1) {
            HcKey key;
            if ((left & 1) != 0)
                (void) index_child(salvage, word * 64 + bit * 8, &key); /* most cells are none */
        }
    }
    g_array_sort(salvage->children, compare_children);
}

/* Returns: the place of the first child of @parent, or where it would be. */
static guint
first_child(const GArray *children, uint32_t parent)
{
    guint low = 0;
    guint high = children->len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (g_array_index(children, HcSalvageChild, middle).parent < parent)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Takes the keys that name this one as theirs and that nothing led to. */
static void
add_children(Search *search)
{
    HcSalvage *salvage = search->salvage;
    HcCheck *check = &salvage->check;
    const uint32_t parent = search->key->offset;
    guint n = 0;
    if (salvage->children == NULL)
        index_children(salvage);
    for (guint i = first_child(salvage->children, parent); i < salvage->children->len; i++) {
        const HcSalvageChild *child = &g_array_index(salvage->children, HcSalvageChild, i);
        HcKey key;
        HcFault fault;
        if (child->parent != parent)
            break;
        if (hc_check_is_claimed(check, child->offset) || child->offset == parent ||
            !hc_read_key(check->hive, child->offset, &key, &fault) ||
            (key.flags & HC_KEY_FLAG_ROOT) != 0)
            continue;
        (void) hc_check_claim(check, child->offset, "key", 0); /* it is not claimed */
        g_array_append_val(search->subkeys, key);
        n++;
    }
    if (n > 0)
        hc_check_report(check, HC_FAULT_LIST_WITHOUT, "key", parent, "%u", n);
}

/* --- the list --- */

/* Whether the entry says that it is of that name. In a list of the old kind it says nothing. */
static gboolean
is_entry_of(const HcList *leaf, const uint8_t *entry, HcName name)
{
    if (leaf->entry_bytes != 8)
        return FALSE;
    return leaf->has_hash ? hc_get32(entry + 4) == hc_name_hash(name)
                          : hc_list_is_hint(entry + 4, name);
}

static gboolean
is_in_leaf(HcSalvage *salvage, const HcList *leaf, uint32_t offset)
{
    const uint32_t n = (uint32_t) MIN(leaf->n_entries, salvage->entries_left);
    salvage->entries_left -= n;
    for (uint32_t i = 0; i < n; i++) {
        if (hc_get32(leaf->entries + (gsize) i * leaf->entry_bytes) == offset)
            return TRUE;
    }
    return FALSE;
}

/* Whether a list of @key leads to the key at @offset, too. */
static gboolean
is_listed_by(HcSalvage *salvage, const HcKey *key, uint32_t offset)
{
    const HcHive *hive = salvage->check.hive;
    HcList list;
    HcList leaf;
    HcFault fault;
    if (!hc_read_list(hive, hc_get32(key->nk + HC_NK_SUBKEYS), TRUE, &list, &fault))
        return FALSE;
    if (!list.is_index)
        return is_in_leaf(salvage, &list, offset);
    for (uint32_t i = 0; i < list.n_entries && salvage->entries_left > 0; i++) {
        if (hc_read_list(hive, hc_get32(list.entries + 4 * (gsize) i), FALSE, &leaf, &fault) &&
            is_in_leaf(salvage, &leaf, offset))
            return TRUE;
    }
    return FALSE;
}

/*
 * Whether the key that an entry leads to is this key's. Its parent field says so; where it names
 * another one, the entry is wrong if that one lists the key, else the field is, if the entry has
 * the key's name.
 */
static gboolean
is_ours(Search *search, const HcList *leaf, const uint8_t *entry, const HcKey *subkey)
{
    HcCheck *check = &search->salvage->check;
    const uint32_t parent = hc_get32(subkey->nk + HC_NK_PARENT);
    const gboolean has_name = is_entry_of(leaf, entry, subkey->name);
    HcKey other;
    HcFault fault;
    if (parent == search->key->offset) {
        if (!has_name && leaf->entry_bytes == 8) {
            search->is_damaged = TRUE;
            hc_check_report(check, leaf->has_hash ? HC_FAULT_LIST_HASH : HC_FAULT_LIST_HINT, "key",
                            subkey->offset, "its name may be damaged");
        }
        return TRUE;
    }
    if (has_name && (!hc_read_key(check->hive, parent, &other, &fault) ||
                     !is_listed_by(search->salvage, &other, subkey->offset)))
        return TRUE;
    search->is_damaged = TRUE;
    hc_check_report(check, HC_FAULT_KEY_PARENT, "key", subkey->offset, "0x%x, not 0x%x", parent,
                    search->key->offset);
    return FALSE;
}

static void
take_entry(Search *search, const HcList *leaf, const uint8_t *entry)
{
    HcSalvage *salvage = search->salvage;
    HcCheck *check = &salvage->check;
    HcKey subkey;
    HcFault fault;
    if (!hc_read_key(check->hive, hc_get32(entry), &subkey, &fault)) {
        search->is_damaged = TRUE;
        hc_salvage_lost(salvage, &fault, search->key->offset);
        return;
    }
    check->path[check->n_open] = subkey.name;
    check->n_open++;
    (void) hc_salvage_is_cell(salvage, subkey.offset); /* the claim tells when it is none */
    if (is_ours(search, leaf, entry, &subkey)) {
        if (hc_check_claim(check, subkey.offset, "key", 0))
            g_array_append_val(search->subkeys, subkey);
        else
            search->is_damaged = TRUE;
    }
    check->n_open--;
}

static void
take_leaf(Search *search, const HcList *leaf)
{
    HcSalvage *salvage = search->salvage;
    if (leaf->n_entries > salvage->entries_left) {
        hc_check_report(&salvage->check, HC_FAULT_KEYS_MANY, "key", search->key->offset, NULL);
        return;
    }
    salvage->entries_left -= leaf->n_entries;
    for (uint32_t i = 0; i < leaf->n_entries; i++)
        take_entry(search, leaf, leaf->entries + (gsize) i * leaf->entry_bytes);
}

static void
take_list(Search *search, uint32_t offset, gboolean allow_index)
{
    HcSalvage *salvage = search->salvage;
    HcList list;
    HcFault fault;
    if (!hc_read_list(salvage->check.hive, offset, allow_index, &list, &fault)) {
        search->is_damaged = TRUE;
        hc_salvage_lost(salvage, &fault, search->key->offset);
        return;
    }
    (void) hc_salvage_is_cell(salvage, offset); /* the claim tells when it is none */
    if (!hc_check_claim(&salvage->check, offset, subkey_list, 0)) {
        search->is_damaged = TRUE;
        return;
    }
    if (!list.is_index) {
        take_leaf(search, &list);
        return;
    }
    for (uint32_t i = 0; i < list.n_entries; i++)
        take_list(search, hc_get32(list.entries + 4 * (gsize) i), FALSE);
}

/* --- what of it can be written --- */

static gint
compare_keys(gconstpointer a, gconstpointer b)
{
    return hc_name_compare(((const HcKey *) a)->name, ((const HcKey *) b)->name);
}

/* Why a key cannot stand after those of @kept, or HC_FAULT_NONE. */
static HcFaultKind
trouble(const GArray *kept, const HcKey *key)
{
    if (key->name.n_units == 0)
        return HC_FAULT_KEY_NAME_EMPTY;
    if (key->name.n_units > HC_MAX_KEY_NAME_UNITS)
        return HC_FAULT_KEY_NAME_LONG;
    if (kept->len >= HC_MAX_SUBKEYS)
        return HC_FAULT_SUBKEYS_MANY;
    if (kept->len > 0 && hc_name_equal(g_array_index(kept, HcKey, kept->len - 1).name, key->name))
        return HC_FAULT_KEY_DUPLICATE;
    return HC_FAULT_NONE;
}

/* g_array_sort() is stable, so of two keys of a name the one that the list has first stays. */
static void
settle(HcSalvage *salvage, GArray *subkeys)
{
    HcCheck *check = &salvage->check;
    g_array_sort(subkeys, compare_keys);
    const guint n = subkeys->len;
    subkeys->len = 0;
    for (guint i = 0; i < n; i++) {
        const HcKey key = ((const HcKey *) (const void *) subkeys->data)[i];
        const HcFaultKind kind = trouble(subkeys, &key);
        if (kind != HC_FAULT_NONE)
            hc_check_report(check, kind, "key", key.offset, NULL);
        else
            ((HcKey *) (void *) subkeys->data)[subkeys->len++] = key;
    }
}

void
hc_salvage_subkeys(HcSalvage *salvage, const HcKey *key, GArray *subkeys)
{
    HcCheck *check = &salvage->check;
    const uint32_t offset = hc_get32(key->nk + HC_NK_SUBKEYS);
    Search search = {salvage, key, subkeys, FALSE};
    HcList list;
    HcFault fault;
    g_array_set_size(subkeys, 0);
    /* There is no room for the names of what lies deeper. */
    if (check->n_open > HC_MAX_KEY_DEPTH) {
        if (key->n_subkeys > 0)
            hc_check_report(check, HC_FAULT_KEY_DEPTH, "key", key->offset, "%u subkey%s",
                            key->n_subkeys, key->n_subkeys == 1 ? "" : "s");
        return;
    }
    /* A key without subkeys may have a list that is left over. */
    if (key->n_subkeys > 0 ||
        (offset != HC_NIL && hc_read_list(check->hive, offset, TRUE, &list, &fault)))
        take_list(&search, offset, TRUE);
    if (subkeys->len < key->n_subkeys && !search.is_damaged) {
        search.is_damaged = TRUE;
        hc_check_report(check, HC_FAULT_SUBKEYS_FEWER, "key", key->offset, "%u of %u", subkeys->len,
                        key->n_subkeys);
    }
    if (search.is_damaged)
        add_children(&search);
    settle(salvage, subkeys);
}
