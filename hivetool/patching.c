#include "config.h"

#include "hivetool/patching.h"

#include <sys/stat.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/edit/edit.h"
#include "hivecore/report/report.h"
#include "hivetool/hives.h"

/* More copies of one file than these are a mistake. */
#define MAX_BACKUPS 999u

typedef enum {
    ENGINE_AUTO,
    ENGINE_HIVEX,
    ENGINE_REBUILD,
} Engine;

gboolean
ht_patching_check(HtPatching *how, const char *command, GError **error)
{
    static const HcChoice engines[] = {
        {"auto", ENGINE_AUTO}, {"hivex", ENGINE_HIVEX}, {"rebuild", ENGINE_REBUILD}};
    const int n_places = (how->output != NULL) + (how->in_place != 0);
    if (n_places > 1 || (n_places == 0 && !how->dry_run))
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: exactly one of -o OUT, --in-place and --dry-run is needed", command);
    if (!hc_cli_check_showing(&how->showing, error))
        return FALSE;
    if (how->backup != NULL && !how->in_place)
        return hc_fail(error, HC_ERROR_USAGE, "%s: --backup is for --in-place", command);
    if (how->is_exit_code && !how->dry_run)
        return hc_fail(error, HC_ERROR_USAGE, "%s: --exit-code is for --dry-run", command);
    const int choice = HC_CHOICE_PARSE("--engine is", how->engine, engines, error);
    how->engine_choice = choice;
    return choice >= 0;
}

/* -o NAME=OUT. */
static gboolean
take_named_output(const HtTargets *targets, const char *option, const char *name, const char *file,
                  GError **error)
{
    HtTarget *target = ht_targets_find(targets, name, error);
    if (target == NULL) {
        g_prefix_error(error, "-o %s: ", option);
        return FALSE;
    }
    if (target->output == NULL && file[0] != '\0') {
        target->output = g_strdup(file);
        return TRUE;
    }
    return hc_fail(error, HC_ERROR_USAGE, "-o %s: %s", option,
                   target->output != NULL ? "NAME is given twice" : "not of the form NAME=OUT");
}

/* -o OUT: the hive there is, or a folder for all hives under their file names. */
static gboolean
take_output(const HtPatching *how, const HtTargets *targets, const char *option, GError **error)
{
    const gboolean is_folder = targets->is_named && g_file_test(option, G_FILE_TEST_IS_DIR);
    if (g_strv_length(how->output) > 1 || (targets->n > 1 && !is_folder))
        return hc_fail(error, HC_ERROR_USAGE, "-o %s: %s", option,
                       !targets->is_named ? "-o is given more than once, and there is one HIVE"
                       : is_folder        ? "a folder is for all hives, without another -o"
                                          : "is not NAME=OUT, and no folder");
    for (gsize i = 0; i < targets->n; i++) {
        HtTarget *target = &targets->items[i];
        g_autofree char *base = ht_name_in_folder(hc_registry_hive(target->state, target->index));
        target->output = is_folder ? g_build_filename(option, base, NULL) : g_strdup(option);
    }
    return TRUE;
}

static gboolean
choose_outputs(const HtPatching *how, const HtTargets *targets, GError **error)
{
    for (gsize i = 0; how->in_place && i < targets->n; i++) {
        targets->items[i].output = g_strdup(targets->items[i].file);
    }
    for (gsize i = 0; how->output != NULL && how->output[i] != NULL; i++) {
        const char *option = how->output[i];
        const char *file = NULL;
        g_autofree char *name = targets->is_named ? ht_name_split(option, &file) : NULL;
        if (name != NULL ? !take_named_output(targets, option, name, file, error)
                         : !take_output(how, targets, option, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_is_no_input(const HtTargets *targets, const char *output, GError **error)
{
    for (gsize i = 0; i < targets->n; i++) {
        gboolean is_input;
        if (!hc_cli_find_input(output, targets->items[i].input, &is_input, error))
            return FALSE;
        if (!is_input && !ht_is_same_file(targets->items[i].file, output))
            continue;
        return hc_fail(error, HC_ERROR_USAGE, "%s: is an input, it cannot be the output too",
                       output);
    }
    if (targets->data_file != NULL && ht_is_same_file(targets->data_file, output))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is an input, it cannot be the output too",
                       output);
    return hc_cli_refuse_overwrite(output, targets->patches, error);
}

/* Whether @output is none of the files that the first @n targets go to. */
static gboolean
check_is_alone(const HtTargets *targets, gsize n, const char *output, GError **error)
{
    for (gsize i = 0; i < n; i++) {
        const char *other = targets->items[i].output;
        if (other == NULL || !ht_is_same_file(other, output))
            continue;
        return hc_fail(error, HC_ERROR_USAGE, "%s: cannot be both outputs", output);
    }
    return TRUE;
}

/* No output may be an input or another output. */
static gboolean
check_files(const HtPatching *how, const HtTargets *targets, GError **error)
{
    for (gsize i = 0; i < targets->n && !how->in_place; i++) {
        const char *output = targets->items[i].output;
        if (output != NULL && (!check_is_no_input(targets, output, error) ||
                               !check_is_alone(targets, i, output, error)))
            return FALSE;
    }
    return how->reverse == NULL || (check_is_no_input(targets, how->reverse, error) &&
                                    check_is_alone(targets, targets->n, how->reverse, error));
}

/* Whether every hive that changes has an output. */
static gboolean
check_all_named(const HtPatching *how, const HtTargets *targets, GError **error)
{
    for (gsize i = 0; i < targets->n; i++) {
        const HtTarget *target = &targets->items[i];
        if (how->dry_run || target->output != NULL || hc_delta_is_empty(targets->patched[i].exact))
            continue;
        return hc_fail(
            error, HC_ERROR_USAGE,
            "%s=%s: the patches change this hive too, and no -o %s=OUT says where it goes",
            target->name, target->file, target->name);
    }
    return TRUE;
}

/* Hives that hang in each other have no common patch: one could undo a key above the other's root,
 * and nothing may. */
static gboolean
check_not_nested(const HtPatching *how, const HtTargets *targets, GError **error)
{
    for (gsize i = 0; i < targets->n; i++) {
        if (targets->items[i].root == NULL)
            return hc_fail(error, HC_ERROR_USAGE,
                           "%s: --reverse-out cannot undo hives whose place is not known, give "
                           "them as NAME=HIVE",
                           how->reverse);
    }
    for (gsize i = 0; i < targets->n * targets->n; i++) {
        const HtTarget *outer = &targets->items[i / targets->n];
        const HtTarget *inner = &targets->items[i % targets->n];
        if (outer == inner || !hc_root_is_below(inner->root, outer->root))
            continue;
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: --reverse-out cannot undo %s and %s together, one hangs in the other",
                       how->reverse, outer->root->text, inner->root->text);
    }
    return TRUE;
}

/* What undoes all changes, below HKEY_ names where there are several hives; else below the hive's
 * root key, with its place in *root. */
static HcDelta *
make_inverse(const HtTargets *targets, const char **root)
{
    *root = "";
    if (!targets->is_named) {
        *root = targets->items[0].root != NULL ? targets->items[0].root->text : "";
        return hc_delta_invert(targets->patched[0].exact);
    }
    HcDelta *all = hc_delta_new();
    for (gsize i = 0; i < targets->n; i++) {
        const HcRoot *place = targets->items[i].root;
        g_autoptr(HcDelta) inverse = hc_delta_invert(targets->patched[i].exact);
        hc_delta_graft(all, place->path, inverse);
    }
    return all;
}

/* The text of --reverse-out. */
static GBytes *
make_reverse(const HtPatching *how, HcCliContext *context, const HtTargets *targets, GError **error)
{
    const char *root;
    if (targets->is_named && !check_not_nested(how, targets, error))
        return NULL;
    g_autoptr(HcDelta) inverse = make_inverse(targets, &root);
    if (g_str_has_suffix(how->reverse, ".json")) {
        HcReportOptions options = {.root = root, .ignore = HC_IGNORE_DEFAULT};
        g_autoptr(HcStream) json = hc_stream_new_spool();
        hc_report_json(json, inverse, &options);
        return hc_stream_take(json, error);
    }
    if (targets->items[0].root == NULL)
        return hc_fail_null(error, HC_ERROR_USAGE,
                            "%s: a .reg file needs to know where the hive hangs, use --root",
                            how->reverse);
    uint64_t n_inexpressible = 0;
    g_autoptr(HcArena) arena = hc_arena_new();
    GBytes *text = hc_reg_write_delta(
        inverse, HC_REG_UTF16,
        targets->is_named ? HC_NAME_EMPTY : ht_root_name(arena, targets->items[0].root),
        &n_inexpressible, error);
    if (text == NULL)
        (void) ht_name_json(error, "a name that ends in .json"); /* it is FALSE */
    else if (n_inexpressible > 0)
        hc_cli_note(context,
                    "%s: %" G_GUINT64_FORMAT " change%s cannot be said in a .reg file, "
                    "use a name that ends in .json",
                    how->reverse, n_inexpressible, n_inexpressible == 1 ? "" : "s");
    return text;
}

/* A file that is not published yet; what the modes of one hive, or of all with @hive NULL, and the
 * patches hide stays hidden. */
static HcOutput *
prepare(const char *file, const HcLock *lock, const HtTargets *targets, const HcHive *hive,
        GError **error)
{
    g_autoptr(HcOutput) output = hc_output_open(file, lock, error);
    if (output == NULL || !hc_cli_hide_like_all(output, targets->patches, error) ||
        (targets->data_file != NULL && !hc_output_hide_like(output, targets->data_file, error)))
        return NULL;
    for (gsize i = 0; i < targets->n; i++) {
        if ((hive == NULL || hive == targets->items[i].hive) &&
            !hc_cli_hide_like(output, targets->items[i].input, error))
            return NULL;
    }
    return g_steal_pointer(&output);
}

static gboolean
is_unsupported(const GError *error)
{
    return g_error_matches(error, HC_ERROR, HC_ERROR_UNSUPPORTED);
}

/* @refusal: why hivex did not do it, NULL when it was not asked. */
static gboolean
rebuild(HcCliContext *context, const HcPatchTarget *target, const GError *refusal, HcOutput *output,
        GError **error)
{
    if (refusal != NULL)
        hc_cli_verbose(context, "%s", refusal->message);
    hc_cli_verbose(context, "%s: rebuilding the hive", hc_hive_file(target->hive));
    g_autoptr(GBytes) result =
        hc_rebuild_apply_to(target->hive, target->exact, context->epoch, output, error);
    return result != NULL;
}

/* Writes the patched hive, proven; the input as it is when there is nothing to do. @output:
 * (nullable): NULL in a dry run */
static gboolean
make_hive(const HtPatching *how, HcCliContext *context, const HcPatchTarget *target,
          HcOutput *output, GError **error)
{
    if (hc_delta_is_empty(target->exact)) {
        const HcMap *map = hc_hive_map(target->hive);
        return hc_output_write(output, hc_map_data(map), (gsize) hc_map_size(map), error);
    }
    if (how->engine_choice == ENGINE_REBUILD)
        return rebuild(context, target, NULL, output, error);

    const gboolean is_auto = how->engine_choice == ENGINE_AUTO;
    g_autoptr(GError) refusal = NULL;
    if (is_auto && !hc_edit_is_safe(target->hive, target->exact, &refusal) &&
        is_unsupported(refusal))
        return rebuild(context, target, refusal, output, error);
    g_clear_error(&refusal);
    hc_cli_verbose(context, "%s: editing with hivex", hc_hive_file(target->hive));
    g_autoptr(GBytes) result =
        hc_edit_apply_to(target->hive, target->exact, context->epoch, output, &refusal);
    /* Some of what hivex cannot do shows only when it has done it. */
    if (is_auto && result == NULL && is_unsupported(refusal))
        return rebuild(context, target, refusal, output, error);
    if (result == NULL)
        g_propagate_error(error, g_steal_pointer(&refusal));
    return result != NULL;
}

/* A name for a copy of @file that nothing has. */
static char *
free_name(const char *file, const char *suffix, GError **error)
{
    struct stat status;
    gboolean is_there = TRUE;
    g_autofree char *name = g_strconcat(file, suffix, NULL);
    for (guint i = 1; i <= MAX_BACKUPS; i++) {
        if (!hc_file_look(name, FALSE, &status, &is_there, error))
            return NULL;
        if (!is_there)
            return g_steal_pointer(&name);
        g_free(name);
        name = g_strdup_printf("%s%s.%u", file, suffix, i);
    }
    return hc_fail_null(error, HC_ERROR_LIMIT, "%s%s: there are %u copies already", file, suffix,
                        MAX_BACKUPS);
}

/* A copy of the file as it is, logs not replayed, which appears before the new one does. */
static gboolean
keep_old(const HtPatching *how, const char *file, GPtrArray *files, GPtrArray *kept, GError **error)
{
    g_autofree char *name = free_name(file, how->backup[0] != '\0' ? how->backup : ".bak", error);
    g_autoptr(HcMap) map = name != NULL ? hc_map_open(file, UINT64_MAX, error) : NULL;
    HcOutput *copy = map != NULL ? hc_output_open(name, NULL, error) : NULL;
    if (copy == NULL)
        return FALSE;
    g_ptr_array_insert(files, 0, copy);
    g_ptr_array_add(kept, g_strdup_printf("%s: kept as %s", file, name));
    return hc_output_hide_like(copy, file, error) &&
           hc_output_write(copy, hc_map_data(map), (gsize) hc_map_size(map), error);
}

/* Makes one hive and adds it to @files, where it is to be written; to @kept what is to be said of
 * its old file. */
static gboolean
write_hive(const HtPatching *how, HcCliContext *context, const HtTargets *targets, gsize index,
           GPtrArray *files, GPtrArray *kept, GError **error)
{
    const HcPatchTarget *target = &targets->patched[index];
    const char *output = targets->items[index].output;
    /* In place nothing is written for nothing. A dry run goes as far, so that its yes is the yes of
     * the real one. */
    if (hc_delta_is_empty(target->exact) && (how->in_place || how->dry_run || output == NULL))
        return TRUE;
    if (how->dry_run || output == NULL)
        return make_hive(how, context, target, NULL, error);
    if (how->backup != NULL && how->in_place && !keep_old(how, output, files, kept, error))
        return FALSE;
    HcOutput *file = prepare(output, targets->lock, targets, target->hive, error);
    if (file == NULL)
        return FALSE;
    g_ptr_array_add(files, file);
    return make_hive(how, context, target, file, error);
}

static gboolean
is_all_empty(const HtTargets *targets)
{
    for (gsize i = 0; i < targets->n; i++) {
        if (!hc_delta_is_empty(targets->patched[i].exact))
            return FALSE;
    }
    return TRUE;
}

/* The way back shows what was in the hives, and is as secret as they are. */
static gboolean
write_reverse(const HtPatching *how, HcCliContext *context, const HtTargets *targets,
              GPtrArray *files, GError **error)
{
    g_autoptr(GBytes) reverse = make_reverse(how, context, targets, error);
    if (reverse == NULL)
        return FALSE;
    HcOutput *file = prepare(how->reverse, NULL, targets, NULL, error);
    if (file == NULL)
        return FALSE;
    g_ptr_array_insert(files, 0, file);
    return hc_output_write(file, g_bytes_get_data(reverse, NULL), g_bytes_get_size(reverse), error);
}

/* All files are whole in their folders before the first of them appears. */
static gboolean
write_all(const HtPatching *how, HcCliContext *context, const HtTargets *targets, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify) hc_output_free);
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; i < targets->n; i++) {
        if (!write_hive(how, context, targets, i, files, kept, error))
            return FALSE;
    }
    /* With nothing to do, the way back of an earlier run is not overwritten. */
    if (how->reverse != NULL && !how->dry_run && !is_all_empty(targets) &&
        !write_reverse(how, context, targets, files, error))
        return FALSE;
    if (!hc_cli_commit(context, (HcOutput *const *) files->pdata, files->len, error))
        return FALSE;
    for (guint i = 0; i < kept->len; i++)
        hc_cli_note(context, "%s", (const char *) kept->pdata[i]);
    return TRUE;
}

/* A page for all hives, as far as headings allow. */
static guint
lines_for_each(const HtTargets *targets)
{
    guint n_changed = 0;
    for (gsize i = 0; i < targets->n; i++)
        n_changed += hc_delta_is_empty(targets->patched[i].exact) ? 0 : 1;
    return MAX(HC_REPORT_LINES / MAX(n_changed, 1), HC_REPORT_LINES_LEAST);
}

/* What was or would be done to one hive. */
static void
report(const HtPatching *how, HcCliContext *context, const HtTargets *targets, gsize index,
       gboolean is_first)
{
    const HtTarget *target = &targets->items[index];
    const char *file = target->file;
    g_autoptr(HcDelta) lowered = hc_delta_lower(targets->patched[index].exact);
    if (how->dry_run) {
        HcReportOptions options = {.root = target->root != NULL ? target->root->text : "",
                                   .color = context->color};
        hc_cli_fit_report(context, &how->showing, NULL, lines_for_each(targets), &options);
        g_autofree char *shown = hc_display(file);
        if (targets->n > 1)
            g_string_append_printf(context->out, "%s%s:\n", is_first ? "" : "\n", shown);
        hc_report_text(context->stream, lowered, &options);
    }
    const gboolean is_change = !hc_delta_is_empty(lowered);
    if (!is_change || !how->dry_run)
        hc_cli_note_change(context, is_change ? target->output : file, lowered, "nothing to do");
    if (how->in_place && !how->dry_run && is_change && hc_hive_info(target->hive)->is_made_clean)
        hc_cli_note(context, "%s: transaction logs beside it are now obsolete, remove them", file);
}

/* Of a disk only the hives that change. */
static void
report_all(const HtPatching *how, HcCliContext *context, const HtTargets *targets)
{
    const HcRegistry *disk = NULL;
    gboolean is_first = TRUE;
    for (gsize i = 0; i < targets->n; i++) {
        const HcRegistry *state = targets->items[i].state;
        if (targets->n > 1 && hc_registry_is_disk(state) &&
            hc_delta_is_empty(targets->patched[i].exact)) {
            disk = state;
            continue;
        }
        report(how, context, targets, i, is_first);
        is_first = FALSE;
    }
    if (is_first)
        hc_cli_note(context, "%s: nothing to do", hc_registry_name(disk));
}

HtTargeting
ht_patching_targeting(const HtPatching *how)
{
    return (HtTargeting){.root = how->root,
                         .users = how->users,
                         .key_user = how->key_user,
                         .lock_timeout = how->in_place && !how->dry_run ? &how->lock_timeout : NULL,
                         .is_awake = how->is_awake};
}

gboolean
ht_patching_choose(const HtPatching *how, const HtTargets *targets, GError **error)
{
    return choose_outputs(how, targets, error) && check_files(how, targets, error);
}

gboolean
ht_patching_write(HcCliContext *context, const HtPatching *how, HtTargets *targets, HcExit *status,
                  GError **error)
{
    if (!check_all_named(how, targets, error) || !write_all(how, context, targets, error))
        return FALSE;
    report_all(how, context, targets);
    if (how->reverse != NULL && !how->dry_run && is_all_empty(targets))
        hc_cli_note(context, "%s: not written, there is nothing to undo", how->reverse);
    *status = how->is_exit_code && !is_all_empty(targets) ? HC_EXIT_NO : HC_EXIT_OK;
    return TRUE;
}
