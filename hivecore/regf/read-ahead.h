#pragma once

#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/** HcCellOffsets: offsets of cells, as a hive has them, at a regular distance in memory. */
typedef struct {
    const void *first;
    gsize stride;
    guint n;         /* far less than G_MAXINT */
    uint32_t parent; /* the cell of the key above them */
} HcCellOffsets;

/**
 * hc_hive_read_ahead:
 * Before the visit of key @at of @keys, with its values: makes the processor fetch what visits of
 * the next keys will read. Changes nothing, and takes any offset.
 */
void hc_hive_read_ahead(const HcHive *hive, const HcCellOffsets *keys, guint at);

G_END_DECLS
