#include "config.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/read-ahead.h"

static const char subkey_list[] = "subkey list";

/* A walk of one key's subkeys. */
typedef struct {
    HcCheck *check;
    const HcKey *key;
    uint32_t depth; /* of the subkeys */
    HcCheckLargest *largest;
    uint64_t n_entries;
    HcName previous;
    gboolean has_previous;
    gboolean is_unsorted;
    gboolean has_hash; /* a leaf of the walk was an lh list */

    /* Of a list that was checked in another hive, whose names differ at most where keys do. */
    gboolean is_list_same;
    gboolean is_after_changed;
    const uint8_t *passed; /* the entry before, when it was not looked at */
} Walk;

static gboolean
is_above(const HcCheck *check, uint32_t offset)
{
    for (uint32_t i = 0; i + 1 < check->n_open; i++) {
        if (check->offsets[i] == offset)
            return TRUE;
    }
    return FALSE;
}

/*
 * An lf list has up to four characters of the name, where they have one byte each. A zero says
 * nothing: Windows looks at the name then.
 */
gboolean
hc_list_is_hint(const uint8_t *hint, HcName name)
{
    for (uint32_t i = 0; i < 4 && hint[i] != 0; i++) {
        if (i >= name.n_units || hc_upcase(hint[i]) != hc_upcase(hc_name_unit(name, i)))
            return FALSE;
    }
    return TRUE;
}

static void
check_hash(HcCheck *check, const HcList *leaf, const uint8_t *entry, const HcKey *subkey)
{
    if (leaf->has_hash) {
        const uint32_t stored = hc_get32(entry + 4);
        const uint32_t hash = hc_name_hash(subkey->name);
        if (stored != hash)
            hc_check_report(check, HC_FAULT_LIST_HASH, "key", subkey->offset,
                            "it is 0x%08x, computed 0x%08x", stored, hash);
    } else if (leaf->entry_bytes == 8 && !hc_list_is_hint(entry + 4, subkey->name)) {
        hc_check_report(check, HC_FAULT_LIST_HINT, "key", subkey->offset, NULL);
    }
}

static void
check_order(Walk *walk, const HcKey *subkey)
{
    const int order = walk->has_previous ? hc_name_compare(walk->previous, subkey->name) : -1;
    if (order == 0)
        hc_check_report(walk->check, HC_FAULT_KEY_DUPLICATE, "key", subkey->offset, NULL);
    if (order > 0) {
        hc_check_report(walk->check, HC_FAULT_LIST_ORDER, "key", subkey->offset, NULL);
        walk->is_unsorted = TRUE;
    }
    walk->previous = subkey->name;
    walk->has_previous = TRUE;
}

/* What the list says of the subkey, which is its own. */
static void
check_listed(Walk *walk, const HcList *leaf, const uint8_t *entry, const HcKey *subkey)
{
    HcCheck *check = walk->check;
    if (subkey->name.n_units == 0)
        hc_check_report(check, HC_FAULT_KEY_NAME_EMPTY, "key", subkey->offset, NULL);
    check_order(walk, subkey);
    check_hash(check, leaf, entry, subkey);
    HcCheckLargest *largest = walk->largest;
    largest->name = MAX(largest->name, 2 * subkey->name.n_units);
    largest->class_name =
        MAX(largest->class_name, (uint32_t) hc_get16(subkey->nk + HC_NK_CLASS_BYTES));
}

/* The subkey is the innermost of the open keys. */
static void
check_subkey(Walk *walk, const HcList *leaf, const uint8_t *entry, const HcKey *subkey)
{
    HcCheck *check = walk->check;
    if (hc_get32(subkey->nk + HC_NK_PARENT) != walk->key->offset)
        hc_check_report(check, HC_FAULT_KEY_PARENT, "key", subkey->offset, NULL);
    if (hc_check_is_claimed(check, subkey->offset) && is_above(check, subkey->offset)) {
        hc_check_report(check, HC_FAULT_KEY_LOOP, "key", subkey->offset, NULL);
        return;
    }
    if (check->known != NULL && hc_check_take_known(check, subkey->offset, walk->depth)) {
        check_listed(walk, leaf, entry, subkey);
        return;
    }
    const gboolean differs = check->differs;
    check->differs = FALSE;
    if (check->is_stopped ||
        !hc_check_claim(check, subkey->offset, "key", HC_NK_NAME + hc_name_bytes(subkey->name)))
        return;
    check_listed(walk, leaf, entry, subkey);
    if (check->parts != NULL && !check->is_stopped &&
        hc_check_give_away(check, walk->key, subkey, walk->depth)) {
        check->differs |= differs;
        return;
    }
    if (!check->is_stopped)
        hc_check_key(check, subkey, walk->depth, walk->key->layer_bits & HC_LAYER_SEMANTICS);
    if (check->is_noting)
        hc_check_note_changed(check, subkey->offset, walk->depth);
    check->differs |= differs;
}

static void
check_entry(Walk *walk, const HcList *leaf, const uint8_t *entry)
{
    HcCheck *check = walk->check;
    HcKey subkey;
    HcFault fault;
    if (check->is_releasing) {
        hc_check_release_subkey(check, hc_get32(entry), walk->depth);
        return;
    }
    hc_check_meet(check, hc_get32(entry));
    if (!hc_read_key(check->hive, hc_get32(entry), &subkey, &fault)) {
        hc_check_lost(check, &fault, walk->key->offset);
        return;
    }
    if (walk->depth > HC_MAX_KEY_DEPTH) {
        fault = (HcFault){HC_FAULT_KEY_DEPTH, "key", subkey.offset};
        hc_check_lost(check, &fault, subkey.offset);
        return;
    }
    check->path[check->n_open] = subkey.name;
    check->offsets[check->n_open] = subkey.offset;
    check->n_open++;
    check_subkey(walk, leaf, entry, &subkey);
    check->n_open--;
}

static void
look_at(Walk *walk, const uint8_t *entry)
{
    HcKey subkey;
    HcFault fault;
    if (hc_read_key(walk->check->hive, hc_get32(entry), &subkey, &fault))
        check_order(walk, &subkey);
    else
        hc_check_lost(walk->check, &fault, walk->key->offset);
}

/* Whether an entry needs no look, because neither it nor its neighbours are of keys that differ. */
static gboolean
pass(Walk *walk, const uint8_t *entry)
{
    if (!walk->is_list_same)
        return FALSE;
    if (hc_check_is_changed(walk->check, hc_get32(entry))) {
        if (walk->passed != NULL) {
            walk->has_previous = FALSE;
            look_at(walk, walk->passed);
        }
        walk->passed = NULL;
        walk->is_after_changed = TRUE;
        return FALSE;
    }
    if (walk->is_after_changed)
        look_at(walk, entry);
    walk->is_after_changed = FALSE;
    walk->passed = entry;
    return TRUE;
}

static void
check_leaf(Walk *walk, const HcList *leaf)
{
    if (leaf->has_hash && !walk->has_hash && walk->check->hive->info.minor < 5)
        hc_check_report(walk->check, HC_FAULT_LIST_VERSION, "key", walk->key->offset, NULL);
    walk->has_hash |= leaf->has_hash;
    walk->n_entries += leaf->n_entries;
    const HcCellOffsets keys = {leaf->entries, leaf->entry_bytes, leaf->n_entries,
                                walk->key->offset};
    const gboolean visits_all = !walk->is_list_same && !walk->check->is_releasing;
    for (uint32_t i = 0; i < leaf->n_entries && !walk->check->is_stopped; i++) {
        const uint8_t *entry = leaf->entries + (gsize) i * leaf->entry_bytes;
        if (visits_all)
            hc_hive_read_ahead(walk->check->hive, &keys, i);
        if (!pass(walk, entry))
            check_entry(walk, leaf, entry);
    }
}

static gboolean
claim_list(HcCheck *check, uint32_t offset, const HcList *list)
{
    const uint32_t used = HC_LIST_ENTRIES + list->n_entries * list->entry_bytes;
    if (check->is_releasing)
        hc_check_note_cell(check, offset);
    return hc_check_claim(check, offset, subkey_list, used);
}

static void
check_index(Walk *walk, const HcList *index)
{
    HcCheck *check = walk->check;
    for (uint32_t i = 0; i < index->n_entries && !check->is_stopped; i++) {
        const uint32_t offset = hc_get32(index->entries + 4 * (gsize) i);
        HcList leaf;
        HcFault fault;
        if (!hc_read_list(check->hive, offset, FALSE, &leaf, &fault)) {
            hc_check_lost(check, &fault, walk->key->offset);
            continue;
        }
        if (!claim_list(check, offset, &leaf)) {
            check->is_partial = TRUE;
            continue;
        }
        if (leaf.n_entries == 0)
            hc_check_report(check, HC_FAULT_LIST_EMPTY_LEAF, subkey_list, offset, NULL);
        check_leaf(walk, &leaf);
    }
}

static gint
compare_keys(gconstpointer a, gconstpointer b)
{
    return hc_name_compare(((const HcKey *) a)->name, ((const HcKey *) b)->name);
}

static void
collect(const HcHive *hive, const HcList *leaf, GArray *keys)
{
    for (uint32_t i = 0; i < leaf->n_entries; i++) {
        HcKey subkey;
        HcFault fault;
        if (hc_read_key(hive, hc_get32(leaf->entries + (gsize) i * leaf->entry_bytes), &subkey,
                        &fault))
            g_array_append_val(keys, subkey);
    }
}

/*
 * In a list that is not sorted, names that are there twice are found by sorting it. What is more
 * than the file has room for are entries that were reported already, as cells used twice.
 */
static void
find_duplicates(Walk *walk, uint32_t offset)
{
    const HcHive *hive = walk->check->hive;
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(HcKey));
    HcList list;
    HcFault fault;
    uint64_t n_bytes = 0;
    if (!hc_read_list(hive, offset, TRUE, &list, &fault))
        return;
    if (!list.is_index)
        collect(hive, &list, keys);
    for (uint32_t i = 0; list.is_index && i < list.n_entries; i++) {
        HcList leaf;
        if (hc_read_list(hive, hc_get32(list.entries + 4 * (gsize) i), FALSE, &leaf, &fault))
            collect(hive, &leaf, keys);
        if (keys->len > hive->info.bins_bytes / HC_NK_NAME)
            return;
    }
    for (guint i = 0; i < keys->len; i++)
        n_bytes += hc_name_bytes(g_array_index(keys, HcKey, i).name);
    if (n_bytes > hive->info.bins_bytes)
        return;
    g_array_sort(keys, compare_keys);
    for (guint i = 1; i < keys->len; i++) {
        const HcKey *a = &g_array_index(keys, HcKey, i - 1);
        const HcKey *b = a + 1;
        if (a->offset != b->offset && hc_name_compare(a->name, b->name) == 0)
            hc_check_report(walk->check, HC_FAULT_KEY_DUPLICATE, "key", b->offset, NULL);
    }
}

void
hc_check_subkeys(HcCheck *check, const HcKey *key, uint32_t depth, HcCheckLargest *largest)
{
    const uint32_t offset = hc_get32(key->nk + HC_NK_SUBKEYS);
    HcList list;
    HcFault fault;
    if (key->n_subkeys == 0) {
        if (offset != HC_NIL)
            hc_check_report(check, HC_FAULT_LIST_STALE, "key", key->offset, NULL);
        return;
    }
    if (key->n_subkeys > HC_MAX_SUBKEYS)
        hc_check_report(check, HC_FAULT_SUBKEYS_MANY, "key", key->offset, "%u", key->n_subkeys);
    if (check->is_stopped)
        return;
    if (!hc_read_list(check->hive, offset, TRUE, &list, &fault)) {
        hc_check_lost(check, &fault, key->offset);
        return;
    }
    if (!claim_list(check, offset, &list)) {
        check->is_partial = TRUE;
        return;
    }
    Walk walk = {.check = check,
                 .key = key,
                 .depth = depth + 1,
                 .largest = largest,
                 .is_list_same =
                     check->is_rechecking && hc_check_take_list(check, key->offset, depth)};
    if (list.is_index)
        check_index(&walk, &list);
    else
        check_leaf(&walk, &list);
    if (walk.n_entries < key->n_subkeys)
        hc_check_report(check, HC_FAULT_SUBKEYS_FEWER, "key", key->offset,
                        "%" G_GUINT64_FORMAT ", %u", walk.n_entries, key->n_subkeys);
    if (walk.n_entries > key->n_subkeys)
        hc_check_report(check, HC_FAULT_SUBKEYS_MORE, "key", key->offset,
                        "%" G_GUINT64_FORMAT ", %u", walk.n_entries, key->n_subkeys);
    if (walk.is_unsorted && check->findings != NULL)
        find_duplicates(&walk, offset);
}
