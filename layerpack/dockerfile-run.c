#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/run/run.h"
#include "layerpack/dockerfile-build.h"

/* What RUN says of the registry is one delta, in which the later line wins, from the first RUN of
 * the stage on; a stage from a stage goes on with a copy. */

static HcDelta *
new_registry(const char *file)
{
    HcDelta *registry = hc_delta_new();
    hc_delta_last_wins(registry);
    (void) hc_delta_add_source(registry, file); /* the first, 1 */
    return registry;
}

gboolean
lp_docker_registry_copy(LpStage *stage, const LpStage *base, GError **error)
{
    if (base->registry == NULL)
        return TRUE;
    stage->registry = new_registry(hc_delta_source(base->registry, 1));
    return hc_delta_join(stage->registry, base->registry, error);
}

/* Says what helps. */
static gboolean
fail(const LpDockerBuild *build, const LpStage *stage, GError **error)
{
    const char *name = stage->stage->name;
    g_prefix_error(error, "RUN: ");
    if (error == NULL || !g_str_has_suffix((*error)->message, HC_RUN_NEEDS_WINDOWS))
        return FALSE;
    g_autofree char *message = (*error)->message;
    (*error)->message =
        stage->index == build->target
            ? g_strdup_printf("%s; --skip-run=PATTERN passes over a line that only prints", message)
            : g_strdup_printf("%s; --build-context %s=DIR gives what the stage makes%s", message,
                              name != NULL ? name : "NAME",
                              name != NULL ? "" : ", when it is called FROM … AS NAME");
    return FALSE;
}

gboolean
lp_docker_run_is_foreign(const HcInstruction *own, char *const *shell)
{
    g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(HcDelta) registry = new_registry("");
    g_autoptr(GError) error = NULL;
    const HcRunLine line = {.text = own->is_json ? NULL : own->args[0],
                            .words = own->is_json ? (const char *const *) own->args : NULL,
                            .shell = (const char *const *) shell,
                            .line = own->line};
    const HcRunWorld world = {.registry = registry, .source = 1, .told = told};
    gboolean has_changed;
    return !hc_run(&line, &world, &has_changed, &error) &&
           g_str_has_suffix(error->message, HC_RUN_NEEDS_WINDOWS);
}

gboolean
lp_docker_run(LpDockerBuild *build, LpStage *stage, const HcInstruction *own, gboolean *has_changed,
              GError **error)
{
    if (!lp_docker_config_is_windows(stage->config))
        return lp_docker_fail_run(build, stage, own, error);
    if (own->flags[0] != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "RUN: '--%s' needs Windows", own->flags[0]);
    if (stage->registry == NULL)
        stage->registry = new_registry(build->file->file);
    g_auto(GStrv) shell = lp_docker_config_shell(stage->config);
    g_autofree char *folder = lp_docker_config_workdir(stage->config);
    g_autofree char *user = lp_docker_config_user(stage->config);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    const HcRunLine line = {
        .text = own->is_json ? NULL : own->args[0],
        .words = own->is_json ? (const char *const *) own->args : NULL,
        .shell = (const char *const *) shell,
        .env = hc_docker_env_list(stage->scope),
        .folder = folder,
        .user = user,
        .skip = (const char *const *) build->run->options->skip_runs,
        .line = own->line,
    };
    const HcRunWorld world = {.tree = stage->tree,
                              .stack = stage->stack,
                              .registry = stage->registry,
                              .source = 1,
                              .told = build->told,
                              .notes = notes};
    const gboolean ok = hc_run(&line, &world, has_changed, error);
    stage->has_said |= *has_changed && !hc_delta_is_empty(stage->registry);
    for (guint i = 0; i < notes->len; i++)
        lp_docker_remark(build, own->line, "%s", (const char *) notes->pdata[i]);
    return ok || fail(build, stage, error);
}

static gboolean
fill(HcDelta *patch, gconstpointer data, GError **error)
{
    const HcDelta *registry = data;
    return hc_delta_join(patch, registry, error);
}

gboolean
lp_docker_registry_make(LpDockerBuild *build, LpStage *stage, gboolean with_patches, GError **error)
{
    HcLayerStack *stack = stage->stack;
    const gboolean has_statements = stage->registry != NULL && !hc_delta_is_empty(stage->registry);
    g_autoptr(GPtrArray) made = has_statements ? hc_patch_made(fill, stage->registry) : NULL;
    g_autoptr(GPtrArray) patches = g_ptr_array_new(); /* borrowed from both lists */
    lp_registry_change_clear(&build->change);
    stage->has_said = FALSE;
    if (made != NULL)
        g_ptr_array_add(patches, made->pdata[0]);
    for (guint i = 0; with_patches && build->patches != NULL && i < build->patches->len; i++)
        g_ptr_array_add(patches, build->patches->pdata[i]);
    if (patches->len == 0)
        return TRUE;
    if (stack == NULL)
        return hc_fail(
            error, HC_ERROR_UNSUPPORTED,
            "%s: a Dockerfile FROM scratch has no hives; 'layerpack scratch' makes a base "
            "that has",
            made != NULL ? "RUN" : "--reg");
    /* --reg comes after the last instruction; several of them are not to contradict each other. */
    HcPatchOptions options = *build->run->what.patch_options;
    options.last_wins |= made != NULL && patches->len == 2;
    return lp_registry_check_base(stack, stage->base_name, error) &&
           lp_registry_change_make(&build->change, build->context, stack, patches, &options, error);
}
