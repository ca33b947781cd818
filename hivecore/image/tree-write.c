#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/file.h"
#include "hivecore/image/tar.h"
#include "hivecore/image/tree-private.h"

/* Windows file attributes of what says nothing of its own. Source: docs/FORMATS.md, "Layers". */
#define ATTRIBUTES_FOLDER "16"
#define ATTRIBUTES_FILE   "32"

/* Writing: one layer. */
typedef struct {
    HcTree *tree;
    const HcTreeLayer *layer;
    GString *path;       /* of the node that is written */
    GHashTable *written; /* HcTreeFile * -> char *: the names that hard links lead to */
} Writing;

/* --- what changed --- */

static gboolean
is_in_layer(const HcTreeNode *node)
{
    return node->is_gone || node->is_changed || node->is_touched || node->is_on_path;
}

/* Whether the node itself is something new, or a whiteout of its own. */
static gboolean
is_change(const HcTreeNode *node)
{
    return node->is_gone || node->is_changed || node->is_touched;
}

/* The next node after @node that is there or is a whiteout itself. */
static HcTreeNode *
next_shown(const HcTreeNode *top, const HcTreeNode *node)
{
    return node->is_gone ? hc_tree_skip(top, node) : hc_tree_next_any(top, node);
}

gboolean
hc_tree_is_changed(const HcTree *tree)
{
    for (HcTreeNode *at = tree->root; at != NULL; at = next_shown(tree->root, at)) {
        if (is_change(at))
            return TRUE;
    }
    return FALSE;
}

guint
hc_tree_n_put(const HcTree *tree)
{
    guint n = 0;
    for (HcTreeNode *at = tree->root; at != NULL; at = next_shown(tree->root, at))
        n += !at->is_gone && at->is_changed && at->file->kind != HC_TREE_FOLDER ? 1 : 0;
    return n;
}

guint
hc_tree_n_removed(const HcTree *tree)
{
    guint n = 0;
    for (HcTreeNode *at = tree->root; at != NULL; at = next_shown(tree->root, at))
        n += at->is_gone ? 1 : 0;
    return n;
}

gboolean
hc_tree_uses_host(const HcTree *tree, const struct stat *wanted, const char **host, GError **error)
{
    *host = NULL;
    for (HcTreeNode *at = tree->root; at != NULL && *host == NULL;
         at = hc_tree_next(tree->root, at)) {
        const HcTreePlace *place = &at->file->place;
        struct stat status;
        gboolean is_there;
        if (!at->is_changed || place->kind != HC_PLACE_HOST)
            continue;
        if (!hc_file_look(place->u.host, TRUE, &status, &is_there, error))
            return FALSE;
        *host = hc_file_is_same(&status, wanted) ? place->u.host : NULL;
    }
    return TRUE;
}

static void
mark_paths(HcTree *tree)
{
    for (HcTreeNode *at = tree->root; at != NULL; at = hc_tree_next_any(tree->root, at))
        at->is_on_path = FALSE;
    for (HcTreeNode *at = tree->root; at != NULL; at = next_shown(tree->root, at)) {
        if (!is_change(at))
            continue;
        for (HcTreeNode *above = at->parent; above != NULL && !above->is_on_path;
             above = above->parent)
            above->is_on_path = TRUE;
    }
}

/* --- entries --- */

/* Adds what the entry's own file says, or what new files have. Whole seconds: "sec" is a valid
 * creationtime without a fraction. @epoch: as text */
static void
fill_entry(const Writing *writing, const HcTreeFile *file, const char *epoch,
           char attributes[static 16], HcTarEntry *entry, HcPaxRecord *records)
{
    const gboolean is_folder = file->kind == HC_TREE_FOLDER;
    gsize n = 0;
    g_snprintf(attributes, 16, "%" PRIu32, file->attributes);
    if (!file->has_attributes)
        g_strlcpy(attributes, is_folder ? ATTRIBUTES_FOLDER : ATTRIBUTES_FILE, 16);
    const char *created = file->times[HC_TREE_CREATED];
    records[n++] = (HcPaxRecord){"LIBARCHIVE.creationtime", created != NULL ? created : epoch};
    records[n++] = (HcPaxRecord){"MSWINDOWS.fileattr", attributes};
    const char *descriptor = file->descriptor;
    records[n++] = (HcPaxRecord){"MSWINDOWS.rawsd",
                                 descriptor != NULL ? descriptor : hc_tree_new_descriptor(file)};
    if (file->kind == HC_TREE_JUNCTION)
        records[n++] = (HcPaxRecord){"MSWINDOWS.mountpoint", "1"};
    /* Whole seconds of the header say it all. */
    const char *modified = file->times[HC_TREE_MODIFIED];
    if (modified != NULL && strchr(modified, '.') != NULL)
        records[n++] = (HcPaxRecord){"mtime", modified};
    if (file->times[HC_TREE_ACCESSED] != NULL)
        records[n++] = (HcPaxRecord){"atime", file->times[HC_TREE_ACCESSED]};
    if (file->times[HC_TREE_CHANGED] != NULL)
        records[n++] = (HcPaxRecord){"ctime", file->times[HC_TREE_CHANGED]};
    for (const HcTreeRecord *at = file->records; at != NULL && n < HC_TAR_MAX_RECORDS;
         at = at->next)
        records[n++] = (HcPaxRecord){at->key, at->value};
    entry->records = records;
    entry->n_records = n;
    entry->mtime_seconds = writing->layer->epoch.seconds;
    if (modified != NULL)
        entry->mtime_seconds =
            (int64_t) MIN(g_ascii_strtoull(modified, NULL, 10), HC_TAR_MAX_OCTAL);
}

static gboolean
write_piece(void *data, const void *bytes, gsize n_bytes, GError **error)
{
    return hc_layer_output_content(data, bytes, n_bytes, error);
}

static gboolean
write_content(const Writing *writing, const HcTarEntry *entry, HcTreePlace *place, GError **error)
{
    HcLayerOutput *output = writing->layer->output;
    return hc_layer_output_start(output, entry, error) &&
           hc_tree_stream_place(writing->tree, place, entry->n_bytes, entry->name, write_piece,
                                output, error) &&
           hc_layer_output_end(output, entry, error);
}

/* Streams come right after their file. */
static gboolean
write_streams(Writing *writing, const HcTreeFile *file, int64_t mtime_seconds, GError **error)
{
    for (HcTreeStream *stream = file->streams; stream != NULL; stream = stream->next) {
        g_autofree char *name = g_strconcat(writing->path->str, ":", stream->name, NULL);
        const HcTarEntry entry = {
            .name = name, .n_bytes = stream->n_bytes, .mtime_seconds = mtime_seconds};
        if (!write_content(writing, &entry, &stream->place, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
write_file(Writing *writing, HcTreeFile *file, GError **error)
{
    HcPaxRecord records[HC_TAR_MAX_RECORDS];
    char attributes[16];
    g_autofree char *epoch = g_strdup_printf("%" PRId64, writing->layer->epoch.seconds);
    HcTarEntry entry = {.name = writing->path->str, .is_folder = file->kind == HC_TREE_FOLDER};
    fill_entry(writing, file, epoch, attributes, &entry, records);
    if (file->kind == HC_TREE_FILE) {
        entry.n_bytes = file->n_bytes;
        return write_content(writing, &entry, &file->place, error) &&
               write_streams(writing, file, entry.mtime_seconds, error);
    }
    if (file->kind != HC_TREE_FOLDER) {
        entry.link_kind = HC_TAR_SYMLINK;
        entry.link = file->target;
    }
    return hc_layer_output_add(writing->layer->output, &entry, NULL, error);
}

/* --- hard links --- */

/* Returns: (nullable): the name that a link to @file can lead to: of an entry before, or below. */
static const char *
link_target(Writing *writing, const HcTreeNode *node)
{
    const char *before = g_hash_table_lookup(writing->written, node->file);
    const HcTreeNode *keeper = g_hash_table_lookup(writing->tree->keepers, node->file);
    if (before != NULL || keeper == NULL || keeper->file != node->file || keeper->is_gone ||
        keeper->is_changed || !keeper->is_below)
        return before;
    char *name = hc_tree_node_path(keeper);
    g_hash_table_insert(writing->written, node->file, name);
    return name;
}

static gboolean
write_node(Writing *writing, const HcTreeNode *node, GError **error)
{
    if (node->file->kind != HC_TREE_FILE)
        return write_file(writing, node->file, error);
    const HcTarEntry link = {.name = writing->path->str,
                             .link_kind = HC_TAR_HARD_LINK,
                             .link = link_target(writing, node),
                             .mtime_seconds = writing->layer->epoch.seconds};
    if (link.link != NULL)
        return hc_layer_output_add(writing->layer->output, &link, NULL, error);
    g_hash_table_insert(writing->written, node->file, g_strdup(writing->path->str));
    return write_file(writing, node->file, error);
}

static gboolean
write_whiteout(Writing *writing, GError **error)
{
    const HcTarEntry entry = {.name = writing->path->str,
                              .mtime_seconds = writing->layer->epoch.seconds};
    return hc_layer_output_add(writing->layer->output, &entry, NULL, error);
}

/* --- the walk --- */

/* Child: a node under the name of its entry. */
typedef struct {
    const HcTreeNode *node;
    char *name;
} Child;

static void
child_clear(gpointer data)
{
    g_free(((Child *) data)->name);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(((const Child *) a)->name, ((const Child *) b)->name);
}

static GArray *
list_children(const HcTreeNode *folder)
{
    GArray *children = g_array_new(FALSE, FALSE, sizeof(Child));
    g_array_set_clear_func(children, child_clear);
    for (HcTreeNode *at = folder->first; at != NULL; at = at->next) {
        const Child child = {at, g_strconcat(at->is_gone ? ".wh." : "", at->name, NULL)};
        if (is_in_layer(at))
            g_array_append_val(children, child);
        else
            g_free(child.name);
    }
    g_array_sort(children, compare_names);
    return children;
}

/* Recursion ends at HC_MAX_TREE_DEPTH. */
static gboolean
write_below(Writing *writing, const HcTreeNode *folder, GError **error)
{
    g_autoptr(GArray) children = list_children(folder);
    const gsize n_path = writing->path->len;
    for (guint i = 0; i < children->len; i++) {
        const Child *child = &g_array_index(children, Child, i);
        const HcTreeNode *node = child->node;
        if (n_path > 0)
            g_string_append_c(writing->path, '/');
        g_string_append(writing->path, child->name);
        gboolean is_done = TRUE;
        if (node->is_gone)
            is_done = write_whiteout(writing, error);
        else if (!node->is_written)
            is_done = write_node(writing, node, error);
        if (!is_done || (!node->is_gone && !write_below(writing, node, error)))
            return FALSE;
        g_string_truncate(writing->path, n_path);
    }
    return TRUE;
}

static gboolean
check_system(const HcTree *tree, GError **error)
{
    return tree->is_windows || hc_fail(error, HC_ERROR_UNSUPPORTED,
                                       "%s: is of another system than Windows", tree->name);
}

gboolean
hc_tree_write_folder(HcTree *tree, const HcTreeLayer *layer, const char *name, GError **error)
{
    HcTreeNode *node = hc_tree_find(tree, name);
    g_return_val_if_fail(node != NULL && node->file->kind == HC_TREE_FOLDER, FALSE);
    g_autofree char *spelled = hc_tree_node_path(node);
    g_autoptr(GString) path = g_string_new(spelled);
    Writing writing = {tree, layer, path, NULL};
    node->is_written = TRUE;
    return check_system(tree, error) && write_file(&writing, node->file, error);
}

/* Contents of this layer that lie in layers are fetched, each layer in one pass. */
static gboolean
fetch(HcTree *tree, GError **error)
{
    for (HcTreeNode *at = tree->root; at != NULL; at = hc_tree_next(tree->root, at)) {
        const HcTreeNode *keeper = g_hash_table_lookup(tree->keepers, at->file);
        if (at->is_changed && at->file->kind == HC_TREE_FILE &&
            (keeper == NULL || keeper->is_changed))
            hc_tree_want_file(at->file);
    }
    return hc_tree_fetch(tree, error);
}

gboolean
hc_tree_write(HcTree *tree, const HcTreeLayer *layer, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);
    g_autoptr(GHashTable) written = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    Writing writing = {tree, layer, path, written};
    if (!check_system(tree, error) || !fetch(tree, error))
        return FALSE;
    mark_paths(tree);
    return write_below(&writing, tree->root, error);
}

void
hc_tree_settle(HcTree *tree)
{
    g_autoptr(GPtrArray) gone = g_ptr_array_new();
    for (HcTreeNode *at = tree->root; at != NULL; at = next_shown(tree->root, at)) {
        if (at->is_gone)
            g_ptr_array_add(gone, at);
        at->layer = at->is_changed ? tree->n_layers : at->layer;
        at->is_below = TRUE;
        at->is_changed = FALSE;
        at->is_touched = FALSE;
        at->is_written = FALSE;
        at->below_kind = at->file->kind;
    }
    for (guint i = 0; i < gone->len; i++)
        hc_tree_drop(tree, gone->pdata[i]);
    g_hash_table_remove_all(tree->keepers);
    tree->n_layers++;
}
