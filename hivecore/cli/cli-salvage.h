#pragma once

#include "hivecore/cli/cli-hive.h"
#include "hivecore/regf/check.h"

G_BEGIN_DECLS

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

G_END_DECLS
