#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/registry/registry-private.h"

/* An export as a state: what a .reg file says is all that there is. It says nothing of descriptors,
 * classes and times; new keys inherit from the root. */

static gboolean
refuse_deletion(const char *file, HcOrigin origin, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s:%u: deletes something, so the file is a change, and no state", file,
                   origin.line);
}

/* Recursion is as deep as keys are, HC_MAX_KEY_DEPTH. */
static gboolean
check_state(const char *file, const HcDeltaKey *key, GError **error)
{
    if (hc_delta_is_gone(key))
        return refuse_deletion(file, key->origin, error);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (value->op == HC_VALUE_DELETE)
            return refuse_deletion(file, value->origin, error);
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (!check_state(file, hc_delta_child(key, i), error))
            return FALSE;
    }
    return TRUE;
}

/* Where the hive hangs that has all keys of @patch: two names below these, else one. */
static const HcDeltaKey *
find_place(const HcDelta *patch)
{
    const HcDeltaKey *top = hc_delta_child(hc_delta_root(patch), 0);
    const gboolean has_hives = hc_name_equal(top->name, HC_NAME_ASCII("HKEY_LOCAL_MACHINE")) ||
                               hc_name_equal(top->name, HC_NAME_ASCII("HKEY_USERS"));
    return has_hives && hc_delta_n_children(top) == 1 && hc_delta_n_values(top) == 0
               ? hc_delta_child(top, 0)
               : top;
}

HcDelta *
hc_reg_state_read(const char *file, GBytes *content, HcRoot **root, GError **error)
{
    const HcRegReadOptions options = {0};
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (!hc_reg_read(patch, file, content, &options, NULL, error) ||
        !check_state(file, hc_delta_root(patch), error))
        return NULL;
    if (hc_delta_n_children(hc_delta_root(patch)) != 1)
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "%s: is a state of one root, such as HKEY_LOCAL_MACHINE, only", file);
    const HcDeltaKey *at = find_place(patch);
    g_autoptr(GString) text = g_string_new(NULL);
    hc_delta_append_path(text, at, NULL);
    g_autoptr(HcRoot) place = hc_root_parse(text->str, error);
    if (place == NULL)
        return NULL;
    const HcName names[] = {at->parent == hc_delta_root(patch) ? at->name : at->parent->name,
                            at->name};
    HcDeltaPlace route = {{names, at->parent == hc_delta_root(patch) ? 1 : 2}, NULL};
    if (!hc_delta_route(patch, &route, 1, FALSE, NULL, error))
        return NULL;
    if (root != NULL)
        *root = g_steal_pointer(&place);
    return route.part;
}

HcRoot *
hc_reg_state_root(const char *file, GError **error)
{
    HcRoot *root = NULL;
    g_autoptr(GBytes) content = hc_read_stream(file, HC_MAX_PATCH_BYTES, error);
    g_autoptr(HcDelta) part =
        content != NULL ? hc_reg_state_read(file, content, &root, error) : NULL;
    return root;
}
