#include "config.h"

#include "layerpack/build.h"

#include "hivecore/base/error.h"
#include "hivecore/base/root.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/delta/diff.h"
#include "hivecore/regf/check.h"

/* A hive given for another one would replace everything; its names usually tell. */
static void
note_other_hive(const HcCliContext *context, const HcHiveSlot *slot, const HcHive *hive)
{
    g_autoptr(HcRoot) root = hc_root_guess(hc_hive_file(hive), hc_hive_info(hive)->name);
    g_autoptr(HcRoot) wanted = hc_root_parse_name(slot->name, NULL);
    if (root != NULL && !hc_root_equal(root, wanted))
        hc_cli_note(context, "warning: %s: by its name this is %s, not %s", hc_hive_file(hive),
                    root->text, slot->name);
}

static HcHive *
open_input(const HcCliContext *context, const HcHiveSlot *slot, const char *file, GError **error)
{
    g_autoptr(HcHive) hive = hc_cli_open_sound_hive(context, file, error);
    if (hive == NULL)
        return NULL;
    if (hc_hive_info(hive)->is_differencing)
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "%s: is a differencing hive; a layer is made from whole hives", file);
    note_other_hive(context, slot, hive);
    return g_steal_pointer(&hive);
}

/* The change from base to changed; NULL without error when one of them was not given. */
static HcDelta *
diff_input(const HcCliContext *context, int slot, const LpHiveInput *input, const HcHive *base,
           GError **error)
{
    if (base == NULL || input->changed == NULL)
        return NULL;
    g_autoptr(HcHive) changed = open_input(context, &hc_hive_slots[slot], input->changed, error);
    if (changed == NULL)
        return NULL;
    g_autoptr(HcDelta) delta = hc_diff(base, changed, HC_IGNORE_DEFAULT, NULL, error);
    if (delta != NULL)
        hc_cli_note_change(context, hc_hive_slots[slot].name, delta, "no change");
    return g_steal_pointer(&delta);
}

static gboolean
add_delta(const HcCliContext *context, HcLayerOutput *output, int index, const LpHiveInput *input,
          gboolean *is_empty, GError **error)
{
    const HcHiveSlot *slot = &hc_hive_slots[index];
    g_autoptr(HcHive) base = NULL;
    if (input->base != NULL) {
        base = open_input(context, slot, input->base, error);
        if (base == NULL)
            return FALSE;
    }
    GError *diff_error = NULL;
    g_autoptr(HcDelta) delta = diff_input(context, index, input, base, &diff_error);
    if (diff_error != NULL)
        return hc_fail_with(error, diff_error);
    *is_empty = delta == NULL || hc_delta_is_empty(delta);
    return lp_put_delta(context, output, index, base, delta, error);
}

static gboolean
create_delta_form(const HcCliContext *context, const LpHiveInput *inputs, HcTree *files,
                  HcLayerOutput *output, GError **error)
{
    static const char *const folders[] = {"Hives", NULL};
    const HcTreeLayer layer = {context->epoch, output};
    if (!hc_tree_write_folder(files, &layer, "Files", error) ||
        !lp_put_folders(context, output, folders, error))
        return FALSE;
    gboolean is_any_changed = FALSE;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        gboolean is_empty = FALSE;
        if (!add_delta(context, output, i, &inputs[i], &is_empty, error))
            return FALSE;
        is_any_changed |= !is_empty;
    }
    if (!is_any_changed)
        hc_cli_note(context, "no registry change: all five hives are empty");
    return hc_tree_write(files, &layer, error);
}

static gboolean
add_full(const HcCliContext *context, HcLayerOutput *output, int index, const LpHiveInput *input,
         GError **error)
{
    const HcHiveSlot *slot = &hc_hive_slots[index];
    g_autoptr(HcHive) hive = open_input(context, slot, input->changed, error);
    if (hive == NULL || !hc_hive_check(hive, NULL, error))
        return FALSE;
    if (input->base != NULL) {
        g_autoptr(HcHive) base = open_input(context, slot, input->base, error);
        g_autoptr(HcDelta) delta =
            base != NULL ? hc_diff(base, hive, HC_IGNORE_DEFAULT, NULL, error) : NULL;
        if (delta == NULL)
            return FALSE;
        hc_cli_note_change(context, slot->name, delta, "no change");
    }
    /* A hive that could be opened is below HC_MAX_HIVE_BYTES, so the cast loses nothing. */
    const HcMap *map = hc_hive_map(hive);
    HcBlob content = {hc_map_data(map), (uint32_t) hc_map_size(map)};
    return lp_put_entry(context, output, slot->config_entry, FALSE, content, error);
}

static gboolean
create_full_form(const HcCliContext *context, const LpHiveInput *inputs, HcTree *files,
                 HcLayerOutput *output, GError **error)
{
    /* Every folder needs an entry of its own before what is in it, and a layer above a base
     * needs Hives even when that is empty. */
    static const char *const folders[] = {"Files", "Files/Windows", "Files/Windows/System32",
                                          "Files/Windows/System32/config", NULL};
    static const char *const hives[] = {"Hives", NULL};
    const HcTreeLayer layer = {context->epoch, output};
    for (gsize i = 0; folders[i] != NULL; i++) {
        if (hc_tree_make_folder(files, folders[i], error) == NULL ||
            !hc_tree_write_folder(files, &layer, folders[i], error))
            return FALSE;
    }
    if (!lp_put_folders(context, output, hives, error))
        return FALSE;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (inputs[i].changed != NULL && !add_full(context, output, i, &inputs[i], error))
            return FALSE;
    }
    return hc_tree_write(files, &layer, error);
}

gboolean
lp_create_layer(const HcCliContext *context, const LpHiveInput *inputs, LpForm form, HcTree *files,
                HcLayerOutput *output, GError **error)
{
    switch (form) {
    case LP_FORM_DELTA:
        return create_delta_form(context, inputs, files, output, error);
    case LP_FORM_FULL:
        return create_full_form(context, inputs, files, output, error);
    }
    g_return_val_if_reached(FALSE);
}
