#pragma once

#include <stdint.h>

/* Little-endian numbers at any address. */

static inline uint16_t
hc_get16(const uint8_t *at)
{
    return (uint16_t) (at[0] | at[1] << 8);
}

static inline uint32_t
hc_get32(const uint8_t *at)
{
    return (uint32_t) at[0] | (uint32_t) at[1] << 8 | (uint32_t) at[2] << 16 |
           (uint32_t) at[3] << 24;
}

static inline uint64_t
hc_get64(const uint8_t *at)
{
    return hc_get32(at) | (uint64_t) hc_get32(at + 4) << 32;
}

static inline void
hc_put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t) value;
    at[1] = (uint8_t) (value >> 8);
}

static inline void
hc_put32(uint8_t *at, uint32_t value)
{
    hc_put16(at, (uint16_t) value);
    hc_put16(at + 2, (uint16_t) (value >> 16));
}

static inline void
hc_put64(uint8_t *at, uint64_t value)
{
    hc_put32(at, (uint32_t) value);
    hc_put32(at + 4, (uint32_t) (value >> 32));
}
