#include "config.h"

#include "layerpack/file-changes.h"

#include <errno.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/image/windows-name.h"
#include "hivecore/regf/security.h"

typedef enum {
    CHANGE_ADD,
    CHANGE_LICENSE,
    CHANGE_COPY_FROM,
    CHANGE_REMOVE,
    CHANGE_SYMLINK,
    CHANGE_JUNCTION,
    CHANGE_GRANT,
    CHANGE_ACL,
} ChangeKind;

static const struct {
    const char *option;
    const char *form; /* what its value is to be like */
} kinds[] = {
    [CHANGE_ADD] = {"--add", "SRC=DST with a DST like C:\\FOLDER\\FILE"},
    [CHANGE_LICENSE] = {"--license", "FILE"},
    [CHANGE_COPY_FROM] = {"--copy-from",
                          "IMAGE=SRC=DST with a SRC and a DST like C:\\FOLDER\\FILE"},
    [CHANGE_REMOVE] = {"--remove", "PATH like C:\\FOLDER\\FILE"},
    [CHANGE_SYMLINK] = {"--symlink", "PATH=TARGET with a PATH like C:\\FOLDER\\LINK"},
    [CHANGE_JUNCTION] = {"--junction", "PATH=TARGET with a PATH like C:\\FOLDER\\LINK"},
    [CHANGE_GRANT] = {"--grant", "PATH=NAME:RIGHTS like C:\\app=ContainerUser:modify"},
    [CHANGE_ACL] = {"--acl", "PATH=SDDL with a PATH like C:\\FOLDER"},
};

/* Change: one option. */
typedef struct {
    ChangeKind kind;
    char *text;
    char *image;      /* of --copy-from */
    char *source;     /* file of the host, or path in .image; target of a link */
    char *name;       /* entry name of the place */
    gboolean is_into; /* it ends in a slash: a file goes into it */
    HcTreeGrant grant;
    GBytes *descriptor;
} Change;

struct LpFileChanges {
    GPtrArray *changes; /* of Change * */
    GHashTable *images; /* HcTree * by operand and platform */
};

static void
change_free(gpointer data)
{
    Change *change = data;
    g_free(change->text);
    g_free(change->image);
    g_free(change->source);
    g_free(change->name);
    hc_tree_grant_clear(&change->grant);
    g_clear_pointer(&change->descriptor, g_bytes_unref);
    g_free(change);
}

void
lp_file_changes_take(LpFileChanges **changes, const char *option, const char *value)
{
    if (*changes == NULL) {
        *changes = g_new0(LpFileChanges, 1);
        (*changes)->changes = g_ptr_array_new_with_free_func(change_free);
        (*changes)->images =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) hc_tree_free);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!g_str_equal(kinds[i].option, option))
            continue;
        Change *change = g_new0(Change, 1);
        change->kind = (ChangeKind) i;
        change->text = g_strdup(value);
        g_ptr_array_add((*changes)->changes, change);
    }
}

void
lp_file_changes_free(LpFileChanges *changes)
{
    if (changes == NULL)
        return;
    g_ptr_array_unref(changes->changes);
    g_hash_table_unref(changes->images);
    g_free(changes);
}

gboolean
lp_file_changes_any(const LpFileChanges *changes)
{
    return changes != NULL && changes->changes->len > 0;
}

gboolean
lp_file_changes_need_below(const LpFileChanges *changes)
{
    for (guint i = 0; changes != NULL && i < changes->changes->len; i++) {
        const Change *change = changes->changes->pdata[i];
        if (change->kind == CHANGE_REMOVE || change->kind == CHANGE_GRANT ||
            change->kind == CHANGE_ACL)
            return TRUE;
    }
    return FALSE;
}

/* --- forms --- */

static gboolean
fail_shown(const char *text, HcErrorCode code, const char *what, GError **error)
{
    g_autoptr(GString) shown = g_string_new(NULL);
    hc_append_display(shown, text, strlen(text));
    return hc_fail(error, code, "%s: %s", shown->str, what);
}

static gboolean
fail_form(const Change *change, GError **error)
{
    g_autofree char *what = g_strconcat("not of the form ", kinds[change->kind].form, NULL);
    return fail_shown(change->text, HC_ERROR_USAGE, what, error);
}

/* Whether @text begins as a path in a utility VM does. */
static gboolean
is_utility_path(const char *text)
{
    static const char utility[] = "UtilityVM/Files/";
    g_autofree char *start = g_strdelimit(g_strndup(text, strlen(utility)), "\\", '/');
    return g_ascii_strcasecmp(start, utility) == 0;
}

/* The last "=" before @end that a path on Windows stands behind; NULL when there is none. */
static const char *
find_equals(const char *text, const char *end)
{
    const char *found = NULL;
    for (const char *at = strchr(text, '='); at != NULL && at < end; at = strchr(at + 1, '=')) {
        if (hc_windows_path_is(at + 1) || is_utility_path(at + 1))
            found = at;
    }
    return found != text ? found : NULL;
}

static gboolean
ends_in_slash(const char *path)
{
    const gsize n = strlen(path);
    return n > 0 && (path[n - 1] == '/' || path[n - 1] == '\\');
}

/* A path, also one of the utility VM, "UtilityVM\Files\…". */
static char *
parse_path(const char *text, GError **error)
{
    if (!is_utility_path(text))
        return hc_windows_path_parse(text, error);
    g_autofree char *below = hc_windows_path_parse(text + strlen("UtilityVM/Files"), error);
    return below != NULL ? g_strconcat("UtilityVM/", below, NULL) : NULL;
}

static gboolean
take_place(Change *change, const char *text, GError **error)
{
    change->name = parse_path(text, error);
    change->is_into = ends_in_slash(text);
    return change->name != NULL;
}

static gboolean
parse_add(Change *change, GError **error)
{
    const char *equals = find_equals(change->text, change->text + strlen(change->text));
    if (equals == NULL)
        return fail_form(change, error);
    change->source = g_strndup(change->text, (gsize) (equals - change->text));
    return take_place(change, equals + 1, error);
}

static gboolean
parse_copy_from(Change *change, GError **error)
{
    const char *end = change->text + strlen(change->text);
    const char *second = find_equals(change->text, end);
    const char *first = second != NULL ? find_equals(change->text, second) : NULL;
    if (first == NULL)
        return fail_form(change, error);
    change->image = g_strndup(change->text, (gsize) (first - change->text));
    change->source = g_strndup(first + 1, (gsize) (second - first) - 1);
    return take_place(change, second + 1, error);
}

/* PATH=REST: the first "=", since neither an SDDL nor a grant begins a path. */
static gboolean
parse_path_and_rest(Change *change, GError **error)
{
    const char *equals = strchr(change->text, '=');
    if (equals == NULL || equals == change->text || equals[1] == '\0')
        return fail_form(change, error);
    g_autofree char *path = g_strndup(change->text, (gsize) (equals - change->text));
    change->source = g_strdup(equals + 1);
    return take_place(change, path, error);
}

static gboolean
parse_grant(Change *change, GError **error)
{
    if (!parse_path_and_rest(change, error) ||
        !hc_tree_grant_parse(change->source, &change->grant, error))
        return FALSE;
    if (change->source[strcspn(change->source, "(")] == '\0')
        change->grant.flags = HC_ACE_OBJECT_INHERIT | HC_ACE_CONTAINER_INHERIT;
    return TRUE;
}

static gboolean
parse_acl(Change *change, GError **error)
{
    if (!parse_path_and_rest(change, error))
        return FALSE;
    change->descriptor = hc_sddl_parse(change->source, error);
    if (change->descriptor == NULL)
        g_prefix_error(error, "--acl: ");
    return change->descriptor != NULL;
}

static gboolean
parse_license(Change *change, GError **error)
{
    if (!g_file_test(change->text, G_FILE_TEST_IS_REGULAR))
        return hc_fail(error, HC_ERROR_IO, "%s: is not a regular file", change->text);
    change->source = g_strdup(change->text);
    change->name = g_strdup("Files");
    change->is_into = TRUE;
    return TRUE;
}

static gboolean
parse(Change *change, GError **error)
{
    switch (change->kind) {
    case CHANGE_ADD:
        return parse_add(change, error);
    case CHANGE_LICENSE:
        return parse_license(change, error);
    case CHANGE_COPY_FROM:
        return parse_copy_from(change, error);
    case CHANGE_REMOVE:
        return take_place(change, change->text, error);
    case CHANGE_SYMLINK:
    case CHANGE_JUNCTION:
        return parse_path_and_rest(change, error);
    case CHANGE_GRANT:
        return parse_grant(change, error);
    case CHANGE_ACL:
        return parse_acl(change, error);
    }
    g_return_val_if_reached(FALSE);
}

/* A source that is not there is told before an image is read. */
static gboolean
check_source(const Change *change, GError **error)
{
    struct stat status;
    if (change->kind != CHANGE_ADD && change->kind != CHANGE_LICENSE)
        return TRUE;
    return stat(change->source, &status) == 0 ||
           hc_fail_io(error, change->source, "cannot read", errno);
}

gboolean
lp_file_changes_parse(LpFileChanges *changes, GError **error)
{
    for (guint i = 0; changes != NULL && i < changes->changes->len; i++) {
        Change *change = changes->changes->pdata[i];
        if (!parse(change, error) || !check_source(change, error))
            return FALSE;
    }
    return TRUE;
}

/* --- changes --- */

/* The entry name of a file @source that goes to @change's place. */
static char *
place_of(const Change *change, const char *source, gboolean is_folder, GError **error)
{
    if (!change->is_into || is_folder)
        return g_strdup(change->name);
    g_autofree char *base = g_path_get_basename(source);
    const char *fault = hc_windows_name_fault(base);
    if (fault != NULL) {
        (void) fail_shown(change->source, HC_ERROR_USAGE, fault, error);
        return NULL;
    }
    return g_strconcat(change->name, "/", base, NULL);
}

static gboolean
apply_add(const Change *change, HcTree *tree, GError **error)
{
    g_autofree char *name =
        place_of(change, change->source, g_file_test(change->source, G_FILE_TEST_IS_DIR), error);
    return name != NULL && hc_tree_put_host(tree, name, change->source, NULL, NULL, error);
}

static HcTree *
open_image(LpFileChanges *changes, const char *image, const char *platform, GError **error)
{
    const char *chosen = hc_image_is_operand(image) ? platform : NULL;
    g_autofree char *key = g_strconcat(image, "\n", chosen, NULL);
    HcTree *tree = g_hash_table_lookup(changes->images, key);
    if (tree != NULL)
        return tree;
    tree = hc_tree_open(image, chosen, 0, TRUE, error);
    if (tree != NULL)
        g_hash_table_insert(changes->images, g_steal_pointer(&key), tree);
    return tree;
}

static gboolean
apply_copy_from(LpFileChanges *changes, const Change *change, HcTree *tree, const char *platform,
                GError **error)
{
    HcTree *from = open_image(changes, change->image, platform, error);
    HcTreeNode *node = from != NULL ? hc_tree_look_up(from, change->source, error) : NULL;
    if (node == NULL)
        return FALSE;
    g_autofree char *name =
        place_of(change, hc_tree_node_name(node), hc_tree_node_kind(node) == HC_TREE_FOLDER, error);
    return name != NULL && hc_tree_put_copy(tree, name, from, node, FALSE, error) != NULL;
}

/* What is to be changed; through no link in the last part. */
static HcTreeNode *
find_node(const Change *change, HcTree *tree, GError **error)
{
    HcTreeNode *node = hc_tree_follow(tree, change->name, FALSE, NULL);
    if (node != NULL)
        return node;
    g_autofree char *path = hc_windows_path_text(change->name);
    if (hc_tree_missing(tree) != NULL)
        return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: %s: is in no layer that is here; %s",
                            hc_tree_name(tree), path, hc_tree_missing(tree));
    return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: there is no %s", hc_tree_name(tree), path);
}

/* Whether a link that leads to something in the image leads to a folder; else by its slash. */
static gboolean
leads_to_folder(HcTree *tree, HcTreeNode *link)
{
    g_autofree char *name = hc_tree_node_path(link);
    const HcTreeNode *there = hc_tree_follow(tree, name, TRUE, NULL);
    return there != NULL && hc_tree_node_kind(there) == HC_TREE_FOLDER;
}

static gboolean
apply_link(const Change *change, HcTree *tree, GError **error)
{
    const gboolean is_folder = ends_in_slash(change->source);
    g_autofree char *target = g_strdelimit(g_strdup(change->source), "/", '\\');
    const HcTreeKind kind = change->kind == CHANGE_JUNCTION ? HC_TREE_JUNCTION : HC_TREE_SYMLINK;
    HcTreeNode *node = hc_tree_put_link(tree, change->name, kind, target, is_folder, error);
    if (node == NULL || is_folder || !leads_to_folder(tree, node))
        return node != NULL;
    return hc_tree_put_link(tree, change->name, kind, target, TRUE, error) != NULL;
}

static gboolean
apply(LpFileChanges *changes, const Change *change, HcTree *tree, const char *platform,
      GError **error)
{
    HcTreeNode *node;
    switch (change->kind) {
    case CHANGE_ADD:
    case CHANGE_LICENSE:
        return apply_add(change, tree, error);
    case CHANGE_COPY_FROM:
        return apply_copy_from(changes, change, tree, platform, error);
    case CHANGE_SYMLINK:
    case CHANGE_JUNCTION:
        return apply_link(change, tree, error);
    case CHANGE_REMOVE:
        node = find_node(change, tree, error);
        return node != NULL && hc_tree_remove(tree, node, error);
    case CHANGE_GRANT:
        node = find_node(change, tree, error);
        return node != NULL && hc_tree_grant(tree, node, &change->grant, error);
    case CHANGE_ACL:
        node = find_node(change, tree, error);
        return node != NULL && hc_tree_set_descriptor(tree, node, change->descriptor, error);
    }
    g_return_val_if_reached(FALSE);
}

gboolean
lp_file_changes_apply(LpFileChanges *changes, HcTree *tree, const char *platform, GError **error)
{
    for (guint i = 0; changes != NULL && i < changes->changes->len; i++) {
        if (!apply(changes, changes->changes->pdata[i], tree, platform, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
lp_file_changes_hide_like(const LpFileChanges *changes, HcOutput *output, const char *platform,
                          GError **error)
{
    for (guint i = 0; changes != NULL && i < changes->changes->len; i++) {
        const Change *change = changes->changes->pdata[i];
        if (change->image != NULL &&
            !hc_cli_hide_like_source(output, change->image,
                                     hc_image_is_operand(change->image) ? platform : NULL, error))
            return FALSE;
    }
    return TRUE;
}

void
lp_file_changes_append(GString *out, const HcTree *tree, const char *separator)
{
    const guint n_put = hc_tree_n_put(tree);
    const guint n_removed = hc_tree_n_removed(tree);
    if (n_put > 0)
        g_string_append_printf(out, "%s %u file%s added", separator, n_put, n_put == 1 ? "" : "s");
    if (n_removed > 0)
        g_string_append_printf(out, "%s %u removed", n_put > 0 ? "," : separator, n_removed);
}
