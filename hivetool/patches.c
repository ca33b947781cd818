#include "config.h"

#include "hivetool/patches.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/delta/control-set.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/regf/layout.h"
#include "hivecore/report/report.h"

/* No .reg file starts with a brace. */
static gboolean
is_json(GBytes *content)
{
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(content, &n_bytes);
    gsize i = 0;
    while (i < n_bytes && strchr(" \t\r\n", bytes[i]) != NULL && bytes[i] != '\0')
        i++;
    return i < n_bytes && bytes[i] == '{';
}

static gboolean
read_patch(HcCliContext *context, HcDelta *patch, const char *file, const HtPatchOptions *options,
           GError **error)
{
    g_autoptr(GBytes) content = hc_read_stream(file, HC_MAX_PATCH_BYTES, error);
    if (content == NULL)
        return FALSE;
    if (is_json(content))
        return hc_json_read(patch, file, content, error);
    HcRegReadOptions reg_options = {.ansi_codepage = (guint) options->ansi_codepage,
                                    .compat_regedit = options->compat != NULL};
    uint64_t n_skipped = 0;
    if (!hc_reg_read(patch, file, content, &reg_options, &n_skipped, error))
        return FALSE;
    if (n_skipped > 0)
        hc_cli_note(context, "%s: %" G_GUINT64_FORMAT " line%s skipped, as regedit does", file,
                    n_skipped, n_skipped == 1 ? "" : "s");
    return TRUE;
}

/* Whether the patch speaks of places in the registry and not of keys below a hive's root. */
static gboolean
has_hkey(const HcDelta *patch)
{
    const HcDeltaKey *root = hc_delta_root(patch);
    for (guint i = 0; i < hc_delta_n_children(root); i++) {
        gboolean is_abbreviated;
        if (hc_root_full_name(hc_delta_child(root, i)->name, &is_abbreviated) != NULL)
            return TRUE;
    }
    return FALSE;
}

/* Whether the patch has anything that is not below an HKEY_ name: a JSON delta without "root". */
static gboolean
has_bare(const HcDelta *patch)
{
    const HcDeltaKey *root = hc_delta_root(patch);
    if (hc_delta_n_values(root) > 0 || root->changed != 0)
        return TRUE;
    for (guint i = 0; i < hc_delta_n_children(root); i++) {
        gboolean is_abbreviated;
        if (hc_root_full_name(hc_delta_child(root, i)->name, &is_abbreviated) == NULL)
            return TRUE;
    }
    return FALSE;
}

static gboolean
check_stdin_once(char **files, GError **error)
{
    guint n = 0;
    for (gsize i = 0; files[i] != NULL; i++)
        n += g_str_equal(files[i], "-") ? 1 : 0;
    if (n <= 1)
        return TRUE;
    g_set_error(error, HC_ERROR, HC_ERROR_USAGE, "standard input can be only one of the patches");
    return FALSE;
}

/* Below the hive's root key: as it stands, or what is left below @root. */
static HcDelta *
rebase(HcCliContext *context, const HcDelta *patch, const HcRoot *root,
       const HtPatchOptions *options, GError **error)
{
    uint64_t n_skipped = 0;
    g_autoptr(HcDelta) below =
        hc_delta_rebase(patch, root != NULL ? root->names : NULL, root != NULL ? root->n_names : 0,
                        options->skip_foreign, &n_skipped, error);
    if (below == NULL)
        return NULL;
    if (n_skipped > 0)
        hc_cli_note(context, "%" G_GUINT64_FORMAT " statement%s outside %s skipped", n_skipped,
                    n_skipped == 1 ? "" : "s", root != NULL ? root->text : "the hive");
    return g_steal_pointer(&below);
}

/* CurrentControlSet, as .reg files name it and as JSON deltas without a root do. */
static gboolean
alias_control_set(HcDelta *patch, const HcHive *hive, const HcRoot *root, GError **error)
{
    const HcName link = HC_CONTROL_SET_LINK;
    const gsize n = root != NULL ? root->n_names : 0;
    GError *failure = NULL;
    HcName set;
    if (!hc_control_set(hive, hc_delta_arena(patch), &set, &failure)) {
        /* A set that is missing matters to patches that name it: check_control_set(). */
        if (!g_error_matches(failure, HC_ERROR, HC_ERROR_CONFLICT)) {
            g_propagate_error(error, failure);
            return FALSE;
        }
        g_clear_error(&failure);
    }
    if (set.n_units == 0)
        return TRUE;
    hc_delta_alias(patch, &link, 1, set);
    if (n > 0) {
        g_autofree HcName *path = g_new(HcName, n + 1);
        memcpy(path, root->names, n * sizeof *path);
        path[n] = link;
        hc_delta_alias(patch, path, n + 1, set);
    }
    return TRUE;
}

/* A patch for a SYSTEM hive must not make a key CurrentControlSet, which Windows would hide. */
static gboolean
check_control_set(const HcDelta *below, const HcHive *hive, const HcRoot *root, GError **error)
{
    const HcName link = HC_CONTROL_SET_LINK;
    HcKey key;
    GError *failure = NULL;
    if (root == NULL || g_ascii_strcasecmp(root->text, "HKEY_LOCAL_MACHINE\\SYSTEM") != 0 ||
        hc_delta_find_child(hc_delta_root(below), link) == NULL ||
        hc_hive_lookup(hive, &link, 1, &key, &failure))
        return TRUE;
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName set;
    if (failure == NULL && hc_control_set(hive, arena, &set, &failure))
        g_set_error(&failure, HC_ERROR, HC_ERROR_CONFLICT,
                    "%s: the patch changes CurrentControlSet, but the hive has no Select\\Current "
                    "that says which ControlSet00N this is",
                    hc_hive_file(hive));
    g_propagate_error(error, failure);
    return FALSE;
}

/* Windows follows a symbolic link key; the patch is applied to the link itself. */
static void
note_links(HcCliContext *context, const HcHive *hive, const HcDeltaKey *node, const HcKey *key,
           const char *root)
{
    if ((key->flags & HC_KEY_FLAG_SYMLINK) != 0 && node->parent != NULL) {
        g_autoptr(GString) path = g_string_new(NULL);
        hc_delta_append_path(path, node, root);
        hc_cli_note(context,
                    "%s: a symbolic link, which Windows follows; the patch changes the link itself",
                    path->str);
    }
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        HcKey subkey;
        if (child->op == HC_KEY_KEEP && hc_hive_subkey(hive, key, child->name, &subkey, NULL))
            note_links(context, hive, child, &subkey, root);
    }
}

static gboolean
check_options(const HtPatchOptions *options, GError **error)
{
    if (options->ansi_codepage < 0) {
        g_set_error(error, HC_ERROR, HC_ERROR_USAGE, "--ansi-codepage is negative");
        return FALSE;
    }
    if (options->compat == NULL || g_str_equal(options->compat, "regedit"))
        return TRUE;
    g_set_error(error, HC_ERROR, HC_ERROR_USAGE, "--compat is '%s', not regedit", options->compat);
    return FALSE;
}

HcDelta *
ht_load_patches(HcCliContext *context, const HcHive *hive, char **files,
                const HtPatchOptions *options, HcRoot **root, GError **error)
{
    if (!check_options(options, error) || !check_stdin_once(files, error))
        return NULL;
    g_autoptr(HcRoot) place = NULL;
    if (!ht_find_root(hive, options->root, &place, error))
        return NULL;

    g_autoptr(HcDelta) patch = hc_delta_new();
    if (options->last_wins)
        hc_delta_last_wins(patch);
    if (!alias_control_set(patch, hive, place, error))
        return NULL;
    for (gsize i = 0; files[i] != NULL; i++) {
        if (!read_patch(context, patch, files[i], options, error))
            return NULL;
    }
    gboolean is_bare = has_bare(patch);
    if (is_bare && has_hkey(patch)) {
        g_set_error(
            error, HC_ERROR, HC_ERROR_UNSUPPORTED,
            "a JSON delta without \"root\" cannot be mixed with patches that name HKEY_ keys");
        return NULL;
    }
    if (!is_bare && place == NULL && has_hkey(patch)) {
        place = ht_need_root(hive, options->root, error);
        if (place == NULL)
            return NULL;
    }
    g_autoptr(HcDelta) below = rebase(context, patch, is_bare ? NULL : place, options, error);
    if (below == NULL || !check_control_set(below, hive, place, error))
        return NULL;
    HcDelta *exact = hc_delta_resolve(below, hive, error);
    HcKey key;
    if (exact == NULL)
        return NULL;
    if (hc_hive_root(hive, &key, NULL))
        note_links(context, hive, hc_delta_root(exact), &key, place != NULL ? place->text : "");
    *root = g_steal_pointer(&place);
    return exact;
}
