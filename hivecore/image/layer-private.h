#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <locale.h>
#include <stdint.h>

#include "hivecore/image/layer-output.h"
#include "hivecore/image/layer-stack.h"

G_BEGIN_DECLS

/* Cleanup of libarchive's types, for failure paths. Closing an archive that is written can fail and
 * is called and checked before; archive_read_free() and archive_write_free() of a closed one only
 * free. */
static inline void
hc_archive_read_free(struct archive *archive)
{
    /* Nothing is lost with the status: what was read has been checked call by call. */
    (void) archive_read_free(archive);
}

/**
 * hc_archive_is_memory:
 * Whether libarchive failed for want of memory, which is the machine's fault and not the input's.
 *
 * Of the memory that zlib did not get libarchive says no more than "decompression failed"; so errno
 * is looked at, too, and must be set to 0 before the call.
 *
 * @archive: (nullable): NULL is what archive_read_new() and archive_write_new() give then
 */
gboolean hc_archive_is_memory(struct archive *archive);

/** hc_archive_support_filters: the compressions that Docker unpacks, and no other, since for some
 * libarchive would start programs. Source: moby, archive.DecompressStream(). */
void hc_archive_support_filters(struct archive *archive);

/** hc_archive_utf8_begin, hc_archive_utf8_end: between them names are UTF-8 for libarchive, which
 * takes them to be in the locale's character set, whatever the user's is. */
typedef struct {
    locale_t utf8;
    locale_t before;
} HcArchiveUtf8;

HcArchiveUtf8 hc_archive_utf8_begin(void);
void hc_archive_utf8_end(HcArchiveUtf8 state);

typedef struct archive HcArchiveReader;
typedef struct archive_entry HcArchiveEntry;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcArchiveReader, hc_archive_read_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcArchiveEntry, archive_entry_free)

/* What libarchive leaves out when it reads gzip: it takes the trailer without looking at it. */

enum {
    HC_GZIP_TRAILER_BYTES = 8, /* CRC-32 and size of what was compressed. Source: RFC 1952, 2.3.1 */
};

/** HcCrc32: a CRC-32 on its way, with the tables for it. Source: RFC 1952, 8. */
typedef struct {
    uint32_t value;           /* of what was given so far */
    uint32_t tables[16][256]; /* by byte, with 0 to 15 zero bytes after it */
} HcCrc32;

/** hc_crc32_init: the CRC-32 of nothing. */
void hc_crc32_init(HcCrc32 *crc);
void hc_crc32_update(HcCrc32 *crc, const void *bytes, gsize n_bytes);

/**
 * hc_gzip_trailer_fits:
 * @trailer: the last HC_GZIP_TRAILER_BYTES of the file
 * @crc: of all that was decompressed
 * @n_plain: its size
 *
 * Returns: FALSE when one of the two is right and the other wrong. When both are wrong the file
 * has more than one gzip member, which layers may have, and the trailer is of the last alone.
 */
gboolean hc_gzip_trailer_fits(const uint8_t *trailer, uint32_t crc, uint64_t n_plain);

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

/* Finding the hives of one layer; internal to hivecore/image. */

/** What a registry needs of a layer: by kind and slot. */
typedef enum {
    HC_PART_DELTA,
    HC_PART_WHOLE,
    HC_PART_LOG1, /* of the whole hive, as are the others */
    HC_PART_LOG2,
    HC_PART_LOG,
    HC_N_PARTS,
} HcHivePart;

/** HcLayerPart: one of them, while it is looked for. */
typedef struct {
    char *name;         /* in the layer */
    gboolean is_wanted; /* looked for */
    gboolean is_held;   /* and its content kept */
    gboolean is_found;
    GBytes *content;   /* (nullable) */
    char *link;        /* (nullable): clean name of the hard link's target */
    uint64_t position; /* of the entry that is the link */
} HcLayerPart;

/** HcLayerParts: all that are looked for in one layer. */
typedef struct {
    HcLayerPart parts[HC_N_PARTS][HC_N_HIVE_SLOTS];
    uint64_t n_bytes_left;     /* of HC_MAX_REGISTRY_BYTES */
    gboolean is_archive;       /* the layer looks like an image archive */
    gboolean is_foreign;       /* of an image for another system: names may have backslashes */
    const HcLayerWatch *watch; /* (nullable) */
} HcLayerParts;

/** hc_layer_parts_init: @hives: whose content is kept; @want_whole: whether to look for more than
 * deltas. */
void hc_layer_parts_init(HcLayerParts *parts, uint64_t n_bytes_left, guint hives,
                         gboolean want_whole);
void hc_layer_parts_clear(HcLayerParts *parts);

/**
 * hc_layer_parts_read:
 * Reads layer @index of @image, or, when @image is NULL, the layer file @file; verifies digests.
 *
 * @digests: (out): of the layer
 */
gboolean hc_layer_parts_read(HcLayerParts *parts, HcImage *image, guint index, const char *file,
                             HcLayerDigests *digests, GError **error);

/**
 * hc_layer_parts_read_folder:
 * Reads them from an unpacked layer. Links are refused.
 */
gboolean hc_layer_parts_read_folder(HcLayerParts *parts, const char *folder, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcLayerParts, hc_layer_parts_clear)

G_END_DECLS
