#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* What libarchive leaves out when it reads gzip: it takes the trailer without looking at it. */

enum {
    HC_GZIP_TRAILER_BYTES = 8, /* CRC-32 and size of what was compressed. Source: RFC 1952, 2.3.1 */
};

/** HcCrc32: a CRC-32 on its way, with the tables for it. Source: RFC 1952, 8. */
typedef struct {
    uint32_t value;           /* of what was given so far */
    uint32_t tables[16][256]; /* by byte, with 0 to 15 zero bytes after it */
} HcCrc32;

/** hc_crc32_init: the CRC-32 of nothing. */
void hc_crc32_init(HcCrc32 *crc);
void hc_crc32_update(HcCrc32 *crc, const void *bytes, gsize n_bytes);

/**
 * hc_gzip_trailer_fits:
 * @trailer: the last HC_GZIP_TRAILER_BYTES of the file
 * @crc: of all that was decompressed
 * @n_plain: its size
 *
 * Returns: FALSE when one of the two is right and the other wrong. When both are wrong the file
 * has more than one gzip member, which layers may have, and the trailer is of the last alone.
 */
gboolean hc_gzip_trailer_fits(const uint8_t *trailer, uint32_t crc, uint64_t n_plain);

G_END_DECLS
