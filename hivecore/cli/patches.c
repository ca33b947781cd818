#include "config.h"

#include "hivecore/cli/patches.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/cli/cli-private.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report.h"

/* What one run reads. */
typedef struct {
    const HcCliContext *context;
    GPtrArray *files;
    HcPatchTarget *targets;
    HcDeltaPlace *places; /* of targets */
    gsize n_targets;
    const HcPatchOptions *options;
    const HcRoot *const *roots; /* of targets, nullable each */
    GPtrArray *uses; /* of char *: for each target the first line that says CurrentControlSet */
    guint user;      /* whose HKEY_CURRENT_USER is meant; 0: nobody's */
} Reading;

void
hc_patch_target_clear(HcPatchTarget *target)
{
    g_clear_pointer(&target->part, hc_delta_free);
    g_clear_pointer(&target->exact, hc_delta_free);
}

static void
clear_targets(HcPatchTarget *targets, gsize n_targets)
{
    for (gsize i = 0; i < n_targets; i++)
        hc_patch_target_clear(&targets[i]);
}

gboolean
hc_patch_is_root(HcName name, const HcRoot *const *roots, gsize n_roots)
{
    for (gsize i = 0; i < n_roots; i++) {
        if (roots[i] != NULL && hc_name_equal(name, roots[i]->path.names[0]))
            return TRUE;
    }
    return hc_root_full_name(name, NULL) != NULL;
}

/* How many keys at the top of @patch are roots of the registry. */
static guint
count_roots(const Reading *reading, const HcDelta *patch)
{
    const HcDeltaKey *root = hc_delta_root(patch);
    guint n = 0;
    for (guint i = 0; i < hc_delta_n_children(root); i++)
        n += hc_patch_is_root(hc_delta_child(root, i)->name, reading->roots, reading->n_targets)
                 ? 1
                 : 0;
    return n;
}

/* Whether the patch speaks of places in the registry and not of keys below a hive's root. */
static gboolean
has_hkey(const Reading *reading, const HcDelta *patch)
{
    return count_roots(reading, patch) > 0 || hc_delta_n_conditions(patch) > 0;
}

/* Whether the patch has anything that is not below a root: a JSON delta without "root". */
static gboolean
has_bare(const Reading *reading, const HcDelta *patch)
{
    const HcDeltaKey *root = hc_delta_root(patch);
    return hc_delta_n_values(root) > 0 || root->changed != 0 ||
           count_roots(reading, patch) < hc_delta_n_children(root);
}

/* Windows follows a symbolic link key; the patch is applied to the link itself. */
static void
note_links(const HcCliContext *context, const HcHive *hive, const HcDeltaKey *node,
           const HcKey *key, const char *root)
{
    if ((key->flags & HC_KEY_FLAG_SYMLINK) != 0 && node->parent != NULL) {
        g_autoptr(GString) path = g_string_new(NULL);
        hc_delta_append_path(path, node, root);
        hc_cli_note(context,
                    "%s: a symbolic link, which Windows follows; the patch changes the link itself",
                    path->str);
    }
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        HcKey subkey;
        if (child->op == HC_KEY_KEEP && hc_hive_subkey(hive, key, child->name, &subkey, NULL))
            note_links(context, hive, child, &subkey, root);
    }
}

static gboolean
check_options(const HcPatchOptions *options, GError **error)
{
    static const HcChoice compats[] = {{"regedit", 0}};
    if (options->ansi_codepage < 0)
        return hc_fail(error, HC_ERROR_USAGE, "--ansi-codepage is negative");
    guint allow;
    if (!hc_reg_allow_parse(options->allow, &allow, error))
        return FALSE;
    /* Alone it is of the one that there is. */
    if (options->compat != NULL && *options->compat == '\0')
        return TRUE;
    return HC_CHOICE_PARSE("--compat is", options->compat, compats, error) >= 0;
}

/* Whether each target can take what @patch, which is not bare, or @is_bare, speaks of. */
static gboolean
check_roots(const Reading *reading, const HcDelta *patch, gboolean is_bare, GError **error)
{
    const HcPatchTarget *targets = reading->targets;
    const gsize n_targets = reading->n_targets;
    if (is_bare && has_hkey(reading, patch)) {
        return hc_fail(
            error, HC_ERROR_UNSUPPORTED,
            "a JSON delta without \"root\" cannot be mixed with patches that name HKEY_ keys");
    }
    if (is_bare && n_targets > 1)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "a JSON delta without \"root\" does not say which of the hives it is for");
    for (gsize i = 0; i < n_targets; i++) {
        if (targets[i].root != NULL || is_bare || (n_targets == 1 && !has_hkey(reading, patch)))
            continue;
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: neither the file's name nor the hive says where in the registry it "
                       "hangs, use --root",
                       hc_hive_file(targets[i].hive));
    }
    return TRUE;
}

static void
note_skipped(const HcCliContext *context, const HcPatchTarget *targets, gsize n_targets,
             uint64_t n_skipped)
{
    if (n_skipped == 0)
        return;
    const char *where = n_targets > 1             ? "all hives"
                        : targets[0].root != NULL ? targets[0].root->text
                                                  : "the hive";
    hc_cli_note(context, "%" G_GUINT64_FORMAT " statement%s outside %s skipped", n_skipped,
                n_skipped == 1 ? "" : "s", where);
}

/* Statements on @path are about the place that it is a view of. */
static void
alias_view(HcDelta *patch, HcPath path)
{
    hc_delta_alias_path(patch, path, hc_root_meaning(hc_delta_arena(patch), path));
}

/* An empty patch that knows what other names stand for. */
static HcDelta *
new_patch(const HcPatchTarget *targets, const HcDeltaPlace *places, gsize n_targets, GError **error)
{
    const HcName classes[] = {HC_NAME_ASCII("HKEY_CLASSES_ROOT")};
    const HcName local_system[] = {HC_NAME_ASCII("HKEY_USERS"), HC_NAME_ASCII("S-1-5-18")};
    g_autoptr(HcDelta) patch = hc_delta_new();
    alias_view(patch, HC_PATH(classes));
    alias_view(patch, HC_PATH(local_system));
    for (gsize i = 0; i < n_targets; i++) {
        if (!hc_patch_alias_control_set(patch, targets[i].hive, &places[i], n_targets == 1, error))
            return NULL;
    }
    return g_steal_pointer(&patch);
}

static void
note_uses(const Reading *reading, const HcDelta *patch)
{
    for (gsize i = 0; i < reading->n_targets; i++) {
        if (reading->uses->pdata[i] == NULL)
            reading->uses->pdata[i] = hc_patch_control_set_use(patch, &reading->places[i]);
    }
}

/* Adds what one file says to *all. */
static gboolean
read_one(const Reading *reading, const HcPatchFile *file, HcRegVariables *variables, HcDelta **all,
         GError **error)
{
    g_autoptr(HcDelta) patch =
        new_patch(reading->targets, reading->places, reading->n_targets, error);
    if (patch != NULL)
        hc_patch_alias_users(patch, reading->targets, reading->places, reading->n_targets,
                             reading->user);
    const HcPatchReading how = {reading->options, variables, reading->roots, reading->n_targets};
    if (patch == NULL || !hc_patch_file_read(reading->context, patch, file, &how, error))
        return FALSE;
    note_uses(reading, patch);
    if (reading->files->len > 1)
        return hc_delta_join(*all, patch, error);
    hc_delta_free(*all);
    *all = g_steal_pointer(&patch);
    return TRUE;
}

/* Reads all files into a new patch: the net effect of each, one after another. What is wrong with
 * any of them is told at once. */
static HcDelta *
read_all(const Reading *reading, GError **error)
{
    const HcPatchOptions *options = reading->options;
    g_autoptr(HcRegVariables) variables = hc_reg_variables_new(options->set, error);
    g_autoptr(HcDelta) all = hc_delta_new();
    GError *failures = NULL;
    if (variables == NULL)
        return NULL;
    if (options->last_wins)
        hc_delta_last_wins(all);
    for (guint i = 0; i < reading->files->len; i++) {
        const HcPatchFile *file = (const HcPatchFile *) reading->files->pdata[i];
        GError *failure = NULL;
        if (!read_one(reading, file, variables, &all, &failure))
            hc_cli_add_failure(reading->context, &failures, failure);
    }
    if (failures != NULL)
        return hc_fail_with_null(error, failures);
    if (!options->is_partial && !hc_reg_variables_check(variables, error))
        return NULL;
    return g_steal_pointer(&all);
}

/* Reads all for one user, or the first, and gives the targets their parts. */
static gboolean
route_user(Reading *reading, uint64_t *n_skipped, GError **error)
{
    HcPatchTarget *targets = reading->targets;
    const gboolean is_first = reading->user <= 1;
    g_autoptr(HcDelta) patch = read_all(reading, error);
    if (patch == NULL)
        return FALSE;
    const gboolean is_bare = has_bare(reading, patch);
    if (!check_roots(reading, patch, is_bare, error))
        return FALSE;
    if (is_bare)
        reading->places[0] = (HcDeltaPlace){{NULL, 0}, NULL};
    g_autofree gsize *chosen = g_new(gsize, reading->n_targets);
    g_autofree HcDeltaPlace *places = g_new(HcDeltaPlace, reading->n_targets);
    const gsize n_chosen =
        hc_patch_choose_targets(targets, reading->n_targets, reading->user, chosen);
    for (gsize i = 0; i < n_chosen; i++)
        places[i] = reading->places[chosen[i]];
    /* What is for nobody was told at the first. */
    if (!hc_delta_route(patch, places, n_chosen, reading->options->skip_foreign || !is_first,
                        n_skipped, error))
        return FALSE;
    for (gsize i = 0; i < n_chosen; i++) {
        HcPatchTarget *target = &targets[chosen[i]];
        if (target->user == reading->user || (is_first && target->user == 0))
            target->part = places[i].part;
        else
            hc_delta_free(places[i].part);
    }
    return TRUE;
}

static gboolean
route_users(Reading *reading, GError **error)
{
    const HcCliContext *context = reading->context;
    HcCliContext quiet = *context;
    const guint n_users = hc_patch_count_users(reading->targets, reading->n_targets);
    uint64_t n_skipped = 0;
    uint64_t n_again;
    quiet.quiet = TRUE;
    reading->user = MIN(n_users, 1);
    if (!route_user(reading, &n_skipped, error))
        return FALSE;
    gboolean ok = TRUE;
    reading->context = &quiet; /* it was said */
    for (reading->user = 2; ok && reading->user <= n_users; reading->user++)
        ok = route_user(reading, &n_again, error);
    reading->context = context;
    if (!ok)
        return FALSE;
    note_skipped(context, reading->targets, reading->n_targets, n_skipped);
    return TRUE;
}

static gboolean
route(Reading *reading, GError **error)
{
    HcPatchTarget *targets = reading->targets;
    const gsize n_targets = reading->n_targets;
    if (!check_options(reading->options, error))
        return FALSE;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autofree HcDeltaPlace *places = g_new(HcDeltaPlace, n_targets);
    g_autofree const HcRoot **roots = g_new(const HcRoot *, n_targets);
    for (gsize i = 0; i < n_targets; i++) {
        roots[i] = targets[i].root;
        places[i] = (HcDeltaPlace){hc_root_meaning(arena, hc_root_path(roots[i])), NULL};
    }
    reading->places = places;
    reading->roots = roots;
    gboolean is_done = route_users(reading, error);
    for (gsize i = 0; is_done && i < n_targets; i++)
        is_done = hc_patch_check_control_set(&targets[i], error);
    if (!is_done)
        clear_targets(targets, n_targets);
    return is_done;
}

gboolean
hc_patches_route(const HcCliContext *context, GPtrArray *files, HcPatchTarget *targets,
                 gsize n_targets, const HcPatchOptions *options, GError **error)
{
    g_autoptr(GPtrArray) uses = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_set_size(uses, (gint) n_targets);
    Reading reading = {context, files, targets, NULL, n_targets, options, NULL, uses, 0};
    return route(&reading, error);
}

HcDelta *
hc_patches_read(const HcCliContext *context, GPtrArray *files, const HcPatchOptions *options,
                GError **error)
{
    const Reading reading = {context, files, NULL, NULL, 0, options, NULL, NULL, 0};
    return check_options(options, error) ? read_all(&reading, error) : NULL;
}

static gboolean
check_conditions(const HcPatchTarget *targets, gsize n_targets, GError **error)
{
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    for (gsize i = 0; i < n_targets; i++) {
        const HcPatchTarget *target = &targets[i];
        g_autoptr(GArray) failed =
            hc_conditions_failed(target->part, target->hive, target->exact, error);
        if (failed == NULL)
            return FALSE;
        for (guint k = 0; k < failed->len; k++)
            hc_findings_add(findings,
                            hc_condition_finding(&g_array_index(failed, HcFailedCondition, k),
                                                 target->part, target->root));
    }
    return hc_findings_set_error(findings, error);
}

gboolean
hc_patches_resolve(HcCliContext *context, GPtrArray *files, HcPatchTarget *targets, gsize n_targets,
                   const HcPatchOptions *options, GError **error)
{
    g_autoptr(GPtrArray) uses = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_set_size(uses, (gint) n_targets);
    Reading reading = {context, files, targets, NULL, n_targets, options, NULL, uses, 0};
    g_autoptr(HcArena) arena = hc_arena_new();
    HcCreator creator;
    gboolean is_copy;
    if (!hc_new_keys_parse(options->new_keys, arena, &creator, &is_copy, error) ||
        !route(&reading, error))
        return FALSE;
    for (gsize i = 0; i < n_targets; i++) {
        targets[i].exact =
            hc_delta_resolve_as(targets[i].part, targets[i].hive, is_copy ? NULL : &creator, error);
        if (targets[i].exact == NULL ||
            !hc_patch_check_current(&targets[i], (const char *) uses->pdata[i], error)) {
            clear_targets(targets, n_targets);
            return FALSE;
        }
    }
    if (!options->is_verify && !check_conditions(targets, n_targets, error)) {
        clear_targets(targets, n_targets);
        return FALSE;
    }
    for (gsize i = 0; i < n_targets; i++) {
        const HcPatchTarget *target = &targets[i];
        HcKey key;
        if (hc_hive_root(target->hive, &key, NULL))
            note_links(context, target->hive, hc_delta_root(target->exact), &key,
                       target->root != NULL ? target->root->text : "");
    }
    return TRUE;
}
