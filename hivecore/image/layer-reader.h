#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/image/layer-output.h"
#include "hivecore/image/tar.h"

G_BEGIN_DECLS

/* A path on Windows has at most 32,767 UTF-16 units, each at most 3 bytes of UTF-8. */
#define HC_MAX_NAME_BYTES 98301u

/* All names of one layer together: what a listing of it can grow to. */
#define HC_MAX_ALL_NAMES_BYTES (1024ull * 1024u * 1024u)

/**
 * HcLayerReader: the entries of a layer, in order, without seeking.
 *
 * Two readers see every byte: libarchive, which gives the content, and HcPaxScanner, which
 * gives the headers. They must agree where entries begin and how large they are.
 */
typedef struct HcLayerReader HcLayerReader;

/** hc_layer_reader_open: errors as of hc_layer_input_open(). */
HcLayerReader *hc_layer_reader_open(const char *file, GError **error);

/** hc_layer_reader_open_part: the same for a part of an open file, see hc_layer_input_open_part().
 */
HcLayerReader *hc_layer_reader_open_part(const char *name, int fd, uint64_t offset,
                                         uint64_t n_bytes, GError **error);
void hc_layer_reader_free(HcLayerReader *reader);

/**
 * hc_layer_reader_next:
 * @entry: (out) (transfer none): valid until the next call
 *
 * HC_ERROR_MALFORMED when the file is no tar, damaged or cut off; HC_ERROR_LIMIT
 * over HC_MAX_LAYER_ENTRIES, HC_MAX_LAYER_BYTES or the limits above.
 *
 * Returns: TRUE with @entry set; FALSE at the end, or with @error set
 */
gboolean hc_layer_reader_next(HcLayerReader *reader, const HcEntry **entry, GError **error);

/**
 * hc_layer_reader_check_kind:
 * Whether the entries read so far are not those of an image archive that was named without its
 * transport; HC_ERROR_USAGE with the names that it has.
 */
gboolean hc_layer_reader_check_kind(const HcLayerReader *reader, GError **error);

/** hc_layer_fail_archive: says of @source what hc_layer_reader_check_kind() says. Returns: FALSE */
gboolean hc_layer_fail_archive(const char *source, GError **error);

/**
 * hc_layer_reader_content:
 * The content of the current entry, once, which should be a hive or its transaction log: of what is
 * neither only the start is given, so that a bomb takes no memory. What a hive's own header says of
 * its size limits nothing: real ones go on behind their bins, and it says what its maker wants.
 *
 * HC_ERROR_LIMIT when it is larger than HC_MAX_HIVE_BYTES, HC_ERROR_IO when there is no memory
 * for it. Holes of a sparse file are zeros and count for HC_MAX_LAYER_RATIO.
 *
 * Returns: (transfer full): the bytes, or NULL
 */
GBytes *hc_layer_reader_content(HcLayerReader *reader, GError **error);

/**
 * hc_layer_reader_hive:
 * The content of the current entry, once, for looking at it: a hive's base block and its bins, as
 * long as each bin is one, and a page behind them; of what is no hive only the start.
 *
 * @defect: (out): HC_ERROR_MALFORMED "hive bin at PLACE: what"
 *
 * Returns: (transfer full): the bytes, or NULL with @defect or @error set
 */
GBytes *hc_layer_reader_hive(HcLayerReader *reader, GError **defect, GError **error);

/** HcContentSink: takes the next bytes of a content. Returns: FALSE with @error set to stop */
typedef gboolean (*HcContentSink)(void *data, const void *bytes, gsize n_bytes, GError **error);

/** hc_layer_reader_stream: the whole content of the current entry, once, in pieces. */
gboolean hc_layer_reader_stream(HcLayerReader *reader, HcContentSink sink, void *data,
                                GError **error);

/** hc_layer_reader_start: no more than HC_LAYER_START_BYTES of it. */
GBytes *hc_layer_reader_start(HcLayerReader *reader, GError **error);

/* Enough to tell a hive, even one whose base block only its logs can restore, from something else.
 */
#define HC_LAYER_START_BYTES 4100u

/** Returns: whether @content is no hive by its start, and may be no more than that start. */
gboolean hc_layer_content_is_cut(GBytes *content);

/** HcLayerSummary: what is known after the last entry. */
typedef struct {
    HcLayerDigests digests;
    const char *compression; /* (nullable): "gzip" or "zstd", static; NULL: none */
    uint64_t n_entries;
    guint n_end_blocks;   /* zero blocks that end the archive, counted up to 2 */
    uint64_t tar_garbage; /* place of a byte other than zero after the end; 0: none */
    uint64_t n_garbage;   /* bytes after the compressed data */
} HcLayerSummary;

/** hc_layer_reader_finish: reads the file to its end, after hc_layer_reader_next() gave FALSE.
 */
gboolean hc_layer_reader_finish(HcLayerReader *reader, HcLayerSummary *summary, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcLayerReader, hc_layer_reader_free)

G_END_DECLS
