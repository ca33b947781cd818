#pragma once

#include "hivecore/base/name.h"

G_BEGIN_DECLS

/**
 * HcNearest: of many names, the one that somebody who wrote @wanted may have meant: that which
 * takes the fewest letters changed, left out, put in or swapped with the next one, in any case.
 * Members are private but @best.
 */
typedef struct {
    HcName wanted;
    guint limit; /* only what is nearer than this is taken */
    guint n_left;
    HcName best; /* borrowed from what was offered; no unit: none is near */
} HcNearest;

/** hc_nearest_start: a third of the letters of @wanted may be wrong, and at most three. */
HcNearest hc_nearest_start(HcName wanted);

/** hc_nearest_offer: of names equally near the first stays. Beyond HC_MAX_NEAREST none is looked
 * at. */
void hc_nearest_offer(HcNearest *nearest, HcName name);

G_END_DECLS
