#include "config.h"

#include "hivecore/image/layer-reader.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/layer-private.h"
#include "hivecore/regf/fault.h"
#include "hivecore/regf/hive.h"
#include "hivecore/regf/layout.h"

enum {
    FIRST_CONTENT_BYTES = 64 * 1024,
    PIECE_BYTES = 256 * 1024,
};

struct HcLayerReader {
    char *file;
    HcLayerInput *input;
    HcPaxScanner *scanner;
    struct archive *tar;
    HcEntry *entry;
    uint64_t n_entries;
    uint64_t n_name_bytes;
    gboolean has_image_mark; /* an entry that image archives have and no layer */
    gboolean has_layer_folder;
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
    if (reader->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&reader->error));
        return;
    }
    if (hc_archive_is_memory(reader->tar)) {
        hc_set_error(error, HC_ERROR_IO, "%s: not enough memory to read it", reader->file);
        return;
    }
    const char *text = archive_error_string(reader->tar);
    hc_set_error(error, HC_ERROR_MALFORMED, "%s: entry %" PRIu64 ": %s", reader->file,
                 reader->n_entries + 1, text != NULL ? text : "libarchive cannot read it");
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
    errno = 0;
    reader->tar = archive_read_new();
    /* A tar of no bytes at all has no entries, like one of zeros. */
    if (reader->tar == NULL || archive_read_support_format_tar(reader->tar) != ARCHIVE_OK ||
        archive_read_support_format_empty(reader->tar) != ARCHIVE_OK ||
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
    entry->n_file_bytes = entry->n_bytes;
    if (entry->is_sparse && archive_entry_size(seen) > 0)
        entry->n_file_bytes = (uint64_t) archive_entry_size(seen);
    return check_limits(reader, error);
}

/* Notes what tells a layer from an image archive. */
static void
note_kind(HcLayerReader *reader)
{
    const GString *name = reader->entry->name;
    const char *clean = g_str_has_prefix(name->str, "./") ? name->str + 2 : name->str;
    if (strcmp(clean, "oci-layout") == 0 || strcmp(clean, "manifest.json") == 0)
        reader->has_image_mark = TRUE;
    else if (g_ascii_strncasecmp(clean, "Files", 5) == 0 ||
             g_ascii_strncasecmp(clean, "Hives", 5) == 0)
        reader->has_layer_folder = TRUE;
}

gboolean
hc_layer_fail_archive(const char *source, GError **error)
{
    return hc_fail(error, HC_ERROR_USAGE,
                   "%s: is an image archive, not a layer: name it oci-archive:%s or "
                   "docker-archive:%s",
                   source, source, source);
}

gboolean
hc_layer_reader_check_kind(const HcLayerReader *reader, GError **error)
{
    return !reader->has_image_mark || reader->has_layer_folder ||
           hc_layer_fail_archive(reader->file, error);
}

gboolean
hc_layer_reader_next(HcLayerReader *reader, const HcEntry **entry, GError **error)
{
    struct archive_entry *seen;
    g_clear_pointer(&reader->entry, hc_entry_free);
    errno = 0;
    int result = archive_read_next_header(reader->tar, &seen);
    if (result == ARCHIVE_EOF) {
        g_autoptr(HcEntry) more = hc_pax_scanner_take(reader->scanner);
        if (more != NULL)
            return hc_fail(error, HC_ERROR_MALFORMED,
                           "%s: byte %" PRIu64 ": tar readers do not agree on this entry",
                           reader->file, more->position);
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
    note_kind(reader);
    *entry = reader->entry;
    return TRUE;
}

static gboolean
fail_content(HcLayerReader *reader, HcErrorCode code, const char *what, GError **error)
{
    const HcEntry *entry = reader->entry;
    g_autoptr(GString) name = g_string_new(NULL);
    hc_append_display(name, entry->name->str, entry->name->len);
    return hc_fail(error, code, "%s: byte %" PRIu64 ": entry '%s': %s", reader->file,
                   entry->position, name->str, what);
}

/* Whether more of a content is worth its memory. */
static gboolean
is_hive_start(const uint8_t *bytes, gsize n_bytes)
{
    return n_bytes < HC_LAYER_START_BYTES || hc_hive_has_signature(bytes, n_bytes) ||
           memcmp(bytes + HC_BASE_BLOCK_BYTES, "hbin", 4) == 0;
}

gboolean
hc_layer_content_is_cut(GBytes *content)
{
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    return !is_hive_start(bytes, n_bytes);
}

/* --- content --- */

/* What was read of a content so far. */
typedef struct {
    uint8_t *bytes;
    gsize n_bytes;
    gsize capacity;
} Content;

static void
content_clear(Content *content)
{
    g_free(content->bytes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Content, content_clear)

static gboolean
make_room(HcLayerReader *reader, Content *content, GError **error)
{
    if (content->n_bytes < content->capacity)
        return TRUE;
    const gsize capacity = MAX(2 * content->capacity, FIRST_CONTENT_BYTES);
    uint8_t *grown = g_try_realloc(content->bytes, capacity);
    if (grown == NULL)
        return fail_content(reader, HC_ERROR_IO, "not enough memory", error);
    content->bytes = grown;
    content->capacity = capacity;
    return TRUE;
}

/* Reads until there are @n_wanted bytes, or less at the content's end. Memory follows the bytes
 * that are really there, not the size that a header claims; what a sparse map claims is counted as
 * if it had been decompressed. */
static gboolean
read_up_to(HcLayerReader *reader, Content *content, gsize n_wanted, GError **error)
{
    while (content->n_bytes < n_wanted) {
        if (!make_room(reader, content, error))
            return FALSE;
        const gsize n_room = MIN(n_wanted, content->capacity) - content->n_bytes;
        errno = 0;
        la_ssize_t n = archive_read_data(reader->tar, content->bytes + content->n_bytes, n_room);
        if (n < 0) {
            set_tar_error(reader, error);
            return FALSE;
        }
        if (n == 0)
            return TRUE;
        content->n_bytes += (gsize) n;
        if (reader->entry->is_sparse && !hc_layer_input_expand(reader->input, (gsize) n, error))
            return FALSE;
    }
    return TRUE;
}

static GBytes *
take_bytes(Content *content)
{
    const gsize n_bytes = content->n_bytes;
    return g_bytes_new_take(g_steal_pointer(&content->bytes), n_bytes);
}

gboolean
hc_layer_reader_stream(HcLayerReader *reader, HcContentSink sink, void *data, GError **error)
{
    g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
    for (;;) {
        errno = 0;
        const la_ssize_t n = archive_read_data(reader->tar, piece, PIECE_BYTES);
        if (n < 0) {
            set_tar_error(reader, error);
            return FALSE;
        }
        if (n == 0)
            return TRUE;
        if (reader->entry->is_sparse && !hc_layer_input_expand(reader->input, (gsize) n, error))
            return FALSE;
        if (!sink(data, piece, (gsize) n, error))
            return FALSE;
    }
}

GBytes *
hc_layer_reader_start(HcLayerReader *reader, GError **error)
{
    g_auto(Content) content = {0};
    return read_up_to(reader, &content, HC_LAYER_START_BYTES, error) ? take_bytes(&content) : NULL;
}

GBytes *
hc_layer_reader_content(HcLayerReader *reader, GError **error)
{
    g_auto(Content) content = {0};
    if (reader->entry->n_bytes > HC_MAX_HIVE_BYTES) {
        (void) fail_content(reader, HC_ERROR_LIMIT, "larger than a hive can be", error);
        return NULL;
    }
    if (!read_up_to(reader, &content, HC_LAYER_START_BYTES, error) ||
        (is_hive_start(content.bytes, content.n_bytes) &&
         !read_up_to(reader, &content, (gsize) HC_MAX_HIVE_BYTES + 1, error)))
        return NULL;
    if (content.n_bytes <= HC_MAX_HIVE_BYTES)
        return take_bytes(&content);
    (void) fail_content(reader, HC_ERROR_LIMIT, "larger than a hive can be", error);
    return NULL;
}

/* Reads the bins one after the other, as long as each is one. FALSE with @error or @defect set. */
static gboolean
read_bins(HcLayerReader *reader, Content *content, GError **defect, GError **error)
{
    const uint64_t n_bins = hc_get32(content->bytes + HC_BASE_BINS_BYTES);
    for (uint64_t at = 0; at < n_bins;) {
        const gsize header = HC_BASE_BLOCK_BYTES + (gsize) at;
        if (!read_up_to(reader, content, header + HC_HBIN_HEADER_BYTES, error))
            return FALSE;
        if (content->n_bytes < header + HC_HBIN_HEADER_BYTES)
            return TRUE; /* cut off, as everybody sees who opens it */
        const uint8_t *bin = content->bytes + header;
        const uint32_t size = hc_get32(bin + HC_HBIN_SIZE);
        HcFaultKind kind = HC_FAULT_NONE;
        if (memcmp(bin, "hbin", 4) != 0)
            kind = HC_FAULT_BIN_SIGNATURE;
        else if (size == 0 || size % HC_HBIN_ALIGN != 0 || size > n_bins - at)
            kind = HC_FAULT_BIN_SIZE;
        if (kind != HC_FAULT_NONE)
            return hc_fail(defect, HC_ERROR_MALFORMED, "hive bin at 0x%" PRIx64 ": %s",
                           at + HC_BASE_BLOCK_BYTES, hc_fault_info(kind)->text);
        at += size;
        if (!read_up_to(reader, content, HC_BASE_BLOCK_BYTES + (gsize) at, error))
            return FALSE;
    }
    /* One page more, in which bins would be seen to go on. */
    return read_up_to(reader, content, content->n_bytes + HC_BASE_BLOCK_BYTES, error);
}

GBytes *
hc_layer_reader_hive(HcLayerReader *reader, GError **defect, GError **error)
{
    g_auto(Content) content = {0};
    if (!read_up_to(reader, &content, HC_LAYER_START_BYTES, error))
        return NULL;
    /* What is no hive by its base block says so when it is opened. */
    if (content.n_bytes < HC_LAYER_START_BYTES ||
        !hc_hive_has_signature(content.bytes, content.n_bytes) ||
        hc_get32(content.bytes + HC_BASE_BINS_BYTES) > HC_MAX_HIVE_BYTES - HC_BASE_BLOCK_BYTES)
        return take_bytes(&content);
    return read_bins(reader, &content, defect, error) ? take_bytes(&content) : NULL;
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
