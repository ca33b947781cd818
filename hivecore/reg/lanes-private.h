#pragma once

#include <stdint.h>
#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/*
 * Eight units of text at once, in the compiler's own vectors, which are instructions of the
 * processor where it has them. Comparing two gives ffff in each lane where it holds.
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

/** HcRegStops: ffff in the lanes of units that a scan ends at. */
typedef HcRegLanes (*HcRegStops)(HcRegLanes lanes);

/**
 * hc_reg_scan:
 * The first unit from @pos to @end that @stops is ffff for; @end: none is. Inline, and @stops too,
 * so that it is one loop.
 * @n_units: how many there are, @end or more
 */
static inline __attribute__((always_inline)) gsize
hc_reg_scan(const uint16_t *units, gsize n_units, gsize pos, gsize end, HcRegStops stops)
{
    for (; pos < end; pos += HC_REG_N_LANES) {
        HcRegLanes lanes = {0};
        if (n_units - pos >= HC_REG_N_LANES)
            lanes = hc_reg_load_lanes(units + pos);
        else
            memcpy(&lanes, units + pos, (n_units - pos) * sizeof(*units));
        lanes = stops(lanes);
        if (hc_reg_is_any(lanes))
            return MIN(pos + hc_reg_first_lane(lanes), end);
    }
    return end;
}

G_END_DECLS
