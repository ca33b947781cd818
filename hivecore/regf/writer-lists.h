#pragma once

#include "hivecore/regf/writer-cells.h"

G_BEGIN_DECLS

/** HcListEntry: one entry of an lf or lh leaf. */
typedef struct {
    uint32_t offset; /* of the nk cell */
    uint32_t hint;
} HcListEntry;

/** HcListEntries, HcOffsets: what grows while a key is open; emptied by .n = 0. */
typedef struct {
    HcListEntry *items;
    guint n;
    guint n_max;
} HcListEntries;

typedef struct {
    uint32_t *items;
    guint n;
    guint n_max;
} HcOffsets;

void hc_list_grow(gpointer *items, guint *n_max, gsize item_bytes);

static inline void
hc_list_add_entry(HcListEntries *entries, HcListEntry entry)
{
    if (entries->n == entries->n_max)
        hc_list_grow((gpointer *) &entries->items, &entries->n_max, sizeof(entry));
    entries->items[entries->n++] = entry;
}

static inline void
hc_list_add_offset(HcOffsets *offsets, uint32_t offset)
{
    if (offsets->n == offsets->n_max)
        hc_list_grow((gpointer *) &offsets->items, &offsets->n_max, sizeof(offset));
    offsets->items[offsets->n++] = offset;
}

/** hc_list_hint: from minor version 5 on the lh hash of @name, before that the lf hint. */
uint32_t hc_list_hint(uint32_t minor, HcName name);

/* Each writes its cells and returns the offset of the first, or HC_NIL with HC_ERROR_LIMIT. */

/** hc_list_write_subkeys: @entries, at least one, as a leaf, or an ri of leaves. */
uint32_t hc_list_write_subkeys(HcCells *cells, uint32_t minor, const HcListEntries *entries,
                               GError **error);

/** hc_list_write_values: @offsets, at least one, as a value list. */
uint32_t hc_list_write_values(HcCells *cells, const HcOffsets *offsets, GError **error);

/** hc_list_write_data: @data in one cell. */
uint32_t hc_list_write_data(HcCells *cells, HcBlob data, GError **error);

/** hc_list_write_big: @data as a big-data record: db, list, segments. */
uint32_t hc_list_write_big(HcCells *cells, HcBlob data, GError **error);

G_END_DECLS
