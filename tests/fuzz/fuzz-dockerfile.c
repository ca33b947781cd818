/*
 * libFuzzer target: any bytes as a Dockerfile. Its words are expanded, its RUN lines are done on a
 * tree of nothing, and told without one; all of it as a .dockerignore.
 */
#include "config.h"

#include "hivecore/dockerfile/dockerfile.h"
#include "hivecore/dockerfile/expand.h"
#include "hivecore/dockerfile/glob.h"
#include "hivecore/run/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static void
run_line(const HcInstruction *own, char *const *shell, HcTree *tree)
{
    static const char *const env[] = {"A=b", "PATH=C:\\x;%A%", NULL};
    g_autoptr(HcDelta) registry = hc_delta_new();
    g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    hc_delta_last_wins(registry);
    const HcRunLine line = {.text = own->is_json ? NULL : own->args[0],
                            .words = own->is_json ? (const char *const *) own->args : NULL,
                            .shell = (const char *const *) shell,
                            .env = env,
                            .line = own->line};
    const HcRunWorld world = {.tree = tree,
                              .registry = registry,
                              .source = hc_delta_add_source(registry, "fuzz"),
                              .told = told,
                              .notes = notes};
    (void) hc_run(&line, &world, NULL, NULL);
}

static void
expand_words(const HcInstruction *own, gunichar escape, HcDockerEnv *env)
{
    gsize n_bytes = 0;
    const HcExpander expander = {.escape = escape, .env = env, .n_bytes = &n_bytes};
    for (gsize i = 0; own->args != NULL && own->args[i] != NULL; i++)
        g_free(hc_docker_expand(&expander, own->args[i], NULL));
    for (guint i = 0; own->pairs != NULL && i < own->pairs->len; i++) {
        const HcDockerPair *pair = (const HcDockerPair *) own->pairs->pdata[i];
        g_autofree char *value =
            pair->value != NULL ? hc_docker_expand(&expander, pair->value, NULL) : NULL;
        if (value != NULL)
            hc_docker_env_set(env, pair->name, value);
    }
}

static void
do_stage(const HcDockerStage *stage, gunichar escape)
{
    g_autoptr(HcTree) tree = hc_tree_new("fuzz");
    g_autoptr(HcDockerEnv) env = hc_docker_env_new(TRUE);
    char *const *shell = NULL;
    for (guint i = 0; i < stage->instructions->len; i++) {
        const HcInstruction *own = (const HcInstruction *) stage->instructions->pdata[i];
        if (own->word == HC_DOCKER_SHELL)
            shell = own->args;
        expand_words(own, escape, env);
        if (own->word != HC_DOCKER_RUN)
            continue;
        run_line(own, shell, NULL);
        run_line(own, shell, tree);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    g_autoptr(HcFindings) remarks = hc_findings_new("fuzz", 100);
    g_autoptr(HcDockerfile) file =
        hc_dockerfile_read("fuzz", (const char *) bytes, n_bytes, remarks, NULL);
    for (guint i = 0; file != NULL && i < file->stages->len; i++)
        do_stage((const HcDockerStage *) file->stages->pdata[i], file->escape);
    HcDockerIgnore *ignore = hc_ignore_new("fuzz", (const char *) bytes, n_bytes, NULL);
    if (ignore != NULL) {
        guint8 *marks = NULL;
        (void) hc_ignore_matches(ignore, "a/b.c", NULL, &marks);
        g_free(marks);
        hc_ignore_free(ignore);
    }
    return 0;
}
