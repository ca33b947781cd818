#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/error.h"

G_BEGIN_DECLS

/*
 * Lines of cmd.exe, taken apart as it and then the C runtime of the program that it starts do.
 * Texts are UTF-8, and each byte knows the byte of the source that it came from, so that a message
 * can point at it. Sources: Microsoft's pages "cmd", "Command shell overview" and "Parsing C
 * command-line arguments"; Wine's tests of cmd, which are run on Windows.
 */

/** HcCmdTrouble: why a line is not taken, and where. */
typedef struct {
    HcErrorCode code; /* HC_ERROR_MALFORMED, or HC_ERROR_UNSUPPORTED where Windows would do it */
    gsize at;         /* byte of the source */
    char *text;       /* "found …, expected …" */
} HcCmdTrouble;

void hc_cmd_trouble_clear(HcCmdTrouble *trouble);

/** hc_cmd_fail: sets @trouble. Returns: FALSE */
gboolean hc_cmd_fail(HcCmdTrouble *trouble, HcErrorCode code, gsize at, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/** HcCmdText: a text with the place in the source of each of its bytes. */
typedef struct {
    GString *text;
    GArray *at; /* of uint32_t, one for each byte */
} HcCmdText;

/** Returns: the byte of the source that byte @i of @text came from; of its end, the one behind. */
gsize hc_cmd_text_at(const HcCmdText *text, gsize i);

/** Returns: whether @byte joins commands or redirects, outside of quotes. */
gboolean hc_cmd_is_special(char byte);

/** How a command hangs on the one before it. */
typedef enum {
    HC_CMD_FIRST,
    HC_CMD_THEN,      /* & */
    HC_CMD_IF_OK,     /* && */
    HC_CMD_IF_NOT_OK, /* || */
    HC_CMD_PIPE,      /* | */
} HcCmdJoin;

/** HcCmdRedirect: one of ">FILE", "2>&1", "<FILE". */
typedef struct {
    guint handle;      /* 0, 1, 2, … */
    gboolean is_input; /* < */
    gboolean appends;  /* >> */
    char *target;      /* without quotes; "&1" for a handle */
    gsize at;
} HcCmdRedirect;

/** HcCmdCommand: one command of a line, with quotes, without carets and redirections. */
typedef struct {
    HcCmdJoin join;
    gsize at;
    HcCmdText line;       /* from its first word on */
    GPtrArray *redirects; /* of HcCmdRedirect * */
    gboolean is_label;    /* starts with ':', also "::" */
    gboolean is_remark;   /* rem */
} HcCmdCommand;

/** hc_cmd_command_new: one without text and redirections; to be freed by the other, which is a
 * GDestroyNotify. */
HcCmdCommand *hc_cmd_command_new(void);
void hc_cmd_command_free(gpointer pointer);

/** HcCmdRules: what is not the same in a batch file and in a line given to cmd /c. */
typedef struct {
    /* %% is a percent sign, and one that no variable follows is an error; else it is kept. */
    gboolean is_batch;
    /* Returns: (transfer none) (nullable): the value of @name; NULL: not known, which is an error
     * with @trouble set. */
    const char *(*variable)(gpointer data, const char *name, gsize at, HcCmdTrouble *trouble);
    gpointer data;
} HcCmdRules;

/**
 * hc_cmd_parse:
 * The commands of the line that @source begins with; with carets at their ends of several.
 *
 * @source: valid UTF-8 without NUL, of @n_bytes
 * @n_used: (out): how much of it was read, with the line break; set in any case
 *
 * Returns: (transfer full) (element-type HcCmdCommand) (nullable): NULL with @trouble set
 */
GPtrArray *hc_cmd_parse(const char *source, gsize n_bytes, const HcCmdRules *rules, gsize *n_used,
                        HcCmdTrouble *trouble);

/** HcCmdWord: an argument as a program gets it. */
typedef struct {
    char *text;
    gsize at;
    gboolean is_quoted; /* a quote was in it */
} HcCmdWord;

/**
 * hc_cmd_words:
 * The name of the program and its arguments. A quote that is not closed is malformed: the C runtime
 * closes it at the end, but what comes of it is seldom what was meant ("C:\dir\" /f).
 *
 * Returns: (transfer full) (element-type HcCmdWord) (nullable): NULL with @trouble set
 */
GPtrArray *hc_cmd_words(const HcCmdText *line, HcCmdTrouble *trouble);

/** Returns: the word @i of @words. */
static inline const HcCmdWord *
hc_cmd_word(const GPtrArray *words, guint i)
{
    return (const HcCmdWord *) words->pdata[i];
}

/**
 * hc_cmd_is_program:
 * @word: the first of a command
 * @name: in lower case, without ".exe"
 *
 * Returns: whether it is that program: by its name alone, or in the folder System32 of Windows
 */
gboolean hc_cmd_is_program(const char *word, const char *name);

/** Returns: whether output of the command goes nowhere, or to where it goes anyway. */
gboolean hc_cmd_is_nul(const HcCmdRedirect *redirect);

/**
 * hc_cmd_append_word:
 * Appends @word, which has no NUL and no line break, so that hc_cmd_parse() in a batch file and
 * then hc_cmd_words() give it back. @is_quoted: (inout): whether cmd is between two quotes; one for
 * the whole line, FALSE at its start
 */
void hc_cmd_append_word(GString *out, const char *word, gboolean *is_quoted);

G_END_DECLS
