#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * HcSpool: bytes that are put one after another and read as a whole later. The first megabytes
 * stay in memory; of more than that all goes to a file without a name, in $TMPDIR or /var/tmp, that
 * nobody else can read or change, so that memory does not grow with it.
 */
typedef struct HcSpool HcSpool;

HcSpool *hc_spool_new(void);
void hc_spool_free(HcSpool *spool);

/** hc_spool_append: what fails is told by hc_spool_finish(). */
void hc_spool_append(HcSpool *spool, const void *bytes, gsize n_bytes);

/**
 * hc_spool_room, hc_spool_took:
 * Memory that the next bytes can be put into without a copy, and that so many were.
 * @n_bytes: (out): for how many there is room, at least one
 *
 * Returns: (transfer none): the room, until anything else is done to the spool
 */
uint8_t *hc_spool_room(HcSpool *spool, gsize *n_bytes);
void hc_spool_took(HcSpool *spool, gsize n_bytes);

/** Returns: how many bytes were put. */
uint64_t hc_spool_size(const HcSpool *spool);

/**
 * hc_spool_finish:
 * Returns: (transfer full): the content, aligned for any type, with which the spool has nothing to
 * do any more: it is empty again. NULL with HC_ERROR_IO, as when there is no room
 */
GBytes *hc_spool_finish(HcSpool *spool, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcSpool, hc_spool_free)

G_END_DECLS
