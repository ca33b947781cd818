#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/dockerfile/glob.h"
#include "hivecore/image/windows-name.h"
#include "hivecore/run/run-private.h"

/* "PROGRA~1" is another name of a folder that Windows knows; no layer says of which. */
static gboolean
is_short_name(const char *part)
{
    const char *tilde = strchr(part, '~');
    return tilde != NULL && tilde > part && tilde - part <= 7 && g_ascii_isdigit(tilde[1]) &&
           (tilde[2] == '\0' || tilde[2] == '.' || g_ascii_isdigit(tilde[2]));
}

/* Whether no part of @entry is a short name, but for one that is there under it. */
static gboolean
check_short_names(const HcRun *run, const char *entry, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(entry, "/", -1);
    g_autoptr(GString) above = g_string_new(NULL);
    for (gsize i = 0; parts[i] != NULL; i++) {
        g_string_append_printf(above, "%s%s", i > 0 ? "/" : "", parts[i]);
        if (is_short_name(parts[i]) &&
            (run->world->tree == NULL || hc_tree_find(run->world->tree, above->str) == NULL))
            return hc_run_refuse(error, parts[i],
                                 "a short name, and which name it stands for is in no layer; "
                                 "write the long one");
    }
    return TRUE;
}

char *
hc_run_entry(const HcRun *run, const char *path, GError **error)
{
    g_autofree char *entry = hc_windows_path_resolve(run->folder, path, error);
    return entry != NULL && check_short_names(run, entry, error) ? g_steal_pointer(&entry) : NULL;
}

/* "C:\A\b" of an entry name. */
static const char *
shown(HcRun *run, const char *entry)
{
    g_autofree char *text = hc_windows_path_text(entry);
    return hc_arena_dup(run->arena, text, strlen(text) + 1);
}

gboolean
hc_run_has_wildcards(const char *path)
{
    return strpbrk(path, "*?") != NULL;
}

const char *
hc_run_last_part(const char *path)
{
    const char *last = path;
    for (; *path != '\0'; path++) {
        if (*path == '\\' || *path == '/')
            last = path + 1;
    }
    return last;
}

HcTreeNode *
hc_run_find(HcRun *run, const char *path, GError **error)
{
    g_autofree char *entry = hc_run_entry(run, path, error);
    if (entry == NULL)
        return NULL;
    GError *failure = NULL;
    HcTreeNode *node = hc_tree_follow(run->world->tree, entry, TRUE, &failure);
    if (node == NULL && !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        return hc_fail_with_null(error, failure);
    g_clear_error(&failure);
    return node;
}

/* The node of an entry name itself, through links in its folders. */
static HcTreeNode *
find_entry(HcRun *run, const char *entry, GError **error)
{
    GError *failure = NULL;
    HcTreeNode *node = hc_tree_follow(run->world->tree, entry, FALSE, &failure);
    if (node == NULL && !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        return hc_fail_with_null(error, failure);
    g_clear_error(&failure);
    return node;
}

static char *
folded(const char *name)
{
    return g_utf8_strup(name, -1);
}

static gboolean
is_hidden(const HcTreeNode *node)
{
    return (hc_tree_node_attributes(node) & HC_FILE_ATTRIBUTE_HIDDEN) != 0;
}

/* Children of @folder that match @pattern. "*.*" is everything, as on Windows. */
static gboolean
add_matches(HcRun *run, GPtrArray *found, HcTreeNode *folder, const char *pattern, guint flags,
            GError **error)
{
    g_autofree char *upper = folded(g_str_equal(pattern, "*.*") ? "*" : pattern);
    g_autoptr(HcGlob) glob = hc_glob_new(HC_GLOB_SHELL, upper, error);
    if (glob == NULL)
        return FALSE;
    g_autoptr(GPtrArray) children = hc_tree_children(run->world->tree, folder);
    for (guint i = 0; i < children->len; i++) {
        HcTreeNode *node = (HcTreeNode *) children->pdata[i];
        g_autofree char *name = folded(hc_tree_node_name(node));
        if ((flags & HC_RUN_HIDDEN) == 0 && is_hidden(node))
            continue;
        if (hc_glob_matches(glob, name, strlen(name)))
            g_ptr_array_add(found, node);
    }
    return TRUE;
}

/* The folder of a path whose last part may have wildcards, as an entry name, and that part. */
static char *
split_pattern(HcRun *run, const char *pattern, const char **last, GError **error)
{
    const gsize n = (gsize) (hc_run_last_part(pattern) - pattern);
    g_autofree char *folder = n > 0 ? g_strndup(pattern, n) : g_strdup(".");
    *last = pattern + n;
    if (hc_run_has_wildcards(folder)) {
        (void) hc_run_refuse(error, pattern, "wildcards in a folder's name");
        return NULL;
    }
    return hc_run_entry(run, folder, error);
}

GPtrArray *
hc_run_match(HcRun *run, const char *pattern, guint flags, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    GError *failure = NULL;
    if (!hc_run_has_wildcards(pattern)) {
        g_autofree char *entry = hc_run_entry(run, pattern, error);
        HcTreeNode *node = entry != NULL ? find_entry(run, entry, &failure) : NULL;
        if (failure != NULL)
            return hc_fail_with_null(error, failure);
        if (node != NULL)
            g_ptr_array_add(found, node);
        return entry != NULL ? g_steal_pointer(&found) : NULL;
    }
    const char *last;
    g_autofree char *above = split_pattern(run, pattern, &last, error);
    if (above == NULL)
        return NULL;
    HcTreeNode *folder = hc_tree_follow(run->world->tree, above, TRUE, NULL);
    if (folder != NULL && !add_matches(run, found, folder, last, flags, error))
        return NULL;
    return g_steal_pointer(&found);
}

/* --- folders --- */

gboolean
hc_run_make_folder(HcRun *run, const char *path, guint flags, GError **error)
{
    g_autofree char *entry = hc_run_entry(run, path, error);
    if (entry == NULL)
        return FALSE;
    hc_run_tell(run, "files: folder %s", shown(run, entry));
    if (run->world->tree == NULL)
        return TRUE;
    GError *failure = NULL;
    const HcTreeNode *node = hc_run_find(run, path, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node != NULL && hc_tree_node_is_folder_like(node) && (flags & HC_RUN_EXISTING_OK) != 0)
        return TRUE;
    if (node != NULL)
        return hc_run_fail(run, error, "%s: is there already", shown(run, entry));
    run->has_changed = TRUE;
    return hc_tree_make_folder(run->world->tree, entry, error) != NULL;
}

gboolean
hc_run_change_folder(HcRun *run, const char *path, GError **error)
{
    g_autofree char *entry = hc_run_entry(run, path, error);
    if (entry == NULL)
        return FALSE;
    if (run->world->tree != NULL) {
        GError *failure = NULL;
        const HcTreeNode *node = hc_run_find(run, path, &failure);
        if (failure != NULL)
            return hc_fail_with(error, failure);
        if (node == NULL || !hc_tree_node_is_folder_like(node))
            return hc_run_fail(run, error, "%s: there is no such folder", shown(run, entry));
    }
    g_free(run->folder);
    run->folder = g_steal_pointer(&entry);
    return TRUE;
}

/* --- deletes --- */

static gboolean
check_writable(HcRun *run, const HcTreeNode *node, guint flags, GError **error)
{
    if ((flags & HC_RUN_FORCE) != 0 ||
        (hc_tree_node_attributes(node) & HC_FILE_ATTRIBUTE_READONLY) == 0)
        return TRUE;
    g_autofree char *path = hc_tree_node_windows_path(node);
    return hc_run_fail(run, error, "%s: is read-only", path) && FALSE;
}

static gboolean
is_folder(const HcTreeNode *node)
{
    return hc_tree_node_kind(node) == HC_TREE_FOLDER;
}

static gboolean
is_empty(HcRun *run, const HcTreeNode *node)
{
    g_autoptr(GPtrArray) children = hc_tree_children(run->world->tree, node);
    return children->len == 0;
}

static gboolean
remove_node(HcRun *run, HcTreeNode *node, guint flags, GError **error)
{
    g_autofree char *path = hc_tree_node_windows_path(node);
    if (is_folder(node) && (flags & HC_RUN_RECURSIVE) == 0 && !is_empty(run, node))
        return hc_run_fail(run, error, "%s: is not empty", path);
    if (!is_folder(node) && !check_writable(run, node, flags, error))
        return run->may_fail;
    hc_run_tell(run, "files: delete %s", path);
    run->has_changed = TRUE;
    return hc_tree_remove(run->world->tree, node, error);
}

/* del /s: files that match in a folder and all below it. */
static gboolean
remove_below(HcRun *run, HcTreeNode *folder, const char *pattern, guint flags, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    if (!add_matches(run, found, folder, pattern, flags, error))
        return FALSE;
    for (guint i = 0; i < found->len; i++) {
        HcTreeNode *node = (HcTreeNode *) found->pdata[i];
        if (!hc_tree_node_is_folder_like(node) && !remove_node(run, node, flags, error))
            return FALSE;
    }
    g_autoptr(GPtrArray) children = hc_tree_children(run->world->tree, folder);
    for (guint i = 0; (flags & HC_RUN_RECURSIVE) != 0 && i < children->len; i++) {
        HcTreeNode *node = (HcTreeNode *) children->pdata[i];
        if (is_folder(node) && !remove_below(run, node, pattern, flags, error))
            return FALSE;
    }
    return TRUE;
}

/* What del does: with a folder it means the files in it. */
static gboolean
delete_files(HcRun *run, const char *path, guint flags, GError **error)
{
    GError *failure = NULL;
    HcTreeNode *node = hc_run_has_wildcards(path) ? NULL : hc_run_find(run, path, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node != NULL && hc_tree_node_is_folder_like(node))
        return hc_run_refuse(error, path, "del of a folder asks; its files are FOLDER\\*");
    const char *last;
    g_autofree char *above = split_pattern(run, path, &last, error);
    if (above == NULL)
        return FALSE;
    HcTreeNode *folder = hc_tree_follow(run->world->tree, above, TRUE, NULL);
    return folder == NULL || remove_below(run, folder, last, flags, error);
}

gboolean
hc_run_delete(HcRun *run, const char *pattern, guint flags, GError **error)
{
    if (run->world->tree == NULL) {
        hc_run_tell(run, "files: delete %s", pattern);
        return TRUE;
    }
    if ((flags & HC_RUN_FOLDERS) == 0)
        return delete_files(run, pattern, flags, error);
    g_autoptr(GPtrArray) found = hc_run_match(run, pattern, flags, error);
    if (found == NULL)
        return FALSE;
    if (found->len == 0 && !hc_run_has_wildcards(pattern) && (flags & HC_RUN_MISSING_OK) == 0)
        return hc_run_fail(run, error, "%s: is not there", pattern);
    for (guint i = 0; i < found->len; i++) {
        HcTreeNode *node = (HcTreeNode *) found->pdata[i];
        if ((flags & HC_RUN_FILES) == 0 && !hc_tree_node_is_folder_like(node))
            return hc_run_fail(run, error, "%s: is no folder", pattern);
        if (!remove_node(run, node, flags, error))
            return FALSE;
    }
    return TRUE;
}

/* --- files with a content --- */

static GBytes *
content_of(HcRun *run, HcTreeNode *before, const char *bytes, gsize n_bytes, GError **error)
{
    if (before == NULL)
        return g_bytes_new(bytes, n_bytes);
    g_autoptr(GBytes) old = hc_tree_read(run->world->tree, before, HC_MAX_RUN_FILE_BYTES, error);
    if (old == NULL)
        return NULL;
    GByteArray *all = g_byte_array_new();
    g_byte_array_append(all, g_bytes_get_data(old, NULL), (guint) g_bytes_get_size(old));
    g_byte_array_append(all, (const guint8 *) bytes, (guint) n_bytes);
    return g_byte_array_free_to_bytes(all);
}

gboolean
hc_run_write(HcRun *run, const char *path, const char *bytes, gsize n_bytes, guint flags,
             GError **error)
{
    g_autofree char *entry = hc_run_entry(run, path, error);
    if (entry == NULL)
        return FALSE;
    hc_run_tell(run, "files: write %s", shown(run, entry));
    if (run->world->tree == NULL)
        return TRUE;
    GError *failure = NULL;
    HcTreeNode *node = hc_run_find(run, path, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node != NULL && hc_tree_node_is_folder_like(node))
        return hc_run_fail(run, error, "%s: is a folder", shown(run, entry));
    if (node != NULL && (flags & (HC_RUN_FORCE | HC_RUN_APPEND)) == 0)
        return hc_run_fail(run, error, "%s: is there already", shown(run, entry));
    if (node != NULL && !check_writable(run, node, flags & ~(guint) HC_RUN_FORCE, error))
        return run->may_fail;
    /* No folder is made for a file. */
    g_autofree char *parent = g_path_get_dirname(entry);
    if ((flags & HC_RUN_PARENTS) == 0 &&
        hc_tree_follow(run->world->tree, parent, TRUE, NULL) == NULL)
        return hc_run_fail(run, error, "%s: there is no such folder", shown(run, parent));
    g_autoptr(GBytes) content =
        content_of(run, (flags & HC_RUN_APPEND) != 0 ? node : NULL, bytes, n_bytes, error);
    run->has_changed = TRUE;
    return content != NULL && hc_tree_put_bytes(run->world->tree, entry, content, error) != NULL;
}

/* --- links and access --- */

static gboolean
put_hard_link(HcRun *run, const char *entry, const char *target, GError **error)
{
    GError *failure = NULL;
    HcTreeNode *node = hc_run_find(run, target, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node == NULL || hc_tree_node_kind(node) != HC_TREE_FILE)
        return hc_run_fail(run, error, "%s: there is no such file", target);
    return hc_tree_put_hard_link(run->world->tree, entry, node, error) != NULL;
}

gboolean
hc_run_link(HcRun *run, const char *link, const char *target, char kind, GError **error)
{
    HcTree *tree = run->world->tree;
    g_autofree char *entry = hc_run_entry(run, link, error);
    if (entry == NULL)
        return FALSE;
    hc_run_tell(run, "files: link %s to %s", shown(run, entry), target);
    if (tree == NULL)
        return TRUE;
    GError *failure = NULL;
    const HcTreeNode *node = find_entry(run, entry, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node != NULL)
        return hc_run_fail(run, error, "%s: is there already", shown(run, entry));
    run->has_changed = TRUE;
    if (kind == 'h')
        return put_hard_link(run, entry, target, error);
    if (kind != 'j')
        return hc_tree_put_link(tree, entry, HC_TREE_SYMLINK, target, kind == 'd', error) != NULL;
    g_autofree char *place = hc_run_entry(run, target, error);
    return place != NULL &&
           hc_tree_put_link(tree, entry, HC_TREE_JUNCTION, shown(run, place), TRUE, error) != NULL;
}

gboolean
hc_run_grant(HcRun *run, const char *path, const char *grant, gboolean replaces, gboolean recursive,
             GError **error)
{
    g_auto(HcTreeGrant) parsed = {0};
    GError *failure = NULL;
    if (!hc_tree_grant_parse(grant, &parsed, &failure)) {
        const gboolean ok = hc_run_refuse(error, grant, hc_error_text(failure, ""));
        g_error_free(failure);
        return ok;
    }
    parsed.replaces = replaces;
    parsed.recursive = recursive;
    hc_run_tell(run, "files: grant %s on %s", grant, path);
    if (run->world->tree == NULL)
        return TRUE;
    g_autoptr(GPtrArray) found = hc_run_match(run, path, HC_RUN_HIDDEN, error);
    if (found == NULL)
        return FALSE;
    if (found->len == 0)
        return hc_run_fail(run, error, "%s: is not there", path);
    run->has_changed = TRUE;
    for (guint i = 0; i < found->len; i++) {
        if (!hc_tree_grant(run->world->tree, (HcTreeNode *) found->pdata[i], &parsed, error))
            return FALSE;
    }
    return TRUE;
}
