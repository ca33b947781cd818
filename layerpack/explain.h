#pragma once

#include "hivecore/base/json-writer.h"
#include "hivecore/cli/cli.h"
#include "hivecore/delta/delta.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/check.h"

G_BEGIN_DECLS

/** LpSaysKind: what a layer has to say of one hive. */
typedef enum {
    LP_SAYS_NOTHING, /* it has no such hive */
    LP_SAYS_BASE,    /* the whole hive that all layers above change */
    LP_SAYS_CHANGE,  /* a differencing hive over what is below */
    LP_SAYS_ALONE,   /* a differencing hive, and nothing below to hold it against */
} LpSaysKind;

/** LpSays: one hive of one layer, opened. */
typedef struct {
    LpSaysKind kind;
    HcHive *hive;         /* of BASE: the hive; of CHANGE and ALONE: the differencing hive */
    HcHive *below;        /* of CHANGE: the effective hive of the layers below */
    HcDelta *patch;       /* of CHANGE and ALONE: what the differencing hive states */
    HcDelta *exact;       /* of CHANGE: what that changes */
    HcCheckCounts counts; /* of hive */
    uint64_t n_void;      /* of CHANGE: statements of what is so below already */
    uint64_t n_filtered;  /* of CHANGE: changes that a filter took out of exact */
} LpSays;

/**
 * lp_says_read:
 * @context: says what to do with dirty hives, and what was done is said
 * @says: (out): to be cleared, also after a failure
 *
 * Errors as of hc_layer_stack_hive(): a damaged hive is HC_ERROR_MALFORMED naming the layer.
 */
gboolean lp_says_read(const HcCliContext *context, HcLayerStack *stack, guint layer, int slot,
                      LpSays *says, GError **error);
void lp_says_clear(LpSays *says);

/** Returns: (transfer none): where the hive of @slot hangs, e.g. "HKEY_LOCAL_MACHINE\SOFTWARE". */
const char *lp_slot_root(int slot);

/** lp_layer_append_heading: "layer 2 sha256:... (created by)", escaped, without line feed. */
void lp_layer_append_heading(GString *out, const HcLayerStack *stack, guint layer);

/** lp_layer_json: the members "number", "digest", "diff_id" and "created_by", and "missing" when
 * the layer is not here. */
void lp_layer_json(HcJsonWriter *json, const HcLayerStack *stack, guint layer);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpSays, lp_says_clear)

G_END_DECLS
