#pragma once

#include <glib.h>

#include "hivecore/cli/cli.h"
#include "hivecore/image/layer-output.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/image/tree.h"

G_BEGIN_DECLS

/** LpHiveInput: the files given for one slot; borrowed. */
typedef struct {
    const char *base;    /* (nullable) */
    const char *changed; /* (nullable) */
} LpHiveInput;

typedef enum {
    LP_FORM_DELTA, /* five differencing hives under Hives/ */
    LP_FORM_FULL,  /* the changed hives as they are under Files/Windows/System32/config */
} LpForm;

/**
 * lp_create_layer:
 * @inputs: one per slot; with LP_FORM_DELTA every slot with .changed has .base
 * @files: what is to be in the layer besides
 * @output: not committed here
 *
 * Says on standard error what changed in each hive. Every differencing hive is opened and
 * checked before it goes into the layer. HC_ERROR_UNSUPPORTED when an input is a differencing
 * hive itself, or a change is one that a differencing hive cannot say; HC_ERROR_INTERNAL when
 * the proof fails.
 */
gboolean lp_create_layer(const HcCliContext *context, const LpHiveInput *inputs, LpForm form,
                         HcTree *files, HcLayerOutput *output, GError **error);

G_END_DECLS
