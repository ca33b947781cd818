#include "config.h"

#include "hivecore/regf/open.h"

#include "hivecore/regf/layout.h"

typedef struct {
    uint32_t low;
    uint32_t high;
} State;

static uint32_t
rotate_left(uint32_t word, unsigned int n)
{
    return word << n | word >> (32 - n);
}

static State
mix(State state)
{
    state.high ^= state.low;
    state.low = rotate_left(state.low, 20) + state.high;
    state.high = rotate_left(state.high, 9) ^ state.low;
    state.low = rotate_left(state.low, 27) + state.high;
    state.high = rotate_left(state.high, 19);
    return state;
}

uint64_t
hc_marvin32(uint64_t seed, const uint8_t *bytes, gsize n_bytes)
{
    State state = {(uint32_t) seed, (uint32_t) (seed >> 32)};
    gsize at = 0;
    for (; n_bytes - at >= 4; at += 4) {
        state.low += hc_get32(bytes + at);
        state = mix(state);
    }
    /* What is left is ended by a byte 0x80 and filled with zeros. */
    uint8_t tail[4] = {0};
    gsize n_left = n_bytes - at;
    for (gsize i = 0; i < n_left; i++)
        tail[i] = bytes[at + i];
    tail[n_left] = 0x80;
    state.low += hc_get32(tail);
    state = mix(mix(state));
    return (uint64_t) state.high << 32 | state.low;
}
