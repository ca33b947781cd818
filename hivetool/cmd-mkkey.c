#include "config.h"

#include "hivetool/verb.h"

static HtPatching how = {.lock_timeout = HC_LOCK_TIMEOUT};

static const GOptionEntry entries[] = {
    HT_PATCHING_OPTION_ENTRIES(how),
    HT_KEY_USER_OPTION_ENTRY(how.key_user),
    HC_NEW_KEYS_OPTION_ENTRY(how.patch),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
fill(HcDelta *patch, gconstpointer data, GError **error)
{
    const HtVerbKey *key = data;
    return hc_delta_ensure_key(patch, key->path, (HcOrigin){0, 0}, error) != NULL;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    const char *const texts[] = {args[0]};
    const char *const keys[] = {args[1], NULL};
    if (!ht_patching_check(&how, "mkkey", error) || !ht_check_key_user(how.key_user, keys, error))
        return FALSE;
    const HtTargeting targeting = ht_patching_targeting(&how);
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(HtTargets) targets = ht_targets_open_keys(context, texts, keys, 1, &targeting, error);
    g_auto(HtVerbKey) key = {.text = NULL};
    return targets != NULL && ht_patching_choose(&how, targets, error) &&
           ht_verb_key(&key, arena, &targets->items[0], args[1], FALSE, error) &&
           ht_verb_resolve(context, &how, targets, 0, fill, &key, error) &&
           ht_patching_write(context, &how, targets, status, error);
}

const HcCommand ht_cmd_mkkey = {
    .name = "mkkey",
    .also = "mkdir newkey add-key create-key addkey",
    .group = "change hives",
    .args = "HIVE KEY",
    .summary = "make a key, and those above it",
    .details = "A key that is there stays as it is. HIVE can be several: KEY says which.",
    .options = entries,
    .min_args = 2,
    .max_args = 2,
    .statuses = "0 done, 1 with --exit-code: something to do",
    .examples = "hivetool mkkey -n SOFTWARE 'Policies\\App'\n"
                "hivetool mkkey --in-place SOFTWARE 'HKLM\\SOFTWARE\\Policies\\App'",
    .run = run,
};
