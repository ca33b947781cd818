#pragma once

#include <glib.h>

#include "hivecore/base/clock.h"
#include "hivecore/dockerfile/dockerfile.h"
#include "hivecore/dockerfile/expand.h"

G_BEGIN_DECLS

/** LpDockerfileOptions: the option variables of build -f. */
typedef struct {
    char *file; /* (nullable): NULL: no Dockerfile */
    char *target;
    char **build_args;     /* NAME=VALUE */
    char **build_contexts; /* NAME=DIR, NAME=IMAGE */
    char *layers;          /* "one" or "each" */
    char *each;            /* NAME=VALUE,VALUE */
    char **skip_runs;      /* patterns of lines behind RUN */
    gboolean list_runs;
} LpDockerfileOptions;

/** Returns: whether any but .file is given. */
gboolean lp_dockerfile_options_any(const LpDockerfileOptions *options);

/* The entries of @options, an LpDockerfileOptions, in a command's table. */
#define LP_DOCKERFILE_OPTION_ENTRIES(options)                                                      \
    {"file",                                                                                       \
     'f',                                                                                          \
     0,                                                                                            \
     G_OPTION_ARG_FILENAME,                                                                        \
     &(options).file,                                                                              \
     "build what this Dockerfile says; the operand is\nthe context, a folder (.)",                 \
     "DOCKERFILE"},                                                                                \
        {"target",                                                                                 \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &(options).target,                                                                        \
         "stage to build, by name or number (the last)",                                           \
         "STAGE"},                                                                                 \
        {"build-arg",                                                                              \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME_ARRAY,                                                              \
         &(options).build_args,                                                                    \
         "value of an ARG of the Dockerfile",                                                      \
         "NAME=VALUE"},                                                                            \
        {"build-context",                                                                          \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME_ARRAY,                                                              \
         &(options).build_contexts,                                                                \
         "a folder, or an image, in the place of the image\nor stage NAME",                        \
         "NAME=WHAT"},                                                                             \
        {"each",                                                                                   \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &(options).each,                                                                          \
         "an image for each value of an ARG, in an index",                                         \
         "NAME=VALUE,VALUE"},                                                                      \
        {"skip-run",                                                                               \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME_ARRAY,                                                              \
         &(options).skip_runs,                                                                     \
         "pass over lines behind RUN that are like this",                                          \
         "PATTERN"},                                                                               \
        {"list-runs",                                                                              \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &(options).list_runs,                                                                     \
         "print what each instruction would do, and end",                                          \
         NULL},                                                                                    \
    {                                                                                              \
        "layers", 0, 0, G_OPTION_ARG_FILENAME, &(options).layers,                                  \
            "one: of each stage (default); each: of each\ninstruction that changes files", "HOW"   \
    }

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
