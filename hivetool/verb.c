#include "config.h"

#include "hivetool/verb.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/cli/key-path.h"

void
ht_verb_key_clear(HtVerbKey *key)
{
    g_free(key->text);
}

gboolean
ht_verb_key(HtVerbKey *key, HcArena *arena, const HtTarget *target, const char *text,
            gboolean takes_value, GError **error)
{
    *key = (HtVerbKey){.text = NULL};
    if (!takes_value || !ht_split_value(target->hive, text, target->root, &key->text, &key->value))
        key->text = g_strdup(text);
    if (!ht_read_key(arena, target->hive, key->text, target->root, &key->way, error))
        return FALSE;
    key->path = hc_path_join(arena, hc_root_path(target->root), key->way.path);
    return TRUE;
}

gboolean
ht_verb_refuse_switches(const char *command, const char *form, char *const *words, GError **error)
{
    static const char *const switches[] = {"/v", "/ve", "/va", "/t", "/d", "/f", "/s", NULL};
    for (gsize i = 0; i < 2 && words[i] != NULL; i++) {
        g_autofree char *word = g_ascii_strdown(words[i], -1);
        if (g_strv_contains(switches, word))
            return hc_fail(error, HC_ERROR_USAGE,
                           "%s: '%s' is a switch of reg.exe, here it is %s; 'hivetool apply' takes "
                           "lines of reg.exe",
                           command, words[i], form);
    }
    return TRUE;
}

gboolean
ht_verb_need_key(const HtVerbKey *key, const HtTarget *target, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcPath path;
    HcKey found;
    return ht_verb_key_is_there(key) ||
           ht_find_key(arena, target->hive, key->text, target->root, &path, &found, error);
}

gboolean
ht_verb_value_name(HcArena *arena, const HtTarget *target, const HtVerbKey *key, const char *text,
                   HcName *name, HcValue *value)
{
    const char *literal = g_str_equal(text, "@") ? "" : text;
    HcValue found;
    if (ht_verb_key_is_there(key) &&
        ht_find_value(target->hive, &key->way.key, key->text, text, &found, NULL)) {
        *value = found;
        *name = hc_name_dup(arena, found.name);
        return TRUE;
    }
    if (g_ascii_strcasecmp(text, "(Default)") == 0)
        literal = "";
    *name = hc_name_from_utf8(arena, literal, strlen(literal));
    return FALSE;
}

gboolean
ht_verb_resolve(HcCliContext *context, const HtPatching *how, HtTargets *targets, gsize index,
                HtVerbFill fill, gconstpointer data, GError **error)
{
    g_autoptr(GPtrArray) files = hc_patch_made(fill, data);
    return hc_patches_resolve(context, files, &targets->patched[index], 1, &how->patch, error);
}
