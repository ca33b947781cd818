#include "config.h"

#include <errno.h>
#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/image/layer-private.h"
#include "hivecore/image/tree-private.h"

/* An archive, unpacked into a tree. */

enum {
    PIECE_BYTES = 64 * 1024,
};

/* Unpacking: one call of hc_tree_unpack(). */
typedef struct {
    HcTree *tree;
    const HcTreeArchive *what;
    struct archive *archive;
    uint64_t n_bytes; /* of content so far */
} Unpacking;

static gboolean
fail_archive(const Unpacking *unpacking, GError **error)
{
    const gboolean is_memory = hc_archive_is_memory(unpacking->archive);
    const char *what = archive_error_string(unpacking->archive);
    return hc_fail(error, is_memory ? HC_ERROR_IO : HC_ERROR_MALFORMED, "%s: %s",
                   unpacking->what->name, what != NULL ? what : "is damaged");
}

/* Behind the first @n parts of @path; "" when there are no more. */
static const char *
strip_parts(const char *path, guint n)
{
    for (; n > 0 && *path != '\0'; n--) {
        path += strcspn(path, "/");
        path += strspn(path, "/");
    }
    return path;
}

/* The entry name of @path in the archive; NULL for the folder itself, and with an error. */
static char *
entry_name(const Unpacking *unpacking, const char *path, GError **error)
{
    const HcTreeArchive *what = unpacking->what;
    g_autoptr(GString) clean = g_string_new(NULL);
    if (path == NULL || !g_utf8_validate(path, -1, NULL))
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: a name is not UTF-8", what->name);
    g_autofree char *slashed = g_strdup(path);
    if (what->has_backslashes)
        g_strdelimit(slashed, "\\", '/');
    if (!hc_entry_name_clean(clean, slashed, strlen(slashed)))
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: '%s' leads out of the archive",
                            what->name, path);
    const char *name = strip_parts(clean->str, what->n_strip);
    return *name != '\0' ? g_strconcat(what->to, "/", name, NULL) : NULL;
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
                                unpacking->what->name, HC_MAX_UNPACKED_BYTES >> 20);
        g_byte_array_append(bytes, piece, (guint) n);
    }
}

static gboolean
put_hard_link(Unpacking *unpacking, const char *name, const char *target, GError **error)
{
    g_autofree char *target_name = entry_name(unpacking, target, error);
    HcTreeNode *node = target_name != NULL ? hc_tree_find(unpacking->tree, target_name) : NULL;
    if (target_name == NULL && error != NULL && *error != NULL)
        return FALSE;
    if (node == NULL)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: '%s' is a link to nothing",
                       unpacking->what->name, name);
    return hc_tree_put_hard_link(unpacking->tree, name, node, error) != NULL;
}

static gboolean
put_entry(Unpacking *unpacking, struct archive_entry *entry, GError **error)
{
    const HcTreeArchive *what = unpacking->what;
    GError *failure = NULL;
    g_autofree char *name = entry_name(unpacking, archive_entry_pathname_utf8(entry), &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (name == NULL)
        return TRUE;
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return hc_tree_make_folder(unpacking->tree, name, error) != NULL;
    if (what->keeps && hc_tree_find(unpacking->tree, name) != NULL)
        return hc_fail(error, HC_ERROR_CONFLICT, "%s: '%s' is there already", what->name,
                       archive_entry_pathname_utf8(entry));
    if (archive_entry_hardlink(entry) != NULL)
        return put_hard_link(unpacking, name, archive_entry_hardlink_utf8(entry), error);
    if (archive_entry_filetype(entry) != AE_IFREG)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: '%s' is neither a file nor a folder",
                       what->name, archive_entry_pathname_utf8(entry));
    g_autoptr(GBytes) content = read_content(unpacking, error);
    return content != NULL && hc_tree_put_bytes(unpacking->tree, name, content, error) != NULL;
}

static int
open_archive(const HcTreeArchive *what, struct archive *archive)
{
    if ((what->formats & HC_TREE_TAR) != 0) {
        hc_archive_support_filters(archive);
        (void) archive_read_support_format_tar(archive);
    }
    if ((what->formats & HC_TREE_ZIP) != 0)
        (void) archive_read_support_format_zip_seekable(archive);
    errno = 0;
    if (what->bytes == NULL)
        return archive_read_open_filename(archive, what->name, PIECE_BYTES);
    return archive_read_open_memory(archive, g_bytes_get_data(what->bytes, NULL),
                                    g_bytes_get_size(what->bytes));
}

static gboolean
put_all(Unpacking *unpacking, gboolean *is_archive, GError **error)
{
    struct archive *archive = unpacking->archive;
    struct archive_entry *entry;
    /* What does not begin as an archive does is none, and neither is nothing but zeros. */
    if (open_archive(unpacking->what, archive) != ARCHIVE_OK)
        return !hc_archive_is_memory(archive) || fail_archive(unpacking, error);
    const int first = archive_read_next_header(archive, &entry);
    *is_archive = first == ARCHIVE_EOF && archive_format(archive) == ARCHIVE_FORMAT_ZIP;
    if (first == ARCHIVE_EOF)
        return TRUE;
    if (first < ARCHIVE_WARN)
        return !hc_archive_is_memory(archive) || fail_archive(unpacking, error);
    if (archive_format(archive) == 0)
        return TRUE;
    *is_archive = TRUE;
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
hc_tree_unpack(HcTree *tree, const HcTreeArchive *what, gboolean *is_archive, GError **error)
{
    g_autoptr(HcArchiveReader) archive = archive_read_new();
    Unpacking unpacking = {.tree = tree, .what = what, .archive = archive};
    *is_archive = FALSE;
    if (archive == NULL)
        return hc_fail(error, HC_ERROR_IO, "%s: no memory", what->name);
    const HcArchiveUtf8 names = hc_archive_utf8_begin();
    const gboolean is_put = put_all(&unpacking, is_archive, error);
    hc_archive_utf8_end(names);
    return is_put;
}
