#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

typedef struct {
    HcName file_name; /* embedded, e.g. "Software_Delta" */
    HcEpoch epoch;    /* set: every key's time; else keys keep the base's and new ones their
                         parent's */
} HcDifferencingOptions;

/**
 * hc_differencing_write:
 * @exact as a differencing hive over @base. Layer bits: 0x80 for an existing key that is on the
 * way to a change or whose values change, with the base's spelling and descriptor; 0x00 for a
 * new key, and for an existing one whose class changes; 0x01 tombstone for a deleted one; 0x02
 * with all its values for one whose descriptor changes; 0x03 for a replaced one and the keys
 * below it, and so for one whose flags change, with all that it holds then; 0x83 for a replaced
 * one that keeps its class. Deleted values become value tombstones. The root is named ROOT with
 * bits 0x00. The values of a key stand by name: equal content gives equal bytes.
 * Source: docs/FORMATS.md, "Differencing hives".
 *
 * @exact: NULL or empty gives a hive with the root alone
 * @base: (nullable): may be NULL when there is no change
 *
 * HC_ERROR_UNSUPPORTED: a change of the root's own class, descriptor or flags, and a new key that
 * stands for a predefined handle, which a differencing hive or a delta cannot say.
 *
 * Returns: (transfer full): the file's bytes, or NULL
 */
GBytes *hc_differencing_write(const HcDelta *exact, const HcHive *base,
                              const HcDifferencingOptions *options, GError **error);

G_END_DECLS
