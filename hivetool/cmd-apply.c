#include "config.h"

#include "hivetool/common.h"

#include "hivecore/delta/rebuild.h"
#include "hivecore/edit/edit.h"
#include "hivecore/report/report.h"
#include "hivetool/patches.h"

static HtPatchOptions patch_options;
static char *output_option;
static char *reverse_option;
static char *engine_option;
static gboolean in_place;
static gboolean dry_run;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "write the patched hive to OUT",
     "OUT"},
    {"in-place", 0, 0, G_OPTION_ARG_NONE, &in_place, "replace HIVE by the patched hive", NULL},
    {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, "print what would change, write nothing",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &patch_options.root,
     "where HIVE hangs in the registry,\nlike HKLM\\SOFTWARE", "ROOT"},
    {"reverse-out", 0, 0, G_OPTION_ARG_FILENAME, &reverse_option,
     "write the patch that undoes this one to FILE,\nas JSON when its name ends in .json", "FILE"},
    {"skip-foreign", 0, 0, G_OPTION_ARG_NONE, &patch_options.skip_foreign,
     "skip what the patches say of keys outside ROOT", NULL},
    {"last-wins", 0, 0, G_OPTION_ARG_NONE, &patch_options.last_wins,
     "let the later of contradicting patches win", NULL},
    {"compat", 0, 0, G_OPTION_ARG_FILENAME, &patch_options.compat,
     "regedit: skip bad lines of .reg files and count\nthem, as regedit does", "MODE"},
    {"ansi-codepage", 0, 0, G_OPTION_ARG_INT, &patch_options.ansi_codepage,
     "code page of 8-bit .reg files that are not\nUTF-8 (1252)", "N"},
    {"engine", 0, 0, G_OPTION_ARG_FILENAME, &engine_option,
     "what writes the hive: auto, hivex or rebuild", "ENGINE"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
check_options(GError **error)
{
    if ((output_option != NULL) + (in_place != 0) + (dry_run != 0) != 1) {
        g_set_error(error, HC_ERROR, HC_ERROR_USAGE,
                    "apply: exactly one of -o OUT, --in-place and --dry-run is needed");
        return FALSE;
    }
    if (engine_option == NULL || g_str_equal(engine_option, "auto") ||
        g_str_equal(engine_option, "hivex") || g_str_equal(engine_option, "rebuild"))
        return TRUE;
    g_set_error(error, HC_ERROR, HC_ERROR_USAGE, "--engine is '%s', not auto, hivex or rebuild",
                engine_option);
    return FALSE;
}

/* No output may be an input or the other output. */
static gboolean
check_files(char **args, GError **error)
{
    char *const outputs[] = {output_option, NULL};
    if (!ht_refuse_overwrite(output_option, args, error) ||
        !ht_refuse_overwrite(reverse_option, args, error) ||
        !ht_refuse_overwrite(reverse_option, outputs, error))
        return FALSE;
    if (reverse_option == NULL || g_strcmp0(reverse_option, output_option) != 0)
        return TRUE;
    g_set_error(error, HC_ERROR, HC_ERROR_USAGE, "%s: cannot be both outputs", reverse_option);
    return FALSE;
}

/* The text of --reverse-out. */
static GBytes *
make_reverse(HcCliContext *context, const HcDelta *exact, const HcRoot *root, GError **error)
{
    g_autoptr(HcDelta) inverse = hc_delta_invert(exact);
    if (g_str_has_suffix(reverse_option, ".json")) {
        HcReportOptions options = {.root = root != NULL ? root->text : "",
                                   .ignore = HC_IGNORE_DEFAULT};
        GString *json = g_string_new(NULL);
        hc_report_json(json, inverse, &options);
        return g_string_free_to_bytes(json);
    }
    if (root == NULL) {
        g_set_error(error, HC_ERROR, HC_ERROR_USAGE,
                    "%s: a .reg file needs to know where the hive hangs, use --root",
                    reverse_option);
        return NULL;
    }
    uint64_t n_inexpressible = 0;
    g_autoptr(HcArena) arena = hc_arena_new();
    GBytes *text = hc_reg_write_delta(inverse, HC_REG_UTF16, ht_root_name(arena, root),
                                      &n_inexpressible, error);
    if (text != NULL && n_inexpressible > 0)
        hc_cli_note(context,
                    "%s: %" G_GUINT64_FORMAT " change%s cannot be said in a .reg file, "
                    "use a name that ends in .json",
                    reverse_option, n_inexpressible, n_inexpressible == 1 ? "" : "s");
    return text;
}

static void
print_dry_run(HcCliContext *context, const HcDelta *lowered, const HcRoot *root)
{
    HcReportOptions options = {.root = root != NULL ? root->text : "", .color = context->color};
    hc_report_text(context->out, lowered, &options);
}

/* A file that is written but not published yet; what the hive's mode hides stays hidden. */
static HcOutput *
prepare(const char *file, gboolean replace, const HcHive *hive, GBytes *bytes, GError **error)
{
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    g_autoptr(HcOutput) output = hc_output_open(file, replace, error);
    if (output == NULL || !hc_output_hide_like(output, hc_hive_file(hive), error) ||
        !hc_output_write(output, data, n_bytes, error))
        return NULL;
    return g_steal_pointer(&output);
}

static gboolean
is_unsupported(const GError *error)
{
    return g_error_matches(error, HC_ERROR, HC_ERROR_UNSUPPORTED);
}

/* @refusal: why hivex did not do it, NULL when it was not asked. */
static GBytes *
rebuild(HcCliContext *context, const HcHive *hive, const HcDelta *exact, const GError *refusal,
        GError **error)
{
    if (refusal != NULL)
        hc_cli_verbose(context, "%s", refusal->message);
    hc_cli_verbose(context, "%s: rebuilding the hive", hc_hive_file(hive));
    return hc_rebuild_apply(hive, exact, context->epoch, error);
}

/* The patched hive; the input as it is when there is nothing to do. */
static GBytes *
make_result(HcCliContext *context, const HcHive *hive, const HcDelta *exact, GError **error)
{
    if (hc_delta_is_empty(exact)) {
        HcMap *map = hc_hive_map(hive);
        return g_bytes_new_static(hc_map_data(map), (gsize) hc_map_size(map));
    }
    if (g_strcmp0(engine_option, "rebuild") == 0)
        return rebuild(context, hive, exact, NULL, error);

    const gboolean is_auto = g_strcmp0(engine_option, "hivex") != 0;
    g_autoptr(GError) refusal = NULL;
    if (is_auto && !hc_edit_is_safe(hive, exact, &refusal) && is_unsupported(refusal))
        return rebuild(context, hive, exact, refusal, error);
    g_clear_error(&refusal);
    hc_cli_verbose(context, "%s: editing with hivex", hc_hive_file(hive));
    g_autoptr(GBytes) result = hc_edit_apply(hive, exact, context->epoch, &refusal);
    /* Some of what hivex cannot do shows only when it has done it. */
    if (is_auto && result == NULL && is_unsupported(refusal))
        return rebuild(context, hive, exact, refusal, error);
    if (result == NULL)
        g_propagate_error(error, g_steal_pointer(&refusal));
    return g_steal_pointer(&result);
}

/* Whether nobody has replaced or changed the hive since it was read, as a second apply would. */
static gboolean
is_still_the_file(const HcHive *hive, GError **error)
{
    if (hc_map_is_current(hc_hive_map(hive)))
        return TRUE;
    g_set_error(error, HC_ERROR, HC_ERROR_IO,
                "%s: another program changed the file while it was being patched",
                hc_hive_file(hive));
    return FALSE;
}

/* Both files are whole in their folders before the first of them appears. */
static gboolean
write_all(HcCliContext *context, const HcHive *hive, const HcDelta *exact, const HcRoot *root,
          GError **error)
{
    g_autoptr(GBytes) result = NULL;
    g_autoptr(GBytes) reverse = NULL;
    g_autoptr(HcOutput) hive_file = NULL;
    g_autoptr(HcOutput) reverse_file = NULL;
    const gboolean is_empty = hc_delta_is_empty(exact);
    if (!is_empty || (!in_place && !dry_run)) {
        /* A dry run goes as far, so that its yes is the yes of the real one. */
        result = make_result(context, hive, exact, error);
        if (result == NULL)
            return FALSE;
    }
    if (result != NULL && !dry_run) {
        hive_file =
            prepare(in_place ? hc_hive_file(hive) : output_option, in_place, hive, result, error);
        if (hive_file == NULL)
            return FALSE;
    }
    /* With nothing to do, the way back of an earlier run is not overwritten. */
    if (reverse_option != NULL && !is_empty) {
        reverse = make_reverse(context, exact, root, error);
        reverse_file =
            reverse != NULL ? prepare(reverse_option, FALSE, hive, reverse, error) : NULL;
        if (reverse_file == NULL)
            return FALSE;
    }
    return (!in_place || is_still_the_file(hive, error)) &&
           (reverse_file == NULL || hc_output_commit(reverse_file, error)) &&
           (hive_file == NULL || hc_output_commit(hive_file, error));
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    if (!check_options(error) || !check_files(args, error))
        return FALSE;
    g_autoptr(HcHive) hive = ht_open_ordinary(context, args[0], error);
    if (hive == NULL)
        return FALSE;
    g_autoptr(HcRoot) root = NULL;
    g_autoptr(HcDelta) exact =
        ht_load_patches(context, hive, args + 1, &patch_options, &root, error);
    if (exact == NULL || !write_all(context, hive, exact, root, error))
        return FALSE;

    g_autoptr(HcDelta) lowered = hc_delta_lower(exact);
    if (dry_run)
        print_dry_run(context, lowered, root);
    g_autoptr(GString) counts = g_string_new(NULL);
    if (!hc_report_append_counts(counts, lowered))
        hc_cli_note(context, "%s: nothing to do", args[0]);
    else if (!dry_run)
        hc_cli_note(context, "%s: %s", in_place ? args[0] : output_option, counts->str);
    if (in_place && counts->len > 0 && hc_hive_info(hive)->is_made_clean)
        hc_cli_note(context, "%s: transaction logs beside it are now obsolete, remove them",
                    args[0]);
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_apply = {
    .name = "apply",
    .args = "HIVE PATCH...",
    .summary = "write a hive with patches applied",
    .details = "A PATCH is a .reg file or a JSON delta as 'diff --format=json' prints it; '-' is\n"
               "standard input. Several patches are applied in order. Exactly one of -o OUT,\n"
               "--in-place and --dry-run says where the result goes. The result is opened again\n"
               "and compared before it appears; a failure leaves every file as it was.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .run = run,
};
