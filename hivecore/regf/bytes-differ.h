#pragma once

#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/**
 * hc_hive_append_byte_differences:
 * In what the files of two sound hives differ that no reader of keys and values sees: "the sequence
 * numbers, the checksum, 3 free cells"; nothing when the files are the same bytes.
 *
 * Returns: whether anything was appended
 */
gboolean hc_hive_append_byte_differences(GString *out, const HcHive *old_hive,
                                         const HcHive *new_hive);

G_END_DECLS
