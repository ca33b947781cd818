#pragma once

#include <glib.h>

#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/**
 * lp_delta_list_append:
 * Appends the keys of a differencing hive as they stand in it, the root left out, one line
 * each:
 * "~" merges with the key below or supersedes parts of it, "+" is new, "-" is a tombstone; what
 * the layer bits say beyond that stands in parentheses. Values follow their key. Every line
 * begins with four spaces. @is_full: binary data whole.
 *
 * Returns: FALSE with HC_ERROR_MALFORMED; @out then holds what came before
 */
gboolean lp_delta_list_append(GString *out, const HcHive *hive, gboolean is_full, GError **error);

G_END_DECLS
