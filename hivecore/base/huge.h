#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** The size of a huge page of x86-64 and of most other machines. */
#define HC_HUGE_BYTES ((gsize) 2 << 20)

/**
 * hc_huge_new:
 * Memory that will be used as a whole, in huge pages where the kernel has them: such pages take a
 * fraction of the time to come by.
 * @n_bytes: a multiple of HC_HUGE_BYTES
 *
 * Returns: (nullable): @n_bytes of zeros, for hc_huge_free(); NULL: there is no room
 */
void *hc_huge_new(gsize n_bytes);

void hc_huge_free(void *block, gsize n_bytes);

G_END_DECLS
