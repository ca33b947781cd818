#include "config.h"

#include <archive.h>
#include <archive_entry.h>

#include "hivecore/ondemand/library-private.h"

/* clang-format off */
#define FUNCTIONS(F) \
    F(archive_entry_filetype) \
    F(archive_entry_free) \
    F(archive_entry_hardlink) \
    F(archive_entry_hardlink_utf8) \
    F(archive_entry_new) \
    F(archive_entry_pathname_utf8) \
    F(archive_entry_set_filetype) \
    F(archive_entry_size) \
    F(archive_errno) \
    F(archive_error_string) \
    F(archive_filter_bytes) \
    F(archive_filter_code) \
    F(archive_format) \
    F(archive_read_data) \
    F(archive_read_data_block) \
    F(archive_read_free) \
    F(archive_read_header_position) \
    F(archive_read_new) \
    F(archive_read_next_header) \
    F(archive_read_open) \
    F(archive_read_open_filename) \
    F(archive_read_open_memory) \
    F(archive_read_support_filter_bzip2) \
    F(archive_read_support_filter_gzip) \
    F(archive_read_support_filter_xz) \
    F(archive_read_support_filter_zstd) \
    F(archive_read_support_format_empty) \
    F(archive_read_support_format_raw) \
    F(archive_read_support_format_tar) \
    F(archive_read_support_format_zip_seekable) \
    F(archive_set_error) \
    F(archive_write_add_filter_gzip) \
    F(archive_write_add_filter_zstd) \
    F(archive_write_close) \
    F(archive_write_data) \
    F(archive_write_free) \
    F(archive_write_header) \
    F(archive_write_new) \
    F(archive_write_open) \
    F(archive_write_set_bytes_in_last_block) \
    F(archive_write_set_filter_option) \
    F(archive_write_set_format_raw)
/* clang-format on */

enum {
    FUNCTIONS(HC_LIBRARY_INDEX) N_FUNCTIONS
};

static const char *const names[] = {FUNCTIONS(HC_LIBRARY_NAME) NULL};
static void *functions[N_FUNCTIONS];
static HcLibrary library = {HC_LIBARCHIVE_FILE, names, functions, 0};

#define REAL(function) ((__typeof__(&(function))) hc_library_function(&library, AT_##function))

/* The parameters have our names. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
 */

/* Those that take an archive and nothing else, and answer with a status. */
#define STATUS_OF_ARCHIVE(function)                                                                \
    int function(struct archive *archive)                                                          \
    {                                                                                              \
        return REAL(function)(archive);                                                            \
    }

STATUS_OF_ARCHIVE(archive_errno)
STATUS_OF_ARCHIVE(archive_format)
STATUS_OF_ARCHIVE(archive_read_free)
STATUS_OF_ARCHIVE(archive_read_support_filter_bzip2)
STATUS_OF_ARCHIVE(archive_read_support_filter_gzip)
STATUS_OF_ARCHIVE(archive_read_support_filter_xz)
STATUS_OF_ARCHIVE(archive_read_support_filter_zstd)
STATUS_OF_ARCHIVE(archive_read_support_format_empty)
STATUS_OF_ARCHIVE(archive_read_support_format_raw)
STATUS_OF_ARCHIVE(archive_read_support_format_tar)
STATUS_OF_ARCHIVE(archive_read_support_format_zip_seekable)
STATUS_OF_ARCHIVE(archive_write_add_filter_gzip)
STATUS_OF_ARCHIVE(archive_write_add_filter_zstd)
STATUS_OF_ARCHIVE(archive_write_close)
STATUS_OF_ARCHIVE(archive_write_free)
STATUS_OF_ARCHIVE(archive_write_set_format_raw)

__LA_MODE_T
archive_entry_filetype(struct archive_entry *entry)
{
    return REAL(archive_entry_filetype)(entry);
}

void
archive_entry_free(struct archive_entry *entry)
{
    REAL(archive_entry_free)(entry);
}

const char *
archive_entry_hardlink(struct archive_entry *entry)
{
    return REAL(archive_entry_hardlink)(entry);
}

const char *
archive_entry_hardlink_utf8(struct archive_entry *entry)
{
    return REAL(archive_entry_hardlink_utf8)(entry);
}

struct archive_entry *
archive_entry_new(void)
{
    return REAL(archive_entry_new)();
}

const char *
archive_entry_pathname_utf8(struct archive_entry *entry)
{
    return REAL(archive_entry_pathname_utf8)(entry);
}

void
archive_entry_set_filetype(struct archive_entry *entry, unsigned int type)
{
    REAL(archive_entry_set_filetype)(entry, type);
}

la_int64_t
archive_entry_size(struct archive_entry *entry)
{
    return REAL(archive_entry_size)(entry);
}

const char *
archive_error_string(struct archive *archive)
{
    return REAL(archive_error_string)(archive);
}

la_int64_t
archive_filter_bytes(struct archive *archive, int filter)
{
    return REAL(archive_filter_bytes)(archive, filter);
}

int
archive_filter_code(struct archive *archive, int filter)
{
    return REAL(archive_filter_code)(archive, filter);
}

la_ssize_t
archive_read_data(struct archive *archive, void *bytes, size_t n_bytes)
{
    return REAL(archive_read_data)(archive, bytes, n_bytes);
}

int
archive_read_data_block(struct archive *archive, const void **bytes, size_t *n_bytes,
                        la_int64_t *offset)
{
    return REAL(archive_read_data_block)(archive, bytes, n_bytes, offset);
}

la_int64_t
archive_read_header_position(struct archive *archive)
{
    return REAL(archive_read_header_position)(archive);
}

struct archive *
archive_read_new(void)
{
    return REAL(archive_read_new)();
}

int
archive_read_next_header(struct archive *archive, struct archive_entry **entry)
{
    return REAL(archive_read_next_header)(archive, entry);
}

int
archive_read_open(struct archive *archive, void *data, archive_open_callback *open,
                  archive_read_callback *read, archive_close_callback *close)
{
    return REAL(archive_read_open)(archive, data, open, read, close);
}

int
archive_read_open_filename(struct archive *archive, const char *file, size_t block_bytes)
{
    return REAL(archive_read_open_filename)(archive, file, block_bytes);
}

int
archive_read_open_memory(struct archive *archive, const void *bytes, size_t n_bytes)
{
    return REAL(archive_read_open_memory)(archive, bytes, n_bytes);
}

la_ssize_t
archive_write_data(struct archive *archive, const void *bytes, size_t n_bytes)
{
    return REAL(archive_write_data)(archive, bytes, n_bytes);
}

int
archive_write_header(struct archive *archive, struct archive_entry *entry)
{
    return REAL(archive_write_header)(archive, entry);
}

struct archive *
archive_write_new(void)
{
    return REAL(archive_write_new)();
}

int
archive_write_open(struct archive *archive, void *data, archive_open_callback *open,
                   archive_write_callback *write, archive_close_callback *close)
{
    return REAL(archive_write_open)(archive, data, open, write, close);
}

int
archive_write_set_bytes_in_last_block(struct archive *archive, int n_bytes)
{
    return REAL(archive_write_set_bytes_in_last_block)(archive, n_bytes);
}

int
archive_write_set_filter_option(struct archive *archive, const char *module, const char *option,
                                const char *value)
{
    return REAL(archive_write_set_filter_option)(archive, module, option, value);
}

void
archive_set_error(struct archive *archive, int number, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    REAL(archive_set_error)(archive, number, "%s", text);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
