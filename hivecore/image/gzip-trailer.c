#include "config.h"

#include "hivecore/image/layer-private.h"

#include "hivecore/base/bytes.h"

void
hc_crc32_init(HcCrc32 *crc)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ ((value & 1) != 0 ? 0xedb88320u : 0);
        crc->tables[0][byte] = value;
    }
    for (int n = 1; n < 16; n++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t value = crc->tables[n - 1][byte];
            crc->tables[n][byte] = value >> 8 ^ crc->tables[0][value & 0xff];
        }
    }
    crc->value = 0;
}

/* Of eight bytes. @tables: of the last of them and those before it */
static uint32_t
look_up(uint32_t (*tables)[256], uint64_t word)
{
    return tables[7][word & 0xff] ^ tables[6][word >> 8 & 0xff] ^ tables[5][word >> 16 & 0xff] ^
           tables[4][word >> 24 & 0xff] ^ tables[3][word >> 32 & 0xff] ^
           tables[2][word >> 40 & 0xff] ^ tables[1][word >> 48 & 0xff] ^ tables[0][word >> 56];
}

void
hc_crc32_update(HcCrc32 *crc, const void *bytes, gsize n_bytes)
{
    uint32_t(*tables)[256] = crc->tables;
    const uint8_t *at = bytes;
    uint32_t value = ~crc->value;
    /* Sixteen bytes at a time, whose look-ups do not wait for each other: several times as fast. */
    for (; n_bytes >= 16; n_bytes -= 16, at += 16)
        value = look_up(tables + 8, hc_get64(at) ^ value) ^ look_up(tables, hc_get64(at + 8));
    for (; n_bytes > 0; n_bytes--)
        value = value >> 8 ^ tables[0][(value ^ *at++) & 0xff];
    crc->value = ~value;
}

gboolean
hc_gzip_trailer_fits(const uint8_t *trailer, uint32_t crc, uint64_t n_plain)
{
    gboolean is_crc = hc_get32(trailer) == crc;
    gboolean is_size = hc_get32(trailer + 4) == (uint32_t) n_plain;
    return is_crc == is_size;
}
