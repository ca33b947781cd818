#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/regf/layout.h"
#include "hivecore/regf/writer.h"

G_BEGIN_DECLS

/**
 * HcCells: the growing bytes of a hive that is being written, mapped from a file in memory, so
 * that the heap stays small. Offsets are those of the file format: from the end of the base block.
 * Everything that is not written is zero.
 */
typedef struct {
    int fd;             /* -1: none */
    uint8_t *bytes;     /* base block and bins */
    gsize n_bytes;      /* used: the base block and whole bins */
    gsize n_allocated;  /* of @bytes */
    uint32_t free_at;   /* the bin that is being filled: its first free byte */
    uint32_t free_left; /* and how many there are up to its end */
} HcCells;

/** hc_cells_init: HC_ERROR_IO when there is no memory; hc_cells_clear() @cells then, too. */
gboolean hc_cells_init(HcCells *cells, GError **error);
void hc_cells_clear(HcCells *cells);

/**
 * hc_cells_alloc:
 * @payload_bytes: what the cell has to hold, without its size field
 *
 * Allocates a cell; never across bins. Pointers into @cells are void after it.
 *
 * Returns: the cell's offset, or HC_NIL with HC_ERROR_LIMIT, or HC_ERROR_IO when there is no memory
 */
uint32_t hc_cells_alloc(HcCells *cells, gsize payload_bytes, GError **error);

/** Returns: (transfer none): the payload of the cell at @offset, until the next allocation. */
static inline uint8_t *
hc_cells_at(const HcCells *cells, uint32_t offset)
{
    return cells->bytes + HC_BASE_BLOCK_BYTES + offset + 4;
}

/**
 * hc_cells_finish:
 * @root: offset of the root key's cell
 *
 * Writes the base block.
 *
 * Returns: (transfer full): the file, a mapping; @cells is empty afterwards
 */
GBytes *hc_cells_finish(HcCells *cells, const HcWriterOptions *options, uint32_t root);

G_END_DECLS
