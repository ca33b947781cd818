#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/error.h"
#include "hivecore/base/map.h"

/*
 * What is written in pieces is gathered in a buffer, and leaves it in blocks that begin at
 * multiples of their size: file systems keep large ones in huge pages, which are mapped for the
 * proof in a fraction of the time. The disk begins with each block when it is there, so that the
 * fsync() at the end has little to wait for.
 */
enum {
    SMALL_BYTES = 256 * 1024,        /* of the heap, while the file is no larger */
    LARGE_BYTES = 2 * HC_HUGE_BYTES, /* of huge pages */
};

/* Of whole blocks, so that nothing is added to what is on its way. What fails here is told by the
 * fsync() of the commit. */
static void
begin_to_disk(HcOutput *output, uint64_t end)
{
    end -= end % LARGE_BYTES;
    if (output->temp == NULL || end <= output->n_begun)
        return;
    (void) sync_file_range(output->fd, (off_t) output->n_begun, (off_t) (end - output->n_begun),
                           SYNC_FILE_RANGE_WRITE);
    output->n_begun = end;
}

static gboolean
write_through(HcOutput *output, uint64_t offset, const guint8 *bytes, gsize n_bytes, GError **error)
{
    while (n_bytes > 0) {
        const ssize_t n = pwrite(output->fd, bytes, MIN(n_bytes, 1u << 30), (off_t) offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hc_fail_io(error, output->name, "cannot write", errno);
        bytes += n;
        offset += (uint64_t) n;
        n_bytes -= (gsize) n;
    }
    begin_to_disk(output, offset);
    return TRUE;
}

void
hc_output_drop_buffer(HcOutput *output)
{
    if (output->n_room == LARGE_BYTES)
        hc_huge_free(output->buffer, output->n_room);
    else
        g_free(output->buffer);
    output->buffer = NULL;
    output->n_room = 0;
    output->n_buffered = 0;
}

static gboolean
write_buffer(HcOutput *output, GError **error)
{
    const gsize n_bytes = output->n_buffered;
    const uint64_t offset = output->buffer_at;
    output->n_buffered = 0;
    output->buffer_at += n_bytes;
    return n_bytes == 0 || write_through(output, offset, output->buffer, n_bytes, error);
}

gboolean
hc_output_flush(HcOutput *output, GError **error)
{
    const gboolean is_written = write_buffer(output, error);
    hc_output_drop_buffer(output);
    return is_written;
}

/* How much more the buffer takes, up to the end of a block. */
static gsize
room_left(const HcOutput *output)
{
    if (output->n_room == 0)
        return 0;
    return output->n_room - (gsize) (output->buffer_at % output->n_room) - output->n_buffered;
}

/* A buffer that is full: it becomes a large one, or is written. */
static gboolean
make_room(HcOutput *output, GError **error)
{
    const gboolean is_small = output->n_room == SMALL_BYTES;
    guint8 *large = is_small ? hc_huge_new(LARGE_BYTES) : NULL;
    if (large != NULL) {
        const gsize n_buffered = output->n_buffered;
        memcpy(large, output->buffer, n_buffered);
        hc_output_drop_buffer(output);
        output->buffer = large;
        output->n_room = LARGE_BYTES;
        output->n_buffered = n_buffered;
        return TRUE;
    }
    if (output->buffer == NULL) {
        output->buffer = g_malloc(SMALL_BYTES);
        output->n_room = SMALL_BYTES;
    }
    return write_buffer(output, error);
}

/* Bytes for the end of the buffer. */
static gboolean
append(HcOutput *output, const guint8 *bytes, gsize n_bytes, GError **error)
{
    while (n_bytes > 0) {
        const gsize n = MIN(n_bytes, room_left(output));
        if (n == 0 && !make_room(output, error))
            return FALSE;
        if (n > 0)
            memcpy(output->buffer + output->n_buffered, bytes, n);
        output->n_buffered += n;
        bytes += n;
        n_bytes -= n;
    }
    return TRUE;
}

gboolean
hc_output_write_at(HcOutput *output, uint64_t offset, const void *bytes, gsize n_bytes,
                   GError **error)
{
    const uint64_t at = output->buffer_at;
    const uint64_t end = at + output->n_buffered;
    if (output->is_seen || offset + n_bytes <= at || n_bytes == 0)
        return write_through(output, offset, bytes, n_bytes, error);
    if (offset >= at && offset + n_bytes <= end) {
        memcpy(output->buffer + (offset - at), bytes, n_bytes);
        return TRUE;
    }
    if (offset == end)
        return append(output, bytes, n_bytes, error);
    if (!write_buffer(output, error))
        return FALSE;
    if (offset < end)
        return write_through(output, offset, bytes, n_bytes, error);
    output->buffer_at = offset;
    return append(output, bytes, n_bytes, error);
}

gboolean
hc_output_write(HcOutput *output, const void *bytes, gsize n_bytes, GError **error)
{
    const uint64_t offset = output->end;
    output->end += n_bytes;
    if (n_bytes <= SMALL_BYTES)
        return hc_output_write_at(output, offset, bytes, n_bytes, error);
    if (!write_buffer(output, error) || !write_through(output, offset, bytes, n_bytes, error))
        return FALSE;
    output->buffer_at = output->end;
    return TRUE;
}

int
hc_output_fd(HcOutput *output)
{
    output->is_seen = TRUE;
    return output->fd;
}

gboolean
hc_output_clear(HcOutput *output, GError **error)
{
    hc_output_drop_buffer(output);
    output->end = 0;
    output->buffer_at = 0;
    output->n_begun = 0;
    output->is_seen = FALSE;
    return ftruncate(output->fd, 0) == 0 || hc_fail_io(error, output->name, "cannot write", errno);
}

/* Some file systems (9p, FUSE with direct I/O) share no pages of a file that can be written. There
 * the pages are our own, and those of an earlier look are dropped, which may be older than what was
 * written since. */
static void *
map_content(const HcOutput *output, gsize n_bytes)
{
    void *mapped = mmap(NULL, n_bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, output->fd, 0);
    if (mapped != MAP_FAILED)
        return mapped;
    (void) posix_fadvise(output->fd, 0, 0, POSIX_FADV_DONTNEED); /* advice */
    return mmap(NULL, n_bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, output->fd, 0);
}

GBytes *
hc_output_map(HcOutput *output, GError **error)
{
    struct stat status;
    if (!hc_output_flush(output, error))
        return NULL;
    if (fstat(output->fd, &status) != 0)
        return hc_fail_io_null(error, output->name, "cannot read back", errno);
    const gsize n_bytes = (gsize) status.st_size;
    if (n_bytes == 0)
        return g_bytes_new_static("", 0);
    /* As in begin_to_disk(). */
    if (output->temp != NULL)
        (void) sync_file_range(output->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    void *mapped = map_content(output, n_bytes);
    if (mapped == MAP_FAILED)
        return hc_fail_io_null(error, output->name, "cannot read back", errno);
    output->is_seen = TRUE;
    return hc_bytes_from_mapping(mapped, n_bytes, n_bytes);
}
