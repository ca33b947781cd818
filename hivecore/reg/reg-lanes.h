#pragma once

#include <stdint.h>
#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/*
 * Eight units of text at once, in the compiler's own vectors, which are instructions of the
 * processor where it has them. Comparing two gives ffff in each lane where it holds. Private to
 * the reader.
 */
typedef uint16_t HcRegLanes __attribute__((vector_size(16)));

#define HC_REG_N_LANES 8

static inline HcRegLanes
hc_reg_load_lanes(const uint16_t *units)
{
    HcRegLanes lanes;
    memcpy(&lanes, units, sizeof(lanes));
    return lanes;
}

static inline HcRegLanes
hc_reg_lanes_equal(HcRegLanes lanes, uint16_t unit)
{
    return (HcRegLanes) (lanes == unit);
}

/** Returns: whether a lane is not 0. */
static inline gboolean
hc_reg_is_any(HcRegLanes lanes)
{
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof(halves));
    return (halves[0] | halves[1]) != 0;
}

/** Returns: the number of the first lane that is ffff, in lanes that are 0 or that; 8: none. */
static inline guint
hc_reg_first_lane(HcRegLanes lanes)
{
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof(halves));
    if (halves[0] != 0)
        return (guint) __builtin_ctzll(halves[0]) / 16;
    return halves[1] != 0 ? 4 + (guint) __builtin_ctzll(halves[1]) / 16 : HC_REG_N_LANES;
}

G_END_DECLS
