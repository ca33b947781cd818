#include "config.h"

#include "hivecore/image/tar.h"

#include <stdlib.h>
#include <string.h>

#include "hivecore/base/error.h"

/* ustar header, offsets and widths of its fields. Source: POSIX.1-2017, pax, "ustar Interchange
 * Format". */
enum {
    TAR_NAME = 0,
    TAR_NAME_BYTES = 100,
    TAR_MODE = 100,
    TAR_UID = 108,
    TAR_GID = 116,
    TAR_SIZE = 124,
    TAR_MTIME = 136,
    TAR_CHECKSUM = 148,
    TAR_CHECKSUM_BYTES = 8,
    TAR_TYPE = 156,
    TAR_LINK = 157,
    TAR_MAGIC = 257, /* "ustar\0" and the version "00" */
    TAR_MAGIC_BYTES = 8,
    TAR_DEV_MAJOR = 329,
    TAR_DEV_MINOR = 337,
    TAR_SHORT_BYTES = 8, /* width of mode, uid, gid and device numbers */
    TAR_LONG_BYTES = 12, /* width of size and mtime */
};

enum {
    MODE_FOLDER = 040755,
    MODE_FILE = 0100644,
    MODE_SYMLINK = 0120777,
    MODE_PAX = 0644, /* of hard links too */
};

#define PAX_NAME_PREFIX "PaxHeaders.0/"

/* Right-aligned octal digits with leading zeros, and a final NUL. */
static void
put_octal(uint8_t *field, gsize n_bytes, uint64_t value)
{
    for (gsize i = n_bytes - 1; i > 0; i--) {
        field[i - 1] = (uint8_t) ('0' + (value & 7));
        value >>= 3;
    }
    field[n_bytes - 1] = 0;
}

/* As much of @name as fits the field, without splitting a UTF-8 sequence. */
static void
put_name(uint8_t *field, const char *name)
{
    gsize n_bytes = strlen(name);
    if (n_bytes > TAR_NAME_BYTES) {
        n_bytes = TAR_NAME_BYTES;
        while (n_bytes > 0 && ((guchar) name[n_bytes] & 0xc0) == 0x80)
            n_bytes--;
    }
    memcpy(field, name, n_bytes);
}

static void
append_block(GByteArray *out, const char *name, const char *link, char type, uint32_t mode,
             uint64_t n_bytes, int64_t mtime_seconds)
{
    uint8_t block[HC_TAR_BLOCK_BYTES] = {0};
    put_name(block + TAR_NAME, name);
    if (link != NULL)
        put_name(block + TAR_LINK, link);
    put_octal(block + TAR_MODE, TAR_SHORT_BYTES, mode);
    put_octal(block + TAR_UID, TAR_SHORT_BYTES, 0);
    put_octal(block + TAR_GID, TAR_SHORT_BYTES, 0);
    put_octal(block + TAR_SIZE, TAR_LONG_BYTES, n_bytes);
    put_octal(block + TAR_MTIME, TAR_LONG_BYTES, (uint64_t) mtime_seconds);
    block[TAR_TYPE] = (uint8_t) type;
    memcpy(block + TAR_MAGIC, "ustar\00000", TAR_MAGIC_BYTES);
    put_octal(block + TAR_DEV_MAJOR, TAR_SHORT_BYTES, 0);
    put_octal(block + TAR_DEV_MINOR, TAR_SHORT_BYTES, 0);

    /* The checksum counts its own field as spaces; it is stored as six digits, NUL, space. */
    memset(block + TAR_CHECKSUM, ' ', TAR_CHECKSUM_BYTES);
    uint32_t sum = 0;
    for (gsize i = 0; i < sizeof(block); i++)
        sum += block[i];
    put_octal(block + TAR_CHECKSUM, TAR_CHECKSUM_BYTES - 1, sum);
    g_byte_array_append(out, block, sizeof(block));
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts the whole record, its own digits included. */
static void
append_record(GString *records, const HcPaxRecord *record)
{
    gsize n_rest = strlen(record->key) + strlen(record->value) + 3;
    gsize n_digits = 1;
    for (gsize limit = 10; n_rest + n_digits >= limit; limit *= 10)
        n_digits++;
    g_string_append_printf(records, "%" G_GSIZE_FORMAT " %s=%s\n", n_rest + n_digits, record->key,
                           record->value);
}

static int
compare_records(const void *a, const void *b)
{
    return strcmp(((const HcPaxRecord *) a)->key, ((const HcPaxRecord *) b)->key);
}

/* Whether a name needs a record. */
static gboolean
is_long(const char *name)
{
    return strlen(name) > TAR_NAME_BYTES || !g_str_is_ascii(name);
}

static void
append_extended_header(GByteArray *out, const HcTarEntry *entry, int64_t mtime_seconds)
{
    HcPaxRecord records[HC_TAR_MAX_RECORDS + 3];
    gsize n_records = 0;
    for (gsize i = 0; i < entry->n_records; i++)
        records[n_records++] = entry->records[i];
    if (is_long(entry->name))
        records[n_records++] = (HcPaxRecord){"path", entry->name};
    if (entry->link != NULL && is_long(entry->link))
        records[n_records++] = (HcPaxRecord){"linkpath", entry->link};
    g_autofree char *mtime = NULL;
    if (mtime_seconds != entry->mtime_seconds) {
        mtime = g_strdup_printf("%" G_GINT64_FORMAT, (gint64) entry->mtime_seconds);
        records[n_records++] = (HcPaxRecord){"mtime", mtime};
    }
    if (n_records == 0)
        return;

    qsort(records, n_records, sizeof(records[0]), compare_records);
    g_autoptr(GString) body = g_string_new(NULL);
    for (gsize i = 0; i < n_records; i++)
        append_record(body, &records[i]);
    g_autofree char *name = g_strconcat(PAX_NAME_PREFIX, entry->name, NULL);
    append_block(out, name, NULL, 'x', MODE_PAX, body->len, mtime_seconds);
    g_byte_array_append(out, (const guint8 *) body->str, (guint) body->len);
    hc_tar_append_padding(out, body->len);
}

gboolean
hc_tar_append_header(GByteArray *out, const HcTarEntry *entry, GError **error)
{
    g_return_val_if_fail(entry->n_records <= HC_TAR_MAX_RECORDS && entry->mtime_seconds >= 0,
                         FALSE);
    g_return_val_if_fail((!entry->is_folder && entry->link == NULL) || entry->n_bytes == 0, FALSE);
    if (entry->n_bytes > HC_TAR_MAX_OCTAL)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: 8 GiB or larger", entry->name);

    /* A reader without PAX then sees 1970, and all others the "mtime" record. */
    int64_t mtime_seconds =
        (uint64_t) entry->mtime_seconds <= HC_TAR_MAX_OCTAL ? entry->mtime_seconds : 0;
    append_extended_header(out, entry, mtime_seconds);
    static const struct {
        char type;
        uint32_t mode;
    } kinds[] = {[HC_TAR_NO_LINK] = {'0', MODE_FILE},
                 [HC_TAR_HARD_LINK] = {'1', MODE_PAX},
                 [HC_TAR_SYMLINK] = {'2', MODE_SYMLINK}};
    append_block(out, entry->name, entry->link,
                 (char) (entry->is_folder ? '5' : kinds[entry->link_kind].type),
                 entry->is_folder ? MODE_FOLDER : kinds[entry->link_kind].mode, entry->n_bytes,
                 mtime_seconds);
    return TRUE;
}

static void
append_zeros(GByteArray *out, guint n_bytes)
{
    guint old_len = out->len;
    g_byte_array_set_size(out, old_len + n_bytes);
    if (n_bytes > 0)
        memset(out->data + old_len, 0, n_bytes);
}

void
hc_tar_append_padding(GByteArray *out, uint64_t n_bytes)
{
    guint n_over = (guint) (n_bytes % HC_TAR_BLOCK_BYTES);
    append_zeros(out, n_over != 0 ? HC_TAR_BLOCK_BYTES - n_over : 0);
}

void
hc_tar_append_end(GByteArray *out)
{
    append_zeros(out, HC_TAR_END_BLOCKS * HC_TAR_BLOCK_BYTES);
}
