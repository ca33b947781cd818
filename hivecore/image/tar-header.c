#include "config.h"

#include "hivecore/image/tar.h"

#include <string.h>

enum {
    BLOCK_BYTES = 512,
    CHECKSUM = 148,
    STAR_TRAILER = 508, /* "tar\0" in star's own format, whose prefix is shorter */
    USTAR_PREFIX_BYTES = 155,
    STAR_PREFIX_BYTES = 131,
};

gboolean
hc_tar_number(const uint8_t *field, gsize n_bytes, uint64_t *value)
{
    *value = 0;
    gsize i = 0;
    if ((field[0] & 0x80) != 0) {
        *value = field[0] & 0x7f;
        for (i = 1; i < n_bytes; i++) {
            if (*value > (UINT64_MAX >> 9))
                return FALSE;
            *value = *value << 8 | field[i];
        }
        return TRUE;
    }
    while (i < n_bytes && (field[i] == ' ' || field[i] == 0))
        i++;
    for (; i < n_bytes && field[i] >= '0' && field[i] <= '7'; i++)
        *value = *value << 3 | (uint64_t) (field[i] - '0');
    while (i < n_bytes && (field[i] == ' ' || field[i] == 0))
        i++;
    return i == n_bytes;
}

gboolean
hc_tar_is_checksum_right(const uint8_t *block)
{
    uint64_t stored;
    if (!hc_tar_number(block + CHECKSUM, HC_TAR_ID_BYTES, &stored))
        return FALSE;
    uint64_t sum = HC_TAR_ID_BYTES * (uint64_t) ' ';
    for (gsize i = 0; i < BLOCK_BYTES; i++) {
        if (i < CHECKSUM || i >= CHECKSUM + HC_TAR_ID_BYTES)
            sum += block[i];
    }
    return sum == stored;
}

gsize
hc_tar_prefix_bytes(const uint8_t *block)
{
    if (memcmp(block + HC_TAR_MAGIC, "ustar", 6) != 0)
        return 0;
    return memcmp(block + STAR_TRAILER, "tar", 4) == 0 ? STAR_PREFIX_BYTES : USTAR_PREFIX_BYTES;
}

/* As Go's archive/tar reads numbers (strconv.go, parseNumeric and parseOctal): negative ones too,
 * of 63 bits, and of octal digits what stands before a NUL. */
static gboolean
is_go_number(const uint8_t *field, gsize n_bytes)
{
    if ((field[0] & 0x80) != 0) {
        const uint8_t inverted = (field[0] & 0x40) != 0 ? 0xff : 0;
        uint64_t value = 0;
        for (gsize i = 0; i < n_bytes; i++) {
            const uint8_t byte = field[i] ^ inverted;
            if (value >> 56 != 0)
                return FALSE;
            value = value << 8 | (i == 0 ? byte & 0x7f : byte);
        }
        return value >> 63 == 0;
    }
    while (n_bytes > 0 && (field[0] == ' ' || field[0] == 0)) {
        field++;
        n_bytes--;
    }
    while (n_bytes > 0 && (field[n_bytes - 1] == ' ' || field[n_bytes - 1] == 0))
        n_bytes--;
    for (gsize i = 0; i < n_bytes && field[i] != 0; i++) {
        if (field[i] < '0' || field[i] > '7')
            return FALSE;
    }
    return TRUE;
}

const char *
hc_tar_header_fault(const uint8_t *block)
{
    static const struct {
        gsize at;
        gsize n_bytes;
        gboolean is_ustar;
        const char *fault;
    } fields[] = {
        {108, HC_TAR_ID_BYTES, FALSE, "the header's uid is not a number"},
        {116, HC_TAR_ID_BYTES, FALSE, "the header's gid is not a number"},
        {136, HC_TAR_SIZE_BYTES, FALSE, "the header's time is not a number"},
        {329, HC_TAR_ID_BYTES, TRUE, "the header's major device number is not a number"},
        {337, HC_TAR_ID_BYTES, TRUE, "the header's minor device number is not a number"},
    };
    const gboolean is_ustar = memcmp(block + HC_TAR_MAGIC, "ustar", 5) == 0;
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        if ((is_ustar || !fields[i].is_ustar) &&
            !is_go_number(block + fields[i].at, fields[i].n_bytes))
            return fields[i].fault;
    }
    return NULL;
}
