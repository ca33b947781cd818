#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* Fields of a tar's header block. Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar
 * manual, "Basic Tar Format"; star(5). */
enum {
    HC_TAR_NAME = 0,
    HC_TAR_NAME_BYTES = 100,
    HC_TAR_MODE = 100,
    HC_TAR_ID_BYTES = 8, /* of mode, uid, gid, checksum, device numbers */
    HC_TAR_SIZE = 124,
    HC_TAR_SIZE_BYTES = 12,
    HC_TAR_MTIME = 136,
    HC_TAR_MTIME_BYTES = 12,
    HC_TAR_TYPE = 156,
    HC_TAR_LINK = 157,
    HC_TAR_MAGIC = 257, /* "ustar\0" in ustar, "ustar " in GNU's own format, which has no prefix */
    HC_TAR_PREFIX = 345,
};

/** hc_tar_number: octal digits between spaces and NULs, or, with the high bit set, a big-endian
 * number that is not negative. Returns: whether it is one. */
gboolean hc_tar_number(const uint8_t *field, gsize n_bytes, uint64_t *value);

/** Returns: whether the block's checksum is that of its bytes. */
gboolean hc_tar_is_checksum_right(const uint8_t *block);

/** Returns: how many bytes the field for what comes before the name has; 0: this format has none.
 */
gsize hc_tar_prefix_bytes(const uint8_t *block);

/**
 * hc_tar_header_fault:
 * Looks at the numbers that we do not need and that Go's archive/tar refuses a whole archive for.
 *
 * Returns: (transfer none) (nullable): what is wrong with them
 */
const char *hc_tar_header_fault(const uint8_t *block);

G_END_DECLS
