#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/trail.h"
#include "hivetool/reading.h"
#include "hivetool/verb.h"

/* cp and mv: a key with all below it, or a value; in one hive, or from one to another. */

static HtPatching how = {.lock_timeout = HC_LOCK_TIMEOUT};
static gboolean is_force;

static const GOptionEntry entries[] = {
    {"force", 'f', 0, G_OPTION_ARG_NONE, &is_force, "replace what is at the new place", NULL},
    HT_PATCHING_OPTION_ENTRIES(how),
    HT_KEY_USER_OPTION_ENTRY(how.key_user),
    HC_NEW_KEYS_OPTION_ENTRY(how.patch),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* What goes where. */
typedef struct {
    HcArena *arena;
    gboolean is_move;
    gboolean is_one_hive;
    const HcHive *hive; /* that it comes from */
    HtVerbKey from;
    HtVerbKey to;
    gboolean is_value;
    HcValue value; /* of from */
    HcName name;   /* of the value, at its new place */
} Copying;

static void
copying_clear(Copying *copying)
{
    ht_verb_key_clear(&copying->from);
    ht_verb_key_clear(&copying->to);
    g_clear_pointer(&copying->arena, hc_arena_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Copying, copying_clear)

static const HcOrigin origin = {0, 0};

/* --- the patch --- */

typedef struct {
    const Copying *copying;
    HcDelta *patch;
    HcWalk walk;
    HcTrail *trail; /* where the key at hand goes */
    GByteArray *scratch;
} Tree;

static gboolean
put_value(const Tree *tree, HcDeltaKey *node, const HcValue *value, HcName name, GError **error)
{
    HcBlob data;
    return hc_hive_value_data(tree->copying->hive, value, tree->scratch, &data, error) &&
           hc_delta_set_value(tree->patch, node, name, value->type, data, origin, error);
}

static gboolean
put_values(Tree *tree, HcDeltaKey *node, const HcKey *key, GError **error)
{
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(tree->copying->hive, key, i, &value, error) ||
            !hc_walk_data(&tree->walk, &value, error) ||
            !put_value(tree, node, &value, value.name, error))
            return FALSE;
    }
    return TRUE;
}

/* Class and flags go along; the descriptor of a key that moves, too. A copy is a new key. */
static gboolean
put_meta(const Tree *tree, HcDeltaKey *node, const HcKey *key, GError **error)
{
    HcKeyMeta meta;
    if ((key->flags & HC_KEY_FLAG_PREDEFINED) != 0)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: has a key with a handle in place of values, which cannot be made anew",
                       hc_hive_file(tree->copying->hive));
    if (!hc_delta_read_meta(tree->patch, tree->copying->hive, key, &meta, error))
        return FALSE;
    node->after.class_name = meta.class_name;
    node->after.flags = meta.flags;
    node->changed |= HC_CHANGED_CLASS | (meta.flags != 0 ? HC_CHANGED_FLAGS : 0);
    if (tree->copying->is_move) {
        node->after.security = meta.security;
        node->changed |= HC_CHANGED_SECURITY;
    }
    return TRUE;
}

/* hc_walk_enter() ends this at HC_MAX_KEY_DEPTH. */
static gboolean
put_key(Tree *tree, const HcKey *key, uint32_t depth, GError **error)
{
    g_auto(HcKeyList) subkeys;
    hc_key_list_init(&subkeys);
    if (!hc_walk_enter(&tree->walk, key, depth, error))
        return FALSE;
    HcDeltaKey *node = hc_delta_ensure_key(tree->patch, tree->trail->path, origin, error);
    if (node == NULL || !put_meta(tree, node, key, error) || !put_values(tree, node, key, error) ||
        !hc_key_list_fill(&subkeys, tree->copying->hive, key, error))
        return FALSE;
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        hc_trail_push(tree->trail, subkey->name);
        if (!put_key(tree, subkey, depth + 1, error))
            return FALSE;
        hc_trail_pop(tree->trail);
    }
    return TRUE;
}

static gboolean
fill_removal(HcDelta *patch, gconstpointer data, GError **error)
{
    const Copying *copying = data;
    const HcPath *path = &copying->from.path;
    if (!copying->is_value)
        return hc_delta_delete_key(patch, *path, origin, error);
    HcDeltaKey *key = hc_delta_ensure_key(patch, *path, origin, error);
    return key != NULL && hc_delta_delete_value(patch, key, copying->value.name, origin, error);
}

static gboolean
fill(HcDelta *patch, gconstpointer data, GError **error)
{
    const Copying *copying = data;
    const HcPath *to = &copying->to.path;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    g_auto(HcTrail) trail = {0};
    Tree tree = {copying, patch, hc_walk_start(copying->hive), &trail, scratch};
    hc_trail_append(&trail, *to);
    if (copying->is_move && copying->is_one_hive && !fill_removal(patch, data, error))
        return FALSE;
    if (!copying->is_value)
        return (!is_force || hc_delta_delete_key(patch, *to, origin, error)) &&
               put_key(&tree, &copying->from.way.key, (uint32_t) copying->from.way.path.n, error);
    HcDeltaKey *node = hc_delta_ensure_key(patch, *to, origin, error);
    return node != NULL && put_value(&tree, node, &copying->value, copying->name, error);
}

/* --- the words --- */

static gboolean
fail_there(const HtTarget *target, const char *what, const char *hint, GError **error)
{
    return hc_fail(error, HC_ERROR_CONFLICT, "%s: %s: is there already, %s",
                   hc_hive_file(target->hive), what, hint);
}

static gboolean
take_new_value(Copying *copying, const HtTarget *target, GError **error)
{
    HcValue there;
    if (copying->to.value == NULL) {
        copying->name = copying->value.name;
        if (!ht_verb_key_is_there(&copying->to) ||
            !hc_hive_find_value(target->hive, &copying->to.way.key, copying->name, &there, NULL))
            return TRUE;
    } else if (!ht_verb_value_name(copying->arena, target, &copying->to, copying->to.value,
                                   &copying->name, &there)) {
        return TRUE;
    }
    return is_force || fail_there(target, copying->to.text, "-f replaces the value", error);
}

static gboolean
take_new_key(Copying *copying, const HtTarget *target, GError **error)
{
    HtVerbKey *to = &copying->to;
    const HtVerbKey *from = &copying->from;
    if (from->way.path.n == 0 && copying->is_move)
        return hc_fail(error, HC_ERROR_USAGE, "%s: the root key of a hive stays", from->text);
    if (to->way.path.n == 0)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is the root key of a hive", to->text);
    if (copying->is_one_hive && hc_path_is_below(from->way.path, to->way.path) && is_force)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is %s, or above it", to->text, from->text);
    if (copying->is_one_hive && copying->is_move && hc_path_is_below(to->way.path, from->way.path))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is %s, or below it", to->text, from->text);
    return !ht_verb_key_is_there(to) || is_force ||
           fail_there(target, to->text, "a backslash at its end means into it, -f replaces it",
                      error);
}

/* "KEY\": into that key, by the same name. */
static char *
into(const char *to, const HcPath *from)
{
    const gsize n = strlen(to);
    if (n == 0 || to[n - 1] != '\\' || from->n == 0)
        return g_strdup(to);
    GString *text = g_string_new(to);
    hc_name_append_utf8(text, from->names[from->n - 1]);
    return g_string_free(text, FALSE);
}

static gboolean
read_words(Copying *copying, const HtTarget *source, const HtTarget *target,
           const char *const *from_to, GError **error)
{
    copying->hive = source->hive;
    if (!ht_verb_key(&copying->from, copying->arena, source, from_to[0], TRUE, error) ||
        !ht_verb_need_key(&copying->from, source, error))
        return FALSE;
    copying->is_value = copying->from.value != NULL;
    if (copying->is_value &&
        !ht_find_value(source->hive, &copying->from.way.key, copying->from.text,
                       copying->from.value, &copying->value, error))
        return FALSE;
    g_autofree char *place =
        copying->is_value ? g_strdup(from_to[1]) : into(from_to[1], &copying->from.way.path);
    if (!ht_verb_key(&copying->to, copying->arena, target, place, copying->is_value, error))
        return FALSE;
    return copying->is_value ? take_new_value(copying, target, error)
                             : take_new_key(copying, target, error);
}

/* --- the commands --- */

/* Of several hives in one source the keys say which. */
static gboolean
find_hives(Copying *copying, const char *source, const char *target, const char *const *keys,
           GError **error)
{
    g_auto(HcOperand) operand = {0};
    guint from = 0;
    guint to = 0;
    copying->is_one_hive = ht_is_same_file(source, target);
    if (!copying->is_one_hive)
        return TRUE;
    if (!hc_cli_operand_open(&operand, source, error) ||
        !ht_operand_take_user(&operand, how.key_user, NULL, error) ||
        !ht_pick_hive(&operand, keys[0], &from, error) ||
        !ht_pick_hive(&operand, keys[1], &to, error))
        return FALSE;
    copying->is_one_hive = from == to;
    return TRUE;
}

/* cp only reads the hive that it copies from. */
static HtTargets *
open_targets(HcCliContext *context, const Copying *copying, const char *source, const char *target,
             const char *const *from_to, GError **error)
{
    const char *const texts[] = {target, source};
    const char *const keys[] = {from_to[1], from_to[0]};
    const HtTargeting targeting = ht_patching_targeting(&how);
    if (copying->is_one_hive)
        return ht_targets_open_keys(context, texts, keys, 1, &targeting, error);
    return ht_targets_open_keys(context, texts, keys, copying->is_move ? 2 : 1, &targeting, error);
}

static gboolean
run_on(HcCliContext *context, Copying *copying, HtTargets *targets, const HtTarget *source,
       const char *const *from_to, HcExit *status, GError **error)
{
    const gboolean is_both = targets->n > 1;
    return ht_patching_choose(&how, targets, error) &&
           read_words(copying, source, &targets->items[0], from_to, error) &&
           ht_verb_resolve(context, &how, targets, 0, fill, copying, error) &&
           (!is_both || ht_verb_resolve(context, &how, targets, 1, fill_removal, copying, error)) &&
           ht_patching_write(context, &how, targets, status, error);
}

static gboolean
run(HcCliContext *context, const char *command, gboolean is_move, int n_args, char **args,
    HcExit *status, GError **error)
{
    g_auto(Copying) copying = {.arena = hc_arena_new(), .is_move = is_move};
    const char *target = args[n_args == 3 ? 0 : 2];
    char *from = args[1];
    char *to = args[n_args - 1];
    const char *const keys[] = {from, to, NULL};
    if (!ht_patching_check(&how, command, error) || !ht_check_key_user(how.key_user, keys, error) ||
        !find_hives(&copying, args[0], target, keys, error))
        return FALSE;
    g_autoptr(HtTargets) targets = open_targets(context, &copying, args[0], target, keys, error);
    if (targets == NULL)
        return FALSE;
    if (copying.is_one_hive || is_move)
        return run_on(context, &copying, targets, &targets->items[targets->n - 1], keys, status,
                      error);
    const char *const texts[] = {args[0]};
    const char *const read[] = {from};
    const HtTargeting reading = {.is_awake = TRUE, .key_user = how.key_user};
    g_autoptr(HtTargets) sources = ht_targets_open_keys(context, texts, read, 1, &reading, error);
    /* What it hides, a copy of it hides, too. */
    targets->patches[0] = args[0];
    return sources != NULL &&
           run_on(context, &copying, targets, &sources->items[0], keys, status, error);
}

/* HIVE KEY NAME NEW is HIVE KEY::NAME KEY::NEW: no second hive stands third. */
static gboolean
run_on_value(HcCliContext *context, const char *command, gboolean is_move, char **args,
             HcExit *status, GError **error)
{
    g_autofree char *from = g_strconcat(args[1], "::", args[2], NULL);
    g_autofree char *to = g_strconcat(args[1], "::", args[3], NULL);
    char *words[] = {args[0], from, to, NULL};
    if (run(context, command, is_move, 3, words, status, error))
        return TRUE;
    g_prefix_error(error, "%s: no such file, so a NAME in KEY: ", args[2]);
    return FALSE;
}

/* Neither a file nor what has a mark of images, layers and NAME=HIVE. */
static gboolean
is_plain_name(const char *word)
{
    return !g_file_test(word, G_FILE_TEST_EXISTS) && strpbrk(word, ":=/") == NULL &&
           !g_str_equal(word, "-");
}

static gboolean
run_words(HcCliContext *context, const char *command, gboolean is_move, int n_args, char **args,
          HcExit *status, GError **error)
{
    return n_args == 4 && is_plain_name(args[2])
               ? run_on_value(context, command, is_move, args, status, error)
               : run(context, command, is_move, n_args, args, status, error);
}

static gboolean
run_cp(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    return run_words(context, "cp", FALSE, n_args, args, status, error);
}

static gboolean
run_mv(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    return run_words(context, "mv", TRUE, n_args, args, status, error);
}

const HcCommand ht_cmd_cp = {
    .name = "cp",
    .also = "copy clone duplicate",
    .group = "change hives",
    .args = "HIVE KEY[::NAME] [HIVE] KEY[::NAME]",
    .summary = "copy a key with all below it, or a value",
    .details =
        "To another hive, where one stands before the second KEY; the first is only read then.\n"
        "A KEY with a backslash at its end is one to copy into. Copies have the descriptors that\n"
        "new keys have. HIVE can be several: KEY says which.",
    .options = entries,
    .min_args = 3,
    .max_args = 4,
    .statuses = "0 done, 1 not there, or with --exit-code: something to do",
    .examples = "hivetool cp --in-place SOFTWARE App 'App copy'\n"
                "hivetool cp -n SYSTEM Select::Current SOFTWARE App::Current",
    .run = run_cp,
};

const HcCommand ht_cmd_mv = {
    .name = "mv",
    .also = "move rename ren",
    .group = "change hives",
    .args = "HIVE KEY[::NAME] [HIVE] KEY[::NAME]",
    .summary = "move or rename a key with all below it, or a value",
    .details =
        "To another hive, where one stands before the second KEY; both change then. A KEY with a\n"
        "backslash at its end is one to move into. Descriptors and classes go along. HIVE KEY\n"
        "NAME NEW renames a value. HIVE can be several: KEY says which.",
    .options = entries,
    .min_args = 3,
    .max_args = 4,
    .statuses = "0 done, 1 not there, or with --exit-code: something to do",
    .examples = "hivetool mv -n SOFTWARE App Application\n"
                "hivetool mv --in-place SOFTWARE App::Name App::Title",
    .run = run_mv,
};
