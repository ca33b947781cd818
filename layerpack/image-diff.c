#include "config.h"

#include "layerpack/image-diff.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/reg/reg-writer.h"

void
lp_image_diff_clear(LpImageDiff *diff)
{
    LpImageSide *sides[] = {&diff->old_side, &diff->new_side};
    for (gsize i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_clear_pointer(&sides[i]->platform, g_free);
        g_clear_pointer(&sides[i]->words, g_free);
        g_clear_pointer(&sides[i]->tree, hc_tree_free);
    }
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        g_clear_pointer(&diff->hives[slot].exact, hc_delta_free);
        g_clear_pointer(&diff->hives[slot].old_text, g_bytes_unref);
        g_clear_pointer(&diff->hives[slot].new_text, g_bytes_unref);
    }
    g_clear_pointer(&diff->files, hc_tree_diff_free);
}

gboolean
lp_image_diff_is_empty(const LpImageDiff *diff)
{
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (diff->hives[slot].exact != NULL && !hc_delta_is_empty(diff->hives[slot].exact))
            return FALSE;
    }
    return diff->files == NULL || diff->files->changes->len == 0;
}

uint64_t
lp_image_diff_n_filtered(const LpImageDiff *diff)
{
    uint64_t n = diff->n_files_filtered;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        n += diff->hives[slot].n_filtered;
    return n;
}

LpFiles
lp_image_diff_files(const LpImageDiff *diff)
{
    return (LpFiles){diff->old_side.tree, diff->new_side.tree, diff->files, diff->n_files_filtered};
}

static gboolean
open_side(LpImageSide *side, const HcCliContext *context, gboolean with_files, GError **error)
{
    side->tree = hc_tree_open(side->operand, side->platform, HC_ALL_HIVES, with_files, error);
    if (side->tree == NULL)
        return FALSE;
    hc_layer_stack_set_dirty_policy(hc_tree_stack(side->tree), context->dirty_policy);
    return TRUE;
}

static gboolean
has_hive(const LpImageSide *side, int slot)
{
    const HcLayerStack *stack = hc_tree_stack(side->tree);
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        const HcLayerHives *layer = hc_layer_stack_layer(stack, i);
        if (layer->has_whole[slot] || layer->has_delta[slot])
            return TRUE;
    }
    return FALSE;
}

/* The effective hive; one that cannot be had is told. */
static HcHive *
open_hive(LpImageDiff *diff, const HcCliContext *context, const LpImageSide *side, int slot)
{
    g_autoptr(GError) failure = NULL;
    HcLayerStack *stack = hc_tree_stack(side->tree);
    HcHive *hive = hc_layer_stack_hive(stack, slot, hc_layer_stack_n_layers(stack), &failure);
    if (hc_layer_stack_note(stack) != NULL)
        hc_cli_note(context, "%s", hc_layer_stack_note(stack));
    if (hive != NULL)
        return hive;
    hc_cli_note(context, "%s", failure->message);
    diff->is_incomplete = TRUE;
    return NULL;
}

/* Returns: (transfer full): what export writes, in UTF-8 */
static GBytes *
export_text(const HcHive *hive, int slot, GError **error)
{
    uint64_t n_left_out;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, error);
    if (root == NULL)
        return NULL;
    const HcName place = hc_name_from_utf8(arena, root->text, strlen(root->text));
    return hc_reg_write_hive(hive, HC_REG_UTF8, place, &n_left_out, error);
}

static gboolean
compare_both(LpHiveDiff *hive, int slot, const HcHive *old_hive, const HcHive *new_hive,
             const LpDiffWish *wish, GError **error)
{
    hive->exact = hc_diff(old_hive, new_hive, wish->ignore, &hive->ignored, error);
    if (hive->exact == NULL)
        return FALSE;
    if (wish->filter != NULL) {
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
        hive->n_filtered = hc_change_filter_apply(wish->filter, hive->exact, root);
    }
    if (!wish->with_texts)
        return TRUE;
    hive->old_text = export_text(old_hive, slot, error);
    hive->new_text = hive->old_text != NULL ? export_text(new_hive, slot, error) : NULL;
    return hive->new_text != NULL;
}

static gboolean
compare_hive(LpImageDiff *diff, const HcCliContext *context, int slot, const LpDiffWish *wish,
             GError **error)
{
    const gboolean is_old = has_hive(&diff->old_side, slot);
    const gboolean is_new = has_hive(&diff->new_side, slot);
    if (is_old != is_new) {
        const LpImageSide *with = is_old ? &diff->old_side : &diff->new_side;
        const LpImageSide *without = is_old ? &diff->new_side : &diff->old_side;
        hc_cli_note(context, "%s//%s: not compared, %s has no hive %s", with->operand,
                    hc_hive_slots[slot].name, without->operand, hc_hive_slots[slot].name);
        diff->is_incomplete = TRUE;
    }
    if (!is_old || !is_new)
        return TRUE;
    g_autoptr(HcHive) old_hive = open_hive(diff, context, &diff->old_side, slot);
    g_autoptr(HcHive) new_hive =
        old_hive != NULL ? open_hive(diff, context, &diff->new_side, slot) : NULL;
    return new_hive == NULL ||
           compare_both(&diff->hives[slot], slot, old_hive, new_hive, wish, error);
}

/* --- files --- */

typedef struct {
    const HcChangeFilter *filter;
    LpFiles files;
} Filtering;

/* A path is looked at as that of a key is: C: is where all files hang. */
static gboolean
keeps_file(HcTreeChange *change, gpointer data)
{
    const Filtering *filtering = data;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autofree char *path = lp_file_change_path(&filtering->files, change);
    const gboolean is_windows = hc_tree_is_windows(filtering->files.new_tree);
    g_auto(GStrv) parts = g_strsplit(path, is_windows ? "\\" : "/", -1);
    const guint n = g_strv_length(parts);
    g_autofree HcName *names = g_new(HcName, n + 1);
    for (guint i = 0; i < n; i++)
        names[i] = hc_name_from_utf8(arena, parts[i], strlen(parts[i]));
    return hc_change_filter_keeps(filtering->filter, lp_file_change_kind(change),
                                  (HcPath){names, n});
}

static gboolean
compare_files(LpImageDiff *diff, const LpDiffWish *wish, GError **error)
{
    diff->files = hc_tree_diff(diff->old_side.tree, diff->new_side.tree, error);
    if (diff->files == NULL)
        return FALSE;
    if ((wish->ignore & HC_IGNORE_SECURITY) != 0)
        hc_tree_diff_ignore_security(diff->files);
    Filtering filtering = {wish->filter, lp_image_diff_files(diff)};
    if (wish->filter != NULL)
        diff->n_files_filtered = hc_tree_diff_prune(diff->files, keeps_file, &filtering);
    return TRUE;
}

gboolean
lp_image_diff_make(LpImageDiff *diff, HcCliContext *context, const LpDiffWish *wish, GError **error)
{
    if (!open_side(&diff->old_side, context, wish->with_files, error) ||
        !open_side(&diff->new_side, context, wish->with_files, error))
        return FALSE;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (!compare_hive(diff, context, slot, wish, error))
            return FALSE;
    }
    if (!wish->with_files)
        return TRUE;
    const char *missing = hc_tree_missing(diff->old_side.tree);
    missing = missing != NULL ? missing : hc_tree_missing(diff->new_side.tree);
    if (missing == NULL)
        return compare_files(diff, wish, error);
    hc_cli_note(context, "files are not compared: %s", missing);
    diff->is_incomplete = TRUE;
    return TRUE;
}
