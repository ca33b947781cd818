#pragma once

#include "hivecore/dockerfile/dockerfile.h"

G_BEGIN_DECLS

/* Shared by what reads a Dockerfile: dockerfile-lines.c makes lines of it, dockerfile-words.c words
 * of a line, instruction.c instructions of words, dockerfile.c stages of instructions. */

/** HcDockerLine: physical lines that were joined. */
typedef struct {
    guint line;
    guint last_line;
    char *text; /* without space around it */
} HcDockerLine;

void hc_docker_line_free(gpointer line);

/** HcDockerText: what all instructions of a file share while it is read. */
typedef struct {
    const char *file;
    gunichar escape;
    HcFindings *remarks;
} HcDockerText;

/** hc_docker_remark: a warning about a line. */
void hc_docker_remark(HcDockerText *text, guint line, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** hc_docker_lines: @text: .escape is set by a directive. Returns: (transfer full): of HcDockerLine
 * *, or NULL */
GPtrArray *hc_docker_lines(HcDockerText *text, const char *bytes, gsize n_bytes, GError **error);

/** hc_docker_split: takes the word, its flags and the rest apart. */
typedef struct {
    char *word;
    char **flags; /* without "--" */
    char *rest;
} HcDockerSplit;

HcDockerSplit hc_docker_split(gunichar escape, const char *line);
void hc_docker_split_clear(HcDockerSplit *split);

/** hc_docker_words: what spaces outside of quotes part; quotes and escapes stay. */
GPtrArray *hc_docker_words(gunichar escape, const char *rest);

/** hc_docker_spaced: what spaces part, whatever is around them. Returns: NULL-terminated */
char **hc_docker_spaced(const char *rest);

typedef enum {
    HC_DOCKER_NO_JSON,
    HC_DOCKER_JSON,
    HC_DOCKER_JSON_OF_OTHERS, /* an array in which not all are strings */
} HcDockerJson;

/** hc_docker_json: @words: (out): set for HC_DOCKER_JSON, NULL-terminated */
HcDockerJson hc_docker_json(const char *rest, char ***words);

/** Returns: whether a here document begins in @rest. */
gboolean hc_docker_has_heredoc(const char *rest);

/** hc_instruction_read: errors "what", without a place. */
HcInstruction *hc_instruction_read(HcDockerText *text, const HcDockerLine *line, GError **error);
void hc_instruction_free(gpointer instruction);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcDockerSplit, hc_docker_split_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcInstruction, hc_instruction_free)

G_END_DECLS
