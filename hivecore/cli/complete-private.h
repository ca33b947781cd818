#pragma once

#include "hivecore/cli/cli.h"

G_BEGIN_DECLS

/*
 * Completion for shells. Each shell has a few lines (completion/) that hand over the line up to the
 * cursor and take candidates; what can stand there is known here, from the tables of commands and
 * options.
 */

/** HC_COMPLETE_COMMAND: what shells call: PROGRAM __complete SHELL LINE. */
#define HC_COMPLETE_COMMAND "__complete"

/**
 * HC_CANDIDATES_COMMAND: a command of the table that knows what is in hives. Its operands: "hives"
 * TEXT, "keys" HIVE TEXT or "values" HIVE KEY TEXT, TEXT being what is there already. It prints a
 * candidate on each line, behind "=" one that is whole, behind "+" one that goes on.
 */
#define HC_CANDIDATES_COMMAND "__candidates"

typedef enum {
    HC_SHELL_BASH,
    HC_SHELL_ZSH,
    HC_SHELL_FISH,
} HcShell;

/** HcShellLine: a command line up to the cursor. */
typedef struct {
    HcShell shell;
    GPtrArray *words; /* of char *, without quotes; the last is that at the cursor */
    char quote;       /* that is open at the cursor; 0: none */
    gsize n_kept;     /* of bash: bytes of the last word that stay, as its own word ends in them */
} HcShellLine;

void hc_shell_line_read(HcShellLine *line, HcShell shell, const char *text);
void hc_shell_line_clear(HcShellLine *line);

/**
 * hc_shell_append_candidate:
 * A line for the shell: "=" or "+", the candidate in the shell's quotes, and for those that show it
 * a tab and @remark (nullable).
 * @is_open: it goes on, so no space comes after it
 */
void hc_shell_append_candidate(GString *out, const HcShellLine *line, const char *candidate,
                               gboolean is_open, const char *remark);

/**
 * hc_option_words:
 * The words that an option takes, as its description lists them: "text, json or csv".
 *
 * Returns: (transfer full): empty when there is no such list
 */
GStrv hc_option_words(const GOptionEntry *entry);

/** HcCompletion: what there is to choose from. */
typedef struct {
    HcCliContext *context;
    const HcCommand *const *commands;
    const GOptionEntry *globals;
    const GOptionEntry *output; /* of commands that print a report */
} HcCompletion;

/** hc_complete: @args: SHELL LINE, NULL-terminated. FALSE with HC_ERROR_USAGE. */
gboolean hc_complete(const HcCompletion *completion, char **args, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcShellLine, hc_shell_line_clear)

G_END_DECLS
