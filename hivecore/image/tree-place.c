#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/image/windows-name.h"

/* Where a name leads: the deepest folder that is there, and what of the name is not. */
typedef struct {
    HcTreeNode *folder;
    const char *rest; /* "" when .folder is what was named */
} Place;

static const char *
kind_word(HcTreeKind kind)
{
    switch (kind) {
    case HC_TREE_FILE:
        return "a file";
    case HC_TREE_FOLDER:
        return "a folder";
    case HC_TREE_SYMLINK:
    case HC_TREE_JUNCTION:
        return "a link";
    case HC_TREE_OTHER:
        break;
    }
    return "neither a file nor a folder";
}

/* @node cannot become what it is asked to be. @source: (nullable): the file that is to go there */
static gboolean
fail_kind(const HcTree *tree, const HcTreeNode *node, HcTreeKind kind, const char *source,
          GError **error)
{
    g_autofree char *path = hc_tree_node_path(node);
    g_autoptr(GString) shown = g_string_new(NULL);
    hc_append_display(shown, path, strlen(path));
    const gboolean is_below = node->is_gone || !node->is_changed;
    const char *word = kind_word(is_below ? node->below_kind : node->file->kind);
    if (!node->is_below)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is to be a file and a folder", shown->str);
    if (kind == HC_TREE_FOLDER)
        return hc_fail(error, HC_ERROR_CONFLICT,
                       "%s: is %s in %s, and no folder that something can be added to", shown->str,
                       word, tree->name);
    return hc_fail(error, HC_ERROR_CONFLICT, "%s: is %s in %s, whose place %s%s%s cannot take",
                   shown->str, word, tree->name, kind == HC_TREE_FILE ? "the file" : "a link",
                   source != NULL ? " " : "", source != NULL ? source : "");
}

static gboolean
is_link(const HcTreeNode *node)
{
    return node->file->kind == HC_TREE_SYMLINK || node->file->kind == HC_TREE_JUNCTION;
}

/* Goes along @name[0..n_bytes) as far as there is something, through links. */
static gboolean
locate(const HcTree *tree, const char *name, gsize n_bytes, Place *place, GError **error)
{
    HcTreeNode *node = tree->root;
    guint n_left = HC_MAX_TREE_LINKS;
    gsize at = 0;
    while (at < n_bytes) {
        gsize n = strcspn(name + at, "/");
        n = MIN(n, n_bytes - at);
        HcTreeNode *child = hc_tree_child(tree, node, name + at, n);
        if (child == NULL || child->is_gone)
            break;
        if (is_link(child)) {
            GError *failure = NULL;
            HcTreeNode *there = hc_tree_follow_link(tree, child, &n_left, &failure);
            if (there == NULL)
                return hc_fail_with(error, failure);
            child = there;
        }
        if (child->file->kind != HC_TREE_FOLDER) {
            g_autofree char *folder = hc_tree_node_path(child->parent);
            g_autofree char *path = g_strdup_printf("%s/%.*s", folder, (int) n, name + at);
            if (!tree->is_windows || hc_tree_check_hive(path, error))
                (void) fail_kind(tree, child, HC_TREE_FOLDER, NULL, error);
            return FALSE;
        }
        node = child;
        at += n;
        at += at < n_bytes ? 1 : 0;
    }
    *place = (Place){node, name + at};
    return TRUE;
}

gboolean
hc_tree_fail(const char *name, HcErrorCode code, const char *what, GError **error)
{
    g_autoptr(GString) shown = g_string_new(NULL);
    hc_append_display(shown, name, strlen(name));
    return hc_fail(error, code, "%s: %s", shown->str, what);
}

/* Hives in a layer above the base are ignored by Windows, and those of a base are made otherwise.
 */
gboolean
hc_tree_check_hive(const char *path, GError **error)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const char *hive = hc_hive_slots[i].config_entry;
        g_autofree char *start = g_strndup(path, MIN(strlen(path), strlen(hive)));
        const char after = path[strlen(start)];
        if ((after == '\0' || after == '/') && hc_entry_name_equal(start, hive))
            return hc_tree_fail(start, HC_ERROR_USAGE,
                                "is a registry hive, which nothing can replace", error);
    }
    return TRUE;
}

/* Whether a layer can have something new at @path, by where that is. */
static gboolean
check_region(const HcTree *tree, const char *path, GError **error)
{
    const HcTreeNode *utility = hc_tree_find(tree, HC_TREE_UTILITY "/" HC_TREE_DRIVE);
    const gsize n = strcspn(path, "/");
    g_autofree char *top = g_strndup(path, n);
    if (hc_entry_name_equal(top, HC_TREE_DRIVE))
        return path[n] != '\0' ||
               hc_tree_fail(path, HC_ERROR_USAGE, "nothing can take the place of the drive", error);
    g_autofree char *second =
        g_strndup(path, n + (path[n] == '/' ? 1 + strcspn(path + n + 1, "/") : 0));
    if (hc_entry_name_equal(second, HC_TREE_UTILITY "/" HC_TREE_DRIVE) &&
        path[strlen(second)] != '\0')
        return utility != NULL ||
               hc_tree_fail(path, HC_ERROR_UNSUPPORTED,
                            "no layer below has a utility VM that something could be added to",
                            error);
    return hc_tree_fail(path, HC_ERROR_USAGE,
                        "a layer takes files only below Files and UtilityVM/Files", error);
}

/* Checks what is not there yet of @path: @rest is the end of it. */
static gboolean
check_parts(const char *path, const char *rest, gboolean is_folder, GError **error)
{
    guint depth = 0;
    for (const char *at = path; *at != '\0'; at++)
        depth += *at == '/' ? 1 : 0;
    if (depth >= HC_MAX_TREE_DEPTH || strlen(path) > HC_MAX_NAME_BYTES)
        return hc_tree_fail(path, HC_ERROR_LIMIT, "is too deep or too long", error);
    g_auto(GStrv) parts = g_strsplit(rest, "/", -1);
    gsize n_before = strlen(path) - strlen(rest);
    for (gsize i = 0; parts[i] != NULL; i++) {
        const gboolean is_last = parts[i + 1] == NULL;
        n_before += strlen(parts[i]);
        const char *fault = hc_windows_name_fault(parts[i]);
        if (fault == NULL && (!is_last || is_folder))
            fault = hc_windows_name_reserved(parts[i], TRUE);
        if (fault == NULL && *parts[i] == '\0')
            fault = "a name is empty";
        if (fault != NULL) {
            g_autofree char *shown = g_strndup(path, n_before);
            return hc_tree_fail(shown, HC_ERROR_USAGE, fault, error);
        }
        n_before += 1;
    }
    return TRUE;
}

static HcTreeNode *
make_folders(HcTree *tree, HcTreeNode *folder, const char *rest, gsize n_bytes, GError **error)
{
    for (gsize at = 0; at < n_bytes;) {
        gsize n = MIN(strcspn(rest + at, "/"), n_bytes - at);
        HcTreeNode *child = hc_tree_child(tree, folder, rest + at, n);
        if (child == NULL && !hc_tree_check_room(tree, error))
            return NULL;
        if (child != NULL && child->below_kind != HC_TREE_FOLDER) {
            (void) fail_kind(tree, child, HC_TREE_FOLDER, NULL, error);
            return NULL;
        }
        if (child == NULL)
            child = hc_tree_add_node(tree, folder, rest + at, n);
        HcTreeFile *file = hc_tree_file_new(tree, HC_TREE_FOLDER);
        hc_tree_inherit(tree, file, folder);
        hc_tree_set_file(tree, child, file);
        tree->n_made++;
        folder = child;
        at += n + 1;
    }
    return folder;
}

/* What would be at @place, as an entry name. */
static char *
path_of(const Place *place)
{
    g_autofree char *folder = hc_tree_node_path(place->folder);
    if (*place->rest == '\0')
        return g_steal_pointer(&folder);
    return *folder == '\0' ? g_strdup(place->rest) : g_strconcat(folder, "/", place->rest, NULL);
}

static gboolean
check_place(const HcTree *tree, const Place *place, gboolean is_folder, GError **error)
{
    g_autofree char *path = path_of(place);
    if (!tree->is_windows)
        return TRUE;
    return hc_tree_check_hive(path, error) &&
           (*place->rest == '\0' ||
            (check_region(tree, path, error) && check_parts(path, place->rest, is_folder, error)));
}

HcTreeNode *
hc_tree_make_folder(HcTree *tree, const char *name, GError **error)
{
    Place place;
    if (!locate(tree, name, strlen(name), &place, error) || !check_place(tree, &place, TRUE, error))
        return NULL;
    return make_folders(tree, place.folder, place.rest, strlen(place.rest), error);
}

/* Whether something of @kind can be where @node is. */
static gboolean
check_kind(const HcTree *tree, const HcTreeNode *node, HcTreeKind kind, const char *source,
           GError **error)
{
    if (node == NULL)
        return TRUE;
    const gboolean is_file = kind == HC_TREE_FILE;
    const gboolean is_below_file =
        node->below_kind == HC_TREE_FILE || node->below_kind == HC_TREE_OTHER;
    gboolean is_wrong = node->is_below && node->below_kind == HC_TREE_FOLDER;
    if (!node->is_gone)
        is_wrong |= is_file ? node->file->kind != HC_TREE_FILE : node->file->kind == HC_TREE_FOLDER;
    else
        is_wrong |= is_file && !is_below_file;
    return !is_wrong || fail_kind(tree, node, kind, source, error);
}

/* Of what one call puts, two names may not be one to Windows. */
static gboolean
check_once(const HcTree *tree, const HcTreeNode *node, const char *source, GError **error)
{
    if (node == NULL || node->is_gone || node->serial == 0 || node->serial != tree->serial)
        return TRUE;
    g_autofree char *path = hc_tree_node_path(node);
    if (source != NULL && node->file->place.kind == HC_PLACE_HOST)
        return hc_fail(error, HC_ERROR_USAGE, "%s: both %s and %s are to go there", path,
                       node->file->place.u.host, source);
    return hc_tree_fail(path, HC_ERROR_USAGE,
                        "two files whose names differ by case only are to go there", error);
}

/* What is at @place, also when it is gone. */
static HcTreeNode *
find_any(const HcTree *tree, const Place *place)
{
    HcTreeNode *node = place->folder;
    for (const char *at = place->rest; node != NULL && *at != '\0';) {
        const gsize n = strcspn(at, "/");
        node = hc_tree_child(tree, node, at, n);
        at += n + (at[n] == '/' ? 1 : 0);
    }
    return node;
}

HcTreeNode *
hc_tree_place(HcTree *tree, const char *name, HcTreeKind kind, const char *source, GError **error)
{
    const char *slash = strrchr(name, '/');
    if (slash == NULL && tree->is_windows) {
        (void) hc_tree_fail(source != NULL ? source : name, HC_ERROR_USAGE,
                            "nothing can take the place of the drive", error);
        return NULL;
    }
    const char *part = slash != NULL ? slash + 1 : name;
    const gsize n_folder = slash != NULL ? (gsize) (slash - name) : 0;
    Place place;
    if (!locate(tree, name, n_folder, &place, error))
        return NULL;
    const gboolean is_whole = place.rest >= name + n_folder;
    place.rest = is_whole ? part : place.rest;
    HcTreeNode *node = find_any(tree, &place);
    if (!check_place(tree, &place, FALSE, error) || !check_kind(tree, node, kind, source, error) ||
        !check_once(tree, node, source, error) || !hc_tree_check_room(tree, error))
        return NULL;
    const gsize n_missing = is_whole ? 0 : (gsize) (part - place.rest) - 1;
    HcTreeNode *folder = make_folders(tree, place.folder, place.rest, n_missing, error);
    if (folder == NULL || node != NULL)
        return folder != NULL ? node : NULL;
    return hc_tree_add_node(tree, folder, part, strlen(part));
}

void
hc_tree_set_file(HcTree *tree, HcTreeNode *node, HcTreeFile *file)
{
    node->file = file;
    node->is_gone = FALSE;
    node->is_changed = TRUE;
    node->layer = tree->n_layers;
    node->serial = tree->serial;
}
