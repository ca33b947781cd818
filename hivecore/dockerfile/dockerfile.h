#pragma once

#include "hivecore/base/findings.h"

G_BEGIN_DECLS

/*
 * A Dockerfile, read: stages of instructions, each with its line, words as they stand, variables
 * not put in yet. Source: moby/buildkit, frontend/dockerfile/parser and instructions; what is
 * refused there is refused here. Here documents are, too.
 */

typedef enum {
    HC_DOCKER_ADD,
    HC_DOCKER_ARG,
    HC_DOCKER_CMD,
    HC_DOCKER_COPY,
    HC_DOCKER_ENTRYPOINT,
    HC_DOCKER_ENV,
    HC_DOCKER_EXPOSE,
    HC_DOCKER_FROM,
    HC_DOCKER_HEALTHCHECK,
    HC_DOCKER_LABEL,
    HC_DOCKER_MAINTAINER,
    HC_DOCKER_ONBUILD,
    HC_DOCKER_RUN,
    HC_DOCKER_SHELL,
    HC_DOCKER_STOPSIGNAL,
    HC_DOCKER_USER,
    HC_DOCKER_VOLUME,
    HC_DOCKER_WORKDIR,
    HC_N_DOCKER_WORDS,
} HcDockerWord;

/** Returns: (transfer none): "COPY" and the like. */
const char *hc_docker_word_name(HcDockerWord word);

/** HcDockerPair: one of ENV, LABEL, ARG, quotes and variables as they stand. */
typedef struct {
    char *name;
    char *value; /* (nullable): of ARG NAME */
} HcDockerPair;

/** HcInstruction: one instruction. */
typedef struct {
    HcDockerWord word;
    guint line; /* the first, from 1 */
    guint last_line;
    char *text;       /* all of it in one line */
    char *rest;       /* behind the word and its flags */
    char **flags;     /* "from=x", "link": NULL-terminated, in order */
    gboolean is_json; /* the words were a JSON array */
    char **args;      /* NULL-terminated. Of CMD, ENTRYPOINT, RUN and HEALTHCHECK not in JSON: the
                       * command line. Of HEALTHCHECK without CMD or NONE, see kind */
    GPtrArray *pairs; /* (nullable): of HcDockerPair *: ENV, LABEL, ARG */
    char *kind; /* (nullable): of HEALTHCHECK: "CMD" or "NONE"; of ONBUILD: its trigger's word */
} HcInstruction;

/** Returns: (transfer none) (nullable): the value of a flag, "" without one; NULL: not given. */
const char *hc_instruction_flag(const HcInstruction *instruction, const char *name);

/** Returns: whether a flag that is or is not is given, as "link" or "link=true". */
gboolean hc_instruction_is(const HcInstruction *instruction, const char *name);

/** HcDockerStage: FROM and what follows it. */
typedef struct {
    guint line;
    char *base;
    char *name;     /* (nullable): lower case */
    char *platform; /* (nullable) */
    char *text;
    GPtrArray *instructions; /* of HcInstruction * */
} HcDockerStage;

typedef struct {
    char *file;        /* for messages */
    gunichar escape;   /* "\" or "`" */
    GPtrArray *args;   /* of HcInstruction *: ARG before the first FROM */
    GPtrArray *stages; /* of HcDockerStage *, at least one */
} HcDockerfile;

/**
 * hc_dockerfile_read:
 * @file: name for messages "FILE:LINE: what"
 * @remarks: what is read otherwise than it looks, and what is not heeded, with lines
 *
 * HC_ERROR_MALFORMED, HC_ERROR_UNSUPPORTED (a here document), HC_ERROR_LIMIT.
 *
 * Returns: (transfer full): the Dockerfile, or NULL
 */
HcDockerfile *hc_dockerfile_read(const char *file, const char *text, gsize n_bytes,
                                 HcFindings *remarks, GError **error);
void hc_dockerfile_free(HcDockerfile *dockerfile);

/** hc_docker_duration: "1m30s", "500ms", as Go has it. @nanoseconds: (out). Returns: whether it is
 * one that is not negative. */
gboolean hc_docker_duration(const char *text, gint64 *nanoseconds);

/**
 * hc_docker_ports:
 * Adds what "80", "8080/tcp", "7000-7010/udp" stands for to @ports, "80/tcp" each.
 * Returns: FALSE with HC_ERROR_MALFORMED, without a place
 */
gboolean hc_docker_ports(const char *text, GPtrArray *ports, GError **error);

/** hc_docker_signal_is: whether STOPSIGNAL takes it: a number, SIGTERM, TERM. */
gboolean hc_docker_signal_is(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDockerfile, hc_dockerfile_free)

G_END_DECLS
