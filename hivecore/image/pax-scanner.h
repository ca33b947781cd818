#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/image/layer-entry.h"

G_BEGIN_DECLS

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

G_END_DECLS
