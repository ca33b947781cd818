#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/*
 * The tar that layers are written in: POSIX pax interchange format, each entry an extended
 * header
 * ('x'), when it has records, and a ustar header. Pure functions that append to a buffer; the
 * caller writes content between them. Source: docs/FORMATS.md, "Layers".
 */

enum {
    HC_TAR_BLOCK_BYTES = 512,
    HC_TAR_END_BLOCKS = 2,
};

#define HC_TAR_MAX_RECORDS 64u

/* What the 12-byte octal fields of a ustar header can hold: 8 GiB less one. */
#define HC_TAR_MAX_OCTAL UINT64_C(077777777777)

/** HcPaxRecord: one record of an extended header. */
typedef struct {
    const char *key;   /* without "=" */
    const char *value; /* NUL-terminated, so without NUL */
} HcPaxRecord;

typedef enum {
    HC_TAR_NO_LINK,
    HC_TAR_HARD_LINK,
    HC_TAR_SYMLINK,
} HcTarLink;

/** HcTarEntry: one file, folder or link. Owner and group are 0 and have no names. */
typedef struct {
    const char *name; /* UTF-8, "/" between parts, no trailing slash */
    gboolean is_folder;
    HcTarLink link_kind;   /* of what is no folder */
    const char *link;      /* UTF-8: where it leads */
    uint64_t n_bytes;      /* of content; 0 for folders */
    int64_t mtime_seconds; /* since 1970, not negative */
    const HcPaxRecord *records;
    gsize n_records; /* at most HC_TAR_MAX_RECORDS; their order does not matter */
} HcTarEntry;

/**
 * hc_tar_append_header:
 * Appends the entry's headers, a multiple of 512 bytes. Records are written sorted by key;
 * "path" is added for a name that is longer than 100 bytes or not ASCII, "linkpath" for such a
 * link, "mtime" for a time after 2242. The extended header's own name is "PaxHeaders.0/" and the
 * entry's, cut to 100 bytes. Mode is 040755 or 0100644, with the type bits, as Windows exports have
 * it; of links 0644 and 0120777.
 *
 * Returns: FALSE with HC_ERROR_LIMIT when the content is 8 GiB or larger; nothing is appended
 * then
 */
gboolean hc_tar_append_header(GByteArray *out, const HcTarEntry *entry, GError **error);

/** hc_tar_append_padding: the zeros after @n_bytes of content. */
void hc_tar_append_padding(GByteArray *out, uint64_t n_bytes);

/** hc_tar_append_end: the two zero blocks that end the archive. */
void hc_tar_append_end(GByteArray *out);

G_END_DECLS
