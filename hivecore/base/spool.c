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

/* The memory that is begun with, and that of which the next is one block of huge pages: a few bytes
 * shall not take megabytes. */
#define FIRST_BYTES (64u << 10)
#define MANY_BYTES  (256u << 10)

/* What is gathered before it is written: file systems keep what comes in so large pieces, from
 * memory that lies so, in huge pages, of which one is mapped in place of 512. */
#define BLOCK_BYTES HC_MAX_TEXT_IN_MEMORY
G_STATIC_ASSERT(BLOCK_BYTES % HC_HUGE_BYTES == 0);

struct HcSpool {
    uint8_t *memory; /* all of it, or what is not in the file yet: n_memory of n_room bytes */
    gsize n_memory;
    gsize n_room;
    gboolean is_huge;   /* the memory is hc_huge_new()'s */
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

static void
free_memory(HcSpool *spool)
{
    if (spool->is_huge)
        hc_huge_free(spool->memory, spool->n_room);
    else
        g_free(spool->memory);
}

void
hc_spool_free(HcSpool *spool)
{
    if (spool == NULL)
        return;
    forget_file(spool);
    free_memory(spool);
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

/* More memory, with what was in it. */
static void
grow(HcSpool *spool)
{
    uint8_t *block = spool->n_room < MANY_BYTES ? NULL : hc_huge_new(BLOCK_BYTES);
    if (block == NULL) {
        spool->n_room = MAX(FIRST_BYTES, 2 * spool->n_room);
        spool->memory = g_realloc(spool->memory, spool->n_room);
        return;
    }
    memcpy(block, spool->memory, spool->n_memory);
    free_memory(spool);
    spool->memory = block;
    spool->n_room = BLOCK_BYTES;
    spool->is_huge = TRUE;
}

uint8_t *
hc_spool_room(HcSpool *spool, gsize *n_bytes)
{
    if (spool->n_memory == BLOCK_BYTES)
        flush(spool);
    if (spool->n_memory == spool->n_room)
        grow(spool);
    *n_bytes = spool->n_room - spool->n_memory;
    return spool->memory + spool->n_memory;
}

void
hc_spool_took(HcSpool *spool, gsize n_bytes)
{
    spool->n_memory += n_bytes;
}

void
hc_spool_append(HcSpool *spool, const void *bytes, gsize n_bytes)
{
    const uint8_t *next = bytes;
    while (n_bytes > 0) {
        gsize n_room;
        uint8_t *to = hc_spool_room(spool, &n_room);
        const gsize n = MIN(n_bytes, n_room);
        memcpy(to, next, n);
        hc_spool_took(spool, n);
        next += n;
        n_bytes -= n;
    }
}

uint64_t
hc_spool_size(const HcSpool *spool)
{
    return spool->n_written + spool->n_memory;
}

/* All of it, where there is no file. */
static GBytes *
take_memory(HcSpool *spool)
{
    uint8_t *memory = g_steal_pointer(&spool->memory);
    GBytes *bytes = spool->is_huge ? hc_bytes_from_mapping(memory, spool->n_room, spool->n_memory)
                                   : g_bytes_new_take(memory, spool->n_memory);
    spool->n_memory = 0;
    spool->n_room = 0;
    spool->is_huge = FALSE;
    return bytes;
}

GBytes *
hc_spool_finish(HcSpool *spool, GError **error)
{
    if (spool->fd < 0 && spool->saved_errno == 0)
        return take_memory(spool);
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
