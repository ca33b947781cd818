#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** HcDockerEnv: variables in the order in which they came, "NAME=VALUE" each. On Windows the case
 * of names does not matter. */
typedef struct HcDockerEnv HcDockerEnv;

HcDockerEnv *hc_docker_env_new(gboolean ignores_case);
HcDockerEnv *hc_docker_env_copy(const HcDockerEnv *env);
void hc_docker_env_free(HcDockerEnv *env);

/** hc_docker_env_set: in the place of the one that is there, with the new spelling. */
void hc_docker_env_set(HcDockerEnv *env, const char *name, const char *value);

/** hc_docker_env_set_pair: @pair: "NAME=VALUE"; without "=", the value is empty. */
void hc_docker_env_set_pair(HcDockerEnv *env, const char *pair);

/** Returns: (transfer none) (nullable): the value of @name. */
const char *hc_docker_env_get(const HcDockerEnv *env, const char *name);

/** Returns: (transfer none): all, NULL-terminated. */
const char *const *hc_docker_env_list(const HcDockerEnv *env);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDockerEnv, hc_docker_env_free)

/*
 * Words of a Dockerfile: quotes and escapes go, variables are put in: $X, ${X}, and ${X…} with - :-
 * + :+ ? :? # ## % %% / //. Source: moby/buildkit, frontend/dockerfile/shell.
 */

/** HcExpander: what is the same for all words of a stage. */
typedef struct {
    gunichar escape; /* "\" or "`" */
    const HcDockerEnv *env;
    GPtrArray
        *unset;     /* (nullable): takes the names that are not set where nothing says what then */
    gsize *n_bytes; /* (nullable): counts what comes out, against HC_MAX_DOCKER_EXPANDED_BYTES */
} HcExpander;

/**
 * hc_docker_expand:
 * HC_ERROR_MALFORMED: a quote or brace that nothing ends, a form that there is not. HC_ERROR_USAGE:
 * what ${X:?…} says. HC_ERROR_LIMIT. Messages have no place.
 *
 * Returns: (transfer full): the word, or NULL
 */
char *hc_docker_expand(const HcExpander *expander, const char *word, GError **error);

/** hc_docker_expand_words: the same, cut where spaces stand outside of quotes, in what variables
 * hold too. */
GPtrArray *hc_docker_expand_words(const HcExpander *expander, const char *word, GError **error);

G_END_DECLS
