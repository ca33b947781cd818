#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * hc_huge_advise:
 * Tells the kernel that @n_bytes at @block, new and large, will be used as a whole: fewer and
 * larger pages then take a third of the time to come by. Does nothing where that is not possible.
 */
void hc_huge_advise(void *block, gsize n_bytes);

G_END_DECLS
