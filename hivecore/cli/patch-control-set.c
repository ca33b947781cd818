#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/cli/cli-private.h"
#include "hivecore/delta/control-set.h"
#include "hivecore/delta/resolve.h"

/* CurrentControlSet, which no hive holds: patches name it, and Select\Current says what it is. */

/* CurrentControlSet, as .reg files name it and, with @is_alone, as JSON deltas without a root do.
 */
gboolean
hc_patch_alias_control_set(HcDelta *patch, const HcHive *hive, const HcDeltaPlace *place,
                           gboolean is_alone, GError **error)
{
    const HcName link[] = {HC_CONTROL_SET_LINK};
    GError *failure = NULL;
    HcName set;
    if (!hc_control_set(hive, hc_delta_arena(patch), &set, &failure)) {
        /* A set that is missing matters to patches that name it: check_control_set(). */
        if (!g_error_matches(failure, HC_ERROR, HC_ERROR_CONFLICT))
            return hc_fail_with(error, failure);
        g_clear_error(&failure);
    }
    if (set.n_units == 0)
        return TRUE;
    if (is_alone)
        hc_delta_alias(patch, HC_PATH(link), set);
    if (place->path.n > 0)
        hc_delta_alias(patch, hc_path_join(hc_delta_arena(patch), place->path, HC_PATH(link)), set);
    return TRUE;
}

static gboolean
is_system(const HcRoot *root)
{
    return root != NULL && g_ascii_strcasecmp(root->text, "HKEY_LOCAL_MACHINE\\SYSTEM") == 0;
}

/* A patch for a SYSTEM hive must not make a key CurrentControlSet, which Windows would hide. */
gboolean
hc_patch_check_control_set(const HcPatchTarget *target, GError **error)
{
    const HcName link = HC_CONTROL_SET_LINK;
    HcKey key;
    GError *failure = NULL;
    if (!is_system(target->root) ||
        hc_delta_find_child(hc_delta_root(target->part), link) == NULL ||
        hc_hive_lookup(target->hive, &link, 1, &key, &failure))
        return TRUE;
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName set;
    if (failure == NULL && hc_control_set(target->hive, arena, &set, &failure))
        hc_set_error(&failure, HC_ERROR_CONFLICT,
                     "%s: the patch changes CurrentControlSet, but the hive has no Select\\Current "
                     "that says which ControlSet00N this is",
                     hc_hive_file(target->hive));
    return hc_fail_with(error, failure);
}

char *
hc_patch_control_set_use(const HcDelta *patch, const HcDeltaPlace *place)
{
    const HcName link[] = {HC_CONTROL_SET_LINK};
    g_autoptr(HcArena) arena = hc_arena_new();
    HcOrigin origin;
    if (!hc_delta_alias_use(patch, hc_path_join(arena, place->path, HC_PATH(link)), &origin) &&
        !hc_delta_alias_use(patch, HC_PATH(link), &origin))
        return NULL;
    GString *text = g_string_new(NULL);
    hc_delta_append_origin(text, patch, origin);
    return g_string_free(text, FALSE);
}

/*
 * Patches that speak of CurrentControlSet, at @use, and change which set that is: applied again
 * they would mean another one.
 */
gboolean
hc_patch_check_current(const HcPatchTarget *target, const char *use, GError **error)
{
    if (use == NULL)
        return TRUE;
    g_autoptr(HcDelta) lowered = hc_delta_lower(target->exact);
    const HcDeltaKey *select = hc_delta_find_child(hc_delta_root(lowered), HC_NAME_ASCII("Select"));
    const HcDeltaValue *current =
        select != NULL ? hc_delta_find_value(select, HC_NAME_ASCII("Current")) : NULL;
    if (select == NULL || (select->op != HC_KEY_DELETE && current == NULL))
        return TRUE;
    g_autoptr(GString) text = g_string_new(NULL);
    hc_delta_append_origin(text, lowered, current != NULL ? current->origin : select->origin);
    g_string_append(text, text->len > 0 ? ": " : "");
    hc_delta_append_path(text, select, target->root != NULL ? target->root->text : "");
    return hc_fail(
        error, HC_ERROR_CONFLICT,
        "%s: \"Current\": this changes which key CurrentControlSet at %s stands for (name "
        "the ControlSet00N there, or apply two patches, one after the other)",
        text->str, use);
}
