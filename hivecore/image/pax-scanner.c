#include "config.h"

#include "hivecore/image/tar.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"

enum {
    BLOCK_BYTES = 512,
    GNU_IS_EXTENDED = 482, /* not zero: a block with more of the sparse map follows */
    GNU_MORE_IS_EXTENDED = 504,
};

typedef enum {
    PHASE_HEADER,
    PHASE_META,   /* the content of an extended or GNU long-name header */
    PHASE_SPARSE, /* blocks with more of a sparse map */
    PHASE_DATA,
    PHASE_END,
} Phase;

struct HcPaxScanner {
    char *file;
    uint64_t position; /* of the next byte */
    Phase phase;
    uint8_t block[BLOCK_BYTES];
    gsize n_block;   /* bytes in block */
    uint64_t n_skip; /* of data and padding still to come */
    char meta_type;  /* of the header whose content is collected */
    gsize n_meta;    /* its length without padding */
    GByteArray *meta;
    HcEntry *entry;           /* under construction */
    gboolean has_name;        /* the extended headers gave it */
    gboolean has_sparse_name; /* and it is GNU.sparse.name, which wins over "path" */
    gboolean has_link;
    gboolean has_size;
    GString *gnu_name; /* of GNU's own headers, which win over all others; empty: none */
    GString *gnu_link;
    gboolean is_started; /* entry->position is set */
    GQueue queue;        /* of HcEntry * */
    guint n_end_blocks;
    uint64_t garbage;
};

HcPaxScanner *
hc_pax_scanner_new(const char *file)
{
    HcPaxScanner *scanner = g_new0(HcPaxScanner, 1);
    scanner->file = g_strdup(file);
    scanner->meta = g_byte_array_new();
    scanner->entry = hc_entry_new();
    scanner->gnu_name = g_string_new(NULL);
    scanner->gnu_link = g_string_new(NULL);
    g_queue_init(&scanner->queue);
    return scanner;
}

static void
free_queued(gpointer entry)
{
    hc_entry_free(entry);
}

void
hc_pax_scanner_free(HcPaxScanner *scanner)
{
    if (scanner == NULL)
        return;
    g_queue_clear_full(&scanner->queue, free_queued);
    hc_entry_free(scanner->entry);
    g_byte_array_unref(scanner->meta);
    g_string_free(scanner->gnu_name, TRUE);
    g_string_free(scanner->gnu_link, TRUE);
    g_free(scanner->file);
    g_free(scanner);
}

static gboolean
malformed(const HcPaxScanner *scanner, uint64_t at, const char *what, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: byte %" PRIu64 ": %s", scanner->file, at, what);
}

static void
append_field(GString *out, const uint8_t *field, gsize n_bytes)
{
    g_string_append_len(out, (const char *) field, (gssize) strnlen((const char *) field, n_bytes));
}

/* --- extended headers --- */

static gboolean
is_key(const char *key, gsize n_key, const char *wanted)
{
    return strlen(wanted) == n_key && memcmp(key, wanted, n_key) == 0;
}

/* Records that somebody asks for: Windows' own, and those that Go's reader refuses in bad form. */
static gboolean
is_kept(const char *key, gsize n_key)
{
    static const char *const kept[] = {
        "LIBARCHIVE.creationtime", "atime", "ctime", "mtime", "uid", "gid", "uname", "gname"};
    static const char windows[] = "MSWINDOWS.";
    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
        if (is_key(key, n_key, kept[i]))
            return TRUE;
    }
    return n_key > strlen(windows) && memcmp(key, windows, strlen(windows)) == 0;
}

/* Takes over what a record says of the entry; an empty value takes it back. FALSE for a value that
 * Go's reader refuses: NUL in a name, a size that is no number. */
static gboolean
use_record(HcPaxScanner *scanner, const char *key, gsize n_key, const char *value, gsize n_value)
{
    HcEntry *entry = scanner->entry;
    gboolean is_link = is_key(key, n_key, "linkpath");
    gboolean is_sparse_name = is_key(key, n_key, "GNU.sparse.name");
    if (is_key(key, n_key, "path") && scanner->has_sparse_name)
        return memchr(value, 0, n_value) == NULL;
    if (is_link || is_sparse_name || is_key(key, n_key, "path")) {
        scanner->has_sparse_name |= is_sparse_name;
        entry->is_sparse |= is_sparse_name;
        g_string_truncate(is_link ? entry->link : entry->name, 0);
        g_string_append_len(is_link ? entry->link : entry->name, value, (gssize) n_value);
        *(is_link ? &scanner->has_link : &scanner->has_name) = n_value > 0;
        return memchr(value, 0, n_value) == NULL;
    }
    if (is_key(key, n_key, "size")) {
        g_autofree char *digits = g_strndup(value, n_value);
        guint64 size = 0;
        scanner->has_size = n_value > 0;
        if (strlen(digits) != n_value ||
            (n_value > 0 && !g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64, &size, NULL)))
            return FALSE;
        entry->n_bytes = size;
        return TRUE;
    }
    if (is_kept(key, n_key))
        hc_entry_add_record(entry, key, n_key, value, n_value);
    if (n_key > 11 && memcmp(key, "GNU.sparse.", 11) == 0)
        entry->is_sparse = TRUE;
    return TRUE;
}

/* Of several extended headers before one entry, Go's reader keeps the last. */
static void
forget_records(HcPaxScanner *scanner)
{
    g_ptr_array_set_size(scanner->entry->records, 0);
    scanner->entry->is_sparse = FALSE;
    scanner->has_name = scanner->has_sparse_name = FALSE;
    scanner->has_link = scanner->has_size = FALSE;
}

/* Splits "LENGTH KEY=VALUE\n" records. */
static gboolean
parse_records(HcPaxScanner *scanner, GError **error)
{
    const char *at = (const char *) scanner->meta->data;
    gsize n_left = scanner->n_meta;
    uint64_t body = scanner->position - scanner->meta->len;
    forget_records(scanner);
    while (n_left > 0) {
        uint64_t place = body + scanner->n_meta - n_left;
        gsize n_record = 0;
        gsize n_digits = 0;
        while (n_digits < n_left && n_digits < 8 && g_ascii_isdigit(at[n_digits]))
            n_record = n_record * 10 + (gsize) (at[n_digits++] - '0');
        if (n_digits == 0 || n_digits == n_left || at[n_digits] != ' ' || n_record > n_left ||
            n_record < n_digits + 3 || at[n_record - 1] != '\n')
            return malformed(scanner, place, "the PAX record's length does not fit", error);
        const char *key = at + n_digits + 1;
        const char *end = at + n_record - 1;
        const char *equals = memchr(key, '=', (gsize) (end - key));
        if (equals == NULL || equals == key || memchr(key, 0, (gsize) (equals - key)) != NULL)
            return malformed(scanner, place, "the PAX record has no key", error);
        if (!use_record(scanner, key, (gsize) (equals - key), equals + 1,
                        (gsize) (end - equals - 1)))
            return malformed(scanner, place, "the PAX record's value is not valid for its key",
                             error);
        at += n_record;
        n_left -= n_record;
    }
    return TRUE;
}

static gboolean
end_meta(HcPaxScanner *scanner, GError **error)
{
    gboolean is_good = TRUE;
    HcEntry *entry = scanner->entry;
    const char *text = (const char *) scanner->meta->data;
    if (scanner->meta_type == 'x') {
        is_good = parse_records(scanner, error);
    } else if (scanner->meta_type == 'g') {
        entry->has_global_header = TRUE;
    } else if (scanner->n_meta > 0) {
        GString *out = scanner->meta_type == 'L' ? scanner->gnu_name : scanner->gnu_link;
        g_string_truncate(out, 0);
        append_field(out, (const uint8_t *) text, scanner->n_meta);
    }
    g_byte_array_set_size(scanner->meta, 0);
    scanner->phase = PHASE_HEADER;
    return is_good;
}

static gboolean
start_meta(HcPaxScanner *scanner, char type, uint64_t n_bytes, uint64_t at, GError **error)
{
    if (n_bytes > HC_MAX_PAX_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT,
                       "%s: byte %" PRIu64 ": extended header larger than the limit of %u bytes",
                       scanner->file, at, HC_MAX_PAX_BYTES);
    scanner->meta_type = type;
    scanner->n_meta = (gsize) n_bytes;
    scanner->phase = PHASE_META;
    return n_bytes > 0 || end_meta(scanner, error);
}

/* --- headers --- */

static HcEntryType
entry_type(uint8_t type, const GString *name)
{
    switch (type) {
    case 0: /* before POSIX, a folder was a file with a slash at its end */
        return name->len > 0 && name->str[name->len - 1] == '/' ? HC_ENTRY_FOLDER : HC_ENTRY_FILE;
    case '0':
    case '7':
    case 'S':
        return HC_ENTRY_FILE;
    case '1':
        return HC_ENTRY_HARDLINK;
    case '2':
        return HC_ENTRY_SYMLINK;
    case '5':
        return HC_ENTRY_FOLDER;
    default:
        return HC_ENTRY_OTHER;
    }
}

static void
queue_entry(HcPaxScanner *scanner)
{
    g_queue_push_tail(&scanner->queue, scanner->entry);
    scanner->entry = hc_entry_new();
    scanner->has_name = scanner->has_sparse_name = scanner->has_link = FALSE;
    scanner->has_size = scanner->is_started = FALSE;
    g_string_truncate(scanner->gnu_name, 0);
    g_string_truncate(scanner->gnu_link, 0);
}

static gboolean
start_entry(HcPaxScanner *scanner, uint64_t n_bytes, uint64_t at, GError **error)
{
    const uint8_t *block = scanner->block;
    HcEntry *entry = scanner->entry;
    uint64_t mode;
    if (!hc_tar_number(block + HC_TAR_MODE, HC_TAR_ID_BYTES, &mode))
        return malformed(scanner, at, "the header's mode is not a number", error);
    entry->mode = (uint32_t) mode;
    /* One before 1970 is none that anybody needs. */
    if (!hc_tar_number(block + HC_TAR_MTIME, HC_TAR_MTIME_BYTES, &entry->mtime_seconds))
        entry->mtime_seconds = 0;
    if (!scanner->has_size)
        entry->n_bytes = n_bytes;
    if (!scanner->has_link) {
        g_string_truncate(entry->link, 0);
        append_field(entry->link, block + HC_TAR_LINK, HC_TAR_NAME_BYTES);
    }
    if (!scanner->has_name) {
        g_string_truncate(entry->name, 0);
        append_field(entry->name, block + HC_TAR_PREFIX, hc_tar_prefix_bytes(block));
        if (entry->name->len > 0)
            g_string_append_c(entry->name, '/');
        append_field(entry->name, block + HC_TAR_NAME, HC_TAR_NAME_BYTES);
    }
    if (scanner->gnu_name->len > 0)
        g_string_assign(entry->name, scanner->gnu_name->str);
    if (scanner->gnu_link->len > 0)
        g_string_assign(entry->link, scanner->gnu_link->str);
    uint8_t type = block[HC_TAR_TYPE];
    entry->tar_type = (char) type;
    entry->type = entry_type(type, entry->name);
    entry->is_sparse |= type == 'S';

    /* Links, devices, folders and FIFOs have no content whatever their size says. */
    uint64_t n_content = type >= '1' && type <= '6' ? 0 : entry->n_bytes;
    if (n_content != entry->n_bytes)
        entry->n_bytes = 0;
    if (n_content > INT64_MAX - BLOCK_BYTES)
        return malformed(scanner, at, "the entry's size is not possible", error);
    scanner->n_skip = (n_content + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    scanner->phase = scanner->n_skip > 0 ? PHASE_DATA : PHASE_HEADER;
    entry->content = at + BLOCK_BYTES;
    if (type == 'S' && block[GNU_IS_EXTENDED] != 0)
        scanner->phase = PHASE_SPARSE;
    queue_entry(scanner);
    return TRUE;
}

static gboolean
use_header(HcPaxScanner *scanner, GError **error)
{
    static const uint8_t zeros[BLOCK_BYTES];
    const uint8_t *block = scanner->block;
    uint64_t at = scanner->position - BLOCK_BYTES;
    if (memcmp(block, zeros, BLOCK_BYTES) == 0) {
        if (scanner->is_started)
            return malformed(scanner, at, "the archive ends after an extended header", error);
        scanner->phase = PHASE_END;
        scanner->n_end_blocks = 1;
        return TRUE;
    }
    uint64_t n_bytes;
    if (!hc_tar_is_checksum_right(block)) {
        if (at > 0)
            return malformed(scanner, at, "not a tar header: its checksum is wrong", error);
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is not a tar", scanner->file);
    }
    if (!hc_tar_number(block + HC_TAR_SIZE, HC_TAR_SIZE_BYTES, &n_bytes))
        return malformed(scanner, at, "the header's size is not a number", error);
    if (!scanner->is_started) {
        scanner->entry->position = at;
        scanner->is_started = TRUE;
    }
    if (scanner->entry->header_fault == NULL)
        scanner->entry->header_fault = hc_tar_header_fault(block);
    char type = (char) block[HC_TAR_TYPE];
    if (type == 'x' || type == 'g' || type == 'L' || type == 'K')
        return start_meta(scanner, type, n_bytes, at, error);
    return start_entry(scanner, n_bytes, at, error);
}

static gboolean
use_block(HcPaxScanner *scanner, GError **error)
{
    scanner->n_block = 0;
    switch (scanner->phase) {
    case PHASE_HEADER:
        return use_header(scanner, error);
    case PHASE_META:
        g_byte_array_append(scanner->meta, scanner->block, BLOCK_BYTES);
        return scanner->meta->len < scanner->n_meta || end_meta(scanner, error);
    case PHASE_SPARSE:
        if (scanner->block[GNU_MORE_IS_EXTENDED] == 0)
            scanner->phase = scanner->n_skip > 0 ? PHASE_DATA : PHASE_HEADER;
        return TRUE;
    case PHASE_DATA:
    case PHASE_END:
        break;
    }
    g_return_val_if_reached(FALSE);
}

/* Zeros, of which a whole block more ends the archive as it should; anything else is garbage. */
static void
use_end(HcPaxScanner *scanner, const uint8_t *bytes, gsize n_bytes)
{
    uint64_t start = scanner->position;
    scanner->n_block += n_bytes; /* counts here, nothing is kept */
    if (scanner->n_block >= BLOCK_BYTES && scanner->n_end_blocks < 2)
        scanner->n_end_blocks = 2;
    if (scanner->garbage != 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n_bytes - 1) == 0))
        return;
    gsize i = 0;
    while (bytes[i] == 0)
        i++;
    scanner->garbage = start + i;
}

gboolean
hc_pax_scanner_push(HcPaxScanner *scanner, const void *bytes, gsize n_bytes, GError **error)
{
    const uint8_t *at = bytes;
    while (n_bytes > 0) {
        gsize n_taken = n_bytes;
        if (scanner->phase == PHASE_END) {
            use_end(scanner, at, n_taken);
        } else if (scanner->phase == PHASE_DATA) {
            n_taken = (gsize) MIN(n_taken, scanner->n_skip);
            scanner->n_skip -= n_taken;
            if (scanner->n_skip == 0)
                scanner->phase = PHASE_HEADER;
        } else {
            n_taken = MIN(n_taken, BLOCK_BYTES - scanner->n_block);
            memcpy(scanner->block + scanner->n_block, at, n_taken);
            scanner->n_block += n_taken;
        }
        scanner->position += n_taken;
        at += n_taken;
        n_bytes -= n_taken;
        if (scanner->phase != PHASE_END && scanner->n_block == BLOCK_BYTES &&
            !use_block(scanner, error))
            return FALSE;
    }
    return TRUE;
}

uint64_t
hc_pax_scanner_skip(HcPaxScanner *scanner, uint64_t n_bytes)
{
    if (scanner->phase != PHASE_DATA)
        return 0;
    n_bytes = MIN(n_bytes, scanner->n_skip);
    scanner->n_skip -= n_bytes;
    scanner->position += n_bytes;
    if (scanner->n_skip == 0)
        scanner->phase = PHASE_HEADER;
    return n_bytes;
}

gboolean
hc_pax_scanner_finish(HcPaxScanner *scanner, GError **error)
{
    if (scanner->phase == PHASE_END ||
        (scanner->phase == PHASE_HEADER && scanner->n_block == 0 && !scanner->is_started))
        return TRUE;
    if (scanner->position < BLOCK_BYTES)
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: is not a tar: it has %" PRIu64 " bytes, and one header has %d",
                       scanner->file, scanner->position, BLOCK_BYTES);
    return malformed(scanner, scanner->position, "the tar is cut off inside an entry", error);
}

HcEntry *
hc_pax_scanner_take(HcPaxScanner *scanner)
{
    return g_queue_pop_head(&scanner->queue);
}

guint
hc_pax_scanner_n_end_blocks(const HcPaxScanner *scanner)
{
    return scanner->n_end_blocks;
}

uint64_t
hc_pax_scanner_garbage(const HcPaxScanner *scanner)
{
    return scanner->garbage;
}
