#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/** HcCodepage: one Windows code page, to decode text and version 4 hex strings from. */
typedef struct HcCodepage HcCodepage;

/**
 * hc_codepage_new:
 * @number: 0 (1252), 437, 850, 852, 866, 874, 932, 936, 949, 950, 1250 to 1258
 *
 * Returns: (transfer full): the code page; NULL with HC_ERROR_USAGE for any other number, or
 * with HC_ERROR_UNSUPPORTED when the system's iconv lacks it
 */
HcCodepage *hc_codepage_new(guint number, GError **error);
void hc_codepage_free(HcCodepage *codepage);

/** Returns: the number, never 0. */
guint hc_codepage_number(const HcCodepage *codepage);

/**
 * hc_codepage_decode:
 * @units: (out): room for @n_bytes UTF-16 units, host order
 * @n_units: (out): how many were written
 *
 * Returns: the bytes decoded: @n_bytes, or the offset of the first byte without a meaning
 */
gsize hc_codepage_decode(const HcCodepage *codepage, const uint8_t *bytes, gsize n_bytes,
                         uint16_t *units, gsize *n_units);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcCodepage, hc_codepage_free)

G_END_DECLS
