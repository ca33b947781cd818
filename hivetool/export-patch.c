#include "config.h"

#include "hivetool/key-records.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/diff.h"
#include "hivecore/delta/differencing.h"

/* Keys with all that is in them as the change that makes them: lines of reg.exe, Registry.pol. */

/* Classes, descriptors and flags are in no export. Recursion is as deep as the tree, which
 * hc_walk_enter() capped. */
static void
keep_meta(HcDeltaKey *key)
{
    key->kept = HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS;
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        keep_meta(hc_delta_child(key, i));
}

/* The key at @names and what is below it, which make it. */
static gboolean
add_branch(HcDelta *patch, const HcHive *hive, const HtBranch *branch, const HcRoot *root,
           GError **error)
{
    HcWalk walk = hc_walk_start(hive);
    const HcPath path = hc_path_join(hc_delta_arena(patch), root->path, branch->path);
    HcDeltaKey *tree =
        hc_delta_copy_tree(patch, &walk, &branch->key, (uint32_t) branch->path.n, error);
    if (tree == NULL)
        return FALSE;
    keep_meta(tree);
    tree->name = hc_name_dup(hc_delta_arena(patch), path.names[path.n - 1]);
    const HcPath above = {path.names, path.n - 1};
    hc_delta_adopt_child(patch, hc_delta_way(patch, hc_delta_root(patch), above), tree);
    return TRUE;
}

/* What a differencing hive does to the hive below it. */
static gboolean
add_layer(HcDelta *patch, const HcHive *layer, const HtBranch *branch, const HcRoot *root,
          GError **error)
{
    g_autoptr(HcDelta) part = hc_differencing_read_key(layer, branch->path, error);
    if (part != NULL)
        hc_delta_graft(patch, root->path, part);
    return part != NULL;
}

/* One of the hives, all of it or its part of the keys. */
static gboolean
add_hive(HcDelta *patch, const HcCliContext *context, const HtExport *wanted, guint index,
         HcExit *status, GError **error)
{
    const HcRegistryHive *named = hc_registry_hive(wanted->operand->state, index);
    g_autofree char **keys = NULL;
    gboolean is_asked;
    if (!ht_pick_keys(wanted->operand, wanted->keys, index, &keys, &is_asked, error))
        return FALSE;
    if (!is_asked)
        return TRUE;
    g_auto(HtReading) reading = {NULL, NULL};
    g_autoptr(HcRoot) root = NULL;
    g_autoptr(HcArena) arena = hc_arena_new();
    if (!ht_reading_open_of(&reading, context, wanted->operand->state, index, keys == NULL,
                            wanted->is_salvage, error) ||
        !ht_find_root_of(wanted->operand, index, reading.hive, wanted->root_option, &root, error))
        return FALSE;
    if (root == NULL && !wanted->operand->is_one) {
        hc_cli_note(context, "%s: left out, where it hangs in the registry is not known",
                    named->name);
        return TRUE;
    }
    if (root == NULL)
        root = ht_need_root(reading.hive, NULL, error);
    g_autoptr(GArray) branches =
        root != NULL ? ht_reading_find_branches(&reading, context, arena, keys, root, error) : NULL;
    for (guint i = 0; branches != NULL && i < branches->len; i++) {
        const HtBranch *branch = &g_array_index(branches, HtBranch, i);
        if (!(hc_hive_info(reading.hive)->is_differencing ? add_layer : add_branch)(
                patch, reading.hive, branch, root, error))
            return FALSE;
    }
    if (branches == NULL)
        return FALSE;
    if (keys == NULL)
        hc_cli_note_unsound(context, reading.hive);
    if (ht_reading_branches_status(&reading, context, branches) != HC_EXIT_OK)
        *status = HC_EXIT_NO;
    return TRUE;
}

gboolean
ht_export_patch(HcCliContext *context, const HtExport *wanted, HcFormat format, const char *output,
                char **inputs, HcExit *status, GError **error)
{
    const HtPatchForm form = {context, output, inputs, "thing"};
    g_autoptr(HcDelta) patch = hc_delta_new();
    for (guint i = 0; i < hc_registry_n_hives(wanted->operand->state); i++) {
        if (!add_hive(patch, context, wanted, i, status, error))
            return FALSE;
    }
    return (format == HC_FORMAT_POL ? ht_emit_pol : ht_emit_reg_add)(&form, patch, NULL, error);
}
