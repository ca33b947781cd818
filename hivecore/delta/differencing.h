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

/**
 * hc_differencing_read:
 * What a differencing hive (hc_hive_info()->is_differencing; the file's name says nothing) does to
 * what lies below it, as a patch with one node for each key that says something. By layer bits:
 *
 * - 0x80, merges: CREATE; a key that is there keeps its class, descriptor and flags
 * - 0x00, new: the same, but states its class, and none is stated too; the root states a class
 *   only where it has one, and neither descriptor nor flags
 * - 0x01, tombstone: DELETE
 * - 0x02: CREATE with values_are_all, class and descriptor stated; flags are kept
 * - 0x03: REPLACE, and what is below it CREATE, whatever its bits; with 0x80 the class is kept
 *
 * A value tombstone is a DELETE. Tombstones below a 0x03 key hide nothing and are left out, as is
 * what is below a tombstone. The node's name and .after are those of the hive.
 * Source: docs/FORMATS.md, "Differencing hives".
 *
 * Returns: (transfer full): the patch, or NULL with HC_ERROR_MALFORMED, or HC_ERROR_UNSUPPORTED
 * when the hive is an ordinary one or its root key's bits say more than "merges"
 */
HcDelta *hc_differencing_read(const HcHive *layer, GError **error);

/**
 * hc_differencing_read_key:
 * The same for the key at @path (@n names below the root) and what is below it; its parents are
 * KEEP nodes that say nothing. A key below a 0x03 key is a REPLACE of its own.
 * HC_ERROR_NOT_FOUND when there is no such key.
 */
HcDelta *hc_differencing_read_key(const HcHive *layer, HcPath path, GError **error);

/** HcLayerCounts: how many keys have which layer bits. */
typedef struct {
    uint64_t n[256];
} HcLayerCounts;

/** hc_differencing_count: counts all keys of @layer, the root too. */
gboolean hc_differencing_count(const HcHive *layer, HcLayerCounts *counts, GError **error);

/**
 * hc_layer_bits_text:
 * Returns: what a key of these bits does to the key below it, in words: "merges", "new",
 * "deleted", "replaces the key but not its subkeys", "replaces the whole key"; what is not usual
 * about the class is said too.
 */
const char *hc_layer_bits_text(uint8_t layer_bits);

G_END_DECLS
