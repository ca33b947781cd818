#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lp_windows_name_fault:
 * @name: one part of a path
 *
 * Source: Microsoft, "Naming Files, Paths, and Namespaces". Also refused: names that mean something
 * to importers of layers (".wh.").
 *
 * Returns: (transfer none) (nullable): why Windows does not take it for the name of a file, or NULL
 */
const char *lp_windows_name_fault(const char *name);

/**
 * lp_windows_path_parse:
 * @text: C:\A\B, /A/B or \A\B, slashes of either kind
 *
 * Returns: (transfer full): "Files/A/B", or "Files" for the drive's root; NULL with HC_ERROR_USAGE
 */
char *lp_windows_path_parse(const char *text, GError **error);

/** Returns: whether @text begins as a path for lp_windows_path_parse() does. */
gboolean lp_windows_path_is(const char *text);

G_END_DECLS
