#include "config.h"

#include "layerpack/image-diff.h"

#include <string.h>

#include "hivecore/base/error.h"

void
lp_image_diff_clear(LpImageDiff *diff)
{
    LpImageSide *sides[] = {&diff->old_side, &diff->new_side};
    for (gsize i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_clear_pointer(&sides[i]->platform, g_free);
        g_clear_pointer(&sides[i]->words, g_free);
        g_clear_pointer(&sides[i]->tree, hc_tree_free);
    }
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        g_clear_pointer(&diff->hives[slot], hc_delta_free);
    g_clear_pointer(&diff->files, hc_tree_diff_free);
}

gboolean
lp_image_diff_is_empty(const LpImageDiff *diff)
{
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (diff->hives[slot] != NULL && !hc_delta_is_empty(diff->hives[slot]))
            return FALSE;
    }
    return diff->files == NULL || diff->files->changes->len == 0;
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

static gboolean
compare_hive(LpImageDiff *diff, const HcCliContext *context, int slot, guint ignore, GError **error)
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
    if (new_hive == NULL)
        return TRUE;
    diff->hives[slot] = hc_diff(old_hive, new_hive, ignore, &diff->ignored[slot], error);
    return diff->hives[slot] != NULL;
}

gboolean
lp_image_diff_make(LpImageDiff *diff, HcCliContext *context, gboolean with_files, guint ignore,
                   GError **error)
{
    if (!open_side(&diff->old_side, context, with_files, error) ||
        !open_side(&diff->new_side, context, with_files, error))
        return FALSE;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (!compare_hive(diff, context, slot, ignore, error))
            return FALSE;
    }
    const char *missing = hc_tree_missing(diff->old_side.tree);
    missing = missing != NULL ? missing : hc_tree_missing(diff->new_side.tree);
    if (with_files && missing != NULL) {
        hc_cli_note(context, "files are not compared: %s", missing);
        diff->is_incomplete = TRUE;
    } else if (with_files) {
        diff->files = hc_tree_diff(diff->old_side.tree, diff->new_side.tree, error);
        return diff->files != NULL;
    }
    return TRUE;
}
