#pragma once

#include <glib.h>
#include <stdint.h>

#include "hivecore/base/output.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/writer.h"

G_BEGIN_DECLS

/**
 * HcCells: the growing bytes of a hive that is being written. The end of it is in a window of fixed
 * size, which goes to the file when it is full; what is before it can still be changed. Offsets are
 * those of the file format: from the end of the base block. Everything that is not written is zero.
 */
typedef struct {
    HcOutput *output;     /* the file; NULL: not begun */
    HcOutput *own;        /* (nullable): the same, when it is one in memory of ours */
    uint8_t *window;      /* what is in the file from window_start on */
    gsize window_start;   /* all before it is written */
    gsize n_bytes;        /* the base block and whole bins */
    uint32_t free_at;     /* the bin that is being filled: its first free byte */
    uint32_t free_left;   /* and how many there are up to its end */
    uint8_t *apart;       /* a new cell before the window, which is not written yet */
    uint32_t apart_at;    /* HC_NIL: none */
    uint32_t apart_bytes; /* with the size of the free cell behind it */
} HcCells;

/** hc_cells_init: @output: (nullable): NULL for a file in memory; HC_ERROR_IO when there is no
 * memory; hc_cells_clear() @cells then, too. */
gboolean hc_cells_init(HcCells *cells, HcOutput *output, GError **error);
void hc_cells_clear(HcCells *cells);

/**
 * hc_cells_alloc:
 * @payload_bytes: what the cell has to hold, without its size field
 *
 * Allocates a cell; never across bins.
 *
 * Returns: the cell's offset, or HC_NIL with HC_ERROR_LIMIT, or HC_ERROR_IO when there is no room
 */
uint32_t hc_cells_alloc(HcCells *cells, gsize payload_bytes, GError **error);

/** A cell with more than this is written by hc_cells_put(), all of it. */
#define HC_CELLS_MAX_AT (80u << 10)

/** Returns: (transfer none): the payload, at most HC_CELLS_MAX_AT bytes, of the cell that was
 * allocated last, until the next allocation. */
static inline uint8_t *
hc_cells_at(const HcCells *cells, uint32_t offset)
{
    if (G_UNLIKELY(offset == cells->apart_at))
        return cells->apart + 4;
    return cells->window + (HC_BASE_BLOCK_BYTES + (gsize) offset + 4 - cells->window_start);
}

/** hc_cells_put: @bytes at @at in the payload of any cell. */
gboolean hc_cells_put(HcCells *cells, uint32_t offset, gsize at, const void *bytes, gsize n_bytes,
                      GError **error);
gboolean hc_cells_put32(HcCells *cells, uint32_t offset, gsize at, uint32_t number, GError **error);

/**
 * hc_cells_finish:
 * @root: offset of the root key's cell
 *
 * Writes the base block.
 *
 * Returns: (transfer full): the file, a mapping; @cells is empty afterwards
 */
GBytes *hc_cells_finish(HcCells *cells, const HcWriterOptions *options, uint32_t root,
                        GError **error);

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

/** HcSecurityPool: the sk cells of a hive that is being written, one per distinct descriptor.
 */
typedef struct {
    GHashTable *by_content; /* HcBlob * in @arena -> index in @cells, plus 1 */
    GArray *cells;          /* of HcSecurityCell, in order of appearance */
    HcArena *arena;
    guint last; /* index of the cell that was used last */
} HcSecurityPool;

typedef struct {
    uint32_t offset;
    uint32_t n_references;
    HcBlob content; /* in the arena */
} HcSecurityCell;

void hc_security_pool_init(HcSecurityPool *pool);
void hc_security_pool_clear(HcSecurityPool *pool);

/**
 * hc_security_pool_use:
 * Counts one more reference to @descriptor, which is written to @cells when it is new.
 *
 * @index: (out): for hc_security_pool_use_index()
 *
 * Returns: offset of the sk cell, or HC_NIL with HC_ERROR_LIMIT
 */
uint32_t hc_security_pool_use(HcSecurityPool *pool, HcCells *cells, HcBlob descriptor, guint *index,
                              GError **error);

/** hc_security_pool_use_index: the same for a descriptor that is there. Returns: its offset. */
uint32_t hc_security_pool_use_index(HcSecurityPool *pool, guint index);

/** hc_security_pool_finish: writes the ring of links and the reference counts. */
gboolean hc_security_pool_finish(const HcSecurityPool *pool, HcCells *cells, GError **error);

G_END_DECLS
