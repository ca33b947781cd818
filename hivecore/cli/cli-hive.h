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

G_END_DECLS
