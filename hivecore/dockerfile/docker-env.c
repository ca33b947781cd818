#include "config.h"

#include "hivecore/dockerfile/expand.h"

#include <string.h>

#include "hivecore/base/name.h"

struct HcDockerEnv {
    gboolean ignores_case;
    GPtrArray *pairs;    /* of char *; NULL at the end */
    GHashTable *indexes; /* char *, folded name: index into pairs */
};

/* What names are compared by. */
static char *
fold(const HcDockerEnv *env, const char *name, gsize n_bytes)
{
    if (!env->ignores_case)
        return g_strndup(name, n_bytes);
    g_autofree char *text = g_strndup(name, n_bytes);
    GString *folded = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at += g_utf8_skip[(guchar) *at]) {
        const gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(folded, c <= 0xffff ? hc_upcase((uint16_t) c) : c);
    }
    return g_string_free(folded, FALSE);
}

HcDockerEnv *
hc_docker_env_new(gboolean ignores_case)
{
    HcDockerEnv *env = g_new0(HcDockerEnv, 1);
    env->ignores_case = ignores_case;
    env->pairs = g_ptr_array_new_with_free_func(g_free);
    env->indexes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_ptr_array_add(env->pairs, NULL);
    return env;
}

HcDockerEnv *
hc_docker_env_copy(const HcDockerEnv *env)
{
    HcDockerEnv *copy = hc_docker_env_new(env->ignores_case);
    for (guint i = 0; i + 1 < env->pairs->len; i++)
        hc_docker_env_set_pair(copy, env->pairs->pdata[i]);
    return copy;
}

void
hc_docker_env_free(HcDockerEnv *env)
{
    if (env == NULL)
        return;
    g_ptr_array_unref(env->pairs);
    g_hash_table_unref(env->indexes);
    g_free(env);
}

void
hc_docker_env_set(HcDockerEnv *env, const char *name, const char *value)
{
    char *folded = fold(env, name, strlen(name));
    char *pair = g_strconcat(name, "=", value, NULL);
    gpointer index;
    if (g_hash_table_lookup_extended(env->indexes, folded, NULL, &index)) {
        g_free(folded);
        g_free(env->pairs->pdata[GPOINTER_TO_UINT(index)]);
        env->pairs->pdata[GPOINTER_TO_UINT(index)] = pair;
        return;
    }
    g_hash_table_insert(env->indexes, folded, GUINT_TO_POINTER(env->pairs->len - 1));
    env->pairs->pdata[env->pairs->len - 1] = pair;
    g_ptr_array_add(env->pairs, NULL);
}

void
hc_docker_env_set_pair(HcDockerEnv *env, const char *pair)
{
    const char *equals = strchr(pair, '=');
    g_autofree char *name =
        equals != NULL ? g_strndup(pair, (gsize) (equals - pair)) : g_strdup(pair);
    hc_docker_env_set(env, name, equals != NULL ? equals + 1 : "");
}

const char *
hc_docker_env_get(const HcDockerEnv *env, const char *name)
{
    g_autofree char *folded = fold(env, name, strlen(name));
    gpointer index;
    if (!g_hash_table_lookup_extended(env->indexes, folded, NULL, &index))
        return NULL;
    const char *pair = env->pairs->pdata[GPOINTER_TO_UINT(index)];
    return strchr(pair, '=') + 1;
}

const char *const *
hc_docker_env_list(const HcDockerEnv *env)
{
    return (const char *const *) env->pairs->pdata;
}
