#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * hc_base64_decode:
 * @text: standard alphabet, padded; CR and LF are skipped, as the reader in Go skips them
 *
 * Returns: (transfer full): the bytes, or NULL when @text is not that (without GError: the
 * caller knows the place)
 */
GBytes *hc_base64_decode(const char *text, gsize n_bytes);

G_END_DECLS
