#include "config.h"

#include "hivecore/image/layer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/parallel.h"
#include "hivecore/base/progress.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/image.h"

enum {
    READ_BYTES = 256 * 1024,
    N_BLOCKS = 4,                  /* that wait to be hashed, of READ_BYTES each */
    HASH_AHEAD_BYTES = 512 * 1024, /* a layer that is larger is worth a thread */
};

/* Bytes to be hashed by another thread. */
typedef struct {
    HcSha256 *sha256;
    HcCrc32 *crc; /* (nullable) */
    gsize n_bytes;
    uint8_t bytes[READ_BYTES];
} Block;

/* The thread that hashes while another reads, decompresses and looks at what is in the tar: one, so
 * that blocks are hashed in their order. */
typedef struct {
    HcParallel *parallel;
    pthread_mutex_t mutex;
    pthread_cond_t is_done;
    uint64_t n_given;
    uint64_t n_done;
    Block *open;            /* which is not full yet; NULL: none */
    Block blocks[N_BLOCKS]; /* of number n at n % N_BLOCKS */
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
    HcSha256 *digest;
    HcSha256 *diff_id;
    Hasher *hasher; /* NULL: none, or none yet */
    GError *error;  /* of a read inside libarchive */
    uint8_t buffer[READ_BYTES];
};

/* --- digests, on a thread of their own --- */

static void
hash_block(gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    const Block *block = piece;
    Hasher *hasher = data;
    hc_sha256_update(block->sha256, block->bytes, block->n_bytes);
    if (block->crc != NULL)
        hc_crc32_update(block->crc, block->bytes, block->n_bytes);
    (void) pthread_mutex_lock(&hasher->mutex);
    hasher->n_done++;
    (void) pthread_cond_signal(&hasher->is_done);
    (void) pthread_mutex_unlock(&hasher->mutex);
}

/* Waits until at most @n blocks wait. */
static void
wait_for_blocks(Hasher *hasher, uint64_t n)
{
    (void) pthread_mutex_lock(&hasher->mutex);
    while (hasher->n_given - hasher->n_done > n)
        (void) pthread_cond_wait(&hasher->is_done, &hasher->mutex);
    (void) pthread_mutex_unlock(&hasher->mutex);
}

static void
give_block(Hasher *hasher)
{
    if (hasher->open == NULL)
        return;
    hasher->n_given++;
    hc_parallel_push(hasher->parallel, g_steal_pointer(&hasher->open));
}

static void
start_hasher(HcLayerInput *input)
{
    if (input->file_bytes < HASH_AHEAD_BYTES || hc_parallel_n_threads() == 1)
        return;
    Hasher *hasher = g_new(Hasher, 1);
    /* None of these fails on Linux. */
    (void) pthread_mutex_init(&hasher->mutex, NULL);
    (void) pthread_cond_init(&hasher->is_done, NULL);
    hasher->n_given = hasher->n_done = 0;
    hasher->open = NULL;
    hasher->parallel = hc_parallel_new(2, hash_block, hasher);
    input->hasher = hasher;
}

/* After it the digests are of all that was given. */
static void
stop_hasher(HcLayerInput *input)
{
    Hasher *hasher = g_steal_pointer(&input->hasher);
    if (hasher == NULL)
        return;
    give_block(hasher);
    /* Nothing may be left to be done by this thread, which would do it beside the other. */
    wait_for_blocks(hasher, 0);
    hc_parallel_finish(hasher->parallel);
    (void) pthread_mutex_destroy(&hasher->mutex);
    (void) pthread_cond_destroy(&hasher->is_done);
    g_free(hasher);
}

/* A block with room for more of the same. */
static Block *
open_block(Hasher *hasher, HcSha256 *sha256, HcCrc32 *crc)
{
    Block *block = hasher->open;
    if (block != NULL && block->sha256 == sha256 && block->n_bytes < sizeof(block->bytes))
        return block;
    give_block(hasher);
    wait_for_blocks(hasher, N_BLOCKS - 1);
    block = hasher->open = &hasher->blocks[hasher->n_given % N_BLOCKS];
    block->sha256 = sha256;
    block->crc = crc;
    block->n_bytes = 0;
    return block;
}

/* @crc: (nullable) */
static void
hash(HcLayerInput *input, HcSha256 *sha256, HcCrc32 *crc, const uint8_t *bytes, gsize n_bytes)
{
    Hasher *hasher = input->hasher;
    if (hasher == NULL || hc_parallel_size(hasher->parallel) == 1) {
        hc_sha256_update(sha256, bytes, n_bytes);
        if (crc != NULL)
            hc_crc32_update(crc, bytes, n_bytes);
        return;
    }
    for (gsize at = 0; at < n_bytes;) {
        Block *block = open_block(hasher, sha256, crc);
        const gsize n = MIN(n_bytes - at, sizeof(block->bytes) - block->n_bytes);
        memcpy(block->bytes + block->n_bytes, bytes + at, n);
        block->n_bytes += n;
        at += n;
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
    hash(input, input->digest, NULL, input->buffer, (gsize) n);
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
    input->is_plain = archive_filter_code(filter, 0) == ARCHIVE_FILTER_NONE;
    return TRUE;
}

static HcLayerInput *
input_new(const char *file, int fd)
{
    HcLayerInput *input = g_new0(HcLayerInput, 1);
    input->file = g_strdup(file);
    input->fd = fd;
    input->digest = hc_sha256_new();
    input->diff_id = hc_sha256_new();
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
    g_clear_pointer(&input->digest, hc_sha256_free);
    g_clear_pointer(&input->diff_id, hc_sha256_free);
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
        hash(input, input->diff_id, input->is_gzip ? &input->crc : NULL, *bytes, *n_bytes);
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
    g_strlcpy(digests->digest, hc_sha256_hex(input->digest), sizeof(digests->digest));
    HcSha256 *diff_id = input->is_plain ? input->digest : input->diff_id;
    g_strlcpy(digests->diff_id, hc_sha256_hex(diff_id), sizeof(digests->diff_id));
    return TRUE;
}
