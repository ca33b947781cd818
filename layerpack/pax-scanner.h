#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/*
 * A second reader of the tar's headers, beside libarchive, which drops MSWINDOWS.* records and
 * converts names. It reads what Go's archive/tar reads, since that is what imports layers.
 */

typedef enum {
    LP_ENTRY_FILE,
    LP_ENTRY_FOLDER,
    LP_ENTRY_SYMLINK,
    LP_ENTRY_HARDLINK,
    LP_ENTRY_OTHER, /* device, FIFO, unknown type */
} LpEntryType;

/** LpEntryRecord: a MSWINDOWS.* or LIBARCHIVE.creationtime record. */
typedef struct {
    char *key;
    char *value;   /* NUL-terminated, but may hold NUL */
    gsize n_bytes; /* of value */
} LpEntryRecord;

/** LpEntry: the headers of one entry; names as they are in the archive, bytes of any kind. */
typedef struct {
    uint64_t position; /* in the plain tar, of its first header block */
    GString *name;
    GString *link;
    LpEntryType type;
    gboolean is_sparse;
    gboolean has_global_header; /* a 'g' header stands before it */
    uint32_t mode;
    uint64_t n_bytes;   /* of content in the archive */
    GPtrArray *records; /* of LpEntryRecord *, in order */
} LpEntry;

void lp_entry_free(LpEntry *entry);

/** Returns: (transfer none): the last record with @key, or NULL. */
const LpEntryRecord *lp_entry_record(const LpEntry *entry, const char *key);

/** LpPaxScanner: takes a plain tar piece by piece and queues its entries. */
typedef struct LpPaxScanner LpPaxScanner;

/** @file: name for messages; copied. */
LpPaxScanner *lp_pax_scanner_new(const char *file);
void lp_pax_scanner_free(LpPaxScanner *scanner);

/**
 * lp_pax_scanner_push:
 * Takes the next bytes. HC_ERROR_MALFORMED "file: byte N: what" for broken headers,
 * HC_ERROR_LIMIT for an extended header over HC_MAX_PAX_BYTES.
 */
gboolean lp_pax_scanner_push(LpPaxScanner *scanner, const void *bytes, gsize n_bytes,
                             GError **error);

/** lp_pax_scanner_finish: no more bytes come. HC_ERROR_MALFORMED when an entry is not complete.
 */
gboolean lp_pax_scanner_finish(LpPaxScanner *scanner, GError **error);

/** Returns: (transfer full): the oldest queued entry, or NULL when there is none. */
LpEntry *lp_pax_scanner_take(LpPaxScanner *scanner);

/** Returns: zero blocks that end the archive, counted up to 2. */
guint lp_pax_scanner_n_end_blocks(const LpPaxScanner *scanner);

/** Returns: the place of the first byte after the end that is not zero, or 0 when there is
 * none. */
uint64_t lp_pax_scanner_garbage(const LpPaxScanner *scanner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpEntry, lp_entry_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpPaxScanner, lp_pax_scanner_free)

G_END_DECLS
