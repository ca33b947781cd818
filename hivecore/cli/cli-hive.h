#pragma once

#include "hivecore/base/lock.h"
#include "hivecore/base/output.h"
#include "hivecore/cli/cli.h"
#include "hivecore/delta/delta.h"
#include "hivecore/regf/check.h"
#include "hivecore/registry/operand.h"

G_BEGIN_DECLS

/** hc_cli_operand_open: hc_operand_open() with all kinds of source that there are. */
gboolean hc_cli_operand_open(HcOperand *operand, const char *text, GError **error);

/** hc_cli_open_one: the same for an operand that is one hive: a source of several is
 * HC_ERROR_USAGE, and not even looked into. */
gboolean hc_cli_open_one(HcOperand *operand, const char *text, GError **error);

/** hc_cli_change_file: Returns: (transfer full): the file of an operand that is to be a change, or
 * "-"; NULL with HC_ERROR_USAGE for what is a state by its spelling, or a folder of hives. What a
 * file is its reader says. */
char *hc_cli_change_file(const char *text, GError **error);

/** Returns: whether @operand is spelled NAME=FILE. */
gboolean hc_cli_is_pair(const char *operand);

/** hc_cli_open_hive_of: hc_registry_open_hive() as the user asked for (--no-logs, --ignore-dirty);
 * @how->dirty_policy is not looked at. A note says what was done about a hive that is not clean. */
HcHive *hc_cli_open_hive_of(const HcCliContext *context, HcRegistry *state, guint index,
                            const HcHiveReading *how, GError **error);

/**
 * hc_cli_open_hive:
 * hc_cli_open_hive_of() for an operand that is one hive; a source of several is HC_ERROR_USAGE.
 *
 * @file: a hive, or SOURCE//NAME: the effective hive NAME (SOFTWARE, SYSTEM, SAM, SECURITY,
 * DEFAULT, in any case) of an image, a layer or an unpacked layer, see hc_layer_stack_open();
 * IMAGE[PLATFORM]//NAME chooses from an index. A file
 * of this very name wins. An image without //NAME is HC_ERROR_USAGE.
 *
 * Returns: (transfer full): the hive, or NULL as hc_hive_open_recovered() or hc_layer_stack_hive()
 */
HcHive *hc_cli_open_hive(const HcCliContext *context, const char *file, GError **error);

/**
 * hc_cli_open_sound_hive:
 * The same for commands that make something of what the hive holds and that nobody compares with
 * it afterwards: a hive that hc_hive_check() finds an error in is HC_ERROR_MALFORMED.
 */
HcHive *hc_cli_open_sound_hive(const HcCliContext *context, const char *file, GError **error);

/** Returns: (transfer full): the file or folder that an operand of hc_cli_open_hive(), or a SOURCE
 * of hc_layer_stack_open(), is read from. */
char *hc_cli_operand_file(const char *operand);

/**
 * hc_cli_find_input:
 * @is_input: (out): whether writing the file @output would change what the operand @input is read
 *   from: it is the same file, or lies in the image's folder
 *
 * HC_ERROR_IO when it cannot be found out.
 */
gboolean hc_cli_find_input(const char *output, const char *input, gboolean *is_input,
                           GError **error);

/** hc_cli_encoding_parse: argument of --encoding (nullable). Returns: an HcRegEncoding, or -1 with
 * HC_ERROR_USAGE */
int hc_cli_encoding_parse(const char *text, GError **error);

/** hc_cli_need_output: HC_ERROR_USAGE where a command that writes a file was given no -o @what. */
gboolean hc_cli_need_output(const char *command, const char *output, const char *what,
                            GError **error);

/**
 * hc_cli_refuse_overwrite:
 * @output: (nullable): file that is to be written
 * @inputs: (array zero-terminated=1): files that are read
 *
 * Returns: FALSE with HC_ERROR_USAGE when @output is the same file as one of @inputs, or the image
 * that one lies in (hc_cli_find_input())
 */
gboolean hc_cli_refuse_overwrite(const char *output, char *const *inputs, GError **error);

/**
 * hc_cli_hide_like, hc_cli_hide_like_all, hc_cli_hide_like_source:
 * hc_output_hide_like() with what a patch or an operand of hc_cli_open_hive(), each of several
 * (NULL-terminated), or a SOURCE of hc_layer_stack_open(), with @platform (nullable), is read from:
 * also with the logs of a dirty hive, and with the layers or hives in a folder.
 */
gboolean hc_cli_hide_like(HcOutput *output, const char *text, GError **error);
gboolean hc_cli_hide_like_all(HcOutput *output, char *const *operands, GError **error);
gboolean hc_cli_hide_like_source(HcOutput *output, const char *source, const char *platform,
                                 GError **error);

/** hc_cli_commit: hc_outputs_commit(), with what is to be said of it: to the user now, and when
 * standard output fails. */
gboolean hc_cli_commit(HcCliContext *context, HcOutput *const *outputs, gsize n, GError **error);

/**
 * hc_cli_open_stream:
 * Where a report goes that shows something of @inputs (NULL-terminated): to the file @output, which
 * hides from group and others what one of them hides, or to standard output when it is NULL. What
 * is not published by hc_cli_publish() is not to be taken for whole: there is no file then, and of
 * standard output no more than what went out already.
 *
 * Returns: (transfer full): or NULL with HC_ERROR_IO
 */
HcStream *hc_cli_open_stream(HcCliContext *context, const char *output, char *const *inputs,
                             GError **error);

/** hc_cli_open_output: the same for a hive, always a file, into which it is written. */
HcOutput *hc_cli_open_output(const char *output, char *const *inputs, GError **error);

/** hc_cli_publish: the end of a report; hc_cli_commit() of its file. */
gboolean hc_cli_publish(HcCliContext *context, HcStream *stream, GError **error);

/** hc_cli_change_text: Returns: (transfer full): the one sentence on what was done: "NAME: " and
 * the counts of @change, exact, or @unchanged when it is empty. */
char *hc_cli_change_text(const char *name, const HcDelta *change, const char *unchanged);

/** hc_cli_note_change: that as a note. */
void hc_cli_note_change(const HcCliContext *context, const char *name, const HcDelta *change,
                        const char *unchanged);

/** hc_cli_note_unsound: for commands that show what a hive holds: a note when it has an error. */
void hc_cli_note_unsound(const HcCliContext *context, const HcHive *hive);

/** hc_cli_note_defect: the same note, of what hc_hive_check() said; NULL: nothing. */
void hc_cli_note_defect(const HcCliContext *context, const GError *defect);

/**
 * hc_cli_open_salvaged:
 * @index: of a hive of @state
 * @losses: what is missing is added
 *
 * hc_cli_open_hive_of() for --salvage: the hive that hc_salvage() makes of what can be read. One
 * that is read out of an image has to be sound. Logs are replayed as always.
 */
HcHive *hc_cli_open_salvaged(const HcCliContext *context, HcRegistry *state, guint index,
                             HcFindings *losses, GError **error);

/**
 * hc_cli_keep_losses:
 * @places: NULL-terminated; paths of keys from below the root, as they are printed
 *
 * Takes from @losses what is neither about the hive as a whole nor about the keys at @places or,
 * with @with_subkeys, a key below one.
 */
void hc_cli_keep_losses(HcFindings *losses, char *const *places, gboolean with_subkeys);

/**
 * hc_cli_note_losses:
 * A note for each of @losses of the hive @file, and one that counts them.
 *
 * Returns: whether there are any
 */
gboolean hc_cli_note_losses(const HcCliContext *context, const char *file,
                            const HcFindings *losses);

/** hc_cli_hint_salvage: when @message, which ended a command with HC_ERROR_MALFORMED, is about one
 * of its @operands that is a damaged hive, a line that says how what is left of it can be read.
 * @has_option: whether the command has --salvage */
void hc_cli_hint_salvage(const char *program, const char *message, char *const *operands,
                         gboolean has_option);

/* The option of commands that lock what they change, for a table of GOptionEntry; @seconds: an int
 * that is HC_LOCK_TIMEOUT before. */
#define HC_LOCK_OPTION_ENTRY(seconds)                                                              \
    {                                                                                              \
        "lock-timeout", 0, 0, G_OPTION_ARG_INT, &(seconds),                                        \
            "how long to wait for another writer (10)", "SECONDS"                                  \
    }

/**
 * hc_cli_lock:
 * hc_lock_take() as --lock-timeout says; with --verbose, what could not be locked is told.
 *
 * @seconds: argument of --lock-timeout; HC_ERROR_USAGE when it is negative
 */
HcLock *hc_cli_lock(const HcCliContext *context, const char *const *files, gsize n, int seconds,
                    GError **error);

G_END_DECLS
