#include "config.h"

#include "layerpack/file-changes.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/image/tree.h"

/* Extracting: one run. */
typedef struct {
    HcCliContext *context;
    const LpExtractFiles *what;
    HcTree *tree;
    gboolean is_into; /* the output is a folder */
} Extracting;

static gboolean
fail(GError **error, HcErrorCode code, const char *where, const char *what)
{
    return hc_fail(error, code, "%s: %s", where, what);
}

static gboolean
refuse_input(const Extracting *extracting, const char *file, GError **error)
{
    gboolean is_input;
    if (!hc_cli_find_input(file, extracting->what->source, &is_input, error))
        return FALSE;
    return !is_input || fail(error, HC_ERROR_USAGE, file, "is where the input is read from");
}

static gboolean
write_piece(void *data, const void *bytes, gsize n_bytes, GError **error)
{
    return hc_interrupt_check(error) && hc_output_write(data, bytes, n_bytes, error);
}

static gboolean
write_file(Extracting *extracting, HcTreeNode *node, const char *file, GError **error)
{
    struct stat status;
    gboolean is_there;
    if (!refuse_input(extracting, file, error) ||
        !hc_file_look(file, FALSE, &status, &is_there, error))
        return FALSE;
    /* In a folder only that was named by the user: a link in it may lead anywhere. */
    if (extracting->is_into && S_ISLNK(status.st_mode))
        return fail(error, HC_ERROR_IO, file,
                    "is a symbolic link, and extract does not write through one");
    g_autoptr(HcOutput) output = hc_output_open(file, NULL, error);
    HcOutput *const outputs[] = {output};
    if (output == NULL ||
        !hc_cli_hide_like_source(output, extracting->what->source, extracting->what->platform,
                                 error) ||
        !hc_tree_stream(extracting->tree, node, write_piece, output, error) ||
        !hc_cli_commit(extracting->context, outputs, 1, error))
        return FALSE;
    g_autofree char *path = hc_tree_node_windows_path(node);
    g_autoptr(GString) shown = g_string_new(NULL);
    hc_append_display(shown, path, strlen(path));
    g_string_append_printf(extracting->context->out, "%-18s %10" PRIu64 " bytes\n", shown->str,
                           hc_tree_node_size(node));
    return TRUE;
}

static gboolean
make_folder(const Extracting *extracting, const char *folder, gboolean follow, GError **error)
{
    gboolean is_new;
    return refuse_input(extracting, folder, error) &&
           hc_folder_make(folder, follow, &is_new, error) &&
           (!is_new || hc_folder_sync_parent(folder, error));
}

/* Recursion ends at HC_MAX_TREE_DEPTH. */
static gboolean
write_node(Extracting *extracting, HcTreeNode *node, const char *file, GError **error)
{
    if (hc_tree_node_kind(node) == HC_TREE_FILE)
        return write_file(extracting, node, file, error);
    if (hc_tree_node_kind(node) != HC_TREE_FOLDER) {
        g_autofree char *path = hc_tree_node_windows_path(node);
        const char *target = hc_tree_node_target(node);
        hc_cli_note(extracting->context, "%s: is not written: %s%s%s", path,
                    target != NULL ? "it is a link to '" : "it is neither a file nor a folder",
                    target != NULL ? target : "", target != NULL ? "'" : "");
        return TRUE;
    }
    if (!make_folder(extracting, file, FALSE, error))
        return FALSE;
    g_autoptr(GPtrArray) children = hc_tree_children(extracting->tree, node);
    for (guint i = 0; i < children->len; i++) {
        g_autofree char *below =
            g_build_filename(file, hc_tree_node_name(children->pdata[i]), NULL);
        if (!write_node(extracting, children->pdata[i], below, error))
            return FALSE;
    }
    return TRUE;
}

/* Where a file or folder goes to: of several, each by its name; of one folder what is in it. */
static gboolean
write_wanted(Extracting *extracting, HcTreeNode *node, gboolean is_one, GError **error)
{
    const char *output = extracting->what->output;
    const gboolean is_folder = hc_tree_node_kind(node) == HC_TREE_FOLDER;
    if (is_one && (is_folder || !extracting->is_into))
        return write_node(extracting, node, output, error);
    g_autofree char *file = g_build_filename(output, hc_tree_node_name(node), NULL);
    return write_node(extracting, node, file, error);
}

static GPtrArray *
find_all(Extracting *extracting, GError **error)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    char *const *paths = extracting->what->paths;
    for (gsize i = 0; paths[i] != NULL; i++) {
        HcTreeNode *node = hc_tree_look_up(extracting->tree, paths[i], error);
        if (node == NULL)
            return NULL;
        for (guint other = 0; other < nodes->len; other++) {
            const char *name = hc_tree_node_name(nodes->pdata[other]);
            if (strcmp(name, hc_tree_node_name(node)) == 0)
                return hc_fail_null(error, HC_ERROR_USAGE, "--file: %s and %s have one name",
                                    paths[other], paths[i]);
        }
        hc_tree_want(extracting->tree, node);
        g_ptr_array_add(nodes, node);
    }
    return hc_tree_fetch(extracting->tree, error) ? g_steal_pointer(&nodes) : NULL;
}

gboolean
lp_extract_files(HcCliContext *context, const LpExtractFiles *what, GError **error)
{
    g_autoptr(HcTree) tree = hc_tree_open(what->source, what->platform, 0, TRUE, error);
    Extracting extracting = {context, what, tree, FALSE};
    g_autoptr(GPtrArray) nodes = tree != NULL ? find_all(&extracting, error) : NULL;
    if (nodes == NULL)
        return FALSE;
    const gboolean is_one = nodes->len == 1;
    const gboolean is_folder = hc_tree_node_kind(nodes->pdata[0]) == HC_TREE_FOLDER;
    extracting.is_into = !is_one || is_folder || g_str_has_suffix(what->output, "/") ||
                         g_file_test(what->output, G_FILE_TEST_IS_DIR);
    hc_interrupt_defer();
    if (extracting.is_into && !make_folder(&extracting, what->output, TRUE, error))
        return FALSE;
    for (guint i = 0; i < nodes->len; i++) {
        if (!write_wanted(&extracting, nodes->pdata[i], is_one, error))
            return FALSE;
    }
    return TRUE;
}
