#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/image/layer-output.h"

G_BEGIN_DECLS

/** HcLayerInput: the plain tar inside a layer file: plain, gzip or zstd, found by content. */
typedef struct HcLayerInput HcLayerInput;

/**
 * hc_layer_input_open:
 * @file: a regular file; a folder, FIFO or device is HC_ERROR_IO without blocking, an empty
 * file HC_ERROR_MALFORMED, one over HC_MAX_LAYER_BYTES HC_ERROR_LIMIT
 *
 * Returns: (transfer full): the input, or NULL
 */
HcLayerInput *hc_layer_input_open(const char *file, GError **error);

/**
 * hc_layer_input_open_part:
 * The same for @n_bytes at @offset of a file that is open already.
 *
 * @name: for messages
 * @fd: borrowed; its position is neither used nor moved
 *
 * No bytes are a tar without entries here.
 */
HcLayerInput *hc_layer_input_open_part(const char *name, int fd, uint64_t offset, uint64_t n_bytes,
                                       GError **error);
void hc_layer_input_free(HcLayerInput *input);

/**
 * hc_layer_input_read:
 * @bytes: (out): the next piece, valid until the next call
 * @n_bytes: (out): 0 at the end
 *
 * HC_ERROR_MALFORMED for damaged compression, HC_ERROR_LIMIT after HC_MAX_LAYER_BYTES or
 * HC_MAX_LAYER_RATIO.
 */
gboolean hc_layer_input_read(HcLayerInput *input, const void **bytes, gsize *n_bytes,
                             GError **error);

/** hc_layer_input_expand: counts @n_bytes that a sparse file has grown by as if they had been
 * decompressed: HC_ERROR_LIMIT. */
gboolean hc_layer_input_expand(HcLayerInput *input, uint64_t n_bytes, GError **error);

/** Returns: (transfer none) (nullable): what the file is compressed with: "gzip", "zstd", or NULL.
 */
const char *hc_layer_input_compression(const HcLayerInput *input);

/**
 * hc_layer_input_finish:
 * After the end: reads what is behind the compressed data, and gives the digests.
 *
 * @n_garbage: (out): bytes of the file after the compressed data
 */
gboolean hc_layer_input_finish(HcLayerInput *input, HcLayerDigests *digests, uint64_t *n_garbage,
                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcLayerInput, hc_layer_input_free)

G_END_DECLS
