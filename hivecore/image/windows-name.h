#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * One part of a path, UTF-8, as the name of a file. What is wrong with it by degrees, as static
 * text or NULL. Source: Microsoft, "Naming Files, Paths, and Namespaces".
 */

/** hc_windows_name_error: what no file system of Windows takes. */
const char *hc_windows_name_error(const char *name);

/** hc_windows_name_oddity: what file systems take, and most programs cannot open. */
const char *hc_windows_name_oddity(const char *name);

/** hc_windows_name_reserved: names that the importer of layers cannot make in a layer above a base:
 * it puts a file beside each folder. */
const char *hc_windows_name_reserved(const char *name, gboolean is_folder);

/** hc_windows_name_fault: the three together, names that delete (".wh."), and what is not UTF-8:
 * why a file of this name is not put in a layer. */
const char *hc_windows_name_fault(const char *name);

/** Returns: UTF-16 units of @utf8. */
gsize hc_windows_name_units(const char *utf8);

/**
 * hc_windows_path_parse:
 * @text: C:\A\B, /A/B or \A\B, slashes of either kind
 *
 * Returns: (transfer full): "Files/A/B", or "Files" for the drive's root; NULL with HC_ERROR_USAGE
 */
char *hc_windows_path_parse(const char *text, GError **error);

/**
 * hc_windows_path_resolve:
 * A path as a command on Windows takes it: @text from the folder @folder, an entry name such as
 * "Files/app", or from the drive's root; "C:x" too is from @folder. ".." goes up, from the root
 * nowhere. \\server\share and \\?\… are HC_ERROR_USAGE, as is what hc_windows_path_parse() refuses.
 *
 * Returns: (transfer full): an entry name, or NULL
 */
char *hc_windows_path_resolve(const char *folder, const char *text, GError **error);

/** hc_windows_path_text: the entry name "Files/A/b" as people write it: "C:\A\b"; of what is not
 * below Files with backslashes. Returns: (transfer full) */
char *hc_windows_path_text(const char *name);

/** Returns: whether @text begins as a path for hc_windows_path_parse() does. */
gboolean hc_windows_path_is(const char *text);

G_END_DECLS
