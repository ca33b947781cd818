#include "config.h"

#include "hivecore/regf/salvage-private.h"

/* A list that is longer has been overwritten, or is none. */
#define MAX_LIST 4096u

/* What stands beside a value's offset in a list that nobody owns. */
#define MAX_BESIDE 64u

/* --- by the lists of deleted keys --- */

/* The part of the old list that still is in a free cell. */
static void
place_by_list(HcRemnants *remnants, const HcRemnant *key)
{
    const uint8_t *nk = hc_remnant_record(remnants, key->offset);
    const uint32_t list = hc_get32(nk + HC_NK_VALUES);
    const uint32_t n = MIN(hc_get32(nk + HC_NK_N_VALUES), MAX_LIST);
    for (uint32_t i = 0; i < n && list % HC_CELL_ALIGN == 0; i++) {
        const uint64_t at = (uint64_t) list + 4 + 4 * (uint64_t) i;
        if (at > G_MAXUINT32 - 4 || hc_remnants_range(remnants, (uint32_t) at, 4) == NULL)
            return;
        HcRemnant *value = hc_remnants_at(remnants->values, hc_get32(remnants->hive->bins + at));
        if (value != NULL && value->owner == HC_NO_OWNER) {
            value->owner = key->offset;
            value->is_named = TRUE;
        }
    }
}

/* --- by what is left of lists of keys in use --- */

static void
note_siblings(HcRemnants *remnants, const HcFreeRange *range, uint32_t at, guint value)
{
    const uint8_t *bins = remnants->hive->bins;
    for (int direction = -4; direction <= 4; direction += 8) {
        int64_t other = (int64_t) at + direction;
        for (guint i = 0; i < MAX_BESIDE; i++, other += direction) {
            if (other < (int64_t) range->offset + 4 ||
                other + 4 > (int64_t) range->offset + range->n_bytes)
                break;
            const uint32_t offset = hc_get32(bins + other);
            if (offset == 0 || offset % HC_CELL_ALIGN != 0 ||
                offset >= remnants->hive->info.bins_bytes)
                break;
            if (hc_remnants_at(remnants->values, offset) == NULL)
                g_hash_table_insert(remnants->siblings, GUINT_TO_POINTER(offset),
                                    GUINT_TO_POINTER(value + 1));
        }
    }
}

/* Lists in free cells in which a value stands whose key is not known. */
static void
find_siblings(HcRemnants *remnants)
{
    for (guint i = 0; i < remnants->ranges->len; i++) {
        const HcFreeRange *range = &g_array_index(remnants->ranges, HcFreeRange, i);
        for (uint32_t at = range->offset + 4; at + 4 <= range->offset + range->n_bytes; at += 4) {
            const HcRemnant *value =
                hc_remnants_at(remnants->values, hc_get32(remnants->hive->bins + at));
            if (value != NULL && value->owner == HC_NO_OWNER)
                note_siblings(remnants, range, at,
                              (guint) (value - &g_array_index(remnants->values, HcRemnant, 0)));
        }
    }
}

static void
place(HcRemnant *value, const HcKey *key)
{
    if (value != NULL && value->owner == HC_NO_OWNER)
        value->owner = key->offset;
}

/* The key's list: what it has behind its end, and whose siblings are in it. */
static gboolean
look_at_list(HcRemnants *remnants, const HcKey *key, GError **error)
{
    HcFault fault = {0};
    uint32_t n_bytes;
    if (key->n_values == 0)
        return TRUE;
    const uint8_t *list = hc_read_value_list(remnants->hive, key, &n_bytes, &fault);
    if (list == NULL)
        return hc_hive_fail(remnants->hive, &fault, error);
    for (gsize i = 0; i < key->n_values && 4 * i + 4 <= n_bytes; i++) {
        const guint number = GPOINTER_TO_UINT(
            g_hash_table_lookup(remnants->siblings, GUINT_TO_POINTER(hc_get32(list + 4 * i))));
        if (number > 0)
            place(&g_array_index(remnants->values, HcRemnant, number - 1), key);
    }
    for (gsize i = key->n_values; 4 * i + 4 <= n_bytes; i++)
        place(hc_remnants_at(remnants->values, hc_get32(list + 4 * i)), key);
    return TRUE;
}

/* hc_walk_enter() ends this at HC_MAX_KEY_DEPTH. */
static gboolean
look_at_key(HcRemnants *remnants, HcWalk *walk, const HcKey *key, uint32_t depth, GError **error)
{
    g_auto(HcKeyList) subkeys;
    hc_key_list_init(&subkeys);
    if (!hc_walk_enter(walk, key, depth, error) || !look_at_list(remnants, key, error) ||
        !hc_key_list_fill(&subkeys, remnants->hive, key, error))
        return FALSE;
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL || !look_at_key(remnants, walk, subkey, depth + 1, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_remnants_place(HcRemnants *remnants, GError **error)
{
    HcKey root;
    HcWalk walk = hc_walk_start(remnants->hive);
    if (remnants->values->len == 0)
        return TRUE;
    for (guint i = 0; i < remnants->keys->len; i++)
        place_by_list(remnants, &g_array_index(remnants->keys, HcRemnant, i));
    find_siblings(remnants);
    return hc_hive_root(remnants->hive, &root, error) &&
           look_at_key(remnants, &walk, &root, 0, error);
}
