#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/** HcSha256: SHA-256 of bytes that come piece by piece; libcrypto's, which uses the processor's own
 * instructions. */
typedef struct HcSha256 HcSha256;

enum {
    HC_SHA256_BYTES = 32,
};

HcSha256 *hc_sha256_new(void);
void hc_sha256_free(HcSha256 *sha256);

/** hc_sha256_update: not after the digest was asked for. */
void hc_sha256_update(HcSha256 *sha256, const void *bytes, gsize n_bytes);

/** Returns: (transfer none): the digest, HC_SHA256_BYTES long. */
const uint8_t *hc_sha256_digest(HcSha256 *sha256);

/** Returns: (transfer none): the digest as 64 lower-case hexadecimal digits. */
const char *hc_sha256_hex(HcSha256 *sha256);

/** hc_sha256_of: Returns: (transfer full): the same for bytes that are all there. */
char *hc_sha256_of(const void *bytes, gsize n_bytes);

/** hc_sha256_of_bytes: Returns: (transfer full): the same of @bytes. */
char *hc_sha256_of_bytes(GBytes *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcSha256, hc_sha256_free)

G_END_DECLS
