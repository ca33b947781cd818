#include "config.h"

#include "hivetool/patches.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/reg/reg-reader.h"
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
read_patch(HcDelta *patch, const char *file, const HtPatchOptions *options, GError **error)
{
    g_autoptr(GBytes) content = hc_read_stream(file, HC_MAX_PATCH_BYTES, error);
    if (content == NULL)
        return FALSE;
    if (is_json(content))
        return hc_json_read(patch, file, content, error);
    HcRegReadOptions reg_options = {.ansi_codepage = options->ansi_codepage};
    return hc_reg_read(patch, file, content, &reg_options, NULL, error);
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

/* hc_delta_rebase() takes what is below the root key; this takes what is said of that key itself.
 */
static void
keep_root_meta(HcDelta *below, const HcDelta *patch, const HcRoot *root)
{
    const HcDeltaKey *key = hc_delta_root(patch);
    for (gsize i = 0; root != NULL && i < root->n_names && key != NULL; i++)
        key = hc_delta_find_child(key, root->names[i]);
    if (key == NULL)
        return;
    HcDeltaKey *below_root = hc_delta_root(below);
    below_root->changed = key->changed;
    below_root->after = key->after;
    below_root->after.class_name = hc_delta_dup_blob(below, key->after.class_name, FALSE);
    below_root->after.security = hc_delta_dup_blob(below, key->after.security, TRUE);
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
    keep_root_meta(below, patch, root);
    if (n_skipped > 0)
        hc_cli_note(context, "%" G_GUINT64_FORMAT " statement%s outside %s skipped", n_skipped,
                    n_skipped == 1 ? "" : "s", root != NULL ? root->text : "the hive");
    return g_steal_pointer(&below);
}

HcDelta *
ht_load_patches(HcCliContext *context, const HcHive *hive, char **files,
                const HtPatchOptions *options, HcRoot **root, GError **error)
{
    if (!check_stdin_once(files, error))
        return NULL;
    g_autoptr(HcRoot) place = NULL;
    if (!ht_find_root(hive, options->root, &place, error))
        return NULL;

    g_autoptr(HcDelta) patch = hc_delta_new();
    if (options->last_wins)
        hc_delta_last_wins(patch);
    for (gsize i = 0; files[i] != NULL; i++) {
        if (!read_patch(patch, files[i], options, error))
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
    if (below == NULL || !hc_delta_map_control_set(below, hive, error))
        return NULL;
    HcDelta *exact = hc_delta_resolve(below, hive, error);
    if (exact != NULL)
        *root = g_steal_pointer(&place);
    return exact;
}
