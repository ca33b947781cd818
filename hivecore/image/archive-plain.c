#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/image/layer-private.h"
#include "hivecore/image/store-private.h"

/* Image archives that are compressed as a whole. */

#define SPOOL_NAME "a temporary file for what was decompressed"

static void
close_read(int fd)
{
    /* Only read from, or without a name: closing loses nothing. */
    (void) close(fd);
}

static gboolean
refuse_compressed(const char *operand, const char *start, gsize n_start, GError **error)
{
    static const struct {
        const char *magic;
        gsize n_bytes;
        const char *name;
    } kinds[] = {
        {"BZh", 3, "bzip2"},
        {"\xfd"
         "7zXZ",
         5, "xz"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (n_start < kinds[i].n_bytes || memcmp(start, kinds[i].magic, kinds[i].n_bytes) != 0)
            continue;
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: is %s-compressed, and of image archives that are, those with gzip and "
                       "zstd are read: decompress it first, with '%s -d'",
                       operand, kinds[i].name, kinds[i].name);
    }
    return TRUE;
}

static gboolean
write_all(int fd, const char *bytes, gsize n_bytes, GError **error)
{
    while (n_bytes > 0) {
        const ssize_t n = write(fd, bytes, n_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hc_fail_io(error, SPOOL_NAME, "cannot write", errno);
        bytes += n;
        n_bytes -= (gsize) n;
    }
    return TRUE;
}

/* What is in it, in a file without a name, since blobs are read where they lie. */
static gboolean
decompress(const char *operand, int *fd, uint64_t *n_bytes, GError **error)
{
    const char *folder = g_getenv("TMPDIR");
    const int spool = open(folder != NULL && *folder != '\0' ? folder : "/var/tmp",
                           O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spool < 0)
        return hc_fail_io(error, SPOOL_NAME, "cannot make", errno);
    g_autoptr(HcLayerInput) input = hc_layer_input_open_part(operand, *fd, 0, *n_bytes, error);
    const void *bytes;
    gsize n_piece = 0;
    uint64_t n_plain = 0;
    gboolean is_good = input != NULL;
    while (is_good && (is_good = hc_layer_input_read(input, &bytes, &n_piece, error)) &&
           n_piece > 0) {
        n_plain += n_piece;
        is_good = write_all(spool, bytes, n_piece, error);
    }
    HcLayerDigests digests;
    uint64_t n_garbage;
    if (!is_good || !hc_layer_input_finish(input, &digests, &n_garbage, error)) {
        close_read(spool);
        return FALSE;
    }
    close_read(*fd);
    *fd = spool;
    *n_bytes = n_plain;
    return TRUE;
}

gboolean
hc_archive_make_plain(const char *operand, int *fd, uint64_t *n_bytes, GError **error)
{
    g_autoptr(GBytes) start = hc_blob_read(operand, *fd, 0, MIN(*n_bytes, 8), error);
    if (start == NULL)
        return FALSE;
    gsize n_start;
    const char *bytes = g_bytes_get_data(start, &n_start);
    if (!refuse_compressed(operand, bytes, n_start, error))
        return FALSE;
    return hc_compression_sniff(bytes, n_start) == HC_COMPRESSION_NONE ||
           decompress(operand, fd, n_bytes, error);
}
