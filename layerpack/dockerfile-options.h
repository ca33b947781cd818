#pragma once

#include <glib.h>

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

G_END_DECLS
