#include "config.h"

#include "hivecore/base/huge.h"

#include <stdint.h>
#include <sys/mman.h>

/* Smaller blocks hold no page of 2 MiB, the size of x86-64 and of most other machines. */
#define HUGE_BYTES ((gsize) 2 << 20)
#define PAGE_BYTES ((gsize) 64 << 10) /* a multiple of every page size in use */

void
hc_huge_advise(void *block, gsize n_bytes)
{
    if (n_bytes < HUGE_BYTES)
        return;
    gsize skip = (PAGE_BYTES - (uintptr_t) block % PAGE_BYTES) % PAGE_BYTES;
    gsize inner = (n_bytes - skip) / PAGE_BYTES * PAGE_BYTES;
    /* Advice: a kernel that does not take it loses nothing. */
    (void) madvise((uint8_t *) block + skip, inner, MADV_HUGEPAGE);
}
