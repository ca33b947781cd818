#pragma once

#include <glib.h>

G_BEGIN_DECLS

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

G_END_DECLS
