#pragma once

#include "hivecore/cli/cli-report.h"
#include "hivecore/dockerfile/expand.h"
#include "hivecore/dockerfile/glob.h"
#include "hivecore/image/tree.h"
#include "layerpack/build.h"
#include "layerpack/config-edit.h"
#include "layerpack/dockerfile-options.h"
#include "layerpack/file-changes.h"
#include "layerpack/finish-image.h"

G_BEGIN_DECLS

/*
 * What build -f is made of: dockerfile-args.c reads what is given, dockerfile-plan.c finds out
 * which stages are needed and where they come from, dockerfile-step.c does one instruction after
 * the other, dockerfile-copy.c those that take files, dockerfile-context.c knows which files there
 * are, dockerfile-write.c makes layers of what has changed, dockerfile-build.c leads.
 */

/** LpDockerContext: a folder that COPY takes files from. */
typedef struct {
    char *name;             /* for messages */
    char *folder;           /* without links */
    HcDockerIgnore *ignore; /* (nullable) */
    char *ignore_name;
    char *hidden;        /* (nullable): where the image goes, below the context */
    gboolean has_hidden; /* something of it was left out */
    GPtrArray *marks;    /* of the folders above the file that was looked at last */
} LpDockerContext;

/** lp_docker_context_open: @dockerfile: (nullable): whose own DOCKERFILE.dockerignore goes before
 * the folder's .dockerignore. HC_ERROR_IO when @folder is none. */
LpDockerContext *lp_docker_context_open(const char *folder, const char *dockerfile, GError **error);
void lp_docker_context_free(LpDockerContext *context);

/** lp_docker_context_hide: what is at @file, and where it is made, is not of the context. */
void lp_docker_context_hide(LpDockerContext *context, const char *file);

/** lp_docker_context_has: whether @path, below the context, is not left out. */
gboolean lp_docker_context_has(LpDockerContext *context, const char *path);

/**
 * lp_docker_context_find:
 * @pattern: a path of hc_docker_path(), which may have wildcards. Names that differ in case only
 *   are found when there is one.
 *
 * HC_ERROR_NOT_FOUND without wildcards; HC_ERROR_UNSUPPORTED: a link leads out of the context.
 *
 * Returns: (transfer full) (element-type utf8): paths below the context, sorted; "" for itself
 */
GPtrArray *lp_docker_context_find(LpDockerContext *context, const char *pattern, GError **error);

/** lp_docker_context_file: where it is, no link itself. HC_ERROR_UNSUPPORTED when links lead out of
 * the context. */
char *lp_docker_context_file(const LpDockerContext *context, const char *path, GError **error);

typedef enum {
    LP_DOCKER_SCRATCH,
    LP_DOCKER_STAGE,
    LP_DOCKER_IMAGE,  /* an image operand */
    LP_DOCKER_FOLDER, /* of --build-context */
} LpDockerSourceKind;

/** LpDockerSource: where a name after FROM or --from= leads. */
typedef struct {
    LpDockerSourceKind kind;
    guint stage;   /* index */
    char *operand; /* of an image or folder */
} LpDockerSource;

/** LpStage: a stage of the Dockerfile, and what has become of it. */
typedef struct LpStage {
    const HcDockerStage *stage;
    guint index;
    gboolean is_needed;
    gboolean is_replaced; /* by a --build-context: its instructions are not looked at */
    gboolean is_layered;  /* the target, and what it is from: their layers are written */
    char *base_name;      /* FROM, expanded */
    char *platform;       /* (nullable): for the base, OS/ARCH[:VERSION] */
    LpDockerSource base;
    guint n_uses;                /* by stages from it, and by COPY --from */
    const struct LpStage *first; /* of the stages that this one is from */
    HcLayerStack *stack;         /* (nullable): what .first lies on; a tree's */
    HcTree *tree;                /* NULL when the one stage that is from it has it now */
    LpDockerConfig *config;
    HcDockerEnv *scope; /* Env with the ARGs that were met */
    HcDelta *registry;  /* (nullable): what its RUNs and those before it say */
    gboolean has_said;  /* since the last layer */
} LpStage;

/** LpDockerRun: what the command line says. */
typedef struct {
    LpBuildRun what; /* .from means nothing: the Dockerfile says it; .to is NULL in a dry run */
    const LpDockerfileOptions *options;
    const char *folder;   /* the operand */
    const char *platform; /* (nullable): the one of several that is built */
} LpDockerRun;

/** LpDockerOutput: where one or several images go. */
typedef struct {
    HcImageWriter *writer; /* (nullable): not opened yet, or a dry run */
    GPtrArray *layers;     /* of HcLayerOutput *: they are needed until the end */
    GHashTable *files;     /* diff ID: HcLayerFile *, of those layers */
    guint n_images;        /* that are whole */
    GString *report;       /* the digests, to be told at the end */
    GHashTable *platforms; /* what the images are for: for which value of --each */
} LpDockerOutput;

/** LpDockerBuild: one run over the Dockerfile. */
typedef struct {
    HcCliContext *context;
    const LpDockerRun *run;
    HcDockerfile *file;
    HcFindings *remarks;
    HcDockerEnv *build_args;
    GHashTable *used_args;  /* names of build_args that an ARG took */
    HcDockerEnv *globals;   /* ARG before the first FROM, and the platforms */
    GPtrArray *stages;      /* of LpStage * */
    GHashTable *by_name;    /* char *: GArray of guint, rising */
    GHashTable *contexts;   /* normal name of --build-context: what it is */
    GHashTable *folders;    /* folder: LpDockerContext * */
    GHashTable *images;     /* operand: HcTree * */
    LpDockerContext *files; /* the operand */
    gsize n_expanded;       /* bytes */
    guint line;             /* of the instruction at hand */
    guint target;
    LpDockerOutput *output;
    const char *each_name; /* (nullable): of --each */
    const char *each_value;
    gsize n_reported;        /* bytes of .output's report that are of images before this one */
    LpRegistryChange change; /* of RUN and --reg, for the next layer */
    GPtrArray *patches;      /* (nullable): of --reg */
    GPtrArray *told;         /* of char *: what the instruction at hand did, for a dry run */
} LpDockerBuild;

/* --- dockerfile-args.c --- */

/** lp_docker_read_args: --build-arg, --each and --build-context. HC_ERROR_USAGE. */
gboolean lp_docker_read_args(LpDockerBuild *build, GError **error);

/** lp_docker_set_globals: the arguments that are always there, and ARG before the first FROM.
 * @target_name: (nullable): of the stage that is built */
gboolean lp_docker_set_globals(LpDockerBuild *build, const char *target_name, GError **error);

/** lp_docker_normal_name: an image's name in full, by which names are compared: "alpine" is
 * "docker.io/library/alpine:latest". */
char *lp_docker_normal_name(const char *name);

/** lp_docker_platform_operand: "windows(10.0.1)/amd64", as Docker writes it, as hc_image_open()
 * takes it. */
char *lp_docker_platform_operand(const char *text);

/* --- dockerfile-plan.c --- */

/** lp_docker_plan: reads the Dockerfile and finds out what is needed. */
gboolean lp_docker_plan(LpDockerBuild *build, GError **error);
void lp_docker_build_clear(LpDockerBuild *build);

/**
 * lp_docker_find_source:
 * @name: after FROM or --from=
 * @before: stages from this index on are not yet there
 * @numbers: whether a number names a stage
 *
 * A name that is nothing else is one in a registry. No place in messages.
 */
gboolean lp_docker_find_source(const LpDockerBuild *build, const char *name, guint before,
                               gboolean numbers, LpDockerSource *source, GError **error);
void lp_docker_source_clear(LpDockerSource *source);

/** lp_docker_place: puts "FILE:LINE: " before the message of @error. Returns: FALSE */
gboolean lp_docker_place(const LpDockerBuild *build, guint line, GError **error);

/** lp_docker_remark: a warning about a line, told at once. */
void lp_docker_remark(const LpDockerBuild *build, guint line, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* --- dockerfile-step.c --- */

/** lp_docker_stage_begin: what the stage is from. */
gboolean lp_docker_stage_begin(LpDockerBuild *build, LpStage *stage, GError **error);

/** lp_docker_step: one instruction. @has_changed: (out): whether files or the registry have */
gboolean lp_docker_step(LpDockerBuild *build, LpStage *stage, const HcInstruction *instruction,
                        gboolean *has_changed, GError **error);

/** lp_docker_fail_run: that an instruction has to be executed, and what would help. */
gboolean lp_docker_fail_run(const LpDockerBuild *build, const LpStage *stage,
                            const HcInstruction *own, GError **error);

/** lp_docker_word: @word with quotes and escapes gone and variables put in. */
char *lp_docker_word(LpDockerBuild *build, const LpStage *stage, const char *word, GError **error);

/** lp_docker_remark_escape: when backslashes of a path as @written went away as escapes in @word.
 */
void lp_docker_remark_escape(const LpDockerBuild *build, const HcInstruction *instruction,
                             const char *written, const char *word);

/** lp_docker_entry: the name in a tree of a path of hc_docker_path(). Returns: (transfer full) */
char *lp_docker_entry(const LpStage *stage, const char *path);

/* --- dockerfile-run.c --- */

/** lp_docker_run: RUN, as far as Windows is not needed for it. */
gboolean lp_docker_run(LpDockerBuild *build, LpStage *stage, const HcInstruction *own,
                       gboolean *has_changed, GError **error);

/** lp_docker_run_is_foreign: whether a command of RUN is one of which nothing is known; no more
 * than its words is looked at. @shell: (nullable): SHELL */
gboolean lp_docker_run_is_foreign(const HcInstruction *own, char *const *shell);

/** lp_docker_registry_copy: what the RUNs of the stage that @stage is from have said. */
gboolean lp_docker_registry_copy(LpStage *stage, const LpStage *base, GError **error);

/** lp_docker_registry_make: build->change becomes what @stage's RUNs and, when @with_patches, --reg
 * say. */
gboolean lp_docker_registry_make(LpDockerBuild *build, LpStage *stage, gboolean with_patches,
                                 GError **error);

/* --- dockerfile-list.c --- */

/** lp_dockerfile_list: --list-runs: what each instruction would do. @needs_windows: (out): whether
 * one cannot be done */
gboolean lp_dockerfile_list(HcCliContext *context, const LpDockerfileOptions *options,
                            gboolean *needs_windows, GError **error);

/* --- dockerfile-copy.c --- */

gboolean lp_docker_copy(LpDockerBuild *build, LpStage *stage, const HcInstruction *instruction,
                        gboolean *has_changed, GError **error);

/* --- dockerfile-write.c --- */

/** lp_docker_write_layer: what has changed in @stage since the last layer, if anything, with
 * build->change, which is empty then. */
gboolean lp_docker_write_layer(LpDockerBuild *build, LpStage *stage, GError **error);

/** lp_docker_write_begin: the layers of the base. */
gboolean lp_docker_write_begin(LpDockerBuild *build, LpStage *stage, GError **error);
gboolean lp_docker_write_end(LpDockerBuild *build, LpStage *stage, GError **error);

/* --- dockerfile-build.c --- */

/** lp_dockerfile_build: build -f: all of it. */
gboolean lp_dockerfile_build(HcCliContext *context, const LpDockerRun *run, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpDockerContext, lp_docker_context_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpDockerBuild, lp_docker_build_clear)

G_END_DECLS
