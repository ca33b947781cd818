#include "config.h"

#include "hivecore/regf/check.h"

#include "hivecore/base/limits.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

/* One bit for each 8 bytes of the bins, the places where a cell can start. */
typedef struct {
    uint8_t *bits;
} CellSet;

typedef struct {
    const HcHive *hive;
    CellSet allocated;    /* starts of allocated cells */
    CellSet claimed;      /* cells that something already refers to */
    GHashTable *security; /* sk offset -> keys that refer to it */
    HcWalk walk;
    HcCheckCounts counts;
} Check;

static gboolean
set_has(const CellSet *set, uint32_t offset)
{
    return (set->bits[offset / 64] >> (offset / 8 % 8) & 1) != 0;
}

static void
set_add(CellSet *set, uint32_t offset)
{
    set->bits[offset / 64] |= (uint8_t) (1u << (offset / 8 % 8));
}

static gboolean
check_bin_cells(Check *check, uint32_t bin, uint32_t bin_bytes, GError **error)
{
    const uint8_t *bins = check->hive->bins;
    uint32_t at = bin + HC_HBIN_HEADER_BYTES;
    const uint32_t end = bin + bin_bytes;
    while (at < end) {
        const uint32_t stored = hc_get32(bins + at);
        const gboolean is_allocated = (stored & 0x80000000u) != 0;
        const uint32_t size = is_allocated ? 0u - stored : stored;
        if (size < 8 || size % HC_CELL_ALIGN != 0 || size > end - at)
            return hc_hive_malformed(check->hive, error, "cell", at,
                                     "its size is not a multiple of 8 that fits its hive bin");
        if (is_allocated)
            set_add(&check->allocated, at);
        at += size;
    }
    return TRUE;
}

static gboolean
check_cells(Check *check, GError **error)
{
    const uint32_t n_bytes = check->hive->info.bins_bytes;
    uint32_t bin = 0;
    while (bin < n_bytes) {
        const uint32_t bin_bytes = hc_get32(check->hive->bins + bin + HC_HBIN_SIZE);
        if (!check_bin_cells(check, bin, bin_bytes, error))
            return FALSE;
        bin += bin_bytes;
    }
    return TRUE;
}

/* @offset was already accepted by hc_hive_cell(), so it is aligned and inside the bins. */
static gboolean
claim(Check *check, uint32_t offset, const char *what, GError **error)
{
    if (!set_has(&check->allocated, offset))
        return hc_hive_malformed(check->hive, error, what, offset,
                                 "the offset leads into the middle of a cell");
    if (set_has(&check->claimed, offset))
        return hc_hive_malformed(check->hive, error, what, offset, "the cell is used twice");
    set_add(&check->claimed, offset);
    return TRUE;
}

/* Claims the cells of a value's data. The iterator has checked the record before. */
static gboolean
check_data(Check *check, const HcValue *value, GError **error)
{
    HcDataIter iter;
    HcBlob piece;
    GError *failure = NULL;
    if (!hc_data_iter_init(&iter, check->hive, value, error))
        return FALSE;
    check->counts.data_bytes += value->n_bytes;
    const uint32_t stored = hc_get32(value->vk + HC_VK_DATA_BYTES);
    if (value->n_bytes == 0 || (stored & HC_VK_INLINE) != 0)
        return TRUE;
    const uint32_t offset = hc_get32(value->vk + HC_VK_DATA);
    if (!claim(check, offset, "value data", error))
        return FALSE;
    if (iter.contiguous != NULL)
        return TRUE;

    check->counts.n_big++;
    const uint8_t *db = check->hive->bins + offset + 4;
    if (!claim(check, hc_get32(db + HC_DB_LIST), "big data list", error))
        return FALSE;
    while (hc_data_iter_next(&iter, &piece, &failure)) {
        const uint32_t segment = hc_get32(iter.segments + 4 * (gsize) (iter.next_segment - 1));
        if (!claim(check, segment, "big data segment", error))
            return FALSE;
    }
    if (failure != NULL) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_values(Check *check, const HcKey *key, GError **error)
{
    if (key->n_values == 0)
        return TRUE;
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(check->hive, key, i, &value, error))
            return FALSE;
        if (i == 0 && !claim(check, hc_get32(key->nk + HC_NK_VALUES), "value list", error))
            return FALSE;
        if (!claim(check, value.offset, "value", error) || !check_data(check, &value, error))
            return FALSE;
        check->counts.n_values++;
        if (value.is_tombstone)
            check->counts.n_value_tombstones++;
    }
    return TRUE;
}

static gboolean
check_class_and_security(Check *check, const HcKey *key, GError **error)
{
    HcBlob class_name;
    HcBlob descriptor;
    if (!hc_hive_class(check->hive, key, &class_name, error) ||
        !hc_hive_security(check->hive, key, &descriptor, error))
        return FALSE;
    if (class_name.bytes != NULL) {
        check->counts.n_classes++;
        if (!claim(check, hc_get32(key->nk + HC_NK_CLASS), "class name", error))
            return FALSE;
    }
    if (descriptor.bytes == NULL)
        return hc_hive_malformed(check->hive, error, "key", key->offset,
                                 "it has no security descriptor");
    const uint32_t offset = hc_get32(key->nk + HC_NK_SECURITY);
    gpointer references = g_hash_table_lookup(check->security, GUINT_TO_POINTER(offset));
    if (references == NULL && !claim(check, offset, "key security", error))
        return FALSE;
    g_hash_table_insert(check->security, GUINT_TO_POINTER(offset),
                        GUINT_TO_POINTER(GPOINTER_TO_UINT(references) + 1));
    return TRUE;
}

/* Claims the list cells of a key; the iterator has checked signatures and sizes. */
static gboolean
check_list_cells(Check *check, const HcKey *key, GError **error)
{
    const uint32_t offset = hc_get32(key->nk + HC_NK_SUBKEYS);
    const uint8_t *list = check->hive->bins + offset + 4;
    if (!claim(check, offset, "subkey list", error))
        return FALSE;
    if (list[0] != 'r')
        return TRUE;
    for (uint32_t i = 0; i < hc_get16(list + HC_LIST_COUNT); i++) {
        const uint32_t leaf = hc_get32(list + HC_LIST_ENTRIES + 4 * (gsize) i);
        if (hc_hive_cell(check->hive, leaf, HC_LIST_ENTRIES, "subkey list", NULL, error) == NULL ||
            !claim(check, leaf, "subkey list", error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_subkey(Check *check, const HcSubkeyIter *iter, const HcKey *subkey, HcName previous,
             GError **error)
{
    const HcHive *hive = check->hive;
    if (hc_get32(subkey->nk + HC_NK_PARENT) != iter->key->offset)
        return hc_hive_malformed(hive, error, "key", subkey->offset,
                                 "its parent field names another key");
    if (subkey->name.n_units == 0)
        return hc_hive_malformed(hive, error, "key", subkey->offset, "its name is empty");
    if (iter->n_left + 1 == iter->key->n_subkeys)
        return TRUE;
    const int order = hc_name_compare(previous, subkey->name);
    if (order == 0)
        return hc_hive_malformed(hive, error, "key", subkey->offset, "a sibling has the same name");
    if (order > 0)
        return hc_hive_malformed(hive, error, "key", subkey->offset,
                                 "the subkey list is not sorted here");
    return TRUE;
}

/* Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
check_key(Check *check, const HcKey *key, uint32_t depth, GError **error)
{
    GError *failure = NULL;
    HcSubkeyIter iter;
    HcKey subkey;
    HcName previous = HC_NAME_EMPTY;

    if (!hc_walk_enter(&check->walk, key, depth, error) ||
        !claim(check, key->offset, "key", error) || !check_class_and_security(check, key, error) ||
        !check_values(check, key, error))
        return FALSE;
    check->counts.n_keys++;
    check->counts.depth = MAX(check->counts.depth, depth);
    if ((key->layer_bits & HC_LAYER_SEMANTICS) == HC_LAYER_TOMBSTONE)
        check->counts.n_tombstones++;
    if (!hc_subkey_iter_init(&iter, check->hive, key, error))
        return FALSE;
    if (key->n_subkeys > 0 && !check_list_cells(check, key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, &failure)) {
        if (!check_subkey(check, &iter, &subkey, previous, error) ||
            !check_key(check, &subkey, depth + 1, error))
            return FALSE;
        previous = subkey.name;
    }
    if (failure != NULL) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    return TRUE;
}

/* The sk cells form one doubly linked ring; each counts the keys that refer to it. */
static gboolean
check_security_ring(Check *check, uint32_t first, GError **error)
{
    const HcHive *hive = check->hive;
    uint32_t at = first;
    uint64_t budget = hive->info.bins_bytes / HC_SK_DESCRIPTOR;
    guint n_referenced = 0;
    do {
        const uint8_t *sk = hc_hive_cell(hive, at, HC_SK_DESCRIPTOR, "key security", NULL, error);
        if (sk == NULL)
            return FALSE;
        if (sk[0] != 's' || sk[1] != 'k' || !set_has(&check->allocated, at) || budget-- == 0)
            return hc_hive_malformed(hive, error, "key security", at,
                                     "the ring of descriptors is broken here");
        const uint32_t next = hc_get32(sk + HC_SK_FLINK);
        const uint8_t *next_sk =
            hc_hive_cell(hive, next, HC_SK_DESCRIPTOR, "key security", NULL, error);
        if (next_sk == NULL)
            return FALSE;
        if (hc_get32(next_sk + HC_SK_BLINK) != at)
            return hc_hive_malformed(hive, error, "key security", next,
                                     "its back link does not lead to the descriptor before it");
        const guint references =
            GPOINTER_TO_UINT(g_hash_table_lookup(check->security, GUINT_TO_POINTER(at)));
        if (references > 0) {
            n_referenced++;
            if (hc_get32(sk + HC_SK_REFERENCES) != references)
                return hc_hive_malformed(hive, error, "key security", at,
                                         "its reference count is wrong");
        }
        check->counts.n_security++;
        at = next;
    } while (at != first);
    if (n_referenced != g_hash_table_size(check->security))
        return hc_hive_malformed(hive, error, "key security", first,
                                 "the ring of descriptors does not hold all that keys refer to");
    return TRUE;
}

gboolean
hc_hive_check(const HcHive *hive, HcCheckCounts *counts, GError **error)
{
    const gsize set_bytes = hive->info.bins_bytes / 64 + 1;
    g_autofree uint8_t *allocated = g_malloc0(set_bytes);
    g_autofree uint8_t *claimed = g_malloc0(set_bytes);
    g_autoptr(GHashTable) security = g_hash_table_new(NULL, NULL);
    Check check = {.hive = hive,
                   .allocated = {allocated},
                   .claimed = {claimed},
                   .security = security,
                   .walk = hc_walk_start(hive)};
    HcKey root;
    if (!check_cells(&check, error) || !hc_hive_root(hive, &root, error) ||
        !check_key(&check, &root, 0, error) ||
        !check_security_ring(&check, hc_get32(root.nk + HC_NK_SECURITY), error))
        return FALSE;
    if (counts != NULL)
        *counts = check.counts;
    return TRUE;
}
