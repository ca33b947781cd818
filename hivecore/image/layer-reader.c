#include "config.h"

#include "hivecore/image/layer-reader.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/archive-autoptr.h"
#include "hivecore/image/layer-input.h"
#include "hivecore/regf/layout.h"

enum {
    FIRST_CONTENT_BYTES = 1024 * 1024,
};

struct HcLayerReader {
    char *file;
    HcLayerInput *input;
    HcPaxScanner *scanner;
    struct archive *tar;
    HcEntry *entry;
    uint64_t n_entries;
    uint64_t n_name_bytes;
    GError *error; /* of a read inside libarchive */
};

/* Hands the next piece of the tar to both readers; sets *n_bytes to 0 at the end. */
static gboolean
pull(HcLayerReader *reader, const void **bytes, gsize *n_bytes, GError **error)
{
    if (!hc_layer_input_read(reader->input, bytes, n_bytes, error))
        return FALSE;
    if (*n_bytes == 0)
        return hc_pax_scanner_finish(reader->scanner, error);
    return hc_pax_scanner_push(reader->scanner, *bytes, *n_bytes, error);
}

static la_ssize_t
read_tar(struct archive *archive, void *data, const void **bytes)
{
    HcLayerReader *reader = data;
    gsize n_bytes;
    if (reader->error == NULL && pull(reader, bytes, &n_bytes, &reader->error))
        return (la_ssize_t) n_bytes;
    archive_set_error(archive, EIO, "read failed");
    return -1;
}

/* The error of a libarchive call: what the read callback met, or its own text. */
static void
set_tar_error(HcLayerReader *reader, GError **error)
{
    if (reader->error) {
        g_propagate_error(error, g_steal_pointer(&reader->error));
        return;
    }
    if (hc_archive_is_memory(reader->tar)) {
        hc_set_error(error, HC_ERROR_IO, "%s: not enough memory to read it", reader->file);
        return;
    }
    const char *text = archive_error_string(reader->tar);
    hc_set_error(error, HC_ERROR_MALFORMED, "%s: entry %" PRIu64 ": %s", reader->file,
                 reader->n_entries + 1, text ? text : "libarchive cannot read it");
}

/* @input: (transfer full) (nullable): NULL with @error set */
static HcLayerReader *
reader_new(const char *file, HcLayerInput *input, GError **error)
{
    if (input == NULL)
        return NULL;
    g_autoptr(HcLayerReader) reader = g_new0(HcLayerReader, 1);
    reader->file = g_strdup(file);
    reader->scanner = hc_pax_scanner_new(file);
    reader->input = input;
    reader->tar = archive_read_new();
    if (reader->tar == NULL || archive_read_support_format_tar(reader->tar) != ARCHIVE_OK ||
        archive_read_open(reader->tar, reader, NULL, read_tar, NULL) != ARCHIVE_OK) {
        set_tar_error(reader, error);
        return NULL;
    }
    return g_steal_pointer(&reader);
}

HcLayerReader *
hc_layer_reader_open(const char *file, GError **error)
{
    return reader_new(file, hc_layer_input_open(file, error), error);
}

HcLayerReader *
hc_layer_reader_open_part(const char *name, int fd, uint64_t offset, uint64_t n_bytes,
                          GError **error)
{
    return reader_new(name, hc_layer_input_open_part(name, fd, offset, n_bytes, error), error);
}

void
hc_layer_reader_free(HcLayerReader *reader)
{
    if (reader == NULL)
        return;
    g_clear_pointer(&reader->tar, hc_archive_read_free);
    g_clear_pointer(&reader->input, hc_layer_input_free);
    g_clear_pointer(&reader->scanner, hc_pax_scanner_free);
    g_clear_pointer(&reader->entry, hc_entry_free);
    g_clear_error(&reader->error);
    g_free(reader->file);
    g_free(reader);
}

static gboolean
check_limits(HcLayerReader *reader, GError **error)
{
    const char *what = NULL;
    gsize n_name = reader->entry->name->len + reader->entry->link->len;
    reader->n_entries++;
    reader->n_name_bytes += n_name;
    if (reader->n_entries > HC_MAX_LAYER_ENTRIES)
        what = "more entries than the limit";
    else if (n_name > 2 * (gsize) HC_MAX_NAME_BYTES)
        what = "the name is longer than Windows allows";
    else if (reader->n_name_bytes > HC_MAX_ALL_NAMES_BYTES)
        what = "the names together are larger than the limit";
    if (what == NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_LIMIT, "%s: entry %" PRIu64 ": %s", reader->file,
                   reader->n_entries, what);
}

/* Takes the scanner's view of the entry that libarchive is at. */
static gboolean
take_entry(HcLayerReader *reader, struct archive_entry *seen, GError **error)
{
    int64_t position = archive_read_header_position(reader->tar);
    reader->entry = hc_pax_scanner_take(reader->scanner);
    HcEntry *entry = reader->entry;
    if (entry == NULL || position < 0 || entry->position != (uint64_t) position ||
        (entry->type == HC_ENTRY_FILE && !entry->is_sparse &&
         (uint64_t) archive_entry_size(seen) != entry->n_bytes))
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: byte %" PRId64 ": tar readers do not agree on this entry", reader->file,
                       position);
    return check_limits(reader, error);
}

gboolean
hc_layer_reader_next(HcLayerReader *reader, const HcEntry **entry, GError **error)
{
    struct archive_entry *seen;
    g_clear_pointer(&reader->entry, hc_entry_free);
    int result = archive_read_next_header(reader->tar, &seen);
    if (result == ARCHIVE_EOF) {
        g_autoptr(HcEntry) more = hc_pax_scanner_take(reader->scanner);
        if (more != NULL)
            return hc_fail(error, HC_ERROR_MALFORMED,
                           "%s: byte %" PRIu64 ": tar readers do not agree on this entry",
                           reader->file, more->position);
        if (reader->n_entries == 0)
            hc_set_error(error, HC_ERROR_MALFORMED, "%s: is a tar without any entry", reader->file);
        return FALSE;
    }
    /* ARCHIVE_WARN: libarchive could not convert a name or took no interest in a record. Names and
     * records come from the scanner, which is strict, so the warning says nothing new. */
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
        set_tar_error(reader, error);
        return FALSE;
    }
    if (!take_entry(reader, seen, error))
        return FALSE;
    *entry = reader->entry;
    return TRUE;
}

static GBytes *
content_error(HcLayerReader *reader, HcErrorCode code, const char *what, GError **error)
{
    const HcEntry *entry = reader->entry;
    g_autoptr(GString) name = g_string_new(NULL);
    hc_append_display(name, entry->name->str, entry->name->len);
    return hc_fail_null(error, code, "%s: byte %" PRIu64 ": entry '%s': %s", reader->file,
                        entry->position, name->str, what);
}

/* Whether more of a content is worth its memory. */
static gboolean
is_hive_start(const uint8_t *bytes, gsize n_bytes)
{
    return n_bytes < HC_LAYER_START_BYTES || memcmp(bytes, "regf", 4) == 0 ||
           memcmp(bytes + HC_BASE_BLOCK_BYTES, "hbin", 4) == 0;
}

gboolean
hc_layer_content_is_cut(GBytes *content)
{
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    return !is_hive_start(bytes, n_bytes);
}

GBytes *
hc_layer_reader_content(HcLayerReader *reader, GError **error)
{
    /* Memory follows the bytes that are really there, not the size that a header claims. */
    uint64_t n_declared = reader->entry->n_bytes;
    if (n_declared > HC_MAX_HIVE_BYTES)
        return content_error(reader, HC_ERROR_LIMIT, "larger than a hive can be", error);
    /* A few bytes of sparse map could stand for 2 GiB. No maker of layers writes hives so. */
    if (reader->entry->is_sparse)
        return content_error(reader, HC_ERROR_LIMIT,
                             "a hive that is stored as a sparse file is not read", error);
    gsize n_bytes = 0;
    gsize capacity = 0;
    g_autofree uint8_t *bytes = NULL;
    for (;;) {
        if (n_bytes == capacity) {
            capacity = MAX(2 * capacity, FIRST_CONTENT_BYTES);
            uint8_t *grown = g_try_realloc(bytes, capacity);
            if (grown == NULL)
                return content_error(reader, HC_ERROR_IO, "not enough memory", error);
            /* The old block is gone; what is freed at the end is the new one. */
            g_steal_pointer(&bytes);
            bytes = grown;
        }
        gsize n_wanted =
            (n_bytes < HC_LAYER_START_BYTES ? HC_LAYER_START_BYTES : capacity) - n_bytes;
        la_ssize_t n = archive_read_data(reader->tar, bytes + n_bytes, n_wanted);
        if (n < 0) {
            set_tar_error(reader, error);
            return NULL;
        }
        n_bytes += (gsize) n;
        if (n == 0 || !is_hive_start(bytes, n_bytes))
            break;
        /* Cannot be: the readers agree on the size. Kept so that the loop has a bound of its own.
         */
        if (n_bytes > HC_MAX_HIVE_BYTES)
            return content_error(reader, HC_ERROR_LIMIT, "larger than a hive can be", error);
    }
    return g_bytes_new_take(g_steal_pointer(&bytes), n_bytes);
}

gboolean
hc_layer_reader_finish(HcLayerReader *reader, HcLayerSummary *summary, GError **error)
{
    /* What runs layers hashes the file to its end, behind the end of the archive. */
    gsize n_bytes;
    do {
        const void *bytes;
        if (!pull(reader, &bytes, &n_bytes, error))
            return FALSE;
    } while (n_bytes > 0);
    memset(summary, 0, sizeof(*summary));
    summary->compression = hc_layer_input_compression(reader->input);
    summary->n_entries = reader->n_entries;
    summary->n_end_blocks = hc_pax_scanner_n_end_blocks(reader->scanner);
    summary->tar_garbage = hc_pax_scanner_garbage(reader->scanner);
    return hc_layer_input_finish(reader->input, &summary->digests, &summary->n_garbage, error);
}
