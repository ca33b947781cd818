#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/verb.h"

static HtPatching how = {.lock_timeout = HC_LOCK_TIMEOUT};
static gboolean is_recursive;
static gboolean is_force;

static const GOptionEntry entries[] = {
    {"recursive", 'r', 0, G_OPTION_ARG_NONE, &is_recursive, "also a key that has subkeys or values",
     NULL},
    {"force", 'f', 0, G_OPTION_ARG_NONE, &is_force, "what is not there is no error", NULL},
    HT_PATCHING_OPTION_ENTRIES(how),
    HT_KEY_USER_OPTION_ENTRY(how.key_user),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* What goes. */
typedef struct {
    HcArena *arena;
    HtVerbKey key;
    gboolean is_value;
    gboolean is_absent; /* the key */
    GArray *names;      /* of HcName: the values that are there */
} Removal;

static void
removal_clear(Removal *removal)
{
    ht_verb_key_clear(&removal->key);
    g_clear_pointer(&removal->arena, hc_arena_free);
    g_clear_pointer(&removal->names, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Removal, removal_clear)

static gboolean
fill(HcDelta *patch, gconstpointer data, GError **error)
{
    const Removal *removal = data;
    const HcPath *path = &removal->key.path;
    const HcOrigin origin = {0, 0};
    if (removal->is_absent)
        return TRUE;
    if (!removal->is_value)
        return hc_delta_delete_key(patch, *path, origin, error);
    HcDeltaKey *key =
        removal->names->len > 0 ? hc_delta_ensure_key(patch, *path, origin, error) : NULL;
    for (guint i = 0; key != NULL && i < removal->names->len; i++)
        if (!hc_delta_delete_value(patch, key, g_array_index(removal->names, HcName, i), origin,
                                   error))
            return FALSE;
    return key != NULL || removal->names->len == 0;
}

static gboolean
check_key(const Removal *removal, const HtTarget *target, GError **error)
{
    const HtVerbKey *key = &removal->key;
    if (key->way.path.n == 0)
        return hc_fail(error, HC_ERROR_USAGE, "%s: %s: the root key of a hive stays",
                       hc_hive_file(target->hive), key->text);
    if (is_recursive || (key->way.key.n_subkeys == 0 && key->way.key.n_values == 0))
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE,
                   "%s: %s: has %u subkey%s and %u value%s, -r removes it with them",
                   hc_hive_file(target->hive), key->text, key->way.key.n_subkeys,
                   key->way.key.n_subkeys == 1 ? "" : "s", key->way.key.n_values,
                   key->way.key.n_values == 1 ? "" : "s");
}

static gboolean
take_value(Removal *removal, const HtTarget *target, const char *name, GError **error)
{
    HcValue value;
    GError *failure = NULL;
    if (ht_find_value(target->hive, &removal->key.way.key, removal->key.text, name, &value,
                      &failure)) {
        const HcName spelled = hc_name_dup(removal->arena, value.name);
        g_array_append_val(removal->names, spelled);
        return TRUE;
    }
    if (!is_force || !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        return hc_fail_with(error, failure);
    g_error_free(failure);
    return TRUE;
}

/* All of them, or none: of one that is not there the others stay, too. */
static gboolean
take_values(Removal *removal, const HtTarget *target, char **names, GError **error)
{
    removal->is_value = TRUE;
    if (removal->key.value != NULL)
        return take_value(removal, target, removal->key.value, error);
    for (; *names != NULL; names++)
        if (!take_value(removal, target, *names, error))
            return FALSE;
    return TRUE;
}

static gboolean
read_words(Removal *removal, const HtTarget *target, char **words, GError **error)
{
    if (!ht_verb_key(&removal->key, removal->arena, target, words[0], words[1] == NULL, error))
        return FALSE;
    removal->is_absent = is_force && !ht_verb_key_is_there(&removal->key);
    if (removal->is_absent)
        return TRUE;
    if (!ht_verb_need_key(&removal->key, target, error))
        return FALSE;
    return removal->key.value != NULL || words[1] != NULL
               ? take_values(removal, target, words + 1, error)
               : check_key(removal, target, error);
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    const char *const texts[] = {args[0]};
    const char *const keys[] = {args[1], NULL};
    if (!ht_patching_check(&how, "rm", error) || !ht_check_key_user(how.key_user, keys, error) ||
        !ht_verb_refuse_switches("rm", "HIVE KEY NAME...", args + 1, error))
        return FALSE;
    const HtTargeting targeting = ht_patching_targeting(&how);
    g_autoptr(HtTargets) targets = ht_targets_open_keys(context, texts, keys, 1, &targeting, error);
    g_auto(Removal) removal = {.arena = hc_arena_new(),
                               .names = g_array_new(FALSE, FALSE, sizeof(HcName))};
    return targets != NULL && ht_patching_choose(&how, targets, error) &&
           read_words(&removal, &targets->items[0], args + 1, error) &&
           ht_verb_resolve(context, &how, targets, 0, fill, &removal, error) &&
           ht_patching_write(context, &how, targets, status, error);
}

const HcCommand ht_cmd_rm = {
    .name = "rm",
    .also = "remove delete del unset rmkey rmdir",
    .group = "change hives",
    .args = "HIVE KEY [NAME...]",
    .summary = "remove values, or a key",
    .details =
        "NAME '@' is the default value; KEY::NAME names both in one. A key that has subkeys or\n"
        "values needs -r. HIVE can be several: KEY says which.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .statuses = "0 done, 1 not there, or with --exit-code: something to do",
    .examples = "hivetool rm -n SOFTWARE App Name Version\n"
                "hivetool rm -r --in-place SOFTWARE 'HKLM\\SOFTWARE\\App'",
    .run = run,
};
