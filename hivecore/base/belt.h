#pragma once

#include <stdint.h>

#include "hivecore/base/parallel.h"

G_BEGIN_DECLS

/**
 * HcBelt: bytes that one thread makes and others take, in their order, one block after the other,
 * while the first goes on: a digest beside a walk. It has room for a few blocks. When they are full
 * and nobody takes, who makes them does it, and so with one thread each block is taken when it is
 * given.
 */
typedef struct HcBelt HcBelt;

enum {
    HC_BELT_BLOCK_BYTES = 256 * 1024,
};

/** HcBeltTake: what is done with bytes. @to: as they were given. Never two calls at once. */
typedef void (*HcBeltTake)(gpointer to, const uint8_t *bytes, gsize n_bytes);

/**
 * hc_belt_new:
 * @parallel: gets the belt as a piece, for which its work calls hc_belt_take()
 */
HcBelt *hc_belt_new(HcParallel *parallel, HcBeltTake take);

/** hc_belt_free: not before hc_parallel_finish(); what nobody has taken by then is lost. */
void hc_belt_free(HcBelt *belt);

/** hc_belt_block: Returns: (transfer none): HC_BELT_BLOCK_BYTES for the bytes to be given next. */
uint8_t *hc_belt_block(HcBelt *belt);

/** hc_belt_give: that the block's first @n_bytes are to be taken, and no longer to be written. */
void hc_belt_give(HcBelt *belt, gpointer to, gsize n_bytes);

/** hc_belt_take: takes what waits, unless another thread is at it. */
void hc_belt_take(HcBelt *belt);

/** hc_belt_finish: ends when all that was given is taken. */
void hc_belt_finish(HcBelt *belt);

G_END_DECLS
