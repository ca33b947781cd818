#pragma once

#include "hivecore/regf/check.h"

G_BEGIN_DECLS

/**
 * hc_salvage:
 * Makes a sound hive, in canonical layout, of what can be read of a damaged one.
 *
 * What is read: every key that a subkey list leads to, unless its parent field names another key
 * that lists it; every value that a value list leads to, with all its data. A cell must start where
 * the walk of its hive bin has a cell, or end where another one starts. Where a subkey list is
 * damaged, the allocated keys whose parent field names its key are taken for its subkeys, too. A
 * key whose descriptor is damaged gets that of the key above (the root:
 * hc_default_root_security()).
 *
 * @hive: a copy of its file in memory is opened with HC_HIVE_ALLOW_DAMAGED
 * @losses: what is missing, replaced, or doubtful is added, in the order of the tree; nothing when
 *   all could be read (defects that lose nothing, as a wrong reference count, are not told)
 *
 * The result is checked, and walked again: what it holds must be what was read, else
 * HC_ERROR_INTERNAL. Loops and cells that hostile hives let many keys share end: each key is
 * entered once, and values, data and entries of lists are no more than twice what the file has room
 * for.
 *
 * Memory: 1/32 of the hive, the subkeys of the open keys and, where a list is damaged, 8 bytes for
 * each key.
 *
 * Returns: (transfer full): the hive's bytes; NULL with HC_ERROR_MALFORMED when there is no root
 * key, HC_ERROR_LIMIT, HC_ERROR_IO
 */
GBytes *hc_salvage(const HcHive *hive, HcFindings *losses, GError **error);

G_END_DECLS
