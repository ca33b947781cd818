#include "config.h"

#include "hivetool/key-records.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/reg/pol.h"

/* Keys with all that is in them as the change that makes them: lines of reg.exe, Registry.pol. */

typedef struct {
    const HcCliContext *context;
    const HtExport *wanted;
    HcPatchText *text;
    HcExit *status; /* HC_EXIT_NO when something could not be read */
} Export;

/* What a differencing hive does to the hive below it. */
static gboolean
write_layer(const Export *export, const HcHive *layer, const HtBranch *branch, const HcRoot *root,
            GError **error)
{
    g_autoptr(HcDelta) part = hc_differencing_read_key(layer, branch->path, error);
    return part != NULL && hc_patch_text_delta(export->text, root->path, part, error);
}

static gboolean
write_branches(const Export *export, const HcHive *hive, const GArray *branches, const HcRoot *root,
               GError **error)
{
    const gboolean is_layer = hc_hive_info(hive)->is_differencing;
    for (guint i = 0; i < branches->len; i++) {
        const HtBranch *branch = &g_array_index(branches, HtBranch, i);
        if (!(is_layer ? write_layer(export, hive, branch, root, error)
                       : hc_patch_text_hive(export->text, root->path, branch->path, hive,
                                            &branch->key, error)))
            return FALSE;
    }
    return TRUE;
}

/* One of the hives, all of it or its part of the keys. */
static gboolean
write_hive(const Export *export, guint index, GError **error)
{
    const HtExport *wanted = export->wanted;
    const HcCliContext *context = export->context;
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
    if (branches == NULL || !write_branches(export, reading.hive, branches, root, error))
        return FALSE;
    if (keys == NULL)
        hc_cli_note_unsound(context, reading.hive);
    if (ht_reading_branches_status(&reading, context, branches) != HC_EXIT_OK)
        *export->status = HC_EXIT_NO;
    return TRUE;
}

/* What is known before anything is written; not where --root says another place. */
static gboolean
check_roots(const HtExport *wanted, HcFormat format, GError **error)
{
    if (format != HC_FORMAT_POL || wanted->root_option != NULL)
        return TRUE;
    for (guint i = 0; i < hc_registry_n_hives(wanted->operand->state); i++) {
        const HcRoot *root = hc_registry_hive(wanted->operand->state, i)->root;
        g_autofree char **keys = NULL;
        gboolean is_asked;
        if (!ht_pick_keys(wanted->operand, wanted->keys, i, &keys, &is_asked, error) ||
            (is_asked && root != NULL && !hc_pol_check_root(root->path.names[0], error)))
            return FALSE;
    }
    return TRUE;
}

gboolean
ht_export_patch(HcCliContext *context, const HtExport *wanted, HcFormat format, const char *output,
                char **inputs, HcExit *status, GError **error)
{
    g_autoptr(HcStream) out = check_roots(wanted, format, error)
                                  ? hc_cli_open_stream(context, output, inputs, error)
                                  : NULL;
    if (out == NULL)
        return FALSE;
    g_autoptr(HcPatchText) text = ht_patch_text_new(format, out, HC_NAME_EMPTY);
    const Export export = {context, wanted, text, status};
    for (guint i = 0; i < hc_registry_n_hives(wanted->operand->state); i++) {
        if (!write_hive(&export, i, error))
            return FALSE;
    }
    return ht_patch_text_publish(context, format, text, out, "thing", error);
}
