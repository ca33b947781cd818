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
guint hc_docker_env_length(const HcDockerEnv *env);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDockerEnv, hc_docker_env_free)

G_END_DECLS
