#pragma once

#include "hivecore/edit/edit.h"

/* Shared by edit.c, guard.c and fixup.c. */

/**
 * hc_edit_fixup:
 * Mends, in the bytes that hivex committed, what hivex leaves unlike Windows: lh lists in hives
 * below version 1.5 become lf; a key that lost its last subkey loses its empty list; with
 * @epoch, touched keys get their time. HC_ERROR_UNSUPPORTED where a list cannot be mended in place.
 *
 * @bytes: the whole hive, that @hive is a view of
 */
gboolean hc_edit_fixup(uint8_t *bytes, const HcHive *hive, const HcDelta *exact, HcEpoch epoch,
                       GError **error);

/** hc_edit_refuse: sets HC_ERROR_UNSUPPORTED for @key of a delta. Returns: FALSE. */
gboolean hc_edit_refuse(const HcHive *hive, const HcDeltaKey *key, GError **error,
                        const char *reason);
