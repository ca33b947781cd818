#include "config.h"

#include "hivecore/base/base-private.h"

#include <stdint.h>
#include <sys/mman.h>

void *
hc_huge_new(gsize n_bytes)
{
    uint8_t *mapped = mmap(NULL, n_bytes + HC_HUGE_BYTES, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    const gsize n_before = -(uintptr_t) mapped % HC_HUGE_BYTES;
    uint8_t *block = mapped + n_before;
    if (n_before > 0)
        (void) munmap(mapped, n_before);
    (void) munmap(block + n_bytes, HC_HUGE_BYTES - n_before);
    /* Advice: a kernel that does not take it loses nothing. */
    (void) madvise(block, n_bytes, MADV_HUGEPAGE);
    return block;
}

void
hc_huge_free(void *block, gsize n_bytes)
{
    (void) munmap(block, n_bytes);
}
