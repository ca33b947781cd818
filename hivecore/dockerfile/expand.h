#pragma once

#include "hivecore/dockerfile/docker-env.h"

G_BEGIN_DECLS

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
