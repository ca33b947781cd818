#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/writer-private.h"

enum {
    /* Small enough to stay in the processor's cache. */
    WINDOW_BYTES = 128 * 1024,
    /* A bin that is larger goes to the file past the window. */
    LARGE_BIN_BYTES = 96 * 1024
};

static gboolean
too_large(GError **error)
{
    return hc_fail(error, HC_ERROR_LIMIT, "the hive would be larger than %u bytes",
                   HC_MAX_HIVE_BYTES);
}

gboolean
hc_cells_init(HcCells *cells, HcOutput *output, GError **error)
{
    *cells = (HcCells){.output = output, .apart_at = HC_NIL};
    if (output == NULL)
        cells->output = cells->own = hc_output_open_memory("the new hive", error);
    if (cells->output == NULL)
        return FALSE;
    cells->window = g_malloc0(WINDOW_BYTES);
    cells->apart = g_malloc(HC_HBIN_ALIGN + 4);
    cells->n_bytes = HC_BASE_BLOCK_BYTES;
    return TRUE;
}

void
hc_cells_clear(HcCells *cells)
{
    hc_output_free(cells->own);
    g_free(cells->window);
    g_free(cells->apart);
    *cells = (HcCells){.apart_at = HC_NIL};
}

static gboolean
write_window(HcCells *cells, GError **error)
{
    const gsize n_bytes = cells->n_bytes - cells->window_start;
    if (!hc_output_write_at(cells->output, cells->window_start, cells->window, n_bytes, error))
        return FALSE;
    memset(cells->window, 0, n_bytes);
    cells->window_start = cells->n_bytes;
    return TRUE;
}

static gboolean
write_apart(HcCells *cells, GError **error)
{
    const uint32_t offset = cells->apart_at;
    if (offset == HC_NIL)
        return TRUE;
    cells->apart_at = HC_NIL;
    return hc_output_write_at(cells->output, HC_BASE_BLOCK_BYTES + (uint64_t) offset, cells->apart,
                              cells->apart_bytes, error);
}

static gboolean
is_in_window(const HcCells *cells, uint32_t offset)
{
    return HC_BASE_BLOCK_BYTES + (gsize) offset >= cells->window_start;
}

gboolean
hc_cells_put(HcCells *cells, uint32_t offset, gsize at, const void *bytes, gsize n_bytes,
             GError **error)
{
    if (n_bytes == 0)
        return TRUE;
    if (!is_in_window(cells, offset) && offset != cells->apart_at)
        return hc_output_write_at(cells->output, HC_BASE_BLOCK_BYTES + (uint64_t) offset + 4 + at,
                                  bytes, n_bytes, error);
    memcpy(hc_cells_at(cells, offset) + at, bytes, n_bytes);
    return TRUE;
}

gboolean
hc_cells_put32(HcCells *cells, uint32_t offset, gsize at, uint32_t number, GError **error)
{
    uint8_t bytes[4];
    hc_put32(bytes, number);
    return hc_cells_put(cells, offset, at, bytes, sizeof(bytes), error);
}

static void
fill_bin_header(uint8_t *bin, gsize offset, gsize size)
{
    memcpy(bin + HC_HBIN_SIGNATURE, "hbin", 4);
    hc_put32(bin + HC_HBIN_OFFSET, (uint32_t) offset);
    hc_put32(bin + HC_HBIN_SIZE, (uint32_t) size);
}

/* A new bin at the end of the window. */
static gboolean
add_bin(HcCells *cells, gsize size, GError **error)
{
    const gsize offset = cells->n_bytes - HC_BASE_BLOCK_BYTES;
    if (cells->n_bytes + size - cells->window_start > WINDOW_BYTES && !write_window(cells, error))
        return FALSE;
    fill_bin_header(cells->window + (cells->n_bytes - cells->window_start), offset, size);
    cells->n_bytes += size;
    return TRUE;
}

/* A new bin with one cell, past the window: the header, and the end, where the cell's may be. What
 * is between them the cell's content will fill. */
static gboolean
add_large_bin(HcCells *cells, gsize size, uint32_t cell_bytes, GError **error)
{
    uint8_t page[HC_HBIN_ALIGN] = {0};
    const gsize start = cells->n_bytes;
    const uint32_t n_free = (uint32_t) size - HC_HBIN_HEADER_BYTES - cell_bytes;
    if (!write_window(cells, error))
        return FALSE;
    if (n_free > 0)
        hc_put32(page + HC_HBIN_ALIGN - n_free, n_free);
    if (!hc_output_write_at(cells->output, start + size - HC_HBIN_ALIGN, page, sizeof(page), error))
        return FALSE;
    memset(page, 0, sizeof(page));
    fill_bin_header(page, start - HC_BASE_BLOCK_BYTES, size);
    hc_put32(page + HC_HBIN_HEADER_BYTES, 0u - cell_bytes);
    cells->n_bytes += size;
    cells->window_start = cells->n_bytes;
    return hc_output_write_at(cells->output, start, page, sizeof(page), error);
}

/* Takes @cell_bytes from the start of a free cell; what is left is a free cell again. */
static void
take(HcCells *cells, uint32_t *first_free, uint32_t *n_free, uint32_t cell_bytes)
{
    uint8_t *cell = cells->apart;
    const uint32_t left = *n_free - cell_bytes;
    if (is_in_window(cells, *first_free)) {
        cell = hc_cells_at(cells, *first_free) - 4;
    } else {
        cells->apart_at = *first_free;
        cells->apart_bytes = cell_bytes + (left > 0 ? 4 : 0);
        memset(cell, 0, cells->apart_bytes);
    }
    hc_put32(cell, 0u - cell_bytes);
    if (left > 0)
        hc_put32(cell + cell_bytes, left);
    *first_free += cell_bytes;
    *n_free = left;
}

/* A bin for a cell that the one being filled has no room for. */
static uint32_t
alloc_in_new_bin(HcCells *cells, uint32_t cell_bytes, GError **error)
{
    const gsize size = (HC_HBIN_HEADER_BYTES + (gsize) cell_bytes + HC_HBIN_ALIGN - 1) /
                       HC_HBIN_ALIGN * HC_HBIN_ALIGN;
    uint32_t first_free = (uint32_t) (cells->n_bytes - HC_BASE_BLOCK_BYTES) + HC_HBIN_HEADER_BYTES;
    uint32_t n_free = (uint32_t) size - HC_HBIN_HEADER_BYTES;
    const uint32_t offset = first_free;
    if (size > HC_MAX_HIVE_BYTES - cells->n_bytes) {
        (void) too_large(error); /* only ever says FALSE */
        return HC_NIL;
    }
    if (size > LARGE_BIN_BYTES) {
        if (!add_large_bin(cells, size, cell_bytes, error))
            return HC_NIL;
        first_free += cell_bytes;
        n_free -= cell_bytes;
    } else {
        if (!add_bin(cells, size, error))
            return HC_NIL;
        take(cells, &first_free, &n_free, cell_bytes);
    }
    /* Large cells come with bins of their own; the roomier bin is filled further, so that a
     * row of them (big data) does not leave a hole after each small cell between. */
    if (n_free > cells->free_left) {
        cells->free_at = first_free;
        cells->free_left = n_free;
    }
    return offset;
}

uint32_t
hc_cells_alloc(HcCells *cells, gsize payload_bytes, GError **error)
{
    gsize cell_bytes;
    if (!g_size_checked_add(&cell_bytes, payload_bytes, 4 + HC_CELL_ALIGN - 1) ||
        cell_bytes > HC_MAX_HIVE_BYTES) {
        (void) too_large(error); /* only ever says FALSE */
        return HC_NIL;
    }
    cell_bytes = cell_bytes / HC_CELL_ALIGN * HC_CELL_ALIGN;
    if (!write_apart(cells, error))
        return HC_NIL;
    if (cell_bytes > cells->free_left)
        return alloc_in_new_bin(cells, (uint32_t) cell_bytes, error);
    const uint32_t offset = cells->free_at;
    take(cells, &cells->free_at, &cells->free_left, (uint32_t) cell_bytes);
    return offset;
}

/* The embedded name: the tail of the path, with room for a final NUL. */
static void
put_file_name(uint8_t *base, HcName name)
{
    const uint32_t max_units = HC_BASE_NAME_BYTES / 2 - 1;
    const uint32_t start = name.n_units > max_units ? name.n_units - max_units : 0;
    for (uint32_t i = start; i < name.n_units; i++)
        hc_put16(base + HC_BASE_NAME + 2 * (gsize) (i - start), hc_name_unit(name, i));
}

GBytes *
hc_cells_finish(HcCells *cells, const HcWriterOptions *options, uint32_t root, GError **error)
{
    uint8_t base[HC_BASE_BLOCK_BYTES] = {0};
    memcpy(base + HC_BASE_SIGNATURE, "regf", 4);
    hc_put32(base + HC_BASE_SEQUENCE1, 1);
    hc_put32(base + HC_BASE_SEQUENCE2, 1);
    hc_put64(base + HC_BASE_MTIME, options->mtime_filetime);
    hc_put32(base + HC_BASE_MAJOR, 1);
    hc_put32(base + HC_BASE_MINOR, options->minor);
    hc_put32(base + HC_BASE_FORMAT, 1);
    hc_put32(base + HC_BASE_ROOT, root);
    hc_put32(base + HC_BASE_BINS_BYTES, (uint32_t) (cells->n_bytes - HC_BASE_BLOCK_BYTES));
    hc_put32(base + HC_BASE_CLUSTER, 1);
    put_file_name(base, options->file_name);
    hc_put32(base + HC_BASE_FLAGS, options->is_differencing ? HC_BASE_FLAG_LAYERED : 0);

    hc_put32(base + HC_BASE_CHECKSUM, hc_base_checksum(base));
    if (!write_apart(cells, error) || !write_window(cells, error) ||
        !hc_output_write_at(cells->output, 0, base, sizeof(base), error))
        return NULL;
    GBytes *bytes = hc_output_map(cells->output, error);
    hc_cells_clear(cells);
    return bytes;
}
