#pragma once

#include <glib.h>
#include <sys/types.h>

#include "hivecore/base/stream.h"
#include "hivecore/cli/cli.h"
#include "hivecore/cli/patches.h"
#include "hivecore/reg/reg-reader.h"

G_BEGIN_DECLS

/* Help texts, made from the command table; internal to cli/. */

/** hc_help_program: what "PROGRAM --help" prints. @globals: ends with a NULL long_name. */
void hc_help_program(GString *out, const char *program, const char *summary,
                     const HcCommand *const *commands, const GOptionEntry *globals);

/** hc_help_command: what "PROGRAM COMMAND --help" prints. @output: the options of commands that
 * print a report. */
void hc_help_command(GString *out, const char *program, const HcCommand *command,
                     const GOptionEntry *output, const GOptionEntry *globals);

/* Options of the command line; internal to cli/. */

/**
 * hc_options_parse:
 * GLib's parser, with more rules:
 * - of an option that takes one value (G_OPTION_ARG_FILENAME and _INT) two values are
 *   HC_ERROR_USAGE, for which of them is meant? Those that take several are
 *   G_OPTION_ARG_FILENAME_ARRAY. A text that an earlier call has set counts;
 * - -oFILE and -o=FILE are -o FILE;
 * - an option with G_OPTION_FLAG_OPTIONAL_ARG has its value behind a "=", or is "";
 * - of an option that there is none of, the nearest is named.
 *
 * @tables: entries, each table ending with a NULL long_name; ends with NULL
 * @is_posix: the first operand ends the options
 */
gboolean hc_options_parse(const GOptionEntry *const *tables, gboolean is_posix, char ***args,
                          GError **error);

/* The three standard descriptors; internal to cli/. */

/**
 * hc_stdio_start:
 * Makes sure that descriptors 0, 1 and 2 are open, so that no file opened later becomes
 * standard output by accident, and that a closed pipe is an error and no signal. What was
 * closed cannot be used: reading or writing there fails.
 */
void hc_stdio_start(void);

/** hc_stdio_print_error: "PROGRAM: MESSAGE" on standard error, in one line whatever is in it. */
void hc_stdio_print_error(const char *program, const char *message);

/** hc_stdio_print_failure: the same of an error; where it carries findings, all of them. */
void hc_stdio_print_failure(const char *program, const GError *failure);

/**
 * hc_stdio_finish:
 * Writes what is left of @out, to standard output, and closes that.
 *
 * @is_torn: (out): hc_stream_finish()
 *
 * Returns: 0 or errno
 */
int hc_stdio_finish(HcStream *out, gboolean *is_torn);

/** HcPager: a program that shows standard output on a terminal, as git has it. */
typedef struct {
    pid_t pid; /* 0: none was started */
} HcPager;

/**
 * hc_pager_offer:
 * When standard output is a terminal: has the pager of HIVETOOL_PAGER or PAGER between, from the
 * first byte on; where neither is set less, for what does not fit the screen. None for "", "cat"
 * and a terminal that can do nothing.
 */
void hc_pager_offer(HcPager *pager, HcStream *stream);

/** hc_pager_wait: until the user has left it; standard output was closed. Returns: whether there
 * was one that could be run */
gboolean hc_pager_wait(HcPager *pager);

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

/* Shared by the files of patches. */

/** HcPatchReading: how the files of one run are read. */
typedef struct {
    const HcPatchOptions *options;
    HcRegVariables *variables;
    const HcRoot *const *roots; /* n_roots of them, each nullable: of the hives */
    gsize n_roots;
} HcPatchReading;

/** Returns: whether @name is an HKEY_ name or where one of @roots starts. */
gboolean hc_patch_is_root(HcName name, const HcRoot *const *roots, gsize n_roots);

/** hc_patch_file_read: reads one file into @patch, new so far. Notes are said on standard error. */
gboolean hc_patch_file_read(const HcCliContext *context, HcDelta *patch, const HcPatchFile *file,
                            const HcPatchReading *reading, GError **error);

/* --- patch-control-set.c: CurrentControlSet --- */

/** hc_patch_alias_control_set: what CurrentControlSet stands for in @patch where @hive hangs at
 * @place, as .reg files name it and, with @is_alone, as JSON deltas without a root do. */
gboolean hc_patch_alias_control_set(HcDelta *patch, const HcHive *hive, const HcDeltaPlace *place,
                                    gboolean is_alone, GError **error);

/** hc_patch_control_set_use: Returns: (transfer full) (nullable): the first line of @patch that
 * names CurrentControlSet of the hive at @place */
char *hc_patch_control_set_use(const HcDelta *patch, const HcDeltaPlace *place);

/** hc_patch_check_control_set: a patch for a SYSTEM hive must not make a key CurrentControlSet,
 * which Windows would hide: HC_ERROR_CONFLICT. */
gboolean hc_patch_check_control_set(const HcPatchTarget *target, GError **error);

/** hc_patch_check_current: HC_ERROR_CONFLICT where the patch changes Select\Current and names
 * CurrentControlSet. @use: (nullable): hc_patch_control_set_use() */
gboolean hc_patch_check_current(const HcPatchTarget *target, const char *use, GError **error);

/* --- patch-users.c: HKEY_CURRENT_USER of several users --- */

/** Returns: how many users there are among @targets. */
guint hc_patch_count_users(const HcPatchTarget *targets, gsize n);

/**
 * hc_patch_alias_users:
 * What HKEY_CURRENT_USER stands for in @patch for @user, and Software\Classes of all users.
 * @places: where @targets, @n of them, hang
 */
void hc_patch_alias_users(HcDelta *patch, const HcPatchTarget *targets, const HcDeltaPlace *places,
                          gsize n, guint user);

/**
 * hc_patch_choose_targets:
 * The targets that lines for @user can land in: of those at one place that of the user.
 * @chosen: (out): their numbers
 *
 * Returns: how many they are
 */
gsize hc_patch_choose_targets(const HcPatchTarget *targets, gsize n, guint user, gsize *chosen);

G_END_DECLS
