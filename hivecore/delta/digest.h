#pragma once

#include "hivecore/delta/diff.h"

G_BEGIN_DECLS

/**
 * hc_digest:
 * SHA-256 of what a hive holds, whatever its layout (docs/FORMATS.md, "Digest"): hives between
 * which hc_diff() finds nothing under the same @ignore have the same digest.
 *
 * @ignore: HcIgnore bits
 *
 * Returns: (transfer full): 64 hexadecimal digits, lower case; or NULL with HC_ERROR_MALFORMED
 */
char *hc_digest(const HcHive *hive, guint ignore, GError **error);

/** hc_digest_sound: hc_hive_check() and, where the hive is sound, hc_digest(). */
char *hc_digest_sound(const HcHive *hive, guint ignore, GError **error);

G_END_DECLS
