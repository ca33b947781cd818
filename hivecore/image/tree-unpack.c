#include "config.h"

#include <errno.h>
#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/image/archive-autoptr.h"
#include "hivecore/image/tree-private.h"

/* A tar of the host, unpacked into a tree. */

enum {
    PIECE_BYTES = 64 * 1024,
};

/* Unpacking: one call of hc_tree_put_tar(). */
typedef struct {
    HcTree *tree;
    const char *to;   /* entry name */
    const char *host; /* for messages */
    struct archive *archive;
    uint64_t n_bytes; /* of content so far */
} Unpacking;

static gboolean
fail_archive(const Unpacking *unpacking, GError **error)
{
    const gboolean is_memory = hc_archive_is_memory(unpacking->archive);
    const char *what = archive_error_string(unpacking->archive);
    return hc_fail(error, is_memory ? HC_ERROR_IO : HC_ERROR_MALFORMED, "%s: %s", unpacking->host,
                   what != NULL ? what : "is damaged");
}

/* The entry name of @path in the archive; NULL for the folder itself, and with an error. */
static char *
entry_name(const Unpacking *unpacking, const char *path, GError **error)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    if (path == NULL || !g_utf8_validate(path, -1, NULL))
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: a name is not UTF-8", unpacking->host);
    if (!hc_entry_name_clean(clean, path, strlen(path)))
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: '%s' leads out of the archive",
                            unpacking->host, path);
    return clean->len > 0 ? g_strconcat(unpacking->to, "/", clean->str, NULL) : NULL;
}

static GBytes *
read_content(Unpacking *unpacking, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
    for (;;) {
        errno = 0;
        const la_ssize_t n = archive_read_data(unpacking->archive, piece, PIECE_BYTES);
        if (n < 0) {
            fail_archive(unpacking, error);
            return NULL;
        }
        if (n == 0)
            return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
        unpacking->n_bytes += (uint64_t) n;
        if (unpacking->n_bytes > HC_MAX_UNPACKED_BYTES)
            return hc_fail_null(error, HC_ERROR_LIMIT,
                                "%s: unpacks to over %u MB; unpack it, and take the folder",
                                unpacking->host, HC_MAX_UNPACKED_BYTES >> 20);
        g_byte_array_append(bytes, piece, (guint) n);
    }
}

static gboolean
put_hard_link(Unpacking *unpacking, const char *name, const char *target, GError **error)
{
    g_autofree char *target_name = entry_name(unpacking, target, error);
    HcTreeNode *node = target_name != NULL ? hc_tree_find(unpacking->tree, target_name) : NULL;
    if (target_name == NULL)
        return FALSE;
    if (node == NULL)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: '%s' is a link to nothing", unpacking->host,
                       name);
    return hc_tree_put_hard_link(unpacking->tree, name, node, error) != NULL;
}

static gboolean
put_entry(Unpacking *unpacking, struct archive_entry *entry, GError **error)
{
    GError *failure = NULL;
    g_autofree char *name = entry_name(unpacking, archive_entry_pathname_utf8(entry), &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (name == NULL)
        return TRUE;
    if (archive_entry_hardlink(entry) != NULL)
        return put_hard_link(unpacking, name, archive_entry_hardlink_utf8(entry), error);
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return hc_tree_make_folder(unpacking->tree, name, error) != NULL;
    if (archive_entry_filetype(entry) != AE_IFREG)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: '%s' is neither a file nor a folder",
                       unpacking->host, archive_entry_pathname_utf8(entry));
    g_autoptr(GBytes) content = read_content(unpacking, error);
    return content != NULL && hc_tree_put_bytes(unpacking->tree, name, content, error) != NULL;
}

static gboolean
put_all(Unpacking *unpacking, gboolean *is_tar, GError **error)
{
    struct archive *archive = unpacking->archive;
    struct archive_entry *entry;
    hc_archive_support_filters(archive);
    (void) archive_read_support_format_tar(archive);
    errno = 0;
    /* What does not begin as a tar does is none, and neither is nothing but zeros. */
    if (archive_read_open_filename(archive, unpacking->host, PIECE_BYTES) != ARCHIVE_OK)
        return !hc_archive_is_memory(archive) || fail_archive(unpacking, error);
    const int first = archive_read_next_header(archive, &entry);
    if (first == ARCHIVE_EOF)
        return TRUE;
    if (first < ARCHIVE_WARN)
        return !hc_archive_is_memory(archive) || fail_archive(unpacking, error);
    if (archive_format(archive) == 0)
        return TRUE;
    *is_tar = TRUE;
    for (;;) {
        if (!put_entry(unpacking, entry, error))
            return FALSE;
        errno = 0;
        const int status = archive_read_next_header(archive, &entry);
        if (status == ARCHIVE_EOF)
            return TRUE;
        if (status < ARCHIVE_WARN)
            return fail_archive(unpacking, error);
    }
}

gboolean
hc_tree_put_tar(HcTree *tree, const char *to, const char *host, gboolean *is_tar, GError **error)
{
    g_autoptr(HcArchiveReader) archive = archive_read_new();
    Unpacking unpacking = {.tree = tree, .to = to, .host = host, .archive = archive};
    *is_tar = FALSE;
    if (archive == NULL)
        return hc_fail(error, HC_ERROR_IO, "%s: no memory", host);
    const HcArchiveUtf8 names = hc_archive_utf8_begin();
    const gboolean is_put = put_all(&unpacking, is_tar, error);
    hc_archive_utf8_end(names);
    return is_put;
}
