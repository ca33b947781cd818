#include "config.h"

#include "hivecore/base/spool.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"

/* What is gathered before it is written. */
#define BLOCK_BYTES (1u << 20)

struct HcSpool {
    uint8_t *memory; /* all of it, or what is not in the file yet: n_memory of n_room bytes */
    gsize n_memory;
    gsize n_room;
    uint64_t n_written; /* to the file */
    int fd;             /* -1: none */
    char *folder;       /* of the file */
    int saved_errno;    /* of what failed first; 0: nothing */
};

HcSpool *
hc_spool_new(void)
{
    HcSpool *spool = g_new0(HcSpool, 1);
    spool->fd = -1;
    return spool;
}

static void
forget_file(HcSpool *spool)
{
    /* It has no name: nothing can be lost. */
    if (spool->fd >= 0)
        (void) close(spool->fd);
    spool->fd = -1;
    spool->n_written = 0;
}

void
hc_spool_free(HcSpool *spool)
{
    if (spool == NULL)
        return;
    forget_file(spool);
    g_free(spool->memory);
    g_free(spool->folder);
    g_free(spool);
}

/* Writes what is in memory to the file. */
static void
flush(HcSpool *spool)
{
    if (spool->fd < 0 && spool->saved_errno == 0) {
        g_free(spool->folder);
        spool->fd = hc_nameless_open(&spool->folder);
        if (spool->fd < 0)
            spool->saved_errno = errno;
    }
    for (gsize done = 0; done < spool->n_memory && spool->saved_errno == 0;) {
        const ssize_t n = write(spool->fd, spool->memory + done, spool->n_memory - done);
        if (n < 0 && errno != EINTR)
            spool->saved_errno = errno;
        else if (n >= 0)
            done += (gsize) n;
    }
    spool->n_written += spool->n_memory;
    spool->n_memory = 0;
}

static void
make_room(HcSpool *spool, gsize n_bytes)
{
    if (spool->n_room - spool->n_memory >= n_bytes)
        return;
    spool->n_room = MAX(2 * spool->n_room, spool->n_memory + n_bytes);
    spool->memory = g_realloc(spool->memory, spool->n_room);
}

void
hc_spool_append(HcSpool *spool, const void *bytes, gsize n_bytes)
{
    const uint8_t *next = bytes;
    while (n_bytes > 0) {
        const gsize limit = spool->fd < 0 ? HC_MAX_TEXT_IN_MEMORY : BLOCK_BYTES;
        const gsize n = MIN(n_bytes, limit - spool->n_memory);
        make_room(spool, n);
        memcpy(spool->memory + spool->n_memory, next, n);
        spool->n_memory += n;
        next += n;
        n_bytes -= n;
        if (n_bytes > 0)
            flush(spool);
    }
}

void
hc_spool_copy(HcSpool *spool, int fd, uint64_t n_bytes)
{
    flush(spool);
    while (n_bytes > 0 && spool->saved_errno == 0) {
        const ssize_t n = copy_file_range(fd, NULL, spool->fd, NULL, n_bytes, 0);
        if (n <= 0)
            return;
        spool->n_written += (uint64_t) n;
        n_bytes -= (uint64_t) n;
    }
}

uint64_t
hc_spool_size(const HcSpool *spool)
{
    return spool->n_written + spool->n_memory;
}

GBytes *
hc_spool_finish(HcSpool *spool, GError **error)
{
    if (spool->fd < 0 && spool->saved_errno == 0) {
        const gsize n_bytes = spool->n_memory;
        spool->n_memory = 0;
        spool->n_room = 0;
        return g_bytes_new_take(g_steal_pointer(&spool->memory), n_bytes);
    }
    flush(spool);
    const gsize n_bytes = (gsize) spool->n_written;
    void *mapped = MAP_FAILED;
    if (spool->saved_errno == 0) {
        mapped = mmap(NULL, n_bytes, PROT_READ, MAP_SHARED, spool->fd, 0);
        spool->saved_errno = mapped == MAP_FAILED ? errno : 0;
    }
    const int saved_errno = spool->saved_errno;
    spool->saved_errno = 0;
    forget_file(spool);
    if (saved_errno != 0)
        return hc_fail_io_null(error, spool->folder,
                               "cannot write a temporary file (TMPDIR names another folder)",
                               saved_errno);
    return hc_bytes_from_mapping(mapped, n_bytes, n_bytes);
}
