#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * hc_marvin32:
 * The Marvin32 hash of @n_bytes at @bytes, both halves of it: a checksum, not a signature.
 *
 * @seed: low half the first state word
 *
 * Source: docs/FORMATS-logs.md, "Marvin32".
 */
uint64_t hc_marvin32(uint64_t seed, const uint8_t *bytes, gsize n_bytes);

G_END_DECLS
