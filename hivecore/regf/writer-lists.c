#include "config.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/writer-private.h"

enum {
    ENTRY_BYTES = 8
};

void
hc_list_grow(gpointer *items, guint *n_max, gsize item_bytes)
{
    *n_max = MAX(16u, 2 * *n_max); /* never more than HC_MAX_SUBKEYS or HC_MAX_VALUES twice */
    *items = g_realloc(*items, *n_max * item_bytes);
}

uint32_t
hc_list_hint(uint32_t minor, HcName name)
{
    if (minor >= 5)
        return hc_name_hash(name);
    uint32_t hint = 0;
    for (uint32_t i = 0; i < MIN(name.n_units, 4u); i++) {
        const uint32_t unit = hc_name_unit(name, i);
        /* The hint has a byte per character; with a wider one among them there is none. */
        if (unit > 0xff)
            return 0;
        hint |= unit << (8 * i);
    }
    return hint;
}

static uint32_t
write_leaf(HcCells *cells, uint32_t minor, const HcListEntry *entries, guint n, GError **error)
{
    const uint32_t offset = hc_cells_alloc(cells, HC_LIST_ENTRIES + (gsize) ENTRY_BYTES * n, error);
    if (offset == HC_NIL)
        return HC_NIL;
    uint8_t *leaf = hc_cells_at(cells, offset);
    memcpy(leaf, minor >= 5 ? "lh" : "lf", 2);
    hc_put16(leaf + HC_LIST_COUNT, (uint16_t) n);
    for (gsize i = 0; i < n; i++) {
        hc_put32(leaf + HC_LIST_ENTRIES + ENTRY_BYTES * i, entries[i].offset);
        hc_put32(leaf + HC_LIST_ENTRIES + ENTRY_BYTES * i + 4, entries[i].hint);
    }
    return offset;
}

uint32_t
hc_list_write_subkeys(HcCells *cells, uint32_t minor, const HcListEntries *entries, GError **error)
{
    if (entries->n <= HC_LIST_LEAF_MAX)
        return write_leaf(cells, minor, entries->items, entries->n, error);

    G_STATIC_ASSERT(HC_MAX_SUBKEYS / HC_LIST_LEAF_SPLIT < UINT16_MAX);
    const guint n_leaves = (entries->n + HC_LIST_LEAF_SPLIT - 1) / HC_LIST_LEAF_SPLIT;
    const uint32_t offset = hc_cells_alloc(cells, HC_LIST_ENTRIES + (gsize) 4 * n_leaves, error);
    if (offset == HC_NIL)
        return HC_NIL;
    uint8_t *index = hc_cells_at(cells, offset);
    memcpy(index, "ri", 2);
    hc_put16(index + HC_LIST_COUNT, (uint16_t) n_leaves);
    for (gsize i = 0; i < n_leaves; i++) {
        const guint start = (guint) i * HC_LIST_LEAF_SPLIT;
        const guint n = MIN((guint) HC_LIST_LEAF_SPLIT, entries->n - start);
        const uint32_t leaf = write_leaf(cells, minor, entries->items + start, n, error);
        if (leaf == HC_NIL || !hc_cells_put32(cells, offset, HC_LIST_ENTRIES + 4 * i, leaf, error))
            return HC_NIL;
    }
    return offset;
}

/* A cell with @n_bytes, of any size, and nothing else. */
static uint32_t
write_whole(HcCells *cells, const void *bytes, gsize n_bytes, GError **error)
{
    const uint32_t offset = hc_cells_alloc(cells, n_bytes, error);
    if (offset == HC_NIL || !hc_cells_put(cells, offset, 0, bytes, n_bytes, error))
        return HC_NIL;
    return offset;
}

uint32_t
hc_list_write_values(HcCells *cells, const HcOffsets *offsets, GError **error)
{
    G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
    return write_whole(cells, offsets->items, sizeof(uint32_t) * (gsize) offsets->n, error);
}

uint32_t
hc_list_write_data(HcCells *cells, HcBlob data, GError **error)
{
    return write_whole(cells, data.bytes, data.n_bytes, error);
}

uint32_t
hc_list_write_big(HcCells *cells, HcBlob data, GError **error)
{
    G_STATIC_ASSERT(HC_MAX_DATA_BYTES / HC_DB_SEGMENT_BYTES < UINT16_MAX);
    const uint32_t n_segments = (data.n_bytes + HC_DB_SEGMENT_BYTES - 1) / HC_DB_SEGMENT_BYTES;
    const uint32_t db = hc_cells_alloc(cells, HC_DB_BYTES, error);
    if (db == HC_NIL)
        return HC_NIL;
    uint8_t *record = hc_cells_at(cells, db);
    memcpy(record, "db", 2);
    hc_put16(record + HC_DB_COUNT, (uint16_t) n_segments);
    const uint32_t list = hc_cells_alloc(cells, (gsize) 4 * n_segments, error);
    if (list == HC_NIL || !hc_cells_put32(cells, db, HC_DB_LIST, list, error))
        return HC_NIL;
    for (uint32_t i = 0; i < n_segments; i++) {
        /* The last one too has a full cell: readers count on the 4 bytes after the data. */
        const uint32_t segment = hc_cells_alloc(cells, HC_DB_SEGMENT_CELL - 4, error);
        if (segment == HC_NIL)
            return HC_NIL;
        const uint32_t start = i * HC_DB_SEGMENT_BYTES;
        const uint32_t n = MIN((uint32_t) HC_DB_SEGMENT_BYTES, data.n_bytes - start);
        memcpy(hc_cells_at(cells, segment), data.bytes + start, n);
        if (!hc_cells_put32(cells, list, 4 * (gsize) i, segment, error))
            return HC_NIL;
    }
    return db;
}
