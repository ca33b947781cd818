#include "config.h"

#include "hivetool/patching.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/cli/key-path.h"
#include "hivetool/reading.h"

/* Whose HKEY_CURRENT_USER patches mean, and whether Windows is at rest. */

static const HcRegistryHive *
named(const HtTarget *target)
{
    return hc_registry_hive(target->state, target->index);
}

static gboolean
is_default(const char *user)
{
    return hc_entry_name_equal(user, "Default");
}

/* By the name of the folder, the SID, or "all", who does not have the one for new users. */
static gboolean
is_meant(const HcRegistryHive *hive, const char *word)
{
    const char *user = hive->user;
    static const char users[] = "HKEY_USERS\\";
    if (g_ascii_strcasecmp(word, "all") == 0)
        return !is_default(user);
    const char *place = hive->root->text;
    return hc_entry_name_equal(user, word) ||
           (g_str_has_prefix(place, users) && g_ascii_strcasecmp(place + strlen(users), word) == 0);
}

static void
add_user(GPtrArray *users, const HcRegistryHive *hive)
{
    if (hive->user != NULL && !hive->is_classes)
        g_ptr_array_add(users, hive->user);
}

/* @users: whom there is */
static gboolean
fail_user(GPtrArray *users, const char *word, GError **error)
{
    if (users->len == 0)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--user=%s: there are no users, it is for a Windows disk", word);
    g_ptr_array_add(users, NULL);
    char **names = (char **) (void *) users->pdata;
    g_autofree char *all = g_strjoinv(", ", names);
    g_autofree char *guess = hc_word_guess_listed(word, all);
    return hc_fail(error, HC_ERROR_USAGE, "--user=%s: no such user, there is %s%s", word, all,
                   guess);
}

/* The number that the user of @target has, or would get. */
static guint
number_of(const HtTargets *targets, const HtTarget *target, guint *n_users)
{
    for (gsize i = 0; i < targets->n; i++) {
        if (targets->patched[i].user != 0 &&
            g_strcmp0(named(&targets->items[i])->user, named(target)->user) == 0)
            return targets->patched[i].user;
    }
    return ++*n_users;
}

static gboolean
choose(const HtTargets *targets, const char *word, guint *n_users, GError **error)
{
    gboolean is_found = FALSE;
    for (gsize i = 0; i < targets->n; i++) {
        const HtTarget *target = &targets->items[i];
        if (named(target)->user == NULL || !is_meant(named(target), word))
            continue;
        is_found = TRUE;
        targets->patched[i].user = number_of(targets, target, n_users);
    }
    /* And Software\\Classes of a user who was named by SID. */
    for (gsize i = 0; i < targets->n; i++) {
        const char *user = named(&targets->items[i])->user;
        for (gsize k = 0; user != NULL && k < targets->n; k++) {
            if (targets->patched[k].user != 0 &&
                g_strcmp0(user, named(&targets->items[k])->user) == 0)
                targets->patched[i].user = targets->patched[k].user;
        }
    }
    g_autoptr(GPtrArray) users = g_ptr_array_new();
    for (gsize i = 0; i < targets->n; i++)
        add_user(users, named(&targets->items[i]));
    return is_found || fail_user(users, word, error);
}

/* HKCU=a HKCU=b */
static void
number_pairs(const HtTargets *targets)
{
    guint n = 0;
    for (gsize i = 0; i < targets->n; i++) {
        const HcRoot *root = targets->items[i].root;
        if (root != NULL && root->path.n == 1 &&
            hc_name_equal(root->path.names[0], HC_NAME_ASCII("HKEY_CURRENT_USER")))
            targets->patched[i].user = ++n;
    }
}

gboolean
ht_targets_choose_users(const HtTargets *targets, char **lists, GError **error)
{
    guint n_users = 0;
    if (lists == NULL) {
        number_pairs(targets);
        return TRUE;
    }
    g_autofree char *text = g_strjoinv(",", lists);
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    for (gsize i = 0; words[i] != NULL; i++) {
        if (!choose(targets, words[i], &n_users, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
ht_key_is_current_user(const char *key_text)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    if (!g_utf8_validate(key_text, -1, NULL))
        return FALSE;
    for (guint reading = 0; reading < HC_N_KEY_READINGS; reading++) {
        HcPath path;
        if (hc_key_has_reading(key_text, reading) &&
            hc_key_split(arena, key_text, reading, &path, NULL) && hc_key_find_root(arena, &path))
            return path.n > 0 && hc_name_equal(path.names[0], HC_NAME_ASCII("HKEY_CURRENT_USER"));
    }
    return FALSE;
}

gboolean
ht_check_key_user(const char *user, const char *const *keys, GError **error)
{
    gsize i = 0;
    if (user == NULL)
        return TRUE;
    if (g_ascii_strcasecmp(user, "all") == 0)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--user=all: a key is one user's; 'hivetool apply' changes those of all");
    if (keys == NULL)
        return TRUE;
    while (keys[i] != NULL && !ht_key_is_current_user(keys[i]))
        i++;
    return keys[i] != NULL || hc_fail(error, HC_ERROR_USAGE,
                                      "--user=%s: %s: is not in HKEY_CURRENT_USER", user, keys[0]);
}

gboolean
ht_operand_take_user(HcOperand *operand, const char *user, const char *const *keys, GError **error)
{
    static const char *const places[] = {"HKEY_CURRENT_USER",
                                         "HKEY_CURRENT_USER\\Software\\Classes"};
    g_autoptr(GPtrArray) users = g_ptr_array_new();
    g_autofree char *folder = NULL; /* of the user who is meant */
    if (user == NULL)
        return TRUE;
    if (!ht_check_key_user(user, keys, error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(operand->state); i++) {
        const HcRegistryHive *hive = hc_registry_hive(operand->state, i);
        add_user(users, hive);
        if (folder == NULL && hive->user != NULL && !hive->is_classes && is_meant(hive, user))
            folder = g_strdup(hive->user);
    }
    if (folder == NULL)
        return fail_user(users, user, error);
    for (guint i = 0; i < hc_registry_n_hives(operand->state); i++) {
        const HcRegistryHive *hive = hc_registry_hive(operand->state, i);
        if (g_strcmp0(hive->user, folder) != 0)
            continue;
        HcRoot *root = hc_root_parse(places[hive->is_classes ? 1 : 0], error);
        if (root == NULL)
            return FALSE;
        hc_registry_set_root(operand->state, i, root);
    }
    return TRUE;
}

gboolean
ht_targets_check_awake(const HtTargets *targets, GError **error)
{
    for (gsize i = 0; i < targets->n; i++) {
        const HtTarget *target = &targets->items[i];
        const HcHiveInfo *info = hc_hive_info(target->hive);
        const char *disk = hc_registry_name(target->state);
        gboolean is_hibernated = FALSE;
        if (!hc_registry_is_disk(target->state))
            continue;
        /* The hives of a disk stand together. */
        const gboolean is_known = i > 0 && targets->items[i - 1].state == target->state;
        if (!is_known && !hc_disk_is_hibernated(disk, &is_hibernated, error))
            return FALSE;
        if (is_hibernated)
            return hc_fail(error, HC_ERROR_UNSUPPORTED,
                           "%s: Windows is hibernated on it (hiberfil.sys): shut it down whole, "
                           "as 'shutdown /s /t 0' does, or --even-hibernated",
                           disk);
        if (info->is_dirty || info->is_made_clean)
            return hc_fail(error, HC_ERROR_UNSUPPORTED,
                           "%s: is dirty, Windows was not shut down on %s: start it and shut it "
                           "down, or --even-hibernated",
                           target->file, disk);
    }
    return TRUE;
}
