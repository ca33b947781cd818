#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

/** HcMap: the bytes of an input, read-only, reference-counted. */
typedef struct HcMap HcMap;

/**
 * hc_map_open:
 * @file: path of a regular file; anything else (folder, FIFO, device) is HC_ERROR_IO without
 *   blocking
 * @max_bytes: more is HC_ERROR_LIMIT
 *
 * Maps @file read-only. An empty file gives an empty map.
 *
 * Returns: (transfer full): the map, or NULL with HC_ERROR_IO or HC_ERROR_LIMIT
 */
HcMap *hc_map_open(const char *file, uint64_t max_bytes, GError **error);

/**
 * hc_map_snapshot:
 * Copies the first @n_bytes of @source, so that what is checked and what is compared are the same
 * bytes even when the source is changed meanwhile. What is large goes to a file that has no name
 * and is no longer open for anybody (hc_nameless_open()), unless there is little room: that takes
 * half of the time, and no memory that cannot be given back; all else is in memory.
 *
 * Returns: (transfer full): the copy, or NULL with HC_ERROR_IO
 */
HcMap *hc_map_snapshot(const HcMap *source, uint64_t n_bytes, GError **error);

/**
 * hc_map_snapshot_to_share:
 * The same for another program that is to read it (hc_map_fd()). One in memory is sealed, nobody
 * can change it; whether one that is a file was changed is seen afterwards.
 */
HcMap *hc_map_snapshot_to_share(const HcMap *source, uint64_t n_bytes, GError **error);

/** hc_map_is_unchanged: whether nobody has written to a snapshot that was shared. */
gboolean hc_map_is_unchanged(const HcMap *map);

/**
 * hc_map_from_bytes:
 * @name: used in messages
 * @bytes: (transfer full): the content
 *
 * Returns: (transfer full): the map
 */
HcMap *hc_map_from_bytes(const char *name, GBytes *bytes);

HcMap *hc_map_ref(HcMap *map);
void hc_map_unref(HcMap *map);

/** Returns: (transfer none): the content, never NULL. */
const uint8_t *hc_map_data(const HcMap *map);
uint64_t hc_map_size(const HcMap *map);

/** hc_map_expect: the first @n_bytes of @map will be read: the pages of a file are mapped at once,
 * where the kernel can do that, which takes a fraction of the time that meeting each takes. */
void hc_map_expect(const HcMap *map, uint64_t n_bytes);

/** Returns: the descriptor of a snapshot that is shared or in memory, -1 for other maps. */
int hc_map_fd(const HcMap *map);

/** Returns: (transfer none) (nullable): what was mapped from a path, as it then was; NULL for maps
 * that are no files. */
const struct stat *hc_map_status(const HcMap *map);

/** Returns: (transfer none): the file name as the user gave it, for messages. */
const char *hc_map_name(const HcMap *map);

/**
 * hc_bytes_from_mapping:
 * @mapped: the start of @n_mapped bytes that mmap() gave; unmapped with the last reference
 * @n_bytes: how many of them are the content
 *
 * Returns: (transfer full): the content
 */
GBytes *hc_bytes_from_mapping(void *mapped, gsize n_mapped, gsize n_bytes);

/**
 * hc_read_stream:
 * @file: path, or "-" for standard input, once (HC_ERROR_USAGE); FIFOs and pipes are read to their
 * end. A FIFO that nobody writes to is empty, not a hang.
 *
 * Returns: (transfer full): the whole content, which a change of the file does not reach any more;
 * what is large is not in memory (HcSpool). NULL with HC_ERROR_IO or HC_ERROR_LIMIT
 */
GBytes *hc_read_stream(const char *file, uint64_t max_bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcMap, hc_map_unref)

G_END_DECLS
