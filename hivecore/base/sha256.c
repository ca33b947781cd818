#include "config.h"

#include "hivecore/base/sha256.h"

#include <openssl/evp.h>

#include "hivecore/base/crash.h"

struct HcSha256 {
    EVP_MD_CTX *context; /* NULL once the digest is known */
    uint8_t digest[HC_SHA256_BYTES];
    char hex[2 * HC_SHA256_BYTES + 1];
};

/* libcrypto fails here only without memory, or where its SHA-256 was taken away: no input can do
 * that, and a program without digests cannot go on. */
static void
must(int ok)
{
    if (ok != 1)
        hc_crash_end(
            "libcrypto cannot compute SHA-256: not enough memory, or it was built without");
}

HcSha256 *
hc_sha256_new(void)
{
    HcSha256 *sha256 = g_new0(HcSha256, 1);
    sha256->context = EVP_MD_CTX_new();
    must(sha256->context != NULL && EVP_DigestInit_ex(sha256->context, EVP_sha256(), NULL) == 1);
    return sha256;
}

void
hc_sha256_free(HcSha256 *sha256)
{
    if (sha256 == NULL)
        return;
    EVP_MD_CTX_free(sha256->context);
    g_free(sha256);
}

void
hc_sha256_update(HcSha256 *sha256, const void *bytes, gsize n_bytes)
{
    g_return_if_fail(sha256->context != NULL);
    must(EVP_DigestUpdate(sha256->context, bytes, n_bytes));
}

const uint8_t *
hc_sha256_digest(HcSha256 *sha256)
{
    if (sha256->context != NULL) {
        must(EVP_DigestFinal_ex(sha256->context, sha256->digest, NULL));
        g_clear_pointer(&sha256->context, EVP_MD_CTX_free);
        /* Names are hashed by the million: printf() would take longer than the digest. */
        for (gsize i = 0; i < HC_SHA256_BYTES; i++) {
            sha256->hex[2 * i] = "0123456789abcdef"[sha256->digest[i] >> 4];
            sha256->hex[2 * i + 1] = "0123456789abcdef"[sha256->digest[i] & 15];
        }
    }
    return sha256->digest;
}

const char *
hc_sha256_hex(HcSha256 *sha256)
{
    (void) hc_sha256_digest(sha256); /* makes the text too */
    return sha256->hex;
}

char *
hc_sha256_of(const void *bytes, gsize n_bytes)
{
    g_autoptr(HcSha256) sha256 = hc_sha256_new();
    hc_sha256_update(sha256, bytes, n_bytes);
    return g_strdup(hc_sha256_hex(sha256));
}

char *
hc_sha256_of_bytes(GBytes *bytes)
{
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    return hc_sha256_of(data, n_bytes);
}
