#pragma once

#include "hivetool/common.h"

G_BEGIN_DECLS

/* Changes in the forms of other programs that have no form for some of it. */

/** HtPatchForm: where it goes, and what is said of it. */
typedef struct {
    HcCliContext *context;
    const char *output; /* (nullable): argument of -o */
    char **inputs;      /* operands, which are not written over */
    const char *noun;   /* what is left out: "change" */
} HtPatchForm;

/** ht_emit_reg_add: @delta below @root as lines of reg.exe. */
gboolean ht_emit_reg_add(const HtPatchForm *form, const HcDelta *delta, const HcRoot *root,
                         GError **error);

/** ht_emit_pol: @delta below @root as Registry.pol, which has no remarks. */
gboolean ht_emit_pol(const HtPatchForm *form, const HcDelta *delta, const HcRoot *root,
                     GError **error);

G_END_DECLS
