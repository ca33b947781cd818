#include "config.h"

#include "hivecore/image/layer-output.h"

#include <errno.h>
#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/base/sha256.h"
#include "hivecore/image/layer-private.h"

enum {
    PIECE_BYTES = 64 * 1024,
    GZIP_MAX = 9,
    ZSTD_MAX = 19, /* more needs memory to read it, too */
    ZSTD_DEFAULT = 3,
};

struct HcLayerOutput {
    char *file;
    HcOutput *output;       /* NULL: of a counter */
    struct archive *filter; /* NULL when the tar is not compressed */
    HcSha256 *digest;
    HcSha256 *diff_id;
    GByteArray *buffer;
    uint64_t n_bytes; /* of the file */
    GError *error;    /* of a write inside libarchive */
    gboolean has_failed;
    /* What libarchive was given last: freeing an archive compresses the rest of it, also after a
     * write that failed, when the caller's memory is gone. */
    uint8_t *piece;
};

/* A level behind the name: ":9"; 0: none is given. */
static gboolean
parse_level(const char *word, int max, int *level, GError **error)
{
    const char *colon = strchr(word, ':');
    guint64 number = 0;
    if (colon == NULL)
        return TRUE;
    if (max == 0)
        return hc_fail(error, HC_ERROR_USAGE, "--compression=%s: only gzip and zstd have a level",
                       word);
    if (!g_ascii_string_to_unsigned(colon + 1, 10, 1, (guint64) max, &number, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "--compression=%s: the level is from 1 to %d", word,
                       max);
    *level = (int) number;
    return TRUE;
}

static HcCompression
compression_of_file(const char *file)
{
    g_autofree char *lower = g_ascii_strdown(file, -1);
    if (g_str_has_suffix(lower, ".tar.zst") || g_str_has_suffix(lower, ".tzst"))
        return HC_COMPRESSION_ZSTD;
    return g_str_has_suffix(lower, ".tar.gz") || g_str_has_suffix(lower, ".tgz")
               ? HC_COMPRESSION_GZIP
               : HC_COMPRESSION_NONE;
}

gboolean
hc_compression_parse(const char *word, const char *file, HcCompression *compression, int *level,
                     GError **error)
{
    enum {
        BY_NAME = HC_COMPRESSION_ZSTD + 1
    };
    static const HcChoice choices[] = {{"auto", BY_NAME},
                                       {"none", HC_COMPRESSION_NONE},
                                       {"gzip", HC_COMPRESSION_GZIP},
                                       {"zstd", HC_COMPRESSION_ZSTD}};
    static const int levels[] = {
        [HC_COMPRESSION_GZIP] = GZIP_MAX, [HC_COMPRESSION_ZSTD] = ZSTD_MAX, [BY_NAME] = 0};
    g_autofree char *name = word != NULL ? g_strndup(word, strcspn(word, ":")) : NULL;
    const int choice = HC_CHOICE_PARSE("--compression is", name, choices, error);
    *level = 0;
    if (choice < 0 || (word != NULL && !parse_level(word, levels[choice], level, error)))
        return FALSE;
    *compression = choice == BY_NAME ? compression_of_file(file) : (HcCompression) choice;
    return TRUE;
}

static gboolean
write_file(HcLayerOutput *output, const void *bytes, gsize n_bytes, GError **error)
{
    hc_sha256_update(output->digest, bytes, n_bytes);
    output->n_bytes += n_bytes;
    return output->output == NULL || hc_output_write(output->output, bytes, n_bytes, error);
}

static la_ssize_t
write_compressed(struct archive *archive, void *data, const void *bytes, size_t n_bytes)
{
    HcLayerOutput *output = data;
    if (!output->has_failed && write_file(output, bytes, n_bytes, &output->error))
        return (la_ssize_t) n_bytes;
    output->has_failed = TRUE;
    archive_set_error(archive, EIO, "write failed");
    return -1;
}

static gboolean
fail_memory(const HcLayerOutput *output, GError **error)
{
    return hc_fail(error, HC_ERROR_IO, "%s: not enough memory to compress it", output->file);
}

/* The error of a libarchive call: what the write callback met, or its own text. */
static gboolean
fail_filter(HcLayerOutput *output, GError **error)
{
    if (output->error != NULL)
        return hc_fail_with(error, g_steal_pointer(&output->error));
    if (hc_archive_is_memory(output->filter))
        return fail_memory(output, error);
    const char *text = archive_error_string(output->filter);
    return hc_fail(error, HC_ERROR_IO, "%s: cannot compress: %s", output->file,
                   text ? text : "libarchive says no more");
}

static gboolean
add_filter(struct archive *filter, HcCompression compression, int level)
{
    const gboolean is_gzip = compression == HC_COMPRESSION_GZIP;
    g_autofree char *number = g_strdup_printf("%d", level != 0 ? level
                                                    : is_gzip  ? (int) GZIP_MAX
                                                               : (int) ZSTD_DEFAULT);
    if (!is_gzip)
        return archive_write_add_filter_zstd(filter) == ARCHIVE_OK &&
               archive_write_set_filter_option(filter, "zstd", "compression-level", number) ==
                   ARCHIVE_OK;
    return archive_write_add_filter_gzip(filter) == ARCHIVE_OK &&
           archive_write_set_filter_option(filter, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
           archive_write_set_filter_option(filter, "gzip", "compression-level", number) ==
               ARCHIVE_OK;
}

/* Format "raw" with a filter is a compressed stream and nothing else. */
static gboolean
open_filter(HcLayerOutput *output, HcCompression compression, int level, GError **error)
{
    output->filter = archive_write_new();
    output->piece = g_malloc(PIECE_BYTES);
    struct archive *filter = output->filter;
    g_autoptr(HcArchiveEntry) entry = archive_entry_new();
    if (filter == NULL || entry == NULL)
        return fail_memory(output, error);
    archive_entry_set_filetype(entry, AE_IFREG);

    /* ARCHIVE_WARN is a refusal here: adding the filter warns when it is an external program, and
     * the header must have neither time nor name. Block size 1 at the end: no padding. */
    if (archive_write_set_format_raw(filter) == ARCHIVE_OK &&
        add_filter(filter, compression, level) &&
        archive_write_set_bytes_in_last_block(filter, 1) == ARCHIVE_OK &&
        archive_write_open(filter, output, NULL, write_compressed, NULL) == ARCHIVE_OK &&
        archive_write_header(filter, entry) == ARCHIVE_OK)
        return TRUE;
    return fail_filter(output, error);
}

static HcLayerOutput *
new_output(const char *file)
{
    HcLayerOutput *output = g_new0(HcLayerOutput, 1);
    output->file = g_strdup(file);
    output->digest = hc_sha256_new();
    output->diff_id = hc_sha256_new();
    output->buffer = g_byte_array_new();
    return output;
}

HcLayerOutput *
hc_layer_output_new_counter(void)
{
    return new_output("layer");
}

HcLayerOutput *
hc_layer_output_open(const char *file, HcCompression compression, int level, GError **error)
{
    g_autoptr(HcLayerOutput) output = new_output(file);
    output->output = hc_output_open(file, NULL, error);
    if (output->output == NULL)
        return NULL;
    if (compression != HC_COMPRESSION_NONE && !open_filter(output, compression, level, error))
        return NULL;
    return g_steal_pointer(&output);
}

void
hc_layer_output_set_name(HcLayerOutput *output, const char *name)
{
    g_free(output->file);
    output->file = g_strdup(name);
    hc_output_set_name(output->output, name);
}

HcOutput *
hc_layer_output_file(HcLayerOutput *output)
{
    return output->output;
}

static gboolean
write_tar(HcLayerOutput *output, const void *bytes, gsize n_bytes, GError **error)
{
    if (n_bytes == 0)
        return TRUE;
    /* All of a layer comes through here, an entry or a piece of one at a time. */
    if (!hc_interrupt_check(error))
        return FALSE;
    /* The digest of a plain tar is its diff ID. */
    if (output->filter == NULL)
        return write_file(output, bytes, n_bytes, error);
    hc_sha256_update(output->diff_id, bytes, n_bytes);
    const uint8_t *at = bytes;
    while (n_bytes > 0) {
        const gsize n = MIN(n_bytes, PIECE_BYTES);
        memcpy(output->piece, at, n);
        la_ssize_t n_written = archive_write_data(output->filter, output->piece, n);
        if (n_written <= 0)
            return fail_filter(output, error);
        at += n_written;
        n_bytes -= (gsize) n_written;
    }
    return TRUE;
}

static gboolean
write_buffer(HcLayerOutput *output, GError **error)
{
    gboolean is_written = write_tar(output, output->buffer->data, output->buffer->len, error);
    g_byte_array_set_size(output->buffer, 0);
    return is_written;
}

gboolean
hc_layer_output_start(HcLayerOutput *output, const HcTarEntry *entry, GError **error)
{
    return hc_tar_append_header(output->buffer, entry, error) && write_buffer(output, error);
}

gboolean
hc_layer_output_content(HcLayerOutput *output, const void *bytes, gsize n_bytes, GError **error)
{
    return write_tar(output, bytes, n_bytes, error);
}

gboolean
hc_layer_output_end(HcLayerOutput *output, const HcTarEntry *entry, GError **error)
{
    hc_tar_append_padding(output->buffer, entry->n_bytes);
    return write_buffer(output, error);
}

gboolean
hc_layer_output_add(HcLayerOutput *output, const HcTarEntry *entry, const void *content,
                    GError **error)
{
    return hc_layer_output_start(output, entry, error) &&
           hc_layer_output_content(output, content, (gsize) entry->n_bytes, error) &&
           hc_layer_output_end(output, entry, error);
}

/* Ends tar and compression; what is left is to make the file last. */
static gboolean
end_archive(HcLayerOutput *output, HcLayerDigests *digests, GError **error)
{
    hc_tar_append_end(output->buffer);
    if (!write_buffer(output, error))
        return FALSE;
    if (output->filter != NULL && archive_write_close(output->filter) != ARCHIVE_OK)
        return fail_filter(output, error);
    g_strlcpy(digests->digest, hc_sha256_hex(output->digest), sizeof(digests->digest));
    HcSha256 *diff_id = output->filter != NULL ? output->diff_id : output->digest;
    g_strlcpy(digests->diff_id, hc_sha256_hex(diff_id), sizeof(digests->diff_id));
    return TRUE;
}

gboolean
hc_layer_output_diff_id(HcLayerOutput *output, char *diff_id, GError **error)
{
    HcLayerDigests digests;
    if (!end_archive(output, &digests, error))
        return FALSE;
    g_strlcpy(diff_id, digests.diff_id, sizeof(digests.diff_id));
    return TRUE;
}

gboolean
hc_layer_output_commit(HcLayerOutput *output, HcLayerDigests *digests, GError **error)
{
    return end_archive(output, digests, error) && hc_output_commit(output->output, error);
}

gboolean
hc_layer_output_finish(HcLayerOutput *output, HcLayerFile *file, GError **error)
{
    if (!end_archive(output, &file->digests, error) ||
        !hc_output_sync(output->output, &file->fd, &file->path, error))
        return FALSE;
    file->n_bytes = output->n_bytes;
    return TRUE;
}

void
hc_layer_output_free(HcLayerOutput *output)
{
    if (output == NULL)
        return;
    if (output->filter != NULL) {
        /* What it writes to a file that is not committed is thrown away. */
        (void) archive_write_free(output->filter);
    }
    hc_output_free(output->output);
    g_clear_pointer(&output->digest, hc_sha256_free);
    g_clear_pointer(&output->diff_id, hc_sha256_free);
    g_clear_pointer(&output->buffer, g_byte_array_unref);
    g_clear_error(&output->error);
    g_free(output->piece);
    g_free(output->file);
    g_free(output);
}
