#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/**
 * hc_cli_open_hive:
 * Opens a hive that is an operand as the user asked for (--no-logs, --ignore-dirty): the one way
 * in which commands open hives. A note says what was done about a hive that is not clean.
 *
 * Returns: (transfer full): the hive, or NULL as hc_hive_open_recovered()
 */
HcHive *hc_cli_open_hive(const HcCliContext *context, const char *file, GError **error);

/**
 * hc_cli_open_sound_hive:
 * The same for commands that make something of what the hive holds and that nobody compares with
 * it afterwards: a hive that hc_hive_check() finds an error in is HC_ERROR_MALFORMED.
 */
HcHive *hc_cli_open_sound_hive(const HcCliContext *context, const char *file, GError **error);

/** hc_cli_note_unsound: for commands that show what a hive holds: a note when it has an error. */
void hc_cli_note_unsound(const HcCliContext *context, const HcHive *hive);

G_END_DECLS
