#include "config.h"

#include "hivetool/compare.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/resolve.h"
#include "hivetool/reading.h"

/* Both sides, and what comes of them. */
typedef struct {
    HcCliContext *context;
    const HtCompareOptions *options;
    HcOperand old_operand;
    HcOperand new_operand;
    HtComparisons *all;
} Comparing;

static void
comparing_clear(Comparing *comparing)
{
    hc_operand_clear(&comparing->old_operand);
    hc_operand_clear(&comparing->new_operand);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Comparing, comparing_clear)

static void
comparison_free(void *pointer)
{
    HtComparison *comparison = pointer;
    g_free(comparison->place);
    hc_root_free(comparison->root);
    g_free(comparison->old_name);
    g_free(comparison->new_name);
    hc_delta_free(comparison->exact);
    hc_delta_free(comparison->old_patch);
    hc_delta_free(comparison->new_patch);
    g_clear_pointer(&comparison->old_text, g_bytes_unref);
    g_clear_pointer(&comparison->new_text, g_bytes_unref);
    g_free(comparison);
}

void
ht_comparisons_clear(HtComparisons *comparisons)
{
    g_clear_pointer(&comparisons->items, g_ptr_array_unref);
}

/* @root: (transfer full) (nullable); @label: what the place is called where that is not known */
static HtComparison *
add(Comparing *comparing, HcRoot *root, const char *label, const char *old_name,
    const char *new_name)
{
    HtComparison *comparison = g_new0(HtComparison, 1);
    comparison->root = root;
    comparison->place = g_strdup(root != NULL ? root->text : label);
    comparison->old_name = g_strdup(old_name);
    comparison->new_name = g_strdup(new_name);
    g_ptr_array_add(comparing->all->items, comparison);
    return comparison;
}

static gboolean
same_bytes(const HcHive *a, const HcHive *b)
{
    HcMap *map_a = hc_hive_map(a);
    HcMap *map_b = hc_hive_map(b);
    return hc_map_size(map_a) == hc_map_size(map_b) &&
           memcmp(hc_map_data(map_a), hc_map_data(map_b), (gsize) hc_map_size(map_a)) == 0;
}

/* --- states --- */

/* What @layer does to @base, or undoes. */
static HcDelta *
change_of_layer(const HcHive *base, const HcHive *layer, gboolean is_backwards, GError **error)
{
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, error);
    g_autoptr(HcDelta) exact = patch != NULL ? hc_delta_resolve(patch, base, error) : NULL;
    if (exact == NULL)
        return NULL;
    g_autoptr(HcDelta) change = hc_delta_lower(exact);
    return is_backwards ? hc_delta_invert(change) : g_steal_pointer(&change);
}

/* Two hives, of either kind.
 * @is_quiet: nobody is told of defects: a check is worth what the comparison gains by it
 * @check: (out): what is wrong with them */
static gboolean
compare_hives(HtComparison *comparison, const HcHive *old_hive, const HcHive *new_hive,
              guint ignore, gboolean is_quiet, HcPairCheck *check, GError **error)
{
    const gboolean is_old_layer = hc_hive_info(old_hive)->is_differencing;
    const gboolean is_new_layer = hc_hive_info(new_hive)->is_differencing;
    if ((is_old_layer || is_new_layer) && !is_quiet)
        hc_hive_check_pair(old_hive, new_hive, FALSE, check);
    if (is_old_layer && is_new_layer) {
        comparison->old_patch = hc_differencing_read(old_hive, error);
        comparison->new_patch =
            comparison->old_patch != NULL ? hc_differencing_read(new_hive, error) : NULL;
        return comparison->new_patch != NULL;
    }
    if (is_old_layer || is_new_layer) {
        comparison->exact =
            change_of_layer(is_old_layer ? new_hive : old_hive, is_old_layer ? old_hive : new_hive,
                            is_old_layer, error);
        return comparison->exact != NULL;
    }
    comparison->exact = is_quiet && !hc_hives_are_alike(old_hive, new_hive)
                            ? hc_diff(old_hive, new_hive, ignore, &comparison->ignored, error)
                            : hc_diff_checked(old_hive, new_hive, FALSE, ignore,
                                              &comparison->ignored, check, error);
    comparison->bytes_differ = comparison->exact != NULL && hc_delta_is_empty(comparison->exact) &&
                               !same_bytes(old_hive, new_hive);
    return comparison->exact != NULL;
}

/* Returns: (transfer full): what export writes, in UTF-8 */
static GBytes *export(const HcHive *hive, const HcRoot *root, GError **error)
{
    HcKey key;
    uint64_t n_left_out;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(HC_REG_UTF8, ht_root_name(arena, root));
    if (!hc_hive_root(hive, &key, error) ||
        !hc_reg_writer_hive(writer, hive, &key, (HcPath){NULL, 0}, &n_left_out, error))
        return NULL;
    return hc_reg_writer_finish(writer, error);
}

static gboolean
export_both(HtComparison *comparison, const HcHive *old_hive, const HcHive *new_hive,
            GError **error)
{
    if (comparison->exact == NULL || comparison->root == NULL ||
        hc_hive_info(old_hive)->is_differencing || hc_hive_info(new_hive)->is_differencing)
        return TRUE;
    comparison->old_text = export(old_hive, comparison->root, error);
    comparison->new_text =
        comparison->old_text != NULL ? export(new_hive, comparison->root, error) : NULL;
    return comparison->new_text != NULL;
}

/* Where two hives hang: the option, or whichever of them says. Of several hives the state says it.
 */
static gboolean
find_root(const Comparing *comparing, const HcRegistryHive *named, const HcHive *old_hive,
          const HcHive *new_hive, HcRoot **root, GError **error)
{
    *root = hc_root_copy(named->root);
    if (comparing->all->is_several)
        return TRUE;
    if (comparing->options->root != NULL) {
        g_clear_pointer(root, hc_root_free);
        return ht_find_root(old_hive, comparing->options->root, root, error);
    }
    if (*root == NULL)
        *root = ht_guess_root(old_hive);
    if (*root == NULL)
        *root = ht_guess_root(new_hive);
    return TRUE;
}

/* Two hives that hang at different places are seldom meant to be compared. */
static void
note_kinds(const Comparing *comparing, const HcHive *old_hive, const HcHive *new_hive)
{
    if (comparing->all->is_several || comparing->options->root != NULL)
        return;
    g_autoptr(HcRoot) old_root = ht_guess_root(old_hive);
    g_autoptr(HcRoot) new_root = ht_guess_root(new_hive);
    if (old_root != NULL && new_root != NULL && !hc_root_equal(old_root, new_root))
        hc_cli_note(comparing->context, "%s and %s are hives of two kinds, %s and %s",
                    hc_hive_file(old_hive), hc_hive_file(new_hive), old_root->text, new_root->text);
}

static gboolean
compare_pair(void *data, guint old_index, guint new_index, GError **error)
{
    Comparing *comparing = data;
    const HtCompareOptions *options = comparing->options;
    HcCliContext *context = comparing->context;
    HcRegistry *old_state = comparing->old_operand.state;
    HcRegistry *new_state = comparing->new_operand.state;
    g_auto(HtReading) old_reading = {NULL, NULL};
    g_auto(HtReading) new_reading = {NULL, NULL};
    HcRoot *root;
    if (!ht_reading_open_of(&old_reading, context, old_state, old_index, TRUE, options->is_salvage,
                            error) ||
        !ht_reading_open_of(&new_reading, context, new_state, new_index, TRUE, options->is_salvage,
                            error))
        return FALSE;
    const HcRegistryHive *old_named = hc_registry_hive(old_state, old_index);
    if (!find_root(comparing, old_named, old_reading.hive, new_reading.hive, &root, error))
        return FALSE;
    note_kinds(comparing, old_reading.hive, new_reading.hive);
    HtComparison *comparison = add(comparing, root, old_named->label, old_named->name,
                                   hc_registry_hive(new_state, new_index)->name);
    g_auto(HcPairCheck) check = {NULL, NULL, NULL};
    if (!compare_hives(comparison, old_reading.hive, new_reading.hive, options->ignore,
                       context->quiet, &check, error) ||
        (options->with_texts &&
         !export_both(comparison, old_reading.hive, new_reading.hive, error)))
        return FALSE;
    const HcPath everything = {NULL, 0};
    comparing->all->is_incomplete |=
        (ht_reading_status(&old_reading, context, &everything, TRUE) |
         ht_reading_status(&new_reading, context, &everything, TRUE)) != HC_EXIT_OK;
    hc_cli_note_defect(context, check.left);
    hc_cli_note_defect(context, check.right);
    return TRUE;
}

static gboolean
compare_states(Comparing *comparing, GError **error)
{
    const HtPairing pairing = {comparing->context, &comparing->old_operand, &comparing->new_operand,
                               "compared", "compare"};
    comparing->all->is_several = ht_pairing_is_several(&pairing);
    return ht_pair_hives(&pairing, compare_pair, comparing, &comparing->all->is_incomplete, error);
}

/* --- a state and a change --- */

/* Opens the hives of @state that a patch can speak of. */
static gboolean
open_targets(Comparing *comparing, const HcOperand *state, GArray *readings, HcPatchTarget *targets,
             GError **error)
{
    const HtCompareOptions *options = comparing->options;
    for (guint i = 0; i < hc_registry_n_hives(state->state); i++) {
        const HcRegistryHive *hive = hc_registry_hive(state->state, i);
        HcPatchTarget *target = &targets[readings->len];
        if (!state->is_one && hive->root == NULL)
            continue;
        g_array_set_size(readings, readings->len + 1);
        HtReading *reading = &g_array_index(readings, HtReading, readings->len - 1);
        if (!ht_reading_open_of(reading, comparing->context, state->state, i, TRUE,
                                options->is_salvage, error))
            return FALSE;
        if (hc_hive_info(reading->hive)->is_differencing)
            return hc_fail(error, HC_ERROR_UNSUPPORTED,
                           "%s: is a differencing hive, which means something only above its base",
                           hive->name);
        target->hive = reading->hive;
        target->root = hc_root_copy(hive->root);
        if (state->is_one && (options->root != NULL || hive->root == NULL)) {
            g_clear_pointer(&target->root, hc_root_free);
            if (!ht_find_root(reading->hive, options->root, &target->root, error))
                return FALSE;
        }
    }
    return TRUE;
}

static void
take_target(Comparing *comparing, HcPatchTarget *target, const HtReading *reading,
            const HcOperand *state, const HcOperand *change)
{
    const HcPath everything = {NULL, 0};
    const gboolean is_backwards = change == &comparing->old_operand;
    const char *file = hc_hive_file(target->hive);
    g_autofree char *label = g_path_get_basename(file);
    g_autoptr(HcDelta) exact = hc_delta_lower(target->exact);
    HtComparison *comparison =
        add(comparing, g_steal_pointer(&target->root), label, is_backwards ? change->file : file,
            is_backwards ? file : change->file);
    comparison->exact = is_backwards ? hc_delta_invert(exact) : g_steal_pointer(&exact);
    comparing->all->is_several = !state->is_one;
    comparing->all->is_incomplete |=
        ht_reading_status(reading, comparing->context, &everything, TRUE) != HC_EXIT_OK;
    hc_cli_note_unsound(comparing->context, target->hive);
}

static gboolean
resolve(Comparing *comparing, const HcOperand *change, HcPatchTarget *targets, gsize n_targets,
        GError **error)
{
    g_autoptr(GPtrArray) patches = hc_patch_files_of(change, error);
    return patches != NULL && hc_patches_resolve(comparing->context, patches, targets, n_targets,
                                                 comparing->options->patch_options, error);
}

static gboolean
compare_change(Comparing *comparing, const HcOperand *state, const HcOperand *change,
               GError **error)
{
    const guint n_hives = hc_registry_n_hives(state->state);
    g_autoptr(GArray) readings = g_array_new(FALSE, TRUE, sizeof(HtReading));
    g_array_set_clear_func(readings, (GDestroyNotify) ht_reading_clear);
    g_autofree HcPatchTarget *targets = g_new0(HcPatchTarget, n_hives);
    gboolean is_done = open_targets(comparing, state, readings, targets, error) &&
                       resolve(comparing, change, targets, readings->len, error);
    for (guint i = 0; i < readings->len; i++) {
        if (is_done)
            take_target(comparing, &targets[i], &g_array_index(readings, HtReading, i), state,
                        change);
        hc_patch_target_clear(&targets[i]);
        g_clear_pointer(&targets[i].root, hc_root_free);
    }
    return is_done;
}

/* --- two changes --- */

/* What @operand says, from HKEY_ names on. */
static HcDelta *
read_change(const Comparing *comparing, const HcOperand *operand, GError **error)
{
    if (operand->kind == HC_OPERAND_CHANGE) {
        g_autoptr(GPtrArray) patches = hc_patch_files_of(operand, error);
        return patches != NULL ? hc_patches_read(comparing->context, patches,
                                                 comparing->options->patch_options, error)
                               : NULL;
    }
    const HcHiveReading how = {.flags = 0};
    g_autoptr(HcHive) layer =
        hc_cli_open_hive_of(comparing->context, operand->state, 0, &how, error);
    g_autoptr(HcRoot) root =
        layer != NULL ? ht_need_root(layer, comparing->options->root, error) : NULL;
    g_autoptr(HcDelta) patch = root != NULL ? hc_differencing_read(layer, error) : NULL;
    if (patch == NULL)
        return NULL;
    HcDelta *all = hc_delta_new();
    hc_delta_graft(all, root->path, patch);
    return all;
}

static gboolean
compare_changes(Comparing *comparing, GError **error)
{
    const HcOperand *old_operand = &comparing->old_operand;
    const HcOperand *new_operand = &comparing->new_operand;
    HtComparison *comparison = add(comparing, NULL, "", old_operand->file, new_operand->file);
    comparison->old_patch = read_change(comparing, old_operand, error);
    comparison->new_patch =
        comparison->old_patch != NULL ? read_change(comparing, new_operand, error) : NULL;
    return comparison->new_patch != NULL;
}

static gboolean
check_root_option(const Comparing *comparing, GError **error)
{
    if (comparing->options->root == NULL || comparing->old_operand.is_one ||
        comparing->new_operand.is_one)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE,
                   "--root is for one hive, those of %s are at places of their own",
                   comparing->old_operand.text);
}

gboolean
ht_compare(HtComparisons *comparisons, HcCliContext *context, const char *old_text,
           const char *new_text, const HtCompareOptions *options, GError **error)
{
    g_auto(Comparing) comparing = {.context = context, .options = options, .all = comparisons};
    HcOperand *old_operand = &comparing.old_operand;
    HcOperand *new_operand = &comparing.new_operand;
    *comparisons = (HtComparisons){.items = g_ptr_array_new_with_free_func(comparison_free)};
    if (!hc_cli_operand_open(old_operand, old_text, error) ||
        !hc_cli_operand_open(new_operand, new_text, error) || !check_root_option(&comparing, error))
        return FALSE;
    const gboolean is_old_change = old_operand->kind == HC_OPERAND_CHANGE;
    const gboolean is_new_change = new_operand->kind == HC_OPERAND_CHANGE;
    /* What a differencing hive does to a hive, or how two differ, hives show themselves. */
    if (!is_old_change && !is_new_change)
        return compare_states(&comparing, error);
    if (old_operand->kind != HC_OPERAND_STATE && new_operand->kind != HC_OPERAND_STATE)
        return compare_changes(&comparing, error);
    return is_new_change ? compare_change(&comparing, old_operand, new_operand, error)
                         : compare_change(&comparing, new_operand, old_operand, error);
}
