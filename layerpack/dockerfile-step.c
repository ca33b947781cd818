#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/dockerfile/glob.h"
#include "layerpack/dockerfile-build.h"

/* What is empty because nobody has set it is seldom meant. */
static void
remark_unset(const LpDockerBuild *build, const GPtrArray *unset)
{
    for (guint i = 0; i < unset->len; i++) {
        const char *name = unset->pdata[i];
        lp_docker_remark(build, build->line,
                         "$%s is not set here, so it is empty: it is in no ENV or ARG of the stage "
                         "or its base%s",
                         name,
                         g_ascii_strcasecmp(name, "PATH") == 0
                             ? "; Windows has it in the registry, RUN setx /M PATH adds to it there"
                             : "");
    }
}

char *
lp_docker_word(LpDockerBuild *build, const LpStage *stage, const char *word, GError **error)
{
    g_autoptr(GPtrArray) unset = g_ptr_array_new_with_free_func(g_free);
    const HcExpander expander = {.escape = build->file->escape,
                                 .env = stage->scope,
                                 .unset = unset,
                                 .n_bytes = &build->n_expanded};
    char *expanded = hc_docker_expand(&expander, word, error);
    remark_unset(build, unset);
    return expanded;
}

void
lp_docker_remark_escape(const LpDockerBuild *build, const HcInstruction *instruction,
                        const char *written, const char *word)
{
    const char *at = strchr(written, '\\');
    if (build->file->escape == '\\' && at != NULL && g_ascii_isalnum(at[1]) &&
        strchr(word, '\\') == NULL)
        lp_docker_remark(
            build, instruction->line,
            "%s: \\ is the escape here and goes away, which leaves %s; '# escape=`' as "
            "the first line makes it a part of paths",
            written, word);
}

char *
lp_docker_entry(const LpStage *stage, const char *path)
{
    g_autofree char *name = g_strconcat(hc_tree_is_windows(stage->tree) ? "Files" : "", path, NULL);
    const gsize n = strlen(name);
    if (n > 0 && name[n - 1] == '/')
        name[n - 1] = '\0';
    return g_strdup(*name == '/' ? name + 1 : name);
}

/* --- what a stage is from --- */

/* Whether the registry of a stage that is not written may be asked for, too. */
static gboolean
has_run(const LpDockerBuild *build)
{
    for (guint i = 0; i < build->stages->len; i++) {
        const LpStage *stage = build->stages->pdata[i];
        for (guint k = 0; stage->is_needed && k < stage->stage->instructions->len; k++) {
            const HcInstruction *own = stage->stage->instructions->pdata[k];
            if (own->word == HC_DOCKER_RUN)
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean
begin_image(LpDockerBuild *build, LpStage *stage, GError **error)
{
    const char *operand = stage->base.operand;
    const gboolean has_hives = stage->is_layered || has_run(build);
    stage->tree = hc_tree_open(operand, stage->platform, has_hives ? HC_ALL_HIVES : 0, TRUE, error);
    if (stage->tree == NULL)
        return FALSE;
    stage->stack = hc_tree_stack(stage->tree);
    const HcImageInfo *info = hc_image_info(hc_layer_stack_image(stage->stack));
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(info->config, &n_bytes);
    g_autofree char *text = g_strndup(bytes, n_bytes);
    stage->config = lp_docker_config_new(text, operand, error);
    if (hc_tree_missing(stage->tree) != NULL)
        lp_docker_remark(build, stage->stage->line,
                         "warning: %s: not all layers are here, so what files replace in them is "
                         "not known",
                         operand);
    return stage->config != NULL;
}

static gboolean
begin_scratch(LpDockerBuild *build, LpStage *stage, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s:%u: stage", build->file->file, stage->stage->line);
    stage->tree = hc_tree_new(name);
    stage->config = lp_docker_config_new(NULL, "scratch", error);
    if (stage->config == NULL || stage->base.kind != LP_DOCKER_FOLDER)
        return stage->config != NULL;
    return hc_tree_put_host(stage->tree, "Files", stage->base.operand, NULL, NULL, error);
}

static gboolean
begin_stage(LpDockerBuild *build, LpStage *stage, GError **error)
{
    LpStage *base = build->stages->pdata[stage->base.stage];
    g_autofree char *name = g_strdup_printf("%s:%u: stage", build->file->file, stage->stage->line);
    stage->first = base->first;
    stage->stack = base->stack;
    /* A copy is as large; of a long chain of stages one tree is enough. */
    stage->tree = base->n_uses == 1 ? g_steal_pointer(&base->tree) : hc_tree_copy(base->tree, name);
    stage->config = lp_docker_config_copy(base->config, build->context->epoch, error);
    stage->scope = hc_docker_env_copy(base->scope);
    /* ARGs go on, but under ENV, which a stage begins with. Source: dockerfile2llb/convert.go. */
    const char *const *pairs = hc_docker_env_list(lp_docker_config_env(base->config));
    for (; *pairs != NULL; pairs++)
        hc_docker_env_set_pair(stage->scope, *pairs);
    return stage->config != NULL && lp_docker_registry_copy(stage, base, error);
}

gboolean
lp_docker_stage_begin(LpDockerBuild *build, LpStage *stage, GError **error)
{
    gboolean is_begun = FALSE;
    stage->first = stage;
    switch (stage->base.kind) {
    case LP_DOCKER_SCRATCH:
    case LP_DOCKER_FOLDER:
        is_begun = begin_scratch(build, stage, error);
        break;
    case LP_DOCKER_STAGE:
        is_begun = begin_stage(build, stage, error);
        break;
    case LP_DOCKER_IMAGE:
        is_begun = begin_image(build, stage, error);
        break;
    }
    if (!is_begun)
        return FALSE;
    if (stage->scope == NULL)
        stage->scope = hc_docker_env_copy(lp_docker_config_env(stage->config));
    g_autofree char *trigger = stage->is_replaced ? NULL : lp_docker_config_trigger(stage->config);
    if (trigger == NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s has a trigger, ONBUILD %s, which is not done here; write it into the "
                   "Dockerfile, and take a base without",
                   stage->base_name, trigger);
}

/* --- instructions --- */

static gboolean
step_env(LpDockerBuild *build, LpStage *stage, const HcInstruction *own, GError **error)
{
    /* All see what was there before the line. */
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < own->pairs->len; i++) {
        const HcDockerPair *pair = own->pairs->pdata[i];
        char *name = lp_docker_word(build, stage, pair->name, error);
        char *value = name != NULL ? lp_docker_word(build, stage, pair->value, error) : NULL;
        g_ptr_array_add(words, name);
        g_ptr_array_add(words, value);
        if (value == NULL)
            return FALSE;
        if (strstr(pair->value, ":\\") != NULL)
            lp_docker_remark_escape(build, own, pair->value, value);
        if (*name == '\0' || strchr(name, '=') != NULL)
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: '%s' is no name",
                           hc_docker_word_name(own->word), name);
    }
    for (guint i = 0; i < words->len; i += 2) {
        const char *name = words->pdata[i];
        const char *value = words->pdata[i + 1];
        if (own->word == HC_DOCKER_LABEL) {
            lp_docker_config_set_label(stage->config, name, value);
        } else {
            lp_docker_config_set_env(stage->config, name, value);
            hc_docker_env_set(stage->scope, name, value);
        }
    }
    return TRUE;
}

static gboolean
set_arg(LpDockerBuild *build, LpStage *stage, const HcDockerPair *pair, GError **error)
{
    g_autofree char *name = lp_docker_word(build, stage, pair->name, error);
    if (name == NULL)
        return FALSE;
    const char *given = hc_docker_env_get(build->build_args, name);
    if (given != NULL) {
        g_hash_table_add(build->used_args, g_strdup(name));
        hc_docker_env_set(stage->scope, name, given);
        return TRUE;
    }
    if (pair->value == NULL) {
        const char *global = hc_docker_env_get(build->globals, name);
        if (global != NULL)
            hc_docker_env_set(stage->scope, name, global);
        return TRUE;
    }
    g_autofree char *value = lp_docker_word(build, stage, pair->value, error);
    if (value == NULL)
        return FALSE;
    hc_docker_env_set(stage->scope, name, value);
    return TRUE;
}

static gboolean
step_arg(LpDockerBuild *build, LpStage *stage, const HcInstruction *own, GError **error)
{
    for (guint i = 0; i < own->pairs->len; i++) {
        if (!set_arg(build, stage, own->pairs->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
step_expose(LpDockerBuild *build, LpStage *stage, const HcInstruction *own, GError **error)
{
    g_autoptr(GPtrArray) unset = g_ptr_array_new_with_free_func(g_free);
    const HcExpander expander = {.escape = build->file->escape,
                                 .env = stage->scope,
                                 .unset = unset,
                                 .n_bytes = &build->n_expanded};
    g_autoptr(GPtrArray) ports = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; own->args[i] != NULL; i++) {
        g_autoptr(GPtrArray) words = hc_docker_expand_words(&expander, own->args[i], error);
        for (guint j = 0; words != NULL && j < words->len; j++) {
            if (!hc_docker_ports(words->pdata[j], ports, error)) {
                g_prefix_error(error, "EXPOSE: ");
                return FALSE;
            }
        }
        if (words == NULL)
            return FALSE;
    }
    remark_unset(build, unset);
    for (guint i = 0; i < ports->len; i++)
        lp_docker_config_add_port(stage->config, ports->pdata[i]);
    return TRUE;
}

static gboolean
step_volume(LpDockerBuild *build, LpStage *stage, const HcInstruction *own, GError **error)
{
    for (gsize i = 0; own->args[i] != NULL; i++) {
        g_autofree char *volume = lp_docker_word(build, stage, own->args[i], error);
        if (volume == NULL)
            return FALSE;
        if (*volume == '\0')
            return hc_fail(error, HC_ERROR_MALFORMED, "VOLUME: a path is empty");
        lp_docker_config_add_volume(stage->config, volume);
    }
    return TRUE;
}

static gboolean
step_workdir(LpStage *stage, const char *path, gboolean *has_changed, GError **error)
{
    const gboolean is_windows = lp_docker_config_is_windows(stage->config);
    g_autofree char *before = lp_docker_config_workdir(stage->config);
    g_autofree char *workdir = hc_docker_workdir(before, path, is_windows, error);
    g_autofree char *slashed =
        workdir != NULL ? hc_docker_path(NULL, workdir, is_windows, FALSE, error) : NULL;
    if (slashed == NULL) {
        g_prefix_error(error, "WORKDIR: ");
        return FALSE;
    }
    lp_docker_config_set_workdir(stage->config, workdir);
    g_autofree char *name = lp_docker_entry(stage, slashed);
    if (slashed[1] == '\0' || hc_tree_find(stage->tree, name) != NULL)
        return TRUE;
    *has_changed = TRUE;
    return hc_tree_make_folder(stage->tree, name, error) != NULL;
}

static gboolean
step_string(LpDockerBuild *build, LpStage *stage, const HcInstruction *own, gboolean *has_changed,
            GError **error)
{
    g_autofree char *word = lp_docker_word(build, stage, own->args[0], error);
    if (word == NULL)
        return FALSE;
    if (own->word == HC_DOCKER_WORKDIR)
        lp_docker_remark_escape(build, own, own->args[0], word);
    if (own->word == HC_DOCKER_WORKDIR)
        return step_workdir(stage, word, has_changed, error);
    if (own->word == HC_DOCKER_USER) {
        lp_docker_config_set_user(stage->config, word);
        return TRUE;
    }
    lp_docker_config_set_signal(stage->config, word);
    return hc_docker_signal_is(word) ||
           hc_fail(error, HC_ERROR_MALFORMED, "STOPSIGNAL: '%s' is no signal", word);
}

/* The first word of a command line that a machine would have to run. */
static char *
first_word(const HcInstruction *own)
{
    g_auto(GStrv) words = g_strsplit_set(own->args[0], " \t", -1);
    for (gsize i = 0; words[i] != NULL; i++) {
        if (*words[i] != '\0' && (strchr(words[i], '=') == NULL || own->is_json))
            return g_strdup(words[i]);
    }
    return g_strdup(own->args[0]);
}

gboolean
lp_docker_fail_run(const LpDockerBuild *build, const LpStage *stage, const HcInstruction *own,
                   GError **error)
{
    g_autofree char *word = first_word(own);
    const char *name = stage->stage->name;
    const char *system =
        stage->config != NULL ? lp_docker_config_is_windows(stage->config) ? "Windows" : "Linux"
        : stage->platform != NULL && g_str_has_prefix(stage->platform, "linux") ? "Linux"
                                                                                : "to be executed";
    if (stage->index == build->target)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "RUN: '%s' needs %s", word, system);
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "RUN: '%s' needs %s; --build-context %s=DIR gives what the stage makes%s", word,
                   system, name != NULL ? name : "NAME",
                   name != NULL ? "" : ", when it is called FROM … AS NAME");
}

gboolean
lp_docker_step(LpDockerBuild *build, LpStage *stage, const HcInstruction *instruction,
               gboolean *has_changed, GError **error)
{
    *has_changed = FALSE;
    build->line = instruction->line;
    switch (instruction->word) {
    case HC_DOCKER_ADD:
    case HC_DOCKER_COPY:
        return lp_docker_copy(build, stage, instruction, has_changed, error);
    case HC_DOCKER_ARG:
        return step_arg(build, stage, instruction, error);
    case HC_DOCKER_CMD:
    case HC_DOCKER_ENTRYPOINT:
        lp_docker_config_set_command(stage->config, instruction);
        return TRUE;
    case HC_DOCKER_ENV:
    case HC_DOCKER_LABEL:
        return step_env(build, stage, instruction, error);
    case HC_DOCKER_EXPOSE:
        return step_expose(build, stage, instruction, error);
    case HC_DOCKER_HEALTHCHECK:
        return lp_docker_config_set_health(stage->config, instruction, error);
    case HC_DOCKER_MAINTAINER:
        lp_docker_config_set_author(stage->config, instruction->rest);
        return TRUE;
    case HC_DOCKER_ONBUILD:
        lp_docker_config_add_trigger(stage->config, instruction->rest);
        return TRUE;
    case HC_DOCKER_RUN:
        return lp_docker_run(build, stage, instruction, has_changed, error);
    case HC_DOCKER_SHELL:
        lp_docker_config_set_shell(stage->config, instruction->args);
        return TRUE;
    case HC_DOCKER_STOPSIGNAL:
    case HC_DOCKER_USER:
    case HC_DOCKER_WORKDIR:
        return step_string(build, stage, instruction, has_changed, error);
    case HC_DOCKER_VOLUME:
        return step_volume(build, stage, instruction, error);
    case HC_DOCKER_FROM:
    case HC_N_DOCKER_WORDS:
        break;
    }
    return FALSE;
}
