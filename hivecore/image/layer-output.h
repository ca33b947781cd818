#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/output.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/image/tar.h"

G_BEGIN_DECLS

/**
 * hc_compression_parse:
 * @word: "auto", "none", "gzip[:LEVEL]" or "zstd[:LEVEL]"; NULL is auto
 * @file: name of the layer; with auto, .tar.gz and .tgz are gzip, .tar.zst and .tzst are zstd,
 *   everything else is plain
 * @level: (out): for hc_layer_output_open(); 0: the default
 *
 * Returns: FALSE with HC_ERROR_USAGE for another @word
 */
gboolean hc_compression_parse(const char *word, const char *file, HcCompression *compression,
                              int *level, GError **error);

/**
 * HcLayerOutput: a layer file that is written entry by entry and appears whole or not at all.
 * Hashes both streams on the way; nothing but one block of a stream is in memory.
 */
typedef struct HcLayerOutput HcLayerOutput;

/**
 * hc_layer_output_open:
 * @level: 0: gzip 9, zstd 3
 *
 * Returns: (transfer full): the output, or NULL with HC_ERROR_IO
 */
HcLayerOutput *hc_layer_output_open(const char *file, HcCompression compression, int level,
                                    GError **error);

/**
 * hc_layer_output_new_counter:
 * An output that no file comes of: it makes the diff ID and nothing else, which costs a small part
 * of what compressing does. Ends with hc_layer_output_diff_id().
 */
HcLayerOutput *hc_layer_output_new_counter(void);

/** hc_layer_output_diff_id: @diff_id: (out): of 65 bytes */
gboolean hc_layer_output_diff_id(HcLayerOutput *output, char *diff_id, GError **error);

/** hc_layer_output_set_name: what messages are to call the file from now on. */
void hc_layer_output_set_name(HcLayerOutput *output, const char *name);

/** Returns: (transfer none): the file, to be hidden like what the layer is made from. */
HcOutput *hc_layer_output_file(HcLayerOutput *output);

/** hc_layer_output_add: one entry; @content is @entry->n_bytes long, NULL when that is 0. */
gboolean hc_layer_output_add(HcLayerOutput *output, const HcTarEntry *entry, const void *content,
                             GError **error);

/**
 * hc_layer_output_start, hc_layer_output_content, hc_layer_output_end:
 * The same in pieces, for content that is not in memory: exactly @entry->n_bytes of it between
 * start and end, which the caller sees to.
 */
gboolean hc_layer_output_start(HcLayerOutput *output, const HcTarEntry *entry, GError **error);
gboolean hc_layer_output_content(HcLayerOutput *output, const void *bytes, gsize n_bytes,
                                 GError **error);
gboolean hc_layer_output_end(HcLayerOutput *output, const HcTarEntry *entry, GError **error);

/** HcLayerDigests: SHA-256 in hexadecimal. */
typedef struct {
    char digest[65];  /* of the file */
    char diff_id[65]; /* of the uncompressed tar */
} HcLayerDigests;

/** hc_layer_output_commit: ends the archive and publishes the file. */
gboolean hc_layer_output_commit(HcLayerOutput *output, HcLayerDigests *digests, GError **error);

/** HcLayerFile: a layer that is whole but has no name yet. */
typedef struct {
    HcLayerDigests digests;
    uint64_t n_bytes; /* of the file */
    int fd;           /* borrowed, for pread() */
    const char *path; /* of the temporary file; borrowed */
} HcLayerFile;

/** hc_layer_output_finish: ends the archive without publishing it, in place of commit. */
gboolean hc_layer_output_finish(HcLayerOutput *output, HcLayerFile *file, GError **error);

/** hc_layer_output_free: without commit, the target is as it was. */
void hc_layer_output_free(HcLayerOutput *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcLayerOutput, hc_layer_output_free)

G_END_DECLS
