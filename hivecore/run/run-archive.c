#include "config.h"

#include <errno.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/archive-autoptr.h"
#include "hivecore/image/windows-name.h"
#include "hivecore/run/run-private.h"

/* tar -xf and Expand-Archive of a file of the tree. */

#define BLOCK_BYTES ((gsize) 64 * 1024)

typedef struct {
    HcRun *run;
    const char *archive; /* for messages */
    char *to;            /* entry name */
    guint n_strip;
    guint flags;
    uint64_t n_bytes; /* unpacked so far */
} Extraction;

/* The name below the folder that is unpacked into, without its first parts; NULL: there is none.
 * What leads out of the folder is malformed. */
static gboolean
find_name(const Extraction *extraction, const char *path, char **name, GError **error)
{
    g_autofree char *slashed = g_strdelimit(g_strdup(path), "\\", '/');
    g_auto(GStrv) parts = g_strsplit(slashed, "/", -1);
    g_autoptr(GString) text = g_string_new(NULL);
    guint n = 0;
    *name = NULL;
    for (gsize i = 0; parts[i] != NULL; i++) {
        if (*parts[i] == '\0' || g_str_equal(parts[i], "."))
            continue;
        if (g_str_equal(parts[i], ".."))
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: '%s' leads out of the folder",
                           extraction->archive, path);
        if (n++ < extraction->n_strip)
            continue;
        g_string_append_printf(text, "%s%s", text->len > 0 ? "/" : "", parts[i]);
    }
    if (text->len > 0)
        *name = g_strdup(text->str);
    return TRUE;
}

static GBytes *
read_content(Extraction *extraction, struct archive *archive, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree guint8 *block = g_malloc(BLOCK_BYTES);
    for (;;) {
        errno = 0;
        const la_ssize_t n = archive_read_data(archive, block, BLOCK_BYTES);
        if (n == 0)
            return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
        if (n < 0)
            return hc_fail_null(error,
                                hc_archive_is_memory(archive) ? HC_ERROR_IO : HC_ERROR_MALFORMED,
                                "%s: %s", extraction->archive, archive_error_string(archive));
        extraction->n_bytes += (uint64_t) n;
        if (extraction->n_bytes > HC_MAX_RUN_FILE_BYTES)
            return hc_fail_null(error, HC_ERROR_LIMIT, "%s: unpacks to more than %u bytes",
                                extraction->archive, HC_MAX_RUN_FILE_BYTES);
        g_byte_array_append(bytes, block, (guint) n);
    }
}

static gboolean
put_entry(Extraction *extraction, struct archive *archive, struct archive_entry *header,
          GError **error)
{
    HcTree *tree = extraction->run->world->tree;
    const char *path = archive_entry_pathname_utf8(header);
    g_autofree char *name = NULL;
    if (path == NULL || !g_utf8_validate(path, -1, NULL))
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: a name that is not UTF-8",
                       extraction->archive);
    if (!find_name(extraction, path, &name, error))
        return FALSE;
    if (name == NULL)
        return TRUE;
    g_autofree char *entry = g_strconcat(extraction->to, "/", name, NULL);
    if (archive_entry_filetype(header) == AE_IFDIR)
        return hc_tree_make_folder(tree, entry, error) != NULL;
    if (archive_entry_filetype(header) != AE_IFREG || archive_entry_hardlink(header) != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: '%s' is neither a file nor a folder",
                       extraction->archive, path);
    if ((extraction->flags & HC_RUN_FORCE) == 0 && hc_tree_find(tree, entry) != NULL)
        return hc_run_fail(extraction->run, error, "%s: is there already", name);
    g_autoptr(GBytes) content = read_content(extraction, archive, error);
    return content != NULL && hc_tree_put_bytes(tree, entry, content, error) != NULL;
}

static gboolean
put_entries(Extraction *extraction, struct archive *archive, GError **error)
{
    struct archive_entry *header;
    for (;;) {
        errno = 0;
        const int status = archive_read_next_header(archive, &header);
        if (status == ARCHIVE_EOF)
            return TRUE;
        if (status != ARCHIVE_OK)
            return hc_fail(error, hc_archive_is_memory(archive) ? HC_ERROR_IO : HC_ERROR_MALFORMED,
                           "%s: %s", extraction->archive, archive_error_string(archive));
        if (!put_entry(extraction, archive, header, error))
            return FALSE;
    }
}

static struct archive *
open_archive(GBytes *content, const char *name, GError **error)
{
    g_autoptr(HcArchiveReader) archive = archive_read_new();
    if (archive == NULL)
        return hc_fail_null(error, HC_ERROR_IO, "%s: no memory", name);
    hc_archive_support_filters(archive);
    (void) archive_read_support_format_tar(archive);
    (void) archive_read_support_format_zip_seekable(archive);
    if (archive_read_open_memory(archive, g_bytes_get_data(content, NULL),
                                 g_bytes_get_size(content)) != ARCHIVE_OK)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: %s", name,
                            archive_error_string(archive));
    return g_steal_pointer(&archive);
}

gboolean
hc_run_extract(HcRun *run, const char *archive_path, const char *to, guint n_strip, guint flags,
               GError **error)
{
    g_autofree char *entry = hc_run_entry(run, to, error);
    if (entry == NULL)
        return FALSE;
    hc_run_tell(run, "files: unpack %s into %s", archive_path, to);
    if (run->world->tree == NULL)
        return TRUE;
    GError *failure = NULL;
    HcTreeNode *node = hc_run_find(run, archive_path, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node == NULL || hc_tree_node_kind(node) != HC_TREE_FILE)
        return hc_run_fail(run, error, "%s: there is no such file", archive_path);
    const HcTreeNode *folder = hc_run_find(run, to, NULL);
    if (folder == NULL && (flags & HC_RUN_FOLDERS) == 0)
        return hc_run_fail(run, error, "%s: there is no such folder", to);
    g_autoptr(GBytes) content = hc_tree_read(run->world->tree, node, HC_MAX_RUN_FILE_BYTES, error);
    g_autoptr(HcArchiveReader) archive =
        content != NULL ? open_archive(content, archive_path, error) : NULL;
    Extraction extraction = {run, archive_path, entry, n_strip, flags, 0};
    run->has_changed = TRUE;
    if (archive == NULL || hc_tree_make_folder(run->world->tree, entry, error) == NULL)
        return FALSE;
    const HcArchiveUtf8 names = hc_archive_utf8_begin();
    const gboolean is_put = put_entries(&extraction, archive, error);
    hc_archive_utf8_end(names);
    return is_put;
}
