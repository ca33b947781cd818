#include "config.h"

#include "layerpack/build.h"

#include "hivecore/base/error.h"
#include "hivecore/base/sha256.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/report/report.h"

/* Opens the effective hives. @any_missing: (out): why one is not there, NULL when all are */
static gboolean
open_hives(LpRegistryChange *change, HcCliContext *context, HcLayerStack *stack,
           GError **any_missing, GError **error)
{
    const guint n_layers = hc_layer_stack_n_layers(stack);
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        GError *failure = NULL;
        change->hives[i] = hc_layer_stack_hive(stack, i, n_layers, &failure);
        change->targets[i].hive = change->hives[i];
        if (hc_layer_stack_note(stack) != NULL)
            hc_cli_note(context, "%s", hc_layer_stack_note(stack));
        if (failure == NULL)
            continue;
        if (!g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
            return hc_fail_with(error, failure);
        if (*any_missing == NULL)
            *any_missing = failure;
        else
            g_error_free(failure);
    }
    return TRUE;
}

/* The targets whose hives are there, in their order; all that are known are in the image. */
static gboolean
resolve(LpRegistryChange *change, HcCliContext *context, GPtrArray *files,
        const HcPatchOptions *options, GError **error)
{
    HcPatchTarget targets[HC_N_HIVE_SLOTS] = {{NULL, NULL, 0, FALSE, NULL, NULL}};
    int slots[HC_N_HIVE_SLOTS];
    gsize n_targets = 0;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (change->targets[i].hive == NULL)
            continue;
        change->targets[i].root = hc_root_parse_name(hc_hive_slots[i].name, error);
        if (change->targets[i].root == NULL)
            return FALSE;
        slots[n_targets] = i;
        targets[n_targets++] = change->targets[i];
    }
    if (!hc_patches_resolve(context, files, targets, n_targets, options, error))
        return FALSE;
    for (gsize i = 0; i < n_targets; i++)
        change->targets[slots[i]] = targets[i];
    return TRUE;
}

gboolean
lp_registry_change_make(LpRegistryChange *change, HcCliContext *context, HcLayerStack *stack,
                        GPtrArray *files, const HcPatchOptions *options, GError **error)
{
    if (files == NULL)
        return TRUE;
    g_autoptr(GError) missing = NULL;
    if (!open_hives(change, context, stack, &missing, error))
        return FALSE;
    gboolean has_any = FALSE;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++)
        has_any |= change->targets[i].hive != NULL;
    if (!has_any)
        return hc_fail_with(error, g_steal_pointer(&missing));
    if (!resolve(change, context, files, options, error))
        return FALSE;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (change->targets[i].exact != NULL && !hc_delta_is_empty(change->targets[i].exact))
            hc_cli_note_change(context, hc_hive_slots[i].name, change->targets[i].exact,
                               "no change");
    }
    return TRUE;
}

void
lp_registry_change_clear(LpRegistryChange *change)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        HcPatchTarget *target = &change->targets[i];
        hc_patch_target_clear(target);
        g_clear_pointer(&target->root, hc_root_free);
        target->hive = NULL;
        g_clear_pointer(&change->hives[i], hc_hive_unref);
    }
}

gboolean
lp_registry_change_is_empty(const LpRegistryChange *change)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (change->targets[i].exact != NULL && !hc_delta_is_empty(change->targets[i].exact))
            return FALSE;
    }
    return TRUE;
}

void
lp_registry_change_print(const LpRegistryChange *change, HcCliContext *context,
                         const HcShowing *showing)
{
    gboolean is_first = TRUE;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const HcPatchTarget *target = &change->targets[i];
        if (target->exact == NULL || hc_delta_is_empty(target->exact))
            continue;
        g_autoptr(HcDelta) lowered = hc_delta_lower(target->exact);
        HcReportOptions options = {.root = target->root->text, .color = context->color};
        hc_cli_fit_report(context, showing, NULL, HC_REPORT_LINES / 2, &options);
        g_string_append_printf(context->out, "%s%s:\n", is_first ? "" : "\n",
                               hc_hive_slots[i].name);
        hc_report_text(context->stream, lowered, &options);
        is_first = FALSE;
    }
}

gboolean
lp_registry_change_put(const LpRegistryChange *change, const HcCliContext *context,
                       HcLayerOutput *output, GError **error)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const HcPatchTarget *target = &change->targets[i];
        const gboolean is_empty = target->exact == NULL || hc_delta_is_empty(target->exact);
        if (!lp_put_delta(context, output, i, is_empty ? NULL : target->hive,
                          is_empty ? NULL : target->exact, error))
            return FALSE;
    }
    return TRUE;
}

/* The topmost layer above the base that lacks a differencing hive, or -1. */
static int
find_gap(const HcLayerStack *stack)
{
    int topmost = -1;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++)
        topmost = MAX(topmost, hc_layer_stack_gap(stack, i, hc_layer_stack_n_layers(stack)));
    return topmost;
}

static gboolean
is_no_hive(GBytes *content)
{
    return g_bytes_get_size(content) < HC_LAYER_START_BYTES || hc_layer_content_is_cut(content);
}

/* Whether files have the names of the base's hives and are none: NULL when not, else which. The
 * first release of the HostProcess base image has five empty files there
 * (microsoft/windows-host-process-containers-base-image#10); importing a layer with differencing
 * hives above them fails (hcsshim pull request 901). Only the base's whole hives are kept, so it is
 * the layer that has some. */
static char *
find_broken(const HcLayerStack *stack)
{
    g_autoptr(GString) names = g_string_new(NULL);
    guint n_broken = 0;
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        const HcLayerHives *layer = hc_layer_stack_layer(stack, i);
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            if (layer->whole[slot] == NULL || !is_no_hive(layer->whole[slot]))
                continue;
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                                   hc_hive_slots[slot].config_entry);
            n_broken++;
        }
    }
    if (n_broken == 0)
        return NULL;
    return g_strdup_printf("%s %s", names->str,
                           n_broken == 1 ? "is no registry hive" : "are no registry hives");
}

gboolean
lp_registry_check_base(const HcLayerStack *stack, const char *where, GError **error)
{
    g_autofree char *broken = find_broken(stack);
    if (broken == NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_CONFLICT,
                   "%s: %s: Windows would import no layer with registry changes on top of it; "
                   "'layerpack scratch' makes a base image that has hives",
                   where, broken);
}

gboolean
lp_registry_has_deltas(const HcCliContext *context, const HcLayerStack *stack, const char *where,
                       const LpRegistryChange *change)
{
    const int gap = stack != NULL ? find_gap(stack) : -1;
    g_autofree char *broken = stack != NULL ? find_broken(stack) : NULL;
    if (broken != NULL)
        hc_cli_note(
            context,
            "%s: %s: the new layer has no differencing hives, on top of which Windows would "
            "not import it",
            where, broken);
    if (lp_registry_change_is_empty(change))
        return stack != NULL && gap < 0 && broken == NULL;
    if (gap >= 0)
        hc_cli_note(
            context,
            "warning: layer %d of %s lacks differencing hives: where layers are CIM images, "
            "Windows cannot import a layer with them on top of it",
            gap + 1, where);
    return TRUE;
}

char *
lp_patch_digests(const GPtrArray *patches)
{
    g_autoptr(GString) digests = g_string_new(NULL);
    for (guint i = 0; i < patches->len; i++) {
        const HcPatchFile *patch = patches->pdata[i];
        g_autofree char *hex = hc_sha256_of_bytes(patch->content);
        g_string_append_printf(digests, "%ssha256:%s", i > 0 ? "," : "", hex);
    }
    return g_string_free(g_steal_pointer(&digests), FALSE);
}

void
lp_patches_append(GString *out, const GPtrArray *patches)
{
    for (guint i = 0; patches != NULL && i < patches->len; i++) {
        const HcPatchFile *patch = patches->pdata[i];
        g_autofree char *base = g_path_get_basename(patch->name);
        g_autofree char *name = g_utf8_make_valid(base, -1);
        g_autofree char *hex = hc_sha256_of_bytes(patch->content);
        g_string_append_printf(out, "%s %s sha256:%s", i == 0 ? ":" : ",", name, hex);
    }
}
