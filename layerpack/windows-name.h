#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * One part of a path, UTF-8, as the name of a file. What is wrong with it by degrees, as static
 * text or NULL. Source: Microsoft, "Naming Files, Paths, and Namespaces".
 */

/** lp_windows_name_error: what no file system of Windows takes. */
const char *lp_windows_name_error(const char *name);

/** lp_windows_name_oddity: what file systems take, and most programs cannot open. */
const char *lp_windows_name_oddity(const char *name);

/** lp_windows_name_reserved: names that the importer of layers cannot make in a layer above a base:
 * it puts a file beside each folder. */
const char *lp_windows_name_reserved(const char *name, gboolean is_folder);

/** lp_windows_name_fault: the three together, names that delete (".wh."), and what is not UTF-8:
 * why a file of this name is not put in a layer. */
const char *lp_windows_name_fault(const char *name);

/** Returns: UTF-16 units of @utf8. */
gsize lp_windows_name_units(const char *utf8);

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
