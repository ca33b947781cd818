#include "config.h"

#include <string.h>

#include "hivecore/cli/cli-private.h"

/* HKEY_CURRENT_USER of several users: patches are read once for each, and each time it stands for
 * the hives of another. */

guint
hc_patch_count_users(const HcPatchTarget *targets, gsize n)
{
    guint n_users = 0;
    for (gsize i = 0; i < n; i++)
        n_users = MAX(n_users, targets[i].user);
    return n_users;
}

/* Software\Classes of a user is a hive of its own, HKEY_USERS\X_Classes. */
static void
alias_classes(HcDelta *patch, const HcPatchTarget *target, const HcDeltaPlace *place, guint user)
{
    static const char suffix[] = "_Classes";
    const HcName name = place->path.names[place->path.n - 1];
    const HcName owner = hc_name_part(name, 0, name.n_units - (uint32_t) strlen(suffix));
    const HcName current[] = {HC_NAME_ASCII("HKEY_CURRENT_USER"), HC_NAME_ASCII("Software"),
                              HC_NAME_ASCII("Classes")};
    const HcName own[] = {HC_NAME_ASCII("HKEY_USERS"), owner, HC_NAME_ASCII("Software"),
                          HC_NAME_ASCII("Classes")};
    if (target->user != 0 && target->user == user)
        hc_delta_alias_path(patch, HC_PATH(current), place->path);
    hc_delta_alias_path(patch, HC_PATH(own), place->path);
}

void
hc_patch_alias_users(HcDelta *patch, const HcPatchTarget *targets, const HcDeltaPlace *places,
                     gsize n, guint user)
{
    const HcName current[] = {HC_NAME_ASCII("HKEY_CURRENT_USER")};
    /* The longer paths first. */
    for (gsize i = 0; i < n; i++) {
        if (targets[i].is_classes)
            alias_classes(patch, &targets[i], &places[i], user);
    }
    for (gsize i = 0; i < n; i++) {
        /* A hive of a user that is named itself is there already. */
        if (user != 0 && targets[i].user == user && !targets[i].is_classes &&
            !hc_name_equal(places[i].path.names[0], current[0]))
            hc_delta_alias_path(patch, HC_PATH(current), places[i].path);
    }
}

gsize
hc_patch_choose_targets(const HcPatchTarget *targets, gsize n, guint user, gsize *chosen)
{
    gsize n_chosen = 0;
    for (gsize i = 0; i < n; i++) {
        gboolean is_other = FALSE;
        for (gsize k = 0; k < n && targets[i].user != user; k++)
            is_other |= k != i && hc_root_equal(targets[i].root, targets[k].root) &&
                        (targets[k].user == user || k < i);
        if (!is_other)
            chosen[n_chosen++] = i;
    }
    return n_chosen;
}
