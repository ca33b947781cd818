#pragma once

#include "hivecore/delta/differencing.h"
#include "hivecore/delta/pair-walk.h"
#include "hivecore/regf/writer.h"

/* Shared by the files that write differencing hives: differencing.c, differencing-values.c. */

typedef struct {
    const HcHive *base; /* NULL when the delta is empty */
    const HcDifferencingOptions *options;
    HcWriter *writer;
    GByteArray *scratch; /* of one base value's data */
    HcPairWalk *walk;    /* of what is copied from the base, left */
} HcEmitter;

/** hc_emit_changed_values: only what changes, spelled as in the base; the rest shines through. */
gboolean hc_emit_changed_values(const HcEmitter *emitter, const HcDeltaKey *key,
                                const HcKey *base_key, GError **error);

/**
 * hc_emit_effective_values:
 * All values that the key has afterwards, by name, for 0x02 and 0x03: nothing of them comes from
 * below.
 * @key: (nullable): what changes in @base_key
 */
gboolean hc_emit_effective_values(const HcEmitter *emitter, const HcDeltaKey *key,
                                  const HcKey *base_key, GError **error);

/** hc_emit_own_values: those of a key with nothing below it, by name. */
gboolean hc_emit_own_values(const HcEmitter *emitter, const HcDeltaKey *key, GError **error);
