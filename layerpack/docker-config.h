#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/dockerfile/dockerfile.h"
#include "hivecore/dockerfile/expand.h"

G_BEGIN_DECLS

/**
 * LpDockerConfig: an image's configuration while the instructions of a Dockerfile change it, and
 * its history. What of the base's document is not known goes over as it is. Sources: OCI image-spec
 * 1.1, config.md; moby/docker-image-spec; moby/buildkit, frontend/dockerfile/dockerfile2llb.
 */
typedef struct LpDockerConfig LpDockerConfig;

/** lp_docker_config_new: @base: (nullable): a configuration that passed hc_image_open(); NULL: FROM
 * scratch. @where: for messages on it. HC_ERROR_MALFORMED. */
LpDockerConfig *lp_docker_config_new(const char *base, const char *where, GError **error);

/** lp_docker_config_copy: for a stage from a stage, which had no trigger. */
LpDockerConfig *lp_docker_config_copy(LpDockerConfig *config, HcEpoch epoch, GError **error);
void lp_docker_config_free(LpDockerConfig *config);

/* What it says now; borrowed. */
gboolean lp_docker_config_is_windows(const LpDockerConfig *config);
const HcDockerEnv *lp_docker_config_env(const LpDockerConfig *config);

/** Returns: (transfer full) (nullable) */
char *lp_docker_config_workdir(const LpDockerConfig *config);

/** Returns: (transfer full) (nullable) */
char *lp_docker_config_user(const LpDockerConfig *config);

/** Returns: (transfer full): the SHELL in effect, NULL-terminated. */
char **lp_docker_config_shell(const LpDockerConfig *config);

/** Returns: the first trigger of ONBUILD, (transfer full) (nullable). */
char *lp_docker_config_trigger(const LpDockerConfig *config);

/* Instructions; words are expanded. */
void lp_docker_config_set_env(LpDockerConfig *config, const char *name, const char *value);
void lp_docker_config_set_label(LpDockerConfig *config, const char *name, const char *value);
void lp_docker_config_set_user(LpDockerConfig *config, const char *user);
void lp_docker_config_set_workdir(LpDockerConfig *config, const char *workdir);
void lp_docker_config_set_author(LpDockerConfig *config, const char *author);
void lp_docker_config_set_signal(LpDockerConfig *config, const char *signal);
void lp_docker_config_set_shell(LpDockerConfig *config, char *const *words);
void lp_docker_config_add_port(LpDockerConfig *config, const char *port);
void lp_docker_config_add_volume(LpDockerConfig *config, const char *volume);
void lp_docker_config_add_trigger(LpDockerConfig *config, const char *text);

/** lp_docker_config_set_command: CMD or ENTRYPOINT, with the SHELL in front of what is not JSON. An
 * entry point takes away the command of the base, not one of this stage. */
void lp_docker_config_set_command(LpDockerConfig *config, const HcInstruction *instruction);

/** lp_docker_config_set_health: HC_ERROR_MALFORMED without a place. */
gboolean lp_docker_config_set_health(LpDockerConfig *config, const HcInstruction *instruction,
                                     GError **error);

/** lp_docker_config_add_step: an entry of the history, @created_by in the words of the Dockerfile.
 */
void lp_docker_config_add_step(LpDockerConfig *config, const char *created_by,
                               gboolean has_changed);

/** lp_docker_config_add_layer: a new layer, which the last step since the layer before that has
 * changed something made, or the last step. @diff_id: "sha256:..." */
void lp_docker_config_add_layer(LpDockerConfig *config, const char *diff_id);

/** lp_docker_config_make: Returns: (transfer full): the document, compact */
char *lp_docker_config_make(LpDockerConfig *config, HcEpoch epoch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpDockerConfig, lp_docker_config_free)

G_END_DECLS
