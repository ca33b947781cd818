#include "config.h"

#include "hivecore/regf/read-ahead.h"

#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

/*
 * Where cells lie in any order, each is a miss of the cache and of the translation of addresses,
 * and where the next one lies is known only when it came. So what the next keys of a list lead to
 * is fetched while others are looked at, a step with each key: what a step reads, the one before
 * has fetched.
 */

enum {
    AHEAD_KEY = 4, /* how many keys ahead */
    AHEAD_LISTS = 3,
    AHEAD_CELLS = 2, /* values and subkeys */
    AHEAD_DATA = 1,
    MOST = 8 /* values or subkeys of one key */
};

/* Keys that lie side by side have side by side what they lead to, which comes without us. */
#define NEAR_BYTES (16u << 10)

static void
fetch(const HcHive *hive, uint32_t offset, uint32_t n_bytes)
{
    const uint32_t end = hive->info.bins_bytes;
    if (offset >= end)
        return;
    __builtin_prefetch(hive->bins + offset);
    if (n_bytes < end - offset)
        __builtin_prefetch(hive->bins + offset + n_bytes);
}

static void
fetch_lists(const HcHive *hive, const uint8_t *nk)
{
    fetch(hive, hc_get32(nk + HC_NK_SUBKEYS), 0);
    fetch(hive, hc_get32(nk + HC_NK_VALUES), 0);
}

/* The values of a key, or their data. */
static void
fetch_values(const HcHive *hive, const uint8_t *nk, gboolean is_data)
{
    HcFault fault;
    const uint32_t n = MIN(hc_get32(nk + HC_NK_N_VALUES), MOST);
    const uint8_t *list =
        n == 0 ? NULL : hc_read_cell(hive, hc_get32(nk + HC_NK_VALUES), 4 * n, NULL, NULL, &fault);
    for (uint32_t i = 0; list != NULL && i < n; i++) {
        const uint32_t value = hc_get32(list + 4 * (gsize) i);
        if (!is_data) {
            fetch(hive, value, HC_VK_NAME);
            continue;
        }
        const uint8_t *vk = hc_read_cell(hive, value, HC_VK_NAME, NULL, NULL, &fault);
        if (vk != NULL && (hc_get32(vk + HC_VK_DATA_BYTES) & HC_VK_INLINE) == 0)
            fetch(hive, hc_get32(vk + HC_VK_DATA), hc_get32(vk + HC_VK_DATA_BYTES));
    }
}

/* The subkeys of a key, or their lists. */
static void
fetch_subkeys(const HcHive *hive, const uint8_t *nk, gboolean is_lists)
{
    HcFault fault;
    HcList list;
    if (hc_get32(nk + HC_NK_N_SUBKEYS) == 0 ||
        !hc_read_list(hive, hc_get32(nk + HC_NK_SUBKEYS), FALSE, &list, &fault))
        return;
    for (uint32_t i = 0; i < MIN(list.n_entries, MOST); i++) {
        const uint32_t subkey = hc_get32(list.entries + (gsize) i * list.entry_bytes);
        if (!is_lists) {
            fetch(hive, subkey, HC_NK_NAME);
            continue;
        }
        const uint8_t *below = hc_read_cell(hive, subkey, HC_NK_NAME, NULL, NULL, &fault);
        if (below != NULL)
            fetch_lists(hive, below);
    }
}

static uint32_t
offset_at(const HcCellOffsets *keys, guint i)
{
    return hc_get32((const uint8_t *) keys->first + i * keys->stride);
}

static void
fetch_key(const HcHive *hive, uint32_t offset, int n_ahead)
{
    HcFault fault;
    if (n_ahead == AHEAD_KEY) {
        fetch(hive, offset, HC_NK_NAME);
        return;
    }
    const uint8_t *nk = hc_read_cell(hive, offset, HC_NK_NAME, NULL, NULL, &fault);
    if (nk == NULL)
        return;
    if (n_ahead == AHEAD_LISTS) {
        fetch_lists(hive, nk);
        return;
    }
    fetch_values(hive, nk, n_ahead == AHEAD_DATA);
    fetch_subkeys(hive, nk, n_ahead == AHEAD_DATA);
}

static void
fetch_step(const HcHive *hive, const HcCellOffsets *keys, int at)
{
    for (int n_ahead = AHEAD_KEY; n_ahead >= AHEAD_DATA; n_ahead--) {
        const int i = at + n_ahead;
        if (i >= 0 && i < (int) keys->n)
            fetch_key(hive, offset_at(keys, (guint) i), n_ahead);
    }
}

void
hc_hive_read_ahead(const HcHive *hive, const HcCellOffsets *keys, guint at)
{
    if (hive->pages != NULL)
        return;
    const uint32_t neighbour = at + 1 < keys->n ? offset_at(keys, at + 1) : keys->parent;
    const uint32_t distance = neighbour - offset_at(keys, at);
    if (distance + NEAR_BYTES < 2 * NEAR_BYTES)
        return;
    for (int before = at == 0 ? -AHEAD_KEY : 0; before < 0; before++)
        fetch_step(hive, keys, before);
    fetch_step(hive, keys, (int) at);
}
