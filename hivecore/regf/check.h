#pragma once

#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/** HcCheckCounts: what a whole-hive check has seen. */
typedef struct {
    uint64_t n_keys;
    uint64_t n_values;
    uint64_t n_tombstones; /* keys */
    uint64_t n_value_tombstones;
    uint64_t n_big;      /* values whose data is a big-data record */
    uint64_t n_security; /* sk cells */
    uint64_t n_classes;
    uint64_t data_bytes;
    uint32_t depth; /* of the deepest key, root 0 */
} HcCheckCounts;

/**
 * hc_hive_check:
 * Verifies that the hive is sound enough to be edited by a library that trusts it: every cell's
 * size; every reference from the root on leads to an allocated cell of the right kind and size,
 * each used once; parent links; subkey counts, order and absence of duplicates; value lists and
 * data; class names; the security ring and its reference counts; depth.
 *
 * @counts: (out) (optional): filled on success
 *
 * Returns: FALSE with HC_ERROR_MALFORMED naming the first defect
 */
gboolean hc_hive_check(const HcHive *hive, HcCheckCounts *counts, GError **error);

G_END_DECLS
