#pragma once

#include <glib.h>
#include <stdint.h>

#include "hivecore/base/clock.h"

G_BEGIN_DECLS

/* The words of an entry point or a command, as an image's configuration has them. */

/**
 * lp_word_fault:
 * What no program's name or argument is: nothing, or something with a control character, which
 * comes of a path written into JSON with single backslashes.
 *
 * Returns: (transfer full) (nullable): "is empty", "holds the control character \u{9}"; NULL: none
 */
char *lp_word_fault(const char *word);

/**
 * lp_words_append:
 * @words on one line, a space before each, so that they can be read back: as they are, and where
 * that would not show, in quotes as JSON has them: empty ones, those with white space, quotes, or
 * characters that cannot be seen.
 */
void lp_words_append(GString *out, char *const *words);

/* The configuration of an image. Source: OCI image-spec 1.1, config.md; docs/FORMATS-images.md,
 * "What is written". */

/** LpConfigOptions: the option variables of a command that changes a configuration; all nullable.
 */
typedef struct {
    char *entrypoint; /* a JSON array of strings, or one string */
    char *cmd;        /* the same */
    char **env;       /* NAME=VALUE */
    char *user;
    char *workdir;
    char **label;     /* KEY=VALUE */
    char *os_version; /* four numbers; empty: none */
    char *arch;       /* amd64, arm64 */
    char *author;
    char *comment;     /* of the history's entry */
    char **annotation; /* KEY=VALUE, of the manifest */
    char **expose;     /* PORT[-PORT][/tcp|udp] */
    char **volume;
    char *shell;       /* a JSON array of strings, or one string */
    char *healthcheck; /* NONE, a JSON array or object, or a command line */
    char *stop_signal;
} LpConfigOptions;

/* The entries of @options, an LpConfigOptions, in a command's table. */
#define LP_CONFIG_OPTION_ENTRIES(options)                                                           \
    {"entrypoint",                                                                                  \
     0,                                                                                             \
     0,                                                                                             \
     G_OPTION_ARG_FILENAME,                                                                         \
     &(options).entrypoint,                                                                         \
     "what a container runs: a JSON array of strings,\nor one string; takes CMD away",              \
     "WORDS"},                                                                                      \
        {"cmd",                                                                                     \
         0,                                                                                         \
         0,                                                                                         \
         G_OPTION_ARG_FILENAME,                                                                     \
         &(options).cmd,                                                                            \
         "its default arguments, or what it runs when\nthere is no entry point",                    \
         "WORDS"},                                                                                  \
        {"env",                                                                                     \
         0,                                                                                         \
         0,                                                                                         \
         G_OPTION_ARG_FILENAME_ARRAY,                                                               \
         &(options).env,                                                                            \
         "environment variable; replaces one whose name\ndiffers only in case",                     \
         "NAME=VALUE"},                                                                             \
        {"user", 0, 0, G_OPTION_ARG_FILENAME, &(options).user, "user to run as", "USER"},           \
        {"workdir", 0, 0, G_OPTION_ARG_FILENAME, &(options).workdir, "folder to run in", "DIR"},    \
        {"os-version",                                                                              \
         0,                                                                                         \
         0,                                                                                         \
         G_OPTION_ARG_FILENAME,                                                                     \
         &(options).os_version,                                                                     \
         "version of Windows, like 10.0.20348.2700;\nempty: none",                                  \
         "VERSION"},                                                                                \
        {"arch", 0, 0, G_OPTION_ARG_FILENAME, &(options).arch, "architecture: amd64 or arm64",      \
         "ARCH"},                                                                                   \
        {"author", 0, 0, G_OPTION_ARG_FILENAME, &(options).author, "who made the image", "TEXT"},   \
        {"comment", 0, 0, G_OPTION_ARG_FILENAME, &(options).comment, "remark in the history",       \
         "TEXT"},                                                                                   \
        {"annotation",                                                                              \
         0,                                                                                         \
         0,                                                                                         \
         G_OPTION_ARG_FILENAME_ARRAY,                                                               \
         &(options).annotation,                                                                     \
         "annotation of the manifest",                                                              \
         "KEY=VALUE"},                                                                              \
        {"expose",                                                                                  \
         0,                                                                                         \
         0,                                                                                         \
         G_OPTION_ARG_FILENAME_ARRAY,                                                               \
         &(options).expose,                                                                         \
         "port that a container listens at",                                                        \
         "PORT[/tcp|udp]"},                                                                         \
        {"volume", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(options).volume, "folder that is a volume", \
         "DIR"},                                                                                    \
        {"shell",                                                                                   \
         0,                                                                                         \
         0,                                                                                         \
         G_OPTION_ARG_FILENAME,                                                                     \
         &(options).shell,                                                                          \
         "what runs command lines: a JSON array",                                                   \
         "WORDS"},                                                                                  \
        {"healthcheck",                                                                             \
         0,                                                                                         \
         0,                                                                                         \
         G_OPTION_ARG_FILENAME,                                                                     \
         &(options).healthcheck,                                                                    \
         "command line, JSON array or object, or NONE",                                             \
         "TEST"},                                                                                   \
        {"stop-signal",           0,       0, G_OPTION_ARG_FILENAME, &(options).stop_signal,        \
         "what ends a container", "SIGNAL"},                                                        \
    {                                                                                               \
        "label", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(options).label,                               \
            "label of the configuration", "KEY=VALUE"                                               \
    }

/** Returns: whether any is given. */
gboolean lp_config_options_any(const LpConfigOptions *options);

/** LpConfigStep: what this run adds to the history. */
typedef struct {
    HcEpoch epoch;
    const char *created_by;
    const char *comment; /* (nullable) */
    const char *diff_id; /* (nullable): of the new layer, "sha256:..."; NULL: there is none */
} LpConfigStep;

/**
 * lp_config_make:
 * @base: (nullable): the configuration to start with, which passed hc_image_open(); NULL: that of
 *   an image for Windows on amd64 without os.version and layers
 * @where: for messages on @base
 *
 * Everything of @base stays as it is, unknown members too, but what @options and @step change:
 * "created", "config", "rootfs"."diff_ids", "history". A variable takes the place of one whose name
 * differs only in case, as on Windows. An entry point takes away the command that was there, as in
 * a Dockerfile. Where @base has layers but no history, it gets none.
 *
 * HC_ERROR_USAGE for @options that are not of their form, HC_ERROR_MALFORMED for @base.
 *
 * Returns: (transfer full): compact JSON, or NULL
 */
char *lp_config_make(GBytes *base, const char *where, const LpConfigOptions *options,
                     const LpConfigStep *step, GError **error);

/** lp_config_change: what @options alone make of a whole @config. HC_ERROR_USAGE. */
char *lp_config_change(const char *config, const LpConfigOptions *options, GError **error);

/**
 * lp_config_annotations:
 * @annotations: (nullable): JSON object
 *
 * Returns: (transfer full) (nullable): @annotations with those of @options, or NULL: there are
 * none, or with HC_ERROR_USAGE
 */
char *lp_config_annotations(const char *annotations, const LpConfigOptions *options,
                            GError **error);

/** lp_config_for: what @config is for when @options are applied: what hc_image_identity() looks at.
 * @config: (nullable) */
char *lp_config_for(const char *config, const LpConfigOptions *options);

/** LpConfigView: what an image's config says beside its layers. Members may be NULL. */
typedef struct {
    char *created;
    char *user;
    char *working_dir;
    char **entrypoint;
    char **cmd;
    char **env;
    char **labels; /* "NAME=VALUE", sorted */
    char **os_features;
    guint n_history;        /* entries of the history */
    guint n_history_layers; /* those that stand for a layer */
} LpConfigView;

/**
 * lp_config_view_read:
 * @config: of an image that is open
 *
 * Source: OCI image-spec 1.1, config.md. HC_ERROR_MALFORMED when a member is of another type.
 *
 * Returns: (transfer full): the view, or NULL
 */
LpConfigView *lp_config_view_read(GBytes *config, GError **error);
void lp_config_view_free(LpConfigView *view);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpConfigView, lp_config_view_free)

G_END_DECLS
