#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/cli/key-path.h"
#include "hivetool/reading.h"

/* Which hive of a state of several a key is in. */

/* Of a disk with many users not all are told. */
#define MAX_TOLD_HIVES 8u

/* The hive at the deepest place that @path, from an HKEY_ name on, is at or below; -1: none. */
static int
find_above(const HcRegistry *state, const HcPath *path)
{
    int found = -1;
    gsize n_found = 0;
    for (guint i = 0; i < hc_registry_n_hives(state); i++) {
        const HcRoot *root = hc_registry_hive(state, i)->root;
        HcName name;
        gsize n = 0;
        while (root != NULL && hc_root_part(root->path, n, &name) && n < path->n &&
               hc_name_equal(path->names[n], name))
            n++;
        if (n <= n_found || hc_root_part(root->path, n, &name))
            continue;
        found = (int) i;
        n_found = n;
    }
    return found;
}

static gboolean
has_users(const HcRegistry *state)
{
    gboolean is_one = FALSE;
    for (guint i = 0; i < hc_registry_n_hives(state) && !is_one; i++)
        is_one = hc_registry_hive(state, i)->user != NULL;
    return is_one;
}

static gboolean
fail_pick(const HcOperand *operand, const char *key_text, GError **error)
{
    g_autoptr(GString) places = g_string_new(NULL);
    const guint n = hc_registry_n_hives(operand->state);
    if (has_users(operand->state) && ht_key_is_current_user(key_text))
        return hc_fail(error, HC_ERROR_NOT_FOUND,
                       "%s: %s: is nobody's, --user says which of the disk's users is meant",
                       operand->text, key_text);
    for (guint i = 0; i < MIN(n, MAX_TOLD_HIVES); i++) {
        const HcRegistryHive *hive = hc_registry_hive(operand->state, i);
        g_string_append_printf(places, "%s %s", i > 0 ? "," : "",
                               hive->root != NULL ? hive->root->text : hive->label);
    }
    if (n > MAX_TOLD_HIVES)
        g_string_append_printf(places, " and %u more ('hivetool ls' tells all)",
                               n - MAX_TOLD_HIVES);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: is in none of the hives, which are%s",
                   operand->text, key_text, places->str);
}

gboolean
ht_pick_hive(const HcOperand *operand, const char *key_text, guint *index, GError **error)
{
    *index = 0;
    if (operand->is_one)
        return TRUE;
    if (!g_utf8_validate(key_text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", key_text);
    g_autoptr(HcArena) arena = hc_arena_new();
    for (guint reading = 0; reading < HC_N_KEY_READINGS; reading++) {
        HcPath path;
        if (!hc_key_has_reading(key_text, reading) ||
            !hc_key_split(arena, key_text, reading, &path, NULL) || path.n == 0)
            continue;
        g_autofree char *first = hc_name_display(path.names[0]);
        const int found = hc_key_find_root(arena, &path)
                              ? find_above(operand->state, &path)
                              : hc_registry_find_name(operand->state, first);
        *index = (guint) MAX(found, 0);
        if (found >= 0)
            return TRUE;
    }
    return fail_pick(operand, key_text, error);
}

gboolean
ht_pick_keys(const HcOperand *operand, char **key_texts, guint index, char ***keys,
             gboolean *is_asked, GError **error)
{
    g_autoptr(GPtrArray) picked = g_ptr_array_new();
    *keys = NULL;
    for (gsize i = 0; key_texts != NULL && key_texts[i] != NULL; i++) {
        guint found;
        if (!ht_pick_hive(operand, key_texts[i], &found, error))
            return FALSE;
        if (found == index)
            g_ptr_array_add(picked, key_texts[i]);
    }
    *is_asked = key_texts == NULL || picked->len > 0;
    if (picked->len == 0)
        return TRUE;
    g_ptr_array_add(picked, NULL);
    *keys = (char **) g_ptr_array_free(g_steal_pointer(&picked), FALSE);
    return TRUE;
}

gboolean
ht_find_root_of(const HcOperand *operand, guint index, const HcHive *hive, const char *option,
                HcRoot **root, GError **error)
{
    const HcRegistryHive *named = hc_registry_hive(operand->state, index);
    if (option != NULL && !operand->is_one)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--root is for one hive, those of %s are at places of their own",
                       operand->text);
    if (option != NULL || named->root == NULL)
        return ht_find_root(hive, option, root, error);
    *root = hc_root_copy(named->root);
    return TRUE;
}
