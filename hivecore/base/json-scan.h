#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The part of reading JSON that json-glib does not do. */

/**
 * hc_json_scan:
 * Whether @text is one JSON document by RFC 8259 in UTF-8, before json-glib, which recurses and is
 * laxer, sees it. Also refused: nesting over HC_MAX_JSON_DEPTH and objects of very many members
 * (HC_ERROR_LIMIT), two members of one name, unpaired surrogates and NULs in strings.
 *
 * @file: for messages "file:line:column: what was found, what was expected"
 * @change_lines: (nullable) (element-type guint): of a delta: gets the line of each element of the
 *   outermost object's "changes"
 *
 * Returns: FALSE with HC_ERROR_MALFORMED or HC_ERROR_LIMIT
 */
gboolean hc_json_scan(const char *file, const char *text, gsize n_bytes, GArray *change_lines,
                      GError **error);

G_END_DECLS
