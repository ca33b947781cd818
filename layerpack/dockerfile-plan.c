#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "layerpack/dockerfile-build.h"

/* Stages whose names a name that no stage has is compared with. */
#define MAX_NAMES_TRIED 1000u

gboolean
lp_docker_place(const LpDockerBuild *build, guint line, GError **error)
{
    g_prefix_error(error, "%s:%u: ", build->file->file, line);
    return FALSE;
}

void
lp_docker_remark(const LpDockerBuild *build, guint line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    hc_cli_note(build->context, "%s:%u: %s", build->file->file, line, text);
}

static void
stage_free(gpointer data)
{
    LpStage *stage = data;
    g_free(stage->base_name);
    g_free(stage->platform);
    lp_docker_source_clear(&stage->base);
    g_clear_pointer(&stage->config, lp_docker_config_free);
    g_clear_pointer(&stage->scope, hc_docker_env_free);
    g_clear_pointer(&stage->registry, hc_delta_free);
    g_clear_pointer(&stage->tree, hc_tree_free);
    g_free(stage);
}

void
lp_docker_source_clear(LpDockerSource *source)
{
    g_clear_pointer(&source->operand, g_free);
}

void
lp_docker_build_clear(LpDockerBuild *build)
{
    lp_registry_change_clear(&build->change);
    g_clear_pointer(&build->patches, g_ptr_array_unref);
    g_clear_pointer(&build->told, g_ptr_array_unref);
    /* A stage may hold files of those before it. */
    while (build->stages != NULL && build->stages->len > 0)
        g_ptr_array_set_size(build->stages, (int) build->stages->len - 1);
    g_clear_pointer(&build->stages, g_ptr_array_unref);
    g_clear_pointer(&build->images, g_hash_table_unref);
    g_clear_pointer(&build->folders, g_hash_table_unref);
    g_clear_pointer(&build->files, lp_docker_context_free);
    g_clear_pointer(&build->contexts, g_hash_table_unref);
    g_clear_pointer(&build->by_name, g_hash_table_unref);
    g_clear_pointer(&build->globals, hc_docker_env_free);
    g_clear_pointer(&build->build_args, hc_docker_env_free);
    g_clear_pointer(&build->used_args, g_hash_table_unref);
    g_clear_pointer(&build->remarks, hc_findings_unref);
    g_clear_pointer(&build->file, hc_dockerfile_free);
}

static gboolean
read_file(LpDockerBuild *build, GError **error)
{
    const char *name = build->run->options->file;
    g_autoptr(GBytes) text = hc_read_stream(name, HC_MAX_DOCKERFILE_BYTES, error);
    if (text == NULL)
        return FALSE;
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(text, &n_bytes);
    build->remarks = hc_findings_new(name, HC_MAX_FINDINGS);
    build->file = hc_dockerfile_read(name, bytes, n_bytes, build->remarks, error);
    if (build->file == NULL)
        return FALSE;
    for (guint i = 0; i < build->remarks->list->len; i++) {
        const HcFinding *finding = build->remarks->list->pdata[i];
        lp_docker_remark(build, finding->line, "%s", finding->text);
    }
    return TRUE;
}

static void
add_stages(LpDockerBuild *build)
{
    build->stages = g_ptr_array_new_with_free_func(stage_free);
    build->by_name =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
    for (guint i = 0; i < build->file->stages->len; i++) {
        LpStage *stage = g_new0(LpStage, 1);
        stage->stage = build->file->stages->pdata[i];
        stage->index = i;
        g_ptr_array_add(build->stages, stage);
        const char *name = stage->stage->name;
        if (name == NULL)
            continue;
        GArray *indexes = g_hash_table_lookup(build->by_name, name);
        if (indexes == NULL) {
            indexes = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(build->by_name, g_strdup(name), indexes);
        }
        g_array_append_val(indexes, i);
    }
}

/* The last stage of that name before @before. */
static gboolean
find_stage(const LpDockerBuild *build, const char *name, guint before, guint *index)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    const GArray *indexes = g_hash_table_lookup(build->by_name, lower);
    for (guint i = indexes != NULL ? indexes->len : 0; i > 0; i--) {
        *index = g_array_index(indexes, guint, i - 1);
        if (*index < before)
            return TRUE;
    }
    return FALSE;
}

/* The names of the stages before @before, not too many; NULL: none has one. */
static char *
stage_names(const LpDockerBuild *build, guint before)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < before && i < 20; i++) {
        const LpStage *stage = build->stages->pdata[i];
        if (stage->stage->name != NULL)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", stage->stage->name);
    }
    return names->len > 0 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

static HcName
ascii_name(const char *text)
{
    return (HcName){(const uint8_t *) text, (uint32_t) strlen(text), TRUE};
}

/* The stage before @before that @name may be a slip for; NULL: none. */
static const char *
nearest_stage(const LpDockerBuild *build, const char *name, guint before)
{
    HcNearest nearest = hc_nearest_start(ascii_name(name));
    for (guint i = 0; i < before && i < MAX_NAMES_TRIED && g_str_is_ascii(name); i++) {
        const LpStage *stage = build->stages->pdata[i];
        if (stage->stage->name != NULL)
            hc_nearest_offer(&nearest, ascii_name(stage->stage->name));
    }
    return nearest.best.n_units > 0 ? (const char *) nearest.best.chars : NULL;
}

/* A bare name that no stage has is one in a registry; it is seldom meant so where a stage is called
 * nearly that, or behind --from. */
static void
remark_no_stage(const LpDockerBuild *build, guint line, const LpDockerSource *source,
                const char *name, guint before, gboolean is_from)
{
    g_autofree char *normal = lp_docker_normal_name(name);
    if (source->kind != LP_DOCKER_IMAGE || strpbrk(name, "/:.@") != NULL ||
        g_hash_table_contains(build->contexts, normal))
        return;
    const char *near = nearest_stage(build, name, before);
    g_autofree char *names = stage_names(build, before);
    if (near != NULL)
        lp_docker_remark(build, line,
                         "no stage before is called %s; is %s meant? It is taken for an image of a "
                         "registry",
                         name, near);
    else if (is_from)
        lp_docker_remark(build, line,
                         "no stage before is called %s%s%s; it is taken for an image of a registry",
                         name, names != NULL ? ", there are " : "", names != NULL ? names : "");
}

static gboolean
find_target(LpDockerBuild *build, GError **error)
{
    const char *name = build->run->options->target;
    const guint n_stages = build->stages->len;
    guint64 number;
    build->target = n_stages - 1;
    if (name == NULL)
        return TRUE;
    if (find_stage(build, name, n_stages, &build->target))
        return TRUE;
    if (g_ascii_string_to_unsigned(name, 10, 0, n_stages - 1, &number, NULL)) {
        build->target = (guint) number;
        return TRUE;
    }
    g_autofree char *names = stage_names(build, n_stages);
    return hc_fail(error, HC_ERROR_USAGE, "%s: has no stage '%s'%s%s", build->file->file, name,
                   names != NULL ? "; there are " : "", names != NULL ? names : "");
}

/* What a name outside of the Dockerfile leads to: what the command line says, an image as there, or
 * one of a registry. */
static gboolean
find_outside(const LpDockerBuild *build, const char *name, LpDockerSource *source, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    g_autofree char *normal = lp_docker_normal_name(lower);
    const char *given = g_hash_table_lookup(build->contexts, normal);
    const char *what = given != NULL ? given : name;
    const gboolean is_operand = hc_image_is_operand(what);
    source->kind = given != NULL && !is_operand ? LP_DOCKER_FOLDER : LP_DOCKER_IMAGE;
    source->operand =
        given != NULL || is_operand ? g_strdup(what) : g_strconcat("docker://", what, NULL);
    if (source->kind == LP_DOCKER_FOLDER || is_operand)
        return TRUE;
    /* A name in a registry, as everybody else reads it. */
    g_autoptr(HcImageRef) ref = hc_image_ref_parse(source->operand, error);
    return ref != NULL;
}

gboolean
lp_docker_find_source(const LpDockerBuild *build, const char *name, guint before, gboolean numbers,
                      LpDockerSource *source, GError **error)
{
    guint64 number;
    guint index;
    *source = (LpDockerSource){.kind = LP_DOCKER_STAGE};
    if (find_stage(build, name, before, &source->stage))
        return TRUE;
    if (numbers && g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT, &number, NULL)) {
        source->stage = (guint) number;
        return number < before || hc_fail(error, HC_ERROR_MALFORMED,
                                          "no stage before this one has the number %s", name);
    }
    if (find_stage(build, name, G_MAXUINT, &index) && numbers)
        return hc_fail(error, HC_ERROR_MALFORMED, "the stage '%s' comes only later", name);
    if (g_ascii_strcasecmp(name, "scratch") == 0) {
        source->kind = LP_DOCKER_SCRATCH;
        return TRUE;
    }
    return find_outside(build, name, source, error);
}

/* The names of variables in @word that have no value: what a --build-arg would have to give. */
static char *
unset_names(const LpDockerBuild *build, const char *word)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (const char *at = strchr(word, '$'); at != NULL; at = strchr(at + 1, '$')) {
        const char *from = at[1] == '{' ? at + 2 : at + 1;
        const char *end = from;
        while (g_ascii_isalnum(*end) || *end == '_')
            end++;
        g_autofree char *name = g_strndup(from, (gsize) (end - from));
        if (*name == '\0' || hc_docker_env_get(build->globals, name) != NULL)
            continue;
        g_string_append_printf(names, "%s--build-arg %s=…", names->len > 0 ? " and " : "", name);
    }
    return names->len > 0 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

static gboolean
check_base_name(const LpDockerBuild *build, const LpStage *stage, GError **error)
{
    const char *name = stage->base_name;
    const gsize n = strlen(name);
    if (n > 0 && name[n - 1] != ':' && name[n - 1] != '/' && *name != ':' && *name != '/' &&
        strstr(name, "//") == NULL)
        return TRUE;
    g_autofree char *unset = unset_names(build, stage->stage->base);
    if (unset != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "FROM %s: needs %s", stage->stage->base, unset);
    return hc_fail(error, HC_ERROR_MALFORMED, "FROM %s: '%s' is no name of an image",
                   stage->stage->base, name);
}

static gboolean
resolve_platform(LpDockerBuild *build, LpStage *stage, const HcExpander *expander, GError **error)
{
    const char *given = stage->stage->platform;
    if (given == NULL) {
        stage->platform =
            build->run->platform != NULL ? lp_docker_platform_operand(build->run->platform) : NULL;
        return TRUE;
    }
    g_autofree char *platform = hc_docker_expand(expander, given, error);
    if (platform == NULL)
        return FALSE;
    if (*platform == '\0')
        return hc_fail(error, HC_ERROR_MALFORMED, "FROM --platform=%s: is empty", given);
    stage->platform = lp_docker_platform_operand(platform);
    return TRUE;
}

static gboolean
resolve_base(LpDockerBuild *build, LpStage *stage, GError **error)
{
    const HcExpander expander = {
        .escape = build->file->escape, .env = build->globals, .n_bytes = &build->n_expanded};
    const char *name = stage->stage->name;
    g_autofree char *normal = name != NULL ? lp_docker_normal_name(name) : NULL;
    stage->is_replaced = normal != NULL && g_hash_table_contains(build->contexts, normal);
    if (!resolve_platform(build, stage, &expander, error))
        return FALSE;
    if (stage->is_replaced) {
        stage->base_name = g_strdup(name);
        return find_outside(build, name, &stage->base, error);
    }
    stage->base_name = hc_docker_expand(&expander, stage->stage->base, error);
    if (stage->base_name == NULL || !check_base_name(build, stage, error) ||
        !lp_docker_find_source(build, stage->base_name, stage->index, FALSE, &stage->base, error))
        return FALSE;
    remark_no_stage(build, stage->stage->line, &stage->base, stage->base_name, stage->index, FALSE);
    return TRUE;
}

static LpStage *
use_stage(LpDockerBuild *build, guint index)
{
    LpStage *stage = build->stages->pdata[index];
    stage->is_needed = TRUE;
    stage->n_uses++;
    return stage;
}

/* Marks what COPY --from= of @stage needs. */
static gboolean
need_sources(LpDockerBuild *build, const LpStage *stage, GError **error)
{
    const GPtrArray *instructions = stage->stage->instructions;
    for (guint i = 0; i < instructions->len; i++) {
        const HcInstruction *own = instructions->pdata[i];
        const char *from = own->word == HC_DOCKER_COPY ? hc_instruction_flag(own, "from") : NULL;
        LpDockerSource source = {0};
        if (from == NULL)
            continue;
        if (strchr(from, '$') != NULL) {
            hc_set_error(error, HC_ERROR_MALFORMED,
                         "--from=%s: takes no variable; FROM %s AS NAME, with ARG before the first "
                         "FROM, and --from=NAME",
                         from, from);
            return lp_docker_place(build, own->line, error);
        }
        const gboolean is_found =
            lp_docker_find_source(build, from, stage->index, TRUE, &source, error);
        if (is_found)
            remark_no_stage(build, own->line, &source, from, stage->index, TRUE);
        if (is_found && source.kind == LP_DOCKER_STAGE)
            use_stage(build, source.stage);
        lp_docker_source_clear(&source);
        if (!is_found)
            return lp_docker_place(build, own->line, error);
    }
    return TRUE;
}

/* What a stage makes is given, rather than its base fetched, when it has something to execute. */
static gboolean
check_fetched(const LpDockerBuild *build, const LpStage *stage, GError **error)
{
    const GPtrArray *instructions = stage->stage->instructions;
    const gboolean is_fetched = stage->base.kind == LP_DOCKER_IMAGE && !stage->is_replaced &&
                                stage->index != build->target &&
                                g_str_has_prefix(stage->base.operand, "docker://");
    char *const *shell = NULL;
    for (guint i = 0; is_fetched && i < instructions->len; i++) {
        const HcInstruction *own = instructions->pdata[i];
        if (own->word == HC_DOCKER_SHELL)
            shell = own->args;
        if (own->word != HC_DOCKER_RUN || !lp_docker_run_is_foreign(own, shell))
            continue;
        (void) lp_docker_fail_run(build, stage, own, error);
        return lp_docker_place(build, own->line, error);
    }
    return TRUE;
}

/* From the target down: what a stage needs stands before it. */
static gboolean
resolve_stages(LpDockerBuild *build, GError **error)
{
    LpStage *target = build->stages->pdata[build->target];
    target->is_needed = TRUE;
    target->is_layered = TRUE;
    for (guint i = build->target + 1; i > 0; i--) {
        LpStage *stage = build->stages->pdata[i - 1];
        if (!stage->is_needed)
            continue;
        if (!resolve_base(build, stage, error))
            return lp_docker_place(build, stage->stage->line, error);
        if (!check_fetched(build, stage, error))
            return FALSE;
        if (stage->is_replaced)
            continue;
        if (stage->base.kind == LP_DOCKER_STAGE) {
            use_stage(build, stage->base.stage)->is_layered |= stage->is_layered;
        }
        if (!need_sources(build, stage, error))
            return FALSE;
    }
    return TRUE;
}

/* What is being written is not of the context that it may lie in. */
static gboolean
hide_target(LpDockerBuild *build, GError **error)
{
    if (build->run->what.to == NULL)
        return TRUE;
    g_autoptr(HcImageRef) ref = hc_image_ref_parse(build->run->what.to, error);
    if (ref == NULL)
        return FALSE;
    lp_docker_context_hide(build->files, ref->path);
    return TRUE;
}

gboolean
lp_docker_plan(LpDockerBuild *build, GError **error)
{
    if (!read_file(build, error) || !lp_docker_read_args(build, error))
        return FALSE;
    add_stages(build);
    if (!find_target(build, error))
        return FALSE;
    const LpStage *target = build->stages->pdata[build->target];
    build->files = lp_docker_context_open(build->run->folder, build->file->file, error);
    return build->files != NULL && hide_target(build, error) &&
           lp_docker_set_globals(build, target->stage->name, error) && resolve_stages(build, error);
}
