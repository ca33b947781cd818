#pragma once

#include "hivetool/common.h"

G_BEGIN_DECLS

/* What delta and new share: hives that this program makes from nothing. */

/**
 * ht_embedded_name:
 * @option: (nullable): UTF-8, the name asked for; else the last part of @output is taken
 *
 * Returns: FALSE with HC_ERROR_USAGE when the name is not UTF-8
 */
gboolean ht_embedded_name(HcArena *arena, const char *option, const char *output, HcName *name,
                          GError **error);

/** ht_prove_hive: opens and checks @bytes; a defect is HC_ERROR_INTERNAL, nothing was written. */
gboolean ht_prove_hive(const char *file, GBytes *bytes, GError **error);

G_END_DECLS
