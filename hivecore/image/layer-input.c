#include "config.h"

#include "hivecore/image/layer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/belt.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/progress.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/image.h"

enum {
    READ_BYTES = 256 * 1024,
    HASH_AHEAD_BYTES = 512 * 1024, /* a layer that is larger is worth a thread */
};

/* What is known of bytes when all of them went by. */
typedef struct {
    HcSha256 *sha256;
    HcCrc32 *crc; /* NULL: nobody asks */
} Sums;

/* Another thread that hashes while this one reads, decompresses and looks at what is in the tar. */
typedef struct {
    HcParallel *parallel;
    HcBelt *belt;
    Sums *sums;    /* of what is in the block that is not full yet */
    gsize n_bytes; /* in it */
} Hasher;

struct HcLayerInput {
    char *file;
    int fd;
    gboolean owns_fd;
    uint64_t start;      /* in fd, of the layer */
    uint64_t file_bytes; /* of the layer */
    uint64_t n_read;     /* of them */
    uint64_t n_plain;    /* bytes of the tar given out */
    uint64_t n_expanded; /* that sparse files have more */
    HcCrc32 crc;         /* of them */
    gboolean is_gzip;
    gboolean is_plain; /* not compressed: the digest is the diff ID */
    gboolean is_empty; /* nothing to read */
    struct archive *filter;
    Sums file_sums;
    Sums plain_sums; /* of the tar, unless that is the file */
    Hasher hasher;   /* without a belt: none, or none yet */
    GError *error;   /* of a read inside libarchive */
    uint8_t buffer[READ_BYTES];
};

/* --- digests, on a thread of their own --- */

static void
add_to_sums(gpointer to, const uint8_t *bytes, gsize n_bytes)
{
    const Sums *sums = to;
    hc_sha256_update(sums->sha256, bytes, n_bytes);
    if (sums->crc != NULL)
        hc_crc32_update(sums->crc, bytes, n_bytes);
}

static void
hash_beside(gpointer piece, G_GNUC_UNUSED guint thread, G_GNUC_UNUSED gpointer data)
{
    hc_belt_take(piece);
}

static void
start_hasher(HcLayerInput *input)
{
    if (input->file_bytes < HASH_AHEAD_BYTES)
        return;
    Hasher *hasher = &input->hasher;
    hasher->parallel = hc_parallel_new(2, hash_beside, NULL);
    hasher->belt = hc_belt_new(hasher->parallel, add_to_sums);
}

static void
give_block(Hasher *hasher)
{
    if (hasher->n_bytes > 0)
        hc_belt_give(hasher->belt, hasher->sums, hasher->n_bytes);
    hasher->n_bytes = 0;
}

/* After it the sums are of all that was given. */
static void
stop_hasher(HcLayerInput *input)
{
    Hasher *hasher = &input->hasher;
    if (hasher->belt == NULL)
        return;
    give_block(hasher);
    hc_belt_finish(hasher->belt);
    hc_parallel_finish(hasher->parallel);
    g_clear_pointer(&hasher->belt, hc_belt_free);
}

static void
hash(Hasher *hasher, Sums *sums, const uint8_t *bytes, gsize n_bytes)
{
    if (hasher->belt == NULL || hc_parallel_size(hasher->parallel) == 1) {
        add_to_sums(sums, bytes, n_bytes);
        return;
    }
    if (hasher->sums != sums)
        give_block(hasher);
    hasher->sums = sums;
    for (gsize at = 0; at < n_bytes;) {
        const gsize n = MIN(n_bytes - at, HC_BELT_BLOCK_BYTES - hasher->n_bytes);
        memcpy(hc_belt_block(hasher->belt) + hasher->n_bytes, bytes + at, n);
        hasher->n_bytes += n;
        at += n;
        if (hasher->n_bytes == HC_BELT_BLOCK_BYTES)
            give_block(hasher);
    }
}

/* --- reading --- */

/* Returns: bytes read into the buffer, 0 at the end, -1 with @error set. */
static ssize_t
read_file(HcLayerInput *input, GError **error)
{
    uint64_t n_wanted = MIN(input->file_bytes - input->n_read, sizeof(input->buffer));
    if (n_wanted == 0)
        return 0;
    const gssize n =
        hc_pread(input->fd, input->buffer, (gsize) n_wanted, input->start + input->n_read);
    if (n <= 0) {
        /* Nothing only when the file has shrunk meanwhile. */
        hc_set_io_error(error, input->file, "cannot read", n < 0 ? errno : EIO);
        return -1;
    }
    input->n_read += (uint64_t) n;
    hc_progress(input->file, input->n_read, input->file_bytes);
    hash(&input->hasher, &input->file_sums, input->buffer, (gsize) n);
    return n;
}

static la_ssize_t
read_compressed(struct archive *archive, void *data, const void **bytes)
{
    HcLayerInput *input = data;
    *bytes = input->buffer;
    ssize_t n = input->error != NULL ? -1 : read_file(input, &input->error);
    if (n < 0)
        archive_set_error(archive, EIO, "read failed");
    return n;
}

static gboolean
fail_filter(HcLayerInput *input, GError **error)
{
    if (input->error != NULL)
        return hc_fail_with(error, g_steal_pointer(&input->error));
    if (hc_archive_is_memory(input->filter))
        return hc_fail(error, HC_ERROR_IO, "%s: not enough memory to decompress it", input->file);
    const char *text = archive_error_string(input->filter);
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: cannot decompress after %" PRIu64 " bytes: %s",
                   input->file, input->n_plain, text ? text : "the file is cut off");
}

static gboolean
open_regular(HcLayerInput *input, GError **error)
{
    /* O_NONBLOCK: opening a FIFO must not wait for a writer. */
    input->owns_fd = TRUE;
    input->fd = open(input->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    if (input->fd < 0 && errno == ENOENT && !hc_image_check_source(input->file, error))
        return FALSE;
    if (input->fd < 0 || fstat(input->fd, &status) != 0)
        return hc_fail_io(error, input->file, "cannot open", errno);
    if (!S_ISREG(status.st_mode))
        return hc_fail(error, HC_ERROR_IO, "%s: %s", input->file,
                       S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file");
    input->file_bytes = (uint64_t) status.st_size;
    return TRUE;
}

static gboolean
check_size(const HcLayerInput *input, GError **error)
{
    if (input->file_bytes == 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is empty", input->file);
    if (input->file_bytes > HC_MAX_LAYER_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: larger than the limit of %llu bytes",
                       input->file, HC_MAX_LAYER_BYTES);
    return TRUE;
}

/* The filters are those that container runtimes take for layers. ARCHIVE_WARN from them means that
 * an external program would be run: refused. */
static gboolean
open_filter(HcLayerInput *input, GError **error)
{
    start_hasher(input);
    struct archive *filter = input->filter = archive_read_new();
    if (filter == NULL)
        return fail_filter(input, error);
    const int gzip = archive_read_support_filter_gzip(filter);
    const int zstd = archive_read_support_filter_zstd(filter);
    if (gzip == ARCHIVE_FATAL || zstd == ARCHIVE_FATAL ||
        archive_read_support_format_raw(filter) != ARCHIVE_OK ||
        archive_read_support_format_empty(filter) != ARCHIVE_OK)
        return fail_filter(input, error);
    if (gzip != ARCHIVE_OK || zstd != ARCHIVE_OK)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: this libarchive was built without gzip or zstd", input->file);
    struct archive_entry *entry;
    errno = 0;
    if (archive_read_open(filter, input, NULL, read_compressed, NULL) != ARCHIVE_OK)
        return fail_filter(input, error);
    const int result = archive_read_next_header(filter, &entry);
    input->is_empty = result == ARCHIVE_EOF;
    if (result != ARCHIVE_OK && result != ARCHIVE_EOF)
        return fail_filter(input, error);
    input->is_gzip = archive_filter_code(filter, 0) == ARCHIVE_FILTER_GZIP;
    input->plain_sums.crc = input->is_gzip ? &input->crc : NULL;
    input->is_plain = archive_filter_code(filter, 0) == ARCHIVE_FILTER_NONE;
    return TRUE;
}

static HcLayerInput *
input_new(const char *file, int fd)
{
    HcLayerInput *input = g_new0(HcLayerInput, 1);
    input->file = g_strdup(file);
    input->fd = fd;
    input->file_sums.sha256 = hc_sha256_new();
    input->plain_sums.sha256 = hc_sha256_new();
    hc_crc32_init(&input->crc);
    return input;
}

HcLayerInput *
hc_layer_input_open(const char *file, GError **error)
{
    g_autoptr(HcLayerInput) input = input_new(file, -1);
    if (!open_regular(input, error) || !check_size(input, error) || !open_filter(input, error))
        return NULL;
    return g_steal_pointer(&input);
}

HcLayerInput *
hc_layer_input_open_part(const char *name, int fd, uint64_t offset, uint64_t n_bytes,
                         GError **error)
{
    g_autoptr(HcLayerInput) input = input_new(name, fd);
    input->start = offset;
    input->file_bytes = n_bytes;
    if ((n_bytes > 0 && !check_size(input, error)) || !open_filter(input, error))
        return NULL;
    return g_steal_pointer(&input);
}

void
hc_layer_input_free(HcLayerInput *input)
{
    if (input == NULL)
        return;
    g_clear_pointer(&input->filter, hc_archive_read_free);
    stop_hasher(input);
    /* Only read from: closing loses nothing. */
    if (input->owns_fd && input->fd >= 0)
        (void) close(input->fd);
    hc_sha256_free(input->file_sums.sha256);
    hc_sha256_free(input->plain_sums.sha256);
    g_clear_error(&input->error);
    g_free(input->file);
    g_free(input);
}

static gboolean
check_expansion(const HcLayerInput *input, GError **error)
{
    const uint64_t n_bytes = input->n_plain + input->n_expanded;
    if (n_bytes > HC_MAX_LAYER_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT,
                       "%s: decompresses to more than the limit of %llu bytes", input->file,
                       HC_MAX_LAYER_BYTES);
    if (n_bytes > HC_MAX_LAYER_FREE_BYTES && n_bytes / HC_MAX_LAYER_RATIO > input->file_bytes)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: decompresses to more than %u times its size",
                       input->file, HC_MAX_LAYER_RATIO);
    return TRUE;
}

gboolean
hc_layer_input_expand(HcLayerInput *input, uint64_t n_bytes, GError **error)
{
    input->n_expanded += n_bytes;
    return check_expansion(input, error);
}

gboolean
hc_layer_input_read(HcLayerInput *input, const void **bytes, gsize *n_bytes, GError **error)
{
    la_int64_t offset;
    int result;
    if (input->is_empty) {
        *n_bytes = 0;
        return TRUE;
    }
    /* An empty block is not the end. */
    do {
        *n_bytes = 0;
        errno = 0;
        result = archive_read_data_block(input->filter, bytes, n_bytes, &offset);
    } while (result == ARCHIVE_OK && *n_bytes == 0);
    if (result == ARCHIVE_EOF) {
        *n_bytes = 0;
        return TRUE;
    }
    /* ARCHIVE_WARN would be data that libarchive is not sure of. */
    if (result != ARCHIVE_OK)
        return fail_filter(input, error);
    input->n_plain += *n_bytes;
    if (!check_expansion(input, error))
        return FALSE;
    if (!input->is_plain)
        hash(&input->hasher, &input->plain_sums, *bytes, *n_bytes);
    return TRUE;
}

const char *
hc_layer_input_compression(const HcLayerInput *input)
{
    if (input->is_plain)
        return NULL;
    return input->is_gzip ? "gzip" : "zstd";
}

static gboolean
check_gzip_trailer(const HcLayerInput *input, GError **error)
{
    uint8_t trailer[HC_GZIP_TRAILER_BYTES];
    const uint64_t place = input->start + input->file_bytes - HC_GZIP_TRAILER_BYTES;
    const gssize n = hc_pread(input->fd, trailer, sizeof(trailer), place);
    if (n != (ssize_t) sizeof(trailer)) {
        /* Less only when the file has shrunk meanwhile. */
        return hc_fail_io(error, input->file, "cannot read", n < 0 ? errno : EIO);
    }
    if (hc_gzip_trailer_fits(trailer, input->crc.value, input->n_plain))
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s: what was decompressed does not fit the checksum of the gzip file",
                   input->file);
}

gboolean
hc_layer_input_finish(HcLayerInput *input, HcLayerDigests *digests, uint64_t *n_garbage,
                      GError **error)
{
    /* What the filters took, out of what they were given. */
    uint64_t n_used = (uint64_t) MAX(archive_filter_bytes(input->filter, -1), 0);
    *n_garbage = input->file_bytes > n_used ? input->file_bytes - n_used : 0;
    ssize_t n;
    do {
        n = read_file(input, error);
    } while (n > 0);
    stop_hasher(input);
    if (n < 0 || (input->is_gzip && *n_garbage == 0 && !check_gzip_trailer(input, error)))
        return FALSE;
    g_strlcpy(digests->digest, hc_sha256_hex(input->file_sums.sha256), sizeof(digests->digest));
    const Sums *sums = input->is_plain ? &input->file_sums : &input->plain_sums;
    g_strlcpy(digests->diff_id, hc_sha256_hex(sums->sha256), sizeof(digests->diff_id));
    return TRUE;
}
