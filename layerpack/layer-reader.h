#pragma once

#include <stdint.h>

#include <glib.h>

#include "layerpack/layer-output.h"
#include "layerpack/pax-scanner.h"

G_BEGIN_DECLS

/* A path on Windows has at most 32,767 UTF-16 units, each at most 3 bytes of UTF-8. */
#define LP_MAX_NAME_BYTES 98301u

/* All names of one layer together: what a listing of it can grow to. */
#define LP_MAX_ALL_NAMES_BYTES (1024ull * 1024u * 1024u)

/**
 * LpLayerReader: the entries of a layer, in order, without seeking.
 *
 * Two readers see every byte: libarchive, which gives the content, and LpPaxScanner, which
 * gives the headers. They must agree where entries begin and how large they are.
 */
typedef struct LpLayerReader LpLayerReader;

/** lp_layer_reader_open: errors as of lp_layer_input_open(). */
LpLayerReader *lp_layer_reader_open(const char *file, GError **error);
void lp_layer_reader_free(LpLayerReader *reader);

/**
 * lp_layer_reader_next:
 * @entry: (out) (transfer none): valid until the next call
 *
 * HC_ERROR_MALFORMED when the file is no tar, damaged, cut off or has no entry; HC_ERROR_LIMIT
 * over HC_MAX_LAYER_ENTRIES, HC_MAX_LAYER_BYTES or the limits above.
 *
 * Returns: TRUE with @entry set; FALSE at the end, or with @error set
 */
gboolean lp_layer_reader_next(LpLayerReader *reader, const LpEntry **entry, GError **error);

/**
 * lp_layer_reader_content:
 * The content of the current entry, once. HC_ERROR_LIMIT when its declared size is over
 * HC_MAX_HIVE_BYTES, it is sparse, or there is no memory for it.
 *
 * Returns: (transfer full): the bytes, or NULL
 */
GBytes *lp_layer_reader_content(LpLayerReader *reader, GError **error);

/** LpLayerSummary: what is known after the last entry. */
typedef struct {
    LpLayerDigests digests;
    uint64_t n_entries;
    guint n_end_blocks;   /* zero blocks that end the archive, counted up to 2 */
    uint64_t tar_garbage; /* place of a byte other than zero after the end; 0: none */
    uint64_t n_garbage;   /* bytes after the compressed data */
} LpLayerSummary;

/** lp_layer_reader_finish: reads the file to its end, after lp_layer_reader_next() gave FALSE.
 */
gboolean lp_layer_reader_finish(LpLayerReader *reader, LpLayerSummary *summary, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpLayerReader, lp_layer_reader_free)

G_END_DECLS
