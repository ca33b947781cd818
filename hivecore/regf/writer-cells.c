#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/regf/writer-cells.h"

enum {
    FIRST_ALLOCATION = 64 * 1024,
    ALLOCATION_ALIGN = 64 * 1024
};

static gboolean
too_large(GError **error)
{
    return hc_fail(error, HC_ERROR_LIMIT, "the hive would be larger than %u bytes",
                   HC_MAX_HIVE_BYTES);
}

static gboolean
no_memory(int saved_errno, GError **error)
{
    return hc_fail_io(error, "the new hive", "cannot be held in memory", saved_errno);
}

/*
 * Makes the file @size bytes long, and the mapping with it. The blocks are reserved: a store into
 * a page for which there is no room would end the program with SIGBUS.
 */
static gboolean
resize(HcCells *cells, gsize size, GError **error)
{
    const off_t start = (off_t) cells->n_allocated;
    int failure;
    do
        failure = posix_fallocate(cells->fd, start, (off_t) size - start);
    while (failure == EINTR);
    if (failure != 0)
        return no_memory(failure, error);
    void *bytes = cells->bytes == NULL
                      ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, cells->fd, 0)
                      : mremap(cells->bytes, cells->n_allocated, size, MREMAP_MAYMOVE);
    if (bytes == MAP_FAILED)
        return no_memory(errno, error);
    cells->bytes = bytes;
    cells->n_allocated = size;
    return TRUE;
}

/* Makes room for @n_more bytes at the end; they are zero, as new bytes of a file are. */
static gboolean
grow(HcCells *cells, gsize n_more, GError **error)
{
    if (n_more > HC_MAX_HIVE_BYTES - cells->n_bytes)
        return too_large(error);
    const gsize needed = cells->n_bytes + n_more;
    if (needed > cells->n_allocated) {
        /* By an eighth: more than that would be reserved in vain. */
        const gsize size = MAX(needed, cells->n_allocated + cells->n_allocated / 8);
        if (!resize(cells,
                    MAX((size + ALLOCATION_ALIGN - 1) / ALLOCATION_ALIGN * ALLOCATION_ALIGN,
                        (gsize) FIRST_ALLOCATION),
                    error))
            return FALSE;
    }
    cells->n_bytes = needed;
    return TRUE;
}

gboolean
hc_cells_init(HcCells *cells, GError **error)
{
    *cells = (HcCells){.fd = memfd_create("hive", MFD_CLOEXEC)};
    if (cells->fd < 0)
        return no_memory(errno, error);
    return grow(cells, HC_BASE_BLOCK_BYTES, error);
}

void
hc_cells_clear(HcCells *cells)
{
    /* Neither can fail on what mmap() and memfd_create() gave, and nothing can be lost. */
    if (cells->bytes != NULL)
        (void) munmap(cells->bytes, cells->n_allocated);
    if (cells->fd >= 0)
        (void) close(cells->fd);
    *cells = (HcCells){.fd = -1};
}

/* A new bin at the end, with the free cell that fills it. */
static gboolean
add_bin(HcCells *cells, gsize cell_bytes, uint32_t *first_free, uint32_t *n_free, GError **error)
{
    const gsize offset = cells->n_bytes - HC_BASE_BLOCK_BYTES;
    const gsize size =
        (HC_HBIN_HEADER_BYTES + cell_bytes + HC_HBIN_ALIGN - 1) / HC_HBIN_ALIGN * HC_HBIN_ALIGN;
    if (!grow(cells, size, error))
        return FALSE;
    uint8_t *bin = cells->bytes + HC_BASE_BLOCK_BYTES + offset;
    memcpy(bin + HC_HBIN_SIGNATURE, "hbin", 4);
    hc_put32(bin + HC_HBIN_OFFSET, (uint32_t) offset);
    hc_put32(bin + HC_HBIN_SIZE, (uint32_t) size);
    *first_free = (uint32_t) offset + HC_HBIN_HEADER_BYTES;
    *n_free = (uint32_t) size - HC_HBIN_HEADER_BYTES;
    return TRUE;
}

/* Takes @cell_bytes from the start of a free cell; what is left is a free cell again. */
static void
take(HcCells *cells, uint32_t *first_free, uint32_t *n_free, uint32_t cell_bytes)
{
    uint8_t *cell = cells->bytes + HC_BASE_BLOCK_BYTES + *first_free;
    hc_put32(cell, 0u - cell_bytes);
    *first_free += cell_bytes;
    *n_free -= cell_bytes;
    if (*n_free > 0)
        hc_put32(cell + cell_bytes, *n_free);
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
    if (cell_bytes <= cells->free_left) {
        const uint32_t offset = cells->free_at;
        take(cells, &cells->free_at, &cells->free_left, (uint32_t) cell_bytes);
        return offset;
    }
    uint32_t first_free;
    uint32_t n_free;
    if (!add_bin(cells, cell_bytes, &first_free, &n_free, error))
        return HC_NIL;
    const uint32_t offset = first_free;
    take(cells, &first_free, &n_free, (uint32_t) cell_bytes);
    /* Large cells come with bins of their own; the roomier bin is filled further, so that a
     * row of them (big data) does not leave a hole after each small cell between. */
    if (n_free > cells->free_left) {
        cells->free_at = first_free;
        cells->free_left = n_free;
    }
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

/* Gives the mapping away; what was reserved beyond the hive is given back first. */
static GBytes *
take_mapping(HcCells *cells)
{
    const gsize n_bytes = cells->n_bytes;
    /* Failing to make them smaller does no harm: both then stay as long as they are. */
    (void) !ftruncate(cells->fd, (off_t) n_bytes);
    void *mapped = cells->bytes;
    gsize n_mapped = cells->n_allocated;
    void *smaller = mremap(mapped, n_mapped, n_bytes, 0);
    if (smaller != MAP_FAILED) {
        mapped = smaller;
        n_mapped = n_bytes;
    }
    cells->bytes = NULL;
    hc_cells_clear(cells);
    return hc_bytes_from_mapping(mapped, n_mapped, n_bytes);
}

GBytes *
hc_cells_finish(HcCells *cells, const HcWriterOptions *options, uint32_t root)
{
    uint8_t *base = cells->bytes;
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

    uint32_t checksum = 0;
    for (uint32_t i = 0; i < HC_BASE_CHECKSUM; i += 4)
        checksum ^= hc_get32(base + i);
    if (checksum == UINT32_MAX)
        checksum = UINT32_MAX - 1;
    else if (checksum == 0)
        checksum = 1;
    hc_put32(base + HC_BASE_CHECKSUM, checksum);

    return take_mapping(cells);
}
