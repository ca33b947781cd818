#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
    HC_ENTRY_FILE,
    HC_ENTRY_FOLDER,
    HC_ENTRY_SYMLINK,
    HC_ENTRY_HARDLINK,
    HC_ENTRY_OTHER, /* device, FIFO, unknown type */
} HcEntryType;

/** HcEntryRecord: a PAX record: MSWINDOWS.*, LIBARCHIVE.creationtime, or one of POSIX' that says
 * neither name nor size. */
typedef struct {
    char *key;
    char *value;   /* NUL-terminated, but may hold NUL */
    gsize n_bytes; /* of value */
} HcEntryRecord;

/** HcEntry: the headers of one entry; names as they are in the archive, bytes of any kind. */
typedef struct {
    uint64_t position; /* in the plain tar, of its first header block */
    uint64_t content;  /* in the plain tar, of its content; sparse maps not counted */
    GString *name;
    GString *link;
    HcEntryType type;
    char tar_type; /* as in the header */
    gboolean is_sparse;
    gboolean has_global_header; /* a 'g' header stands before it */
    const char *header_fault;   /* (nullable): static: what Go's reader refuses of its headers */
    uint32_t mode;
    uint64_t mtime_seconds; /* of the header; a record "mtime" says it better */
    uint64_t n_bytes;       /* of content in the archive */
    uint64_t n_file_bytes;  /* of the file: more when it is sparse; set by HcLayerReader */
    GPtrArray *records;     /* of HcEntryRecord *, in order */
} HcEntry;

/** Returns: (transfer full): an entry without name and records. */
HcEntry *hc_entry_new(void);
void hc_entry_free(HcEntry *entry);

/** hc_entry_add_record: appends a record; key and value are copied. */
void hc_entry_add_record(HcEntry *entry, const char *key, gsize n_key, const char *value,
                         gsize n_value);

/** Returns: (transfer none): the last record with @key, or NULL. */
const HcEntryRecord *hc_entry_record(const HcEntry *entry, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcEntry, hc_entry_free)

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

/*
 * A second reader of the tar's headers, beside libarchive, which drops MSWINDOWS.* records and
 * converts names. It reads what Go's archive/tar reads, since that is what imports layers.
 */

/** HcPaxScanner: takes a plain tar piece by piece and queues its entries. */
typedef struct HcPaxScanner HcPaxScanner;

/** @file: name for messages; copied. */
HcPaxScanner *hc_pax_scanner_new(const char *file);
void hc_pax_scanner_free(HcPaxScanner *scanner);

/**
 * hc_pax_scanner_push:
 * Takes the next bytes. HC_ERROR_MALFORMED "file: byte N: what" for broken headers,
 * HC_ERROR_LIMIT for an extended header over HC_MAX_PAX_BYTES.
 */
gboolean hc_pax_scanner_push(HcPaxScanner *scanner, const void *bytes, gsize n_bytes,
                             GError **error);

/**
 * hc_pax_scanner_skip:
 * Passes over content that need not be pushed, up to @n_bytes, after the whole header was.
 *
 * Returns: how many bytes were passed over, padding included; 0 when a header comes next
 */
uint64_t hc_pax_scanner_skip(HcPaxScanner *scanner, uint64_t n_bytes);

/** hc_pax_scanner_finish: no more bytes come. HC_ERROR_MALFORMED when an entry is not complete.
 */
gboolean hc_pax_scanner_finish(HcPaxScanner *scanner, GError **error);

/** Returns: (transfer full): the oldest queued entry, or NULL when there is none. */
HcEntry *hc_pax_scanner_take(HcPaxScanner *scanner);

/** Returns: zero blocks that end the archive, counted up to 2. */
guint hc_pax_scanner_n_end_blocks(const HcPaxScanner *scanner);

/** Returns: the place of the first byte after the end that is not zero, or 0 when there is
 * none. */
uint64_t hc_pax_scanner_garbage(const HcPaxScanner *scanner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcPaxScanner, hc_pax_scanner_free)

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
