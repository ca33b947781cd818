#include "config.h"

#include <openssl/evp.h>

#include "hivecore/ondemand/library-private.h"

/* clang-format off */
#define FUNCTIONS(F) \
    F(EVP_DigestFinal_ex) \
    F(EVP_DigestInit_ex) \
    F(EVP_DigestUpdate) \
    F(EVP_MD_CTX_free) \
    F(EVP_MD_CTX_new) \
    F(EVP_sha256)
/* clang-format on */

enum {
    FUNCTIONS(HC_LIBRARY_INDEX) N_FUNCTIONS
};

static const char *const names[] = {FUNCTIONS(HC_LIBRARY_NAME) NULL};
static void *functions[N_FUNCTIONS];
static HcLibrary library = {HC_LIBCRYPTO_FILE, names, functions, 0};

#define REAL(function) ((__typeof__(&(function))) hc_library_function(&library, AT_##function))

/* The parameters have our names. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
 */

int
EVP_DigestFinal_ex(EVP_MD_CTX *context, unsigned char *digest, unsigned int *n_bytes)
{
    return REAL(EVP_DigestFinal_ex)(context, digest, n_bytes);
}

int
EVP_DigestInit_ex(EVP_MD_CTX *context, const EVP_MD *type, ENGINE *engine)
{
    return REAL(EVP_DigestInit_ex)(context, type, engine);
}

int
EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t n_bytes)
{
    return REAL(EVP_DigestUpdate)(context, bytes, n_bytes);
}

void
EVP_MD_CTX_free(EVP_MD_CTX *context)
{
    REAL(EVP_MD_CTX_free)(context);
}

EVP_MD_CTX *
EVP_MD_CTX_new(void)
{
    return REAL(EVP_MD_CTX_new)();
}

const EVP_MD *
EVP_sha256(void)
{
    return REAL(EVP_sha256)();
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
