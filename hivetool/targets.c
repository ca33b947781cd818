#include "config.h"

#include "hivetool/patching.h"

#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/error.h"
#include "hivecore/image/image.h"
#include "hivetool/reading.h"

char *
ht_name_split(const char *text, const char **value)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || memchr(text, '/', (gsize) (equals - text)) != NULL ||
        hc_image_is_operand(text))
        return NULL;
    *value = equals + 1;
    return g_strndup(text, (gsize) (equals - text));
}

gboolean
ht_is_same_file(const char *a, const char *b)
{
    struct stat status_a;
    struct stat status_b;
    if (strcmp(a, b) == 0)
        return TRUE;
    const gboolean has_a = stat(a, &status_a) == 0;
    const gboolean has_b = stat(b, &status_b) == 0;
    if (has_a && has_b)
        return status_a.st_dev == status_b.st_dev && status_a.st_ino == status_b.st_ino;
    g_autofree char *base_a = g_path_get_basename(a);
    g_autofree char *base_b = g_path_get_basename(b);
    if (has_a || has_b || strcmp(base_a, base_b) != 0)
        return FALSE;
    g_autofree char *folder_a = g_path_get_dirname(a);
    g_autofree char *folder_b = g_path_get_dirname(b);
    return stat(folder_a, &status_a) == 0 && stat(folder_b, &status_b) == 0 &&
           status_a.st_dev == status_b.st_dev && status_a.st_ino == status_b.st_ino;
}

void
ht_targets_free(HtTargets *targets)
{
    if (targets == NULL)
        return;
    for (gsize i = 0; i < targets->n; i++) {
        hc_patch_target_clear(&targets->patched[i]);
        g_clear_pointer(&targets->items[i].hive, hc_hive_unref);
        hc_root_free(targets->items[i].root);
        g_free(targets->items[i].name);
        g_free(targets->items[i].file);
        g_free(targets->items[i].output);
    }
    hc_lock_free(targets->lock);
    g_free(targets->items);
    g_clear_pointer(&targets->operands, g_ptr_array_unref);
    g_free(targets->patched);
    g_free(targets->patches);
    g_free(targets);
}

static void
operand_free(void *pointer)
{
    hc_operand_clear(pointer);
    g_free(pointer);
}

/* NULL with @error set; owned by @targets else. */
static HcOperand *
open_operand(HtTargets *targets, const char *text, GError **error)
{
    HcOperand *operand = g_new0(HcOperand, 1);
    g_ptr_array_add(targets->operands, operand);
    return hc_cli_operand_open(operand, text, error) ? operand : NULL;
}

/* What -o NAME=OUT says of a hive: as short as can be. */
static char *
name_of(const HcRegistryHive *hive)
{
    g_autoptr(HcRoot) root = hc_root_parse_name(hive->label, NULL);
    return g_strdup(hc_root_equal(root, hive->root) ? hive->label : hive->root->text);
}

/* @name: (nullable): as HtTarget.name */
static void
add_target(HtTargets *targets, const HcOperand *operand, guint index, char *name)
{
    const HcRegistryHive *hive = hc_registry_hive(operand->state, index);
    HtTarget *target = &targets->items[targets->n++];
    target->name = name;
    target->file = g_strdup(hive->name);
    target->input = hive->is_file ? target->file : operand->text;
    target->state = operand->state;
    target->index = index;
    target->is_file = hive->is_file;
    target->root = name != NULL ? hc_root_copy(hive->root) : NULL;
}

/* The hives of a source of several. */
static gboolean
add_all(HtTargets *targets, const HcOperand *operand, GError **error)
{
    const guint n = hc_registry_n_hives(operand->state);
    targets->is_named = TRUE;
    targets->items = g_renew(HtTarget, targets->items, n);
    memset(targets->items, 0, n * sizeof(*targets->items));
    targets->patched = g_renew(HcPatchTarget, targets->patched, n);
    memset(targets->patched, 0, n * sizeof(*targets->patched));
    for (guint i = 0; i < n; i++) {
        const HcRegistryHive *hive = hc_registry_hive(operand->state, i);
        if (hive->root != NULL)
            add_target(targets, operand, i, name_of(hive));
    }
    return targets->n > 0 ||
           hc_fail(error, HC_ERROR_USAGE,
                   "%s: of none of its hives is the place in the registry known", operand->text);
}

/* The first operand that is no patch. */
static gboolean
add_state(HtTargets *targets, const char *text, GError **error)
{
    const HcOperand *operand = open_operand(targets, text, error);
    if (operand == NULL)
        return FALSE;
    if (!operand->is_one)
        return add_all(targets, operand, error);
    add_target(targets, operand, 0, NULL);
    return TRUE;
}

/* Without hives yet, with room for @n. */
static HtTargets *
targets_new(gsize n)
{
    HtTargets *targets = g_new0(HtTargets, 1);
    targets->items = g_new0(HtTarget, n);
    targets->patched = g_new0(HcPatchTarget, n);
    targets->patches = g_new0(char *, n + 1);
    targets->operands = g_ptr_array_new_with_free_func(operand_free);
    return targets;
}

/* Sorts the operands into hives and patches; the hives are not opened yet. */
static HtTargets *
split_operands(char **args, GError **error)
{
    const gsize n_args = g_strv_length(args);
    g_autoptr(HtTargets) targets = targets_new(n_args);
    gsize n_patches = 0;
    for (gsize i = 0; i < n_args; i++) {
        const HcOperand *operand =
            hc_cli_is_pair(args[i]) ? open_operand(targets, args[i], error) : NULL;
        if (operand == NULL && hc_cli_is_pair(args[i]))
            return NULL;
        const char *file;
        if (operand != NULL && operand->is_pair)
            add_target(targets, operand, 0, ht_name_split(args[i], &file));
        else
            targets->patches[n_patches++] = args[i];
    }
    targets->is_named = targets->n > 0;
    if (!targets->is_named) {
        if (!add_state(targets, targets->patches[0], error))
            return NULL;
        memmove(targets->patches, targets->patches + 1, n_patches * sizeof(char *));
        n_patches--;
    }
    if (n_patches == 0)
        return hc_fail_null(error, HC_ERROR_USAGE, "no PATCH is given");
    return g_steal_pointer(&targets);
}

static gboolean
is_current_user(const HcRoot *root)
{
    return hc_name_equal(root->path.names[0], HC_NAME_ASCII("HKEY_CURRENT_USER"));
}

static gboolean
check_distinct(const HtTargets *targets, GError **error)
{
    for (gsize i = 0; i < targets->n; i++) {
        for (gsize k = 0; k < i; k++) {
            const HtTarget *a = &targets->items[k];
            const HtTarget *b = &targets->items[i];
            /* HKEY_CURRENT_USER is everybody's. */
            const gboolean is_place = hc_root_equal(a->root, b->root) && !is_current_user(a->root);
            if (!is_place && !ht_is_same_file(a->file, b->file))
                continue;
            return hc_fail(error, HC_ERROR_USAGE, "%s=%s: %s is given twice", b->name, b->file,
                           is_place ? b->root->text : b->file);
        }
    }
    return TRUE;
}

/* From before the hives are read until their new files are published. */
static gboolean
lock_hives(const HcCliContext *context, HtTargets *targets, int timeout, GError **error)
{
    g_autofree const char **files = g_new(const char *, targets->n);
    for (gsize i = 0; i < targets->n; i++) {
        files[i] = targets->items[i].file;
        if (hc_registry_hive(targets->items[i].state, targets->items[i].index)->is_text)
            return hc_fail(error, HC_ERROR_USAGE,
                           "%s: is a text, which is only read; -o writes a hive of it, 'wine reg "
                           "import' changes Wine's",
                           files[i]);
        if (g_str_equal(files[i], "-"))
            return hc_fail(error, HC_ERROR_USAGE,
                           "standard input cannot be rewritten with --in-place");
        if (!targets->items[i].is_file)
            return hc_fail(error, HC_ERROR_USAGE,
                           "%s: is inside an image or a layer, which --in-place cannot change; "
                           "'layerpack build' makes a new image",
                           files[i]);
    }
    targets->lock = hc_cli_lock(context, files, targets->n, timeout, error);
    return targets->lock != NULL;
}

static gboolean
open_hives(const HcCliContext *context, HtTargets *targets, const HtTargeting *how, GError **error)
{
    for (gsize i = 0; i < targets->n; i++) {
        HtTarget *target = &targets->items[i];
        const HcRegistryHive *named = hc_registry_hive(target->state, target->index);
        target->hive = ht_open_ordinary_of(context, target->state, target->index, error);
        if (target->root == NULL && how->root == NULL)
            target->root = hc_root_copy(named->root);
        if (target->hive == NULL ||
            (target->root == NULL && !ht_find_root(target->hive, how->root, &target->root, error)))
            return FALSE;
        targets->patched[i].hive = target->hive;
        targets->patched[i].root = target->root;
        /* In its user's own registry it hangs where it belongs. */
        targets->patched[i].is_classes =
            named->is_classes && hc_root_equal(target->root, named->root);
    }
    return how->is_awake || ht_targets_check_awake(targets, error);
}

HtTargets *
ht_targets_open(const HcCliContext *context, char **args, const HtTargeting *how, GError **error)
{
    g_autoptr(HtTargets) targets = split_operands(args, error);
    if (targets == NULL || !check_distinct(targets, error))
        return NULL;
    if (how->lock_timeout != NULL && !lock_hives(context, targets, *how->lock_timeout, error))
        return NULL;
    if (targets->is_named && how->root != NULL)
        return hc_fail_null(error, HC_ERROR_USAGE,
                            "--root is for one HIVE, NAME=HIVE says where a hive hangs itself");
    return open_hives(context, targets, how, error) &&
                   ht_targets_choose_users(targets, how->users, error)
               ? g_steal_pointer(&targets)
               : NULL;
}

/* The hive of @text that @key is in. */
static gboolean
add_hive_of(HtTargets *targets, const char *text, const char *key, const HtTargeting *how,
            GError **error)
{
    guint index;
    HcOperand *operand = open_operand(targets, text, error);
    /* Of a key that is moved the other may be in no user's. */
    const char *user = ht_key_is_current_user(key) ? how->key_user : NULL;
    if (operand == NULL || !ht_operand_take_user(operand, user, NULL, error) ||
        !ht_pick_hive(operand, key, &index, error))
        return FALSE;
    if (how->root != NULL && !operand->is_one)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--root is for one hive, those of %s are at places of their own", text);
    const HcRegistryHive *hive = hc_registry_hive(operand->state, index);
    add_target(targets, operand, index, NULL);
    HtTarget *target = &targets->items[targets->n - 1];
    target->name = g_strdup(hive->label);
    if (how->root == NULL)
        target->root = hc_root_copy(hive->root);
    return TRUE;
}

HtTargets *
ht_targets_open_keys(const HcCliContext *context, const char *const *texts, const char *const *keys,
                     gsize n, const HtTargeting *how, GError **error)
{
    g_autoptr(HtTargets) targets = targets_new(n);
    targets->is_named = n > 1;
    for (gsize i = 0; i < n; i++) {
        if (!add_hive_of(targets, texts[i], keys[i], how, error))
            return NULL;
    }
    if (how->lock_timeout != NULL && !lock_hives(context, targets, *how->lock_timeout, error))
        return NULL;
    return open_hives(context, targets, how, error) ? g_steal_pointer(&targets) : NULL;
}

HtTarget *
ht_targets_find(const HtTargets *targets, const char *name, GError **error)
{
    g_autoptr(HcRoot) root = hc_root_parse_name(name, error);
    HtTarget *found = NULL; /* of several at one place the next that has no output */
    if (root == NULL)
        return NULL;
    for (gsize i = 0; i < targets->n; i++) {
        if (!hc_root_equal(targets->items[i].root, root))
            continue;
        if (found == NULL || found->output != NULL)
            found = &targets->items[i];
    }
    if (found != NULL)
        return found;
    return hc_fail_null(error, HC_ERROR_USAGE, "%s: no hive of this name is given", name);
}
