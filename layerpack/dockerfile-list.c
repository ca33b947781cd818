#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/dockerfile/glob.h"
#include "hivecore/run/run.h"
#include "layerpack/dockerfile-build.h"

/* --list-runs: reads the Dockerfile alone, no image: what RUN would do as far as its words say. */

/* What a stage hands on to one that is from it. */
typedef struct {
    HcDockerEnv *scope;
    char **shell; /* (nullable) */
    char *folder; /* (nullable) */
} End;

typedef struct {
    HcCliContext *context;
    const LpDockerfileOptions *options;
    const HcDockerfile *file;
    HcDockerEnv *globals;
    HcDockerEnv *scope; /* of the stage at hand */
    char **shell;       /* (nullable) */
    char *folder;       /* (nullable) */
    GPtrArray *ends;    /* of End *, one for each stage */
    guint n;
    guint n_done;
    guint first; /* line of the first that needs Windows; 0: none does */
} List;

/* @word with variables put in, as far as they are known here. */
static char *
expand(const List *list, const HcDockerEnv *env, const char *word)
{
    const HcExpander expander = {.escape = list->file->escape, .env = env};
    char *expanded = hc_docker_expand(&expander, word, NULL);
    return expanded != NULL ? expanded : g_strdup(word);
}

static const char *
given(const List *list, const char *name)
{
    char **args = list->options->build_args;
    const gsize n = strlen(name);
    for (; args != NULL && *args != NULL; args++) {
        if (strncmp(*args, name, n) == 0 && (*args)[n] == '=')
            return *args + n + 1;
    }
    return NULL;
}

static void
set_pairs(const List *list, const HcInstruction *own, HcDockerEnv *env)
{
    for (guint i = 0; own->pairs != NULL && i < own->pairs->len; i++) {
        const HcDockerPair *pair = own->pairs->pdata[i];
        const char *value = own->word == HC_DOCKER_ARG ? given(list, pair->name) : NULL;
        if (value == NULL && pair->value == NULL)
            value = hc_docker_env_get(list->globals, pair->name);
        g_autofree char *expanded =
            value == NULL && pair->value != NULL ? expand(list, env, pair->value) : NULL;
        if (value != NULL || expanded != NULL)
            hc_docker_env_set(env, pair->name, value != NULL ? value : expanded);
    }
}

static void
put_line(List *list, guint line, const char *text)
{
    GString *out = list->context->out;
    hc_append_display(out, list->file->file, strlen(list->file->file));
    g_string_append_printf(out, ":%u: ", line);
    hc_append_display(out, text, strlen(text));
    g_string_append_c(out, '\n');
    list->n++;
}

static void
refuse(List *list, guint line, const char *why)
{
    g_string_append_printf(list->context->out, "    not done here: %s\n", why);
    list->first = list->first != 0 ? list->first : line;
}

static void
list_run(List *list, const HcInstruction *own)
{
    g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(HcDelta) registry = hc_delta_new();
    g_autoptr(GError) error = NULL;
    hc_delta_last_wins(registry);
    const HcRunLine line = {
        .text = own->is_json ? NULL : own->args[0],
        .words = own->is_json ? (const char *const *) own->args : NULL,
        .shell = (const char *const *) list->shell,
        .env = hc_docker_env_list(list->scope),
        .folder = list->folder,
        .skip = (const char *const *) list->options->skip_runs,
        .line = own->line,
    };
    const HcRunWorld world = {
        .registry = registry, .source = hc_delta_add_source(registry, ""), .told = told};
    gboolean has_changed;
    if (own->flags[0] != NULL) {
        g_autofree char *why = g_strdup_printf("'--%s' needs Windows", own->flags[0]);
        g_autofree char *shown = hc_display(why);
        refuse(list, own->line, shown);
        return;
    }
    const gboolean ok = hc_run(&line, &world, &has_changed, &error);
    for (guint i = 0; i < told->len; i++)
        g_string_append_printf(list->context->out, "    %s\n", (const char *) told->pdata[i]);
    if (!ok)
        refuse(list, own->line, error->message);
    else
        list->n_done++;
}

/* Why COPY or ADD is not done; NULL: it is. */
static const char *
refused_copy(const HcInstruction *own)
{
    static const char *const remote[] = {"http://", "https://", "git@", "git://", "ssh://"};
    if (own->word != HC_DOCKER_ADD && own->word != HC_DOCKER_COPY)
        return NULL;
    if (hc_instruction_flag(own, "chown") != NULL)
        return "--chown: files of Windows belong to whom their descriptors say";
    if (hc_instruction_is(own, "parents"))
        return "--parents";
    for (gsize i = 0; own->word == HC_DOCKER_ADD && own->args[i] != NULL; i++) {
        for (gsize k = 0; k < G_N_ELEMENTS(remote); k++) {
            if (g_str_has_prefix(own->args[i], remote[k]))
                return "ADD of a URL; curl -LO fetches the file, and ADD takes it from the context";
        }
    }
    return NULL;
}

static void
set_folder(List *list, const HcInstruction *own)
{
    g_autofree char *path = expand(list, list->scope, own->args[0]);
    char *folder = hc_docker_workdir(list->folder, path, TRUE, NULL);
    if (folder == NULL)
        return;
    g_free(list->folder);
    list->folder = folder;
}

static void
list_instruction(List *list, const HcInstruction *own)
{
    put_line(list, own->line, own->text);
    if (own->word == HC_DOCKER_RUN) {
        list_run(list, own);
        return;
    }
    const char *refusal = refused_copy(own);
    if (refusal != NULL) {
        refuse(list, own->line, refusal);
        return;
    }
    list->n_done++;
    if (own->word == HC_DOCKER_ARG || own->word == HC_DOCKER_ENV)
        set_pairs(list, own, list->scope);
    if (own->word == HC_DOCKER_WORKDIR)
        set_folder(list, own);
    if (own->word == HC_DOCKER_SHELL) {
        g_strfreev(list->shell);
        list->shell = g_strdupv(own->args);
    }
}

static void
end_free(gpointer data)
{
    End *end = data;
    hc_docker_env_free(end->scope);
    g_strfreev(end->shell);
    g_free(end->folder);
    g_free(end);
}

/* A stage from a stage goes on with what that one has set. */
static void
begin_stage(List *list, const HcDockerStage *stage)
{
    g_autofree char *base = expand(list, list->globals, stage->base);
    const End *end = NULL;
    for (guint i = 0; i < list->ends->len; i++) {
        const HcDockerStage *other = list->file->stages->pdata[i];
        if (other->name != NULL && g_ascii_strcasecmp(other->name, base) == 0)
            end = list->ends->pdata[i];
    }
    list->scope = end != NULL ? hc_docker_env_copy(end->scope) : hc_docker_env_new(TRUE);
    list->shell = end != NULL ? g_strdupv(end->shell) : NULL;
    list->folder = end != NULL ? g_strdup(end->folder) : NULL;
}

static void
list_stage(List *list, const HcDockerStage *stage)
{
    begin_stage(list, stage);
    put_line(list, stage->line, stage->text);
    list->n_done++;
    for (guint i = 0; i < stage->instructions->len; i++)
        list_instruction(list, stage->instructions->pdata[i]);
    End *end = g_new(End, 1);
    *end = (End){g_steal_pointer(&list->scope), g_steal_pointer(&list->shell),
                 g_steal_pointer(&list->folder)};
    g_ptr_array_add(list->ends, end);
}

static void
list_file(List *list)
{
    list->globals = hc_docker_env_new(FALSE);
    list->ends = g_ptr_array_new_with_free_func(end_free);
    for (guint i = 0; i < list->file->args->len; i++) {
        const HcInstruction *own = list->file->args->pdata[i];
        put_line(list, own->line, own->text);
        list->n_done++;
        set_pairs(list, own, list->globals);
    }
    for (guint i = 0; i < list->file->stages->len; i++)
        list_stage(list, list->file->stages->pdata[i]);
    g_clear_pointer(&list->globals, hc_docker_env_free);
    g_clear_pointer(&list->ends, g_ptr_array_unref);
    g_string_append_printf(list->context->out, "this file: %u of %u instructions", list->n_done,
                           list->n);
    if (list->first != 0)
        g_string_append_printf(list->context->out, "; the first that needs Windows: line %u",
                               list->first);
    g_string_append_c(list->context->out, '\n');
}

gboolean
lp_dockerfile_list(HcCliContext *context, const LpDockerfileOptions *options,
                   gboolean *needs_windows, GError **error)
{
    g_autoptr(HcMap) map = hc_map_open(options->file, HC_MAX_DOCKERFILE_BYTES, error);
    if (map == NULL)
        return FALSE;
    g_autoptr(HcFindings) remarks = hc_findings_new(options->file, HC_MAX_FINDINGS);
    g_autoptr(HcDockerfile) file = hc_dockerfile_read(
        options->file, (const char *) hc_map_data(map), (gsize) hc_map_size(map), remarks, error);
    if (file == NULL)
        return FALSE;
    List list = {.context = context, .options = options, .file = file};
    list_file(&list);
    *needs_windows = list.first != 0;
    return TRUE;
}
