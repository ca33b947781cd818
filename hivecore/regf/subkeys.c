#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

enum {
    AHEAD = 8 /* keys that are read one after the other */
};

gboolean
hc_read_list(const HcHive *hive, uint32_t offset, gboolean allow_index, HcList *list,
             HcFault *fault)
{
    static const char what[] = "subkey list";
    uint32_t n_bytes = 0;
    const uint8_t *cell = hc_read_cell(hive, offset, HC_LIST_ENTRIES, what, &n_bytes, fault);
    if (cell == NULL)
        return FALSE;
    list->is_index = cell[0] == 'r' && cell[1] == 'i';
    list->has_hash = cell[0] == 'l' && cell[1] == 'h';
    if (list->has_hash || (cell[0] == 'l' && cell[1] == 'f'))
        list->entry_bytes = 8;
    else if ((cell[0] == 'l' && cell[1] == 'i') || (list->is_index && allow_index))
        list->entry_bytes = 4;
    else if (list->is_index)
        return hc_fault_set(fault, HC_FAULT_LIST_NESTED, what, offset);
    else
        return hc_fault_set(fault, HC_FAULT_LIST_SIGNATURE, what, offset);
    list->n_entries = hc_get16(cell + HC_LIST_COUNT);
    list->entries = cell + HC_LIST_ENTRIES;
    list->n_bytes = n_bytes;
    if (list->n_entries * list->entry_bytes > n_bytes - HC_LIST_ENTRIES)
        return hc_fault_set(fault, HC_FAULT_LIST_END, what, offset);
    return TRUE;
}

static gboolean
read_list(const HcHive *hive, uint32_t offset, gboolean allow_index, HcList *list, GError **error)
{
    HcFault fault = {0};
    const gboolean is_there = hc_read_list(hive, offset, allow_index, list, &fault);
    if (!is_there)
        hc_hive_fail(hive, &fault, error);
    return is_there;
}

static uint32_t
list_offset(const HcKey *key)
{
    return hc_get32(key->nk + HC_NK_SUBKEYS);
}

static gboolean
fail_key(const HcHive *hive, const HcKey *key, HcFaultKind kind, GError **error)
{
    const HcFault fault = {kind, "key", key->offset};
    return hc_hive_fail(hive, &fault, error);
}

static gboolean
check_count(const HcHive *hive, const HcKey *key, GError **error)
{
    if (key->n_subkeys > HC_MAX_SUBKEYS)
        return fail_key(hive, key, HC_FAULT_SUBKEYS_MANY, error);
    return TRUE;
}

static void
start_leaf(HcSubkeyIter *iter, const HcList *leaf)
{
    iter->leaf = leaf->entries;
    iter->entry_bytes = leaf->entry_bytes;
    iter->n_entries = leaf->n_entries;
    iter->next_entry = 0;
}

gboolean
hc_subkey_iter_init(HcSubkeyIter *iter, const HcHive *hive, const HcKey *key, GError **error)
{
    *iter = (HcSubkeyIter){.hive = hive, .key = key, .n_left = key->n_subkeys};
    if (key->n_subkeys == 0)
        return TRUE;
    HcList list;
    if (!check_count(hive, key, error) || !read_list(hive, list_offset(key), TRUE, &list, error))
        return FALSE;
    if (list.is_index) {
        iter->root_list = list.entries;
        iter->n_leaves = list.n_entries;
    } else {
        start_leaf(iter, &list);
    }
    return TRUE;
}

/* The cell of the next subkey. */
static gboolean
next_offset(HcSubkeyIter *iter, uint32_t *offset, GError **error)
{
    while (iter->next_entry == iter->n_entries) {
        if (iter->next_leaf == iter->n_leaves) {
            if (iter->n_left > 0)
                fail_key(iter->hive, iter->key, HC_FAULT_SUBKEYS_FEWER, error);
            return FALSE;
        }
        HcList leaf;
        const uint32_t at = hc_get32(iter->root_list + 4 * (gsize) iter->next_leaf++);
        if (!read_list(iter->hive, at, FALSE, &leaf, error))
            return FALSE;
        start_leaf(iter, &leaf);
    }
    if (iter->n_left == 0)
        return fail_key(iter->hive, iter->key, HC_FAULT_SUBKEYS_MORE, error);
    iter->n_left--;
    if (iter->n_entries - iter->next_entry > AHEAD)
        hc_expect_cell(iter->hive, hc_get32(iter->leaf + (iter->next_entry + AHEAD) *
                                                             (gsize) iter->entry_bytes));
    const uint8_t *entry = iter->leaf + (gsize) iter->next_entry++ * iter->entry_bytes;
    *offset = hc_get32(entry);
    return TRUE;
}

gboolean
hc_subkey_iter_next(HcSubkeyIter *iter, HcKey *subkey, GError **error)
{
    uint32_t offset = 0;
    return next_offset(iter, &offset, error) && hc_hive_key(iter->hive, offset, subkey, error);
}

void
hc_key_list_init(HcKeyList *list)
{
    *list = (HcKeyList){.keys = g_array_new(FALSE, FALSE, sizeof(HcKey))};
}

void
hc_key_list_clear(HcKeyList *list)
{
    if (list->keys != NULL)
        g_array_unref(list->keys);
    list->keys = NULL;
}

static gint
compare_keys(gconstpointer a, gconstpointer b)
{
    return hc_name_compare(((const HcKey *) a)->name, ((const HcKey *) b)->name);
}

/* Begins again, with nothing held. */
static gboolean
rewind_list(HcKeyList *list, GError **error)
{
    list->first = 0;
    g_array_set_size(list->keys, 0);
    return hc_subkey_iter_init(&list->iter, list->hive, &list->parent, error);
}

/* The next subkey that is not known to be equal. Returns: FALSE at the end, or with @error set */
static inline gboolean
next_changed(HcKeyList *list, HcKey *subkey, GError **error)
{
    uint32_t offset = 0;
    do {
        if (!next_offset(&list->iter, &offset, error))
            return FALSE;
    } while (list->same != NULL && !hc_same_keys_is_changed(list->same, offset));
    return hc_hive_key(list->hive, offset, subkey, error);
}

/* Looks at all of them, and holds the first @n_held. */
static gboolean
scan_list(HcKeyList *list, guint n_held, gboolean *is_sorted, GError **error)
{
    GError *failure = NULL;
    HcKey subkey;
    HcName last = HC_NAME_EMPTY;
    uint64_t names_left = list->hive->info.bins_bytes;
    HcSubkeyIter behind_held;

    *is_sorted = TRUE;
    if (!rewind_list(list, error))
        return FALSE;
    behind_held = list->iter;
    for (list->n = 0; next_changed(list, &subkey, &failure); list->n++) {
        if (list->n > 0 && hc_name_compare(last, subkey.name) >= 0)
            *is_sorted = FALSE;
        last = subkey.name;
        /* A list may have the same key many times: sorting long names would take forever. */
        if (subkey.name.n_units > names_left)
            return fail_key(list->hive, &list->parent, HC_FAULT_KEYS_MANY, error);
        names_left -= subkey.name.n_units;
        if (list->n >= n_held)
            continue;
        g_array_append_val(list->keys, subkey);
        if (list->n + 1 == n_held)
            behind_held = list->iter;
    }
    list->iter = behind_held;
    return failure == NULL || hc_fail_with(error, failure);
}

gboolean
hc_key_list_fill(HcKeyList *list, const HcHive *hive, const HcKey *key, GError **error)
{
    return hc_key_list_fill_changed(list, hive, key, NULL, error);
}

gboolean
hc_key_list_fill_changed(HcKeyList *list, const HcHive *hive, const HcKey *key,
                         const HcSameKeys *same, GError **error)
{
    gboolean is_sorted;
    list->hive = hive;
    list->parent = *key;
    list->same = same;
    if (!scan_list(list, HC_KEY_WINDOW, &is_sorted, error))
        return FALSE;
    if (is_sorted)
        return TRUE;
    if (list->n > list->keys->len && !scan_list(list, G_MAXUINT, &is_sorted, error))
        return FALSE;
    g_array_sort(list->keys, compare_keys);
    for (guint i = 1; i < list->keys->len; i++) {
        const HcKey *a = &g_array_index(list->keys, HcKey, i - 1);
        const HcKey *b = a + 1;
        if (hc_name_compare(a->name, b->name) == 0)
            return fail_key(hive, b, HC_FAULT_KEY_DUPLICATE, error);
    }
    return TRUE;
}

const HcKey *
hc_key_list_move(HcKeyList *list, guint i, GError **error)
{
    GError *failure = NULL;
    HcKey subkey;
    if (i < list->first && !rewind_list(list, error))
        return NULL;
    for (guint at = list->first + list->keys->len; at < list->n; at++) {
        if (!next_changed(list, &subkey, &failure))
            break;
        if (list->keys->len == HC_KEY_WINDOW) {
            g_array_set_size(list->keys, 0);
            list->first = at;
        }
        g_array_append_val(list->keys, subkey);
        if (list->keys->len == HC_KEY_WINDOW && i - list->first < HC_KEY_WINDOW)
            break;
    }
    if (failure != NULL)
        return hc_fail_with_null(error, failure);
    if (i - list->first < list->keys->len)
        return &g_array_index(list->keys, HcKey, i - list->first);
    fail_key(list->hive, &list->parent, HC_FAULT_SUBKEYS_FEWER, error);
    return NULL;
}

/* Enters only the keys whose hash is that of @name. */
static gboolean
search_hashes(const HcHive *hive, const HcList *leaf, HcName name, HcKey *subkey, gboolean *found,
              GError **error)
{
    const uint32_t hash = hc_name_hash(name);
    *found = FALSE;
    for (uint32_t i = 0; i < leaf->n_entries && !*found; i++) {
        const uint8_t *entry = leaf->entries + (gsize) i * leaf->entry_bytes;
        if (hc_get32(entry + 4) != hash)
            continue;
        if (!hc_hive_key(hive, hc_get32(entry), subkey, error))
            return FALSE;
        *found = hc_name_equal(name, subkey->name);
    }
    return TRUE;
}

/* Binary search in one leaf. *found tells the outcome; FALSE is an error. */
static gboolean
search_leaf(const HcHive *hive, const HcList *leaf, HcName name, HcKey *subkey, gboolean *found,
            GError **error)
{
    uint32_t low = 0;
    uint32_t high = leaf->n_entries;
    if (leaf->has_hash)
        return search_hashes(hive, leaf, name, subkey, found, error);
    *found = FALSE;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const uint8_t *entry = leaf->entries + (gsize) middle * leaf->entry_bytes;
        if (!hc_hive_key(hive, hc_get32(entry), subkey, error))
            return FALSE;
        const int order = hc_name_compare(name, subkey->name);
        if (order == 0) {
            *found = TRUE;
            return TRUE;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return TRUE;
}

/* Finds the leaf whose first name is the last one not above @name. */
static gboolean
search_index(const HcHive *hive, const HcList *index, HcName name, HcList *leaf, GError **error)
{
    uint32_t low = 0;
    uint32_t high = index->n_entries;
    leaf->n_entries = 0;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        HcList candidate;
        HcKey first;
        if (!read_list(hive, hc_get32(index->entries + 4 * (gsize) middle), FALSE, &candidate,
                       error))
            return FALSE;
        /* An empty leaf has no place in the order; the scan finds what is beyond it. */
        if (candidate.n_entries == 0)
            return TRUE;
        if (!hc_hive_key(hive, hc_get32(candidate.entries), &first, error))
            return FALSE;
        if (hc_name_compare(name, first.name) < 0) {
            high = middle;
        } else {
            *leaf = candidate;
            low = middle + 1;
        }
    }
    return TRUE;
}

static gboolean
scan(const HcHive *hive, const HcKey *key, HcName name, HcKey *subkey, GError **error)
{
    HcSubkeyIter iter;
    if (!hc_subkey_iter_init(&iter, hive, key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, subkey, error)) {
        if (hc_name_equal(name, subkey->name))
            return TRUE;
    }
    return FALSE;
}

gboolean
hc_hive_subkey(const HcHive *hive, const HcKey *key, HcName name, HcKey *subkey, GError **error)
{
    HcList list;
    HcList leaf = {0};
    gboolean found = FALSE;
    if (key->n_subkeys == 0)
        return FALSE;
    if (!check_count(hive, key, error) || !read_list(hive, list_offset(key), TRUE, &list, error))
        return FALSE;
    if (!list.is_index)
        leaf = list;
    else if (!search_index(hive, &list, name, &leaf, error))
        return FALSE;
    if (!search_leaf(hive, &leaf, name, subkey, &found, error))
        return FALSE;
    return found || scan(hive, key, name, subkey, error);
}

gboolean
hc_hive_lookup(const HcHive *hive, const HcName *path, gsize n, HcKey *key, GError **error)
{
    if (!hc_hive_root(hive, key, error))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        HcKey subkey;
        if (!hc_hive_subkey(hive, key, path[i], &subkey, error))
            return FALSE;
        *key = subkey;
    }
    return TRUE;
}
