#pragma once

#include <stdint.h>

#include <glib.h>

#include "layerpack/tar-writer.h"

G_BEGIN_DECLS

typedef enum {
    LP_COMPRESSION_NONE,
    LP_COMPRESSION_GZIP,
} LpCompression;

/**
 * lp_compression_parse:
 * @word: "auto", "none" or "gzip"; NULL is auto
 * @file: name of the layer; with auto, .tar.gz and .tgz are gzip, .tar.zst and .tzst are
 *   HC_ERROR_UNSUPPORTED, everything else is plain
 *
 * Returns: FALSE with HC_ERROR_USAGE for another @word
 */
gboolean lp_compression_parse(const char *word, const char *file, LpCompression *compression,
                              GError **error);

/**
 * LpLayerOutput: a layer file that is written entry by entry and appears whole or not at all.
 * Hashes both streams on the way; nothing but one block of a stream is in memory.
 */
typedef struct LpLayerOutput LpLayerOutput;

/** Returns: (transfer full): the output, or NULL with HC_ERROR_IO. */
LpLayerOutput *lp_layer_output_open(const char *file, LpCompression compression, GError **error);

/** lp_layer_output_add: one entry; @content is @entry->n_bytes long, NULL when that is 0. */
gboolean lp_layer_output_add(LpLayerOutput *output, const LpTarEntry *entry, const void *content,
                             GError **error);

/** LpLayerDigests: SHA-256 in hexadecimal. */
typedef struct {
    char digest[65];  /* of the file */
    char diff_id[65]; /* of the uncompressed tar */
} LpLayerDigests;

/** lp_layer_output_commit: ends the archive and publishes the file. */
gboolean lp_layer_output_commit(LpLayerOutput *output, LpLayerDigests *digests, GError **error);

/** lp_layer_output_free: without commit, the target is as it was. */
void lp_layer_output_free(LpLayerOutput *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpLayerOutput, lp_layer_output_free)

G_END_DECLS
