#pragma once

#include "hivecore/base/stream.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/**
 * hc_report_lines:
 * A hive as text for programs that compare lines, such as git: a "[key]" block for each key, in the
 * order of the tree, with its class, flags and, where it is not that of the key above, security
 * descriptor, then its values by name. What of a value can change by itself is a line by itself:
 * the strings of a list, the pieces of a string between ';' as in PATH, 16 bytes of binary data.
 * Times and the order of values are left out, nothing else is: two hives with the same lines hold
 * the same (HC_IGNORE_TIMESTAMPS | HC_IGNORE_ORDER). docs/git.md tells the form.
 *
 * @hive: hc_hive_check() is happy with it
 * @root: path before every key, may be ""
 *
 * Returns: FALSE without @error when the stream cannot be written, which hc_stream_end() tells
 */
gboolean hc_report_lines(HcStream *stream, const HcHive *hive, const char *root, GError **error);

G_END_DECLS
