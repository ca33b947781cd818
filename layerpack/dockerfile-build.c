#include "config.h"

#include "layerpack/dockerfile-build.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/cli/cli-hive.h"
#include "layerpack/finish-image.h"
#include "layerpack/index-report.h"

static gboolean
each_has_layer(const LpDockerBuild *build)
{
    return g_strcmp0(build->run->options->layers, "each") == 0;
}

/* A dry run says what was done. */
static void
tell_step(const LpDockerBuild *build, const HcInstruction *own)
{
    GString *out = build->context->out;
    if (build->run->what.to != NULL)
        return;
    hc_append_display(out, build->file->file, strlen(build->file->file));
    g_string_append_printf(out, ":%u: ", own->line);
    hc_append_display(out, own->text, strlen(own->text));
    g_string_append_c(out, '\n');
    for (guint i = 0; i < build->told->len; i++)
        g_string_append_printf(out, "    %s\n", (const char *) build->told->pdata[i]);
}

static gboolean
run_instructions(LpDockerBuild *build, LpStage *stage, GError **error)
{
    const GPtrArray *instructions = stage->stage->instructions;
    for (guint i = 0; i < instructions->len; i++) {
        const HcInstruction *own = instructions->pdata[i];
        gboolean has_changed;
        g_ptr_array_set_size(build->told, 0);
        if (!lp_docker_step(build, stage, own, &has_changed, error))
            return lp_docker_place(build, own->line, error);
        tell_step(build, own);
        lp_docker_config_add_step(stage->config, own->text, has_changed);
        if (stage->is_layered && each_has_layer(build) && has_changed &&
            !((!stage->has_said || lp_docker_registry_make(build, stage, FALSE, error)) &&
              lp_docker_write_layer(build, stage, error)))
            return lp_docker_place(build, own->line, error);
    }
    return TRUE;
}

/* What --reg and --add ask for, for the history: patches by name and digest, and how many files.
 * Names without their folders, which are of this machine. */
static char *
created_by(const LpDockerBuild *build, guint n_put, guint n_removed)
{
    g_autoptr(GString) text = g_string_new("layerpack build");
    const char *separator = build->patches != NULL ? "," : ":";
    lp_patches_append(text, build->patches);
    if (n_put > 0)
        g_string_append_printf(text, "%s %u file%s added", separator, n_put, n_put == 1 ? "" : "s");
    if (n_removed > 0)
        g_string_append_printf(text, "%s %u removed", n_put > 0 ? "," : separator, n_removed);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* By how much; what is put in the place of something that was removed takes that back. */
static guint
grown(guint now, guint before)
{
    return now > before ? now - before : 0;
}

/* --reg and --add come after the last instruction. */
static gboolean
add_extras(LpDockerBuild *build, LpStage *stage, GError **error)
{
    LpFileChanges *files = build->run->what.files;
    const gboolean has_files = lp_file_changes_any(files);
    const guint n_put = hc_tree_n_put(stage->tree);
    const guint n_removed = hc_tree_n_removed(stage->tree);
    if (has_files && !lp_file_changes_apply(files, stage->tree, stage->platform, error))
        return FALSE;
    if (!lp_docker_registry_make(build, stage, TRUE, error))
        return FALSE;
    if (build->patches != NULL && lp_registry_change_is_empty(&build->change))
        hc_cli_note(build->context, "%s: holds already what the patches say", stage->base_name);
    if (!has_files && build->patches == NULL)
        return TRUE;
    g_autofree char *text = created_by(build, grown(hc_tree_n_put(stage->tree), n_put),
                                       grown(hc_tree_n_removed(stage->tree), n_removed));
    lp_docker_config_add_step(stage->config, text,
                              has_files || !lp_registry_change_is_empty(&build->change));
    return TRUE;
}

static gboolean
run_stage(LpDockerBuild *build, LpStage *stage, GError **error)
{
    const gboolean is_target = stage->index == build->target;
    const gboolean is_first = stage->base.kind != LP_DOCKER_STAGE || stage->is_replaced;
    if (!hc_interrupt_check(error))
        return FALSE;
    if (!lp_docker_stage_begin(build, stage, error) ||
        (stage->is_layered && is_first && !lp_docker_write_begin(build, stage, error)))
        return lp_docker_place(build, stage->stage->line, error);
    if (!stage->is_replaced && !run_instructions(build, stage, error))
        return FALSE;
    if (is_target && !add_extras(build, stage, error))
        return FALSE;
    return !stage->is_layered || ((is_target || !stage->has_said ||
                                   lp_docker_registry_make(build, stage, FALSE, error)) &&
                                  lp_docker_write_layer(build, stage, error));
}

/* A --build-arg that no ARG takes does nothing, which is a mistake more often than not. */
static void
remark_unused(const LpDockerBuild *build)
{
    const char *const *list = hc_docker_env_list(build->build_args);
    for (gsize i = 0; list[i] != NULL; i++) {
        g_autofree char *name = g_strndup(list[i], strcspn(list[i], "="));
        if (!g_hash_table_contains(build->used_args, name))
            hc_cli_note(build->context, "warning: --build-arg %s: no ARG that was needed takes it",
                        name);
    }
}

gboolean
lp_dockerfile_options_any(const LpDockerfileOptions *options)
{
    return options->target != NULL || options->build_args != NULL ||
           options->build_contexts != NULL || options->layers != NULL || options->each != NULL ||
           options->skip_runs != NULL || options->list_runs;
}

static gboolean
check_run(const LpDockerRun *run, GError **error)
{
    const char *layers = run->options->layers;
    if (layers != NULL && !g_str_equal(layers, "one") && !g_str_equal(layers, "each"))
        return hc_fail(error, HC_ERROR_USAGE, "--layers '%s': one or each", layers);
    return TRUE;
}

static gboolean
build_stages(LpDockerBuild *build, GError **error)
{
    const LpDockerRun *run = build->run;
    if (!lp_docker_plan(build, error))
        return FALSE;
    for (guint i = 0; i <= build->target; i++) {
        LpStage *stage = build->stages->pdata[i];
        if (stage->is_needed && !run_stage(build, stage, error))
            return FALSE;
    }
    remark_unused(build);
    if (build->files->has_hidden)
        hc_cli_note(build->context, "%s: is where the image goes, and left out of the context %s",
                    build->files->hidden, build->files->name);
    if (run->what.to != NULL)
        return lp_docker_write_end(build, build->stages->pdata[build->target], error);
    lp_registry_change_print(&build->change, build->context, run->what.showing);
    return TRUE;
}

/* One image. @value: (nullable): of --each */
static gboolean
build_one(HcCliContext *context, const LpDockerRun *run, LpDockerOutput *output, GPtrArray *patches,
          const char *name, const char *value, GError **error)
{
    g_auto(LpDockerBuild) build = {
        .context = context,
        .run = run,
        .output = output,
        .n_reported = output->report->len,
        .each_name = name,
        .each_value = value,
        .patches = patches != NULL ? g_ptr_array_ref(patches) : NULL,
        .told = g_ptr_array_new_with_free_func(g_free),
        .folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) lp_docker_context_free),
        .images =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) hc_tree_free)};
    if (name != NULL && run->what.to == NULL)
        g_string_append_printf(context->out, "for %s=%s\n", name, value);
    return build_stages(&build, error);
}

/* One image for each value. */
static gboolean
build_each(HcCliContext *context, const LpDockerRun *run, LpDockerOutput *output,
           GPtrArray *patches, GError **error)
{
    const char *each = run->options->each;
    if (each == NULL)
        return build_one(context, run, output, patches, NULL, NULL, error);
    const char *equals = strchr(each, '=');
    if (!g_utf8_validate(each, -1, NULL) || equals == NULL || equals == each)
        return hc_fail(error, HC_ERROR_USAGE, "--each '%s': not of the form NAME=VALUE,VALUE",
                       each);
    g_autofree char *name = g_strndup(each, (gsize) (equals - each));
    g_auto(GStrv) values = g_strsplit(equals + 1, ",", -1);
    for (gsize i = 0; values[i] != NULL; i++) {
        if (*values[i] == '\0')
            return hc_fail(error, HC_ERROR_USAGE, "--each '%s': a value is empty", each);
    }
    for (gsize i = 0; values[i] != NULL; i++) {
        if (!build_one(context, run, output, patches, name, values[i], error)) {
            g_prefix_error(error, "%s=%s: ", name, values[i]);
            return FALSE;
        }
    }
    return TRUE;
}

/* The image that the target comes from; NULL: there is none, or with @error set. */
static char *
find_base(HcCliContext *context, const LpDockerRun *run, LpDockerOutput *output, GError **error)
{
    g_auto(LpDockerBuild) build = {
        .context = context,
        .run = run,
        .output = output,
        .folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) lp_docker_context_free),
        .images =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) hc_tree_free)};
    if (!lp_docker_plan(&build, error))
        return NULL;
    const LpStage *stage = build.stages->pdata[build.target];
    while (stage->base.kind == LP_DOCKER_STAGE)
        stage = build.stages->pdata[stage->base.stage];
    if (stage->base.kind != LP_DOCKER_IMAGE)
        return hc_fail_null(error, HC_ERROR_USAGE,
                            "--all-platforms: what is built comes from no image");
    return g_strdup(stage->base.operand);
}

/* An image for each platform, and each value of --each. */
static gboolean
build_platforms(HcCliContext *context, const LpDockerRun *run, LpDockerOutput *output,
                GPtrArray *patches, GError **error)
{
    g_autofree char *base = run->what.all_platforms ? find_base(context, run, output, error) : NULL;
    if (run->what.all_platforms && base == NULL)
        return FALSE;
    g_autoptr(GPtrArray) platforms = lp_build_platforms(context, &run->what, base, error);
    if (platforms == NULL)
        return FALSE;
    if (platforms->len < 2 && !run->what.all_platforms)
        return build_each(context, run, output, patches, error);
    for (guint i = 0; i < platforms->len; i++) {
        LpDockerRun one = *run;
        one.platform = platforms->pdata[i];
        if (!build_each(context, &one, output, patches, error)) {
            g_prefix_error(error, "%s: ", one.platform);
            return FALSE;
        }
    }
    return TRUE;
}

static void
output_clear(LpDockerOutput *output)
{
    g_hash_table_unref(output->files);
    g_ptr_array_unref(output->layers);
    g_clear_pointer(&output->writer, hc_image_writer_free);
    g_string_free(output->report, TRUE);
    g_hash_table_unref(output->platforms);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpDockerOutput, output_clear)

gboolean
lp_dockerfile_build(HcCliContext *context, const LpDockerRun *run, GError **error)
{
    g_autoptr(GPtrArray) patches = NULL;
    g_auto(LpDockerOutput) output = {
        .layers = g_ptr_array_new_with_free_func((GDestroyNotify) hc_layer_output_free),
        .files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
        .report = g_string_new(NULL),
        .platforms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    if (!check_run(run, error) || !lp_build_read_inputs(&run->what, &patches, error))
        return FALSE;
    return build_platforms(context, run, &output, patches, error) &&
           (run->what.to == NULL ||
            lp_commit_target(context, output.writer, run->what.to, output.report, error));
}
