#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/cli/patches.h"
#include "hivecore/regf/security.h"

gboolean
hc_new_keys_parse(const char *rule, HcArena *arena, HcCreator *creator, gboolean *is_copy,
                  GError **error)
{
    static const char *const form =
        "--new-keys is '%s', not inherit, inherit:OWNER[:GROUP] or copy";
    g_auto(GStrv) parts = g_strsplit(rule != NULL ? rule : "inherit", ":", 4);
    const guint n = g_strv_length(parts);
    *creator = hc_creator_system();
    *is_copy = n == 1 && g_str_equal(parts[0], "copy");
    if (*is_copy)
        return TRUE;
    if (n < 1 || n > 3 || !g_str_equal(parts[0], "inherit"))
        return hc_fail(error, HC_ERROR_USAGE, form, rule);
    for (guint i = 1; i < n; i++) {
        g_autoptr(GError) failure = NULL;
        g_autoptr(GBytes) sid = hc_sid_parse(parts[i], &failure);
        if (sid == NULL)
            return hc_fail(error, HC_ERROR_USAGE, "--new-keys=%s: %s", rule, failure->message);
        const gsize n_bytes = g_bytes_get_size(sid);
        const HcBlob blob = {hc_arena_dup(arena, g_bytes_get_data(sid, NULL), n_bytes),
                             (uint32_t) n_bytes};
        creator->owner = i == 1 ? blob : creator->owner;
        creator->group = blob;
    }
    return TRUE;
}
