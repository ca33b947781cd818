#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/findings.h"

G_BEGIN_DECLS

/** HcFaultKind: everything that can be wrong with a hive. The table is in fault.c. */
typedef enum {
    HC_FAULT_NONE,
    /* the base block */
    HC_FAULT_BASE_CUT,
    HC_FAULT_BASE_CHECKSUM,
    HC_FAULT_BASE_TYPE,
    HC_FAULT_BASE_VERSION,
    HC_FAULT_BASE_DIRTY,
    HC_FAULT_BINS_SIZE,
    HC_FAULT_BINS_CUT,
    HC_FAULT_BINS_GO_ON,
    HC_FAULT_TRAILING_BYTES,
    /* hive bins */
    HC_FAULT_BIN_SIGNATURE,
    HC_FAULT_BIN_SIZE,
    HC_FAULT_BIN_OFFSET,
    /* cells */
    HC_FAULT_CELL_SIZE,
    HC_FAULT_CELL_OUTSIDE,
    HC_FAULT_CELL_FREE,
    HC_FAULT_CELL_FIT,
    HC_FAULT_CELL_SMALL,
    HC_FAULT_CELL_MIDDLE,
    HC_FAULT_CELL_TWICE,
    HC_FAULT_CELLS_UNREACHED,
    HC_FAULT_KEYS_UNREACHED,
    HC_FAULT_SLACK,
    HC_FAULT_REMNANTS,
    /* keys */
    HC_FAULT_KEY_SIGNATURE,
    HC_FAULT_KEY_NAME_END,
    HC_FAULT_KEY_NAME_ODD,
    HC_FAULT_KEY_NAME_EMPTY,
    HC_FAULT_KEY_NAME_LONG,
    HC_FAULT_KEY_NAME_BACKSLASH,
    HC_FAULT_ROOT_NAME_EMPTY,
    HC_FAULT_KEY_PARENT,
    HC_FAULT_KEY_LOOP,
    HC_FAULT_KEY_DEPTH,
    HC_FAULT_KEYS_MANY,
    HC_FAULT_ROOT_FLAG,
    HC_FAULT_KEY_ROOT_FLAG,
    HC_FAULT_KEY_VOLATILE,
    HC_FAULT_KEY_MOUNT_POINT,
    HC_FAULT_KEY_MAX_SMALL,
    HC_FAULT_KEY_MAX_LARGE,
    HC_FAULT_PREDEFINED_VALUES,
    HC_FAULT_CLASS_ODD,
    HC_FAULT_CLASS_HALF,
    /* lists of subkeys */
    HC_FAULT_LIST_SIGNATURE,
    HC_FAULT_LIST_NESTED,
    HC_FAULT_LIST_END,
    HC_FAULT_LIST_EMPTY_LEAF,
    HC_FAULT_LIST_STALE,
    HC_FAULT_LIST_WITHOUT,
    HC_FAULT_LIST_ORDER,
    HC_FAULT_LIST_HASH,
    HC_FAULT_LIST_HINT,
    HC_FAULT_LIST_VERSION,
    HC_FAULT_SUBKEYS_MANY,
    HC_FAULT_SUBKEYS_FEWER,
    HC_FAULT_SUBKEYS_MORE,
    HC_FAULT_KEY_DUPLICATE,
    /* values */
    HC_FAULT_VALUE_SIGNATURE,
    HC_FAULT_VALUE_NAME_END,
    HC_FAULT_VALUE_NAME_ODD,
    HC_FAULT_VALUE_NAME_LONG,
    HC_FAULT_VALUE_DUPLICATE,
    HC_FAULT_VALUES_TOO_MANY,
    HC_FAULT_VALUES_MANY,
    HC_FAULT_VALUES_STALE,
    HC_FAULT_DATA_MANY,
    HC_FAULT_DATA_END,
    HC_FAULT_DATA_INLINE,
    HC_FAULT_DATA_ONE_CELL,
    HC_FAULT_BIG_SEGMENTS_FEW,
    HC_FAULT_BIG_SEGMENTS_MORE,
    HC_FAULT_BIG_VERSION,
    /* security */
    HC_FAULT_SECURITY_NONE,
    HC_FAULT_SECURITY_SIGNATURE,
    HC_FAULT_SECURITY_END,
    HC_FAULT_SECURITY_RING,
    HC_FAULT_SECURITY_BACK_LINK,
    HC_FAULT_SECURITY_REFERENCES,
    HC_FAULT_SECURITY_OFF_RING,
    HC_FAULT_SECURITY_UNUSED,
    HC_FAULT_SECURITY_DESCRIPTOR,
    /* layered keys */
    HC_FAULT_LAYER_ROOT,
    HC_FAULT_LAYER_BELOW,
    HC_FAULT_LAYER_TOMBSTONE,
    HC_FAULT_LAYER_BITS,
    HC_FAULT_LAYER_UNSEEN,
    HC_FAULT_LAYER_CLASS,
    HC_FAULT_LAYER_VALUE,
    HC_FAULT_LAYER_STRAY,
    HC_N_FAULTS
} HcFaultKind;

/** HcFault: what is wrong, with what, and where. */
typedef struct {
    HcFaultKind kind;
    const char *what; /* "key", "subkey list" …: a constant */
    uint32_t offset;  /* in the hive bins */
} HcFault;

typedef struct {
    const char *id;      /* stable name, in JSON and docs/FORMATS-check.md */
    HcSeverity severity; /* error: Windows or hivex would misread the hive, or lose something;
                            warning: no reader of ours is misled, but Windows does not write it */
    const char *text;    /* follows "what: " */
} HcFaultInfo;

const HcFaultInfo *hc_fault_info(HcFaultKind kind);

/** hc_fault_set: sets *@fault. Returns: FALSE */
static inline gboolean
hc_fault_set(HcFault *fault, HcFaultKind kind, const char *what, uint32_t offset)
{
    *fault = (HcFault){kind, what, offset};
    return FALSE;
}

G_END_DECLS
