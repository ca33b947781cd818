#include "config.h"

#include "hivecore/image/gzip-trailer.h"

#include "hivecore/regf/layout.h"

/* The reflected polynomial 0xedb88320 applied to each half byte. */
static const uint32_t half_bytes[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

uint32_t
hc_crc32_update(uint32_t crc, const void *bytes, gsize n_bytes)
{
    const uint8_t *at = bytes;
    crc = ~crc;
    for (gsize i = 0; i < n_bytes; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ half_bytes[crc & 15];
        crc = crc >> 4 ^ half_bytes[crc & 15];
    }
    return ~crc;
}

gboolean
hc_gzip_trailer_fits(const uint8_t *trailer, uint32_t crc, uint64_t n_plain)
{
    gboolean is_crc = hc_get32(trailer) == crc;
    gboolean is_size = hc_get32(trailer + 4) == (uint32_t) n_plain;
    return is_crc == is_size;
}
